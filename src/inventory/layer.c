/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/layer.h"

#include "inventory/layer_links.h"
#include "inventory/layer_rows.h"

/* image-spec layer.md, "Whiteouts". */
#define WHITEOUT ".wh."
#define OPAQUE   ".wh..wh..opq"
#define AUFS     ".wh..wh."

hm_err inventory_layer_begin(struct hm_cx *cx, struct inventory_layer *l, struct hm_str args,
			     struct hm_buf *out)
{
	*l = (struct inventory_layer){ .table = inventory_catalogers, .out = out };
	HM_TRY(inventory_request_read(cx, args, &l->asked));
	l->keep = hm_cx_child(cx, HM_MAX_KEPT_LAYER);
	l->scratch = hm_cx_child(cx, SIZE_MAX);
	l->needs = hm_new(cx, uint8_t, INVENTORY_BITS_SIZE);
	if (l->asked.bits)
		memcpy(l->needs, l->asked.bits, INVENTORY_BITS_SIZE);
	inventory_tree_init(&l->keep, &l->asked, &l->tree);
	l->body.max = HM_MAX_KEPT_FILE;
	l->builder.out = out;
	l->builder.seed = l->asked.seed;
	inventory_matcher_make(cx, l->table, l->asked.flags & INVENTORY_DECLARED_TOO, &l->matcher);
	if (l->asked.flags & INVENTORY_TOGETHER)
		l->matcher.go_elf = l->matcher.rust_elf = 0;
	return NULL;
}

void inventory_layer_done(struct inventory_layer *l)
{
	inventory_tree_done(&l->tree);
	hm_cx_done(&l->keep);
	hm_cx_done(&l->scratch);
	hm_buf_done(&l->body);
	hm_buf_done(&l->scan.got);
	inventory_builder_done(&l->builder);
}

static size_t bit_of(const struct inventory_layer *l, struct hm_str path)
{
	return (size_t)inventory_path_hash(&l->asked.seed, INVENTORY_PATH_HIDES, path) %
	       INVENTORY_BITS;
}

static bool has_bit(const struct inventory_layer *l, struct hm_str path)
{
	const uint8_t *bits = l->asked.bits;
	size_t i = bits ? bit_of(l, path) : 0;
	return bits && (bits[i / 8] >> i % 8 & 1);
}

static void need_path(struct inventory_layer *l, struct hm_str path)
{
	size_t i = bit_of(l, path);
	l->needs[i / 8] |= (uint8_t)(1 << i % 8);
	l->needs_more = true;
}

static hm_err keep_bytes(struct hm_cx *cx, struct inventory_layer *l, struct hm_map *map,
			 struct hm_str path, struct hm_str bytes, struct hm_str **out)
{
	l->kept_bytes += bytes.n;
	if (l->kept_bytes > HM_MAX_KEPT_LAYER)
		return hm_fail(cx, HM_LIMIT, "more than %llu bytes of files that must be kept",
			       (unsigned long long)HM_MAX_KEPT_LAYER);
	struct hm_str *copy = hm_new(&l->keep, struct hm_str, 1);
	*copy = hm_dup(&l->keep, bytes);
	hm_map_put(&l->keep, map, hm_dup(&l->keep, path), copy);
	if (out)
		*out = copy;
	return NULL;
}

/* The bit of a path to which a hard link leads, and whose bytes it needs. */
static struct hm_str name_linked_bit(struct inventory_layer *l, struct hm_str path)
{
	return hm_fmt(&l->scratch, "%.*s/.", HM_FMT(path));
}

/* --- entries --- */

static hm_err clean_path(struct hm_cx *cx, struct inventory_layer *l, struct hm_str path,
			 struct hm_str *out)
{
	hm_err err = tar_clean_path(&l->scratch, path, out);
	return err ? hm_fault_copy(cx, err) : NULL;
}

static hm_err put_in_tree(struct hm_cx *cx, struct inventory_layer *l, struct hm_str path,
			  enum inventory_tree_kind kind, struct hm_str target)
{
	hm_err err = inventory_tree_put(&l->scratch, &l->tree, path, kind, target);
	return err ? hm_fault_copy(cx, err) : NULL;
}

static void drop_kept(struct inventory_layer *l, struct hm_map *map)
{
	if (map->n && hm_map_get(map, l->path))
		hm_map_put(&l->keep, map, hm_dup(&l->keep, l->path), NULL);
}

/* A path seen again in one layer: the later entry is what is there. */
static void forget_path(struct inventory_layer *l)
{
	if (hm_map_has(&l->found, l->path))
		inventory_write_path(l->out, 'R', l->path);
	drop_kept(l, &l->kept);
	drop_kept(l, &l->go);
	drop_kept(l, &l->crates);
}

static hm_err on_whiteout(struct hm_cx *cx, struct inventory_layer *l, struct hm_str path,
			  struct hm_str name)
{
	struct hm_str dir = hm_sub(path, 0, path.n - name.n);
	if (hm_eqz(name, OPAQUE)) {
		inventory_tree_opaque(&l->tree, hm_sub(dir, 0, dir.n ? dir.n - 1 : 0));
		return NULL;
	}
	if (hm_starts(name, HM_STR(AUFS)))
		return NULL; /* bookkeeping of aufs */
	struct hm_str hidden = hm_from(name, sizeof(WHITEOUT) - 1);
	if (hidden.n == 0 || hm_eqz(hidden, ".") || hm_eqz(hidden, ".."))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is a whiteout without a name", HM_FMT(path));
	hidden = hm_fmt(&l->scratch, "%.*s%.*s", HM_FMT(dir), HM_FMT(hidden));
	bool was_link = inventory_tree_target(&l->tree, hidden) != NULL;
	HM_TRY(put_in_tree(cx, l, hidden, INVENTORY_TREE_WHITEOUT, HM_STR("")));
	inventory_layer_unlink(l, hidden, was_link);
	return NULL;
}

static bool is_whiteout(const struct inventory_layer *l, struct hm_str path)
{
	return hm_starts(hm_basename(path), HM_STR(WHITEOUT)) &&
	       !(l->asked.flags & INVENTORY_NO_WHITEOUTS);
}

/* The rows that can take a file of this size. */
static hm_err drop_unfitting_rows(struct hm_cx *cx, struct inventory_layer *l, uint64_t *rows)
{
	uint64_t left = *rows;
	for (unsigned i = 0; left; i++, left >>= 1) {
		const struct inventory_cataloger *row = &l->table[i];
		uint64_t max =
			row->max && row->max < HM_MAX_KEPT_FILE ? row->max : HM_MAX_KEPT_FILE;
		if (!(left & 1) || l->file.size <= max)
			continue;
		if (row->required)
			return hm_fail(cx, HM_LIMIT, "%s: \"%.*s\" is larger than %llu bytes",
				       row->name, HM_FMT(l->path), (unsigned long long)max);
		*rows &= ~(UINT64_C(1) << i);
		HM_TRY(inventory_layer_unread(cx, l, i,
					      hm_fmt(&l->scratch, "it is larger than %llu bytes",
						     (unsigned long long)max)));
	}
	return NULL;
}

static hm_err on_file(struct hm_cx *cx, struct inventory_layer *l, const struct tar_entry *e,
		      bool *out_data)
{
	l->file = *e;
	l->rows = inventory_layer_wants(l);
	HM_TRY(drop_unfitting_rows(cx, l, &l->rows));
	bool again = has_bit(l, l->path) && e->size <= HM_MAX_KEPT_FILE;
	l->give_it = hm_strs_has(&l->asked.give, l->path);
	l->keep_it = l->rows || again || l->give_it;
	hm_buf_clear(&l->body);
	inventory_go_scan_begin(&l->scan);
	inventory_rust_scan_begin(&l->rust);
	*out_data = l->keep_it || l->matcher.go_elf;
	if (*out_data)
		l->path = hm_dup(&l->scratch, l->path);
	return NULL;
}

/* What was found in a program's bytes is in each of its names. */
static hm_err link_program(struct hm_cx *cx, struct inventory_layer *l, struct hm_str target)
{
	struct hm_str *go = hm_map_get(&l->go, target), *rust = hm_map_get(&l->crates, target);
	if (go) {
		hm_map_put(&l->keep, &l->go, hm_dup(&l->keep, l->path), go);
		HM_TRY(inventory_layer_run(cx, l, l->matcher.go_elf, *go));
	}
	if (!rust)
		return NULL;
	hm_map_put(&l->keep, &l->crates, hm_dup(&l->keep, l->path), rust);
	if (!rust->n)
		need_path(l, name_linked_bit(l, target));
	return rust->n ? inventory_layer_run(cx, l, l->matcher.rust_elf, *rust) : NULL;
}

/* The content of a link is that of its target, which came before it in this layer. */
static hm_err link_file(struct hm_cx *cx, struct inventory_layer *l, struct hm_str target)
{
	uint64_t rows = inventory_layer_wants(l);
	l->give_it = hm_strs_has(&l->asked.give, l->path);
	bool again = has_bit(l, l->path) || l->give_it;
	HM_TRY(link_program(cx, l, target));
	if (!rows && !again)
		return NULL;
	struct hm_str *bytes = hm_map_get(&l->kept, target);
	if (bytes) {
		hm_map_put(&l->keep, &l->kept, hm_dup(&l->keep, l->path), bytes);
		return inventory_layer_hand_over(cx, l, rows, *bytes);
	}
	if (!has_bit(l, target)) {
		need_path(l, target);
		return NULL;
	}
	for (unsigned i = 0; rows; i++, rows >>= 1) {
		if (!(rows & 1))
			continue;
		HM_TRY(inventory_layer_unread(
			cx, l, i,
			HM_STR("it is a hard link to a file that is too large to be read")));
	}
	return NULL;
}

static hm_err on_hardlink(struct hm_cx *cx, struct inventory_layer *l, const struct tar_entry *e)
{
	struct hm_str target, text = HM_STR("");
	enum inventory_tree_kind kind;
	hm_err err = inventory_tree_hardlink(&l->scratch, &l->tree, e->link, &target, &kind);
	if (err)
		return hm_fault_copy(cx, err);
	if (hm_eq(target, l->path)) /* runtimes have taken it away by then */
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is a hard link to itself", HM_FMT(target));
	if (kind == INVENTORY_TREE_LINK)
		text = *inventory_tree_target(&l->tree, target);
	HM_TRY(put_in_tree(cx, l, l->path, kind, text));
	if (kind != INVENTORY_TREE_DEVICE)
		forget_path(l);
	if (kind == INVENTORY_TREE_LINK)
		inventory_layer_symlink(l, text);
	else if (kind != INVENTORY_TREE_DEVICE && l->asked.aliases.n)
		inventory_layer_unlink(l, l->path, false);
	return kind == INVENTORY_TREE_FILE ? link_file(cx, l, target) : NULL;
}

static hm_err begin_entry(struct hm_cx *cx, struct inventory_layer *l, struct hm_str path)
{
	if (++l->entries > HM_MAX_LAYER_ENTRIES)
		return hm_fail(cx, HM_LIMIT, "more than %llu entries",
			       (unsigned long long)HM_MAX_LAYER_ENTRIES);
	if (l->entries % 1024 == 0)
		HM_TRY(hm_alive(cx));
	hm_cx_done(&l->scratch);
	l->scratch = hm_cx_child(cx, SIZE_MAX);
	HM_TRY(clean_path(cx, l, path, &l->path));
	if (!l->path.n)
		return NULL;
	hm_err err = inventory_tree_enter(&l->scratch, &l->tree, &l->path);
	return err ? hm_fault_copy(cx, err) : NULL;
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	static const enum inventory_tree_kind kinds[] = {
		[TAR_FILE] = INVENTORY_TREE_FILE,     [TAR_SYMLINK] = INVENTORY_TREE_LINK,
		[TAR_DIR] = INVENTORY_TREE_DIR,       [TAR_OTHER] = INVENTORY_TREE_OTHER,
		[TAR_DEVICE] = INVENTORY_TREE_DEVICE,
	};
	struct inventory_layer *l = arg;
	HM_TRY(begin_entry(cx, l, e->path));
	if (l->path.n == 0)
		return NULL;
	if (e->redirected)
		return hm_fail(
			cx, HM_INPUT,
			"\"%.*s\" has an attribute by which overlayfs takes it from elsewhere",
			HM_FMT(l->path));
	if (is_whiteout(l, l->path))
		return on_whiteout(cx, l, l->path, hm_basename(l->path));
	if (e->type == TAR_HARDLINK)
		return on_hardlink(cx, l, e);
	HM_TRY(put_in_tree(cx, l, l->path, kinds[e->type], e->link));
	if (e->type == TAR_DEVICE)
		return NULL;
	forget_path(l);
	if (e->type == TAR_SYMLINK)
		inventory_layer_symlink(l, e->link);
	else if (l->asked.aliases.n)
		inventory_layer_unlink(l, l->path, false);
	return e->type == TAR_FILE ? on_file(cx, l, e, out_data) : NULL;
}

/* What is at its name is gone for a runtime, and so shows what lies below it. */
static hm_err on_global(struct hm_cx *cx, void *arg, struct hm_str path)
{
	struct inventory_layer *l = arg;
	HM_TRY(begin_entry(cx, l, path));
	if (l->path.n && (is_whiteout(l, l->path) ||
			  inventory_tree_at(&l->tree, l->path) != INVENTORY_TREE_NONE))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is the name of a global header, too",
			       HM_FMT(l->path));
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	struct inventory_layer *l = arg;
	if (l->matcher.go_elf)
		inventory_go_scan_feed(&l->scan, offset, bytes);
	if (l->matcher.rust_elf && (l->scan.state == GO_SEARCH || l->scan.state == GO_CAPTURE))
		inventory_rust_scan_feed(&l->rust, hm_bytes(l->scan.head, l->scan.head_n), offset,
					 bytes);
	if (!l->keep_it)
		return NULL;
	size_t gap = (size_t)offset - l->body.n;
	char *room = hm_buf_room(&l->body, gap + bytes.n);
	if (!room)
		return hm_fail(cx, HM_LIMIT, "\"%.*s\" is too large", HM_FMT(l->path));
	memset(room, 0, gap);
	memcpy(room + gap, bytes.p, bytes.n);
	return NULL;
}

/* A program that is to be read again, whole, by these rows. */
static hm_err need_program(struct hm_cx *cx, struct inventory_layer *l, uint64_t rows)
{
	if (l->file.size <= HM_MAX_KEPT_FILE) {
		need_path(l, l->path);
		return NULL;
	}
	return inventory_layer_unread(cx, l, (unsigned)__builtin_ctzll(rows),
				      hm_fmt(&l->scratch, "it is a program larger than %llu bytes",
					     (unsigned long long)HM_MAX_KEPT_FILE));
}

static hm_err go_ended(struct hm_cx *cx, struct inventory_layer *l)
{
	struct hm_str *bytes;
	if (l->scan.state == GO_FOUND) {
		HM_TRY(keep_bytes(cx, l, &l->go, l->path, hm_buf_str(&l->scan.got), &bytes));
	} else if (l->scan.whole_needed && has_bit(l, l->path)) {
		bytes = hm_map_get(&l->kept, l->path);
		if (!bytes)
			return need_program(cx, l, l->matcher.go_elf);
		hm_map_put(&l->keep, &l->go, hm_dup(&l->keep, l->path), bytes);
	} else {
		return l->scan.whole_needed ? need_program(cx, l, l->matcher.go_elf) : NULL;
	}
	return inventory_layer_run(cx, l, l->matcher.go_elf, *bytes);
}

/* A program that may have a list of crates is read again, whole. */
static hm_err rust_ended(struct hm_cx *cx, struct inventory_layer *l)
{
	if (!l->rust.seen)
		return NULL;
	if (!has_bit(l, l->path) || l->file.size > HM_MAX_KEPT_FILE)
		return need_program(cx, l, l->matcher.rust_elf);
	bool is_linked = has_bit(l, name_linked_bit(l, l->path));
	HM_TRY(keep_bytes(cx, l, &l->crates, l->path, is_linked ? hm_buf_str(&l->body) : HM_STR(""),
			  NULL));
	return inventory_layer_run(cx, l, l->matcher.rust_elf, hm_buf_str(&l->body));
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	enum { LARGE = 4 * 1024 * 1024 };
	struct inventory_layer *l = arg;
	HM_TRY(on_data(cx, l, l->file.size, HM_STR(""))); /* a hole at the end */
	if (l->keep_it) {
		bool rust_only = l->rust.seen && !l->scan.whole_needed;
		if ((has_bit(l, l->path) && !rust_only) || l->asked.flags & INVENTORY_TOGETHER)
			HM_TRY(keep_bytes(cx, l, &l->kept, l->path, hm_buf_str(&l->body), NULL));
		HM_TRY(inventory_layer_hand_over(cx, l, l->rows, hm_buf_str(&l->body)));
	}
	HM_TRY(rust_ended(cx, l));
	if (l->body.cap > LARGE)
		hm_buf_done(&l->body);
	return go_ended(cx, l);
}

const struct tar_events inventory_layer_events = { on_entry, on_data, on_end, on_global };

hm_err inventory_layer_end(struct hm_cx *cx, struct inventory_layer *l,
			   const uint8_t diff_id[INVENTORY_DIFF_ID], uint64_t tar_size)
{
	if (l->asked.flags & INVENTORY_TOGETHER)
		HM_TRY(inventory_layer_run_together(cx, l));
	if (l->needs_more) {
		hm_buf_char(l->out, 'N');
		hm_buf_add(l->out, hm_bytes(l->needs, INVENTORY_BITS_SIZE));
	}
	HM_TRY(inventory_tree_write(cx, &l->tree, l->out));
	hm_buf_char(l->out, 'E');
	hm_buf_add(l->out, hm_bytes(diff_id, INVENTORY_DIFF_ID));
	hm_buf_uvarint(l->out, tar_size);
	hm_buf_uvarint(l->out, l->entries);
	return inventory_builder_flush(cx, &l->builder);
}
