/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layout/tarfile.h"

#include "unit.h"

struct member {
	char type;
	const char *name, *link, *content;
};

/* A ustar header; the checksum's field counts as blanks (POSIX.1-2001, pax). */
static void add_header(struct hm_buf *b, const struct member *m, unsigned size)
{
	unsigned sum = 0;
	char *h = hm_buf_room(b, 512);
	memset(h, 0, 512);
	memcpy(h, m->name, strlen(m->name));
	memcpy(h + 100, "0000644", 7);
	snprintf(h + 124, 12, "%011o", size);
	h[156] = m->type;
	if (m->link)
		memcpy(h + 157, m->link, strlen(m->link));
	memcpy(h + 257, "ustar\00000", 8);
	memset(h + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)h[i];
	snprintf(h + 148, 8, "%06o", sum);
}

static void add_member(struct hm_buf *b, const struct member *m)
{
	struct hm_str content = hm_cstr(m->content);
	add_header(b, m, (unsigned)content.n);
	hm_buf_add(b, content);
	if (content.n % 512)
		memset(hm_buf_room(b, 512 - content.n % 512), 0, 512 - content.n % 512);
}

static void add_end(struct hm_buf *b)
{
	memset(hm_buf_room(b, 1024), 0, 1024);
}

static hm_err index_of(struct hm_cx *cx, const struct hm_buf *b, struct hm_map *out)
{
	struct tarfile_source s = { .fd = -1, .bytes = hm_buf_str(b), .size = b->n, .name = "t" };
	return oci_tarfile_index(cx, &s, out);
}

static const struct member members[] = {
	{ '5', "d/", NULL, NULL },
	{ '0', "./d/file", NULL, "one" },
	{ '0', "/absolute", NULL, "two" },
	{ '0', "d/replaced", NULL, "old" },
	{ '0', "d/replaced", NULL, "new" },
	{ '1', "hard", "d/file", NULL },
	{ '2', "d/symbolic", "../hard", NULL },
	{ '2', "d/rooted", "/absolute", NULL },
	{ '2', "loop", "loop", NULL },
	{ '2', "dangling", "nothing", NULL },
	{ 'g', "global", NULL, "17 comment=hello\n" },
	{ 'x', "pax", NULL, "18 path=long/name\n" },
	{ '0', "short", NULL, "three" },
	{ 'L', "././@LongLink", NULL, "longer/name" },
	{ 'K', "././@LongLink", NULL, "d/file" },
	{ '2', "short", "short", NULL },
	{ '3', "device", NULL, NULL },
};

static const struct found_case {
	const char *label, *content; /* NULL: there is no such file */
} found[] = {
	{ "d/file", "one" },
	{ "absolute", "two" },
	{ "d/replaced", "new" },
	{ "hard", "one" },
	{ "d/symbolic", "one" },
	{ "d/rooted", "two" },
	{ "long/name", "three" },
	{ "longer/name", NULL }, /* longer/d/file: a link leads from its own folder */
	{ "loop", NULL },
	{ "dangling", NULL },
	{ "short", NULL },
	{ "d", NULL },
	{ "device", NULL },
	{ "./d/file", NULL },
	{ "", NULL },
};

static void finds(void **state)
{
	const struct found_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct hm_map files;
	for (size_t i = 0; i < HM_LEN(members); i++)
		add_member(&b, &members[i]);
	add_end(&b);
	hm_buf_addz(&b, "what follows the end is ignored");
	assert_ok(index_of(&cx, &b, &files));
	const struct tarfile_entry *e = oci_tarfile_find(&files, hm_cstr(t->label));
	if (!t->content) {
		assert_null(e);
		return;
	}
	assert_non_null(e);
	assert_strz(hm_sub(hm_buf_str(&b), e->offset, e->size), t->content);
}

static const struct refused_case {
	const char *label;
	struct member member;
	const char *words;
} refused[] = {
	{ "a name that leads out", { '0', "../x", NULL, NULL }, "leads out of the root" },
	{ "a name that leads out further down", { '0', "a/../../x", NULL, NULL }, "leads out" },
	{ "a symbolic link that leads out", { '2', "a/b", "../../x", NULL }, "leads out" },
	{ "a hard link that leads out", { '1', "a/b", "../x", NULL }, "leads out" },
	{ "a link to the root", { '1', "a", "/", NULL }, "a link to the root" },
	{ "a kind of entry that is not known", { 'Z', "a", NULL, NULL }, "unknown entry type" },
	{ "a damaged pax header", { 'x', "a", NULL, "99 path=b\n" }, "pax header is damaged" },
};

static void refuses(void **state)
{
	const struct refused_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct hm_map files;
	add_member(&b, &members[1]);
	add_member(&b, &t->member);
	add_member(&b, &members[1]);
	add_end(&b);
	assert_fault(index_of(&cx, &b, &files), HM_INPUT, t->words);
}

static void refuses_what_is_no_archive(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct hm_map files;
	assert_fault(index_of(&cx, &b, &files), HM_INPUT, "\"t\" is not a tar archive");
	hm_buf_addz(&b, "short");
	assert_fault(index_of(&cx, &b, &files), HM_INPUT, "\"t\" is not a tar archive");
	memset(hm_buf_room(&b, 1024), 'x', 1024);
	assert_fault(index_of(&cx, &b, &files), HM_INPUT, "\"t\" is not a tar archive");
	hm_buf_clear(&b);
	add_end(&b);
	assert_fault(index_of(&cx, &b, &files), HM_INPUT, "no entries");
}

/* What is said of the archive below, cut after n bytes. */
static const char *words_of_cut(size_t n)
{
	static const struct {
		size_t below;
		const char *words;
	} cuts[] = {
		{ 512, "\"t\" is not a tar archive: tar: the archive is cut short" },
		{ 1024, "\"t\": it ends too early" }, /* the content of the first */
		{ 1536 + 11, "\"t\": tar: the archive is cut short" }, /* the header of the long
									  name, and it */
		{ 2048, "\"t\": it ends too early" },                  /* what fills its block */
		{ 2560, "\"t\": tar: the archive is cut short" },      /* the header of the last */
	};
	for (size_t i = 0; i < HM_LEN(cuts); i++)
		if (n < cuts[i].below)
			return cuts[i].words;
	return "\"t\": it ends too early";
}

/* Wherever an archive is cut but between two entries. */
static void refuses_what_is_cut_short(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct hm_map files;
	add_member(&b, &members[1]);
	add_member(&b, &(struct member){ 'L', "././@LongLink", NULL, "longer/name" });
	add_member(&b, &members[1]);
	size_t whole = b.n;
	for (b.n = 1; b.n < whole; b.n++)
		if (b.n != 1024)
			assert_fault(index_of(&cx, &b, &files), HM_INPUT, words_of_cut(b.n));
	assert_ok(index_of(&cx, &b, &files));
	assert_non_null(oci_tarfile_find(&files, HM_STR("longer/name")));
}

static void limits_what_it_keeps(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct hm_map files;
	add_member(&b, &members[1]);
	add_end(&b);
	assert_fault(index_of(&cx, &b, &files), HM_LIMIT, "\"t\"");
}

int main(void)
{
	UNIT_TABLE(finds, found);
	UNIT_TABLE(refuses, refused);
	UNIT(refuses_what_is_no_archive);
	UNIT(refuses_what_is_cut_short);
	UNIT(limits_what_it_keeps);
	return unit_run("oci/layout/tarfile");
}
