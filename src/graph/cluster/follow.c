/* SPDX-License-Identifier: Apache-2.0 */
/* List, then watch from there on; and again, whatever happens. */
#include <stdio.h>

#include "base/pool.h"
#include "graph/cluster/cluster.h"
#include "graph/cluster/objects.h"

enum {
	PAGE = 250,
	/* A watch ends by itself before a peer without a byte counts as gone (HM_MAX_HTTP_STALL).
	 */
	WATCH_SECONDS = 25,
	PATIENCE = 3, /* watches that fail, until it is listed again */
	FIRST_PAUSE_MS = 250,
	LONGEST_PAUSE_MS = 30000
};

/* What others may look at; only who follows changes it. */
struct state {
	pthread_mutex_t lock;
	struct graph_cluster_state s; /* without `why` */
	char why[512];
};

static void set_state(struct state *to, const struct graph_cluster_counts *counts, hm_err err)
{
	if (!to)
		return;
	pthread_mutex_lock(&to->lock);
	to->s.is_followed = !err;
	to->s.pods = counts->pods;
	to->s.containers = counts->containers;
	if (err) {
		to->s.faults++;
		snprintf(to->why, sizeof(to->why), "%s", err->why);
	} else {
		to->s.heard = hm_now();
	}
	pthread_mutex_unlock(&to->lock);
}

struct follower {
	struct hm_cx cx; /* of owners; made anew with each list */
	struct cluster_api api;
	struct cluster_owners owners;
	struct cluster_pods pods;
	struct hm_buf version; /* up to which it follows; empty: it must be listed */
	bool is_forgotten;     /* the server has no such version any more */
	bool heard;            /* something came since the last fault */
	bool was_let_in;       /* a list was answered */
	struct hm_buf line;    /* the beginning of an event */
};

static void follower_done(struct follower *f)
{
	http_client_close(f->api.http);
	hm_buf_done(&f->version);
	hm_buf_done(&f->line);
	hm_cx_done(&f->cx);
}

static hm_err open_follower(struct hm_cx *cx, struct graph *g, const struct graph_cluster_access *a,
			    struct follower *f)
{
	*f = (struct follower){ .cx = hm_cx_child(cx, cx->budget),
				.api.access = a,
				.pods = { .graph = g, .cluster = a->name },
				.version = HM_BUF(HM_MAX_GRAPH_KEY + 1),
				.line = HM_BUF(HM_MAX_MANIFEST) };
	f->owners.cx = &f->cx;
	return http_client_open(cx, &a->http, &f->api.http);
}

static void set_version(struct follower *f, struct hm_str version)
{
	if (!version.n)
		return;
	hm_buf_clear(&f->version);
	hm_buf_add(&f->version, version);
}

/* In one transaction; owners are asked for before it. */
static hm_err write_objects(struct hm_cx *cx, struct follower *f, const struct cluster_answer *a,
			    struct hm_map *uids)
{
	STORE_AUTO_USE use = NULL;
	int64_t node;
	struct hm_str *workloads = hm_new(cx, struct hm_str, a->objects.n + 1);
	for (size_t i = 0; i < a->objects.n; i++)
		if (a->objects.p[i].what == CLUSTER_IS)
			HM_TRY(graph_cluster_workload(cx, &f->api, &f->owners, &a->objects.p[i],
						      &workloads[i]));
	HM_TRY(store_begin(cx, f->pods.graph->tables, STORE_WRITE_LAZY, &use));
	HM_TRY(graph_make(cx, use, GRAPH_CLUSTER, f->pods.cluster, &node));
	for (size_t i = 0; i < a->objects.n; i++) {
		const struct cluster_object *o = &a->objects.p[i];
		f->pods.counts.refused += o->what == CLUSTER_BAD;
		if (o->what == CLUSTER_BAD)
			hm_log(cx, HM_LOG_WARN,
			       "a pod could not be read: what runs in it is as it was known",
			       "cluster", hm_dupz(cx, f->pods.cluster), "uid", hm_dupz(cx, o->uid),
			       NULL);
		if (o->what == CLUSTER_IS || o->what == CLUSTER_GONE)
			HM_TRY(graph_cluster_put(cx, use, &f->pods, o, workloads[i]));
		/* what cannot be read is not gone */
		if (uids && o->uid.n)
			hm_map_put(f->owners.cx, uids, hm_dup(f->owners.cx, o->uid), f);
	}
	return store_commit(cx, use);
}

static hm_err list_page(struct hm_cx *cx, struct follower *f, struct hm_str more,
			struct hm_map *uids, struct cluster_answer *a)
{
	struct hm_str body;
	struct hm_str path = hm_fmt(cx, "/api/v1/pods?limit=%d%s%.*s", PAGE,
				    more.n ? "&continue=" : "", HM_FMT(http_escape(cx, more)));
	HM_TRY(graph_cluster_get(cx, &f->api, path, "application/json", &body));
	HM_TRY(graph_cluster_ask(cx, CLUSTER_LIST, body, a));
	if (uids->n + a->objects.n > HM_MAX_TAGS)
		return hm_fail(cx, HM_LIMIT, "more than %llu pods",
			       (unsigned long long)HM_MAX_TAGS);
	return write_objects(cx, f, a, uids);
}

static hm_err end_list(struct hm_cx *cx, struct follower *f, const struct hm_map *uids)
{
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, f->pods.graph->tables, STORE_WRITE_LAZY, &use));
	HM_TRY(graph_cluster_only(cx, use, &f->pods, uids));
	return store_commit(cx, use);
}

/* Only a list that came to its end says what is not there any more. */
static hm_err list_all(struct hm_cx *cx, struct follower *f)
{
	struct hm_map uids = { 0 };
	struct hm_str more = HM_STR("");
	hm_cx_done(&f->cx);
	f->cx = hm_cx_child(cx, cx->budget);
	f->owners = (struct cluster_owners){ .cx = &f->cx };
	f->pods.counts = (struct graph_cluster_counts){ 0 };
	/* a list that breaks off begins again: its version is that of all its pages */
	f->is_forgotten = true;
	HM_TRY(graph_cluster_identify(cx, &f->api, &f->pods));
	HM_TRY(graph_cluster_list_owners(cx, &f->api, &f->owners));
	for (bool first = true; first || more.n; first = false) {
		HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
		struct cluster_answer a;
		hm_err err = hm_alive(cx);
		if (!err)
			err = list_page(&own, f, more, &uids, &a);
		if (err)
			return hm_fault_copy(cx, err);
		more = hm_dup(&f->cx, a.more);
		set_version(f, a.version);
	}
	HM_TRY(end_list(cx, f, &uids));
	f->is_forgotten = false;
	f->heard = true;
	return NULL;
}

/* What came is whole lines, and the beginning of one. */
static hm_err take_lines(struct hm_cx *cx, struct follower *f, struct hm_str lines)
{
	struct cluster_answer a;
	HM_TRY(graph_cluster_ask(cx, CLUSTER_EVENTS, lines, &a));
	HM_TRY(write_objects(cx, f, &a, NULL));
	f->heard = true;
	for (size_t i = 0; i < a.objects.n; i++) {
		const struct cluster_object *o = &a.objects.p[i];
		if (o->what == CLUSTER_ERROR && o->code == 410)
			f->is_forgotten = true;
		else if (o->what == CLUSTER_ERROR)
			return hm_fail(cx, HM_BUSY, "the API server ended the watch: %.*s",
				       HM_FMT(o->name));
		else
			set_version(f, o->version);
	}
	return NULL;
}

static hm_err hear(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct follower *f = arg;
	size_t end = hm_rfind_char(bytes, '\n');
	if (end == SIZE_MAX) {
		hm_buf_add(&f->line, bytes);
		return f->line.over ? hm_fail(cx, HM_LIMIT, "an event is larger than %llu bytes",
					      (unsigned long long)HM_MAX_MANIFEST)
				    : NULL;
	}
	hm_buf_add(&f->line, hm_sub(bytes, 0, end + 1));
	if (f->line.over)
		return hm_fail(cx, HM_LIMIT, "an event is larger than %llu bytes",
			       (unsigned long long)HM_MAX_MANIFEST);
	struct hm_str lines = hm_dup(&own, hm_buf_str(&f->line));
	hm_buf_clear(&f->line);
	hm_buf_add(&f->line, hm_from(bytes, end + 1));
	return hm_fault_copy(cx, take_lines(&own, f, lines));
}

static hm_err watch(struct hm_cx *cx, struct follower *f)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct hm_str path =
		hm_fmt(&own,
		       "/api/v1/pods?watch=1&allowWatchBookmarks=true&"
		       "timeoutSeconds=%d&resourceVersion=%.*s",
		       WATCH_SECONDS, HM_FMT(http_escape(&own, hm_buf_str(&f->version))));
	hm_buf_clear(&f->line);
	hm_err err = graph_cluster_stream(&own, &f->api, path, hear, f);
	if (err && err->code == HM_ABSENT) { /* 410 */
		f->is_forgotten = true;
		return NULL;
	}
	return hm_fault_copy(cx, err);
}

/* An API server that has just begun forbids everything until it has read the roles; a token may be
 * renewed. */
static bool is_final(const struct follower *f, hm_err err)
{
	return err->code == HM_USAGE || (err->code == HM_DENIED && !f->was_let_in);
}

/* One step: a list where that is needed, or a watch until it ends. */
static hm_err step(struct hm_cx *cx, struct follower *f)
{
	if (!f->version.n || f->is_forgotten)
		return list_all(cx, f);
	return watch(cx, f);
}

static void tell_fault(struct hm_cx *cx, const struct follower *f, hm_err err)
{
	hm_log(cx, HM_LOG_WARN, "the cluster could not be followed, and is asked again", "cluster",
	       hm_dupz(cx, f->pods.cluster), "why", err->why, NULL);
}

static hm_err follow(struct hm_cx *cx, struct graph *g, const struct graph_cluster_access *a,
		     struct state *state)
{
	HM_CLEANUP(follower_done) struct follower f;
	int64_t pause = 0;
	unsigned failed = 0;
	HM_TRY(open_follower(cx, g, a, &f));
	while (!hm_alive(cx)) {
		HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
		f.heard = false;
		hm_err err = step(&own, &f);
		if (hm_alive(&own))
			break;
		set_state(state, &f.pods.counts, err);
		if (!err) {
			pause = failed = 0;
			f.was_let_in = true;
			continue;
		}
		if (is_final(&f, err))
			return hm_fault_copy(cx, err);
		tell_fault(&own, &f, err);
		/* it may be the version that the server does not like */
		f.is_forgotten |= ++failed >= PATIENCE;
		/* a watch that breaks off after events begins again at once */
		pause = f.heard || !pause ? FIRST_PAUSE_MS : pause * 2;
		if (pause > LONGEST_PAUSE_MS)
			pause = LONGEST_PAUSE_MS;
		if (hm_pause(cx, pause * (HM_SECOND / 1000)))
			break;
	}
	return NULL;
}

hm_err graph_cluster_follow(struct hm_cx *cx, struct graph *g, const struct graph_cluster_access *a)
{
	return follow(cx, g, a, NULL);
}

hm_err graph_cluster_list(struct hm_cx *cx, struct graph *g, const struct graph_cluster_access *a,
			  struct graph_cluster_counts *out)
{
	HM_CLEANUP(follower_done) struct follower f;
	HM_TRY(open_follower(cx, g, a, &f));
	HM_TRY(list_all(cx, &f));
	*out = f.pods.counts;
	out->version = hm_dup(cx, hm_buf_str(&f.version));
	return NULL;
}

/* ------------------------------------------------------------------ several */

struct graph_clusters {
	struct graph *graph;
	struct one {
		struct hm_task task;
		struct graph *graph;
		const struct graph_cluster_access *access;
		struct state state;
	} * p;
	size_t n;
};

/* A credential that is refused may be renewed: nobody else begins again. */
static hm_err follow_one(struct hm_cx *cx, void *arg)
{
	struct one *o = arg;
	for (;;) {
		HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
		hm_err err = follow(&own, o->graph, o->access, &o->state);
		if (hm_alive(cx))
			return NULL;
		if (err)
			hm_log(&own, HM_LOG_ERROR, "the cluster is not followed now", "cluster",
			       hm_dupz(&own, o->access->name), "why", err->why, NULL);
		if (hm_pause(cx, LONGEST_PAUSE_MS * (HM_SECOND / 1000)))
			return NULL;
	}
}

hm_err graph_clusters_start(struct hm_cx *cx, struct graph *g,
			    const struct graph_cluster_access *all, size_t n,
			    struct graph_clusters **out)
{
	struct graph_clusters *c = hm_new(cx, struct graph_clusters, 1);
	c->p = hm_new(cx, struct one, n + 1);
	for (; c->n < n; c->n++) {
		struct one *o = &c->p[c->n];
		o->graph = g;
		o->access = &all[c->n];
		pthread_mutex_init(&o->state.lock, NULL);
		if (hm_task_start_aside(cx, &o->task, 512 * HM_MIB, follow_one, o))
			continue;
		hm_task_done(&o->task);
		pthread_mutex_destroy(&o->state.lock);
		graph_clusters_stop(c);
		return hm_fail(cx, HM_SYSTEM,
			       "could not start a thread that follows the cluster \"%.*s\"",
			       HM_FMT(o->access->name));
	}
	*out = c;
	return NULL;
}

void graph_clusters_stop(struct graph_clusters *c)
{
	for (size_t i = 0; c && i < c->n; i++)
		atomic_store(&c->p[i].task.stop, true);
	for (size_t i = 0; c && i < c->n; i++) {
		hm_task_done(&c->p[i].task);
		pthread_mutex_destroy(&c->p[i].state.lock);
	}
}

struct graph_cluster_state graph_clusters_state(struct hm_cx *cx, struct graph_clusters *c,
						size_t which)
{
	struct state *from = &c->p[which].state;
	pthread_mutex_lock(&from->lock);
	struct graph_cluster_state s = from->s;
	s.why = hm_dup(cx, hm_cstr(from->why));
	pthread_mutex_unlock(&from->lock);
	return s;
}
