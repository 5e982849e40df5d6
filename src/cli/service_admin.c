/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of all services: /healthz, /readyz and /metrics. */
#include "cli/service.h"

enum { NOTES_BYTES = 64 * 1024 };

struct admin {
	struct services *services;
	struct http_route routes[4];
};

static hm_err serve_health(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	(void)arg;
	return http_exchange_answer(cx, x, 200, "text/plain; charset=utf-8", HM_STR("ok\n"));
}

static bool serve_health_fast(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	return serve_health(cx, arg, x) == NULL;
}

/* The first that is not ready says why. */
static bool are_all_ready(struct hm_cx *cx, struct services *s, struct hm_str *out_why)
{
	for (size_t i = 0; i < s->n; i++) {
		struct service_run *r = &s->runs[i];
		if (!r->is_wanted)
			continue;
		if (!atomic_load(&r->is_open)) {
			*out_why = hm_fmt(cx, "%s has not started yet", r->row->name);
			return false;
		}
		if (r->row->is_ready && !r->row->is_ready(cx, r->self, out_why))
			return false;
	}
	return true;
}

static void put_notes(struct services *s, struct hm_buf *out)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->runs[i].row->put_notes && atomic_load(&s->runs[i].is_open))
			s->runs[i].row->put_notes(s->runs[i].self, out);
}

static hm_err serve_ready(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct admin *a = arg;
	struct hm_str why = HM_STR("ok");
	HM_AUTO_BUF b = HM_BUF(NOTES_BYTES);
	int status = are_all_ready(cx, a->services, &why) ? 200 : 503;
	hm_buf_fmt(&b, "%.*s\n", HM_FMT(why));
	if (status == 200)
		put_notes(a->services, &b);
	return http_exchange_answer(cx, x, status, "text/plain; charset=utf-8", hm_buf_str(&b));
}

static hm_err serve_metrics(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	const struct admin *a = arg;
	struct services *s = a->services;
	struct http_server **servers = hm_new(cx, struct http_server *, s->n);
	size_t n = 0;
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (size_t i = 0; i < s->n; i++) {
		struct service_run *r = &s->runs[i];
		if (r->row->put_metrics && atomic_load(&r->is_open))
			r->row->put_metrics(r->self, &b);
		if ((servers[n] = atomic_load(&r->counted)))
			n++;
	}
	http_server_metrics(servers, n, &b);
	return http_exchange_answer(cx, x, 200, "text/plain; version=0.0.4; charset=utf-8",
				    hm_buf_str(&b));
}

static hm_err open_admin(struct hm_cx *cx, struct services *s, const void *settings, void **out)
{
	static const struct http_route rows[] = {
		{ .prefix = "/healthz", .run = serve_health, .fast = serve_health_fast },
		{ .prefix = "/readyz", .run = serve_ready },
		{ .prefix = "/metrics", .run = serve_metrics },
	};
	struct admin *a = hm_new(cx, struct admin, 1);
	(void)settings;
	a->services = s;
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		a->routes[i] = rows[i];
		a->routes[i].method = "GET";
		a->routes[i].arg = a;
		a->routes[i].budget = HM_MIB;
		a->routes[i].deadline_ms = 1000;
	}
	*out = a;
	return NULL;
}

static const struct http_route *list_routes(void *self)
{
	const struct admin *a = self;
	return a->routes;
}

extern const struct service cli_service_admin;
const struct service cli_service_admin = {
	.name = "admin",
	.help = "where to answer /healthz, /readyz and /metrics; else the gate does",
	.is_guest = true,
	.takes_anybody = true,
	.open = open_admin,
	.routes = list_routes,
};
