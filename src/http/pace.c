/* SPDX-License-Identifier: Apache-2.0 */
#include "http/parts.h"

/* Bytes a second, and after how many seconds they are counted. */
static const struct {
	int64_t seconds;
	uint64_t least;
} paces[] = {
	{ HM_MAX_HTTP_STALL, 256 },
	{ 3, 16 * HM_KIB }, /* others wait for the thread that this peer keeps */
};

void http_pace_begin(struct http_pace *p, int64_t now, uint64_t moved)
{
	*p = (struct http_pace){ now, moved };
}

bool http_pace_is_slow(struct http_pace *p, int64_t now, uint64_t moved, bool pressed)
{
	uint64_t seconds = (uint64_t)((now - p->since) / HM_SECOND);
	if (seconds < (uint64_t)paces[pressed].seconds)
		return false;
	bool slow = moved - p->moved < paces[pressed].least * seconds;
	http_pace_begin(p, now, moved);
	return slow;
}
