/* SPDX-License-Identifier: Apache-2.0 */
/* Packages of the graph that have a vulnerability: by documents, and by the advisory database. */
#include "graph/questions/exposed.h"

enum { CANDIDATES = 100000, SYSTEMS = 3 };

struct graph_affected *graph_affected_of(struct graph_ask *a, struct graph_affected_list *list,
					 const struct graph_node *package)
{
	bool is_new;
	uint64_t *at = graph_ids_slot(a->cx, &list->at, package->id, &is_new);
	if (is_new) {
		*at = list->n;
		*hm_push(a->cx, list) = (struct graph_affected){ .package = *package };
	}
	return &list->p[*at];
}

/* ------------------------------------------------------------------ by documents */

static hm_err add_said(struct graph_ask *a, const struct graph_node *vulnerability,
		       struct graph_affected_list *out)
{
	_Static_assert(GRAPH_CERTIFY_VULN == 8, "as the statement has it");
	struct graph_rows rows = { 0 };
	HM_TRY(graph_ask_rows(a,
			      "SELECT " GRAPH_ROW_COLUMNS " FROM fact WHERE fact.object = $1 "
			      "AND fact.kind = 8 ORDER BY fact.id LIMIT $2",
			      STORE_VALUES(store_int(vulnerability->id),
					   store_int((int64_t)HM_MAX_GRAPH_VISITS + 1)),
			      &rows));
	for (size_t i = 0; i < rows.n; i++) {
		struct graph_node package;
		HM_TRY(graph_ask_node(a, rows.p[i].subject, &package));
		if (package.kind == GRAPH_PACKAGE)
			*hm_push(a->cx, &graph_affected_of(a, out, &package)->said) = rows.p[i];
	}
	return NULL;
}

/* ------------------------------------------------------------------ by the database */

struct matching {
	struct graph_ask *a;
	struct graph_ids seen;
	struct graph_nodes nodes; /* of the components, in their order */
	HM_VEC(struct inventory_component) components;
};

static hm_err add_component(struct matching *m, int64_t id)
{
	struct graph_node node;
	struct inventory_component c;
	bool is_new;
	(void)graph_ids_slot(m->a->cx, &m->seen, id, &is_new);
	if (is_new && m->components.n >= CANDIDATES)
		m->a->cut = GRAPH_CUT_ROWS;
	if (!is_new || m->components.n >= CANDIDATES)
		return NULL;
	HM_TRY(graph_ask_node(m->a, id, &node));
	if (node.kind != GRAPH_PACKAGE || inventory_purl_parse(m->a->cx, node.key, &c))
		return NULL;
	*hm_push(m->a->cx, &m->nodes) = node;
	*hm_push(m->a->cx, &m->components) = c;
	return NULL;
}

static hm_err add_versions(struct matching *m, int64_t name)
{
	struct graph_nodes versions = { 0 };
	HM_TRY(graph_ask_versions(m->a, name, &versions));
	for (size_t i = 0; i < versions.n; i++)
		HM_TRY(add_component(m, versions.p[i].id));
	return NULL;
}

/* Of a language: its purl follows from the name. */
static hm_err add_language(struct matching *m, const struct inventory_type *type,
			   struct hm_str name)
{
	struct hm_cx *cx = m->a->cx;
	struct inventory_component c = { .type = hm_cstr(type->name), .name = name };
	struct hm_str key, plain;
	int64_t id;
	size_t at = type->join ? hm_rfind_char(name, type->join) : SIZE_MAX;
	if (at != SIZE_MAX && !(type->rules & INVENTORY_PATH_NAME)) {
		c.namespace = hm_sub(name, 0, at);
		c.name = hm_from(name, at + 1);
	}
	if (graph_purl(cx, inventory_purl(cx, &c), &key, &plain))
		return NULL;
	HM_TRY(graph_find(cx, m->a->use, GRAPH_PACKAGE_NAME, plain, &id));
	return id ? add_versions(m, id) : NULL;
}

static bool has_part(struct hm_str key, const char *before, struct hm_str name)
{
	for (size_t from = 0; from < key.n;) {
		size_t at = hm_find(hm_from(key, from), name);
		if (at == SIZE_MAX)
			return false;
		at += from;
		size_t end = at + name.n;
		if (at && hm_is_one_of(key.p[at - 1], before) &&
		    (end == key.n || hm_is_one_of(key.p[end], "@?&%-#")))
			return true;
		from = at + 1;
	}
	return false;
}

/* Of a distribution: a package by that name, or one that is built from it. */
static hm_err add_systems(struct matching *m, const struct hm_strs *names)
{
	static const char *const types[SYSTEMS] = { "apk", "deb", "rpm" };
	for (size_t t = 0; names->n && t < SYSTEMS; t++) {
		struct graph_numbers all = { 0 };
		HM_TRY(graph_ask_numbers(
			m->a,
			"SELECT node.id FROM word JOIN node ON node.parent = word.node "
			"WHERE word.word = $1 AND node.parent <> 0",
			STORE_VALUES(store_text(hm_cstr(types[t]))), &all));
		for (size_t i = 0; i < all.n && graph_ask_goes_on(m->a); i++) {
			struct graph_node node;
			HM_TRY(graph_ask_node(m->a, all.p[i], &node));
			bool fits = false;
			for (size_t k = 0; k < names->n && !fits; k++)
				fits = has_part(node.key, "/=", names->p[k]);
			if (fits)
				HM_TRY(add_component(m, node.id));
		}
	}
	return NULL;
}

static bool is_named(const struct advisory_match *match, const struct graph_vulnerability *v)
{
	for (size_t i = 0; i < v->names.n; i++) {
		if (!hm_cmp_nocase(match->id, v->names.p[i]))
			return true;
		for (size_t k = 0; k < match->aliases.n; k++)
			if (!hm_cmp_nocase(match->aliases.p[k], v->names.p[i]))
				return true;
	}
	return false;
}

static struct hm_strs copy_all(struct hm_cx *cx, const struct hm_strs *list)
{
	struct hm_strs copy = { 0 };
	for (size_t i = 0; i < list->n; i++)
		*hm_push(cx, &copy) = hm_dup(cx, list->p[i]);
	return copy;
}

static hm_err match(struct matching *m, const struct advisory_db *db,
		    const struct graph_vulnerability *v, struct graph_affected_list *out)
{
	struct hm_cx *cx = m->a->cx;
	struct inventory inv = { .components = m->components.p, .n = m->components.n };
	struct advisory_report report;
	if (!inv.n)
		return NULL;
	HM_TRY(advisory_scan(cx, db, &inv, &report));
	for (size_t i = 0; i < report.n; i++) {
		const struct advisory_match *found = &report.matches[i];
		if (!is_named(found, v))
			continue;
		struct graph_affected *one =
			graph_affected_of(m->a, out, &m->nodes.p[found->component]);
		one->advisories = copy_all(cx, &found->reasons);
		one->fixed = copy_all(cx, &found->fixed);
		one->severity = hm_cstr(advisory_severity_names[found->severity]);
	}
	return NULL;
}

hm_err graph_affected_find(struct graph_ask *a, const struct advisory_db *db,
			   const struct graph_vulnerability *v, struct graph_affected_list *out)
{
	struct matching m = { .a = a };
	struct hm_strs systems = { 0 };
	for (size_t i = 0; i < v->nodes.n; i++)
		HM_TRY(add_said(a, &v->nodes.p[i], out));
	if (!db)
		return NULL;
	for (size_t i = 0; i < v->concerned.n; i++) {
		const struct advisory_named *named = &v->concerned.p[i];
		const struct inventory_type *type = inventory_type_of_ecosystem(named->ecosystem);
		if (type->name)
			HM_TRY(add_language(&m, type, named->name));
		else
			*hm_push(a->cx, &systems) = graph_purl_part(a->cx, named->name, false);
	}
	hm_strs_sort_unique(&systems);
	HM_TRY(add_systems(&m, &systems));
	return match(&m, db, v, out);
}

/* ------------------------------------------------------------------ by whatever */

/* subject */
static hm_err keep_affected(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	bool is_new;
	(void)graph_ids_slot(cx, arg, row[0].number, &is_new);
	return NULL;
}

hm_err graph_affected_among(struct graph_ask *a, const struct advisory_db *db,
			    const struct graph_numbers *packages, struct graph_nodes *out)
{
	struct matching m = { .a = a };
	struct graph_ids said = { 0 };
	bool is_new;
	HM_TRY(graph_ask_nodes_ahead(a, packages));
	for (size_t i = 0; i < packages->n; i++)
		HM_TRY(add_component(&m, packages->p[i]));
	HM_TRY(graph_ask_for_all(a,
				 "SELECT subject FROM fact WHERE subject = $1 AND kind = 8 LIMIT 1",
				 packages, keep_affected, &said));
	if (db && m.components.n) {
		struct inventory inv = { .components = m.components.p, .n = m.components.n };
		struct advisory_report report;
		HM_TRY(advisory_scan(a->cx, db, &inv, &report));
		for (size_t i = 0; i < report.n; i++)
			(void)graph_ids_slot(a->cx, &said,
					     m.nodes.p[report.matches[i].component].id, &is_new);
	}
	for (size_t i = 0; i < m.nodes.n; i++)
		if (graph_ids_get(&said, m.nodes.p[i].id))
			*hm_push(a->cx, out) = m.nodes.p[i];
	return NULL;
}
