/* SPDX-License-Identifier: Apache-2.0 */
/* Zips are made with libarchive, and then damaged. */
#include "unit.h"

#include <archive.h>
#include <archive_entry.h>

#include "codec/zip.h"

static char store[1 << 20];

static struct hm_str make_zip(const char *options, const char *name, struct hm_str body)
{
	size_t used = 0;
	struct archive *a = archive_write_new();
	assert_int_equal(archive_write_set_format_zip(a), ARCHIVE_OK);
	assert_int_equal(archive_write_set_options(a, options), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, store, sizeof(store), &used), ARCHIVE_OK);
	const char *names[] = { name, "empty" };
	for (size_t i = 0; i < 2; i++) {
		struct archive_entry *e = archive_entry_new();
		archive_entry_set_pathname(e, names[i]);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0644);
		archive_entry_set_size(e, i ? 0 : (la_int64_t)body.n);
		assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
		if (!i && body.n)
			assert_int_equal(archive_write_data(a, body.p, body.n), body.n);
		archive_entry_free(e);
	}
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	return hm_bytes(store, used);
}

static const struct good {
	const char *label, *options;
	size_t size;
} good[] = {
	{ "a stored entry is a slice of the file", "compression=store", 5 },
	{ "a deflated entry is inflated", "compression=deflate", 100000 },
	{ "zip64 sizes are read", "compression=deflate,zip64", 100000 },
	{ "an entry of no bytes", "compression=deflate", 0 },
};

static void reads(void **state)
{
	const struct good *t = *state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	char *body = hm_new(&cx, char, t->size + 1);
	for (size_t i = 0; i < t->size; i++)
		body[i] = (char)('a' + i % 23);
	struct hm_str s = make_zip(t->options, "dir/name", hm_bytes(body, t->size));
	struct zip z;
	assert_ok(zip_open(&cx, s, &z));
	assert_int_equal(z.n, 2);
	const struct zip_entry *e = zip_find(&z, HM_STR("dir/name"));
	assert_non_null(e);
	struct hm_str got;
	assert_ok(zip_read(&cx, &z, e, 0, &got));
	assert_str(got, hm_bytes(body, t->size));
	assert_ok(zip_read(&cx, &z, zip_find(&z, HM_STR("empty")), 0, &got));
	assert_int_equal(got.n, 0);
	assert_null(zip_find(&z, HM_STR("dir")));
}

static void reads_behind_a_script(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	struct hm_str s = make_zip("compression=deflate", "a", HM_STR("hello hello hello"));
	struct hm_str whole = hm_fmt(&cx, "#!/bin/sh\nexec java -jar $0\n");
	char *room = hm_new(&cx, char, whole.n + s.n);
	memcpy(room, whole.p, whole.n);
	memcpy(room + whole.n, s.p, s.n);
	struct zip z;
	struct hm_str got;
	assert_ok(zip_open(&cx, hm_bytes(room, whole.n + s.n), &z));
	assert_ok(zip_read(&cx, &z, &z.entries[0], 0, &got));
	assert_strz(got, "hello hello hello");
}

/* What Java reads is read: see tests/interop/jars.sh, which asks it. */
static void reads_what_loaders_read(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	struct hm_str s = make_zip("compression=deflate", "a", HM_STR("hello hello hello"));
	size_t end = hm_find(s, HM_STR("PK\5\6")), central = hm_find(s, HM_STR("PK\1\2"));
	struct zip z;
	struct hm_str got;
	char *room = hm_new(&cx, char, s.n + 70000);
	memcpy(room, s.p, s.n);
	memset(room + s.n, 'x', 70000);
	/* behind its end, as far as a comment could reach */
	assert_ok(zip_open(&cx, hm_bytes(room, s.n + 65600), &z));
	assert_int_equal(z.n, 2);
	assert_fault(zip_open(&cx, hm_bytes(room, s.n + 65900), &z), HM_INPUT, "no end record");
	/* numbers of entries that are not true: a lower one hides none */
	memcpy(room + end + 8, "\7\0\7\0", 4);
	assert_ok(zip_open(&cx, hm_bytes(room, s.n), &z));
	assert_int_equal(z.n, 2);
	/* nor does it as a part of several disks */
	memcpy(room + end + 4, "\7\0\7\0\1\0\1\0", 8);
	assert_ok(zip_open(&cx, hm_bytes(room, s.n), &z));
	assert_int_equal(z.n, 2);
	/* a checksum that does not match, where nobody compares it */
	room[central + 16] ^= 1;
	assert_ok(zip_open(&cx, hm_bytes(room, s.n), &z));
	assert_fault(zip_read(&cx, &z, &z.entries[0], 0, &got), HM_INPUT, "checksum");
	z.unchecked = true;
	assert_ok(zip_read(&cx, &z, &z.entries[0], 0, &got));
	assert_strz(got, "hello hello hello");
	/* an end record in the comment leads nowhere */
	memcpy(room + end + 20, "\40\0", 2);
	memcpy(room + s.n, room + end, 22);
	memcpy(room + s.n + 12, "\1\0\0\0", 4);
	memset(room + s.n + 22, ' ', 10);
	assert_ok(zip_open(&cx, hm_bytes(room, s.n + 32), &z));
	assert_int_equal(z.n, 2);
}

static void the_last_of_one_name_counts(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	struct hm_str s = make_zip("compression=store", "empty", HM_STR("first"));
	struct zip z;
	struct hm_str got;
	assert_ok(zip_open(&cx, s, &z));
	assert_ok(zip_read(&cx, &z, zip_find(&z, HM_STR("empty")), 0, &got));
	assert_int_equal(got.n, 0);
}

/* Each: overwrite bytes at an offset from the last (negative) or first occurrence of a
 * signature. */
static const struct bad {
	const char *label;
	const char *signature;
	int at;
	const char *bytes;
	size_t n;
	enum hm_code code;
	const char *words;
} bad[] = {
	{ "no end record", "PK\5\6", 0, "x", 1, HM_INPUT, "no end record" },
	{ "a directory outside the file", "PK\5\6", 16, "\xff\xff\xff\x7f", 4, HM_INPUT,
	  "not inside" },
	{ "a zip64 record that is not there", "PK\5\6", 16, "\xff\xff\xff\xff", 4, HM_INPUT,
	  "not inside" },
	{ "a damaged directory", "PK\1\2", 0, "x", 1, HM_INPUT, "directory is damaged" },
	{ "a name longer than the directory", "PK\1\2", 28, "\xff\xff", 2, HM_INPUT,
	  "directory is damaged" },
	{ "another checksum", "PK\1\2", 16, "\1\2\3\4", 4, HM_INPUT, "checksum" },
	{ "another size", "PK\1\2", 24, "\7\0\0\0", 4, HM_INPUT, "another length" },
	{ "a size past the limit", "PK\1\2", 24, "\0\0\0\x7f", 4, HM_LIMIT, "larger than" },
	{ "a packed size past the file", "PK\1\2", 20, "\0\0\0\x7f", 4, HM_INPUT, "is damaged" },
	{ "an offset past the file", "PK\1\2", 42, "\0\0\0\x7f", 4, HM_INPUT, "not inside" },
	{ "an encrypted entry", "PK\1\2", 8, "\1", 1, HM_INPUT, "encrypted" },
	{ "an unknown method", "PK\1\2", 10, "\14\0", 2, HM_INPUT, "method 12" },
	{ "damaged data", "PK\7\10", -8, "\xff\xff\xff\xff", 4, HM_INPUT, "deflate" },
	{ "a local header that is none", "PK\3\4", 0, "x", 1, HM_INPUT, "is damaged" },
};

static void refuses(void **state)
{
	const struct bad *t = *state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	struct hm_str s =
		make_zip("compression=deflate", "a", HM_STR("hello hello hello hello hello"));
	size_t at = hm_find(s, hm_bytes(t->signature, 4));
	assert_true(at < s.n);
	memcpy(store + at + t->at, t->bytes, t->n);
	struct zip z;
	struct hm_str got;
	hm_err err = zip_open(&cx, s, &z);
	if (!err)
		err = zip_read(&cx, &z, &z.entries[0], 0, &got);
	assert_fault(err, t->code, t->words);
}

static void refuses_every_prefix(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	struct hm_str s = make_zip("compression=deflate,zip64", "a", HM_STR("hello hello hello"));
	for (size_t n = 0; n < s.n; n++) {
		struct zip z;
		assert_fault(zip_open(&cx, hm_sub(s, 0, n), &z), HM_INPUT, "zip:");
	}
}

int main(void)
{
	UNIT_TABLE(reads, good);
	UNIT(reads_behind_a_script);
	UNIT(reads_what_loaders_read);
	UNIT(the_last_of_one_name_counts);
	UNIT_TABLE(refuses, bad);
	UNIT(refuses_every_prefix);
	return unit_run("codec/zip");
}
