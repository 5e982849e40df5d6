/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include "codec/json.h"
#include "trust/config.h"

const char *const trust_check_names[TRUST_CHECKS] = { "integrity", "authenticity",
						      "authenticTimestamp", "expiry",
						      "revocation" };
const char *const trust_level_names[TRUST_LEVELS] = { "strict", "permissive", "audit", "skip" };

const char *const trust_action_names[TRUST_ACTIONS] = { "enforce", "log", "skip" };

#define E TRUST_ENFORCE
#define L TRUST_LOG
#define S TRUST_SKIPPED
/* clang-format off */
/* trust-store-trust-policy.md, "Signature Verification details". */
static const enum trust_action levels[TRUST_LEVELS][TRUST_CHECKS] = {
	/*                     integrity, authenticity, timestamp, expiry, revocation */
	[TRUST_STRICT]     = { E,         E,            E,         E,      E },
	[TRUST_PERMISSIVE] = { E,         E,            L,         L,      L },
	[TRUST_AUDIT]      = { E,         L,            L,         L,      L },
	[TRUST_SKIP]       = { S,         S,            S,         S,      S },
};
/* clang-format on */
#undef E
#undef L
#undef S

static bool find_name(const char *const *names, size_t n, struct hm_str s, size_t *out)
{
	for (size_t i = 0; i < n; i++)
		if (hm_eqz(s, names[i])) {
			*out = i;
			return true;
		}
	return false;
}

static hm_err read_override(struct hm_cx *cx, struct json override, struct trust_statement *s)
{
	if (!json_is_there(override))
		return NULL;
	if (!json_is_object(override))
		return hm_fail(cx, HM_INPUT, "\"override\" is not an object");
	if (json_size(override) && s->level == TRUST_SKIP)
		return hm_fail(cx, HM_INPUT, "level \"skip\" cannot be overridden");
	for (struct json_iter it = json_iter(override); json_next(&it);) {
		size_t check, action;
		if (!find_name(trust_check_names, TRUST_CHECKS, it.key, &check))
			return hm_fail(cx, HM_INPUT, "unknown check \"%.*s\" to override",
				       HM_FMT(it.key));
		if (!find_name(trust_action_names, TRUST_ACTIONS, json_str(it.value), &action))
			return hm_fail(cx, HM_INPUT,
				       "the override of \"%.*s\" is not one of enforce, log, skip",
				       HM_FMT(it.key));
		if (check == TRUST_INTEGRITY)
			return hm_fail(cx, HM_INPUT, "\"integrity\" cannot be overridden");
		if (action == TRUST_SKIPPED && check != TRUST_REVOCATION)
			return hm_fail(cx, HM_INPUT, "\"%.*s\" cannot be skipped", HM_FMT(it.key));
		s->actions[check] = (enum trust_action)action;
	}
	return NULL;
}

static hm_err read_verification(struct hm_cx *cx, struct json v, struct trust_statement *s)
{
	static const char *const members[] = { "level", "override", "verifyTimestamp", NULL };
	struct hm_str text;
	size_t level;
	if (!json_is_object(v))
		return hm_fail(cx, HM_INPUT,
			       "\"signatureVerification\" is missing or not an object");
	HM_TRY(json_only(cx, v, members));
	HM_TRY(json_need_str(cx, v, "level", &text));
	if (!find_name(trust_level_names, TRUST_LEVELS, text, &level))
		return hm_fail(cx, HM_INPUT, "unknown verification level \"%.*s\"", HM_FMT(text));
	s->level = (enum trust_level)level;
	memcpy(s->actions, levels[level], sizeof(s->actions));
	HM_TRY(read_override(cx, json_get(v, "override"), s));
	if (!json_is_there(json_get(v, "verifyTimestamp")))
		return NULL;
	HM_TRY(json_need_str(cx, v, "verifyTimestamp", &text));
	s->after_cert_expiry = hm_eqz(text, "afterCertExpiry");
	if (!s->after_cert_expiry && text.n && !hm_eqz(text, "always"))
		return hm_fail(cx, HM_INPUT,
			       "\"verifyTimestamp\" is neither always nor afterCertExpiry");
	return NULL;
}

static bool has_word(const struct hm_strs *v, const char *word)
{
	for (size_t i = 0; i < v->n; i++)
		if (hm_eqz(v->p[i], word))
			return true;
	return false;
}

static hm_err check_store_type(struct hm_cx *cx, struct hm_str type, enum trust_dialect dialect)
{
	size_t at;
	if (!find_name(trust_store_types, TRUST_STORE_TYPES, type, &at))
		return hm_fail(cx, HM_INPUT, "unknown trust store type \"%.*s\"", HM_FMT(type));
	if (dialect == TRUST_HULLMARK || !trust_store_is_own((enum trust_store_type)at))
		return NULL;
	return hm_hint(cx, hm_fail(cx, HM_INPUT, "unknown trust store type \"%.*s\"", HM_FMT(type)),
		       "trust stores of type \"%.*s\" need \"version\": \"hullmark-1\"",
		       HM_FMT(type));
}

static hm_err check_stores(struct hm_cx *cx, const struct trust_statement *s,
			   enum trust_dialect dialect)
{
	for (size_t i = 0; i < s->store_names.n; i++) {
		struct hm_str whole = s->store_names.p[i], name = whole;
		struct hm_str type = hm_cut(&name, ':');
		if (type.n == whole.n)
			return hm_fail(cx, HM_INPUT,
				       "trust store \"%.*s\" is not of the form TYPE:NAME",
				       HM_FMT(whole));
		HM_TRY(check_store_type(cx, type, dialect));
		if (!trust_is_name(name))
			return hm_fail(cx, HM_INPUT,
				       "\"%.*s\" is not a valid name of a trust store",
				       HM_FMT(name));
	}
	return NULL;
}

/* A prefix in normal form, which only whole repositories have. */
static hm_err parse_prefix(struct hm_cx *cx, struct hm_str text, struct hm_str *out)
{
	static const struct hm_str star = HM_STR_INIT("/*"), inner = HM_STR_INIT("/a/b");
	struct hm_str base = { text.p, text.n - star.n }, whole;
	HM_TRY(oci_repository_parse(cx, hm_fmt(cx, "%.*s/a/b", HM_FMT(base)), &whole));
	*out = hm_fmt(cx, "%.*s/*", HM_FMT(((struct hm_str){ whole.p, whole.n - inner.n })));
	return NULL;
}

static hm_err read_scopes(struct hm_cx *cx, struct json v, enum trust_dialect dialect,
			  struct trust_statement *s)
{
	HM_TRY(trust_read_list(cx, v, "registryScopes", &s->scopes));
	if (!s->scopes.n)
		return hm_fail(cx, HM_INPUT, "\"registryScopes\" is empty");
	bool all = has_word(&s->scopes, "*");
	if (all && s->scopes.n > 1)
		return hm_fail(cx, HM_INPUT, "registry scope \"*\" cannot be combined with others");
	for (size_t i = 0; i < s->scopes.n && !all; i++) {
		struct hm_str *scope = &s->scopes.p[i];
		bool below = dialect == TRUST_HULLMARK && hm_ends(*scope, HM_STR("/*"));
		hm_err err = below ? parse_prefix(cx, *scope, scope)
				   : oci_repository_parse(cx, *scope, scope);
		if (err)
			return hm_fail(
				cx, HM_INPUT,
				"registry scope \"%.*s\" is not a repository like registry.example/team/app: %s",
				HM_FMT(*scope), err->why);
	}
	return NULL;
}

static hm_err check_whom(struct hm_cx *cx, const struct trust_statement *s)
{
	const struct trust_requirement *r = &s->require;
	for (size_t i = 0; i < r->roles_n; i++)
		HM_TRY_IN(cx, trust_check_identities(cx, &s->store_names, &r->roles[i].who),
			  "role \"%.*s\"", HM_FMT(r->roles[i].name));
	for (size_t i = 0; i < r->attestations_n; i++)
		HM_TRY_IN(cx, trust_check_identities(cx, &s->store_names, &r->attestations[i].who),
			  "attestation %zu", i + 1);
	for (size_t i = 0; i < r->builders_n; i++)
		HM_TRY_IN(cx, trust_check_identities(cx, &s->store_names, &r->builders[i].signer),
			  "entry %zu of \"slsaBuilders\"", i + 1);
	return NULL;
}

/* Does what is asked for go together, and could it be? */
static hm_err check_requirement(struct hm_cx *cx, const struct trust_statement *s)
{
	const struct trust_requirement *r = &s->require;
	HM_TRY(check_whom(cx, s));
	if (s->level == TRUST_SKIP && (r->roles_n || r->evidence.n))
		return hm_fail(cx, HM_INPUT, "level \"skip\" has neither roles nor evidence");
	if (s->level == TRUST_SKIP && (r->attestations_n || r->time))
		return hm_fail(cx, HM_INPUT,
			       "level \"skip\" asks neither for attestations nor for a time");
	if (r->attestations_n && !(trust_statement_sorts(s) & TRUST_SIGSTORES))
		return hm_fail(cx, HM_INPUT,
			       "\"attestations\" needs a trust store of type sigstore or key");
	if (r->time && s->actions[TRUST_TIMESTAMP] != TRUST_ENFORCE)
		return hm_fail(cx, HM_INPUT,
			       "\"requiredTime\" needs authenticTimestamp to be enforced");
	return NULL;
}

/* What the statements of all policies say: how, and whom to believe. */
static hm_err read_terms(struct hm_cx *cx, struct json v, const struct trust_policy *p,
			 struct trust_statement *s)
{
	const struct trust_identities *who = &s->require.trusted;
	HM_TRY(read_verification(cx, json_get(v, "signatureVerification"), s));
	HM_TRY(trust_read_list(cx, v, "trustStores", &s->store_names));
	HM_TRY(trust_read_identities(cx, v, p->dialect, &s->require.trusted));
	bool somebody = who->any || who->n;
	if (s->level == TRUST_SKIP && (s->store_names.n || somebody))
		return hm_fail(cx, HM_INPUT,
			       "level \"skip\" has neither trust stores nor identities");
	if (s->level != TRUST_SKIP && (!s->store_names.n || !somebody))
		return hm_fail(cx, HM_INPUT, "trust stores or trusted identities are missing");
	HM_TRY(check_stores(cx, s, p->dialect));
	HM_TRY(trust_check_identities(cx, &s->store_names, who));
	HM_TRY(trust_read_max_age(cx, v, &s->max_age));
	memcpy(s->require.algorithms, p->algorithms, sizeof(p->algorithms));
	HM_TRY(trust_read_algorithms(cx, v, s->require.algorithms));
	HM_TRY(trust_read_requirement(cx, v, &s->require));
	return check_requirement(cx, s);
}

/* A scope belongs to one statement. */
static hm_err check_scopes(struct hm_cx *cx, const struct trust_policy *p)
{
	struct hm_map scopes = { 0 };
	for (size_t i = 0; i < p->n; i++) {
		struct trust_statement *s = &p->statements[i];
		for (size_t k = 0; k < s->scopes.n; k++) {
			if (hm_map_has(&scopes, s->scopes.p[k]))
				return hm_fail(
					cx, HM_INPUT,
					"registry scope \"%.*s\" appears twice, in one spelling or in two",
					HM_FMT(s->scopes.p[k]));
			hm_map_put(cx, &scopes, s->scopes.p[k], s);
		}
	}
	return NULL;
}

static hm_err read_revision(struct hm_cx *cx, struct json top, uint64_t *out)
{
	int64_t n;
	HM_TRY(json_need_int(cx, top, "revision", &n));
	if (n < 1)
		return hm_fail(cx, HM_INPUT, "\"revision\" is not 1 or more");
	*out = (uint64_t)n;
	return NULL;
}

static hm_err read_statement(struct hm_cx *cx, struct json v, const struct trust_policy_kind *kind,
			     const struct trust_policy *p, struct trust_statement *s)
{
	HM_TRY(trust_read_members(cx, v, kind->members, kind->more, p->dialect));
	HM_TRY(read_terms(cx, v, p, s));
	return kind->read(cx, v, p->dialect, s);
}

static hm_err read_statements(struct hm_cx *cx, struct json list,
			      const struct trust_policy_kind *kind, struct trust_policy *p)
{
	struct hm_map names = { 0 };
	p->statements = hm_new(cx, struct trust_statement, json_size(list));
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct trust_statement *s = &p->statements[p->n++];
		if (!json_is_object(it.value))
			return hm_fail(cx, HM_INPUT, "statement %zu is not a JSON object", p->n);
		HM_TRY_IN(cx, json_need_str(cx, it.value, "name", &s->name), "statement %zu", p->n);
		if (!s->name.n)
			return hm_fail(cx, HM_INPUT, "statement %zu has no name", p->n);
		HM_TRY_IN(cx, read_statement(cx, it.value, kind, p, s), "statement \"%.*s\"",
			  HM_FMT(s->name));
		if (hm_map_has(&names, s->name))
			return hm_fail(cx, HM_INPUT, "two statements have the name \"%.*s\"",
				       HM_FMT(s->name));
		hm_map_put(cx, &names, s->name, s);
	}
	return kind->check(cx, p);
}

/* What holds for the whole file. */
static hm_err read_head(struct hm_cx *cx, struct json top, struct trust_policy *p)
{
	static const char *const members[] = { "version", "trustPolicies", NULL };
	static const char *const more[] = { "revision", "algorithms", NULL };
	struct hm_str version;
	if (hm_eqz(json_str(json_get(top, "version")), "hullmark-1"))
		p->dialect = TRUST_HULLMARK;
	HM_TRY(trust_read_members(cx, top, members, more, p->dialect));
	HM_TRY(json_need_str(cx, top, "version", &version));
	if (p->dialect == TRUST_NOTARY && !hm_eqz(version, "1.0"))
		return hm_fail(cx, HM_INPUT, "version \"%.*s\" is not supported", HM_FMT(version));
	if (json_is_there(json_get(top, "revision")))
		HM_TRY(read_revision(cx, top, &p->revision));
	for (size_t i = 0; i < CRYPTO_ALGS; i++)
		p->algorithms[i] = crypto_alg_rows[i].status;
	return trust_read_algorithms(cx, top, p->algorithms);
}

hm_err trust_policy_parse_as(struct hm_cx *cx, struct hm_str text,
			     const struct trust_policy_kind *kind, struct trust_policy *out)
{
	struct json top, list;
	struct trust_policy p = { 0 };
	if (text.n > HM_MAX_POLICY)
		return hm_fail(cx, HM_LIMIT, "the trust policy is too large");
	HM_TRY(json_parse(cx, text, JSON_STRICT, &top));
	if (!json_is_object(top))
		return hm_fail(cx, HM_INPUT, "the trust policy is not a JSON object");
	HM_TRY(read_head(cx, top, &p));
	list = json_get(top, "trustPolicies");
	if (!json_is_array(list) || !json_size(list))
		return hm_fail(cx, HM_INPUT, "\"trustPolicies\" has no statements");
	HM_TRY(read_statements(cx, list, kind, &p));
	*out = p;
	return NULL;
}

static const char *const members[] = { "name",        "registryScopes",    "signatureVerification",
				       "trustStores", "trustedIdentities", NULL };
static const char *const more[] = { "signers",      "roles",           "evidence",
				    "algorithms",   "attestations",    "slsaBuilders",
				    "requiredTime", "trustDataMaxAge", NULL };
static const struct trust_policy_kind for_images = { members, more, read_scopes, check_scopes };

hm_err trust_policy_parse(struct hm_cx *cx, struct hm_str text, struct trust_policy *out)
{
	return trust_policy_parse_as(cx, text, &for_images, out);
}

hm_err trust_policy_check(struct hm_cx *cx, struct hm_str text)
{
	struct trust_policy p;
	return trust_policy_parse(cx, text, &p);
}

static const struct trust_statement *find_scope(const struct trust_policy *p, struct hm_str scope)
{
	for (size_t i = 0; i < p->n; i++)
		if (hm_strs_has(&p->statements[i].scopes, scope))
			return &p->statements[i];
	return NULL;
}

/* The statement with the longest prefix that the scope is below. */
static const struct trust_statement *find_prefix(const struct trust_policy *p, struct hm_str scope)
{
	const struct trust_statement *found = NULL;
	size_t longest = 0;
	for (size_t i = 0; p->statements && i < p->n; i++) {
		const struct trust_statement *s = &p->statements[i];
		for (size_t k = 0; k < s->scopes.n; k++) {
			struct hm_str prefix = s->scopes.p[k];
			if (prefix.n < 3 || !hm_ends(prefix, HM_STR("/*")))
				continue;
			prefix.n--; /* its slash stays: "a/b" is not below "a/bc" */
			if (prefix.n <= longest || !hm_starts(scope, prefix))
				continue;
			found = s;
			longest = prefix.n;
		}
	}
	return found;
}

/* HOST/x for HOST:80/x and the other way round; empty: it has another port. */
static struct hm_str other_default(struct hm_cx *cx, struct hm_str scope)
{
	static const struct hm_str port = HM_STR_INIT(":80");
	struct hm_str path = scope, registry = hm_cut(&path, '/'), host = registry;
	size_t bracket = hm_rfind_char(registry, ']');
	struct hm_str tail = bracket == SIZE_MAX ? registry : hm_from(registry, bracket);
	bool has_port = hm_find_char(tail, ':') != SIZE_MAX;
	if (has_port && !hm_ends(registry, port))
		return HM_STR("");
	if (has_port)
		host.n -= port.n;
	struct hm_str other =
		hm_fmt(cx, "%.*s%s/%.*s", HM_FMT(host), has_port ? "" : port.p, HM_FMT(path));
	/* without its port a host may have another name, as Docker Hub's have */
	return oci_repository_parse(cx, other, &other) ? HM_STR("") : other;
}

const struct trust_statement *trust_policy_select(struct hm_cx *cx, const struct trust_policy *p,
						  struct hm_str scope)
{
	const struct trust_statement *s;
	if (oci_repository_parse(cx, scope, &scope))
		return NULL;
	struct hm_str other = other_default(cx, scope);
	s = find_scope(p, scope);
	if (!s)
		s = find_scope(p, other);
	if (!s)
		s = find_prefix(p, scope);
	if (!s)
		s = find_prefix(p, other);
	return s ? s : find_scope(p, HM_STR("*"));
}
