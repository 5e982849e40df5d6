/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/config.h"

const struct trust_signer_kind *const trust_signer_kinds[] = { &trust_signer_file, NULL };

hm_err trust_signer_of(struct hm_cx *cx, const struct trust_key *k, struct trust_signer *out)
{
	for (const struct trust_signer_kind *const *kind = trust_signer_kinds; *kind; kind++)
		if ((*kind)->holds(k))
			return (*kind)->open(cx, k, out);
	return hm_fail(cx, HM_INPUT, "it is a plugin's key, and plugins are not supported");
}

void trust_signer_done(struct trust_signer *s)
{
	if (s->kind)
		s->kind->close(s->signer);
	s->kind = NULL;
	crypto_chain_done(&s->chain);
}
