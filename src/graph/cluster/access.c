/* SPDX-License-Identifier: Apache-2.0 */
/* How an API server is reached: by a kubeconfig, or from a pod. */
#include <sys/mman.h>
#include <unistd.h>

#include "codec/base64.h"
#include "codec/yaml.h"
#include "graph/cluster/cluster.h"

#define ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount/"

/* Of the file that is read: its folder, for paths in it, and memory that is a secret's. */
struct reading {
	struct hm_cx *own;
	struct hm_str folder;
	struct graph_cluster_access *out;
};

void graph_cluster_access_done(struct graph_cluster_access *a)
{
	for (size_t i = 0; i < HM_LEN(a->files); i++)
		if (a->files[i] >= 0)
			close(a->files[i]);
	hm_secret_done(&a->token);
}

static void init_access(struct graph_cluster_access *a)
{
	*a = (struct graph_cluster_access){ .files = { -1, -1, -1 } };
}

static struct hm_str text(struct json object, const char *key)
{
	return json_str(json_get(object, key));
}

/* The entry of a list of {name, WHAT: {...}}. */
static struct json find_named(struct json doc, const char *list, const char *what,
			      struct hm_str name)
{
	for (struct json_iter it = json_iter(json_get(doc, list)); json_next(&it);)
		if (hm_eq(text(it.value, "name"), name))
			return json_get(it.value, what);
	return (struct json){ 0 };
}

/* libcurl takes paths: what stands in the kubeconfig itself lies in memory, which no other user can
 * open. */
static hm_err keep_in_memory(struct hm_cx *cx, struct reading *r, size_t which, struct hm_str data,
			     const char **out)
{
	struct hm_str bytes;
	HM_TRY(base64_parse(r->own, BASE64_STD, data, &bytes));
	int fd = memfd_create("hullmark", MFD_CLOEXEC);
	if (fd < 0)
		return hm_fail_os(cx, "could not keep it in memory");
	r->out->files[which] = fd;
	for (size_t at = 0; at < bytes.n;) {
		ssize_t n = write(fd, bytes.p + at, bytes.n - at);
		if (n < 0)
			return hm_fail_os(cx, "could not keep it in memory");
		at += (size_t)n;
	}
	*out = hm_fmt(cx, "/proc/self/fd/%d", fd).p;
	return NULL;
}

/* "KEY-data" in base64 wins over the path "KEY", as kubectl has it. */
static hm_err read_file_of(struct hm_cx *cx, struct reading *r, struct json object, const char *key,
			   size_t which, const char **out)
{
	struct hm_str path = text(object, key);
	struct hm_str data = text(object, hm_fmt(r->own, "%s-data", key).p);
	if (data.n) {
		hm_err err = keep_in_memory(cx, r, which, data, out);
		return err ? hm_wrap(cx, hm_fault_copy(cx, err), "\"%s-data\"", key) : NULL;
	}
	if (path.n)
		*out = path.p[0] == '/' ? hm_dupz(cx, path)
					: hm_path(cx, hm_dupz(cx, r->folder), hm_dupz(cx, path));
	return NULL;
}

/* What would run a program, or send what is asked elsewhere. */
static hm_err refuse_unknown(struct hm_cx *cx, struct json cluster, struct json user)
{
	static const struct {
		const char *key, *why;
	} refused[] = {
		{ "exec", "a program that gives credentials is not run; use a token, tokenFile or "
			  "a client certificate" },
		{ "auth-provider", "providers of credentials are not supported; use a token, "
				   "tokenFile or a client certificate" },
		{ "username", "passwords are not supported; use a token, tokenFile or a client "
			      "certificate" },
		{ "as", "impersonation is not supported" },
	};
	for (size_t i = 0; i < HM_LEN(refused); i++)
		if (json_is_there(json_get(user, refused[i].key)))
			return hm_fail(cx, HM_INPUT, "\"user.%s\": %s", refused[i].key,
				       refused[i].why);
	if (text(cluster, "proxy-url").n)
		return hm_fail(cx, HM_INPUT,
			       "\"cluster.proxy-url\" is not supported; set "
			       "HTTPS_PROXY");
	return NULL;
}

/* The certificate must be for another name than the address has. */
static hm_err use_server_name(struct hm_cx *cx, struct graph_cluster_access *a, struct hm_str name)
{
	struct http_url u;
	if (!name.n)
		return NULL;
	HM_TRY(http_url_parse(cx, a->server, &u));
	bool v6 = hm_find_char(u.host, ':') != SIZE_MAX;
	*hm_push(cx, &a->http.connect_to) =
		hm_fmt(cx, "%.*s:%u:%s%.*s%s:%u", HM_FMT(name), u.port, v6 ? "[" : "",
		       HM_FMT(u.host), v6 ? "]" : "", u.port);
	a->server = hm_fmt(cx, "https://%.*s:%u", HM_FMT(name), u.port);
	return NULL;
}

static hm_err read_server(struct hm_cx *cx, struct reading *r, struct json cluster)
{
	struct graph_cluster_access *a = r->out;
	struct http_url u;
	struct hm_str server = text(cluster, "server");
	if (hm_ends(server, HM_STR("/")))
		server.n--;
	a->server = hm_dup(cx, server);
	HM_TRY_IN(cx, http_url_parse(cx, a->server, &u), "\"cluster.server\"");
	if (!hm_eqz(u.scheme, "https"))
		return hm_fail(cx, HM_INPUT, "\"cluster.server\" is not an https address");
	a->http.insecure = json_bool(json_get(cluster, "insecure-skip-tls-verify"));
	HM_TRY(read_file_of(cx, r, cluster, "certificate-authority", 0, &a->http.ca_file));
	return use_server_name(cx, a, text(cluster, "tls-server-name"));
}

static hm_err read_user(struct hm_cx *cx, struct reading *r, struct json user)
{
	struct graph_cluster_access *a = r->out;
	struct hm_str token = text(user, "token"), file = text(user, "tokenFile");
	HM_TRY(read_file_of(cx, r, user, "client-certificate", 1, &a->http.cert_file));
	HM_TRY(read_file_of(cx, r, user, "client-key", 2, &a->http.key_file));
	if (!a->http.cert_file != !a->http.key_file)
		return hm_fail(cx, HM_INPUT,
			       "\"user\" has one of client-certificate and client-key");
	if (file.n)
		a->token_file = file.p[0] == '/'
					? hm_dupz(cx, file)
					: hm_path(cx, hm_dupz(cx, r->folder), hm_dupz(cx, file));
	else if (token.n)
		a->token = hm_secret_of(token);
	return NULL;
}

static hm_err read_config(struct hm_cx *cx, struct reading *r, const char *path,
			  const char *context, const char *name)
{
	struct hm_str bytes;
	struct json doc;
	HM_TRY(hm_read_file(r->own, path, HM_MAX_MANIFEST, &bytes));
	HM_TRY(yaml_parse(r->own, bytes, &doc));
	struct hm_str current = context ? hm_cstr(context) : text(doc, "current-context");
	struct json at = find_named(doc, "contexts", "context", current);
	if (!json_is_object(at))
		return hm_fail(cx, HM_INPUT, "there is no context \"%.*s\"", HM_FMT(current));
	struct hm_str called = text(at, "cluster");
	struct json cluster = find_named(doc, "clusters", "cluster", called);
	struct json user = find_named(doc, "users", "user", text(at, "user"));
	if (!json_is_object(cluster))
		return hm_fail(cx, HM_INPUT, "there is no cluster \"%.*s\"", HM_FMT(called));
	r->out->name = hm_dup(cx, name ? hm_cstr(name) : called);
	HM_TRY(refuse_unknown(cx, cluster, user));
	HM_TRY(read_server(cx, r, cluster));
	return read_user(cx, r, user);
}

static hm_err check_name(struct hm_cx *cx, struct hm_str name)
{
	if (name.n && name.n <= 253 && hm_is_utf8(name) && !hm_has_control(name) &&
	    hm_find_char(name, '/') == SIZE_MAX)
		return NULL;
	return hm_hint(cx,
		       hm_fail(cx, HM_INPUT, "\"%.*s\" is not a name of a cluster", HM_FMT(name)),
		       "give --cluster NAME");
}

hm_err graph_cluster_kubeconfig(struct hm_cx *cx, const char *path, const char *context,
				const char *name, struct graph_cluster_access *out)
{
	HM_AUTO_CX own = hm_secret_cx(cx, 64 * HM_MIB);
	struct graph_cluster_access a;
	struct reading r = { &own, hm_dup(cx, hm_dirname(hm_cstr(path))), &a };
	init_access(&a);
	if (!r.folder.n)
		r.folder = HM_STR(".");
	hm_err err = read_config(cx, &r, path, context, name);
	if (!err)
		err = check_name(cx, a.name);
	if (err) {
		graph_cluster_access_done(&a);
		return hm_wrap(cx, hm_fault_copy(cx, err), "kubeconfig \"%s\"", path);
	}
	*out = a;
	return NULL;
}

hm_err graph_cluster_inside(struct hm_cx *cx, const char *name, struct graph_cluster_access *out)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST");
	const char *port = getenv("KUBERNETES_SERVICE_PORT");
	struct graph_cluster_access a;
	struct http_url u;
	init_access(&a);
	if (!host || !port || !hm_exists(ACCOUNT "token"))
		return hm_hint(cx,
			       hm_fail(cx, HM_ABSENT, "this is not a pod with a service account"),
			       "give --kubeconfig FILE");
	bool v6 = strchr(host, ':') != NULL;
	a.server = hm_fmt(cx, "https://%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", port);
	HM_TRY_IN(cx, http_url_parse(cx, a.server, &u), "KUBERNETES_SERVICE_HOST");
	a.name = hm_dup(cx, hm_cstr(name ? name : "cluster"));
	a.http.ca_file = ACCOUNT "ca.crt";
	a.token_file = ACCOUNT "token";
	HM_TRY(check_name(cx, a.name));
	*out = a;
	return NULL;
}
