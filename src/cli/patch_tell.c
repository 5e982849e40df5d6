/* SPDX-License-Identifier: Apache-2.0 */
/* What `patch` says it did. */
#include "cli/patch.h"

static const char *const script_names[] = { "none", "done", "left out" };

static void count(const struct repair_result *r, size_t counts[REPAIR_OUTCOMES])
{
	for (size_t i = 0; i < r->findings_n; i++)
		counts[r->findings[i].outcome]++;
}

static void put_change_list(struct json_out *o, const struct repair_result *r)
{
	json_open(o, "changes", '[');
	for (size_t i = 0; i < r->changes.n; i++) {
		const struct repair_change *c = &r->changes.p[i];
		json_open(o, NULL, '{');
		json_put_str(o, "name", c->name);
		json_put_given(o, "type", c->type);
		json_put_given(o, "place", c->place);
		json_put_str(o, "architecture", c->arch);
		json_put_given(o, "from", c->from);
		json_put_given(o, "to", c->to);
		json_put_given(o, "source", c->source);
		json_put_given(o, "sourceVersion", c->source_version);
		json_put_given(o, "sha256", c->sha256);
		json_put_given(o, "repository", c->repository);
		json_put_given(o, "path", c->path);
		json_putz(o, "scripts", script_names[c->script]);
		json_put_strs(o, "scriptsDo", &c->script_why);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_finding_list(struct json_out *o, const struct repair_result *r)
{
	size_t counts[REPAIR_OUTCOMES] = { 0 };
	count(r, counts);
	json_open(o, "summary", '{');
	for (size_t i = 0; i < REPAIR_OUTCOMES; i++)
		json_put_int(o, repair_outcome_names[i], (int64_t)counts[i]);
	json_close(o, '}');
	json_open(o, "findings", '[');
	for (size_t i = 0; i < r->findings_n; i++) {
		const struct repair_finding *f = &r->findings[i];
		json_open(o, NULL, '{');
		json_put_str(o, "id", f->wanted.id);
		if (f->wanted.aliases.n)
			json_put_strs(o, "aliases", &f->wanted.aliases);
		json_put_str(o, "package", f->wanted.name);
		json_put_given(o, "fixed", f->wanted.fixed);
		json_put_given(o, "version", f->version);
		json_putz(o, "outcome", repair_outcome_names[f->outcome]);
		json_put_given(o, "reason", f->why);
		json_put_strs(o, "purls", &f->purls);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void describe_result(struct json_out *o, const struct repair_result *r)
{
	json_putz(o, "manager", r->manager);
	json_put_str(o, "base", r->base.digest);
	json_put_given(o, "digest", r->image.digest);
	json_put_bool(o, "replacedPatch", r->replaced_patch);
	if (r->layer.n) {
		json_open(o, "layer", '{');
		json_put_str(o, "digest", r->layer);
		json_put_str(o, "diffID", r->diff_id);
		json_put_int(o, "size", (int64_t)r->layer_size);
		json_close(o, '}');
	}
	json_put_strs(o, "repositories", &r->repositories);
	put_change_list(o, r);
	put_finding_list(o, r);
	json_put_strs(o, "notes", &r->notes);
}

/* What an image that stays as it is leaves out. */
static void describe_platform(struct json_out *o, const struct cli_patched *p)
{
	json_open(o, NULL, '{');
	json_put_str(o, "platform", p->platform);
	json_put_str(o, "manifest", p->now.digest);
	json_put_given(o, "unchanged", p->why_not);
	if (p->r.manager)
		describe_result(o, &p->r);
	json_close(o, '}');
}

void cli_patch_describe(struct json_out *o, const struct cli_patch_answer *a)
{
	json_putz(o, "target", a->target);
	json_put_given(o, "to", hm_cstr(a->to));
	json_put_bool(o, "dryRun", a->dry_run);
	if (!a->is_index) {
		describe_result(o, &a->images[0].r);
		return;
	}
	json_put_str(o, "base", a->base);
	json_put_given(o, "digest", a->index);
	json_open(o, "platforms", '[');
	for (size_t i = 0; i < a->images_n; i++)
		describe_platform(o, &a->images[i]);
	json_close(o, ']');
	json_put_strs(o, "notes", &a->notes);
}

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	(void)cx;
	cli_patch_describe(o, data);
}

static void put_changes(struct hm_cx *cx, const struct repair_result *r, struct hm_buf *out)
{
	static const char *const columns[] = { "PACKAGE", "FROM", "TO", "SCRIPTS" };
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	for (size_t i = 0; i < r->changes.n; i++) {
		const struct repair_change *c = &r->changes.p[i];
		*hm_push(cx, &t.cells) = c->name;
		*hm_push(cx, &t.cells) = c->from.n ? c->from : HM_STR("(new)");
		*hm_push(cx, &t.cells) = c->to.n ? c->to : HM_STR("(removed)");
		*hm_push(cx, &t.cells) = hm_cstr(script_names[c->script]);
	}
	if (!r->changes.n)
		return;
	cli_table_format(cx, &t, out);
	hm_buf_char(out, '\n');
}

static void put_left(struct hm_cx *cx, const struct repair_result *r, struct hm_buf *out)
{
	static const char *const columns[] = { "LEFT", "PACKAGE", "VERSION", "FIXED", "REASON" };
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	size_t n = 0;
	for (size_t i = 0; i < r->findings_n; i++) {
		const struct repair_finding *f = &r->findings[i];
		if (f->outcome == REPAIR_FIXED || f->outcome == REPAIR_NO_FIX)
			continue;
		*hm_push(cx, &t.cells) = f->wanted.id;
		*hm_push(cx, &t.cells) = f->wanted.name;
		*hm_push(cx, &t.cells) = f->version.n ? f->version : HM_STR("-");
		*hm_push(cx, &t.cells) = f->wanted.fixed.n ? f->wanted.fixed : HM_STR("-");
		*hm_push(cx, &t.cells) = f->why;
		n++;
	}
	if (!n)
		return;
	cli_table_format(cx, &t, out);
	hm_buf_char(out, '\n');
}

static void write_result(struct hm_cx *cx, const struct cli_patch_answer *a,
			 const struct cli_patched *p, struct hm_buf *out)
{
	const struct repair_result *r = &p->r;
	size_t counts[REPAIR_OUTCOMES] = { 0 };
	put_changes(cx, r, out);
	put_left(cx, r, out);
	for (size_t i = 0; i < r->notes.n; i++)
		hm_buf_fmt(out, "note: %.*s\n", HM_FMT(r->notes.p[i]));
	count(r, counts);
	if (a->scanned)
		hm_buf_fmt(out, "%zu of %zu vulnerabilities fixed; %zu have no fix, %zu are left\n",
			   counts[REPAIR_FIXED], r->findings_n, counts[REPAIR_NO_FIX],
			   r->findings_n - counts[REPAIR_FIXED] - counts[REPAIR_NO_FIX]);
	if (!r->changes.n)
		hm_buf_fmt(out, "nothing to be done: no package has a newer version\n");
	else if (a->dry_run)
		hm_buf_fmt(out, "%zu packages would be replaced; nothing was written (--dry-run)\n",
			   r->changes.n);
	else
		hm_buf_fmt(out, "%zu packages replaced in one layer of %llu bytes: %s@%.*s\n",
			   r->changes.n, (unsigned long long)r->layer_size, a->to,
			   HM_FMT(r->image.digest));
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct cli_patch_answer *a = data;
	(void)format;
	for (size_t i = 0; i < a->images_n; i++) {
		const struct cli_patched *p = &a->images[i];
		if (a->is_index)
			hm_buf_fmt(out, "%s%.*s\n", i ? "\n" : "", HM_FMT(p->platform));
		if (p->why_not.n)
			hm_buf_fmt(out, "left as it is: %.*s\n", HM_FMT(p->why_not));
		if (p->r.manager)
			write_result(cx, a, p, out);
	}
	for (size_t i = 0; i < a->notes.n; i++)
		hm_buf_fmt(out, "note: %.*s\n", HM_FMT(a->notes.p[i]));
	if (a->index.n)
		hm_buf_fmt(out, "\nindex of %zu platforms: %s@%.*s\n", a->images_n, a->to,
			   HM_FMT(a->index));
	return NULL;
}

const struct cli_answer cli_patch_answer = {
	.schema = "hullmark.patch/1",
	.describe = describe,
	.write = write_table,
	.max = HM_MAX_JSON,
};
