/* SPDX-License-Identifier: Apache-2.0 */
#include "hostile/hostile.h"

#include <inttypes.h>

#include "codec/tar.h"
#include "inventory/match.h"

enum { BLOCK = 512, OPS_MOST = 9, FILES_MOST = 64 };

struct maker {
	struct hm_cx *cx;
	struct hm_buf tar, words;
	uint64_t random;
	unsigned names; /* packages so far */
	unsigned spice; /* of a hundred entries, how many are written in an odd way */
	bool has_dirs;  /* folders have entries of their own */
	struct hm_str files[FILES_MOST]; /* of this layer: targets of hard links */
	size_t files_n;
	struct hm_strs dirs, paths; /* of this layer */
	bool odd;
};

/* --- chance --- */

/* SplitMix64 (Steele, Lea, Flood). */
static uint64_t next(struct maker *m)
{
	uint64_t z = m->random += 0x9e3779b97f4a7c15U;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

static size_t below(struct maker *m, size_t n)
{
	return (size_t)(next(m) % n);
}

static bool chance(struct maker *m, unsigned percent)
{
	return below(m, 100) < percent;
}

#define ANY(m, list) (list)[below((m), HM_LEN(list))]

/* --- what is in files --- */

/* Where packages are looked for, in few enough folders that entries meet. */
static const char *const places[] = {
	"a/node_modules/p/package.json",
	"a/node_modules/r/package.json",
	"a/node_modules/@s/p/package.json",
	"b/node_modules/p/package.json",
	"node_modules/p/package.json",
	"q/node_modules/p/package.json",
	"a/x.dist-info/METADATA",
	"b/y.dist-info/METADATA",
	"usr/lib/python3/z.dist-info/METADATA",
	"var/lib/dpkg/status",
	"var/lib/dpkg/status.d/s",
	"usr/lib/dpkg/status",
	"lib/apk/db/installed",
	"usr/lib/apk/db/installed",
};

/* Where none are, but by links. */
static const char *const others[] = {
	"a/package.json",
	"a/p/package.json",
	"p/package.json",
	"q/package.json",
	"q/p/package.json",
	"d/package.json",
	"d/METADATA",
	"q/METADATA",
	"q/status",
	"d/status",
	"q/installed",
	"d/apk/db/installed",
	"x/fixtures/package.json",
	"x/fixtures/p/package.json",
	"x/METADATA",
	"a/q/p/package.json",
	"store/package.json",
	"store/METADATA",
	"store/status",
	"store/installed",
	"q/apk/db/installed",
	"d/lib/dpkg/status",
	"a/q/package.json",
};

static const char *const links[] = {
	"q",
	"d",
	"a/q",
	"b",
	"lib",
	"usr/lib",
	"var",
	"var/lib/dpkg",
	"a/node_modules",
	"a/node_modules/p",
	"node_modules",
	"usr/lib/python3",
	"store",
	"b/y.dist-info",
	"q/p",
};

static const char *const targets[] = {
	"a",
	"b",
	"/a",
	"../b",
	"usr/lib",
	"/usr/lib",
	"d",
	"/d",
	"node_modules",
	"/var",
	"q",
	"/var/lib/dpkg",
	"var/lib/dpkg",
	"store",
	"../store",
	".",
	"/",
	"a/node_modules",
	"/a/node_modules/p",
	"../../usr/lib/dpkg",
	"/b/node_modules",
	"x/../b",
	"/nowhere",
	"../a",
	"a/x.dist-info",
	"/a/x.dist-info",
};

/* Where a loader finds packages that are elsewhere: links to folders, and to files. */
static const char *const package_links[] = {
	"a/node_modules/l",
	"a/node_modules/@s/l",
	"a/node_modules/@s",
	"node_modules/p",
	"b/node_modules",
	"a/x.dist-info",
	"usr/lib/python3/l.Dist-Info",
	"q/l.dist-info",
	"d/node_modules/l",
	"a/node_modules/l/package.json",
	"b/l.dist-info/METADATA",
};

/* A package of its own, as the file's name wants it. */
static struct hm_str package(struct maker *m, struct hm_str path)
{
	struct hm_str name = hm_basename(path);
	unsigned n = ++m->names;
	if (hm_eqz(name, "package.json"))
		return hm_fmt(m->cx, "{\"name\":\"e%u\",\"version\":\"1.0.0\"}\n", n);
	if (hm_eqz(name, "METADATA"))
		return hm_fmt(m->cx, "Metadata-Version: 2.1\nName: e%u\nVersion: 1.0\n\n", n);
	if (hm_eqz(name, "installed"))
		return hm_fmt(m->cx, "P:e%u\nV:1.0\nA:x86_64\n\n", n);
	return hm_fmt(
		m->cx,
		"Package: e%u\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n"
		"Maintainer: x\nDescription: x\n\n",
		n);
}

/* A folder on the way to `path`, or itself. */
static struct hm_str part_of(struct maker *m, struct hm_str path)
{
	while (chance(m, 55) && hm_dirname(path).n)
		path = hm_dirname(path);
	return path;
}

static struct hm_str some_path(struct maker *m)
{
	return hm_cstr(chance(m, 65) ? ANY(m, places) : ANY(m, others));
}

/* --- headers --- */

struct header {
	struct hm_str name, prefix, link;
	char type;
	uint64_t size;
	const char *magic;
	bool binary;
};

static void put_header(struct maker *m, const struct header *h)
{
	char block[BLOCK] = { 0 };
	unsigned sum = 0;
	memcpy(block, h->name.p, h->name.n < 100 ? h->name.n : 100);
	memcpy(block + 100,
	       "0000755\0"
	       "0000000\0"
	       "0000000",
	       24);
	if (h->binary) {
		block[124] = (char)0x80;
		for (int i = 0; i < 8; i++)
			block[135 - i] = (char)(h->size >> 8 * i);
	} else {
		memcpy(block + 124, hm_fmt(m->cx, "%011" PRIo64, h->size).p, 11);
	}
	memcpy(block + 136, "00000000000", 11);
	block[156] = h->type;
	memcpy(block + 157, h->link.n ? h->link.p : "", h->link.n < 100 ? h->link.n : 100);
	if (h->magic)
		memcpy(block + 257, h->magic, 8);
	memcpy(block + 345, h->prefix.n ? h->prefix.p : "", h->prefix.n);
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (uint8_t)block[i];
	memcpy(block + 148, hm_fmt(m->cx, "%06o", sum).p, 7);
	hm_buf_add(&m->tar, hm_bytes(block, BLOCK));
}

static void put_body(struct maker *m, struct hm_str body)
{
	hm_buf_add(&m->tar, body);
	hm_buf_add(&m->tar, tar_padding(body.n));
}

static void put_meta(struct maker *m, char type, struct hm_str body)
{
	static const char *const names[] = { "././@LongLink", "PaxHeaders/a", "a", "usr" };
	struct header h = { .name = hm_cstr(ANY(m, names)),
			    .type = type,
			    .size = body.n,
			    .magic = type == 'L' || type == 'K' ? "ustar  "
								: "ustar\0"
								  "00" };
	put_header(m, &h);
	put_body(m, body);
}

/* "KEY=VALUE" lines, each with its length before it. */
static void put_pax(struct maker *m, char type, struct hm_str lines)
{
	HM_AUTO_BUF b = HM_BUF(1 << 16);
	while (lines.n) {
		struct hm_str line = hm_cut(&lines, '\n');
		size_t n = line.n + 3;
		while (hm_fmt(m->cx, "%zu %.*s\n", n, HM_FMT(line)).n != n)
			n++;
		hm_buf_fmt(&b, "%zu %.*s\n", n, HM_FMT(line));
	}
	put_meta(m, type, hm_buf_str(&b));
	if (chance(m, m->spice / 8))
		put_pax(m, type, HM_STR("comment=again\n"));
}

/* --- entries, in one of many ways to write them --- */

struct entry {
	struct hm_str path, link, body;
	char type;
};

static void say(struct maker *m, const struct entry *e, const char *how)
{
	hm_buf_fmt(&m->words, "%c %.*s", e->type ? e->type : '-', HM_FMT(e->path));
	if (e->link.n)
		hm_buf_fmt(&m->words, " -> %.*s", HM_FMT(e->link));
	if (e->body.n) {
		struct hm_str body = e->body;
		while (body.n && *body.p != 'e')
			body = hm_from(body, 1);
		hm_buf_fmt(&m->words, " [%zu bytes]", e->body.n);
	}
	hm_buf_fmt(&m->words, " %s\n", how);
}

static struct header plain(const struct entry *e)
{
	return (struct header){ .name = e->path,
				.link = e->link,
				.type = e->type,
				.size = e->body.n,
				.magic = "ustar\0"
					 "00" };
}

static void as_ustar(struct maker *m, const struct entry *e)
{
	struct header h = plain(e);
	put_header(m, &h);
	put_body(m, e->body);
}

static void as_v7(struct maker *m, const struct entry *e)
{
	struct header h = plain(e);
	h.magic = NULL;
	if (h.type == '0' || h.type == '5')
		h.type = '\0';
	if (e->type == '5' && chance(m, 50))
		h.size = 512; /* of no data */
	put_header(m, &h);
	put_body(m, e->body);
}

static void as_binary(struct maker *m, const struct entry *e)
{
	struct header h = plain(e);
	h.binary = true;
	h.magic = "ustar  ";
	put_header(m, &h);
	put_body(m, e->body);
}

/* A size where there is no data, a slash where there is no folder. */
static void as_padded(struct maker *m, const struct entry *e)
{
	struct header h = plain(e);
	if (e->type != '0')
		h.size = 1024;
	else
		h.name = hm_fmt(m->cx, "%.*s/", HM_FMT(e->path));
	put_header(m, &h);
	put_body(m, e->body);
}

static void as_prefix(struct maker *m, const struct entry *e)
{
	struct header h = plain(e);
	size_t slash = hm_find_char(e->path, '/');
	if (slash != SIZE_MAX) {
		h.prefix = hm_sub(e->path, 0, slash);
		h.name = hm_from(e->path, slash + 1);
	}
	if (chance(m, 40))
		h.magic = "ustar  "; /* old Go, or nobody */
	put_header(m, &h);
	put_body(m, e->body);
}

static void as_decorated(struct maker *m, const struct entry *e)
{
	static const char *const before[] = { "./",     "/",     "//",      "x/../",
					      "./././", "a/../", "/x/./../" };
	struct header h = plain(e);
	h.name = hm_fmt(m->cx, "%s%.*s", ANY(m, before), HM_FMT(e->path));
	if (e->type == '1')
		h.link = hm_fmt(m->cx, "%s%.*s", chance(m, 50) ? "./" : "/", HM_FMT(e->link));
	put_header(m, &h);
	put_body(m, e->body);
}

static const char *const junk[] = { "junk", "junk/", "a/node_modules/p/package.json",
				    "q",    ".wh.a", "usr/lib" };

static void as_pax(struct maker *m, const struct entry *e)
{
	struct header h = plain(e);
	struct hm_str lines = hm_fmt(m->cx, "path=%.*s\n", HM_FMT(e->path));
	if (e->link.n && chance(m, 50)) {
		lines = hm_fmt(m->cx, "%.*slinkpath=%.*s\n", HM_FMT(lines), HM_FMT(e->link));
		h.link = HM_STR("junk");
	}
	if (chance(m, 40)) {
		lines = hm_fmt(m->cx, "%.*ssize=%zu\n", HM_FMT(lines), e->body.n);
		h.size = below(m, 2000);
	}
	if (chance(m, 15))
		put_pax(m, 'x', HM_STR("path=junk\nsize=700\n")); /* the next takes its place */
	if (chance(m, 15))
		lines = hm_fmt(m->cx, "path=junk\n%.*s", HM_FMT(lines));
	put_pax(m, 'x', lines);
	if (chance(m, 85))
		h.name = hm_cstr(ANY(m, junk));
	if (h.type == '0' && chance(m, 20))
		h.type = '\0';
	put_header(m, &h);
	put_body(m, e->body);
}

/* Records that say nothing in the end. */
static void as_empty_pax(struct maker *m, const struct entry *e)
{
	struct header h = plain(e);
	static const char *const lines[] = { "path=junk\npath=\n",
					     "size=9\nsize=\n",
					     "comment=path=x\n",
					     "GNU.sparse.name=\nGNU.sparse.major=\n",
					     "mtime=1.5\nuid=0\n",
					     "SCHILY.xattr.user.overlay.opaque=y\n",
					     "SCHILY.xattr.trusted.overlay.opaque=y\n" };
	put_pax(m, 'x', hm_cstr(ANY(m, lines)));
	put_header(m, &h);
	put_body(m, e->body);
}

static void as_long(struct maker *m, const struct entry *e)
{
	struct header h = plain(e);
	h.magic = "ustar  ";
	if (chance(m, 30))
		put_pax(m, 'x', HM_STR("path=junk/\ncomment=x\n"));
	put_meta(m, 'L', hm_fmt(m->cx, "%.*s%c", HM_FMT(e->path), 0));
	if (e->link.n) {
		put_meta(m, 'K', hm_fmt(m->cx, "%.*s%c", HM_FMT(e->link), 0));
		h.link = HM_STR("junk");
	}
	if (chance(m, 30))
		put_pax(m, 'x', HM_STR("path=junk\n"));
	h.name = hm_cstr(ANY(m, junk));
	put_header(m, &h);
	put_body(m, e->body);
}

/* GNU.sparse, in each version; of files that begin with a hole of nothing. */
static void as_sparse(struct maker *m, const struct entry *e)
{
	struct header h = plain(e);
	size_t n = e->body.n;
	struct hm_str lines = HM_STR(""), body = e->body;
	switch (below(m, 4)) {
	case 0:
		lines = hm_fmt(
			m->cx,
			"GNU.sparse.size=%zu\nGNU.sparse.numblocks=1\nGNU.sparse.offset=0\nGNU.sparse.numbytes=%zu\n",
			n, n);
		break;
	case 1:
		lines = hm_fmt(
			m->cx,
			"GNU.sparse.size=%zu\nGNU.sparse.numblocks=1\nGNU.sparse.map=0,%zu\n", n,
			n);
		break;
	case 2:
		lines = hm_fmt(
			m->cx,
			"GNU.sparse.major=0\nGNU.sparse.minor=1\nGNU.sparse.numblocks=1\nGNU.sparse.map=0,%zu\n",
			n);
		break;
	default: {
		HM_AUTO_BUF b = HM_BUF(1 << 16);
		hm_buf_fmt(&b, "1\n0\n%zu\n", n);
		hm_buf_add(&b, hm_sub(tar_padding(b.n), 0, SIZE_MAX));
		hm_buf_add(&b, e->body);
		lines = hm_fmt(m->cx,
			       "GNU.sparse.major=1\nGNU.sparse.minor=0\nGNU.sparse.realsize=%zu\n",
			       n);
		body = hm_dup(m->cx, hm_buf_str(&b));
	}
	}
	if (chance(m, 70)) {
		lines = hm_fmt(m->cx, "%.*sGNU.sparse.name=%.*s\n", HM_FMT(lines), HM_FMT(e->path));
		h.name = hm_cstr(ANY(m, junk));
		if (chance(m, 30))
			put_meta(m, 'L', hm_fmt(m->cx, "junk%c", 0));
	}
	if (e->type != '0' && chance(m, 90)) {
		lines = HM_STR("comment=x\n");
		h = plain(e);
		body = e->body;
	}
	if (chance(m, 10)) /* the first line is lost */
		hm_cut(&lines, '\n');
	h.size = body.n;
	put_pax(m, 'x', lines);
	put_header(m, &h);
	put_body(m, body);
}

/* What must be refused, or read as runtimes do. */
static void as_nonsense(struct maker *m, const struct entry *e)
{
	static const char *const lines[] = {
		"GNU.sparse.major=0\nGNU.sparse.map=0,1\nGNU.sparse.name=junk\n",
		"GNU.sparse.name=junk\n",
		"GNU.sparse.map=0,0\nGNU.sparse.numblocks=0\n",
		"GNU.sparse.major=2\nGNU.sparse.minor=0\nGNU.sparse.name=junk\n",
		"SCHILY.xattr.trusted.overlay.redirect=/a\n",
		"size=-1\n",
		"path=a//b\n",
	};
	struct header h = plain(e);
	switch (below(m, 5)) {
	case 0:
		put_pax(m, 'x', hm_cstr(ANY(m, lines)));
		break;
	case 1:
		put_pax(m, 'x', HM_STR("path=junk\n"));
		put_pax(m, 'g', HM_STR("comment=x\n"));
		break;
	case 2:
		put_meta(m, 'L', HM_STR("junk"));
		put_pax(m, 'g', HM_STR("path=junk2\n"));
		break;
	case 3:
		h.type = (char)("7SDXVMx"[below(m, 6)]);
		break;
	default:
		hm_buf_add(&m->tar, tar_padding(1));
		m->tar.n -= 511;
		hm_buf_add(&m->tar, tar_padding(1));
		m->tar.n -= m->tar.n % BLOCK;
		break;
	}
	put_header(m, &h);
	put_body(m, e->body);
}

/* What takes the place of a folder that the layer has put something into is refused. */
static bool is_entered(const struct maker *m, struct hm_str path)
{
	for (size_t i = 0; i < m->paths.n; i++)
		if (inventory_is_below(m->paths.p[i], path))
			return true;
	return false;
}

static void put_entry(struct maker *m, const struct entry *e)
{
	static const struct {
		const char *label;
		unsigned weight;
		void (*put)(struct maker *m, const struct entry *e);
	} ways[] = {
		{ "as ustar", 8, as_ustar },       { "as v7", 10, as_v7 },
		{ "in base 256", 6, as_binary },   { "padded", 10, as_padded },
		{ "with a prefix", 8, as_prefix }, { "decorated", 12, as_decorated },
		{ "by pax", 16, as_pax },          { "with empty records", 8, as_empty_pax },
		{ "by a long name", 10, as_long }, { "sparse", 10, as_sparse },
		{ "as nonsense", 2, as_nonsense },
	};
	size_t at = chance(m, m->spice) ? below(m, 100) : 0, i = 0;
	while (at >= ways[i].weight)
		at -= ways[i++].weight;
	struct entry own = *e;
	if (e->type != '5' && is_entered(m, e->path) && !chance(m, 3))
		return;
	*hm_push(m->cx, &m->paths) = e->path;
	if (e->type == '5')
		own.path = hm_fmt(m->cx, "%.*s/", HM_FMT(e->path));
	say(m, e, ways[i].label);
	ways[i].put(m, &own);
}

/* --- what a layer does --- */

static void add_dirs(struct maker *m, struct hm_str path)
{
	for (size_t i = 0; i < path.n; i++) {
		struct hm_str dir = hm_sub(path, 0, i);
		if (path.p[i] != '/' || hm_strs_has(&m->dirs, dir) || chance(m, 10))
			continue;
		*hm_push(m->cx, &m->dirs) = dir;
		put_entry(m, &(struct entry){ .path = dir, .type = '5' });
	}
}

static void add_file(struct maker *m, struct hm_str path, bool empty)
{
	if (m->has_dirs)
		add_dirs(m, path);
	struct hm_str body = empty ? HM_STR("") : package(m, path);
	put_entry(m, &(struct entry){ .path = path, .body = body, .type = '0' });
	if (!empty && m->words.n) {
		m->words.n--;
		hm_buf_fmt(&m->words, " e%u\n", m->names);
	}
	if (m->files_n < FILES_MOST)
		m->files[m->files_n++] = path;
}

static void do_package(struct maker *m)
{
	add_file(m, some_path(m), false);
}

static void do_file(struct maker *m)
{
	add_file(m, part_of(m, some_path(m)), true);
}

static void do_dir(struct maker *m)
{
	put_entry(m, &(struct entry){ .path = hm_dirname(part_of(m, some_path(m))), .type = '5' });
}

/* Links that lead to themselves are walked to the end by runtimes, and then refused. */
static bool leads_to_itself(struct maker *m, struct hm_str path, struct hm_str target)
{
	HM_AUTO_BUF to = HM_BUF(4096);
	if (!hm_starts(target, HM_STR("/")))
		hm_buf_add(&to, hm_dirname(path));
	while (target.n)
		inventory_path_step(&to, hm_cut(&target, '/'));
	struct hm_str at = hm_buf_str(&to);
	return !chance(m, 2) && (hm_eq(at, path) || inventory_is_below(at, path));
}

static void do_link(struct maker *m)
{
	struct hm_str path = hm_cstr(ANY(m, links)), target = hm_cstr(ANY(m, targets));
	m->odd = true;
	if (!leads_to_itself(m, path, target))
		put_entry(m, &(struct entry){ .path = path, .link = target, .type = '2' });
}

static void do_link_to_place(struct maker *m)
{
	struct hm_str path = hm_cstr(ANY(m, links)), place = hm_cstr(ANY(m, places));
	struct hm_str dir = hm_fmt(m->cx, "/%.*s", HM_FMT(hm_dirname(place)));
	m->odd = true;
	if (leads_to_itself(m, path, dir))
		return;
	put_entry(m, &(struct entry){ .path = path, .link = dir, .type = '2' });
	add_file(m, hm_fmt(m->cx, "%.*s/%.*s", HM_FMT(path), HM_FMT(hm_basename(place))), false);
}

/* A link by which a loader finds a package that lies where none is looked for, or where one is. */
static void do_link_to_package(struct maker *m)
{
	struct hm_str path = hm_cstr(ANY(m, package_links));
	struct hm_str place = chance(m, 70) ? hm_cstr(ANY(m, others)) : some_path(m);
	struct hm_str name = hm_basename(place), to = place;
	bool is_file = hm_eq(hm_basename(path), name);
	if (!is_file && (hm_eqz(name, "status") || hm_eqz(name, "installed")))
		return;
	if (!is_file)
		to = hm_dirname(place);
	if (hm_eqz(hm_basename(path), "node_modules") || hm_eqz(hm_basename(path), "@s"))
		to = hm_dirname(to); /* the folder of packages */
	to = hm_fmt(m->cx, "/%.*s", HM_FMT(to));
	m->odd = true;
	if (leads_to_itself(m, path, to))
		return;
	if (chance(m, 60))
		add_file(m, place, false);
	put_entry(m, &(struct entry){ .path = path, .link = to, .type = '2' });
	if (chance(m, 20)) /* beside it, by the link */
		add_file(m, hm_fmt(m->cx, "%.*s/%.*s", HM_FMT(path), HM_FMT(name)), false);
}

static void do_hardlink(struct maker *m)
{
	struct hm_str path = some_path(m), to = chance(m, 2) ? hm_cstr(ANY(m, links)) : HM_STR("");
	for (int i = 0; i < 20 && !to.n && m->files_n; i++) {
		struct hm_str file = m->files[below(m, m->files_n)];
		if (hm_eq(hm_basename(file), hm_basename(path)) && !hm_eq(file, path))
			to = file;
	}
	if (to.n)
		put_entry(m, &(struct entry){ .path = path, .link = to, .type = '1' });
}

static void do_whiteout(struct maker *m)
{
	struct hm_str path = part_of(m, some_path(m)), dir = hm_dirname(path);
	put_entry(m, &(struct entry){ .path = hm_fmt(m->cx, "%.*s%s.wh.%.*s", HM_FMT(dir),
						     dir.n ? "/" : "", HM_FMT(hm_basename(path))),
				      .type = chance(m, 95) ? '0' : '5' });
}

static void do_opaque(struct maker *m)
{
	struct hm_str dir = hm_dirname(part_of(m, some_path(m)));
	put_entry(m, &(struct entry){ .path = hm_fmt(m->cx, "%.*s%s.wh..wh..opq", HM_FMT(dir),
						     dir.n ? "/" : ""),
				      .type = '0' });
}

static void do_replace(struct maker *m)
{
	struct hm_str path = hm_dirname(part_of(m, some_path(m)));
	if (!path.n)
		return;
	static const char kinds[] = "0256";
	for (int i = 0; i < 2; i++) {
		char type = kinds[below(m, 4)];
		m->odd |= type == '2';
		put_entry(m, &(struct entry){ .path = path,
					      .type = i ? '5' : type,
					      .link = type == '2' && !i ? HM_STR("nowhere")
									: HM_STR("") });
	}
}

static void do_odd(struct maker *m)
{
	static const char *const names[] = { ".wh..wh.plnk/1",
					     ".wh..wh.aufs",
					     "a/.wh..wh.orph",
					     "./",
					     "/",
					     "a/.wh.x/y",
					     ".wh.a.b",
					     "A/node_modules/P/package.json" };
	if (chance(m, 40)) {
		m->odd = true;
		put_entry(m, &(struct entry){ .path = part_of(m, some_path(m)),
					      .type = chance(m, 50) ? '3' : '6' });
		return;
	}
	if (chance(m, 30)) {
		struct header h = { .name = part_of(m, some_path(m)),
				    .type = 'g',
				    .magic = "ustar\0"
					     "00" };
		m->odd = true;
		put_header(m, &h);
		hm_buf_fmt(&m->words, "g %.*s\n", HM_FMT(h.name));
		return;
	}
	put_entry(m, &(struct entry){ .path = hm_cstr(ANY(m, names)), .type = '0' });
}

static void make_layer(struct maker *m)
{
	static const struct {
		unsigned weight;
		void (*act)(struct maker *m);
	} acts[] = {
		{ 39, do_package },
		{ 5, do_file },
		{ 9, do_dir },
		{ 9, do_link },
		{ 7, do_link_to_place },
		{ 7, do_hardlink },
		{ 7, do_whiteout },
		{ 4, do_opaque },
		{ 4, do_replace },
		{ 3, do_odd },
		{ 6, do_link_to_package },
	};
	size_t ops = 1 + below(m, OPS_MOST);
	m->files_n = 0;
	m->dirs.n = m->paths.n = 0;
	hm_buf_clear(&m->tar);
	for (size_t i = 0; i < ops; i++) {
		size_t at = below(m, 100), k = 0;
		while (at >= acts[k].weight)
			at -= acts[k++].weight;
		acts[k].act(m);
	}
	hm_buf_add(&m->tar, tar_trailer());
}

void hostile_image_make(struct hm_cx *cx, uint64_t seed, struct hostile_image *out)
{
	struct maker m = { .cx = cx, .random = seed * 0x2545f4914f6cdd1dU + 1 };
	m.tar.max = m.words.max = 1 << 24;
	m.spice = (unsigned)below(&m, 4) * 10;
	m.has_dirs = chance(&m, 60);
	*out = (struct hostile_image){ .n = 1 + below(&m, HOSTILE_LAYERS) };
	for (size_t i = 0; i < out->n; i++) {
		hm_buf_fmt(&m.words, "layer %zu\n", i);
		make_layer(&m);
		out->layers[i] = hm_dup(cx, hm_buf_str(&m.tar));
	}
	out->words = hm_dup(cx, hm_buf_str(&m.words));
	out->odd = m.odd;
	hm_buf_done(&m.tar);
	hm_buf_done(&m.words);
}
