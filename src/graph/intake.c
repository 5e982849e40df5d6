/* SPDX-License-Identifier: Apache-2.0 */
/* Many documents come in: threads read them, each in a worker, while the caller's writes what is
 * read, in its order and as much as there is at a time. */
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>

#include "graph/room.h"

enum {
	SLOTS = 64,                /* documents under way */
	WEIGHT = 16 * 1024 * 1024, /* bytes of them, if it is more than one */
	MUCH = 2 * 1024 * 1024,    /* bytes of them that are worth it to make indexes later */
	THREADS = 16,
	POLL_NS = 100 * 1000 * 1000,
};

struct slot {
	struct hm_cx cx; /* of all that is here */
	struct graph_input input;
	size_t weight;
	bool is_read; /* under the lock */
	struct graph_parsed parsed;
	hm_err err;
};

struct graph_intake {
	struct hm_cx *cx; /* the caller's */
	struct graph *graph;
	graph_report *report;
	void *arg;
	struct hm_worker_template workers;
	struct slot slots[SLOTS];
	/* counted since the start: a document's slot is its number modulo SLOTS */
	size_t added, begun, reported;
	size_t weight;
	bool ends;
	bool has_written;
	pthread_mutex_t lock;
	pthread_cond_t is_added, is_read;
	atomic_bool stop; /* those who read, too */
	pthread_t threads[THREADS];
	size_t threads_n;
};

/* ------------------------------------------------------------------ reading */

static hm_err read_slot(struct graph_intake *in, struct slot *s)
{
	HM_AUTO_CX cx = hm_cx_child(&s->cx, s->cx.budget);
	struct hm_str bytes = s->input.bytes;
	hm_err err = s->input.path ? hm_read_file(&cx, s->input.path, HM_MAX_JSON, &bytes) : NULL;
	/* one that cannot be read is refused like one that is damaged: the others go in */
	if (err && (err->code == HM_SYSTEM || err->code == HM_ABSENT))
		return hm_fail(&s->cx, HM_INPUT, "%s", err->why);
	if (err)
		return hm_fault_copy(&s->cx, err);
	return graph_parse(&s->cx, in->graph, &in->workers, bytes, &s->parsed);
}

/* The next that nobody reads yet, or NULL: there will be none, or it is not waited for. */
static struct slot *take_work(struct graph_intake *in, bool waits)
{
	struct slot *s = NULL;
	pthread_mutex_lock(&in->lock);
	while (waits && in->begun == in->added && !in->ends)
		pthread_cond_wait(&in->is_added, &in->lock);
	if (in->begun < in->added)
		s = &in->slots[in->begun++ % SLOTS];
	pthread_mutex_unlock(&in->lock);
	return s;
}

static bool read_next(struct graph_intake *in, bool waits)
{
	struct slot *s = take_work(in, waits);
	if (!s)
		return false;
	s->err = hm_alive(&s->cx);
	if (!s->err)
		s->err = read_slot(in, s);
	pthread_mutex_lock(&in->lock);
	s->is_read = true;
	pthread_cond_signal(&in->is_read);
	pthread_mutex_unlock(&in->lock);
	return true;
}

static void *read_documents(void *arg)
{
	while (read_next(arg, true))
		;
	return NULL;
}

/* ------------------------------------------------------------------ writing */

static size_t count_read(const struct graph_intake *in)
{
	size_t n = 0;
	while (n < in->added - in->reported && in->slots[(in->reported + n) % SLOTS].is_read)
		n++;
	return n;
}

/* Those at the front that are read; half of all that are under way at least: what is written
 * together changes the same pages once, and the other half is read meanwhile. */
static hm_err wait_for_documents(struct hm_cx *cx, struct graph_intake *in, size_t *out_n)
{
	hm_err err = NULL;
	size_t least = (in->added - in->reported + 1) / 2;
	while (!in->threads_n && read_next(in, false))
		;
	pthread_mutex_lock(&in->lock);
	while (!err && count_read(in) < least) {
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += POLL_NS;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&in->is_read, &in->lock, &until);
		err = hm_alive(cx);
	}
	*out_n = err ? 0 : count_read(in);
	pthread_mutex_unlock(&in->lock);
	return err;
}

static bool is_refused(hm_err err)
{
	return err && (err->code == HM_INPUT || err->code == HM_LIMIT);
}

static hm_err report_slot(struct hm_cx *cx, struct graph_intake *in, struct slot *s)
{
	hm_err err = in->report(cx, in->arg, &s->input, &s->parsed.taken, s->err);
	for (size_t i = 0; !err && !s->err && i < s->parsed.more_n; i++)
		err = in->report(cx, in->arg, &s->input, &s->parsed.more[i].taken, NULL);
	in->weight -= s->weight;
	hm_cx_done(&s->cx);
	pthread_mutex_lock(&in->lock);
	s->is_read = false;
	in->reported++;
	pthread_mutex_unlock(&in->lock);
	return err;
}

static hm_err write_documents(struct hm_cx *cx, struct graph_intake *in)
{
	HM_VEC(struct graph_parsed *) docs = { 0 };
	size_t n;
	HM_TRY(wait_for_documents(cx, in, &n));
	for (size_t i = 0; i < n; i++) {
		struct slot *s = &in->slots[(in->reported + i) % SLOTS];
		if (s->err && !is_refused(s->err))
			return hm_fault_copy(cx, s->err);
		if (!s->err && !s->parsed.taken.was_there)
			*hm_push(cx, &docs) = &s->parsed;
		for (size_t k = 0; !s->err && k < s->parsed.more_n; k++)
			*hm_push(cx, &docs) = &s->parsed.more[k];
	}
	if (!in->has_written && in->weight >= MUCH)
		graph_indexes_drop(cx, in->graph);
	if (docs.n)
		HM_TRY(graph_write(cx, in->graph, docs.p, docs.n));
	in->has_written |= docs.n > 0;
	for (size_t i = 0; i < n; i++)
		HM_TRY(report_slot(cx, in, &in->slots[in->reported % SLOTS]));
	return NULL;
}

/* ------------------------------------------------------------------ the whole */

hm_err graph_intake_open(struct hm_cx *cx, struct graph *g, graph_report *report, void *arg,
			 struct graph_intake **out)
{
	struct graph_intake *in = hm_new(cx, struct graph_intake, 1);
	in->cx = cx;
	in->graph = g;
	in->report = report;
	in->arg = arg;
	hm_worker_template_init(&in->workers, GRAPH_DOCUMENT_JOB);
	pthread_mutex_init(&in->lock, NULL);
	pthread_cond_init(&in->is_added, NULL);
	pthread_cond_init(&in->is_read, NULL);
	*out = in;
	return NULL;
}

/* A thread is made when there is work for one more. */
static void start_thread(struct graph_intake *in)
{
	size_t most = hm_processors() < THREADS ? hm_processors() : THREADS;
	if (in->threads_n == most || in->threads_n == in->added - in->reported)
		return;
	if (pthread_create(&in->threads[in->threads_n], NULL, read_documents, in) == 0)
		in->threads_n++; /* else those that there are do it, or the caller's */
}

static void fill_slot(const struct graph_intake *in, struct slot *s,
		      const struct graph_input *input, size_t weight)
{
	*s = (struct slot){ .cx = hm_cx_child(in->cx, in->cx->budget), .weight = weight };
	s->cx.stop = &in->stop;
	struct graph_source *from = &s->input.from;
	if (input->path)
		s->input.path = hm_dupz(&s->cx, hm_cstr(input->path));
	s->input.bytes = hm_dup(&s->cx, input->bytes);
	*from = input->from;
	from->origin = hm_dup(&s->cx, from->origin);
	from->collector = hm_dup(&s->cx, from->collector);
	from->signer = hm_dup(&s->cx, from->signer);
	s->parsed.from = *from;
}

hm_err graph_intake_add(struct hm_cx *cx, struct graph_intake *in, const struct graph_input *input)
{
	struct stat st;
	size_t weight = input->bytes.n;
	if (input->path && stat(input->path, &st) == 0)
		weight = (size_t)st.st_size;
	while (in->added - in->reported == SLOTS ||
	       (in->added > in->reported && in->weight + weight > WEIGHT))
		HM_TRY(write_documents(cx, in));
	fill_slot(in, &in->slots[in->added % SLOTS], input, weight);
	in->weight += weight;
	pthread_mutex_lock(&in->lock);
	in->added++;
	pthread_cond_signal(&in->is_added);
	pthread_mutex_unlock(&in->lock);
	start_thread(in);
	return NULL;
}

hm_err graph_intake_end(struct hm_cx *cx, struct graph_intake *in)
{
	while (in->reported < in->added)
		HM_TRY(write_documents(cx, in));
	return graph_indexes_make(cx, in->graph);
}

void graph_intake_close(struct graph_intake *in)
{
	if (!in)
		return;
	atomic_store(&in->stop, true);
	pthread_mutex_lock(&in->lock);
	in->ends = true;
	in->begun = in->added; /* what nobody reads yet is not read */
	pthread_cond_broadcast(&in->is_added);
	pthread_mutex_unlock(&in->lock);
	for (size_t i = 0; i < in->threads_n; i++)
		pthread_join(in->threads[i], NULL);
	hm_worker_template_done(&in->workers);
	for (size_t i = 0; i < SLOTS; i++)
		hm_cx_done(&in->slots[i].cx);
	pthread_cond_destroy(&in->is_read);
	pthread_cond_destroy(&in->is_added);
	pthread_mutex_destroy(&in->lock);
}
