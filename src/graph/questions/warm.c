/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked for most is read before anybody asks. */
#include <stdlib.h>

#include "graph/questions/counted.h"
#include "graph/questions/exposed.h"

/* So many facts of so many places are looked at: what is said often is often among them. */
enum { PLACES = 200, FACTS = 500, WARMED = 512, MEMORY = 64 * HM_MIB };
/* So many may be vulnerable; of those that are there are ways to be found in so many releases. */
enum { LOOKED_AT = 8192, RELEASES = 50000 };

struct said_often {
	int64_t noun;
	size_t facts;
};
struct sample {
	struct hm_cx *cx;
	int64_t last;        /* fact */
	struct graph_ids at; /* of a noun: its place in the list, plus 1 */
	HM_VEC(struct said_often) list;
};

static hm_err count_noun(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct sample *s = arg;
	bool is_new;
	(void)cx;
	uint64_t *at = graph_ids_slot(s->cx, &s->at, row[0].number, &is_new);
	if (is_new) {
		*at = s->list.n + 1;
		*hm_push(s->cx, &s->list) = (struct said_often){ .noun = row[0].number };
	}
	s->list.p[*at - 1].facts++;
	s->last = row[1].number;
	return NULL;
}

static int compare_often(const void *a, const void *b)
{
	const struct said_often *x = a, *y = b;
	if (x->facts != y->facts)
		return x->facts > y->facts ? -1 : 1;
	return (x->noun > y->noun) - (x->noun < y->noun);
}

static hm_err find_frequent(struct hm_cx *cx, struct graph *g, struct sample *out)
{
	_Static_assert(GRAPH_IS_DEPENDENCY == 1, "as the statement has it");
	GRAPH_AUTO_ASK a;
	HM_TRY(graph_ask_begin(cx, g, NULL, &a));
	HM_TRY(graph_ask_moment(&a));
	for (int64_t i = 0; i < PLACES; i++) {
		int64_t first = a.newest / PLACES * i;
		if (first <= out->last) /* a small graph is looked at whole, and once */
			first = out->last + 1;
		HM_TRY(graph_ask_run(&a,
				     "SELECT object, id FROM fact WHERE id >= $1 AND kind = 1 AND "
				     "object <> 0 ORDER BY id LIMIT $2",
				     STORE_VALUES(store_int(first), store_int(FACTS)), count_noun,
				     out));
	}
	if (out->list.n)
		qsort(out->list.p, out->list.n, sizeof(*out->list.p), compare_often);
	return NULL;
}

/* In a transaction of its own: whoever writes meanwhile is not held up by one that lasts. */
static hm_err count_dependents(struct hm_cx *cx, struct graph *g, int64_t noun)
{
	HM_AUTO_CX own = hm_cx_child(cx, MEMORY);
	GRAPH_AUTO_ASK a;
	struct graph_dependents none;
	hm_err err = graph_ask_begin(&own, g, NULL, &a);
	if (!err)
		err = graph_ask_dependents(&a, noun, 0, &none);
	return err ? hm_fault_copy(cx, err) : NULL;
}

/* ------------------------------------------------------------------ what is vulnerable */

/* Those of the most frequent packages that the database has something about, or a document. */
static hm_err find_vulnerable(struct hm_cx *cx, struct graph *g, const struct advisory_db *db,
			      const struct sample *often, struct graph_nodes *out)
{
	GRAPH_AUTO_ASK a;
	struct graph_numbers packages = { 0 };
	HM_TRY(graph_ask_begin(cx, g, NULL, &a));
	for (size_t i = 0; i < often->list.n && i < LOOKED_AT; i++)
		*hm_push(cx, &packages) = often->list.p[i].noun;
	return graph_affected_among(&a, db, &packages, out);
}

/* In a transaction of its own, too. */
static hm_err find_releases(struct hm_cx *cx, struct graph *g, const struct graph_node *package,
			    size_t *releases)
{
	HM_AUTO_CX own = hm_cx_child(cx, MEMORY);
	GRAPH_AUTO_ASK a;
	const struct graph_asked asked = { .explain = true /* there is time for all ways */ };
	struct graph_releasing r;
	struct graph_releases found = { 0 };
	hm_err err = graph_ask_begin(&own, g, NULL, &a);
	if (err)
		return hm_fault_copy(cx, err);
	graph_releasing_begin(&a, &asked, &r);
	err = graph_releasing_add(&r, package, &found);
	*releases += found.n;
	return err ? hm_fault_copy(cx, err) : NULL;
}

hm_err graph_warm(struct hm_cx *cx, struct graph *g, const struct advisory_db *db)
{
	struct sample often = { .cx = cx };
	struct graph_nodes vulnerable = { 0 };
	size_t releases = 0;
	HM_TRY(find_frequent(cx, g, &often));
	for (size_t i = 0; i < often.list.n && i < WARMED; i++) {
		HM_TRY(hm_alive(cx));
		HM_TRY(count_dependents(cx, g, often.list.p[i].noun));
	}
	HM_TRY(find_vulnerable(cx, g, db, &often, &vulnerable));
	for (size_t i = 0; i < vulnerable.n && releases < RELEASES; i++) {
		HM_TRY(hm_alive(cx));
		HM_TRY(find_releases(cx, g, &vulnerable.p[i], &releases));
	}
	return NULL;
}
