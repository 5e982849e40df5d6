/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials where Docker keeps them: config.json with its auths, and the helper programs that it
 * names.
 */
#include "oci/remote/credential_parts.h"

#include <stdlib.h>

#include "codec/base64.h"

/* What is computed from config.json and from a helper's answer. */
static const size_t scratch = 64 * HM_MIB;

void oci_credential_done(struct oci_credential *c)
{
	hm_secret_done(&c->password);
	hm_secret_done(&c->identity_token);
	hm_secret_done(&c->registry_token);
}

/* With the name in memory that stays; the secrets are handed over. */
static struct oci_credential move_credential(struct hm_cx *cx, struct oci_credential *c)
{
	return (struct oci_credential){ .username = hm_dup(cx, c->username),
					.password = hm_secret_move(&c->password),
					.identity_token = hm_secret_move(&c->identity_token),
					.registry_token = hm_secret_move(&c->registry_token) };
}

/* The file that is written. */
static const char *config_path(struct hm_cx *cx, const struct oci_access *a)
{
	if (a && a->config_files.n)
		return hm_dupz(cx, a->config_files.p[0]);
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

static hm_err parse_entry(struct hm_cx *cx, struct json entry, struct hm_str registry,
			  struct oci_credential *out)
{
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
			return hm_fail(cx, HM_INPUT, "auths: \"%.*s\": it contains a NUL byte",
				       HM_FMT(registry));
	}
	*out = (struct oci_credential){
		.username = name,
		.password = hm_secret_of(secret),
		.identity_token = hm_secret_of(json_str(json_get(entry, "identitytoken"))),
		.registry_token = hm_secret_of(json_str(json_get(entry, "registrytoken"))),
	};
	return NULL;
}

hm_err oci_credential_parse(struct hm_cx *cx, struct json config, struct hm_str name,
			    struct oci_credential *out)
{
	bool path;
	struct json entry = oci_credential_entry(cx, json_get(config, "auths"), name, &path);
	return parse_entry(cx, entry, name, out);
}

hm_err oci_credential_helper(struct hm_cx *cx, struct json config, struct hm_str registry,
			     struct hm_str *out)
{
	bool path;
	struct hm_str name = json_str(
		oci_credential_entry(cx, json_get(config, "credHelpers"), registry, &path));
	if (name.n == 0)
		name = json_str(json_get(config, "credsStore"));
	for (size_t i = 0; i < name.n; i++)
		if (!hm_is_alpha(name.p[i]) && !hm_is_digit(name.p[i]) &&
		    hm_find_char(HM_STR("_.-"), name.p[i]) == SIZE_MAX)
			return hm_fail(cx, HM_INPUT,
				       "\"%.*s\" is not a valid name of a credential helper",
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

static hm_err read_config(struct hm_cx *cx, const char *path, struct json *out, unsigned *out_mode)
{
	HM_AUTO_SECRET text = { 0 };
	hm_err err = hm_secret_read_file(cx, path, HM_MAX_DOCKER_CONFIG, &text, out_mode);
	if (err && err->code == HM_ABSENT) {
		*out = (struct json){ 0 };
		return NULL;
	}
	HM_TRY(err);
	/* Docker leaves an empty one behind, and takes it for {} */
	struct hm_str words = hm_trim(hm_secret_str(&text));
	HM_TRY_IN(cx, json_parse(cx, words.n ? words : HM_STR("{}"), JSON_STRICT, out), "\"%s\"",
		  path);
	if (!json_is_object(*out))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a JSON object", path);
	return NULL;
}

static bool is_empty(const struct oci_credential *c)
{
	return !c->username.n && !hm_secret_str(&c->password).n &&
	       !hm_secret_str(&c->identity_token).n && !hm_secret_str(&c->registry_token).n;
}

/*
 * What is for the repository itself goes before what a helper has for the registry, and that before
 * what the file has for it.
 */
static hm_err find_in(struct hm_cx *cx, const char *path, struct hm_str name,
		      struct oci_credential *out)
{
	struct json config;
	struct hm_str helper, rest = name, registry = hm_cut(&rest, '/');
	unsigned mode = 0;
	bool own;
	HM_TRY(read_config(cx, path, &config, &mode));
	struct json entry = oci_credential_entry(cx, json_get(config, "auths"), name, &own);
	HM_TRY_IN(cx, oci_credential_helper(cx, config, name, &helper), "\"%s\"", path);
	OCI_AUTO_CREDENTIAL c = { 0 };
	HM_TRY_IN(cx, parse_entry(cx, entry, name, &c), "\"%s\"", path);
	if (helper.n && (!own || is_empty(&c)))
		return ask_helper(cx, helper, registry, out);
	if (!is_empty(&c))
		hm_secret_warn(cx, path, mode);
	*out = c;
	c = (struct oci_credential){ 0 };
	return NULL;
}

static hm_err find_credential(struct hm_cx *cx, const struct oci_access *a, struct hm_str name,
			      struct oci_credential *out)
{
	size_t n = a ? a->config_files.n : 0;
	if (!n)
		return find_in(cx, config_path(cx, a), name, out);
	for (size_t i = 0; i < n; i++) {
		HM_TRY(find_in(cx, hm_dupz(cx, a->config_files.p[i]), name, out));
		if (!is_empty(out))
			break;
	}
	return NULL;
}

/* What the command was given is for one registry. Without a name it is an identity token, as for
 * oras. */
static bool is_given(const struct oci_access *a, struct hm_str registry, struct oci_credential *out)
{
	if (!a || !a->given_for.n || !hm_eq(a->given_for, registry) ||
	    (!a->username && !a->password && !a->identity_token))
		return false;
	struct hm_str password = a->password ? hm_secret_str(a->password) : HM_STR("");
	struct hm_str token = a->identity_token ? hm_secret_str(a->identity_token) : HM_STR("");
	if (!a->username && !token.n)
		token = password;
	*out = (struct oci_credential){ .username = a->username ? hm_cstr(a->username) : HM_STR(""),
					.password =
						hm_secret_of(a->username ? password : HM_STR("")),
					.identity_token = hm_secret_of(token) };
	return true;
}

hm_err oci_credential_find(struct hm_cx *cx, const struct oci_access *a, struct hm_str name,
			   struct oci_credential *out)
{
	struct hm_str rest = name;
	if (is_given(a, hm_cut(&rest, '/'), out))
		return NULL;
	HM_AUTO_CX own = hm_secret_cx(cx, scratch);
	struct oci_credential c = { 0 };
	hm_err err = find_credential(&own, a, name, &c);
	if (err)
		return hm_fault_copy(cx, err);
	*out = move_credential(cx, &c);
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
		if (oci_credential_is_for(cx, it.key, registry))
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

static hm_err store_entry(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry,
			  const struct oci_credential *c)
{
	struct json config;
	struct hm_str helper, question, token = hm_secret_str(&c->identity_token);
	unsigned mode;
	HM_TRY(read_config(cx, config_path(cx, a), &config, &mode));
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
	return hm_fault_copy(cx, store_entry(&own, a, registry, c));
}

static hm_err erase_entry(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry)
{
	struct json config;
	struct hm_str helper;
	unsigned mode;
	HM_TRY(read_config(cx, config_path(cx, a), &config, &mode));
	HM_TRY(oci_credential_helper(cx, config, registry, &helper));
	if (helper.n)
		HM_TRY(tell_helper(cx, helper, "erase", server_of(registry)));
	bool path;
	if (!json_is_there(oci_credential_entry(cx, json_get(config, "auths"), registry, &path)))
		return helper.n ? NULL
				: hm_fail(cx, HM_ABSENT, "there is no credential for \"%.*s\"",
					  HM_FMT(registry));
	return write_config(cx, a, config, registry, NULL);
}

hm_err oci_credential_erase(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry)
{
	HM_AUTO_CX own = hm_secret_cx(cx, scratch);
	return hm_fault_copy(cx, erase_entry(&own, a, registry));
}
