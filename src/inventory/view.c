/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/view.h"

#include "inventory/match.h"

struct inventory_view_slot {
	uint64_t hash; /* 0: free */
	uint32_t top;  /* the highest layer that has it, + 1 */
};

/* --- a table of hashes --- */

static struct inventory_view_slot *find(const struct inventory_view *v, uint64_t hash)
{
	hash += hash == 0;
	size_t i = (size_t)hash & (v->slots_n - 1);
	while (v->slots[i].hash && v->slots[i].hash != hash)
		i = (i + 1) & (v->slots_n - 1);
	return &v->slots[i];
}

static void announce(struct hm_cx *cx, struct inventory_view *v, uint64_t hash)
{
	if (v->used * 2 >= v->slots_n) {
		struct inventory_view_slot *old = v->slots;
		size_t old_n = v->slots_n;
		v->slots_n = old_n ? old_n * 2 : 1024;
		v->slots = hm_new(cx, struct inventory_view_slot, v->slots_n);
		for (size_t i = 0; i < old_n; i++)
			if (old[i].hash)
				*find(v, old[i].hash) = old[i];
	}
	struct inventory_view_slot *s = find(v, hash);
	v->used += s->hash == 0;
	s->hash = hash + (hash == 0);
}

static bool below(const struct inventory_view *v, uint64_t hash, size_t layer)
{
	const struct inventory_view_slot *s = find(v, hash);
	return s->hash == 0 || s->top <= layer + 1;
}

/* --- the ways to spell a path through links --- */

enum { SPELLINGS = 8, LINKS_MOST = 256 };

struct inventory_view_link {
	struct hm_str path, target; /* from the root */
	size_t layer;               /* the first that has it */
};

struct spellings {
	struct hm_str p[SPELLINGS];
	size_t n;
};

static void spell(struct spellings *s, struct hm_str path)
{
	for (size_t i = 0; i < s->n; i++)
		if (hm_eq(s->p[i], path))
			return;
	if (s->n < SPELLINGS)
		s->p[s->n++] = path;
}

static struct hm_str swap(struct hm_cx *cx, struct hm_str path, struct hm_str from,
			  struct hm_str to)
{
	struct hm_str rest = hm_from(path, from.n);
	return hm_fmt(cx, "%.*s%.*s", HM_FMT(to), HM_FMT(rest));
}

static void spell_all(struct hm_cx *cx, const struct inventory_view *v, struct hm_str path,
		      struct spellings *out)
{
	out->n = 0;
	spell(out, path);
	for (size_t k = 0; k < out->n; k++)
		for (size_t i = 0; i < v->links_n; i++) {
			const struct inventory_view_link *l = &v->links[i];
			struct hm_str p = out->p[k];
			if (inventory_is_below(p, l->path))
				spell(out, swap(cx, p, l->path, l->target));
			else if (inventory_is_below(p, l->target))
				spell(out, swap(cx, p, l->target, l->path));
		}
}

static bool is_link(const struct inventory_view *v, struct hm_str path, size_t layer)
{
	for (size_t i = 0; i < v->links_n; i++)
		if (v->links[i].layer <= layer && hm_eq(v->links[i].path, path))
			return true;
	return false;
}

struct asking {
	struct hm_cx *cx;
	struct inventory_view *v; /* where the paths are announced; NULL: they are looked up */
	const struct inventory_view *seen;
	size_t layer;
	bool other; /* the path is not the one that the layer has, but leads to the same file */
};

static bool visit(const struct asking *a, enum inventory_path_kind kind, struct hm_str path)
{
	uint64_t hash = inventory_path_hash(kind, path);
	if (!a->v)
		return below(a->seen, hash, a->layer);
	announce(a->cx, a->v, hash);
	return true;
}

/* Everything that can hide what a layer has at `path`; false: something does. A link that a later
 * layer repeats hides nothing: what was below it lies elsewhere. Nor does one by which the file is
 * only called. */
static bool visit_all(const struct asking *a, struct hm_str path)
{
	if (!visit(a, INVENTORY_PATH_HIDES, path) || !visit(a, INVENTORY_PATH_DIR, path) ||
	    !visit(a, INVENTORY_PATH_OPAQUE, HM_STR("")))
		return false;
	for (size_t i = 0; i < path.n; i++) {
		struct hm_str dir = hm_sub(path, 0, i);
		if (path.p[i] != '/')
			continue;
		bool passes = a->seen && is_link(a->seen, dir, a->other ? SIZE_MAX : a->layer);
		if ((!passes && !visit(a, INVENTORY_PATH_HIDES, dir)) ||
		    !visit(a, INVENTORY_PATH_OPAQUE, dir))
			return false;
	}
	return true;
}

/* Where a link leads, from the root; ".." of the root is the root. */
static struct hm_str target_of(struct hm_cx *cx, const struct inventory_found_link *l)
{
	HM_AUTO_BUF done = HM_BUF(2 * HM_MAX_PATH);
	struct hm_str rest = l->target;
	if (!hm_starts(rest, HM_STR("/")))
		hm_buf_add(&done, hm_dirname(l->path));
	while (rest.n)
		inventory_path_step(&done, hm_cut(&rest, '/'));
	return hm_dup(cx, hm_buf_str(&done));
}

static hm_err collect_links(struct hm_cx *cx, struct inventory_view *v)
{
	v->links = hm_new(cx, struct inventory_view_link, LINKS_MOST);
	for (size_t i = 0; i < v->n; i++) {
		const struct inventory_answer *a = v->layers[i].answer;
		for (size_t k = 0; k < a->links.n; k++) {
			const struct inventory_found_link *l = &a->links.p[k];
			if (l->forgotten || l->target.n > HM_MAX_PATH || is_link(v, l->path, i))
				continue;
			HM_TRY(hm_charge(cx, HM_MAX_PATH));
			struct hm_str target = target_of(cx, l);
			if (!target.n || hm_eq(target, l->path))
				continue;
			/* one left out could hide what is installed */
			if (v->links_n == LINKS_MOST)
				return hm_fail(cx, HM_LIMIT,
					       "more than %d symbolic links below its root",
					       LINKS_MOST);
			v->links[v->links_n++] = (struct inventory_view_link){ l->path, target, i };
		}
	}
	return NULL;
}

static void read_hashes(struct inventory_view *v, size_t layer)
{
	struct hm_cur c = hm_cur(v->layers[layer].answer->hashes);
	while (c.n >= 8) {
		struct inventory_view_slot *s = find(v, hm_le(&c, 8));
		if (s->hash)
			s->top = (uint32_t)layer + 1;
	}
}

static hm_err announce_all(struct hm_cx *cx, struct inventory_view *v, struct hm_str path)
{
	struct asking a = { .cx = cx, .v = v };
	struct spellings s;
	HM_TRY(hm_charge(cx, 256));
	spell_all(cx, v, path, &s);
	for (size_t j = 0; j < s.n; j++)
		visit_all(&a, s.p[j]);
	return NULL;
}

hm_err inventory_view_make(struct hm_cx *cx, const struct inventory_merge_layer *layers, size_t n,
			   struct inventory_view *out)
{
	struct inventory_view v = { .layers = layers, .n = n };
	HM_TRY(collect_links(cx, &v));
	announce(cx, &v, 1);
	for (size_t i = 0; i < n; i++) {
		const struct inventory_answer *a = layers[i].answer;
		for (size_t k = 0; k < a->files.n; k++)
			if (!a->files.p[k].forgotten)
				HM_TRY(announce_all(cx, &v, a->files.p[k].path));
		for (size_t k = 0; k < a->links.n; k++)
			HM_TRY(announce_all(cx, &v, a->links.p[k].path));
	}
	for (size_t i = 0; i < n; i++)
		read_hashes(&v, i);
	*out = v;
	return NULL;
}

bool inventory_view_has(struct hm_cx *cx, const struct inventory_view *v, size_t layer,
			struct hm_str path)
{
	struct asking a = { .seen = v, .layer = layer };
	struct spellings s;
	struct hm_mark mark = hm_mark(cx);
	spell_all(cx, v, path, &s);
	bool there = true;
	for (size_t j = 0; there && j < s.n; j++) {
		a.other = j > 0;
		there = visit_all(&a, s.p[j]);
	}
	hm_release(cx, mark);
	return there;
}

bool inventory_view_same(struct hm_cx *cx, const struct inventory_view *v, struct hm_str a,
			 struct hm_str b)
{
	struct spellings s;
	struct hm_mark mark = hm_mark(cx);
	bool same = false;
	spell_all(cx, v, a, &s);
	for (size_t j = 0; !same && j < s.n; j++)
		same = hm_eq(s.p[j], b);
	hm_release(cx, mark);
	return same;
}
