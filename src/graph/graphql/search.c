/* SPDX-License-Identifier: Apache-2.0 */
/* Nouns and facts that a spec asks for, all of them or a page. */
#include "graph/graphql/graphql.h"
#include "http/http.h"

/* ------------------------------------------------------------------ nouns */

struct nouns {
	struct gql_run *r;
	struct json spec;
	HM_VEC(struct gql_noun) found;
};

static bool is_asked(struct json v)
{
	return json_is_there(v) && !json_is_null(v);
}

static hm_err add_noun(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct nouns *w = arg;
	struct gql_run *r = w->r;
	struct gql_noun n = { row[0].number, (enum graph_noun_kind)row[1].number, row[2].text };
	struct hm_mark mark = hm_mark(r->scratch);
	HM_TRY(hm_alive(cx));
	bool fits = graph_gql_noun_matches(r, &n, w->spec);
	hm_release(r->scratch, mark);
	if (!fits)
		return NULL;
	if (w->found.n >= HM_MAX_GRAPHQL_ROWS)
		return hm_hint(r->scratch,
			       hm_fail(r->scratch, HM_LIMIT, "more than %u nodes match",
				       (unsigned)HM_MAX_GRAPHQL_ROWS),
			       "ask for a page of them, or for fewer");
	n.key = hm_dup(r->scratch, n.key);
	*hm_push(r->scratch, &w->found) = n;
	return NULL;
}

/* The name that a package's spec gives in full; empty: it does not. */
static struct hm_str whole_name(struct gql_run *r, struct json spec)
{
	struct json type = json_get(spec, "type"), space = json_get(spec, "namespace");
	struct json name = json_get(spec, "name");
	if (!is_asked(type) || !is_asked(space) || !is_asked(name))
		return HM_STR("");
	return hm_fmt(r->scratch, "pkg:%.*s/%.*s%s%.*s", HM_FMT(json_str(type)),
		      HM_FMT(graph_purl_part(r->scratch, json_str(space), true)),
		      json_str(space).n ? "/" : "",
		      HM_FMT(graph_purl_part(r->scratch, json_str(name), false)));
}

/* The one key that a spec of another kind gives in full; empty: it does not. */
static struct hm_str whole_key(struct gql_run *r, enum graph_noun_kind kind, struct json spec)
{
	bool is_artifact = kind == GRAPH_ARTIFACT;
	struct json head = json_get(spec, is_artifact ? "algorithm" : "type");
	struct json rest = json_get(spec, is_artifact ? "digest" : "vulnerabilityID");
	if (kind == GRAPH_BUILDER && is_asked(json_get(spec, "uri")))
		return json_str(json_get(spec, "uri"));
	if ((!is_artifact && kind != GRAPH_VULNERABILITY) || !is_asked(head) || !is_asked(rest))
		return HM_STR("");
	return hm_lower(r->scratch, hm_fmt(r->scratch, "%.*s%c%.*s", HM_FMT(json_str(head)),
					   is_artifact ? ':' : '/', HM_FMT(json_str(rest))));
}

static hm_err add_by_id(struct gql_run *r, struct nouns *w, int64_t id)
{
	return store_run(r->scratch, r->use, "SELECT id, kind, key FROM node WHERE id = $1",
			 STORE_VALUES(store_int(id)), add_noun, w);
}

/* Nouns of a kind that match: by what the spec names in full, or else all are looked at. */
static hm_err find_nouns(struct gql_run *r, enum graph_noun_kind kind, struct nouns *w)
{
	struct hm_str id = json_str(json_get(w->spec, "id")), name, key;
	int64_t found = 0;
	if (graph_gql_id(id).kind == GQL_ID_NOUN)
		return add_by_id(r, w, graph_gql_id(id).number);
	if (is_asked(json_get(w->spec, "id")))
		return NULL;
	name = kind == GRAPH_PACKAGE ? whole_name(r, w->spec) : HM_STR("");
	key = whole_key(r, kind, w->spec);
	if (name.n) {
		HM_TRY(graph_find(r->scratch, r->use, GRAPH_PACKAGE_NAME, name, &found));
		return store_run(r->scratch, r->use,
				 "SELECT id, kind, key FROM node WHERE parent = $1 AND parent <> 0 "
				 "ORDER BY id",
				 STORE_VALUES(store_int(found)), add_noun, w);
	}
	if (key.n) {
		HM_TRY(graph_find(r->scratch, r->use, kind, key, &found));
		return add_by_id(r, w, found);
	}
	return store_run(r->scratch, r->use,
			 "SELECT id, kind, key FROM node WHERE kind = $1 ORDER BY id",
			 STORE_VALUES(store_int((int64_t)kind)), add_noun, w);
}

/* --- "t:npm": a part of a path by its id, as far down as it goes --- */

static hm_err add_part(struct gql_run *r, struct gql_id id, struct gql_values *out)
{
	static const struct {
		enum gql_level level, above;
	} spaces[] = { { GQL_PKG_NAMESPACE, GQL_PKG_TYPE }, { GQL_SRC_NAMESPACE, GQL_SRC_TYPE } };
	static const char *const heads[GQL_LEVELS] = {
		[GQL_PKG_NAMESPACE] = "t:", [GQL_SRC_NAMESPACE] = "st:"
	};
	static const char *const types[GQL_LEVELS] = {
		[GQL_PKG_TYPE] = "Package",        [GQL_PKG_NAMESPACE] = "Package",
		[GQL_SRC_TYPE] = "Source",         [GQL_SRC_NAMESPACE] = "Source",
		[GQL_VULN_TYPE] = "Vulnerability",
	};
	struct gql_tree *top = hm_new(r->scratch, struct gql_tree, 1);
	*top = (struct gql_tree){ .level = id.level, .text = id.text };
	for (size_t i = 0; i < HM_LEN(spaces); i++) {
		if (spaces[i].level != id.level)
			continue;
		struct gql_tree *below = hm_new(r->scratch, struct gql_tree, 1);
		struct hm_str rest = id.text, type = hm_cut(&rest, '/');
		bool is_package = id.level == GQL_PKG_NAMESPACE;
		if (is_package)
			HM_TRY(http_unescape(r->scratch, rest, false, &rest));
		*below = (struct gql_tree){ .level = id.level, .text = rest };
		below->id = hm_fmt(r->scratch, "%s:%.*s", is_package ? "n" : "sn", HM_FMT(id.text));
		*top = (struct gql_tree){ .level = spaces[i].above, .text = type };
		*hm_push(r->scratch, &top->below) =
			graph_gql_thing(r, is_package ? "PackageNamespace" : "SourceNamespace",
					below);
	}
	top->id = hm_fmt(r->scratch, "%s%.*s",
			 heads[id.level]            ? heads[id.level]
			 : id.level == GQL_PKG_TYPE ? "t:"
			 : id.level == GQL_SRC_TYPE ? "st:"
						    : "vt:",
			 HM_FMT(top->text));
	*hm_push(r->scratch, out) = graph_gql_thing(r, types[id.level], top);
	return NULL;
}

hm_err graph_gql_part(struct gql_run *r, struct gql_id id, struct gql_value *out)
{
	struct gql_values one = { 0 };
	HM_TRY(add_part(r, id, &one));
	*out = one.p[0];
	return NULL;
}

/* ------------------------------------------------------------------ facts */

struct facts {
	const struct gql_type *type;
	struct json spec;
	struct gql_paging *paging; /* NULL: all */
	struct gql_values *out;
	struct hm_map seen; /* where a fact can come twice */
};

static hm_err add_fact(struct gql_run *r, void *arg, const struct gql_fact *f)
{
	struct facts *w = arg;
	struct hm_mark mark = hm_mark(r->scratch);
	bool fits =
		f->kind == w->type->search->fact && graph_gql_fact_matches(r, w->type, f, w->spec);
	hm_release(r->scratch, mark);
	if (!fits)
		return NULL;
	if (w->paging) {
		struct hm_str cursor = graph_gql_fact_id(r, f->id);
		if (graph_gql_turn(w->paging, cursor))
			graph_gql_add(r, w->paging, cursor, graph_gql_fact_thing(r, f));
		return NULL;
	}
	if (w->out->n >= HM_MAX_GRAPHQL_ROWS)
		return hm_hint(r->scratch,
			       hm_fail(r->scratch, HM_LIMIT, "more than %u facts match",
				       (unsigned)HM_MAX_GRAPHQL_ROWS),
			       "ask for a page of them: %s", w->type->search->list);
	*hm_push(r->scratch, w->out) = graph_gql_fact_thing(r, f);
	return NULL;
}

/* Where a spec names a noun, by which few nouns it is meant. */
struct access {
	const char *member, *inside; /* inside: of a union's spec; or NULL */
	enum graph_noun_kind noun;
	bool is_object;
};
static const struct access accesses[] = {
	{ "subject", "package", GRAPH_PACKAGE, false },
	{ "subject", "artifact", GRAPH_ARTIFACT, false },
	{ "subject", NULL, GRAPH_ARTIFACT, false },
	{ "package", NULL, GRAPH_PACKAGE, false },
	{ "dependencyPackage", NULL, GRAPH_PACKAGE, true },
	{ "artifact", NULL, GRAPH_ARTIFACT, true },
	{ "vulnerability", NULL, GRAPH_VULNERABILITY, true },
	{ "builtBy", NULL, GRAPH_BUILDER, true },
};

/* Is the noun named in full, so that there are few of it? */
static bool is_whole(struct gql_run *r, enum graph_noun_kind kind, struct json spec)
{
	return is_asked(json_get(spec, "id")) || whole_key(r, kind, spec).n ||
	       (kind == GRAPH_PACKAGE && whole_name(r, spec).n);
}

static hm_err add_by_noun(struct gql_run *r, struct facts *w, const struct access *a,
			  struct json spec)
{
	struct nouns nouns = { .r = r, .spec = spec };
	struct hm_str name = a->noun == GRAPH_PACKAGE ? whole_name(r, spec) : HM_STR("");
	int64_t id = 0;
	HM_TRY(find_nouns(r, a->noun, &nouns));
	/* what is said of the name alone, in any version */
	if (name.n)
		HM_TRY(graph_find(r->scratch, r->use, GRAPH_PACKAGE_NAME, name, &id));
	if (id)
		*hm_push(r->scratch, &nouns.found) = (struct gql_noun){ .id = id };
	for (size_t i = 0; i < nouns.found.n; i++)
		HM_TRY(graph_gql_facts(r,
				       &(struct gql_where){ .by = a->is_object ? GQL_BY_OBJECT
									       : GQL_BY_SUBJECT,
							    .number = nouns.found.p[i].id,
							    .kind = w->type->search->fact },
				       add_fact, w));
	return NULL;
}

/* The member by which few facts are to be looked at; NULL: all are. */
static const struct access *choose_access(struct gql_run *r, const struct facts *w,
					  struct json *out)
{
	bool one_noun = w->type->search->fact == GRAPH_VULN_METADATA;
	for (size_t i = 0; i < HM_LEN(accesses) && !one_noun; i++) {
		const struct access *a = &accesses[i];
		struct json member = json_get(w->spec, a->member);
		if (a->inside)
			member = json_get(member, a->inside);
		if (!is_asked(member) || !is_whole(r, a->noun, member))
			continue;
		*out = member;
		return a;
	}
	return NULL;
}

/* The pages of a list need one order, which only the scan by kind and one noun have. */
static hm_err find_facts(struct gql_run *r, struct facts *w)
{
	struct hm_str id = json_str(json_get(w->spec, "id"));
	struct json noun = { NULL };
	if (is_asked(json_get(w->spec, "id"))) {
		struct gql_id at = graph_gql_id(id);
		return at.kind != GQL_ID_FACT
			       ? NULL
			       : graph_gql_facts(r,
						 &(struct gql_where){ .by = GQL_BY_ID,
								      .number = at.number },
						 add_fact, w);
	}
	const struct access *a = choose_access(r, w, &noun);
	if (a)
		return add_by_noun(r, w, a, noun);
	return graph_gql_facts(r,
			       &(struct gql_where){ .by = GQL_BY_KIND,
						    .kind = w->type->search->fact },
			       add_fact, w);
}

/* ------------------------------------------------------------------ fields of Query */

static const struct gql_type *type_of(struct gql_run *r, const struct gql_search *s)
{
	return graph_gql_type(r->schema, hm_cstr(s->type));
}

hm_err graph_gql_all(struct gql_run *r, const struct gql_thing *t, const struct gql_call *c,
		     struct gql_value *out)
{
	const struct gql_search *s = c->field->search;
	struct json spec = json_get(c->args, s->argument);
	struct gql_values *list = hm_new(r->scratch, struct gql_values, 1);
	struct gql_id part = graph_gql_id(json_str(json_get(spec, "id")));
	(void)t;
	*out = graph_gql_list(list);
	if (s->fact) {
		struct facts w = { .type = type_of(r, s), .spec = spec, .out = list };
		return find_facts(r, &w);
	}
	if (part.kind == GQL_ID_PART)
		return add_part(r, part, list);
	struct nouns w = { .r = r, .spec = spec };
	HM_TRY(find_nouns(r, s->noun, &w));
	return graph_gql_forest(r, w.found.p, w.found.n, list);
}

hm_err graph_gql_page(struct gql_run *r, const struct gql_thing *t, const struct gql_call *c,
		      struct gql_value *out)
{
	const struct gql_search *s = c->field->search;
	struct json spec = json_get(c->args, s->argument);
	struct gql_paging paging;
	struct gql_value v;
	(void)t;
	HM_TRY(graph_gql_paging(r, c, &paging));
	struct facts f = { .type = type_of(r, s), .spec = spec, .paging = &paging };
	struct nouns n = { .r = r, .spec = spec };
	HM_TRY(s->fact ? find_facts(r, &f) : find_nouns(r, s->noun, &n));
	for (size_t i = 0; i < n.found.n; i++) {
		struct hm_str cursor = graph_gql_noun_id(r, n.found.p[i].id);
		if (!graph_gql_turn(&paging, cursor))
			continue;
		HM_TRY(graph_gql_noun(r, &n.found.p[i], &v));
		graph_gql_add(r, &paging, cursor, v);
	}
	*out = graph_gql_page_value(r, &paging, s->connection, s->edge);
	return NULL;
}

/* --- what is known of several packages --- */

static hm_err find_batch(struct gql_run *r, const struct gql_call *c, const char *type,
			 bool is_object, struct gql_values **out)
{
	struct gql_values *list = hm_new(r->scratch, struct gql_values, 1);
	struct facts w = { .type = graph_gql_type(r->schema, hm_cstr(type)), .out = list };
	for (struct json_iter it = json_iter(json_get(c->args, "pkgIDs")); json_next(&it);) {
		struct gql_id id = graph_gql_id(json_str(it.value));
		if (id.kind == GQL_ID_NOUN)
			HM_TRY(graph_gql_facts(r,
					       &(struct gql_where){ .by = is_object
										  ? GQL_BY_OBJECT
										  : GQL_BY_SUBJECT,
								    .number = id.number,
								    .kind = w.type->search->fact },
					       add_fact, &w));
	}
	*out = list;
	return NULL;
}

static hm_err answer_batch(struct gql_run *r, const struct gql_call *c, const char *type,
			   bool is_object, struct gql_value *out)
{
	struct gql_values *list;
	HM_TRY(find_batch(r, c, type, is_object, &list));
	*out = graph_gql_list(list);
	return NULL;
}

hm_err graph_gql_batch_subject(struct gql_run *r, const struct gql_thing *t,
			       const struct gql_call *c, struct gql_value *out)
{
	(void)t;
	return answer_batch(r, c, "IsDependency", false, out);
}

hm_err graph_gql_batch_object(struct gql_run *r, const struct gql_thing *t,
			      const struct gql_call *c, struct gql_value *out)
{
	(void)t;
	return answer_batch(r, c, "IsDependency", true, out);
}

/* Of a package, and of each vulnerability of it where there are any, the latest. */
static void keep_latest(struct gql_run *r, struct gql_values *list)
{
	struct hm_map at = { 0 };
	size_t n = 0;
	for (size_t i = 0; i < list->n; i++) {
		const struct gql_fact *f = list->p[i].thing->of;
		struct hm_str key = hm_fmt(r->scratch, "%lld %lld", (long long)f->subject.id,
					   (long long)f->object.id);
		struct gql_value **known = (struct gql_value **)hm_map_slot(r->scratch, &at, key);
		if (!*known) {
			*known = &list->p[n];
			list->p[n++] = list->p[i];
			continue;
		}
		const struct gql_fact *other = (*known)->thing->of;
		if (hm_cmp(json_str(json_get(f->detail, "timeScanned")),
			   json_str(json_get(other->detail, "timeScanned"))) > 0)
			**known = list->p[i];
	}
	list->n = n;
}

hm_err graph_gql_batch_legal(struct gql_run *r, const struct gql_thing *t, const struct gql_call *c,
			     struct gql_value *out)
{
	struct gql_values *list;
	(void)t;
	HM_TRY(find_batch(r, c, "CertifyLegal", false, &list));
	keep_latest(r, list);
	*out = graph_gql_list(list);
	return NULL;
}

hm_err graph_gql_batch_vuln(struct gql_run *r, const struct gql_thing *t, const struct gql_call *c,
			    struct gql_value *out)
{
	struct gql_values *list;
	(void)t;
	HM_TRY(find_batch(r, c, "CertifyVuln", false, &list));
	keep_latest(r, list);
	*out = graph_gql_list(list);
	return NULL;
}
