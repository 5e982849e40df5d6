/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/simplesigning.h"

#include "codec/json.h"

static const char simple_type[] = "cosign container image signature";

static hm_err read_critical(struct hm_cx *cx, struct json v, struct envelope_simple *s)
{
	struct json identity, image;
	struct hm_str type;
	HM_TRY(json_need_str(cx, v, "type", &type));
	if (!hm_eqz(type, simple_type))
		return hm_fail(cx, HM_INPUT, "documents of type \"%.*s\" are not supported",
			       HM_FMT(type));
	HM_TRY(json_need(cx, v, "identity", &identity));
	HM_TRY(json_need_str(cx, identity, "docker-reference", &s->reference));
	HM_TRY(json_need(cx, v, "image", &image));
	return json_need_str(cx, image, "docker-manifest-digest", &s->digest);
}

static hm_err read_optional(struct hm_cx *cx, struct json v, struct envelope_simple *s)
{
	if (!json_is_there(v) || json_is_null(v))
		return NULL;
	if (!json_is_object(v))
		return hm_fail(cx, HM_INPUT, "it is not an object");
	if (json_size(v) > HM_MAX_ANNOTATIONS)
		return hm_fail(cx, HM_LIMIT, "it has too many members");
	s->pairs = hm_new(cx, struct envelope_simple_pair, json_size(v) + 1);
	for (struct json_iter it = json_iter(v); json_next(&it);)
		if (json_is_string(it.value))
			s->pairs[s->pairs_n++] =
				(struct envelope_simple_pair){ it.key, json_str(it.value) };
	return NULL;
}

hm_err envelope_simple_parse(struct hm_cx *cx, struct hm_str bytes, struct envelope_simple *out)
{
	struct envelope_simple s = { 0 };
	struct json top, critical;
	if (bytes.n > HM_MAX_SIMPLE_PAYLOAD)
		return hm_fail(cx, HM_LIMIT, "the signed document is too large");
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_STRICT, &top), "signed document");
	HM_TRY_IN(cx, json_need(cx, top, "critical", &critical), "signed document");
	HM_TRY_IN(cx, read_critical(cx, critical, &s), "signed document: \"critical\"");
	HM_TRY_IN(cx, read_optional(cx, json_get(top, "optional"), &s),
		  "signed document: \"optional\"");
	*out = s;
	return NULL;
}

/* --- write --- */

static int compare_pairs(const void *a, const void *b)
{
	const struct envelope_simple_pair *p = a, *q = b;
	return hm_cmp(p->key, q->key);
}

static hm_err sort_pairs(struct hm_cx *cx, const struct envelope_simple_pair *pairs, size_t n,
			 struct envelope_simple_pair **out)
{
	struct envelope_simple_pair *sorted = hm_new(cx, struct envelope_simple_pair, n + 1);
	for (size_t i = 0; i < n; i++)
		sorted[i] = pairs[i];
	if (n)
		qsort(sorted, n, sizeof(*sorted), compare_pairs);
	for (size_t i = 0; i < n; i++) {
		if (!sorted[i].key.n)
			return hm_fail(cx, HM_USAGE, "an annotation has no key");
		if (i && hm_eq(sorted[i].key, sorted[i - 1].key))
			return hm_fail(cx, HM_USAGE, "annotation \"%.*s\" is given twice",
				       HM_FMT(sorted[i].key));
	}
	*out = sorted;
	return NULL;
}

/* encoding/json escapes what HTML and JavaScript would misread; outside of texts JSON has none of
 * these. */
static void add_as_go(struct hm_buf *to, struct hm_str json)
{
	static const struct {
		struct hm_str raw;
		const char *escaped;
	} rows[] = { { HM_STR_INIT("<"), "\\u003c" },
		     { HM_STR_INIT(">"), "\\u003e" },
		     { HM_STR_INIT("&"), "\\u0026" },
		     { HM_STR_INIT("\xe2\x80\xa8"), "\\u2028" },
		     { HM_STR_INIT("\xe2\x80\xa9"), "\\u2029" } };
	while (json.n) {
		size_t took = 0;
		for (size_t i = 0; i < HM_LEN(rows) && !took; i++)
			if (hm_starts(json, rows[i].raw)) {
				hm_buf_addz(to, rows[i].escaped);
				took = rows[i].raw.n;
			}
		if (!took) {
			hm_buf_char(to, json.p[0]);
			took = 1;
		}
		json = hm_from(json, took);
	}
}

static void write_document(struct json_out *o, struct hm_str reference, struct hm_str digest,
			   const struct envelope_simple_pair *pairs, size_t pairs_n)
{
	json_open(o, NULL, '{');
	json_open(o, "critical", '{');
	json_open(o, "identity", '{');
	json_put_str(o, "docker-reference", reference);
	json_close(o, '}');
	json_open(o, "image", '{');
	json_put_str(o, "docker-manifest-digest", digest);
	json_close(o, '}');
	json_putz(o, "type", simple_type);
	json_close(o, '}');
	if (pairs_n) {
		json_open(o, "optional", '{');
		for (size_t i = 0; i < pairs_n; i++) {
			json_key(o, pairs[i].key);
			json_put_str(o, NULL, pairs[i].value);
		}
		json_close(o, '}');
	} else {
		json_put_null(o, "optional");
	}
	json_close(o, '}');
}

hm_err envelope_simple_format(struct hm_cx *cx, struct hm_str reference, struct hm_str digest,
			      const struct envelope_simple_pair *pairs, size_t pairs_n,
			      struct hm_str *out)
{
	HM_AUTO_BUF plain = HM_BUF(HM_MAX_SIMPLE_PAYLOAD);
	HM_AUTO_BUF escaped = HM_BUF(HM_MAX_SIMPLE_PAYLOAD);
	struct json_out o = json_out(&plain, false);
	struct envelope_simple_pair *sorted;
	struct hm_str text;
	HM_TRY(sort_pairs(cx, pairs, pairs_n, &sorted));
	write_document(&o, reference, digest, sorted, pairs_n);
	HM_TRY(hm_buf_end(cx, &plain, "the document to be signed", &text));
	add_as_go(&escaped, text);
	HM_TRY(hm_buf_end(cx, &escaped, "the document to be signed", &text));
	*out = hm_dup(cx, text);
	return NULL;
}
