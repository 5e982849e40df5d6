/* SPDX-License-Identifier: Apache-2.0 */
/* What `repair` came to: before and after, what was done, what the gate says. */
#include "cli/remedy.h"
#include "cli/repair.h"
#include "cli/rules.h"

static const char *const step_names[REPAIR_STEPS] = { "scan",   "base",     "patch",
						      "rescan", "evidence", "gate" };

static void put_count(struct json_out *o, const char *key, const struct cli_repair_count *c)
{
	json_open(o, key, '{');
	json_put_int(o, "vulnerabilities", (int64_t)c->all);
	json_put_int(o, "withFix", (int64_t)c->fixable);
	advisory_put_counts(o, "bySeverity", c->severities);
	json_close(o, '}');
}

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct cli_repair *r = data;
	json_putz(o, "target", r->target);
	json_putz(o, "to", r->to);
	json_put_given(o, "digest", r->made);
	json_put_bool(o, "changed", r->is_changed);
	json_put_bool(o, "tagged", r->is_tagged);
	put_count(o, "before", &r->before);
	put_count(o, "after", &r->after);
	json_put_strs(o, "base", &r->base_notes);
	json_open(o, "patch", '{');
	cli_patch_describe(o, &r->patch);
	json_close(o, '}');
	if (r->is_asked) {
		json_open(o, "gate", '{');
		json_putz(o, "answer", cli_rules_answer(&r->verdict));
		json_put_given(o, "why", cli_remedy(cx, r->cli, r->verdict.why));
		json_close(o, '}');
	}
	json_open(o, "steps", '[');
	for (size_t i = 0; i < REPAIR_STEPS; i++) {
		json_open(o, NULL, '{');
		json_putz(o, "name", step_names[i]);
		json_put_int(o, "milliseconds", r->took[i] / 1000000);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void add_row(struct hm_cx *cx, struct cli_table *t, const char *step, struct hm_str what,
		    int64_t took)
{
	*hm_push(cx, &t->cells) = hm_cstr(step);
	*hm_push(cx, &t->cells) = what;
	*hm_push(cx, &t->cells) = took ? hm_fmt(cx, "%.2f s", (double)took / 1e9) : HM_STR("-");
}

static struct hm_str tell_count(struct hm_cx *cx, const struct cli_repair_count *c)
{
	return hm_fmt(cx, "%.*s (%zu with a fix)", HM_FMT(advisory_counts_text(cx, c->severities)),
		      c->fixable);
}

static struct hm_str tell_patch(struct hm_cx *cx, const struct cli_repair *r)
{
	size_t packages = 0;
	for (size_t i = 0; i < r->patch.images_n; i++)
		packages += r->patch.images[i].r.changes.n;
	return packages ? hm_fmt(cx, "%zu %s replaced%s", packages,
				 packages == 1 ? "package" : "packages",
				 r->work.left ? "; not everything that has a fix is fixed" : "")
			: HM_STR("nothing was to be done");
}

static struct hm_str tell_gate(const struct cli_repair *r)
{
	return r->is_asked ? hm_cstr(cli_rules_answer(&r->verdict)) : HM_STR("not asked");
}

static struct hm_str tell_base(struct hm_cx *cx, const struct cli_repair *r)
{
	HM_AUTO_BUF b = HM_BUF(HM_KIB * 64);
	for (size_t i = 0; i < r->base_notes.n; i++)
		hm_buf_fmt(&b, "%s%.*s", i ? "; " : "", HM_FMT(r->base_notes.p[i]));
	return hm_dup(cx, hm_buf_str(&b));
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "STEP", "WHAT", "TOOK" };
	const struct cli_repair *r = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	add_row(cx, &t, "before", tell_count(cx, &r->before), r->took[REPAIR_STEP_SCAN]);
	if (r->o->base)
		add_row(cx, &t, "base", tell_base(cx, r), r->took[REPAIR_STEP_BASE]);
	add_row(cx, &t, "patch", tell_patch(cx, r), r->took[REPAIR_STEP_PATCH]);
	add_row(cx, &t, "after", tell_count(cx, &r->after), r->took[REPAIR_STEP_RESCAN]);
	if (!r->release.denied)
		add_row(cx, &t, "evidence", HM_STR("attached and signed"),
			r->took[REPAIR_STEP_EVIDENCE]);
	add_row(cx, &t, "gate", tell_gate(r), r->took[REPAIR_STEP_GATE]);
	cli_table_format(cx, &t, out);
	if (r->is_asked && !r->verdict.admitted) {
		hm_buf_char(out, '\n');
		hm_buf_safe(out, cli_remedy(cx, r->cli, r->verdict.why));
	}
	hm_buf_fmt(out, "\n%s %s@%.*s%s\n", r->is_tagged ? "repaired:" : "not released:", r->to,
		   HM_FMT(r->made), r->is_changed ? "" : " (as it was)");
	return NULL;
}

const struct cli_answer cli_repair_answer = {
	.schema = "hullmark.repair/1",
	.describe = describe,
	.write = write_table,
	.max = HM_MAX_JSON,
};
