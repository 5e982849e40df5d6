/* SPDX-License-Identifier: Apache-2.0 */
/* Socket thread. */
#include "http/server/pace.h"

/* Bytes a second that a peer must give or take; and where others wait. */
enum { LEAST = 256, LEAST_PRESSED = 16 * 1024 };

void http_pace_begin(struct http_pace *p, int64_t now, uint64_t moved)
{
	p->since = now;
	p->moved = moved;
}

bool http_pace_is_slow(struct http_pace *p, int64_t now, uint64_t moved)
{
	uint64_t seconds = (uint64_t)((now - p->since) / HM_SECOND);
	if (seconds < HM_MAX_HTTP_STALL)
		return false;
	bool slow = moved - p->moved < LEAST * seconds;
	http_pace_begin(p, now, moved);
	return slow;
}

void http_pace_tick(struct http_pace *p, uint64_t moved)
{
	/* a client that began a moment ago is as fast as its first second */
	uint64_t last = moved - p->before;
	p->rate = p->ticks++ ? (p->rate + last) / 2 : last;
	p->before = moved;
}

bool http_pace_is_in_the_way(const struct http_pace *p)
{
	return p->ticks > 2 && p->rate < LEAST_PRESSED;
}
