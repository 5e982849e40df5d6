/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/layer_tree.h"

#include "codec/tar.h"

/* A slot: the path's hash, and above it its state. */
enum { KIND_SHIFT = INVENTORY_PATH_HASH_BITS, SLOTS_FIRST = 4096, LINKS_MOST = 40 /* as Linux */ };
#define HASH_MASK (((uint64_t)1 << KIND_SHIFT) - 1)
#define ENTERED   ((uint64_t)8 << KIND_SHIFT) /* entries were put into this folder */

void inventory_tree_init(struct hm_cx *cx, const struct inventory_request *asked,
			 struct inventory_tree *out)
{
	*out = (struct inventory_tree){ .cx = cx,
					.seed = &asked->seed,
					.aliases = &asked->aliases };
	out->hidden.max = out->implied.max = out->spelled.max = HM_MAX_LAYER_ENTRIES * 16;
	out->last.max = HM_MAX_PATH;
	out->slots_n = SLOTS_FIRST;
	out->slots = hm_new(cx, uint64_t, SLOTS_FIRST);
}

void inventory_tree_done(struct inventory_tree *t)
{
	hm_buf_done(&t->last);
	hm_buf_done(&t->hidden);
	hm_buf_done(&t->implied);
	hm_buf_done(&t->spelled);
}

/* --- what is at each path --- */

static uint64_t hash_of(const struct inventory_tree *t, struct hm_str path)
{
	uint64_t hash = inventory_path_hash(t->seed, INVENTORY_PATH_HIDES, path);
	return hash + (hash == 0);
}

static uint64_t *find_slot(const struct inventory_tree *t, uint64_t hash)
{
	size_t i = (size_t)hash & (t->slots_n - 1);
	while (t->slots[i] && (t->slots[i] & HASH_MASK) != hash)
		i = (i + 1) & (t->slots_n - 1);
	return &t->slots[i];
}

static void grow_slots(struct inventory_tree *t)
{
	uint64_t *old = t->slots;
	size_t old_n = t->slots_n;
	t->slots_n *= 4;
	t->slots = hm_new(t->cx, uint64_t, t->slots_n);
	for (size_t i = 0; i < old_n; i++)
		if (old[i])
			*find_slot(t, old[i] & HASH_MASK) = old[i];
}

static enum inventory_tree_kind kind_of(uint64_t slot)
{
	return (enum inventory_tree_kind)(slot >> KIND_SHIFT & 7);
}

static void set_slot(struct inventory_tree *t, uint64_t *slot, uint64_t hash,
		     enum inventory_tree_kind kind, uint64_t flags)
{
	t->used += *slot == 0;
	*slot = hash | (uint64_t)kind << KIND_SHIFT | flags;
	if (t->used * 2 > t->slots_n)
		grow_slots(t);
}

static bool is_dir(uint64_t slot)
{
	return kind_of(slot) == INVENTORY_TREE_DIR || kind_of(slot) == INVENTORY_TREE_IMPLIED;
}

enum inventory_tree_kind inventory_tree_at(const struct inventory_tree *t, struct hm_str path)
{
	return path.n ? kind_of(*find_slot(t, hash_of(t, path))) : INVENTORY_TREE_DIR;
}

const struct hm_str *inventory_tree_target(const struct inventory_tree *t, struct hm_str path)
{
	return hm_map_get(&t->links, path);
}

/* --- the folder of an entry --- */

/* Under the names that it has where links of lower layers are followed. */
static void add_spelled(struct hm_cx *cx, struct inventory_tree *t, struct hm_buf *out,
			struct hm_str path)
{
	struct inventory_spellings s;
	struct hm_mark mark = hm_mark(cx);
	if (!t->aliases->n)
		return;
	inventory_alias_spell_all(cx, t->aliases, true, path, &s);
	t->over |= s.over;
	for (size_t i = 1; i < s.n; i++)
		hm_buf_le(out, hash_of(t, s.p[i]), 8);
	hm_release(cx, mark);
}

struct walk {
	struct inventory_tree *t;
	bool makes;         /* folders that are not there */
	struct hm_str rest; /* names still to go */
	struct hm_buf *done;
	int links;
	bool named; /* a name of the target went by: a ".." now is resolved in two ways */
};

static hm_err follow_link(struct hm_cx *cx, struct walk *w, size_t before)
{
	const struct hm_str *target = inventory_tree_target(w->t, hm_buf_str(w->done));
	if (w->t->cleared)
		return hm_fail(
			cx, HM_INPUT,
			"an entry goes through the link \"%.*s\", which a whiteout or an opaque "
			"folder takes away for some runtimes",
			HM_FMT(hm_buf_str(w->done)));
	if (!target || !target->n)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" leads nowhere", HM_FMT(hm_buf_str(w->done)));
	if (++w->links > LINKS_MOST || target->n + w->rest.n + before > HM_MAX_PATH)
		return hm_fail(cx, HM_INPUT, "too many symbolic links lead to \"%.*s\"",
			       HM_FMT(w->rest));
	/* A link behind a link: containerd takes what is behind it for a name of its own root. */
	if (w->links > 1 && w->rest.n && hm_starts(*target, HM_STR("/")))
		return hm_fail(cx, HM_INPUT, "readers resolve the links to \"%.*s\" differently",
			       HM_FMT(hm_buf_str(w->done)));
	w->rest = hm_fmt(cx, "%.*s/%.*s", HM_FMT(*target), HM_FMT(w->rest));
	w->done->n = hm_starts(*target, HM_STR("/")) ? 0 : before;
	w->named = false;
	return NULL;
}

/* One name further. */
static hm_err step_on(struct hm_cx *cx, struct walk *w)
{
	size_t before = w->done->n;
	struct hm_str name = hm_cut(&w->rest, '/');
	if (!name.n || hm_eqz(name, "."))
		return NULL;
	if (hm_eqz(name, "..") && (w->named || w->links > 1))
		return hm_fail(cx, HM_INPUT, "readers resolve the links to \"%.*s\" differently",
			       HM_FMT(hm_buf_str(w->done)));
	inventory_path_step(w->done, name);
	if (hm_eqz(name, ".."))
		return NULL;
	struct hm_str path = hm_buf_str(w->done);
	uint64_t hash = hash_of(w->t, path), *slot = find_slot(w->t, hash);
	w->named = true;
	switch (kind_of(*slot)) {
	case INVENTORY_TREE_DIR:
	case INVENTORY_TREE_IMPLIED:
	case INVENTORY_TREE_WHITEOUT: /* where layers share one folder */
		return NULL;
	case INVENTORY_TREE_LINK:
		return follow_link(cx, w, before);
	case INVENTORY_TREE_NONE:
	case INVENTORY_TREE_DEVICE:
		if (!w->makes)
			return NULL;
		hm_buf_le(&w->t->implied, hash, 8);
		add_spelled(cx, w->t, &w->t->implied, path);
		set_slot(w->t, slot, hash, INVENTORY_TREE_IMPLIED, ENTERED);
		return NULL;
	case INVENTORY_TREE_FILE:
	case INVENTORY_TREE_OTHER:
		break;
	}
	return hm_fail(cx, HM_INPUT, "an entry is below \"%.*s\", which is not a folder",
		       HM_FMT(path));
}

static hm_err resolve_folder(struct hm_cx *cx, struct inventory_tree *t, struct hm_str dir,
			     bool makes, struct hm_buf *out)
{
	struct walk w = { .t = t, .makes = makes, .rest = dir, .done = out };
	while (w.rest.n)
		HM_TRY(step_on(cx, &w));
	t->through |= w.links > 0;
	return NULL;
}

static void mark_entered(struct inventory_tree *t, struct hm_str dir)
{
	uint64_t *slot = find_slot(t, hash_of(t, dir));
	if (is_dir(*slot))
		*slot |= ENTERED;
}

static struct hm_str join_path(struct hm_cx *cx, struct hm_str dir, struct hm_str name)
{
	return dir.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(dir), HM_FMT(name)) : name;
}

hm_err inventory_tree_enter(struct hm_cx *cx, struct inventory_tree *t, struct hm_str *path)
{
	struct hm_str dir = hm_dirname(*path);
	/* Most paths are looked for next as they are: both looks at once cost little more than one.
	 */
	__builtin_prefetch(&t->slots[hash_of(t, *path) & (t->slots_n - 1)], 1);
	if (!dir.n || hm_eq(dir, hm_buf_str(&t->last)))
		return NULL;
	uint64_t *slot = find_slot(t, hash_of(t, dir));
	if (!is_dir(*slot)) {
		HM_AUTO_BUF real = HM_BUF(2 * HM_MAX_PATH);
		HM_TRY(resolve_folder(cx, t, dir, true, &real));
		if (!hm_eq(hm_buf_str(&real), dir))
			*path = join_path(cx, hm_dup(cx, hm_buf_str(&real)), hm_basename(*path));
		if (path->n > HM_MAX_PATH)
			return hm_fail(cx, HM_LIMIT, "a path of %zu bytes", path->n);
		mark_entered(t, hm_dirname(*path));
		return NULL;
	}
	*slot |= ENTERED;
	hm_buf_clear(&t->last);
	hm_buf_add(&t->last, dir);
	return NULL;
}

/* --- what an entry makes --- */

static void put_link(struct hm_cx *cx, struct inventory_tree *t, struct hm_str path,
		     struct hm_str target)
{
	struct hm_str *copy = hm_new(t->cx, struct hm_str, 1);
	*copy = hm_dup(t->cx, target);
	hm_map_put(t->cx, &t->links, hm_dup(t->cx, path), copy);
	add_spelled(cx, t, &t->spelled, path);
}

hm_err inventory_tree_put(struct hm_cx *cx, struct inventory_tree *t, struct hm_str path,
			  enum inventory_tree_kind kind, struct hm_str target)
{
	uint64_t hash = hash_of(t, path), *slot = find_slot(t, hash), old = *slot;
	bool entered = is_dir(old) && old & ENTERED;
	if (kind == INVENTORY_TREE_DIR)
		hm_buf_le(&t->hidden, inventory_path_hash(t->seed, INVENTORY_PATH_DIR, path), 8);
	if (entered && kind == INVENTORY_TREE_WHITEOUT) {
		t->cleared = t->through = true;
		return NULL; /* only without overlayfs, which refuses it */
	}
	t->through |= kind_of(old) == INVENTORY_TREE_IMPLIED;
	if (entered && kind != INVENTORY_TREE_DIR)
		return hm_fail(cx, HM_INPUT,
			       "\"%.*s\" is a folder with something in it, and something else in "
			       "the same layer",
			       HM_FMT(path));
	if (kind == INVENTORY_TREE_DEVICE && kind_of(old) != INVENTORY_TREE_NONE)
		return NULL;
	if (kind_of(old) == INVENTORY_TREE_LINK)
		hm_map_put(t->cx, &t->links, hm_dup(t->cx, path), NULL);
	if (kind == INVENTORY_TREE_LINK)
		put_link(cx, t, path, target);
	set_slot(t, slot, hash, kind, entered ? ENTERED : 0);
	return NULL;
}

void inventory_tree_opaque(struct inventory_tree *t, struct hm_str dir)
{
	t->cleared |= t->links.n > 0;
	t->through |= t->implied.n > 0;
	if (dir.n) /* overlayfs takes no notice of it at the root */
		hm_buf_le(&t->hidden, inventory_path_hash(t->seed, INVENTORY_PATH_OPAQUE, dir), 8);
}

static bool has_dots(struct hm_str target)
{
	while (target.n)
		if (hm_eqz(hm_cut(&target, '/'), ".."))
			return true;
	return false;
}

hm_err inventory_tree_hardlink(struct hm_cx *cx, struct inventory_tree *t, struct hm_str target,
			       struct hm_str *out_path, enum inventory_tree_kind *out_kind)
{
	HM_AUTO_BUF real = HM_BUF(2 * HM_MAX_PATH);
	struct hm_str path;
	HM_TRY(tar_clean_path(cx, target, &path));
	HM_TRY(resolve_folder(cx, t, hm_dirname(path), false, &real));
	path = join_path(cx, hm_dup(cx, hm_buf_str(&real)), hm_basename(path));
	*out_path = path;
	*out_kind = inventory_tree_at(t, path);
	bool odd = has_dots(target) || hm_ends(target, HM_STR("/")) ||
		   (hm_starts(path, HM_STR(".wh..wh.plnk/")) &&
		    hm_find_char(hm_from(path, 13), '/') != SIZE_MAX);
	if (odd && *out_kind != INVENTORY_TREE_NONE)
		return hm_fail(cx, HM_INPUT,
			       "readers resolve the hard link to \"%.*s\" differently",
			       HM_FMT(target));
	if (*out_kind == INVENTORY_TREE_NONE || *out_kind >= INVENTORY_TREE_WHITEOUT)
		return hm_fail(cx, HM_INPUT,
			       "a hard link to \"%.*s\", which is not a file of its layer",
			       HM_FMT(target));
	return NULL;
}

/* --- the answer --- */

static void write_list(struct hm_buf *out, char tag, struct hm_str hashes)
{
	hm_buf_char(out, tag);
	hm_buf_uvarint(out, hashes.n / 8);
	hm_buf_add(out, hashes);
}

hm_err inventory_tree_write(struct hm_cx *cx, const struct inventory_tree *t, struct hm_buf *out)
{
	HM_AUTO_BUF hides = HM_BUF(HM_MAX_LAYER_ENTRIES * 32);
	HM_AUTO_BUF links = HM_BUF(HM_MAX_LAYER_ENTRIES * 32);
	for (size_t i = 0; i < t->slots_n; i++) {
		enum inventory_tree_kind kind = kind_of(t->slots[i]);
		if (kind == INVENTORY_TREE_FILE || kind == INVENTORY_TREE_LINK ||
		    kind == INVENTORY_TREE_OTHER || kind == INVENTORY_TREE_WHITEOUT)
			hm_buf_le(&hides, t->slots[i] & HASH_MASK, 8);
		if (kind == INVENTORY_TREE_LINK)
			hm_buf_le(&links, t->slots[i] & HASH_MASK, 8);
	}
	hm_buf_add(&hides, hm_buf_str(&t->hidden));
	hm_buf_add(&links, hm_buf_str(&t->spelled));
	write_list(out, 'P', hm_buf_str(&hides));
	write_list(out, 'L', hm_buf_str(&links));
	hm_buf_char(out, 'I');
	hm_buf_char(out, t->through ? 1 : 0);
	hm_buf_uvarint(out, t->implied.n / 8);
	hm_buf_add(out, hm_buf_str(&t->implied));
	if (t->over)
		return hm_fail(
			cx, HM_LIMIT,
			"too many names for one path through symbolic links of lower layers");
	if (hides.over || links.over || t->implied.over || t->hidden.over || t->spelled.over)
		return hm_fail(cx, HM_LIMIT, "more paths than an answer can list");
	return NULL;
}
