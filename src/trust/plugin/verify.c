/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that a plugin makes (plugin-extensibility.md, "Verification workflow using plugin"). */
#include "codec/base64.h"
#include "envelope/envelope.h"
#include "trust/plugin/answer.h"
#include "trust/plugin/version.h"

static hm_err check_version(struct hm_cx *cx, struct hm_str version, struct hm_str least)
{
	if (!trust_version_is(version))
		return hm_fail(cx, HM_TRUST, "its version \"%.*s\" is not a semantic version",
			       HM_FMT(version));
	if (!least.n)
		return NULL;
	if (!trust_version_is(least))
		return hm_fail(cx, HM_TRUST,
			       "the version that the signature asks for, \"%.*s\", is not a "
			       "semantic version",
			       HM_FMT(least));
	if (trust_version_compare(version, least) < 0)
		return hm_fail(cx, HM_TRUST,
			       "the signature asks for version %.*s, and this is %.*s",
			       HM_FMT(least), HM_FMT(version));
	return NULL;
}

static hm_err find_verifier(struct hm_cx *cx, const struct trust_plugin_use *use,
			    const struct envelope_notary *n, struct trust_verifier *out)
{
	HM_TRY_IN(cx, trust_plugin_describe(cx, &out->program, use->config, &out->about),
		  "the signature must be verified by a plugin");
	HM_TRY_IN(cx, check_version(cx, out->about.version, n->plugin_min_version),
		  "plugin \"%.*s\"", HM_FMT(out->program.name));
	if (!out->about.can[TRUST_VERIFIES_IDENTITY] && !out->about.can[TRUST_VERIFIES_REVOCATION])
		return hm_fail(
			cx, HM_TRUST,
			"the signature must be verified by plugin \"%.*s\", which cannot verify",
			HM_FMT(out->program.name));
	return NULL;
}

hm_err trust_verifier_find(struct hm_cx *cx, const struct trust_plugin_use *use,
			   const struct envelope_notary *n, struct trust_verifier **out)
{
	struct trust_verifier *v = hm_new(cx, struct trust_verifier, 1);
	/* the name is a stranger's: what is no name is no plugin's */
	if (!trust_is_name(n->verification_plugin))
		return hm_fail(cx, HM_TRUST, "\"%.*s\" is not the name of a plugin",
			       HM_FMT(n->verification_plugin));
	HM_TRY_IN(cx, trust_plugin_find(cx, use->config_dir, n->verification_plugin, &v->program),
		  "the signature must be verified by a plugin");
	HM_TRY(find_verifier(cx, use, n, v));
	*out = v;
	return NULL;
}

/* --- the request --- */

static const enum trust_capability verifications[] = { TRUST_VERIFIES_IDENTITY,
						       TRUST_VERIFIES_REVOCATION };

/* "Notation only supports JSON primitive types for critical extended attributes." */
static hm_err put_attributes(struct hm_cx *cx, struct json_out *o,
			     const struct envelope_signature *s)
{
	json_open(o, "extendedAttributes", '{');
	for (size_t i = 0; i < s->attributes_n; i++) {
		const struct envelope_attribute *a = &s->attributes[i];
		struct json value;
		if (!a->critical)
			continue;
		HM_TRY_IN(cx, json_parse(cx, a->json, JSON_STRICT, &value), "attribute \"%.*s\"",
			  HM_FMT(a->name));
		if (json_is_object(value) || json_is_array(value))
			return hm_fail(cx, HM_TRUST,
				       "critical attribute \"%.*s\" is not a single value",
				       HM_FMT(a->name));
		json_key(o, a->name);
		json_put_json(o, NULL, value);
	}
	json_close(o, '}');
	return NULL;
}

static hm_err put_critical(struct hm_cx *cx, struct json_out *o, const struct trust_claim *c)
{
	const struct envelope_notary *n = c->notary;
	bool authority = n->scheme == ENVELOPE_SIGNING_AUTHORITY;
	json_open(o, "criticalAttributes", '{');
	json_put_str(o, "contentType", c->envelope.content_type);
	json_putz(o, "signingScheme", authority ? "notary.x509.signingAuthority" : "notary.x509");
	if (n->expiry)
		json_put_str(o, "expiry", hm_rfc3339(cx, n->expiry));
	if (authority)
		json_put_str(o, "authenticSigningTime", hm_rfc3339(cx, n->signing_time));
	json_put_str(o, "verificationPlugin", n->verification_plugin);
	json_put_given(o, "verificationPluginMinVersion", n->plugin_min_version);
	HM_TRY(put_attributes(cx, o, c->signature));
	json_close(o, '}');
	return NULL;
}

static hm_err put_signature(struct hm_cx *cx, struct json_out *o, const struct trust_claim *c)
{
	const struct envelope_signature *s = c->signature;
	json_open(o, "signature", '{');
	HM_TRY(put_critical(cx, o, c));
	json_open(o, "unprocessedAttributes", '[');
	for (size_t i = 0; i < s->attributes_n; i++)
		if (s->attributes[i].critical)
			json_put_str(o, NULL, s->attributes[i].name);
	json_close(o, ']');
	json_open(o, "certificateChain", '[');
	for (size_t i = 0; i < s->chain.n; i++)
		json_put_str(o, NULL, base64_format(cx, BASE64_STD, s->chain.der[i]));
	json_close(o, ']');
	json_close(o, '}');
	return NULL;
}

static void put_policy(struct json_out *o, const struct trust_verification *q)
{
	const struct trust_identities *trusted = &q->statement->require.trusted;
	json_open(o, "trustPolicy", '{');
	json_open(o, "trustedIdentities", '[');
	if (trusted->any)
		json_putz(o, NULL, "*");
	for (size_t i = 0; i < trusted->n; i++)
		json_put_str(o, NULL, trusted->p[i].text);
	json_close(o, ']');
	json_open(o, "signatureVerification", '[');
	for (size_t i = 0; i < HM_LEN(verifications); i++)
		if (q->wanted[verifications[i]])
			json_putz(o, NULL, trust_capability_names[verifications[i]]);
	json_close(o, ']');
	json_close(o, '}');
}

static hm_err ask(struct hm_cx *cx, const struct trust_verifier *v,
		  const struct trust_plugin_use *use, const struct trust_verification *q,
		  struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(2 * HM_MAX_ENVELOPE);
	struct json_out o = json_out(&b, false);
	struct hm_str request;
	json_open(&o, NULL, '{');
	json_putz(&o, "contractVersion", TRUST_PLUGIN_CONTRACT);
	HM_TRY(put_signature(cx, &o, q->claim));
	put_policy(&o, q);
	trust_plugin_put_config(&o, use->config);
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "a request to a plugin", &request));
	return trust_plugin_run(cx, &v->program, "verify-signature", request, out);
}

/* "Validate values in response.processedAttributes match the set of values in
 * request.signature.unprocessedAttributes." */
static hm_err check_processed(struct hm_cx *cx, const struct envelope_signature *s,
			      const struct hm_strs *processed)
{
	for (size_t i = 0; i < s->attributes_n; i++)
		if (s->attributes[i].critical && !hm_strs_has(processed, s->attributes[i].name))
			return hm_fail(cx, HM_TRUST,
				       "it did not look at critical attribute \"%.*s\"",
				       HM_FMT(s->attributes[i].name));
	return NULL;
}

hm_err trust_verifier_ask(struct hm_cx *cx, const struct trust_verifier *v,
			  const struct trust_plugin_use *use, const struct trust_verification *q,
			  struct trust_plugin_verdict *out)
{
	struct trust_plugin_verdict got = { 0 };
	struct hm_str answer;
	HM_TRY(ask(cx, v, use, q, &answer));
	HM_TRY_IN(cx, trust_answer_verdict(cx, answer, q->wanted, &got),
		  "plugin \"%.*s\": verify-signature", HM_FMT(v->program.name));
	HM_TRY_IN(cx, check_processed(cx, q->claim->signature, &got.processed), "plugin \"%.*s\"",
		  HM_FMT(v->program.name));
	*out = got;
	return NULL;
}
