/* SPDX-License-Identifier: Apache-2.0 */
/* `patch --all`: the images that a PatchConfig means, side by side; one summary. */
#include "base/pool.h"
#include "cli/patch.h"
#include "cli/record.h"

/* The memory for one image. */
static const size_t JOB_BUDGET = 512 * HM_MIB;

enum status { PATCHED, PLANNED, SKIPPED, FAILED, STATUSES };
static const char *const status_names[] = { "patched", "planned", "skipped", "failed" };

/* A repository that the policy names. */
struct source {
	const struct repair_fleet_image *image;
	struct oci_target from_t;
	struct oci_place *from;
};

struct job {
	struct hm_cx cx; /* owns what is kept of it */
	const struct source *source;
	struct hm_str tag, target; /* target: "registry/name:tag", as far as it is known */
	enum status status;
	struct hm_str reason;
	bool left;
	size_t packages;
	struct hm_str result; /* what the image alone would have: JSON */
};

/* While it is worked on: in memory that goes when it is done. */
struct trying {
	struct job job;
	struct cli_patch_answer answer;
};

struct fleet {
	struct cli cli; /* a copy, that shows no progress of its own */
	const struct cli_patch_options *o;
	const struct advisory_db *db;
	const struct oci_access *access;
	enum repair_compression compression;
	struct source *sources;
	size_t sources_n;
	struct {
		struct job *p;
		size_t n, cap;
	} jobs;
	size_t counts[STATUSES];
	struct hm_progress *bar;
};

static void fleet_done(struct fleet *f)
{
	for (size_t i = 0; i < f->jobs.n; i++)
		hm_cx_done(&f->jobs.p[i].cx);
	for (size_t i = 0; i < f->sources_n; i++)
		oci_close_ptr(&f->sources[i].from);
}

/* ------------------------------------------------------------------ which images */

static struct job *add_job(struct hm_cx *cx, struct fleet *f, const struct source *s,
			   struct hm_str tag)
{
	struct job *j = hm_push(cx, &f->jobs);
	*j = (struct job){ .cx = hm_cx_child(cx, HM_MAX_JSON), .source = s, .tag = tag };
	return j;
}

/* A repository that cannot be listed is one line of the summary. */
static void fail_source(struct hm_cx *cx, struct fleet *f, const struct source *s, hm_err err)
{
	struct job *j = add_job(cx, f, s, HM_STR(""));
	j->status = FAILED;
	j->reason = hm_cstr(err->why);
}

static hm_err open_source(struct hm_cx *cx, struct fleet *f, struct source *s, struct hm_strs *tags)
{
	struct hm_strs all = { 0 };
	HM_TRY(cli_patch_end(cx, &f->cli, hm_dupz(cx, s->image->image), OCI_READ, &s->from_t,
			     &s->from));
	if (s->image->tags != REPAIR_TAGS_LIST)
		HM_TRY(oci_tags(cx, s->from, &all));
	repair_fleet_tags(cx, s->image, &all, tags);
	return tags->n ? NULL : hm_fail(cx, HM_ABSENT, "no tag of it is meant by the policy");
}

static hm_err find_jobs(struct hm_cx *cx, struct fleet *f, const struct repair_fleet *images)
{
	f->sources = hm_new(cx, struct source, images->n);
	for (size_t i = 0; i < images->n; i++) {
		struct source *s = &f->sources[f->sources_n++];
		struct hm_strs tags = { 0 };
		s->image = &images->p[i];
		HM_TRY(hm_alive(cx));
		hm_err err = open_source(cx, f, s, &tags);
		if (err && err->code == HM_USAGE)
			return err;
		if (err)
			fail_source(cx, f, s, err);
		if (f->jobs.n + tags.n > HM_MAX_FLEET_TAGS)
			return hm_fail(cx, HM_LIMIT, "the policy means more than %d images",
				       (int)HM_MAX_FLEET_TAGS);
		for (size_t k = 0; !err && k < tags.n; k++)
			add_job(cx, f, s, tags.p[k]);
	}
	return NULL;
}

/* Two images under one tag: the later would take it from the earlier. Neither has it. */
static void find_clashes(struct hm_cx *cx, struct fleet *f)
{
	struct hm_map seen = { 0 };
	for (size_t i = 0; i < f->jobs.n; i++) {
		struct job *j = &f->jobs.p[i], *first;
		struct hm_str place, tag, name;
		if (j->status == FAILED ||
		    repair_fleet_target(cx, j->source->image, j->tag, &place, &tag))
			continue; /* it says so in its turn */
		name = hm_fmt(cx, "%.*s:%.*s", HM_FMT(place), HM_FMT(tag));
		first = hm_map_get(&seen, name);
		if (!first) {
			hm_map_put(cx, &seen, name, j);
			continue;
		}
		first->status = j->status = FAILED;
		first->target = j->target = name;
		first->reason = j->reason =
			HM_STR("the policy gives this tag to more than one image: each needs a "
			       "\"target\" of its own");
	}
}

/* Where results go is known before jobs run, beside each other: what a password is for is decided
 * once, in memory that outlasts them. */
static hm_err check_targets(struct hm_cx *cx, struct fleet *f)
{
	for (size_t i = 0; i < f->jobs.n; i++) {
		const struct job *j = &f->jobs.p[i];
		struct hm_str place, tag;
		struct oci_target t;
		if (j->status == FAILED ||
		    repair_fleet_target(cx, j->source->image, j->tag, &place, &tag) ||
		    oci_target_parse(cx, place, &t))
			continue; /* it says so in its turn */
		HM_TRY(cli_secret_for(cx, &f->cli, &t));
	}
	return NULL;
}

/* ------------------------------------------------------------------ one image */

/* A repository that is not there yet has no tags. */
static hm_err list_target(struct hm_cx *cx, const struct fleet *f, struct hm_str place,
			  struct hm_strs *out)
{
	struct oci_target t;
	OCI_AUTO_PLACE p = NULL;
	HM_TRY(oci_target_parse(cx, place, &t));
	hm_err err = oci_open(cx, f->access, &t, OCI_READ, &p);
	if (!err)
		err = oci_tags(cx, p, out);
	return err && err->code != HM_ABSENT ? err : NULL;
}

static hm_err has_fixable(struct hm_cx *cx, const struct cli_patch_work *w, struct oci_place *place,
			  const struct oci_target *t, const struct oci_descriptor *d, bool *out)
{
	struct oci_descriptor *images = hm_new(cx, struct oci_descriptor, 1);
	size_t n = 1;
	*out = false;
	images[0] = *d;
	if (oci_media_type_is_index(d->media_type))
		HM_TRY(oci_platforms(cx, place, d, &images, &n));
	for (size_t i = 0; i < n && !*out; i++) {
		struct repair_wanteds found = { 0 };
		struct hm_str name = oci_target_with_digest(cx, t, images[i].digest);
		HM_TRY(cli_patch_scan(cx, w, hm_dupz(cx, name), NULL, &found));
		for (size_t k = 0; k < found.n; k++)
			*out = *out || found.p[k].fixed.n;
	}
	return NULL;
}

/* Was the newest patch made of the image as it is now, and is nothing left in it? */
static hm_err is_current(struct hm_cx *cx, const struct cli_patch_work *w, struct hm_str last,
			 struct oci_descriptor *out_d, bool *out)
{
	struct oci_descriptor source;
	struct oci_manifest m;
	bool fixable;
	*out = false;
	HM_TRY(oci_resolve(cx, w->to, last, out_d));
	HM_TRY(oci_fetch_manifest(cx, w->to, out_d, &m));
	HM_TRY(oci_resolve(cx, w->from, w->reference, &source));
	if (!w->db || !hm_eq(oci_annotation_get(&m.annotations, OCI_BASE_DIGEST), source.digest))
		return NULL;
	HM_TRY(has_fixable(cx, w, w->to, &w->to_t, out_d, &fixable));
	*out = !fixable;
	return NULL;
}

static void skip(struct job *j, struct hm_str target, struct hm_str reason)
{
	j->status = SKIPPED;
	j->target = target;
	j->reason = reason;
}

static void work_done(struct cli_patch_work *w)
{
	oci_close_ptr(&w->to);
	cli_sign_forms_done(&w->forms);
}

/* Another run may have given it in the meantime. */
static hm_err give_tag(struct hm_cx *cx, const struct cli_patch_work *w,
		       const struct oci_descriptor *made)
{
	struct oci_descriptor there;
	hm_err err = oci_resolve(cx, w->to, w->to_t.tag, &there);
	if (err && err->code != HM_ABSENT)
		return err;
	if (!err && !hm_eq(there.digest, made->digest))
		return hm_hint(cx,
			       hm_fail(cx, HM_INPUT,
				       "somebody else gave the tag \"%.*s\" in the meantime",
				       HM_FMT(w->to_t.tag)),
			       "run it again");
	return err ? oci_tag(cx, w->to, made, w->to_t.tag) : NULL;
}

/* Patch it, and give the result its tag, unless the newest tag stands for the same. */
static hm_err make(struct hm_cx *cx, struct cli_patch_work *w, struct trying *try,
		   const struct oci_descriptor *last, struct hm_str last_name)
{
	struct job *j = &try->job;
	struct cli_patch_answer *a = &try->answer;
	struct oci_descriptor made = { 0 };
	*a = (struct cli_patch_answer){ .target = w->target,
					.to = hm_dupz(cx, j->target),
					.dry_run = w->o->dry_run,
					.scanned = w->db != NULL };
	HM_TRY(cli_patch_vouch_open(cx, w));
	HM_TRY(cli_patch_target(cx, w, a, &made));
	j->left = w->left;
	if (made.digest.n && hm_eq(made.digest, last->digest)) {
		skip(j, last_name, HM_STR("it would come out the same"));
		return NULL;
	}
	if (made.digest.n)
		return give_tag(cx, w, &made);
	bool planned = false;
	for (size_t i = 0; i < a->images_n; i++)
		planned = planned || a->images[i].r.changes.n;
	if (planned)
		j->status = PLANNED;
	else
		skip(j, last_name, HM_STR("no package has a newer version"));
	return NULL;
}

static hm_err run_job(struct hm_cx *cx, struct fleet *f, struct trying *try)
{
	struct job *j = &try->job;
	HM_CLEANUP(work_done)
	struct cli_patch_work w = { .cli = &f->cli,
				    .o = f->o,
				    .db = f->db,
				    .from = j->source->from,
				    .from_t = j->source->from_t,
				    .reference = j->tag,
				    .platforms = j->source->image->platforms,
				    .compression = f->compression };
	struct oci_descriptor last_d = { 0 };
	struct hm_strs tags = { 0 };
	struct hm_str place, first, last, next, last_name;
	bool current = false;
	w.target = hm_fmt(cx, "%.*s:%.*s", HM_FMT(j->source->image->image), HM_FMT(j->tag)).p;
	HM_TRY(repair_fleet_target(cx, j->source->image, j->tag, &place, &first));
	j->target = hm_fmt(cx, "%.*s:%.*s", HM_FMT(place), HM_FMT(first));
	HM_TRY_IN(cx, list_target(cx, f, place, &tags), "\"%.*s\"", HM_FMT(place));
	repair_fleet_next(cx, first, &tags, &last, &next);
	last_name = last.n ? hm_fmt(cx, "%.*s:%.*s", HM_FMT(place), HM_FMT(last)) : j->target;
	j->target = hm_fmt(cx, "%.*s:%.*s", HM_FMT(place), HM_FMT(next));
	HM_TRY(oci_target_parse(cx, j->target, &w.to_t));
	HM_TRY(oci_open(cx, f->access, &w.to_t, f->o->dry_run ? OCI_READ : OCI_WRITE, &w.to));
	if (last.n)
		HM_TRY_IN(cx, is_current(cx, &w, last, &last_d, &current), "\"%.*s\"",
			  HM_FMT(last_name));
	if (current) {
		skip(j, last_name, HM_STR("it has no vulnerability with a fix"));
		return NULL;
	}
	return make(cx, &w, try, &last_d, last_name);
}

/* What of it the summary has. */
static hm_err keep(const struct trying *try, hm_err failed, struct job *j)
{
	struct hm_cx *cx = &j->cx;
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct json_out o = json_out(&b, false);
	struct hm_str text;
	j->status = failed ? FAILED : try->job.status;
	j->reason = hm_dup(cx, failed ? hm_cstr(failed->why) : try->job.reason);
	j->target = hm_dup(cx, try->job.target);
	j->left = try->job.left;
	for (size_t i = 0; i < try->answer.images_n; i++)
		j->packages += try->answer.images[i].r.changes.n;
	if (failed || !try->answer.images_n)
		return NULL;
	json_open(&o, NULL, '{');
	cli_patch_describe(&o, &try->answer);
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "what was done", &text));
	j->result = hm_dup(cx, text);
	return NULL;
}

static hm_err work_on(struct hm_cx *cx, void *arg, size_t i)
{
	struct fleet *f = arg;
	struct job *j = &f->jobs.p[i];
	HM_TRY(hm_alive(cx));
	if (j->status == FAILED)
		return NULL;
	struct trying try = { .job = *j };
	hm_err err = run_job(cx, f, &try);
	HM_TRY(hm_alive(cx));
	err = keep(&try, err, j);
	if (err)
		j->reason = hm_cstr(err->why);
	hm_progress_add(f->bar, 1);
	return NULL;
}

/* ------------------------------------------------------------------ the summary */

static struct hm_str source_name(struct hm_cx *cx, const struct job *j)
{
	struct hm_str image = j->source->image->image;
	return j->tag.n ? hm_fmt(cx, "%.*s:%.*s", HM_FMT(image), HM_FMT(j->tag)) : image;
}

static void put_result(struct hm_cx *cx, const struct job *j, struct json_out *o)
{
	struct hm_mark mark = hm_mark(cx);
	struct json doc;
	if (j->result.n && !json_parse(cx, j->result, JSON_STRICT, &doc))
		json_put_json(o, "result", doc);
	hm_release(cx, mark);
}

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct fleet *f = data;
	json_putz(o, "policy", f->o->all);
	json_put_bool(o, "dryRun", f->o->dry_run);
	json_put_int(o, "patched", (int64_t)f->counts[PATCHED]);
	json_put_int(o, "planned", (int64_t)f->counts[PLANNED]);
	json_put_int(o, "skipped", (int64_t)f->counts[SKIPPED]);
	json_put_int(o, "failed", (int64_t)f->counts[FAILED]);
	json_open(o, "images", '[');
	for (size_t i = 0; i < f->jobs.n; i++) {
		const struct job *j = &f->jobs.p[i];
		json_open(o, NULL, '{');
		json_put_str(o, "name", j->source->image->name);
		json_put_str(o, "source", source_name(cx, j));
		json_put_given(o, "target", j->target);
		json_putz(o, "status", status_names[j->status]);
		json_put_given(o, "reason", j->reason);
		json_put_bool(o, "left", j->left);
		put_result(cx, j, o);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static struct hm_str tell(struct hm_cx *cx, const struct job *j)
{
	if (j->reason.n)
		return j->reason;
	return hm_fmt(cx, "%zu %s%s", j->packages, j->packages == 1 ? "package" : "packages",
		      j->left ? "; not everything that has a fix is fixed" : "");
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "NAME", "STATUS", "SOURCE IMAGE", "PATCHED TAG",
					       "DETAILS" };
	const struct fleet *f = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < f->jobs.n; i++) {
		const struct job *j = &f->jobs.p[i];
		*hm_push(cx, &t.cells) = j->source->image->name;
		*hm_push(cx, &t.cells) = hm_cstr(status_names[j->status]);
		*hm_push(cx, &t.cells) = source_name(cx, j);
		*hm_push(cx, &t.cells) = j->target.n ? j->target : HM_STR("-");
		*hm_push(cx, &t.cells) = tell(cx, j);
	}
	cli_table_format(cx, &t, out);
	if (f->o->dry_run)
		hm_buf_fmt(out, "%zu would be patched, ", f->counts[PLANNED]);
	else
		hm_buf_fmt(out, "%zu patched, ", f->counts[PATCHED]);
	hm_buf_fmt(out, "%zu skipped, %zu failed\n", f->counts[SKIPPED], f->counts[FAILED]);
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.patch-many/1",
	.describe = describe,
	.write = write_table,
	.max = HM_MAX_JSON,
};

/* ------------------------------------------------------------------ the whole */

static hm_err read_policy(struct hm_cx *cx, const char *file, struct repair_fleet *out)
{
	struct hm_str text;
	HM_TRY_IN(cx, hm_read_file(cx, file, HM_MAX_CONFIG, &text), "--all");
	HM_TRY_IN(cx, repair_fleet_read(cx, text, out), "--all \"%s\"", file);
	return NULL;
}

static hm_err sum_up(struct hm_cx *cx, struct cli *cli, struct fleet *f)
{
	for (size_t i = 0; i < f->jobs.n; i++) {
		f->counts[f->jobs.p[i].status]++;
		cli->answer_no = cli->answer_no || f->jobs.p[i].left;
	}
	return f->counts[FAILED] ? hm_fail(cx, HM_INPUT, "%zu of %zu images could not be patched",
					   f->counts[FAILED], f->jobs.n)
				 : NULL;
}

hm_err cli_patch_many(struct hm_cx *cx, struct cli *cli, const struct cli_patch_options *o,
		      const struct advisory_db *db)
{
	HM_CLEANUP(fleet_done) struct fleet f = { .o = o, .db = db };
	struct repair_fleet images = { 0 };
	struct cli_outputs outputs;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_patch_compression(cx, o->compression, &f.compression));
	HM_TRY(read_policy(cx, o->all, &images));
	cli_record_begin(cx, cli, o->record);
	HM_TRY(cli_access(cx, cli, &f.access));
	f.cli = *cli;
	f.access = &f.cli.access;
	f.cli.quiet = true;
	HM_TRY(find_jobs(cx, &f, &images));
	find_clashes(cx, &f);
	HM_TRY(check_targets(cx, &f));
	HM_AUTO_PROGRESS bar = hm_progress_start("patching", f.jobs.n);
	f.bar = bar;
	HM_TRY(hm_parallel(cx, f.jobs.n, (unsigned)(o->concurrency < 64 ? o->concurrency : 64),
			   JOB_BUDGET, work_on, &f));
	hm_err err = sum_up(cx, cli, &f);
	cli_record_end(cx, cli, &outputs);
	HM_TRY(cli_answer_write(cx, &outputs, &answer, &f));
	return err;
}
