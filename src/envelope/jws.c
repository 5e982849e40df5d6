/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/jws.h"

#include "codec/base64.h"
#include "codec/json.h"

/* Header parameters that the envelope itself understands; all others are attributes. */
static const char *const known[] = {
	"alg",         "cty", "crit", NOTARY_SCHEME, NOTARY_SIGNING_TIME, NOTARY_AUTHENTIC,
	NOTARY_EXPIRY, NULL
};

static bool is_known(struct hm_str name)
{
	for (size_t i = 0; known[i]; i++)
		if (hm_eqz(name, known[i]))
			return true;
	return false;
}

/* signature-specification.md, "Algorithm Selection", and RFC 9964's beside them. */
static hm_err need_alg(struct hm_cx *cx, struct json header, enum crypto_alg *out)
{
	struct hm_str alg;
	HM_TRY(json_need_str(cx, header, "alg", &alg));
	*out = crypto_alg_by_name(alg);
	return *out ? NULL
		    : hm_fail(cx, HM_INPUT, "algorithm \"%.*s\" is not supported", HM_FMT(alg));
}

/* 0 where the parameter is absent. */
static hm_err get_time(struct hm_cx *cx, struct json header, const char *name, int64_t *out)
{
	struct hm_str text;
	*out = 0;
	if (!json_is_there(json_get(header, name)))
		return NULL;
	HM_TRY(json_need_str(cx, header, name, &text));
	HM_TRY_IN(cx, hm_rfc3339_parse(cx, text, out), "\"%s\"", name);
	return *out > 0 ? NULL : hm_fail(cx, HM_INPUT, "\"%s\" lies before 1970", name);
}

/* The scheme decides which of the two times there must be, and which there must not. */
static hm_err read_scheme(struct hm_cx *cx, struct json header, struct envelope_notary *e)
{
	struct hm_str scheme;
	HM_TRY(json_need_str(cx, header, NOTARY_SCHEME, &scheme));
	HM_TRY(envelope_notary_scheme(cx, scheme, &e->scheme));
	const char *unwanted = envelope_notary_time(e->scheme, false);
	if (json_is_there(json_get(header, unwanted)))
		return hm_fail(cx, HM_INPUT, "\"%s\" does not belong to scheme \"%.*s\"", unwanted,
			       HM_FMT(scheme));
	HM_TRY(get_time(cx, header, envelope_notary_time(e->scheme, true), &e->signing_time));
	HM_TRY(get_time(cx, header, NOTARY_EXPIRY, &e->expiry));
	return envelope_notary_check_times(cx, e);
}

static bool is_critical(struct json crit, struct hm_str name)
{
	for (struct json_iter it = json_iter(crit); json_next(&it);)
		if (hm_eq(json_str(it.value), name))
			return true;
	return false;
}

/* RFC 7515, 4.1.11: attributes that are there, and none that JOSE itself defines. */
static hm_err read_critical(struct hm_cx *cx, struct json header, struct json crit,
			    struct hm_strs *out)
{
	for (struct json_iter it = json_iter(crit); json_next(&it);) {
		struct hm_str name = json_str(it.value);
		bool own = hm_eqz(name, NOTARY_SCHEME) || hm_eqz(name, NOTARY_EXPIRY) ||
			   hm_eqz(name, NOTARY_AUTHENTIC);
		if (!json_is_string(it.value) || (is_known(name) && !own))
			return hm_fail(cx, HM_INPUT, "\"crit\" names what cannot be critical");
		if (!json_is_there(json_get_str(header, name)))
			return hm_fail(cx, HM_INPUT, "critical attribute \"%.*s\" is missing",
				       HM_FMT(name));
		*hm_push(cx, out) = name;
	}
	return NULL;
}

/* And what the Notary Project wants in the list. */
static hm_err check_critical(struct hm_cx *cx, struct json header, const struct envelope_notary *e)
{
	struct json crit;
	struct hm_strs names = { 0 };
	HM_TRY(json_need(cx, header, "crit", &crit));
	if (!json_is_array(crit) || !json_size(crit))
		return hm_fail(cx, HM_INPUT, "\"crit\" is not a list of names");
	HM_TRY(read_critical(cx, header, crit, &names));
	size_t n = names.n;
	hm_strs_sort_unique(&names);
	if (names.n != n)
		return hm_fail(cx, HM_INPUT, "\"crit\" has a name twice");
	if (!hm_strs_has(&names, HM_STR(NOTARY_SCHEME)) ||
	    (e->expiry && !hm_strs_has(&names, HM_STR(NOTARY_EXPIRY))) ||
	    (e->scheme == ENVELOPE_SIGNING_AUTHORITY &&
	     !hm_strs_has(&names, HM_STR(NOTARY_AUTHENTIC))))
		return hm_fail(cx, HM_INPUT,
			       "an attribute that must be critical is not in \"crit\"");
	return NULL;
}

/* A name or version of a plugin: critical, and text with something in it. */
static hm_err read_plugin(struct hm_cx *cx, struct json_iter *it, bool critical, struct hm_str *out)
{
	struct hm_str text = json_str(it->value);
	if (!critical || !hm_trim(text).n)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" must be a critical text that is not empty",
			       HM_FMT(it->key));
	*out = text;
	return NULL;
}

static hm_err read_attributes(struct hm_cx *cx, struct json header, struct envelope_notary *notary,
			      struct envelope_signature *out)
{
	HM_VEC(struct envelope_attribute) found = { 0 };
	struct json crit = json_get(header, "crit");
	for (struct json_iter it = json_iter(header); json_next(&it);) {
		if (is_known(it.key))
			continue;
		struct envelope_attribute a = { .name = it.key,
						.critical = is_critical(crit, it.key) };
		if (hm_eqz(it.key, NOTARY_PLUGIN)) {
			HM_TRY(read_plugin(cx, &it, a.critical, &notary->verification_plugin));
		} else if (hm_eqz(it.key, NOTARY_PLUGIN_LEAST)) {
			HM_TRY(read_plugin(cx, &it, a.critical, &notary->plugin_min_version));
		} else {
			HM_TRY(json_text(cx, it.value, &a.json));
			*hm_push(cx, &found) = a;
		}
	}
	out->attributes = found.p;
	out->attributes_n = found.n;
	return NULL;
}

/* An envelope being read: a JWS of the flattened form has one signature. */
struct reading {
	struct envelope *envelope;
	struct envelope_signature *signature;
	struct envelope_notary *notary;
};

static hm_err read_protected(struct hm_cx *cx, struct json header, struct reading *r)
{
	if (!json_is_object(header))
		return hm_fail(cx, HM_INPUT, "it is not a JSON object");
	HM_TRY(need_alg(cx, header, &r->signature->alg));
	HM_TRY(json_need_str(cx, header, "cty", &r->envelope->content_type));
	HM_TRY(read_scheme(cx, header, r->notary));
	HM_TRY(check_critical(cx, header, r->notary));
	return read_attributes(cx, header, r->notary, r->signature);
}

static hm_err read_chain(struct hm_cx *cx, struct json x5c, struct crypto_chain *out)
{
	struct hm_strs der = { 0 };
	if (!json_is_array(x5c) || !json_size(x5c))
		return hm_fail(cx, HM_INPUT, "\"x5c\" is not a list of certificates");
	if (json_size(x5c) > HM_MAX_CERTIFICATES)
		return hm_fail(cx, HM_LIMIT, "\"x5c\" has too many certificates");
	for (struct json_iter it = json_iter(x5c); json_next(&it);)
		HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, json_str(it.value), hm_push(cx, &der)),
			  "\"x5c\"");
	return crypto_chain_from_der(cx, der.p, der.n, out);
}

/* RFC 7515, 4: no parameter may stand in both headers, which keeps "alg" and "crit" out of this. */
static hm_err read_unprotected(struct hm_cx *cx, struct json header, struct json protected,
			       struct reading *r)
{
	if (!json_is_object(header))
		return hm_fail(cx, HM_INPUT, "\"header\" is not an object");
	for (struct json_iter it = json_iter(header); json_next(&it);)
		if (json_is_there(json_get_str(protected, it.key)) || is_known(it.key))
			return hm_fail(cx, HM_INPUT, "\"%.*s\" is not allowed in \"header\"",
				       HM_FMT(it.key));
	if (json_is_there(json_get(header, NOTARY_AGENT)))
		HM_TRY(json_need_str(cx, header, NOTARY_AGENT, &r->notary->signing_agent));
	if (json_is_there(json_get(header, NOTARY_TIMESTAMP))) {
		struct hm_str text;
		HM_TRY(json_need_str(cx, header, NOTARY_TIMESTAMP, &text));
		HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, text, &r->signature->timestamp),
			  "\"%s\"", NOTARY_TIMESTAMP);
	}
	return read_chain(cx, json_get(header, "x5c"), &r->signature->chain);
}

/* RFC 7515, 5.2: the primitive signature is over the two texts as they came. */
static hm_err join_signed_bytes(struct hm_cx *cx, struct hm_str protected, struct hm_str payload,
				struct hm_str *out)
{
	HM_TRY(hm_charge(cx, protected.n + payload.n + 1));
	char *input = hm_alloc(cx, protected.n + payload.n + 1, 1, 1);
	memcpy(input, protected.p, protected.n);
	input[protected.n] = '.';
	memcpy(input + protected.n + 1, payload.p, payload.n);
	*out = hm_bytes(input, protected.n + payload.n + 1);
	return NULL;
}

static hm_err read_members(struct hm_cx *cx, struct json top, struct reading *r)
{
	static const char *const members[] = { "payload", "protected", "header", "signature",
					       NULL };
	struct hm_str protected, payload, signature, text;
	struct json header;
	HM_TRY(json_only(cx, top, members));
	HM_TRY(json_need_str(cx, top, "protected", &protected));
	HM_TRY(json_need_str(cx, top, "payload", &payload));
	HM_TRY(json_need_str(cx, top, "signature", &signature));
	HM_TRY_IN(cx, base64_parse(cx, BASE64_URL_RAW, protected, &text), "\"protected\"");
	HM_TRY_IN(cx, json_parse(cx, text, JSON_STRICT, &header), "\"protected\"");
	HM_TRY_IN(cx, read_protected(cx, header, r), "\"protected\"");
	HM_TRY_IN(cx, base64_parse(cx, BASE64_URL_RAW, payload, &r->envelope->payload),
		  "\"payload\"");
	HM_TRY_IN(cx, base64_parse(cx, BASE64_URL_RAW, signature, &r->signature->value),
		  "\"signature\"");
	if (!r->envelope->payload.n || !r->signature->value.n)
		return hm_fail(cx, HM_INPUT, "the payload or the signature is empty");
	HM_TRY(read_unprotected(cx, json_get(top, "header"), header, r));
	return join_signed_bytes(cx, protected, payload, &r->signature->signed_bytes);
}

static hm_err parse_jws(struct hm_cx *cx, struct hm_str bytes, struct envelope *out)
{
	struct json top;
	HM_TRY_IN(cx, json_parse(cx, bytes, JSON_STRICT, &top), "envelope");
	if (!json_is_object(top))
		return hm_fail(cx, HM_INPUT, "the envelope is not a JSON object");
	struct reading r = { .envelope = out };
	envelope_notary_begin(cx, out, &r.signature, &r.notary);
	HM_TRY_IN(cx, read_members(cx, top, &r), "envelope");
	return NULL;
}

extern const struct envelope_format envelope_format_jws;
const struct envelope_format envelope_format_jws = { "jws", ENVELOPE_JWS_TYPE, parse_jws,
						     envelope_jws_sign };
