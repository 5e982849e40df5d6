/* SPDX-License-Identifier: Apache-2.0 */
/* Clusters that the service follows, as `graph watch` does. */
#include "cli/service.h"
#include "cli/service_graph.h"

enum { CLUSTERS_MAX = 64 };

static hm_err read_cluster(struct hm_cx *cx, struct json entry, struct graph_cluster_told *out)
{
	static const char *const known[] = { "kubeconfig", "context", "inCluster", "name", NULL };
	if (!json_is_object(entry))
		return hm_fail(cx, HM_INPUT, "an entry is not a mapping");
	HM_TRY(json_only(cx, entry, known));
	HM_TRY(cli_serve_read_string(cx, entry, "kubeconfig", &out->kubeconfig));
	HM_TRY(cli_serve_read_string(cx, entry, "context", &out->context));
	HM_TRY(cli_serve_read_string(cx, entry, "name", &out->name));
	HM_TRY(cli_serve_read_bool(cx, entry, "inCluster", &out->inside));
	if (!out->kubeconfig == !out->inside)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE, "an entry does not say which cluster it is"),
			       "{kubeconfig: FILE, context: NAME} or {inCluster: true}");
	return out->context && !out->kubeconfig
		       ? hm_fail(cx, HM_USAGE, "\"context\" is of a kubeconfig")
		       : NULL;
}

hm_err cli_graph_read_clusters(struct hm_cx *cx, struct json section,
			       struct graph_clusters_told *out)
{
	struct json list = json_get(section, "clusters");
	if (!json_is_there(list))
		return NULL;
	if (!json_is_array(list))
		return hm_fail(cx, HM_INPUT, "it is not a list");
	if (json_size(list) > CLUSTERS_MAX)
		return hm_fail(cx, HM_LIMIT, "more than %d clusters", CLUSTERS_MAX);
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY(read_cluster(cx, it.value, hm_push(cx, out)));
	return NULL;
}

static hm_err open_access(struct hm_cx *cx, const struct graph_cluster_told *told,
			  struct graph_cluster_access *out)
{
	*out = (struct graph_cluster_access){ .files = { -1, -1, -1 } };
	return told->kubeconfig ? graph_cluster_kubeconfig(cx, told->kubeconfig, told->context,
							   told->name, out)
				: graph_cluster_inside(cx, told->name, out);
}

/* Two clusters of one name would each end what runs in the other. */
static hm_err refuse_twins(struct hm_cx *cx, const struct graph_service *g, struct hm_str name)
{
	for (size_t i = 0; i + 1 < g->accesses_n; i++)
		if (hm_eq(g->accesses[i].name, name))
			return hm_hint(cx,
				       hm_fail(cx, HM_USAGE, "two clusters are called \"%.*s\"",
					       HM_FMT(name)),
				       "give each a name of its own: name: NAME");
	return NULL;
}

hm_err cli_graph_follow(struct hm_cx *cx, const struct graph_clusters_told *told,
			struct graph_service *g)
{
	if (!told->n)
		return NULL;
	g->accesses = hm_new(cx, struct graph_cluster_access, told->n);
	for (size_t i = 0; i < told->n; i++) {
		struct graph_cluster_access *a = &g->accesses[g->accesses_n++];
		HM_TRY_IN(cx, open_access(cx, &told->p[i], a), "\"graph\": \"clusters\"");
		HM_TRY_IN(cx, refuse_twins(cx, g, a->name), "\"graph\": \"clusters\"");
	}
	return graph_clusters_start(cx, g->graph, g->accesses, g->accesses_n, &g->clusters);
}

void cli_graph_follow_no_more(struct graph_service *g)
{
	graph_clusters_stop(g->clusters);
	g->clusters = NULL;
	for (size_t i = 0; i < g->accesses_n; i++)
		graph_cluster_access_done(&g->accesses[i]);
	g->accesses_n = 0;
}

/* ------------------------------------------------------------------ what is told of them */

/* Who reads /metrics and /readyz has not said who that is: where reading the graph needs a login, a
 * cluster is its place in the configuration. */
static struct hm_str name_publicly(struct hm_cx *cx, const struct graph_service *g, size_t i)
{
	return g->login->to_read ? hm_fmt(cx, "%zu", i + 1) : g->accesses[i].name;
}

/* A label's value (Prometheus' text format). */
static void put_label(struct hm_buf *out, struct hm_str value)
{
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\\' || value.p[i] == '"')
			hm_buf_char(out, '\\');
		hm_buf_char(out, value.p[i]);
	}
}

static void put_gauge(const struct graph_service *g, const char *name, const char *help,
		      int64_t (*value)(const struct graph_cluster_state *s), struct hm_buf *out)
{
	hm_buf_fmt(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
	for (size_t i = 0; i < g->accesses_n; i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct graph_cluster_state s = graph_clusters_state(&cx, g->clusters, i);
		hm_buf_fmt(out, "%s{cluster=\"", name);
		put_label(out, name_publicly(&cx, g, i));
		hm_buf_fmt(out, "\"} %lld\n", (long long)value(&s));
	}
}

static int64_t is_followed(const struct graph_cluster_state *s)
{
	return s->is_followed;
}

static int64_t when_heard(const struct graph_cluster_state *s)
{
	return s->heard;
}

static int64_t how_often_failed(const struct graph_cluster_state *s)
{
	return (int64_t)s->faults;
}

static int64_t how_many_pods(const struct graph_cluster_state *s)
{
	return (int64_t)s->pods;
}

void cli_graph_put_clusters(const struct graph_service *g, struct hm_buf *out)
{
	if (!g->clusters)
		return;
	put_gauge(g, "hullmark_graph_cluster_followed", "Is what runs there followed?", is_followed,
		  out);
	put_gauge(g, "hullmark_graph_cluster_heard_seconds",
		  "When the API server answered the last time, since 1970.", when_heard, out);
	put_gauge(g, "hullmark_graph_cluster_faults", "How often that broke off.", how_often_failed,
		  out);
	put_gauge(g, "hullmark_graph_cluster_pods", "Pods in its last list.", how_many_pods, out);
}

/* The service answers questions all the same: it is ready, and says what it does not see. */
void cli_graph_put_unfollowed(const struct graph_service *g, struct hm_buf *out)
{
	for (size_t i = 0; g->clusters && i < g->accesses_n; i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct graph_cluster_state s = graph_clusters_state(&cx, g->clusters, i);
		if (s.is_followed)
			continue;
		hm_buf_addz(out, "graph: the cluster \"");
		hm_buf_safe(out, name_publicly(&cx, g, i));
		hm_buf_addz(out, "\" is not followed now: ");
		hm_buf_safe(out, !s.why.n            ? HM_STR("it was not heard of yet")
				 : g->login->to_read ? HM_STR("the log says why")
						     : s.why);
		hm_buf_char(out, '\n');
	}
}
