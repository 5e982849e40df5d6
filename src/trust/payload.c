/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include <stdlib.h>

#include "codec/base64.h"
#include "codec/json.h"
#include "trust/config.h"

/* What else a descriptor has is nobody's business here, but must be of its kind: others read it. */
static hm_err check_others(struct hm_cx *cx, struct json target)
{
	static const struct {
		const char *name;
		bool (*is_kind)(struct json v);
	} others[] = { { "artifactType", json_is_string },
		       { "data", json_is_string },
		       { "platform", json_is_object },
		       { "urls", json_is_array } };
	struct hm_str data;
	for (size_t i = 0; i < HM_LEN(others); i++) {
		struct json v = json_get(target, others[i].name);
		if (json_is_there(v) && !json_is_null(v) && !others[i].is_kind(v))
			return hm_fail(cx, HM_INPUT,
				       "\"%s\" does not have the type that it has in a descriptor",
				       others[i].name);
	}
	HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, json_str(json_get(target, "data")), &data),
		  "\"data\"");
	return NULL;
}

hm_err trust_payload_parse(struct hm_cx *cx, struct hm_str bytes, struct oci_descriptor *out)
{
	struct json top, target;
	struct oci_descriptor d = { 0 };
	int64_t size;
	HM_TRY(json_parse(cx, bytes, JSON_STRICT, &top));
	HM_TRY(json_need(cx, top, "targetArtifact", &target));
	if (!json_is_object(target))
		return hm_fail(cx, HM_INPUT, "\"targetArtifact\" is not an object");
	HM_TRY(json_need_str(cx, target, "mediaType", &d.media_type));
	HM_TRY(json_need_str(cx, target, "digest", &d.digest));
	HM_TRY(json_need_int(cx, target, "size", &size));
	if (size < 0)
		return hm_fail(cx, HM_INPUT, "\"size\" is negative");
	d.size = (uint64_t)size;
	HM_TRY(oci_annotations_parse(cx, json_get(target, "annotations"), &d.annotations));
	HM_TRY(check_others(cx, target));
	*out = d;
	return NULL;
}

enum crypto_digest trust_digest_of(enum crypto_alg alg)
{
	enum crypto_digest d = crypto_alg_rows[alg].digest;
	return d == CRYPTO_DIGESTS ? CRYPTO_SHA512 : d;
}

static int by_key(const void *a, const void *b)
{
	return hm_cmp(((const struct oci_annotation *)a)->key,
		      ((const struct oci_annotation *)b)->key);
}

/* Sorted, each key once, none of those that the specification keeps for itself. */
static hm_err sort_metadata(struct hm_cx *cx, const struct oci_annotations *metadata,
			    struct oci_annotations *out)
{
	struct oci_annotations sorted = { 0 };
	for (size_t i = 0; i < metadata->n; i++) {
		if (!metadata->p[i].key.n ||
		    hm_starts(metadata->p[i].key, HM_STR("io.cncf.notary")))
			return hm_fail(cx, HM_USAGE, "user metadata cannot have the key \"%.*s\"",
				       HM_FMT(metadata->p[i].key));
		*hm_push(cx, &sorted) = metadata->p[i];
	}
	if (sorted.n)
		qsort(sorted.p, sorted.n, sizeof(*sorted.p), by_key);
	for (size_t i = 1; i < sorted.n; i++)
		if (hm_eq(sorted.p[i].key, sorted.p[i - 1].key))
			return hm_fail(cx, HM_USAGE, "user metadata has the key \"%.*s\" twice",
				       HM_FMT(sorted.p[i].key));
	*out = sorted;
	return NULL;
}

hm_err trust_payload_format(struct hm_cx *cx, const struct oci_descriptor *d,
			    const struct oci_annotations *metadata, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE / 4);
	struct json_out o = json_out(&b, false);
	struct oci_annotations sorted = { 0 };
	struct hm_str text;
	HM_TRY(sort_metadata(cx, metadata, &sorted));
	json_open(&o, NULL, '{');
	json_open(&o, "targetArtifact", '{');
	json_put_str(&o, "mediaType", d->media_type);
	json_put_str(&o, "digest", d->digest);
	json_put_int(&o, "size", (int64_t)d->size);
	if (sorted.n) {
		json_open(&o, "annotations", '{');
		for (size_t i = 0; i < sorted.n; i++) {
			json_key(&o, sorted.p[i].key);
			json_put_str(&o, NULL, sorted.p[i].value);
		}
		json_close(&o, '}');
	}
	json_close(&o, '}');
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "payload", &text));
	*out = hm_dup(cx, text);
	return NULL;
}
