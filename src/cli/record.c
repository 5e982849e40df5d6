/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/record.h"

#include <stdlib.h>

#include "cli/graph.h"
#include "cli/revocation.h"

static const size_t BUDGET = 512 * HM_MIB;

void cli_record_to(struct cli *cli, const char *graph)
{
	const char *told = getenv("HULLMARK_GRAPH");
	cli->record = graph ? graph : told && *told ? told : NULL;
}

/* What was pushed before the fault is there, whatever the command says. */
static void record_after_fault(struct hm_cx *cx, struct cli *cli)
{
	const struct oci_recorded *all;
	struct cli_outputs outputs = { 0 };
	if (!cli->access.record || !oci_record_list(cli->access.record, &all))
		return;
	cli_record_end(cx, cli, &outputs);
	if (!outputs.recorded->why)
		hm_log(cx, HM_LOG_WARN, "what was pushed before the command failed is in the graph",
		       "documents", hm_fmt(cx, "%zu", outputs.recorded->taken).p, NULL);
}

void cli_record_begin(struct hm_cx *cx, struct cli *cli, const char *graph)
{
	cli_record_to(cli, graph);
	if (!cli->record)
		return;
	cli->access.record = oci_record_new(cx);
	cli->after_fault = record_after_fault;
}

struct recording {
	struct cli *cli;
	struct graph *graph;
	struct trust_config *trust; /* NULL: there is no policy */
	struct hm_map seen;         /* artifacts that were taken */
	struct cli_recorded *out;
};

static void end_recording(struct recording *r)
{
	trust_config_close(r->trust);
	graph_close(r->graph);
}

static void tell(void *arg, const struct graph_collected *one)
{
	struct recording *r = arg;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	r->out->refused += one->why_not.n > 0;
	r->out->known += !one->why_not.n && one->taken.was_there;
	r->out->taken += !one->why_not.n && !one->taken.was_there;
	if (one->why_not.n)
		hm_log(&cx, HM_LOG_WARN, "refused", "document", hm_dupz(&cx, one->origin), "why",
		       hm_dupz(&cx, one->why_not), NULL);
}

static struct graph_collector collector_of(struct hm_cx *cx, struct recording *r,
					   const struct oci_target *t, bool at_hand)
{
	struct graph_collector c = { .graph = r->graph,
				     .trust = r->trust,
				     .only_new = true,
				     .at_hand = at_hand,
				     .tell = tell,
				     .arg = r };
	bool is_registry = t->kind == OCI_REGISTRY;
	c.name = is_registry ? HM_STR("registry") : HM_STR("layout");
	/* a layout's images belong to no repository, and nobody is asked who is believed */
	c.options.scope =
		is_registry ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(t->registry), HM_FMT(t->repository))
			    : HM_STR("");
	cli_revocation_use(cx, r->cli, &c.options);
	return c;
}

/* What it is about, with all that refers to it. *out: the place has it. */
static hm_err take_about(struct hm_cx *cx, struct recording *r, const struct oci_recorded *one,
			 struct oci_place *place, bool at_hand, bool *out)
{
	struct oci_descriptor top;
	const struct oci_target *t = &one->target;
	HM_TRY(graph_collect_top(cx, place, one->d.digest, one->tag, &top, out));
	if (!*out)
		return NULL;
	struct graph_collector with = collector_of(cx, r, t, at_hand);
	struct hm_str key = HM_KEY(cx, 'a', t->registry, t->repository, t->path, top.digest);
	bool names_it =
		one->tag.n && !oci_is_digest_tag(one->tag) && hm_eq(top.digest, one->d.digest);
	if (!hm_map_has(&r->seen, key)) {
		hm_map_put(cx, &r->seen, key, r);
		return graph_collect(cx, &with, place, t, &top, names_it ? one->tag : HM_STR(""));
	}
	return names_it ? graph_collect_tag(cx, &with, t, top.digest, one->tag) : NULL;
}

/* Out of memory; a folder, or an artifact that is not at hand, is read where it is. */
static hm_err take_one(struct hm_cx *cx, struct recording *r, struct oci_record *from,
		       const struct oci_recorded *one)
{
	bool found = false;
	if (one->target.kind == OCI_REGISTRY) {
		OCI_AUTO_PLACE place = NULL;
		oci_record_open(from, &r->cli->access, &one->target, &place);
		HM_TRY(take_about(cx, r, one, place, true, &found));
	}
	if (found)
		return NULL;
	OCI_AUTO_PLACE place = NULL;
	HM_TRY(oci_open(cx, &r->cli->access, &one->target, OCI_READ, &place));
	return take_about(cx, r, one, place, false, &found);
}

static hm_err take_all(struct hm_cx *cx, struct cli *cli, struct oci_record *from,
		       struct cli_recorded *out)
{
	HM_CLEANUP(end_recording) struct recording r = { .cli = cli, .out = out };
	const struct oci_recorded *all;
	size_t n = oci_record_list(from, &all);
	HM_TRY(graph_open(cx, cli->record, &r.graph));
	hm_err err = trust_config_open(cx, cli->config_dir, &r.trust);
	if (err && err->code != HM_ABSENT)
		return err;
	/* the last ones first: by then all is there that refers to an artifact */
	for (size_t i = n; i-- > 0;)
		HM_TRY(take_one(cx, &r, from, &all[i]));
	return oci_record_is_full(from)
		       ? hm_fail(cx, HM_LIMIT, "more was pushed than is kept in memory")
		       : NULL;
}

void cli_record_end(struct hm_cx *cx, struct cli *cli, struct cli_outputs *outputs)
{
	struct oci_record *from = cli->access.record;
	if (!from)
		return;
	HM_AUTO_CX own = hm_cx_child(cx, BUDGET);
	struct cli_recorded *done = hm_new(cx, struct cli_recorded, 1);
	done->graph = cli->record;
	cli->access.record = NULL; /* what is read here is not pushed */
	hm_err err = take_all(&own, cli, from, done);
	oci_record_done(from);
	if (err) {
		done->why = hm_dupz(cx, hm_cstr(err->why));
		hm_log(cx, HM_LOG_WARN, "what was pushed is not in the graph, or not all of it",
		       "why", done->why, "remedy", "hullmark graph ingest REF", NULL);
	}
	outputs->recorded = done;
}

/* ------------------------------------------------------------------ decisions */

static struct graph_decision as_kept(const struct gate_decision *d, int64_t now)
{
	return (struct graph_decision){ .digest = d->digest,
					.image = d->image,
					.policy = d->policy,
					.revision = d->revision,
					.namespace = d->namespace,
					.workload = d->workload,
					.reason = d->why,
					.allowed = d->admitted,
					.unknown = d->unknown,
					.first = now,
					.last = now,
					.times = 1 };
}

static hm_err keep_decisions(struct hm_cx *cx, const char *where, const struct cli_decisions *all,
			     struct graph_decisions_kept *out)
{
	CLI_AUTO_GRAPH graph = NULL;
	struct graph_decision *p = hm_new(cx, struct graph_decision, all->n + 1);
	for (size_t i = 0; i < all->n; i++)
		p[i] = as_kept(&all->p[i], hm_now());
	HM_TRY(graph_open(cx, where, &graph));
	return graph_decided(cx, graph, p, all->n, out);
}

void cli_record_decisions(struct hm_cx *cx, struct cli *cli, const struct cli_decisions *all,
			  struct cli_outputs *outputs)
{
	HM_AUTO_CX own = hm_cx_child(cx, BUDGET);
	struct cli_recorded *done = hm_new(cx, struct cli_recorded, 1);
	struct graph_decisions_kept kept = { 0 };
	if (!cli->record || !all->n)
		return;
	*done = outputs->recorded ? *outputs->recorded : (struct cli_recorded){ 0 };
	done->graph = cli->record;
	hm_err err = keep_decisions(&own, cli->record, all, &kept);
	done->taken += kept.added;
	done->known += kept.counted;
	done->refused += kept.nameless + kept.too_old;
	if (err) {
		done->why = hm_dupz(cx, hm_cstr(err->why));
		hm_log(cx, HM_LOG_WARN, "what was decided is not in the graph, or not all of it",
		       "why", done->why, NULL);
	}
	outputs->recorded = done;
}
