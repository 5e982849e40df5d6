/* SPDX-License-Identifier: Apache-2.0 */
/* `graph ingest REF`: images come into the graph, with what refers to them. */
#include "cli/batch.h"
#include "cli/graph_ingest.h"
#include "cli/judgement.h"
#include "cli/revocation.h"
#include "cli/trust_root.h"

void cli_ingest_note(struct hm_cx *cx, struct cli_ingest *in, const struct cli_ingested *one)
{
	struct cli_ingested *t = hm_push(cx, &in->all);
	*t = *one;
	t->path = hm_dup(cx, one->path);
	t->taken.digest = hm_dup(cx, one->taken.digest);
	t->taken.format = hm_dup(cx, one->taken.format);
	t->signer = hm_dup(cx, one->signer);
	t->why_not = hm_dup(cx, one->why_not);
	in->refused += t->why_not.n > 0;
	in->known += !t->why_not.n && t->taken.was_there;
	in->taken += !t->why_not.n && !t->taken.was_there;
}

/* What was told of one image, in the memory of its item. */
struct told {
	struct hm_cx *cx;
	struct cli_ingest of;
};

struct collection {
	struct cli_ingest *in;
	struct trust_verify_options options;
	struct told *told; /* one an item */
};

static void note(void *arg, const struct graph_collected *one)
{
	struct told *t = arg;
	cli_ingest_note(t->cx, &t->of,
			&(struct cli_ingested){ one->origin, one->taken, one->signer, one->belief,
						one->why_not });
}

/* A layout's images belong to no repository but the one that is named. */
static hm_err look(struct hm_cx *cx, void *arg, struct cli_source *s, bool *out_open)
{
	const struct collection *c = arg;
	const char *scope = c->in->o->scope;
	*out_open = true;
	if (s->target.kind == OCI_REGISTRY || scope)
		return cli_judge_scope(cx, &s->target, scope, &s->scope);
	s->scope = HM_STR("");
	return NULL;
}

static struct graph_collector collector_of(const struct collection *c, const struct cli_item *item,
					   struct told *t)
{
	struct graph_collector out = { .graph = c->in->graph,
				       .name = item->source->target.kind == OCI_REGISTRY
						       ? HM_STR("registry")
						       : HM_STR("layout"),
				       .trust = c->in->trust,
				       .options = c->options,
				       .only_new = c->in->is_watch,
				       .tell = note,
				       .arg = t };
	out.options.scope = item->source->scope;
	return out;
}

/* A registry's reference without tag or digest is its tag "latest". */
static struct hm_str tag_of(const struct cli_item *item)
{
	bool latest = !item->reference.n && item->source->target.kind == OCI_REGISTRY;
	return latest ? HM_STR("latest") : item->tag;
}

static hm_err collect(void *arg, struct cli_item *item, size_t i)
{
	struct collection *c = arg;
	struct told *t = &c->told[i];
	struct oci_target target = item->source->target;
	*t = (struct told){ .cx = &item->cx };
	struct graph_collector with = collector_of(c, item, t);
	return graph_collect(&item->cx, &with, item->source->place, &target, &item->descriptor,
			     tag_of(item));
}

/* Other tags of the same image. */
static hm_err collect_twin(struct hm_cx *cx, struct collection *c, const struct cli_item *item)
{
	struct told t = { .cx = cx };
	struct graph_collector with = collector_of(c, item, &t);
	if (item->twin->err || !tag_of(item).n)
		return NULL;
	HM_TRY(graph_collect_tag(cx, &with, &item->source->target, item->descriptor.digest,
				 tag_of(item)));
	for (size_t i = 0; i < t.of.all.n; i++)
		cli_ingest_note(cx, c->in, &t.of.all.p[i]);
	return NULL;
}

/* In the order in which they were asked for. One that could not be looked at is named; the others
 * are there all the same. */
static hm_err gather(struct hm_cx *cx, struct collection *c, const struct cli_batch *b)
{
	for (size_t i = 0; i < b->items.n; i++) {
		const struct cli_item *item = &b->items.p[i];
		const struct cli_ingest *of = &c->told[i].of;
		for (size_t k = 0; k < of->all.n; k++)
			if (!c->in->is_watch || !of->all.p[k].taken.was_there)
				cli_ingest_note(cx, c->in, &of->all.p[k]);
		if (item->err)
			cli_ingest_note(cx, c->in,
					&(struct cli_ingested){ .path = item->name,
								.why_not =
									hm_cstr(item->err->why) });
		if (item->twin)
			HM_TRY(collect_twin(cx, c, item));
	}
	return NULL;
}

static void freshen(struct hm_cx *cx, struct cli *cli, const struct cli_batch *b)
{
	for (size_t i = 0; i < b->sources.n; i++)
		if (b->sources.p[i].scope.n)
			cli_freshen_for(cx, cli, b->sources.p[i].scope);
}

hm_err cli_ingest_refs(struct hm_cx *cx, struct cli *cli, struct cli_ingest *in, char *const *refs,
		       size_t refs_n)
{
	CLI_AUTO_BATCH b = { 0 };
	struct collection c = { .in = in };
	struct cli_batch_terms terms = { .mode = OCI_READ,
					 .all = in->o->all || in->o->registry,
					 .concurrency = in->o->concurrency,
					 .look = look,
					 .arg = &c };
	HM_TRY(cli_batch_open(cx, cli, &terms, refs, refs_n, &b));
	if (in->trust && !in->is_watch)
		freshen(cx, cli, &b);
	c.told = hm_new(cx, struct told, b.items.n + 1);
	cli_revocation_use(cx, cli, &c.options);
	HM_TRY(cli_batch_run(cx, &b, "collecting", collect, &c));
	return gather(cx, &c, &b);
}
