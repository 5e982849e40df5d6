/* SPDX-License-Identifier: Apache-2.0 */
/* Which key of the list, or of a plugin, is meant; and opening it. */
#include "trust/config.h"

static hm_err find_key(struct hm_cx *cx, const char *config_dir, struct hm_str name,
		       struct trust_key *out)
{
	struct trust_key *keys;
	size_t n;
	HM_TRY(trust_keys_list(cx, config_dir, &keys, &n));
	for (size_t i = 0; i < n; i++)
		if (name.n ? hm_eq(keys[i].name, name) : keys[i].is_default) {
			*out = keys[i];
			return NULL;
		}
	hm_err err = name.n ? hm_fail(cx, HM_ABSENT, "there is no key \"%.*s\"", HM_FMT(name))
			    : hm_fail(cx, HM_ABSENT, "there is no default key");
	return hm_hint(
		cx, err,
		"see \"hullmark key list\"; \"hullmark key add\" and \"hullmark cert generate-test\" make keys known");
}

/* A name that is there already gets the new value. */
static void merge_config(struct hm_cx *cx, const struct oci_annotations *more,
			 struct oci_annotations *to)
{
	for (size_t i = 0; i < more->n; i++) {
		size_t at = 0;
		while (at < to->n && !hm_eq(to->p[at].key, more->p[i].key))
			at++;
		*(at < to->n ? &to->p[at] : hm_push(cx, to)) = more->p[i];
	}
}

/* A key that is not in the list is called by its id. */
static hm_err find_choice(struct hm_cx *cx, const char *config_dir, const struct trust_choice *c,
			  struct trust_key *out)
{
	bool by_plugin = c->plugin.n || c->id.n;
	if (!by_plugin)
		HM_TRY(find_key(cx, config_dir, c->key, out));
	else if (c->key.n)
		return hm_fail(cx, HM_USAGE,
			       "a key of the list cannot be combined with a plugin and id");
	else if (!c->plugin.n || !c->id.n)
		return hm_fail(cx, HM_USAGE,
			       "a plugin and the id of a key in it must be given together");
	else
		*out = (struct trust_key){
			.name = c->id, .plugin = c->plugin, .id = c->id, .config_dir = config_dir
		};
	if (c->plugin_config.n && !out->plugin.n)
		return hm_fail(cx, HM_USAGE, "key \"%.*s\" is not held by a plugin",
			       HM_FMT(out->name));
	merge_config(cx, &c->plugin_config, &out->plugin_config);
	return NULL;
}

hm_err trust_signer_choose(struct hm_cx *cx, const char *config_dir,
			   const struct trust_choice *choice,
			   const struct trust_signer_terms *terms, struct trust_signer *out)
{
	struct trust_key k = { 0 };
	HM_TRY(find_choice(cx, config_dir, choice, &k));
	HM_TRY_IN(cx, trust_signer_of(cx, &k, terms, out), "key \"%.*s\"", HM_FMT(k.name));
	return NULL;
}

hm_err trust_signer_open(struct hm_cx *cx, const char *config_dir, struct hm_str name,
			 const struct trust_signer_terms *terms, struct trust_signer *out)
{
	struct trust_choice choice = { .key = name };
	return trust_signer_choose(cx, config_dir, &choice, terms, out);
}

/* A signer that is opened for its certificates. */
static hm_err copy_chain(struct hm_cx *cx, const struct trust_key *k,
			 const struct trust_signer_terms *terms, struct crypto_chain *out)
{
	TRUST_AUTO_SIGNER signer = { 0 };
	const struct crypto_chain *chain;
	HM_TRY(trust_signer_of(cx, k, terms, &signer));
	HM_TRY(trust_signer_find_chain(cx, &signer, &chain));
	return crypto_chain_parse(cx, crypto_chain_pem(cx, chain), out);
}

static hm_err read_key_chain(struct hm_cx *cx, const struct trust_key *k,
			     const struct trust_signer_terms *terms, struct crypto_chain *out)
{
	struct hm_str pem = HM_STR("");
	if (!k->cert_path.n)
		return copy_chain(cx, k, terms, out);
	const char *path = hm_dupz(cx, k->cert_path);
	HM_TRY(hm_read_file(cx, path, HM_MAX_CERTIFICATE_FILE, &pem));
	HM_TRY_IN(cx, crypto_chain_parse(cx, pem, out), "\"%s\"", path);
	return NULL;
}

hm_err trust_key_chain(struct hm_cx *cx, const char *config_dir, struct hm_str name,
		       const struct trust_signer_terms *terms, struct crypto_chain *out)
{
	struct trust_key k = { 0 };
	HM_TRY(find_key(cx, config_dir, name, &k));
	HM_TRY_IN(cx, read_key_chain(cx, &k, terms, out), "key \"%.*s\"", HM_FMT(name));
	return NULL;
}
