/* SPDX-License-Identifier: Apache-2.0 */
/*
 * h1_parse.h - the head of an HTTP/1 request (RFC 9112) and the chunked coding, from bytes. Strict:
 * what two servers might read differently (bare line feeds, folded lines, a length given twice, a
 * length beside a coding) is refused.
 */
#ifndef HTTP_SERVER_H1_PARSE_H
#define HTTP_SERVER_H1_PARSE_H

#include "http/http.h"

enum { H1_TARGET_MAX = 8192, H1_HEADERS_MAX = 128 };

struct h1_head {
	struct hm_str method, target; /* target in origin form */
	struct http_headers headers;
	int64_t length; /* -1: none */
	bool chunked, keep_alive, expects /* 100-continue */;
};

/* Where the head of a request ends in `bytes` (behind its empty line): 0: not yet. A line feed or
 * two before it are skipped by the caller's http_h1_parse() too. */
size_t http_h1_head_end(struct hm_str bytes);
/* Can these first bytes begin a request? A TLS client on a plain port is told at once by this. */
bool http_h1_is_plausible(struct hm_str bytes);
/*
 * Is the first line of a whole head that of another protocol ("A B C", where C is no "HTTP/...")?
 * It would not understand an answer in HTTP; a broken preface of HTTP/2 is one of these (RFC 9113,
 * 3.4).
 */
bool http_h1_is_foreign(struct hm_str bytes);
/*
 * A whole head. 200, or the status to answer a bad one with: 400, 414 (target), 431 (headers), 501
 * (transfer coding), 505 (version). Slices of *out point into `bytes`.
 */
int http_h1_parse(struct hm_cx *cx, struct hm_str bytes, struct h1_head *out);

/* A chunked body (RFC 9112, 7.1) as it comes in. Extensions are skipped, trailers dropped; their
 * lines end as strictly as those of a head. */
struct h1_chunks {
	enum {
		H1_SIZE,
		H1_EXTENSION,
		H1_SIZE_LF,
		H1_DATA,
		H1_DATA_CR,
		H1_DATA_LF,
		H1_TRAILER,
		H1_TRAILER_LF,
		H1_END,
		H1_BAD
	} state;
	uint64_t left;    /* of this chunk */
	unsigned digits;  /* of its size */
	unsigned skipped; /* bytes of extensions and trailers */
	unsigned line;    /* bytes of this trailer line */
};
/* Takes from *in what it understands; the next piece of data, empty when *in is used up or .state
 * is H1_END or H1_BAD. */
struct hm_str http_h1_chunks_next(struct h1_chunks *c, struct hm_str *in);

#endif
