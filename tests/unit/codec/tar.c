/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The oracle is libarchive: archives made by it and by the system's tar, in every format, whole and
 * mutated, must read the same.
 */
#include "unit.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "codec/stream.h"
#include "codec/tar.h"

/* --- listings: "type path link size crc" a line --- */

struct reader {
	struct hm_buf list, body;
	struct tar_entry e;
};

static void list_entry(struct reader *r, char type, struct hm_str path, struct hm_str link,
		       bool file)
{
	hm_buf_fmt(&r->list, "%c %.*s", type, HM_FMT(path));
	if (link.n)
		hm_buf_fmt(&r->list, " -> %.*s", HM_FMT(link));
	if (file)
		hm_buf_fmt(&r->list, " %zu %08x", r->body.n, gzip_crc32(hm_buf_str(&r->body)));
	hm_buf_char(&r->list, '\n');
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	struct reader *r = arg;
	struct hm_str path;
	HM_TRY(tar_clean_path(cx, e->path, &path));
	hm_buf_clear(&r->body);
	*out_data = true;
	r->e = *e;
	if (e->type == TAR_FILE) {
		r->e.path = hm_dup(cx, path);
		return e->size > 8 << 20 ? hm_fail(cx, HM_LIMIT, "too large for the test") : NULL;
	}
	static const char types[] = { [TAR_HARDLINK] = 'h',
				      [TAR_SYMLINK] = 'l',
				      [TAR_DIR] = 'd',
				      [TAR_OTHER] = 'o',
				      [TAR_DEVICE] = 'o' };
	struct hm_str link =
		e->type == TAR_SYMLINK || e->type == TAR_HARDLINK ? e->link : HM_STR("");
	list_entry(r, types[e->type], path, link, false);
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	(void)cx;
	struct reader *r = arg;
	assert_true(offset >= r->body.n);
	size_t gap = offset - r->body.n;
	char *hole = hm_buf_room(&r->body, gap);
	assert_non_null(hole);
	memset(hole, 0, gap);
	hm_buf_add(&r->body, bytes);
	assert_true(r->body.n <= r->e.size);
	return NULL;
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	struct reader *r = arg;
	if (r->body.n < r->e.size)
		HM_TRY(on_data(cx, arg, r->e.size, HM_STR("")));
	list_entry(r, 'f', r->e.path, HM_STR(""), true);
	return NULL;
}

static const struct tar_events events = { on_entry, on_data, on_end };

static hm_err ours(struct hm_cx *cx, struct hm_str bytes, size_t piece, struct reader *r)
{
	r->list = HM_BUF(16 << 20);
	r->body = HM_BUF(16 << 20);
	TAR_AUTO t = tar_open(cx, &events, r);
	while (bytes.n) {
		HM_TRY(tar_feed(cx, t, hm_sub(bytes, 0, piece)));
		bytes = hm_from(bytes, piece);
	}
	return tar_end(cx, t);
}

static bool theirs(struct hm_cx *cx, struct hm_str bytes, struct reader *r)
{
	r->list = HM_BUF(16 << 20);
	r->body = HM_BUF(16 << 20);
	struct archive *a = archive_read_new();
	archive_read_support_format_tar(a);
	bool good = archive_read_open_memory(a, bytes.p, bytes.n) == ARCHIVE_OK;
	struct archive_entry *e;
	int status = ARCHIVE_EOF;
	while (good && (status = archive_read_next_header(a, &e)) == ARCHIVE_OK) {
		struct hm_str path;
		good = !tar_clean_path(cx, hm_cstr(archive_entry_pathname(e)), &path);
		hm_buf_clear(&r->body);
		r->e.size = (uint64_t)archive_entry_size(e);
		const char *hard = archive_entry_hardlink(e);
		unsigned type = archive_entry_filetype(e);
		if (!good || r->e.size > 8 << 20) {
			good = false;
		} else if (hard) {
			list_entry(r, 'h', path, hm_cstr(hard), false);
		} else if (type == AE_IFREG) {
			const void *p;
			size_t n;
			la_int64_t at;
			int d;
			while ((d = archive_read_data_block(a, &p, &n, &at)) == ARCHIVE_OK)
				assert_null(on_data(cx, r, (uint64_t)at, hm_bytes(p, n)));
			good = d == ARCHIVE_EOF;
			r->e.path = path;
			assert_null(on_end(cx, r));
		} else {
			list_entry(r,
				   type == AE_IFDIR   ? 'd'
				   : type == AE_IFLNK ? 'l'
						      : 'o',
				   path, hm_cstr(archive_entry_symlink(e)), false);
		}
	}
	archive_read_free(a);
	return good && status == ARCHIVE_EOF;
}

static void compare(struct hm_str bytes, size_t piece)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct reader a, b;
	assert_ok(ours(&cx, bytes, piece, &a));
	assert_true(theirs(&cx, bytes, &b));
	assert_str(hm_buf_str(&a.list), hm_buf_str(&b.list));
	assert_true(a.list.n > 0);
	hm_buf_done(&a.list);
	hm_buf_done(&a.body);
	hm_buf_done(&b.list);
	hm_buf_done(&b.body);
}

/* --- archives of libarchive --- */

static char room[1 << 20];

static void put(struct archive *a, unsigned type, const char *path, const char *link, size_t size)
{
	static char body[5000];
	struct archive_entry *e = archive_entry_new();
	archive_entry_set_pathname(e, path);
	archive_entry_set_filetype(e, type);
	archive_entry_set_perm(e, 0640);
	archive_entry_set_mtime(e, 1000, 5);
	if (link && type == AE_IFREG)
		archive_entry_set_hardlink(e, link);
	else if (link)
		archive_entry_set_symlink(e, link);
	else
		archive_entry_set_size(e, (la_int64_t)size);
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (char)(i * 7 + size);
	if (archive_write_header(a, e) == ARCHIVE_OK && size && !link)
		assert_int_equal(archive_write_data(a, body, size), size);
	archive_entry_free(e);
}

static const char *repeat(struct hm_cx *cx, const char *part, size_t n)
{
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	for (size_t i = 0; i < n; i++)
		hm_buf_addz(&b, part);
	return hm_dupz(cx, hm_buf_str(&b));
}

static struct hm_str make(struct hm_cx *cx, const char *format)
{
	size_t used = 0;
	struct archive *a = archive_write_new();
	assert_int_equal(archive_write_set_format_by_name(a, format), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, room, sizeof(room), &used), ARCHIVE_OK);
	put(a, AE_IFDIR, "./", NULL, 0);
	put(a, AE_IFREG, "./empty", NULL, 0);
	put(a, AE_IFREG, "one", NULL, 1);
	put(a, AE_IFREG, "block", NULL, 512);
	put(a, AE_IFREG, "more", NULL, 513);
	put(a, AE_IFREG, "/absolute/file", NULL, 4096);
	put(a, AE_IFREG, "a//b/./c", NULL, 3);
	put(a, AE_IFLNK, "link", "one", 0);
	put(a, AE_IFREG, "hard", "block", 0);
	put(a, AE_IFDIR, "dir", NULL, 0);
	put(a, AE_IFIFO, "pipe", NULL, 0);
	const char *deep = repeat(cx, "deep/", 25), *longer = repeat(cx, "longer-name/", 40);
	put(a, AE_IFREG, hm_fmt(cx, "%sfile", deep).p, NULL, 700);
	put(a, AE_IFREG, hm_fmt(cx, "%sfile", longer).p, NULL, 701);
	put(a, AE_IFLNK, hm_fmt(cx, "%slink", longer).p, longer, 0);
	put(a, AE_IFREG, hm_fmt(cx, "%shard", longer).p, hm_fmt(cx, "%sfile", longer).p, 0);
	put(a, AE_IFREG,
	    "b\xc3\xbc"
	    "cher",
	    NULL, 9);
	put(a, AE_IFREG, "last", NULL, 5000);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	return hm_bytes(room, used);
}

static const struct format {
	const char *label;
} formats[] = { { "ustar" }, { "pax" }, { "paxr" }, { "gnutar" }, { "v7tar" } };

static void reads_what_libarchive_writes(void **state)
{
	const struct format *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str s = make(&cx, t->label);
	compare(s, SIZE_MAX);
	compare(s, 512);
	compare(s, 77);
	compare(s, 1);
}

/* --- archives of the system's tar --- */

static void run(char *const *argv)
{
	pid_t pid;
	int status;
	assert_int_equal(posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static const char *tree(void)
{
	static const char *dir;
	if (dir)
		return dir;
	static struct hm_cx cx = HM_CX(SIZE_MAX);
	dir = unit_temp_dir();
	char *longer = hm_path(&cx, dir, repeat(&cx, "a-long-name/", 20));
	assert_ok(hm_mkdirs(&cx, longer, 0755));
	assert_ok(hm_write_file(&cx, hm_path(&cx, longer, "file"), HM_STR("deep"), 0644));
	assert_ok(hm_write_file(&cx, hm_path(&cx, dir, "empty"), HM_STR(""), 0644));
	assert_int_equal(symlink("empty", hm_path(&cx, dir, "symlink")), 0);
	assert_int_equal(link(hm_path(&cx, dir, "empty"), hm_path(&cx, dir, "hard")), 0);
	assert_int_equal(mkfifo(hm_path(&cx, dir, "pipe"), 0600), 0);
	/* Holes at the begin, between and at the end; few extents, many, and none at all. */
	static const struct {
		const char *name;
		int extents;
		off_t size;
	} sparse[] = { { "sparse-few", 3, 1 << 20 },
		       { "sparse-many", 60, 4 << 20 },
		       { "sparse-all", 0, 1 << 20 },
		       { "sparse-4", 4, 300000 } };
	for (size_t i = 0; i < HM_LEN(sparse); i++) {
		int fd = open(hm_path(&cx, dir, sparse[i].name), O_CREAT | O_RDWR, 0600);
		for (int k = 0; k < sparse[i].extents; k++)
			assert_int_equal(pwrite(fd, "data", 4, (k + 1) * 65536 - 4), 4);
		assert_int_equal(ftruncate(fd, sparse[i].size), 0);
		close(fd);
	}
	return dir;
}

static const struct options {
	const char *label;
	const char *args[3];
} options[] = {
	{ "tar, v7", { "--format=v7", "--exclude=*long*", "--exclude=pipe" } },
	{ "tar, oldgnu", { "--format=oldgnu" } },
	{ "tar, gnu", { "--format=gnu" } },
	{ "tar, ustar", { "--format=ustar", "--exclude=*long*" } },
	{ "tar, posix", { "--format=posix" } },
	{ "tar, gnu, sparse", { "--format=gnu", "-S" } },
	{ "tar, oldgnu, sparse", { "--format=oldgnu", "-S" } },
	{ "tar, posix, sparse 0.0", { "--format=posix", "--sparse-version=0.0" } },
	{ "tar, posix, sparse 0.1", { "--format=posix", "--sparse-version=0.1" } },
	{ "tar, posix, sparse 1.0", { "--format=posix", "--sparse-version=1.0" } },
	{ "tar, posix, comment", { "--format=posix", "--pax-option=globexthdr.name=g,comment=x" } },
	{ "tar, with a label", { "--format=gnu", "-Vlabel" } },
};

static struct hm_str system_tar(struct hm_cx *cx, const struct options *t)
{
	const char *out = hm_path(cx, unit_temp_dir(), "out.tar");
	const char *argv[12] = { "tar", "-C", tree(), "-cf", out };
	size_t n = 5;
	for (size_t i = 0; i < HM_LEN(t->args) && t->args[i]; i++)
		argv[n++] = t->args[i];
	argv[n] = ".";
	run((char *const *)(uintptr_t)argv);
	struct hm_str s;
	assert_ok(hm_read_file(cx, out, 64 << 20, &s));
	return s;
}

static void reads_what_tar_writes(void **state)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str s = system_tar(&cx, *state);
	compare(s, SIZE_MAX);
	compare(s, 511);
}

/* --- mutated archives --- */

static void fix_checksum(char *block)
{
	unsigned sum = 8 * ' ';
	for (size_t i = 0; i < 512; i++)
		if (i < 148 || i >= 156)
			sum += (uint8_t)block[i];
	for (int i = 5; i >= 0; i--, sum >>= 3)
		block[148 + i] = (char)('0' + (sum & 7));
	block[154] = 0;
	block[155] = ' ';
}

/*
 * One field byte of one header is another, its checksum is right again. Both must agree unless
 * one refuses: never two different readings. The fields where the readings may differ are left
 * out: the type (runtimes and libarchive disagree about links with data), and what is no part of
 * a reading.
 */
static void mutated_archives_read_the_same(void **state)
{
	const struct format *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str s = make(&cx, t->label);
	struct hm_str copy = hm_dup(&cx, s);
	uint32_t x = 12345;
	unsigned both = 0;
	for (unsigned i = 0; i < 4000; i++) {
		memcpy(room, copy.p, copy.n);
		x = x * 1664525 + 1013904223;
		size_t block = x % (copy.n / 512) * 512;
		if (memcmp(room + block + 257, "ustar", 5) != 0)
			continue;
		x = x * 1664525 + 1013904223;
		size_t at = (x >> 8) % 3 == 0 ? (x >> 12) % 100 : 124 + (x >> 12) % 12;
		if (memchr("12", room[block + 156], 2) && at >= 124)
			continue;
		x = x * 1664525 + 1013904223;
		room[block + at] = (x >> 9) % 2 ? (char)('0' + (x >> 12) % 8) : (char)(x >> 12);
		fix_checksum(room + block);
		HM_AUTO_CX one = HM_CX(SIZE_MAX);
		struct reader a, b;
		hm_err err = ours(&one, s, 4096, &a);
		bool they = theirs(&one, s, &b);
		if (!err && they) {
			both++;
			assert_str(hm_buf_str(&a.list), hm_buf_str(&b.list));
		}
		hm_buf_done(&a.list);
		hm_buf_done(&a.body);
		hm_buf_done(&b.list);
		hm_buf_done(&b.body);
	}
	assert_true(both > 50);
}

static void truncated_archives_are_refused(void **state)
{
	const struct format *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str s = make(&cx, t->label);
	size_t good = 0;
	for (size_t n = 1; n < s.n - 2048; n += 37) {
		struct reader r;
		hm_err err = ours(&cx, hm_sub(s, 0, n), SIZE_MAX, &r);
		good += !err;
		if (n % 512)
			assert_fault(err, HM_INPUT, "cut short");
		hm_buf_done(&r.list);
		hm_buf_done(&r.body);
	}
	assert_true(good < 40); /* only between entries */
}

/* --- blocks made by hand --- */

static void header(char *block, char type, const char *name, const char *size)
{
	memset(block, 0, 512);
	memcpy(block, name, strlen(name));
	memcpy(block + 100, "0000644", 7);
	memcpy(block + 124, size, strlen(size));
	block[156] = type;
	memcpy(block + 257,
	       "ustar\0"
	       "00",
	       8);
	fix_checksum(block);
}

static hm_err take_link(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	(void)out_data;
	*(struct hm_str *)arg = hm_dup(cx, e->link);
	return NULL;
}

/* An old GNU sparse file whose map goes on in a second block: what its header said is still there
 * when that has been read. */
static void keeps_what_the_header_of_a_sparse_file_says(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str link = HM_STR("");
	const struct tar_events links = { .entry = take_link };
	header(room, 'S', "file", "0");
	memcpy(room + 157, "there", 5);
	memcpy(room + 257, "ustar  ", 8);
	memset(room + 345, 0, 512 - 345);
	room[482] = 1;
	fix_checksum(room);
	memset(room + 512, 0, 512);
	TAR_AUTO t = tar_open(&cx, &links, &link);
	for (size_t at = 0; at < 1024; at += 64)
		assert_ok(tar_feed(&cx, t, hm_bytes(room + at, 64)));
	assert_strz(link, "there");
}

/* --- what is refused --- */

static const struct bad {
	const char *label;
	char type;
	const char *name, *size;
	const char *body; /* one block; then a file follows */
	enum hm_code code;
	const char *words;
} bad[] = {
	{ "an unknown type", 'Z', "a", "0", NULL, HM_INPUT, "unknown entry type" },
	{ "a part of a multi-volume archive", 'M', "a", "0", NULL, HM_INPUT, "unknown entry type" },
	{ "a size that is no number", '0', "a", "12x", NULL, HM_INPUT, "not a number" },
	{ "a negative size", '0', "a", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", NULL,
	  HM_INPUT, "not a number" },
	{ "a size past 64 bits", '0', "a", "\x80\1\1\1\1\1\1\1\1\1\1\1", NULL, HM_INPUT,
	  "not a number" },
	{ "a size past the end", '0', "a", "1000000", "x", HM_INPUT, "cut short" },
	{ "a huge pax header", 'x', "a", "77777777", NULL, HM_LIMIT, "extended header" },
	{ "a huge long name", 'L', "a", "77777777", NULL, HM_LIMIT, "extended header" },
	{ "an empty long name", 'L', "a", "1", "", HM_INPUT, "empty long name" },
	{ "a pax record without length", 'x', "a", "3", "abc", HM_INPUT, "pax header is damaged" },
	{ "a pax record that is too long", 'x', "a", "11", "99 path=ab\n", HM_INPUT,
	  "pax header is damaged" },
	{ "a pax record without newline", 'x', "a", "11", "9 path=abc", HM_INPUT,
	  "pax header is damaged" },
	{ "a pax record without =", 'x', "a", "7", "7 path\n", HM_INPUT, "pax header is damaged" },
	{ "a pax size that is no number", 'x', "a", "12", "10 size=a\n", HM_INPUT, "not a number" },
	{ "a sparse map of an odd length", 'x', "a", "27", "23 GNU.sparse.map=1,2,3\n", HM_INPUT,
	  "sparse file is damaged" },
	{ "a sparse format of the future", 'x', "a", "24", "20 GNU.sparse.major=2\n", HM_INPUT,
	  "unknown format" },
	{ "names that lead out of the root", '0', "../a", "0", NULL, HM_INPUT, "out of the root" },
	{ "names that lead out further down", '0', "a/../../b", "0", NULL, HM_INPUT,
	  "out of the root" },
};

static void refuses(void **state)
{
	const struct bad *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	size_t n = 512;
	header(room, t->type, t->name, t->size);
	if (t->body) {
		struct hm_str body = hm_cstr(t->body);
		size_t records = body.n;
		memset(room + n, 0, 512);
		memcpy(room + n, t->body, body.n);
		if (t->type == 'x' && t->code == HM_INPUT && strstr(t->body, "GNU")) {
			/* The lengths of these are made right here. */
			struct hm_str text =
				hm_fmt(&cx, "%zu %s", records, strchr(t->body, ' ') + 1);
			text = hm_fmt(&cx, "%zu %s", text.n, strchr(t->body, ' ') + 1);
			memcpy(room + n, text.p, text.n);
			header(room, t->type, t->name, hm_fmt(&cx, "%zo", text.n).p);
		}
		n += 512;
	}
	header(room + n, '0', "file", "0");
	n += 512;
	memset(room + n, 0, 1024);
	n += 1024;
	struct reader r;
	assert_fault(ours(&cx, hm_bytes(room, n), SIZE_MAX, &r), t->code, t->words);
	hm_buf_done(&r.list);
	hm_buf_done(&r.body);
}

static void refused(size_t n, const char *words)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct reader r;
	assert_fault(ours(&cx, hm_bytes(room, n), SIZE_MAX, &r), HM_INPUT, words);
	hm_buf_done(&r.list);
	hm_buf_done(&r.body);
}

static void refuses_a_wrong_checksum(void **state)
{
	(void)state;
	header(room, '0', "file", "0");
	room[3] ^= 1;
	refused(512, "checksum");
	header(room, '0', "file", "0");
	memset(room + 512, 0, 512);
	header(room + 1024, '0', "file", "0");
	refused(1536, "zeros between");
	header(room, 'x', "file", "0");
	refused(512, "empty extended");
}

static const struct path {
	const char *label, *want; /* NULL: leads out */
} paths[] = {
	{ "a", "a" },           { "./a", "a" },     { "/a", "a" },
	{ "//a//b/", "a/b" },   { "a/./b", "a/b" }, { "a/../b", "b" },
	{ "./", "" },           { "", "" },         { "/", "" },
	{ "a/..", "" },         { ".a", ".a" },     { "..a/b", "..a/b" },
	{ "a/b/../../c", "c" }, { "..", NULL },     { "a/../..", NULL },
	{ "/../a", NULL },      { "./.", "" },      { "a/...", "a/..." },
};

static void cleans_paths(void **state)
{
	const struct path *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str got;
	hm_err err = tar_clean_path(&cx, hm_cstr(t->label), &got);
	if (t->want)
		assert_ok(err);
	else
		assert_fault(err, HM_INPUT, "out of the root");
	if (t->want)
		assert_strz(got, t->want);
}

int main(void)
{
	UNIT_TABLE(reads_what_libarchive_writes, formats);
	UNIT_TABLE(reads_what_tar_writes, options);
	for (size_t i = 0; i + 1 < HM_LEN(formats); i++) /* all that have a magic */
		unit_add(formats[i].label, mutated_archives_read_the_same, &formats[i]);
	UNIT_TABLE(truncated_archives_are_refused, formats);
	UNIT(keeps_what_the_header_of_a_sparse_file_says);
	UNIT_TABLE(refuses, bad);
	UNIT(refuses_a_wrong_checksum);
	UNIT_TABLE(cleans_paths, paths);
	return unit_run("codec/tar");
}
