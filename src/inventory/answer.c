/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/answer.h"

#include "inventory/fields.h"

struct reader {
	struct hm_cx *cx;
	struct hm_cur c;
	struct inventory_answer *a;
	struct hm_map by_path; /* path to struct newest */
	uint32_t rows;
	bool end;
};

static struct hm_str read_text(struct reader *r)
{
	uint64_t n = hm_uvarint(&r->c);
	if (n > r->c.n)
		r->c.bad = true;
	return r->c.bad ? HM_STR("") : hm_take_str(&r->c, (size_t)n);
}

static hm_err fail_damaged(struct reader *r)
{
	return hm_fail(r->cx, HM_INPUT, "the worker's answer is damaged");
}

static void read_texts(struct reader *r, void *object, const size_t *offsets, size_t n)
{
	uint64_t there = hm_uvarint(&r->c);
	if (there >> n)
		r->c.bad = true;
	for (size_t i = 0; i < n && !r->c.bad; i++)
		if (there >> i & 1)
			*(struct hm_str *)(void *)((char *)object + offsets[i]) = read_text(r);
}

/* A list of at most as many texts as there are bytes. */
static hm_err read_list(struct reader *r, struct hm_strs *out)
{
	uint64_t n = hm_uvarint(&r->c);
	if (n > r->c.n)
		return fail_damaged(r);
	HM_TRY(hm_charge(r->cx, (size_t)n * sizeof(struct hm_str)));
	out->p = hm_new(r->cx, struct hm_str, (size_t)n);
	out->cap = (size_t)n;
	for (; out->n < n && !r->c.bad; out->n++)
		out->p[out->n] = read_text(r);
	return NULL;
}

/* The newest file and the newest links of one path: index + 1; .older leads to the one before. */
struct newest {
	uint32_t file, link, shared;
};

static struct newest *newest_of(struct reader *r, struct hm_str path)
{
	struct newest **newest = (struct newest **)hm_map_slot(r->cx, &r->by_path, path);
	if (!*newest)
		*newest = hm_new(r->cx, struct newest, 1);
	return *newest;
}

static void forget_links(struct reader *r, uint32_t newest)
{
	struct inventory_found_link *links = r->a->links.p;
	for (uint32_t i = newest; i && !links[i - 1].forgotten; i = links[i - 1].older)
		links[i - 1].forgotten = true;
}

static void forget_path(struct reader *r, struct hm_str path)
{
	const struct newest *newest = hm_map_get(&r->by_path, path);
	if (!newest)
		return;
	struct inventory_found_file *files = r->a->files.p;
	for (uint32_t i = newest->file; i && !files[i - 1].forgotten; i = files[i - 1].older)
		files[i - 1].forgotten = true;
	forget_links(r, newest->link);
	forget_links(r, newest->shared);
}

static hm_err on_file(struct reader *r)
{
	struct inventory_found_file f = { .path = read_text(r) };
	uint64_t row = hm_uvarint(&r->c);
	if (r->c.bad || row >= r->rows)
		return fail_damaged(r);
	f.row = (uint32_t)row;
	HM_TRY(hm_charge(r->cx, 4 * sizeof(f)));
	struct newest *newest = newest_of(r, f.path);
	f.older = newest->file;
	*hm_push(r->cx, &r->a->files) = f;
	newest->file = (uint32_t)r->a->files.n;
	return NULL;
}

static hm_err on_forget(struct reader *r)
{
	struct hm_str path = read_text(r);
	if (r->c.bad)
		return fail_damaged(r);
	forget_path(r, path);
	return NULL;
}

static hm_err need_file(struct reader *r, uint32_t *out)
{
	if (!r->a->files.n)
		return fail_damaged(r);
	*out = (uint32_t)r->a->files.n - 1;
	return NULL;
}

static hm_err on_component(struct reader *r)
{
	uint32_t file;
	HM_TRY(need_file(r, &file));
	if (r->a->components.n >= HM_MAX_LAYER_PACKAGES)
		return fail_damaged(r);
	const struct inventory_cataloger *row = &inventory_catalogers[r->a->files.p[file].row];
	struct inventory_component c = { .cataloger = hm_cstr(row->name),
					 .evidence = row->evidence };
	read_texts(r, &c, component_texts, HM_LEN(component_texts));
	for (size_t i = 0; i < HM_LEN(component_lists); i++)
		HM_TRY(read_list(r, (struct hm_strs *)(void *)((char *)&c + component_lists[i])));
	uint64_t flags = hm_le(&r->c, 1);
	c.dev = flags & 1;
	c.group_guessed = flags & 2;
	c.main_module = flags & 4;
	struct hm_str path = read_text(r);
	if (r->c.bad || flags > 7)
		return fail_damaged(r);
	HM_TRY(hm_charge(r->cx, 2 * sizeof(c) + sizeof(struct inventory_location)));
	c.locations = hm_new(r->cx, struct inventory_location, 1);
	c.locations_n = c.locations_cap = 1;
	c.locations[0].path = path.n ? path : r->a->files.p[file].path;
	*hm_push(r->cx, &r->a->components) = c;
	*hm_push(r->cx, &r->a->component_files) = file;
	return NULL;
}

static hm_err on_owner(struct reader *r)
{
	struct inventory_found_owner o = { 0 };
	HM_TRY(need_file(r, &o.file));
	o.type = read_text(r);
	o.name = read_text(r);
	o.arch = read_text(r);
	uint64_t n = hm_uvarint(&r->c);
	if (r->c.bad || n > r->c.n / 8)
		return fail_damaged(r);
	o.hashes = hm_take_str(&r->c, (size_t)n * 8);
	HM_TRY(read_list(r, &o.paths));
	HM_TRY(hm_charge(r->cx, 2 * sizeof(o)));
	*hm_push(r->cx, &r->a->owners) = o;
	return r->c.bad ? fail_damaged(r) : NULL;
}

static hm_err on_distro(struct reader *r)
{
	struct inventory_found_distro d = { 0 };
	HM_TRY(need_file(r, &d.file));
	read_texts(r, &d.distro, distro_texts, HM_LEN(distro_texts));
	HM_TRY(hm_charge(r->cx, 2 * sizeof(d)));
	*hm_push(r->cx, &r->a->distros) = d;
	return r->c.bad ? fail_damaged(r) : NULL;
}

static hm_err on_unknown(struct reader *r)
{
	struct inventory_found_unknown u = { 0 };
	HM_TRY(need_file(r, &u.file));
	struct hm_str path = read_text(r);
	u.path = path.n ? path : r->a->files.p[u.file].path;
	u.reason = read_text(r);
	HM_TRY(hm_charge(r->cx, 2 * sizeof(u)));
	*hm_push(r->cx, &r->a->unknown) = u;
	return r->c.bad ? fail_damaged(r) : NULL;
}

static hm_err on_fault(struct reader *r)
{
	struct inventory_found_fault f = { 0 };
	HM_TRY(need_file(r, &f.file));
	f.words = read_text(r);
	HM_TRY(hm_charge(r->cx, 2 * sizeof(f)));
	*hm_push(r->cx, &r->a->faults) = f;
	return r->c.bad ? fail_damaged(r) : NULL;
}

static hm_err on_link(struct reader *r)
{
	struct inventory_found_link l = { .path = read_text(r) };
	l.target = read_text(r);
	if (r->c.bad)
		return fail_damaged(r);
	HM_TRY(hm_charge(r->cx, 4 * sizeof(l)));
	struct newest *newest = newest_of(r, l.path);
	l.older = newest->link;
	*hm_push(r->cx, &r->a->links) = l;
	newest->link = (uint32_t)r->a->links.n;
	return NULL;
}

/* Not its own link, which is there where layers do not share a folder. */
static hm_err on_shared_link(struct reader *r)
{
	struct inventory_found_link l = { .path = read_text(r), .shared = true };
	l.target = read_text(r);
	if (r->c.bad)
		return fail_damaged(r);
	HM_TRY(hm_charge(r->cx, 4 * sizeof(l)));
	struct newest *newest = newest_of(r, l.path);
	forget_links(r, newest->shared);
	if (!l.target.n) {
		*hm_push(r->cx, &r->a->unlinked) = l.path;
		if (newest->link)
			r->a->links.p[newest->link - 1].unlinked = true;
		return NULL;
	}
	l.older = newest->shared;
	*hm_push(r->cx, &r->a->links) = l;
	newest->shared = (uint32_t)r->a->links.n;
	return NULL;
}

static hm_err on_part(struct reader *r)
{
	struct inventory_found_part p = { 0 };
	HM_TRY(need_file(r, &p.file));
	p.of = read_text(r);
	HM_TRY(hm_charge(r->cx, 2 * sizeof(p)));
	*hm_push(r->cx, &r->a->parts) = p;
	return r->c.bad ? fail_damaged(r) : NULL;
}

static hm_err on_bytes(struct reader *r)
{
	struct inventory_found_bytes b = { .path = read_text(r) };
	b.bytes = read_text(r);
	HM_TRY(hm_charge(r->cx, 2 * sizeof(b)));
	*hm_push(r->cx, &r->a->given) = b;
	return r->c.bad ? fail_damaged(r) : NULL;
}

static hm_err on_needs(struct reader *r)
{
	r->a->needs = hm_take_str(&r->c, INVENTORY_BITS_SIZE);
	return r->c.bad ? fail_damaged(r) : NULL;
}

static hm_err read_hashes(struct reader *r, struct hm_str *out)
{
	uint64_t n = hm_uvarint(&r->c);
	if (r->c.bad || n > r->c.n / 8)
		return fail_damaged(r);
	*out = hm_take_str(&r->c, (size_t)n * 8);
	return NULL;
}

static hm_err on_paths(struct reader *r)
{
	return read_hashes(r, &r->a->hashes);
}

static hm_err on_made_links(struct reader *r)
{
	return read_hashes(r, &r->a->made_links);
}

static hm_err on_implied(struct reader *r)
{
	r->a->through = hm_le(&r->c, 1) != 0;
	return read_hashes(r, &r->a->implied);
}

static hm_err on_end(struct reader *r)
{
	r->a->diff_id = hm_take_str(&r->c, INVENTORY_DIFF_ID);
	r->a->tar_size = hm_uvarint(&r->c);
	r->a->entries = hm_uvarint(&r->c);
	r->end = true;
	return r->c.bad || r->c.n ? fail_damaged(r) : NULL;
}

static hm_err (*find_record(uint64_t tag))(struct reader *r)
{
	/* clang-format off */
	static const struct {
		char tag;
		hm_err (*read)(struct reader *r);
	} rows[] = {
		{ 'F', on_file }, { 'C', on_component }, { 'O', on_owner }, { 'D', on_distro },
		{ 'W', on_unknown }, { 'X', on_fault }, { 'J', on_part }, { 'R', on_forget },
		{ 'S', on_link }, { 's', on_shared_link },
		{ 'B', on_bytes }, { 'N', on_needs }, { 'P', on_paths },
		{ 'L', on_made_links }, { 'I', on_implied }, { 'E', on_end },
	};
	/* clang-format on */
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if ((uint64_t)(unsigned char)rows[i].tag == tag)
			return rows[i].read;
	return NULL;
}

hm_err inventory_answer_read(struct hm_cx *cx, struct hm_str bytes, struct inventory_answer *out)
{
	struct inventory_answer a = { 0 };
	struct reader r = { .cx = cx, .c = hm_cur(bytes), .a = &a };
	while (inventory_catalogers[r.rows].name)
		r.rows++;
	while (!r.end) {
		hm_err (*read)(struct reader *) = find_record(hm_le(&r.c, 1));
		if (r.c.bad || !read)
			return fail_damaged(&r);
		HM_TRY(read(&r));
	}
	*out = a;
	return NULL;
}
