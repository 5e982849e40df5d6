/* SPDX-License-Identifier: Apache-2.0 */
/* Where links may lead, and what is made of the records of a worker that was taken over. */
#include "oci/folder/folder.h"

#include <stdio.h>
#include <sys/stat.h>

#include "codec/tar.h"
#include "unit.h"

static const struct link_case {
	const char *label, *path;
	struct hm_str target;
	bool stays;
} links[] = {
	{ "beside it", "l", HM_STR_INIT("a"), true },
	{ "below it", "l", HM_STR_INIT("a/b/c"), true },
	{ "the folder itself", "a/l", HM_STR_INIT(".."), true },
	{ "up and down", "a/b/l", HM_STR_INIT("../../c/d"), true },
	{ "dots and slashes", "a/l", HM_STR_INIT("./..//./b/."), true },
	{ "itself", "l", HM_STR_INIT("l"), true },
	{ "nothing", "l", HM_STR_INIT(""), false },
	{ "the root", "l", HM_STR_INIT("/"), false },
	{ "absolute", "a/l", HM_STR_INIT("/a"), false },
	{ "above the folder", "l", HM_STR_INIT(".."), false },
	{ "far above the folder", "a/b/l", HM_STR_INIT("../../.."), false },
	{ "above, and in again", "a/l", HM_STR_INIT("../../d/a"), false },
	{ "turning back", "l", HM_STR_INIT("a/.."), false },
	{ "turning back behind a dot", "a/l", HM_STR_INIT("../b/./.."), false },
	{ "a NUL", "l", HM_STR_INIT("a\0b"), false },
};

static void link_stays(void **state)
{
	const struct link_case *t = *state;
	assert_int_equal(oci_folder_link_stays(hm_cstr(t->path), t->target), t->stays);
}

/* --- records, as text: "d PATH", "f PATH SIZE", "l PATH TARGET", "h PATH TARGET", "o PATH",
 * "w OFFSET BYTES", "x" (end of a file), "? BYTES" (as they are) --- */

static void record(struct hm_cx *cx, struct hm_str line, struct hm_buf *b)
{
	static const char letters[] = "fhldo"; /* in the order of enum tar_type */
	struct hm_str kind = hm_cut(&line, ' '), path = hm_cut(&line, ' ');
	uint64_t n = 0;
	(void)cx;
	if (kind.p[0] == '?') {
		hm_buf_add(b, path);
	} else if (kind.p[0] == 'x') {
		hm_buf_char(b, FOLDER_END);
	} else if (kind.p[0] == 'w') {
		assert_true(hm_u64(path, UINT64_MAX, &n));
		hm_buf_char(b, FOLDER_DATA);
		hm_buf_le(b, n, 8);
		hm_buf_add(b, line);
	} else {
		if (kind.p[0] == 'f')
			assert_true(hm_u64(line, UINT64_MAX, &n));
		hm_buf_char(b, FOLDER_ENTRY);
		hm_buf_char(b, (char)(strchr(letters, kind.p[0]) - letters));
		hm_buf_le(b, kind.p[0] == 'd' ? 0755 : 0644, 4);
		hm_buf_le(b, n, 8);
		hm_buf_counted(b, path);
		hm_buf_counted(b, kind.p[0] == 'f' ? HM_STR("") : line);
	}
}

static hm_err feed(struct hm_cx *cx, const char *root, const char *script)
{
	FOLDER_AUTO_TREE t = { .root = root, .name = HM_STR("d"), .fd = -1 };
	struct hm_str rest = hm_cstr(script);
	assert_int_equal(mkdir(root, 0755), 0);
	while (rest.n) {
		HM_AUTO_BUF b = HM_BUF(HM_MIB);
		record(cx, hm_line(&rest), &b);
		HM_TRY(oci_folder_record(cx, &t, hm_buf_str(&b)));
	}
	return oci_folder_finish(cx, &t);
}

static char *fresh(struct hm_cx *cx)
{
	static int n;
	return hm_path(cx, unit_temp_dir(), hm_fmt(cx, "tree%d", n++).p);
}

static void makes_a_tree(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str bytes;
	struct stat sb;
	char *root = fresh(&cx);
	assert_ok(feed(&cx, root,
		       "d d\nf d/a 7\nw 0 abc\nw 5 de\nx\nf d/s/t/b 0\nx\nd d/s\nl d/l s/t\n"
		       "h d/h d/a\nf d/hole 4096\nx\n"));
	assert_ok(hm_read_file(&cx, hm_path(&cx, root, "a"), 100, &bytes));
	assert_str(bytes, HM_STR("abc\0\0de"));
	assert_ok(hm_read_file(&cx, hm_path(&cx, root, "h"), 100, &bytes));
	assert_int_equal(bytes.n, 7);
	assert_ok(hm_read_file(&cx, hm_path(&cx, root, "l/b"), 100, &bytes));
	assert_int_equal(stat(hm_path(&cx, root, "hole"), &sb), 0);
	assert_int_equal(sb.st_size, 4096);
}

static const struct bad_case {
	const char *label, *script, *why;
} bad[] = {
	{ "another name", "f e/a 0\n", "is not a name inside" },
	{ "a name that only begins alike", "f dd/a 0\n", "is not a name inside" },
	{ "an absolute name", "f /d/a 0\n", "is not a name inside" },
	{ "up", "f d/../a 0\n", "is not a name inside" },
	{ "up at the end", "d d/a/..\n", "is not a name inside" },
	{ "a dot", "f d/./a 0\n", "is not a name inside" },
	{ "two slashes", "f d//a 0\n", "is not a name inside" },
	{ "a slash at the end", "f d/a/ 0\n", "is not a name inside" },
	{ "the folder as a file", "f d 0\n", "is not a folder" },
	{ "the folder as a link", "l d a\n", "is not a folder" },
	{ "the folder as a hard link", "h d d/a\n", "is not a folder" },
	{ "twice", "f d/a 0\nx\nf d/a 0\n", "a second" },
	{ "a folder over a file", "f d/a 0\nx\nd d/a\n", "a second" },
	{ "a folder over a link", "l d/a b\nd d/a\n", "a second" },
	{ "below a file", "f d/a 0\nx\nf d/a/b 0\n", "which is not a folder" },
	{ "below a link", "d d/s\nl d/a s\nf d/a/b 0\n", "which is not a folder" },
	{ "far below a link", "d d/s\nl d/a s\nf d/a/b/c 0\n", "which is not a folder" },
	{ "a link out", "l d/a /etc\n", "out of the folder" },
	{ "a hard link out", "h d/a /etc/passwd\n", "is not a name inside" },
	{ "a hard link up", "h d/a d/../x\n", "is not a name inside" },
	{ "a hard link to a folder", "d d/s\nh d/a d/s\n", "which is not a file" },
	{ "a hard link to a link", "f d/f 0\nx\nl d/l f\nh d/a d/l\n", "which is not a file" },
	{ "a hard link to itself", "h d/a d/a\n", "which is not a file" },
	{ "a device", "o d/a\n", "neither a file" },
	{ "bytes of no file", "w 0 a\n", "something else" },
	{ "bytes of a folder", "d d/s\nw 0 a\n", "something else" },
	{ "bytes behind the end", "f d/a 3\nw 1 abc\n", "something else" },
	{ "bytes far behind the end", "f d/a 3\nw 18446744073709551615 a\n", "something else" },
	{ "an end of no file", "x\n", "something else" },
	{ "an entry within a file", "f d/a 3\nf d/b 0\n", "something else" },
	{ "an end within a file", "f d/a 3\n", "something else" },
	{ "a record of no kind", "? Q\n", "something else" },
	{ "half an entry", "? E12\n", "something else" },
	{ "half a piece", "f d/a 3\n? D12\n", "something else" },
	{ "a file of 128 GiB", "f d/a 137438953472\n", "more than" },
	{ "many large files", "f d/a 40000000000\nx\nf d/b 40000000000\n", "more than" },
};

/* Nothing but the root may be in the folder above it. */
static void refuses(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	char *pen = fresh(&cx);
	struct hm_strs names;
	assert_ok(hm_mkdirs(&cx, pen, 0755));
	hm_err err = feed(&cx, hm_path(&cx, pen, "root"), t->script);
	assert_fault(err, err && err->code == HM_LIMIT ? HM_LIMIT : HM_INPUT, t->why);
	assert_ok(hm_list_dir(&cx, pen, 10, &names));
	assert_int_equal(names.n, 1);
}

int main(void)
{
	UNIT_TABLE(link_stays, links);
	UNIT(makes_a_tree);
	UNIT_TABLE(refuses, bad);
	return unit_run("oci/folder/folder");
}
