/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is pushed into the registry of the same program comes into the graph at once, and what its
 * gate decides. One thread
 * takes what the feed has; where something was lost, could not be taken, or came before the program
 * began, all repositories are looked through, one after the other, and what is pushed meanwhile
 * comes before the next of them. What the graph knows by its digest is not read again.
 */
#include "cli/revocation.h"
#include "cli/service.h"
#include "cli/service_graph.h"

enum { FIRST_PAUSE_MS = 250, LONGEST_PAUSE_MS = 30000 };
/* of one round, and of the names of all repositories */
static const size_t ROUND_BUDGET = 512 * HM_MIB, NAMES_BUDGET = 64 * HM_MIB;

struct graph_hearer {
	struct graph_service *of;
	struct cli_feed *feed;
	const struct services *services;
	struct trust_kept *kept;
	pthread_t thread;
	bool runs;
	atomic_bool stop;
	struct hm_str registry; /* what it is called */
	struct hm_cx names_cx;
	struct hm_strs names;           /* repositories that are still to be looked through */
	bool lists;                     /* all of them are to be, from the beginning */
	bool has_failed;                /* one of them could not be looked through */
	int64_t lists_due, lists_pause; /* not before; monotonic. How long that was put off */
	_Atomic uint64_t taken, refused, faults, waiting;
};

/* ------------------------------------------------------------------ one artifact */

static void tell(void *arg, const struct graph_collected *one)
{
	struct graph_hearer *h = arg;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	if (!one->why_not.n && one->taken.was_there)
		return;
	atomic_fetch_add(one->why_not.n ? &h->refused : &h->taken, 1);
	hm_log(&cx, one->why_not.n ? HM_LOG_WARN : HM_LOG_INFO,
	       one->why_not.n ? "refused" : "taken", "document", hm_dupz(&cx, one->origin),
	       one->why_not.n ? "why" : "format",
	       hm_dupz(&cx, one->why_not.n ? one->why_not : one->taken.format), NULL);
}

/* What is damaged is refused by name; anything else may be better later. */
static bool is_broken(hm_err err)
{
	return err->code == HM_INPUT || err->code == HM_TRUST || err->code == HM_LIMIT ||
	       err->code == HM_ABSENT;
}

struct round {
	struct graph_hearer *hearer;
	struct trust_config *trust; /* NULL: there is no policy */
	struct hm_map seen;         /* artifacts that were looked at in this round */
};

static void end_round(struct round *r)
{
	trust_config_close(r->trust);
}

static hm_err begin_round(struct hm_cx *cx, struct graph_hearer *h, struct round *out)
{
	*out = (struct round){ .hearer = h };
	hm_err err = trust_config_open(cx, h->services->config_dir, &out->trust);
	return err && err->code != HM_ABSENT ? err : NULL;
}

static struct graph_collector collector_of(struct hm_cx *cx, const struct round *r,
					   const struct oci_target *t)
{
	struct graph_hearer *h = r->hearer;
	const struct oci_access *access = h->services->access;
	return (struct graph_collector){
		.graph = h->of->graph,
		.name = HM_STR("registry"),
		.trust = r->trust,
		.options = { .scope = hm_fmt(cx, "%.*s/%.*s", HM_FMT(t->registry),
					     HM_FMT(t->repository)),
			     .http = access ? access->http : NULL,
			     .patience = h->services->config->patience,
			     .kept = h->kept },
		.only_new = true,
		.tell = tell,
		.arg = h,
	};
}

/* What the manifest is about, with all that refers to it. */
static hm_err take_about(struct hm_cx *cx, struct round *r, struct oci_place *place,
			 const struct oci_target *t, struct hm_str digest, struct hm_str tag)
{
	struct oci_descriptor top;
	bool found;
	struct graph_collector with = collector_of(cx, r, t);
	HM_TRY(graph_collect_top(cx, place, digest, tag, &top, &found));
	if (!found)
		return NULL; /* it is taken with what it is about, when that comes */
	bool names_it = tag.n && !oci_is_digest_tag(tag) && hm_eq(top.digest, digest);
	struct hm_str key = HM_KEY(cx, 'a', t->repository, top.digest);
	if (hm_map_has(&r->seen, key))
		return names_it ? graph_collect_tag(cx, &with, t, digest, tag) : NULL;
	HM_TRY(graph_collect(cx, &with, place, t, &top, names_it ? tag : HM_STR("")));
	hm_map_put(cx, &r->seen, key, r);
	return NULL;
}

/* Told of, where it is the fault of what was read: the others are taken all the same. */
static hm_err refuse_broken(struct hm_cx *cx, struct round *r, struct hm_str origin, hm_err err)
{
	HM_TRY(hm_alive(cx));
	if (!err || !is_broken(err))
		return err;
	struct graph_collected bad = { .origin = origin, .why_not = hm_cstr(err->why) };
	tell(r->hearer, &bad);
	return NULL;
}

static hm_err take_in(struct hm_cx *cx, struct round *r, struct oci_place *place,
		      const struct oci_target *t, struct hm_str digest, struct hm_str tag)
{
	return refuse_broken(cx, r, oci_target_with_digest(cx, t, digest),
			     take_about(cx, r, place, t, digest, tag));
}

/* The repository as a place; *out NULL: it is gone. */
static hm_err open_place(struct hm_cx *cx, const struct round *r, struct hm_str name,
			 struct oci_place **out, struct oci_target *out_target)
{
	const struct graph_hearer *h = r->hearer;
	*out = NULL;
	*out_target = (struct oci_target){ .kind = OCI_REGISTRY, .repository = name };
	HM_TRY(oci_registry_parse(cx, h->registry, &out_target->registry, &out_target->address));
	out_target->text = hm_fmt(cx, "%.*s/%.*s", HM_FMT(out_target->registry), HM_FMT(name));
	hm_err err = oci_registry_place(cx, h->feed->registry, h->registry, name, out);
	return err && err->code != HM_ABSENT ? err : NULL;
}

/* ------------------------------------------------------------------ what was pushed */

static hm_err take_push(struct hm_cx *cx, struct round *r, const struct cli_feed_push *p)
{
	OCI_AUTO_PLACE place = NULL;
	struct oci_target t;
	hm_err err = open_place(cx, r, hm_cstr(p->repository), &place, &t);
	HM_TRY(refuse_broken(cx, r, hm_cstr(p->repository), err));
	return place ? take_in(cx, r, place, &t, hm_cstr(p->digest), hm_cstr(p->tag)) : NULL;
}

/* The last of them first: by then most of what is about one artifact is there, and is taken
 * together. */
static hm_err take_pushes(struct hm_cx *cx, struct round *r, const struct cli_feed_news *news)
{
	for (size_t i = news->pushes_n; i-- > 0;)
		HM_TRY(take_push(cx, r, &news->pushes[i]));
	return NULL;
}

/* ------------------------------------------------------------------ all that there is */

static hm_err begin_list(struct hm_cx *cx, struct graph_hearer *h)
{
	hm_cx_done(&h->names_cx);
	h->names_cx = HM_CX(NAMES_BUDGET);
	h->names = (struct hm_strs){ 0 };
	h->names_cx.stop = &h->stop;
	hm_err err = oci_registry_list(&h->names_cx, h->feed->registry, &h->names);
	if (err)
		return hm_fault_copy(cx, err);
	h->lists = false;
	return NULL;
}

static hm_err take_tag(struct hm_cx *cx, struct round *r, struct oci_place *place,
		       const struct oci_target *t, struct hm_str tag)
{
	struct oci_descriptor d;
	hm_err err = oci_resolve(cx, place, tag, &d);
	if (err)
		return err->code == HM_ABSENT ? NULL : err; /* it is gone by now */
	return take_in(cx, r, place, t, d.digest, tag);
}

static hm_err take_repository(struct hm_cx *cx, struct round *r, struct hm_str name)
{
	OCI_AUTO_PLACE place = NULL;
	struct oci_target t;
	struct hm_strs tags = { 0 };
	struct oci_descriptor *others;
	size_t others_n;
	bool known;
	HM_TRY(open_place(cx, r, name, &place, &t));
	if (!place)
		return NULL;
	HM_TRY(oci_tags(cx, place, &tags));
	for (size_t i = 0; i < tags.n; i++)
		HM_TRY(take_tag(cx, r, place, &t, tags.p[i]));
	HM_TRY(oci_untagged(cx, place, &others, &others_n, &known));
	for (size_t i = 0; i < others_n; i++)
		HM_TRY(take_in(cx, r, place, &t, others[i].digest, HM_STR("")));
	return NULL;
}

/* ------------------------------------------------------------------ what the gate decided */

static void read_decision(struct hm_cx *cx, const struct cli_feed_decision *d,
			  struct graph_decision *out)
{
	*out = (struct graph_decision){ .digest = hm_fmt(cx, "%s", d->digest),
					.image = hm_fmt(cx, "%s", d->image),
					.policy = hm_fmt(cx, "%s", d->policy),
					.revision = hm_fmt(cx, "%s", d->revision),
					.namespace = hm_fmt(cx, "%s", d->namespace),
					.workload = hm_fmt(cx, "%s", d->workload),
					.reason = hm_fmt(cx, "%s", d->why),
					.allowed = d->admitted,
					.unknown = d->unknown,
					.first = d->first,
					.last = d->last,
					.times = d->times };
}

/* What cannot be kept now goes back into the feed, as far as it has room. */
static hm_err keep_decisions(struct hm_cx *cx, struct graph_hearer *h,
			     const struct cli_feed_news *news)
{
	struct graph_decision *all = hm_new(cx, struct graph_decision, news->decisions_n + 1);
	for (size_t i = 0; i < news->decisions_n; i++)
		read_decision(cx, &news->decisions[i], &all[i]);
	struct graph_decisions_kept kept;
	hm_err err = graph_decided(cx, h->of->graph, all, news->decisions_n, &kept);
	for (size_t i = kept.done; err && i < news->decisions_n; i++)
		cli_feed_again(h->feed, &news->decisions[i]);
	return err;
}

/* The last of them, when it is ended. */
static void keep_last(struct graph_hearer *h, const struct cli_feed_news *news)
{
	enum { SECONDS = 2 };
	HM_AUTO_CX cx = HM_CX(ROUND_BUDGET);
	cx.deadline = hm_mono() + SECONDS * HM_SECOND;
	hm_err err = keep_decisions(&cx, h, news);
	if (err)
		hm_log(&cx, HM_LOG_WARN, "the last decisions of the gate are not in the graph",
		       "why", err->why, NULL);
}

/* ------------------------------------------------------------------ the thread */

static int64_t longer(int64_t pause_ms)
{
	pause_ms = pause_ms ? pause_ms * 2 : FIRST_PAUSE_MS;
	return pause_ms < LONGEST_PAUSE_MS ? pause_ms : LONGEST_PAUSE_MS;
}

static void tell_fault(struct graph_hearer *h, hm_err err)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	atomic_fetch_add(&h->faults, 1);
	hm_log(&cx, HM_LOG_WARN, "what was pushed is not in the graph yet, and is tried again",
	       "why", err->why, NULL);
}

/* The next repository. One that cannot be read keeps nobody from the others: all are looked through
 * again, later and later. */
static hm_err take_next(struct hm_cx *cx, struct graph_hearer *h, struct round *r)
{
	struct hm_str name = h->names.p[h->names.n - 1];
	hm_err err = refuse_broken(cx, r, name, take_repository(cx, r, name));
	HM_TRY(hm_alive(cx));
	if (err)
		tell_fault(h, err);
	h->has_failed |= err != NULL;
	if (--h->names.n)
		return NULL;
	h->lists_pause = h->has_failed ? longer(h->lists_pause) : 0;
	h->lists_due = hm_mono() + h->lists_pause * (HM_SECOND / 1000);
	h->lists |= h->has_failed;
	h->has_failed = false;
	return NULL;
}

/* One round: what was pushed, then one repository of those that are to be looked through. */
static hm_err hear_round(struct hm_cx *cx, struct graph_hearer *h, const struct cli_feed_news *news)
{
	HM_CLEANUP(end_round) struct round r = { 0 };
	HM_TRY(keep_decisions(cx, h, news));
	if (!h->feed->registry)
		return NULL;
	HM_TRY(begin_round(cx, h, &r));
	HM_TRY(take_pushes(cx, &r, news));
	if (h->lists && h->lists_due <= hm_mono())
		return begin_list(cx, h);
	if (h->names.n)
		HM_TRY(take_next(cx, h, &r));
	atomic_store(&h->waiting, h->names.n);
	return NULL;
}

static void tell_loss(const struct graph_hearer *h, const struct cli_feed_news *news)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	(void)h;
	if (news->lost)
		hm_log(&cx, HM_LOG_WARN,
		       "more was pushed than the graph has room for: all repositories are looked "
		       "through",
		       "lost", hm_fmt(&cx, "%llu", (unsigned long long)news->lost).p, NULL);
}

/* When to go on without news: at once (-1), later, or not before some come (0). */
static int64_t when_more(const struct graph_hearer *h)
{
	if (h->names.n || (h->lists && h->lists_due <= hm_mono()))
		return -1;
	return h->lists ? h->lists_due : 0;
}

static void *run_hearer(void *arg)
{
	struct graph_hearer *h = arg;
	int64_t pause_ms = 0;
	for (;;) {
		struct cli_feed_news *news;
		HM_AUTO_CX cx = HM_CX(ROUND_BUDGET);
		cx.stop = &h->stop;
		if (pause_ms)
			(void)!hm_pause(&cx, pause_ms * (HM_SECOND / 1000));
		if (!cli_feed_wait(h->feed, when_more(h), &news)) {
			keep_last(h, news);
			return NULL;
		}
		tell_loss(h, news);
		h->lists |= news->lost != 0;
		hm_err err = hear_round(&cx, h, news);
		pause_ms = err ? longer(pause_ms) : 0;
		if (err) {
			if (!hm_alive(&cx))
				tell_fault(h, err);
			/* what this round has not taken is found there */
			h->lists = h->feed->registry != NULL;
		}
	}
}

hm_err cli_graph_hear(struct hm_cx *cx, struct services *s, struct graph_service *g)
{
	struct graph_hearer *h;
	if (!s->feed || (!s->feed->registry && !s->feed->has_gate))
		return NULL;
	h = hm_new(cx, struct graph_hearer, 1);
	h->of = g;
	h->feed = s->feed;
	h->services = s;
	h->kept = cli_kept(cx, hm_path(cx, s->config->data_dir, "graph"), CLI_FRESH_SECONDS);
	h->lists = s->feed->registry != NULL;
	if (s->feed->registry)
		HM_TRY(cli_services_name_of(cx, s, &h->registry));
	g->hearer = h;
	if (pthread_create(&h->thread, NULL, run_hearer, h) != 0)
		return hm_fail(cx, HM_SYSTEM, "could not start a thread");
	h->runs = true;
	return NULL;
}

void cli_graph_hear_no_more(struct graph_hearer *h)
{
	if (!h || !h->runs)
		return;
	atomic_store(&h->stop, true);
	cli_feed_end(h->feed);
	pthread_join(h->thread, NULL);
	hm_cx_done(&h->names_cx);
	h->runs = false;
}

void cli_graph_put_heard(struct graph_hearer *h, struct hm_buf *out)
{
	if (!h)
		return;
	hm_buf_fmt(out,
		   "# HELP hullmark_graph_pushed_total Documents out of what was pushed into the "
		   "registry; lost: pushes without room, which a look through all makes up for.\n"
		   "# TYPE hullmark_graph_pushed_total counter\n"
		   "hullmark_graph_pushed_total{result=\"taken\"} %llu\n"
		   "hullmark_graph_pushed_total{result=\"refused\"} %llu\n"
		   "hullmark_graph_pushed_total{result=\"lost\"} %llu\n"
		   "hullmark_graph_pushed_total{result=\"retried\"} %llu\n"
		   "# HELP hullmark_graph_repositories_waiting Repositories that are still to be "
		   "looked through.\n"
		   "# TYPE hullmark_graph_repositories_waiting gauge\n"
		   "hullmark_graph_repositories_waiting %llu\n",
		   (unsigned long long)atomic_load(&h->taken),
		   (unsigned long long)atomic_load(&h->refused),
		   (unsigned long long)atomic_load(&h->feed->lost),
		   (unsigned long long)atomic_load(&h->faults),
		   (unsigned long long)atomic_load(&h->waiting));
	hm_buf_fmt(out,
		   "# HELP hullmark_graph_decisions_total Decisions of the gate; lost: those that "
		   "found no room on their way into the graph.\n"
		   "# TYPE hullmark_graph_decisions_total counter\n"
		   "hullmark_graph_decisions_total{result=\"told\"} %llu\n"
		   "hullmark_graph_decisions_total{result=\"lost\"} %llu\n",
		   (unsigned long long)atomic_load(&h->feed->decided),
		   (unsigned long long)atomic_load(&h->feed->unheard));
}
