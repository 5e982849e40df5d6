/* SPDX-License-Identifier: Apache-2.0 */
/* config.json in Notation's configuration folder, which ours may be. */
#include "cli/cli.h"
#include "codec/json.h"

/* What Notation and Docker call the places of credentials. */
static const char *const places[] = { "auths", "credHelpers", "credsStore" };

static hm_err read_hosts(struct hm_cx *cx, struct json top, struct hm_strs *out)
{
	struct json list = json_get(top, "insecureRegistries");
	if (json_is_there(list) && !json_is_null(list) && !json_is_array(list))
		return hm_fail(cx, HM_INPUT, "\"insecureRegistries\" is not an array");
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct hm_str name, address;
		if (!json_is_string(it.value))
			return hm_fail(cx, HM_INPUT,
				       "\"insecureRegistries\" may contain only strings");
		HM_TRY_IN(cx, oci_registry_parse(cx, json_str(it.value), &name, &address),
			  "\"insecureRegistries\": \"%.*s\"", HM_FMT(json_str(it.value)));
		*hm_push(cx, out) = name;
	}
	return NULL;
}

static hm_err read_members(struct hm_cx *cx, const char *path, struct hm_str text,
			   struct cli_notation_config *out)
{
	struct json top;
	HM_TRY(json_parse(cx, text, JSON_STRICT, &top));
	if (json_is_there(json_get(top, "signatureFormat")))
		HM_TRY(json_need_str(cx, top, "signatureFormat", &out->signature_format));
	for (size_t i = 0; i < HM_LEN(places); i++) {
		struct json place = json_get(top, places[i]);
		if (json_size(place) || json_str(place).n)
			out->credentials = path;
	}
	return read_hosts(cx, top, &out->plain_hosts);
}

hm_err cli_notation_config(struct hm_cx *cx, const char *config_dir,
			   struct cli_notation_config *out)
{
	const char *path = hm_path(cx, config_dir, "config.json");
	struct hm_str text;
	*out = (struct cli_notation_config){ .signature_format = HM_STR("jws") };
	hm_err err = hm_read_file(cx, path, HM_MAX_POLICY, &text);
	if (err && err->code == HM_ABSENT)
		return NULL;
	if (!err)
		err = read_members(cx, path, text, out);
	return err ? hm_wrap(cx, err, "\"%s\"", path) : NULL;
}

hm_err cli_credential_files(struct hm_cx *cx, const struct cli *cli, struct hm_strs *out)
{
	struct cli_notation_config config;
	*out = cli->registry_config;
	if (out->n)
		return NULL;
	HM_TRY(cli_notation_config(cx, cli->config_dir, &config));
	if (config.credentials)
		*hm_push(cx, out) = hm_cstr(config.credentials);
	return NULL;
}
