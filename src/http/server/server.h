/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.h - the inside of the server: what is one for all of its connections.
 *
 * Its files, from the ground up: each calls only those before it, and what must call upward goes
 * through the table of its protocol (protocol.h). One thread, the socket thread, owns all sockets;
 * workers run handlers.
 *
 *   pace.c         how fast a peer gives or takes                       socket thread
 *   metrics.c      counters                                             any
 *   memory.c       what requests hold                                   any
 *   tls.c          TLS contexts and their reload, reading and writing   socket thread
 *   exchange.c     an exchange: its states, its life                    see exchange.h
 *   guard.c        whom a listener without certificate answers          socket thread
 *   queue.c        what goes between the socket thread and the workers  any
 *   request.c      a request as handlers read it                        worker, or fast handler
 *   conditions.c   its preconditions and ranges                         worker, or fast handler
 *   answer.c       its answer                                           worker, or fast handler
 *   route.c        which handler is for a request                       socket thread
 *   worker.c       the threads that run handlers                        worker
 *   connection.c   a connection: reading, writing, time limits          socket thread
 *   relief.c       who has to go when there is too little               socket thread
 *   dispatch.c     from request to handler to answer                    socket thread
 *   handshake.c    TLS before a protocol is chosen                      socket thread
 *   h1_answer.c    HTTP/1.1: answers                                    socket thread
 *   h1.c           HTTP/1.1; h1_parse.c: its grammar                    socket thread
 *   h2_limits.c    how much of HTTP/2 a client may use                  socket thread
 *   h2_answer.c    HTTP/2: answers                                      socket thread
 *   h2.c           HTTP/2                                               socket thread
 *   listen.c       addresses, listening, accepting                      socket thread
 *   server.c       start and stop, the loop over sockets                socket thread
 */
#ifndef HTTP_SERVER_SERVER_H
#define HTTP_SERVER_SERVER_H

#include <pthread.h>

#include "http/http.h"
#include "http/parts.h"

enum {
	READ_MAX = 256 * 1024,      /* bytes taken from a socket at once */
	SCRATCH = 3 * READ_MAX,     /* the socket thread's buffer to read into */
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
	SMALL = 64 * 1024, /* what holds less is not worth closing */
	METRICS_MAX = 96,
	TIME_BUCKETS = 9,
	KEEP_BUFFER = 64 * 1024, /* larger ones are not kept for the next request */
};

struct http_conn;
struct http_protocol;

enum io { IO_OK, IO_AGAIN, IO_WRITE /* again, once writable */, IO_END, IO_FAILED };

struct listening {
	struct http_listener *config;
	const struct http_protocol *const *protocols; /* the server's */
	unsigned char alpn[32];                       /* their names, as TLS wants them */
	unsigned alpn_n;
	int fd;
	struct ssl_ctx_st *tls; /* NULL: plain */
	int64_t changed[3];     /* what the certificate, key and CA files looked like when they were
				   read */
	bool asleep; /* no descriptors were left: not in the epoll set until the next tick */
};

struct metric {
	const char *route;
	int status;
	uint64_t n;
};

struct http_server {
	struct http_server_config config;
	const struct http_protocol *const *protocols; /* ended by NULL: the first is spoken
							 with who names none, the last is
							 preferred */
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
	unsigned wanted; /* workers wanted by requests that have waited for long */
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

/* --- metrics.c --- */
void http_metrics_count(struct http_server *s, const struct http_record *r);

/* --- memory.c --- */
/* Hold `now` bytes where *held was held: goes past the maximum, which is looked at afterwards. */
void http_memory_set(struct http_server *s, size_t *held, size_t now);
bool http_memory_is_over(const struct http_server *s);
/* Hold n more for a handler's work, which are added to *held. HM_BUSY where there is no room and
 * none comes up in a while (`waits`), or at once; HM_LIMIT where it is more than there ever is. */
HM_MUST hm_err http_memory_take(struct hm_cx *cx, struct http_server *s, bool waits, size_t n,
				size_t *held);
/* Each second: what was used and is not any more goes back to the system. */
void http_memory_tick(struct http_server *s);
/* A worker is about to answer with one more file: waits where the socket thread has many of them to
 * look at. */
void http_files_wait(struct http_server *s);

/* --- tls.c --- */
HM_MUST hm_err http_tls_open(struct hm_cx *cx, struct listening *l);
void http_tls_close(struct listening *l);
/* Reads the files again when they have changed; on a fault the old ones stay. */
void http_tls_refresh(struct listening *l);
/* For a connection to a client; NULL: it cannot be set up. */
struct ssl_st *http_tls_new(struct listening *l, int fd);
void http_tls_free(struct ssl_st *ssl);
/* Sends close_notify, if the handshake was completed. */
void http_tls_end(struct ssl_st *ssl);
enum io http_tls_handshake(struct ssl_st *ssl);
/* What the two have agreed on. */
const struct http_protocol *http_tls_protocol(struct ssl_st *ssl,
					      const struct http_protocol *const *protocols);
/* The certificate that the peer has shown, in DER; empty: none, or one of a size that nobody's has.
 */
struct hm_str http_tls_client(struct hm_cx *cx, struct ssl_st *ssl);
bool http_tls_pending(struct ssl_st *ssl); /* bytes are in OpenSSL's buffers; NULL: none */
enum io http_tls_read(struct ssl_st *ssl, char *room, size_t n, size_t *out_n);
enum io http_tls_write(struct ssl_st *ssl, const char *p, size_t n, size_t *out_n);

/* --- guard.c --- */
/* HM_DENIED: without a certificate, for another host than ours, or from a page of another origin;
 * *out_status says which in HTTP's words. */
HM_MUST hm_err http_exchange_guard(struct http_exchange *x, int *out_status);

/* --- queue.c --- */
/* Hand over to a worker: false when the queue is full. */
bool http_queue_push(struct http_exchange *x);
/* The next one that a worker is to run, which waits for it; NULL: the workers end. */
struct http_exchange *http_queue_pop(struct http_server *s);
/* The worker has let go of one whose body was not whole when it was queued. */
void http_queue_end_streaming(struct http_server *s);
/* How many requests wait for a worker, without those of slow clients; *out_since: since when the
 * first one does. */
unsigned http_queue_waiting(struct http_server *s, int64_t *out_since);
/* Tell the socket thread to look at the exchange; from its worker. `done`: the worker lets go of
 * it. */
void http_queue_post(struct http_exchange *x, bool done);
/* The next posted exchange, or NULL. *out_done: its worker has let go of it. */
struct http_exchange *http_queue_take_post(struct http_server *s, bool *out_done);
void http_queue_wake(struct http_server *s);

/* --- route.c --- */
/* NULL: none; *out_known: there is one for another method. */
const struct http_route *http_route_find(const struct http_exchange *x, bool *out_known);
/* RFC 9110, 15.5.6: 405 says which methods there are. */
void http_route_add_allow(struct http_exchange *x);

/* --- conditions.c --- */
/* What a request's preconditions say about the state `now`; `reads`: its method is GET or HEAD. */
enum http_condition http_condition(const struct http_headers *h, bool reads,
				   const struct http_state *now);
/* Is its Range to be looked at? Only with GET, and where If-Range names the state. */
bool http_range_counts(const struct http_headers *h, bool is_get, const struct http_state *now);

/* --- answer.c --- */
/* An answer of our own. */
void http_answer_status(struct http_exchange *x, int status, const char *why);
/* The answer that the route, or else the fault's code, gives to a fault. */
void http_answer_fault(struct http_exchange *x, hm_err err);
const char *http_status_words(int status); /* RFC 9110, 15 */

/* --- worker.c --- */
HM_MUST hm_err http_workers_start(struct hm_cx *cx, struct http_server *s);
void http_workers_stop(struct http_server *s);

/* --- relief.c --- */
/* The one that has waited the longest for a request; NULL: all have one. */
struct http_conn *http_relief_idlest(const struct http_server *s);
/* The connection that is slowest in giving or taking, of those that hold `least` bytes and are
 * slower than SLOW_RATE, but not `but`; NULL: none. */
struct http_conn *http_relief_slowest(const struct http_server *s, size_t least,
				      const struct http_conn *but);
/* Memory where there is too little: the slowest of the connections that hold much are closed, but
 * not `but`. False: there is still too little. */
bool http_relief_memory(struct http_server *s, const struct http_conn *but);
/* Is there room for one more open file? A client that takes nothing could keep hundreds with a few
 * bytes: where there are too many, who keeps the most of them and takes little is closed, but not
 * the one that asks. Given back by http_exchange_drop_file(). */
bool http_relief_add_file(struct http_exchange *x);

/* --- dispatch.c --- */
/* The request is known (method, path, query, headers, length): choose its route and go on; `whole`:
 * no body comes. Answers right away where it can, by http_exchange_ready(). */
void http_exchange_begin(struct http_exchange *x, bool whole);
void http_exchange_target(struct http_exchange *x, struct hm_str target);
/* A piece of the body, or its end. False: enough for now. */
bool http_exchange_feed(struct http_exchange *x, struct hm_str bytes);
void http_exchange_feed_end(struct http_exchange *x);
/* There is too little memory: stop reading, if the worker has something to take first. True: it
 * has. */
bool http_exchange_pause(struct http_exchange *x);
/* An answer of our own to a request whose body is still coming; the connection ends with it. */
void http_exchange_turn_away(struct http_exchange *x, int status, const char *why);
/* The answer is there: to the connection with it. */
void http_exchange_ready(struct http_exchange *x);

/* --- listen.c --- */
/* Bind, listen, and let the socket thread watch it; its certificate is read. HM_USAGE: the address,
 * a name of a host, or no certificate for an address that others reach. */
HM_MUST hm_err http_listen_open(struct hm_cx *cx, struct http_server *s, struct listening *l);
/* Some of the connections that wait; where there are too many, the idlest one goes. */
void http_listen_accept(struct http_server *s, struct listening *l);
/* Each second: look again at what fell asleep without descriptors. */
void http_listen_tick(struct http_server *s, struct listening *l);

#endif
