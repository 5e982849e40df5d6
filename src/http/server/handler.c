/* SPDX-License-Identifier: Apache-2.0 */
/* An exchange as handlers see it, in a worker's thread or, when they are fast, in the loop's. */
#include "http/server/server.h"

struct hm_str http_exchange_method(const struct http_exchange *x)
{
	return x->method;
}

struct hm_str http_exchange_path(const struct http_exchange *x)
{
	return x->path;
}

struct hm_str http_exchange_header(const struct http_exchange *x, const char *name)
{
	return http_header_get(&x->headers, name);
}

struct hm_str http_exchange_id(const struct http_exchange *x)
{
	return x->id;
}

int64_t http_exchange_length(const struct http_exchange *x)
{
	return x->length;
}

struct hm_str http_exchange_query(struct hm_cx *cx, const struct http_exchange *x, const char *name)
{
	struct hm_str rest = x->query, key = { "", 0 }, value;
	while (rest.n) {
		struct hm_str raw = hm_cut(&rest, '&');
		struct hm_str raw_key = hm_cut(&raw, '=');
		if (http_unescape(cx, raw_key, true, &key) || !hm_eqz(key, name))
			continue;
		if (!http_unescape(cx, raw, true, &value))
			return value;
	}
	return (struct hm_str){ "", 0 };
}

void http_exchange_queries(struct hm_cx *cx, const struct http_exchange *x, const char *name,
			   struct hm_strs *out)
{
	struct hm_str rest = x->query, key, value;
	while (rest.n) {
		struct hm_str raw = hm_cut(&rest, '&');
		struct hm_str raw_key = hm_cut(&raw, '=');
		if (!http_unescape(cx, raw_key, true, &key) && hm_eqz(key, name) &&
		    !http_unescape(cx, raw, true, &value))
			*hm_push(cx, out) = value;
	}
}

const struct http_headers *http_exchange_headers(const struct http_exchange *x)
{
	return &x->headers;
}

/* Wait until there is something in the inbox; the lock is held. */
static hm_err wait_more(struct hm_cx *cx, struct http_exchange *x)
{
	while (x->inbox.n == 0 && !x->body_end) {
		if (atomic_load(&x->gone))
			return hm_fail(cx, HM_BUSY, "the client went away or stalled");
		if (x->state == EXCHANGE_FAST)
			return hm_fail(cx, HM_BUSY, "the request body is not there yet");
		if (cx->deadline && hm_mono() > cx->deadline)
			return hm_fail(cx, HM_BUSY, "the request body came too slowly");
		int64_t until = cx->deadline ? cx->deadline : hm_mono() + 3600 * HM_SECOND;
		struct timespec ts = { .tv_sec = until / HM_SECOND, .tv_nsec = until % HM_SECOND };
		x->waiting = true;
		pthread_cond_timedwait(&x->more, &x->lock, &ts);
		x->waiting = false;
	}
	return NULL;
}

/* Take the whole inbox at once: the loop fills another buffer meanwhile. */
static hm_err take_inbox(struct hm_cx *cx, struct http_exchange *x)
{
	hm_buf_clear(&x->reading);
	x->reading_at = 0;
	pthread_mutex_lock(&x->lock);
	hm_err err = wait_more(cx, x);
	if (!err) {
		struct hm_buf full = x->inbox;
		x->inbox = x->reading;
		x->reading = full;
		x->inbox_taken += full.n;
	}
	bool tell = !err && x->reading.n && x->state != EXCHANGE_FAST && (x->paused || x->stream);
	x->paused = false;
	pthread_mutex_unlock(&x->lock);
	if (tell)
		http_work_post(x, false);
	return err;
}

static hm_err take_piece(struct hm_cx *cx, struct http_exchange *x, size_t n, struct hm_str *out)
{
	if (x->reading_at == x->reading.n && !(x->state == EXCHANGE_FAST && x->reading.n))
		HM_TRY(take_inbox(cx, x));
	*out = hm_sub(hm_buf_str(&x->reading), x->reading_at, n);
	x->reading_at += out->n;
	return NULL;
}

hm_err http_exchange_read(struct hm_cx *cx, struct http_exchange *x, char *room, size_t n,
			  size_t *out_n)
{
	struct hm_str piece;
	HM_TRY(take_piece(cx, x, n, &piece));
	memcpy(room, piece.p, piece.n);
	*out_n = piece.n;
	return NULL;
}

hm_err http_exchange_next(struct hm_cx *cx, struct http_exchange *x, struct hm_str *out)
{
	return take_piece(cx, x, SIZE_MAX, out);
}

/* Room for a body of n bytes, and for what becomes of it. */
static hm_err hold_body(struct hm_cx *cx, struct http_exchange *x, size_t n)
{
	HM_TRY(hm_charge(cx, n));
	size_t all = n * (1 + (size_t)x->route->weight);
	return all < SMALL ? NULL : http_memory_take(cx, x, all);
}

static hm_err too_large(struct hm_cx *cx, size_t max)
{
	return hm_fail(cx, HM_LIMIT, "the request body is larger than %zu bytes", max);
}

/* Of a length that is known: one copy. */
static hm_err read_known(struct hm_cx *cx, struct http_exchange *x, struct hm_str *out)
{
	size_t n = (size_t)x->length, at = 0;
	struct hm_str piece;
	HM_TRY(hold_body(cx, x, n));
	char *room = hm_new(cx, char, n + 1);
	do {
		HM_TRY(http_exchange_next(cx, x, &piece));
		if (piece.n > n - at)
			return too_large(cx, n);
		memcpy(room + at, piece.p, piece.n);
		at += piece.n;
	} while (piece.n);
	*out = hm_bytes(room, at);
	return NULL;
}

hm_err http_exchange_body(struct hm_cx *cx, struct http_exchange *x, size_t max, struct hm_str *out)
{
	HM_AUTO_BUF all = HM_BUF(max);
	struct hm_str piece;
	if (x->length > 0 && (uint64_t)x->length > max)
		return too_large(cx, max);
	if (x->length > 0)
		return read_known(cx, x, out);
	do {
		HM_TRY(http_exchange_next(cx, x, &piece));
		if (all.n < SMALL && all.n + piece.n >= SMALL)
			HM_TRY(http_memory_take(cx, x, 2 * max)); /* of the buffer, as it grows */
		hm_buf_add(&all, piece);
	} while (piece.n && !all.over);
	if (all.over)
		return too_large(cx, max);
	HM_TRY(hold_body(cx, x, all.n));
	*out = hm_dup(cx, hm_buf_str(&all));
	return NULL;
}

void http_exchange_add_header(struct http_exchange *x, const char *name, struct hm_str value)
{
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f)
			return; /* it would be another header */
	*hm_push(&x->cx, &x->out) = (struct http_header){ hm_cstr(hm_dupz(&x->cx, hm_cstr(name))),
							  hm_dup(&x->cx, value) };
}

static hm_err answer(struct hm_cx *cx, struct http_exchange *x, int status,
		     const char *content_type)
{
	if (x->status)
		return hm_fail(cx, HM_SYSTEM, "the request was answered twice");
	x->status = status;
	x->content_type = content_type ? hm_dupz(&x->cx, hm_cstr(content_type)) : NULL;
	return NULL;
}

hm_err http_exchange_answer(struct hm_cx *cx, struct http_exchange *x, int status,
			    const char *content_type, struct hm_str body)
{
	if (body.n > SMALL && !x->is_head)
		HM_TRY(http_memory_take(cx, x, body.n));
	HM_TRY(answer(cx, x, status, content_type));
	x->size = body.n;
	x->body = x->is_head ? (struct hm_str){ "", 0 } : hm_dup(&x->cx, body);
	return NULL;
}

hm_err http_exchange_answer_fd(struct hm_cx *cx, struct http_exchange *x, int status,
			       const char *content_type, int fd, uint64_t offset, uint64_t size)
{
	hm_err err = answer(cx, x, status, content_type);
	if (err) {
		hm_close_fd(&fd);
		return err;
	}
	if (x->state != EXCHANGE_FAST)
		http_files_come(x);
	x->file = fd;
	x->offset = offset;
	x->size = size;
	return NULL;
}
