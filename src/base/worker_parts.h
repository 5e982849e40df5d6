/* SPDX-License-Identifier: Apache-2.0 */
/* worker_parts.h - private to base/: what the files of the worker share. */
#ifndef HM_BASE_WORKER_PARTS_H
#define HM_BASE_WORKER_PARTS_H

#include "base/sandbox.h"
#include "base/worker.h"

#define HM_WORKER_FLAG          "--hullmark-worker"
#define HM_WORKER_TEMPLATE_FLAG "--hullmark-worker-template"
enum { HM_WORKER_ARGS = 256 * 1024 };

/* Find a job by its name. Not found: the row that ends the table, whose name is NULL. */
const struct hm_job *hm_worker_job(const char *name);
/* Wait until one of these events (poll(2)) happens on the descriptor. HM_BUSY: the deadline has
 * passed. */
HM_MUST hm_err hm_worker_wait(struct hm_cx *cx, int fd, short events);

/* --- starting --- */

struct hm_worker_pipes {
	int in[2], out[2]; /* -1: not open */
};
/* Ends above standard error, closed on exec. */
HM_MUST hm_err hm_worker_pipes_make(struct hm_cx *cx, struct hm_worker_pipes *p);
void hm_worker_pipes_done(struct hm_worker_pipes *p);
/* The program itself, with these descriptors from 0 on: -1 is closed, and one that stays where it
 * is is left alone. Returns an errno. */
int hm_worker_spawn(const char *const *argv, char **environment, const int *fds, size_t fds_n,
		    pid_t *out);
/* The parent's ends become the worker's, and it is given its arguments (HM_WORKER_ARGS at most). */
HM_MUST hm_err hm_worker_attach(struct hm_cx *cx, struct hm_worker_pipes *p, struct hm_str args,
				struct hm_worker *w);
bool hm_worker_has_sandbox(void); /* unless --no-sandbox */
/* In the worker: what it is for, and its end. */
_Noreturn void hm_worker_do(const struct hm_job *job, uint64_t memory, bool sandbox);

/* --- as a copy of this process: worker_fork.c --- */

/* main()'s, which the copy wipes. */
void hm_worker_know_words(char **argv);
/* Are they known, and has this process one thread? */
bool hm_worker_can_fork(void);
struct hm_worker_forked {
	const struct hm_job *job;
	uint64_t memory;
	const int *fds; /* as those of hm_worker_spawn() */
	size_t fds_n;
	void (*body)(const struct hm_worker_forked *f); /* in the copy; it does not return */
};
/* Returns an errno. */
int hm_worker_fork(const struct hm_worker_forked *f, pid_t *out);

/* --- in a template: worker_copy.c --- */

/* What a copy does with its input, once it is in its sandbox. */
struct hm_worker_copied {
	const struct hm_job *job;
	uint64_t memory;
	struct hm_sandbox sandbox;
	bool is_large; /* its input is worth large pages */
};
typedef void hm_worker_body(const struct hm_worker_copied *c);
/* Descriptor 0 is a socket: for each pair of descriptors that comes, a copy of this process, which
 * has them as 0 and 1, and does `body`; its number is the answer, and stands in *copy before
 * anything else happens. Until the socket's end. */
_Noreturn void hm_worker_serve_copies(const struct hm_job *job, uint64_t memory, atomic_int *copy,
				      hm_worker_body *body);
/* Maps the memory that a template shares with its parent, by its descriptor. NULL: it could not. */
atomic_int *hm_worker_share(int fd);
void hm_worker_unshare(atomic_int *copy);
/* One message with two descriptors, and whether the input is large. False: there is nobody on the
 * other side. */
bool hm_worker_send_ends(int socket, const int ends[2], bool is_large);

#endif
