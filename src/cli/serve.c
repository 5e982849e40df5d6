/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serve.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "cli/parse.h"
#include "cli/service.h"

struct serve {
	const char *memory, *config, *data_dir, *cert, *key, *client_ca;
	struct hm_strs allow_hosts;
};

/* What is running; ended in the reverse order. */
struct running {
	struct serve_config c;
	struct oci_access access;
	struct http_client *http;
	struct services services;
};

static void running_done(struct running *r)
{
	cli_services_stop(&r->services);
	http_client_close(r->http);
}

static void override_text(const char **to, const char *flag)
{
	if (flag)
		*to = flag;
}

/* The address of each service, and flags of its own. */
static void add_service_flags(struct hm_cx *cx, struct cli_opts *to)
{
	for (const struct service *const *row = cli_services; *row; row++) {
		*hm_push(cx, to) = (struct cli_opt){ .name = (*row)->name,
						     .kind = CLI_TEXT,
						     .arg = "ADDR:PORT",
						     .help = (*row)->help,
						     .of = *row };
		for (const struct cli_opt *o = (*row)->opts; o && o->name; o++) {
			struct cli_opt *flag = hm_push(cx, to);
			*flag = *o;
			flag->of = o;
		}
	}
}

static hm_err override_service(struct hm_cx *cx, const struct cli *cli, const struct service *row,
			       struct serve_service *told)
{
	const struct cli_opt *flag;
	struct hm_strs words = cli_given_of(cx, cli, row, &flag);
	if (words.n)
		told->address = hm_dupz(cx, words.p[words.n - 1]);
	for (const struct cli_opt *o = row->opts; o && o->name; o++) {
		words = cli_given_of(cx, cli, o, &flag);
		for (size_t i = 0; i < words.n; i++)
			HM_TRY(cli_set_opt(cx, o, told->settings, hm_dupz(cx, words.p[i])));
	}
	return NULL;
}

static hm_err refuse_nothing(struct hm_cx *cx)
{
	HM_AUTO_BUF b = HM_BUF(HM_KIB);
	for (const struct service *const *row = cli_services; *row; row++)
		if (!(*row)->is_guest)
			hm_buf_fmt(&b, "%s--%s ADDR:PORT", b.n ? " or " : "", (*row)->name);
	return hm_fail(cx, HM_USAGE, "nothing to serve: give %.*s", HM_FMT(hm_buf_str(&b)));
}

static hm_err read_settings(struct hm_cx *cx, const struct cli *cli, const struct serve *o,
			    struct serve_config *c)
{
	cli_serve_config_init(cx, cli_services, c);
	if (o->config) {
		struct hm_str text;
		HM_TRY(hm_read_file(cx, o->config, HM_MAX_POLICY, &text));
		HM_TRY_IN(cx, cli_serve_config(cx, text, cli_services, c), "\"%s\"", o->config);
	}
	override_text(&c->data_dir, o->data_dir);
	override_text(&c->cert, o->cert);
	override_text(&c->key, o->key);
	override_text(&c->client_ca, o->client_ca);
	if (o->allow_hosts.n)
		c->allow_hosts = o->allow_hosts;
	for (size_t i = 0; cli_services[i]; i++)
		HM_TRY(override_service(cx, cli, cli_services[i], &c->services[i]));
	if (o->memory)
		HM_TRY_IN(cx, cli_serve_size(cx, hm_cstr(o->memory), &c->memory), "--memory");
	if (!cli_services_are_wanted(cli_services, c))
		return refuse_nothing(cx);
	if (!c->cert != !c->key)
		return hm_fail(cx, HM_USAGE, "--tls-cert and --tls-key must be given together");
	if (c->client_ca && !c->cert)
		return hm_fail(cx, HM_USAGE, "--client-ca needs --tls-cert and --tls-key");
	if (!c->data_dir)
		c->data_dir = hm_path(cx, cli_data_dir(cx), "server");
	return NULL;
}

/* One file of all authorities: the client takes one. */
static hm_err join_authorities(struct hm_cx *cx, const struct serve_config *c, const char *flag,
			       const char **out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_CERTIFICATE_FILE);
	struct hm_str bytes;
	*out = flag;
	if (!c->ca_files.n)
		return NULL;
	for (size_t i = 0; i < c->ca_files.n + (flag ? 1 : 0); i++) {
		const char *file = i < c->ca_files.n ? hm_dupz(cx, c->ca_files.p[i]) : flag;
		HM_TRY(hm_read_file(cx, file, HM_MAX_CERTIFICATE_FILE, &bytes));
		hm_buf_add(&b, bytes);
		hm_buf_char(&b, '\n');
	}
	HM_TRY(hm_buf_end(cx, &b, "the certificate authorities", &bytes));
	*out = hm_path(cx, c->data_dir, "authorities.pem");
	return hm_write_file(cx, *out, bytes, 0600);
}

/* How the gate reaches registries: the flags of the command, and registries[] of the file. */
static hm_err open_access(struct hm_cx *cx, struct cli *cli, struct running *r)
{
	const struct oci_access *flags;
	struct http_config config;
	if (cli_has_secret(cli))
		return hm_hint(
			cx,
			hm_fail(cx, HM_USAGE,
				"--username, --password, --identity-token and --header are for one "
				"registry, and a server meets many"),
			"hullmark login REGISTRY, as the user that the server runs as");
	HM_TRY(cli_access(cx, cli, &flags));
	r->access = *flags;
	r->access.plain_hosts = r->c.plain_hosts.p;
	r->access.plain_hosts_n = r->c.plain_hosts.n;
	if (!r->c.ca_files.n)
		return NULL;
	HM_TRY(cli_http_config(cx, cli, &config));
	HM_TRY(join_authorities(cx, &r->c, cli->ca_file, &config.ca_file));
	HM_TRY(http_client_open(cx, &config, &r->http));
	r->access.http = r->http;
	return NULL;
}

/* "registry listening on http://127.0.0.1:5000": scripts read the port where it was chosen here. */
static void announce_listeners(struct hm_cx *cx, const struct cli *cli, const struct services *s)
{
	bool json = cli->log_format && strcmp(cli->log_format, "json") == 0;
	for (size_t i = 0; i < s->listeners_n && !cli->quiet; i++) {
		const struct http_listener *l = &s->listeners[i];
		struct hm_str host = hm_sub(l->address, 0, hm_rfind_char(l->address, ':'));
		struct hm_str url = hm_fmt(cx, "%s://%.*s:%u", l->cert ? "https" : "http",
					   HM_FMT(host), l->port);
		if (json)
			hm_log(cx, HM_LOG_WARN, "listening", "for", s->names[i], "address", url.p,
			       NULL);
		else
			fprintf(stderr, "%s listening on %s\n", s->names[i], url.p);
	}
	fflush(stderr);
}

static hm_err serve_until_told(struct hm_cx *cx, struct cli *cli, const struct serve *o,
			       struct running *r, const sigset_t *ends)
{
	struct services *s = &r->services;
	int which;
	HM_TRY(read_settings(cx, cli, o, &r->c));
	HM_TRY(hm_mkdirs_flushed(cx, r->c.data_dir, 0700));
	HM_TRY(open_access(cx, cli, r));
	s->table = cli_services;
	s->config = &r->c;
	s->config_dir = cli->config_dir;
	s->access = &r->access;
	s->memory.max = (size_t)(r->c.memory ? r->c.memory : HM_MAX_HTTP_MEMORY);
	HM_TRY(cli_services_start(cx, s));
	announce_listeners(cx, cli, s);
	sigwait(ends, &which);
	return NULL;
}

/* A login's share of descriptors is small; how many a server may have is the hard limit's to
 * say. */
static void take_descriptors(void)
{
	enum { ENOUGH = 65536 };
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur >= ENOUGH)
		return;
	r.rlim_cur = r.rlim_max < ENOUGH ? r.rlim_max : ENOUGH;
	if (setrlimit(RLIMIT_NOFILE, &r) < 0) /* then it is as many as there were */
		return;
}

/* What is large goes back to the system when it is freed. By itself glibc would learn from the
 * first large block that is freed to keep all that are like it, in a heap for each few threads. */
static void settle_malloc(void)
{
	mallopt(M_MMAP_THRESHOLD, 256 * 1024);
	mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
	mallopt(M_ARENA_MAX, 4);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	(void)args, (void)args_n;
	/* Blocked before any thread is made, so that only the wait below sees them. */
	sigset_t ends;
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	take_descriptors();
	settle_malloc();
	HM_CLEANUP(running_done) struct running r = { 0 };
	return serve_until_told(cx, cli, opts, &r, &ends);
}

static void put_sections(struct hm_cx *cx, struct hm_buf *out)
{
	for (const struct service *const *row = cli_services; *row; row++) {
		if (!(*row)->put_keys) {
			hm_buf_fmt(out, "\n  %s: {listen: ADDR:PORT}", (*row)->name);
			continue;
		}
		hm_buf_fmt(out, "\n  %s:\n    listen: ADDR:PORT", (*row)->name);
		(*row)->put_keys(cx, out);
	}
}

extern const struct cli_command cli_serve;
const struct cli_command cli_serve = {
	.name = "serve",
	.group = "Serving",
	.help = "run the registry, the gate of a cluster, the knowledge graph, or several of them",
	.about =
		"The registry keeps images and their evidence below --data-dir: DATA-DIR/repos/NAME is an OCI\n"
		"layout, which other tools can open and write while it is served (oci:DATA-DIR/repos/NAME). Its\n"
		"index.json follows a push at once, with more than 256 entries some seconds later; what counts\n"
		"is DATA-DIR/tables, which is made anew from the layouts where it is missing. The gate\n"
		"answers Kubernetes' validating webhook at /admit, and Gatekeeper as an external-data\n"
		"provider at /ratify/gatekeeper/v1/verify and /mutate; it enforces the trust policy of\n"
		"--config-dir: all images signed, and with SBOM and vulnerability report attached and signed.\n"
		"\n"
		"The webhook judges every image of what is created, and of what is updated the images that are\n"
		"new in it: those that did not stand in the old object, in the same list under the same name\n"
		"of container or volume. So a bad workload that was there before the gate can be scaled down,\n"
		"finish its jobs and be rolled to a good image, and cannot be rolled back. A tag that stays is\n"
		"no new image. Without an old object of the same kind and name every image is judged.\n"
		"exemptNamespaces counts for the namespace that the API server names to the webhook, never for\n"
		"one that a key of the provider begins with ([kube-system]IMAGE): leave namespaces out of\n"
		"Gatekeeper's constraint instead.\n"
		"\n"
		"The provider's value has the shape of Ratify 1's: \"verifierReports\" with a report of each\n"
		"signature and piece of evidence, which has \"type\" and \"extensions\": \"notation\" (\"Issuer\",\n"
		"\"SN\"); \"cosign\", for all of Sigstore's forms, one report of each artifact (\"signatures\" with\n"
		"their \"verifications\", where \"bundleVerified\" says that a transparency log has it, and\n"
		"\"trustPolicy\", the name of the statement); \"slsa\", for SLSA's attestations (\"predicateType\",\n"
		"\"builder\", and \"level\" of a verification summary); \"sbom\" (\"creationInfo\");\n"
		"\"vulnerabilityreport\" (\"createdAt\"). Attestations of other types are \"cosign\" with\n"
		"\"predicateType\". Signatures of evidence are its \"nestedResults\".\n"
		"\n"
		"Verdicts of yes outlive a restart, for an hour at most, in DATA-DIR/gate/verdicts.db. One that\n"
		"an earlier process made says so: \"kept\" in the provider's value, the audit annotation \"kept\" of\n"
		"the webhook's answer, and a line of the log with -v.\n"
		"\n"
		"With a certificate it listens with TLS (the gate with 1.3 only), and asks clients for theirs\n"
		"with --client-ca; without one, on loopback addresses only. Certificates and trust policy are\n"
		"read again when they change. A key that others than its owner can read is used, but warned of;\n"
		"one with a passphrase is refused. Flags win over the file of --config.\n"
		"\n"
		"The graph answers questions at /api/v1, which /api/v1/openapi.json describes, as `hullmark graph`\n"
		"answers them with -o json, and GUAC's GraphQL at /query (and /graphql), which only reads;\n"
		"GUAC's REST interface is there, too (/v0/package, /v0/artifact, /analysis/dependencies). Documents come\n"
		"in by POST /api/v1/documents with a token of --graph-tokens; /api/v1/events tells of new ones.\n"
		"Instead of such a token counts one (a JWT) that the issuer of \"oidc\" has signed for \"audience\",\n"
		"whose \"claim\" is among \"names\" ([\"*\"]: all of the issuer); and with TLS a certificate under the\n"
		"authority of \"clients\" with one of its \"names\", which others need not show. What was sent is kept\n"
		"with the name of who sent it. Reading needs no login unless \"read: login\" is set: then API and\n"
		"pages need one of the three, and a browser gets a form that takes a token for eight hours.\n"
		"With \"client\" in \"oidc\" the form has a link to the issuer, which logs browsers in (the\n"
		"authorization code flow, with PKCE): \"url\" is how browsers reach this server, \"id\" and\n"
		"\"secretFile\" are what the issuer knows it by (the id is \"audience\" if it is not given, and a\n"
		"public client has no secret), and the issuer must let it be sent back to URL/login/oidc/back.\n"
		"What is pushed into the registry of the same program is in the graph at once, and after a restart\n"
		"what was pushed meanwhile. So is what the gate of the same program decides, and what runs in the\n"
		"clusters of \"clusters\", which are followed until the program ends; /readyz names those that are not\n"
		"(by their place in the configuration, where reading needs a login).\n"
		"\n"
		"Without TLS only requests for a loopback address, localhost or a name below it are answered,\n"
		"so that no web page can reach the server by a name of its own. What comes by another name\n"
		"(containers by host.docker.internal, an entry of /etc/hosts, a proxy that passes on the name\n"
		"it was asked for) needs --allow-host, or in hullmark.yaml \"allowHosts: [NAME]\". Nor is a web\n"
		"page of another origin answered, unless it is of such a host; with TLS it may make the browser\n"
		"read, which does not give it the answer, but not send anything.\n"
		"\n"
		"hullmark.yaml, with all keys but the first optional:\n"
		"  version: 1\n"
		"  dataDir: DIR\n"
		"  memory: 128MiB          # for all requests in flight; past it they get 503\n"
		"  allowHosts: [NAME]\n"
		"  tls: {cert: FILE, key: FILE, clientCA: FILE}\n"
		"  revocation: {connect: 2s, ocsp: 2s, crl: 5s}   # how long to wait for who knows\n"
		"  registries: [{host: NAME, plainHTTP: false, caFile: FILE}]",
	.put_about = put_sections,
	.examples = "  $ hullmark serve --registry 127.0.0.1:5000\n"
		    "  $ hullmark serve --gate :6001 --tls-cert gate.crt --tls-key gate.key",
	.opts_size = sizeof(struct serve),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(serve, allow_hosts, "allow-host", CLI_LIST, 0, "NAME",
			"without TLS, answer requests for this host name too"),
		CLI_OPT(serve, client_ca, "client-ca", CLI_TEXT, 0, "FILE",
			"clients must have a certificate of this authority"),
		CLI_OPT(serve, config, "config", CLI_TEXT, 0, "FILE", "hullmark.yaml"),
		CLI_OPT(serve, data_dir, "data-dir", CLI_TEXT, 0, "DIR", "where the server's state is kept"),
		CLI_OPT(serve, memory, "memory", CLI_TEXT, 0, "SIZE",
			"what all requests in flight may hold together (128MiB)"),
		CLI_OPT(serve, cert, "tls-cert", CLI_TEXT, 0, "FILE", "certificate chain, PEM"),
		CLI_OPT(serve, key, "tls-key", CLI_TEXT, 0, "FILE", "its private key, PEM"),
		{ 0 },
	},
	/* clang-format on */
	.add_opts = add_service_flags,
	.run = run,
};
