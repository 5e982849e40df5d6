/* SPDX-License-Identifier: Apache-2.0 */
/* Dates of HTTP (RFC 9110, 5.6.7). */
#include <time.h>

#include "http/parts.h"

bool http_date_parse(struct hm_str s, int64_t *out)
{
	/* IMF-fixdate, and the two old forms that are read but never written */
	static const char *const forms[] = { "%a, %d %b %Y %H:%M:%S GMT",
					     "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y" };
	char text[40];
	if (s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	for (size_t i = 0; i < HM_LEN(forms); i++) {
		struct tm tm = { 0 };
		const char *end = strptime(text, forms[i], &tm);
		if (!end || *end || end != text + s.n)
			continue;
		*out = hm_utc(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
			      tm.tm_sec);
		return true;
	}
	return false;
}

struct hm_str http_date_format(struct hm_cx *cx, int64_t seconds)
{
	struct tm tm;
	char text[40];
	time_t t = (time_t)seconds;
	gmtime_r(&t, &tm);
	return hm_dup(cx, hm_bytes(text,
				   strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm)));
}
