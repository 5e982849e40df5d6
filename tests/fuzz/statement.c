/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "statement/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A statement that is read is the same when it is written and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	struct statement s, again;
	struct hm_str text;
	if (statement_parse(&cx, hm_bytes(data, size), &s))
		return 0;
	if (!s.subjects_n || !s.predicate_type.n)
		abort();
	struct slsa_provenance made;
	struct slsa_summary found;
	if (!statement_provenance_read(&cx, &s, &made) && (!made.builder.n || !made.build_type.n))
		abort();
	if (!statement_summary_read(&cx, &s, &found) && !found.verifier.n)
		abort();
	if (statement_write(&cx, &s, &text))
		return 0;
	if (statement_parse(&cx, text, &again) || again.subjects_n != s.subjects_n ||
	    !hm_eq(again.predicate_type, s.predicate_type))
		abort();
	return 0;
}
