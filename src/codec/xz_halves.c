/* SPDX-License-Identifier: Apache-2.0 */
/* The index is read and written by liblzma. */
#include "codec/xz_halves.h"

#include <lzma.h>

#include "base/limits.h"

enum { ENDS = 2 * LZMA_STREAM_HEADER_SIZE };

static void index_done(lzma_index **i)
{
	lzma_index_end(*i, NULL);
}
#define AUTO_INDEX HM_CLEANUP(index_done) lzma_index *

static const uint8_t *bytes_of(struct hm_str s)
{
	return (const uint8_t *)s.p;
}

struct whole {
	struct hm_str file;
	lzma_stream_flags flags;
	lzma_index *index;
};

static void whole_done(struct whole *w)
{
	lzma_index_end(w->index, NULL);
}

/* The index of a file whose only stream it describes. */
static bool read_index(struct whole *w)
{
	struct hm_str file = w->file;
	lzma_stream_flags end;
	uint64_t memory = HM_MAX_XZ_MEMORY;
	if (file.n < ENDS || file.n % 4)
		return false;
	struct hm_str foot = hm_from(file, file.n - LZMA_STREAM_HEADER_SIZE);
	if (lzma_stream_header_decode(&w->flags, bytes_of(file)) != LZMA_OK ||
	    lzma_stream_footer_decode(&end, bytes_of(foot)) != LZMA_OK ||
	    lzma_stream_flags_compare(&w->flags, &end) != LZMA_OK ||
	    end.backward_size > file.n - ENDS)
		return false;
	size_t at = 0, n = (size_t)end.backward_size;
	struct hm_str bytes = hm_sub(file, file.n - LZMA_STREAM_HEADER_SIZE - n, n);
	return lzma_index_buffer_decode(&w->index, &memory, NULL, bytes_of(bytes), &at, n) ==
		       LZMA_OK &&
	       at == n && lzma_index_stream_size(w->index) == file.n;
}

/* Blocks [from, to) of the file. */
static bool make_half(struct hm_cx *cx, const struct whole *w, uint64_t from, uint64_t to,
		      struct xz_half *out)
{
	AUTO_INDEX own = lzma_index_init(NULL);
	lzma_index_iter it;
	uint64_t begin = 0, end = 0;
	lzma_index_iter_init(&it, w->index);
	if (!own)
		return false;
	for (uint64_t i = 0; i < to; i++) {
		if (lzma_index_iter_next(&it, LZMA_INDEX_ITER_BLOCK))
			return false;
		if (i < from)
			continue;
		if (i == from)
			begin = it.block.compressed_file_offset;
		end = it.block.compressed_file_offset + it.block.total_size;
		if (lzma_index_append(own, NULL, it.block.unpadded_size,
				      it.block.uncompressed_size) != LZMA_OK)
			return false;
	}
	lzma_stream_flags foot = { .check = w->flags.check, .backward_size = lzma_index_size(own) };
	size_t n = (size_t)foot.backward_size, at = 0;
	uint8_t *tail = hm_new(cx, uint8_t, n + LZMA_STREAM_HEADER_SIZE);
	if (end > w->file.n || lzma_index_buffer_encode(own, tail, &at, n) != LZMA_OK || at != n ||
	    lzma_stream_footer_encode(&foot, tail + n) != LZMA_OK)
		return false;
	*out = (struct xz_half){ { hm_sub(w->file, 0, LZMA_STREAM_HEADER_SIZE),
				   hm_sub(w->file, (size_t)begin, (size_t)(end - begin)),
				   hm_bytes(tail, n + LZMA_STREAM_HEADER_SIZE) },
				 lzma_index_uncompressed_size(own) };
	return true;
}

bool xz_halve(struct hm_cx *cx, struct hm_str file, struct xz_half out[2])
{
	HM_CLEANUP(whole_done) struct whole w = { .file = file };
	lzma_index_iter it;
	if (!read_index(&w) || lzma_index_block_count(w.index) < 2)
		return false;
	uint64_t blocks = lzma_index_block_count(w.index), middle = 1;
	lzma_index_iter_init(&it, w.index);
	for (uint64_t i = 1; i < blocks && !lzma_index_iter_next(&it, LZMA_INDEX_ITER_BLOCK); i++)
		if (it.block.compressed_file_offset < file.n / 2)
			middle = i;
	return make_half(cx, &w, 0, middle, &out[0]) && make_half(cx, &w, middle, blocks, &out[1]);
}

hm_err xz_half_read(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n)
{
	struct xz_half *h = arg;
	(void)cx;
	*out_n = 0;
	for (size_t i = 0; i < HM_LEN(h->parts) && !*out_n; i++) {
		struct hm_str some = hm_sub(h->parts[i], 0, n);
		if (some.n)
			memcpy(room, some.p, some.n);
		h->parts[i] = hm_from(h->parts[i], some.n);
		*out_n = some.n;
	}
	return NULL;
}
