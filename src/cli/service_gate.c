/* SPDX-License-Identifier: Apache-2.0 */
/* The gate as a service. */
#include "cli/revocation.h"
#include "cli/service.h"
#include "gate/gate.h"

static hm_err read_policies(struct hm_cx *cx, struct json gate, struct gate_config *c)
{
	struct hm_strs names = { 0 };
	HM_TRY(cli_serve_read_strings(cx, gate, "policies", &names));
	unsigned policies = 0;
	for (size_t i = 0; i < names.n; i++) {
		if (hm_eqz(names.p[i], "signed"))
			policies |= GATE_SIGNED;
		else if (hm_eqz(names.p[i], "evidence"))
			policies |= GATE_EVIDENCE;
		else
			return hm_fail(
				cx, HM_INPUT,
				"\"policies\": unknown policy \"%.*s\": use signed or evidence",
				HM_FMT(names.p[i]));
	}
	if (json_is_there(json_get(gate, "policies")) && !policies)
		return hm_fail(
			cx, HM_INPUT,
			"\"policies\" is empty: a gate without a policy would admit everything");
	if (policies)
		c->policies = policies;
	return NULL;
}

/* One parameter of a rule, where the section has it. */
static hm_err read_parameter(struct hm_cx *cx, struct json gate, const struct gate_parameter *p,
			     struct gate_config *c)
{
	struct hm_strs words = { 0 };
	bool on = false;
	const char *text = NULL;
	if (!json_is_there(json_get(gate, p->key)))
		return NULL;
	if (p->type == GATE_NAMES) {
		HM_TRY(cli_serve_read_strings(cx, gate, p->key, &words));
	} else if (p->type == GATE_SWITCH) {
		HM_TRY(cli_serve_read_bool(cx, gate, p->key, &on));
		*hm_push(cx, &words) = on ? HM_STR("true") : HM_STR("false");
	} else {
		HM_TRY(cli_serve_read_string(cx, gate, p->key, &text));
		*hm_push(cx, &words) = hm_cstr(text);
	}
	HM_TRY_IN(cx, gate_set(cx, c, p->key, &words), "\"%s\"", p->key);
	return NULL;
}

static hm_err read_gate(struct hm_cx *cx, struct json section, void *settings)
{
	struct gate_config *c = settings;
	HM_VEC(const char *) known = { 0 };
	const struct gate_parameter **parameters;
	size_t n = gate_parameters(cx, &parameters);
	*hm_push(cx, &known) = "listen";
	*hm_push(cx, &known) = "policies";
	for (size_t i = 0; i < n; i++)
		*hm_push(cx, &known) = parameters[i]->key;
	*hm_push(cx, &known) = NULL;
	HM_TRY(json_only(cx, section, known.p));
	HM_TRY(read_policies(cx, section, c));
	for (size_t i = 0; i < n; i++)
		HM_TRY(read_parameter(cx, section, parameters[i], c));
	return NULL;
}

/* Each parameter below what it does. */
static void put_keys(struct hm_cx *cx, struct hm_buf *out)
{
	static const char *const examples[] = { [GATE_DURATION] = "720h",
						[GATE_SEVERITY] = "high",
						[GATE_SWITCH] = "true",
						[GATE_NAMES] = "[NAME, NAME*]" };
	const struct gate_parameter **parameters;
	size_t n = gate_parameters(cx, &parameters);
	hm_buf_addz(out, "\n    policies: [signed, evidence]");
	for (size_t i = 0; i < n; i++)
		hm_buf_fmt(out, "\n    # %s\n    %s: %s", parameters[i]->help, parameters[i]->key,
			   examples[parameters[i]->type]);
}

/* A verdict is good for an hour, and what it stands on was asked for when it was made, but for
 * this: so many images of one signer ask once. */
enum { FRESH_SECONDS = 60 };

static hm_err open_gate(struct hm_cx *cx, struct services *s, const void *settings, void **out)
{
	struct gate_config config = *(const struct gate_config *)settings;
	struct gate *g;
	config.patience = s->config->patience;
	config.config_dir = s->config_dir;
	config.cache_dir = hm_path(cx, s->config->data_dir, "gate");
	config.access = s->access;
	config.updates = s->access->http;
	config.kept = cli_kept(cx, config.cache_dir, FRESH_SECONDS);
	if (s->feed) {
		config.decided = cli_feed_decided;
		config.decided_arg = s->feed;
		s->feed->has_gate = true;
	}
	HM_TRY(gate_open(cx, &config, &g));
	*out = g;
	return NULL;
}

static const struct http_route *list_routes(void *self)
{
	return gate_routes(self);
}

static bool is_gate_ready(struct hm_cx *cx, void *self, struct hm_str *out_why)
{
	return gate_is_ready(cx, self, out_why);
}

static void put_gate_metrics(void *self, struct hm_buf *out)
{
	gate_put_metrics(self, out);
}

static void close_gate(void *self)
{
	gate_close(self);
}

extern const struct service cli_service_gate;
const struct service cli_service_gate = {
	.name = "gate",
	.help = "where the gate listens",
	.settings_size = sizeof(struct gate_config),
	.carries_guests = true,
	.tls13_only = true,
	.workers = gate_workers,
	.read = read_gate,
	.put_keys = put_keys,
	.open = open_gate,
	.routes = list_routes,
	.is_ready = is_gate_ready,
	.put_metrics = put_gate_metrics,
	.close = close_gate,
};
