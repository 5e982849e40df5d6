/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <sched.h>
#include <stdlib.h>

struct job {
	struct hm_cx *cx; /* the caller's: only read here, but for faults under the lock */
	size_t n, budget;
	hm_err (*run)(struct hm_cx *cx, void *arg, size_t i);
	void *arg;
	atomic_size_t next;
	atomic_bool failed;
	pthread_mutex_t lock;
	size_t failed_at;
	hm_err err;
};

static void keep_fault(struct job *j, size_t i, hm_err err)
{
	pthread_mutex_lock(&j->lock);
	if (!j->err || i < j->failed_at) {
		j->err = hm_fault_copy(j->cx, err);
		j->failed_at = i;
	}
	pthread_mutex_unlock(&j->lock);
	atomic_store(&j->failed, true);
}

static void *run_jobs(void *arg)
{
	struct job *j = arg;
	while (!atomic_load(&j->failed)) {
		size_t i = atomic_fetch_add(&j->next, 1);
		if (i >= j->n)
			break;
		HM_AUTO_CX cx = hm_cx_child(j->cx, j->budget);
		hm_err err = hm_alive(&cx);
		if (!err)
			err = j->run(&cx, j->arg, i);
		if (err)
			keep_fault(j, i, err);
	}
	return NULL;
}

hm_err hm_parallel(struct hm_cx *cx, size_t n, unsigned threads, size_t budget,
		   hm_err (*run)(struct hm_cx *cx, void *arg, size_t i), void *arg)
{
	enum { MOST = 64 };
	pthread_t ids[MOST];
	struct job j = { .cx = cx,
			 .n = n,
			 .budget = budget,
			 .run = run,
			 .arg = arg,
			 .lock = PTHREAD_MUTEX_INITIALIZER };
	if (threads == 0)
		threads = hm_processors();
	if (threads > n)
		threads = (unsigned)n;
	if (threads > MOST)
		threads = MOST;
	unsigned made = 0;
	while (made + 1 < threads && pthread_create(&ids[made], NULL, run_jobs, &j) == 0)
		made++;
	run_jobs(
		&j); /* this thread is one of them, so that a machine without threads still works */
	for (unsigned i = 0; i < made; i++)
		pthread_join(ids[i], NULL);
	pthread_mutex_destroy(&j.lock);
	return j.err;
}

static void *run_task(void *arg)
{
	struct hm_task *t = arg;
	t->err = t->run(&t->cx, t->arg);
	return NULL;
}

bool hm_task_start_aside(const struct hm_cx *cx, struct hm_task *t, size_t budget,
			 hm_err (*run)(struct hm_cx *cx, void *arg), void *arg)
{
	*t = (struct hm_task){ .cx = hm_cx_child(cx, budget), .run = run, .arg = arg };
	t->cx.stop = &t->stop;
	t->running = pthread_create(&t->thread, NULL, run_task, t) == 0;
	return t->running;
}

void hm_task_start(const struct hm_cx *cx, struct hm_task *t, size_t budget,
		   hm_err (*run)(struct hm_cx *cx, void *arg), void *arg)
{
	if (!hm_task_start_aside(cx, t, budget, run, arg))
		run_task(t);
}

static void wait_for(struct hm_task *t)
{
	if (t->running)
		pthread_join(t->thread, NULL);
	t->running = false;
}

hm_err hm_task_end(struct hm_cx *cx, struct hm_task *t)
{
	wait_for(t);
	return t->err ? hm_fault_copy(cx, t->err) : NULL;
}

void hm_task_done(struct hm_task *t)
{
	atomic_store(&t->stop, true);
	wait_for(t);
	hm_cx_done(&t->cx);
}

unsigned hm_processors(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	int n = CPU_COUNT(&set);
	return n > 0 ? (unsigned)n : 1;
}
