/* SPDX-License-Identifier: Apache-2.0 */
/* What is written, libarchive and our own reader read. */
#include "unit.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include "codec/tar.h"

static char long_name[301];

static const struct entry_case {
	const char *label;
	enum tar_type type;
	const char *path, *link;
	uint64_t size;
	uint32_t mode;
} cases[] = {
	{ "a file", TAR_FILE, "d/a", "", 5, 0644 },
	{ "a file without bytes", TAR_FILE, "d/empty", "", 0, 0600 },
	{ "a file of one block", TAR_FILE, "d/block", "", 512, 0755 },
	{ "a folder", TAR_DIR, "d", "", 0, 0755 },
	{ "a folder with its slash", TAR_DIR, "d/", "", 0, 0700 },
	{ "a link", TAR_SYMLINK, "d/l", "../a b", 0, 0777 },
	{ "a hard link", TAR_HARDLINK, "d/h", "d/a", 0, 0644 },
	{ "a long name", TAR_FILE, long_name, "", 3, 0644 },
	{ "a link to a long name", TAR_SYMLINK, "l", long_name, 0, 0777 },
	{ "a name that is not ASCII", TAR_FILE, "d/gr\xc3\xbcn", "", 1, 0644 },
	{ "a name of a hundred bytes", TAR_FILE, long_name + 200, "", 1, 0644 },
	{ "a file of 8 GiB", TAR_FILE, "large", "", UINT64_C(8) << 30, 0644 },
};

struct seen {
	struct tar_entry e;
	uint64_t got;
	char path[400], link[400];
};

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	struct seen *s = arg;
	(void)cx;
	s->e = *e;
	memcpy(s->path, e->path.p, e->path.n);
	memcpy(s->link, e->link.p, e->link.n);
	*out_data = true;
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	(void)cx, (void)offset;
	((struct seen *)arg)->got += bytes.n;
	return NULL;
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	(void)cx, (void)arg;
	return NULL;
}

/* libarchive reads the header alone of a file that would be too large to write here. */
static void check_theirs(const struct entry_case *t, struct hm_str bytes, const char *path)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	archive_read_support_format_tar(a);
	assert_int_equal(archive_read_open_memory(a, bytes.p, bytes.n), ARCHIVE_OK);
	assert_int_equal(archive_read_next_header(a, &e), ARCHIVE_OK);
	assert_string_equal(archive_entry_pathname(e), path);
	assert_int_equal(archive_entry_size(e), t->size);
	assert_int_equal(archive_entry_perm(e), t->mode);
	assert_int_equal(archive_entry_uid(e), 1000);
	assert_int_equal(archive_entry_gid(e), UINT32_MAX);
	assert_int_equal(archive_entry_mtime(e), t->size % 2 ? -5 : 1700000000);
	if (t->type == TAR_SYMLINK)
		assert_string_equal(archive_entry_symlink(e), t->link);
	if (t->type == TAR_HARDLINK)
		assert_string_equal(archive_entry_hardlink(e), t->link);
	if (t->size < HM_MIB)
		assert_int_equal(archive_read_next_header(a, &e), ARCHIVE_EOF);
	archive_read_free(a);
}

static void is_read(void **state)
{
	static const struct tar_events events = { on_entry, on_data, on_end };
	const struct entry_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct seen s = { .got = 0 };
	struct tar_entry e = { .path = hm_cstr(t->path),
			       .link = hm_cstr(t->link),
			       .type = t->type,
			       .size = t->size,
			       .mode = t->mode,
			       .uid = 1000,
			       .gid = UINT32_MAX,
			       .mtime = t->size % 2 ? -5 : 1700000000 };
	assert_ok(tar_write_header(&cx, &e, &b));
	for (uint64_t i = 0; t->size < HM_MIB && i < t->size; i++)
		hm_buf_char(&b, 'x');
	if (t->size < HM_MIB) {
		hm_buf_add(&b, tar_padding(t->size));
		hm_buf_add(&b, tar_trailer());
		assert_int_equal(b.n % 512, 0);
	}
	bool slash = t->type == TAR_DIR && !hm_ends(e.path, HM_STR("/"));
	const char *path = hm_fmt(&cx, "%s%s", t->path, slash ? "/" : "").p;
	check_theirs(t, hm_buf_str(&b), path);
	TAR_AUTO r = tar_open(&cx, &events, &s);
	assert_ok(tar_feed(&cx, r, hm_buf_str(&b)));
	assert_string_equal(s.path, path);
	assert_string_equal(s.link, t->link);
	assert_int_equal(s.e.size, t->size);
	assert_int_equal(s.e.mode, t->mode);
	assert_int_equal(s.e.uid, e.uid);
	assert_int_equal(s.e.gid, e.gid);
	assert_int_equal(s.e.mtime, e.mtime);
	if (t->size < HM_MIB) {
		assert_ok(tar_end(&cx, r));
		assert_int_equal(s.got, t->size);
	}
}

static hm_err on_capability(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	*out_data = false;
	*(struct hm_str *)arg = hm_dup(cx, e->capability);
	return e->has_attributes ? NULL : hm_fail(cx, HM_INPUT, "no attributes");
}

/* With bytes that no text has. */
static void has_capability(void **state)
{
	static const struct tar_events only = { .entry = on_capability };
	static const char bytes[] = "\1\0\0\2\n =\0\377";
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct hm_str seen = HM_STR("");
	struct tar_entry e = { .path = HM_STR("ping"),
			       .type = TAR_FILE,
			       .capability = hm_bytes(bytes, sizeof(bytes) - 1) };
	assert_ok(tar_write_header(&cx, &e, &b));
	hm_buf_add(&b, tar_trailer());
	TAR_AUTO r = tar_open(&cx, &only, &seen);
	assert_ok(tar_feed(&cx, r, hm_buf_str(&b)));
	assert_true(hm_eq(seen, e.capability));
}

static void refuses(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct tar_entry device = { .path = HM_STR("null"), .type = TAR_OTHER };
	assert_fault(tar_write_header(&cx, &device, &b), HM_USAGE, "neither a file");
	struct tar_entry far = { .path = hm_bytes(hm_new(&cx, char, 5000), 5000) };
	assert_fault(tar_write_header(&cx, &far, &b), HM_LIMIT, "path of 5000 bytes");
	assert_int_equal(b.n, 0);
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8"); /* in which libarchive gives out names */
	memset(long_name, 'n', sizeof(long_name) - 1);
	UNIT_TABLE(is_read, cases);
	UNIT(has_capability);
	UNIT(refuses);
	return unit_run("codec/tar_write");
}
