/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which things are to be made again to be rid of a vulnerability. */
#include "graph/questions/exposed.h"
#include "graph/questions/reach.h"

const char *const graph_task_names[GRAPH_TASKS] = { "fix", "update", "rebuild" };

/* Between units: `to` needs `from`. */
struct edge {
	size_t from, to;
};

/* Things that are one (a package, and what it occurs as) share a unit. */
struct planning {
	struct graph_ask *a;
	struct graph_walk walk;
	struct graph_quiet quiet;            /* by VEX */
	struct graph_affected_list affected; /* the first so many steps of the walk */
	bool explains;
	size_t *unit; /* of each step: its unit's first step */
	HM_VEC(struct edge) edges;
	unsigned *waits; /* of each unit: for how many */
	unsigned *level;
	bool *is_done;
};

static size_t unit_of(const struct planning *p, size_t at)
{
	while (p->unit[at] != at)
		at = p->unit[at];
	return at;
}

static void join(struct planning *p, size_t x, size_t y)
{
	size_t a = unit_of(p, x), b = unit_of(p, y);
	if (a < b)
		p->unit[b] = a;
	else
		p->unit[a] = b;
}

/* Facts between nouns that were reached: those that say that two are one, and the others. */
static hm_err read_facts(struct planning *p, bool same)
{
	for (size_t i = 0; i < p->walk.steps.n; i++) {
		struct graph_rows rows = { 0 };
		HM_TRY(graph_ask_rows(
			p->a,
			"SELECT DISTINCT 0, fact.kind, fact.subject, fact.object, 0, 0 "
			"FROM fact WHERE fact.object = $1 AND fact.kind IN (1, 2, 22)",
			STORE_VALUES(store_int(p->walk.steps.p[i].node)), &rows));
		for (size_t k = 0; k < rows.n; k++) {
			const uint64_t *at = graph_ids_get(&p->walk.at, rows.p[k].subject);
			if (!at || (rows.p[k].kind == GRAPH_IS_OCCURRENCE) != same)
				continue;
			if (same)
				join(p, i, *at);
			else if (unit_of(p, i) != unit_of(p, *at))
				*hm_push(p->a->cx, &p->edges) =
					(struct edge){ unit_of(p, i), unit_of(p, *at) };
		}
	}
	return NULL;
}

static int compare_edges(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

/* Kahn: whatever waits for nothing more is next; its level is one above all that it waited for. */
static void order(struct planning *p)
{
	struct hm_cx *cx = p->a->cx;
	size_t n = p->walk.steps.n;
	size_t *first = hm_new(cx, size_t, n + 1);
	struct graph_numbers queue = { 0 };
	if (p->edges.n)
		qsort(p->edges.p, p->edges.n, sizeof(*p->edges.p), compare_edges);
	for (size_t i = p->edges.n; i > 0; i--) {
		first[p->edges.p[i - 1].from] = i;
		p->waits[p->edges.p[i - 1].to]++;
	}
	for (size_t i = 0; i < n; i++)
		if (unit_of(p, i) == i && !p->waits[i])
			*hm_push(cx, &queue) = (int64_t)i;
	for (size_t at = 0; at < queue.n; at++) {
		size_t unit = (size_t)queue.p[at];
		p->is_done[unit] = true;
		for (size_t i = first[unit]; i && i <= p->edges.n; i++) {
			const struct edge *e = &p->edges.p[i - 1];
			if (e->from != unit)
				break;
			if (p->level[e->to] <= p->level[unit])
				p->level[e->to] = p->level[unit] + 1;
			if (!--p->waits[e->to])
				*hm_push(cx, &queue) = (int64_t)e->to;
		}
	}
}

/* Why a step is there. Of one that several nouns share each says some. */
static hm_err add_evidence(struct planning *p, size_t step, struct graph_planned *to)
{
	const struct graph_affected *affected;
	if (step >= p->affected.n) {
		const struct graph_row *fact = &p->walk.steps.p[step].fact;
		return fact->id && to->task != GRAPH_FIX && to->said.n < GRAPH_SOME
			       ? graph_ask_said(p->a, fact, hm_push(p->a->cx, &to->said))
			       : NULL;
	}
	affected = &p->affected.p[step];
	for (size_t i = 0; i < affected->said.n && i < GRAPH_SOME; i++)
		HM_TRY(graph_ask_said(p->a, &affected->said.p[i], hm_push(p->a->cx, &to->said)));
	for (size_t i = 0; i < affected->advisories.n; i++)
		*hm_push(p->a->cx, &to->advisories) = affected->advisories.p[i];
	return NULL;
}

/* Units of releases that are not affected, as VEX says: they stay as they are. What is made of them
 * stays in the plan, for it may use what they do not. */
static bool *mark_quiet(const struct planning *p)
{
	bool *is_quiet = hm_new(p->a->cx, bool, p->walk.steps.n + 1);
	for (size_t i = p->affected.n; i < p->walk.steps.n; i++)
		if (graph_ids_get(&p->quiet.releases, p->walk.steps.p[i].node))
			is_quiet[unit_of(p, i)] = true;
	return is_quiet;
}

static hm_err write_plan(struct planning *p, struct graph_plan *out)
{
	struct hm_cx *cx = p->a->cx;
	struct graph_ids place = { 0 };
	unsigned last = 0;
	bool is_new;
	for (size_t i = 0; i < p->walk.steps.n; i++)
		if (p->is_done[unit_of(p, i)] && p->level[unit_of(p, i)] > last)
			last = p->level[unit_of(p, i)];
	bool *is_quiet = mark_quiet(p);
	for (size_t i = 0; i < p->walk.steps.n; i++) {
		size_t unit = unit_of(p, i);
		if (is_quiet[unit])
			continue;
		uint64_t *at = graph_ids_slot(cx, &place, (int64_t)unit + 1, &is_new);
		if (is_new) {
			*at = out->n;
			*hm_push(cx, out) = (struct graph_planned){
				.level = p->is_done[unit] ? p->level[unit] : last + 1,
				.task = GRAPH_UPDATE,
				.in_circle = !p->is_done[unit],
			};
		}
		if (*at >= out->n) /* it has a row, as was just seen to */
			continue;
		struct graph_planned *planned = &out->p[*at];
		struct graph_node node;
		int64_t sbom;
		HM_TRY(graph_ask_node(p->a, p->walk.steps.p[i].node, &node));
		*hm_push(cx, &planned->nodes) = node;
		HM_TRY(graph_ask_number(
			p->a, "SELECT id FROM fact WHERE subject = $1 AND kind = 3 LIMIT 1",
			STORE_VALUES(store_int(node.id)), &sbom));
		/* what has it is to be fixed, by whatever other names it goes */
		if (planned->task != GRAPH_FIX && (sbom || node.kind == GRAPH_ARTIFACT))
			planned->task = GRAPH_REBUILD;
		if (i < p->affected.n)
			planned->task = GRAPH_FIX;
		if (p->explains)
			HM_TRY(add_evidence(p, i, planned));
	}
	return NULL;
}

static int compare_planned(const void *a, const void *b)
{
	const struct graph_planned *x = a, *y = b;
	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	if (x->task != y->task)
		return x->task < y->task ? -1 : 1;
	return hm_cmp(x->nodes.p[0].key, y->nodes.p[0].key);
}

/* Affected packages, but those of which VEX says that nobody is exposed by them. */
static hm_err find_start(struct planning *p, const struct advisory_db *db,
			 const struct graph_vulnerability *v, struct graph_nodes *out)
{
	struct graph_affected_list affected = { 0 };
	struct graph_statements statements = { 0 };
	HM_TRY(graph_affected_find(p->a, db, v, &affected));
	HM_TRY(graph_statements_read(p->a, v, &statements));
	HM_TRY(graph_statements_affected(p->a, &statements, &affected));
	HM_TRY(graph_quiet_find(p->a, &statements, &affected, &p->quiet));
	for (size_t i = 0; i < affected.n; i++)
		if (!graph_ids_get(&p->quiet.packages, affected.p[i].package.id)) {
			*hm_push(p->a->cx, &p->affected) = affected.p[i];
			*hm_push(p->a->cx, out) = affected.p[i].package;
		}
	return NULL;
}

hm_err graph_plan(struct hm_cx *cx, struct graph *g, const struct advisory_db *db,
		  struct hm_str vulnerability, const struct graph_asked *asked,
		  struct graph_plan *out)
{
	_Static_assert(GRAPH_IS_DEPENDENCY == 1 && GRAPH_IS_OCCURRENCE == 2 &&
			       GRAPH_HAS_SBOM == 3 && GRAPH_BASED_ON == 22,
		       "as the statements have them");
	GRAPH_AUTO_ASK a;
	struct graph_vulnerability v;
	struct graph_nodes start = { 0 };
	struct planning p = { .a = &a, .explains = asked && asked->explain };
	struct graph_plan plan = { 0 };
	HM_TRY(graph_ask_begin(cx, g, asked ? &asked->limits : NULL, &a));
	HM_TRY(graph_vulnerability_find(&a, db, vulnerability, &v));
	HM_TRY(find_start(&p, db, &v, &start));
	graph_walk_begin(&a, GRAPH_TO_WHOLES,
			 UINT64_C(1) << GRAPH_IS_DEPENDENCY | UINT64_C(1) << GRAPH_IS_OCCURRENCE |
				 UINT64_C(1) << GRAPH_BASED_ON,
			 &start, &p.walk);
	while (!graph_walk_is_done(&p.walk) && p.walk.steps.n <= a.rows)
		HM_TRY(graph_walk_level(&p.walk));
	if (p.walk.steps.n > a.rows)
		a.cut = GRAPH_CUT_ROWS;
	size_t n = p.walk.steps.n;
	p.unit = hm_new(cx, size_t, n + 1);
	p.waits = hm_new(cx, unsigned, n + 1);
	p.level = hm_new(cx, unsigned, n + 1);
	p.is_done = hm_new(cx, bool, n + 1);
	for (size_t i = 0; i < n; i++)
		p.unit[i] = i;
	HM_TRY(read_facts(&p, true));
	HM_TRY(read_facts(&p, false));
	order(&p);
	HM_TRY(write_plan(&p, &plan));
	if (plan.n)
		qsort(plan.p, plan.n, sizeof(*plan.p), compare_planned);
	plan.names = v.names;
	plan.cut = a.cut;
	*out = plan;
	return NULL;
}
