/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include "trust/config.h"

/* The list of keys comes last: what stands in it is there. */
static hm_err publish_key(struct hm_cx *cx, const char *config_dir, const struct trust_key *k,
			  struct hm_str pem, int64_t now)
{
	struct hm_str file = hm_fmt(cx, "%.*s.crt", HM_FMT(k->name));
	HM_TRY(hm_output_write(cx, k->cert_path.p, pem, 0644));
	HM_TRY(trust_store_add(cx, config_dir, "ca", k->name, file, pem));
	hm_err err = trust_key_add(cx, config_dir, k, NULL, now);
	if (err && trust_store_remove(cx, config_dir, "ca", k->name, file))
		return err; /* the first fault says more */
	return err;
}

hm_err trust_generate_test(struct hm_cx *cx, const char *config_dir,
			   const struct trust_test_certificate *want, struct trust_key *out)
{
	CRYPTO_AUTO_KEY key = { 0 };
	CRYPTO_AUTO_CHAIN chain = { 0 };
	HM_AUTO_SECRET secret = { 0 };
	if (!trust_is_name(want->name))
		return hm_fail(
			cx, HM_USAGE,
			"\"%.*s\" is not a valid name: only letters, digits, \"_\", \".\" and \"-\"",
			HM_FMT(want->name));
	struct hm_str base = hm_fmt(cx, "%s/localkeys/%.*s", config_dir, HM_FMT(want->name));
	struct trust_key k = { .name = want->name,
			       .key_path = hm_fmt(cx, "%s.key", base.p),
			       .cert_path = hm_fmt(cx, "%s.crt", base.p),
			       .is_default = want->is_default };
	if (hm_exists(k.key_path.p) || hm_exists(k.cert_path.p))
		return hm_fail(cx, HM_USAGE, "\"%s\" exists already", k.key_path.p);
	HM_TRY(crypto_key_generate(cx, want->alg, &key));
	HM_TRY(crypto_self_signed(cx, &key, want->name, want->now, want->days, &chain));
	HM_TRY(hm_mkdirs(cx, hm_path(cx, config_dir, "localkeys"), 0700));
	HM_TRY(crypto_key_pem(cx, &key, &secret));
	hm_err err = hm_output_write(cx, k.key_path.p, hm_secret_str(&secret), 0600);
	if (!err)
		err = publish_key(cx, config_dir, &k, crypto_chain_pem(cx, &chain), want->now);
	if (err) { /* neither was there before */
		unlink(k.key_path.p);
		unlink(k.cert_path.p);
		return err;
	}
	*out = k;
	return NULL;
}
