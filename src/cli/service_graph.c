/* SPDX-License-Identifier: Apache-2.0 */
/* The knowledge graph as a service. */
#include "cli/service_graph.h"

#include "cli/graph_question.h"
#include "cli/service.h"

static hm_err read_graph(struct hm_cx *cx, struct json section, void *settings)
{
	return cli_graph_settings(cx, section, settings);
}

/* Its keys are asked for when the first token comes. */
static hm_err open_issuer(struct hm_cx *cx, const struct services *s, struct graph_service *g)
{
	struct http_config config = { .ca_file = g->login->oidc_ca, .user_agent = "hullmark" };
	struct http_client *http = s->access ? s->access->http : NULL;
	if (!g->login->oidc.issuer.n)
		return NULL;
	if (g->login->oidc_ca || !http) {
		HM_TRY_IN(cx, http_client_open(cx, &config, &g->http), "\"graph\": \"oidc\"");
		http = g->http;
	}
	g->issuer = oidc_open(cx, &g->login->oidc, http);
	return NULL;
}

static hm_err warm(struct hm_cx *cx, void *arg)
{
	struct graph_service *g = arg;
	const struct cli_graph_asking none = { 0 };
	CLI_AUTO_GRAPH_DB db = NULL;
	hm_err err = cli_graph_db(cx, &none, &db);
	if (!err)
		err = graph_warm(cx, g->graph, db);
	if (err && err->code != HM_BUSY)
		hm_log(cx, HM_LOG_WARN, "what is asked for most was not read ahead", "why",
		       err->why, NULL);
	atomic_store(&g->is_warming, 0);
	return NULL;
}

static void start_warming(struct hm_cx *cx, struct graph_service *g, size_t budget)
{
	atomic_store(&g->is_warming, 1);
	if (!hm_task_start_aside(cx, &g->warming, budget, warm, g))
		atomic_store(&g->is_warming, 0);
}

static void close_graph(void *self)
{
	struct graph_service *g = self;
	hm_task_done(&g->warming);
	cli_graph_hear_no_more(g->hearer);
	cli_graph_follow_no_more(g);
	graph_close(g->graph);
	oidc_close(g->issuer);
	http_client_close(g->http);
	cli_graph_close_logins(g);
	cli_graph_cookies_close(&g->cookies);
	cli_graph_turns_close(&g->questions);
	cli_graph_turns_close(&g->takes);
}

enum { BUDGET = 256 << 20 }; /* of a request */

static void add_routes(struct graph_service *g)
{
	enum { SECONDS = 30, LIST_WEIGHT = 16 };
	g->routes[0] = (struct http_route){ .method = "*",
					    .prefix = "/",
					    .run = cli_graph_serve,
					    .fault = cli_graph_fault,
					    .arg = g,
					    .budget = BUDGET,
					    .weight = JSON_WEIGHT,
					    .deadline_ms = SECONDS * 1000 };
	/* a body that a worker reads, not a parser here */
	g->routes[1] = g->routes[0];
	g->routes[1].prefix = API_ROOT "documents";
	g->routes[1].weight = 2;
	/* where an issuer sends a browser back to */
	g->routes[2] = g->routes[0];
	g->routes[2].prefix = CLI_GRAPH_BACK;
	g->routes[2].from_links = true;
	/* a list of small entries, of which OpenSSL makes objects */
	g->routes[3] = g->routes[0];
	g->routes[3].prefix = API_ROOT "revoked";
	g->routes[3].weight = LIST_WEIGHT;
}

static hm_err open_graph(struct hm_cx *cx, struct services *s, const void *settings, void **out)
{
	const struct graph_settings *told = settings;
	struct graph_service *g = hm_new(cx, struct graph_service, 1);
	const char *where = told->database ? told->database
			    : told->folder ? told->folder
					   : hm_path(cx, cli_data_dir(cx), "graph");
	HM_TRY(cli_graph_check_login(cx, s->config, told));
	g->login = &told->login;
	g->config_dir = s->config_dir;
	g->has_tls = s->config->cert || hm_starts(told->login.client.redirect, HM_STR("https:"));
	if (told->tokens)
		HM_TRY(cli_graph_tokens(cx, told->tokens, &g->tokens));
	HM_TRY(open_issuer(cx, s, g));
	HM_TRY_IN(cx, cli_graph_open_logins(cx, g), "\"graph\": \"oidc\"");
	cli_graph_cookies_open(&g->cookies);
	cli_graph_turns_open(&g->questions, GRAPH_QUESTIONS, GRAPH_QUESTIONS_WAIT);
	cli_graph_turns_open(&g->takes, GRAPH_TAKES, GRAPH_TAKES_WAIT);
	HM_TRY(graph_open(cx, where, &g->graph));
	g->api = cli_graph_api;
	add_routes(g);
	*out = g;
	hm_err err = cli_graph_follow(cx, &told->clusters, g);
	if (!err)
		err = cli_graph_hear(cx, s, g);
	/* without a thread the first who asks wait a little longer */
	if (!err)
		start_warming(cx, g, BUDGET);
	if (err)
		close_graph(g);
	return err;
}

static unsigned count_workers(void)
{
	return GRAPH_WORKERS;
}

static const struct http_route *list_routes(void *self)
{
	const struct graph_service *g = self;
	return g->routes;
}

static void put_metrics(void *self, struct hm_buf *out)
{
	struct graph_service *g = self;
	struct graph_stats stats = { 0 };
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	if (!graph_stats(&cx, g->graph, &stats))
		hm_buf_fmt(out,
			   "# HELP hullmark_graph_documents Documents in the graph.\n"
			   "# TYPE hullmark_graph_documents gauge\n"
			   "hullmark_graph_documents %llu\n",
			   (unsigned long long)stats.documents);
	hm_buf_fmt(
		out,
		"# HELP hullmark_graph_busy What is under way: queries, who waits for news, and reading what is asked for most, after the start.\n"
		"# TYPE hullmark_graph_busy gauge\n"
		"hullmark_graph_busy{what=\"queries\"} %u\n"
		"hullmark_graph_busy{what=\"events\"} %u\n"
		"hullmark_graph_busy{what=\"warming\"} %u\n",
		atomic_load(&g->queries), atomic_load(&g->waiting), atomic_load(&g->is_warming));
	hm_buf_fmt(out,
		   "# HELP hullmark_graph_answers_total Answers of the graph's service.\n"
		   "# TYPE hullmark_graph_answers_total counter\n"
		   "hullmark_graph_answers_total{result=\"answered\"} %llu\n"
		   "hullmark_graph_answers_total{result=\"refused\"} %llu\n",
		   (unsigned long long)atomic_load(&g->answered),
		   (unsigned long long)atomic_load(&g->refused));
	cli_graph_put_heard(g->hearer, out);
	cli_graph_put_clusters(g, out);
}

static void put_notes(void *self, struct hm_buf *out)
{
	cli_graph_put_unfollowed(self, out);
}

/* Certificates are asked for where they may be a login. */
static const char *name_client_ca(void *self)
{
	const struct graph_service *g = self;
	return g->login->client_ca;
}

extern const struct service cli_service_graph;
const struct service cli_service_graph = {
	.name = "graph",
	.help = "where the knowledge graph is asked",
	.settings_size = sizeof(struct graph_settings),
	.opts =
		(const struct cli_opt[]){
			CLI_OPT(graph_settings, folder, "graph-folder", CLI_TEXT, 0, "DIR",
				"where the knowledge graph is, as `graph ingest --data-dir`"),
			CLI_OPT(graph_settings, tokens, "graph-tokens", CLI_TEXT, 0, "FILE",
				"who may send documents: lines of NAME TOKEN, or NAME sha256:HEX"),
			{ 0 },
		},
	.carries_guests = true,
	.hears = true,
	.workers = count_workers,
	.read = read_graph,
	.put_keys = cli_graph_put_keys,
	.open = open_graph,
	.routes = list_routes,
	.client_ca = name_client_ca,
	.put_notes = put_notes,
	.put_metrics = put_metrics,
	.close = close_graph,
};
