/* SPDX-License-Identifier: Apache-2.0 */
/* The table of services is walked, and services that no program has are run: what is told of all of
 * them is told of these. */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "cli/parse.h"
#include "cli/service.h"

#include "unit.h"

static void services_are_distinct_and_whole(void **state)
{
	(void)state;
	for (const struct service *const *s = cli_services; *s; s++) {
		assert_true((*s)->name[0] && (*s)->open && (*s)->routes);
		assert_true((*s)->help && (*s)->help[0]);
		/* settings are read where keys are told of */
		assert_true(!(*s)->settings_size == !(*s)->read && !(*s)->read == !(*s)->put_keys);
		for (const struct cli_opt *o = (*s)->opts; o && o->name; o++)
			assert_true(o->at < (*s)->settings_size);
		if ((*s)->is_guest)
			assert_true(!(*s)->workers && !(*s)->carries_guests && !(*s)->tls13_only);
		for (const struct service *const *t = cli_services; t < s; t++)
			assert_string_not_equal((*s)->name, (*t)->name);
	}
}

static void each_service_has_a_section_and_is_told_of(void **state)
{
	(void)state;
	for (const struct service *const *s = cli_services; *s; s++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		HM_AUTO_BUF help = HM_BUF(HM_MIB);
		struct serve_config c;
		const char *name = (*s)->name;
		cli_serve_config_init(&cx, cli_services, &c);
		assert_ok(cli_serve_config(&cx,
					   hm_fmt(&cx, "version: 1\n%s: {listen: \"127.0.0.1:9\"}",
						  name),
					   cli_services, &c));
		assert_string_equal(c.services[s - cli_services].address, "127.0.0.1:9");
		assert_int_equal(cli_services_are_wanted(cli_services, &c), !(*s)->is_guest);
		assert_fault(cli_serve_config(&cx, hm_fmt(&cx, "version: 1\n%s: {listne: x}", name),
					      cli_services, &c),
			     HM_INPUT, hm_fmt(&cx, "\"%s\": unknown key \"listne\"", name).p);
		assert_fault(cli_serve_config(&cx, hm_fmt(&cx, "version: 1\n%s: []", name),
					      cli_services, &c),
			     HM_INPUT, hm_fmt(&cx, "\"%s\": it is not a mapping", name).p);
		for (const struct cli_command *const *command = cli_commands; *command; command++)
			if (strcmp((*command)->name, "serve") == 0)
				cli_help(&cx, *command, &help);
		if (hm_find(hm_buf_str(&help), hm_fmt(&cx, "  %s:", name)) == SIZE_MAX)
			fail_msg("serve --help says nothing of the section %s", name);
		if (hm_find(hm_buf_str(&help), hm_fmt(&cx, "  --%s ADDR:PORT", name)) == SIZE_MAX)
			fail_msg("serve has no flag --%s", name);
	}
}

/* Two services of strangers, first and second, beside the admin that the program has. */
struct stranger {
	struct hm_str name;
	bool is_ready, is_closed;
	struct http_route routes[2];
};
static struct stranger strangers[2];
static bool second_fails;

static hm_err serve_name(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	const struct stranger *s = arg;
	return http_exchange_answer(cx, x, 200, "text/plain", s->name);
}

static hm_err open_stranger(struct stranger *s, const char *name, void **out)
{
	*s = (struct stranger){ .name = hm_cstr(name), .is_ready = true };
	s->routes[0] = (struct http_route){
		.method = "GET", .prefix = "/name", .run = serve_name, .arg = s, .budget = HM_MIB
	};
	*out = s;
	return NULL;
}

static hm_err open_first(struct hm_cx *cx, struct services *s, const void *settings, void **out)
{
	(void)cx, (void)s, (void)settings;
	return open_stranger(&strangers[0], "first", out);
}

static hm_err open_second(struct hm_cx *cx, struct services *s, const void *settings, void **out)
{
	(void)s, (void)settings;
	if (second_fails)
		return hm_fail(cx, HM_INPUT, "it is out of order");
	return open_stranger(&strangers[1], "second", out);
}

static const struct http_route *list_routes(void *self)
{
	const struct stranger *s = self;
	return s->routes;
}

static bool is_stranger_ready(struct hm_cx *cx, void *self, struct hm_str *out_why)
{
	const struct stranger *s = self;
	if (!s->is_ready)
		*out_why = hm_fmt(cx, "the %.*s is tired", HM_FMT(s->name));
	return s->is_ready;
}

static void put_metrics(void *self, struct hm_buf *out)
{
	const struct stranger *s = self;
	hm_buf_fmt(out, "stranger_%.*s 1\n", HM_FMT(s->name));
}

static void close_stranger(void *self)
{
	struct stranger *s = self;
	s->is_closed = true;
}

static const struct service first = {
	.name = "first",
	.open = open_first,
	.routes = list_routes,
	.is_ready = is_stranger_ready,
	.put_metrics = put_metrics,
	.close = close_stranger,
};
static const struct service second = {
	.name = "second",
	.carries_guests = true,
	.open = open_second,
	.routes = list_routes,
	.is_ready = is_stranger_ready,
	.put_metrics = put_metrics,
	.close = close_stranger,
};

struct fixture {
	struct hm_cx cx;
	const struct service *table[4];
	struct serve_service told[3];
	struct serve_config config;
	struct services services;
};

static hm_err start(struct fixture *f, const char *admin_address)
{
	const struct service *const *admin = cli_services;
	while (!(*admin)->is_guest)
		admin++;
	*f = (struct fixture){ .cx = HM_CX(64 * HM_MIB), .table = { &first, &second, *admin } };
	f->told[0].address = f->told[1].address = "127.0.0.1:0";
	f->told[2].address = admin_address;
	f->config.services = f->told;
	f->services.table = f->table;
	f->services.config = &f->config;
	f->services.memory.max = 16 * HM_MIB;
	return cli_services_start(&f->cx, &f->services);
}

static void stop(struct fixture *f)
{
	cli_services_stop(&f->services);
	hm_cx_done(&f->cx);
}

struct answer {
	int status;
	struct hm_str body;
};

/* Over a socket, because a client would ask again after a 503. */
static struct answer ask(struct fixture *f, size_t listener, const char *path)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)f->services.listeners[listener].port),
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct hm_str request =
		hm_fmt(&f->cx, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
		       path);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	HM_AUTO_FD fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char room[4096];
	ssize_t n;
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(write(fd, request.p, request.n), request.n);
	while ((n = read(fd, room, sizeof(room))) > 0)
		hm_buf_add(&b, (struct hm_str){ room, (size_t)n });
	assert_int_equal(n, 0);
	struct hm_str all = hm_dup(&f->cx, hm_buf_str(&b));
	size_t head = hm_find(all, HM_STR("\r\n\r\n"));
	uint64_t status;
	assert_true(head != SIZE_MAX && hm_starts(all, HM_STR("HTTP/1.1 ")));
	assert_true(hm_u64(hm_sub(all, strlen("HTTP/1.1 "), 3), 599, &status));
	return (struct answer){ .status = (int)status, .body = hm_sub(all, head + 4, SIZE_MAX) };
}

static void all_services_are_asked(struct fixture *f, size_t admin)
{
	struct answer r = ask(f, admin, "/healthz");
	assert_int_equal(r.status, 200);
	assert_strz(r.body, "ok\n");
	r = ask(f, admin, "/readyz");
	assert_int_equal(r.status, 200);
	assert_strz(r.body, "ok\n");
	for (size_t i = 0; i < HM_LEN(strangers); i++) {
		strangers[i].is_ready = false;
		r = ask(f, admin, "/readyz");
		assert_int_equal(r.status, 503);
		assert_str(r.body,
			   hm_fmt(&f->cx, "the %.*s is tired\n", HM_FMT(strangers[i].name)));
		strangers[i].is_ready = true;
	}
	r = ask(f, admin, "/metrics");
	assert_true(hm_starts(r.body, HM_STR("stranger_first 1\nstranger_second 1\n# HELP ")));
	assert_true(hm_find(r.body, HM_STR("server=\"first\"")) != SIZE_MAX);
	assert_true(
		hm_find(r.body, HM_STR("server=\"second\",route=\"/readyz\",status=\"503\"} 2")) !=
		SIZE_MAX);
}

static void guests_have_a_listener_of_their_own(void **state)
{
	(void)state;
	struct fixture f;
	assert_ok(start(&f, "127.0.0.1:0"));
	assert_int_equal(f.services.listeners_n, 3);
	assert_string_equal(f.services.names[2], "admin");
	assert_strz(ask(&f, 0, "/name").body, "first");
	assert_strz(ask(&f, 1, "/name").body, "second");
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(ask(&f, i, "/readyz").status, 404);
	assert_int_equal(ask(&f, 2, "/name").status, 404);
	all_services_are_asked(&f, 2);
	stop(&f);
	assert_true(strangers[0].is_closed && strangers[1].is_closed);
}

static void guests_are_carried_where_they_have_none(void **state)
{
	(void)state;
	struct fixture f;
	assert_ok(start(&f, NULL));
	assert_int_equal(f.services.listeners_n, 2);
	assert_int_equal(ask(&f, 0, "/readyz").status, 404);
	assert_strz(ask(&f, 1, "/name").body, "second");
	all_services_are_asked(&f, 1);
	stop(&f);
}

static void what_was_started_ends_where_another_fails(void **state)
{
	(void)state;
	struct fixture f;
	strangers[0].is_closed = strangers[1].is_closed = false;
	second_fails = true;
	assert_fault(start(&f, NULL), HM_INPUT, "it is out of order");
	second_fails = false;
	assert_false(strangers[0].is_closed);
	stop(&f);
	assert_true(strangers[0].is_closed);
	assert_false(strangers[1].is_closed);
}

int main(void)
{
	UNIT(services_are_distinct_and_whole);
	UNIT(each_service_has_a_section_and_is_told_of);
	UNIT(guests_have_a_listener_of_their_own);
	UNIT(guests_are_carried_where_they_have_none);
	UNIT(what_was_started_ends_where_another_fails);
	return unit_run("cli/services");
}
