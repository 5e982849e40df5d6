/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve.h - what `hullmark serve` is told: hullmark.yaml, and flags that win over it.
 */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include "base/base.h"
#include "codec/json.h"
#include "trust/trust.h"

struct service;

/* The configuration of one service. */
struct serve_service {
	const char *address; /* "ADDR:PORT" to listen on; NULL: not wanted */
	void *settings;      /* its own */
};

struct serve_config {
	const char *data_dir;
	struct serve_service *services;     /* of each row of the table, in its order */
	const char *cert, *key, *client_ca; /* PEM files; NULL: none */
	uint64_t memory;                    /* for requests in flight; 0: HM_MAX_HTTP_MEMORY */
	struct hm_strs allow_hosts;         /* names that requests without TLS may be for */
	struct trust_patience patience;     /* with who knows about revocation */
	struct hm_strs plain_hosts;         /* registries[] with plainHTTP */
	struct hm_strs ca_files;            /* registries[].caFile */
};

/* No service is enabled, and all settings are zero. */
void cli_serve_config_init(struct hm_cx *cx, const struct service *const *table,
			   struct serve_config *c);
/*
 * Read hullmark.yaml into *c, with a section for each service of the table; what it does not name
 * stays as it is. HM_INPUT: not YAML, another version, a key that is not known (an error, so that a
 * misspelt rule is not a missing one).
 */
HM_MUST hm_err cli_serve_config(struct hm_cx *cx, struct hm_str text,
				const struct service *const *table, struct serve_config *c);

/* "67108864", "64MiB", "1GiB". HM_USAGE: it is neither, or less than 16 MiB. */
HM_MUST hm_err cli_serve_size(struct hm_cx *cx, struct hm_str text, uint64_t *out);

/* One key of a section; where it is absent *out stays as it is. HM_INPUT: it is something else. */
HM_MUST hm_err cli_serve_read_string(struct hm_cx *cx, struct json section, const char *key,
				     const char **out);
HM_MUST hm_err cli_serve_read_bool(struct hm_cx *cx, struct json section, const char *key,
				   bool *out);
HM_MUST hm_err cli_serve_read_strings(struct hm_cx *cx, struct json section, const char *key,
				      struct hm_strs *out);
/* The same as cli_serve_size(), or a number. */
HM_MUST hm_err cli_serve_read_size(struct hm_cx *cx, struct json section, const char *key,
				   uint64_t *out);
/* A mapping with none but its own keys; one that is absent is nothing. */
HM_MUST hm_err cli_serve_read_section(struct hm_cx *cx, struct json in, const char *name,
				      const char *const *known, struct json *out);

#endif
