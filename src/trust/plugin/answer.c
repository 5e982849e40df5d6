/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/plugin/answer.h"

#include "codec/base64.h"

const char *const trust_capability_names[TRUST_CAPABILITIES] = {
	[TRUST_GENERATES_SIGNATURE] = "SIGNATURE_GENERATOR.RAW",
	[TRUST_GENERATES_ENVELOPE] = "SIGNATURE_GENERATOR.ENVELOPE",
	[TRUST_GENERATES_BLOB_ENVELOPE] = "SIGNATURE_GENERATOR.ENVELOPE_FOR_BLOB",
	[TRUST_VERIFIES_IDENTITY] = "SIGNATURE_VERIFIER.TRUSTED_IDENTITY",
	[TRUST_VERIFIES_REVOCATION] = "SIGNATURE_VERIFIER.REVOCATION_CHECK",
};

/* signature-specification.md, "Algorithm Selection". */
static const struct trust_plugin_algorithm algorithms[] = {
	{ CRYPTO_PS256, "RSA-2048", "SHA-256", "RSASSA-PSS-SHA-256" },
	{ CRYPTO_PS384, "RSA-3072", "SHA-384", "RSASSA-PSS-SHA-384" },
	{ CRYPTO_PS512, "RSA-4096", "SHA-512", "RSASSA-PSS-SHA-512" },
	{ CRYPTO_ES256, "EC-256", "SHA-256", "ECDSA-SHA-256" },
	{ CRYPTO_ES384, "EC-384", "SHA-384", "ECDSA-SHA-384" },
	{ CRYPTO_ES512, "EC-521", "SHA-512", "ECDSA-SHA-512" },
};

const struct trust_plugin_algorithm *trust_plugin_algorithm(enum crypto_alg alg)
{
	for (size_t i = 0; i < HM_LEN(algorithms); i++)
		if (algorithms[i].alg == alg)
			return &algorithms[i];
	return NULL;
}

static hm_err parse_object(struct hm_cx *cx, struct hm_str text, struct json *out)
{
	HM_TRY_IN(cx, json_parse(cx, text, JSON_STRICT, out), "its answer is not valid JSON");
	return json_is_object(*out) ? NULL
				    : hm_fail(cx, HM_INPUT, "its answer is not a JSON object");
}

static hm_err need_text(struct hm_cx *cx, struct json v, const char *name, struct hm_str *out)
{
	HM_TRY(json_need_str(cx, v, name, out));
	return out->n ? NULL : hm_fail(cx, HM_INPUT, "\"%s\" is empty", name);
}

static hm_err need_list(struct hm_cx *cx, struct json v, const char *name, struct json *out)
{
	HM_TRY(json_need(cx, v, name, out));
	if (!json_is_array(*out) || !json_size(*out))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a list with at least one entry", name);
	for (struct json_iter it = json_iter(*out); json_next(&it);)
		if (!json_is_string(it.value))
			return hm_fail(cx, HM_INPUT, "\"%s\" is not a list of texts", name);
	return NULL;
}

static bool has_text(struct json list, const char *text)
{
	for (struct json_iter it = json_iter(list); json_next(&it);)
		if (hm_eqz(json_str(it.value), text))
			return true;
	return false;
}

static hm_err read_metadata(struct hm_cx *cx, struct hm_str text, struct trust_plugin *out)
{
	struct json top, contracts, capabilities;
	HM_TRY(parse_object(cx, text, &top));
	HM_TRY(need_text(cx, top, "name", &out->name));
	HM_TRY(need_text(cx, top, "description", &out->description));
	HM_TRY(need_text(cx, top, "version", &out->version));
	HM_TRY(need_text(cx, top, "url", &out->url));
	HM_TRY(need_list(cx, top, "supportedContractVersions", &contracts));
	HM_TRY(need_list(cx, top, "capabilities", &capabilities));
	if (!has_text(contracts, TRUST_PLUGIN_CONTRACT))
		return hm_fail(cx, HM_INPUT, "it does not support contract %s",
			       TRUST_PLUGIN_CONTRACT);
	for (size_t i = 0; i < TRUST_CAPABILITIES; i++)
		out->can[i] = has_text(capabilities, trust_capability_names[i]);
	return NULL;
}

hm_err trust_answer_metadata(struct hm_cx *cx, struct hm_str text, struct trust_plugin *out)
{
	struct trust_plugin p = { 0 };
	HM_TRY_IN(cx, read_metadata(cx, text, &p), "metadata");
	*out = p;
	return NULL;
}

/* The same key id as in the request. */
static hm_err check_id(struct hm_cx *cx, struct json top, struct hm_str id)
{
	struct hm_str got;
	HM_TRY(json_need_str(cx, top, "keyId", &got));
	return hm_eq(got, id) ? NULL
			      : hm_fail(cx, HM_TRUST, "it answered for key \"%.*s\", not \"%.*s\"",
					HM_FMT(got), HM_FMT(id));
}

hm_err trust_answer_key(struct hm_cx *cx, struct hm_str text, struct hm_str id,
			enum crypto_alg *out)
{
	struct json top;
	struct hm_str spec;
	HM_TRY(parse_object(cx, text, &top));
	HM_TRY(check_id(cx, top, id));
	HM_TRY(json_need_str(cx, top, "keySpec", &spec));
	for (size_t i = 0; i < HM_LEN(algorithms); i++)
		if (hm_eqz(spec, algorithms[i].key)) {
			*out = algorithms[i].alg;
			return NULL;
		}
	return hm_fail(cx, HM_INPUT, "keys of kind \"%.*s\" are not supported", HM_FMT(spec));
}

static hm_err need_bytes(struct hm_cx *cx, struct json v, const char *name, struct hm_str *out)
{
	struct hm_str text;
	HM_TRY(need_text(cx, v, name, &text));
	HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, text, out), "\"%s\"", name);
	return NULL;
}

static hm_err need_chain(struct hm_cx *cx, struct json v, struct crypto_chain *out)
{
	static const char name[] = "certificateChain";
	struct hm_strs der = { 0 };
	struct json list;
	HM_TRY(need_list(cx, v, name, &list));
	if (json_size(list) > HM_MAX_CERTIFICATES)
		return hm_fail(cx, HM_LIMIT, "\"%s\" has too many certificates", name);
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, json_str(it.value), hm_push(cx, &der)),
			  "\"%s\"", name);
	HM_TRY_IN(cx, crypto_chain_from_der(cx, der.p, der.n, out), "\"%s\"", name);
	return NULL;
}

hm_err trust_answer_signature(struct hm_cx *cx, struct hm_str text, struct hm_str id,
			      enum crypto_alg alg, struct hm_str *out_signature,
			      struct crypto_chain *out_chain)
{
	const struct trust_plugin_algorithm *wanted = trust_plugin_algorithm(alg);
	struct json top;
	struct hm_str name, signature;
	HM_TRY(parse_object(cx, text, &top));
	HM_TRY(check_id(cx, top, id));
	HM_TRY(json_need_str(cx, top, "signingAlgorithm", &name));
	if (!wanted || !hm_eqz(name, wanted->signature))
		return hm_fail(cx, HM_TRUST, "it signed with algorithm \"%.*s\", not \"%s\"",
			       HM_FMT(name), wanted ? wanted->signature : "");
	HM_TRY(need_bytes(cx, top, "signature", &signature));
	HM_TRY(need_chain(cx, top, out_chain));
	*out_signature = signature;
	return NULL;
}

hm_err trust_answer_envelope(struct hm_cx *cx, struct hm_str text, const char *media_type,
			     struct hm_str *out, struct oci_annotations *out_annotations)
{
	struct json top;
	struct hm_str type, bytes;
	struct oci_annotations annotations = { 0 };
	HM_TRY(parse_object(cx, text, &top));
	HM_TRY(json_need_str(cx, top, "signatureEnvelopeType", &type));
	if (!hm_eqz(type, media_type))
		return hm_fail(cx, HM_TRUST, "it made an envelope of type \"%.*s\", not \"%s\"",
			       HM_FMT(type), media_type);
	HM_TRY(need_bytes(cx, top, "signatureEnvelope", &bytes));
	struct json more = json_get(top, "annotations");
	if (!json_is_null(more))
		HM_TRY_IN(cx, oci_annotations_parse(cx, more, &annotations), "\"annotations\"");
	*out = bytes;
	*out_annotations = annotations;
	return NULL;
}

/* --- verify-signature --- */

static hm_err read_result(struct hm_cx *cx, struct json results, enum trust_capability what,
			  struct trust_plugin_verdict *out)
{
	struct json result, success;
	HM_TRY(json_need(cx, results, trust_capability_names[what], &result));
	success = json_get(result, "success");
	if (!json_is_object(result) || !json_is_bool(success))
		return hm_fail(cx, HM_INPUT, "\"%s\" does not say whether it succeeded",
			       trust_capability_names[what]);
	out->good[what] = json_bool(success);
	out->why[what] = json_str(json_get(result, "reason"));
	return NULL;
}

hm_err trust_answer_verdict(struct hm_cx *cx, struct hm_str text,
			    const bool wanted[TRUST_CAPABILITIES], struct trust_plugin_verdict *out)
{
	struct trust_plugin_verdict v = { 0 };
	struct json top, results, processed;
	HM_TRY(parse_object(cx, text, &top));
	HM_TRY(json_need(cx, top, "verificationResults", &results));
	for (size_t i = 0; i < TRUST_CAPABILITIES; i++)
		if (wanted[i])
			HM_TRY_IN(cx, read_result(cx, results, (enum trust_capability)i, &v),
				  "\"verificationResults\"");
	processed = json_get(top, "processedAttributes");
	if (json_is_there(processed) && !json_is_null(processed) && !json_is_array(processed))
		return hm_fail(cx, HM_INPUT, "\"processedAttributes\" is not a list");
	for (struct json_iter it = json_iter(processed); json_next(&it);)
		if (json_is_string(it.value))
			*hm_push(cx, &v.processed) = json_str(it.value);
	*out = v;
	return NULL;
}

/* --- errors --- */

/* plugin-extensibility.md, "Error codes": what they say, and what a caller may do. */
static const struct {
	const char *name;
	enum hm_code code;
	const char *words;
} errors[] = {
	{ "VALIDATION_ERROR", HM_INPUT, "it does not accept the request" },
	{ "UNSUPPORTED_CONTRACT_VERSION", HM_INPUT,
	  "it does not support contract " TRUST_PLUGIN_CONTRACT },
	{ "ACCESS_DENIED", HM_DENIED, "it was denied access" },
	{ "TIMEOUT", HM_BUSY, "it did not get an answer in time" },
	{ "THROTTLED", HM_BUSY, "its requests are throttled" },
	{ "ERROR", HM_SYSTEM, "it failed" },
};

static hm_err fail_unread(struct hm_cx *cx, struct hm_str text, int status)
{
	struct hm_str said = hm_trim(text);
	return hm_fail(cx, HM_SYSTEM, "it ended with status %d and said %s%.*s%s", status,
		       said.n ? "\"" : "nothing", HM_FMT(said), said.n ? "\"" : "");
}

hm_err trust_answer_error(struct hm_cx *cx, struct hm_str text, int status)
{
	struct json top;
	if (json_parse(cx, text, JSON_STRICT, &top) || !json_is_object(top))
		return fail_unread(cx, text, status);
	struct hm_str name = json_str(json_get(top, "errorCode"));
	struct hm_str why = json_str(json_get(top, "errorMessage"));
	size_t i = 0, other = HM_LEN(errors) - 1;
	if (!name.n)
		return fail_unread(cx, text, status);
	while (i < other && !hm_eqz(name, errors[i].name))
		i++;
	return hm_fail(cx, errors[i].code, "%s (%.*s)%s%.*s", errors[i].words, HM_FMT(name),
		       why.n ? ": " : "", HM_FMT(why));
}
