/* SPDX-License-Identifier: Apache-2.0 */
/* `graph unproven`, `graph plan`: what is to be done. */
#include "cli/graph_question.h"

/* ------------------------------------------------------------------ graph unproven */

static void describe_unproven(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_unproven *u = data;
	json_put_int(o, "proven", (int64_t)u->proven);
	cli_graph_put_cut(o, u->cut);
	json_open(o, "unproven", '[');
	for (size_t i = 0; i < u->n; i++) {
		const struct graph_unproof *one = &u->p[i];
		json_open(o, NULL, '{');
		cli_graph_put_node(cx, o, "artifact", &one->artifact);
		json_put_strs(o, "missing", &one->missing);
		if (one->sbom)
			cli_graph_put_witness(cx, o, "sbom", one->sbom);
		if (one->report)
			cli_graph_put_witness(cx, o, "report", one->report);
		if (one->signature.id)
			cli_graph_put_fact(cx, o, "signature", &one->signature);
		cli_graph_put_pods(cx, o, "running", &one->pods);
		cli_graph_put_decisions(cx, o, "decisions", &one->decisions);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_unproven(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			     struct hm_buf *out)
{
	static const char *const columns[] = { "ARTIFACT", "IMAGE", "LACKS", "RUNS IN" };
	const struct graph_unproven *u = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < u->n; i++) {
		const struct graph_unproof *one = &u->p[i];
		HM_AUTO_BUF lacks = HM_BUF(HM_KIB);
		for (size_t k = 0; k < one->missing.n; k++)
			hm_buf_fmt(&lacks, "%s%.*s", k ? ", " : "", HM_FMT(one->missing.p[k]));
		*hm_push(cx, &t.cells) = one->artifact.key;
		*hm_push(cx, &t.cells) = one->pods.n ? one->pods.p[0].image : HM_STR("");
		*hm_push(cx, &t.cells) = hm_dup(cx, hm_buf_str(&lacks));
		*hm_push(cx, &t.cells) =
			one->pods.n ? cli_graph_pod_text(cx, &one->pods.p[0]) : HM_STR("");
	}
	cli_table_format(cx, &t, out);
	hm_buf_fmt(out, "%zu lack something, %zu lack nothing\n", u->n, u->proven);
	cli_graph_write_cut(out, u->cut);
	return NULL;
}

static void write_witness(struct hm_cx *cx, struct hm_buf *out, const char *what,
			  const struct graph_witness *w)
{
	hm_buf_fmt(out, "  %s: ", what);
	if (w) {
		hm_buf_safe(out, cli_graph_witness_text(cx, w));
		hm_buf_fmt(out, " (%.*s), %.*s\n", HM_FMT(w->digest),
			   HM_FMT(hm_rfc3339(cx, w->taken)));
	} else {
		hm_buf_addz(out, "none\n");
	}
}

static hm_err explain_unproven(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			       struct hm_buf *out)
{
	const struct graph_unproven *u = data;
	HM_TRY(write_unproven(cx, data, format, out));
	for (size_t i = 0; i < u->n; i++) {
		const struct graph_unproof *one = &u->p[i];
		hm_buf_char(out, '\n');
		hm_buf_safe(out, one->artifact.key);
		hm_buf_char(out, '\n');
		write_witness(cx, out, "SBOM", one->sbom);
		write_witness(cx, out, "report", one->report);
		if (one->signature.id)
			cli_graph_write_fact(cx, out, "  signature: ", &one->signature);
		else
			hm_buf_addz(out, "  signature: none\n");
		for (size_t k = 0; k < one->decisions.n; k++)
			cli_graph_write_decision(cx, out, "  ", &one->decisions.p[k]);
		for (size_t k = 0; k < one->pods.n; k++) {
			hm_buf_addz(out, "  runs in ");
			hm_buf_safe(out, cli_graph_pod_text(cx, &one->pods.p[k]));
			hm_buf_char(out, '\n');
		}
	}
	return NULL;
}

static const struct cli_answer unproven_answer = { .schema = "hullmark.graph-unproven/1",
						   .describe = describe_unproven,
						   .write = write_unproven,
						   .max = HM_MAX_JSON };

static hm_err ask_unproven(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
			   const void **out)
{
	struct graph_unproven *u = hm_new(cx, struct graph_unproven, 1);
	*out = u;
	return graph_unproven(cx, g, a->old, &a->asked.limits, u);
}

const struct cli_graph_ask cli_graph_ask_unproven = {
	.path = "unproven",
	.answer = &unproven_answer,
	.explain = explain_unproven,
	.ask = ask_unproven,
};

CLI_GRAPH_RUN(unproven)

extern const struct cli_command cli_graph_unproven;
const struct cli_command cli_graph_unproven = {
	.name = "graph unproven",
	CLI_GRAPH_QUESTION(unproven),
	.args = "",
	.help = "what runs without SBOM, signature, or a report that is new, or although the gate says no",
	.about =
		"Of all that runs in the clusters that are watched. A signature counts where nobody has said that its\n"
		"signer is not believed. What lacks \"admission\" the gate has denied when it was asked the last time.\n"
		"\n"
		"The JSON (hullmark.graph-unproven/1) has \"proven\" (a number) and \"unproven\": each \"artifact\", \"missing\",\n"
		"\"sbom\", \"report\", \"signature\", \"decisions\" (the gate\'s last one; where there are any) and \"running\"; and \"cut\", where there are more.",
	.examples = "  $ hullmark graph unproven --older 168h\n",
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_ASK_DATA,
		CLI_ASK_EXPLAIN,
CLI_ASK_LIMIT,
		CLI_ASK_OLDER,
		CLI_ASK_OUTPUT, CLI_ASK_ELSEWHERE, { 0 },
	},
	/* clang-format on */
};

/* ------------------------------------------------------------------ graph plan */

static void describe_plan(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct graph_plan *p = data;
	json_put_strs(o, "names", &p->names);
	cli_graph_put_cut(o, p->cut);
	json_open(o, "steps", '[');
	for (size_t i = 0; i < p->n; i++) {
		json_open(o, NULL, '{');
		json_put_int(o, "level", (int64_t)p->p[i].level);
		json_putz(o, "task", graph_task_names[p->p[i].task]);
		json_put_bool(o, "circle", p->p[i].in_circle);
		cli_graph_put_nodes(cx, o, "nodes", &p->p[i].nodes);
		if (p->p[i].said.n)
			cli_graph_put_facts(cx, o, "said", &p->p[i].said);
		if (p->p[i].advisories.n)
			json_put_strs(o, "advisories", &p->p[i].advisories);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_plan(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			 struct hm_buf *out)
{
	static const char *const columns[] = { "STEP", "", "WHAT" };
	const struct graph_plan *p = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < p->n; i++) {
		const struct graph_planned *one = &p->p[i];
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%u", one->level);
		*hm_push(cx, &t.cells) = hm_fmt(cx, "%s%s", graph_task_names[one->task],
						one->in_circle ? " (in a circle)" : "");
		*hm_push(cx, &t.cells) = one->nodes.n > 1
						 ? hm_fmt(cx, "%.*s (%zu names)",
							  HM_FMT(one->nodes.p[0].key), one->nodes.n)
						 : one->nodes.p[0].key;
	}
	cli_table_format(cx, &t, out);
	cli_graph_write_cut(out, p->cut);
	return NULL;
}

static hm_err explain_plan(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			   struct hm_buf *out)
{
	const struct graph_plan *p = data;
	HM_TRY(write_plan(cx, data, format, out));
	for (size_t i = 0; i < p->n; i++) {
		const struct graph_planned *one = &p->p[i];
		hm_buf_fmt(out, "\n%s ", graph_task_names[one->task]);
		hm_buf_safe(out, one->nodes.p[0].key);
		hm_buf_char(out, '\n');
		cli_graph_write_facts(cx, out, &one->said);
		for (size_t k = 0; k < one->advisories.n; k++) {
			hm_buf_addz(out, "  ");
			hm_buf_safe(out, one->advisories.p[k]);
			hm_buf_char(out, '\n');
		}
	}
	return NULL;
}

static const struct cli_answer plan_answer = { .schema = "hullmark.graph-plan/1",
					       .describe = describe_plan,
					       .write = write_plan,
					       .max = HM_MAX_JSON };

static hm_err ask_plan(struct hm_cx *cx, struct graph *g, const struct cli_graph_asking *a,
		       const void **out)
{
	struct graph_plan *p = hm_new(cx, struct graph_plan, 1);
	CLI_AUTO_GRAPH_DB db = NULL;
	HM_TRY(cli_graph_db(cx, a, &db));
	*out = p;
	return graph_plan(cx, g, db, a->texts[0], &a->asked, p);
}

const struct cli_graph_ask cli_graph_ask_plan = {
	.path = "plan",
	.texts = { "vulnerability" },
	.answer = &plan_answer,
	.explain = explain_plan,
	.ask = ask_plan,
};

CLI_GRAPH_RUN(plan)

extern const struct cli_command cli_graph_plan;
const struct cli_command cli_graph_plan = {
	.name = "graph plan",
	CLI_GRAPH_QUESTION(plan),
	.args = "VULNERABILITY",
	.help = "the order in which to make things again to be rid of a vulnerability",
	.about =
		"First what has it (fix), then what depends on that or is based on it, each after all that it needs:\n"
		"packages (update), releases and images (rebuild). What needs itself comes last, and is marked.\n"
		"\n"
		"The JSON (hullmark.graph-plan/1) has \"names\" of the vulnerability and \"steps\": each \"level\" (after all\n"
		"smaller ones), \"task\", \"circle\" and \"nodes\" (names of one thing), with --explain \"said\" (facts: why it\n"
		"is there) and \"advisories\"; and \"cut\", where there are more.",
	.examples = "  $ hullmark graph plan CVE-2021-44228\n",
	.opts =
		(const struct cli_opt[]){
			CLI_ASK_DATA, CLI_ASK_DB, CLI_ASK_ANSWER, CLI_ASK_ELSEWHERE, { 0 } },
	.least = 1,
	.most = 1,
};
