/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h - the client as transfer.c sees it: handles of libcurl that are kept with their
 * connections, and what all of them share.
 */
#ifndef HTTP_CLIENT_POOL_H
#define HTTP_CLIENT_POOL_H

#include <curl/curl.h>

#include "http/http.h"

/* A handle with its options at their defaults: one that talked to the same peer last, else a
 * new one, or, where as many lie idle as are kept, the oldest. NULL: there could be none. Not to be
 * used by two threads. */
CURL *http_pool_take(struct http_client *c, uint64_t origin);
/* Back again, whatever came of it; `origin` is the peer that it talked to. */
void http_pool_give(struct http_client *c, CURL *curl, uint64_t origin);
/* Names and TLS sessions for every handle that is taken. */
CURLSH *http_pool_share(const struct http_client *c);
/* Where to connect to instead; NULL: nowhere else. */
struct curl_slist *http_pool_connect_to(const struct http_client *c);
const struct http_config *http_pool_config(const struct http_client *c);

#endif
