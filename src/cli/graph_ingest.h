/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_ingest.h - what the files of `graph ingest` share.
 */
#ifndef CLI_GRAPH_INGEST_H
#define CLI_GRAPH_INGEST_H

#include "cli/graph_server.h"
#include "trust/trust.h"

struct cli_ingest_options {
	struct cli_graph graph;
	const char *scope, *registry;
	uint64_t concurrency, interval;
	bool all, watch;
};
struct cli_ingest;
/* One file goes in, or is refused (cli_ingest_note()). A fault has another cause than the file. */
typedef hm_err cli_ingest_take(struct hm_cx *cx, struct cli_ingest *in, const char *path);
/* What became of one document. */
struct cli_ingested {
	struct hm_str path;
	struct graph_taken taken;
	struct hm_str signer; /* the key of an identity; empty: it is not known */
	enum graph_belief belief;
	struct hm_str why_not; /* it was refused; empty: it is there */
};
struct cli_ingest {
	struct {
		struct cli_ingested *p;
		size_t n, cap;
	} all;
	size_t taken, known, refused;
	struct graph *graph;              /* NULL: it is a server's */
	cli_ingest_take *take;            /* of files */
	struct graph_intake *intake;      /* of this graph; or NULL */
	struct cli_graph_server *server;  /* open, where there is --server */
	const struct trust_config *trust; /* NULL: there is no policy */
	const struct cli_ingest_options *o;
	bool is_watch; /* rounds after the first: what is known is passed over */
};
/* Its texts are copied. */
void cli_ingest_note(struct hm_cx *cx, struct cli_ingest *in, const struct cli_ingested *one);
/* A file, or a folder with all below it. */
HM_MUST hm_err cli_ingest_path(struct hm_cx *cx, struct cli_ingest *in, const char *top);
/* For ->server: is sent there. */
HM_MUST hm_err cli_ingest_send(struct hm_cx *cx, struct cli_ingest *in, const char *path);
/* Images with what refers to them, several at once. */
HM_MUST hm_err cli_ingest_refs(struct hm_cx *cx, struct cli *cli, struct cli_ingest *in,
			       char *const *refs, size_t refs_n);
/* The repositories of o->registry that fit one of the patterns; none: all. */
HM_MUST hm_err cli_ingest_registry(struct hm_cx *cx, struct cli *cli, struct cli_ingest *in,
				   char *const *patterns, size_t patterns_n);

#endif
