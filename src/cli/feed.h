/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed.h - what the services of one program tell the graph beside them: which manifests were
 * pushed.
 *
 * Whoever tells does not wait and cannot fail: there is room for CLI_FEED_PUSHES, and what finds
 * none is counted. Whoever hears of a loss lists what there is, so nothing stays unknown; the same
 * is done when the program starts, for what came while nobody heard it.
 */
#ifndef CLI_FEED_H
#define CLI_FEED_H

#include <pthread.h>

#include "base/base.h"
#include "oci/oci.h"

enum { CLI_FEED_PUSHES = 512 };

struct cli_feed_push {
	char repository[256], digest[144], tag[136]; /* tag: empty, or the last of them */
};
/* What was told since it was asked the last time. */
struct cli_feed_news {
	struct cli_feed_push pushes[CLI_FEED_PUSHES];
	size_t pushes_n;
	uint64_t lost; /* pushes that found no room */
};

struct cli_feed {
	/* Of the registry that tells, once it is open: the registry itself, what it is called
	 * (NULL: after its listener), and the name of its row. */
	struct oci_registry *registry;
	const char *called, *row;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool is_ended;
	struct cli_feed_news *news; /* that is filled; under the lock */
	struct cli_feed_news *spare;
	_Atomic uint64_t lost; /* since the beginning */
};

/* It lives in cx. */
struct cli_feed *cli_feed_open(struct hm_cx *cx);
void cli_feed_done(struct cli_feed *f); /* nobody hears it any more; NULL is allowed */

/* Of the registry (oci_registry_pushed); `arg` is the feed. */
void cli_feed_push(void *arg, const struct oci_registry_push *push);

/* Waits for news; until the monotonic time `until`, unless that is 0, and where it is negative not
 * at all. False: it is ended. The news are the caller's until it asks again. */
bool cli_feed_wait(struct cli_feed *f, int64_t until, struct cli_feed_news **out);
/* Whoever waits returns, now and from now on. */
void cli_feed_end(struct cli_feed *f);

#endif
