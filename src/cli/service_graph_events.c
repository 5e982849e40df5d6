/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is new, as server-sent events (WHATWG HTML, 9.2): an answer waits until there is something,
 * tells of it, and ends. The browser asks again by itself, with the number of the last event that
 * it has seen; so nothing is missed, and nobody keeps a thread for longer than one wait.
 */
#include "cli/service_graph.h"

enum { WAIT_SECONDS = 20, STEP_MS = 250, AT_ONCE = 100 };

static hm_err answer_events(struct hm_cx *cx, struct http_exchange *x, const struct hm_buf *b)
{
	struct hm_str text;
	HM_TRY(hm_buf_end(cx, b, "the events", &text));
	http_exchange_add_header(x, "Cache-Control", HM_STR("no-store"));
	return http_exchange_answer(cx, x, 200, "text/event-stream", text);
}

static void put_event(struct hm_cx *cx, const struct graph_document *d, struct hm_buf *b)
{
	struct json_out o = json_out(b, false);
	hm_buf_fmt(b, "event: document\nid: %lld\ndata: ", (long long)d->id);
	json_open(&o, NULL, '{');
	cli_graph_put_document(cx, d, &o);
	json_close(&o, '}');
	hm_buf_addz(b, "\n\n");
}

/* Until there is something, or for WAIT_SECONDS. */
static hm_err wait_for_documents(struct hm_cx *cx, struct graph_service *s, int64_t after,
				 struct graph_documents *out)
{
	int64_t until = hm_mono() + WAIT_SECONDS * HM_SECOND;
	for (;;) {
		HM_TRY(graph_documents(cx, s->graph, after, AT_ONCE, out));
		if (out->n || hm_mono() > until)
			return NULL;
		HM_TRY(hm_pause(cx, STEP_MS * (HM_SECOND / 1000)));
	}
}

static hm_err tell_new(struct hm_cx *cx, const struct api_call *c, int64_t after)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct graph_documents all = { 0 };
	HM_TRY(wait_for_documents(cx, c->service, after, &all));
	hm_buf_addz(&b, "retry: 100\n\n");
	for (size_t i = 0; i < all.n; i++)
		put_event(cx, &all.p[i], &b);
	return answer_events(cx, c->exchange, &b);
}

hm_err cli_graph_events(struct hm_cx *cx, const struct api_call *c, struct json_out *o)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct graph_service *s = c->service;
	struct hm_str last = http_exchange_header(c->exchange, "Last-Event-ID");
	uint64_t after = 0;
	int64_t newest = 0;
	(void)o;
	if (!last.n)
		last = cli_graph_api_text(c, "after");
	if (last.n && !hm_u64(last, INT64_MAX, &after))
		return hm_fail(cx, HM_INPUT, "\"Last-Event-ID\" is not the number of an event");
	if (!last.n) {
		/* what is there already is no news */
		HM_TRY(graph_documents_newest(cx, s->graph, &newest));
		hm_buf_fmt(&b, "retry: 100\nevent: begin\nid: %lld\ndata: {}\n\n",
			   (long long)newest);
		return answer_events(cx, c->exchange, &b);
	}
	if (atomic_fetch_add(&s->waiting, 1) >= GRAPH_WAITERS) {
		atomic_fetch_sub(&s->waiting, 1);
		hm_buf_fmt(&b, "retry: 5000\nid: %llu\n\n", (unsigned long long)after);
		return answer_events(cx, c->exchange, &b);
	}
	hm_err err = tell_new(cx, c, (int64_t)after);
	atomic_fetch_sub(&s->waiting, 1);
	return err;
}
