/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include <limits.h>
#include <stdlib.h>

#include "codec/json.h"
#include "trust/config.h"

static const char file_name[] = "signingkeys.json";

/* Keys of plugins are other tools': kept as they are, and refused when somebody signs with them. */
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
	k.plugin = json_str(json_get(v, "pluginName"));
	k.id = json_str(json_get(v, "id"));
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
		struct trust_key k;
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
	json_put_str(o, "keyPath", k->key_path);
	json_put_str(o, "certPath", k->cert_path);
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
	return hm_hint(
		cx, hm_wrap(cx, err, "\"%.*s\"", HM_FMT(k->cert_path)),
		"openssl req -x509 -key %.*s -out release.pem -days 365"
		" -subj '/C=US/ST=WA/O=Acme/CN=release' -addext basicConstraints=critical,CA:FALSE"
		" -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=codeSigning",
		HM_FMT(k->key_path));
}

hm_err trust_key_add(struct hm_cx *cx, const char *config_dir, const struct trust_key *k,
		     int64_t now)
{
	HM_AUTO_FD lock = -1;
	struct trust_key *old;
	size_t n;
	TRUST_AUTO_SIGNER signer = { 0 };
	if (!k->name.n)
		return hm_fail(cx, HM_USAGE, "a key needs a name");
	HM_TRY_IN(cx, trust_signer_of(cx, k, &signer), "key \"%.*s\"", HM_FMT(k->name));
	HM_TRY_IN(cx, check_certificate(cx, k, &signer, now ? now : hm_now()), "key \"%.*s\"",
		  HM_FMT(k->name));
	HM_TRY(lock_keys(cx, config_dir, &lock));
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
	HM_TRY(find_real_path(cx, k->key_path, &keys[n].key_path));
	HM_TRY(find_real_path(cx, k->cert_path, &keys[n].cert_path));
	return write_keys(cx, config_dir, keys, n + 1);
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

hm_err trust_signer_open(struct hm_cx *cx, const char *config_dir, struct hm_str name,
			 struct trust_signer *out)
{
	struct trust_key *keys;
	size_t n;
	HM_TRY(trust_keys_list(cx, config_dir, &keys, &n));
	for (size_t i = 0; i < n; i++)
		if (name.n ? hm_eq(keys[i].name, name) : keys[i].is_default) {
			HM_TRY_IN(cx, trust_signer_of(cx, &keys[i], out), "key \"%.*s\"",
				  HM_FMT(keys[i].name));
			return NULL;
		}
	hm_err err = name.n ? hm_fail(cx, HM_ABSENT, "there is no key \"%.*s\"", HM_FMT(name))
			    : hm_fail(cx, HM_ABSENT, "there is no default key");
	return hm_hint(
		cx, err,
		"see \"hullmark key list\"; \"hullmark key add\" and \"hullmark cert generate-test\" make keys known");
}
