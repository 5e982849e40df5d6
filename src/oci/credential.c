/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials where Docker keeps them: config.json with its auths, and the helper programs that it
 * names.
 */
#include "oci/credential.h"

#include <stdlib.h>

#include "codec/base64.h"

/* What is computed from config.json and from a helper's answer. */
static const size_t scratch = 64 * HM_MIB;

void oci_credential_done(struct oci_credential *c)
{
	hm_secret_done(&c->password);
	hm_secret_done(&c->identity_token);
}

/* With the name in memory that stays; the secrets are handed over. */
static struct oci_credential moved(struct hm_cx *cx, struct oci_credential *c)
{
	return (struct oci_credential){ .username = hm_dup(cx, c->username),
					.password = hm_secret_move(&c->password),
					.identity_token = hm_secret_move(&c->identity_token) };
}

static const char *config_path(struct hm_cx *cx, const struct oci_access *a)
{
	const char *dir = a && a->docker_config ? a->docker_config : getenv("DOCKER_CONFIG");
	const char *home = getenv("HOME");
	if (!dir || !*dir)
		dir = hm_path(cx, home ? home : "/", ".docker");
	return hm_path(cx, dir, "config.json");
}

/* Docker Hub is known to Docker by an address of its own. */
static struct hm_str server_of(struct hm_str registry)
{
	return hm_eqz(registry, "docker.io") ? HM_STR("https://index.docker.io/v1/") : registry;
}

/* "https://HOST/v1/" is the HOST that an older Docker wrote. */
static bool same_server(struct hm_str key, struct hm_str registry)
{
	if (hm_eq(key, server_of(registry)))
		return true;
	if (hm_starts(key, HM_STR("https://")))
		key = hm_from(key, 8);
	else if (hm_starts(key, HM_STR("http://")))
		key = hm_from(key, 7);
	return hm_eq(hm_cut(&key, '/'), registry);
}

static struct json member_for(struct json object, struct hm_str registry)
{
	struct json exact = json_get_str(object, server_of(registry));
	if (json_is_there(exact))
		return exact;
	for (struct json_iter it = json_iter(object); json_next(&it);)
		if (same_server(it.key, registry))
			return it.value;
	return exact;
}

hm_err oci_credential_parse(struct hm_cx *cx, struct json config, struct hm_str registry,
			    struct oci_credential *out)
{
	struct json entry = member_for(json_get(config, "auths"), registry);
	struct hm_str auth = json_str(json_get(entry, "auth")), pair;
	struct hm_str name = json_str(json_get(entry, "username"));
	struct hm_str secret = json_str(json_get(entry, "password"));
	if (auth.n) {
		HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, auth, &pair), "auths: \"%.*s\"",
			  HM_FMT(registry));
		if (hm_find_char(pair, ':') == SIZE_MAX)
			return hm_fail(cx, HM_INPUT, "auths: \"%.*s\": no name and password",
				       HM_FMT(registry));
		name = hm_cut(&pair, ':');
		secret = pair;
		while (secret.n && secret.p[secret.n - 1] == '\0')
			secret.n--;
		if (hm_find_char(name, '\0') != SIZE_MAX || hm_find_char(secret, '\0') != SIZE_MAX)
			return hm_fail(cx, HM_INPUT, "auths: \"%.*s\": a NUL byte is in it",
				       HM_FMT(registry));
	}
	*out = (struct oci_credential){
		.username = name,
		.password = hm_secret_of(secret),
		.identity_token = hm_secret_of(json_str(json_get(entry, "identitytoken"))),
	};
	return NULL;
}

hm_err oci_credential_helper(struct hm_cx *cx, struct json config, struct hm_str registry,
			     struct hm_str *out)
{
	struct hm_str name = json_str(member_for(json_get(config, "credHelpers"), registry));
	if (name.n == 0)
		name = json_str(json_get(config, "credsStore"));
	for (size_t i = 0; i < name.n; i++)
		if (!hm_is_alpha(name.p[i]) && !hm_is_digit(name.p[i]) &&
		    hm_find_char(HM_STR("_.-"), name.p[i]) == SIZE_MAX)
			return hm_fail(cx, HM_INPUT, "\"%.*s\" is no name of a credential helper",
				       HM_FMT(hm_sub(name, 0, 100)));
	*out = name;
	return NULL;
}

hm_err oci_credential_answer(struct hm_cx *cx, struct hm_str text, struct oci_credential *out)
{
	struct json doc;
	HM_TRY_IN(cx, json_parse(cx, text, JSON_STRICT, &doc), "credential helper");
	struct hm_str name = json_str(json_get(doc, "Username"));
	struct hm_secret secret = hm_secret_of(json_str(json_get(doc, "Secret")));
	*out = hm_eqz(name, "<token>")
		       ? (struct oci_credential){ .identity_token = secret }
		       : (struct oci_credential){ .username = name, .password = secret };
	return NULL;
}

/* --- helpers --- */

static hm_err ask_helper(struct hm_cx *cx, struct hm_str helper, struct hm_str registry,
			 struct oci_credential *out)
{
	HM_AUTO_SECRET told = { 0 };
	bool failed;
	HM_TRY_IN(cx, oci_credential_run(cx, helper, "get", server_of(registry), &told, &failed),
		  "credential helper \"%.*s\"", HM_FMT(helper));
	struct hm_str answer = hm_secret_str(&told);
	if (!failed)
		return oci_credential_answer(cx, answer, out);
	/* The helpers' own words for "there is none". */
	if (hm_find(answer, HM_STR("credentials not found")) != SIZE_MAX) {
		*out = (struct oci_credential){ 0 };
		return NULL;
	}
	return hm_fail(cx, HM_SYSTEM, "credential helper \"%.*s\" failed: %.*s", HM_FMT(helper),
		       HM_FMT(hm_sub(hm_trim(answer), 0, 200)));
}

/* --- config.json --- */

static hm_err read_config(struct hm_cx *cx, const struct oci_access *a, struct json *out,
			  unsigned *out_mode)
{
	const char *path = config_path(cx, a);
	HM_AUTO_SECRET text = { 0 };
	hm_err err = hm_secret_read_file(cx, path, HM_MAX_DOCKER_CONFIG, &text, out_mode);
	if (err && err->code == HM_ABSENT) {
		*out = (struct json){ 0 };
		return NULL;
	}
	HM_TRY(err);
	HM_TRY_IN(cx, json_parse(cx, hm_secret_str(&text), JSON_STRICT, out), "\"%s\"", path);
	if (!json_is_object(*out))
		return hm_fail(cx, HM_INPUT, "\"%s\" is no object", path);
	return NULL;
}

static hm_err find(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry,
		   struct oci_credential *out)
{
	const char *path = config_path(cx, a);
	struct json config;
	struct hm_str helper;
	unsigned mode = 0;
	HM_TRY(read_config(cx, a, &config, &mode));
	HM_TRY_IN(cx, oci_credential_helper(cx, config, registry, &helper), "\"%s\"", path);
	if (helper.n)
		return ask_helper(cx, helper, registry, out);
	HM_TRY_IN(cx, oci_credential_parse(cx, config, registry, out), "\"%s\"", path);
	if (hm_secret_str(&out->password).n || hm_secret_str(&out->identity_token).n)
		hm_secret_warn(cx, path, mode);
	return NULL;
}

hm_err oci_credential_find(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry,
			   struct oci_credential *out)
{
	if (a && a->username) {
		struct hm_str given = a->password ? hm_secret_str(a->password) : HM_STR("");
		*out = (struct oci_credential){ .username = hm_cstr(a->username),
						.password = hm_secret_of(given) };
		return NULL;
	}
	HM_AUTO_CX own = hm_secret_cx(cx, scratch);
	struct oci_credential c;
	hm_err err = find(&own, a, registry, &c);
	if (err)
		return hm_fault_copy(cx, err);
	*out = moved(cx, &c);
	return NULL;
}

static void put_auth(struct hm_cx *cx, struct json_out *o, struct hm_str registry,
		     const struct oci_credential *c)
{
	HM_AUTO_SECRET pair = HM_SECRET(HM_MAX_DOCKER_CONFIG);
	hm_buf_add(&pair.bytes, c->username);
	hm_buf_char(&pair.bytes, ':');
	hm_buf_add(&pair.bytes, hm_secret_str(&c->password));
	json_key(o, server_of(registry));
	json_open(o, NULL, '{');
	json_put_str(o, "auth", base64_format(cx, BASE64_STD, hm_secret_str(&pair)));
	if (hm_secret_str(&c->identity_token).n)
		json_put_str(o, "identitytoken", hm_secret_str(&c->identity_token));
	json_close(o, '}');
}

hm_err oci_credential_config_with(struct hm_cx *cx, struct json config, struct hm_str registry,
				  const struct oci_credential *c, struct hm_secret *out)
{
	HM_AUTO_SECRET text = HM_SECRET(HM_MAX_DOCKER_CONFIG);
	struct json_out o = json_out(&text.bytes, true);
	struct hm_str whole;
	struct json auths = json_get(config, "auths");
	json_open(&o, NULL, '{');
	json_open(&o, "auths", '{');
	for (struct json_iter it = json_iter(auths); json_next(&it);) {
		if (same_server(it.key, registry))
			continue;
		json_key(&o, it.key);
		json_put_json(&o, NULL, it.value);
	}
	if (c)
		put_auth(cx, &o, registry, c);
	json_close(&o, '}');
	for (struct json_iter it = json_iter(config); json_next(&it);) {
		if (hm_eqz(it.key, "auths"))
			continue;
		json_key(&o, it.key);
		json_put_json(&o, NULL, it.value);
	}
	json_close(&o, '}');
	hm_buf_char(&text.bytes, '\n');
	HM_TRY(hm_buf_end(cx, &text.bytes, "config.json", &whole));
	*out = hm_secret_move(&text);
	return NULL;
}

static hm_err write_config(struct hm_cx *cx, const struct oci_access *a, struct json config,
			   struct hm_str registry, const struct oci_credential *c)
{
	const char *path = config_path(cx, a);
	HM_AUTO_SECRET text = { 0 };
	HM_TRY(oci_credential_config_with(cx, config, registry, c, &text));
	HM_TRY(hm_mkdirs(cx, hm_dupz(cx, hm_dirname(hm_cstr(path))), 0700));
	return hm_output_write(cx, path, hm_secret_str(&text), 0600);
}

static hm_err tell_helper(struct hm_cx *cx, struct hm_str helper, const char *verb,
			  struct hm_str question)
{
	HM_AUTO_SECRET told = { 0 };
	bool failed;
	HM_TRY_IN(cx, oci_credential_run(cx, helper, verb, question, &told, &failed),
		  "credential helper \"%.*s\"", HM_FMT(helper));
	struct hm_str answer = hm_secret_str(&told);
	if (failed && hm_find(answer, HM_STR("credentials not found")) == SIZE_MAX)
		return hm_fail(cx, HM_SYSTEM, "credential helper \"%.*s\" failed: %.*s",
			       HM_FMT(helper), HM_FMT(hm_sub(hm_trim(answer), 0, 200)));
	return NULL;
}

static hm_err store(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry,
		    const struct oci_credential *c)
{
	struct json config;
	struct hm_str helper, question, token = hm_secret_str(&c->identity_token);
	unsigned mode;
	HM_TRY(read_config(cx, a, &config, &mode));
	HM_TRY(oci_credential_helper(cx, config, registry, &helper));
	if (helper.n == 0)
		return write_config(cx, a, config, registry, c);
	HM_AUTO_SECRET text = HM_SECRET(HM_MAX_CREDENTIAL);
	struct json_out o = json_out(&text.bytes, false);
	json_open(&o, NULL, '{');
	json_put_str(&o, "ServerURL", server_of(registry));
	json_put_str(&o, "Username", token.n ? HM_STR("<token>") : c->username);
	json_put_str(&o, "Secret", token.n ? token : hm_secret_str(&c->password));
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &text.bytes, "a credential", &question));
	return tell_helper(cx, helper, "store", question);
}

hm_err oci_credential_store(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry,
			    const struct oci_credential *c)
{
	HM_AUTO_CX own = hm_secret_cx(cx, scratch);
	return hm_fault_copy(cx, store(&own, a, registry, c));
}

static hm_err erase(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry)
{
	struct json config;
	struct hm_str helper;
	unsigned mode;
	HM_TRY(read_config(cx, a, &config, &mode));
	HM_TRY(oci_credential_helper(cx, config, registry, &helper));
	if (helper.n)
		HM_TRY(tell_helper(cx, helper, "erase", server_of(registry)));
	if (!json_is_there(member_for(json_get(config, "auths"), registry)))
		return helper.n ? NULL
				: hm_fail(cx, HM_ABSENT, "there is no credential for \"%.*s\"",
					  HM_FMT(registry));
	return write_config(cx, a, config, registry, NULL);
}

hm_err oci_credential_erase(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry)
{
	HM_AUTO_CX own = hm_secret_cx(cx, scratch);
	return hm_fault_copy(cx, erase(&own, a, registry));
}
