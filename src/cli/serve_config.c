/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serve.h"

#include "codec/yaml.h"

/* A request with 512 KiB of JSON must find room. */
static const uint64_t SIZE_LEAST = 16 * HM_MIB;

static hm_err read_string(struct hm_cx *cx, struct json section, const char *key, const char **out)
{
	struct json v = json_get(section, key);
	if (!json_is_there(v))
		return NULL;
	if (!json_is_string(v) || !json_str(v).n)
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a string", key);
	*out = hm_dupz(cx, json_str(v));
	return NULL;
}

static hm_err read_bool(struct hm_cx *cx, struct json section, const char *key, bool *out)
{
	struct json v = json_get(section, key);
	if (json_is_there(v) && !json_is_bool(v))
		return hm_fail(cx, HM_INPUT, "\"%s\" is neither true nor false", key);
	if (json_is_there(v))
		*out = json_bool(v);
	return NULL;
}

hm_err cli_serve_size(struct hm_cx *cx, struct hm_str text, uint64_t *out)
{
	static const struct unit {
		struct hm_str name;
		uint64_t bytes;
	} units[] = { { HM_STR_INIT("KiB"), HM_KIB },
		      { HM_STR_INIT("MiB"), HM_MIB },
		      { HM_STR_INIT("GiB"), HM_GIB } };
	uint64_t n, unit = 1;
	struct hm_str digits = text;
	for (size_t i = 0; i < HM_LEN(units); i++) {
		if (!hm_ends(text, units[i].name))
			continue;
		unit = units[i].bytes;
		digits = hm_sub(text, 0, text.n - units[i].name.n);
	}
	if (!hm_u64(digits, INT64_MAX / unit, &n))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a size like \"128MiB\"",
			       HM_FMT(text));
	if (n * unit < SIZE_LEAST)
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is less than 16 MiB", HM_FMT(text));
	*out = n * unit;
	return NULL;
}

static hm_err read_size(struct hm_cx *cx, struct json section, const char *key, uint64_t *out)
{
	struct json v = json_get(section, key);
	int64_t n;
	if (!json_is_there(v))
		return NULL;
	if (!json_is_string(v)) {
		HM_TRY(json_need_int(cx, section, key, &n));
		return cli_serve_size(cx, hm_fmt(cx, "%lld", (long long)n), out);
	}
	HM_TRY_IN(cx, cli_serve_size(cx, json_str(v), out), "\"%s\"", key);
	return NULL;
}

static hm_err read_strings(struct hm_cx *cx, struct json section, const char *key,
			   struct hm_strs *out)
{
	struct json v = json_get(section, key);
	struct hm_strs list = { 0 };
	if (!json_is_there(v))
		return NULL;
	if (!json_is_array(v))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a list", key);
	for (struct json_iter it = json_iter(v); json_next(&it);) {
		if (!json_is_string(it.value))
			return hm_fail(cx, HM_INPUT, "\"%s\": an entry is not a string", key);
		*hm_push(cx, &list) = json_str(it.value);
	}
	*out = list;
	return NULL;
}

/* A section that may be absent, with none but its own keys. */
static hm_err read_section(struct hm_cx *cx, struct json doc, const char *name,
			   const char *const *known, struct json *out)
{
	*out = json_get(doc, name);
	if (!json_is_there(*out))
		return NULL;
	if (!json_is_object(*out))
		return hm_fail(cx, HM_INPUT, "it is not a mapping");
	return json_only(cx, *out, known);
}

static hm_err read_policies(struct hm_cx *cx, struct json gate, struct gate_config *c)
{
	struct hm_strs names = { 0 };
	HM_TRY(read_strings(cx, gate, "policies", &names));
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
		HM_TRY(read_strings(cx, gate, p->key, &words));
	} else if (p->type == GATE_SWITCH) {
		HM_TRY(read_bool(cx, gate, p->key, &on));
		*hm_push(cx, &words) = on ? HM_STR("true") : HM_STR("false");
	} else {
		HM_TRY(read_string(cx, gate, p->key, &text));
		*hm_push(cx, &words) = hm_cstr(text);
	}
	HM_TRY_IN(cx, gate_set(cx, c, p->key, &words), "\"%s\"", p->key);
	return NULL;
}

static hm_err read_gate(struct hm_cx *cx, struct json doc, struct serve_config *c)
{
	HM_VEC(const char *) known = { 0 };
	const struct gate_parameter **parameters;
	struct json gate;
	size_t n = gate_parameters(cx, &parameters);
	*hm_push(cx, &known) = "listen";
	*hm_push(cx, &known) = "policies";
	for (size_t i = 0; i < n; i++)
		*hm_push(cx, &known) = parameters[i]->key;
	*hm_push(cx, &known) = NULL;
	HM_TRY(read_section(cx, doc, "gate", known.p, &gate));
	HM_TRY(read_string(cx, gate, "listen", &c->gate));
	HM_TRY(read_policies(cx, gate, &c->rules));
	for (size_t i = 0; i < n; i++)
		HM_TRY(read_parameter(cx, gate, parameters[i], &c->rules));
	return NULL;
}

static hm_err read_registries(struct hm_cx *cx, struct json doc, struct serve_config *c)
{
	static const char *const known[] = { "host", "plainHTTP", "caFile", NULL };
	struct json list = json_get(doc, "registries");
	struct hm_map seen = { 0 };
	if (!json_is_there(list))
		return NULL;
	if (!json_is_array(list))
		return hm_fail(cx, HM_INPUT, "it is not a list");
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		const char *host = NULL, *ca = NULL;
		bool plain = false;
		if (!json_is_object(it.value))
			return hm_fail(cx, HM_INPUT, "an entry is not a mapping");
		HM_TRY(json_only(cx, it.value, known));
		HM_TRY(read_string(cx, it.value, "host", &host));
		HM_TRY(read_string(cx, it.value, "caFile", &ca));
		HM_TRY(read_bool(cx, it.value, "plainHTTP", &plain));
		if (!host)
			return hm_fail(cx, HM_INPUT, "an entry has no \"host\"");
		struct hm_str name, address;
		HM_TRY_IN(cx, oci_registry_parse(cx, hm_cstr(host), &name, &address),
			  "\"host\": \"%s\" is not HOST[:PORT]", host);
		if (hm_map_has(&seen, name))
			return hm_fail(cx, HM_INPUT, "two entries are for \"%.*s\"", HM_FMT(name));
		hm_map_put(cx, &seen, name, c);
		if (plain)
			*hm_push(cx, &c->plain_hosts) = name;
		if (ca)
			*hm_push(cx, &c->ca_files) = hm_cstr(ca);
	}
	return NULL;
}

static hm_err read_wait(struct hm_cx *cx, struct json section, const char *key, int64_t *out)
{
	const char *text = NULL;
	HM_TRY(read_string(cx, section, key, &text));
	if (!text)
		return NULL;
	int64_t ns = gate_timeout_parse(hm_cstr(text));
	if (ns < HM_SECOND / 10)
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a time of 100ms or more, like \"2s\"",
			       key);
	*out = ns;
	return NULL;
}

static hm_err read_revocation(struct hm_cx *cx, struct json doc, struct trust_patience *out)
{
	static const char *const known[] = { "connect", "ocsp", "crl", NULL };
	struct json s;
	HM_TRY(read_section(cx, doc, "revocation", known, &s));
	HM_TRY(read_wait(cx, s, "connect", &out->connect));
	HM_TRY(read_wait(cx, s, "ocsp", &out->ocsp));
	return read_wait(cx, s, "crl", &out->crl);
}

static hm_err read_listeners(struct hm_cx *cx, struct json doc, struct serve_config *c)
{
	static const char *const only_listen[] = { "listen", NULL };
	static const char *const registry[] = { "listen", "sparse", NULL };
	static const char *const tls[] = { "cert", "key", "clientCA", NULL };
	struct json s;
	HM_TRY_IN(cx, read_section(cx, doc, "registry", registry, &s), "\"registry\"");
	HM_TRY_IN(cx, read_string(cx, s, "listen", &c->registry), "\"registry\"");
	HM_TRY_IN(cx, read_bool(cx, s, "sparse", &c->sparse), "\"registry\"");
	HM_TRY_IN(cx, read_section(cx, doc, "admin", only_listen, &s), "\"admin\"");
	HM_TRY_IN(cx, read_string(cx, s, "listen", &c->admin), "\"admin\"");
	HM_TRY_IN(cx, read_section(cx, doc, "tls", tls, &s), "\"tls\"");
	HM_TRY_IN(cx, read_string(cx, s, "cert", &c->cert), "\"tls\"");
	HM_TRY_IN(cx, read_string(cx, s, "key", &c->key), "\"tls\"");
	return read_string(cx, s, "clientCA", &c->client_ca);
}

hm_err cli_serve_config(struct hm_cx *cx, struct hm_str text, struct serve_config *c)
{
	static const char *const known[] = { "version", "dataDir",    "registry", "gate",
					     "admin",   "registries", "tls",      "allowHosts",
					     "memory",  "revocation", NULL };
	struct json doc;
	int64_t version;
	HM_TRY(yaml_parse(cx, text, &doc));
	HM_TRY(json_refuse_nul(cx, doc));
	if (!json_is_object(doc))
		return hm_fail(cx, HM_INPUT, "not a configuration: \"version: 1\" is missing");
	HM_TRY(json_need_int(cx, doc, "version", &version));
	if (version != 1)
		return hm_fail(cx, HM_INPUT, "version %lld is not supported; use 1",
			       (long long)version);
	HM_TRY(json_only(cx, doc, known));
	HM_TRY(read_string(cx, doc, "dataDir", &c->data_dir));
	HM_TRY(read_strings(cx, doc, "allowHosts", &c->allow_hosts));
	HM_TRY(read_size(cx, doc, "memory", &c->memory));
	HM_TRY_IN(cx, read_revocation(cx, doc, &c->rules.patience), "\"revocation\"");
	HM_TRY(read_listeners(cx, doc, c));
	HM_TRY_IN(cx, read_gate(cx, doc, c), "\"gate\"");
	HM_TRY_IN(cx, read_registries(cx, doc, c), "\"registries\"");
	return NULL;
}
