/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/view.h"

#include "codec/tar.h"
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

/* --- the ways to spell a path through the links below the root --- */

enum { SPELLINGS = 8 };

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

static bool is_below(struct hm_str path, struct hm_str dir)
{
	return path.n > dir.n && hm_starts(path, dir) && path.p[dir.n] == '/';
}

static void spell_all(struct hm_cx *cx, const struct inventory_view *v, struct hm_str path,
		      struct spellings *out)
{
	out->n = 0;
	spell(out, path);
	for (size_t i = 0; i < v->links.n; i++) {
		const struct inventory_found_link *l = &v->links.p[i];
		if (is_below(path, l->path))
			spell(out, swap(cx, path, l->path, l->target));
		else if (is_below(path, l->target))
			spell(out, swap(cx, path, l->target, l->path));
	}
}

/* A link that is repeated in a later layer hides nothing: what was below it lies elsewhere. */
static bool is_link(const struct inventory_view *v, struct hm_str path)
{
	for (size_t i = 0; i < v->links.n; i++)
		if (hm_eq(v->links.p[i].path, path))
			return true;
	return false;
}

/* Call `visit` for every hash that can hide `path`, until it says false. */
static bool each_hiding(const struct inventory_view *v, struct hm_str path,
			bool (*visit)(void *arg, uint64_t hash), void *arg)
{
	if (!visit(arg, inventory_path_hash(INVENTORY_PATH_HIDES, path)) ||
	    !visit(arg, inventory_path_hash(INVENTORY_PATH_DIR, path)) ||
	    !visit(arg, inventory_path_hash(INVENTORY_PATH_OPAQUE, HM_STR(""))))
		return false;
	for (size_t i = 0; i < path.n; i++) {
		struct hm_str dir = hm_sub(path, 0, i);
		if (path.p[i] != '/')
			continue;
		if (!is_link(v, dir) && !visit(arg, inventory_path_hash(INVENTORY_PATH_HIDES, dir)))
			return false;
		if (!visit(arg, inventory_path_hash(INVENTORY_PATH_OPAQUE, dir)))
			return false;
	}
	return true;
}

struct asking {
	struct hm_cx *cx;
	struct inventory_view *v;
	const struct inventory_view *seen;
	size_t layer;
};

static bool visit_announce(void *arg, uint64_t hash)
{
	struct asking *a = arg;
	announce(a->cx, a->v, hash);
	return true;
}

static bool visit_ask(void *arg, uint64_t hash)
{
	struct asking *a = arg;
	return below(a->seen, hash, a->layer);
}

static void collect_links(struct hm_cx *cx, struct inventory_view *v)
{
	enum { MOST = 32 };
	for (size_t i = 0; i < v->n; i++) {
		const struct inventory_answer *a = v->layers[i].answer;
		for (size_t k = 0; k < a->links.n && v->links.n < MOST; k++) {
			struct inventory_found_link l = a->links.p[k];
			if (tar_clean_path(cx, l.target, &l.target) || l.target.n == 0 ||
			    is_link(v, l.path) || hm_eq(l.target, l.path))
				continue;
			*hm_push(cx, &v->links) = l;
		}
	}
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

/* --- links to databases --- */

/* Does `path`, which must be read, lead through the link? Then the hash of what it is really
 * called. */
static bool behind_link(struct hm_cx *cx, const struct inventory_found_link *l, struct hm_str path,
			uint64_t *out_hash)
{
	if ((!hm_eq(path, l->path) && !is_below(path, l->path)) ||
	    inventory_leads_to_required(inventory_catalogers, l->target))
		return false;
	struct hm_mark mark = hm_mark(cx);
	*out_hash = inventory_path_hash(INVENTORY_PATH_HIDES, swap(cx, path, l->path, l->target));
	hm_release(cx, mark);
	return true;
}

static void announce_link(struct asking *a, const struct inventory_found_link *l)
{
	struct hm_str path;
	uint64_t hash;
	each_hiding(a->v, l->path, visit_announce, a);
	for (size_t at = 0; inventory_required_next(inventory_catalogers, &at, &path);)
		if (behind_link(a->cx, l, path, &hash))
			announce(a->cx, a->v, hash);
}

/* The catalogers go by the names of files, which streamed by before it was known what leads to
 * them. A database that lies elsewhere would be missed without a word. */
static hm_err check_links(struct hm_cx *cx, const struct inventory_view *v, size_t layer)
{
	const struct inventory_answer *a = v->layers[layer].answer;
	struct hm_str path;
	uint64_t hash;
	for (size_t i = 0; i < a->links.n; i++) {
		const struct inventory_found_link *l = &a->links.p[i];
		for (size_t at = 0; inventory_required_next(inventory_catalogers, &at, &path);)
			if (behind_link(cx, l, path, &hash) && find(v, hash)->top &&
			    inventory_view_has(cx, v, layer, l->path))
				return hm_fail(
					cx, HM_INPUT,
					"\"%.*s\" is elsewhere: \"%.*s\" is a symbolic link to \"%.*s\", "
					"which is not followed",
					HM_FMT(path), HM_FMT(l->path), HM_FMT(l->target));
	}
	return NULL;
}

hm_err inventory_view_make(struct hm_cx *cx, const struct inventory_merge_layer *layers, size_t n,
			   struct inventory_view *out)
{
	struct inventory_view v = { .layers = layers, .n = n };
	struct asking a = { .cx = cx, .v = &v };
	collect_links(cx, &v);
	announce(cx, &v, 1);
	for (size_t i = 0; i < n; i++) {
		const struct inventory_answer *answer = layers[i].answer;
		for (size_t k = 0; k < answer->files.n; k++) {
			struct spellings s;
			if (answer->files.p[k].forgotten)
				continue;
			HM_TRY(hm_charge(cx, 256));
			spell_all(cx, &v, answer->files.p[k].path, &s);
			for (size_t j = 0; j < s.n; j++)
				each_hiding(&v, s.p[j], visit_announce, &a);
		}
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < layers[i].answer->links.n; k++) {
			HM_TRY(hm_charge(cx, 256));
			announce_link(&a, &layers[i].answer->links.p[k]);
		}
	for (size_t i = 0; i < n; i++)
		read_hashes(&v, i);
	for (size_t i = 0; i < n; i++)
		HM_TRY(check_links(cx, &v, i));
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
	for (size_t j = 0; there && j < s.n; j++)
		there = each_hiding(v, s.p[j], visit_ask, &a);
	hm_release(cx, mark);
	return there;
}
