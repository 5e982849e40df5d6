/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service.h - what `hullmark serve` can run: a table of services, and the walk over it.
 *
 * A service is one file (service_NAME.c) and one row of services.list; none knows another. It runs
 * where its section of hullmark.yaml, or its flag, names an address to listen on, on a server of
 * its own: one that waits for another must not take the other's threads.
 *
 * A guest is a service without a server: it looks at the others. Its listener is at the server of
 * the last service that runs; where it has no address, its routes are beside those of each service
 * that carries guests. The only guest, admin, is where /healthz, /readyz and /metrics are answered.
 */
#ifndef CLI_SERVICE_H
#define CLI_SERVICE_H

#include <stdatomic.h>

#include "cli/cli.h"
#include "cli/feed.h"
#include "cli/serve.h"

struct services;

struct service {
	/* In "NAME listening on URL", its section of hullmark.yaml, its label in metrics, and the
	 * flag --NAME ADDR:PORT. */
	const char *name;
	const char *help;           /* of that flag */
	size_t settings_size;       /* of the struct with its other settings; 0: it has none */
	const struct cli_opt *opts; /* flags that set it, as a command's; NULL: none */
	bool is_guest;
	bool carries_guests;
	bool hears;         /* what the others tell: there is a feed where it runs */
	bool tls13_only;    /* its listener; else TLS 1.2 is accepted too */
	bool takes_anybody; /* its listener: no certificate is asked for, whatever the others do */
	unsigned (*workers)(
		void); /* threads of its server; NULL: as many as servers usually have */
	/* Its section, which is there and is a mapping: refuse keys that are not known (but
	 * "listen" is), and read all but "listen". NULL: it has no other key. */
	hm_err (*read)(struct hm_cx *cx, struct json section, void *settings);
	/* Those keys in --help: lines that begin with a line feed and four blanks. NULL: none. */
	void (*put_keys)(struct hm_cx *cx, struct hm_buf *out);
	/* *out is what the calls below get; it lives in cx. */
	hm_err (*open)(struct hm_cx *cx, struct services *s, const void *settings, void **out);
	/* Ended by a row without prefix; they live as long as the service. Called once. */
	const struct http_route *(*routes)(void *self);
	/* Called after open(). PEM file of the authority whose clients have a name here; those
	 * without a certificate are served, too. NULL, or NULL as the answer: what "tls" says. */
	const char *(*client_ca)(void *self);
	/* Can it do its work? If not: why, in memory of cx. From any thread. NULL: whenever it is
	 * open. */
	bool (*is_ready)(struct hm_cx *cx, void *self, struct hm_str *out_why);
	/* What does not go well although it is ready: lines below the "ok" of /readyz. From any
	 * thread. NULL: never anything. */
	void (*put_notes)(void *self, struct hm_buf *out);
	/* Its lines of /metrics, in Prometheus' text format. From any thread. NULL: none but those
	 * of its server. */
	void (*put_metrics)(void *self, struct hm_buf *out);
	void (*close)(
		void *self); /* after all servers have stopped. NULL: there is nothing to close */
};

/* Ended by NULL, in the order in which they are started. */
extern const struct service *const cli_services[];

/* A row of the table, and what runs of it. */
struct service_run {
	const struct service *row;
	const struct serve_service *told;
	bool is_wanted; /* guests are always */
	void *self;
	atomic_bool is_open; /* self is there */
	/* The second is for metrics, which may be asked for before http_server_start() has come
	 * back. */
	struct http_server *server, *_Atomic counted;
};

struct services {
	const struct service *const *table;
	const struct serve_config *config;
	const char *config_dir;
	const struct oci_access *access; /* how registries are reached */
	struct http_memory memory;       /* of all servers */
	/* The rest is cli_services_start()'s. */
	struct service_run *runs; /* in the order of the table */
	size_t n;
	struct http_listener *listeners; /* of each server one after the other */
	const char **names;              /* whose they are */
	size_t listeners_n;
	struct cli_feed *feed; /* NULL: nobody hears */
};

/* Does the configuration want any that is not a guest? */
bool cli_services_are_wanted(const struct service *const *table, const struct serve_config *c);
/* Open and start what is wanted. Everything lives in cx. cli_services_stop() must follow, be there
 * a fault or not. */
HM_MUST hm_err cli_services_start(struct hm_cx *cx, struct services *s);
/* What the feed's registry is called: HOST[:PORT], by its configuration, or else by its listener,
 * where an address for all is "localhost". HM_INPUT: it has neither. */
HM_MUST hm_err cli_services_name_of(struct hm_cx *cx, const struct services *s, struct hm_str *out);
/* Stop all servers, then close all services, the last ones first. */
void cli_services_stop(struct services *s);

#endif
