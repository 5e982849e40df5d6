/* SPDX-License-Identifier: Apache-2.0 */
/* One key of a section of hullmark.yaml, read as what it should be. */
#include "cli/serve.h"

/* A request with 512 KiB of JSON must find room. */
static const uint64_t SIZE_LEAST = 16 * HM_MIB;

hm_err cli_serve_read_string(struct hm_cx *cx, struct json section, const char *key,
			     const char **out)
{
	struct json v = json_get(section, key);
	if (!json_is_there(v))
		return NULL;
	if (!json_is_string(v) || !json_str(v).n)
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a string", key);
	*out = hm_dupz(cx, json_str(v));
	return NULL;
}

hm_err cli_serve_read_section(struct hm_cx *cx, struct json in, const char *name,
			      const char *const *known, struct json *out)
{
	*out = json_get(in, name);
	if (!json_is_there(*out))
		return NULL;
	if (!json_is_object(*out))
		return hm_fail(cx, HM_INPUT, "it is not a mapping");
	return json_only(cx, *out, known);
}

hm_err cli_serve_read_bool(struct hm_cx *cx, struct json section, const char *key, bool *out)
{
	struct json v = json_get(section, key);
	if (json_is_there(v) && !json_is_bool(v))
		return hm_fail(cx, HM_INPUT, "\"%s\" is neither true nor false", key);
	if (json_is_there(v))
		*out = json_bool(v);
	return NULL;
}

hm_err cli_serve_size(struct hm_cx *cx, struct hm_str text, uint64_t *out)
{
	static const struct unit {
		struct hm_str name;
		uint64_t bytes;
	} units[] = { { HM_STR_INIT("KiB"), HM_KIB },
		      { HM_STR_INIT("MiB"), HM_MIB },
		      { HM_STR_INIT("GiB"), HM_GIB } };
	uint64_t n, unit = 1;
	struct hm_str digits = text;
	for (size_t i = 0; i < HM_LEN(units); i++) {
		if (!hm_ends(text, units[i].name))
			continue;
		unit = units[i].bytes;
		digits = hm_sub(text, 0, text.n - units[i].name.n);
	}
	if (!hm_u64(digits, INT64_MAX / unit, &n))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a size like \"128MiB\"",
			       HM_FMT(text));
	if (n * unit < SIZE_LEAST)
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is less than 16 MiB", HM_FMT(text));
	*out = n * unit;
	return NULL;
}

hm_err cli_serve_read_size(struct hm_cx *cx, struct json section, const char *key, uint64_t *out)
{
	struct json v = json_get(section, key);
	int64_t n;
	if (!json_is_there(v))
		return NULL;
	if (!json_is_string(v)) {
		HM_TRY(json_need_int(cx, section, key, &n));
		return cli_serve_size(cx, hm_fmt(cx, "%lld", (long long)n), out);
	}
	HM_TRY_IN(cx, cli_serve_size(cx, json_str(v), out), "\"%s\"", key);
	return NULL;
}

hm_err cli_serve_read_strings(struct hm_cx *cx, struct json section, const char *key,
			      struct hm_strs *out)
{
	struct json v = json_get(section, key);
	struct hm_strs list = { 0 };
	if (!json_is_there(v))
		return NULL;
	if (!json_is_array(v))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a list", key);
	for (struct json_iter it = json_iter(v); json_next(&it);) {
		if (!json_is_string(it.value))
			return hm_fail(cx, HM_INPUT, "\"%s\": an entry is not a string", key);
		*hm_push(cx, &list) = json_str(it.value);
	}
	*out = list;
	return NULL;
}
