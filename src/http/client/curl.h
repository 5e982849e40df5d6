/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curl.h - what the files that know libcurl share: handles that are kept with their connections,
 * and what its failures mean.
 */
#ifndef HTTP_CLIENT_CURL_H
#define HTTP_CLIENT_CURL_H

#include <curl/curl.h>

#include "http/client/client.h"

/* --- pool.c --- */
/* A handle with its options at their defaults: one that talked to the same peer last, else a
 * new one, or, where as many lie idle as are kept, the oldest. NULL: there could be none. Not to be
 * used by two threads. */
CURL *http_pool_take(struct http_client *c, uint64_t origin);
/* Give it back, whatever came of it; `origin` is the peer that it talked to. */
void http_pool_give(struct http_client *c, CURL *curl, uint64_t origin);
/* Names and TLS sessions for every handle that is taken. */
CURLSH *http_pool_share(const struct http_client *c);
/* Where to connect to instead; NULL: nowhere else. */
struct curl_slist *http_pool_connect_to(const struct http_client *c);
const struct http_config *http_pool_config(const struct http_client *c);

/* --- explain.c --- */
/* The fault that a code of libcurl and its words stand for; *t says what may go away. */
HM_MUST hm_err http_curl_explain(struct hm_cx *cx, CURLcode code, const char *words,
				 struct http_transfer *t);
/* Does the peer listen, but not speak TLS? */
bool http_curl_speaks_no_tls(CURL *curl, CURLcode code, const char *words);

/* --- tls.c --- */
/* Says at level debug what a connection that was made for this transfer negotiated. While the
 * transfer runs: then it is gone. */
void http_curl_log_tls(struct hm_cx *cx, CURL *curl, struct hm_str url);

#endif
