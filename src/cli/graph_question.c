/* SPDX-License-Identifier: Apache-2.0 */
/* A question to the graph: from flags and arguments to an answer. */
#include "cli/graph_question.h"

#include "cli/graph_server.h"
#include "codec/yaml.h"

enum { OLD_DAYS = 30, SOON_DAYS = 30, DAY = 24 * 3600 };

/* ------------------------------------------------------------------ what is asked */

const struct cli_opt cli_graph_parameters[] = { CLI_ASK_DEPTH,   CLI_ASK_EXPLAIN,
						CLI_ASK_LIMIT,   CLI_ASK_OLDER,
						CLI_ASK_RUNNING, CLI_ASK_TIMEOUT,
						CLI_ASK_WITHIN,  { 0 } };

static hm_err read_timeout(struct hm_cx *cx, const char *text, struct graph_limits *out)
{
	int64_t ns = 0;
	if (hm_duration(cx, hm_cstr(text), &ns) || ns <= 0)
		return hm_fail(cx, HM_USAGE, "timeout \"%s\" is not a time: write 500ms or 5s",
			       text);
	ns = ns < HM_SECOND * 3600 ? ns : HM_SECOND * 3600;
	out->milliseconds = (unsigned)(ns * 1000 / HM_SECOND + 1);
	return NULL;
}

hm_err cli_graph_asking(struct hm_cx *cx, const struct cli_graph_question *o,
			struct cli_graph_asking *out)
{
	struct cli_graph_asking a = {
		.asked = { .running = o->running, .explain = o->explain },
		.old = (int64_t)OLD_DAYS * DAY,
		.within = (int64_t)SOON_DAYS * DAY,
		.db = o->db,
	};
	int64_t ns = 0;
	if (o->timeout)
		HM_TRY(read_timeout(cx, o->timeout, &a.asked.limits));
	if (o->older && (hm_duration(cx, hm_cstr(o->older), &ns) || ns < 0))
		return hm_fail(cx, HM_USAGE, "older \"%s\" is not a time: write 720h", o->older);
	if (o->older)
		a.old = ns / HM_SECOND;
	if (o->within && (hm_duration(cx, hm_cstr(o->within), &ns) || ns < 0))
		return hm_fail(cx, HM_USAGE, "within \"%s\" is not a time: write 720h", o->within);
	if (o->within)
		a.within = ns / HM_SECOND;
	a.asked.limits.rows = (size_t)o->limit;
	a.asked.limits.depth = o->depth < UINT32_MAX ? (unsigned)o->depth : UINT32_MAX;
	*out = a;
	return NULL;
}

/* The arguments, in their order; or all of them as the words of one text. */
static hm_err read_texts(struct hm_cx *cx, const struct cli_graph_ask *ask, char *const *args,
			 size_t args_n, struct hm_str *texts)
{
	HM_AUTO_BUF words = HM_BUF(HM_MAX_GRAPH_KEY);
	for (size_t i = 0; i < args_n && !ask->is_one_text && i < CLI_GRAPH_TEXTS; i++)
		texts[i] = hm_cstr(args[i]);
	for (size_t i = 0; i < args_n && ask->is_one_text; i++)
		hm_buf_fmt(&words, "%s%s", i ? " " : "", args[i]);
	if (!ask->is_one_text)
		return NULL;
	HM_TRY(hm_buf_end(cx, &words, "the text", &texts[0]));
	texts[0] = hm_dup(cx, texts[0]);
	return NULL;
}

hm_err cli_graph_db(struct hm_cx *cx, const struct cli_graph_asking *a, struct advisory_db **out)
{
	hm_err err = advisory_db_open(cx, a->db ? a->db : cli_advisory_db(cx), out);
	if (err && err->code == HM_ABSENT && !a->db) {
		*out = NULL;
		return NULL;
	}
	return err;
}

/* ------------------------------------------------------------------ answers */

static struct cli_answer answer_of(const struct cli_graph_ask *ask,
				   const struct cli_graph_asking *a)
{
	struct cli_answer answer = *ask->answer;
	if (a->asked.explain && ask->explain)
		answer.write = ask->explain;
	return answer;
}

/* For people, with how to begin where there is nothing yet. */
static hm_err write_answer(struct hm_cx *cx, struct graph *g, const struct cli_answer *answer,
			   const void *data, enum cli_format_bit format, struct hm_buf *out)
{
	int64_t newest;
	HM_TRY(cli_answer_format(cx, answer, data, format, out));
	HM_TRY(graph_documents_newest(cx, g, &newest));
	if (!newest && format == CLI_AS_TABLE)
		hm_buf_addz(out, "the graph has no documents yet: hullmark graph ingest PATH\n");
	return NULL;
}

hm_err cli_graph_write_text(struct hm_cx *cx, struct graph *g, const struct cli_graph_ask *ask,
			    const struct cli_graph_asking *a, struct hm_buf *out)
{
	struct cli_answer answer = answer_of(ask, a);
	const void *data;
	HM_TRY(ask->ask(cx, g, a, &data));
	return write_answer(cx, g, &answer, data, CLI_AS_TABLE, out);
}

static hm_err ask_here(struct hm_cx *cx, const struct cli_graph *where,
		       const struct cli_outputs *outputs, const struct cli_graph_ask *ask,
		       const struct cli_graph_asking *a)
{
	CLI_AUTO_GRAPH g = NULL;
	struct cli_answer answer = answer_of(ask, a);
	const void *data;
	HM_TRY(cli_graph_open(cx, where, &g));
	HM_TRY(ask->ask(cx, g, a, &data));
	for (size_t i = 0; i < outputs->n; i++) {
		HM_AUTO_BUF b = HM_BUF(answer.max ? answer.max : HM_MAX_JSON);
		HM_TRY(write_answer(cx, g, &answer, data, outputs->p[i].format->bit, &b));
		HM_TRY(cli_output_end(cx, &outputs->p[i], &b));
	}
	return NULL;
}

/* ------------------------------------------------------------------ asked elsewhere */

static void add_text(struct hm_cx *cx, struct hm_buf *b, const char *name, struct hm_str value)
{
	if (value.n)
		hm_buf_fmt(b, "%s%s=%.*s", b->n ? "&" : "", name, HM_FMT(http_escape(cx, value)));
}

/* An option as the text of a parameter; "": it was not given. */
static struct hm_str option_text(struct hm_cx *cx, const struct cli_graph_question *o,
				 const struct cli_opt *option)
{
	const void *at = (const char *)o + option->at;
	if (option->kind == CLI_FLAG)
		return *(const bool *)at ? HM_STR("true") : HM_STR("");
	if (option->kind == CLI_TEXT)
		return hm_cstr(*(const char *const *)at);
	uint64_t n = *(const uint64_t *)at;
	return n ? hm_fmt(cx, "%llu", (unsigned long long)n) : HM_STR("");
}

/* As service_graph_questions.c reads it. */
static hm_err write_query(struct hm_cx *cx, const struct cli_graph_question *o,
			  const struct cli_graph_ask *ask, const struct hm_str *texts,
			  struct hm_buf *b)
{
	struct hm_str query;
	for (size_t i = 0; i < CLI_GRAPH_TEXTS && ask->texts[i]; i++)
		add_text(cx, b, ask->texts[i], texts[i]);
	for (const struct cli_opt *p = cli_graph_parameters; p->name; p++)
		add_text(cx, b, p->name, option_text(cx, o, p));
	return hm_buf_end(cx, b, "the question", &query);
}

/* What is read by a program is written anew, as it would be here. */
static hm_err fetch_answer(struct hm_cx *cx, struct cli_graph_server *s,
			   const struct cli_graph_call *question, enum cli_format_bit format,
			   struct hm_buf *out)
{
	struct cli_graph_call call = *question;
	struct json doc;
	if (format == CLI_AS_TABLE) {
		call.query = hm_fmt(cx, "%.*s%sformat=text", HM_FMT(call.query),
				    call.query.n ? "&" : "");
		return cli_graph_server_text(cx, s, &call, out);
	}
	HM_TRY(cli_graph_server_json(cx, s, &call, &doc));
	struct json_out o = format == CLI_AS_YAML ? yaml_out(out) : json_out(out, true);
	json_put_json(&o, NULL, doc);
	return NULL;
}

static hm_err ask_there(struct hm_cx *cx, const struct cli *cli, const struct cli_graph_question *o,
			const struct cli_outputs *outputs, const struct cli_graph_ask *ask,
			const struct cli_graph_asking *a)
{
	CLI_AUTO_GRAPH_SERVER s = { 0 };
	HM_AUTO_BUF query = HM_BUF(3 * (CLI_GRAPH_TEXTS + 1) * HM_MAX_GRAPH_KEY);
	struct cli_graph_call call = { .path = ask->path,
				       .schema = ask->answer->schema,
				       .is_question = true,
				       .is_post = ask->max_body != 0,
				       .body = a->body };
	if (o->db)
		return hm_fail(cx, HM_USAGE,
			       "--db goes with a graph of this machine: a server has its own "
			       "advisory database");
	HM_TRY(cli_graph_server_open(cx, cli, &o->graph, &s));
	HM_TRY(write_query(cx, o, ask, a->texts, &query));
	call.query = hm_buf_str(&query);
	for (size_t i = 0; i < outputs->n; i++) {
		HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
		HM_TRY_IN(cx, fetch_answer(cx, &s, &call, outputs->p[i].format->bit, &b),
			  "\"%.*s\"", HM_FMT(s.root));
		HM_TRY(cli_output_end(cx, &outputs->p[i], &b));
	}
	return NULL;
}

hm_err cli_graph_run(struct hm_cx *cx, struct cli *cli, const struct cli_graph_question *o,
		     const struct cli_graph_ask *ask, char *const *args, size_t args_n)
{
	struct cli_outputs outputs;
	struct cli_graph_asking a;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->graph.output, &outputs));
	HM_TRY(cli_graph_asking(cx, o, &a));
	HM_TRY(read_texts(cx, ask, args, args_n, a.texts));
	if (ask->read_body)
		HM_TRY(ask->read_body(cx, o, a.texts[0], &a.body));
	if (o->graph.server)
		return ask_there(cx, cli, o, &outputs, ask, &a);
	if (o->graph.token_file)
		return hm_fail(cx, HM_USAGE, "--token-file goes with --server");
	a.config_dir = cli->config_dir;
	a.is_here = true;
	return ask_here(cx, &o->graph, &outputs, ask, &a);
}
