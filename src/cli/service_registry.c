/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded registry as a service. */
#include "cli/service.h"

struct registry_settings {
	bool sparse;      /* take manifests without their content */
	const char *name; /* what others call it; NULL: after its listener */
};

static hm_err read_registry(struct hm_cx *cx, struct json section, void *settings)
{
	struct registry_settings *told = settings;
	static const char *const known[] = { "listen", "name", "sparse", NULL };
	struct hm_str name, address;
	HM_TRY(json_only(cx, section, known));
	HM_TRY(cli_serve_read_string(cx, section, "name", &told->name));
	if (told->name)
		HM_TRY_IN(cx, oci_registry_parse(cx, hm_cstr(told->name), &name, &address),
			  "\"name\": \"%s\" is not HOST[:PORT]", told->name);
	return cli_serve_read_bool(cx, section, "sparse", &told->sparse);
}

static void put_keys(struct hm_cx *cx, struct hm_buf *out)
{
	(void)cx;
	hm_buf_addz(
		out,
		"\n    name: HOST[:PORT]     # what its images are called in the graph; its listener if not given"
		"\n    sparse: false         # take manifests although what they name is not there");
}

static hm_err open_registry(struct hm_cx *cx, struct services *s, const void *settings, void **out)
{
	const struct registry_settings *told = settings;
	struct oci_registry_config config = { .data_dir = s->config->data_dir,
					      .sparse = told->sparse };
	struct oci_registry *r;
	if (s->feed) {
		config.pushed = cli_feed_push;
		config.pushed_arg = s->feed;
	}
	HM_TRY(oci_registry_open(cx, &config, &r));
	if (s->feed) {
		s->feed->registry = r;
		s->feed->called = told->name;
		s->feed->row = "registry";
	}
	*out = r;
	return NULL;
}

static const struct http_route *list_routes(void *self)
{
	return oci_registry_routes(self);
}

static void close_registry(void *self)
{
	oci_registry_close(self);
}

extern const struct service cli_service_registry;
const struct service cli_service_registry = {
	.name = "registry",
	.help = "where the registry listens",
	.settings_size = sizeof(struct registry_settings),
	.opts =
		(const struct cli_opt[]){
			CLI_OPT(registry_settings, sparse, "sparse", CLI_FLAG, 0, NULL,
				"let the registry take manifests whose blobs or manifests are not there"),
			{ 0 },
		},
	.read = read_registry,
	.put_keys = put_keys,
	.open = open_registry,
	.routes = list_routes,
	.close = close_registry,
};
