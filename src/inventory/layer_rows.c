/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/layer_rows.h"

#include "inventory/layer_links.h"

hm_err inventory_layer_unread(struct hm_cx *cx, struct inventory_layer *l, unsigned row,
			      struct hm_str reason)
{
	inventory_builder_file(&l->builder, &l->table[row], row, l->path);
	inventory_layer_found(l);
	return inventory_add_unknown(cx, &l->builder, HM_STR(""), reason);
}

/* A file that a cataloger cannot read is unknown content, unless the row says that it must be
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
	bool is_input = err && (err->code == HM_INPUT || err->code == HM_LIMIT);
	bool is_fatal = err && (!is_input || row->required);
	if (is_fatal && err->code != HM_INPUT)
		return hm_fault_copy(cx, hm_wrap(&scratch, err, "%s: \"%.*s\"", row->name,
						 HM_FMT(l->path)));
	HM_TRY(inventory_builder_flush(cx, &l->builder));
	if (is_fatal)
		inventory_write_path(l->out, 'X', hm_cstr(err->why));
	else if (err)
		HM_TRY(inventory_add_unknown(cx, &l->builder, HM_STR(""), hm_cstr(err->why)));
	if (l->out->n == begun && !row->part)
		l->out->n = before;
	else
		inventory_layer_found(l);
	return NULL;
}

/* By each of its names. */
static hm_err run_names(struct hm_cx *cx, struct inventory_layer *l, unsigned i,
			struct inventory_file file)
{
	if (!(l->names.all >> i & 1))
		return run_row(cx, l, i, &file);
	for (size_t k = 0; k < l->names.n; k++) {
		file.path = l->names.p[k];
		if (l->names.rows[k] >> i & 1)
			HM_TRY(run_row(cx, l, i, &file));
	}
	if (l->names.over >> i & 1)
		return inventory_layer_unread(cx, l, i,
					      hm_fmt(&l->scratch,
						     "more than %d symbolic links lead to it",
						     INVENTORY_NAMES_MOST));
	return NULL;
}

hm_err inventory_layer_run(struct hm_cx *cx, struct inventory_layer *l, uint64_t rows,
			   struct hm_str bytes)
{
	struct inventory_file file = { .path = l->path, .bytes = bytes, .mode = l->file.mode };
	for (unsigned i = 0; rows; i++, rows >>= 1)
		if (rows & 1)
			HM_TRY(run_names(cx, l, i, file));
	return NULL;
}

hm_err inventory_layer_hand_over(struct hm_cx *cx, struct inventory_layer *l, uint64_t rows,
				 struct hm_str bytes)
{
	if (l->give_it) {
		inventory_write_path(l->out, 'B', l->path);
		hm_buf_counted(l->out, bytes);
		HM_TRY(inventory_builder_flush(cx, &l->builder));
	}
	return l->asked.flags & INVENTORY_TOGETHER ? NULL : inventory_layer_run(cx, l, rows, bytes);
}

hm_err inventory_layer_run_together(struct hm_cx *cx, struct inventory_layer *l)
{
	for (size_t k = 0; k < l->kept.n; k++) {
		l->path = l->kept.entries[k].key;
		if (!l->kept.entries[k].value)
			continue;
		hm_cx_done(&l->scratch);
		l->scratch = hm_cx_child(cx, SIZE_MAX);
		uint64_t rows = inventory_layer_wants(l);
		for (unsigned i = 0; rows; i++, rows >>= 1) {
			const char *part = l->table[i].part;
			const struct hm_str *bytes = l->kept.entries[k].value, *beside;
			if (!(rows & 1) || !part)
				continue;
			beside = hm_map_get(&l->kept,
					    hm_fmt(&l->scratch, "%.*s%s", HM_FMT(l->path), part));
			struct inventory_file file = { .path = l->path,
						       .bytes = *bytes,
						       .part = beside ? *beside : HM_STR("") };
			if (beside)
				HM_TRY(run_names(cx, l, i, file));
		}
	}
	return NULL;
}
