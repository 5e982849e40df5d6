/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts.h - what the files of this room share: URLs, header lines, retries, the pace of a peer.
 *
 * Nothing here knows libcurl or OpenSSL.
 */
#ifndef HTTP_PARTS_H
#define HTTP_PARTS_H

#include "http/http.h"

/* --- url.c --- */

/* The host of a Host field (RFC 9110, 7.2) without port, brackets and the dot at a name's end;
 * empty where it is not well-formed. */
struct hm_str http_host_of(struct hm_str field);
/* Does a Host field mean this machine, whatever a name server says? A loopback address, localhost,
 * a name below it (RFC 6761, 6.3), or one of `names`. */
bool http_host_is_ours(struct hm_str field, const struct hm_str *names, size_t n);

/* Is an Origin field (RFC 6454, 7) that of the server that the Host field names, without TLS? */
bool http_origin_is_same(struct hm_str origin, struct hm_str host);
/* Is its host one of `names`, whatever the port? */
bool http_origin_is_named(struct hm_str origin, const struct hm_str *names, size_t n);

/* --- headers.c --- */

/* "Name: value" without the line's end (RFC 9110, 5). False: not a header line. */
bool http_header_line(struct hm_str line, struct http_header *out);
/* A token (RFC 9110, 5.6.2). */
bool http_is_token(struct hm_str s);
/* An identifier of a request that may go into logs and answers: 1 to 128 of [A-Za-z0-9._-]. */
bool http_is_request_id(struct hm_str s);

/* --- conditions.c --- */

/* A date in one of the three forms of RFC 9110, 5.6.7. False: it is none. */
bool http_date_parse(struct hm_str s, int64_t *out);
/* What a request's preconditions say about the state `now`; `reads`: its method is GET or HEAD. */
enum http_condition http_condition(const struct http_headers *h, bool reads,
				   const struct http_state *now);
/* Is its Range to be looked at? Only with GET, and where If-Range names the state. */
bool http_range_counts(const struct http_headers *h, bool is_get, const struct http_state *now);
const struct http_headers *http_x_headers(const struct http_exchange *x);

/* --- retry.c --- */

/* Is this answer worth another try? */
bool http_retry_status(int status);
/* Nanoseconds to wait before retry number `i` (from 0): doubling from 200 ms with jitter, or what
 * the peer asks for (seconds, or a date of RFC 9110, 5.6.7), 30 s at most. */
int64_t http_retry_pause(unsigned i, struct hm_str retry_after, int64_t now);

/* --- pace.c --- */

/*
 * How fast a peer gives or takes a body: counted anew in each window of HTTP_STALL seconds, so that
 * a good beginning pays for nothing later. `moved` is all bytes so far; times are monotonic.
 */
struct http_pace {
	int64_t since;
	uint64_t moved;
	uint64_t rate, before; /* bytes a second, of late; all bytes at the last tick */
	unsigned ticks;
};
void http_pace_begin(struct http_pace *p, int64_t now, uint64_t moved);
/* Has a window ended in which too little moved? */
bool http_pace_is_slow(struct http_pace *p, int64_t now, uint64_t moved);
/* Once a second: the rate is half of the last second, a quarter of the one before, and so on. */
void http_pace_tick(struct http_pace *p, uint64_t moved);
/* Is the peer so slow that it has to go where others wait for what it keeps? Not in its first two
 * seconds. */
bool http_pace_is_in_the_way(const struct http_pace *p);

#endif
