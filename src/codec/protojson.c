/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/protojson.h"

#include "base/clock.h"
#include "codec/base64.h"

hm_err protojson_text_bytes(struct hm_cx *cx, struct hm_str text, struct hm_str *out)
{
	bool url = hm_find_char(text, '-') != SIZE_MAX || hm_find_char(text, '_') != SIZE_MAX;
	bool padded = text.n % 4 == 0;
	unsigned kind =
		(unsigned)(url ? BASE64_URL : BASE64_STD) | (unsigned)(padded ? 0 : BASE64_RAW);
	return base64_parse(cx, (enum base64_kind)kind, text, out);
}

hm_err protojson_bytes(struct hm_cx *cx, struct json object, const char *key, struct hm_str *out)
{
	struct json v = json_get(object, key);
	*out = HM_STR("");
	if (!json_is_there(v))
		return NULL;
	if (!json_is_string(v))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a string", key);
	HM_TRY_IN(cx, protojson_text_bytes(cx, json_str(v), out), "\"%s\"", key);
	return NULL;
}

hm_err protojson_need_bytes(struct hm_cx *cx, struct json object, const char *key,
			    struct hm_str *out)
{
	HM_TRY(protojson_bytes(cx, object, key, out));
	return out->n ? NULL : hm_fail(cx, HM_INPUT, "\"%s\" is missing", key);
}

hm_err protojson_number(struct hm_cx *cx, struct json object, const char *key, uint64_t *out)
{
	struct json v = json_get(object, key);
	int64_t n = 0;
	*out = 0;
	if (!json_is_there(v))
		return NULL;
	if (json_is_string(v)) {
		if (!hm_u64(json_str(v), INT64_MAX, out))
			return hm_fail(cx, HM_INPUT, "\"%s\" is not a number", key);
		return NULL;
	}
	if (!json_int(v, &n) || n < 0)
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a number", key);
	*out = (uint64_t)n;
	return NULL;
}
