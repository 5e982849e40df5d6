/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch.h - a command on many artifacts: opens the places that were named, resolves the references,
 * and works on each distinct digest of a place once, on several threads.
 */
#ifndef CLI_BATCH_H
#define CLI_BATCH_H

#include "cli/cli.h"

/* A repository, a layout or an archive. */
struct cli_source {
	struct oci_target target;
	struct hm_str scope;     /* for the caller */
	struct oci_place *place; /* NULL: `look` decided that it is not opened */
};

struct cli_item {
	struct hm_cx cx; /* owns what is known of it; used by one thread at a time */
	const struct cli_source *source;
	struct hm_str reference; /* tag or digest, as given; empty: the only one */
	struct hm_str tag;       /* the same, if it is a tag */
	struct hm_str name;      /* with the digest, where that is known */
	struct oci_descriptor descriptor;
	hm_err err;                  /* it could not be resolved, or worked on */
	const struct cli_item *twin; /* an earlier item with the same digest; or NULL */
};

struct cli_batch {
	struct {
		struct cli_source *p;
		size_t n, cap;
	} sources;
	struct {
		struct cli_item *p;
		size_t n, cap;
	} items;
	unsigned threads;
};

struct cli_batch_terms {
	enum oci_mode mode;
	bool all;             /* every tag of each target, except those of the referrers fallback */
	uint64_t concurrency; /* 0: 16 for a registry or a layout that is written to, else as many
				 as processors */
	/* Sets the source's scope, and whether it is to be opened. NULL: all are opened. */
	hm_err (*look)(struct hm_cx *cx, void *arg, struct cli_source *s, bool *out_open);
	void *arg;
};
/* HM_USAGE: a target that names one artifact, of which all are asked for. A source that cannot be
 * opened or listed is a fault; an artifact that cannot be resolved has it as its own. */
HM_MUST hm_err cli_batch_open(struct hm_cx *cx, struct cli *cli, const struct cli_batch_terms *t,
			      char *const *args, size_t args_n, struct cli_batch *out);
void cli_batch_done(struct cli_batch *b);
#define CLI_AUTO_BATCH HM_CLEANUP(cli_batch_done) struct cli_batch
/* Work on each item that could be resolved and has no twin, with progress: run(arg, item, i), in
 * memory of the item's cx; its fault becomes the item's. */
HM_MUST hm_err cli_batch_run(struct hm_cx *cx, struct cli_batch *b, const char *what,
			     hm_err (*run)(void *arg, struct cli_item *item, size_t i), void *arg);
/* The first fault of an item, with its name; NULL: none. */
HM_MUST hm_err cli_batch_fault(struct hm_cx *cx, const struct cli_batch *b);

#endif
