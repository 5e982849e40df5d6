/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - the HTTP client, on libcurl, and the HTTP server, on OpenSSL and nghttp2.
 *
 *   headers.h  header fields, and dates in them
 *   url.h      URLs, and the hosts in them
 *   client.h   requests, with retries and redirects
 *   server.h   servers, and the exchanges that their handlers answer
 *
 * Other rooms include this file, not its parts.
 *
 * Few files know a library: those of client/ that include curl.h, server/tls.c OpenSSL, and
 * server/h2*.c nghttp2. The server speaks HTTP/1.1 (RFC 9112) and HTTP/2 (RFC 9113; by ALPN, or
 * with prior knowledge), and takes request bodies of unknown length, which registry clients send.
 *
 * The law of the room: it knows nothing of registries, gates or Kubernetes. Time and size of all
 * that a peer sends are bounded (limits.h), and a client's secrets go only to the origin they are
 * for.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "http/client.h"
#include "http/headers.h"
#include "http/server.h"
#include "http/url.h"

#endif
