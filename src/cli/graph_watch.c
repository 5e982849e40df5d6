/* SPDX-License-Identifier: Apache-2.0 */
/* `graph watch`: what runs in a cluster. */
#include "cli/graph.h"

struct graph_watch {
	struct cli_graph graph;
	const char *kubeconfig, *context, *cluster;
	bool once, anew;
};

struct watched {
	const struct graph_cluster_access *access;
	struct graph_cluster_counts counts;
};

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct watched *w = data;
	(void)cx;
	json_put_str(o, "cluster", w->access->name);
	json_put_str(o, "server", w->access->server);
	json_put_str(o, "resourceVersion", w->counts.version);
	json_put_int(o, "pods", (int64_t)w->counts.pods);
	json_put_int(o, "containers", (int64_t)w->counts.containers);
	json_put_int(o, "withoutDigest", (int64_t)w->counts.without_digest);
	json_put_int(o, "refused", (int64_t)w->counts.refused);
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct watched *w = data;
	(void)cx, (void)format;
	hm_buf_safe(out, w->access->name);
	hm_buf_fmt(out, ": %zu pods, %zu containers run", w->counts.pods, w->counts.containers);
	if (w->counts.without_digest)
		hm_buf_fmt(out, ", %zu have no digest of an image", w->counts.without_digest);
	if (w->counts.refused)
		hm_buf_fmt(out, ", %zu objects cannot be read", w->counts.refused);
	hm_buf_char(out, '\n');
	return NULL;
}

static const struct cli_answer answer = { .schema = "hullmark.graph-watch/1",
					  .describe = describe,
					  .write = write_table };

static void end_access(struct graph_cluster_access *a)
{
	graph_cluster_access_done(a);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct graph_watch *o = opts;
	CLI_AUTO_GRAPH g = NULL;
	struct cli_outputs outputs;
	HM_CLEANUP(end_access) struct graph_cluster_access a = { .files = { -1, -1, -1 } };
	(void)args, (void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->graph.output, &outputs));
	if (o->context && !o->kubeconfig)
		return hm_fail(cx, HM_USAGE, "--context is of a kubeconfig");
	if (o->kubeconfig)
		HM_TRY(graph_cluster_kubeconfig(cx, o->kubeconfig, o->context, o->cluster, &a));
	else
		HM_TRY(graph_cluster_inside(cx, o->cluster, &a));
	a.http.offline = cli->offline;
	a.is_anew = o->anew;
	HM_TRY(cli_graph_open(cx, &o->graph, &g));
	if (!o->once) {
		cli_graph_until_told(cx);
		return graph_cluster_follow(cx, g, &a);
	}
	struct watched w = { .access = &a };
	HM_TRY(graph_cluster_list(cx, g, &a, &w.counts));
	return cli_answer_write(cx, &outputs, &answer, &w);
}

extern const struct cli_command cli_graph_watch;
const struct cli_command cli_graph_watch = {
	.name = "graph watch",
	.group = "Graph",
	.args = "",
	.help = "follow what runs in a Kubernetes cluster",
	.about =
		"Lists the pods of a cluster, and follows them until it is interrupted: which image runs, by its digest,\n"
		"in which container of which workload (a ReplicaSet's Deployment, a Job's CronJob), on which node, since\n"
		"when; and of what is gone, until when. Questions with --running ask for that. It survives restarts of\n"
		"both sides: what changed meanwhile is seen in the next list. With --once it lists, and ends.\n"
		"\n"
		"A name means one cluster, by the uid of its namespace kube-system; another one by that name is refused,\n"
		"so that neither ends what runs in the other. --anew says that it has taken the other's place.\n"
		"\n"
		"How the API server is reached a kubeconfig says: its current context, or --context; with a client\n"
		"certificate, a token or a tokenFile. What would run a program (exec, auth-provider) is refused. Without\n"
		"--kubeconfig it is the service account of the pod that this runs in; deploy/kubernetes has its role.\n"
		"\n"
		"The JSON (hullmark.graph-watch/1, with --once) has \"cluster\", \"server\", \"resourceVersion\", \"pods\" and\n"
		"\"containers\" (that run), \"withoutDigest\" (containers whose image has none: they are left out) and\n"
		"\"refused\" (objects that cannot be read).",
	.examples = "  $ hullmark graph watch --kubeconfig ~/.kube/config --cluster production\n",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct graph_watch),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(graph_watch, anew, "anew", CLI_FLAG, 0, NULL, "it has taken the place of another cluster of its name, in which nothing runs any more"),
		CLI_OPT(graph_watch, cluster, "cluster", CLI_TEXT, 0, "NAME", "what the cluster is called in the graph; as the kubeconfig calls it if not given"),
		CLI_OPT(graph_watch, context, "context", CLI_TEXT, 0, "NAME", "the context of the kubeconfig"),
		CLI_GRAPH_PLACE_IN(graph_watch, graph),
		CLI_OPT(graph_watch, kubeconfig, "kubeconfig", CLI_TEXT, 0, "FILE", "how the API server is reached; the service account of this pod if not given"),
		CLI_OPT(graph_watch, once, "once", CLI_FLAG, 0, NULL, "list what runs now, and end"),
		CLI_OUTPUT(graph_watch, graph.output),
		{ 0 },
	},
	/* clang-format on */
	.run = run,
};
