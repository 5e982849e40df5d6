/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive.h - inside repair/: the bytes of a layer until they are packed, in temporary files.
 *
 * Most come with packages, whose records stand in a file already: those are not copied, the archive
 * remembers where they are. What is put as bytes goes into a file of its own.
 */
#ifndef REPAIR_ARCHIVE_H
#define REPAIR_ARCHIVE_H

#include "base/buf.h"

/* Bytes in a file that the archive has made. */
struct repair_stored {
	int fd;
	uint64_t at, n;
};
/* A piece of the archive: it ends where the next begins. */
struct repair_piece {
	uint64_t from; /* in the archive */
	int fd;
	uint64_t at; /* in the file */
};
struct repair_archive {
	struct hm_cx cx;     /* of what is remembered here */
	int own;             /* what was put as bytes */
	uint64_t own_n;      /* that is written, */
	struct hm_buf later; /* and what is to be written behind it */
	uint64_t n;          /* bytes of the archive */
	struct {
		struct repair_piece *p;
		size_t n, cap;
	} pieces;
	struct {
		int *p;
		size_t n, cap;
	} files;
};

HM_MUST hm_err repair_archive_open(struct hm_cx *cx, struct repair_archive *a);
void repair_archive_done(struct repair_archive *a); /* a zeroed one is allowed */
#define REPAIR_AUTO_ARCHIVE HM_CLEANUP(repair_archive_done) struct repair_archive

/* A temporary file that lasts as long as the archive. */
HM_MUST hm_err repair_archive_file(struct hm_cx *cx, struct repair_archive *a, int *out_fd);
HM_MUST hm_err repair_archive_put(struct hm_cx *cx, struct repair_archive *a, struct hm_str bytes);
/* The same for what stands in such a file, and stays as it is. */
void repair_archive_put_stored(struct repair_archive *a, struct repair_stored s);
/* Fewer than `n` bytes only at the end of a piece; none at that of the archive. */
HM_MUST hm_err repair_archive_read(struct hm_cx *cx, const struct repair_archive *a, uint64_t at,
				   char *room, size_t n, size_t *out_n);
/* Into a buffer, behind what is there. HM_LIMIT: it has no room for that. */
HM_MUST hm_err repair_stored_bytes(struct hm_cx *cx, struct repair_stored s, struct hm_buf *b);

#endif
