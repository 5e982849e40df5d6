/* SPDX-License-Identifier: Apache-2.0 */
/* A service that Hullmark does not know: it greets whom it is told to. */
#include "cli/service.h"

struct settings {
	const char *whom;
};

struct greeting {
	struct hm_str text;
	struct http_route routes[2];
};

static hm_err read_greeting(struct hm_cx *cx, struct json section, void *settings)
{
	static const char *const known[] = { "listen", "whom", NULL };
	struct settings *told = settings;
	HM_TRY(json_only(cx, section, known));
	return cli_serve_read_string(cx, section, "whom", &told->whom);
}

static void put_keys(struct hm_cx *cx, struct hm_buf *out)
{
	(void)cx;
	hm_buf_addz(out, "\n    whom: world");
}

static hm_err serve_greeting(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	const struct greeting *g = arg;
	return http_exchange_answer(cx, x, 200, "text/plain", g->text);
}

static hm_err open_greeting(struct hm_cx *cx, struct services *s, const void *settings, void **out)
{
	const struct settings *told = settings;
	struct greeting *g = hm_new(cx, struct greeting, 1);
	(void)s;
	g->text = hm_fmt(cx, "hello %s\n", told->whom ? told->whom : "world");
	g->routes[0] = (struct http_route){ .method = "GET",
					    .prefix = "/greeting",
					    .run = serve_greeting,
					    .arg = g,
					    .budget = HM_MIB };
	*out = g;
	return NULL;
}

static const struct http_route *list_routes(void *self)
{
	const struct greeting *g = self;
	return g->routes;
}

extern const struct service cli_service_greeting;
const struct service cli_service_greeting = {
	.name = "greeting",
	.help = "where greetings are heard",
	.settings_size = sizeof(struct settings),
	.opts =
		(const struct cli_opt[]){
			CLI_OPT(settings, whom, "whom", CLI_TEXT, 0, "NAME", "whom to greet"),
			{ 0 },
		},
	.read = read_greeting,
	.put_keys = put_keys,
	.open = open_greeting,
	.routes = list_routes,
};
