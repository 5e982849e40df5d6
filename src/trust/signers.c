/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

void trust_signers_done(struct trust_signers *s)
{
	for (size_t i = 0; i < s->n; i++)
		trust_signer_done(&s->p[i]);
	s->n = 0;
}

static hm_err wait_for_key(struct hm_cx *cx, struct trust_signer *s)
{
	CRYPTO_AUTO_KEY key = { 0 };
	HM_TRY_IN(cx, s->signer->public(cx, s->signer, &key), "key \"%.*s\"", HM_FMT(s->name));
	s->later = false;
	return NULL;
}

hm_err trust_signers_ready(struct hm_cx *cx, struct trust_signers *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i].later)
			HM_TRY(wait_for_key(cx, &s->p[i]));
	return NULL;
}

/* Two signatures by one certificate say no more than one. */
static hm_err check_other(struct hm_cx *cx, const struct trust_signers *s, size_t at)
{
	const struct trust_signer *one = &s->p[at];
	for (size_t i = 0; i < at; i++) {
		const struct trust_signer *other = &s->p[i];
		if (hm_eq(one->name, other->name))
			return hm_fail(cx, HM_USAGE, "the key \"%.*s\" is given twice",
				       HM_FMT(one->name));
		if (one->chain.n && other->chain.n && hm_eq(one->chain.der[0], other->chain.der[0]))
			return hm_fail(cx, HM_USAGE,
				       "the keys \"%.*s\" and \"%.*s\" have one certificate",
				       HM_FMT(other->name), HM_FMT(one->name));
	}
	return NULL;
}

hm_err trust_signers_open(struct hm_cx *cx, const char *config_dir, const struct hm_strs *names,
			  const struct trust_signer_terms *terms, struct trust_signers *out)
{
	size_t n = names->n ? names->n : 1;
	if (n > HM_MAX_SIGNATURES)
		return hm_fail(cx, HM_LIMIT, "more than %llu keys are given",
			       (unsigned long long)HM_MAX_SIGNATURES);
	struct trust_signers s = { hm_new(cx, struct trust_signer, n), 0 };
	hm_err err = NULL;
	while (s.n < n && !err) {
		struct hm_str name = names->n ? names->p[s.n] : HM_STR("");
		err = names->n && !name.n
			      ? hm_fail(cx, HM_USAGE, "the name of a key is empty")
			      : trust_signer_open(cx, config_dir, name, terms, &s.p[s.n]);
		if (!err)
			err = check_other(cx, &s, s.n++);
	}
	if (err) {
		trust_signers_done(&s);
		return err;
	}
	*out = s;
	return NULL;
}
