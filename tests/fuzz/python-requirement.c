/* SPDX-License-Identifier: Apache-2.0 */
/* A version and a requirement of Python, one a line: parts lie inside of it, and what satisfies a
 * list of specifiers satisfies each of them. */
#include <stdlib.h>

#include "advisory/advisory.h"
#include "repair/python/python.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hm_str text = hm_bytes(data, size), version = hm_cut(&text, '\n');
	struct python_environment e = { HM_STR("3.11"), HM_STR("3.11.0"), HM_STR("x86_64"),
					HM_STR("x") };
	struct python_requirement r;
	if (!repair_python_requirement(text, &r))
		return 0;
	if (r.name.n + r.extras.n + r.specifiers.n + r.url.n + r.marker.n > text.n)
		abort();
	(void)repair_python_marker(r.marker, &e);
	if (!advisory_pep440_satisfies(version, r.specifiers))
		return 0;
	for (struct hm_str rest = r.specifiers; rest.n;)
		if (!advisory_pep440_satisfies(version, hm_cut(&rest, ',')))
			abort();
	return 0;
}
