/* SPDX-License-Identifier: Apache-2.0 */
/* hullmark.yaml: what holds for all services, and a section of each. */
#include <stddef.h>

#include "cli/service.h"
#include "codec/yaml.h"
#include "gate/gate.h"

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
		HM_TRY(cli_serve_read_string(cx, it.value, "host", &host));
		HM_TRY(cli_serve_read_string(cx, it.value, "caFile", &ca));
		HM_TRY(cli_serve_read_bool(cx, it.value, "plainHTTP", &plain));
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
	HM_TRY(cli_serve_read_string(cx, section, key, &text));
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
	HM_TRY(cli_serve_read_section(cx, doc, "revocation", known, &s));
	HM_TRY(read_wait(cx, s, "connect", &out->connect));
	HM_TRY(read_wait(cx, s, "ocsp", &out->ocsp));
	return read_wait(cx, s, "crl", &out->crl);
}

static hm_err read_tls(struct hm_cx *cx, struct json doc, struct serve_config *c)
{
	static const char *const known[] = { "cert", "key", "clientCA", NULL };
	struct json s;
	HM_TRY_IN(cx, cli_serve_read_section(cx, doc, "tls", known, &s), "\"tls\"");
	HM_TRY_IN(cx, cli_serve_read_string(cx, s, "cert", &c->cert), "\"tls\"");
	HM_TRY_IN(cx, cli_serve_read_string(cx, s, "key", &c->key), "\"tls\"");
	return cli_serve_read_string(cx, s, "clientCA", &c->client_ca);
}

static hm_err read_service(struct hm_cx *cx, struct json doc, const struct service *row,
			   struct serve_service *s)
{
	static const char *const only_listen[] = { "listen", NULL };
	struct json section = json_get(doc, row->name);
	if (!json_is_there(section))
		return NULL;
	if (!json_is_object(section))
		return hm_fail(cx, HM_INPUT, "it is not a mapping");
	HM_TRY(row->read ? row->read(cx, section, s->settings)
			 : json_only(cx, section, only_listen));
	return cli_serve_read_string(cx, section, "listen", &s->address);
}

/* The keys of the whole, and a section for each service. */
static hm_err check_keys(struct hm_cx *cx, struct json doc, const struct service *const *table)
{
	static const char *const of_all[] = { "version",    "dataDir", "registries", "tls",
					      "allowHosts", "memory",  "revocation" };
	HM_VEC(const char *) known = { 0 };
	for (size_t i = 0; i < HM_LEN(of_all); i++)
		*hm_push(cx, &known) = of_all[i];
	for (const struct service *const *row = table; *row; row++)
		*hm_push(cx, &known) = (*row)->name;
	*hm_push(cx, &known) = NULL;
	return json_only(cx, doc, known.p);
}

void cli_serve_config_init(struct hm_cx *cx, const struct service *const *table,
			   struct serve_config *c)
{
	size_t n = 0;
	while (table[n])
		n++;
	*c = (struct serve_config){ .services = hm_new(cx, struct serve_service, n) };
	for (size_t i = 0; i < n; i++)
		if (table[i]->settings_size)
			c->services[i].settings =
				hm_alloc(cx, 1, table[i]->settings_size, _Alignof(max_align_t));
}

hm_err cli_serve_config(struct hm_cx *cx, struct hm_str text, const struct service *const *table,
			struct serve_config *c)
{
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
	HM_TRY(check_keys(cx, doc, table));
	HM_TRY(cli_serve_read_string(cx, doc, "dataDir", &c->data_dir));
	HM_TRY(cli_serve_read_strings(cx, doc, "allowHosts", &c->allow_hosts));
	HM_TRY(cli_serve_read_size(cx, doc, "memory", &c->memory));
	HM_TRY_IN(cx, read_revocation(cx, doc, &c->patience), "\"revocation\"");
	for (size_t i = 0; table[i]; i++)
		HM_TRY_IN(cx, read_service(cx, doc, table[i], &c->services[i]), "\"%s\"",
			  table[i]->name);
	HM_TRY(read_tls(cx, doc, c));
	HM_TRY_IN(cx, read_registries(cx, doc, c), "\"registries\"");
	return NULL;
}
