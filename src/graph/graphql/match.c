/* SPDX-License-Identifier: Apache-2.0 */
/* Is a noun or a fact what is asked for? A member that is absent, or null, asks for nothing. */
#include "graph/graphql/graphql.h"

static bool is_asked(struct json v)
{
	return json_is_there(v) && !json_is_null(v);
}

/* A member that is asked for is this text. */
static bool has(struct json spec, const char *key, struct hm_str text)
{
	struct json v = json_get(spec, key);
	return !is_asked(v) || hm_eq(json_str(v), text);
}

/* As it is compared in small letters. */
static bool has_lower(struct gql_run *r, struct json spec, const char *key, struct hm_str text)
{
	struct json v = json_get(spec, key);
	return !is_asked(v) || hm_eq(hm_lower(r->scratch, json_str(v)), text);
}

static bool has_id(struct gql_run *r, struct json spec, int64_t id)
{
	struct json v = json_get(spec, "id");
	int64_t n;
	if (json_int(v, &n))
		return n == id;
	return has(spec, "id", graph_gql_noun_id(r, id));
}

/* ------------------------------------------------------------------ nouns */

/* All of them, and no others. */
static bool have_qualifiers(const struct gql_tree *t, struct json wanted)
{
	size_t n = 0;
	for (struct json_iter it = json_iter(wanted); json_next(&it); n++) {
		bool found = false;
		for (size_t i = 0; i < t->qualifiers.n && !found; i++) {
			struct hm_str value = t->qualifiers.p[i], key = hm_cut(&value, '=');
			found = hm_eq(key, json_str(json_get(it.value, "key"))) &&
				hm_eq(value, json_str(json_get(it.value, "value")));
		}
		if (!found)
			return false;
	}
	return !n || n == t->qualifiers.n;
}

static bool is_package(struct gql_run *r, const struct gql_noun *n, struct json spec)
{
	const struct gql_tree *version = graph_gql_path(r, n, GQL_PKG_VERSION);
	if (version &&
	    (!has(spec, "version", version->text) || !has(spec, "subpath", version->subpath) ||
	     !have_qualifiers(version, json_get(spec, "qualifiers")) ||
	     (json_bool(json_get(spec, "matchOnlyEmptyQualifiers")) && version->qualifiers.n)))
		return false;
	return has(spec, "name", graph_gql_path(r, n, GQL_PKG_NAME)->text) &&
	       has(spec, "namespace", graph_gql_path(r, n, GQL_PKG_NAMESPACE)->text) &&
	       has(spec, "type", graph_gql_path(r, n, GQL_PKG_TYPE)->text);
}

static bool is_source(struct gql_run *r, const struct gql_noun *n, struct json spec)
{
	const struct gql_tree *name = graph_gql_path(r, n, GQL_SRC_NAME);
	return has(spec, "name", name->text) && has(spec, "tag", name->tag) &&
	       has(spec, "commit", name->commit) &&
	       has(spec, "namespace", graph_gql_path(r, n, GQL_SRC_NAMESPACE)->text) &&
	       has(spec, "type", graph_gql_path(r, n, GQL_SRC_TYPE)->text);
}

static bool is_vulnerability(struct gql_run *r, const struct gql_noun *n, struct json spec)
{
	struct hm_str id = n->key, type = hm_cut(&id, '/');
	struct json none = json_get(spec, "noVuln");
	bool is_none = hm_eqz(type, "novuln");
	if (is_asked(none) && json_bool(none) != is_none)
		return false;
	if (json_bool(none))
		return true;
	return has_lower(r, spec, "type", type) && has_lower(r, spec, "vulnerabilityID", id);
}

static bool is_licence(const struct gql_noun *n, struct json spec)
{
	struct hm_str list = n->key, name = hm_cut(&list, '@');
	return has(spec, "name", name) && has(spec, "listVersion", list) &&
	       !is_asked(json_get(spec, "inline"));
}

bool graph_gql_noun_matches(struct gql_run *r, const struct gql_noun *n, struct json spec)
{
	struct hm_str rest = n->key, head;
	if (!has_id(r, spec, n->id))
		return false;
	if (n->kind == GRAPH_PACKAGE || n->kind == GRAPH_PACKAGE_NAME)
		return is_package(r, n, spec);
	if (n->kind == GRAPH_SOURCE)
		return is_source(r, n, spec);
	if (n->kind == GRAPH_VULNERABILITY)
		return is_vulnerability(r, n, spec);
	if (n->kind == GRAPH_LICENCE)
		return is_licence(n, spec);
	if (n->kind == GRAPH_BUILDER)
		return has(spec, "uri", n->key);
	if (n->kind != GRAPH_ARTIFACT)
		return false;
	head = hm_cut(&rest, ':');
	return has_lower(r, spec, "algorithm", head) && has_lower(r, spec, "digest", rest);
}

/* ------------------------------------------------------------------ facts */

/* `spec` is of the noun's kind, or has a member for it. */
static bool noun_fits(struct gql_run *r, const struct gql_noun *n, const struct gql_type *wanted,
		      struct json spec)
{
	static const struct {
		enum graph_noun_kind kind;
		const char *key;
	} members[] = { { GRAPH_PACKAGE, "package" },
			{ GRAPH_PACKAGE_NAME, "package" },
			{ GRAPH_SOURCE, "source" },
			{ GRAPH_ARTIFACT, "artifact" } };
	if (wanted->kind != GQL_UNION)
		return graph_gql_noun_matches(r, n, spec);
	for (size_t i = 0; i < HM_LEN(members); i++) {
		struct json member = json_get(spec, members[i].key);
		if (n->kind == members[i].kind)
			return is_asked(member) && graph_gql_noun_matches(r, n, member);
	}
	return false;
}

/* Each noun that is asked for is one of them. */
static bool all_are_among(struct gql_run *r, const struct gql_noun *nouns, size_t n,
			  struct json wanted)
{
	for (struct json_iter it = json_iter(wanted); json_next(&it);) {
		bool found = !is_asked(it.value);
		for (size_t i = 0; i < n && !found; i++)
			found = graph_gql_noun_matches(r, &nouns[i], it.value);
		if (!found)
			return false;
	}
	return true;
}

struct linked {
	struct gql_run *r;
	HM_VEC(struct gql_noun) all;
};

static hm_err add_linked(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct linked *l = arg;
	(void)cx;
	*hm_push(l->r->scratch, &l->all) =
		(struct gql_noun){ .id = row[0].number,
				   .kind = (enum graph_noun_kind)row[1].number,
				   .key = hm_dup(l->r->scratch, row[2].text) };
	return NULL;
}

static bool links_fit(struct gql_run *r, const struct gql_fact *f, int role, struct json wanted)
{
	struct linked l = { .r = r };
	if (!is_asked(wanted))
		return true;
	hm_err err = store_run(r->scratch, r->use,
			       "SELECT node.id, node.kind, node.key FROM link JOIN node "
			       "ON node.id = link.node WHERE link.fact = $1 AND link.role = $2",
			       STORE_VALUES(store_int(f->id), store_int(role)), add_linked, &l);
	if (err)
		return false;
	return all_are_among(r, l.all.p, l.all.n, wanted);
}

/* --- values in the detail --- */

static bool time_fits(struct gql_run *r, const struct gql_fact *f, const char *key,
		      struct json wanted, bool since)
{
	int64_t want, have;
	struct hm_str text = json_str(json_get(f->detail, key));
	if (hm_rfc3339_parse(r->scratch, json_str(wanted), &want) ||
	    hm_rfc3339_parse(r->scratch, text, &have))
		return hm_eq(json_str(wanted), text);
	return since ? have >= want : have == want;
}

static bool pairs_fit(struct json have, struct json wanted, const char *key, const char *value)
{
	for (struct json_iter it = json_iter(wanted); json_next(&it);) {
		bool found = false;
		for (struct json_iter in = json_iter(have); json_next(&in) && !found;) {
			int64_t a = 0, b = 0;
			struct json x = json_get(in.value, value), y = json_get(it.value, value);
			found = hm_eq(json_str(json_get(in.value, key)),
				      json_str(json_get(it.value, key))) &&
				hm_eq(json_str(x), json_str(y)) &&
				(!json_int(x, &a) || !json_int(y, &b) || a == b);
		}
		if (!found)
			return false;
	}
	return true;
}

static bool number_fits(double have, double want, struct hm_str how)
{
	double step = have - want;
	bool same = step < 1e-6 && step > -1e-6;
	if (hm_eqz(how, "GREATER"))
		return !same && step > 0;
	if (hm_eqz(how, "LESS"))
		return !same && step < 0;
	if (hm_eqz(how, "GREATER_EQUAL"))
		return same || step > 0;
	if (hm_eqz(how, "LESS_EQUAL"))
		return same || step < 0;
	return same;
}

static bool is_time(const struct gql_type *spec_type, struct hm_str key)
{
	const struct gql_input *in = graph_gql_input(&spec_type->inputs, key);
	return in && hm_eqz(in->ref.type->name, "Time");
}

struct fitting {
	struct gql_run *r;
	const struct gql_type *type;
	const struct gql_fact *f;
	struct json spec;
};

/* A member of the spec that is about the fact's detail or its document. */
static bool detail_fits(const struct fitting *t, struct hm_str key, struct json wanted)
{
	const struct gql_fact *f = t->f;
	const struct gql_type *spec = graph_gql_type(t->r->schema, hm_cstr(t->type->search->spec));
	struct json have = json_get_str(f->detail, key);
	if (hm_eqz(key, "origin"))
		return hm_eq(json_str(wanted), f->origin);
	if (hm_eqz(key, "collector"))
		return hm_eq(json_str(wanted), f->collector);
	if (hm_eqz(key, "documentRef"))
		return hm_eq(json_str(wanted),
			     hm_fmt(t->r->scratch, "sha256_%.*s", HM_FMT(hm_from(f->digest, 7))));
	if (hm_eqz(key, "since") && f->kind == GRAPH_HAS_METADATA)
		return time_fits(t->r, f, "timestamp", wanted, true);
	if (is_time(spec, key))
		return time_fits(t->r, f, hm_dupz(t->r->scratch, key), wanted,
				 t->type->search->since);
	if (hm_eqz(key, "comparator"))
		return true;
	if (hm_eqz(key, "predicate"))
		return pairs_fit(json_get(f->detail, "predicate"), wanted, "key", "value");
	if (hm_eqz(key, "checks"))
		return !json_size(wanted) || (json_size(wanted) == json_size(have) &&
					      pairs_fit(have, wanted, "check", "score"));
	if (json_is_number(wanted))
		return number_fits(json_real(have), json_real(wanted),
				   json_str(json_get(t->spec, "comparator")));
	return hm_eq(json_str(have), json_str(wanted));
}

/* Roles of the links that a member asks about; 0: it is about something else. */
static int role_of(struct hm_str key)
{
	static const struct {
		const char *key;
		int role;
	} roles[] = { { "declaredLicenses", GRAPH_DECLARED },
		      { "discoveredLicenses", GRAPH_DISCOVERED },
		      { "builtFrom", GRAPH_MATERIAL } };
	for (size_t i = 0; i < HM_LEN(roles); i++)
		if (hm_eqz(key, roles[i].key))
			return roles[i].role;
	return 0;
}

/* Which noun of the fact a member asks about. */
static const struct gql_noun *noun_of(const struct gql_fact *f, struct hm_str key)
{
	bool both =
		hm_eqz(key, "artifact") || hm_eqz(key, "source") || hm_eqz(key, "vulnerability");
	if (hm_eqz(key, "subject") || hm_eqz(key, "package"))
		return &f->subject;
	if (hm_eqz(key, "dependencyPackage") || hm_eqz(key, "builtBy"))
		return &f->object;
	if (both)
		return f->object.id ? &f->object : &f->subject;
	return NULL;
}

static bool member_fits(const struct fitting *t, struct hm_str key, struct json wanted)
{
	const struct gql_noun pair[] = { t->f->subject, t->f->object };
	const struct gql_noun *noun = noun_of(t->f, key);
	int role = role_of(key);
	if (!is_asked(wanted))
		return true;
	if (hm_eqz(key, "id"))
		return hm_eq(json_str(wanted), graph_gql_fact_id(t->r, t->f->id));
	if (hm_eqz(key, "artifacts") || hm_eqz(key, "packages") || hm_eqz(key, "vulnerabilities"))
		return all_are_among(t->r, pair, HM_LEN(pair), wanted);
	if (hm_starts(key, HM_STR("included")))
		return !json_size(wanted);
	if (role)
		return links_fit(t->r, t->f, role, wanted);
	if (!noun)
		return detail_fits(t, key, wanted);
	const struct gql_field *field = graph_gql_field(t->type, key);
	return field ? noun_fits(t->r, noun, field->ref.type, wanted)
		     : graph_gql_noun_matches(t->r, noun, wanted);
}

bool graph_gql_fact_matches(struct gql_run *r, const struct gql_type *t, const struct gql_fact *f,
			    struct json spec)
{
	struct fitting fitting = { r, t, f, spec };
	/* GUAC has no identities: what is said of them has no name in its schema */
	if (f->subject.kind == GRAPH_IDENTITY)
		return false;
	for (struct json_iter it = json_iter(spec); json_next(&it);)
		if (!member_fits(&fitting, it.key, it.value))
			return false;
	return true;
}
