/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.h - servers, and the exchanges that their handlers answer. The inside is server/.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "http/headers.h"

struct http_server;
struct http_exchange; /* one request and its answer */

/*
 * Threads: one thread owns all sockets; handlers run on a fixed pool of workers behind a bounded
 * queue, asked once the body is whole or 64 KiB of it are there. A handler blocks as it likes until
 * the exchange's deadline; its cx is the exchange's own and is cancelled when the client goes away.
 * A returned fault is answered with its code's status and the route family's error body.
 */
struct http_route {
	const char *method; /* "GET" also serves HEAD; "*": any */
	const char *prefix; /* with '/' at its end: all below it, the longest wins; else this path
			       alone. NULL ends the table */
	hm_err (*run)(struct hm_cx *cx, void *arg, struct http_exchange *x);
	hm_err (*fault)(struct hm_cx *cx, void *arg, struct http_exchange *x,
			hm_err err); /* or NULL */
	void *arg;
	size_t budget;        /* of the request's cx */
	unsigned weight;      /* bytes that run() needs for each byte of a body that it has whole */
	unsigned deadline_ms; /* 0: none but the stall limit */
	/* A browser may come here by a link or redirect of another site (to read, and where a
	 * listener without TLS refuses what foreign pages ask): run() sees to whom it answers. */
	bool from_links;
	/*
	 * Or NULL. Tried first, on the thread that owns the sockets, once the body is whole (bodies
	 * past 64 KiB go to run() at once). It must not block, nor work for longer than some ten
	 * microseconds: a look into a cache. False, with nothing answered: run() is asked. So an
	 * answer that is at hand costs no switch of threads.
	 */
	bool (*fast)(struct hm_cx *cx, void *arg, struct http_exchange *x);
};

/* What is held for requests in flight: connections, heads, bodies, what handlers make of bodies,
 * and answers. One for all servers of a process. Past .max a request is answered 503, or its stream
 * is reset; uploads that a worker takes wait. Who is slow and holds much has to go first. */
struct http_memory {
	size_t max;
	_Atomic size_t held;
};

struct http_listener {
	struct hm_str address;  /* "127.0.0.1:5000", "[::1]:0", ":5000" (all); port 0: any */
	const char *cert, *key; /* PEM files, reloaded when they change; NULL: plain */
	const char *client_ca;  /* PEM file: clients must have a certificate under it; or NULL */
	bool anonymous_too;     /* those without a certificate are served, too */
	bool tls13_only;        /* else TLS 1.2 is accepted too */
	/* Without `cert` a request must be for a loopback address, localhost or a name below
	 * it, the name in `address`, or one of these; else 421. A page that a user of this machine
	 * looks at could give a name of its own this machine's address, and speak with it. Nor may
	 * a page of another origin (Origin, Sec-Fetch-Site), unless it is of one of these. With
	 * `cert` such a page may make the browser read, whose answers it does not get, but not
	 * change anything: it would do so with the browser's certificate or cookie. */
	struct hm_strs hosts;
	const struct http_route *routes; /* ended by a row without prefix */
	unsigned port; /* written by http_server_start(): the port that was bound */
};

/* One finished exchange, for access logs. Slices are good during the call only. */
struct http_record {
	struct hm_str method, path, id, traceparent, peer;
	const char *route;       /* the prefix that matched; "" */
	int status;              /* 0: the client went away before the answer */
	uint64_t received, sent; /* bytes of bodies */
	int64_t nanoseconds;
};

struct http_server_config {
	const char *name;                /* its label in metrics; NULL: "http" */
	struct http_listener *listeners; /* must outlive the server, like the routes */
	size_t listeners_n;
	unsigned workers; /* threads that run handlers; 0: twice the processors, at least 16 */
	unsigned queue;   /* requests that may wait for one; more are 503; 0: 1024 */
	struct http_memory *memory; /* NULL: its own, of HM_MAX_HTTP_MEMORY */
	void (*observe)(void *arg, const struct http_record *r); /* on the socket thread; or NULL */
	void *observe_arg;
};

/* Binds, starts the threads, returns. Without certificate only loopback addresses are accepted:
 * else HM_USAGE. The server lives in memory of `cx`, which must outlive it. */
HM_MUST hm_err http_server_start(struct hm_cx *cx, const struct http_server_config *config,
				 struct http_server **out);
/* Stops listening, waits for running requests (5 s at most), joins all threads. NULL is allowed. */
void http_server_stop(struct http_server *s);
/* Of all these servers: requests by route and status, a histogram of their time, queue and
 * connections, in Prometheus' text format; names begin with hullmark_http_. From any thread. */
void http_server_metrics(struct http_server *const *servers, size_t n, struct hm_buf *out);

struct hm_str http_exchange_method(const struct http_exchange *x);
struct hm_str http_exchange_path(const struct http_exchange *x); /* as sent, without query */
struct hm_str http_exchange_query(struct hm_cx *cx, const struct http_exchange *x,
				  const char *name); /* decoded; "" */
/* Of every parameter with that name, the value. */
void http_exchange_queries(struct hm_cx *cx, const struct http_exchange *x, const char *name,
			   struct hm_strs *out);
/* The first value; "" where there is none. */
struct hm_str http_exchange_header(const struct http_exchange *x, const char *name);
/* X-Request-Id where the client sent a good one, else made here; goes into log lines and the
 * answer. */
struct hm_str http_exchange_id(const struct http_exchange *x);
/* The certificate that the client has shown, in DER, which leads to the listener's `client_ca`; ""
 * where it has none. What it says is not looked at yet. */
struct hm_str http_exchange_client(const struct http_exchange *x);
int64_t http_exchange_length(const struct http_exchange *x); /* Content-Length; -1: not given */
/* The next bytes of the body; *out_n 0 is its end. HM_BUSY: the client stalled or went away. */
HM_MUST hm_err http_exchange_read(struct hm_cx *cx, struct http_exchange *x, char *room, size_t n,
				  size_t *out_n);
/* The same without a copy: up to a MiB or so, good until the next piece is asked for; empty: the
 * end. */
HM_MUST hm_err http_exchange_next(struct hm_cx *cx, struct http_exchange *x, struct hm_str *out);
/* The whole body. HM_LIMIT past `max`. HM_BUSY: there is no memory for it now. */
HM_MUST hm_err http_exchange_body(struct hm_cx *cx, struct http_exchange *x, size_t max,
				  struct hm_str *out);

/* The current state of what the path names, which preconditions are about (RFC 9110, 13). */
struct http_state {
	bool exists;
	struct hm_str etag; /* strong, with its quotes */
	int64_t modified;   /* seconds; 0: there is no date */
};
enum http_condition {
	HTTP_GO_ON,
	HTTP_STATE_KNOWN,   /* the client has it already: 304 */
	HTTP_STATE_DIFFERS, /* it is not what the client wants it to be: 412 */
};
/* If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since, in the order that the RFC
 * asks for. To be asked only where the answer would be a good one without them. */
enum http_condition http_exchange_condition(const struct http_exchange *x,
					    const struct http_state *now);
/* The Range that is to be honoured; "": none. HEAD has none, nor has If-Range of another state. */
struct hm_str http_exchange_range(const struct http_exchange *x, const struct http_state *now);

void http_exchange_add_header(struct http_exchange *x, const char *name,
			      struct hm_str value); /* copied */
/* A part of a file. */
struct http_file {
	int fd;
	uint64_t offset, size;
};
/* Exactly one of these ends an exchange. Bytes are copied; a buffer, which is empty afterwards, and
 * the descriptor are taken over. To HEAD and with 204 and 304 the body is not sent, only its
 * length.
 */
HM_MUST hm_err http_exchange_answer(struct hm_cx *cx, struct http_exchange *x, int status,
				    const char *content_type, struct hm_str body);
HM_MUST hm_err http_exchange_answer_buf(struct hm_cx *cx, struct http_exchange *x, int status,
					const char *content_type, struct hm_buf *body);
HM_MUST hm_err http_exchange_answer_file(struct hm_cx *cx, struct http_exchange *x, int status,
					 const char *content_type, struct http_file file);

#endif
