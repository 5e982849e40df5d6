/* SPDX-License-Identifier: Apache-2.0 */
/* What the gate answers to, and how it is observed. */
#include "gate/pipeline.h"

unsigned gate_workers(void)
{
	return GATE_WORKERS;
}

static const struct counter_row {
	const char *name, *labels, *help;
} counter_rows[GATE_COUNTERS] = {
	/* clang-format off */
	[GATE_N_VERIFY]          = { "requests_total", "{endpoint=\"verify\"}", "Requests by endpoint." },
	[GATE_N_MUTATE]          = { "requests_total", "{endpoint=\"mutate\"}", NULL },
	[GATE_N_ADMIT]           = { "requests_total", "{endpoint=\"admit\"}", NULL },
	[GATE_N_FAST]            = { "fast_answers_total", "", "Requests answered from memory on the thread of the sockets." },
	[GATE_N_BAD]             = { "bad_requests_total", "", "Requests that were not understood or ran out of time." },
	[GATE_N_ADMITTED]        = { "verdicts_total", "{result=\"admitted\"}", "Verdicts that were computed, by result." },
	[GATE_N_DENIED]          = { "verdicts_total", "{result=\"denied\"}", NULL },
	[GATE_N_UNKNOWN]         = { "verdicts_total", "{result=\"unknown\"}", NULL },
	[GATE_N_HITS]            = { "cache_hits_total", "", "Answers found in the cache." },
	[GATE_N_MISSES]          = { "cache_misses_total", "", "Answers that had to be computed." },
	[GATE_N_RELOADS]         = { "policy_reloads_total", "{result=\"good\"}", "Changes of the trust policy that were seen." },
	[GATE_N_RELOAD_FAILURES] = { "policy_reloads_total", "{result=\"bad\"}", NULL },
	/* clang-format on */
};

static const double bucket_seconds[GATE_BUCKETS] = { 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5 };

void gate_time(struct gate *g, int64_t nanoseconds)
{
	double seconds = (double)nanoseconds / (double)HM_SECOND;
	size_t i = 0;
	while (i < GATE_BUCKETS && seconds > bucket_seconds[i])
		i++;
	atomic_fetch_add(&g->bucket[i], 1);
	atomic_fetch_add(&g->nanoseconds, (uint64_t)(nanoseconds > 0 ? nanoseconds : 0));
}

static void put_metrics(struct gate *g, struct hm_buf *out)
{
	for (size_t i = 0; i < GATE_COUNTERS; i++) {
		const struct counter_row *r = &counter_rows[i];
		if (r->help)
			hm_buf_fmt(out,
				   "# HELP hullmark_gate_%s %s\n# TYPE hullmark_gate_%s counter\n",
				   r->name, r->help, r->name);
		hm_buf_fmt(out, "hullmark_gate_%s%s %llu\n", r->name, r->labels,
			   (unsigned long long)atomic_load(&g->counters[i]));
	}
	hm_buf_addz(out, "# HELP hullmark_gate_decision_seconds Time to compute a verdict.\n"
			 "# TYPE hullmark_gate_decision_seconds histogram\n");
	unsigned long long sum = 0;
	for (size_t i = 0; i <= GATE_BUCKETS; i++) {
		sum += atomic_load(&g->bucket[i]);
		if (i < GATE_BUCKETS)
			hm_buf_fmt(out, "hullmark_gate_decision_seconds_bucket{le=\"%g\"} %llu\n",
				   bucket_seconds[i], sum);
		else
			hm_buf_fmt(out, "hullmark_gate_decision_seconds_bucket{le=\"+Inf\"} %llu\n",
				   sum);
	}
	hm_buf_fmt(
		out,
		"hullmark_gate_decision_seconds_sum %.9f\nhullmark_gate_decision_seconds_count %llu\n",
		(double)atomic_load(&g->nanoseconds) / (double)HM_SECOND, sum);
	hm_buf_fmt(out,
		   "# HELP hullmark_gate_cache_entries Answers in memory.\n"
		   "# TYPE hullmark_gate_cache_entries gauge\nhullmark_gate_cache_entries %zu\n"
		   "# HELP hullmark_gate_policy_healthy Whether the trust policy could be read.\n"
		   "# TYPE hullmark_gate_policy_healthy gauge\nhullmark_gate_policy_healthy %d\n",
		   gate_cache_size(g->cache), atomic_load(&g->healthy) ? 1 : 0);
}

static hm_err serve_health(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	(void)arg;
	return http_exchange_answer(cx, x, 200, "text/plain; charset=utf-8", HM_STR("ok\n"));
}

static bool health_fast(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	return serve_health(cx, arg, x) == NULL;
}

static hm_err serve_ready(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct gate *g = arg;
	struct gate_snapshot *s = gate_hold(g);
	struct hm_str why = s->err ? hm_fmt(cx, "%s\n", s->err->why) : HM_STR("ok\n");
	int status = s->err ? 503 : 200;
	gate_let_go(g, s);
	return http_exchange_answer(cx, x, status, "text/plain; charset=utf-8", why);
}

static hm_err serve_metrics(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	const struct gate *g = arg;
	put_metrics(arg, &b);
	if (g->config.metrics)
		g->config.metrics(g->config.metrics_arg, &b);
	return http_exchange_answer(cx, x, 200, "text/plain; version=0.0.4; charset=utf-8",
				    hm_buf_str(&b));
}

/* The API server shows the body of an answer that is no review. */
static hm_err admit_fault(struct hm_cx *cx, void *arg, struct http_exchange *x, hm_err err)
{
	gate_count(arg, GATE_N_BAD);
	return http_exchange_answer(cx, x, hm_code_rows[err->code].http,
				    "text/plain; charset=utf-8", hm_fmt(cx, "%s\n", err->why));
}

const struct http_route *gate_routes(struct gate *g)
{
	gate_keep(g);
	g->routes[0] = (struct http_route){ .method = "POST",
					    .prefix = "/ratify/gatekeeper/v1/verify",
					    .run = gate_serve_verify,
					    .fault = gate_provider_fault,
					    .deadline_ms = GATE_PROVIDER_MS };
	g->routes[1] = g->routes[0];
	g->routes[1].prefix = "/ratify/gatekeeper/v1/mutate";
	g->routes[1].run = gate_serve_mutate;
	g->routes[0].fast = gate_serve_fast;
	g->routes[2] = (struct http_route){ .method = "POST",
					    .prefix = "/admit",
					    .run = gate_serve_admit,
					    .fast = gate_serve_admit_fast,
					    .fault = admit_fault,
					    .deadline_ms = GATE_ADMIT_MS };
	for (size_t i = 0; i < 3; i++) {
		g->routes[i].arg = g;
		g->routes[i].budget = GATE_TASK_BUDGET;
		g->routes[i].weight = JSON_WEIGHT;
	}
	g->routes[3] = (struct http_route){ 0 };
	return g->routes;
}

const struct http_route *gate_admin_routes(struct gate *g)
{
	static const struct {
		const char *prefix;
		hm_err (*run)(struct hm_cx *cx, void *arg, struct http_exchange *x);
	} rows[] = { { "/healthz", serve_health },
		     { "/readyz", serve_ready },
		     { "/metrics", serve_metrics } };
	for (size_t i = 0; i < HM_LEN(rows); i++)
		g->admin[i] = (struct http_route){ .method = "GET",
						   .prefix = rows[i].prefix,
						   .run = rows[i].run,
						   .arg = g,
						   .budget = HM_MIB,
						   .deadline_ms = 1000 };
	g->admin[0].fast = health_fast;
	g->admin[3] = (struct http_route){ 0 };
	return g->admin;
}
