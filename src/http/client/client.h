/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.h - the inside of the client.
 *
 *   client.c    a request with its retries and redirects
 *   transfer.c  one request sent once, and its answer (libcurl)
 *   pool.c      handles of libcurl that are kept with their connections
 *   explain.c   what libcurl says of a failure
 *   retry.c     what is worth another try, and when
 *
 * Any thread may send; a request stays on the thread that sends it. Only those
 * that include curl.h know libcurl.
 */
#ifndef HTTP_CLIENT_CLIENT_H
#define HTTP_CLIENT_CLIENT_H

#include "http/http.h"

/* --- transfer.c --- */

/* What is sent, once. */
struct http_attempt {
	struct http_client *client;
	const struct http_request *r;
	const char *method;
	struct hm_str url;
	bool body;      /* with r->body */
	bool authorize; /* with r's authorization header */
};

/* What came of it. Memory of headers is the cx's; .body is freed by http_transfer_done(). */
struct http_transfer {
	int status;
	struct http_headers headers;
	struct hm_buf body;
	bool body_read; /* bytes of the request's body were asked for */
	bool delivered; /* bytes went to the request's sink */
	bool transient; /* the fault may go away */
	bool unreached; /* there was no connection */
	bool no_tls;    /* the peer listens, and speaks no TLS */
};

/* Ready for the next one; body_read and delivered are kept. */
void http_transfer_reset(struct http_transfer *t);
void http_transfer_done(struct http_transfer *t);
HM_MUST hm_err http_transfer(struct hm_cx *cx, const struct http_attempt *x,
			     struct http_transfer *t);

/* --- retry.c --- */

/* Is it worth trying again after this answer? */
bool http_retry_status(int status);
/* Nanoseconds to wait before retry number `i` (from 0): doubling from 200 ms with jitter, or what
 * the peer asks for (seconds, or a date of RFC 9110, 5.6.7), 30 s at most. */
int64_t http_retry_pause(unsigned i, struct hm_str retry_after, int64_t now);

#endif
