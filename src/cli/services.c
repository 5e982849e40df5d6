/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over the table of services: open, start, stop. */
#include "cli/service.h"

#include <stdio.h>

bool cli_services_are_wanted(const struct service *const *table, const struct serve_config *c)
{
	for (size_t i = 0; table[i]; i++)
		if (!table[i]->is_guest && c->services[i].address)
			return true;
	return false;
}

/* A line of the access log: what went wrong always, what went well with -v. A line for each warm
 * answer of the gate would cost more than the answer; the metrics count them all. */
static void log_request(void *arg, const struct http_record *r)
{
	char status[16], ms[32];
	enum hm_log_level level = r->status && r->status < 400 ? HM_LOG_DEBUG : HM_LOG_INFO;
	(void)arg;
	if (!hm_log_on(level))
		return;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	snprintf(status, sizeof(status), "%d", r->status);
	snprintf(ms, sizeof(ms), "%.3f", (double)r->nanoseconds / 1e6);
	cx.request_id = hm_dupz(&cx, r->id);
	hm_log(&cx, level, "request", "method", hm_dupz(&cx, r->method), "path",
	       hm_dupz(&cx, r->path), "status", status, "ms", ms, "peer", hm_dupz(&cx, r->peer),
	       NULL);
}

static hm_err open_service(struct hm_cx *cx, struct services *s, struct service_run *r)
{
	HM_TRY(r->row->open(cx, s, r->told->settings, &r->self));
	atomic_store(&r->is_open, true);
	return NULL;
}

static void add_listener(struct services *s, const struct service_run *r,
			 const struct http_route *routes)
{
	const struct serve_config *c = s->config;
	const char *own = r->row->client_ca ? r->row->client_ca(r->self) : NULL;
	s->names[s->listeners_n] = r->row->name;
	s->listeners[s->listeners_n++] =
		(struct http_listener){ .address = hm_cstr(r->told->address),
					.cert = c->cert,
					.key = c->key,
					.client_ca = r->row->takes_anybody ? NULL
						     : own                 ? own
									   : c->client_ca,
					.anonymous_too = own != NULL,
					.tls13_only = r->row->tls13_only,
					.hosts = c->allow_hosts,
					.routes = routes };
}

struct routes {
	struct http_route *p;
	size_t n, cap;
};

static void append_routes(struct hm_cx *cx, struct routes *to, const struct http_route *from)
{
	for (; from->prefix; from++)
		*hm_push(cx, to) = *from;
}

/* Its own routes, and of each guest without an address those of the guest, if it carries any. */
static const struct http_route *join_routes(struct hm_cx *cx, struct services *s,
					    const struct service_run *r)
{
	struct routes all = { 0 };
	append_routes(cx, &all, r->row->routes(r->self));
	for (size_t i = 0; i < s->n && r->row->carries_guests; i++) {
		const struct service_run *guest = &s->runs[i];
		if (guest->row->is_guest && !guest->told->address)
			append_routes(cx, &all, guest->row->routes(guest->self));
	}
	*hm_push(cx, &all) = (struct http_route){ 0 };
	return all.p;
}

static void add_guests(struct services *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct service_run *guest = &s->runs[i];
		if (guest->row->is_guest && guest->told->address)
			add_listener(s, guest, guest->row->routes(guest->self));
	}
}

static hm_err start_service(struct hm_cx *cx, struct services *s, struct service_run *r,
			    bool is_last)
{
	const struct service *row = r->row;
	size_t first = s->listeners_n;
	HM_TRY(open_service(cx, s, r));
	add_listener(s, r, join_routes(cx, s, r));
	if (is_last)
		add_guests(s);
	struct http_server_config config = { .name = row->name,
					     .listeners = &s->listeners[first],
					     .listeners_n = s->listeners_n - first,
					     .memory = &s->memory,
					     .workers = row->workers ? row->workers() : 0,
					     .observe = log_request };
	HM_TRY_IN(cx, http_server_start(cx, &config, &r->server), "%s on \"%s\"", row->name,
		  r->told->address);
	atomic_store(&r->counted, r->server);
	return NULL;
}

/* All that is known before anything runs. */
static void plan_runs(struct hm_cx *cx, struct services *s)
{
	size_t n = 0;
	while (s->table[n])
		n++;
	s->runs = hm_new(cx, struct service_run, n);
	s->listeners = hm_new(cx, struct http_listener, n);
	s->names = hm_new(cx, const char *, n);
	for (size_t i = 0; i < n; i++) {
		s->runs[i].row = s->table[i];
		s->runs[i].told = &s->config->services[i];
		s->runs[i].is_wanted = s->table[i]->is_guest || s->runs[i].told->address;
	}
	s->n = n;
}

hm_err cli_services_name_of(struct hm_cx *cx, const struct services *s, struct hm_str *out)
{
	static const char *const of_all[] = { "", "*", "0.0.0.0", "[::]" };
	struct hm_str address;
	if (s->feed->called)
		return oci_registry_parse(cx, hm_cstr(s->feed->called), out, &address);
	const struct http_listener *l = s->listeners, *end = l + s->listeners_n;
	while (l < end && strcmp(s->names[l - s->listeners], s->feed->row) != 0)
		l++;
	if (l == end)
		return hm_fail(cx, HM_INPUT, "the registry has no listener");
	struct hm_str host = hm_sub(l->address, 0, hm_rfind_char(l->address, ':'));
	for (size_t i = 0; i < HM_LEN(of_all); i++)
		if (hm_eqz(host, of_all[i]))
			host = HM_STR("localhost");
	return oci_registry_parse(cx, hm_fmt(cx, "%.*s:%u", HM_FMT(host), l->port), out, &address);
}

hm_err cli_services_start(struct hm_cx *cx, struct services *s)
{
	size_t last = 0;
	plan_runs(cx, s);
	for (size_t i = 0; i < s->n && !s->feed; i++)
		if (s->runs[i].is_wanted && s->runs[i].row->hears)
			s->feed = cli_feed_open(cx);
	for (size_t i = 0; i < s->n; i++) {
		if (s->runs[i].row->is_guest)
			HM_TRY(open_service(cx, s, &s->runs[i]));
		else if (s->runs[i].is_wanted)
			last = i;
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->runs[i].is_wanted && !s->runs[i].row->is_guest)
			HM_TRY(start_service(cx, s, &s->runs[i], i == last));
	return NULL;
}

/* No service is closed while a server runs: guests look at all of them. */
void cli_services_stop(struct services *s)
{
	for (size_t i = s->n; i-- > 0;)
		http_server_stop(s->runs[i].server);
	for (size_t i = s->n; i-- > 0;)
		if (s->runs[i].row->close && atomic_load(&s->runs[i].is_open))
			s->runs[i].row->close(s->runs[i].self);
	cli_feed_done(s->feed);
}
