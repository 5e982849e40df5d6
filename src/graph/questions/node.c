/* SPDX-License-Identifier: Apache-2.0 */
/* One noun: what it is, and what is said of it. */
#include "graph/questions/ask.h"

enum { VERSIONS_SHOWN = 100, DECISIONS_SHOWN = 20, PAGE = 100, LABEL_DIGITS = 12, LABEL_MAX = 80 };

/* ------------------------------------------------------------------ labels */

static struct hm_str label_purl(struct hm_cx *cx, struct hm_str key)
{
	struct hm_str rest = key, version = graph_purl_version(cx, key);
	struct hm_str name = hm_cut(&rest, '?');
	size_t at = hm_rfind_char(name, '@'), slash = hm_rfind_char(name, '/');
	if (version.n && at != SIZE_MAX)
		name.n = at;
	name = slash != SIZE_MAX ? hm_from(name, slash + 1) : name;
	if (hm_starts(version, HM_STR("sha256:")) && version.n > sizeof("sha256:") + LABEL_DIGITS)
		version.n = sizeof("sha256:") - 1 + LABEL_DIGITS;
	return version.n ? hm_fmt(cx, "%.*s@%.*s", HM_FMT(name), HM_FMT(version)) : name;
}

static struct hm_str label_digest(struct hm_cx *cx, struct hm_str key)
{
	size_t colon = hm_find_char(key, ':');
	if (colon == SIZE_MAX || key.n <= colon + 1 + LABEL_DIGITS)
		return key;
	return hm_dup(cx, hm_sub(key, 0, colon + 1 + LABEL_DIGITS));
}

/* "cve/cve-2021-44228": as people write it. */
static struct hm_str label_vulnerability(struct hm_cx *cx, struct hm_str key)
{
	struct hm_str name = hm_from(key, hm_find_char(key, '/') + 1);
	static const char *const lists[][2] = { { "cve-", "CVE-" }, { "ghsa-", "GHSA-" } };
	for (size_t i = 0; i < HM_LEN(lists); i++)
		if (hm_starts(name, hm_cstr(lists[i][0])))
			return hm_fmt(cx, "%s%.*s", lists[i][1],
				      HM_FMT(hm_from(name, strlen(lists[i][0]))));
	return name;
}

/* "cert:CN=releases,O=Shop|sha256:a259...": who it is, and enough to tell one from the next. */
static struct hm_str label_identity(struct hm_cx *cx, struct hm_str key)
{
	struct hm_str rest = key, who = hm_cut(&rest, '|'), digest = label_digest(cx, rest);
	size_t name = hm_find(who, HM_STR("CN="));
	if (!hm_starts(key, HM_STR("cert:")) || !hm_starts(digest, HM_STR("sha256:")))
		return key;
	who = hm_from(who, name == SIZE_MAX ? sizeof("cert:") - 1 : name);
	if (name != SIZE_MAX)
		who = hm_cut(&who, ',');
	return hm_fmt(cx, "%.*s (%.*s)", HM_FMT(hm_sub(who, 0, LABEL_MAX)),
		      HM_FMT(hm_from(digest, sizeof("sha256:") - 1)));
}

struct hm_str graph_label(struct hm_cx *cx, const struct graph_node *node)
{
	struct hm_str key = node->key;
	if (node->kind == GRAPH_PACKAGE || node->kind == GRAPH_PACKAGE_NAME)
		key = label_purl(cx, key);
	else if (node->kind == GRAPH_ARTIFACT)
		return label_digest(cx, key);
	else if (node->kind == GRAPH_VULNERABILITY)
		key = label_vulnerability(cx, key);
	else if (node->kind == GRAPH_IDENTITY)
		key = label_identity(cx, key);
	else if (node->kind == GRAPH_LICENCE)
		key = hm_cut(&key, '@');
	return key.n > LABEL_MAX ? hm_fmt(cx, "%.*s...", HM_FMT(hm_sub(key, 0, LABEL_MAX))) : key;
}

/* ------------------------------------------------------------------ a view of one */

static hm_err count_kind(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	uint64_t *counts = arg;
	(void)cx;
	if (row[0].number > 0 && row[0].number < GRAPH_FACT_KINDS)
		counts[row[0].number] += (uint64_t)row[1].number;
	return NULL;
}

static hm_err count_facts(struct graph_ask *a, int64_t id, uint64_t *counts)
{
	HM_TRY(graph_ask_run(a, "SELECT kind, COUNT(*) FROM fact WHERE subject = $1 GROUP BY kind",
			     STORE_VALUES(store_int(id)), count_kind, counts));
	HM_TRY(graph_ask_run(
		a,
		"SELECT kind, COUNT(*) FROM fact WHERE object = $1 AND subject <> $2 GROUP BY kind",
		STORE_VALUES(store_int(id), store_int(id)), count_kind, counts));
	return graph_ask_run(
		a,
		"SELECT fact.kind, COUNT(*) FROM link JOIN fact ON fact.id = link.fact "
		"WHERE link.node = $1 GROUP BY fact.kind",
		STORE_VALUES(store_int(id)), count_kind, counts);
}

static hm_err read_versions(struct graph_ask *a, struct graph_view *out)
{
	struct graph_numbers ids = { 0 };
	HM_TRY(graph_ask_numbers(a,
				 "SELECT id FROM node WHERE parent = $1 AND parent <> 0 "
				 "ORDER BY id LIMIT $2",
				 STORE_VALUES(store_int(out->node.id),
					      store_int(VERSIONS_SHOWN + 1)),
				 &ids));
	for (size_t i = 0; i < ids.n && i < VERSIONS_SHOWN; i++)
		HM_TRY(graph_ask_node(a, ids.p[i], hm_push(a->cx, &out->versions)));
	if (ids.n > VERSIONS_SHOWN)
		out->cut = GRAPH_CUT_ROWS;
	return NULL;
}

static hm_err find_node(struct graph_ask *a, int64_t id, struct graph_node *out)
{
	HM_TRY(graph_ask_node(a, id, out));
	return out->kind == GRAPH_NO_NOUN
		       ? hm_fail(a->cx, HM_ABSENT, "the graph has no node %lld", (long long)id)
		       : NULL;
}

hm_err graph_view(struct hm_cx *cx, struct graph *g, int64_t id, const struct graph_limits *limits,
		  struct graph_view *out)
{
	GRAPH_AUTO_ASK a;
	struct graph_view view = { 0 };
	int64_t parent, document;
	HM_TRY(graph_ask_begin(cx, g, limits, &a));
	HM_TRY(find_node(&a, id, &view.node));
	HM_TRY(graph_ask_number(&a, "SELECT parent FROM node WHERE id = $1",
				STORE_VALUES(store_int(id)), &parent));
	HM_TRY(graph_ask_node(&a, parent, &view.parent));
	HM_TRY(count_facts(&a, id, view.facts));
	if (view.node.kind == GRAPH_PACKAGE_NAME)
		HM_TRY(read_versions(&a, &view));
	if (view.node.kind == GRAPH_ARTIFACT) {
		HM_TRY(graph_ask_number(&a, "SELECT id FROM document WHERE digest = $1",
					STORE_VALUES(store_text(view.node.key)), &document));
		if (document)
			HM_TRY(graph_ask_witness(&a, document, &view.document));
		HM_TRY(graph_ask_pods(&a, id, &view.pods));
	}
	if (view.node.kind == GRAPH_ARTIFACT || view.node.kind == GRAPH_IMAGE)
		HM_TRY(graph_ask_decisions(&a, id, DECISIONS_SHOWN, &view.decisions));
	*out = view;
	return NULL;
}

/* ------------------------------------------------------------------ its facts */

/* Each has the facts of one kind from an id on; a fact that names the noun twice is in two. */
static const char *const ways[] = {
	"SELECT " GRAPH_ROW_COLUMNS " FROM fact WHERE fact.subject = $1 AND fact.kind = $2 "
	"AND fact.id > $3 ORDER BY fact.id LIMIT $4",
	"SELECT " GRAPH_ROW_COLUMNS " FROM fact WHERE fact.object = $1 AND fact.kind = $2 "
	"AND fact.id > $3 ORDER BY fact.id LIMIT $4",
	"SELECT " GRAPH_ROW_COLUMNS " FROM link JOIN fact ON fact.id = link.fact "
	"WHERE link.node = $1 AND fact.kind = $2 AND fact.id > $3 ORDER BY fact.id LIMIT $4",
};

static int compare_rows(const void *a, const void *b)
{
	const struct graph_row *x = a, *y = b;
	return (x->id > y->id) - (x->id < y->id);
}

/* Of one kind, behind fact `after`, into `rows`: at most `limit`, each once. */
static hm_err read_kind(struct graph_ask *a, int64_t node, int64_t kind, int64_t after,
			size_t limit, struct graph_rows *rows)
{
	struct graph_rows some = { 0 };
	size_t n = 0;
	for (size_t i = 0; i < HM_LEN(ways); i++)
		HM_TRY(graph_ask_rows(a, ways[i],
				      STORE_VALUES(store_int(node), store_int(kind),
						   store_int(after), store_int((int64_t)limit)),
				      &some));
	if (some.n)
		qsort(some.p, some.n, sizeof(*some.p), compare_rows);
	for (size_t i = 0; i < some.n && n < limit; i++) {
		if (i && some.p[i].id == some.p[i - 1].id)
			continue;
		*hm_push(a->cx, rows) = some.p[i];
		n++;
	}
	return NULL;
}

hm_err graph_neighbours(struct hm_cx *cx, struct graph *g, int64_t id,
			const struct graph_page *page, struct graph_neighbours *out)
{
	GRAPH_AUTO_ASK a;
	struct graph_rows rows = { 0 };
	struct graph_neighbours found = { 0 };
	struct graph_limits limits = { .rows = page->limit ? page->limit : PAGE };
	int64_t first = 1, after = page->after;
	HM_TRY(graph_ask_begin(cx, g, &limits, &a));
	HM_TRY(find_node(&a, id, &found.node));
	if (after) {
		HM_TRY(graph_ask_number(&a, "SELECT kind FROM fact WHERE id = $1",
					STORE_VALUES(store_int(after)), &first));
		if (!first)
			return hm_fail(cx, HM_ABSENT, "the graph has no fact %lld",
				       (long long)after);
	}
	for (int64_t kind = first; kind < GRAPH_FACT_KINDS && rows.n <= a.rows; kind++) {
		if (!page->kind || page->kind == (enum graph_fact_kind)kind)
			HM_TRY(read_kind(&a, id, kind, kind == first ? after : 0,
					 a.rows + 1 - rows.n, &rows));
	}
	for (size_t i = 0; i < rows.n && i < a.rows; i++)
		HM_TRY(graph_ask_said(&a, &rows.p[i], hm_push(cx, &found.facts)));
	if (rows.n > a.rows)
		found.next = rows.p[a.rows - 1].id;
	*out = found;
	return NULL;
}
