/* SPDX-License-Identifier: Apache-2.0 */
/* The policy's own dialect: signers, roles, algorithms; who fills which role. */
#include "trust/config.h"

#include "unit.h"

#define STATEMENT(more)                                                                  \
	"{\"version\":\"hullmark-1\",\"revision\":3,\"trustPolicies\":[{\"name\":\"n\"," \
	"\"registryScopes\":[\"*\"],\"signatureVerification\":{\"level\":\"strict\"},"   \
	"\"trustStores\":[\"ca:a\"],\"trustedIdentities\":[\"*\"]" more "}]}"
#define ROLES(list) STATEMENT(",\"roles\":[" list "]")
#define DUAL                                                                   \
	ROLES("{\"name\":\"classical\",\"algorithms\":[\"ES256\",\"PS256\"]}," \
	      "{\"name\":\"post-quantum\",\"algorithms\":[\"ML-DSA-65\"]}")
#define OF(cn) "\"x509.subject: C=US, ST=WA, O=A, CN=" cn "\""
#define TEAM                                                                  \
	ROLES("{\"name\":\"builder\",\"trustedIdentities\":[" OF("a") "," OF( \
		"b") "]},"                                                    \
		     "{\"name\":\"reviewer\",\"trustedIdentities\":[" OF("a") "," OF("c") "]}")
#define TWO_OF_THREE                                                                      \
	ROLES("{\"name\":\"staff\",\"signers\":2,\"trustedIdentities\":[" OF("a") "," OF( \
		"b") "," OF("c") "]}")

static const struct text_case {
	const char *label, *text, *why; /* NULL: valid */
} texts[] = {
	{ "nothing more than Notary's", STATEMENT(""), NULL },
	{ "two roles", DUAL, NULL },
	{ "a number of signers", STATEMENT(",\"signers\":16"), NULL },
	{ "kinds of evidence", STATEMENT(",\"evidence\":[\"sbom\",\"report\"]"), NULL },
	{ "an algorithm retired", STATEMENT(",\"algorithms\":{\"ES256\":\"forbidden\"}"), NULL },
	{ "no signers", STATEMENT(",\"signers\":0"), "\"signers\" is not between 1 and 16" },
	{ "less than none", STATEMENT(",\"signers\":-1"), "\"signers\" is not between 1 and 16" },
	{ "17 signers", STATEMENT(",\"signers\":17"), "\"signers\" is not between 1 and 16" },
	{ "signers that are no number", STATEMENT(",\"signers\":\"2\""), "signers" },
	{ "signers by halves", STATEMENT(",\"signers\":1.5"), "signers" },
	{ "no roles", ROLES(""), "\"roles\" is not a list of 1 to 16 roles" },
	{ "roles that are no list", STATEMENT(",\"roles\":{}"), "\"roles\" is not a list" },
	{ "a role that is no object", ROLES("1"), "role 1 is not an object" },
	{ "a role without name", ROLES("{}"), "role 1: \"name\" is missing" },
	{ "two roles of one name", ROLES("{\"name\":\"a\"},{\"name\":\"a\"}"),
	  "two roles are called \"a\"" },
	{ "a member of roles that nobody knows", ROLES("{\"name\":\"a\",\"signer\":1}"), "signer" },
	{ "a role for an algorithm that is none", ROLES("{\"name\":\"a\",\"algorithms\":[\"X\"]}"),
	  "\"X\" is not an algorithm" },
	{ "a role for the beginning of a name", ROLES("{\"name\":\"a\",\"algorithms\":[\"ES\"]}"),
	  "\"ES\" is not an algorithm" },
	{ "a role for what is forbidden everywhere",
	  ROLES("{\"name\":\"a\",\"algorithms\":[\"RS1\"]}"),
	  "role \"a\": all of its algorithms are forbidden" },
	{ "a role for what is forbidden here",
	  STATEMENT(",\"algorithms\":{\"ES256\":\"forbidden\"},\"roles\":[{\"name\":\"a\","
		    "\"algorithms\":[\"ES256\"]}]"),
	  "role \"a\": all of its algorithms are forbidden" },
	{ "a role with overlapping identities",
	  ROLES("{\"name\":\"a\",\"trustedIdentities\":[\"x509.subject: C=US,ST=WA,O=A\"," OF(
		  "b") "]}"),
	  "overlap" },
	{ "an algorithm that is none", STATEMENT(",\"algorithms\":{\"\":\"allowed\"}"),
	  "is not an algorithm" },
	{ "a status that is none", STATEMENT(",\"algorithms\":{\"ES256\":\"off\"}"),
	  "is not one of allowed, verify-only, forbidden" },
	{ "what the program forbids cannot be allowed",
	  STATEMENT(",\"algorithms\":{\"RS1\":\"verify-only\"}"), "it is too weak" },
	{ "nor what it only verifies", STATEMENT(",\"algorithms\":{\"RS256\":\"allowed\"}"),
	  "it is too weak" },
	{ "evidence twice", STATEMENT(",\"evidence\":[\"sbom\",\"sbom\"]"), "is listed twice" },
	{ "revision 0", "{\"version\":\"hullmark-1\",\"revision\":0,\"trustPolicies\":[]}",
	  "\"revision\" is not 1 or more" },
	{ "a revision in Notary's file",
	  "{\"version\":\"1.0\",\"revision\":1,\"trustPolicies\":[]}", "revision" },
	{ "signers in Notary's file",
	  "{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"n\",\"signers\":2}]}", "signers" },
	{ "a prefix in Notary's file",
	  "{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":"
	  "[\"r.test/a/*\"],\"signatureVerification\":{\"level\":\"skip\"}}]}",
	  "is not a repository like" },
	{ "a prefix without slash",
	  "{\"version\":\"hullmark-1\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":"
	  "[\"r.test/a*\"],\"signatureVerification\":{\"level\":\"skip\"}}]}",
	  "is not a repository like" },
	{ "a prefix of nothing",
	  "{\"version\":\"hullmark-1\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":"
	  "[\"/*\"],\"signatureVerification\":{\"level\":\"skip\"}}]}",
	  "is not a repository like" },
	{ "one prefix in two spellings",
	  "{\"version\":\"hullmark-1\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":"
	  "[\"r.test/*\",\"R.test:443/*\"],\"signatureVerification\":{\"level\":\"skip\"}}]}",
	  "appears twice" },
	{ "skip with roles",
	  "{\"version\":\"hullmark-1\",\"trustPolicies\":[{\"name\":\"n\",\"registryScopes\":"
	  "[\"*\"],\"signatureVerification\":{\"level\":\"skip\"},\"evidence\":[\"sbom\"]}]}",
	  "neither roles nor evidence" },
};

static void parse(void **state)
{
	const struct text_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	if (t->why)
		assert_fault(trust_policy_check(&cx, hm_cstr(t->text)), HM_INPUT, t->why);
	else
		assert_ok(trust_policy_check(&cx, hm_cstr(t->text)));
}

static void a_prefix_is_below_names_and_above_all(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct trust_policy p;
#define SKIP(name, scope)                                            \
	"{\"name\":\"" name "\",\"registryScopes\":[\"" scope "\"]," \
	"\"signatureVerification\":{\"level\":\"skip\"}}"
	assert_ok(trust_policy_parse(
		&cx,
		HM_STR("{\"version\":\"hullmark-1\",\"trustPolicies\":[" SKIP("all", "*") "," SKIP(
			"host",
			"r.test/*") "," SKIP("team",
					     "r.test/team/*") "," SKIP("app",
								       "r.test/team/app") "," SKIP("hub",
												   "docker.io/*") "]}"),
		&p));
#undef SKIP
	static const struct {
		const char *scope, *name;
	} cases[] = {
		{ "r.test/team/app", "app" },     { "r.test/team/app/more", "team" },
		{ "r.test/team/other", "team" },  { "r.test/team", "host" },
		{ "r.test/teams/x", "host" },     { "R.TEST:443/team/x", "team" },
		{ "r.test:80/team/x", "team" },   { "r.test:5000/team/x", "all" },
		{ "xr.test/team/x", "all" },      { "docker.io/library/a", "hub" },
		{ "index.docker.io/a/b", "hub" },
	};
	for (size_t i = 0; i < HM_LEN(cases); i++) {
		const struct trust_statement *s =
			trust_policy_select(&cx, &p, hm_cstr(cases[i].scope));
		assert_non_null(s);
		assert_strz(s->name, cases[i].name);
	}
}

static void a_statement_may_say_otherwise_of_an_algorithm(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct trust_policy p;
	assert_ok(trust_policy_parse(
		&cx,
		HM_STR("{\"version\":\"hullmark-1\",\"algorithms\":{\"ES256\":\"forbidden\","
		       "\"PS256\":\"verify-only\"},\"trustPolicies\":[{\"name\":\"n\","
		       "\"registryScopes\":[\"*\"],\"signatureVerification\":{\"level\":\"strict\"},"
		       "\"trustStores\":[\"ca:a\"],\"trustedIdentities\":[\"*\"],"
		       "\"algorithms\":{\"ES256\":\"verify-only\"}}]}"),
		&p));
	const enum crypto_status *of = p.statements[0].require.algorithms;
	assert_int_equal(of[CRYPTO_ES256], CRYPTO_VERIFY_ONLY);
	assert_int_equal(of[CRYPTO_ES256_DER], CRYPTO_VERIFY_ONLY);
	assert_int_equal(of[CRYPTO_PS256], CRYPTO_VERIFY_ONLY);
	assert_int_equal(of[CRYPTO_PS384], CRYPTO_ALLOWED);
	assert_int_equal(of[CRYPTO_RS1], CRYPTO_FORBIDDEN);
	assert_int_equal(p.algorithms[CRYPTO_ES256], CRYPTO_FORBIDDEN);
}

/* A statement of "*" that asks for less than one that names a repository. */
#define PAIR(all, app)                                                                                       \
	"{\"version\":\"hullmark-1\",\"trustPolicies\":[{\"name\":\"all\",\"registryScopes\":[\"*\"]," TERMS \
		all "},{\"name\":\"app\",\"registryScopes\":[\"r.test/app\"]," TERMS app "}]}"
#define TERMS                                                                          \
	"\"signatureVerification\":{\"level\":\"strict\"},\"trustStores\":[\"ca:a\"]," \
	"\"trustedIdentities\":[\"*\"]"

static const struct weak_case {
	const char *label, *text, *why; /* NULL: no warning */
} weak[] = {
	{ "alike",
	  PAIR(",\"signers\":2,\"evidence\":[\"sbom\"]", ",\"signers\":2,\"evidence\":[\"sbom\"]"),
	  NULL },
	{ "more for all", PAIR(",\"signers\":2", ""), NULL },
	{ "fewer signers", PAIR("", ",\"signers\":2"), "2 signers are needed there, and 1 here" },
	{ "no roles", PAIR("", ",\"roles\":[{\"name\":\"a\"}]"),
	  "1 roles are to be filled there, and 0 here" },
	{ "no evidence", PAIR(",\"evidence\":[\"report\"]", ",\"evidence\":[\"report\",\"sbom\"]"),
	  "evidence \"sbom\" is required there, and not here" },
	{ "an algorithm", PAIR("", ",\"algorithms\":{\"PS256\":\"forbidden\"}"),
	  "PS256 is forbidden there, and not here" },
	{ "one that is verified", PAIR("", ",\"algorithms\":{\"PS256\":\"verify-only\"}"),
	  "PS256 is only verified there, and not here" },
};

static void warn(void **state)
{
	const struct weak_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_strs found;
	assert_ok(trust_policy_warnings(&cx, hm_cstr(t->text), &found));
	assert_int_equal(found.n, t->why != NULL);
	if (t->why)
		assert_non_null(strstr(found.p[0].p, t->why));
}

/* --- who fills which role --- */

static struct trust_identity people[] = {
	{ TRUST_X509_SUBJECT, HM_STR_INIT("CN=a,O=A,ST=WA,C=US"), HM_STR_INIT("CN=ca") },
	{ TRUST_X509_SUBJECT, HM_STR_INIT("CN=b,O=A,ST=WA,C=US"), HM_STR_INIT("CN=ca") },
	{ TRUST_X509_SUBJECT, HM_STR_INIT("CN=c,O=A,ST=WA,C=US"), HM_STR_INIT("CN=ca") },
	{ TRUST_X509_SUBJECT, HM_STR_INIT("CN=a,O=A,ST=WA,C=US"), HM_STR_INIT("CN=other") },
};
enum { A, B, C, A_OF_OTHER };

static const struct fill_case {
	const char *label, *policy;
	struct {
		int who;
		enum crypto_alg alg;
		bool bad;
	} signatures[4];
	size_t n;
	int64_t until; /* they hold until 40, 30, 20, 10; 0: not enough */
	const char *why;
} fills[] = {
	{ "one of each", DUAL, { { A, CRYPTO_ES256 }, { B, CRYPTO_MLDSA65 } }, 2, 30, NULL },
	{ "both by one signer", DUAL, { { A, CRYPTO_ES256 }, { A, CRYPTO_MLDSA65 } }, 2, 30, NULL },
	{ "in the other order", DUAL, { { A, CRYPTO_MLDSA65 }, { A, CRYPTO_PS256 } }, 2, 30, NULL },
	{ "the classical one alone",
	  DUAL,
	  { { A, CRYPTO_ES256 }, { B, CRYPTO_PS256 } },
	  2,
	  0,
	  "no signer who is trusted for it has role \"post-quantum\"" },
	{ "the other one alone",
	  DUAL,
	  { { A, CRYPTO_MLDSA65 } },
	  1,
	  0,
	  "no signer who is trusted for it has role \"classical\"" },
	{ "another set of parameters",
	  DUAL,
	  { { A, CRYPTO_ES256 }, { A, CRYPTO_MLDSA44 } },
	  2,
	  0,
	  "no signer who is trusted for it has role \"post-quantum\"" },
	{ "one that is bad",
	  DUAL,
	  { { A, CRYPTO_ES256 }, { B, CRYPTO_MLDSA65, true } },
	  2,
	  0,
	  "no signer who is trusted for it has role \"post-quantum\"" },
	{ "the one that holds longer counts",
	  DUAL,
	  { { A, CRYPTO_MLDSA65 }, { A, CRYPTO_ES256 }, { A, CRYPTO_ES256 } },
	  3,
	  30,
	  NULL },
	{ "builder and reviewer", TEAM, { { B, CRYPTO_ES256 }, { C, CRYPTO_ES256 } }, 2, 30, NULL },
	{ "nobody has two roles",
	  TEAM,
	  { { A, CRYPTO_ES256 }, { A, CRYPTO_PS256 } },
	  2,
	  0,
	  "no signer who is trusted for it has role \"reviewer\"" },
	{ "nor by two authorities",
	  TEAM,
	  { { A, CRYPTO_ES256 }, { A_OF_OTHER, CRYPTO_ES256 } },
	  2,
	  0,
	  "no signer who is trusted for it has role \"reviewer\"" },
	{ "who can have both moves",
	  TEAM,
	  { { A, CRYPTO_ES256 }, { B, CRYPTO_ES256 } },
	  2,
	  30,
	  NULL },
	{ "and does not where he need not",
	  TEAM,
	  { { A, CRYPTO_ES256 }, { C, CRYPTO_ES256 } },
	  2,
	  30,
	  NULL },
	{ "two of three", TWO_OF_THREE, { { C, CRYPTO_ES256 }, { A, CRYPTO_ES256 } }, 2, 30, NULL },
	{ "one of three, twice",
	  TWO_OF_THREE,
	  { { C, CRYPTO_ES256 }, { C, CRYPTO_ES256 } },
	  2,
	  0,
	  "role \"staff\" does not have as many signers as it needs" },
};

static void fill(void **state)
{
	const struct fill_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct trust_policy p;
	struct trust_signature s[4] = { 0 };
	struct trust_verdict v = { .signatures = s, .signatures_n = t->n };
	assert_ok(trust_policy_parse(&cx, hm_cstr(t->policy), &p));
	const struct trust_requirement *r = &p.statements[0].require;
	for (size_t i = 0; i < t->n; i++) {
		struct trust_identity *who = &people[t->signatures[i].who];
		struct crypto_attribute *subject;
		size_t n;
		assert_ok(crypto_dn_parse(&cx, who->value, &subject, &n));
		s[i] = (struct trust_signature){ .good = !t->signatures[i].bad,
						 .identities = who,
						 .identities_n = 1,
						 .alg = t->signatures[i].alg,
						 .valid_until = 40 - 10 * (int64_t)i };
		struct trust_person person = { .subject = subject, .subject_n = n };
		s[i].roles = trust_roles_of(&cx, r, s[i].alg, &person);
	}
	trust_judge(&cx, r, &v);
	assert_int_equal(v.verified, t->until > 0);
	assert_int_equal(v.valid_until, t->until);
	if (t->why)
		assert_strz(trust_explain(&cx, r, t->n, &v), t->why);
}

/* As many roles and signers as there may be, every one of whom could have every part. */
static void the_largest_policy_ends_soon(void **state)
{
	(void)state;
	enum { N = TRUST_ROLES * TRUST_ROLE_SIGNERS };
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct trust_signature *s = hm_new(&cx, struct trust_signature, N);
	struct trust_role roles[TRUST_ROLES] = { 0 };
	struct trust_requirement r = { .least = 1, .roles = roles, .roles_n = TRUST_ROLES };
	struct trust_verdict v = { .signatures = s, .signatures_n = N };
	int64_t end;
	for (size_t i = 0; i < TRUST_ROLES; i++) {
		roles[i].least = TRUST_ROLE_SIGNERS;
		roles[i].algorithms[CRYPTO_ES256] = true;
	}
	for (size_t i = 0; i < N; i++) {
		struct trust_identity *who = hm_new(&cx, struct trust_identity, 1);
		*who = (struct trust_identity){ "x", hm_fmt(&cx, "%zu", i), HM_STR("") };
		s[i] = (struct trust_signature){ .good = true,
						 .identities = who,
						 .identities_n = 1,
						 .alg = CRYPTO_ES256,
						 .roles = UINT32_MAX >> (32 - TRUST_ROLES),
						 .valid_until = 1 };
	}
	assert_null(trust_find_unfilled(&cx, &r, &v, &end));
	assert_int_equal(end, 1);
	s[N - 1].good = false;
	assert_ptr_equal(trust_find_unfilled(&cx, &r, &v, &end), &roles[TRUST_ROLES - 1]);
}

int main(void)
{
	UNIT_TABLE(parse, texts);
	UNIT_TABLE(fill, fills);
	UNIT_TABLE(warn, weak);
	UNIT(a_prefix_is_below_names_and_above_all);
	UNIT(a_statement_may_say_otherwise_of_an_algorithm);
	UNIT(the_largest_policy_ends_soon);
	return unit_run("trust/roles");
}
