/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection.h - a connection: its bytes in and out, its exchanges, its time. All of it is the
 * socket thread's.
 */
#ifndef HTTP_SERVER_CONNECTION_H
#define HTTP_SERVER_CONNECTION_H

#include "http/server/exchange.h"
#include "http/server/h1_parse.h"
#include "http/server/protocol.h"
#include "http/server/server.h"

/* HTTP/1.1: one exchange after the other. */
struct h1_conn {
	enum h1_state {
		H1_HEAD,   /* a request's head is awaited */
		H1_BODY,   /* its body */
		H1_WAIT,   /* the answer */
		H1_WRITE,  /* the answer is being sent */
		H1_LINGER, /* ours is all said; what the peer still sends is dropped */
	} state;
	struct h1_chunks chunks;
	uint64_t body_left;
	bool chunked, unread /* the request's body was not read to its end */;
};

/* So much of a limit is spent; each second a little of it comes back. */
struct h2_bucket {
	int64_t filled;
	uint64_t spent;
};

/* HTTP/2: as many exchanges as there are streams. */
struct h2_conn {
	struct nghttp2_session *nghttp2;
	int64_t active; /* when a stream began or ended last */
	bool leaving;   /* the peer has sent GOAWAY */
	bool ended;     /* both sides have said all; what the peer still sends is dropped */
	int32_t newest; /* stream that the client opened */
	struct {
		int32_t first, last;
	} passed[8]; /* streams that it left out, the latest */
	unsigned passed_n;

	/* h2_limits.c */
	struct h2_bucket control, resets;
	uint64_t bytes; /* of bodies, for which nothing was earned yet */
	unsigned continued;
	size_t skip;     /* bytes until the next frame's head */
	uint8_t head[9]; /* of a frame, as far as it is there */
	unsigned head_n;
	bool calm; /* it has had too much, and is being closed */
};

struct http_conn {
	struct hm_cx cx; /* holds this very struct */
	struct http_server *s;
	struct listening *on;
	struct http_conn *prev, *next; /* of s->conns, or of s->dead by next */
	int fd;
	struct ssl_st *ssl; /* NULL: plain */
	const struct http_protocol *protocol;
	struct http_exchange *exchanges;
	uint32_t events; /* what epoll watches for */
	bool dead, eof, keep_alive, blocked /* the peer does not take what we write */;
	bool wants_write; /* TLS must write before it can read */
	int64_t since;    /* of what it does now, or of the last byte */
	int64_t born;
	uint64_t moved, moved_before, rate; /* bytes both ways; a second, of late */
	size_t held;                        /* of the server's memory */
	int64_t files_failed;               /* when nobody was found who could give up a file */
	char peer[64];

	struct hm_str data; /* what was read and is not yet used; in the server's scratch */
	struct hm_buf in;   /* the same, kept between two events */
	struct hm_buf out;  /* on its way to the peer */
	size_t out_at;

	struct h1_conn h1;
	struct h2_conn h2;
};

/* NULL: there is no memory for TLS. */
struct http_conn *http_conn_new(struct http_server *s, struct listening *l, int fd,
				const struct http_protocol *first);
/* Its exchanges are gone with it. It is freed at the end of the loop's round. */
void http_conn_close(struct http_conn *c);
void http_conn_free_dead(struct http_server *s);
/* From now on. False: it cannot, and the connection is closed. */
bool http_conn_speak(struct http_conn *c, const struct http_protocol *protocol);
struct http_exchange *http_conn_begin_exchange(struct http_conn *c);
void http_conn_unlink(struct http_conn *c, struct http_exchange *x); /* it is still there */

void http_conn_event(struct http_conn *c, uint32_t events);
/* Go on with what was read before, after a pause. */
void http_conn_resume(struct http_conn *c);
void http_conn_watch(struct http_conn *c); /* the events that its state waits for */
void http_conn_tick(struct http_conn *c);

/* Bytes from the peer to the protocol's consume(). `buys_time`: they count as a sign of life. */
void http_conn_receive(struct http_conn *c, bool buys_time);
/* The same, to where the caller says; on IO_END and IO_FAILED http_conn_received() is to be called.
 */
enum io http_conn_read(struct http_conn *c, char *room, size_t n, size_t *out_n);
void http_conn_received(struct http_conn *c, enum io io);
/* Push out .out; then IO_OK, or IO_AGAIN with .blocked set, or IO_FAILED. `more`: bytes that come
 * right after it. */
enum io http_conn_flush(struct http_conn *c, bool more);
enum io http_conn_write(struct http_conn *c, const char *p, size_t n, bool more, size_t *out_n);

/* --- h1_answer.c --- */
void http_h1_enter(struct http_conn *c, enum h1_state state);
void http_h1_answer(struct http_exchange *x);
void http_h1_write(struct http_conn *c);

/* --- h2_answer.c --- */
void http_h2_answer(struct http_exchange *x);
void http_h2_write(struct http_conn *c);

#endif
