/* SPDX-License-Identifier: Apache-2.0 */
/* Identities that are objects. */
#include "trust/config.h"

#include "unit.h"

/* --- identities --- */

#define POLICY(version, stores, identities)                                                    \
	"{\"version\":\"" version "\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":[" \
	"\"*\"],\"signatureVerification\":{\"level\":\"strict\"},\"trustStores\":[" stores     \
	"],\"trustedIdentities\":[" identities "]}]}"
#define OWN(stores, identities) POLICY("hullmark-1", stores, identities)
#define NAMED                   "{\"issuer\":\"https://i\",\"subject\":\"me@x\"}"

static const struct bad_case {
	const char *label, *text, *why;
} bad_cases[] = {
	{ "an object in Notary's version", POLICY("1.0", "\"ca:a\"", NAMED), "is not a string" },
	{ "a store of keys in Notary's version", POLICY("1.0", "\"key:a\"", "\"*\""),
	  "unknown trust store type \"key\"" },
	{ "one of Sigstore in Notary's version", POLICY("1.0", "\"sigstore:a\"", "\"*\""),
	  "unknown trust store type \"sigstore\"" },
	{ "anybody of the world", OWN("\"sigstore:a\"", "\"*\""), "name whom you trust" },
	{ "anybody of the world, beside keys", OWN("\"key:a\",\"sigstore:a\"", "\"*\""),
	  "name whom you trust" },
	{ "a name without store", OWN("\"key:a\"", NAMED), "needs a trust store of type sigstore" },
	{ "a key without its store", OWN("\"key:a\"", "{\"key\":\"b\"}"),
	  "needs the trust store \"key:b\"" },
	{ "a key that is no name", OWN("\"key:a\"", "{\"key\":\"../a\"}"),
	  "not a valid name of a trust store" },
	{ "a key and a name", OWN("\"key:a\"", "{\"key\":\"a\",\"subject\":\"x\"}"),
	  "\"subject\"" },
	{ "no issuer", OWN("\"sigstore:a\"", "{\"subject\":\"x\"}"),
	  "needs one of \"issuer\" and \"issuerPattern\"" },
	{ "no subject", OWN("\"sigstore:a\"", "{\"issuer\":\"x\"}"),
	  "needs one of \"subject\" and \"subjectPattern\"" },
	{ "two issuers",
	  OWN("\"sigstore:a\"", "{\"issuer\":\"x\",\"issuerPattern\":\"x\",\"subject\":\"s\"}"),
	  "needs one of \"issuer\" and \"issuerPattern\"" },
	{ "an empty subject", OWN("\"sigstore:a\"", "{\"issuer\":\"x\",\"subject\":\"\"}"),
	  "\"subject\" is empty" },
	{ "a pattern that is none",
	  OWN("\"sigstore:a\"", "{\"issuer\":\"x\",\"subjectPattern\":\"(\"}"),
	  "\"subjectPattern\"" },
	{ "a pattern of another language",
	  OWN("\"sigstore:a\"", "{\"issuer\":\"x\",\"subjectPattern\":\"(?!a).*\"}"),
	  "Go's regular expressions" },
	{ "an unknown member",
	  OWN("\"sigstore:a\"", "{\"issuer\":\"x\",\"subject\":\"s\",\"ref\":\"r\"}"), "\"ref\"" },
	{ "an empty claim",
	  OWN("\"sigstore:a\"", "{\"issuer\":\"x\",\"subject\":\"s\",\"sourceRef\":\"\"}"),
	  "\"sourceRef\" is empty" },
	{ "a number", OWN("\"sigstore:a\"", "1"), "not a string" },
	{ "everybody and somebody", OWN("\"sigstore:a\"", "\"*\"," NAMED), "cannot be combined" },
	{ "a role for nobody",
	  "{\"version\":\"hullmark-1\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":[\"*\"],"
	  "\"signatureVerification\":{\"level\":\"strict\"},\"trustStores\":[\"key:a\"],"
	  "\"trustedIdentities\":[\"*\"],\"roles\":[{\"name\":\"r\",\"trustedIdentities\":[" NAMED
	  "]}]}]}",
	  "role \"r\": trusted identity" },
};

static void bad(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct trust_policy p;
	assert_fault(trust_policy_parse(&cx, hm_cstr(t->text), &p), HM_INPUT, t->why);
}

static const struct admits_case {
	const char *label, *identity, *subject, *issuer, *ref;
	bool admits;
} admits_cases[] = {
	{ "exactly", NAMED, "me@x", "https://i", "", true },
	{ "another subject", NAMED, "you@x", "https://i", "", false },
	{ "another issuer", NAMED, "me@x", "https://j", "", false },
	{ "more than the subject", NAMED, "me@x.y", "https://i", "", false },
	{ "patterns", "{\"issuerPattern\":\"https://.\",\"subjectPattern\":\".*@x\"}", "me@x",
	  "https://i", "", true },
	{ "patterns of others", "{\"issuerPattern\":\"https://.\",\"subjectPattern\":\".*@x\"}",
	  "me@x.evil", "https://i", "", false },
	{ "a claim", "{\"issuer\":\"i\",\"subject\":\"s\",\"sourceRef\":\"refs/tags/1\"}", "s", "i",
	  "refs/tags/1", true },
	{ "another claim", "{\"issuer\":\"i\",\"subject\":\"s\",\"sourceRef\":\"refs/tags/1\"}",
	  "s", "i", "refs/tags/2", false },
	{ "no claim", "{\"issuer\":\"i\",\"subject\":\"s\",\"sourceRef\":\"refs/tags/1\"}", "s",
	  "i", "", false },
};

static void admits(void **state)
{
	const struct admits_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct trust_policy p;
	struct sigstore_answer a = { .subject = hm_cstr(t->subject),
				     .issuer = hm_cstr(t->issuer),
				     .claims[SIGSTORE_SOURCE_REF] = hm_cstr(t->ref) };
	struct hm_strs keys = { 0 };
	struct trust_person person = { .certificate = &a };
	assert_ok(trust_policy_parse(
		&cx,
		hm_fmt(&cx, OWN("\"sigstore:a\",\"key:k\"", "%s,{\"key\":\"k\"}"), t->identity),
		&p));
	const struct trust_identities *who = &p.statements[0].require.trusted;
	assert_int_equal(who->n, 2);
	assert_int_equal(trust_admits(&cx, who, &person), t->admits);
	*hm_push(&cx, &keys) = HM_STR("j");
	person = (struct trust_person){ .keys = &keys };
	assert_false(trust_admits(&cx, who, &person));
	*hm_push(&cx, &keys) = HM_STR("k");
	assert_true(trust_admits(&cx, who, &person));
	person = (struct trust_person){ 0 };
	assert_false(trust_admits(&cx, who, &person));
}

/* Each claim has a name and an OID of its own. */
static void claims(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIGSTORE_CLAIMS; i++) {
		assert_true(trust_sigstore_claims[i].name[0]);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(trust_sigstore_claims[i].name,
						trust_sigstore_claims[k].name);
			assert_string_not_equal(trust_sigstore_claims[i].oid,
						trust_sigstore_claims[k].oid);
		}
	}
}

int main(void)
{
	UNIT_TABLE(bad, bad_cases);
	UNIT_TABLE(admits, admits_cases);
	UNIT(claims);
	return unit_run("trust/identity");
}
