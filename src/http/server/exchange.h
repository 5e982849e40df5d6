/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange.h - one request and its answer, wherever it is: its states, its life.
 *
 * Who owns what: until it is queued, and from its post on, an exchange belongs to the socket
 * thread. Between, its cx, its answer and .reading belong to the worker; .inbox and .body_end are
 * shared under .lock, the place in a queue under the server's.
 */
#ifndef HTTP_SERVER_EXCHANGE_H
#define HTTP_SERVER_EXCHANGE_H

#include <pthread.h>

#include "http/http.h"
#include "http/server/pace.h"

struct http_conn;

/* While a worker has it (QUEUED to DONE) it is not freed: the socket thread hears of its end by a
 * post. exchange.c has the table of which state may follow which. */
enum exchange_state {
	EXCHANGE_HEAD,       /* its head is still coming */
	EXCHANGE_COLLECTING, /* its body is collected before a handler is asked */
	EXCHANGE_FAST,       /* its route's fast() looks at it, on the socket thread */
	EXCHANGE_QUEUED,     /* it waits for a worker */
	EXCHANGE_RUNNING,    /* a worker runs its handler */
	EXCHANGE_DONE, /* the worker has let go of it, and the socket thread does not know yet */
	EXCHANGE_ANSWERING, /* its answer is on its way to the client */
	EXCHANGE_STATES
};

struct http_exchange {
	struct hm_cx cx; /* the request's; holds this very struct */
	struct hm_mark base;
	struct http_server *s;
	const struct http_listener *listener;
	const struct http_route *route;
	_Atomic enum exchange_state state; /* http_exchange_move() alone writes it */
	struct http_exchange *next;        /* in a queue, or of s->spare */

	/* the socket thread's */
	struct http_conn *conn;                  /* NULL: the client went away */
	struct http_exchange *of_prev, *of_next; /* of the connection */
	int32_t stream;                          /* HTTP/2's; 0: none */
	bool wide;                               /* the stream's window is as wide as it gets */
	uint64_t announced;                      /* of the request's body, to HTTP/2's window */
	int64_t began, fed;                      /* when the last piece of the body came */
	struct http_pace pace;                   /* of the body, then of the answer */
	size_t held;             /* of the server's memory, for .inbox and .reading */
	int64_t queued;          /* since when it waits for a worker */
	bool streams;            /* its body was not whole when it was queued */
	bool posted;             /* under the server's lock */
	bool file_counted;       /* among those that are open for answers */
	uint64_t received, sent; /* bytes of bodies */

	/* the request, which does not change once it is known */
	struct hm_str method, path, query, id, traceparent;
	struct http_headers headers;
	int64_t length;
	bool is_head;
	char peer[64];
	struct hm_str client; /* its certificate in DER, checked; or empty */

	/* its body, from the socket thread to the worker */
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct hm_buf inbox;
	size_t inbox_taken; /* taken by the worker, not yet announced */
	bool body_end, waiting;
	atomic_bool paused; /* nothing more is read from the peer until the worker has taken some */
	atomic_bool gone;   /* the client went away, or stalled */
	atomic_bool slow;   /* the client: others go before it, or it has to go */

	/* the handler's */
	struct hm_buf reading;
	size_t reading_at;
	size_t work_held; /* of the server's memory, as long as the exchange lives */
	int status, file; /* status: 0: not answered yet; file: -1: none */
	bool file_coming; /* opened by a worker, and the socket thread has not seen it yet */
	const char *content_type;
	struct http_headers out;
	struct hm_str body;
	struct hm_buf given;   /* that holds the body; or empty, and .cx holds it */
	uint64_t offset, size; /* of the body, in the file or in .body */
};

/* Its connection is the caller's to note. */
struct http_exchange *http_exchange_new(struct http_server *s, const struct http_listener *l);
void http_exchange_free(struct http_exchange *x); /* counts and observes it */
/* From any thread. That a state may not follow the one before is a defect of ours, and ends the
 * program. */
void http_exchange_move(struct http_exchange *x, enum exchange_state to);
/* Has a worker it, or will one have it? */
bool http_exchange_is_away(const struct http_exchange *x);
/* The client went away or stalled. The exchange stays with its worker, if it has one; else it is
 * freed. */
void http_exchange_gone(struct http_exchange *x);
/* What its buffers hold now. They grow on the socket thread alone; the worker only swaps them. */
void http_exchange_hold(struct http_exchange *x);
/* Hold n bytes more for what the handler has, from its thread. HM_BUSY, HM_LIMIT: as
 * http_memory_take(). */
HM_MUST hm_err http_exchange_hold_work(struct hm_cx *cx, struct http_exchange *x, size_t n);
/* What has come of the body is not needed any more. */
void http_exchange_drop_body(struct http_exchange *x);
/* Its file does not count any more; twice does no harm. */
void http_exchange_drop_file(struct http_exchange *x);
/* Once a second: is it the client's turn, and is the client too slow? */
bool http_exchange_is_slow(struct http_exchange *x);
/* Has the client had all the time that there is for a body that is collected first? */
bool http_exchange_is_late(const struct http_exchange *x);
bool http_exchange_sends_body(const struct http_exchange *x);
/* Room for n bytes of the body at the end of what is there, without a copy, and how many came. The
 * exchange is locked between the two; only while a worker has it. */
char *http_exchange_feed_room(struct http_exchange *x, size_t n);
void http_exchange_feed_took(struct http_exchange *x, size_t asked, size_t got);

#endif
