/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/signers/signers.h"

const struct trust_signer_kind *const trust_signer_kinds[] = {
	&trust_signer_file,   &trust_signer_pkcs11,
	&trust_signer_awskms, &trust_signer_azurekms,
	&trust_signer_gcpkms, &trust_signer_hashivault,
	&trust_signer_plugin, NULL
};

static const struct trust_signer_kind *find_kind(const struct trust_key *k)
{
	for (const struct trust_signer_kind *const *kind = trust_signer_kinds; *kind; kind++)
		if ((*kind)->holds(k))
			return *kind;
	return NULL;
}

hm_err trust_signer_of(struct hm_cx *cx, const struct trust_key *k,
		       const struct trust_signer_terms *terms, struct trust_signer *out)
{
	struct trust_signer s = { .name = k->name, .uri = k->uri, .cert_path = k->cert_path };
	const struct trust_signer_kind *kind = find_kind(k);
	if (!kind && k->uri.n)
		return hm_hint(cx,
			       hm_fail(cx, HM_INPUT, "\"%.*s\" is not the URI of a key",
				       HM_FMT(k->uri)),
			       "hullmark key add --help lists the forms that there are");
	if (!kind)
		return hm_fail(cx, HM_INPUT,
			       "it has neither the files of a key nor a plugin that holds it");
	if (!kind->reads_chain || k->uri.n) /* by a URI somebody may be asked for a passphrase */
		HM_TRY(trust_chain_read(cx, &s));
	hm_err err = kind->open(cx, k, terms, &s);
	if (err) {
		crypto_chain_done(&s.chain);
		return k->uri.n ? hm_wrap(cx, err, "\"%.*s\"", HM_FMT(k->uri)) : err;
	}
	*out = s;
	return NULL;
}

void trust_signer_done(struct trust_signer *s)
{
	if (s->kind)
		s->kind->close(s->signer);
	s->kind = NULL;
	crypto_chain_done(&s->chain);
}

const struct crypto_chain *trust_signer_chain(const struct trust_signer *s)
{
	return s->signer->chain ? s->signer->chain(s->signer) : &s->chain;
}
