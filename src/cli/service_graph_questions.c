/* SPDX-License-Identifier: Apache-2.0 */
/* The questions of /api/v1, answered as the commands of `graph` answer them. */
#include "cli/graph_answers.h"
#include "cli/graph_question.h"
#include "cli/service_graph.h"

#define QUESTION(name) \
	hm_err cli_graph_ask_##name(struct hm_cx *cx, const struct api_call *c, struct json_out *o)
#define GRAPH(c) ((c)->service->graph)

static hm_err put_answer(struct hm_cx *cx, const struct cli_answer *answer, const void *data,
			 struct json_out *o)
{
	json_putz(o, "schema", answer->schema);
	answer->describe(cx, data, o);
	return NULL;
}

static struct graph_limits limits_of(const struct api_call *c)
{
	return (struct graph_limits){ .rows = (size_t)cli_graph_api_count(c, "limit", 0) };
}

static struct graph_asked asked_of(const struct api_call *c)
{
	return (struct graph_asked){ .limits = limits_of(c),
				     .running = cli_graph_api_switch(c, "running") };
}

/* The advisory database where `scan` has it; NULL: there is none. */
static hm_err open_db(struct hm_cx *cx, struct advisory_db **out)
{
	static const struct cli_graph_question usual;
	return cli_graph_db(cx, &usual, out);
}

static void close_db(struct advisory_db **db)
{
	if (*db)
		advisory_db_close(*db);
}
#define AUTO_DB HM_CLEANUP(close_db) struct advisory_db *

QUESTION(contains)
{
	struct graph_asked asked = asked_of(c);
	struct graph_releases found = { 0 };
	HM_TRY(graph_contains(cx, GRAPH(c), cli_graph_api_text(c, "package"), &asked, &found));
	return put_answer(cx, &cli_graph_contains_answer, &found, o);
}

QUESTION(exposed)
{
	AUTO_DB db = NULL;
	struct graph_asked asked = asked_of(c);
	struct graph_exposures found = { 0 };
	HM_TRY(open_db(cx, &db));
	HM_TRY(graph_exposed(cx, GRAPH(c), db, cli_graph_api_text(c, "vulnerability"), &asked,
			     &found));
	return put_answer(cx, &cli_graph_exposed_answer, &found, o);
}

QUESTION(dependents)
{
	struct graph_limits limits = limits_of(c);
	struct graph_reach found = { 0 };
	HM_TRY(graph_dependents(cx, GRAPH(c), cli_graph_api_text(c, "package"), &limits, &found));
	return put_answer(cx, &cli_graph_dependents_answer, &found, o);
}

QUESTION(path)
{
	struct graph_limits limits = { 0 };
	struct graph_path found = { 0 };
	HM_TRY(graph_path(cx, GRAPH(c), cli_graph_api_text(c, "from"), cli_graph_api_text(c, "to"),
			  &limits, &found));
	return put_answer(cx, &cli_graph_path_answer, &found, o);
}

QUESTION(radius)
{
	struct graph_limits limits = limits_of(c);
	struct graph_radius found = { 0 };
	HM_TRY(graph_radius(cx, GRAPH(c), cli_graph_api_text(c, "node"), &limits, &found));
	return put_answer(cx, &cli_graph_radius_answer, &found, o);
}

QUESTION(diff)
{
	AUTO_DB db = NULL;
	struct graph_two two = { cli_graph_api_text(c, "a"), cli_graph_api_text(c, "b") };
	struct graph_limits limits = limits_of(c);
	struct graph_diff found = { 0 };
	HM_TRY(open_db(cx, &db));
	HM_TRY(graph_diff(cx, GRAPH(c), db, &two, &limits, &found));
	return put_answer(cx, &cli_graph_diff_answer, &found, o);
}

QUESTION(plan)
{
	AUTO_DB db = NULL;
	struct graph_limits limits = limits_of(c);
	struct graph_plan found = { 0 };
	HM_TRY(open_db(cx, &db));
	HM_TRY(graph_plan(cx, GRAPH(c), db, cli_graph_api_text(c, "vulnerability"), &limits,
			  &found));
	return put_answer(cx, &cli_graph_plan_answer, &found, o);
}

QUESTION(signed_by)
{
	struct graph_limits limits = limits_of(c);
	struct graph_makings found = { 0 };
	HM_TRY(graph_signed_by(cx, GRAPH(c), cli_graph_api_text(c, "identity"), &limits, &found));
	return put_answer(cx, &cli_graph_signed_answer, &found, o);
}

QUESTION(unproven)
{
	enum { OLD_DAYS = 30 }; /* as the command */
	struct graph_limits limits = limits_of(c);
	struct graph_unproven found = { 0 };
	HM_TRY(graph_unproven(cx, GRAPH(c), OLD_DAYS * 24 * 3600, &limits, &found));
	return put_answer(cx, &cli_graph_unproven_answer, &found, o);
}

QUESTION(licences)
{
	struct graph_limits limits = limits_of(c);
	struct graph_licensed found = { 0 };
	HM_TRY(graph_licences(cx, GRAPH(c), cli_graph_api_text(c, "name"), &limits, &found));
	return put_answer(cx, &cli_graph_licences_answer, &found, o);
}

QUESTION(frequent)
{
	struct graph_limits limits = limits_of(c);
	struct graph_frequency found = { 0 };
	HM_TRY(graph_frequency(cx, GRAPH(c), &limits, &found));
	return put_answer(cx, &cli_graph_frequent_answer, &found, o);
}
