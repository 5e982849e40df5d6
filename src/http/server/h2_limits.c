/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client may do with HTTP/2 besides asking and taking. Each frame here costs the server some
 * work and the client next to nothing, so each has its number: a bucket of so many, which fills by
 * so many a second. nghttp2 has limits of its own for some of them, in some of its versions; these
 * hold with all of them (CVE-2019-9511 to 9518, CVE-2023-44487, CVE-2024-28182, CVE-2025-8671).
 * Socket thread.
 */
#include "http/server/h2_limits.h"

#include <nghttp2/nghttp2.h>

enum {
	EARNED_BY_REQUEST = 4,  /* frames: its windows, its priority, its end */
	EARNED_BY_PIECE = 2,    /* of a body that is sent: both windows are made larger */
	EARNED_BY_BYTES = 1024, /* of a body: one frame */
	PADDING_MAX = 256,      /* bytes of a frame that may be nothing else */
};

static void refill_bucket(struct h2_bucket *b, int64_t now, uint64_t max, uint64_t rate)
{
	uint64_t seconds = (uint64_t)((now - b->filled) / HM_SECOND);
	if (seconds == 0)
		return;
	b->filled = now;
	b->spent = b->spent > seconds * rate ? b->spent - seconds * rate : 0;
	if (b->spent > max)
		b->spent = max;
}

static bool spend_frame(struct h2_bucket *b, int64_t now, uint64_t max, uint64_t rate)
{
	refill_bucket(b, now, max, rate);
	b->spent++;
	return b->spent <= max;
}

static void earn_frames(struct h2_bucket *b, uint64_t n)
{
	b->spent = b->spent > n ? b->spent - n : 0;
}

void http_h2_calm(struct http_conn *c)
{
	if (c->h2.calm)
		return;
	c->h2.calm = true;
	c->s->rejected++;
	nghttp2_session_terminate_session(c->h2.nghttp2, NGHTTP2_ENHANCE_YOUR_CALM);
}

static bool spend_control_frame(struct http_conn *c)
{
	return spend_frame(&c->h2.control, c->s->now, HM_MAX_H2_FRAMES, HM_MAX_H2_FRAME_RATE);
}

/* Does it bring no bytes of a body? It is empty, or may be padding alone. */
static bool is_hollow(size_t length, uint8_t flags)
{
	bool padded = flags & NGHTTP2_FLAG_PADDED;
	return length == 0 ? !(flags & NGHTTP2_FLAG_END_STREAM) : padded && length <= PADDING_MAX;
}

static void count_frame(struct http_conn *c, const uint8_t *head)
{
	size_t length = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
	uint8_t type = head[3], flags = head[4];
	c->h2.skip = length;
	if (type == NGHTTP2_HEADERS)
		c->h2.continued = 0;
	if (type == NGHTTP2_CONTINUATION && ++c->h2.continued > HM_MAX_H2_CONTINUATIONS)
		http_h2_calm(c);
	if ((type != NGHTTP2_DATA || is_hollow(length, flags)) && !spend_control_frame(c))
		http_h2_calm(c);
	if (type == NGHTTP2_RST_STREAM)
		http_h2_count_reset(c);
}

struct hm_str http_h2_count_frames(struct http_conn *c, struct hm_str in)
{
	size_t at = 0;
	while (at < in.n && !c->h2.calm) {
		size_t n = in.n - at < c->h2.skip ? in.n - at : c->h2.skip;
		c->h2.skip -= n;
		at += n;
		while (at < in.n && c->h2.skip == 0 && c->h2.head_n < sizeof(c->h2.head))
			c->h2.head[c->h2.head_n++] = (uint8_t)in.p[at++];
		if (c->h2.head_n < sizeof(c->h2.head))
			continue;
		c->h2.head_n = 0;
		count_frame(c, c->h2.head);
	}
	return hm_sub(in, 0, at);
}

void http_h2_count_reset(struct http_conn *c)
{
	if (!spend_frame(&c->h2.resets, c->s->now, HM_MAX_H2_RESETS, HM_MAX_H2_RESET_RATE))
		http_h2_calm(c);
}

void http_h2_count_request(struct http_conn *c)
{
	earn_frames(&c->h2.control, EARNED_BY_REQUEST);
}

void http_h2_count_body(struct http_conn *c, size_t n, bool sent)
{
	c->h2.bytes += n;
	earn_frames(&c->h2.control, c->h2.bytes / EARNED_BY_BYTES + (sent ? EARNED_BY_PIECE : 0));
	c->h2.bytes %= EARNED_BY_BYTES;
}

void http_h2_count_queue(struct http_conn *c)
{
	if (nghttp2_session_get_outbound_queue_size(c->h2.nghttp2) > HM_MAX_H2_QUEUE)
		http_h2_calm(c);
}
