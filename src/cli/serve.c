/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serve.h"

#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>

#include "cli/cli.h"

struct serve {
	const char *memory, *config, *data_dir, *registry, *gate, *admin, *cert, *key, *client_ca;
	struct hm_strs allow_hosts;
	bool sparse;
};

/* What is running; ended in the reverse order. */
struct running {
	struct serve_config c;
	struct http_listener listeners[3];
	size_t registry_n, gate_n; /* of the listeners: the first ones, the ones behind */
	struct http_server *registry_server, *gate_server;
	/* The same for metrics, which may be asked for before http_server_start() has come back. */
	struct http_server *_Atomic counted[2];
	struct oci_registry *registry;
	struct gate *gate;
	struct oci_access access;
	struct http_client *http;
	struct http_memory memory; /* of all servers */
	struct http_route both[8], admin[4];
};

static void running_done(struct running *r)
{
	http_server_stop(r->gate_server);
	gate_close(r->gate);
	http_server_stop(r->registry_server);
	if (r->registry)
		oci_registry_close(r->registry);
	http_client_close(r->http);
}

static void override_text(const char **to, const char *flag)
{
	if (flag)
		*to = flag;
}

static hm_err read_settings(struct hm_cx *cx, const struct serve *o, struct serve_config *c)
{
	if (o->config) {
		struct hm_str text;
		HM_TRY(hm_read_file(cx, o->config, HM_MAX_POLICY, &text));
		HM_TRY_IN(cx, cli_serve_config(cx, text, c), "\"%s\"", o->config);
	}
	override_text(&c->data_dir, o->data_dir);
	override_text(&c->registry, o->registry);
	override_text(&c->gate, o->gate);
	override_text(&c->admin, o->admin);
	override_text(&c->cert, o->cert);
	override_text(&c->key, o->key);
	override_text(&c->client_ca, o->client_ca);
	if (o->allow_hosts.n)
		c->allow_hosts = o->allow_hosts;
	c->sparse = c->sparse || o->sparse;
	if (o->memory)
		HM_TRY_IN(cx, cli_serve_size(cx, hm_cstr(o->memory), &c->memory), "--memory");
	if (!c->registry && !c->gate)
		return hm_fail(
			cx, HM_USAGE,
			"nothing to serve: give --registry ADDR:PORT, --gate ADDR:PORT, or both");
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

static size_t append_routes(struct http_route *to, size_t at, const struct http_route *from)
{
	while (from->prefix)
		to[at++] = *from++;
	to[at] = (struct http_route){ 0 };
	return at;
}

static struct http_listener make_listener(const struct serve_config *c, const char *address)
{
	return (struct http_listener){ .address = hm_cstr(address),
				       .cert = c->cert,
				       .key = c->key,
				       .client_ca = c->client_ca,
				       .hosts = c->allow_hosts };
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

static void put_metrics(void *arg, struct hm_buf *out)
{
	struct running *r = arg;
	struct http_server *all[HM_LEN(r->counted)];
	size_t n = 0;
	for (size_t i = 0; i < HM_LEN(r->counted); i++)
		if ((all[n] = atomic_load(&r->counted[i])))
			n++;
	http_server_metrics(all, n, out);
}

static hm_err serve_ok(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	(void)arg;
	return http_exchange_answer(cx, x, 200, "text/plain; charset=utf-8", HM_STR("ok\n"));
}

static hm_err serve_metrics(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	put_metrics(arg, &b);
	return http_exchange_answer(cx, x, 200, "text/plain; version=0.0.4; charset=utf-8",
				    hm_buf_str(&b));
}

/* Where there is a gate, its own routes say how it is. */
static const struct http_route *registry_admin(struct running *r)
{
	static const struct http_route rows[] = {
		{ .method = "GET", .prefix = "/healthz", .run = serve_ok, .budget = HM_KIB },
		{ .method = "GET", .prefix = "/readyz", .run = serve_ok, .budget = HM_KIB },
		{ .method = "GET", .prefix = "/metrics", .run = serve_metrics, .budget = HM_KIB },
		{ .prefix = NULL },
	};
	memcpy(r->admin, rows, sizeof(rows));
	for (size_t i = 0; rows[i].prefix; i++)
		r->admin[i].arg = r;
	return r->admin;
}

static hm_err start_server(struct hm_cx *cx, struct running *r, const char *name,
			   struct http_listener *listeners, size_t n, struct http_server **out)
{
	struct http_server_config config = { .name = name,
					     .listeners = listeners,
					     .listeners_n = n,
					     .memory = &r->memory,
					     .workers = out == &r->gate_server ? gate_workers() : 0,
					     .observe = log_request };
	return http_server_start(cx, &config, out);
}

static hm_err start_registry(struct hm_cx *cx, struct running *r)
{
	if (!r->c.registry)
		return NULL;
	struct oci_registry_config config = { .data_dir = r->c.data_dir, .sparse = r->c.sparse };
	HM_TRY(oci_registry_open(cx, &config, &r->registry));
	r->listeners[0] = make_listener(&r->c, r->c.registry);
	r->listeners[0].routes = oci_registry_routes(r->registry);
	r->registry_n = 1;
	if (r->c.admin && !r->c.gate) {
		r->listeners[1] = make_listener(&r->c, r->c.admin);
		r->listeners[1].client_ca = NULL;
		r->listeners[1].routes = registry_admin(r);
		r->registry_n = 2;
	}
	HM_TRY_IN(cx,
		  start_server(cx, r, "registry", r->listeners, r->registry_n, &r->registry_server),
		  "registry on \"%s\"", r->c.registry);
	atomic_store(&r->counted[0], r->registry_server);
	return NULL;
}

/* A server of its own: a gate that waits for this very registry must not take its threads. */
static hm_err start_gate(struct hm_cx *cx, struct cli *cli, struct running *r)
{
	if (!r->c.gate)
		return NULL;
	r->c.rules.config_dir = cli->config_dir;
	r->c.rules.cache_dir = hm_path(cx, r->c.data_dir, "gate");
	r->c.rules.access = &r->access;
	r->c.rules.metrics = put_metrics;
	r->c.rules.metrics_arg = r;
	HM_TRY(gate_open(cx, &r->c.rules, &r->gate));
	size_t n = append_routes(r->both, 0, gate_routes(r->gate));
	const struct http_route *admin = gate_admin_routes(r->gate);
	struct http_listener *l = &r->listeners[1];
	l[0] = make_listener(&r->c, r->c.gate);
	l[0].tls13_only = true;
	l[0].routes = r->both;
	r->gate_n = 1;
	if (r->c.admin) {
		l[1] = make_listener(&r->c, r->c.admin);
		l[1].client_ca = NULL;
		l[1].routes = admin;
		r->gate_n = 2;
	} else {
		append_routes(r->both, n, admin);
	}
	HM_TRY_IN(cx, start_server(cx, r, "gate", l, r->gate_n, &r->gate_server), "gate on \"%s\"",
		  r->c.gate);
	atomic_store(&r->counted[1], r->gate_server);
	return NULL;
}

/* "registry listening on http://127.0.0.1:5000": scripts read the port where it was chosen here. */
static void announce_listeners(struct hm_cx *cx, const struct cli *cli, const struct running *r)
{
	const char *names[] = { "registry", r->gate ? "gate" : "admin", "admin" };
	bool json = cli->log_format && strcmp(cli->log_format, "json") == 0;
	for (size_t i = 0; i < HM_LEN(names) && !cli->quiet; i++) {
		const struct http_listener *l = &r->listeners[i];
		if (!l->routes)
			continue;
		struct hm_str host = hm_sub(l->address, 0, hm_rfind_char(l->address, ':'));
		struct hm_str url = hm_fmt(cx, "%s://%.*s:%u", l->cert ? "https" : "http",
					   HM_FMT(host), l->port);
		if (json)
			hm_log(cx, HM_LOG_WARN, "listening", "for", names[i], "address", url.p,
			       NULL);
		else
			fprintf(stderr, "%s listening on %s\n", names[i], url.p);
	}
	fflush(stderr);
}

static hm_err serve_until_told(struct hm_cx *cx, struct cli *cli, const struct serve *o,
			       struct running *r, const sigset_t *ends)
{
	int which;
	HM_TRY(read_settings(cx, o, &r->c));
	r->memory.max = (size_t)(r->c.memory ? r->c.memory : HM_MAX_HTTP_MEMORY);
	HM_TRY(hm_mkdirs(cx, r->c.data_dir, 0700));
	HM_TRY(open_access(cx, cli, r));
	HM_TRY(start_registry(cx, r));
	HM_TRY(start_gate(cx, cli, r));
	announce_listeners(cx, cli, r);
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

extern const struct cli_command cli_serve;
const struct cli_command cli_serve = {
	.name = "serve",
	.group = "Serving",
	.help = "run the registry, the gate of a cluster, or both",
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
		"Verdicts of yes outlive a restart, for an hour at most, in DATA-DIR/gate/verdicts.db. One that\n"
		"an earlier process made says so: \"kept\" in the provider's value, the audit annotation \"kept\" of\n"
		"the webhook's answer, and a line of the log with -v.\n"
		"\n"
		"With a certificate it listens with TLS (the gate with 1.3 only), and asks clients for theirs\n"
		"with --client-ca; without one, on loopback addresses only. Certificates and trust policy are\n"
		"read again when they change. A key that others than its owner can read is used, but warned of;\n"
		"one with a passphrase is refused. Flags win over the file of --config.\n"
		"\n"
		"Without TLS only requests for a loopback address, localhost or a name below it are answered,\n"
		"so that no web page can reach the server by a name of its own. What comes by another name\n"
		"(containers by host.docker.internal, an entry of /etc/hosts, a proxy that passes on the name\n"
		"it was asked for) needs --allow-host, or in hullmark.yaml \"allowHosts: [NAME]\". Nor is a web\n"
		"page of another origin answered, unless it is of such a host.\n"
		"\n"
		"hullmark.yaml, with all keys but the first optional:\n"
		"  version: 1\n"
		"  dataDir: DIR\n"
		"  memory: 128MiB          # for all requests in flight; past it they get 503\n"
		"  allowHosts: [NAME]\n"
		"  tls: {cert: FILE, key: FILE, clientCA: FILE}\n"
		"  registry:\n"
		"    listen: ADDR:PORT\n"
		"    sparse: false         # take manifests although what they name is not there\n"
		"  gate:\n"
		"    listen: ADDR:PORT\n"
		"    policies: [signed, evidence]\n"
		"    maxAge: 720h          # of the vulnerability report\n"
		"    maxSeverity: high     # the worst that is admitted\n"
		"    denyUnread: false     # deny where the report does not say that all content could be read\n"
		"    allowTags: false\n"
		"    exemptNamespaces: [NAME, NAME*]\n"
		"  revocation: {connect: 2s, ocsp: 2s, crl: 5s}   # how long to wait for who knows\n"
		"  admin: {listen: ADDR:PORT}\n"
		"  registries: [{host: NAME, plainHTTP: false, caFile: FILE}]",
	.examples = "  $ hullmark serve --registry 127.0.0.1:5000\n"
		    "  $ hullmark serve --gate :6001 --tls-cert gate.crt --tls-key gate.key",
	.opts_size = sizeof(struct serve),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(serve, admin, "admin", CLI_TEXT, 0, "ADDR:PORT",
			"where to answer /healthz, /readyz and /metrics; else the gate does"),
		CLI_OPT(serve, allow_hosts, "allow-host", CLI_LIST, 0, "NAME",
			"without TLS, answer requests for this host name too"),
		CLI_OPT(serve, client_ca, "client-ca", CLI_TEXT, 0, "FILE",
			"clients must have a certificate of this authority"),
		CLI_OPT(serve, config, "config", CLI_TEXT, 0, "FILE", "hullmark.yaml"),
		CLI_OPT(serve, data_dir, "data-dir", CLI_TEXT, 0, "DIR", "where the server's state is kept"),
		CLI_OPT(serve, gate, "gate", CLI_TEXT, 0, "ADDR:PORT", "where the gate listens"),
		CLI_OPT(serve, memory, "memory", CLI_TEXT, 0, "SIZE",
			"what all requests in flight may hold together (128MiB)"),
		CLI_OPT(serve, registry, "registry", CLI_TEXT, 0, "ADDR:PORT", "where the registry listens"),
		CLI_OPT(serve, sparse, "sparse", CLI_FLAG, 0, NULL,
			"let the registry take manifests whose blobs or manifests are not there"),
		CLI_OPT(serve, cert, "tls-cert", CLI_TEXT, 0, "FILE", "certificate chain, PEM"),
		CLI_OPT(serve, key, "tls-key", CLI_TEXT, 0, "FILE", "its private key, PEM"),
		{ 0 },
	},
	/* clang-format on */
	.run = run,
};
