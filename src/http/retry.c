/* SPDX-License-Identifier: Apache-2.0 */
#include "http/parts.h"

#include <sys/random.h>
#include <time.h>

enum { FIRST_MS = 200, LONGEST_S = 30 };

bool http_retry_status(int status)
{
	return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

/* IMF-fixdate (RFC 9110, 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". */
static bool parse_date(struct hm_str s, int64_t *out)
{
	struct tm tm = { 0 };
	char text[40];
	if (s.n != 29)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	if (!end || *end)
		return false;
	*out = hm_utc(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		      tm.tm_sec);
	return true;
}

int64_t http_retry_pause(unsigned i, struct hm_str retry_after, int64_t now)
{
	uint64_t seconds;
	int64_t when;
	if (retry_after.n && hm_u64(retry_after, UINT32_MAX, &seconds) && seconds)
		return (seconds < LONGEST_S ? (int64_t)seconds : LONGEST_S) * HM_SECOND;
	if (retry_after.n && parse_date(retry_after, &when)) {
		int64_t wait = when > now ? when - now : 0;
		return (wait < LONGEST_S ? wait : LONGEST_S) * HM_SECOND;
	}
	int64_t pause = (int64_t)FIRST_MS * (HM_SECOND / 1000) << (i < 7 ? i : 7);
	uint16_t jitter = 0;
	if (getrandom(&jitter, sizeof(jitter), GRND_NONBLOCK) < 0)
		jitter = 0;
	/* between three and five quarters of it, so that many clients do not come back at once */
	return pause * 3 / 4 + pause / 2 * jitter / UINT16_MAX;
}
