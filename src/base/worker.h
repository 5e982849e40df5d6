/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.h - the sandboxed process in which bytes from strangers are parsed.
 *
 * A worker is one fresh process per input, never used twice, made by posix_spawn of the program
 * itself, or as a copy of a process that was (worker_template.h), or of this one, where it is for a
 * secret (struct hm_work). It has two pipes (input on
 * descriptor 0, answer on descriptor 1), no other descriptors, no environment, no network, no file
 * system (Landlock), a short list of system calls (seccomp), and limits on memory and processor
 * time. The parent reads and hashes what it feeds in, and reads the answer as untrusted bytes with
 * a cursor.
 *
 * What kinds of work there are is a table that the program's main() supplies, so that base/ need
 * not know them. An answer is framed: one status byte (0, or an hm_code), then the payload, or the
 * sentence of the fault; then a trailer that proves the answer is whole. A job that flows gives out
 * records before its answer, while it is still being fed. A worker that crashes, is killed by a
 * limit or answers in another shape is a fault of its one input (HM_INPUT or HM_LIMIT), with the
 * reason.
 */
#ifndef HM_BASE_WORKER_H
#define HM_BASE_WORKER_H

#include "base/buf.h"

/* What a job does, and so what is taken from its process. */
enum hm_job_kind {
	HM_JOB_PARSES, /* bytes from strangers: all that this header says */
	HM_JOB_KEEPS,  /* a secret: the same, but it may lock memory */
	/* Libraries that the machine's owner chose, which need files, devices and their
	 * environment: it is only a process of its own, without core dumps. */
	HM_JOB_LOADS,
};

/* One kind of work. */
struct hm_job {
	const char *name;
	/*
	 * In the worker: read input from descriptor `in` until its end, write the payload to `out`.
	 * `args` is what the parent gave hm_worker_start(). Threads may be made.
	 */
	hm_err (*run)(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);
	bool flows; /* it calls hm_worker_say(), and its parent hm_worker_flow() or hm_worker_ask()
		     */
	enum hm_job_kind kind;
	/* Before the sandbox is entered, and before a byte of input is read: loads libraries of
	 * this machine. NULL: it needs none. */
	hm_err (*load)(struct hm_cx *cx);
	/* Of HM_JOB_LOADS: a variable of our environment that it needs, though others get none of
	 * our secrets (environment.h). NULL: none. */
	const char *variable;
};

/* The program's table of jobs, ended by a row without name; set once, first of all, by main(). A
 * pipe whose reader is gone is an error of the writer from here on, not a signal (SIGPIPE is
 * ignored). */
void hm_worker_jobs(const struct hm_job *table);
/* The program that is spawned; without this call the one that runs (/proc/self/exe). For tests,
 * which are programs of their own. */
void hm_worker_program(const char *path);
/* In main(), first of all: when this process was spawned as a worker, does its work and exits. */
void hm_worker_main(int argc, char **argv);

/* Where seccomp or Landlock is missing a worker refuses its work unless this was called
 * (--no-sandbox; it is logged). */
void hm_worker_allow_no_sandbox(void);

struct hm_worker {
	int in;  /* the parent writes input here; -1 when closed */
	int out; /* the parent reads the answer here */
	int pid;
	const char *job;
	bool died; /* it ended without a whole answer */
};
void hm_worker_done(struct hm_worker *w); /* kills and reaps what is still there */
#define HM_AUTO_WORKER HM_CLEANUP(hm_worker_done) struct hm_worker

/*
 * Start a worker for the job `name`. `args` (256 KiB at most) reaches the job unchanged.
 * memory: bytes of address space it may use on top of the program itself (0: HM_MAX_WORKER_MEMORY).
 */
HM_MUST hm_err hm_worker_start(struct hm_cx *cx, const char *name, struct hm_str args,
			       uint64_t memory, struct hm_worker *out);
/* The same with descriptors, which the job finds at HM_WORKER_FIRST and behind it, in their order
 * (-1: nothing is open there). They stay the caller's. */
enum { HM_WORKER_FIRST = 3, HM_WORKER_GIVEN = 2 };
struct hm_work {
	const char *name;
	struct hm_str args;
	uint64_t memory;
	int fds[HM_WORKER_GIVEN];
	size_t fds_n;
	/*
	 * For HM_JOB_KEEPS: a copy of this process, if it has one thread. It starts in a quarter of
	 * the time, and what this process has in its tables need not be made again. Only where this
	 * process has read nothing yet but what its user wrote: a stranger's bytes and a secret are
	 * never in one process. The copy keeps neither environment nor words of the command line.
	 */
	bool as_copy;
};
HM_MUST hm_err hm_worker_start_with(struct hm_cx *cx, const struct hm_work *work,
				    struct hm_worker *out);
/* Feed bytes. A worker that has already answered (an early fault) makes *out_wants false; then
 * stop feeding. It is no fault: hm_worker_answer() tells why. */
HM_MUST hm_err hm_worker_feed(struct hm_cx *cx, struct hm_worker *w, struct hm_str bytes,
			      bool *out_wants);
/* End of input; wait for the answer. Honours the deadline (HM_BUSY, and the worker is killed). */
HM_MUST hm_err hm_worker_answer(struct hm_cx *cx, struct hm_worker *w, struct hm_str *out);
/* The last step of that, where the frame of the answer is at hand and the worker has closed its
 * side: reap it, and open the frame. */
HM_MUST hm_err hm_worker_end(struct hm_cx *cx, struct hm_worker *w, struct hm_str frame,
			     struct hm_str *out);
/* All three for input that is at hand. */
HM_MUST hm_err hm_worker_run(struct hm_cx *cx, const char *name, struct hm_str args,
			     struct hm_str input, struct hm_str *out);

/* --- results that are larger than memory; the parent takes them with worker_flow.h --- */

enum { HM_RECORD_HEAD = 4, HM_RECORD_MAX = 1024 * 1024 };
/* In a worker whose job flows: one record, 1 to HM_RECORD_MAX bytes. */
HM_MUST hm_err hm_worker_say(struct hm_cx *cx, struct hm_str record);
/* The same for one of two parts, which may wait for others, so that small ones go out together:
 * `later` is HM_BUF(HM_RECORD_LATER), and what is left in it must be said by hm_worker_say_rest().
 */
enum { HM_RECORD_LATER = 256 * 1024 };
HM_MUST hm_err hm_worker_say_later(struct hm_cx *cx, struct hm_buf *later, struct hm_str head,
				   struct hm_str rest);
HM_MUST hm_err hm_worker_say_rest(struct hm_cx *cx, struct hm_buf *later);

#endif
