/* SPDX-License-Identifier: Apache-2.0 */
/* The gate over HTTP: every handler. They pass bodies to files that know nothing of HTTP, and send
 * what those return. */
#include "gate/pipeline.h"

enum { RESPONSE_BYTES = 64 << 20 };

unsigned gate_workers(void)
{
	return GATE_WORKERS;
}

/* Until when the caller waits: the API server says so ("?timeout=10s"), Gatekeeper does not. */
static void obey_timeout(struct hm_cx *cx, const struct http_exchange *x, unsigned usual_ms)
{
	int64_t usual = (int64_t)usual_ms * (HM_SECOND / 1000), began = cx->deadline - usual;
	int64_t asked = gate_timeout_parse(http_exchange_query(cx, x, "timeout"));
	cx->deadline = gate_deadline(began, asked ? asked : usual);
}

static hm_err serve_json(struct hm_cx *cx, struct gate *g, struct http_exchange *x,
			 unsigned usual_ms,
			 hm_err (*run)(struct hm_cx *, struct gate *, struct hm_str,
				       struct hm_buf *))
{
	struct hm_str body, answer;
	HM_AUTO_BUF b = HM_BUF(RESPONSE_BYTES);
	HM_TRY(http_exchange_body(cx, x, HM_MAX_HTTP_JSON_BODY, &body));
	/* A little before the caller's own end, so that there is time to say why. */
	int64_t end = cx->deadline;
	if (end)
		obey_timeout(cx, x, usual_ms);
	hm_err err = run(cx, g, body, &b);
	cx->deadline = end;
	HM_TRY(err);
	HM_TRY(hm_buf_end(cx, &b, "the answer", &answer));
	return http_exchange_answer(cx, x, 200, "application/json", answer);
}

static bool serve_admit_fast(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct hm_str body;
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	if (http_exchange_body(cx, x, 64 * HM_KIB, &body) || !gate_admit_fast(cx, arg, body, &b))
		return false;
	return http_exchange_answer(cx, x, 200, "application/json", hm_buf_str(&b)) == NULL;
}

static bool serve_verify_fast(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct hm_str body;
	HM_AUTO_BUF b = HM_BUF(RESPONSE_BYTES);
	if (http_exchange_body(cx, x, 16 * HM_KIB, &body) || !gate_provider_fast(cx, arg, body, &b))
		return false;
	return http_exchange_answer(cx, x, 200, "application/json", hm_buf_str(&b)) == NULL;
}

static hm_err serve_verify(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	gate_count(arg, GATE_N_VERIFY);
	return serve_json(cx, arg, x, GATE_PROVIDER_MS, gate_provider_verify);
}

static hm_err serve_mutate(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	gate_count(arg, GATE_N_MUTATE);
	return serve_json(cx, arg, x, GATE_PROVIDER_MS, gate_provider_mutate);
}

static hm_err serve_admit(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	gate_count(arg, GATE_N_ADMIT);
	return serve_json(cx, arg, x, GATE_ADMIT_MS, gate_admit);
}

/* A request that is not understood, or no time left: Gatekeeper reads the system error. */
static hm_err serve_provider_fault(struct hm_cx *cx, void *arg, struct http_exchange *x, hm_err err)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	gate_count(arg, GATE_N_BAD);
	gate_provider_fault(err, &b);
	int status = err->code == HM_BUSY ? 500 : hm_code_rows[err->code].http;
	return http_exchange_answer(cx, x, status, "application/json", hm_buf_str(&b));
}

/* The API server shows the body of an answer that is not a review. */
static hm_err serve_admit_fault(struct hm_cx *cx, void *arg, struct http_exchange *x, hm_err err)
{
	gate_count(arg, GATE_N_BAD);
	return http_exchange_answer(cx, x, hm_code_rows[err->code].http,
				    "text/plain; charset=utf-8", hm_fmt(cx, "%s\n", err->why));
}

const struct http_route *gate_routes(struct gate *g)
{
	gate_start_keeper(g);
	g->routes[0] = (struct http_route){ .method = "POST",
					    .prefix = "/ratify/gatekeeper/v1/verify",
					    .run = serve_verify,
					    .fault = serve_provider_fault,
					    .deadline_ms = GATE_PROVIDER_MS };
	g->routes[1] = g->routes[0];
	g->routes[1].prefix = "/ratify/gatekeeper/v1/mutate";
	g->routes[1].run = serve_mutate;
	g->routes[0].fast = serve_verify_fast;
	g->routes[2] = (struct http_route){ .method = "POST",
					    .prefix = "/admit",
					    .run = serve_admit,
					    .fast = serve_admit_fast,
					    .fault = serve_admit_fault,
					    .deadline_ms = GATE_ADMIT_MS };
	for (size_t i = 0; i < 3; i++) {
		g->routes[i].arg = g;
		g->routes[i].budget = GATE_TASK_BUDGET;
		g->routes[i].weight = JSON_WEIGHT;
	}
	g->routes[3] = (struct http_route){ 0 };
	return g->routes;
}
