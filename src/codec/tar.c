/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/tar.h"

#include <stdlib.h>

#include "codec/tar_parts.h"

/* What the next byte belongs to. */
enum state { HEADER, META, SPARSE_BLOCK, DATA_MAP, DATA, PADDING, FINISHED, STATES };

struct tar {
	const struct tar_events *events;
	void *arg;
	struct hm_cx own; /* what is known about the next entry; emptied after each */
	enum state state;
	uint8_t block[TAR_BLOCK]; /* one that arrives in pieces */
	size_t block_n;
	uint64_t left;  /* of what is stored for this entry */
	size_t padding; /* behind it */
	char meta_type; /* of the extended header that is being collected; 0: it is skipped */
	struct hm_buf meta;
	bool pending; /* an extended header waits for its entry */
	struct tar_extra x;
	struct tar_entry e;
	bool wanted;
	size_t extent;                   /* of x.map, sparse files only */
	uint64_t extent_done;            /* bytes of it that were given out */
	uint64_t at;                     /* in the file, where it is not sparse */
	uint64_t map_lines, map_lines_n; /* seen; there must be (0: not known yet) */
	bool zero;                       /* the last block was all zero */
};

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

static void store(struct tar *t, uint64_t size)
{
	t->left = size;
	t->padding = (size_t)(-size & (TAR_BLOCK - 1));
}

static void next_entry(struct tar *t)
{
	t->state = HEADER;
	if (!t->pending && !t->x.map.n)
		return; /* nothing was allocated: the name was a slice */
	t->x = (struct tar_extra){ 0 };
	t->pending = false;
	hm_cx_done(&t->own);
	t->own = HM_CX(SIZE_MAX);
}

/* The data is over: on to the padding, or the next header. */
static hm_err end_data(struct hm_cx *cx, struct tar *t)
{
	if (t->wanted)
		HM_TRY(t->events->end(cx, t->arg));
	t->wanted = false;
	next_entry(t);
	if (t->padding)
		t->state = PADDING;
	return NULL;
}

/* Name, link and sizes are known: tell, and go on to the data. */
static hm_err tell(struct hm_cx *cx, struct tar *t)
{
	if (t->e.sparse)
		HM_TRY_IN(cx, tar_check_map(cx, &t->x.map, t->e.size, t->left), "\"%.*s\"",
			  HM_FMT(t->e.path));
	bool wanted = false;
	HM_TRY(t->events->entry(cx, t->arg, &t->e, &wanted));
	t->wanted = wanted && t->e.type == TAR_FILE;
	t->at = t->extent = 0;
	t->extent_done = 0;
	t->state = DATA;
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
static hm_err begin_sparse(struct hm_cx *cx, struct tar *t, const struct tar_header *h,
			   const uint8_t *block)
{
	bool more;
	if (h->type == 'S') {
		t->x.map.n = 0;
		t->pending = true;
		HM_TRY(tar_old_sparse(cx, &t->own, block, false, &t->x.map, &more));
		t->state = SPARSE_BLOCK;
		return more ? NULL : tell(cx, t);
	}
	if (!t->x.map_in_data)
		return tell(cx, t);
	hm_buf_clear(&t->meta);
	t->map_lines = t->map_lines_n = 0;
	t->state = DATA_MAP;
	return NULL;
}

static hm_err begin_entry(struct hm_cx *cx, struct tar *t, const struct tar_header *h,
			  const uint8_t *block)
{
	struct tar_extra *x = &t->x;
	struct tar_entry e = { .mode = h->mode };
	HM_TRY(tar_type_of(cx, h, &e.type));
	struct hm_str name = h->name;
	if (h->prefix.n && !x->long_path.n && !x->path.n && !x->sparse_name.n) {
		name = hm_fmt(&t->own, "%.*s/%.*s", HM_FMT(h->prefix), HM_FMT(h->name));
		t->pending = true;
	}
	e.path = x->long_path.n ? x->long_path : first_of(x->sparse_name, x->path, name);
	e.link = first_of(x->long_link, x->link, h->link);
	/* The block may be gone when the map of a sparse file has been read. */
	bool data = e.type == TAR_FILE || h->type == 'D' || h->type == '\0';
	store(t, data ? (x->has_size ? x->size : h->size) : 0);
	if (t->left > INT64_MAX)
		return hm_fail(cx, HM_INPUT, "\"%.*s\": the size is out of range", HM_FMT(e.path));
	e.size = t->left;
	e.sparse = e.type == TAR_FILE && (h->type == 'S' || x->sparse);
	if (e.sparse) {
		e.path = hm_dup(&t->own, e.path);
		e.link = hm_dup(&t->own, e.link);
		e.size = h->type == 'S' ? h->real_size : x->has_real_size ? x->real_size : t->left;
	}
	t->e = e;
	return e.sparse ? begin_sparse(cx, t, h, block) : tell(cx, t);
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
		t->state = t->zero ? FINISHED : HEADER;
		t->zero = true;
		return NULL;
	}
	if (t->zero)
		return hm_fail(cx, HM_INPUT, "a block of zeros between entries");
	struct tar_header h;
	HM_TRY(tar_header_parse(cx, block, &h));
	switch (h.type) {
	case 'x':
	case 'X':
	case 'L':
	case 'K':
		if (h.size > HM_MAX_PAX)
			return hm_fail(cx, HM_LIMIT, "an extended header of %llu bytes",
				       (unsigned long long)h.size);
		t->pending = true;
		hm_buf_clear(&t->meta);
		t->meta_type = h.type;
		store(t, h.size);
		t->state = META;
		return t->left ? NULL : hm_fail(cx, HM_INPUT, "an empty extended header");
	case 'g':
	case 'V': /* the name of the volume */
		t->meta_type = 0;
		if (h.size > HM_MAX_PAX)
			return hm_fail(cx, HM_LIMIT, "an extended header of %llu bytes",
				       (unsigned long long)h.size);
		store(t, h.size);
		t->state = t->left ? META : HEADER;
		return NULL;
	default:
		return begin_entry(cx, t, &h, block);
	}
}

/* --- extended headers --- */

static hm_err set_long(struct hm_cx *cx, struct tar *t, struct hm_str *out)
{
	struct hm_str v = hm_buf_str(&t->meta);
	v.n = strnlen(v.p, v.n);
	if (v.n == 0)
		return hm_fail(cx, HM_INPUT, "an empty long name");
	*out = hm_dup(&t->own, v);
	return NULL;
}

static hm_err end_meta(struct hm_cx *cx, struct tar *t)
{
	t->state = t->padding ? PADDING : HEADER;
	switch (t->meta_type) {
	case 'L':
		return set_long(cx, t, &t->x.long_path);
	case 'K':
		return set_long(cx, t, &t->x.long_link);
	case 0:
		return NULL;
	default:
		return tar_pax_parse(cx, &t->own, hm_buf_str(&t->meta), &t->x);
	}
}

static hm_err on_meta(struct hm_cx *cx, struct tar *t, struct hm_str *bytes)
{
	struct hm_str part = hm_sub(*bytes, 0, t->left < SIZE_MAX ? (size_t)t->left : SIZE_MAX);
	if (t->meta_type)
		hm_buf_add(&t->meta, part);
	*bytes = hm_from(*bytes, part.n);
	t->left -= part.n;
	return t->left ? NULL : end_meta(cx, t);
}

/* --- sparse maps --- */

static hm_err on_sparse_block(struct hm_cx *cx, struct tar *t, struct hm_str *bytes)
{
	const uint8_t *block = take_block(t, bytes);
	if (!block)
		return NULL;
	bool more;
	HM_TRY(tar_old_sparse(cx, &t->own, block, true, &t->x.map, &more));
	return more ? NULL : tell(cx, t);
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
	HM_TRY(tar_data_map(cx, &t->own, hm_buf_str(&t->meta), &t->x.map));
	return tell(cx, t);
}

/* --- data --- */

/* As much of `part` as lies in one extent. */
static hm_err give_sparse(struct hm_cx *cx, struct tar *t, struct hm_str part)
{
	while (part.n) {
		const struct tar_extent *e = &t->x.map.p[t->extent];
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
		t->state = HEADER;
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
	static hm_err (*const step[STATES])(struct hm_cx *, struct tar *, struct hm_str *) = {
		[HEADER] = on_header,     [META] = on_meta, [SPARSE_BLOCK] = on_sparse_block,
		[DATA_MAP] = on_data_map, [DATA] = on_data, [PADDING] = on_padding,
		[FINISHED] = on_finished,
	};
	while (bytes.n)
		HM_TRY_IN(cx, step[t->state](cx, t, &bytes), "tar");
	return NULL;
}

uint64_t tar_skip(struct tar *t)
{
	bool unwanted = t->state == PADDING || (t->state == DATA && !t->wanted);
	if (!unwanted)
		return 0;
	uint64_t n = t->state == DATA ? t->left + t->padding : t->padding;
	if (t->state == DATA)
		next_entry(t);
	t->left = t->padding = 0;
	t->state = HEADER;
	return n;
}

bool tar_is_over(const struct tar *t)
{
	return t->state == FINISHED;
}

hm_err tar_end(struct hm_cx *cx, struct tar *t)
{
	bool between = t->state == HEADER && t->block_n == 0 && !t->pending;
	if (between || tar_is_over(t))
		return NULL;
	return hm_fail(cx, HM_INPUT, "tar: the archive is cut short");
}
