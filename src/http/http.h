/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - the HTTP client, on libcurl, and the HTTP server, on OpenSSL and nghttp2.
 *
 * Few files know a library: those of client/ libcurl, server/tls.c OpenSSL, server/h2.c nghttp2.
 * The server speaks HTTP/1.1 (RFC 9112) and HTTP/2 (RFC 9113; by ALPN, or with prior knowledge),
 * and takes request bodies of unknown length, which registry clients send.
 *
 * The law of the room: it knows nothing of registries, gates or Kubernetes. Time and size of all
 * that a peer sends are bounded (limits.h), and a client's secrets go only to the origin they are
 * for.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

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

/* ------------------------------------------------------------------ client */

/* What holds for all requests of a command or server. Filled once, then read-only. */
struct http_config {
	bool offline;        /* any request is HM_DENIED: "--offline forbids network use" */
	bool insecure;       /* certificates are not checked */
	const char *ca_file; /* trusted besides the system's; or NULL */
	const char *cert_file, *key_file; /* PEM: who we are to servers that ask by TLS; or NULL */
	/* "HOST:PORT:ADDRESS:PORT": connect there for that HOST and PORT; IPv6 in brackets. Names
	 * in certificates and requests stay HOST. */
	struct hm_strs connect_to;
	const char *user_agent;
};

/* A client, in the memory of the cx it was opened with, which must outlive it: connections are kept
 * and re-used. Threads may share it; each request uses a handle of its own from the client's
 * pool. */
struct http_client;
/* HM_SYSTEM, HM_ABSENT: one of the files cannot be read. */
HM_MUST hm_err http_client_open(struct hm_cx *cx, const struct http_config *config,
				struct http_client **out);
void http_client_close(struct http_client *c); /* NULL is allowed */

/* Where a request body comes from: a slice, or a function that fills `room` (0: end). */
struct http_body {
	struct hm_str bytes;
	int64_t size; /* of what read() gives; -1: chunked */
	hm_err (*read)(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n);
	hm_err (*rewind)(struct hm_cx *cx, void *arg); /* for retries and redirects; NULL: cannot */
	void *arg;
};

/*
 * How far a body has come that goes to a sink, for requests that go on where one before broke off
 * (RFC 9110, 14.2). It outlives each of them. The server may ignore the range: what came already is
 * passed over then. Whether all of it is one content is the caller's to check, by its digest.
 */
struct http_resume {
	uint64_t got;       /* bytes that the sink has */
	struct hm_str etag; /* a strong one (RFC 9110, 8.8.3), for If-Range; or empty */
	unsigned times;     /* requests that went on; HM_MAX_HTTP_RESUMES */
};

struct http_request {
	const char *method; /* "GET" */
	struct hm_str url;
	const struct http_header *headers;
	size_t headers_n;
	/* More of them, which may be secret: like authorization they go to the origin of `url`
	 * alone. */
	const struct http_header *given;
	size_t given_n;
	struct http_body body;
	bool has_body;
	/* Redirects are followed (HTTP_REDIRECTS), and the authorization header goes only to the
	 * scheme, host and port that it was meant for. */
	bool no_redirect;
	bool secret_body; /* and so does the body: a redirect elsewhere is HM_DENIED */
	/* Where the body of a 2xx answer goes as it arrives; NULL: into response.body
	 * (max_body). */
	hm_err (*sink)(struct hm_cx *cx, void *arg, struct hm_str bytes);
	void *sink_arg;
	unsigned connect_ms; /* until there is a connection; 0: ten seconds */
	size_t max_body;     /* of an answer kept in memory; HM_LIMIT past it; 0: it is dropped */
	/* A retry after a partly delivered body would deliver twice: called before each retry once
	 * bytes were delivered; NULL: then such a request is not retried. */
	hm_err (*sink_rewind)(struct hm_cx *cx, void *arg);
	struct http_resume *resume; /* a GET that goes on instead of starting over; or NULL */
	bool *out_no_tls;           /* with a fault: the peer listens, and speaks no TLS; or NULL */
};

struct http_response {
	int status;
	struct http_headers headers;
	struct hm_str body; /* of an answer without sink, and of any non-2xx answer */
	struct hm_str url;  /* after redirects */
};

/*
 * In a context of hm_secret_cx() the answer is kept as a secret. Libcurl has copies of what it
 * sends and receives in ordinary memory, and wipes them when it is done.
 *
 * One request with retries: 429, 500, 502, 503, 504 and connection failures are tried again
 * HM_MAX_HTTP_RETRIES times with growing pauses (Retry-After honoured up to 30 s), within the
 * deadline. A finished answer of any status is a success; the caller looks at the status. HM_BUSY:
 * no answer in time, throttled to the end (429), or cancelled. HM_SYSTEM: could not connect, TLS
 * failed (says why), length that lies (fewer bytes than announced). HM_LIMIT: the body is larger
 * than allowed.
 */
HM_MUST hm_err http_send(struct hm_cx *cx, struct http_client *c, const struct http_request *r,
			 struct http_response *out);

/* ------------------------------------------------------------------ server */

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
	/*
	 * Or NULL. Tried first, on the thread that owns the sockets, once the body is whole (bodies
	 * past 64 KiB go to run() at once). It must not block, nor work for longer than some ten
	 * microseconds: a look into a cache. False, with nothing answered: run() is asked. This is
	 * what makes a warm answer cost no change of threads.
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
	bool tls13_only;        /* else TLS 1.2 is accepted too */
	/* Without certificate a request must be for a loopback address, localhost or a name below
	 * it, the name in `address`, or one of these; else 403. A page that a user of this machine
	 * looks at could give a name of its own this machine's address, and speak with it. Nor may
	 * a page of another origin (Origin, Sec-Fetch-Site), unless it is of one of these. */
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
/* Stops listening, lets running requests end (5 s at most), joins all threads. NULL is allowed. */
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

/* What the path of a request stands for now, which preconditions are about (RFC 9110, 13). */
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
/* "Sun, 06 Nov 1994 08:49:37 GMT". */
struct hm_str http_date_format(struct hm_cx *cx, int64_t seconds);

void http_exchange_add_header(struct http_exchange *x, const char *name,
			      struct hm_str value); /* copied */
/* Exactly one of these ends an exchange. Bytes are copied; the descriptor is taken over. To HEAD
 * and with 204 and 304 the body is not sent, only its length. */
HM_MUST hm_err http_exchange_answer(struct hm_cx *cx, struct http_exchange *x, int status,
				    const char *content_type, struct hm_str body);
HM_MUST hm_err http_exchange_answer_fd(struct hm_cx *cx, struct http_exchange *x, int status,
				       const char *content_type, int fd, uint64_t offset,
				       uint64_t size);

/* ------------------------------------------------------------------ shared */

struct http_url {
	struct hm_str scheme, host, path, query; /* host without brackets */
	unsigned port;                           /* the scheme's own where none is given */
};
/* The one spelling of a host, in which two are the same when their bytes are: a name in lower case,
 * an IPv4 address, an IPv6 address as RFC 5952 has it (no brackets). HM_INPUT: an address that
 * programs read differently (127.1, 0x7f.1, 2130706433, 0177.0.0.1, ::ffff:127.0.0.1), or none in
 * particular (0.0.0.0, ::). What a name may be made of is the caller's to say. */
HM_MUST hm_err http_host_parse(struct hm_cx *cx, struct hm_str host, struct hm_str *out);
/* RFC 3986, without its fragment; the host in its one spelling. HM_INPUT: neither http nor https,
 * no host, a user name, a port that is none, spaces or control characters. */
HM_MUST hm_err http_url_parse(struct hm_cx *cx, struct hm_str url, struct http_url *out);
/* A reference (RFC 3986, 4.2) against a base URL; dot segments stay. HM_INPUT. */
HM_MUST hm_err http_url_resolve(struct hm_cx *cx, struct hm_str base, struct hm_str reference,
				struct hm_str *out);
/* Same scheme, host (without case) and port. */
bool http_url_same_origin(const struct http_url *a, const struct http_url *b);
bool http_is_loopback(struct hm_str host); /* 127.0.0.0/8, ::1 or localhost */
/* Percent-decoding; '+' stays unless `form`. HM_INPUT: a bad escape, or a NUL. */
HM_MUST hm_err http_unescape(struct hm_cx *cx, struct hm_str s, bool form, struct hm_str *out);
struct hm_str http_escape(struct hm_cx *cx, struct hm_str s); /* RFC 3986 unreserved stay */

#endif
