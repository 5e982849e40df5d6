/* SPDX-License-Identifier: Apache-2.0 */
/* The section "graph" of hullmark.yaml. */
#include "cli/service.h"
#include "cli/service_graph.h"

static hm_err read_text(struct hm_cx *cx, struct json section, const char *key, struct hm_str *out)
{
	const char *text = NULL;
	HM_TRY(cli_serve_read_string(cx, section, key, &text));
	if (text)
		*out = hm_cstr(text);
	return NULL;
}

/* clients: {ca: FILE, names: [NAME]} */
static hm_err read_clients(struct hm_cx *cx, struct json section, struct graph_login *out)
{
	static const char *const known[] = { "ca", "names", NULL };
	struct json s;
	HM_TRY(cli_serve_read_section(cx, section, "clients", known, &s));
	if (!json_is_there(s))
		return NULL;
	HM_TRY(cli_serve_read_string(cx, s, "ca", &out->client_ca));
	HM_TRY(cli_serve_read_strings(cx, s, "names", &out->client_names));
	return out->client_names.n
		       ? NULL
		       : hm_hint(cx, hm_fail(cx, HM_USAGE, "it does not say who is let in"),
				 "names: [\"dns:ci.example\", \"uri:spiffe://a/b\", "
				 "\"email:a@b.example\", \"subject:CN=ci,O=Example\"]");
}

/* Names of certificates begin with what they are. */
static hm_err check_client_names(struct hm_cx *cx, const struct hm_strs *names)
{
	static const struct hm_str kinds[] = { HM_STR_INIT("subject:"), HM_STR_INIT("dns:"),
					       HM_STR_INIT("uri:"), HM_STR_INIT("email:") };
	for (size_t i = 0; i < names->n; i++) {
		bool known = false;
		for (size_t k = 0; k < HM_LEN(kinds); k++)
			known = known ||
				(hm_starts(names->p[i], kinds[k]) && names->p[i].n > kinds[k].n);
		if (!known)
			return hm_fail(cx, HM_USAGE,
				       "\"%.*s\" does not begin with subject:, dns:, uri: or "
				       "email:",
				       HM_FMT(names->p[i]));
	}
	return NULL;
}

/* client: {url: URL, id: NAME, secretFile: FILE, scopes: [NAME]}, inside of "oidc" */
static hm_err read_client(struct hm_cx *cx, struct json section, struct graph_login *out)
{
	static const char *const known[] = { "url", "id", "secretFile", "scopes", NULL };
	struct oidc_client *c = &out->client;
	struct hm_str url = HM_STR("");
	struct json s;
	HM_TRY(cli_serve_read_section(cx, section, "client", known, &s));
	if (!json_is_there(s))
		return NULL;
	HM_TRY(read_text(cx, s, "url", &url));
	HM_TRY(read_text(cx, s, "id", &c->id));
	HM_TRY(cli_serve_read_string(cx, s, "secretFile", &out->client_secret));
	HM_TRY(cli_serve_read_strings(cx, s, "scopes", &c->scopes));
	if (hm_ends(url, HM_STR("/")))
		url.n--;
	if (!url.n)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE,
				       "it does not say how browsers reach this server"),
			       "url: https://graph.example.com; the issuer must know "
			       "https://graph.example.com" CLI_GRAPH_BACK);
	c->redirect = hm_fmt(cx, "%.*s" CLI_GRAPH_BACK, HM_FMT(url));
	if (!c->id.n)
		c->id = out->oidc.audience;
	return oidc_client_check(cx, c);
}

/* oidc: {issuer: URL, audience: NAME, claim: NAME, names: [NAME], algorithms: [NAME], caFile: FILE,
 * client: {...}} */
static hm_err read_oidc(struct hm_cx *cx, struct json section, struct graph_login *out)
{
	static const char *const known[] = { "issuer",     "audience", "claim",  "names",
					     "algorithms", "caFile",   "client", NULL };
	struct oidc_terms *t = &out->oidc;
	struct json s;
	HM_TRY(cli_serve_read_section(cx, section, "oidc", known, &s));
	if (!json_is_there(s))
		return NULL;
	HM_TRY(read_text(cx, s, "issuer", &t->issuer));
	HM_TRY(read_text(cx, s, "audience", &t->audience));
	HM_TRY(read_text(cx, s, "claim", &t->claim));
	HM_TRY(cli_serve_read_strings(cx, s, "names", &t->names));
	HM_TRY(cli_serve_read_strings(cx, s, "algorithms", &t->algorithms));
	HM_TRY(cli_serve_read_string(cx, s, "caFile", &out->oidc_ca));
	HM_TRY(oidc_terms_check(cx, t));
	HM_TRY_IN(cx, read_client(cx, s, out), "\"client\"");
	return NULL;
}

static hm_err read_reading(struct hm_cx *cx, struct json section, struct graph_login *out)
{
	const char *who = NULL;
	HM_TRY(cli_serve_read_string(cx, section, "read", &who));
	if (who && strcmp(who, "login") != 0 && strcmp(who, "anybody") != 0)
		return hm_fail(cx, HM_INPUT, "\"read\" is neither \"anybody\" nor \"login\"");
	if (who)
		out->to_read = strcmp(who, "login") == 0;
	return NULL;
}

hm_err cli_graph_settings(struct hm_cx *cx, struct json section, struct graph_settings *told)
{
	static const char *const known[] = { "listen",  "folder", "database", "tokens", "read",
					     "clients", "oidc",   "clusters", NULL };
	HM_TRY(json_only(cx, section, known));
	HM_TRY(cli_serve_read_string(cx, section, "tokens", &told->tokens));
	HM_TRY(cli_serve_read_string(cx, section, "folder", &told->folder));
	HM_TRY(cli_serve_read_string(cx, section, "database", &told->database));
	HM_TRY(read_reading(cx, section, &told->login));
	HM_TRY_IN(cx, read_clients(cx, section, &told->login), "\"clients\"");
	HM_TRY_IN(cx, check_client_names(cx, &told->login.client_names), "\"clients\": \"names\"");
	HM_TRY_IN(cx, read_oidc(cx, section, &told->login), "\"oidc\"");
	HM_TRY_IN(cx, cli_graph_read_clusters(cx, section, &told->clusters), "\"clusters\"");
	if (told->database && told->folder)
		return hm_fail(cx, HM_USAGE, "\"folder\" and \"database\" are two places");
	if (told->database && !graph_is_database(told->database))
		return hm_fail(cx, HM_USAGE, "\"database\": \"%s\" is not an address of a database",
			       told->database);
	return NULL;
}

hm_err cli_graph_check_login(struct hm_cx *cx, const struct serve_config *c,
			     const struct graph_settings *told)
{
	const struct graph_login *l = &told->login;
	if (l->client_names.n && !c->cert)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE,
				       "\"graph\": clients show certificates over TLS alone"),
			       "tls: {cert: FILE, key: FILE}");
	if (l->client_ca && c->client_ca)
		return hm_fail(
			cx, HM_USAGE,
			"\"graph\": \"clients\" and \"tls\" name an authority of clients each");
	if (l->client_names.n && !l->client_ca && !c->client_ca)
		return hm_fail(cx, HM_USAGE,
			       "\"graph\": \"clients\" does not name the authority of their "
			       "certificates (\"ca\")");
	if (l->to_read && !told->tokens && !l->client_names.n && !l->oidc.issuer.n)
		return hm_hint(cx, hm_fail(cx, HM_USAGE, "\"graph\": nobody could log in to read"),
			       "give tokens, clients or oidc");
	if (l->client.redirect.n && !l->to_read)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE,
				       "\"graph\": browsers log in to read, and anybody may read"),
			       "read: login");
	return NULL;
}

void cli_graph_put_keys(struct hm_cx *cx, struct hm_buf *out)
{
	(void)cx;
	hm_buf_addz(
		out,
		"\n    folder: DIR           # of the graph, as `graph ingest --data-dir`"
		"\n    database: URL         # of PostgreSQL, instead: postgresql://HOST/NAME"
		"\n    clusters: [{kubeconfig: FILE, context: NAME, name: NAME}, {inCluster: true}]   # as `graph watch` follows them"
		"\n    tokens: FILE          # as --graph-tokens"
		"\n    read: anybody         # or login: then reading needs one, too"
		"\n    clients: {ca: FILE, names: [NAME]}   # NAME: subject:CN=a,O=b dns:a uri:a email:a"
		"\n    oidc: {issuer: URL, audience: NAME, claim: sub, names: [NAME], algorithms: [ES256], caFile: FILE,"
		"\n           client: {url: URL, id: NAME, secretFile: FILE, scopes: [email]}}   # browsers, with read: login");
}
