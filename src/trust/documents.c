/* SPDX-License-Identifier: Apache-2.0 */
/* The signed documents in a file of provenance, whoever has put them together. */
#include "codec/json.h"
#include "envelope/envelope.h"
#include "trust/trust.h"

struct documents {
	struct trust_document *p;
	size_t n;
};

static hm_err add(struct hm_cx *cx, struct documents *d, const struct trust_document *one)
{
	if (d->n == HM_MAX_SIGNATURES)
		return hm_fail(cx, HM_LIMIT, "it has more than %d documents",
			       (int)HM_MAX_SIGNATURES);
	d->p[d->n++] = *one;
	return NULL;
}

/* An envelope by itself says by whose key it is signed, if that; the certificate that some builders
 * put beside the signature proves nothing without the log's entry. */
static hm_err add_envelope(struct hm_cx *cx, struct documents *d, struct json v)
{
	struct trust_document one = { .media_type = HM_STR(ENVELOPE_DSSE_TYPE) };
	for (struct json_iter it = json_iter(json_get(v, "signatures")); json_next(&it);)
		if (json_str(json_get(it.value, "cert")).n)
			one.bad = hm_hint(
				cx,
				hm_fail(cx, HM_TRUST,
					"it is signed with a certificate, and no log's entry is "
					"with it that says when"),
				"give the Sigstore bundle of this provenance");
	HM_TRY(json_text(cx, v, &one.bytes));
	return add(cx, d, &one);
}

static hm_err add_bundle(struct hm_cx *cx, struct documents *d, struct json v, struct hm_str said)
{
	struct trust_document one = { .media_type = json_str(json_get(v, "mediaType")),
				      .said = said };
	if (!envelope_bundle_version(one.media_type))
		return hm_fail(cx, HM_INPUT, "bundles of type \"%.*s\" are not supported",
			       HM_FMT(one.media_type));
	HM_TRY(json_text(cx, v, &one.bytes));
	return add(cx, d, &one);
}

/* npm and GitHub: {"attestations": [{"predicateType", "bundle"}]}. */
static hm_err add_attestations(struct hm_cx *cx, struct documents *d, struct json list)
{
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY(add_bundle(cx, d, json_get(it.value, "bundle"),
				  json_str(json_get(it.value, "predicateType"))));
	return NULL;
}

/* gcloud: {"provenance_summary": {"provenance": [{"envelope"}]}}. */
static hm_err add_summary(struct hm_cx *cx, struct documents *d, struct json list)
{
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY(add_envelope(cx, d, json_get(it.value, "envelope")));
	return NULL;
}

static hm_err add_any(struct hm_cx *cx, struct documents *d, struct json v)
{
	struct json list = json_get(v, "attestations");
	struct json summary = json_get(json_get(v, "provenance_summary"), "provenance");
	if (json_is_there(json_get(v, "mediaType")))
		return add_bundle(cx, d, v, HM_STR(""));
	if (json_is_there(json_get(v, "payload")))
		return add_envelope(cx, d, v);
	if (json_is_array(list))
		return add_attestations(cx, d, list);
	if (json_is_array(summary))
		return add_summary(cx, d, summary);
	return hm_fail(cx, HM_INPUT,
		       "it is neither a Sigstore bundle, nor a DSSE envelope, nor a list of these");
}

static hm_err add_lines(struct hm_cx *cx, struct documents *d, struct hm_str text)
{
	for (size_t line = 1; text.n; line++) {
		struct hm_str one = hm_trim(hm_cut(&text, '\n'));
		struct json v;
		if (!one.n)
			continue;
		HM_TRY_IN(cx, json_parse(cx, one, JSON_STRICT, &v), "line %zu", line);
		HM_TRY_IN(cx, add_any(cx, d, v), "line %zu", line);
	}
	return NULL;
}

hm_err trust_documents_parse(struct hm_cx *cx, struct hm_str text, struct trust_document **out,
			     size_t *out_n)
{
	struct documents d = { .p = hm_new(cx, struct trust_document, HM_MAX_SIGNATURES) };
	struct json whole;
	hm_err err = json_parse(cx, text, JSON_STRICT, &whole);
	/* several lines are no JSON text together */
	if (err && err->code == HM_INPUT && hm_find_char(hm_trim(text), '\n') != SIZE_MAX)
		err = add_lines(cx, &d, text);
	else if (!err)
		err = add_any(cx, &d, whole);
	HM_TRY(err);
	if (!d.n)
		return hm_fail(cx, HM_INPUT, "it has no documents");
	*out = d.p;
	*out_n = d.n;
	return NULL;
}
