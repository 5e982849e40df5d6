/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts.h - what the client and the server share: URLs, hosts, header lines, dates.
 *
 * Nothing here knows libcurl or OpenSSL, and all of it may be called from any thread.
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

/* Is an Origin field (RFC 6454, 7) that of the server that the Host field names, with or without
 * TLS? */
bool http_origin_is_same(struct hm_str origin, struct hm_str host, bool tls);
/* Is its host one of `names`, whatever the port? */
bool http_origin_is_named(struct hm_str origin, const struct hm_str *names, size_t n);

/* --- headers.c --- */

/* "Name: value" without the line's end (RFC 9110, 5). False: not a header line. */
bool http_header_line(struct hm_str line, struct http_header *out);
/* A token (RFC 9110, 5.6.2). */
bool http_is_token(struct hm_str s);
/* An identifier of a request that may go into logs and answers: 1 to 128 of [A-Za-z0-9._-]. */
bool http_is_request_id(struct hm_str s);

/* --- date.c --- */

/* A date in one of the three forms of RFC 9110, 5.6.7. False: it is not one. */
bool http_date_parse(struct hm_str s, int64_t *out);

#endif
