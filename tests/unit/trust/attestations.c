/* SPDX-License-Identifier: Apache-2.0 */
/* Claims that a trust policy asks for: what it may ask, what a claim must say, whose counts. */
#include "statement/statement.h"
#include "trust/config.h"

#include "unit.h"

#define STATEMENT(more)                                                                         \
	"{\"version\":\"hullmark-1\",\"trustPolicies\":[{\"name\":\"n\","                       \
	"\"registryScopes\":[\"*\"],\"signatureVerification\":{\"level\":\"strict\"},"          \
	"\"trustStores\":[\"key:a\",\"key:b\",\"sigstore:s\"],\"trustedIdentities\":[{\"key\":" \
	"\"a\"}]" more "}]}"
#define ASKS(list)     STATEMENT(",\"attestations\":[" list "]")
#define SLSA(more)     "{\"predicateType\":\"slsa\"" more "}"
#define BUILDERS(list) ",\"slsaBuilders\":[" list "]"
#define BUILDER        "{\"builder\":\"https://b.test\",\"signer\":{\"key\":\"b\"},\"level\":3}"

static const struct text_case {
	const char *label, *text, *why; /* NULL: valid */
} texts[] = {
	{ "a type alone", ASKS(SLSA("")), NULL },
	{ "a URI", ASKS("{\"predicateType\":\"https://x.test/p\",\"signers\":2}"), NULL },
	{ "all that a provenance must say",
	  ASKS(SLSA(",\"builder\":{\"pattern\":\"https://b.test/.*\"},\"sourceRepository\":"
		    "\"https://g.test/o/r\",\"sourceRef\":\"refs/heads/main\",\"buildType\":\"t\","
		    "\"trustedIdentities\":[{\"key\":\"b\"}]")),
	  NULL },
	{ "a level",
	  STATEMENT(",\"attestations\":[" SLSA(",\"slsaLevel\":3") "]" BUILDERS(BUILDER)), NULL },
	{ "a verification summary",
	  ASKS("{\"predicateType\":\"vsa\",\"verifier\":\"v\",\"resourceUri\":\"r\",\"slsaLevel\":2}"),
	  NULL },
	{ "claims alone", STATEMENT(",\"signers\":0,\"attestations\":[" SLSA("") "]"), NULL },
	{ "a time", STATEMENT(",\"requiredTime\":\"log\""), NULL },
	{ "no list", STATEMENT(",\"attestations\":{}"), "is not a list of 1 to 16" },
	{ "nothing", ASKS(""), "is not a list of 1 to 16" },
	{ "no object", ASKS("1"), "attestation 1: it is not an object" },
	{ "no type", ASKS("{}"), "\"predicateType\" is missing" },
	{ "a type that is none", ASKS("{\"predicateType\":\"x\"}"),
	  "\"x\" is neither a type of predicate nor a URI" },
	{ "a member that nobody knows", ASKS(SLSA(",\"source\":\"x\"")), "\"source\"" },
	{ "no signers", ASKS(SLSA(",\"signers\":0")), "\"signers\" is not between 1 and 16" },
	{ "17 signers", ASKS(SLSA(",\"signers\":17")), "\"signers\" is not between 1 and 16" },
	{ "neither signers nor claims", STATEMENT(",\"signers\":0"),
	  "\"signers\" is not between 1 and 16" },
	{ "signers below none", STATEMENT(",\"signers\":-1,\"attestations\":[" SLSA("") "]"),
	  "\"signers\" is not between 0 and 16" },
	{ "an identity without its store", ASKS(SLSA(",\"trustedIdentities\":[{\"key\":\"c\"}]")),
	  "attestation 1: trusted identity {\"key\":\"c\"} needs the trust store \"key:c\"" },
	{ "anybody of Sigstore's", ASKS(SLSA(",\"trustedIdentities\":[\"*\"]")),
	  "name whom you trust" },
	{ "a builder that is no text", ASKS(SLSA(",\"builder\":1")),
	  "\"builder\": it is neither a text nor a pattern" },
	{ "a builder that is empty", ASKS(SLSA(",\"builder\":\"\"")),
	  "\"builder\": it is neither a text nor a pattern" },
	{ "a pattern that is none", ASKS(SLSA(",\"builder\":{\"pattern\":\"(\"}")), "\"builder\"" },
	{ "a pattern and more", ASKS(SLSA(",\"builder\":{\"pattern\":\"a\",\"exact\":1}")),
	  "\"exact\"" },
	{ "the builder of an SBOM", ASKS("{\"predicateType\":\"spdx\",\"builder\":\"b\"}"),
	  "only SLSA provenance has \"builder\"" },
	{ "the builder of a summary",
	  ASKS("{\"predicateType\":\"vsa\",\"verifier\":\"v\",\"builder\":\"b\"}"),
	  "only SLSA provenance has \"builder\"" },
	{ "the verifier of a provenance", ASKS(SLSA(",\"verifier\":\"v\"")),
	  "only a verification summary has \"verifier\"" },
	{ "anybody's summary", ASKS("{\"predicateType\":\"vsa\"}"), "needs \"verifier\"" },
	{ "a level without builders", ASKS(SLSA(",\"slsaLevel\":1")), "needs \"slsaBuilders\"" },
	{ "the level of an SBOM", ASKS("{\"predicateType\":\"spdx\",\"slsaLevel\":1}"),
	  "only SLSA provenance and verification summaries have a level" },
	{ "level 0", ASKS(SLSA(",\"slsaLevel\":0")), "\"slsaLevel\" is not between 1 and 3" },
	{ "level 4", ASKS(SLSA(",\"slsaLevel\":4")), "\"slsaLevel\" is not between 1 and 3" },
	{ "builders that are no list", STATEMENT(",\"slsaBuilders\":{}"),
	  "\"slsaBuilders\" is not a list" },
	{ "a builder that is no object", STATEMENT(BUILDERS("1")),
	  "entry 1 of \"slsaBuilders\": it is not an object" },
	{ "a builder without signer", STATEMENT(BUILDERS("{\"builder\":\"b\",\"level\":1}")),
	  "\"signer\" is missing" },
	{ "a builder without level",
	  STATEMENT(BUILDERS("{\"builder\":\"b\",\"signer\":{\"key\":\"a\"}}")), "\"level\"" },
	{ "a builder of level 4",
	  STATEMENT(BUILDERS("{\"builder\":\"b\",\"signer\":{\"key\":\"a\"},\"level\":4}")),
	  "\"level\" is not between 0 and 3" },
	{ "a builder signed by anybody",
	  STATEMENT(BUILDERS("{\"builder\":\"b\",\"signer\":\"*\",\"level\":1}")),
	  "\"signer\" cannot be anybody" },
	{ "a builder signed by nobody",
	  STATEMENT(BUILDERS("{\"builder\":\"b\",\"signer\":[],\"level\":1}")),
	  "\"signer\" is not an identity" },
	{ "a builder's signer without store",
	  STATEMENT(BUILDERS("{\"builder\":\"b\",\"signer\":{\"key\":\"c\"},\"level\":1}")),
	  "entry 1 of \"slsaBuilders\": trusted identity" },
	{ "a time of nobody's", STATEMENT(",\"requiredTime\":\"signer\""),
	  "\"requiredTime\" is not one of log, timestamp, any" },
	{ "a time that is only logged",
	  "{\"version\":\"hullmark-1\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":[\"*\"],"
	  "\"signatureVerification\":{\"level\":\"permissive\"},\"trustStores\":[\"key:a\"],"
	  "\"trustedIdentities\":[{\"key\":\"a\"}],\"requiredTime\":\"any\"}]}",
	  "\"requiredTime\" needs authenticTimestamp to be enforced" },
	{ "claims that nothing could prove",
	  "{\"version\":\"hullmark-1\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":[\"*\"],"
	  "\"signatureVerification\":{\"level\":\"strict\"},\"trustStores\":[\"ca:a\"],"
	  "\"trustedIdentities\":[\"*\"],\"attestations\":[{\"predicateType\":\"slsa\"}]}]}",
	  "needs a trust store of type sigstore or key" },
	{ "skip with claims",
	  "{\"version\":\"hullmark-1\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":[\"*\"],"
	  "\"signatureVerification\":{\"level\":\"skip\"},\"attestations\":[{\"predicateType\":"
	  "\"slsa\"}]}]}",
	  "level \"skip\" asks neither for attestations nor for a time" },
	{ "claims in Notary's file",
	  "{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"n\",\"attestations\":[]}]}",
	  "attestations" },
};

static void parse(void **state)
{
	const struct text_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	if (t->why)
		assert_fault(trust_policy_check(&cx, hm_cstr(t->text)), HM_INPUT, t->why);
	else
		assert_ok(trust_policy_check(&cx, hm_cstr(t->text)));
}

/* --- what a claim says --- */

#define CLAIM(type, predicate)                                                        \
	"{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"\"," \
	"\"digest\":{\"sha256\":"                                                     \
	"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}}],"    \
	"\"predicateType\":\"" type "\",\"predicate\":" predicate "}"
#define PROVENANCE(builder, source, ref)                                                         \
	CLAIM(SLSA_PROVENANCE,                                                                   \
	      "{\"buildDefinition\":{\"buildType\":\"https://t.test/1\",\"externalParameters\":" \
	      "{\"workflow\":{\"repository\":\"" source "\",\"ref\":\"" ref "\"}}},"             \
	      "\"runDetails\":{\"builder\":{\"id\":\"" builder "\"}}}")
#define OLD                        \
	CLAIM(SLSA_OLD_PROVENANCE, \
	      "{\"builder\":{\"id\":\"https://b.test\"},\"buildType\":\"https://t.test/1\"}")
#define SUMMARY(verifier, result, level)                                       \
	CLAIM(SLSA_SUMMARY,                                                    \
	      "{\"verifier\":{\"id\":\"" verifier "\"},\"resourceUri\":\"r\"," \
	      "\"verificationResult\":\"" result "\",\"verifiedLevels\":[\"" level "\"]}")
#define GOOD PROVENANCE("https://b.test", "https://g.test/o/r", "refs/heads/main")

static const struct claim_case {
	const char *label;
	const char *asks;
	const char *claim;
	const char *key; /* that has signed it */
	uint32_t met;
	const char *why; /* part of it; NULL: nothing is said */
} claims[] = {
	{ "a type alone", ASKS(SLSA("")), GOOD, "a", 1, NULL },
	{ "either version", ASKS(SLSA("")), OLD, "a", 1, NULL },
	{ "not this version", ASKS("{\"predicateType\":\"slsaprovenance1\"}"), OLD, "a", 0, NULL },
	{ "another type", ASKS("{\"predicateType\":\"spdx\"}"), GOOD, "a", 0, NULL },
	{ "another signer", ASKS(SLSA("")), GOOD, "b", 0, NULL },
	{ "its own signer", ASKS(SLSA(",\"trustedIdentities\":[{\"key\":\"b\"}]")), GOOD, "b", 1,
	  NULL },
	{ "one of two that ask", ASKS(SLSA("") "," SLSA(",\"buildType\":\"x\"")), GOOD, "a", 1,
	  "its build type is \"https://t.test/1\", not \"x\"" },
	{ "the builder", ASKS(SLSA(",\"builder\":\"https://b.test\"")), GOOD, "a", 1, NULL },
	{ "another builder", ASKS(SLSA(",\"builder\":\"https://c.test\"")), GOOD, "a", 0,
	  "its builder is \"https://b.test\", not \"https://c.test\"" },
	{ "a builder's beginning", ASKS(SLSA(",\"builder\":{\"pattern\":\"https://b\"}")), GOOD,
	  "a", 0, "its builder" },
	{ "a builder's pattern", ASKS(SLSA(",\"builder\":{\"pattern\":\"https://[ab]\\\\.test\"}")),
	  GOOD, "a", 1, NULL },
	{ "the source", ASKS(SLSA(",\"sourceRepository\":\"git+https://g.test/o/r.git\"")), GOOD,
	  "a", 1, NULL },
	{ "another source", ASKS(SLSA(",\"sourceRepository\":\"https://g.test/o/s\"")), GOOD, "a",
	  0, "its source is \"https://g.test/o/r\", not" },
	{ "a source that is not said", ASKS(SLSA(",\"sourceRepository\":\"https://g.test/o/r\"")),
	  OLD, "a", 0, "it names no source" },
	{ "the ref", ASKS(SLSA(",\"sourceRef\":{\"pattern\":\"refs/heads/.*\"}")), GOOD, "a", 1,
	  NULL },
	{ "another ref", ASKS(SLSA(",\"sourceRef\":\"refs/tags/v1\"")), GOOD, "a", 0,
	  "its ref of the source is" },
	{ "what cannot be read", ASKS(SLSA(",\"sourceRef\":\"x\"")), CLAIM(SLSA_PROVENANCE, "{}"),
	  "a", 0, "buildType" },
	{ "the level of the builder's signer",
	  STATEMENT(",\"attestations\":[" SLSA(
		  ",\"slsaLevel\":3,\"trustedIdentities\":[{\"key\":\"b\"}]") "]" BUILDERS(BUILDER)),
	  GOOD, "b", 1, NULL },
	{ "another signer's word for that builder",
	  STATEMENT(",\"attestations\":[" SLSA(",\"slsaLevel\":1") "]" BUILDERS(BUILDER)), GOOD,
	  "a", 0, "it reaches SLSA build level 0, not 1" },
	{ "that signer's word for another builder",
	  STATEMENT(",\"attestations\":[" SLSA(
		  ",\"slsaLevel\":1,\"trustedIdentities\":[{\"key\":\"b\"}]") "]" BUILDERS(BUILDER)),
	  PROVENANCE("https://c.test", "https://g.test/o/r", "x"), "b", 0,
	  "it reaches SLSA build level 0, not 1" },
	{ "a summary", ASKS("{\"predicateType\":\"vsa\",\"verifier\":\"v\",\"slsaLevel\":2}"),
	  SUMMARY("v", "PASSED", "SLSA_BUILD_LEVEL_3"), "a", 1, NULL },
	{ "a summary of less",
	  ASKS("{\"predicateType\":\"vsa\",\"verifier\":\"v\",\"slsaLevel\":2}"),
	  SUMMARY("v", "PASSED", "SLSA_BUILD_LEVEL_1"), "a", 0,
	  "it reaches SLSA build level 1, not 2" },
	{ "a summary of another track",
	  ASKS("{\"predicateType\":\"vsa\",\"verifier\":\"v\",\"slsaLevel\":1}"),
	  SUMMARY("v", "PASSED", "SLSA_SOURCE_LEVEL_3"), "a", 0, "it reaches SLSA build level 0" },
	{ "a summary of another verifier", ASKS("{\"predicateType\":\"vsa\",\"verifier\":\"v\"}"),
	  SUMMARY("w", "PASSED", "SLSA_BUILD_LEVEL_3"), "a", 0, "its verifier is \"w\"" },
	{ "a summary of another thing",
	  ASKS("{\"predicateType\":\"vsa\",\"verifier\":\"v\",\"resourceUri\":\"q\"}"),
	  SUMMARY("v", "PASSED", "SLSA_BUILD_LEVEL_3"), "a", 0, "its resource is \"r\"" },
	{ "a summary that says no", ASKS("{\"predicateType\":\"vsa\",\"verifier\":\"v\"}"),
	  SUMMARY("v", "FAILED", "SLSA_BUILD_LEVEL_3"), "a", 0, "did not pass" },
};

static void claim(void **state)
{
	const struct claim_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct trust_policy p;
	struct statement s;
	struct hm_strs keys = { 0 };
	struct hm_str why;
	assert_ok(trust_policy_parse(&cx, hm_cstr(t->asks), &p));
	assert_ok(statement_parse(&cx, hm_cstr(t->claim), &s));
	*hm_push(&cx, &keys) = hm_cstr(t->key);
	struct trust_person who = { .keys = &keys };
	assert_int_equal(trust_attestations_of(&cx, &p.statements[0].require, &s, &who, &why),
			 t->met);
	if (t->why)
		assert_true(hm_find(why, hm_cstr(t->why)) != SIZE_MAX);
	else
		assert_int_equal(why.n, 0);
}

/* A certificate that names its own source says no other, be the repository asked for or the ref. */
static void a_certificate_names_the_source(void **state)
{
	(void)state;
#define NAMED(what) \
	ASKS(SLSA("," what ",\"trustedIdentities\":[{\"issuer\":\"i\",\"subject\":\"s\"}]"))
#define OF_SOURCE NAMED("\"sourceRepository\":\"https://g.test/o/r\"")
#define OF_REF    NAMED("\"sourceRef\":\"refs/heads/main\"")
	static const struct {
		const char *asks, *repository, *ref;
		bool good;
	} cases[] = {
		{ OF_SOURCE, "", "", true },
		{ OF_SOURCE, "https://g.test/o/r", "refs/heads/main", true },
		{ OF_SOURCE, "https://g.test/o/r", "refs/heads/mine", false },
		{ OF_SOURCE, "https://g.test/o/other", "", false },
		{ OF_REF, "", "", true },
		{ OF_REF, "https://g.test/o/r", "refs/heads/main", true },
		{ OF_REF, "https://g.test/o/r", "refs/heads/mine", false },
		{ OF_REF, "https://g.test/o/other", "refs/heads/main", false },
	};
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct trust_policy p;
	struct statement s;
	struct hm_str why;
	assert_ok(statement_parse(&cx, HM_STR(GOOD), &s));
	for (size_t i = 0; i < HM_LEN(cases); i++) {
		struct sigstore_answer c = { .subject = HM_STR("s"), .issuer = HM_STR("i") };
		c.claims[SIGSTORE_SOURCE_REPOSITORY] = hm_cstr(cases[i].repository);
		c.claims[SIGSTORE_SOURCE_REF] = hm_cstr(cases[i].ref);
		struct trust_person who = { .certificate = &c };
		assert_ok(trust_policy_parse(&cx, hm_cstr(cases[i].asks), &p));
		uint32_t met = trust_attestations_of(&cx, &p.statements[0].require, &s, &who, &why);
		assert_int_equal(met, cases[i].good);
		bool said = hm_find(why, HM_STR("its certificate names")) != SIZE_MAX;
		assert_int_equal(said, !cases[i].good);
	}
}

/* --- whose counts --- */

static struct trust_identity people[] = {
	{ TRUST_KEY_IDENTITY, HM_STR_INIT("sha256:a"), HM_STR_INIT("key:a") },
	{ TRUST_KEY_IDENTITY, HM_STR_INIT("sha256:b"), HM_STR_INIT("key:b") },
};

static const struct judge_case {
	const char *label;
	size_t least, attesters;
	struct {
		size_t who;
		bool good;
		const char *predicate;
		uint32_t met;
		const char *unmet;
	} signatures[3];
	size_t n;
	int64_t until; /* they hold until 30, 20, 10; 0: not enough */
	const char *why;
} judged[] = {
	{ "a release and its claim",
	  1,
	  1,
	  { { 0, true, "", 0, "" }, { 0, true, SLSA_PROVENANCE, 1, "" } },
	  2,
	  20,
	  NULL },
	{ "the claim alone", 0, 1, { { 0, true, SLSA_PROVENANCE, 1, "" } }, 1, 30, NULL },
	{ "a claim does not release",
	  1,
	  1,
	  { { 0, true, SLSA_PROVENANCE, 1, "" } },
	  1,
	  0,
	  "nobody who is trusted has signed it itself, only claims about it" },
	{ "no claim",
	  1,
	  1,
	  { { 0, true, "", 0, "" } },
	  1,
	  0,
	  "nobody who is trusted for it has attested type \"slsa\"" },
	{ "a claim that says something else",
	  1,
	  1,
	  { { 0, true, "", 0, "" }, { 0, true, SLSA_PROVENANCE, 0, "its builder is wrong" } },
	  2,
	  0,
	  "its attestation of type \"slsa\" is not what the policy asks for: its builder is wrong" },
	{ "a claim that is badly signed",
	  1,
	  1,
	  { { 0, true, "", 0, "" }, { 0, false, SLSA_PROVENANCE, 1, "" } },
	  2,
	  0,
	  "its attestation of type \"slsa\" is not good: it is bad" },
	{ "two of two",
	  0,
	  2,
	  { { 0, true, SLSA_PROVENANCE, 1, "" }, { 1, true, SLSA_PROVENANCE, 1, "" } },
	  2,
	  20,
	  NULL },
	{ "the same twice",
	  0,
	  2,
	  { { 0, true, SLSA_PROVENANCE, 1, "" }, { 0, true, SLSA_PROVENANCE, 1, "" } },
	  2,
	  0,
	  "it needs an attestation of type \"slsa\" by 2 signers" },
};

static void judge(void **state)
{
	const struct judge_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct trust_signature s[3] = { 0 };
	struct trust_attestation a = { .type = HM_STR(TRUST_ANY_PROVENANCE),
				       .least = t->attesters };
	struct trust_requirement r = { .least = t->least, .attestations = &a, .attestations_n = 1 };
	struct trust_verdict v = { .signatures = s, .signatures_n = t->n };
	for (size_t i = 0; i < t->n; i++) {
		s[i].good = t->signatures[i].good;
		s[i].identities = &people[t->signatures[i].who];
		s[i].identities_n = 1;
		s[i].predicate = hm_cstr(t->signatures[i].predicate);
		s[i].attestations = t->signatures[i].met;
		s[i].unmet = hm_cstr(t->signatures[i].unmet);
		s[i].why = HM_STR("it is bad");
		s[i].valid_until = 30 - 10 * (int64_t)i;
	}
	trust_judge(&cx, &r, &v);
	assert_int_equal(v.verified, t->until > 0);
	assert_int_equal(v.valid_until, t->until);
	if (t->why)
		assert_strz(trust_explain(&cx, &r, t->n, &v), t->why);
}

/* --- what is told --- */

static void terms(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct trust_terms *t;
	size_t n;
	assert_ok(trust_policy_terms(
		&cx,
		HM_STR(STATEMENT(",\"requiredTime\":\"any\",\"attestations\":[" SLSA(
			",\"slsaLevel\":2,\"signers\":3,\"sourceRef\":\"r\",\"builder\":{\"pattern\":\"b\"},"
			"\"trustedIdentities\":[{\"key\":\"b\"}]") "]" BUILDERS(BUILDER))),
		&t, &n));
	assert_string_equal(t[0].time, "any");
	assert_int_equal(t[0].attestations_n, 1);
	const struct trust_attestation_terms *a = &t[0].attestations[0];
	assert_strz(a->type, "slsa");
	assert_int_equal(a->signers, 3);
	assert_int_equal(a->level, 2);
	assert_int_equal(a->identities.n, 1);
	assert_int_equal(a->conditions_n, 2);
	assert_strz(a->conditions[0].name, "builderPattern");
	assert_strz(a->conditions[0].value, "b");
	assert_strz(a->conditions[1].name, "sourceRef");
	/* the table is whole, and no two members have one name */
	for (size_t i = 0; i < TRUST_CONDITIONS; i++) {
		assert_true(trust_conditions[i].name[0] && trust_conditions[i].noun[0]);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(trust_conditions[i].name, trust_conditions[k].name);
	}
}

int main(void)
{
	UNIT_TABLE(parse, texts);
	UNIT_TABLE(claim, claims);
	UNIT(a_certificate_names_the_source);
	UNIT_TABLE(judge, judged);
	UNIT(terms);
	return unit_run("trust/attestations");
}
