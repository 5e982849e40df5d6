/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are files: the private key and its certificates, both in PEM. */
#include <stddef.h>

#include "trust/config.h"

struct file_signer {
	struct crypto_key_signer base; /* what is handed on */
	struct crypto_key key;
};
_Static_assert(offsetof(struct file_signer, base) == 0, "close_file() relies on it");

static bool is_file(const struct trust_key *k)
{
	return !k->plugin.n && k->key_path.n && k->cert_path.n;
}

static void close_file(const struct crypto_signer *signer)
{
	crypto_key_done(&((struct file_signer *)(uintptr_t)signer)->key);
}

static hm_err read_private_key(struct hm_cx *cx, const char *path, struct crypto_key *out)
{
	HM_AUTO_SECRET pem = { 0 };
	unsigned mode;
	HM_TRY(hm_secret_read_file(cx, path, HM_MAX_CERTIFICATE_FILE, &pem, &mode));
	HM_TRY_IN(cx, crypto_key_parse(cx, hm_secret_str(&pem), out), "\"%s\"", path);
	hm_secret_warn(cx, path, mode);
	return NULL;
}

static hm_err read_chain(struct hm_cx *cx, const char *path, const struct crypto_key *key,
			 struct crypto_chain *out)
{
	struct hm_str certificates;
	HM_TRY(hm_read_file(cx, path, HM_MAX_CERTIFICATE_FILE, &certificates));
	HM_TRY(crypto_chain_parse(cx, certificates, out));
	hm_err err = crypto_key_match(cx, key, out);
	if (err)
		crypto_chain_done(out);
	return err;
}

static hm_err open_file(struct hm_cx *cx, const struct trust_key *k, struct trust_signer *out)
{
	struct file_signer *f = hm_new(cx, struct file_signer, 1);
	struct crypto_chain chain = { 0 };
	HM_TRY(read_private_key(cx, hm_dupz(cx, k->key_path), &f->key));
	hm_err err = read_chain(cx, hm_dupz(cx, k->cert_path), &f->key, &chain);
	if (err) {
		crypto_key_done(&f->key);
		return hm_wrap(cx, err, "\"%.*s\"", HM_FMT(k->cert_path));
	}
	f->base = crypto_key_signer(&f->key);
	*out = (struct trust_signer){ k->name, chain, &f->base.signer, &trust_signer_file };
	return NULL;
}

const struct trust_signer_kind trust_signer_file = { "file", is_file, open_file, close_file };
