/* SPDX-License-Identifier: Apache-2.0 */
/* The process of a key file: it reads the descriptors that it was given, and signs. */
#include <unistd.h>

#include "trust/signers/cosign_key.h"
#include "trust/trust.h"

struct key_file {
	bool has_passphrase; /* on TRUST_PIN_FD */
	bool is_new;         /* there is no file: the key is made here, and never leaves */
	bool is_sealed;      /* it is Cosign's: libraries may be loaded */
	struct crypto_key key;
	struct crypto_chain chain;
};

static void key_file_done(struct key_file *k)
{
	crypto_key_done(&k->key);
	crypto_chain_done(&k->chain);
}

static hm_err read_key(struct hm_cx *cx, void *self, struct crypto_key *out_public,
		       struct crypto_chain *out_chain)
{
	struct key_file *k = self;
	HM_AUTO_SECRET bytes = { 0 };
	HM_AUTO_SECRET passphrase = { 0 };
	bool given = k->has_passphrase;
	if (k->is_new) {
		HM_TRY(crypto_key_generate(cx, CRYPTO_ES256, &k->key));
		return crypto_key_share(cx, &k->key, out_public);
	}
	HM_TRY(hm_secret_read_fd(cx, TRUST_KEY_FD, "key", HM_MAX_CERTIFICATE_FILE, &bytes));
	if (k->is_sealed && trust_cosign_key_is(hm_secret_str(&bytes))) {
		HM_TRY(trust_sealed_open(cx, hm_secret_str(&bytes), given, &k->key));
		return crypto_key_share(cx, &k->key, out_public);
	}
	if (given)
		HM_TRY(trust_pin_read(cx, TRUST_PIN_FD, &passphrase));
	HM_TRY(crypto_key_open(cx, hm_secret_str(&bytes), given ? &passphrase : NULL, &k->key,
			       &k->chain));
	if (k->chain.n)
		HM_TRY(crypto_chain_from_der(cx, k->chain.der, k->chain.n, out_chain));
	return crypto_key_share(cx, &k->key, out_public);
}

static hm_err sign_with_key(struct hm_cx *cx, void *self, enum crypto_alg alg, struct hm_str bytes,
			    struct hm_str *out)
{
	struct key_file *k = self;
	if (!k->key.pkey || k->key.alg != alg)
		return hm_fail(cx, HM_INPUT, "the key is for another algorithm");
	return crypto_sign(cx, &k->key, bytes, out);
}

static hm_err sign_digest_with_key(struct hm_cx *cx, void *self, enum crypto_alg alg,
				   struct hm_str digest, struct hm_str *out)
{
	struct key_file *k = self;
	if (!k->key.pkey || k->key.alg != alg)
		return hm_fail(cx, HM_INPUT, "the key is for another algorithm");
	return crypto_sign_digest(cx, &k->key, digest, out);
}

/* No more is read here. */
static bool is_plain(void)
{
	static const struct hm_str want = HM_STR_INIT(TRUST_PLAIN_KEY);
	char head[sizeof(TRUST_PLAIN_KEY) - 1];
	off_t at = lseek(TRUST_KEY_FD, 0, SEEK_CUR);
	ssize_t n = at == 0 ? read(TRUST_KEY_FD, head, sizeof(head)) : -1;
	return n > 0 && lseek(TRUST_KEY_FD, 0, SEEK_SET) == 0 &&
	       hm_eq(hm_bytes(head, (size_t)n), want);
}

static hm_err serve_key(struct hm_cx *cx, struct hm_str args, int in, bool is_sealed)
{
	HM_CLEANUP(key_file_done) struct key_file k = { .is_sealed = is_sealed };
	struct trust_keeper keeper = { read_key, sign_with_key, &k, sign_digest_with_key };
	k.has_passphrase = hm_eqz(args, TRUST_WITH_PIN);
	k.is_new = hm_eqz(args, TRUST_NEW_KEY);
	crypto_start_signing();
	if (!is_sealed && (k.is_new || is_plain()))
		crypto_start_without_ciphers();
	return trust_keeper_serve(cx, &keeper, in);
}

hm_err trust_key_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)out;
	crypto_start();
	return serve_key(cx, args, in, false);
}

hm_err trust_sealed_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	bool makes = args.n && !hm_eqz(args, TRUST_WITH_PIN);
	(void)out;
	crypto_start();
	hm_secret_hide_process();
	return makes ? trust_making_job(cx, args, in) : serve_key(cx, args, in, true);
}
