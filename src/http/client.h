/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.h - requests, with retries and redirects. The inside is client/.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "http/headers.h"

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
 * How much of a body has reached the sink, for requests that continue where one before broke off
 * (RFC 9110, 14.2). It outlives each of them. The server may ignore the range: what came already is
 * skipped then. Whether all of it is one content is the caller's to check, by its digest.
 */
struct http_resume {
	uint64_t got;       /* bytes that the sink has */
	struct hm_str etag; /* a strong one (RFC 9110, 8.8.3), for If-Range; or empty */
	unsigned times;     /* requests that continued; HM_MAX_HTTP_RESUMES */
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
	bool no_proxy;    /* whatever the environment says: for servers on this network alone */
	bool secret_body; /* nor does the body go elsewhere: such a redirect is HM_DENIED */
	/* Where the body of a 2xx answer goes as it arrives; NULL: into response.body
	 * (max_body). */
	hm_err (*sink)(struct hm_cx *cx, void *arg, struct hm_str bytes);
	void *sink_arg;
	uint64_t expected;   /* about how long that body is; 0: who knows */
	unsigned connect_ms; /* until there is a connection; 0: ten seconds */
	size_t max_body;     /* of an answer kept in memory; HM_LIMIT past it; 0: it is dropped */
	/* A retry after a partly delivered body would deliver twice: called before each retry once
	 * bytes were delivered; NULL: then such a request is not retried. */
	hm_err (*sink_rewind)(struct hm_cx *cx, void *arg);
	struct http_resume *resume; /* a GET that continues instead of starting over; or NULL */
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

#endif
