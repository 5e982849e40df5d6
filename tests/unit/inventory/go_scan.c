/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "inventory/go_scan.h"

enum { SIZE = 8192, DATA = 2048 };

#define MAGIC "\xff Go buildinf:"

static char file[SIZE];

/* An ELF file of 64 bits: a segment of code and constants up to 2048, then one of data. */
static void put_header(void)
{
	static const char ident[] = "\177ELF\2\1\1";
	HM_AUTO_BUF b = HM_BUF(SIZE);
	hm_buf_add(&b, hm_bytes(ident, 7));
	hm_buf_le(&b, 0, 8), hm_buf_le(&b, 0, 1);
	hm_buf_le(&b, 2, 2), hm_buf_le(&b, 62, 2), hm_buf_le(&b, 1, 4);
	hm_buf_le(&b, 0, 8), hm_buf_le(&b, 64, 8), hm_buf_le(&b, 0, 8); /* entry, phoff, shoff */
	hm_buf_le(&b, 0, 4), hm_buf_le(&b, 64, 2), hm_buf_le(&b, 56, 2), hm_buf_le(&b, 2, 2);
	hm_buf_le(&b, 0, 6);
	for (uint64_t i = 0; i < 2; i++) { /* PT_LOAD, r or rw, offset */
		uint64_t from = i ? DATA : 0, n = i ? SIZE - DATA : DATA;
		hm_buf_le(&b, 1, 4), hm_buf_le(&b, i ? 6 : 4, 4), hm_buf_le(&b, from, 8);
		hm_buf_le(&b, from, 8), hm_buf_le(&b, from, 8), hm_buf_le(&b, n, 8);
		hm_buf_le(&b, n, 8), hm_buf_le(&b, 4096, 8);
	}
	memcpy(file, b.p, b.n);
}

/* What is put where, behind an ELF header; and what must come out. */
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
	  { { 2560, 8, 2, "\50no", 3 },
	    { 2640, 7, 7, "", 0 },
	    { 4096, 8, 2, "\10go1.22.1\3mod", 13 } },
	  "\10go1.22.1\3mod",
	  false },
	{ "right behind something that looks like it",
	  { { 2560, 8, 2, "\0", 1 }, { 2592, 8, 2, "\10go1.22.1\3mod", 13 } },
	  "\10go1.22.1\3mod",
	  false },
	{ "the first counts",
	  { { 2560, 8, 2, "\6go1.20\1a", 9 }, { 4096, 8, 2, "\10go1.22.1\3mod", 13 } },
	  "\6go1.20\1a",
	  false },
	{ "not that of another program, which lies among the constants",
	  { { 1024, 8, 2, "\6go1.20\1a", 9 }, { 4096, 8, 2, "\10go1.22.1\3mod", 13 } },
	  "\10go1.22.1\3mod",
	  false },
	{ "only among the constants: the whole file must tell",
	  { { 1024, 8, 2, "\10go1.22.1\3mod", 13 } },
	  NULL,
	  true },
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
	put_header();
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
	assert_int_equal(g.state, GO_NO_PROGRAM);
	inventory_go_scan_begin(&g);
	inventory_go_scan_feed(&g, 4096,
			       HM_STR("\x7f"
				      "ELF"));
	assert_int_equal(g.state, GO_NO_PROGRAM);
	hm_buf_done(&g.got);
}

int main(void)
{
	UNIT_TABLE(scans_a_file, scans);
	UNIT(other_files_are_left_alone);
	return unit_run("inventory/go_scan");
}
