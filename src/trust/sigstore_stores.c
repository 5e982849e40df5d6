/* SPDX-License-Identifier: Apache-2.0 */
/* Trust stores without certificates in files: a trusted root of Sigstore, and public keys. */
#include "trust/config.h"

static hm_err read_part(struct hm_cx *cx, const char *path, size_t max, struct crypto_hash *hash,
			struct hm_str *out)
{
	HM_TRY(trust_read_regular(cx, path, max, out));
	crypto_hash_add_part(hash, hm_cstr(path));
	crypto_hash_add_part(hash, crypto_digest_raw(cx, CRYPTO_SHA256, *out));
	return NULL;
}

hm_err trust_store_read_root(struct hm_cx *cx, const char *dir, struct crypto_hash *hash,
			     struct trust_store *s)
{
	const char *path = hm_path(cx, dir, TRUST_ROOT_FILE);
	struct hm_str text = { "", 0 };
	hm_err err = read_part(cx, path, HM_MAX_TRUSTED_ROOT, hash, &text);
	if (err && err->code == HM_ABSENT)
		return hm_fail(cx, HM_ABSENT, "trust store \"%s\" has no " TRUST_ROOT_FILE, dir);
	HM_TRY(err);
	HM_TRY_IN(cx, trust_sigstore_root_parse(cx, text, &s->root), "\"%s\"", path);
	return NULL;
}

/* Whoever keeps what was made of a policy reads it again when its stores are brought up to date. */
hm_err trust_store_read_age(struct hm_cx *cx, const char *config_dir, struct hm_str name,
			    struct crypto_hash *hash, struct tuf_status *out)
{
	HM_TRY(trust_tuf_status(cx, config_dir, name, out));
	crypto_hash_add_part(hash, hm_fmt(cx, "%lld %lld", (long long)out->updated,
					  (long long)out->expires[TUF_TIMESTAMP]));
	return NULL;
}

hm_err trust_public_key_read(struct hm_cx *cx, struct hm_str text, struct trust_public_key *out)
{
	struct hm_str der;
	HM_TRY(crypto_public_key_any(cx, text, &out->key));
	HM_TRY(crypto_public_key_der(cx, &out->key, &der));
	out->id = crypto_digest_text(cx, CRYPTO_SHA256, der);
	return NULL;
}

static hm_err read_key(struct hm_cx *cx, const char *path, struct crypto_hash *hash,
		       struct trust_store *s)
{
	struct hm_str text;
	HM_TRY(read_part(cx, path, HM_MAX_CERTIFICATE_FILE, hash, &text));
	HM_TRY_IN(cx, trust_public_key_read(cx, text, &s->keys[s->keys_n++]), "\"%s\"", path);
	return NULL;
}

hm_err trust_store_read_keys(struct hm_cx *cx, const char *dir, struct crypto_hash *hash,
			     struct trust_store *s)
{
	struct hm_strs names;
	HM_TRY(hm_list_dir(cx, dir, HM_MAX_TRUST_FILES, &names));
	s->keys = hm_new(cx, struct trust_public_key, names.n + 1);
	for (size_t i = 0; i < names.n; i++) {
		const char *path = hm_path(cx, dir, names.p[i].p);
		if (trust_file_kind(path) != 'd')
			HM_TRY(read_key(cx, path, hash, s));
	}
	if (!s->keys_n)
		return hm_fail(cx, HM_INPUT, "trust store \"%s\" has no keys", dir);
	return NULL;
}

void trust_store_done(struct trust_store *s)
{
	for (size_t i = 0; i < s->files_n; i++)
		crypto_chain_done(&s->files[i]);
	for (size_t i = 0; i < s->keys_n; i++)
		crypto_key_done(&s->keys[i].key);
	trust_sigstore_root_done(&s->root);
}

/* Can what is to be put there be used? */
hm_err trust_store_check_own(struct hm_cx *cx, enum trust_store_type type, struct hm_str text)
{
	SIGSTORE_AUTO_ROOT root = { 0 };
	struct trust_public_key key = { 0 };
	if (type == TRUST_SIGSTORE)
		return trust_sigstore_root_parse(cx, text, &root);
	hm_err err = trust_public_key_read(cx, text, &key);
	crypto_key_done(&key.key);
	return err;
}

/* --- those of a statement --- */

static hm_err find_stores(struct hm_cx *cx, const struct trust_config *t,
			  const struct trust_statement *s, enum trust_store_type type,
			  const struct trust_store ***out, size_t *out_n)
{
	const struct trust_store **found = hm_new(cx, const struct trust_store *, t->stores_n + 1);
	size_t n = 0;
	for (size_t i = 0; i < t->stores_n; i++) {
		const struct trust_store *store = &t->stores[i];
		if (store->type != type || !hm_strs_has(&s->store_names, store->name))
			continue;
		if (store->err)
			return hm_fail(cx, HM_TRUST, "%s", store->err->why);
		found[n++] = store;
	}
	*out = found;
	*out_n = n;
	return NULL;
}

hm_err trust_config_sigstore_roots(struct hm_cx *cx, const struct trust_config *t,
				   const struct trust_statement *s, int64_t now,
				   struct trust_roots_found *out)
{
	const struct trust_store **stores;
	struct trust_roots_found found = { .end = INT64_MAX };
	HM_TRY(find_stores(cx, t, s, TRUST_SIGSTORE, &stores, &found.n));
	found.p = hm_new(cx, const struct sigstore_root *, found.n + 1);
	for (size_t i = 0; i < found.n; i++) {
		HM_TRY(trust_tuf_check_age(cx, &stores[i]->status, now, s->max_age));
		int64_t end = trust_tuf_end(&stores[i]->status, s->max_age);
		found.end = end < found.end ? end : found.end;
		found.p[i] = &stores[i]->root;
	}
	*out = found;
	return NULL;
}

hm_err trust_config_keys(struct hm_cx *cx, const struct trust_config *t,
			 const struct trust_statement *s, struct trust_keys_found *out)
{
	const struct trust_store **stores;
	struct trust_keys_found found = { 0 };
	size_t n;
	HM_TRY(find_stores(cx, t, s, TRUST_KEY, &stores, &n));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < stores[i]->keys_n; k++) {
			struct hm_str name = stores[i]->name;
			hm_cut(&name, ':');
			*hm_push(cx, &found) =
				(struct trust_key_found){ &stores[i]->keys[k], name };
		}
	*out = found;
	return NULL;
}
