/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.h - files: read whole under a limit, replaced atomically, locked, made temporary.
 *
 * Descriptors are close-on-exec from birth. A file that Hullmark writes is written beside its
 * place, flushed to disk and renamed: a kill at any instant leaves the old file or the new one.
 *
 * There are two kinds of places. A file of Hullmark's own, in a folder of its own (hm_write_file(),
 * hm_newfile_open()), is no link and no device: a link there is replaced and not followed, for it
 * would lead out; what is neither file nor link is refused. A file that somebody named
 * (hm_output_write(), hm_output_open()) is what he pointed at: links are followed, and what is no
 * regular file is written to, and stays.
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

/* HM_SYSTEM: a folder, device, FIFO or socket is at `path`, which is never replaced. */
HM_MUST hm_err hm_check_replaceable(struct hm_cx *cx, const char *path);
/* Replace (or make) the file at `path`: written beside, flushed, renamed. Its owner stays, where
 * that is allowed. HM_SYSTEM, too: a folder, device, FIFO or socket is there. */
HM_MUST hm_err hm_write_file(struct hm_cx *cx, const char *path, struct hm_str bytes, mode_t mode);

/* A file that becomes `path` only when it is committed; otherwise it leaves nothing behind. */
struct hm_newfile {
	int fd;
	char *path, *temp; /* in the arena; temp is NULL while the file has no name */
	bool may_be_lost;  /* after a crash it may be gone or cut short: it is not flushed */
	bool name_later;   /* its name outlives a crash once somebody calls hm_sync_folder() */
	bool is_flushed;
	bool through;  /* fd is of what was named, no file of ours: it is written as it comes */
	bool in_place; /* the file that is there keeps its owner only by being written to */
};

/* Beside `path`, whose folder must be there; without a name where the file system can do that. */
HM_MUST hm_err hm_newfile_open(struct hm_cx *cx, const char *path, mode_t mode,
			       struct hm_newfile *out);
/* Its bytes outlive a crash, under no name yet: what has to come before the name goes between. */
HM_MUST hm_err hm_newfile_flush(struct hm_cx *cx, struct hm_newfile *f);
/* Flush, rename, flush the folder. A file on which another is mounted is written to instead. */
HM_MUST hm_err hm_newfile_commit(struct hm_cx *cx, struct hm_newfile *f);
/* Remove what was not committed; for HM_CLEANUP. */
void hm_newfile_done(struct hm_newfile *f);
#define HM_AUTO_NEWFILE HM_CLEANUP(hm_newfile_done) struct hm_newfile

/*
 * The same for a file that somebody named on the command line or in a setting.
 *
 * A device, a FIFO, a terminal, a descriptor (/dev/stdout, /dev/fd/N) is written to and stays. A
 * symbolic link is followed, and its target made or replaced in its own folder; HM_DENIED: a link
 * of another user in a folder where all may write, as /tmp. A regular file that is replaced keeps
 * mode, owner, access list and user attributes; where that is not allowed, or the folder may not be
 * written, its bytes are overwritten. Its other names (hard links) keep the old content. HM_SYSTEM:
 * a folder, or a file that may not be written.
 */
HM_MUST hm_err hm_output_open(struct hm_cx *cx, const char *path, mode_t mode,
			      struct hm_newfile *out);
HM_MUST hm_err hm_output_write(struct hm_cx *cx, const char *path, struct hm_str bytes,
			       mode_t mode);
/* Where that is: links followed, the name of the file to make or replace; or out_through->through,
 * and its fd is open. For those who lock the folder first. */
HM_MUST hm_err hm_output_path(struct hm_cx *cx, const char *path, const char **out_path,
			      struct hm_newfile *out_through);

/* Would two such names be one regular file, there or yet to be made? Links are followed. */
bool hm_is_same_output(struct hm_cx *cx, const char *a, const char *b);

/* Flush the folder that `path` stands in, so that its name there outlives a crash. */
HM_MUST hm_err hm_sync_folder(struct hm_cx *cx, const char *path);
/* `path` and the folders above it; existing ones are no error. */
HM_MUST hm_err hm_mkdirs(struct hm_cx *cx, const char *path, mode_t mode);
/* The same, and the names of those that were made outlive a crash. */
HM_MUST hm_err hm_mkdirs_flushed(struct hm_cx *cx, const char *path, mode_t mode);
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
