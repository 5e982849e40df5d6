/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded registry as a service. */
#include "cli/service.h"

static hm_err read_registry(struct hm_cx *cx, struct json section, struct serve_config *c)
{
	static const char *const known[] = { "listen", "sparse", NULL };
	HM_TRY(json_only(cx, section, known));
	return cli_serve_read_bool(cx, section, "sparse", &c->sparse);
}

static hm_err open_registry(struct hm_cx *cx, struct services *s, void **out)
{
	struct oci_registry_config config = { .data_dir = s->config->data_dir,
					      .sparse = s->config->sparse };
	struct oci_registry *r;
	HM_TRY(oci_registry_open(cx, &config, &r));
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
	.address = offsetof(struct serve_config, registry),
	.read = read_registry,
	.open = open_registry,
	.routes = list_routes,
	.close = close_registry,
};
