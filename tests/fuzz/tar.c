/* SPDX-License-Identifier: Apache-2.0 */
/* Whole, in odd pieces, and past the data: all must read the same. */
#include <stdlib.h>

#include "codec/stream.h"
#include "codec/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint32_t names, data; /* checksums */
	uint64_t at, size, entries;
	bool skips;
};

static void mix(struct seen *s, struct hm_str bytes)
{
	s->names = (s->names << 1 | s->names >> 31) ^ gzip_crc32(bytes);
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	struct seen *s = arg;
	struct hm_str path;
	HM_TRY(tar_clean_path(cx, e->path, &path));
	mix(s, path);
	mix(s, e->link);
	s->at = 0;
	s->size = e->size;
	s->entries++;
	*out_data = !s->skips;
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	(void)cx;
	struct seen *s = arg;
	if (offset < s->at || offset > s->size || bytes.n > s->size - offset)
		abort();
	for (size_t i = 0; i < bytes.n; i++)
		s->data = (s->data << 1 | s->data >> 31) ^ (uint8_t)bytes.p[i];
	s->at = offset + bytes.n;
	return NULL;
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	(void)cx, (void)arg;
	return NULL;
}

static bool run(struct hm_str bytes, size_t piece, struct seen *s)
{
	static const struct tar_events events = { on_entry, on_data, on_end };
	HM_AUTO_CX cx = HM_CX(16 << 20);
	TAR_AUTO t = tar_open(&cx, &events, s);
	while (bytes.n && !tar_is_over(t)) {
		if (tar_feed(&cx, t, hm_sub(bytes, 0, piece)))
			return false;
		bytes = hm_from(bytes, piece);
		uint64_t skip = s->skips ? tar_skip(t) : 0;
		if (skip > bytes.n)
			return false;
		bytes = hm_from(bytes, (size_t)skip);
	}
	return !tar_end(&cx, t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen whole = { 0 }, pieces = { 0 }, skipped = { .skips = true };
	bool a = run(hm_bytes(data, size), SIZE_MAX, &whole);
	bool b = run(hm_bytes(data, size), 101, &pieces);
	bool c = run(hm_bytes(data, size), 512, &skipped);
	if (a != b || a != c)
		abort();
	if (a && (whole.names != pieces.names || whole.data != pieces.data ||
		  whole.names != skipped.names || whole.entries != pieces.entries ||
		  whole.entries != skipped.entries))
		abort();
	return 0;
}
