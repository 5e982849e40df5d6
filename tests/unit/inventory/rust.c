/* SPDX-License-Identifier: Apache-2.0 */
/* The list of crates in a Rust program: found while it streams by, and read. */
#include "unit.h"

#include <zlib.h>

#include "codec/stream.h"
#include "inventory/cataloger.h"
#include "inventory/rust_scan.h"

enum { LOADED = 2000 }; /* where the segment ends */

struct shape {
	bool is_64, is_big;
};

static void put(struct hm_buf *b, const struct shape *s, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		hm_buf_char(b, (char)(v >> 8 * (s->is_big ? width - 1 - i : i)));
}

static void put_section(struct hm_buf *b, const struct shape *s, uint64_t name, uint64_t at,
			uint64_t size)
{
	size_t w = s->is_64 ? 8 : 4;
	put(b, s, name, 4), put(b, s, 1, 4), put(b, s, 0, w), put(b, s, 0, w);
	put(b, s, at, w), put(b, s, size, w), put(b, s, 0, 4), put(b, s, 0, 4);
	put(b, s, 1, w), put(b, s, 0, w);
}

/* A program whose section `name` holds `data`, within its one segment. */
static struct hm_str program(struct hm_cx *cx, const struct shape *s, const char *name,
			     struct hm_str data)
{
	HM_AUTO_BUF b = HM_BUF(1 << 24);
	size_t w = s->is_64 ? 8 : 4, names_n = 12 + strlen(name);
	size_t segment_n = s->is_64 ? 56 : 32, section_n = s->is_64 ? 64 : 40;
	size_t names_at = data.n + LOADED;
	hm_buf_add(&b, HM_STR("\177ELF"));
	hm_buf_char(&b, s->is_64 ? 2 : 1), hm_buf_char(&b, s->is_big ? 2 : 1);
	hm_buf_add(&b, hm_bytes("\1\0\0\0\0\0\0\0\0\0", 10));
	put(&b, s, 2, 2), put(&b, s, 62, 2), put(&b, s, 1, 4), put(&b, s, 0, w);
	size_t phoff = s->is_64 ? 64 : 52;
	put(&b, s, phoff, w), put(&b, s, names_at + names_n, w), put(&b, s, 0, 4);
	put(&b, s, phoff, 2), put(&b, s, segment_n, 2), put(&b, s, 1, 2);
	put(&b, s, section_n, 2), put(&b, s, 2, 2), put(&b, s, 0, 2);
	put(&b, s, 1, 4);
	if (s->is_64)
		put(&b, s, 4, 4);
	put(&b, s, 0, w), put(&b, s, 0, w), put(&b, s, 0, w);
	put(&b, s, names_at, w), put(&b, s, names_at, w);
	if (!s->is_64)
		put(&b, s, 4, 4);
	put(&b, s, 4096, w);
	while (b.n < LOADED)
		hm_buf_char(&b, '.');
	hm_buf_add(&b, data);
	hm_buf_add(&b, HM_STR("\0.shstrtab\0"));
	hm_buf_addz(&b, name);
	hm_buf_char(&b, '\0');
	put_section(&b, s, 1, names_at, names_n);
	put_section(&b, s, 11, LOADED, data.n);
	return hm_dup(cx, hm_buf_str(&b));
}

static struct hm_str packed(struct hm_cx *cx, struct hm_str text)
{
	uLongf n = compressBound(text.n);
	uint8_t *p = hm_new(cx, uint8_t, n);
	assert_int_equal(compress2(p, &n, (const Bytef *)text.p, text.n, 9), Z_OK);
	return hm_bytes(p, n);
}

static hm_err read_crates(struct hm_cx *cx, struct hm_str bytes, struct inventory_findings *out)
{
	struct inventory_file file = { .path = HM_STR("usr/bin/x"), .bytes = bytes };
	return inventory_catalog(cx, inventory_cataloger_find("cargo-auditable"), &file, out);
}

static const struct shape shapes[] = {
	{ true, false }, { true, true }, { false, false }, { false, true }
};

static void lists_crates(void **state)
{
	(void)state;
	static const char text[] =
		"{\"packages\":[{\"name\":\"app\",\"version\":\"0.1.0\",\"source\":\"local\",\"dependencies\":[1,2,9,-1],"
		"\"root\":true},{\"name\":\"cc\",\"version\":\"1.0.0\",\"source\":\"crates.io\",\"kind\":\"build\"},"
		"{\"name\":\"serde\",\"version\":\"1.0.200\",\"source\":\"crates.io\"}],\"format\":1}";
	for (size_t i = 0; i < HM_LEN(shapes); i++) {
		HM_AUTO_CX cx = HM_CX(SIZE_MAX);
		struct inventory_findings f;
		struct hm_str list = packed(&cx, hm_cstr(text));
		assert_ok(read_crates(&cx, program(&cx, &shapes[i], ".dep-v0", list), &f));
		assert_int_equal(f.components.n, 2);
		assert_strz(f.components.p[0].purl, "pkg:cargo/app@0.1.0");
		assert_strz(f.components.p[1].purl, "pkg:cargo/serde@1.0.200");
		assert_int_equal(f.components.p[0].depends.n, 2);
		assert_strz(f.components.p[0].depends.p[1], "pkg:cargo/serde@1.0.200");
	}
}

static const struct bad {
	const char *label, *text, *words;
	enum hm_code code;
} bad[] = {
	{ "no JSON", "{", "unexpected end of data", HM_INPUT },
	{ "no list", "{}", "packages", HM_INPUT },
	{ "a crate without version", "{\"packages\":[{\"name\":\"a\"}]}", "version", HM_INPUT },
	{ "a crate without name", "{\"packages\":[{\"name\":\"\",\"version\":\"1\"}]}",
	  "without name", HM_INPUT },
	{ "a crate that is none", "{\"packages\":[1]}", "\"name\" is missing", HM_INPUT },
};

static void refuses(void **state)
{
	const struct bad *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct inventory_findings f;
	struct hm_str list = packed(&cx, hm_cstr(t->text));
	assert_fault(read_crates(&cx, program(&cx, &shapes[0], ".dep-v0", list), &f), t->code,
		     t->words);
}

static void inflates_within_limits(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct inventory_findings f;
	struct hm_str zeros = { hm_new(&cx, char, HM_MAX_AUDITABLE + 1), HM_MAX_AUDITABLE + 1 };
	struct hm_str list = packed(&cx, zeros), out;
	assert_fault(read_crates(&cx, program(&cx, &shapes[0], ".dep-v0", list), &f), HM_LIMIT,
		     "inflates to more than");
	list = packed(&cx, HM_STR("{\"packages\":[]}"));
	assert_ok(zlib_unpack(&cx, list, 15, &out));
	assert_strz(out, "{\"packages\":[]}");
	assert_fault(zlib_unpack(&cx, list, 14, &out), HM_LIMIT, "more than 14 bytes");
	for (size_t n = 0; n < list.n; n++)
		assert_fault(zlib_unpack(&cx, hm_sub(list, 0, n), 99, &out), HM_INPUT, "zlib");
	struct hm_str wrong = hm_dup(&cx, list);
	((char *)(uintptr_t)wrong.p)[list.n - 1] ^= 1; /* its checksum */
	assert_fault(read_crates(&cx, program(&cx, &shapes[0], ".dep-v0", wrong), &f), HM_INPUT,
		     "zlib");
}

/* A name that stands for something else, sections that are not in the file. */
static void finds_nothing(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct inventory_findings f;
	struct hm_str list = packed(&cx, HM_STR("{"));
	struct hm_str all = program(&cx, &shapes[0], ".dep-v1", list);
	assert_ok(read_crates(&cx, all, &f));
	assert_int_equal(f.components.n, 0);
	all = program(&cx, &shapes[0], ".dep-v0", list);
	for (size_t n = 0; n < all.n; n++) {
		assert_ok(read_crates(&cx, hm_sub(all, 0, n), &f));
		assert_int_equal(f.components.n, 0);
	}
}

static bool scan(struct hm_str all, size_t step)
{
	struct rust_scan r;
	inventory_rust_scan_begin(&r);
	for (size_t at = 0; at < all.n; at += step)
		inventory_rust_scan_feed(&r, hm_sub(all, 0, at + step < 2048 ? at + step : 2048),
					 at, hm_sub(all, at, step));
	return r.seen;
}

static void scans(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str data = hm_bytes(hm_new(&cx, char, 3000), 3000);
	for (size_t i = 0; i < HM_LEN(shapes); i++) {
		struct hm_str yes = program(&cx, &shapes[i], ".dep-v0", data);
		struct hm_str no = program(&cx, &shapes[i], ".dep-v", data);
		struct hm_str inside = program(&cx, &shapes[i], ".text", HM_STR("x\0.dep-v0\0y"));
		for (size_t step = 1; step < 5000; step += step < 40 ? 1 : 97) {
			assert_true(scan(yes, step));
			assert_false(scan(no, step));
			assert_false(scan(inside, step)); /* what is loaded is no name */
		}
	}
}

int main(void)
{
	UNIT(lists_crates);
	UNIT_TABLE(refuses, bad);
	UNIT(inflates_within_limits);
	UNIT(finds_nothing);
	UNIT(scans);
	return unit_run("inventory/rust");
}
