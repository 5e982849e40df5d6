/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

int64_t hm_mono(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * HM_SECOND + ts.tv_nsec;
}

int64_t hm_now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec;
}

hm_err hm_pause(struct hm_cx *cx, int64_t ns)
{
	enum { STEP = 20 * 1000 * 1000 };
	for (int64_t now, until = hm_mono() + ns; (now = hm_mono()) < until;) {
		HM_TRY(hm_alive(cx));
		int64_t left = until - now;
		nanosleep(&(struct timespec){ .tv_nsec = left < STEP ? left : STEP }, NULL);
	}
	return NULL;
}

bool hm_source_date_epoch(int64_t *out)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	uint64_t v;
	if (!text || !hm_u64(hm_cstr(text), UINT64_C(253402300799), &v)) /* the end of year 9999 */
		return false;
	*out = (int64_t)v;
	return true;
}

/* Days since 1970-01-01: H. Hinnant, "chrono-compatible low-level date algorithms". */
static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int64_t hm_utc(int year, int month, int day, int hour, int minute, int second)
{
	return days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

static char *put_digits(char *to, int n, int width, char behind)
{
	for (int i = width; i-- > 0; n /= 10)
		to[i] = (char)('0' + n % 10);
	to[width] = behind;
	return to + width + 1;
}

struct hm_str hm_rfc3339(struct hm_cx *cx, int64_t when)
{
	enum { WIDTH = sizeof("0000-00-00T00:00:00Z") - 1 };
	struct tm tm;
	time_t t = when;
	if (!gmtime_r(&t, &tm))
		return HM_STR("0000-00-00T00:00:00Z");
	if (tm.tm_year >= -1900 && tm.tm_year + 1900 <= 9999) { /* answers have thousands */
		char *text = hm_new(cx, char, WIDTH + 1), *at = text;
		at = put_digits(at, tm.tm_year + 1900, 4, '-');
		at = put_digits(at, tm.tm_mon + 1, 2, '-');
		at = put_digits(at, tm.tm_mday, 2, 'T');
		at = put_digits(at, tm.tm_hour, 2, ':');
		at = put_digits(at, tm.tm_min, 2, ':');
		(void)put_digits(at, tm.tm_sec, 2, 'Z');
		return (struct hm_str){ text, WIDTH };
	}
	return hm_fmt(cx, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		      tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static bool cut_number(struct hm_str *s, size_t n, uint64_t max, char end, int *out)
{
	uint64_t v;
	if (s->n < n || !hm_u64(hm_sub(*s, 0, n), max, &v))
		return false;
	*s = hm_from(*s, n);
	if (end && (s->n == 0 || hm_lower_char(s->p[0]) != end))
		return false;
	*s = hm_from(*s, end != 0);
	*out = (int)v;
	return true;
}

/* "Z", "+hh:mm" or "-hh:mm" and nothing more. */
static bool parse_offset(struct hm_str s, int *out_seconds)
{
	int h, m, sign;
	if (s.n == 1 && hm_lower_char(s.p[0]) == 'z') {
		*out_seconds = 0;
		return true;
	}
	if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-'))
		return false;
	sign = s.p[0] == '+' ? 1 : -1;
	s = hm_from(s, 1);
	if (!cut_number(&s, 2, 23, ':', &h) || !cut_number(&s, 2, 59, 0, &m))
		return false;
	*out_seconds = sign * (h * 3600 + m * 60);
	return true;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

/* Skips a fraction of a second (".5"). A dot without digits gives empty text, which is not a time.
 */
static struct hm_str skip_fraction(struct hm_str s)
{
	size_t digits = 0;
	if (!s.n || s.p[0] != '.')
		return s;
	for (s = hm_from(s, 1); s.n && hm_is_digit(s.p[0]); digits++)
		s = hm_from(s, 1);
	return digits ? s : HM_STR("");
}

hm_err hm_rfc3339_parse(struct hm_cx *cx, struct hm_str s, int64_t *out)
{
	struct hm_str in = s;
	int y, mo, d, h, mi, se, off;
	if (!cut_number(&s, 4, 9999, '-', &y) || !cut_number(&s, 2, 12, '-', &mo) ||
	    !cut_number(&s, 2, 31, 't', &d) || !cut_number(&s, 2, 23, ':', &h) ||
	    !cut_number(&s, 2, 59, ':', &mi) || !cut_number(&s, 2, 60, 0, &se))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not an RFC 3339 time", HM_FMT(in));
	s = skip_fraction(s);
	if (mo < 1 || d < 1 || d > days_in_month(y, mo) || !parse_offset(s, &off))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not an RFC 3339 time", HM_FMT(in));
	*out = hm_utc(y, mo, d, h, mi, se) - off;
	return NULL;
}

static int64_t unit_ns(struct hm_str *s)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = { { "ms", HM_SECOND / 1000 }, { "us", 1000 },          { "ns", 1 },
		      { "h", 3600 * HM_SECOND },  { "m", 60 * HM_SECOND }, { "s", HM_SECOND } };
	for (size_t i = 0; i < HM_LEN(units); i++) {
		if (!hm_starts(*s, hm_cstr(units[i].name)))
			continue;
		*s = hm_from(*s, strlen(units[i].name));
		return units[i].ns;
	}
	return 0;
}

hm_err hm_duration(struct hm_cx *cx, struct hm_str s, int64_t *out_ns)
{
	struct hm_str in = s;
	int64_t total = 0;
	bool good = s.n > 0;
	while (good && s.n) {
		size_t n = 0;
		uint64_t v;
		int64_t part;
		while (n < s.n && hm_is_digit(s.p[n]))
			n++;
		good = hm_u64(hm_sub(s, 0, n), INT64_MAX, &v);
		s = hm_from(s, n);
		int64_t unit = good ? unit_ns(&s) : 0;
		good = good && unit && !__builtin_mul_overflow((int64_t)v, unit, &part) &&
		       !__builtin_add_overflow(total, part, &total);
	}
	if (!good)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a duration such as 720h or 1h30m",
			       HM_FMT(in));
	*out_ns = total;
	return NULL;
}
