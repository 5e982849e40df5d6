/* SPDX-License-Identifier: Apache-2.0 */
#include "http/client/client.h"

#include <sys/random.h>

#include "http/parts.h"

enum { FIRST_MS = 200, LONGEST_S = 30 };

bool http_retry_status(int status)
{
	return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

int64_t http_retry_pause(unsigned i, struct hm_str retry_after, int64_t now)
{
	uint64_t seconds;
	int64_t when;
	if (retry_after.n && hm_u64(retry_after, UINT32_MAX, &seconds) && seconds)
		return (seconds < LONGEST_S ? (int64_t)seconds : LONGEST_S) * HM_SECOND;
	if (retry_after.n && http_date_parse(retry_after, &when)) {
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
