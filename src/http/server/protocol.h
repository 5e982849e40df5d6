/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protocol.h - what a protocol does with a connection: one table for each. All functions are called
 * on the socket thread, and may close the connection.
 *
 * A connection speaks one at a time. With TLS it begins with the handshake, which is a protocol
 * too; then comes the one that the two have agreed on. A new protocol is a file with such a table,
 * and a row of server.c's list.
 */
#ifndef HTTP_SERVER_PROTOCOL_H
#define HTTP_SERVER_PROTOCOL_H

#include "http/http.h"

struct http_conn;

struct http_protocol {
	const char *alpn;      /* its name in TLS (RFC 7301); NULL: nobody chooses it */
	struct hm_str preface; /* what a client begins with who knows that it is spoken here,
				  without TLS (RFC 9113, 3.3); empty: none */
	size_t cost;           /* bytes that it holds for each connection */
	/* A connection begins, or ceases, to speak it. False: there is no memory. Its exchanges are
	 * gone before end(). Both or none. */
	bool (*start)(struct http_conn *c);
	void (*end)(struct http_conn *c);

	/* Is it time to take bytes from the peer? Then readable() takes some, which come to
	 * consume() in .data: what is left of them waits for more. */
	bool (*wants_input)(const struct http_conn *c);
	void (*readable)(struct http_conn *c);
	void (*consume)(struct http_conn *c);
	void (*ended)(struct http_conn *c);    /* the peer sends nothing more */
	void (*writable)(struct http_conn *c); /* the peer takes bytes again */

	/* The answer of an exchange is there. It may be called from within consume(). */
	void (*answer)(struct http_exchange *x);
	/* After answers that a worker gave; NULL: answer() has sent it. */
	void (*push)(struct http_conn *c);
	/* A worker has taken n bytes of the body; NULL: the peer need not know. */
	void (*took)(struct http_exchange *x, size_t n);
	/* There is no memory for more of the body; NULL: the peer can be made to wait. */
	void (*reset)(struct http_exchange *x);

	void (*tick)(struct http_conn *c);                /* once a second; NULL: nothing to do */
	void (*shutdown)(struct http_conn *c);            /* the server stops; NULL: the same */
	bool (*is_idle)(const struct http_conn *c);       /* nothing would be lost with it */
	int64_t (*patience)(const struct http_conn *c);   /* seconds without a byte; 0: any time */
	int64_t (*idle_since)(const struct http_conn *c); /* of one without a request */
	/* Since when it has been up to the peer to give or take something; -1: it is not. */
	int64_t (*turn_since)(const struct http_conn *c);
};

extern const struct http_protocol http_handshake, http_h1, http_h2;

#endif
