/* SPDX-License-Identifier: Apache-2.0 */
/* Signers whose key may be without certificates. */
#include "trust/config.h"

/* What lies in a file by that name, else what the URI names, else the key of the list. */
static hm_err find_bare(struct hm_cx *cx, const char *config_dir, struct hm_str key,
			const struct trust_signer_terms *terms, struct trust_signer *out)
{
	struct trust_key k = { .name = key, .config_dir = config_dir };
	if (hm_exists(hm_dupz(cx, key)))
		k.key_path = key;
	else if (hm_find_char(key, ':') != SIZE_MAX)
		k.uri = key;
	else
		return trust_signer_open(cx, config_dir, key, terms, out);
	return trust_signer_of(cx, &k, terms, out);
}

hm_err trust_signer_bare(struct hm_cx *cx, const char *config_dir, struct hm_str key,
			 const struct trust_signer_terms *terms, struct trust_signer *out)
{
	struct trust_signer_terms bare = *terms;
	bare.bare = true;
	bare.later = false;
	HM_TRY(find_bare(cx, config_dir, key, &bare, out));
	if (out->signer->public && out->signer->alg)
		return NULL;
	trust_signer_done(out);
	return hm_hint(cx,
		       hm_fail(cx, HM_USAGE,
			       "key \"%.*s\" is a plugin's, which signs in Notation's format alone",
			       HM_FMT(key)),
		       "name a key in a file, a token or a key service");
}
