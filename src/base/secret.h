/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.h - passwords, tokens and private keys: locked in memory, wiped, compared in constant
 * time.
 *
 * The bytes of a secret lie on pages of their own: locked, so that they are never written to swap;
 * left out of core dumps; zero in a child that fork() makes; between two pages that nobody may
 * touch; and zero before they are given back. The first of them makes the whole process one that
 * leaves no core dump and that other processes of its user can neither trace nor read
 * (prctl(2), PR_SET_DUMPABLE), because libraries keep copies that no page of ours can hold.
 *
 * Where the machine does not lock the pages (RLIMIT_MEMLOCK is spent) the secret is kept all the
 * same, and that is logged once, at debug level: no signature fails for it. All else holds.
 *
 * A secret has one owner, which ends it with hm_secret_done(); HM_AUTO_SECRET does. hm_secret_str()
 * lends a view that is good until then, or until more is added. A view that is copied into an
 * arena is no longer protected: what is computed from secrets is computed in a context of
 * hm_secret_cx(), or written into a buffer that is a secret's.
 */
#ifndef HM_BASE_SECRET_H
#define HM_BASE_SECRET_H

#include "base/buf.h"

struct hm_secret {
	struct hm_buf
		bytes; /* to be filled with hm_buf_add() and its like; read with hm_secret_str() */
};

/* An empty one, for at most this many bytes. { 0 } is empty too, and stays so. */
#define HM_SECRET(maximum) ((struct hm_secret){ { .max = (maximum), .secret = true } })
#define HM_AUTO_SECRET     HM_CLEANUP(hm_secret_done) struct hm_secret

/* Wiped, and given back. */
void hm_secret_done(struct hm_secret *s);
/* A secret of these bytes, however many. */
struct hm_secret hm_secret_of(struct hm_str bytes);
/* Hand it over: the variable becomes empty. */
static inline struct hm_secret hm_secret_move(struct hm_secret *s)
{
	struct hm_secret moved = *s;
	*s = HM_SECRET(0);
	return moved;
}

static inline struct hm_str hm_secret_str(const struct hm_secret *s)
{
	return hm_buf_str(&s->bytes);
}

/* In time that depends on the lengths alone. */
static inline bool hm_secret_eq(const struct hm_secret *a, const struct hm_secret *b)
{
	return hm_eq_secret(hm_secret_str(a), hm_secret_str(b));
}

/*
 * All of a regular file, or of a descriptor until its end; `max` bytes at most. Faults as
 * hm_read_file().
 * *out_mode: 0, or the file's mode, where others than its owner can get at it. A file of root's
 * that a group may read is for that group, of which we are one, as with PostgreSQL's keys.
 */
HM_MUST hm_err hm_secret_read_file(struct hm_cx *cx, const char *path, size_t max,
				   struct hm_secret *out, unsigned *out_mode);
/* The same without reading it, for another process that does. */
HM_MUST hm_err hm_secret_open_file(struct hm_cx *cx, const char *path, size_t max, int *out_fd,
				   unsigned *out_mode);
HM_MUST hm_err hm_secret_read_fd(struct hm_cx *cx, int fd, const char *name, size_t max,
				 struct hm_secret *out);
/* Warn, once for each file, of the mode that reading it gave; 0: nothing to warn of. */
void hm_secret_warn(struct hm_cx *cx, const char *path, unsigned mode);

/* A child of `cx` (hm_cx_child) whose memory is a secret's. Its faults are its own, too: copy them
 * with hm_fault_copy(). */
struct hm_cx hm_secret_cx(const struct hm_cx *cx, size_t budget);

/*
 * free() and realloc() for a library that holds secrets in ordinary memory: what is given back is
 * wiped first. Of a large piece only the first HM_SECRET_WIPED bytes are: large ones are buffers of
 * whole transfers, which were filled from their beginning.
 */
enum { HM_SECRET_WIPED = 64 * 1024 };
void hm_secret_free(void *p);
void *hm_secret_realloc(void *p, size_t n); /* NULL: no memory, and p is as it was */

/* No core dumps, no tracing, from now on: for secrets that a library keeps. */
void hm_secret_hide_process(void);

/* The pages themselves, zeroed, for whoever manages memory; n as it was asked for. Aborts as
 * hm_alloc(). */
void *hm_secret_map(size_t n);
void hm_secret_unmap(void *p, size_t n);

#endif
