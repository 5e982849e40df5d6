/* SPDX-License-Identifier: Apache-2.0 */
/* Archives with jars in them, made byte by byte: those that are written again, and those that are
 * not. */
#include "unit.h"

#include "codec/gzip.h"
#include "repair/java/archive.h"
#include "repair/java/java.h"

/* How an archive differs from a plain one. The second of its entries is meant. */
struct shape {
	const char *before, *comment, *behind, *local_name, *name;
	bool counted;    /* what stands before is part of the offsets */
	bool descriptor; /* sizes stand behind the data */
	bool unsigned_descriptor, lying_descriptor;
	bool backwards; /* the directory's order is the other one */
	unsigned flags, method, local_size, packed, gap, extra, mode, disk;
	int count, offset, moved; /* what is added to numbers */
	bool locator, same_name;
};

enum { ENTRIES = 4 };
static const struct item {
	const char *name, *data;
} items[ENTRIES] = {
	{ "META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\n\r\n" },
	{ "lib/a-1.jar", "the old jar" },
	{ "BOOT-INF/classpath.idx", "- \"lib/a-1.jar\"\r\n- \"lib/b-1.jar\"\n" },
	{ "z.txt", "the last" },
};

static const char *name_of(const struct shape *s, size_t i)
{
	if (i == 1 && s->name)
		return s->name;
	return i == 3 && s->same_name ? items[0].name : items[i].name;
}

static void put_numbers(struct hm_buf *b, const char *data, uint64_t packed)
{
	hm_buf_le(b, gzip_crc32(hm_cstr(data)), 4);
	hm_buf_le(b, packed, 4);
	hm_buf_le(b, packed, 4);
}

static void put_local(struct hm_buf *b, const struct shape *s, size_t i)
{
	const char *name = i == 1 && s->local_name ? s->local_name : name_of(s, i);
	const char *data = items[i].data;
	bool own = i == 1, later = own && (s->descriptor || s->unsigned_descriptor);
	uint64_t size = own && s->packed ? s->packed : strlen(data);
	hm_buf_le(b, 0x04034b50, 4);
	hm_buf_le(b, 20, 2);
	hm_buf_le(b, later ? 8 : 0, 2);
	hm_buf_le(b, 0, 2);
	hm_buf_le(b, 0x58215821, 4);
	if (later)
		hm_buf_add(b, hm_bytes("\0\0\0\0\0\0\0\0\0\0\0", 12));
	else
		put_numbers(b, data, own && s->local_size ? s->local_size : size);
	hm_buf_le(b, strlen(name), 2);
	hm_buf_le(b, own ? s->extra : 0, 2);
	hm_buf_addz(b, name);
	for (unsigned k = 0; own && k < s->extra; k++)
		hm_buf_char(b, 'e');
	hm_buf_addz(b, data);
	if (later && s->descriptor)
		hm_buf_le(b, 0x08074b50, 4);
	if (later)
		put_numbers(b, s->lying_descriptor ? "x" : data, size);
	for (unsigned k = 0; own && k < s->gap; k++)
		hm_buf_char(b, 'g');
}

static void put_central(struct hm_buf *b, const struct shape *s, size_t i, uint64_t offset)
{
	const char *name = name_of(s, i), *comment = i == 1 ? "UNPACK:0123" : "kept";
	bool own = i == 1;
	hm_buf_le(b, 0x02014b50, 4);
	hm_buf_le(b, 0x031e, 2);
	hm_buf_le(b, 20, 2);
	hm_buf_le(b, own ? s->flags : 0, 2);
	hm_buf_le(b, own ? s->method : 0, 2);
	hm_buf_le(b, 0x58215821, 4);
	put_numbers(b, items[i].data, own && s->packed ? s->packed : strlen(items[i].data));
	hm_buf_le(b, strlen(name), 2);
	hm_buf_le(b, 5, 2);
	hm_buf_le(b, strlen(comment), 2);
	hm_buf_le(b, own ? s->disk : 0, 2);
	hm_buf_le(b, 1, 2);
	hm_buf_le(b, (uint64_t)(own && s->mode ? s->mode : 0100640) << 16, 4);
	hm_buf_le(b, own ? offset + (uint64_t)(int64_t)s->moved : offset, 4);
	hm_buf_addz(b, name);
	hm_buf_add(b, hm_bytes("\x99\x99\x01\x00x", 5));
	hm_buf_addz(b, comment);
}

static void put_zip64(struct hm_buf *b, uint64_t size, uint64_t at)
{
	uint64_t record = b->n;
	hm_buf_le(b, 0x06064b50, 4);
	hm_buf_le(b, 44, 8);
	hm_buf_le(b, 0, 4);
	hm_buf_le(b, 0, 8);
	hm_buf_le(b, ENTRIES, 8);
	hm_buf_le(b, ENTRIES, 8);
	hm_buf_le(b, size, 8);
	hm_buf_le(b, at, 8);
	hm_buf_le(b, 0x07064b50, 4);
	hm_buf_le(b, 0, 4);
	hm_buf_le(b, record, 8);
	hm_buf_le(b, 1, 4);
}

static struct hm_str make(struct hm_cx *cx, const struct shape *s)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	uint64_t offsets[ENTRIES], base = s->before && !s->counted ? strlen(s->before) : 0;
	hm_buf_addz(&b, s->before ? s->before : "");
	for (size_t i = 0; i < ENTRIES; i++) {
		offsets[i] = b.n - base;
		put_local(&b, s, i);
	}
	uint64_t at = b.n;
	for (size_t i = 0; i < ENTRIES; i++) {
		size_t k = s->backwards ? ENTRIES - 1 - i : i;
		put_central(&b, s, k, offsets[k]);
	}
	uint64_t end = b.n;
	if (s->locator)
		put_zip64(&b, end - at, at - base);
	hm_buf_le(&b, 0x06054b50, 4);
	hm_buf_le(&b, 0, 4);
	hm_buf_le(&b, (uint64_t)(ENTRIES + s->count), 2);
	hm_buf_le(&b, (uint64_t)(ENTRIES + s->count), 2);
	hm_buf_le(&b, end - at, 4);
	hm_buf_le(&b, at - base + (uint64_t)(int64_t)s->offset, 4);
	hm_buf_le(&b, s->comment ? strlen(s->comment) : 0, 2);
	hm_buf_addz(&b, s->comment ? s->comment : "");
	hm_buf_addz(&b, s->behind ? s->behind : "");
	return hm_dup(cx, hm_buf_str(&b));
}

static struct hm_str put_together(struct hm_cx *cx, struct hm_str old, struct hm_str jar,
				  const struct java_pieces *pieces)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (size_t i = 0; i < pieces->n; i++) {
		const struct java_piece *p = &pieces->p[i];
		hm_buf_add(&b, p->kind == JAVA_OLD   ? hm_sub(old, p->at, p->n)
			       : p->kind == JAVA_PUT ? jar
						     : p->text);
	}
	return hm_dup(cx, hm_buf_str(&b));
}

/* --- written again --- */

static const struct good_case {
	const char *label;
	struct shape shape;
} good[] = {
	{ "a plain archive", { 0 } },
	{ "behind a script that offsets do not count", { .before = "#!/bin/sh\n" } },
	{ "behind a script that they count", { .before = "#!/bin/sh\n", .counted = true } },
	{ "with a comment", { .comment = "a comment" } },
	{ "with sizes behind the data", { .descriptor = true } },
	{ "with sizes behind the data, without signature", { .unsigned_descriptor = true } },
	{ "in another order than its directory", { .backwards = true } },
	{ "with extra fields where it lies", { .extra = 9 } },
};

static void check_entry(struct hm_cx *cx, const struct java_archive *a, size_t i, struct hm_str jar)
{
	const struct zip_entry *z = &a->zip.entries[i];
	struct hm_str got, comment = a->entries[i].comment;
	size_t k = 0;
	assert_ok(zip_read(cx, &a->zip, z, 0, &got));
	if (hm_eqz(z->name, "lib/a-2.jar")) {
		assert_str(got, jar);
		assert_strz(comment, "UNPACK:abcd");
		assert_int_equal(z->method, 0);
		assert_int_equal(z->mode, 0100640);
		assert_int_equal(z->mtime, 1700000000 - 1700000000 % 2);
		return;
	}
	while (k < ENTRIES && !hm_eqz(z->name, items[k].name))
		k++;
	assert_true(k < ENTRIES && k != 1);
	assert_strz(comment, "kept");
	assert_strz(got, k == 2 ? "- \"lib/a-2.jar\"\r\n- \"lib/b-1.jar\"\n" : items[k].data);
}

static void writes(void **state)
{
	const struct good_case *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct hm_str jar = HM_STR("the new jar, which is longer"), old = make(&cx, &t->shape);
	struct java_put put = {
		HM_STR("lib/a-1.jar"), HM_STR("lib/a-2.jar"),       jar.n,
		gzip_crc32(jar),       1700000000 /* 2023-11-14 */, HM_STR("abcd")
	};
	struct java_puts puts = { &put, 1, 1 };
	struct java_pieces pieces = { 0 };
	struct java_archive before, after;
	assert_ok(repair_java_archive(&cx, old, &before));
	assert_ok(repair_java_rewrite(&cx, old, &puts, &pieces));
	struct hm_str now = put_together(&cx, old, jar, &pieces);
	assert_ok(repair_java_archive(&cx, now, &after));
	assert_int_equal(after.n, ENTRIES);
	assert_int_equal(after.shift, before.shift);
	assert_str(after.comment, before.comment);
	for (size_t i = 0; i < ENTRIES; i++)
		check_entry(&cx, &after, i, jar);
	assert_strz(hm_sub(now, 0, t->shape.before ? strlen(t->shape.before) : 0),
		    t->shape.before ? t->shape.before : "");
	if (!t->shape.backwards)
		assert_strz(after.entries[1].name, "lib/a-2.jar");
}

/* --- and not --- */

static const struct bad_case {
	const char *label;
	struct shape shape;
	const char *why;
} bad[] = {
	{ "signed", { .name = "META-INF/a.sf" }, "it is signed (META-INF/a.sf)" },
	{ "encrypted", { .flags = 1 }, "\"lib/a-1.jar\" is encrypted" },
	{ "with hidden heads", { .flags = 1 << 13 }, "of an unusual kind" },
	{ "on another disk", { .disk = 1 }, "of an unusual kind" },
	{ "with a link", { .mode = 0120777 }, "is a link" },
	{ "with a name twice", { .same_name = true }, "\"META-INF/MANIFEST.MF\" is there twice" },
	{ "with another name inside", { .local_name = "lib/x-1.jar" }, "another name where" },
	{ "with a longer name inside", { .local_name = "lib/a-1.jars" }, "another name where" },
	{ "with another method", { .method = 8 }, "another size or kind where" },
	{ "with another size inside", { .local_size = 5 }, "another size or kind where" },
	{ "whose sizes behind the data lie",
	  { .descriptor = true, .lying_descriptor = true },
	  "that nothing explains" },
	{ "with bytes between", { .gap = 3 }, "behind \"lib/a-1.jar\" are bytes" },
	{ "with as many bytes between as sizes have", { .gap = 12 }, "that nothing explains" },
	{ "that overlaps", { .packed = 40 }, "overlaps what follows" },
	{ "that reaches over its directory", { .packed = 5000 }, "is not where" },
	{ "that lies a little further", { .moved = 2 }, "that nothing explains" },
	{ "that lies behind its end", { .moved = 100000 }, "that nothing explains" },
	{ "that lies where another does", { .moved = -75 }, "overlaps what follows" },
	{ "with fewer entries than it says", { .count = 1 }, "than its directory" },
	{ "with more entries than it says", { .count = -1 }, "than its directory" },
	{ "whose directory is elsewhere", { .offset = 4 }, "is not inside the file" },
	{ "whose directory is elsewhere behind a script",
	  { .before = "#!/bin/sh\n", .offset = 4 },
	  "is not where" },
	{ "with something behind", { .behind = "x" }, "its end is not plain" },
	{ "with a second end in its comment", { .comment = "PK\5\6xx" }, "its end is not plain" },
	{ "for large files", { .locator = true }, "zip64" },
};

static void refuses(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct hm_str old = make(&cx, &t->shape);
	struct java_put put = { .entry = HM_STR("lib/a-1.jar"), .name = HM_STR("lib/a-2.jar") };
	struct java_puts puts = { &put, 1, 1 };
	struct java_pieces pieces = { 0 };
	struct java_archive a;
	assert_fault(repair_java_archive(&cx, old, &a), HM_INPUT, t->why);
	assert_fault(repair_java_rewrite(&cx, old, &puts, &pieces), HM_INPUT, t->why);
	assert_int_equal(pieces.n, 0);
}

static const struct put_case {
	const char *label, *entry, *name, *why;
} puts_refused[] = {
	{ "an entry that is not there", "lib/b-1.jar", "lib/b-2.jar", "is not there" },
	{ "a name that is there", "lib/a-1.jar", "z.jar/../z.txt", "cannot be the name" },
	{ "a name that is no archive's", "lib/a-1.jar", "lib/a-2.txt", "cannot be the name" },
	{ "no name", "lib/a-1.jar", "", "cannot be the name" },
	{ "what is no archive", "z.txt", "z.jar", "cannot be the name" },
};

static void refuses_put(void **state)
{
	const struct put_case *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct java_put put = { .entry = hm_cstr(t->entry), .name = hm_cstr(t->name) };
	struct java_puts puts = { &put, 1, 1 };
	struct java_pieces pieces = { 0 };
	assert_fault(repair_java_rewrite(&cx, make(&cx, &(struct shape){ 0 }), &puts, &pieces),
		     HM_INPUT, t->why);
}

static void refuses_a_name_twice(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct shape shape = { .name = "x.jar" };
	struct java_put both[] = { { .entry = HM_STR("x.jar"), .name = HM_STR("y.jar") },
				   { .entry = HM_STR("x.jar"), .name = HM_STR("w.jar") } };
	struct java_puts puts = { both, 2, 2 };
	struct java_pieces pieces = { 0 };
	assert_fault(repair_java_rewrite(&cx, make(&cx, &shape), &puts, &pieces), HM_INPUT,
		     "\"x.jar\" is not there");
}

/* --- Spring Boot's lists --- */

static const struct line_case {
	const char *label, *line, *name;
} lines[] = {
	{ "of a class path", "- \"BOOT-INF/lib/a-1.jar\"", "BOOT-INF/lib/a-1.jar" },
	{ "of a layer", "  - \"BOOT-INF/lib/a-1.jar\"\r", "BOOT-INF/lib/a-1.jar" },
	{ "a layer's own", "- \"dependencies\":", "" },
	{ "without quotes", "- BOOT-INF/lib/a-1.jar", "" },
	{ "with a quote in it", "- \"a\"b.jar\"", "" },
	{ "with an escape", "- \"a\\u0062.jar\"", "" },
	{ "nothing in it", "- \"\"", "" },
	{ "one quote", "- \"", "" },
	{ "nothing", "", "" },
};

static void line(void **state)
{
	const struct line_case *t = *state;
	assert_strz(repair_java_index_name(hm_cstr(t->line)), t->name);
}

/* --- what is said of it --- */

static struct json look_at(struct hm_cx *cx, const struct shape *s)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json look;
	assert_ok(repair_java_look(cx, HM_STR("app/x.jar"), make(cx, s), &b));
	assert_ok(json_parse(cx, hm_dup(cx, hm_buf_str(&b)), JSON_STRICT, &look));
	return look;
}

static void says_what_is_inside(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct json look = look_at(&cx, &(struct shape){ 0 }), nested = json_get(look, "nested");
	assert_int_equal(json_size(nested), 1);
	assert_strz(json_str(json_get(json_at(nested, 0), "entry")), "lib/a-1.jar");
	assert_true(hm_find(json_str(json_get(json_at(nested, 0), "look")), HM_STR("why")) !=
		    SIZE_MAX);
	assert_int_equal(json_size(json_get(look, "indexed")), 0); /* that list is written again */
	assert_false(json_is_there(json_get(look, "whyWhole")));
	look = look_at(&cx, &(struct shape){ .gap = 1 });
	assert_int_equal(json_size(json_get(look, "nested")), 0);
	assert_true(json_str(json_get(look, "whyWhole")).n > 0);
}

int main(void)
{
	UNIT_TABLE(writes, good);
	UNIT_TABLE(refuses, bad);
	UNIT_TABLE(refuses_put, puts_refused);
	UNIT(refuses_a_name_twice);
	UNIT_TABLE(line, lines);
	UNIT(says_what_is_inside);
	return unit_run("repair/java_archive");
}
