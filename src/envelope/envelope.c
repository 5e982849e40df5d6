/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/envelope.h"

#define ENVELOPE_FORMAT(name) extern const struct envelope_format envelope_format_##name;
#include "envelope/formats.list"
#undef ENVELOPE_FORMAT

#define ENVELOPE_FORMAT(name) &envelope_format_##name,
const struct envelope_format *const envelope_formats[] = {
#include "envelope/formats.list"
	NULL
};
#undef ENVELOPE_FORMAT

const struct envelope_format *envelope_format_by_type(struct hm_str media_type)
{
	for (const struct envelope_format *const *f = envelope_formats; *f; f++)
		if (hm_eqz(media_type, (*f)->media_type))
			return *f;
	return NULL;
}

const struct envelope_format *envelope_format_by_name(struct hm_str name)
{
	for (const struct envelope_format *const *f = envelope_formats; *f; f++)
		if ((*f)->sign && hm_eqz(name, (*f)->name))
			return *f;
	return NULL;
}

void envelope_done(struct envelope *e)
{
	for (size_t i = 0; i < e->signatures_n; i++)
		crypto_chain_done(&e->signatures[i].chain);
	e->signatures_n = 0;
}

hm_err envelope_parse(struct hm_cx *cx, struct hm_str media_type, struct hm_str bytes,
		      struct envelope *out)
{
	struct envelope e = { 0 };
	const struct envelope_format *f = envelope_format_by_type(media_type);
	if (!f)
		return hm_fail(cx, HM_INPUT, "envelopes of type \"%.*s\" are not supported",
			       HM_FMT(media_type));
	if (bytes.n > HM_MAX_ENVELOPE)
		return hm_fail(cx, HM_LIMIT, "the envelope is too large");
	hm_err err = f->parse(cx, bytes, &e);
	if (err) {
		envelope_done(&e);
		return err;
	}
	*out = e;
	return NULL;
}

static hm_err verify_with(struct hm_cx *cx, const struct envelope_signature *s,
			  const struct crypto_key *key)
{
	return crypto_verify(cx, key, s->alg ? s->alg : key->alg, s->signed_bytes, s->value);
}

hm_err envelope_verify(struct hm_cx *cx, const struct envelope_signature *s,
		       const struct crypto_key *key)
{
	HM_TRY_IN(cx, verify_with(cx, s, key), "envelope");
	return NULL;
}

static hm_err verify_own(struct hm_cx *cx, const struct envelope_signature *s)
{
	CRYPTO_AUTO_KEY key = { 0 };
	if (s->material != ENVELOPE_CHAIN)
		return hm_fail(cx, HM_INPUT, "the signature has no certificates");
	HM_TRY(crypto_chain_key(cx, &s->chain, &key));
	HM_TRY(verify_with(cx, s, &key));
	return crypto_chain_check(cx, &s->chain);
}

hm_err envelope_verify_own(struct hm_cx *cx, const struct envelope_signature *s)
{
	HM_TRY_IN(cx, verify_own(cx, s), "envelope");
	return NULL;
}
