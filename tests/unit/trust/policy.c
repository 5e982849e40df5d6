/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "trust/config.h"

#include "unit.h"

#define DIR "signing/notation/e2e/config/trustpolicies/"

/* Published policies that break a rule, and which; every other one in the folder is valid. */
static const struct {
	const char *name, *why;
} invalid[] = {
	{ "blob_trust_policy.json", "\"registryScopes\" is empty" },
	{ "empty_registry_scope_trustpolicy.json", "\"registryScopes\" is empty" },
	{ "empty_trusted_identity_trustpolicy.json",
	  "\"trustedIdentities\" has an entry that is not a string" },
	{ "invalid_format_trustpolicy.json", "expected a comma or a closing bracket" },
	{ "malformed_registry_scope_trustpolicy.json", "is not a repository like" },
	{ "malformed_trust_store_trustpolicy.json", "\"\" is not a valid name of a trust store" },
	{ "malformed_trusted_identity_trustpolicy.json", "has no \":\"" },
	{ "missing_country_trusted_identity_trustpolicy.json", "has no \"C\"" },
	{ "missing_organization_trusted_identity_trustpolicy.json", "has no \"O\"" },
	{ "missing_state_trusted_identity_trustpolicy.json", "has no \"ST\"" },
	{ "multi_statements_with_multi_wildcard_registry_scope_trustpolicy.json",
	  "registry scope \"*\" appears twice" },
	{ "multi_statements_with_the_same_name_trustpolicy.json",
	  "two statements have the name \"e2e\"" },
	{ "multi_statements_with_the_same_registry_scope_trustpolicy.json",
	  "test-repo8\" appears twice" },
	{ "overlapped_registry_scope_trustpolicy.json", "test-repo6\" appears twice" },
	{ "overlapped_trusted_identity_trustpolicy.json", "C=US\" overlap" },
	{ "override_integrity_for_permissive_trustpolicy.json",
	  "\"integrity\" cannot be overridden" },
	{ "unset_trust_store_trustpolicy.json", "trust stores or trusted identities are missing" },
	{ "unset_trusted_identity_trustpolicy.json",
	  "trust stores or trusted identities are missing" },
	{ "wildcard_plus_other_registry_scope_trustpolicy.json",
	  "registry scope \"*\" cannot be combined with others" },
	{ "wildcard_plus_other_trusted_identity_trustpolicy.json",
	  "trusted identity \"*\" cannot be combined with others" },
	{ "wildcard_trust_store_trustpolicy.json", "trust store \"*\" is not of the form" },
};

static void published(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_strs names;
	size_t good = 0, bad = 0;
	const char *dir = unit_data(&cx, DIR);
	assert_ok(hm_list_dir(&cx, dir, 1000, &names));
	for (size_t i = 0; i < names.n; i++) {
		struct hm_str text;
		const char *why = NULL;
		for (size_t k = 0; k < HM_LEN(invalid); k++)
			if (hm_eqz(names.p[i], invalid[k].name))
				why = invalid[k].why;
		assert_ok(hm_read_file(&cx, hm_path(&cx, dir, names.p[i].p), HM_MIB, &text));
		if (why)
			assert_fault(trust_policy_check(&cx, text), HM_INPUT, why);
		else
			assert_ok(trust_policy_check(&cx, text));
		good += !why;
		bad += why != NULL;
	}
	assert_int_equal(good, 22);
	assert_int_equal(bad, 21);
}

/* A policy whose one statement is given in parts. */
#define POLICY(more) "{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"n\"," more "}]}"
#define SCOPES       "\"registryScopes\":[\"*\"]"
#define STRICT       "\"signatureVerification\":{\"level\":\"strict\"}"
#define STORES       "\"trustStores\":[\"ca:a\"]"
#define ANYONE       "\"trustedIdentities\":[\"*\"]"

static const struct text_case {
	const char *label, *text, *why; /* NULL: valid */
} texts[] = {
	{ "the least there must be", POLICY(SCOPES "," STRICT "," STORES "," ANYONE), NULL },
	{ "a scope with port and path",
	  POLICY("\"registryScopes\":[\"localhost:5000/a-b/c__d.e\"]," STRICT "," STORES
		 "," ANYONE),
	  NULL },
	{ "an identity of another kind",
	  POLICY(SCOPES "," STRICT "," STORES ",\"trustedIdentities\":[\"plugin.id:x\"]"), NULL },
	{ "verifyTimestamp",
	  POLICY(SCOPES
		 ",\"signatureVerification\":{\"level\":\"strict\",\"verifyTimestamp\":\"always\"}," STORES
		 "," ANYONE),
	  NULL },
	{ "revocation may be skipped",
	  POLICY(SCOPES
		 ",\"signatureVerification\":{\"level\":\"strict\",\"override\":{\"revocation\":\"skip\"}}," STORES
		 "," ANYONE),
	  NULL },
	{ "no JSON", "{", "unexpected end of data" },
	{ "no object", "[]", "is not a JSON object" },
	{ "no version", "{\"trustPolicies\":[]}", "version" },
	{ "another version", "{\"version\":\"2.0\",\"trustPolicies\":[]}", "not supported" },
	{ "no statements", "{\"version\":\"1.0\",\"trustPolicies\":[]}", "no statements" },
	{ "a member twice", "{\"version\":\"1.0\",\"version\":\"1.0\",\"trustPolicies\":[]}",
	  "\"version\" appears twice" },
	{ "a member that nobody knows",
	  POLICY(SCOPES "," STRICT "," STORES "," ANYONE ",\"scope\":1"), "scope" },
	{ "no level", POLICY(SCOPES ",\"signatureVerification\":{}," STORES "," ANYONE), "level" },
	{ "a level that nobody knows",
	  POLICY(SCOPES ",\"signatureVerification\":{\"level\":\"lax\"}," STORES "," ANYONE),
	  "lax" },
	{ "an override of a check that nobody knows",
	  POLICY(SCOPES
		 ",\"signatureVerification\":{\"level\":\"strict\",\"override\":{\"x\":\"log\"}}," STORES
		 "," ANYONE),
	  "\"x\"" },
	{ "an override by an action that nobody knows",
	  POLICY(SCOPES
		 ",\"signatureVerification\":{\"level\":\"strict\",\"override\":{\"expiry\":\"no\"}}," STORES
		 "," ANYONE),
	  "is not one of enforce, log, skip" },
	{ "expiry cannot be skipped",
	  POLICY(SCOPES
		 ",\"signatureVerification\":{\"level\":\"strict\",\"override\":{\"expiry\":\"skip\"}}," STORES
		 "," ANYONE),
	  "cannot be skipped" },
	{ "an authentic timestamp cannot be skipped",
	  POLICY(SCOPES
		 ",\"signatureVerification\":{\"level\":\"strict\",\"override\":{\"authenticTimestamp\":\"skip\"}}," STORES
		 "," ANYONE),
	  "cannot be skipped" },
	{ "skip cannot be overridden",
	  POLICY(SCOPES
		 ",\"signatureVerification\":{\"level\":\"skip\",\"override\":{\"expiry\":\"log\"}}"),
	  "skip" },
	{ "skip has no stores",
	  POLICY(SCOPES ",\"signatureVerification\":{\"level\":\"skip\"}," STORES), "skip" },
	{ "verifyTimestamp of another kind",
	  POLICY(SCOPES
		 ",\"signatureVerification\":{\"level\":\"strict\",\"verifyTimestamp\":\"never\"}," STORES
		 "," ANYONE),
	  "verifyTimestamp" },
	{ "a store that leaves its folder",
	  POLICY(SCOPES "," STRICT ",\"trustStores\":[\"ca:..\"]," ANYONE),
	  "is not a valid name of a trust store" },
	{ "a store with a slash", POLICY(SCOPES "," STRICT ",\"trustStores\":[\"ca:a/b\"]," ANYONE),
	  "is not a valid name of a trust store" },
	{ "a store type that nobody knows",
	  POLICY(SCOPES "," STRICT ",\"trustStores\":[\"cs:a\"]," ANYONE), "type" },
	{ "stores that are no list", POLICY(SCOPES "," STRICT ",\"trustStores\":\"ca:a\"," ANYONE),
	  "is not a list" },
	{ "a scope without registry",
	  POLICY("\"registryScopes\":[\"app\"]," STRICT "," STORES "," ANYONE), "scope" },
	{ "a scope with a tag",
	  POLICY("\"registryScopes\":[\"r.test/app:v1\"]," STRICT "," STORES "," ANYONE), "scope" },
	{ "a scope with capital letters",
	  POLICY("\"registryScopes\":[\"r.test/App\"]," STRICT "," STORES "," ANYONE), "scope" },
	{ "a scope with a star inside",
	  POLICY("\"registryScopes\":[\"r.test/*\"]," STRICT "," STORES "," ANYONE), "scope" },
	{ "a scope that ends in a slash",
	  POLICY("\"registryScopes\":[\"r.test/app/\"]," STRICT "," STORES "," ANYONE), "scope" },
};

static void text(void **state)
{
	const struct text_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 24);
	hm_err err = trust_policy_check(&cx, hm_cstr(t->text));
	if (t->why)
		assert_fault(err, HM_INPUT, t->why);
	else
		assert_ok(err);
}

/* A policy of a strict statement "prod" for one scope, and another with the given scope and rest.
 */
#define TWO(first, more)                                                                          \
	"{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"prod\",\"registryScopes\":[\"" first \
	"\"]," STRICT "," STORES                                                                  \
	",\"trustedIdentities\":[\"x509.subject: C=US, ST=WA, O=a\"]},{\"name\":\"other\"," more  \
	"}]}"
#define WA "\"trustedIdentities\":[\"x509.subject: C=US, ST=WA, O=a\"]"

/* Whatever the spelling, a repository has one statement: "prod", "other", or none (NULL). */
static const struct selection {
	const char *label, *first, *scope, *name;
} selections[] = {
	{ "as written", "localhost:5600/prod/app", "localhost:5600/prod/app", "prod" },
	{ "capital letters in the reference", "localhost:5600/prod/app", "LOCALHOST:5600/prod/app",
	  "prod" },
	{ "capital letters in the policy", "LocalHost:5600/prod/app", "localhost:5600/prod/app",
	  "prod" },
	{ "zeros before the port", "r.test:5600/app", "r.test:05600/app", "prod" },
	{ "the default port in the reference", "r.test/app", "r.test:443/app", "prod" },
	{ "the default port in the policy", "r.test:443/app", "r.test/app", "prod" },
	{ "port 80 in the reference", "r.test/app", "r.test:80/app", "prod" },
	{ "port 80 in the policy", "r.test:80/app", "r.test/app", "prod" },
	{ "port 80 of another name of Docker Hub", "docker.io/library/app",
	  "index.docker.io:80/library/app", "prod" },
	{ "and of its official images", "docker.io/library/app", "registry-1.docker.io:080/app",
	  "prod" },
	{ "port 80 of an IPv6 address", "[::1]/app", "[0:0::1]:80/app", "prod" },
	{ "Docker Hub by another name", "docker.io/library/app", "index.docker.io/app", "prod" },
	{ "Docker Hub by its registry's", "registry-1.docker.io/app", "docker.io/library/app",
	  "prod" },
	{ "an IPv6 address", "[0:0::1]:5000/app", "[::1]:5000/app", "prod" },
	{ "another repository", "r.test/app", "r.test/apps", "other" },
	{ "another port", "r.test/app", "r.test:8080/app", "other" },
	{ "an address that is written oddly", "r.test/app", "127.1:5000/app", NULL },
	{ "a user's name", "r.test/app", "u@r.test/app", NULL },
	{ "no repository", "r.test/app", "r.test", NULL },
};

static hm_err parse_two(struct hm_cx *cx, const char *first, struct trust_policy *out)
{
	struct hm_str text = hm_fmt(
		cx, "%s%s%s",
		"{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"prod\",\"registryScopes\":[\"",
		first,
		"\"]," STRICT "," STORES "," ANYONE "},{\"name\":\"other\"," SCOPES
		",\"signatureVerification\":{\"level\":\"audit\"}," STORES "," ANYONE "}]}");
	return trust_policy_parse(cx, text, out);
}

static void selects(void **state)
{
	const struct selection *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct trust_policy p;
	assert_ok(parse_two(&cx, t->first, &p));
	const struct trust_statement *s = trust_policy_select(&cx, &p, hm_cstr(t->scope));
	assert_int_equal(s != NULL, t->name != NULL);
	if (s)
		assert_strz(s->name, t->name);
}

/* Two spellings of one repository. */
static void one_scope_twice(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
		{ "r.test/app", "R.test/app" },
		{ "r.test/app", "r.test:443/app" },
		{ "r.test:5000/app", "r.test:05000/app" },
		{ "docker.io/app", "index.docker.io/library/app" },
		{ "[::1]/app", "[0::1]/app" },
	};
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	for (size_t i = 0; i < HM_LEN(pairs); i++) {
		struct hm_str text = hm_fmt(
			&cx,
			"{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"a\",\"registryScopes\":[\"%s\"],"
			"%s},{\"name\":\"b\",\"registryScopes\":[\"%s\"],%s}]}",
			pairs[i][0], STRICT "," STORES "," ANYONE, pairs[i][1],
			STRICT "," STORES "," ANYONE);
		assert_fault(trust_policy_check(&cx, text), HM_INPUT, "appears twice");
	}
}

static const struct warning {
	const char *label, *text, *words; /* NULL: none */
} warnings[] = {
	{ "one statement", POLICY(SCOPES "," STRICT "," STORES "," ANYONE), NULL },
	{ "the same terms", TWO("r.test/app", SCOPES "," STRICT "," STORES "," WA), NULL },
	{ "a stricter statement for all",
	  TWO("r.test/app",
	      SCOPES "," STRICT "," STORES
		     ",\"trustedIdentities\":[\"x509.subject: C=US, ST=WA, O=a, CN=b\"]"),
	  NULL },
	{ "a lower level",
	  TWO("r.test/app",
	      SCOPES ",\"signatureVerification\":{\"level\":\"audit\"}," STORES "," WA),
	  "authenticity" },
	{ "an override",
	  TWO("r.test/app",
	      SCOPES ",\"signatureVerification\":{\"level\":\"strict\",\"override\":{\"expiry\":"
		     "\"log\"}}," STORES "," WA),
	  "expiry" },
	{ "no check at all",
	  TWO("r.test/app", SCOPES ",\"signatureVerification\":{\"level\":\"skip\"}"), "skip" },
	{ "any signer", TWO("r.test/app", SCOPES "," STRICT "," STORES "," ANYONE), "any signer" },
	{ "another signer",
	  TWO("r.test/app", SCOPES "," STRICT "," STORES
				   ",\"trustedIdentities\":[\"x509.subject: C=US, ST=WA, O=b\"]"),
	  "O=b" },
	{ "another store",
	  TWO("r.test/app", SCOPES "," STRICT ",\"trustStores\":[\"ca:a\",\"ca:b\"]," WA), "ca:b" },
	{ "two that name repositories",
	  TWO("r.test/app",
	      "\"registryScopes\":[\"r.test/b\"],\"signatureVerification\":{\"level\":"
	      "\"audit\"}," STORES "," WA),
	  NULL },
	{ "a scope without a host", TWO("team/app", SCOPES "," STRICT "," STORES "," WA),
	  "docker.io/team/app" },
};

static void warns(void **state)
{
	const struct warning *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_strs found;
	assert_ok(trust_policy_warnings(&cx, hm_cstr(t->text), &found));
	assert_int_equal(found.n, t->words ? 1 : 0);
	if (t->words)
		assert_true(hm_find(found.p[0], hm_cstr(t->words)) != SIZE_MAX);
}

static const char one[] = POLICY(SCOPES "," STRICT "," STORES "," ANYONE);
static const char two[] =
	POLICY(SCOPES ",\"signatureVerification\":{\"level\":\"audit\"}," STORES "," ANYONE);

static void put(struct hm_cx *cx, const char *dir, const char *name, const char *text)
{
	assert_ok(hm_write_file(cx, hm_path(cx, dir, name), hm_cstr(text), 0600));
}

/* Which of the two files counts, and what writing does to both. */
static void two_files(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir();
	struct hm_str got, path;
	char *oci = hm_path(&cx, dir, "trustpolicy.oci.json"),
	     *plain = hm_path(&cx, dir, "trustpolicy.json");
	assert_fault(trust_policy_read(&cx, dir, &got, &path), HM_ABSENT, "no trust policy");
	put(&cx, dir, "trustpolicy.json", one);
	assert_ok(trust_policy_read(&cx, dir, &got, &path));
	assert_strz(path, plain);
	put(&cx, dir, "trustpolicy.oci.json", one);
	assert_ok(trust_policy_read(&cx, dir, &got, &path));
	assert_strz(path, oci);
	put(&cx, dir, "trustpolicy.oci.json", two);
	hm_err err = trust_policy_read(&cx, dir, &got, &path);
	assert_fault(err, HM_INPUT, oci);
	assert_fault(err, HM_INPUT, plain);
	assert_ok(trust_policy_import(&cx, dir, hm_cstr(two)));
	assert_ok(trust_policy_read(&cx, dir, &got, &path));
	assert_strz(got, two);
	assert_ok(hm_read_file(&cx, plain, HM_MIB, &got));
	assert_strz(got, two);
	assert_fault(trust_policy_import(&cx, dir, HM_STR("{}")), HM_INPUT,
		     "\"version\" is missing");
	assert_ok(trust_policy_read(&cx, dir, &got, &path));
	assert_strz(got, two);
	unlink(plain);
	assert_ok(trust_policy_import(&cx, dir, hm_cstr(one)));
	assert_false(hm_exists(plain));
	unlink(oci);
	assert_ok(trust_policy_import(&cx, dir, hm_cstr(one)));
	assert_true(hm_exists(plain));
	assert_false(hm_exists(oci));
	assert_int_equal(symlink("elsewhere.json", oci), 0);
	assert_fault(trust_policy_read(&cx, dir, &got, &path), HM_INPUT, "symbolic link");
}

/* The words of trust-store-trust-policy.md, by which policies and reports are read: each is there,
 * stands in its table once, and is read as the row that it names. */
static void assert_new_word(const char *word, const char *const *names, size_t before)
{
	assert_true(word && word[0]);
	for (size_t i = 0; i < before; i++)
		assert_string_not_equal(word, names[i]);
}

/* The statement with these terms of verification and, unless it is "", this trust store. */
static struct trust_statement read_statement(struct hm_cx *cx, struct hm_str terms,
					     const char *store)
{
	struct trust_policy p;
	struct hm_str stores = HM_STR("");
	if (store[0])
		stores = hm_fmt(cx, ",\"trustStores\":[\"%s\"]," ANYONE, store);
	assert_ok(trust_policy_parse(cx,
				     hm_fmt(cx,
					    POLICY(SCOPES ",\"signatureVerification\":{%.*s}%.*s"),
					    HM_FMT(terms), HM_FMT(stores)),
				     &p));
	return p.statements[0];
}

static void every_level_is_read_by_its_name(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	for (size_t i = 0; i < TRUST_LEVELS; i++) {
		struct hm_str terms = hm_fmt(&cx, "\"level\":\"%s\"", trust_level_names[i]);
		assert_new_word(trust_level_names[i], trust_level_names, i);
		assert_int_equal(read_statement(&cx, terms, i == TRUST_SKIP ? "" : "ca:a").level,
				 i);
	}
}

static void every_check_is_overridden_by_its_name(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	for (size_t i = 0; i < TRUST_CHECKS; i++) {
		struct hm_str terms =
			hm_fmt(&cx, "\"level\":\"strict\",\"override\":{\"%s\":\"log\"}",
			       trust_check_names[i]);
		assert_new_word(trust_check_names[i], trust_check_names, i);
		if (i == TRUST_INTEGRITY) /* may not be: a case above */
			continue;
		struct trust_statement s = read_statement(&cx, terms, "ca:a");
		for (size_t k = 0; k < TRUST_CHECKS; k++)
			assert_int_equal(s.actions[k], k == i ? TRUST_LOG : TRUST_ENFORCE);
	}
}

static void every_action_is_read_by_its_name(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	for (size_t i = 0; i < TRUST_ACTIONS; i++) {
		struct hm_str terms =
			hm_fmt(&cx, "\"level\":\"strict\",\"override\":{\"revocation\":\"%s\"}",
			       trust_action_names[i]);
		assert_new_word(trust_action_names[i], trust_action_names, i);
		assert_int_equal(read_statement(&cx, terms, "ca:a").actions[TRUST_REVOCATION], i);
	}
}

static void every_type_of_store_may_be_named(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	for (size_t i = 0; i < TRUST_STORE_TYPES; i++) {
		struct hm_str store = hm_fmt(&cx, "%s:s", trust_store_types[i]);
		assert_new_word(trust_store_types[i], trust_store_types, i);
		assert_new_word(trust_store_folders[i], trust_store_folders, i);
		if (trust_store_is_own((enum trust_store_type)i))
			continue; /* identity.c: in policies of Hullmark's own version */
		assert_str(read_statement(&cx, HM_STR("\"level\":\"strict\""), store.p)
				   .store_names.p[0],
			   store);
	}
}

int main(void)
{
	UNIT(published);
	UNIT_TABLE(text, texts);
	UNIT_TABLE(selects, selections);
	UNIT(one_scope_twice);
	UNIT_TABLE(warns, warnings);
	UNIT(two_files);
	UNIT(every_level_is_read_by_its_name);
	UNIT(every_check_is_overridden_by_its_name);
	UNIT(every_action_is_read_by_its_name);
	UNIT(every_type_of_store_may_be_named);
	return unit_run("trust/policy");
}
