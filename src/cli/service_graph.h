/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service_graph.h - inside the service `graph`: what its files share.
 *
 *   service_graph.c          the row of services.list: settings, open and close, metrics
 *   service_graph_route.c    from request to answer; errors; the headers of all answers
 *   service_graph_ask.c      one row of the table of /api/v1: its parameters, its answer
 *   service_graph_api.c      the table of /api/v1, and what answers it
 *   service_graph_openapi.c  that table as an OpenAPI document
 *   service_graph_schemas.c  what the answers look like
 *   service_graph_query.c    GraphQL
 *   service_graph_guac.c     GUAC's REST interface
 *   service_graph_questions.c  questions
 *   service_graph_events.c   what is new, as server-sent events
 *   service_graph_take.c     documents that are sent
 *   service_graph_settings.c  its section of hullmark.yaml
 *   service_graph_login.c    who somebody is: by token, certificate or issuer
 *   service_graph_cookie.c  logins of browsers
 *   service_graph_clusters.c  clusters that it follows
 *   service_graph_feed.c     what is pushed into the registry of the same program
 *   service_graph_login.c    who asks
 *   service_graph_cookie.c   logins of browsers, by a token
 *   service_graph_oidc.c     the same by an issuer
 *   service_graph_turn.c     how many questions run at a time
 *   service_graph_parts.c    parts of the answers
 *   service_graph_page.c     the pages, and the files that they need
 */
#ifndef CLI_SERVICE_GRAPH_H
#define CLI_SERVICE_GRAPH_H

#include <stdatomic.h>

#include <pthread.h>

#include "cli/graph.h"
#include "graph/graph.h"
#include "oidc/oidc.h"

struct api_row;
struct cli_graph_ask;
struct serve_config;

/* Who may log in, besides bearers of tokens. */
struct graph_login {
	bool to_read;                /* reading needs a login, too */
	const char *client_ca;       /* PEM; NULL: that of "tls" */
	struct hm_strs client_names; /* as crypto_certificate_names() has them */
	struct oidc_terms oidc;      /* no issuer: nobody by it */
	const char *oidc_ca;
	struct oidc_client
		client; /* browsers are logged in by the issuer; no redirect: they are not */
	const char *client_secret; /* the file; NULL: it has none */
};
/* A cluster that is to be followed. */
struct graph_cluster_told {
	const char *kubeconfig, *context, *name; /* or NULL */
	bool inside;                             /* it is the one that this program runs in */
};
struct graph_clusters_told {
	struct graph_cluster_told *p;
	size_t n, cap;
};
struct graph_settings {
	struct graph_clusters_told clusters;
	const char *folder, *database, *tokens;
	struct graph_login login;
};

/* Logins of browsers, which show a cookie; what is kept of it is its digest. */
enum { GRAPH_COOKIES = 256, GRAPH_COOKIE_NAME = 640 };
struct graph_cookie {
	uint8_t digest[32]; /* SHA-256 */
	int64_t until;      /* monotonic; 0: there is none */
	char name[GRAPH_COOKIE_NAME];
};
struct graph_cookies {
	pthread_mutex_t lock;
	struct graph_cookie all[GRAPH_COOKIES];
};

struct graph_token {
	struct hm_str name;
	uint8_t digest[32]; /* SHA-256 */
};
struct graph_tokens {
	struct graph_token *p;
	size_t n, cap;
};

/* At once: requests that wait for news; questions, of the eight connections of a graph; queries of
 * GraphQL among them; documents. More are asked to come again, after some have waited for a turn.
 * All together are no more than there are threads. */
enum {
	GRAPH_WORKERS = 36,
	GRAPH_WAITERS = 12,
	GRAPH_QUESTIONS = 6,
	GRAPH_QUERIES = 4,
	GRAPH_TAKES = 4,
	GRAPH_LOGINS = 2,
	GRAPH_QUESTIONS_WAIT = 8,
	GRAPH_TAKES_WAIT = 2,
	GRAPH_LOGINS_WAIT = 2
};
_Static_assert(GRAPH_WAITERS + GRAPH_QUESTIONS + GRAPH_TAKES + GRAPH_LOGINS + GRAPH_QUESTIONS_WAIT +
			       GRAPH_TAKES_WAIT + GRAPH_LOGINS_WAIT <=
		       GRAPH_WORKERS,
	       "who waits for news leaves threads to the others");

struct graph_hearer; /* service_graph_feed.c */
struct services;

/* Questions, or documents that are sent: those that run, and that wait to run. */
struct graph_turns {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	unsigned at_once, may_wait; /* at the most */
	unsigned running, waiting;
};

struct graph_service {
	struct graph *graph;
	struct graph_clusters *clusters;       /* NULL: none is followed */
	struct graph_cluster_access *accesses; /* theirs */
	size_t accesses_n;
	struct graph_hearer *hearer; /* NULL: no registry is in this program */
	const struct api_row *api;   /* the table */
	struct http_route routes[5];
	const char *config_dir; /* where trust stores are */
	struct graph_tokens tokens;
	const struct graph_login *login;
	struct oidc_issuer *issuer; /* NULL: none */
	struct http_client *http;   /* its own, for the issuer; or NULL */
	struct graph_cookies cookies;
	struct hm_secret client_secret; /* of the issuer's client, or empty */
	struct oidc_client client;
	uint8_t login_key[32]; /* logins that are under way are known by it */
	struct graph_turns logins;
	bool has_tls; /* browsers reach it by https, here or at a proxy */
	struct graph_turns questions, takes;
	struct hm_task warming; /* what is asked for most is read */
	_Atomic unsigned is_warming;
	_Atomic unsigned waiting, queries;
	_Atomic uint64_t answered, refused;
};

/* --- the table of /api/v1 (service_graph_api.c) --- */

enum api_kind { API_TEXT, API_COUNT, API_ID, API_SWITCH, API_FORMAT /* json, text */ };
struct api_parameter {
	const char *name; /* NULL ends the list */
	enum api_kind kind;
	bool is_needed;
	const char *help;
};
enum { API_PARAMETERS = 8 };

struct api_call {
	struct graph_service *service;
	const struct api_row *row;
	struct hm_str values[API_PARAMETERS]; /* of the row's parameters, checked; "": not given */
	struct http_exchange *exchange;
	struct hm_str who;  /* of a row that needs a login: the token's name */
	struct hm_str body; /* of a question that has one */
};
struct api_row {
	const char *method; /* NULL ends the table */
	const char *path;   /* below API_ROOT; "{name}" is one part of it, a parameter */
	const char *name;   /* operationId */
	const char *help;
	const struct api_parameter *parameters; /* at most API_PARAMETERS */
	const char *schema; /* of the answer, a row of the table of schemas; NULL: `run` answers,
			       and not in JSON */
	/* Puts the members of the answer's object. */
	hm_err (*run)(struct hm_cx *cx, const struct api_call *c, struct json_out *o);
	bool needs_login;
	const struct cli_graph_ask *question; /* that it asks; NULL: it is no question */
	const char *body;                     /* what the request's body is; NULL: it has none */
};
extern const struct api_row cli_graph_api[];
#define API_ROOT CLI_GRAPH_API

/* --- service_graph_ask.c --- */

/* Does a path (behind API_ROOT) have the row's form? What stands for "{name}" goes to its value. */
bool cli_graph_api_is(struct hm_cx *cx, struct api_call *c, const struct api_row *row,
		      struct hm_str path);
/* The parameters that the request gives to the row. HM_USAGE, HM_LIMIT: one is not what it should
 * be. */
HM_MUST hm_err cli_graph_api_read(struct hm_cx *cx, struct api_call *c);
/* The row's answer, as JSON in `b`; its parameters are read first. */
HM_MUST hm_err cli_graph_api_run(struct hm_cx *cx, struct api_call *c, struct hm_buf *b,
				 struct hm_str *out);
/* What a GET of this path, below API_ROOT, is answered with; parameters are those of the request
 * `x`. */
HM_MUST hm_err cli_graph_ask(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
			     struct hm_str path, struct json *out);

/* "" where the row does not have the parameter. */
struct hm_str cli_graph_api_given(const struct api_call *c, const char *name);
/* What was given for a parameter of the row. */
struct hm_str cli_graph_api_text(const struct api_call *c, const char *name);
uint64_t cli_graph_api_count(const struct api_call *c, const char *name, uint64_t usual);
bool cli_graph_api_switch(const struct api_call *c, const char *name);

/* A schema of answers, as JSON; in it @NAME@ stands for a reference to another one. */
struct api_schema {
	const char *name; /* NULL ends the table */
	const char *json;
};
extern const struct api_schema cli_graph_schemas[];

/* Members of the OpenAPI document of the service's table. HM_LIMIT. */
HM_MUST hm_err cli_graph_openapi(struct hm_cx *cx, const struct api_call *c, struct json_out *o);

/* --- service_graph_parts.c, service_graph_events.c, service_graph_take.c --- */

/* Members of a document. */
void cli_graph_put_document(struct hm_cx *cx, const struct graph_document *d, struct json_out *o);
hm_err cli_graph_events(struct hm_cx *cx, const struct api_call *c, struct json_out *o);
hm_err cli_graph_post(struct hm_cx *cx, const struct api_call *c, struct json_out *o);

/* --- service_graph_questions.c: as the commands of `graph` answer them --- */

/* Of a row with a question. */
hm_err cli_graph_api_question(struct hm_cx *cx, const struct api_call *c, struct json_out *o);
/* The same for people; the parameters were read. */
HM_MUST hm_err cli_graph_api_words(struct hm_cx *cx, const struct api_call *c, struct hm_buf *out);

/* --- service_graph_login.c --- */

/* HM_INPUT: a line is not "NAME TOKEN" or "NAME sha256:HEX". */
HM_MUST hm_err cli_graph_tokens(struct hm_cx *cx, const char *file, struct graph_tokens *out);
/*
 * Who asks: the name of a token, one of a certificate ("dns:ci.example"), or whom the issuer names
 * ("oidc:NAME"); empty: nobody. Where an Authorization is given, it alone counts. HM_TRUST: what is
 * shown is not believed. HM_DENIED: somebody who is not let in. HM_BUSY, HM_SYSTEM: it is not
 * known, for the issuer does not answer.
 */
HM_MUST hm_err cli_graph_caller(struct hm_cx *cx, struct graph_service *s,
				const struct http_exchange *x, struct hm_str *out_name);
/* The same of a token. */
HM_MUST hm_err cli_graph_bearer(struct hm_cx *cx, struct graph_service *s, struct hm_str token,
				struct hm_str *out_name);

/* --- service_graph_cookie.c --- */

void cli_graph_cookies_open(struct graph_cookies *all);
void cli_graph_cookies_close(struct graph_cookies *all);
/* Whose cookie the request has; empty: nobody's. */
struct hm_str cli_graph_cookie_of(struct hm_cx *cx, struct graph_service *s,
				  const struct http_exchange *x);
/* /login and /logout. */
bool cli_graph_is_login(struct hm_str path);
HM_MUST hm_err cli_graph_log_in(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x);
/* The form, as the answer to who may not read yet. */
HM_MUST hm_err cli_graph_ask_login(struct hm_cx *cx, struct graph_service *s,
				   struct http_exchange *x, int status, const char *why);
/* The answer logs `name` in. */
HM_MUST hm_err cli_graph_give_cookie(struct hm_cx *cx, struct graph_service *s,
				     struct http_exchange *x, struct hm_str name);
/* A cookie of this host alone, which scripts do not see. */
struct graph_set_cookie {
	const char *name;
	struct hm_str value;
	int seconds;            /* 0: it ends now */
	bool comes_by_redirect; /* of another site, too (SameSite=Lax) */
};
void cli_graph_set_cookie(struct hm_cx *cx, const struct graph_service *s, struct http_exchange *x,
			  const struct graph_set_cookie *c);
/* The value of a cookie of the request; empty: it has none of the name. */
struct hm_str cli_graph_shown_cookie(const struct http_exchange *x, const char *name);
/* To another address, by GET. */
HM_MUST hm_err cli_graph_go_to(struct hm_cx *cx, struct http_exchange *x, struct hm_str where);

/* --- service_graph_oidc.c: browsers are logged in by an issuer --- */

HM_MUST hm_err cli_graph_open_logins(struct hm_cx *cx, struct graph_service *s);
void cli_graph_close_logins(struct graph_service *s);
/* GRAPH_PAGE_ISSUER, and where the issuer sends a browser back to? */
bool cli_graph_is_issuer(const struct graph_service *s, struct hm_str path);
HM_MUST hm_err cli_graph_by_issuer(struct hm_cx *cx, struct graph_service *s,
				   struct http_exchange *x);
#define CLI_GRAPH_BACK GRAPH_PAGE_ISSUER "/back"

/* --- service_graph_turn.c --- */

void cli_graph_turns_open(struct graph_turns *t, unsigned at_once, unsigned may_wait);
void cli_graph_turns_close(struct graph_turns *t);
/* HM_BUSY: too many are under way, and none has ended in time. Else cli_graph_turn_end() follows.
 */
HM_MUST hm_err cli_graph_turn_begin(struct hm_cx *cx, struct graph_turns *t);
void cli_graph_turn_end(struct graph_turns *t);
/* With the status of HM_BUSY, when to come again. */
void cli_graph_say_when(struct http_exchange *x, int status);

/* --- service_graph_settings.c --- */

HM_MUST hm_err cli_graph_settings(struct hm_cx *cx, struct json section,
				  struct graph_settings *told);
/* HM_USAGE: what is wanted of logins does not go together. */
HM_MUST hm_err cli_graph_check_login(struct hm_cx *cx, const struct serve_config *c,
				     const struct graph_settings *told);
void cli_graph_put_keys(struct hm_cx *cx, struct hm_buf *out);

/* --- service_graph_clusters.c --- */

/* clusters: [{kubeconfig: FILE, context: NAME, name: NAME}, {inCluster: true, name: NAME}] */
HM_MUST hm_err cli_graph_read_clusters(struct hm_cx *cx, struct json section,
				       struct graph_clusters_told *out);
/* All of them, until cli_graph_follow_no_more(), which must follow, be there a fault or not. */
HM_MUST hm_err cli_graph_follow(struct hm_cx *cx, const struct graph_clusters_told *told,
				struct graph_service *g);
void cli_graph_follow_no_more(struct graph_service *g);
void cli_graph_put_clusters(const struct graph_service *g, struct hm_buf *out);
/* A line for each that is not followed now. */
void cli_graph_put_unfollowed(const struct graph_service *g, struct hm_buf *out);

/* --- service_graph_feed.c --- */

/* Where a registry is in this program, hear what is pushed into it. */
HM_MUST hm_err cli_graph_hear(struct hm_cx *cx, struct services *s, struct graph_service *g);
void cli_graph_hear_no_more(struct graph_hearer *h); /* NULL is allowed */
void cli_graph_put_heard(struct graph_hearer *h, struct hm_buf *out);

/* --- service_graph_guac.c --- */

/* Is it a path of GUAC's REST interface? Then its answer, errors among them. */
bool cli_graph_is_guac(struct hm_str path);
HM_MUST hm_err cli_graph_guac(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x);

/* --- service_graph_query.c --- */

/* A request of GraphQL, by POST or GET; what is wrong with it is an answer, too. */
HM_MUST hm_err cli_graph_query(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x);

/* --- service_graph_page.c --- */

/* A page, or a file that pages need. HM_ABSENT: there is none of this path. */
HM_MUST hm_err cli_graph_page(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
			      struct hm_str path);
/* A script, style or icon, which says nothing of the graph? */
bool cli_graph_is_file(struct hm_str path);

/* --- service_graph_route.c --- */

/* Each request; `arg`: a struct graph_service. */
hm_err cli_graph_serve(struct hm_cx *cx, void *arg, struct http_exchange *x);
hm_err cli_graph_fault(struct hm_cx *cx, void *arg, struct http_exchange *x, hm_err err);

#endif
