/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives that tar readers read differently: here as Go's archive/tar reads them, which container
 * runtimes unpack with, or not at all. (tests/hostile asks that reader itself.)
 */
#include "unit.h"

#include "codec/tar.h"

enum { HEADERS = 5, BLOCK = 512 };

#define GNU_MAGIC "ustar  "

/* A header, and what is stored behind it. Of a pax header ('x', 'g'): its records, a line each. */
struct block {
	char type; /* '_': none, the body alone */
	const char *name, *body;
	const char *link, *magic, *prefix; /* NULL: none, ustar's, none */
	const char *size;                  /* NULL: that of the body */
};

static const struct good {
	const char *label;
	struct block blocks[HEADERS];
	const char *want; /* "type path link size" a line, "| content" behind files */
} good[] = {
	{ "a folder without type has no data, whatever its size says",
	  { { '\0', "opt/", NULL, .magic = "", .size = "1000" }, { '0', "a", "x" } },
	  "d opt/\nf a 1 |x\n" },
	{ "a folder has none either",
	  { { '5', "opt/", NULL, .size = "1000" }, { '0', "a", "x" } },
	  "d opt/\nf a 1 |x\n" },
	{ "nor a link, a device, a pipe",
	  { { '2', "l", NULL, "to", .size = "1000" },
	    { '1', "h", NULL, "l", .size = "1000" },
	    { '3', "c", NULL, .size = "1000" },
	    { '6', "p", NULL, .size = "1000" } },
	  "l l -> to\nh h -> l\nc c\no p\n" },
	{ "an entry without type that pax calls a folder is one",
	  { { 'x', "x", "path=opt/\n" },
	    { '\0', "file", NULL, .size = "1000" },
	    { '0', "a", "x" } },
	  "d opt/\nf a 1 |x\n" },
	{ "and one that GNU's long name calls a file is that",
	  { { 'L', "x", "file" }, { '\0', "opt/", "data" } },
	  "f file 4 |data\n" },
	{ "a regular file may be called as a folder is",
	  { { '0', "opt/", "data" } },
	  "f opt/ 4 |data\n" },
	{ "a second pax header replaces the first",
	  { { 'x', "x", "path=tmp/junk\n" }, { 'x', "x", "comment=hi\n" }, { '0', "a", "x" } },
	  "f a 1 |x\n" },
	{ "but no long name",
	  { { 'L', "x", "long" },
	    { 'x', "x", "path=b\n" },
	    { 'x', "x", "size=2\n" },
	    { '0', "a", "xy" } },
	  "f long 2 |xy\n" },
	{ "GNU's long names win over pax, in any order",
	  { { 'x', "x", "path=b\nlinkpath=c\n" },
	    { 'L', "x", "long" },
	    { 'K', "x", "there" },
	    { '2', "a", NULL, "d" } },
	  "l long -> there\n" },
	{ "an empty value leaves what the header says",
	  { { 'x', "x", "path=b\npath=\nsize=\nlinkpath=\n" }, { '0', "a", "x" } },
	  "f a 1 |x\n" },
	{ "the last record of a key counts",
	  { { 'x', "x", "path=b\nsize=1\npath=c\nsize=2\n" }, { '0', "a", "xy", .size = "0" } },
	  "f c 2 |xy\n" },
	{ "a pax size is that of a file alone",
	  { { 'x', "x", "size=1000\n" }, { '5', "d/", NULL }, { '0', "a", "x" } },
	  "d d/\nf a 1 |x\n" },
	{ "a global header changes nothing",
	  { { 'g', "g", "size=77\nlinkpath=c\n" }, { '0', "a", "x" } },
	  "g g\nf a 1 |x\n" },
	{ "nor one without records", { { 'g', "g", NULL }, { '0', "a", "x" } }, "g g\nf a 1 |x\n" },
	{ "a volume header is no entry",
	  { { 'V', "v", NULL }, { '0', "a", "x" } },
	  "g v\nf a 1 |x\n" },
	{ "a prefix", { { '0', "a", "x", .prefix = "p" } }, "f p/a 1 |x\n" },
	{ "before no name", { { '0', "", "x", .prefix = "p" } }, "f p/ 1 |x\n" },
	{ "GNU's format has none",
	  { { '0', "a", "x", .magic = GNU_MAGIC, .prefix = "0" } },
	  "f a 1 |x\n" },
	{ "but where times are no numbers, as old Go wrote it",
	  { { '0', "a", "x", .magic = GNU_MAGIC, .prefix = "p/q" } },
	  "f p/q/a 1 |x\n" },
	{ "if it is text",
	  { { '0', "a", "x", .magic = GNU_MAGIC, .prefix = "p\xc3\xbc" } },
	  "f a 1 |x\n" },
	{ "v7 has none", { { '0', "a", "x", .magic = "", .prefix = "p" } }, "f a 1 |x\n" },
	{ "a size with blanks around it", { { '0', "a", "xy", .size = "  2 " } }, "f a 2 |xy\n" },
	{ "a size in base 256",
	  { { '0', "a", "xy", .size = "\x80\0\0\0\0\0\0\0\0\0\0\2" } },
	  "f a 2 |xy\n" },
	{ "no size", { { '0', "a", NULL, .size = " " } }, "f a 0 |\n" },
	{ "sparse 0.1, and its name before all others",
	  { { 'L', "x", "long" },
	    { 'x', "x",
	      "path=b\nGNU.sparse.size=4\nGNU.sparse.numblocks=1\nGNU.sparse.map=2,2\nGNU.sparse.name=s\n" },
	    { '0', "a", "xy" } },
	  "f s 4 |..xy\n" },
	{ "sparse 0.0, whose pairs win over a map",
	  { { 'x', "x",
	      "GNU.sparse.map=0,1\nGNU.sparse.numblocks=1\nGNU.sparse.offset=1\nGNU.sparse.numbytes=2\nGNU.sparse.size=3\n" },
	    { '0', "a", "xy" } },
	  "f a 3 |.xy\n" },
	{ "of two sizes the first of GNU's",
	  { { 'x', "x",
	      "GNU.sparse.realsize=9\nGNU.sparse.size=3\nGNU.sparse.numblocks=1\nGNU.sparse.map=1,2\n" },
	    { '0', "a", "xy" } },
	  "f a 3 |.xy\n" },
	{ "sparse 1.0",
	  { { 'x', "x",
	      "GNU.sparse.major=1\nGNU.sparse.minor=0\nGNU.sparse.realsize=4\nGNU.sparse.name=s\n" },
	    { '0', "a", "1\n3\n1\n", .size = "1001" },
	    { '_', NULL, "x" } },
	  "f s 4 |...x\n" },
	{ "sparse attributes that are all empty",
	  { { 'x', "x", "GNU.sparse.major=\nGNU.sparse.map=\nGNU.sparse.name=\n" },
	    { '0', "a", "x" } },
	  "f a 1 |x\n" },
	{ "an attribute by which overlayfs renames",
	  { { 'x', "x", "SCHILY.xattr.trusted.overlay.redirect=/x\n" }, { '5', "a", NULL } },
	  "d a redirected\n" },
	{ "one by which it takes content from elsewhere",
	  { { 'x', "x", "SCHILY.xattr.user.overlay.metacopy=\n" }, { '0', "a", NULL } },
	  "f a redirected 0 |\n" },
};

static const struct bad {
	const char *label;
	struct block blocks[HEADERS];
	const char *words;
} bad[] = {
	{ "a global header between a pax header and its entry",
	  { { 'x', "x", "path=b\n" }, { 'g', "g", "comment=x\n" }, { '0', "a", "x" } },
	  "a global header before" },
	{ "between a long name and its entry",
	  { { 'L', "x", "b" }, { 'g', "g", NULL }, { '0', "a", "x" } },
	  "a global header before" },
	{ "a volume header between a pax header and its entry",
	  { { 'x', "x", "path=b\n" }, { 'V', "v", NULL }, { '0', "a", "x" } },
	  "a volume header before" },
	{ "a global name", { { 'g', "g", "path=b\n" }, { '0', "a", "x" } }, "names all files" },
	{ "a global header that is damaged",
	  { { 'g', "g", "path\n" }, { '0', "a", "x" } },
	  "damaged" },
	{ "Sun's extended header",
	  { { 'X', "x", "path=b\n" }, { '0', "a", "x" } },
	  "unknown entry type" },
	{ "only half of a sparse version",
	  { { 'x', "x",
	      "path=b\nGNU.sparse.major=0\nGNU.sparse.map=0,1\nGNU.sparse.numblocks=1\nGNU.sparse.name=s\n" },
	    { '0', "a", "x" } },
	  "unknown format" },
	{ "the other half",
	  { { 'x', "x", "GNU.sparse.minor=0\nGNU.sparse.name=s\n" }, { '0', "a", "x" } },
	  "unknown format" },
	{ "a sparse version 1.1",
	  { { 'x', "x", "GNU.sparse.major=1\nGNU.sparse.minor=1\n" }, { '0', "a", "x" } },
	  "unknown format" },
	{ "a sparse name alone",
	  { { 'x', "x", "GNU.sparse.name=s\n" }, { '0', "a", "x" } },
	  "unknown format" },
	{ "a map without the number of its blocks",
	  { { 'x', "x", "GNU.sparse.map=0,1\nGNU.sparse.size=1\n" }, { '0', "a", "x" } },
	  "map of a sparse file" },
	{ "with another number",
	  { { 'x', "x", "GNU.sparse.map=0,1\nGNU.sparse.size=1\nGNU.sparse.numblocks=2\n" },
	    { '0', "a", "x" } },
	  "map of a sparse file" },
	{ "a map that leads past the end",
	  { { 'x', "x", "GNU.sparse.map=0,9\nGNU.sparse.size=1\nGNU.sparse.numblocks=1\n" },
	    { '0', "a", "x" } },
	  "contradicts itself" },
	{ "a map that overlaps itself",
	  { { 'x', "x", "GNU.sparse.map=0,2,1,1\nGNU.sparse.size=9\nGNU.sparse.numblocks=2\n" },
	    { '0', "a", "xyz" } },
	  "contradicts itself" },
	{ "a map of more than there is",
	  { { 'x', "x", "GNU.sparse.map=0,2\nGNU.sparse.size=9\nGNU.sparse.numblocks=1\n" },
	    { '0', "a", "x" } },
	  "does not fit its data" },
	{ "a map of less than there is",
	  { { 'x', "x", "GNU.sparse.map=0,2\nGNU.sparse.size=9\nGNU.sparse.numblocks=1\n" },
	    { '0', "a", "xyz" } },
	  "does not fit its data" },
	{ "a sparse folder",
	  { { 'x', "x", "GNU.sparse.map=0,0\nGNU.sparse.numblocks=1\n" }, { '5', "a", NULL } },
	  "for another entry" },
	{ "a sparse link",
	  { { 'x', "x", "GNU.sparse.major=1\nGNU.sparse.minor=0\n" }, { '2', "a", NULL, "b" } },
	  "for another entry" },
	{ "two kinds of sparse in one",
	  { { 'x', "x", "GNU.sparse.map=0,0\nGNU.sparse.numblocks=1\n" },
	    { 'S', "a", NULL, .magic = GNU_MAGIC } },
	  "for another entry" },
	{ "old sparse in another format", { { 'S', "a", NULL } }, "unknown format" },
	{ "a negative size",
	  { { '0', "a", NULL, .size = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe" } },
	  "not a number" },
	{ "a size past 63 bits",
	  { { '0', "a", NULL, .size = "\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff" } },
	  "not a number" },
	{ "a size with blanks between", { { '0', "a", NULL, .size = "1 2" } }, "not a number" },
	{ "an extended header without an entry",
	  { { 'x', "x", "path=b\n" } },
	  "without its entry" },
};

static void fix_checksum(char *block)
{
	unsigned sum = 0;
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (uint8_t)block[i];
	for (int i = 5; i >= 0; i--, sum >>= 3)
		block[148 + i] = (char)('0' + (sum & 7));
	block[154] = 0;
}

/* "KEY=VALUE\n" with its length before it. */
static struct hm_str records(struct hm_cx *cx, const char *lines)
{
	HM_AUTO_BUF b = HM_BUF(1 << 16);
	for (struct hm_str rest = hm_cstr(lines); rest.n;) {
		struct hm_str line = hm_cut(&rest, '\n');
		size_t n = line.n + 3;
		while (hm_fmt(cx, "%zu %.*s\n", n, HM_FMT(line)).n != n)
			n++;
		hm_buf_fmt(&b, "%zu %.*s\n", n, HM_FMT(line));
	}
	return hm_dup(cx, hm_buf_str(&b));
}

static void put(struct hm_cx *cx, struct hm_buf *out, const struct block *t)
{
	char block[BLOCK] = { 0 };
	struct hm_str body = hm_cstr(t->body ? t->body : "");
	if (t->type == 'x' || t->type == 'g' || t->type == 'X')
		body = records(cx, body.p);
	memcpy(block, t->name ? t->name : "", strlen(t->name ? t->name : ""));
	memcpy(block + 100, "0000644", 7);
	if (t->size)
		memcpy(block + 124, t->size, (t->size[0] & 0x80) ? 12 : strlen(t->size));
	else
		memcpy(block + 124, hm_fmt(cx, "%011zo", body.n).p, 11);
	block[156] = t->type;
	if (t->link)
		memcpy(block + 157, t->link, strlen(t->link));
	memcpy(block + 257,
	       t->magic ? t->magic
			: "ustar\0"
			  "00",
	       t->magic ? strlen(t->magic) : 8);
	if (t->magic && t->magic[0])
		block[264] = 0;
	if (t->prefix)
		memcpy(block + 345, t->prefix, strlen(t->prefix));
	fix_checksum(block);
	if (t->type != '_')
		hm_buf_add(out, hm_bytes(block, BLOCK));
	hm_buf_add(out, body);
	hm_buf_add(out, tar_padding(body.n));
}

/* --- what is read --- */

static struct hm_buf list = HM_BUF(1 << 20);
static uint64_t size, at;

static void add_hole(uint64_t to)
{
	for (; at < to; at++)
		hm_buf_char(&list, '.');
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	(void)cx, (void)arg;
	static const char types[] = { [TAR_FILE] = 'f', [TAR_HARDLINK] = 'h', [TAR_SYMLINK] = 'l',
				      [TAR_DIR] = 'd',  [TAR_DEVICE] = 'c',   [TAR_OTHER] = 'o' };
	*out_data = true;
	at = 0;
	size = e->size;
	hm_buf_fmt(&list, "%c %.*s", types[e->type], HM_FMT(e->path));
	if (e->type == TAR_HARDLINK || e->type == TAR_SYMLINK)
		hm_buf_fmt(&list, " -> %.*s", HM_FMT(e->link));
	if (e->redirected)
		hm_buf_addz(&list, " redirected");
	if (e->type == TAR_FILE)
		hm_buf_fmt(&list, " %llu |", (unsigned long long)e->size);
	else
		hm_buf_char(&list, '\n');
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	(void)cx, (void)arg;
	add_hole(offset);
	hm_buf_add(&list, bytes);
	at += bytes.n;
	return NULL;
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	(void)cx, (void)arg;
	add_hole(size);
	hm_buf_char(&list, '\n');
	return NULL;
}

static hm_err on_global(struct hm_cx *cx, void *arg, struct hm_str path)
{
	(void)cx, (void)arg;
	hm_buf_fmt(&list, "g %.*s\n", HM_FMT(path));
	return NULL;
}

static hm_err run(struct hm_cx *cx, const struct block *blocks, size_t piece)
{
	static const struct tar_events events = { on_entry, on_data, on_end, on_global };
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	for (size_t i = 0; i < HEADERS && (blocks[i].name || blocks[i].type); i++)
		put(cx, &b, &blocks[i]);
	hm_buf_add(&b, tar_trailer());
	hm_buf_clear(&list);
	TAR_AUTO t = tar_open(cx, &events, NULL);
	for (struct hm_str rest = hm_buf_str(&b); rest.n; rest = hm_from(rest, piece))
		HM_TRY(tar_feed(cx, t, hm_sub(rest, 0, piece)));
	return tar_end(cx, t);
}

static void reads(void **state)
{
	const struct good *t = *state;
	static const size_t pieces[] = { SIZE_MAX, 512, 77 };
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	for (size_t i = 0; i < HM_LEN(pieces); i++) {
		assert_ok(run(&cx, t->blocks, pieces[i]));
		assert_str(hm_buf_str(&list), hm_cstr(t->want));
	}
}

static void refuses(void **state)
{
	const struct bad *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	assert_fault(run(&cx, t->blocks, SIZE_MAX), HM_INPUT, t->words);
}

/* Each of them may keep as much as one may. */
static void limits_extended_headers(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	struct block x = { 'x', "x", "path=b\n" }, file = { '0', "a", "x" };
	for (uint64_t i = 0; i < HM_MAX_TAR_EXTENDED; i++)
		put(&cx, &b, &x);
	size_t most = b.n;
	put(&cx, &b, &file);
	TAR_AUTO t = tar_open(&cx, &(struct tar_events){ on_entry, on_data, on_end, NULL }, NULL);
	assert_ok(tar_feed(&cx, t, hm_buf_str(&b)));
	b.n = most;
	put(&cx, &b, &x);
	assert_fault(tar_feed(&cx, t, hm_buf_str(&b)), HM_LIMIT, "extended headers");
	hm_buf_done(&list);
}

int main(void)
{
	UNIT_TABLE(reads, good);
	UNIT_TABLE(refuses, bad);
	UNIT(limits_extended_headers);
	return unit_run("codec/tar_go");
}
