/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/tar_meta.h"

struct tar *tar_open(struct hm_cx *cx, const struct tar_events *events, void *arg)
{
	struct tar *t = hm_new(cx, struct tar, 1);
	t->events = events;
	t->arg = arg;
	t->own = HM_CX(SIZE_MAX);
	/* The largest is the map before the data of a sparse file: two numbers an extent. */
	t->meta = HM_BUF(HM_MAX_SPARSE * 2 * 21 + TAR_BLOCK);
	return t;
}

void tar_close(struct tar *t)
{
	hm_cx_done(&t->own);
	hm_buf_done(&t->meta);
}

/* The next block, in place where it is whole; NULL: it has not arrived yet. */
static const uint8_t *take_block(struct tar *t, struct hm_str *bytes)
{
	const uint8_t *at = (const uint8_t *)bytes->p;
	if (t->block_n == 0 && bytes->n >= TAR_BLOCK) {
		*bytes = hm_from(*bytes, TAR_BLOCK);
		return at;
	}
	struct hm_str part = hm_sub(*bytes, 0, TAR_BLOCK - t->block_n);
	memcpy(t->block + t->block_n, part.p, part.n);
	t->block_n += part.n;
	*bytes = hm_from(*bytes, part.n);
	if (t->block_n < TAR_BLOCK)
		return NULL;
	t->block_n = 0;
	return t->block;
}

/* The data is over: on to the padding, or the next header. */
static hm_err end_data(struct hm_cx *cx, struct tar *t)
{
	if (t->wanted)
		HM_TRY(t->events->end(cx, t->arg));
	t->wanted = false;
	tar_next_entry(t);
	if (t->padding)
		t->state = TAR_PADDING;
	return NULL;
}

/* Name, link and sizes are known: tell, and go on to the data. */
static hm_err tell_entry(struct hm_cx *cx, struct tar *t)
{
	if (t->e.sparse)
		HM_TRY_IN(cx, tar_check_map(cx, &t->map, t->e.size, t->left), "\"%.*s\"",
			  HM_FMT(t->e.path));
	bool wanted = false;
	HM_TRY(t->events->entry(cx, t->arg, &t->e, &wanted));
	t->wanted = wanted && t->e.type == TAR_FILE;
	t->at = t->extent = 0;
	t->extent_done = 0;
	t->state = TAR_DATA;
	return t->left ? NULL : end_data(cx, t);
}

/* --- headers --- */

static struct hm_str first_of(struct hm_str a, struct hm_str b, struct hm_str c)
{
	if (a.n)
		return a;
	return b.n ? b : c;
}

/* Where is the map? In this block and perhaps further ones, before the data, or known already. */
static hm_err begin_sparse(struct hm_cx *cx, struct tar *t, enum tar_sparse kind,
			   const struct tar_header *h, const uint8_t *block)
{
	const struct tar_pax *x = &t->pax;
	bool more;
	t->e.sparse = t->kept = true;
	if (kind == TAR_SPARSE_OLD) {
		t->e.size = h->real_size;
		HM_TRY(tar_old_sparse(cx, &t->own, block, false, &t->map, &more));
		t->state = TAR_SPARSE_BLOCK;
		return more ? NULL : tell_entry(cx, t);
	}
	t->e.path = first_of(x->sparse_name, t->e.path, HM_STR(""));
	if (x->real_size.is_there)
		t->e.size = x->real_size.value;
	if (x->sparse_size.is_there)
		t->e.size = x->sparse_size.value;
	t->map = x->map;
	if (kind == TAR_SPARSE_HEADER)
		return tell_entry(cx, t);
	hm_buf_clear(&t->meta);
	t->map_lines = t->map_lines_n = 0;
	t->state = TAR_DATA_MAP;
	return NULL;
}

static hm_err sparse_kind(struct hm_cx *cx, const struct tar *t, const struct tar_header *h,
			  enum tar_sparse *out)
{
	HM_TRY(tar_pax_sparse(cx, &t->pax, out));
	if (*out != TAR_DENSE && (t->e.type != TAR_FILE || h->type == 'S'))
		return hm_fail(cx, HM_INPUT, "\"%.*s\": the map of a sparse file for another entry",
			       HM_FMT(t->e.path));
	if (h->type != 'S')
		return NULL;
	*out = TAR_SPARSE_OLD;
	return h->is_gnu ? NULL : hm_fail(cx, HM_INPUT, "a sparse file of an unknown format");
}

static uint32_t id_of(const struct tar_number *said, uint32_t id)
{
	return said->is_there ? (uint32_t)said->value : id;
}

static void set_owner(const struct tar_pax *x, const struct tar_header *h, struct tar_entry *e)
{
	e->uid = id_of(&x->uid, h->uid);
	e->gid = id_of(&x->gid, h->gid);
	e->user = first_of(x->user, h->user, HM_STR(""));
	e->group = first_of(x->group, h->group, HM_STR(""));
	e->mtime = x->mtime.is_there ? x->mtime.value : h->mtime;
}

static hm_err begin_entry(struct hm_cx *cx, struct tar *t, const struct tar_header *h,
			  const uint8_t *block)
{
	const struct tar_pax *x = &t->pax;
	struct tar_entry e = { .mode = h->mode,
			       .redirected = x->redirected,
			       .has_attributes = x->has_attributes,
			       .capability = x->capability };
	struct hm_str name = first_of(t->long_path, x->path, HM_STR(""));
	set_owner(x, h, &e);
	enum tar_sparse sparse;
	bool data;
	if (!name.n && h->prefix.n) {
		name = hm_fmt(&t->own, "%.*s/%.*s", HM_FMT(h->prefix), HM_FMT(h->name));
		t->kept = true;
	}
	e.path = name.n ? name : h->name;
	e.link = first_of(t->long_link, x->link, h->link);
	HM_TRY(tar_type_of(cx, h->type, e.path, &e.type, &data));
	tar_store(t, !data ? 0 : x->size.is_there ? x->size.value : h->size);
	if (t->left > INT64_MAX)
		return hm_fail(cx, HM_INPUT, "\"%.*s\": the size is out of range", HM_FMT(e.path));
	e.size = t->left;
	t->e = e;
	HM_TRY(sparse_kind(cx, t, h, &sparse));
	if (sparse == TAR_DENSE)
		return tell_entry(cx, t);
	/* The block may be gone when the map of a sparse file has been read. */
	t->e.path = hm_dup(&t->own, e.path);
	t->e.link = hm_dup(&t->own, e.link);
	t->e.user = hm_dup(&t->own, e.user);
	t->e.group = hm_dup(&t->own, e.group);
	return begin_sparse(cx, t, sparse, h, block);
}

static bool is_zero(const uint8_t *block)
{
	static const uint8_t zeros[TAR_BLOCK];
	return block[0] == 0 && memcmp(block, zeros, TAR_BLOCK) == 0;
}

static hm_err on_header(struct hm_cx *cx, struct tar *t, struct hm_str *bytes)
{
	const uint8_t *block = take_block(t, bytes);
	if (!block)
		return NULL;
	if (is_zero(block)) {
		if (t->pending)
			return hm_fail(cx, HM_INPUT, "an extended header without its entry");
		t->state = t->zero ? TAR_FINISHED : TAR_HEADER;
		t->zero = true;
		return NULL;
	}
	if (t->zero)
		return hm_fail(cx, HM_INPUT, "a block of zeros between entries");
	struct tar_header h;
	HM_TRY(tar_header_parse(cx, block, &h));
	return memchr("xgLKV", h.type, 5) ? tar_meta_begin(cx, t, &h)
					  : begin_entry(cx, t, &h, block);
}

/* --- sparse maps --- */

static hm_err on_sparse_block(struct hm_cx *cx, struct tar *t, struct hm_str *bytes)
{
	const uint8_t *block = take_block(t, bytes);
	if (!block)
		return NULL;
	bool more;
	HM_TRY(tar_old_sparse(cx, &t->own, block, true, &t->map, &more));
	return more ? NULL : tell_entry(cx, t);
}

static hm_err on_data_map(struct hm_cx *cx, struct tar *t, struct hm_str *bytes)
{
	const uint8_t *block = take_block(t, bytes);
	if (!block)
		return NULL;
	if (t->left < TAR_BLOCK)
		return hm_fail(cx, HM_INPUT, "the map of a sparse file is longer than its data");
	t->left -= TAR_BLOCK;
	for (size_t i = 0; i < TAR_BLOCK; i++)
		t->map_lines += block[i] == '\n';
	hm_buf_add(&t->meta, hm_bytes(block, TAR_BLOCK));
	struct hm_str rest = hm_buf_str(&t->meta);
	uint64_t n;
	if (t->map_lines && !t->map_lines_n) {
		if (!hm_u64(hm_cut(&rest, '\n'), INT64_MAX, &n))
			return hm_fail(cx, HM_INPUT, "the map of a sparse file is damaged");
		if (n > HM_MAX_SPARSE)
			return hm_fail(cx, HM_LIMIT, "a sparse file of more than %llu extents",
				       (unsigned long long)HM_MAX_SPARSE);
		t->map_lines_n = 1 + 2 * n;
	}
	if (t->meta.over || !t->map_lines)
		return hm_fail(cx, HM_INPUT, "the map of a sparse file is damaged");
	if (t->map_lines < t->map_lines_n)
		return NULL;
	HM_TRY(tar_data_map(cx, &t->own, hm_buf_str(&t->meta), &t->map));
	return tell_entry(cx, t);
}

/* --- data --- */

/* As much of `part` as lies in one extent. */
static hm_err give_sparse(struct hm_cx *cx, struct tar *t, struct hm_str part)
{
	while (part.n) {
		const struct tar_extent *e = &t->map.p[t->extent];
		if (t->extent_done == e->n) {
			t->extent++;
			t->extent_done = 0;
			continue;
		}
		uint64_t left = e->n - t->extent_done;
		struct hm_str piece = hm_sub(part, 0, left < part.n ? (size_t)left : part.n);
		HM_TRY(t->events->data(cx, t->arg, e->offset + t->extent_done, piece));
		t->extent_done += piece.n;
		part = hm_from(part, piece.n);
	}
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, struct tar *t, struct hm_str *bytes)
{
	struct hm_str part = hm_sub(*bytes, 0, t->left < bytes->n ? (size_t)t->left : bytes->n);
	if (t->wanted && t->e.sparse)
		HM_TRY(give_sparse(cx, t, part));
	else if (t->wanted)
		HM_TRY(t->events->data(cx, t->arg, t->at, part));
	t->at += part.n;
	t->left -= part.n;
	*bytes = hm_from(*bytes, part.n);
	return t->left ? NULL : end_data(cx, t);
}

static hm_err on_padding(struct hm_cx *cx, struct tar *t, struct hm_str *bytes)
{
	(void)cx;
	struct hm_str part = hm_sub(*bytes, 0, t->padding);
	*bytes = hm_from(*bytes, part.n);
	t->padding -= part.n;
	if (!t->padding)
		t->state = TAR_HEADER;
	return NULL;
}

static hm_err on_finished(struct hm_cx *cx, struct tar *t, struct hm_str *bytes)
{
	(void)cx, (void)t;
	*bytes = HM_STR("");
	return NULL;
}

hm_err tar_feed(struct hm_cx *cx, struct tar *t, struct hm_str bytes)
{
	static hm_err (*const step[TAR_STATES])(struct hm_cx *, struct tar *, struct hm_str *) = {
		[TAR_HEADER] = on_header,
		[TAR_META] = tar_meta_feed,
		[TAR_SPARSE_BLOCK] = on_sparse_block,
		[TAR_DATA_MAP] = on_data_map,
		[TAR_DATA] = on_data,
		[TAR_PADDING] = on_padding,
		[TAR_FINISHED] = on_finished,
	};
	while (bytes.n)
		HM_TRY_IN(cx, step[t->state](cx, t, &bytes), "tar");
	return NULL;
}

uint64_t tar_skip(struct tar *t)
{
	bool unwanted = t->state == TAR_PADDING || (t->state == TAR_DATA && !t->wanted);
	if (!unwanted)
		return 0;
	uint64_t n = t->state == TAR_DATA ? t->left + t->padding : t->padding;
	if (t->state == TAR_DATA)
		tar_next_entry(t);
	t->left = t->padding = 0;
	t->state = TAR_HEADER;
	return n;
}

bool tar_is_over(const struct tar *t)
{
	return t->state == TAR_FINISHED;
}

hm_err tar_end(struct hm_cx *cx, struct tar *t)
{
	bool between = t->state == TAR_HEADER && t->block_n == 0 && !t->pending;
	if (between || tar_is_over(t))
		return NULL;
	return hm_fail(cx, HM_INPUT, "tar: the archive is cut short");
}
