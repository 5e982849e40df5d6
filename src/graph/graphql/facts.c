/* SPDX-License-Identifier: Apache-2.0 */
/* Facts out of the tables, with their nouns and their document. */
#include "graph/graphql/graphql.h"

/* The columns, and where they come from. */
#define FACTS                                                                                        \
	"SELECT fact.id, fact.kind, s.id, s.kind, s.key, o.id, o.kind, o.key, d.key, "               \
	"document.digest, document.origin, document.collector, document.id "                         \
	"FROM fact JOIN node AS s ON s.id = fact.subject LEFT JOIN node AS o ON o.id = fact.object " \
	"LEFT JOIN node AS d ON d.id = fact.detail JOIN document ON document.id = fact.document "

struct reading {
	struct gql_run *r;
	hm_err (*each)(struct gql_run *r, void *arg, const struct gql_fact *f);
	void *arg;
};

static struct gql_noun noun_of(const struct store_value *row)
{
	if (row[0].kind != STORE_INT)
		return (struct gql_noun){ 0 };
	return (struct gql_noun){ .id = row[0].number,
				  .kind = (enum graph_noun_kind)row[1].number,
				  .key = row[2].text };
}

static hm_err read_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct reading *w = arg;
	HM_AUTO_CX own = hm_cx_child(cx, HM_MIB);
	struct gql_fact f = { .id = row[0].number,
			      .kind = (enum graph_fact_kind)row[1].number,
			      .subject = noun_of(row + 2),
			      .object = noun_of(row + 5),
			      .digest = row[9].text,
			      .origin = row[10].text,
			      .collector = row[11].text,
			      .document = row[12].number };
	HM_TRY(hm_alive(cx));
	/* what is no JSON says nothing */
	if (row[8].kind == STORE_TEXT)
		f.said = row[8].text;
	if (f.said.n && json_parse(&own, f.said, JSON_ANY_NUMBER, &f.detail))
		f.detail = (struct json){ NULL };
	return w->each(w->r, w->arg, &f);
}

hm_err graph_gql_facts(struct gql_run *r, const struct gql_where *w,
		       hm_err (*each)(struct gql_run *r, void *arg, const struct gql_fact *f),
		       void *arg)
{
	static const struct {
		const char *sql;
		bool has_kind;
	} statements[] = {
		[GQL_BY_ID] = { FACTS "WHERE fact.id = $1", false },
		[GQL_BY_KIND] = { FACTS "WHERE fact.kind = $1 ORDER BY fact.id", false },
		[GQL_BY_SUBJECT] = { FACTS "WHERE fact.subject = $1 AND fact.kind = $2 "
					   "ORDER BY fact.id",
				     true },
		[GQL_BY_OBJECT] = { FACTS "WHERE fact.object = $1 AND fact.kind = $2 "
					  "ORDER BY fact.id",
				    true },
		[GQL_BY_LINK] = { FACTS "WHERE fact.id IN (SELECT fact FROM link WHERE node = $1) "
					"AND fact.kind = $2 ORDER BY fact.id",
				  true },
		[GQL_BY_DOCUMENT] = { FACTS "WHERE fact.document = $1 AND fact.kind = $2 "
					    "ORDER BY fact.id",
				      true },
	};
	struct reading reading = { r, each, arg };
	int64_t first = w->by == GQL_BY_KIND ? (int64_t)w->kind : w->number;
	struct store_values one = STORE_VALUES(store_int(first));
	struct store_values two = STORE_VALUES(store_int(first), store_int((int64_t)w->kind));
	return store_run(r->scratch, r->use, statements[w->by].sql,
			 statements[w->by].has_kind ? two : one, read_row, &reading);
}

static struct gql_noun keep_noun(struct gql_run *r, const struct gql_noun *n)
{
	return (struct gql_noun){ n->id, n->kind, hm_dup(r->scratch, n->key) };
}

struct gql_fact graph_gql_keep(struct gql_run *r, const struct gql_fact *f)
{
	struct gql_fact out = *f;
	out.subject = keep_noun(r, &f->subject);
	out.object = keep_noun(r, &f->object);
	out.digest = hm_dup(r->scratch, f->digest);
	out.origin = hm_dup(r->scratch, f->origin);
	out.collector = hm_dup(r->scratch, f->collector);
	out.said = hm_dup(r->scratch, f->said);
	out.detail = (struct json){ NULL };
	if (json_is_there(f->detail) &&
	    json_parse(r->scratch, out.said, JSON_ANY_NUMBER, &out.detail))
		out.detail = (struct json){ NULL };
	return out;
}

struct gql_value graph_gql_fact_thing(struct gql_run *r, const struct gql_fact *f)
{
	struct gql_fact *own = hm_new(r->scratch, struct gql_fact, 1);
	*own = graph_gql_keep(r, f);
	for (const struct gql_search *s = graph_gql_searches; s->type; s++)
		if (s->fact == f->kind && f->kind)
			return graph_gql_thing(r, s->type, own);
	return (struct gql_value){ .kind = GQL_NULL };
}

struct linking {
	struct gql_run *r;
	struct gql_values *out;
};

static hm_err add_link(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct linking *l = arg;
	struct gql_noun n = { row[0].number, (enum graph_noun_kind)row[1].number,
			      hm_dup(l->r->scratch, row[2].text) };
	struct gql_value v;
	(void)cx;
	HM_TRY(graph_gql_noun(l->r, &n, &v));
	if (v.kind != GQL_NULL)
		*hm_push(l->r->scratch, l->out) = v;
	return NULL;
}

hm_err graph_gql_links(struct gql_run *r, int64_t fact, int role, struct gql_values *out)
{
	struct linking l = { r, out };
	return store_run(r->scratch, r->use,
			 "SELECT node.id, node.kind, node.key FROM link JOIN node "
			 "ON node.id = link.node WHERE link.fact = $1 AND link.role = $2 "
			 "ORDER BY node.id",
			 STORE_VALUES(store_int(fact), store_int(role)), add_link, &l);
}
