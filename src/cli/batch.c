/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/batch.h"

#include "base/pages.h"
#include "base/pool.h"

enum { WAITING_THREADS = 16 };
/* the memory for one artifact */
static const size_t ITEM_BUDGET = 512 * HM_MIB;

void cli_batch_done(struct cli_batch *b)
{
	for (size_t i = 0; i < b->items.n; i++)
		hm_cx_done(&b->items.p[i].cx);
	for (size_t i = 0; i < b->sources.n; i++)
		oci_close_ptr(&b->sources.p[i].place);
}

static bool is_same_source(const struct oci_target *a, const struct oci_target *b)
{
	return a->kind == b->kind && hm_eq(a->registry, b->registry) &&
	       hm_eq(a->repository, b->repository) && hm_eq(a->path, b->path);
}

static hm_err open_source(struct hm_cx *cx, struct cli *cli, const struct cli_batch_terms *t,
			  struct cli_source *s)
{
	const struct oci_access *access;
	bool open = true;
	if (t->look)
		HM_TRY(t->look(cx, t->arg, s, &open));
	if (!open)
		return NULL;
	cli_notation_environment(cli);
	HM_TRY(cli_secret_for(cx, cli, &s->target));
	HM_TRY(cli_access(cx, cli, &access));
	HM_TRY(oci_open(cx, access, &s->target, t->mode, &s->place));
	oci_hold(s->place);
	return NULL;
}

/* All sources before the first item: items point into the array. */
static hm_err open_sources(struct hm_cx *cx, struct cli *cli, const struct cli_batch_terms *t,
			   const struct oci_target *targets, size_t n, struct cli_batch *b)
{
	for (size_t i = 0; i < n; i++) {
		bool known = false;
		for (size_t k = 0; k < b->sources.n; k++)
			known = known || is_same_source(&b->sources.p[k].target, &targets[i]);
		if (known)
			continue;
		HM_TRY(hm_alive(cx));
		struct cli_source s = { .target = targets[i] };
		HM_TRY_IN(cx, open_source(cx, cli, t, &s), "\"%.*s\"", HM_FMT(targets[i].text));
		*hm_push(cx, &b->sources) = s;
	}
	return NULL;
}

static void add_item(struct hm_cx *cx, struct cli_batch *b, const struct cli_source *s,
		     struct hm_str reference)
{
	bool is_tag = hm_find_char(reference, ':') == SIZE_MAX;
	*hm_push(cx, &b->items) = (struct cli_item){ .source = s,
						     .reference = reference,
						     .tag = is_tag ? reference : HM_STR("") };
}

static hm_err add_tags(struct hm_cx *cx, struct cli_batch *b, const struct cli_source *s)
{
	struct hm_strs tags = { 0 };
	if (s->place)
		HM_TRY(oci_tags(cx, s->place, &tags));
	for (size_t i = 0; i < tags.n; i++)
		if (!oci_is_digest_tag(tags.p[i]))
			add_item(cx, b, s, tags.p[i]);
	/* a place that was not opened is in the report, too */
	if (!s->place)
		add_item(cx, b, s, HM_STR(""));
	return NULL;
}

static hm_err list_items(struct hm_cx *cx, const struct cli_batch_terms *t,
			 const struct oci_target *targets, size_t n, struct cli_batch *b)
{
	for (size_t i = 0; i < n; i++) {
		const struct cli_source *s = b->sources.p;
		while (!is_same_source(&s->target, &targets[i]))
			s++;
		if (t->all)
			HM_TRY_IN(cx, add_tags(cx, b, s), "\"%.*s\"", HM_FMT(targets[i].text));
		else
			add_item(cx, b, s,
				 targets[i].digest.n ? targets[i].digest : targets[i].tag);
	}
	return NULL;
}

/* What the target names, without its tag and digest. */
static struct hm_str name_place(const struct oci_target *t)
{
	struct hm_str name = t->text;
	if (t->digest.n && hm_ends(name, t->digest))
		name.n -= t->digest.n + 1;
	if (t->tag.n && hm_ends(name, t->tag))
		name.n -= t->tag.n + 1;
	return name;
}

static struct hm_str name_item(struct hm_cx *cx, const struct cli_item *item)
{
	struct oci_target t = item->source->target;
	t.tag = t.digest = HM_STR("");
	if (item->descriptor.digest.n)
		return oci_target_with_digest(cx, &t, item->descriptor.digest);
	return hm_fmt(cx, "%.*s%s%.*s", HM_FMT(name_place(&item->source->target)),
		      !item->reference.n ? ""
		      : item->tag.n      ? ":"
					 : "@",
		      HM_FMT(item->reference));
}

static hm_err resolve_item(struct hm_cx *cx, void *arg, size_t i)
{
	struct cli_batch *b = arg;
	struct cli_item *item = &b->items.p[i];
	item->cx = hm_cx_child(cx, ITEM_BUDGET);
	if (item->source->place)
		item->err = oci_resolve(&item->cx, item->source->place, item->reference,
					&item->descriptor);
	item->name = name_item(&item->cx, item);
	return NULL;
}

/* Tags of one digest are one artifact. */
static void find_twins(struct hm_cx *cx, struct cli_batch *b)
{
	struct hm_map seen = { 0 };
	for (size_t i = 0; i < b->items.n; i++) {
		struct cli_item *item = &b->items.p[i];
		const struct oci_target *t = &item->source->target;
		if (item->err || !item->descriptor.digest.n)
			continue;
		struct hm_str key = HM_KEY(cx, 'd', t->registry, t->repository, t->path,
					   item->descriptor.digest);
		item->twin = hm_map_get(&seen, key);
		if (!item->twin)
			hm_map_put(cx, &seen, key, item);
	}
}

static bool is_far(const struct cli_batch *b)
{
	return b->sources.n && b->sources.p[0].target.kind == OCI_REGISTRY;
}

static unsigned count_threads(const struct cli_batch_terms *t, const struct cli_batch *b)
{
	if (t->concurrency)
		return (unsigned)(t->concurrency < 64 ? t->concurrency : 64);
	/* disks as registries: what is waited for together takes hardly longer */
	return is_far(b) || t->mode == OCI_WRITE ? WAITING_THREADS : 0;
}

hm_err cli_batch_open(struct hm_cx *cx, struct cli *cli, const struct cli_batch_terms *t,
		      char *const *args, size_t args_n, struct cli_batch *out)
{
	struct oci_target *targets = hm_new(cx, struct oci_target, args_n);
	for (size_t i = 0; i < args_n; i++) {
		HM_TRY(oci_target_parse(cx, hm_cstr(args[i]), &targets[i]));
		if (t->all && (targets[i].tag.n || targets[i].digest.n))
			return hm_fail(cx, HM_USAGE,
				       "--all is for repositories and layouts, and \"%s\" names "
				       "one artifact",
				       args[i]);
	}
	HM_TRY(open_sources(cx, cli, t, targets, args_n, out));
	if (!is_far(out))
		hm_use_large_pages();
	HM_TRY(list_items(cx, t, targets, args_n, out));
	out->threads = count_threads(t, out);
	/* an index that was read answers sooner than threads are made */
	HM_TRY(hm_parallel(cx, out->items.n, is_far(out) ? out->threads : 1, HM_MIB, resolve_item,
			   out));
	find_twins(cx, out);
	return NULL;
}

struct work {
	struct cli_batch *batch;
	hm_err (*run)(void *arg, struct cli_item *item, size_t i);
	void *arg;
	struct hm_progress *bar;
};

static hm_err work_on(struct hm_cx *cx, void *arg, size_t i)
{
	struct work *w = arg;
	struct cli_item *item = &w->batch->items.p[i];
	HM_TRY(hm_alive(cx));
	if (!item->err && !item->twin)
		item->err = w->run(w->arg, item, i);
	hm_progress_add(w->bar, 1);
	return NULL;
}

hm_err cli_batch_run(struct hm_cx *cx, struct cli_batch *b, const char *what,
		     hm_err (*run)(void *arg, struct cli_item *item, size_t i), void *arg)
{
	HM_AUTO_PROGRESS bar = hm_progress_start(what, b->items.n);
	struct work w = { b, run, arg, bar };
	return hm_parallel(cx, b->items.n, b->threads, HM_MIB, work_on, &w);
}

hm_err cli_batch_fault(struct hm_cx *cx, const struct cli_batch *b)
{
	for (size_t i = 0; i < b->items.n; i++)
		if (b->items.p[i].err) {
			struct hm_str name = hm_say(cx, "\"%.*s\"", HM_FMT(b->items.p[i].name));
			hm_err err = hm_fault_copy(cx, b->items.p[i].err);
			bool is_named = hm_starts(hm_cstr(err->why), name);
			return is_named ? err : hm_wrap(cx, err, "%.*s", HM_FMT(name));
		}
	return NULL;
}
