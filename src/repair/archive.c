/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/archive.h"

#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/pool.h"

enum { LATER = 256 * 1024 };

hm_err repair_archive_open(struct hm_cx *cx, struct repair_archive *a)
{
	*a = (struct repair_archive){ .cx = hm_cx_child(cx, cx->budget), .later = HM_BUF(LATER) };
	return repair_archive_file(cx, a, &a->own);
}

static hm_err close_file(struct hm_cx *cx, void *arg, size_t i)
{
	struct repair_archive *a = arg;
	(void)cx;
	hm_close_fd(&a->files.p[i]);
	return NULL;
}

/* The system takes its time to give back what a large file has: each on a processor of its own. */
void repair_archive_done(struct repair_archive *a)
{
	hm_err err = a->files.n ? hm_parallel(&a->cx, a->files.n, 0, 0, close_file, a) : NULL;
	for (size_t i = 0; i < a->files.n; i++)
		hm_close_fd(&a->files.p[i]);
	(void)err; /* then they are closed now */
	a->files.n = 0;
	hm_buf_done(&a->later);
	hm_cx_done(&a->cx);
}

hm_err repair_archive_file(struct hm_cx *cx, struct repair_archive *a, int *out_fd)
{
	int *fd = hm_push(&a->cx, &a->files);
	*fd = -1;
	HM_TRY(hm_temp_fd(cx, fd));
	*out_fd = *fd;
	return NULL;
}

/* ------------------------------------------------------------------ in */

void repair_archive_put_stored(struct repair_archive *a, struct repair_stored s)
{
	const struct repair_piece *last = a->pieces.n ? &a->pieces.p[a->pieces.n - 1] : NULL;
	if (!last || last->fd != s.fd || last->at + (a->n - last->from) != s.at)
		*hm_push(&a->cx, &a->pieces) = (struct repair_piece){ a->n, s.fd, s.at };
	a->n += s.n;
}

static hm_err write_own(struct hm_cx *cx, struct repair_archive *a, struct hm_str bytes)
{
	a->own_n += bytes.n;
	return hm_write_all(cx, a->own, "a temporary file", bytes);
}

hm_err repair_archive_put(struct hm_cx *cx, struct repair_archive *a, struct hm_str bytes)
{
	if (!bytes.n)
		return NULL;
	repair_archive_put_stored(a,
				  (struct repair_stored){ a->own, a->own_n + a->later.n, bytes.n });
	if (bytes.n > LATER - a->later.n) {
		HM_TRY(write_own(cx, a, hm_buf_str(&a->later)));
		hm_buf_clear(&a->later);
	}
	if (bytes.n > LATER)
		return write_own(cx, a, bytes);
	hm_buf_add(&a->later, bytes);
	return NULL;
}

/* ------------------------------------------------------------------ and out */

static hm_err read_some(struct hm_cx *cx, struct repair_stored s, char *room, size_t *out_n)
{
	ssize_t n;
	do
		n = pread(s.fd, room, s.n, (off_t)s.at);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return hm_fail(cx, HM_SYSTEM, "could not read a temporary file: %s",
			       n ? strerror(errno) : "it has become shorter");
	*out_n = (size_t)n;
	return NULL;
}

hm_err repair_stored_bytes(struct hm_cx *cx, struct repair_stored s, struct hm_buf *b)
{
	char *room = hm_buf_room(b, s.n);
	if (!room)
		return hm_fail(cx, HM_LIMIT, "a file of more than %zu bytes", b->max);
	while (s.n) {
		size_t n;
		HM_TRY(read_some(cx, s, room, &n));
		room += n;
		s.at += n;
		s.n -= n;
	}
	return NULL;
}

/* The piece that has the byte. */
static size_t find_piece(const struct repair_archive *a, uint64_t at)
{
	size_t from = 0, to = a->pieces.n;
	while (to - from > 1) {
		size_t half = from + (to - from) / 2;
		if (a->pieces.p[half].from <= at)
			from = half;
		else
			to = half;
	}
	return from;
}

hm_err repair_archive_read(struct hm_cx *cx, const struct repair_archive *a, uint64_t at,
			   char *room, size_t n, size_t *out_n)
{
	*out_n = 0;
	if (at >= a->n)
		return NULL;
	size_t i = find_piece(a, at);
	const struct repair_piece *p = &a->pieces.p[i];
	uint64_t end = i + 1 < a->pieces.n ? p[1].from : a->n;
	struct repair_stored s = { p->fd, p->at + (at - p->from), end - at < n ? end - at : n };
	if (s.fd == a->own && s.at >= a->own_n) {
		*out_n = (size_t)s.n;
		memcpy(room, a->later.p + (s.at - a->own_n), s.n);
		return NULL;
	}
	if (s.fd == a->own && s.n > a->own_n - s.at)
		s.n = a->own_n - s.at;
	return read_some(cx, s, room, out_n);
}
