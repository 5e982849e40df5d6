/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/layer.h"

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
	l->hashes.max = HM_MAX_LAYER_ENTRIES * 8;
	l->body.max = HM_MAX_KEPT_FILE;
	l->builder.out = out;
	inventory_matcher_make(cx, l->table, l->asked.flags & INVENTORY_DECLARED_TOO, &l->matcher);
	if (l->asked.flags & INVENTORY_TOGETHER)
		l->matcher.go_elf = l->matcher.rust_elf = 0;
	return NULL;
}

void inventory_layer_done(struct inventory_layer *l)
{
	hm_cx_done(&l->keep);
	hm_cx_done(&l->scratch);
	hm_buf_done(&l->hashes);
	hm_buf_done(&l->body);
	hm_buf_done(&l->scan.got);
	inventory_builder_done(&l->builder);
}

static size_t bit_of(struct hm_str path)
{
	return (size_t)inventory_path_hash(INVENTORY_PATH_HIDES, path) % INVENTORY_BITS;
}

static bool has_bit(const uint8_t *bits, struct hm_str path)
{
	size_t i = bit_of(path);
	return bits && (bits[i / 8] >> i % 8 & 1);
}

static void need(struct inventory_layer *l, struct hm_str path)
{
	size_t i = bit_of(path);
	l->needs[i / 8] |= (uint8_t)(1 << i % 8);
	l->needs_more = true;
}

/* --- what is at hand goes to the catalogers --- */

/* A file that a cataloger cannot read is a warning, unless the row says that it must be
 * readable, and it is there in the end. One that may have a part is always named. */
static hm_err run_row(struct hm_cx *cx, struct inventory_layer *l, unsigned i,
		      const struct inventory_file *file)
{
	const struct inventory_cataloger *row = &l->table[i];
	size_t before = l->out->n;
	inventory_builder_file(&l->builder, row, i, l->path);
	size_t begun = l->out->n;
	HM_AUTO_CX scratch = hm_cx_child(cx, HM_MAX_KEPT_LAYER);
	hm_err err = row->parse(&scratch, file, &l->builder);
	bool is_fatal = err && (err->code != HM_INPUT || row->required);
	if (is_fatal && err->code != HM_INPUT)
		return hm_fault_copy(cx, hm_wrap(&scratch, err, "%s: \"%.*s\"", row->name,
						 HM_FMT(l->path)));
	HM_TRY(inventory_builder_flush(cx, &l->builder));
	if (is_fatal)
		inventory_write_path(l->out, 'X', hm_cstr(err->why));
	else if (err)
		HM_TRY(inventory_add_warning(cx, &l->builder, hm_cstr(err->why)));
	if (l->out->n == begun && !row->part)
		l->out->n = before;
	else
		inventory_layer_found(l);
	return NULL;
}

static hm_err run_rows(struct hm_cx *cx, struct inventory_layer *l, uint64_t rows,
		       struct hm_str bytes)
{
	for (unsigned i = 0; rows; i++, rows >>= 1) {
		bool is_spelled = l->table[i].required && l->spelled.n;
		struct inventory_file file = { .path = is_spelled ? l->spelled : l->path,
					       .bytes = bytes,
					       .mode = l->file.mode };
		if (rows & 1)
			HM_TRY(run_row(cx, l, i, &file));
	}
	return NULL;
}

/* The file goes to its rows; or, with other files, when it is known what there is. */
static hm_err hand_over(struct hm_cx *cx, struct inventory_layer *l, uint64_t rows,
			struct hm_str bytes)
{
	if (l->give_it) {
		inventory_write_path(l->out, 'B', l->path);
		hm_buf_counted(l->out, bytes);
		HM_TRY(inventory_builder_flush(cx, &l->builder));
	}
	return l->asked.flags & INVENTORY_TOGETHER ? NULL : run_rows(cx, l, rows, bytes);
}

/* Each kept file that has a part: see INVENTORY_TOGETHER. */
static hm_err run_together(struct hm_cx *cx, struct inventory_layer *l)
{
	for (size_t k = 0; k < l->kept.n; k++) {
		l->path = l->kept.entries[k].key;
		uint64_t rows = inventory_layer_wants(l, &l->spelled);
		for (unsigned i = 0; rows; i++, rows >>= 1) {
			const char *part = l->table[i].part;
			const struct hm_str *bytes = l->kept.entries[k].value, *beside;
			if (!(rows & 1) || !part)
				continue;
			hm_cx_done(&l->scratch);
			l->scratch = hm_cx_child(cx, SIZE_MAX);
			beside = hm_map_get(&l->kept,
					    hm_fmt(&l->scratch, "%.*s%s", HM_FMT(l->path), part));
			struct inventory_file file = { .path = l->spelled.n ? l->spelled : l->path,
						       .bytes = *bytes,
						       .part = beside ? *beside : HM_STR("") };
			if (beside)
				HM_TRY(run_row(cx, l, i, &file));
		}
	}
	return NULL;
}

static hm_err keep(struct hm_cx *cx, struct inventory_layer *l, struct hm_map *map,
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

/* --- entries --- */

static hm_err clean(struct hm_cx *cx, struct inventory_layer *l, struct hm_str path,
		    struct hm_str *out)
{
	hm_err err = tar_clean_path(&l->scratch, path, out);
	return err ? hm_fault_copy(cx, err) : NULL;
}

static void remember(struct inventory_layer *l, enum inventory_path_kind kind, struct hm_str path)
{
	hm_buf_le(&l->hashes, inventory_path_hash(kind, path), 8);
}

/* A path seen again in one layer: the later entry is what is there. */
static void forget(struct inventory_layer *l, struct hm_str path)
{
	if (hm_map_has(&l->found, path))
		inventory_write_path(l->out, 'R', path);
}

static hm_err on_whiteout(struct hm_cx *cx, struct inventory_layer *l, struct hm_str path,
			  struct hm_str name)
{
	struct hm_str dir = hm_sub(path, 0, path.n - name.n);
	if (hm_eqz(name, OPAQUE)) {
		remember(l, INVENTORY_PATH_OPAQUE, hm_sub(dir, 0, dir.n ? dir.n - 1 : 0));
		return NULL;
	}
	if (hm_starts(name, HM_STR(AUFS)))
		return NULL; /* bookkeeping of aufs */
	struct hm_str hidden = hm_from(name, sizeof(WHITEOUT) - 1);
	if (hidden.n == 0 || hm_eqz(hidden, ".") || hm_eqz(hidden, ".."))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is no whiteout of anything", HM_FMT(path));
	remember(l, INVENTORY_PATH_HIDES,
		 hm_fmt(&l->scratch, "%.*s%.*s", HM_FMT(dir), HM_FMT(hidden)));
	return NULL;
}

/* The rows that can take a file of this size. */
static hm_err fitting(struct hm_cx *cx, struct inventory_layer *l, uint64_t *rows)
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
		inventory_builder_file(&l->builder, row, i, l->path);
		HM_TRY(inventory_add_warning(cx, &l->builder,
					     hm_fmt(&l->scratch, "larger than %llu bytes: not read",
						    (unsigned long long)max)));
	}
	return NULL;
}

static hm_err on_file(struct hm_cx *cx, struct inventory_layer *l, const struct tar_entry *e,
		      bool *out_data)
{
	l->file = *e;
	l->rows = inventory_layer_wants(l, &l->spelled);
	HM_TRY(fitting(cx, l, &l->rows));
	bool again = has_bit(l->asked.bits, l->path) && e->size <= HM_MAX_KEPT_FILE;
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

/* The content of a link is that of its target, which came before it in this layer. */
static hm_err on_hardlink(struct hm_cx *cx, struct inventory_layer *l, const struct tar_entry *e)
{
	struct hm_str target;
	HM_TRY(clean(cx, l, e->link, &target));
	uint64_t rows = inventory_layer_wants(l, &l->spelled);
	l->give_it = hm_strs_has(&l->asked.give, l->path);
	bool again = has_bit(l->asked.bits, l->path) || l->give_it;
	struct hm_str *go = hm_map_get(&l->go, target);
	if (go) {
		HM_TRY(run_rows(cx, l, l->matcher.go_elf, *go));
		hm_map_put(&l->keep, &l->go, hm_dup(&l->keep, l->path), go);
	}
	if (!rows && !again)
		return NULL;
	struct hm_str *bytes = hm_map_get(&l->kept, target);
	if (bytes) {
		hm_map_put(&l->keep, &l->kept, hm_dup(&l->keep, l->path), bytes);
		return hand_over(cx, l, rows, *bytes);
	}
	if (!has_bit(l->asked.bits, target)) {
		need(l, target);
		return NULL;
	}
	for (unsigned i = 0; rows; i++, rows >>= 1) {
		if (!(rows & 1))
			continue;
		inventory_builder_file(&l->builder, &l->table[i], i, l->path);
		HM_TRY(inventory_add_warning(
			cx, &l->builder, HM_STR("a hard link to a file that is not in its layer")));
	}
	return NULL;
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	struct inventory_layer *l = arg;
	if (++l->entries > HM_MAX_LAYER_ENTRIES)
		return hm_fail(cx, HM_LIMIT, "more than %llu entries",
			       (unsigned long long)HM_MAX_LAYER_ENTRIES);
	if (l->entries % 1024 == 0)
		HM_TRY(hm_alive(cx));
	hm_cx_done(&l->scratch);
	l->scratch = hm_cx_child(cx, SIZE_MAX);
	HM_TRY(clean(cx, l, e->path, &l->path));
	struct hm_str name = hm_basename(l->path);
	if (l->path.n == 0)
		return NULL;
	if (hm_starts(name, HM_STR(WHITEOUT)) && !(l->asked.flags & INVENTORY_NO_WHITEOUTS))
		return on_whiteout(cx, l, l->path, name);
	remember(l, e->type == TAR_DIR ? INVENTORY_PATH_DIR : INVENTORY_PATH_HIDES, l->path);
	forget(l, l->path);
	switch (e->type) {
	case TAR_FILE:
		return on_file(cx, l, e, out_data);
	case TAR_HARDLINK:
		return on_hardlink(cx, l, e);
	case TAR_SYMLINK:
		inventory_layer_symlink(l, e->link);
		return NULL;
	case TAR_DIR:
	case TAR_DEVICE:
	case TAR_OTHER:
		return NULL;
	}
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

static hm_err go_ended(struct hm_cx *cx, struct inventory_layer *l)
{
	struct hm_str *bytes;
	if (l->scan.state == GO_FOUND) {
		HM_TRY(keep(cx, l, &l->go, l->path, hm_buf_str(&l->scan.got), &bytes));
	} else if (l->scan.whole_needed && has_bit(l->asked.bits, l->path)) {
		bytes = hm_map_get(&l->kept, l->path);
		if (!bytes)
			return NULL;
		hm_map_put(&l->keep, &l->go, hm_dup(&l->keep, l->path), bytes);
	} else {
		if (l->scan.whole_needed && l->file.size <= HM_MAX_KEPT_FILE)
			need(l, l->path);
		return NULL;
	}
	return run_rows(cx, l, l->matcher.go_elf, *bytes);
}

/* A program that may have a list of crates is read again, whole. */
static hm_err rust_ended(struct hm_cx *cx, struct inventory_layer *l)
{
	if (!l->rust.seen || l->file.size > HM_MAX_KEPT_FILE)
		return NULL;
	if (has_bit(l->asked.bits, l->path))
		return run_rows(cx, l, l->matcher.rust_elf, hm_buf_str(&l->body));
	need(l, l->path);
	return NULL;
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	enum { LARGE = 4 * 1024 * 1024 };
	struct inventory_layer *l = arg;
	HM_TRY(on_data(cx, l, l->file.size, HM_STR(""))); /* a hole at the end */
	if (l->keep_it) {
		bool rust_only = l->rust.seen && !l->scan.whole_needed;
		if ((has_bit(l->asked.bits, l->path) && !rust_only) ||
		    l->asked.flags & INVENTORY_TOGETHER)
			HM_TRY(keep(cx, l, &l->kept, l->path, hm_buf_str(&l->body), NULL));
		HM_TRY(hand_over(cx, l, l->rows, hm_buf_str(&l->body)));
	}
	HM_TRY(rust_ended(cx, l));
	if (l->body.cap > LARGE)
		hm_buf_done(&l->body);
	return go_ended(cx, l);
}

const struct tar_events inventory_layer_events = { on_entry, on_data, on_end };

hm_err inventory_layer_end(struct hm_cx *cx, struct inventory_layer *l,
			   const uint8_t diff_id[INVENTORY_DIFF_ID], uint64_t tar_size)
{
	struct hm_str hashes = hm_buf_str(&l->hashes);
	if (l->asked.flags & INVENTORY_TOGETHER)
		HM_TRY(run_together(cx, l));
	if (l->needs_more) {
		hm_buf_char(l->out, 'N');
		hm_buf_add(l->out, hm_bytes(l->needs, INVENTORY_BITS_SIZE));
	}
	hm_buf_char(l->out, 'P');
	hm_buf_uvarint(l->out, hashes.n / 8);
	hm_buf_add(l->out, hashes);
	hm_buf_char(l->out, 'E');
	hm_buf_add(l->out, hm_bytes(diff_id, INVENTORY_DIFF_ID));
	hm_buf_uvarint(l->out, tar_size);
	hm_buf_uvarint(l->out, l->entries);
	return inventory_builder_flush(cx, &l->builder);
}
