/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include <limits.h>
#include <stdlib.h>

#include "codec/json.h"
#include "trust/config.h"

static const char file_name[] = "signingkeys.json";

static hm_err read_plugin_config(struct hm_cx *cx, struct json v, struct oci_annotations *out)
{
	struct json config = json_get(v, "pluginConfig");
	if (json_is_there(config) && !json_is_null(config))
		HM_TRY_IN(cx, oci_annotations_parse(cx, config, out), "\"pluginConfig\"");
	return NULL;
}

static hm_err read_key(struct hm_cx *cx, struct json v, struct trust_key *out)
{
	struct trust_key k = { 0 };
	if (!json_is_object(v))
		return hm_fail(cx, HM_INPUT, "a key is not an object");
	HM_TRY(json_need_str(cx, v, "name", &k.name));
	if (!k.name.n)
		return hm_fail(cx, HM_INPUT, "a key has no name");
	k.key_path = json_str(json_get(v, "keyPath"));
	k.cert_path = json_str(json_get(v, "certPath"));
	k.uri = json_str(json_get(v, "uri"));
	k.plugin = json_str(json_get(v, "pluginName"));
	k.id = json_str(json_get(v, "id"));
	HM_TRY_IN(cx, read_plugin_config(cx, v, &k.plugin_config), "key \"%.*s\"", HM_FMT(k.name));
	HM_TRY(json_text(cx, v, &k.json));
	*out = k;
	return NULL;
}

hm_err trust_keys_parse(struct hm_cx *cx, struct hm_str text, struct trust_key **out, size_t *out_n)
{
	struct json top;
	HM_VEC(struct trust_key) keys = { 0 };
	bool found = false;
	HM_TRY(json_parse(cx, text, JSON_STRICT, &top));
	struct json standard = json_get(top, "default"), list = json_get(top, "keys");
	if (!json_is_object(top) || (json_is_there(list) && !json_is_array(list)) ||
	    (json_is_there(standard) && !json_is_string(standard)))
		return hm_fail(cx, HM_INPUT, "it is not a list of signing keys");
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct trust_key k = { .name = HM_STR_INIT("") };
		HM_TRY(read_key(cx, it.value, &k));
		k.is_default = json_is_string(standard) && hm_eq(json_str(standard), k.name);
		found = found || k.is_default;
		for (size_t i = 0; i < keys.n; i++)
			if (hm_eq(keys.p[i].name, k.name))
				return hm_fail(cx, HM_INPUT, "two keys have the name \"%.*s\"",
					       HM_FMT(k.name));
		if (keys.n >= HM_MAX_TRUST_FILES)
			return hm_fail(cx, HM_LIMIT, "there are too many keys");
		*hm_push(cx, &keys) = k;
	}
	if (json_is_there(standard) && !found)
		return hm_fail(cx, HM_INPUT, "the default key \"%.*s\" is not among the keys",
			       HM_FMT(json_str(standard)));
	*out = keys.p;
	*out_n = keys.n;
	return NULL;
}

hm_err trust_keys_list(struct hm_cx *cx, const char *config_dir, struct trust_key **out,
		       size_t *out_n)
{
	char *path = hm_path(cx, config_dir, file_name);
	struct hm_str text;
	hm_err err = hm_read_file(cx, path, HM_MAX_POLICY, &text);
	if (err && err->code == HM_ABSENT) {
		*out = NULL;
		*out_n = 0;
		return NULL;
	}
	HM_TRY(err);
	HM_TRY_IN(cx, trust_keys_parse(cx, text, out, out_n), "\"%s\"", path);
	for (size_t i = 0; i < *out_n; i++)
		(*out)[i].config_dir = config_dir;
	return NULL;
}

static hm_err put_key(struct hm_cx *cx, struct json_out *o, const struct trust_key *k)
{
	struct json v;
	if (k->json.n) {
		HM_TRY(json_parse(cx, k->json, JSON_PLAIN, &v));
		json_put_json(o, NULL, v);
		return NULL;
	}
	json_open(o, NULL, '{');
	json_put_str(o, "name", k->name);
	json_put_given(o, "uri", k->uri);
	json_put_given(o, "keyPath", k->key_path);
	json_put_given(o, "certPath", k->cert_path);
	json_put_given(o, "id", k->id);
	json_put_given(o, "pluginName", k->plugin);
	if (k->plugin_config.n)
		json_open(o, "pluginConfig", '{');
	for (size_t i = 0; i < k->plugin_config.n; i++) {
		json_key(o, k->plugin_config.p[i].key);
		json_put_str(o, NULL, k->plugin_config.p[i].value);
	}
	if (k->plugin_config.n)
		json_close(o, '}');
	json_close(o, '}');
	return NULL;
}

static hm_err write_keys(struct hm_cx *cx, const char *config_dir, const struct trust_key *keys,
			 size_t n)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_POLICY);
	struct json_out o = json_out(&b, true);
	struct hm_str text;
	json_open(&o, NULL, '{');
	for (size_t i = 0; i < n; i++)
		if (keys[i].is_default)
			json_put_str(&o, "default", keys[i].name);
	json_open(&o, "keys", '[');
	for (size_t i = 0; i < n; i++)
		HM_TRY(put_key(cx, &o, &keys[i]));
	json_close(&o, ']');
	json_close(&o, '}');
	hm_buf_char(&b, '\n');
	HM_TRY(hm_buf_end(cx, &b, file_name, &text));
	HM_TRY(hm_mkdirs(cx, config_dir, 0700));
	return hm_output_write(cx, hm_path(cx, config_dir, file_name), text, 0600);
}

/* Other tools read the file from other folders. */
static hm_err find_real_path(struct hm_cx *cx, struct hm_str path, struct hm_str *out)
{
	char real[PATH_MAX];
	if (!realpath(hm_dupz(cx, path), real))
		return hm_fail_os(cx, "could not find \"%.*s\"", HM_FMT(path));
	*out = hm_dup(cx, hm_cstr(real));
	return NULL;
}

/* Two commands at once must not lose a key: the list is read and written under a lock. */
static hm_err lock_keys(struct hm_cx *cx, const char *config_dir, int *out)
{
	HM_TRY(hm_mkdirs(cx, config_dir, 0700));
	return hm_lock(cx, hm_path(cx, config_dir, ".signingkeys.lock"), out);
}

/* What `sign` would refuse is refused when the key is made known, and said how to make it right. */
static hm_err check_certificate(struct hm_cx *cx, const struct trust_key *k,
				const struct trust_signer *signer, int64_t now)
{
	hm_err err = crypto_chain_check(cx, &signer->chain);
	if (!err)
		err = crypto_chain_valid_at(cx, &signer->chain, now);
	if (!err)
		return NULL;
	err = hm_wrap(cx, err, "\"%.*s\"", HM_FMT(k->cert_path.n ? k->cert_path : k->uri));
	if (!k->key_path.n && !k->cert_path.n)
		return hm_hint(cx, err, "give the whole chain, leaf first, with --cert");
	if (!k->key_path.n)
		return err;
	return hm_hint(
		cx, err,
		"openssl req -x509 -key %.*s -out release.pem -days 365"
		" -subj '/C=US/ST=WA/O=Acme/CN=release' -addext basicConstraints=critical,CA:FALSE"
		" -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=codeSigning",
		HM_FMT(k->key_path));
}

#define TRIAL "Hullmark tries whether it can sign with this key."

/* Can it be signed with the key, and is it the certificate's? */
static hm_err try_key(struct hm_cx *cx, const struct trust_key *k,
		      const struct trust_signer_terms *terms, int64_t now, struct trust_key *out,
		      struct hm_str *out_pem)
{
	TRUST_AUTO_SIGNER signer = { 0 };
	struct hm_str signature;
	HM_TRY(trust_signer_of(cx, k, terms, &signer));
	*out = *k;
	/* A plugin says of itself and of the key what it can; a signature is asked of it when there
	 * is something to be signed. */
	if (k->plugin.n)
		return NULL;
	HM_TRY(check_certificate(cx, k, &signer, now));
	hm_err err = signer.signer->sign(cx, signer.signer, HM_STR(TRIAL), &signature);
	if (err && err->code == HM_TRUST)
		return hm_fail(
			cx, HM_INPUT,
			"the key does not belong to the certificate, or signs otherwise than by %s",
			crypto_alg_rows[signer.signer->alg].name);
	HM_TRY(err);
	out->uri = hm_dup(cx, signer.uri);
	*out_pem = crypto_chain_pem(cx, &signer.chain);
	return NULL;
}

/* Certificates that were found with the key are kept where other tools look for them. */
static hm_err keep_certificates(struct hm_cx *cx, const char *config_dir, struct hm_str pem,
				struct trust_key *k)
{
	if (!trust_is_name(k->name))
		return hm_fail(
			cx, HM_USAGE,
			"\"%.*s\" cannot be the name of a file of certificates: only letters, "
			"digits, \"_\", \".\" and \"-\"",
			HM_FMT(k->name));
	HM_TRY(hm_mkdirs(cx, hm_path(cx, config_dir, "localkeys"), 0700));
	k->cert_path = hm_fmt(cx, "%s/localkeys/%.*s.crt", config_dir, HM_FMT(k->name));
	if (hm_exists(k->cert_path.p))
		return hm_fail(cx, HM_USAGE, "\"%s\" exists already", k->cert_path.p);
	return hm_output_write(cx, k->cert_path.p, pem, 0644);
}

/* The list with the key behind the others. */
static hm_err append_key(struct hm_cx *cx, const char *config_dir, const struct trust_key *k,
			 struct trust_key **out, size_t *out_n)
{
	struct trust_key *old;
	size_t n;
	HM_TRY(trust_keys_list(cx, config_dir, &old, &n));
	struct trust_key *keys = hm_new(cx, struct trust_key, n + 1);
	for (size_t i = 0; i < n; i++) {
		if (hm_eq(old[i].name, k->name))
			return hm_fail(cx, HM_USAGE, "there is a key \"%.*s\" already",
				       HM_FMT(k->name));
		keys[i] = old[i];
		keys[i].is_default = old[i].is_default && !k->is_default;
	}
	keys[n] = *k;
	*out = keys;
	*out_n = n + 1;
	return NULL;
}

hm_err trust_key_add(struct hm_cx *cx, const char *config_dir, const struct trust_key *k,
		     const struct trust_signer_terms *terms, int64_t now)
{
	HM_AUTO_FD lock = -1;
	struct trust_key *keys, made, given = *k;
	size_t n;
	struct hm_str pem = HM_STR("");
	given.config_dir = config_dir;
	if (!k->name.n)
		return hm_fail(cx, HM_USAGE, "a key needs a name");
	HM_TRY_IN(cx, try_key(cx, &given, terms, now ? now : hm_now(), &made, &pem), "key \"%.*s\"",
		  HM_FMT(k->name));
	HM_TRY(lock_keys(cx, config_dir, &lock));
	HM_TRY(append_key(cx, config_dir, &made, &keys, &n));
	struct trust_key *last = &keys[n - 1];
	bool found = !k->cert_path.n && !k->plugin.n;
	if (found)
		HM_TRY(keep_certificates(cx, config_dir, pem, last));
	if (last->key_path.n)
		HM_TRY(find_real_path(cx, last->key_path, &last->key_path));
	if (last->cert_path.n)
		HM_TRY(find_real_path(cx, last->cert_path, &last->cert_path));
	hm_err err = write_keys(cx, config_dir, keys, n);
	if (err && found)
		unlink(last->cert_path.p);
	return err;
}

hm_err trust_key_delete(struct hm_cx *cx, const char *config_dir, struct hm_str name)
{
	HM_AUTO_FD lock = -1;
	struct trust_key *keys;
	size_t n, kept = 0;
	HM_TRY(lock_keys(cx, config_dir, &lock));
	HM_TRY(trust_keys_list(cx, config_dir, &keys, &n));
	for (size_t i = 0; i < n; i++)
		if (!hm_eq(keys[i].name, name))
			keys[kept++] = keys[i];
	if (kept == n)
		return hm_fail(cx, HM_ABSENT, "there is no key \"%.*s\"", HM_FMT(name));
	return write_keys(cx, config_dir, keys, kept);
}

hm_err trust_key_set_default(struct hm_cx *cx, const char *config_dir, struct hm_str name)
{
	HM_AUTO_FD lock = -1;
	struct trust_key *keys;
	size_t n;
	bool found = false;
	HM_TRY(lock_keys(cx, config_dir, &lock));
	HM_TRY(trust_keys_list(cx, config_dir, &keys, &n));
	for (size_t i = 0; i < n; i++) {
		keys[i].is_default = hm_eq(keys[i].name, name);
		found = found || keys[i].is_default;
	}
	if (!found)
		return hm_hint(cx, hm_fail(cx, HM_ABSENT, "there is no key \"%.*s\"", HM_FMT(name)),
			       "see \"hullmark key list\"");
	return write_keys(cx, config_dir, keys, n);
}
