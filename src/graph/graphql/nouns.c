/* SPDX-License-Identifier: Apache-2.0 */
/* Nouns as things of the schema: packages, sources and vulnerabilities are paths of several, and
 * what a search finds of them are trees. */
#include "graph/graphql/graphql.h"
#include "http/http.h"

/* ------------------------------------------------------------------ ids */

static const struct part_id {
	const char *head;
	enum gql_level level;
} part_ids[] = {
	{ "t:", GQL_PKG_TYPE },       { "n:", GQL_PKG_NAMESPACE }, { "st:", GQL_SRC_TYPE },
	{ "sn:", GQL_SRC_NAMESPACE }, { "vt:", GQL_VULN_TYPE },
};

struct gql_id graph_gql_id(struct hm_str id)
{
	struct gql_id out = { .kind = GQL_ID_NONE };
	bool is_fact = id.n && id.p[0] == 'f';
	uint64_t n;
	if (hm_u64(hm_from(id, is_fact ? 1 : 0), INT64_MAX, &n)) {
		out.kind = is_fact ? GQL_ID_FACT : GQL_ID_NOUN;
		out.number = (int64_t)n;
		return out;
	}
	for (size_t i = 0; i < HM_LEN(part_ids); i++) {
		if (!hm_starts(id, hm_cstr(part_ids[i].head)))
			continue;
		out.kind = GQL_ID_PART;
		out.level = part_ids[i].level;
		out.text = hm_from(id, strlen(part_ids[i].head));
	}
	return out;
}

struct hm_str graph_gql_noun_id(struct gql_run *r, int64_t id)
{
	return hm_fmt(r->scratch, "%lld", (long long)id);
}

struct hm_str graph_gql_fact_id(struct gql_run *r, int64_t id)
{
	return hm_fmt(r->scratch, "f%lld", (long long)id);
}

struct loading {
	struct hm_cx *cx;
	struct gql_noun *out;
};

static hm_err keep_noun(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct loading *l = arg;
	(void)cx;
	l->out->id = row[0].number;
	l->out->kind = (enum graph_noun_kind)row[1].number;
	l->out->key = hm_dup(l->cx, row[2].text);
	return NULL;
}

hm_err graph_gql_load_noun(struct gql_run *r, int64_t id, struct gql_noun *out)
{
	struct loading l = { r->scratch, out };
	*out = (struct gql_noun){ 0 };
	return store_run(r->scratch, r->use, "SELECT id, kind, key FROM node WHERE id = $1",
			 STORE_VALUES(store_int(id)), keep_noun, &l);
}

/* ------------------------------------------------------------------ paths */

static struct hm_str decode(struct gql_run *r, struct hm_str s)
{
	struct hm_str out;
	return http_unescape(r->scratch, s, false, &out) ? s : out;
}

/* From type to the deepest; a level that the noun does not have is empty. */
struct path {
	struct gql_tree *at[4];
	size_t n;
};

static struct gql_tree *add_level(struct gql_run *r, struct path *p, enum gql_level level,
				  struct hm_str id, struct hm_str text)
{
	struct gql_tree *t = hm_new(r->scratch, struct gql_tree, 1);
	t->level = level;
	t->id = id;
	t->text = text;
	p->at[p->n++] = t;
	return t;
}

static int64_t parent_of(struct gql_run *r, int64_t id)
{
	int64_t parent = 0;
	hm_err err = store_run(r->scratch, r->use, "SELECT parent FROM node WHERE id = $1",
			       STORE_VALUES(store_int(id)), graph_one_number, &parent);
	return err ? 0 : parent;
}

/* pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS#SUBPATH, as graph_purl() has it. */
static void split_package(struct gql_run *r, const struct gql_noun *n, struct path *p)
{
	struct hm_str subpath = hm_from(n->key, 4), qualifiers, version, name, type;
	qualifiers = hm_cut(&subpath, '#');
	version = hm_cut(&qualifiers, '?');
	name = hm_cut(&version, '@');
	type = hm_cut(&name, '/');
	size_t slash = hm_rfind_char(name, '/');
	struct hm_str space = slash == SIZE_MAX ? HM_STR("") : hm_sub(name, 0, slash);
	bool is_version = n->kind == GRAPH_PACKAGE;
	name = slash == SIZE_MAX ? name : hm_from(name, slash + 1);
	add_level(r, p, GQL_PKG_TYPE, hm_fmt(r->scratch, "t:%.*s", HM_FMT(type)), type);
	add_level(r, p, GQL_PKG_NAMESPACE,
		  hm_fmt(r->scratch, "n:%.*s/%.*s", HM_FMT(type), HM_FMT(space)), decode(r, space));
	add_level(r, p, GQL_PKG_NAME,
		  graph_gql_noun_id(r, is_version ? parent_of(r, n->id) : n->id), decode(r, name));
	if (!is_version)
		return;
	struct gql_tree *t =
		add_level(r, p, GQL_PKG_VERSION, graph_gql_noun_id(r, n->id), decode(r, version));
	t->purl = n->key;
	t->subpath = decode(r, subpath);
	while (qualifiers.n)
		*hm_push(r->scratch, &t->qualifiers) = decode(r, hm_cut(&qualifiers, '&'));
}

/* TYPE+HOST/PATH/NAME@COMMIT, or with #TAG */
static void split_source(struct gql_run *r, const struct gql_noun *n, struct path *p)
{
	struct hm_str rest = n->key, type = HM_STR("git"), tag = { "", 0 }, commit = { "", 0 };
	size_t plus = hm_find_char(rest, '+'), at, slash;
	if (plus != SIZE_MAX) {
		type = hm_sub(rest, 0, plus);
		rest = hm_from(rest, plus + 1);
	}
	slash = hm_rfind_char(rest, '/');
	if ((at = hm_find_char(rest, '#')) != SIZE_MAX) {
		tag = hm_from(rest, at + 1);
		rest.n = at;
	} else if ((at = hm_rfind_char(rest, '@')) != SIZE_MAX &&
		   (slash == SIZE_MAX || at > slash)) {
		commit = hm_from(rest, at + 1);
		rest.n = at;
	}
	slash = hm_rfind_char(rest, '/');
	struct hm_str space = slash == SIZE_MAX ? HM_STR("") : hm_sub(rest, 0, slash);
	add_level(r, p, GQL_SRC_TYPE, hm_fmt(r->scratch, "st:%.*s", HM_FMT(type)), type);
	add_level(r, p, GQL_SRC_NAMESPACE,
		  hm_fmt(r->scratch, "sn:%.*s/%.*s", HM_FMT(type), HM_FMT(space)), space);
	struct gql_tree *t = add_level(r, p, GQL_SRC_NAME, graph_gql_noun_id(r, n->id),
				       slash == SIZE_MAX ? rest : hm_from(rest, slash + 1));
	t->tag = tag;
	t->commit = commit;
}

static void split_vulnerability(struct gql_run *r, const struct gql_noun *n, struct path *p)
{
	struct hm_str id = n->key, type = hm_cut(&id, '/');
	add_level(r, p, GQL_VULN_TYPE, hm_fmt(r->scratch, "vt:%.*s", HM_FMT(type)), type);
	add_level(r, p, GQL_VULN_ID, graph_gql_noun_id(r, n->id), id);
}

static bool split(struct gql_run *r, const struct gql_noun *n, struct path *out)
{
	*out = (struct path){ 0 };
	if (n->kind == GRAPH_PACKAGE || n->kind == GRAPH_PACKAGE_NAME)
		split_package(r, n, out);
	else if (n->kind == GRAPH_SOURCE)
		split_source(r, n, out);
	else if (n->kind == GRAPH_VULNERABILITY)
		split_vulnerability(r, n, out);
	return out->n != 0;
}

const struct gql_tree *graph_gql_path(struct gql_run *r, const struct gql_noun *n,
				      enum gql_level level)
{
	struct path p;
	if (!split(r, n, &p))
		return NULL;
	for (size_t i = 0; i < p.n; i++)
		if (p.at[i]->level == level)
			return p.at[i];
	return NULL;
}

/* ------------------------------------------------------------------ things */

static const char *const level_types[GQL_LEVELS] = {
	[GQL_PKG_TYPE] = "Package",        [GQL_PKG_NAMESPACE] = "PackageNamespace",
	[GQL_PKG_NAME] = "PackageName",    [GQL_PKG_VERSION] = "PackageVersion",
	[GQL_SRC_TYPE] = "Source",         [GQL_SRC_NAMESPACE] = "SourceNamespace",
	[GQL_SRC_NAME] = "SourceName",     [GQL_VULN_TYPE] = "Vulnerability",
	[GQL_VULN_ID] = "VulnerabilityID",
};

static struct gql_value tree_thing(struct gql_run *r, const struct gql_tree *t)
{
	return graph_gql_thing(r, level_types[t->level], t);
}

hm_err graph_gql_noun(struct gql_run *r, const struct gql_noun *n, struct gql_value *out)
{
	struct path p;
	*out = (struct gql_value){ .kind = GQL_NULL };
	if (split(r, n, &p)) {
		for (size_t i = p.n - 1; i > 0; i--)
			*hm_push(r->scratch, &p.at[i - 1]->below) = tree_thing(r, p.at[i]);
		*out = tree_thing(r, p.at[0]);
		return NULL;
	}
	struct gql_noun *own = hm_new(r->scratch, struct gql_noun, 1);
	*own = *n;
	if (n->kind == GRAPH_ARTIFACT)
		*out = graph_gql_thing(r, "Artifact", own);
	else if (n->kind == GRAPH_BUILDER)
		*out = graph_gql_thing(r, "Builder", own);
	else if (n->kind == GRAPH_LICENCE)
		*out = graph_gql_thing(r, "License", own);
	return NULL;
}

hm_err graph_gql_forest(struct gql_run *r, const struct gql_noun *nouns, size_t n,
			struct gql_values *out)
{
	struct hm_map seen = { 0 };
	struct path p;
	for (size_t i = 0; i < n; i++) {
		struct gql_tree *above = NULL;
		struct gql_value v;
		if (!split(r, &nouns[i], &p)) {
			HM_TRY(graph_gql_noun(r, &nouns[i], &v));
			*hm_push(r->scratch, out) = v;
			continue;
		}
		for (size_t k = 0; k < p.n; k++) {
			void **slot = hm_map_slot(r->scratch, &seen, p.at[k]->id);
			if (!*slot) {
				*slot = p.at[k];
				*hm_push(r->scratch, above ? &above->below : out) =
					tree_thing(r, p.at[k]);
			}
			above = *slot;
		}
	}
	return NULL;
}
