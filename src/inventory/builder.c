/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/builder.h"

#include "inventory/fields.h"

static const struct hm_str *text_at(const void *object, size_t offset)
{
	return (const struct hm_str *)(const void *)((const char *)object + offset);
}

/* A bit for each text that is not empty, then these. */
static void put_texts(struct hm_buf *out, const void *object, const size_t *offsets, size_t n)
{
	uint64_t there = 0;
	for (size_t i = 0; i < n; i++)
		there |= (uint64_t)(text_at(object, offsets[i])->n > 0) << i;
	hm_buf_uvarint(out, there);
	for (size_t i = 0; i < n; i++)
		if (there >> i & 1)
			hm_buf_counted(out, *text_at(object, offsets[i]));
}

void inventory_write_path(struct hm_buf *out, char tag, struct hm_str path)
{
	hm_buf_char(out, tag);
	hm_buf_counted(out, path);
}

void inventory_builder_done(struct inventory_builder *b)
{
	hm_buf_done(&b->owner);
	hm_buf_done(&b->hashes);
	hm_buf_done(&b->paths);
}

static void end_owner(struct inventory_builder *b)
{
	if (!b->hashes_n)
		return;
	hm_buf_char(b->out, 'O');
	hm_buf_add(b->out, hm_buf_str(&b->owner)); /* three counted texts */
	hm_buf_uvarint(b->out, b->hashes_n);
	hm_buf_add(b->out, hm_buf_str(&b->hashes));
	hm_buf_uvarint(b->out, b->keep_paths ? b->hashes_n : 0);
	hm_buf_add(b->out, hm_buf_str(&b->paths));
	hm_buf_clear(&b->hashes);
	hm_buf_clear(&b->paths);
	b->hashes_n = 0;
}

void inventory_builder_file(struct inventory_builder *b, const struct inventory_cataloger *row,
			    unsigned row_index, struct hm_str path)
{
	b->row = row;
	b->path = path;
	hm_buf_clear(&b->owner);
	inventory_write_path(b->out, 'F', path);
	hm_buf_uvarint(b->out, row_index);
}

struct hm_str inventory_place(const struct inventory_builder *b)
{
	return b->path;
}

static hm_err check_size(struct hm_cx *cx, const struct inventory_builder *b)
{
	if (b->out->over || b->hashes.over || b->paths.over)
		return hm_fail(cx, HM_LIMIT, "more is found in it than %llu bytes can say",
			       (unsigned long long)HM_MAX_WORKER_RESULT);
	return NULL;
}

hm_err inventory_builder_flush(struct hm_cx *cx, struct inventory_builder *b)
{
	end_owner(b);
	return check_size(cx, b);
}

hm_err inventory_add(struct hm_cx *cx, struct inventory_builder *b,
		     const struct inventory_component *c)
{
	if (++b->components > HM_MAX_LAYER_PACKAGES)
		return hm_fail(cx, HM_LIMIT, "more than %llu packages in one layer",
			       (unsigned long long)HM_MAX_LAYER_PACKAGES);
	end_owner(b);
	hm_buf_char(b->out, 'C');
	put_texts(b->out, c, component_texts, HM_LEN(component_texts));
	for (size_t i = 0; i < HM_LEN(component_lists); i++) {
		const struct hm_strs *v =
			(const struct hm_strs *)(const void *)((const char *)c +
							       component_lists[i]);
		hm_buf_uvarint(b->out, v->n);
		for (size_t k = 0; k < v->n; k++)
			hm_buf_counted(b->out, v->p[k]);
	}
	hm_buf_char(b->out, (char)(c->dev | c->group_guessed << 1 | c->main_module << 2));
	hm_buf_counted(b->out, c->locations_n ? c->locations[0].path : HM_STR(""));
	return check_size(cx, b);
}

/* With merged /usr a package may say /lib and the layer usr/lib, so that both are remembered. */
static bool is_merged(struct hm_str path)
{
	static const char *const dirs[] = {
		"bin/", "sbin/", "lib/", "lib32/", "lib64/", "libx32/"
	};
	for (size_t i = 0; i < HM_LEN(dirs); i++)
		if (hm_starts(path, hm_cstr(dirs[i])))
			return true;
	return false;
}

static void add_hash(struct inventory_builder *b, struct hm_str path)
{
	hm_buf_le(&b->hashes, inventory_path_hash(&b->seed, INVENTORY_PATH_HIDES, path), 8);
	if (b->keep_paths)
		hm_buf_counted(&b->paths, path);
	b->hashes_n++;
}

hm_err inventory_add_owned(struct hm_cx *cx, struct inventory_builder *b, const char *type,
			   struct hm_str name, struct hm_str arch, struct hm_str path)
{
	while (hm_starts(path, HM_STR("/")))
		path = hm_from(path, 1);
	if (path.n == 0 || path.n > HM_MAX_PATH)
		return NULL;
	HM_AUTO_BUF owner = HM_BUF(HM_MIB);
	hm_buf_counted(&owner, hm_cstr(type));
	hm_buf_counted(&owner, name);
	hm_buf_counted(&owner, arch);
	if (!hm_eq(hm_buf_str(&owner), hm_buf_str(&b->owner))) {
		end_owner(b);
		hm_buf_clear(&b->owner);
		b->owner.max = HM_MIB;
		hm_buf_add(&b->owner, hm_buf_str(&owner));
	}
	b->hashes.max = b->paths.max = HM_MAX_WORKER_RESULT;
	add_hash(b, path);
	if (is_merged(path)) {
		struct hm_mark before = hm_mark(cx);
		add_hash(b, hm_fmt(cx, "usr/%.*s", HM_FMT(path)));
		hm_release(cx, before);
	}
	return check_size(cx, b);
}

hm_err inventory_add_distro(struct hm_cx *cx, struct inventory_builder *b,
			    const struct inventory_distro *d)
{
	end_owner(b);
	hm_buf_char(b->out, 'D');
	put_texts(b->out, d, distro_texts, HM_LEN(distro_texts));
	return check_size(cx, b);
}

hm_err inventory_add_part(struct hm_cx *cx, struct inventory_builder *b)
{
	size_t tail = strlen(b->row->part);
	end_owner(b);
	inventory_write_path(b->out, 'J', hm_sub(b->path, 0, b->path.n - tail));
	return check_size(cx, b);
}

hm_err inventory_add_unknown(struct hm_cx *cx, struct inventory_builder *b, struct hm_str path,
			     struct hm_str reason)
{
	end_owner(b);
	inventory_write_path(b->out, 'W', path);
	hm_buf_counted(b->out, reason);
	return check_size(cx, b);
}
