/* SPDX-License-Identifier: Apache-2.0 */
/*
 * headers.h - header fields, and dates in them.
 */
#ifndef HTTP_HEADERS_H
#define HTTP_HEADERS_H

#include "base/base.h"

struct http_header {
	struct hm_str name, value; /* names compare without case */
};
struct http_headers {
	struct http_header *p;
	size_t n, cap;
};
/* The first value under `name`; empty where there is none. */
struct hm_str http_header_get(const struct http_headers *h, const char *name);

/* "Sun, 06 Nov 1994 08:49:37 GMT". */
struct hm_str http_date_format(struct hm_cx *cx, int64_t seconds);

#endif
