/* SPDX-License-Identifier: Apache-2.0 */
/* Software by a text in its names, and packages that were not scanned of late. */
#include "graph/graphql/graphql.h"

/* ------------------------------------------------------------------ by a text */

struct texts {
	struct gql_run *r;
	struct hm_str text;
	HM_VEC(struct gql_noun) found;
};

static bool is_in(struct gql_run *r, const struct gql_noun *n, struct hm_str text)
{
	static const enum gql_level levels[] = { GQL_PKG_TYPE, GQL_PKG_NAMESPACE,
						 GQL_PKG_NAME, GQL_PKG_VERSION,
						 GQL_SRC_TYPE, GQL_SRC_NAMESPACE,
						 GQL_SRC_NAME };
	struct hm_str digest = n->key;
	if (n->kind == GRAPH_ARTIFACT) {
		hm_cut(&digest, ':');
		return hm_find(digest, text) != SIZE_MAX;
	}
	for (size_t i = 0; i < HM_LEN(levels); i++) {
		const struct gql_tree *t = graph_gql_path(r, n, levels[i]);
		if (t && hm_find(t->text, text) != SIZE_MAX)
			return true;
	}
	return false;
}

static hm_err add_if_in(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct texts *w = arg;
	struct gql_run *r = w->r;
	struct gql_noun n = { row[0].number, (enum graph_noun_kind)row[1].number, row[2].text };
	struct hm_mark mark = hm_mark(r->scratch);
	bool found = is_in(r, &n, w->text);
	HM_TRY(hm_alive(cx));
	hm_release(r->scratch, mark);
	if (!found)
		return NULL;
	if (w->found.n >= HM_MAX_GRAPHQL_ROWS)
		return hm_fail(r->scratch, HM_LIMIT, "more than %u nodes match",
			       (unsigned)HM_MAX_GRAPHQL_ROWS);
	n.key = hm_dup(r->scratch, n.key);
	*hm_push(r->scratch, &w->found) = n;
	return NULL;
}

static hm_err find_text(struct gql_run *r, const struct gql_call *c, struct texts *out)
{
	_Static_assert(GRAPH_PACKAGE == 2 && GRAPH_SOURCE == 3 && GRAPH_ARTIFACT == 4,
		       "as the statement has them");
	*out = (struct texts){ .r = r, .text = json_str(json_get(c->args, "searchText")) };
	return store_run(r->scratch, r->use,
			 "SELECT id, kind, key FROM node WHERE kind IN (2, 3, 4) ORDER BY id",
			 STORE_NO_VALUES, add_if_in, out);
}

hm_err graph_gql_software(struct gql_run *r, const struct gql_thing *t, const struct gql_call *c,
			  struct gql_value *out)
{
	struct gql_values *list = hm_new(r->scratch, struct gql_values, 1);
	struct texts w;
	(void)t;
	HM_TRY(find_text(r, c, &w));
	*out = graph_gql_list(list);
	return graph_gql_forest(r, w.found.p, w.found.n, list);
}

hm_err graph_gql_software_page(struct gql_run *r, const struct gql_thing *t,
			       const struct gql_call *c, struct gql_value *out)
{
	struct gql_paging paging;
	struct gql_value v;
	struct texts w;
	(void)t;
	HM_TRY(graph_gql_paging(r, c, &paging));
	HM_TRY(find_text(r, c, &w));
	for (size_t i = 0; i < w.found.n; i++) {
		struct hm_str cursor = graph_gql_noun_id(r, w.found.p[i].id);
		if (!graph_gql_turn(&paging, cursor))
			continue;
		HM_TRY(graph_gql_noun(r, &w.found.p[i], &v));
		graph_gql_add(r, &paging, cursor, v);
	}
	*out = graph_gql_page_value(r, &paging, "FindSoftwareConnection", "SoftwareEdge");
	return NULL;
}

/* ------------------------------------------------------------------ what is to be scanned */

hm_err graph_gql_scan_list(struct gql_run *r, const struct gql_thing *t, const struct gql_call *c,
			   struct gql_value *out)
{
	struct gql_paging paging;
	struct gql_noun n;
	struct gql_value v;
	(void)t;
	HM_TRY(graph_gql_paging(r, c, &paging));
	for (struct json_iter it = json_iter(json_get(c->args, "pkgIDs")); json_next(&it);) {
		struct gql_id id = graph_gql_id(json_str(it.value));
		struct hm_str cursor = graph_gql_noun_id(r, id.number);
		HM_TRY(graph_gql_load_noun(r, id.kind == GQL_ID_NOUN ? id.number : 0, &n));
		if (n.kind != GRAPH_PACKAGE || !graph_gql_turn(&paging, cursor))
			continue;
		HM_TRY(graph_gql_noun(r, &n, &v));
		graph_gql_add(r, &paging, cursor, v);
	}
	*out = graph_gql_page_value(r, &paging, "PackageConnection", "PackageEdge");
	return NULL;
}

struct scans {
	struct gql_run *r;
	struct gql_values *out;
	enum graph_fact_kind kind;
	int64_t before; /* a scan since then is a recent one; INT64_MIN: any */
	bool is_scanned;
};

static hm_err note_scan(struct gql_run *r, void *arg, const struct gql_fact *f)
{
	struct scans *w = arg;
	int64_t when;
	if (f->kind == GRAPH_HAS_METADATA)
		w->is_scanned |= hm_eqz(json_str(json_get(f->detail, "key")), "endoflife");
	else
		w->is_scanned |=
			w->before == INT64_MIN ||
			(!hm_rfc3339_parse(r->scratch, json_str(json_get(f->detail, "timeScanned")),
					   &when) &&
			 when >= w->before);
	return NULL;
}

static hm_err add_if_unscanned(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct scans *w = arg;
	HM_TRY(hm_alive(cx));
	w->is_scanned = hm_starts(row[1].text, HM_STR("pkg:guac/"));
	if (!w->is_scanned)
		HM_TRY(graph_gql_facts(w->r,
				       &(struct gql_where){ .by = GQL_BY_SUBJECT,
							    .number = row[0].number,
							    .kind = w->kind },
				       note_scan, w));
	if (!w->is_scanned)
		*hm_push(w->r->scratch, w->out) =
			graph_gql_text(graph_gql_noun_id(w->r, row[0].number));
	return NULL;
}

hm_err graph_gql_scan_ids(struct gql_run *r, const struct gql_thing *t, const struct gql_call *c,
			  struct gql_value *out)
{
	struct hm_str type = json_str(json_get(c->args, "queryType"));
	struct scans w = { .r = r, .before = INT64_MIN };
	int64_t hours;
	(void)t;
	w.out = hm_new(r->scratch, struct gql_values, 1);
	w.kind = hm_eqz(type, "VULNERABILITY") ? GRAPH_CERTIFY_VULN
		 : hm_eqz(type, "LICENSE")     ? GRAPH_CERTIFY_LEGAL
					       : GRAPH_HAS_METADATA;
	if (json_int(json_get(c->args, "lastScan"), &hours))
		w.before = hm_now() - hours * 3600;
	*out = graph_gql_list(w.out);
	return store_run(r->scratch, r->use, "SELECT id, key FROM node WHERE kind = $1 ORDER BY id",
			 STORE_VALUES(store_int(GRAPH_PACKAGE)), add_if_unscanned, &w);
}
