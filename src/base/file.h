/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.h - files: read whole under a limit, replaced atomically, locked, made temporary.
 *
 * Descriptors are close-on-exec from birth. A file that Hullmark writes is written beside its
 * place, flushed to disk and renamed: a kill at any instant leaves the old file or the new one.
 */
#ifndef HM_BASE_FILE_H
#define HM_BASE_FILE_H

#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/vec.h"

static inline void hm_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

#define HM_AUTO_FD HM_CLEANUP(hm_close_fd) int
/* Hand the descriptor over: the variable becomes -1. */
#define hm_move_fd(fd)         \
	__extension__({        \
		int v_ = (fd); \
		(fd) = -1;     \
		v_;            \
	})

/*
 * All of a regular file, in the arena, NUL behind it; `max` bytes at most, charged to the budget.
 * HM_ABSENT: no such file. HM_INPUT: not a regular file. HM_LIMIT: larger. HM_SYSTEM: unreadable.
 */
HM_MUST hm_err hm_read_file(struct hm_cx *cx, const char *path, size_t max, struct hm_str *out);
/* Open for that: the same faults. */
HM_MUST hm_err hm_open_file(struct hm_cx *cx, const char *path, size_t max, int *out_fd,
			    struct stat *out);
/* The same from a descriptor that may be a pipe, until its end. `name` is for messages. */
HM_MUST hm_err hm_read_fd(struct hm_cx *cx, int fd, const char *name, size_t max,
			  struct hm_str *out);
/* The same, behind what is in the buffer, whose maximum is the limit. */
HM_MUST hm_err hm_read_into(struct hm_cx *cx, int fd, const char *name, struct hm_buf *b);
/* All bytes, however many calls it takes. */
HM_MUST hm_err hm_write_all(struct hm_cx *cx, int fd, const char *name, struct hm_str bytes);

/* Replace (or make) the file at `path`: written beside, flushed, renamed. */
HM_MUST hm_err hm_write_file(struct hm_cx *cx, const char *path, struct hm_str bytes, mode_t mode);

/* A file that becomes `path` only when it is committed; otherwise it leaves nothing behind. */
struct hm_newfile {
	int fd;
	char *path, *temp; /* in the arena; temp is NULL while the file has no name */
	bool may_be_lost;  /* after a crash it may be gone or cut short: it is not flushed */
};

/* Beside `path`, whose folder must be there; without a name where the file system can do that. */
HM_MUST hm_err hm_newfile_open(struct hm_cx *cx, const char *path, mode_t mode,
			       struct hm_newfile *out);
/* Flush, rename, flush the folder. */
HM_MUST hm_err hm_newfile_commit(struct hm_cx *cx, struct hm_newfile *f);
/* Remove what was not committed; for HM_CLEANUP. */
void hm_newfile_done(struct hm_newfile *f);
#define HM_AUTO_NEWFILE HM_CLEANUP(hm_newfile_done) struct hm_newfile

/* Flush the folder that `path` stands in, so that its name there outlives a crash. */
HM_MUST hm_err hm_sync_folder(struct hm_cx *cx, const char *path);
/* `path` and the folders above it; existing ones are no error. */
HM_MUST hm_err hm_mkdirs(struct hm_cx *cx, const char *path, mode_t mode);
/* Remove a folder and all below it; absent is no error. Links are not followed. */
HM_MUST hm_err hm_remove_tree(struct hm_cx *cx, const char *path);
/* The names in a folder, sorted, without "." and "..". HM_ABSENT; at most `max` of them. */
HM_MUST hm_err hm_list_dir(struct hm_cx *cx, const char *path, size_t max, struct hm_strs *out);
/* An exclusive lock on the file at `path` (made if absent), waited for until the deadline
 * (HM_BUSY). It ends when the descriptor is closed. */
HM_MUST hm_err hm_lock(struct hm_cx *cx, const char *path, int *out_fd);
/* A descriptor of a file that has no name: for spooling. In $TMPDIR, else /tmp. */
HM_MUST hm_err hm_temp_fd(struct hm_cx *cx, int *out_fd);
/* A fresh folder below $TMPDIR, mode 0700. */
HM_MUST hm_err hm_temp_dir(struct hm_cx *cx, char **out);
/* Is there anything that the name leads to? A link to nothing is nothing. */
bool hm_exists(const char *path);
/* "a/b" of parts; in the arena. */
char *hm_path(struct hm_cx *cx, const char *dir, const char *name);

#endif
