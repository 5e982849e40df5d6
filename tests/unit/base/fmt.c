/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>

#include "base/base.h"
#include "base/fmt.h"

/* What the C library makes of numbers and C strings, we make too. */
#define SAME_AS_LIBC(...)                                    \
	do {                                                 \
		char want[1024];                             \
		snprintf(want, sizeof(want), __VA_ARGS__);   \
		assert_strz(hm_fmt(&cx, __VA_ARGS__), want); \
		HM_AUTO_BUF b = HM_BUF(2048);                \
		hm_buf_fmt(&b, __VA_ARGS__);                 \
		assert_strz(hm_buf_str(&b), want);           \
	} while (0)

static void numbers_and_c_strings_are_as_printf_writes_them(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	static const int ints[] = { 0, 1, -1, 7, 42, -42, 1000000, INT_MAX, INT_MIN };
	for (size_t i = 0; i < HM_LEN(ints); i++) {
		int v = ints[i];
		SAME_AS_LIBC("%d|%i|%u|%x|%X|%o", v, v, (unsigned)v, (unsigned)v, (unsigned)v,
			     (unsigned)v);
		SAME_AS_LIBC("%5d|%-5d|%05d|%+d|% d|%.3d|%8.3d|%-8.3d|%*d", v, v, v, v, v, v, v, v,
			     9, v);
		SAME_AS_LIBC("%04x|%02X|%08x|%3u|%-3u|%hhd|%hd|%hhu|%hu", (unsigned)v, (unsigned)v,
			     (unsigned)v, (unsigned)v, (unsigned)v, (signed char)v, (short)v,
			     (unsigned char)v, (unsigned short)v);
	}
	SAME_AS_LIBC("%ld %lu %lld %llu %zu %zd %jd %ju %td", LONG_MIN, ULONG_MAX, LLONG_MIN,
		     ULLONG_MAX, SIZE_MAX, (ssize_t)-1, INTMAX_MIN, UINTMAX_MAX, (ptrdiff_t)-9);
	SAME_AS_LIBC("%08llx %016llx %llX", 0x1234ULL, ULLONG_MAX, 0xabcdefULL);
	SAME_AS_LIBC("%.1f|%.2f|%.9f|%f|%e|%g|%.3g|%8.2f|%-8.2f|%08.2f|%+.1f", 0.25, -1.005,
		     1.0 / 3, 2.5, 12345.678, 0.0001, 1e100, 3.14159, 3.14159, -3.14159, 2.0);
	SAME_AS_LIBC("%.0f %g %.17g %f", 0.5, 1e-5, 0.1, 1.7976931348623157e308);
	SAME_AS_LIBC("%s|%10s|%-10s|%.2s|%5.1s|%c|%5c|%-5c|%%|", "abc", "abc", "abc", "abc", "abc",
		     'x', 'y', 'z');
	SAME_AS_LIBC("%s", "");
	SAME_AS_LIBC("%p", (void *)&cx);
	SAME_AS_LIBC("no conversion");
}

/* Around the size up to which texts are formatted once, around the old limit, and far above. */
static const struct size_case {
	const char *label;
	size_t n;
} sizes[] = {
	{ "nothing", 0 },     { "a byte", 1 },     { "511", 511 },   { "512", 512 },
	{ "513", 513 },       { "4095", 4095 },    { "4096", 4096 }, { "4097", 4097 },
	{ "100000", 100000 }, { "5 MB", 5000000 },
};

static void a_slice_is_written_exactly(void **state)
{
	const struct size_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	char *p = hm_new(&cx, char, t->n + 1);
	for (size_t i = 0; i < t->n; i++)
		p[i] = (char)(i * 31 % 256); /* each byte value, NUL too */
	struct hm_str s = { p, t->n }, all;
	HM_AUTO_BUF want = HM_BUF(3 * t->n + 100), have = HM_BUF(3 * t->n + 100);
	hm_buf_addz(&want, "<");
	hm_buf_add(&want, s);
	hm_buf_addz(&want, "> <");
	hm_buf_add(&want, s);
	hm_buf_addz(&want, "> 7");
	all = hm_fmt(&cx, "<%.*s> <%.*s> %d", HM_FMT(s), HM_FMT(s), 7);
	assert_str(all, hm_buf_str(&want));
	assert_int_equal(all.p[all.n], 0);
	hm_buf_fmt(&have, "<%.*s> <%.*s> %d", HM_FMT(s), HM_FMT(s), 7);
	assert_str(hm_buf_str(&have), hm_buf_str(&want));
}

static void a_buffer_that_is_too_small_gets_nothing(void **state)
{
	(void)state;
	HM_AUTO_BUF b = HM_BUF(10);
	hm_buf_fmt(&b, "%s", "12345");
	hm_buf_fmt(&b, "%.*s", HM_FMT(HM_STR("678901")));
	assert_true(b.over);
	assert_strz(hm_buf_str(&b), "12345");
}

static void a_fixed_room_is_never_cut_into(void **state)
{
	(void)state;
	char room[8];
	assert_true(hm_fmt_room(room, sizeof(room), "%.*s", HM_FMT(HM_STR("1234567"))));
	assert_string_equal(room, "1234567");
	assert_false(hm_fmt_room(room, sizeof(room), "%.*s", HM_FMT(HM_STR("12345678"))));
	assert_string_equal(room, "");
	assert_false(hm_fmt_room(room, sizeof(room), "%.*s", HM_FMT(HM_STR("a\0b"))));
	assert_string_equal(room, "");
}

static const struct sentence_case {
	const char *label;
	struct hm_str slice;
	const char *want;
} sentences[] = {
	{ "plain", HM_STR_INIT("a b"), "\"a b\"" },
	{ "NUL", HM_STR_INIT("a\0b"), "\"a\\x00b\"" },
	{ "escape", HM_STR_INIT("\033[2J"), "\"\\x1b[2J\"" },
	{ "new line", HM_STR_INIT("a\nb\r"), "\"a\\x0ab\\x0d\"" },
	{ "delete", HM_STR_INIT("\x7f"), "\"\\x7f\"" },
	{ "C1", HM_STR_INIT("\xc2\x9b"), "\"\\xc2\\x9b\"" },
	{ "UTF-8", HM_STR_INIT("gr\xc3\xbc\xc3\x9f \xe2\x82\xac"),
	  "\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac\"" },
	{ "not UTF-8", HM_STR_INIT("\xff\xc3"), "\"\\xff\\xc3\"" },
};

static void a_sentence_shows_what_would_steer(void **state)
{
	const struct sentence_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	assert_strz(hm_say(&cx, "\"%.*s\"", HM_FMT(t->slice)), t->want);
	assert_string_equal(hm_fail(&cx, HM_INPUT, "\"%.*s\"", HM_FMT(t->slice))->why, t->want);
	if (!memchr(t->slice.p, '\0', t->slice.n))
		assert_strz(hm_say(&cx, "\"%s\"", hm_dupz(&cx, t->slice)), t->want);
}

static void a_sentence_is_cut_where_people_see_it(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str s = { hm_new(&cx, char, 100000), 0 };
	for (; s.n < 3 * 10000; s.n += 3)
		memcpy((char *)(uintptr_t)s.p + s.n, "\xe2\x82\xac", 3);
	struct hm_str said = hm_say(&cx, "<%.*s>", HM_FMT(s));
	assert_int_equal(said.n, 1 + HM_SENTENCE_SLICE / 3 * 3 + 3 + 1);
	assert_true(hm_is_utf8(said));
	assert_true(hm_ends(said, HM_STR("...>")));
	struct hm_str whole = hm_sub(s, 0, HM_SENTENCE_SLICE / 3 * 3);
	assert_int_equal(hm_say(&cx, "<%.*s>", HM_FMT(whole)).n, whole.n + 2);
	/* a sentence within a sentence is not escaped twice */
	hm_err err = hm_fail(&cx, HM_INPUT, "\"%.*s\"", HM_FMT(HM_STR("a\0b")));
	assert_string_equal(hm_wrap(&cx, err, "in \"%s\"", "x")->why, "in \"x\": \"a\\x00b\"");
	assert_string_equal(hm_fail(&cx, HM_INPUT, "%s", err->why)->why, err->why);
}

int main(void)
{
	UNIT(numbers_and_c_strings_are_as_printf_writes_them);
	UNIT_TABLE(a_slice_is_written_exactly, sizes);
	UNIT(a_buffer_that_is_too_small_gets_nothing);
	UNIT(a_fixed_room_is_never_cut_into);
	UNIT_TABLE(a_sentence_shows_what_would_steer, sentences);
	UNIT(a_sentence_is_cut_where_people_see_it);
	return unit_run("base/fmt");
}
