/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of lists: `after` a cursor, the `first` so many. */
#include "graph/graphql/graphql.h"

hm_err graph_gql_paging(struct gql_run *r, const struct gql_call *c, struct gql_paging *out)
{
	struct json first = json_get(c->args, "first"), after = json_get(c->args, "after");
	int64_t n;
	*out = (struct gql_paging){ .first = SIZE_MAX,
				    .is_on = true,
				    .page = hm_new(r->scratch, struct gql_page, 1) };
	out->page->search = c->field->search;
	if (json_int(first, &n)) {
		if (n < 0)
			return hm_fail(r->scratch, HM_INPUT, "\"first\" is less than 0");
		out->first = (size_t)n;
	}
	if (json_is_string(after) && json_str(after).n) {
		out->after = json_str(after);
		out->is_on = false;
	} else if (json_int(after, &n)) {
		out->after = graph_gql_noun_id(r, n);
		out->is_on = false;
	}
	return NULL;
}

bool graph_gql_turn(struct gql_paging *p, struct hm_str cursor)
{
	p->page->total++;
	if (!p->is_on) {
		p->is_on = hm_eq(cursor, p->after);
		return false;
	}
	if (p->page->nodes.n < p->first)
		return true;
	p->page->has_next = true;
	return false;
}

void graph_gql_add(struct gql_run *r, struct gql_paging *p, struct hm_str cursor,
		   struct gql_value node)
{
	*hm_push(r->scratch, &p->page->nodes) = node;
	*hm_push(r->scratch, &p->page->cursors) = cursor;
}

struct gql_value graph_gql_page_value(struct gql_run *r, const struct gql_paging *p,
				      const char *connection, const char *edge)
{
	struct gql_page *page = p->page;
	if (!page->nodes.n)
		return (struct gql_value){ .kind = GQL_NULL };
	for (size_t i = 0; i < page->nodes.n; i++) {
		struct gql_edge *e = hm_new(r->scratch, struct gql_edge, 1);
		*e = (struct gql_edge){ page->nodes.p[i], page->cursors.p[i] };
		page->nodes.p[i] = graph_gql_thing(r, edge, e);
	}
	return graph_gql_thing(r, connection, page);
}
