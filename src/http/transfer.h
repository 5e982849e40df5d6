/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transfer.h - one request sent once, and its answer. Beside it only pool.c knows libcurl.
 */
#ifndef HTTP_TRANSFER_H
#define HTTP_TRANSFER_H

#include "http/http.h"

/* What is sent, once. */
struct http_exchange_out {
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
HM_MUST hm_err http_transfer(struct hm_cx *cx, const struct http_exchange_out *x,
			     struct http_transfer *t);

#endif
