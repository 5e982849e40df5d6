/* SPDX-License-Identifier: Apache-2.0 */
/*
 * h2_limits.h - how much of HTTP/2 a client may use. Each of these may end the connection, with
 * GOAWAY.
 */
#ifndef HTTP_SERVER_H2_LIMITS_H
#define HTTP_SERVER_H2_LIMITS_H

#include "http/server/connection.h"

/* Frames that came, before nghttp2 has them: it does not tell of all. Returns those that may be
 * processed. */
HM_MUST struct hm_str http_h2_count_frames(struct http_conn *c, struct hm_str in);
/* A stream was reset, by either side. */
void http_h2_count_reset(struct http_conn *c);
/* What a client that asks and takes earns: a stream that was opened, bytes of a body. */
void http_h2_count_request(struct http_conn *c);
void http_h2_count_body(struct http_conn *c, size_t n, bool sent);
/* What waits to be sent. */
void http_h2_count_queue(struct http_conn *c);
/* End it: ENHANCE_YOUR_CALM. */
void http_h2_calm(struct http_conn *c);

#endif
