/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.h - the inside of the server.
 *
 *   server.c      start and stop, the loop over sockets
 *   listen.c      addresses, listening, accepting
 *   connection.c  a connection: reading, writing, time limits
 *   h1.c          HTTP/1.1 on a connection; h1_parse.c: its grammar
 *   h2.c          HTTP/2 on a connection (nghttp2)
 *   h2_limits.c   how much of HTTP/2 a client may use
 *   tls.c         TLS contexts and their reload, TLS reading and writing (OpenSSL)
 *   work.c        workers, and the queues between them and the loop
 *   exchange.c    an exchange on the loop's thread: from request to handler to answer
 *   guard.c       whom a listener without certificate answers
 *   handler.c     an exchange as handlers see it
 *   conditions.c  preconditions and ranges of a request
 *   memory.c      what requests hold, and who has to go when that is too much
 *   pace.c        how fast a peer gives or takes
 *   metrics.c     counters
 *
 * Who owns what: connections, and exchanges before they are dispatched and after they are done,
 * belong to the loop's thread. Between, an exchange's cx, its answer and .reading belong to the
 * worker; .inbox, .body_* and .posted are shared under their locks.
 */
#ifndef HTTP_SERVER_SERVER_H
#define HTTP_SERVER_SERVER_H

#include <pthread.h>

#include "http/http.h"
#include "http/parts.h"
#include "http/server/h1_parse.h"

enum {
	READ_MAX = 256 * 1024,      /* bytes taken from a socket at once */
	SCRATCH = 3 * READ_MAX,     /* the loop's buffer to read into */
	SEND_MAX = 256 * 1024,      /* bytes of a file read at once, to be encrypted */
	TURN_MAX = 8 * 1024 * 1024, /* bytes of a file sent before others have their turn */
	INBOX_HIGH = 1024 * 1024,   /* of a request body: stop reading from the peer */
	FAST_BODY = 64 * 1024,      /* of a body, collected before a handler is asked */
	CONNECTIONS_MAX = 8192,     /* and a quarter of the descriptors there may be */
	HEAD_SECONDS = 10,          /* for TLS handshake and request head */
	IDLE_SECONDS = 75,
	LINGER_SECONDS = 2,
	SLOW_RATE = 64 * 1024, /* bytes a second: who is faster never makes room for others */
	GRACE_SECONDS = 2,     /* that a request has to show how fast it is */
	CONN_COST = 16 * 1024, /* what a connection, an exchange hold before any byte of theirs */
	TLS_COST = 48 * 1024,
	H2_COST = 32 * 1024,
	EXCHANGE_COST = 16 * 1024,
	SMALL = 64 * 1024, /* what holds less is nobody's trouble */
	METRICS_MAX = 96,
	TIME_BUCKETS = 9,
	KEEP_BUFFER = 64 * 1024, /* larger ones are not kept for the next request */
};

enum io { IO_OK, IO_AGAIN, IO_WRITE /* again, once writable */, IO_END, IO_FAILED };

enum conn_state {
	CONN_HANDSHAKE,
	CONN_HEAD,
	CONN_BODY,
	CONN_WAIT,
	CONN_WRITE,
	CONN_LINGER,
	CONN_H2
};

/* --- pace.c --- */

/*
 * How fast a peer gives or takes a body: counted anew in each window of HTTP_STALL seconds, so that
 * a good beginning pays for nothing later. `moved` is all bytes so far; times are monotonic.
 */
struct http_pace {
	int64_t since;
	uint64_t moved;
	uint64_t rate, before; /* bytes a second, of late; all bytes at the last tick */
	unsigned ticks;
};
void http_pace_begin(struct http_pace *p, int64_t now, uint64_t moved);
/* Has a window ended in which too little moved? */
bool http_pace_is_slow(struct http_pace *p, int64_t now, uint64_t moved);
/* Once a second: the rate is half of the last second, a quarter of the one before, and so on. */
void http_pace_tick(struct http_pace *p, uint64_t moved);
/* Is the peer so slow that it has to go where others wait for what it keeps? Not in its first two
 * seconds. */
bool http_pace_is_in_the_way(const struct http_pace *p);

/*
 * Where an exchange is. While a worker has it (QUEUED to DONE) it is not freed: the loop hears of
 * its end by a post. exchange.c has the table of which state may follow which.
 */
enum exchange_state {
	EXCHANGE_HEAD,       /* its head is still coming */
	EXCHANGE_COLLECTING, /* its body is collected before a handler is asked */
	EXCHANGE_FAST,       /* its route's fast() looks at it, on the loop's thread */
	EXCHANGE_QUEUED,     /* it waits for a worker */
	EXCHANGE_RUNNING,    /* a worker runs its handler */
	EXCHANGE_DONE,       /* the worker has let go of it, and the loop does not know yet */
	EXCHANGE_ANSWERING,  /* its answer is on its way to the client */
	EXCHANGE_STATES
};

/* So much of a limit is spent; each second a little of it comes back. */
struct h2_bucket {
	int64_t filled;
	uint64_t spent;
};

struct listening {
	struct http_listener *config;
	int fd;
	struct ssl_ctx_st *tls; /* NULL: plain */
	int64_t changed[3];     /* what the certificate, key and CA files looked like when they were
				   read */
	bool asleep; /* no descriptors were left: not in the epoll set until the next tick */
};

struct http_conn {
	struct hm_cx cx; /* holds this very struct */
	struct http_server *s;
	struct listening *on;
	struct http_conn *prev, *next; /* of s->conns, or of s->dead by next */
	int fd;
	struct ssl_st *ssl; /* NULL: plain */
	enum conn_state state;
	uint32_t events; /* what epoll watches for */
	bool dead, eof, keep_alive, blocked /* the peer does not take what we write */;
	bool wants_write; /* TLS must write before it can read */
	int64_t since;    /* of this state, or of the last byte */
	int64_t born;
	uint64_t moved, moved_before, rate; /* bytes both ways; a second, of late */
	size_t held;                        /* of the server's memory */
	char peer[64];

	struct hm_str data; /* what was read and is not yet used; in the loop's scratch */
	struct hm_buf in;   /* the same, kept between two events */
	struct hm_buf out;  /* on its way to the peer */
	size_t out_at;

	/* HTTP/1 */
	struct http_exchange *x;
	struct h1_chunks chunks;
	uint64_t body_left;
	bool chunked, unread /* the request's body was not read to its end */;

	/* HTTP/2 */
	struct nghttp2_session *h2;
	struct http_exchange *streams;
	int32_t newest; /* stream that the client opened */
	struct {
		int32_t first, last;
	} passed[8]; /* streams that it left out, the latest */
	unsigned passed_n;
	struct h2_bucket h2_control, h2_resets;
	uint64_t h2_bytes; /* of bodies, for which nothing was earned yet */
	unsigned h2_continued;
	size_t h2_skip;     /* bytes until the next frame's head */
	uint8_t h2_head[9]; /* of a frame, as far as it is there */
	unsigned h2_head_n;
	bool h2_calm;         /* it has had too much, and is being closed */
	int64_t h2_active;    /* when a stream began or ended last */
	unsigned files;       /* open, of its answers; HTTP/1 too */
	int64_t files_failed; /* when nobody was found who could give one up */
};

struct http_exchange {
	struct hm_cx cx; /* the request's; holds this very struct */
	struct hm_mark base;
	struct http_server *s;
	struct http_conn *conn; /* the loop's; NULL: the client went away */
	const struct http_listener *listener;
	const struct http_route *route;
	_Atomic enum exchange_state state; /* http_exchange_move() alone writes it */
	struct http_exchange *next;        /* in a queue, or of s->spare */
	struct http_exchange *stream_prev, *stream_next;
	int32_t stream;
	int64_t began, fed;    /* when the last piece of the body came */
	struct http_pace pace; /* the loop's: of the body, then of the answer */

	struct hm_str method, path, query, id, traceparent;
	struct http_headers headers;
	int64_t length;
	char peer[64];

	pthread_mutex_t lock;
	pthread_cond_t more;
	struct hm_buf inbox;
	uint64_t received;
	bool body_end, waiting; /* under lock */
	atomic_bool paused; /* nothing more is read from the peer until the worker has taken some */
	atomic_bool gone;   /* the client went away, or stalled */
	size_t inbox_taken; /* for HTTP/2's window: taken by the worker, not yet announced */

	struct hm_buf reading;
	size_t reading_at;

	size_t held;      /* the loop's: of the server's memory, for .inbox and .reading */
	size_t work_held; /* for what the handler has, as long as the exchange lives */
	int64_t queued;   /* since when it waits for a worker */

	bool streams;     /* its body was not whole when it was queued */
	atomic_bool slow; /* the client: others go before it, or it has to go */
	bool posted;      /* under s->lock */
	bool h2_wide;     /* its window is as wide as it gets */

	bool is_head;
	bool file_counted;     /* the loop's: among those that are open for answers */
	bool file_coming;      /* opened by a worker, and the loop has not seen it yet */
	uint64_t sent;         /* of the answer's body */
	uint64_t h2_announced; /* of the request's */
	int status, file;      /* status: 0: not answered yet; file: -1: none */
	const char *content_type;
	struct http_headers out;
	struct hm_str body;
	uint64_t offset, size; /* of the body, in the file or in .body */
};

struct metric {
	const char *route;
	int status;
	uint64_t n;
};

struct http_server {
	struct http_server_config config;
	struct listening *listening;
	int epoll, wake;
	pthread_t loop, *workers;
	unsigned workers_n;
	char *scratch, *sending; /* SCRATCH and SEND_MAX bytes */
	struct http_conn *conns, *dead;
	size_t conns_n, conns_max;
	struct http_exchange *spare;
	size_t spare_n;
	int64_t now, ticked, stop_at;
	unsigned wanted; /* workers that requests want which have waited for long */
	struct http_memory *memory, own_memory;
	size_t most_held;        /* since memory was given back to the system */
	int64_t relief_failed;   /* when nobody was found who could make room */
	size_t files, files_max; /* open for answers that are being sent */
	_Atomic size_t files_coming;
	atomic_bool stopping;
	char date[64];
	int64_t date_at;
	uint64_t ids, id_seed;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t work;
	/* whole requests; and those whose body is still coming, which may have most workers but
	 * never all */
	struct http_queue {
		struct http_exchange *first, **end;
	} whole, streaming;
	unsigned queue_n, streaming_n /* with workers */;
	bool workers_stop;
	struct http_exchange *posts, **posts_end;

	pthread_mutex_t metrics_lock;
	struct metric metrics[METRICS_MAX];
	size_t metrics_n;
	uint64_t buckets[TIME_BUCKETS + 1], seconds_n;
	_Atomic uint64_t rejected, made_room;
	double seconds;
	_Atomic size_t connections;
};

/* --- listen.c --- */
/* Bind, listen, and let the loop watch it; its certificate is read. HM_USAGE: the address, a name
 * of a host, or no certificate for an address that others reach. */
HM_MUST hm_err http_listen_open(struct hm_cx *cx, struct http_server *s, struct listening *l);
/* Some of the connections that wait; where there are too many, the idlest one goes. */
void http_listen_accept(struct http_server *s, struct listening *l);
/* Each second: look again at what fell asleep without descriptors. */
void http_listen_tick(struct http_server *s, struct listening *l);

/* --- tls.c --- */
HM_MUST hm_err http_tls_open(struct hm_cx *cx, struct listening *l);
void http_tls_close(struct listening *l);
/* Reads the files again when they have changed; on a fault the old ones stay. */
void http_tls_refresh(struct listening *l);
bool http_tls_conn_start(struct http_conn *c);
void http_tls_conn_end(struct http_conn *c, bool polite);
void http_tls_conn_free(struct http_conn *c);
enum io http_tls_handshake(struct http_conn *c);
bool http_tls_pending(const struct http_conn *c); /* bytes are in OpenSSL's buffers */
bool http_tls_is_h2(const struct http_conn *c);
enum io http_tls_read(struct http_conn *c, char *room, size_t n, size_t *out_n);
enum io http_tls_write(struct http_conn *c, const char *p, size_t n, size_t *out_n);

/* --- memory.c --- */
/* Hold `now` bytes where *held was held: goes past the maximum, which is looked at afterwards. */
void http_memory_set(struct http_server *s, size_t *held, size_t now);
bool http_memory_is_over(const struct http_server *s);
/* Hold n more for a handler's work. HM_BUSY where there is no room and none comes up in a while (on
 * the loop's thread: at once); HM_LIMIT where it is more than there ever is. */
HM_MUST hm_err http_memory_take(struct hm_cx *cx, struct http_exchange *x, size_t n);
/* Room where there is too little: the slowest of the connections that hold much are closed, but not
 * `but`. False: there is still too little. */
bool http_memory_relieve(struct http_server *s, const struct http_conn *but);
/* Each second: what was used and is not any more goes back to the system. */
void http_memory_tick(struct http_server *s);
/* The connection that is slowest in giving or taking, of those that hold `least` bytes and are
 * slower than SLOW_RATE; NULL: none. */
struct http_conn *http_conn_slowest(const struct http_server *s, size_t least,
				    const struct http_conn *but);

/* A worker has opened one: waits where the loop has many of them to look at. */
void http_files_come(struct http_exchange *x);
/* Is there room for one more open file? A client that takes nothing could keep hundreds with a few
 * bytes: where there are too many, who keeps the most of them and takes little is closed, but not
 * the one that asks. Given back by the other; twice does no harm. */
bool http_files_add(struct http_exchange *x);
void http_files_drop(struct http_exchange *x);

/* --- connection.c --- */
struct http_conn *http_conn_new(struct http_server *s, struct listening *l, int fd);
/* The one that has waited the longest for a request; NULL: all have one. */
struct http_conn *http_conn_idlest(const struct http_server *s);
void http_conn_close(struct http_conn *c); /* it is freed at the end of the loop's round */
void http_conn_free_dead(struct http_server *s);
void http_conn_event(struct http_conn *c, uint32_t events);
/* Go on with what was read before, after a pause. */
void http_conn_resume(struct http_conn *c);
/* Push out .out; then IO_OK, or IO_AGAIN with .blocked set, or IO_FAILED. */
enum io http_conn_flush(struct http_conn *c);
enum io http_conn_write(struct http_conn *c, const char *p, size_t n, bool more, size_t *out_n);
void http_conn_interest(struct http_conn *c);
void http_conn_tick(struct http_conn *c);
void http_conn_state(struct http_conn *c, enum conn_state state);

/* --- h1.c --- */
void http_h1_run(struct http_conn *c);
void http_h1_answer(struct http_conn *c);
void http_h1_write(struct http_conn *c);

/* --- h2.c --- */
bool http_h2_start(struct http_conn *c);
void http_h2_end(struct http_conn *c);
void http_h2_run(struct http_conn *c);
void http_h2_write(struct http_conn *c);
void http_h2_answer(struct http_exchange *x);
void http_h2_resume(struct http_exchange *x, size_t taken);
void http_h2_reset(struct http_exchange *x);
void http_h2_tick(struct http_conn *c);
void http_h2_shutdown(struct http_conn *c);

/* --- h2_limits.c: each may end the connection, with GOAWAY --- */
/* Frames that came, before nghttp2 has them: it does not tell of all. As much of them as is still
 * good. */
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

/* --- work.c --- */
HM_MUST hm_err http_work_start(struct hm_cx *cx, struct http_server *s);
void http_work_stop(struct http_server *s);
/* Hand over to a worker: false when the queue is full. */
bool http_work_push(struct http_exchange *x);
/* Tell the loop to look at the exchange; from its worker. `done`: the worker lets go of it. */
void http_work_post(struct http_exchange *x, bool done);
/* The next posted exchange, or NULL. *out_done: its worker has let go of it. */
struct http_exchange *http_work_take_post(struct http_server *s, bool *out_done);
void http_work_wake(struct http_server *s);
/* How many requests wait for a worker, without those of slow clients; *out_since: since when the
 * first one does. */
unsigned http_work_waiting(struct http_server *s, int64_t *out_since);

/* --- guard.c --- */
/* HM_DENIED: without a certificate, for another host than ours, or from a page of another origin.
 */
HM_MUST hm_err http_exchange_guard(struct http_exchange *x);

/* --- exchange.c --- */
struct http_exchange *http_exchange_new(struct http_conn *c);
/* From any thread. That a state may not follow the one before is a defect of ours, and ends the
 * program. */
void http_exchange_move(struct http_exchange *x, enum exchange_state to);
/* Has a worker it, or will one have it? */
bool http_exchange_is_away(const struct http_exchange *x);
void http_exchange_free(struct http_exchange *x); /* counts and observes it */
/* The request is known (method, path, query, headers, length): choose its route and go on; `whole`:
 * no body comes. Answers right away where it can, by http_exchange_ready(). */
void http_exchange_begin(struct http_exchange *x, bool whole);
void http_exchange_target(struct http_exchange *x, struct hm_str target);
/* A piece of the body, or its end. False: enough for now. */
bool http_exchange_feed(struct http_exchange *x, struct hm_str bytes);
/* There is too little memory: stop reading, if the worker has something to take first. True: it
 * has. */
bool http_exchange_pause(struct http_exchange *x);
/* The same without a copy: room for n bytes at the end of what is there, and how many came. The
 * exchange is locked between the two; only while a worker has it. */
char *http_exchange_feed_room(struct http_exchange *x, size_t n);
void http_exchange_feed_took(struct http_exchange *x, size_t asked, size_t got);
void http_exchange_feed_end(struct http_exchange *x);
/* Once a second, on the loop's thread: is it the client's turn, and is the client too slow? */
bool http_exchange_is_slow(struct http_exchange *x);
/* Has the client had all the time that there is for a body that is collected first? */
bool http_exchange_is_late(const struct http_exchange *x);
/* An answer of our own to a request whose body is still coming; the connection ends with it. */
void http_exchange_turn_away(struct http_exchange *x, int status, const char *why);
/* The client went away or stalled. The exchange stays with its worker, if it has one; else it is
 * freed. */
void http_exchange_gone(struct http_exchange *x);
/* An answer of our own. */
void http_exchange_status(struct http_exchange *x, int status, const char *why);
/* The answer that the route, or else the fault's code, gives to a fault. */
void http_exchange_fault(struct http_exchange *x, hm_err err);
/* The answer is there: to the connection with it. */
void http_exchange_ready(struct http_exchange *x);
const char *http_exchange_reason(int status);
bool http_exchange_sends_body(const struct http_exchange *x);

/* --- conditions.c --- */

/* What a request's preconditions say about the state `now`; `reads`: its method is GET or HEAD. */
enum http_condition http_condition(const struct http_headers *h, bool reads,
				   const struct http_state *now);
/* Is its Range to be looked at? Only with GET, and where If-Range names the state. */
bool http_range_counts(const struct http_headers *h, bool is_get, const struct http_state *now);
const struct http_headers *http_exchange_headers(const struct http_exchange *x);

/* --- metrics.c --- */
void http_metrics_count(struct http_server *s, const struct http_record *r);

#endif
