/* SPDX-License-Identifier: Apache-2.0 */
/* A token in the first line, an issuer's keys behind it. */
#include "oidc/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(8 << 20);
	struct hm_str rest = hm_bytes(data, size), token = hm_line(&rest), name;
	struct hm_str anybody[] = { HM_STR("*") };
	struct oidc_terms terms = { .issuer = HM_STR("https://issuer.example"),
				    .audience = HM_STR("graph"),
				    .names = { anybody, 1, 1 } };
	struct oidc_token k;
	if (oidc_token_read(&cx, &terms, token, &k))
		return 0;
	if (!k.algorithm || !k.algorithm->name || k.signed_bytes.n >= token.n)
		__builtin_trap();
	bool fits = !oidc_token_check(&cx, &terms, &k, 1800000000);
	if (!oidc_token_name(&cx, &terms, &k, &name) && !name.n)
		__builtin_trap();
	/* the keys are a stranger's, too */
	(void)fits;
	(void)!oidc_keys_verify(&cx, rest, &k);
	return 0;
}
