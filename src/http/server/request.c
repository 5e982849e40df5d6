/* SPDX-License-Identifier: Apache-2.0 */
/* A request as handlers read it: in a worker's thread or, when they are fast, in the socket
 * thread. */
#include "http/server/exchange.h"
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

struct hm_str http_exchange_client(const struct http_exchange *x)
{
	return x->client;
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

/* Wait until there is something in the inbox; the lock is held. */
static hm_err wait_for_body(struct hm_cx *cx, struct http_exchange *x)
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

/* Take the whole inbox at once: the socket thread fills another buffer meanwhile. */
static hm_err take_inbox(struct hm_cx *cx, struct http_exchange *x)
{
	hm_buf_clear(&x->reading);
	x->reading_at = 0;
	pthread_mutex_lock(&x->lock);
	hm_err err = wait_for_body(cx, x);
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
		http_queue_post(x, false);
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
static hm_err hold_body_memory(struct hm_cx *cx, struct http_exchange *x, size_t n)
{
	HM_TRY(hm_charge(cx, n));
	size_t all = n * (1 + (size_t)x->route->weight);
	return all < SMALL ? NULL : http_exchange_hold_work(cx, x, all);
}

static hm_err fail_too_large(struct hm_cx *cx, size_t max)
{
	return hm_fail(cx, HM_LIMIT, "the request body is larger than %zu bytes", max);
}

/* Of a length that is known: one copy. */
static hm_err read_known_length(struct hm_cx *cx, struct http_exchange *x, struct hm_str *out)
{
	size_t n = (size_t)x->length, at = 0;
	struct hm_str piece;
	HM_TRY(hold_body_memory(cx, x, n));
	char *room = hm_new(cx, char, n + 1);
	do {
		HM_TRY(http_exchange_next(cx, x, &piece));
		if (piece.n > n - at)
			return fail_too_large(cx, n);
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
		return fail_too_large(cx, max);
	if (x->length > 0)
		return read_known_length(cx, x, out);
	do {
		HM_TRY(http_exchange_next(cx, x, &piece));
		if (all.n < SMALL && all.n + piece.n >= SMALL)
			HM_TRY(http_exchange_hold_work(cx, x,
						       2 * max)); /* of the buffer, as it grows */
		hm_buf_add(&all, piece);
	} while (piece.n && !all.over);
	if (all.over)
		return fail_too_large(cx, max);
	HM_TRY(hold_body_memory(cx, x, all.n));
	*out = hm_dup(cx, hm_buf_str(&all));
	return NULL;
}
