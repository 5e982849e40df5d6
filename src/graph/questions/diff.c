/* SPDX-License-Identifier: Apache-2.0 */
/* What one release has that another has not; licences. */
#include "advisory/advisory.h"
#include "graph/questions/sbom.h"

/* ------------------------------------------------------------------ components */

static struct hm_str name_of(struct hm_str key)
{
	struct hm_str rest = key, name = hm_cut(&rest, '?');
	size_t at = hm_rfind_char(name, '@'), slash = hm_rfind_char(name, '/');
	return at != SIZE_MAX && (slash == SIZE_MAX || at > slash) ? hm_sub(name, 0, at) : name;
}

static int compare_components(const void *a, const void *b)
{
	const struct graph_component *x = a, *y = b;
	int d = hm_cmp(name_of(x->package.key), name_of(y->package.key));
	return d ? d : hm_cmp(x->package.key, y->package.key);
}

/* Of one name: what only one side has, in pairs. */
static void add_changes(struct hm_cx *cx, const struct graph_component *a, size_t a_n,
			const struct graph_component *b, size_t b_n, struct graph_diff *out)
{
	size_t i = 0, k = 0, first = out->changes.n, before = first, after = first;
	while (i < a_n || k < b_n) {
		int order = i == a_n ? 1 : k == b_n ? -1 : compare_components(&a[i], &b[k]);
		if (!order) {
			i++;
			k++;
			continue;
		}
		size_t *place = order < 0 ? &before : &after;
		if (*place == out->changes.n)
			*hm_push(cx, &out->changes) = (struct graph_change){ 0 };
		if (order < 0)
			out->changes.p[before++].before = a[i++];
		else
			out->changes.p[after++].after = b[k++];
	}
	for (i = first; i < out->changes.n; i++) {
		const struct graph_change *c = &out->changes.p[i];
		out->changed += c->before.package.id && c->after.package.id;
		out->removed += !c->after.package.id;
		out->added += !c->before.package.id;
	}
}

static size_t run_of(const struct graph_components *c, size_t from, struct hm_str name)
{
	size_t end = from;
	while (end < c->n && hm_eq(name_of(c->p[end].package.key), name))
		end++;
	return end - from;
}

static void compare_all(struct hm_cx *cx, const struct graph_components *a,
			const struct graph_components *b, struct graph_diff *out)
{
	for (size_t i = 0, k = 0; i < a->n || k < b->n;) {
		struct hm_str x = i < a->n ? name_of(a->p[i].package.key) : HM_STR("");
		struct hm_str y = k < b->n ? name_of(b->p[k].package.key) : HM_STR("");
		bool is_a = i < a->n && (k == b->n || hm_cmp(x, y) <= 0);
		struct hm_str name = is_a ? x : y;
		size_t na = run_of(a, i, name), nb = run_of(b, k, name);
		add_changes(cx, na ? &a->p[i] : NULL, na, nb ? &b->p[k] : NULL, nb, out);
		i += na;
		k += nb;
	}
}

/* ------------------------------------------------------------------ vulnerabilities, licences */

static hm_err add_said(struct graph_ask *a, const struct graph_components *c, struct hm_strs *out)
{
	_Static_assert(GRAPH_CERTIFY_VULN == 8, "as the statement has it");
	for (size_t i = 0; i < c->n && graph_ask_goes_on(a); i++) {
		struct graph_numbers ids = { 0 };
		HM_TRY(graph_ask_numbers(
			a, "SELECT DISTINCT object FROM fact WHERE subject = $1 AND kind = 8",
			STORE_VALUES(store_int(c->p[i].package.id)), &ids));
		for (size_t k = 0; k < ids.n; k++) {
			struct graph_node node;
			HM_TRY(graph_ask_node(a, ids.p[k], &node));
			char *id = hm_dupz(a->cx, graph_label(a->cx, &node));
			if (node.key.n && !hm_starts(node.key, HM_STR("novuln")))
				*hm_push(a->cx, out) = hm_cstr(id);
		}
	}
	return NULL;
}

static hm_err add_matched(struct graph_ask *a, const struct advisory_db *db,
			  const struct graph_components *c, struct hm_strs *out)
{
	struct inventory inv = { .components =
					 hm_new(a->cx, struct inventory_component, c->n + 1) };
	struct advisory_report report;
	for (size_t i = 0; i < c->n; i++)
		inv.n += !inventory_purl_parse(a->cx, c->p[i].package.key, &inv.components[inv.n]);
	HM_TRY(advisory_scan(a->cx, db, &inv, &report));
	for (size_t i = 0; i < report.n; i++)
		*hm_push(a->cx, out) = hm_lower(a->cx, report.matches[i].id);
	return NULL;
}

static void add_licences(struct hm_cx *cx, const struct graph_components *c, struct hm_strs *out)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->p[i].licences.n; k++)
			*hm_push(cx, out) = graph_label(cx, &c->p[i].licences.p[k]);
}

/* Those that only one list has. */
static void keep_own(struct hm_cx *cx, struct hm_strs lists[2], struct hm_strs out[2])
{
	for (int side = 0; side < 2; side++)
		hm_strs_sort_unique(&lists[side]);
	for (int side = 0; side < 2; side++) {
		struct hm_map other = { 0 };
		for (size_t i = 0; i < lists[!side].n; i++)
			hm_map_put(cx, &other, lists[!side].p[i], lists);
		for (size_t i = 0; i < lists[side].n; i++)
			if (!hm_map_has(&other, lists[side].p[i]))
				*hm_push(cx, &out[side]) = lists[side].p[i];
	}
}

hm_err graph_diff(struct hm_cx *cx, struct graph *g, const struct advisory_db *db,
		  const struct graph_two *releases, const struct graph_limits *limits,
		  struct graph_diff *out)
{
	GRAPH_AUTO_ASK a;
	const struct hm_str names[2] = { releases->a, releases->b };
	struct graph_components components[2] = { { 0 }, { 0 } };
	struct hm_strs vulnerabilities[2] = { { 0 }, { 0 } }, licences[2] = { { 0 }, { 0 } };
	struct graph_diff diff = { 0 };
	HM_TRY(graph_ask_begin(cx, g, limits, &a));
	for (int side = 0; side < 2; side++) {
		struct graph_components *c = &components[side];
		int64_t document;
		HM_TRY(graph_sbom_of(&a, names[side], &diff.nodes[side], &document));
		HM_TRY(graph_ask_witness(&a, document, &diff.sources[side]));
		HM_TRY(graph_components_of(&a, document, c));
		if (c->n)
			qsort(c->p, c->n, sizeof(*c->p), compare_components);
		HM_TRY(add_said(&a, c, &vulnerabilities[side]));
		if (db)
			HM_TRY(add_matched(&a, db, c, &vulnerabilities[side]));
		add_licences(cx, c, &licences[side]);
	}
	compare_all(cx, &components[0], &components[1], &diff);
	keep_own(cx, vulnerabilities, diff.vulnerabilities);
	keep_own(cx, licences, diff.licences);
	if (diff.changes.n > a.rows) {
		diff.changes.n = a.rows;
		a.cut = GRAPH_CUT_ROWS;
	}
	diff.cut = a.cut;
	*out = diff;
	return NULL;
}

/* ------------------------------------------------------------------ licences */

static hm_err add_packages(struct graph_ask *a, const struct graph_node *licence,
			   struct graph_licensed *out)
{
	struct graph_numbers ids = { 0 };
	HM_TRY(graph_ask_numbers(a,
				 "SELECT DISTINCT fact.subject FROM link JOIN fact ON fact.id = "
				 "link.fact WHERE link.node = $1 AND fact.kind = 5 LIMIT $2",
				 STORE_VALUES(store_int(licence->id),
					      store_int((int64_t)a->rows + 1)),
				 &ids));
	for (size_t i = 0; i < ids.n; i++) {
		if (out->components.n >= a->rows) {
			a->cut = GRAPH_CUT_ROWS;
			return NULL;
		}
		struct graph_component *c = hm_push(a->cx, &out->components);
		*c = (struct graph_component){ 0 };
		HM_TRY(graph_ask_node(a, ids.p[i], &c->package));
		*hm_push(a->cx, &c->licences) = *licence;
	}
	return NULL;
}

/* Who declares the licences: the document, or of a licence those that name it. */
static hm_err add_evidence(struct graph_ask *a, int64_t document, struct graph_licensed *out)
{
	_Static_assert(GRAPH_CERTIFY_LEGAL == 5, "as the statements have it");
	for (size_t i = 0; i < out->components.n && graph_ask_goes_on(a); i++) {
		struct graph_component *c = &out->components.p[i];
		if (document)
			HM_TRY(graph_ask_some(
				a,
				"SELECT " GRAPH_ROW_COLUMNS
				" FROM fact WHERE fact.subject = $1 AND fact.kind = 5 AND "
				"fact.document = $2 ORDER BY fact.id LIMIT 3",
				STORE_VALUES(store_int(c->package.id), store_int(document)),
				&c->said));
		else
			HM_TRY(graph_ask_some(
				a,
				"SELECT DISTINCT " GRAPH_ROW_COLUMNS
				" FROM fact JOIN link ON link.fact = fact.id WHERE fact.subject = "
				"$1 AND fact.kind = 5 AND link.node = $2 ORDER BY fact.id LIMIT 3",
				STORE_VALUES(store_int(c->package.id),
					     store_int(c->licences.p[0].id)),
				&c->said));
	}
	return NULL;
}

hm_err graph_licences(struct hm_cx *cx, struct graph *g, struct hm_str name,
		      const struct graph_asked *asked, struct graph_licensed *out)
{
	GRAPH_AUTO_ASK a;
	struct graph_nodes nodes = { 0 };
	struct graph_licensed found = { 0 };
	struct graph_components components = { 0 };
	struct graph_node subject;
	int64_t document = 0;
	HM_TRY(graph_ask_begin(cx, g, asked ? &asked->limits : NULL, &a));
	HM_TRY(graph_ask_name(&a, name, 1u << GRAPH_LICENCE, &nodes));
	for (size_t i = 0; i < nodes.n; i++)
		HM_TRY(add_packages(&a, &nodes.p[i], &found));
	if (!nodes.n) {
		HM_TRY(graph_sbom_of(&a, name, &subject, &document));
		HM_TRY(graph_ask_witness(&a, document, &found.source));
		HM_TRY(graph_components_of(&a, document, &components));
		for (size_t i = 0; i < components.n && i < a.rows; i++)
			*hm_push(cx, &found.components) = components.p[i];
		if (components.n > a.rows)
			a.cut = GRAPH_CUT_ROWS;
	}
	if (found.components.n)
		qsort(found.components.p, found.components.n, sizeof(*found.components.p),
		      compare_components);
	if (asked && asked->explain)
		HM_TRY(add_evidence(&a, document, &found));
	found.cut = a.cut;
	*out = found;
	return NULL;
}
