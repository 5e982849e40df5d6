/* SPDX-License-Identifier: Apache-2.0 */
/* verify of many artifacts: each judged by the statement that is for it; one report. */
#include "cli/batch.h"
#include "cli/judgement.h"
#include "cli/trust_root.h"
#include "cli/verify.h"

hm_err cli_verify_options(struct hm_cx *cx, const struct cli_verify *o,
			  struct trust_verify_options *out)
{
	if (o->max_signatures > HM_MAX_REFERRERS)
		return hm_fail(cx, HM_USAGE, "--max-signatures is too large");
	*out = (struct trust_verify_options){ .max_signatures = (unsigned)o->max_signatures };
	HM_TRY(cli_pairs(cx, "--plugin-config", &o->plugin_config, &out->plugin_config));
	HM_TRY(cli_revocation_read(cx, &o->revocation, out));
	return cli_metadata(cx, &o->metadata, &out->user_metadata);
}

hm_err cli_verify_trust(struct hm_cx *cx, const struct cli *cli, const struct cli_verify *o,
			struct trust_config **out)
{
	struct cli_demand demand;
	struct cli_believe given;
	cli_verify_whom(o, &demand, &given);
	return cli_believe_is(&given) ? cli_believe_open(cx, cli, &given, out)
				      : trust_config_open(cx, cli->config_dir, out);
}

hm_err cli_verify_scope(struct hm_cx *cx, const struct cli_verify *o, const struct oci_target *t,
			struct hm_str *out)
{
	/* what is given is for everything: any name will do for a layout, which has none */
	if (cli_believe_is(&o->given) && !o->scope && t->kind != OCI_REGISTRY) {
		*out = HM_STR("layout.invalid/any");
		return NULL;
	}
	return cli_judge_scope(cx, t, o->scope, out);
}

struct verification {
	const struct trust_config *trust;
	const struct cli_verify *o;
	struct trust_verify_options options;
	const struct cli_batch *batch;
	struct cli_judgement *judgements; /* one an item */
	size_t verified, refused, undecided;
};

/* Where no statement applies the answer is no, so the registry is not asked. */
static hm_err look(struct hm_cx *cx, void *arg, struct cli_source *s, bool *out_open)
{
	const struct verification *v = arg;
	HM_TRY(cli_verify_scope(cx, v->o, &s->target, &s->scope));
	*out_open = trust_config_covers(cx, v->trust, s->scope);
	return NULL;
}

static hm_err judge(void *arg, struct cli_item *item, size_t i)
{
	struct verification *v = arg;
	struct cli_judgement *j = &v->judgements[i];
	struct trust_verify_options options = v->options;
	struct cli_subject s = { .target = item->source->target,
				 .place = item->source->place,
				 .descriptor = item->descriptor,
				 .name = item->name };
	options.scope = item->source->scope;
	if (s.place)
		return cli_judge(&item->cx, v->trust, &s, &options, j);
	j->name = item->name;
	j->verdict.why = trust_not_covered(&item->cx, options.scope);
	return NULL;
}

/* --- the report --- */

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct verification *v = data;
	json_put_int(o, "verified", (int64_t)v->verified);
	json_put_int(o, "refused", (int64_t)v->refused);
	json_put_int(o, "undecided", (int64_t)v->undecided);
	json_open(o, "artifacts", '[');
	for (size_t i = 0; i < v->batch->items.n; i++) {
		const struct cli_item *item = &v->batch->items.p[i];
		if (item->twin)
			continue;
		json_open(o, NULL, '{');
		json_put_given(o, "tag", item->tag);
		if (item->err) {
			json_put_str(o, "reference", item->name);
			json_putz(o, "error", item->err->why);
		} else {
			cli_judgement_put(cx, o, &v->judgements[i]);
		}
		json_close(o, '}');
	}
	json_close(o, ']');
}

static struct hm_str tell_signer(const struct trust_verdict *v)
{
	if (v->skipped)
		return HM_STR("not looked at: the policy says skip");
	return v->signatures_n ? trust_signature_signer(&v->signatures[v->signatures_n - 1]).value
			       : HM_STR("");
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "ANSWER", "TAG", "ARTIFACT",
					       "SIGNED BY, OR WHY NOT" };
	const struct verification *v = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < v->batch->items.n; i++) {
		const struct cli_item *item = &v->batch->items.p[i];
		const struct trust_verdict *verdict = &v->judgements[i].verdict;
		if (item->twin)
			continue;
		*hm_push(cx, &t.cells) = item->err           ? HM_STR("undecided")
					 : verdict->verified ? HM_STR("verified")
							     : HM_STR("refused");
		*hm_push(cx, &t.cells) = item->tag;
		*hm_push(cx, &t.cells) = item->name;
		*hm_push(cx, &t.cells) = item->err           ? hm_cstr(item->err->why)
					 : verdict->verified ? tell_signer(verdict)
							     : verdict->why;
	}
	cli_table_format(cx, &t, out);
	hm_buf_fmt(out, "%zu verified, %zu refused, %zu undecided\n", v->verified, v->refused,
		   v->undecided);
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.verify-many/1",
	.describe = describe,
	.write = write_table,
};

static void count(struct verification *v)
{
	for (size_t i = 0; i < v->batch->items.n; i++) {
		const struct cli_item *item = &v->batch->items.p[i];
		bool verified = v->judgements[i].verdict.verified;
		v->undecided += !item->twin && item->err;
		v->verified += !item->twin && !item->err && verified;
		v->refused += !item->twin && !item->err && !verified;
	}
}

static hm_err run_batch(struct hm_cx *cx, struct cli *cli, const struct cli_verify *o,
			struct verification *v, char *const *args, size_t args_n)
{
	CLI_AUTO_BATCH b = { 0 };
	struct cli_outputs outputs;
	struct cli_batch_terms terms = { .mode = OCI_READ,
					 .all = o->all,
					 .concurrency = o->concurrency,
					 .look = look,
					 .arg = v };
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(cli_verify_options(cx, o, &v->options));
	HM_TRY(cli_batch_open(cx, cli, &terms, args, args_n, &b));
	v->batch = &b;
	v->judgements = hm_new(cx, struct cli_judgement, b.items.n + 1);
	cli_revocation_use(cx, cli, &v->options);
	HM_TRY(cli_batch_run(cx, &b, "verifying", judge, v));
	count(v);
	HM_TRY(cli_answer_write(cx, &outputs, &answer, v));
	/* a refusal is an answer, whatever else could not be decided */
	cli->answer_no = v->refused > 0;
	return v->refused ? NULL : cli_batch_fault(cx, &b);
}

/* One that is no name at all says so later. */
static void freshen_all(struct hm_cx *cx, struct cli *cli, const struct cli_verify *o,
			char *const *args, size_t args_n)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct oci_target t;
	struct hm_str scope, last = HM_STR("");
	for (size_t i = 0; i < args_n && !cli_believe_is(&o->given); i++) {
		if (oci_target_parse(&own, hm_cstr(args[i]), &t) ||
		    cli_judge_scope(&own, &t, o->scope, &scope) || hm_eq(scope, last))
			continue;
		cli_freshen_for(cx, cli, scope);
		last = scope;
	}
}

hm_err cli_verify_many(struct hm_cx *cx, struct cli *cli, const struct cli_verify *o,
		       char *const *args, size_t args_n)
{
	struct trust_config *trust;
	freshen_all(cx, cli, o, args, args_n);
	HM_TRY(cli_verify_trust(cx, cli, o, &trust));
	struct verification v = { .trust = trust, .o = o };
	hm_err err = run_batch(cx, cli, o, &v, args, args_n);
	trust_config_close(trust);
	return err;
}
