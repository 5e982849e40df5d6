/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed.h - what the services of one program tell the graph beside them: which manifests were
 * pushed, and what the gate decided.
 *
 * Whoever tells does not wait and cannot fail: there is room for CLI_FEED_PUSHES, and what finds
 * none is counted. Whoever hears of a loss lists what there is, so nothing stays unknown; the same
 * is done when the program starts, for what came while nobody heard it.
 *
 * The same decision again is counted, and decisions are given out once a second at the most. There
 * is room for CLI_FEED_DECISIONS that differ; what finds none is counted, too, and not known later.
 */
#ifndef CLI_FEED_H
#define CLI_FEED_H

#include <pthread.h>

#include "base/base.h"
#include "gate/gate.h"
#include "oci/oci.h"

enum { CLI_FEED_PUSHES = 512, CLI_FEED_DECISIONS = 128 };

struct cli_feed_push {
	char repository[256], digest[144], tag[136]; /* tag: empty, or the last of them */
};
/* Texts that are longer than their room are cut. */
struct cli_feed_decision {
	uint64_t hash;
	int64_t first, last; /* seconds since 1970 */
	uint64_t times;
	bool admitted, unknown;
	char image[512], digest[144], namespace[256], workload[320], policy[64], revision[144],
		why[1024];
};
/* What was told since it was asked the last time. */
struct cli_feed_news {
	struct cli_feed_push pushes[CLI_FEED_PUSHES];
	size_t pushes_n;
	struct cli_feed_decision decisions[CLI_FEED_DECISIONS];
	size_t decisions_n;
	uint64_t lost; /* pushes that found no room */
};

struct cli_feed {
	/* Of the registry that tells, once it is open: the registry itself, what it is called
	 * (NULL: after its listener), and the name of its row. */
	struct oci_registry *registry;
	const char *called, *row;
	bool has_gate; /* there is one that tells */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool is_ended;
	struct cli_feed_news *news; /* that is filled; under the lock */
	struct cli_feed_news *spare;
	int64_t decisions_due;                   /* monotonic: they are not given out before */
	_Atomic uint64_t lost, decided, unheard; /* since the beginning: pushes without room;
						    decisions; those without room */
};

/* It lives in cx. */
struct cli_feed *cli_feed_open(struct hm_cx *cx);
void cli_feed_done(struct cli_feed *f); /* nobody hears it any more; NULL is allowed */

/* Of the registry (oci_registry_pushed); `arg` is the feed. */
void cli_feed_push(void *arg, const struct oci_registry_push *push);

/* Of the gate (gate_decided). */
void cli_feed_decided(void *arg, const struct gate_decision *d);
/* The same once more: it could not be kept, and is to be tried again. */
void cli_feed_again(struct cli_feed *f, const struct cli_feed_decision *d);

/* Waits for news; until the monotonic time `until`, unless that is 0, and where it is negative not
 * at all. False: it is ended. The news are the caller's until it asks again. */
bool cli_feed_wait(struct cli_feed *f, int64_t until, struct cli_feed_news **out);
/* Whoever waits returns, now and from now on. */
void cli_feed_end(struct cli_feed *f);

#endif
