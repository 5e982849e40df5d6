/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/view.h"

#include <stdlib.h>

#include "inventory/match.h"

struct inventory_view_slot {
	uint64_t hash; /* 0: free */
	uint32_t top;  /* the highest layer that has it, + 1 */
};

/* --- a table of hashes --- */

static struct inventory_view_slot *find_slot(const struct inventory_view *v, uint64_t hash)
{
	hash += hash == 0;
	size_t i = (size_t)hash & (v->slots_n - 1);
	while (v->slots[i].hash && v->slots[i].hash != hash)
		i = (i + 1) & (v->slots_n - 1);
	return &v->slots[i];
}

static void announce_hash(struct hm_cx *cx, struct inventory_view *v, uint64_t hash)
{
	if (v->used * 2 >= v->slots_n) {
		struct inventory_view_slot *old = v->slots;
		size_t old_n = v->slots_n;
		v->slots_n = old_n ? old_n * 2 : 1024;
		v->slots = hm_new(cx, struct inventory_view_slot, v->slots_n);
		for (size_t i = 0; i < old_n; i++)
			if (old[i].hash)
				*find_slot(v, old[i].hash) = old[i];
	}
	struct inventory_view_slot *s = find_slot(v, hash);
	v->used += s->hash == 0;
	s->hash = hash + (hash == 0);
}

static bool is_hash_below(const struct inventory_view *v, uint64_t hash, size_t layer)
{
	const struct inventory_view_slot *s = find_slot(v, hash);
	return s->hash == 0 || s->top <= layer + 1;
}

/* --- what hides a path --- */

static void announce_one(struct hm_cx *cx, struct inventory_view *v, enum inventory_path_kind kind,
			 struct hm_str path)
{
	announce_hash(cx, v, inventory_path_hash(&v->seed, kind, path));
}

static hm_err announce_all(struct hm_cx *cx, struct inventory_view *v, struct hm_str path)
{
	HM_TRY(hm_charge(cx, 256));
	announce_one(cx, v, INVENTORY_PATH_HIDES, path);
	announce_one(cx, v, INVENTORY_PATH_DIR, path);
	for (struct hm_str dir = hm_dirname(path); dir.n; dir = hm_dirname(dir)) {
		announce_one(cx, v, INVENTORY_PATH_HIDES, dir);
		announce_one(cx, v, INVENTORY_PATH_OPAQUE, dir);
	}
	return NULL;
}

static bool is_below_all(const struct inventory_view *v, size_t layer,
			 enum inventory_path_kind kind, struct hm_str path)
{
	return is_hash_below(v, inventory_path_hash(&v->seed, kind, path), layer);
}

static int compare_through(const void *a, const void *b)
{
	const struct inventory_view_through *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->layer > y->layer) - (x->layer < y->layer);
}

bool inventory_view_goes_through(const struct inventory_view *v, uint64_t hash, size_t first,
				 size_t last)
{
	const struct inventory_view_through want = { first, hash };
	size_t low = 0, high = v->through.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_through(&v->through.p[middle], &want) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < v->through.n && v->through.p[low].hash == hash &&
	       v->through.p[low].layer <= last;
}

/* Without overlayfs it lies elsewhere, where it is not followed. */
static bool is_through(const struct inventory_view *v, size_t layer, struct hm_str path)
{
	for (struct hm_str dir = hm_dirname(path); v->through.n && dir.n; dir = hm_dirname(dir)) {
		uint64_t hash = inventory_path_hash(&v->seed, INVENTORY_PATH_HIDES, dir);
		if (inventory_view_goes_through(v, hash, layer, layer))
			return true;
	}
	return false;
}

bool inventory_view_has(const struct inventory_view *v, size_t layer, struct hm_str path)
{
	if (is_through(v, layer, path))
		return true;
	if (!is_below_all(v, layer, INVENTORY_PATH_HIDES, path) ||
	    !is_below_all(v, layer, INVENTORY_PATH_DIR, path))
		return false;
	for (struct hm_str dir = hm_dirname(path); dir.n; dir = hm_dirname(dir))
		if (!is_below_all(v, layer, INVENTORY_PATH_HIDES, dir) ||
		    !is_below_all(v, layer, INVENTORY_PATH_OPAQUE, dir))
			return false;
	return true;
}

static void read_hashes(struct inventory_view *v, size_t layer)
{
	struct hm_cur c = hm_cur(v->layers[layer].answer->hashes);
	while (c.n >= 8) {
		struct inventory_view_slot *s = find_slot(v, hm_le(&c, 8));
		if (s->hash)
			s->top = (uint32_t)layer + 1;
	}
}

/* --- entries in folders that are links of lower layers --- */

/* The links of all layers, each with the lowest that has it, as a table like that of the view. */
static hm_err list_links(struct hm_cx *cx, const struct inventory_view *v,
			 struct inventory_view *out)
{
	for (size_t i = 0; i < v->n; i++) {
		struct hm_cur c = hm_cur(v->layers[i].answer->made_links);
		HM_TRY(hm_charge(cx, c.n * 4));
		while (c.n >= 8) {
			uint64_t hash = hm_le(&c, 8);
			announce_hash(cx, out, hash);
			struct inventory_view_slot *s = find_slot(out, hash);
			if (!s->top)
				s->top = (uint32_t)i + 1;
		}
	}
	return NULL;
}

static hm_err find_through(struct hm_cx *cx, struct inventory_view *v)
{
	struct inventory_view links = { 0 };
	size_t implied = 0;
	for (size_t i = 1; i < v->n; i++)
		implied += v->layers[i].answer->implied.n;
	if (!implied)
		return NULL;
	announce_hash(cx, &links, 1);
	HM_TRY(list_links(cx, v, &links));
	for (size_t i = 1; i < v->n; i++) {
		struct hm_cur c = hm_cur(v->layers[i].answer->implied);
		while (c.n >= 8) {
			uint64_t hash = hm_le(&c, 8);
			const struct inventory_view_slot *s = find_slot(&links, hash);
			if (!s->hash || !s->top || s->top > i)
				continue;
			if (v->layers[i].answer->through)
				return hm_fail(cx, HM_INPUT,
					       "layer %zu: entries go through symbolic links of "
					       "lower layers, and of their own or folders there",
					       i + 1);
			HM_TRY(hm_charge(cx, 64));
			*hm_push(cx, &v->through) = (struct inventory_view_through){ i, hash };
		}
	}
	if (v->through.n)
		qsort(v->through.p, v->through.n, sizeof(*v->through.p), compare_through);
	return NULL;
}

/* --- the ways to spell a path --- */

enum { SPELLINGS = 8 };

struct inventory_view_link {
	struct hm_str path, target; /* from the root */
};

struct spellings {
	struct hm_str p[SPELLINGS];
	size_t n;
};

static void add_spelling(struct spellings *s, struct hm_str path)
{
	for (size_t i = 0; i < s->n; i++)
		if (hm_eq(s->p[i], path))
			return;
	if (s->n < SPELLINGS)
		s->p[s->n++] = path;
}

static struct hm_str swap_head(struct hm_cx *cx, struct hm_str path, struct hm_str from,
			       struct hm_str to)
{
	struct hm_str rest = hm_from(path, from.n);
	return hm_fmt(cx, "%.*s%.*s", HM_FMT(to), HM_FMT(rest));
}

static void spell_all(struct hm_cx *cx, const struct inventory_view *v, struct hm_str path,
		      struct spellings *out)
{
	out->n = 0;
	add_spelling(out, path);
	for (size_t k = 0; k < out->n; k++)
		for (size_t i = 0; i < v->links.n; i++) {
			const struct inventory_view_link *l = &v->links.p[i];
			struct hm_str p = out->p[k];
			if (inventory_is_below(p, l->path))
				add_spelling(out, swap_head(cx, p, l->path, l->target));
			else if (inventory_is_below(p, l->target))
				add_spelling(out, swap_head(cx, p, l->target, l->path));
		}
}

struct hm_str inventory_link_target(struct hm_cx *cx, const struct inventory_found_link *l)
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
	for (size_t i = 0; i < v->n; i++) {
		const struct inventory_answer *a = v->layers[i].answer;
		for (size_t k = 0; k < a->links.n; k++) {
			const struct inventory_found_link *l = &a->links.p[k];
			if (l->forgotten || l->target.n > HM_MAX_PATH)
				continue;
			HM_TRY(hm_charge(cx, l->path.n + l->target.n + 128));
			struct hm_str target = inventory_link_target(cx, l);
			if (target.n && !hm_eq(target, l->path))
				*hm_push(cx, &v->links) =
					(struct inventory_view_link){ l->path, target };
		}
	}
	return NULL;
}

hm_err inventory_view_make(struct hm_cx *cx, const struct inventory_seed *seed,
			   const struct inventory_view_layer *layers, size_t n,
			   struct inventory_view *out)
{
	struct inventory_view v = { .seed = *seed, .layers = layers, .n = n };
	HM_TRY(collect_links(cx, &v));
	announce_hash(cx, &v, 1);
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
	HM_TRY(find_through(cx, &v));
	*out = v;
	return NULL;
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
