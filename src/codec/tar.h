/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tar.h - tar archives read in stride: bytes are pushed in, entries come out, nothing is kept; and
 * written.
 *
 * Sources: POSIX.1-2001 pax (ustar and pax headers); "Basic Tar Format" and "Storing Sparse Files"
 * of the GNU tar manual; star's prefix. Read are v7, ustar, pax (path, linkpath, size, GNU.sparse
 * 0.0, 0.1 and 1.0), GNU long names, old GNU sparse files, base-256 numbers.
 *
 * Where the formats leave a choice, it is made as Go's archive/tar makes it, because that is what
 * container runtimes unpack with. What is read here differently from there is refused:
 *
 *  - a name is GNU's long one, else pax "path", else the header's; of a sparse file,
 *    GNU.sparse.name before all of them;
 *  - an entry without type is a folder when its name ends in '/', whichever of the first three the
 *    name came from; the name of a regular file may end so;
 *  - links, folders and devices have no data, whatever their sizes say;
 *  - a second pax header replaces the first; an empty value takes nothing from the header block;
 *  - a global header changes no entry (see global() below), and stands between no extended header
 *    and its entry;
 *  - sparse attributes are those of a version that GNU tar has written, complete, and of a file;
 *  - a prefix in a header of GNU's format is one only where its times are no numbers: Go wrote that
 *    until 1.8;
 *  - what follows two zero blocks is ignored; an archive may end without them.
 *
 * Header checksums are verified. HM_INPUT: a bad checksum or number, an unknown entry type, pax
 * records or a sparse map that contradict themselves, a single zero block, an end in the middle of
 * an entry. HM_LIMIT: HM_MAX_PAX, HM_MAX_PATH, HM_MAX_SPARSE, HM_MAX_TAR_EXTENDED.
 */
#ifndef CODEC_TAR_H
#define CODEC_TAR_H

#include "base/base.h"

enum tar_type { TAR_FILE, TAR_HARDLINK, TAR_SYMLINK, TAR_DIR, TAR_DEVICE, TAR_OTHER /* pipe */ };

struct tar_entry {
	struct hm_str path, link; /* as they stand there; see tar_clean_path() */
	enum tar_type type;
	uint64_t size; /* of a file, its holes included */
	uint32_t mode; /* permission bits, with setuid, setgid and sticky */
	uint32_t uid, gid;
	struct hm_str user, group; /* their names, where they are said; unchecked bytes */
	int64_t mtime;             /* seconds since 1970 */
	bool sparse;
	/* An extended attribute by which overlayfs takes name or content from elsewhere: "redirect"
	 * or "metacopy" (Linux, Documentation/filesystems/overlayfs.rst). */
	bool redirected;
	bool has_attributes; /* extended ones, of any name */
	/* The extended attribute "security.capability" (capabilities(7)); not that of libarchive's
	 * own kind. */
	struct hm_str capability;
};

/* --- reading --- */

/* Who is told. Strings are good until the function returns. */
struct tar_events {
	/* *out_data: should data() and end() be called for this file? */
	hm_err (*entry)(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data);
	/* Bytes at `offset` of the file, in ascending order; what is left out is zero. */
	hm_err (*data)(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes);
	hm_err (*end)(struct hm_cx *cx, void *arg);
	/* A global header of this name, or that of a volume, or NULL. It is no file, but what is at
	 * its name is gone when a container runtime has seen it. */
	hm_err (*global)(struct hm_cx *cx, void *arg, struct hm_str path);
};

struct tar; /* a reader in the middle of an archive */
struct tar *tar_open(struct hm_cx *cx, const struct tar_events *events, void *arg);
/* Any number of bytes; whole blocks of 512 are the fastest. */
HM_MUST hm_err tar_feed(struct hm_cx *cx, struct tar *t, struct hm_str bytes);
/*
 * How many of the next bytes nobody wants: data of an entry whose data was not asked for, padding.
 * They count as fed: whoever can seek goes on behind them, and must know that they are there.
 */
uint64_t tar_skip(struct tar *t);
/* The end of the archive went by: what follows is ignored. */
bool tar_is_over(const struct tar *t);
/* No more bytes: HM_INPUT where the archive is cut short. */
HM_MUST hm_err tar_end(struct hm_cx *cx, struct tar *t);
/* All of a stream (stream.h), and the end. HM_LIMIT: it inflates without measure. */
struct stream;
HM_MUST hm_err tar_feed_stream(struct hm_cx *cx, struct tar *t, struct stream *s);
void tar_close(struct tar *t);
static inline void tar_close_ptr(struct tar **t)
{
	if (*t)
		tar_close(*t);
}
#define TAR_AUTO HM_CLEANUP(tar_close_ptr) struct tar *

/*
 * A name as container runtimes take it: relative to the root, without ".", "..", empty names and a
 * '/' at either end; the root is "". A slice of `path` where it is clean already. HM_INPUT: it
 * leads out of the root, or has a NUL in it. HM_LIMIT: HM_MAX_PATH.
 */
HM_MUST hm_err tar_clean_path(struct hm_cx *cx, struct hm_str path, struct hm_str *out);

/* --- writing --- */

/*
 * The header of an entry, added to `out`: ustar, with a pax header before it where a name is long
 * or not ASCII, a number does not fit, or there is a capability. Times and owners are the entry's;
 * the owners' names are not written. The path of a folder gets its '/'. A file's e->size bytes
 * follow it, then tar_padding() of them. HM_USAGE: TAR_DEVICE, TAR_OTHER. HM_LIMIT: HM_MAX_PATH.
 */
HM_MUST hm_err tar_write_header(struct hm_cx *cx, const struct tar_entry *e, struct hm_buf *out);
/* The zeros that stand behind `size` bytes of a file. */
struct hm_str tar_padding(uint64_t size);
/* What ends an archive. */
struct hm_str tar_trailer(void);

#endif
