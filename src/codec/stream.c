/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/stream.h"

#include <errno.h>
#include <unistd.h>

enum { INPUT_SIZE = 128 * 1024 };

hm_err stream_read_fd(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n)
{
	const int *fd = arg;
	ssize_t got;
	do
		got = read(*fd, room, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return hm_fail_os(cx, "could not read");
	*out_n = (size_t)got;
	return NULL;
}

hm_err stream_read_str(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n)
{
	(void)cx;
	struct hm_str *from = arg;
	struct hm_str part = hm_sub(*from, 0, n);
	if (part.n)
		memcpy(room, part.p, part.n);
	*from = hm_from(*from, part.n);
	*out_n = part.n;
	return NULL;
}

/* --- no compression --- */

static hm_err plain_open(struct hm_cx *cx, void **out)
{
	(void)cx;
	*out = NULL;
	return NULL;
}

static hm_err plain_read(struct hm_cx *cx, void *state, struct stream_input *in, void *room,
			 size_t n, size_t *out_n)
{
	(void)state;
	HM_TRY(stream_fill(cx, in));
	size_t take = in->n - in->at < n ? in->n - in->at : n;
	if (take)
		memcpy(room, in->room + in->at, take);
	in->at += take;
	*out_n = take;
	return NULL;
}

static void plain_close(void *state)
{
	(void)state;
}

static const struct stream_format plain_format = {
	.name = "plain",
	.magic = HM_STR_INIT(""),
	.open = plain_open,
	.read = plain_read,
	.close = plain_close,
};

/* The last has an empty magic: it takes what is left. Documents may be of all; packages are without
 * the first, layers without the first two. */
enum { DOCUMENTS, PACKAGES, LAYERS };
static const struct stream_format *const formats[] = { &bzip2_format, &xz_format, &gzip_format,
						       &zstd_format, &plain_format };

/* The magic may arrive in pieces: read until there is enough for the longest. */
static hm_err first_bytes(struct hm_cx *cx, struct stream_input *in)
{
	enum { LONGEST_MAGIC = 6 };
	while (in->n < LONGEST_MAGIC && !in->end) {
		size_t got = 0;
		HM_TRY(in->source.read(cx, in->source.arg, in->room + in->n, in->cap - in->n,
				       &got));
		in->n += got;
		in->total += got;
		in->end = got == 0;
	}
	/* What was read is still to be consumed. */
	if (in->n)
		in->end = false;
	return NULL;
}

static hm_err open_one_of(struct hm_cx *cx, struct stream_source source, size_t first,
			  struct stream *out)
{
	struct stream s = { .in = { .source = source, .cap = INPUT_SIZE } };
	s.in.room = hm_new(cx, uint8_t, INPUT_SIZE);
	HM_TRY(first_bytes(cx, &s.in));
	struct hm_str head = hm_bytes(s.in.room, s.in.n);
	s.format = formats[HM_LEN(formats) - 1];
	for (size_t i = first; i + 1 < HM_LEN(formats); i++)
		if (hm_starts(head, formats[i]->magic))
			s.format = formats[i];
	HM_TRY(s.format->open(cx, &s.state));
	*out = s;
	return NULL;
}

hm_err stream_open(struct hm_cx *cx, struct stream_source source, struct stream *out)
{
	return open_one_of(cx, source, LAYERS, out);
}

hm_err stream_open_package(struct hm_cx *cx, struct stream_source source, struct stream *out)
{
	return open_one_of(cx, source, PACKAGES, out);
}

hm_err stream_open_document(struct hm_cx *cx, struct stream_source source, struct stream *out)
{
	return open_one_of(cx, source, DOCUMENTS, out);
}

void stream_close(struct stream *s)
{
	if (s->format)
		s->format->close(s->state);
	*s = (struct stream){ 0 };
}

hm_err stream_read(struct hm_cx *cx, struct stream *s, void *room, size_t n, size_t *out_n)
{
	size_t have = 0;
	while (have < n) {
		size_t got = 0;
		hm_err err =
			s->format->read(cx, s->state, &s->in, (char *)room + have, n - have, &got);
		if (err)
			return hm_wrap(cx, err, "%s", s->format->name);
		if (got == 0)
			break;
		have += got;
		s->total += got;
	}
	*out_n = have;
	return NULL;
}

/* A few files of zeros compress well too; past this, what inflates more than anything real is a
 * bomb. */
enum { RATIO_FREE = 1024 * 1024 * 1024 };

hm_err stream_check_bomb(struct hm_cx *cx, const struct stream *s)
{
	if (s->total > HM_MAX_LAYER_TAR)
		return hm_fail(cx, HM_LIMIT, "it inflates to more than %llu bytes",
			       (unsigned long long)HM_MAX_LAYER_TAR);
	if (s->total > RATIO_FREE && (s->total - RATIO_FREE) / HM_MAX_LAYER_RATIO > s->in.total)
		return hm_fail(cx, HM_LIMIT,
			       "it inflates more than %llu times: a decompression bomb",
			       (unsigned long long)HM_MAX_LAYER_RATIO);
	return NULL;
}
