/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "inventory/go_scan.h"

enum { SIZE = 8192 };

#define MAGIC "\xff Go buildinf:"

static char file[SIZE];

/* What is put where, behind an ELF magic; and what must come out. */
static const struct scan {
	const char *label;
	struct {
		size_t at;
		char pointer, flags;
		const char *strings; /* counted ones, at + 32 */
		size_t n;
	} parts[3];
	const char *want; /* the strings; NULL: nothing is found */
	bool whole;
} scans[] = {
	{ "inline strings", { { 4096, 8, 2, "\10go1.22.1\3mod", 13 } }, "\10go1.22.1\3mod", false },
	{ "a development version", { { 4096, 8, 2, "\10devel-xy\0", 10 } }, "\10devel-xy", false },
	{ "big endian", { { 4096, 8, 3, "\10go1.22.1\3mod", 13 } }, "\10go1.22.1\3mod", false },
	{ "addresses: the whole file is needed", { { 4096, 8, 0, "", 0 } }, NULL, true },
	{ "addresses of 32 bits, big endian", { { 4096, 4, 1, "", 0 } }, NULL, true },
	{ "not at a multiple of 16", { { 4100, 8, 2, "\10go1.22.1\3mod", 13 } }, NULL, false },
	{ "only the magic, of an impossible size", { { 4096, 5, 0, "", 0 } }, NULL, false },
	{ "a version of something else", { { 4096, 8, 2, "\10rust1.22\3mod", 13 } }, NULL, false },
	{ "an endless version", { { 4096, 8, 2, "\xff\xff\xff\x7f", 4 } }, NULL, false },
	{ "behind something that looks like it",
	  { { 1024, 8, 2, "\50no", 3 },
	    { 1104, 7, 7, "", 0 },
	    { 4096, 8, 2, "\10go1.22.1\3mod", 13 } },
	  "\10go1.22.1\3mod",
	  false },
	{ "right behind something that looks like it",
	  { { 1024, 8, 2, "\0", 1 }, { 1056, 8, 2, "\10go1.22.1\3mod", 13 } },
	  "\10go1.22.1\3mod",
	  false },
	{ "the first counts",
	  { { 1024, 8, 2, "\6go1.20\1a", 9 }, { 4096, 8, 2, "\10go1.22.1\3mod", 13 } },
	  "\6go1.20\1a",
	  false },
	{ "at the very end",
	  { { SIZE - 48, 8, 2, "\10go1.22.1\3mod", 13 } },
	  "\10go1.22.1\3mod",
	  false },
	{ "cut off by the end", { { SIZE - 48, 8, 2, "\10go1.22.1\20mod", 13 } }, NULL, false },
};

static void run(const struct scan *t, size_t piece, size_t hole)
{
	struct go_scan g = { 0 };
	inventory_go_scan_begin(&g);
	for (size_t at = 0; at < SIZE; at += piece) {
		size_t n = at + piece > SIZE ? SIZE - at : piece;
		/* Pieces of zeros may be left out, as in a sparse file. */
		bool zero = true;
		for (size_t i = 0; i < n; i++)
			zero &= file[at + i] == 0;
		if (!zero || !hole)
			inventory_go_scan_feed(&g, at, hm_bytes(file + at, n));
	}
	inventory_go_scan_feed(&g, SIZE, HM_STR("")); /* a hole at the end */
	assert_int_equal(g.state == GO_FOUND, t->want != NULL);
	assert_int_equal(g.whole_needed, t->whole);
	if (t->want) {
		struct hm_str got = hm_buf_str(&g.got);
		assert_true(hm_starts(got, hm_bytes(MAGIC, 14)));
		assert_true(got.n >= 32 + strlen(t->want));
		assert_str(hm_sub(got, 32, strlen(t->want)), hm_cstr(t->want));
		assert_true(got.n <= 32 + strlen(t->want) + 1);
	}
	hm_buf_done(&g.got);
}

static void scans_a_file(void **state)
{
	const struct scan *t = *state;
	static const size_t pieces[] = { SIZE, 4096, 512, 100, 33, 16, 7, 4 };
	memset(file, 0, SIZE);
	memcpy(file,
	       "\x7f"
	       "ELF",
	       4);
	for (size_t i = 0; i < HM_LEN(t->parts) && t->parts[i].at; i++) {
		char *p = file + t->parts[i].at;
		memcpy(p, MAGIC, 14);
		p[14] = t->parts[i].pointer;
		p[15] = t->parts[i].flags;
		memcpy(p + 32, t->parts[i].strings, t->parts[i].n);
	}
	for (size_t i = 0; i < HM_LEN(pieces); i++) {
		run(t, pieces[i], 0);
		run(t, pieces[i], 1);
	}
}

static void other_files_are_left_alone(void **state)
{
	(void)state;
	struct go_scan g = { 0 };
	inventory_go_scan_begin(&g);
	memset(file, 0, SIZE);
	memcpy(file + 16, MAGIC, 14);
	inventory_go_scan_feed(&g, 0, hm_bytes(file, SIZE));
	assert_int_equal(g.state, GO_NOT_ELF);
	inventory_go_scan_begin(&g);
	inventory_go_scan_feed(&g, 4096,
			       HM_STR("\x7f"
				      "ELF"));
	assert_int_equal(g.state, GO_NOT_ELF);
	hm_buf_done(&g.got);
}

int main(void)
{
	UNIT_TABLE(scans_a_file, scans);
	UNIT(other_files_are_left_alone);
	return unit_run("inventory/go_scan");
}
