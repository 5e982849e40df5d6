/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/json.h"
#include "trust/tuf/metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_one(struct hm_cx *cx, const struct tuf_metadata *m)
{
	struct json v;
	struct hm_str again;
	if (!m->version || !m->signed_bytes.n)
		abort();
	/* the canonical form is its own */
	if (json_parse(cx, m->signed_bytes, JSON_NO_DUPLICATES, &v) == NULL &&
	    (json_canonical(cx, v, &again) || !hm_eq(again, m->signed_bytes)))
		abort();
	for (size_t i = 0; i < m->files_n; i++)
		if (!trust_tuf_file_check(cx, &m->files[i], HM_STR("")) && m->files[i].has_hashes &&
		    !m->files[i].hashes[CRYPTO_SHA256].n && !m->files[i].hashes[CRYPTO_SHA384].n &&
		    !m->files[i].hashes[CRYPTO_SHA512].n)
			abort();
}

/* What is metadata of a role has a version and a canonical form; keys of a root are tried on its
 * signatures. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (enum tuf_role role = 0; role < TUF_ROLES; role++) {
		HM_AUTO_CX cx = HM_CX(64 << 20);
		struct tuf_metadata m;
		if (trust_tuf_metadata_parse(&cx, role, hm_bytes(data, size), &m))
			continue;
		check_one(&cx, &m);
		if (role == TUF_ROOT && m.signatures_n < 8)
			(void)!trust_tuf_metadata_verify(&cx, &m, &m);
	}
	return 0;
}
