/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace.h - how fast a peer gives or takes a body.
 *
 * Counted anew in each window of HM_MAX_HTTP_STALL seconds, so that a good beginning pays for
 * nothing later. `moved` is all bytes so far; times are monotonic.
 */
#ifndef HTTP_SERVER_PACE_H
#define HTTP_SERVER_PACE_H

#include "base/base.h"

struct http_pace {
	int64_t since;
	uint64_t moved;
	uint64_t rate, before; /* bytes a second, of late; all bytes at the last tick */
	unsigned ticks;
};
void http_pace_begin(struct http_pace *p, int64_t now, uint64_t moved);
/* Has a window ended in which too little moved? */
bool http_pace_is_slow(struct http_pace *p, int64_t now, uint64_t moved);
/* Once a second: the rate is half of the last second, a quarter of the one before, and so on. */
void http_pace_tick(struct http_pace *p, uint64_t moved);
/* Is the peer so slow that it has to go where others wait for what it keeps? Not in its first two
 * seconds. */
bool http_pace_is_in_the_way(const struct http_pace *p);

#endif
