/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "gate/judge.h"
#include "statement/statement.h"

#define HEAD                                                                                    \
	"{'_type':'https://in-toto.io/Statement/v1','subject':[{'name':'x','digest':{'sha256':" \
	"'1111111111111111111111111111111111111111111111111111111111111111'}}],"
#define PROVENANCE                                                                              \
	HEAD "'predicateType':'https://slsa.dev/provenance/v1','predicate':{"                   \
	     "'buildDefinition':{'buildType':'https://example.com/t','externalParameters':{}}," \
	     "'runDetails':{'builder':{'id':'https://example.com/b'}}}}"
#define SUMMARY(result)                                                                         \
	HEAD "'predicateType':'https://slsa.dev/verification_summary/v1','predicate':{"         \
	     "'verifier':{'id':'https://example.com/v'},'timeVerified':'2026-01-01T00:00:00Z'," \
	     "'resourceUri':'x','policy':{'uri':'p'},'verificationResult':'" result "',"        \
	     "'verifiedLevels':['SLSA_BUILD_LEVEL_2','SLSA_SOURCE_LEVEL_1']}}"

/* A signature, and the JSON of its report from "type" to its end, without what all have. */
static const struct report_case {
	const char *label, *format, *kind, *predicate, *claim;
	bool good, in_log;
	const char *type, *artifact_type, *extensions;
} cases[] = {
	{ "Notation's", "notation", TRUST_X509_SUBJECT, "", "", true, false, "notation",
	  TRUST_SIGNATURE_TYPE, "{'Issuer':'I','SN':'N','trustPolicy':'p'}" },
	{ "Cosign's, by a key", "cosign", TRUST_KEY_IDENTITY, "", "", true, false, "cosign",
	  "application/vnd.dev.cosign.artifact.sig.v1+json",
	  "{'Issuer':'I','SN':'N','signatures':[{'signature':'" DIGEST_1
	  "','verifications':[{'signatureDigest':'" DIGEST_1
	  "','isSuccess':true,'bundleVerified':false,'keyInformation':{'provider':'I','name':'N'},"
	  "'summary':['signed by \\'N\\'','the key is in a trust store']}]}],'trustPolicy':'p'}" },
	{ "a bundle without key", "bundle", TRUST_SIGSTORE_IDENTITY, "", "", true, true, "cosign",
	  "application/vnd.dev.sigstore.bundle.v0.3+json",
	  "{'Issuer':'I','SN':'N','signatures':[{'signature':'" DIGEST_1
	  "','verifications':[{'signatureDigest':'" DIGEST_1
	  "','isSuccess':true,'bundleVerified':true,'keyInformation':{},'summary':['signed by "
	  "\\'N\\'','the certificate is by an authority that is trusted','a transparency log has "
	  "it']}]}],'trustPolicy':'p'}" },
	{ "one that is bad", "bundle", TRUST_SIGSTORE_IDENTITY, "", "", false, true, "cosign",
	  "application/vnd.dev.sigstore.bundle.v0.3+json",
	  "{'Issuer':'I','SN':'N','signatures':[{'signature':'" DIGEST_1
	  "','verifications':[{'signatureDigest':'" DIGEST_1
	  "','isSuccess':false,'bundleVerified':false,'error':'why','keyInformation':{}}]}],"
	  "'trustPolicy':'p'}" },
	{ "a provenance", "bundle", TRUST_KEY_IDENTITY, SLSA_PROVENANCE, PROVENANCE, true, false,
	  "slsa", "application/vnd.dev.sigstore.bundle.v0.3+json",
	  "{'Issuer':'I','SN':'N','trustPolicy':'p','predicateType':'" SLSA_PROVENANCE
	  "','builder':'https://example.com/b'}" },
	{ "one that nobody believes", "bundle", TRUST_KEY_IDENTITY, SLSA_PROVENANCE, PROVENANCE,
	  false, false, "slsa", "application/vnd.dev.sigstore.bundle.v0.3+json",
	  "{'Issuer':'I','SN':'N','trustPolicy':'p','predicateType':'" SLSA_PROVENANCE "'}" },
	{ "a verification summary", "bundle", TRUST_KEY_IDENTITY, SLSA_SUMMARY, SUMMARY("PASSED"),
	  true, false, "slsa", "application/vnd.dev.sigstore.bundle.v0.3+json",
	  "{'Issuer':'I','SN':'N','trustPolicy':'p','predicateType':'" SLSA_SUMMARY
	  "','level':'SLSA_BUILD_LEVEL_2'}" },
	{ "one of what did not pass", "bundle", TRUST_KEY_IDENTITY, SLSA_SUMMARY, SUMMARY("FAILED"),
	  true, false, "slsa", "application/vnd.dev.sigstore.bundle.v0.3+json",
	  "{'Issuer':'I','SN':'N','trustPolicy':'p','predicateType':'" SLSA_SUMMARY "'}" },
};

static struct hm_str write_item(struct hm_cx *cx, const struct gate_report *all, size_t n)
{
	struct gate_verdict v = { .reports = (struct gate_report *)all, .reports_n = n };
	struct gate_entry e = { 0 };
	struct hm_str text;
	assert_ok(gate_verdict_pack(cx, &v, &e.text));
	assert_ok(gate_item_write(cx, HM_STR("k"), &e, &text));
	return text;
}

static void report(void **state)
{
	const struct report_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct trust_identity who = { t->kind, HM_STR("N"), HM_STR("I") };
	struct trust_signature sig = { .descriptor = { .digest = HM_STR(DIGEST_1) },
				       .format = t->format,
				       .good = t->good,
				       .why = HM_STR("why"),
				       .identities = &who,
				       .identities_n = 1,
				       .predicate = hm_cstr(t->predicate),
				       .claim = quoted(&cx, t->claim),
				       .in_log = t->in_log };
	struct trust_verdict v = { .policy = HM_STR("p"), .signatures = &sig, .signatures_n = 1 };
	struct gate_report r = gate_report_signature(&cx, &v, 0, HM_STR(KNOWN));
	assert_strz(r.type, t->type);
	assert_strz(r.artifact_type, t->artifact_type);
	assert_int_equal(r.good, t->good);
	struct hm_str text = write_item(&cx, &r, 1);
	struct hm_str end =
		quoted(&cx, hm_dupz(&cx, hm_fmt(&cx, "'extensions':%s}]},", t->extensions)));
	if (hm_find(text, end) == SIZE_MAX)
		fail_msg("%.*s", HM_FMT(text));
}

/* What one artifact holds is one report, and good where one of its signatures is. */
static void signatures_of_one_artifact(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gate_report all[] = {
		{ .type = HM_STR("cosign"), .digest = HM_STR(DIGEST_1), .is_signature = true },
		{ .type = HM_STR("cosign"), .digest = HM_STR(DIGEST_2), .is_signature = true },
		{ .type = HM_STR("cosign"),
		  .digest = HM_STR(DIGEST_1),
		  .is_signature = true,
		  .good = true },
		{ .type = HM_STR("cosign"),
		  .digest = HM_STR(DIGEST_1),
		  .is_signature = true,
		  .good = true },
		{ .type = HM_STR("notation"), .digest = HM_STR(DIGEST_1), .is_signature = true },
	};
	struct json doc;
	assert_ok(json_parse(&cx, write_item(&cx, all, HM_LEN(all)), JSON_NO_DUPLICATES, &doc));
	struct json_iter it = json_iter(json_get(json_get(doc, "value"), "verifierReports"));
	assert_true(json_next(&it));
	assert_false(json_bool(json_get(it.value, "isSuccess")));
	assert_strz(json_str(json_get(it.value, "referenceDigest")), DIGEST_2);
	assert_int_equal(json_size(json_get(json_get(it.value, "extensions"), "signatures")), 1);
	assert_true(json_next(&it));
	assert_true(json_bool(json_get(it.value, "isSuccess")));
	assert_strz(json_str(json_get(it.value, "referenceDigest")), DIGEST_1);
	assert_int_equal(json_size(json_get(json_get(it.value, "extensions"), "signatures")), 3);
	assert_true(json_next(&it));
	assert_strz(json_str(json_get(it.value, "type")), "notation");
	assert_false(json_next(&it));
}

static void an_sbom_says_who_made_it(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct gate_report r = { .type = HM_STR("sbom"),
				 .creation = HM_STR("{\"created\":\"t\"}") };
	if (hm_find(write_item(&cx, &r, 1),
		    HM_STR("\"extensions\":{\"creationInfo\":{\"created\":\"t\"}},"
			   "\"nestedResults\":[]}")) == SIZE_MAX)
		fail_msg("%.*s", HM_FMT(write_item(&cx, &r, 1)));
}

int main(void)
{
	UNIT_TABLE(report, cases);
	UNIT(signatures_of_one_artifact);
	UNIT(an_sbom_says_who_made_it);
	return unit_run("gate/report");
}
