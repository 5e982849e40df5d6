/* SPDX-License-Identifier: Apache-2.0 */
/* A shortest way between two things. */
#include "graph/questions/reach.h"

const char *const graph_way_names[GRAPH_WAYS] = { "none", "parts", "wholes", "any" };

struct meeting {
	size_t a, b; /* places in the two walks */
	bool is_there;
};

/* Where the two met: of several places the one of the shortest way. */
static void find_meeting(const struct graph_walk *a, const struct graph_walk *b, size_t since,
			 struct meeting *m)
{
	unsigned best = UINT32_MAX;
	for (size_t i = since; i < a->steps.n; i++) {
		const uint64_t *at = graph_ids_get(&b->at, a->steps.p[i].node);
		if (!at)
			continue;
		unsigned length = a->steps.p[i].distance + b->steps.p[*at].distance;
		if (length < best) {
			best = length;
			*m = (struct meeting){ i, *at, true };
		}
	}
}

/* From both ends, the smaller side first. */
static hm_err meet(struct graph_walk *from, struct graph_walk *to, struct meeting *m)
{
	unsigned length = 0;
	find_meeting(from, to, 0, m);
	while (!m->is_there && length++ < from->a->depth) {
		bool first = graph_walk_is_done(to) ||
			     (!graph_walk_is_done(from) &&
			      from->steps.n - from->next <= to->steps.n - to->next);
		struct graph_walk *w = first ? from : to;
		size_t since = w->steps.n;
		if (graph_walk_is_done(w))
			return NULL;
		HM_TRY(graph_walk_level(w));
		if (first) {
			find_meeting(from, to, since, m);
		} else {
			struct meeting other = { 0 };
			find_meeting(to, from, since, &other);
			*m = (struct meeting){ other.b, other.a, other.is_there };
		}
		/* one side has come to its end without the other: there is no way */
		if (!m->is_there && graph_walk_is_done(w))
			return NULL;
	}
	if (!m->is_there && !from->a->cut)
		from->a->cut = GRAPH_CUT_DEPTH;
	return NULL;
}

static void add_step(struct hm_cx *cx, struct graph_reach *steps, const struct graph_reached *r)
{
	struct graph_reached *to = hm_push(cx, steps);
	*to = *r;
	to->distance = (unsigned)(steps->n - 1);
	to->from = steps->n > 1 ? steps->n - 2 : 0;
}

static hm_err write_way(struct graph_walk *from, struct graph_walk *to, const struct meeting *m,
			struct graph_reach *out)
{
	struct hm_cx *cx = from->a->cx;
	struct graph_numbers places = { 0 };
	struct graph_reached r;
	size_t at = m->a;
	for (;; at = from->steps.p[at].from) {
		*hm_push(cx, &places) = (int64_t)at;
		if (from->steps.p[at].from == at)
			break;
	}
	for (size_t i = places.n; i > 0; i--) {
		HM_TRY(graph_walk_reached(from, (size_t)places.p[i - 1], &r));
		add_step(cx, out, &r);
	}
	/* the other half is walked towards its beginning: a fact leads to the noun before it */
	for (at = m->b; to->steps.p[at].from != at; at = to->steps.p[at].from) {
		struct graph_reached next;
		HM_TRY(graph_walk_reached(to, at, &r));
		HM_TRY(graph_walk_reached(to, to->steps.p[at].from, &next));
		next.fact = r.fact;
		add_step(cx, out, &next);
	}
	return NULL;
}

static hm_err try_way(struct graph_ask *a, enum graph_way way, const struct graph_nodes ends[2],
		      uint64_t kinds, struct graph_path *out)
{
	static const enum graph_way back[GRAPH_WAYS] = { GRAPH_NO_WAY, GRAPH_TO_WHOLES,
							 GRAPH_TO_PARTS, GRAPH_ANY_WAY };
	struct graph_walk from, to;
	struct meeting m = { 0 };
	if (!graph_ask_goes_on(a))
		return NULL;
	graph_walk_begin(a, way, kinds, &ends[0], &from);
	graph_walk_begin(a, back[way], kinds, &ends[1], &to);
	HM_TRY(meet(&from, &to, &m));
	if (!m.is_there)
		return NULL;
	out->way = way;
	return write_way(&from, &to, &m, &out->steps);
}

static hm_err resolve_end(struct graph_ask *a, struct hm_str name, struct graph_nodes *out)
{
	HM_TRY(graph_ask_name(a, name, 0, out));
	return out->n ? NULL : graph_ask_unknown(a, name);
}

hm_err graph_path(struct hm_cx *cx, struct graph *g, struct hm_str from, struct hm_str to,
		  const struct graph_limits *limits, struct graph_path *out)
{
	GRAPH_AUTO_ASK a;
	struct graph_nodes ends[2] = { { 0 }, { 0 } };
	uint64_t kinds = graph_walk_kinds();
	struct graph_path path = { 0 };
	HM_TRY(graph_ask_begin(cx, g, limits, &a));
	HM_TRY(resolve_end(&a, from, &ends[0]));
	HM_TRY(resolve_end(&a, to, &ends[1]));
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < ends[i].n; k++)
			if (ends[i].p[k].kind == GRAPH_LICENCE)
				kinds |= UINT64_C(1) << GRAPH_CERTIFY_LEGAL;
	for (enum graph_way way = GRAPH_TO_PARTS; way < GRAPH_WAYS && !path.way; way++)
		HM_TRY(try_way(&a, way, ends, kinds, &path));
	path.steps.cut = path.way ? GRAPH_UNCUT : a.cut;
	*out = path;
	return NULL;
}
