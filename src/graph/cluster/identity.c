/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which cluster a name means. A list says what is not there any more: one of another cluster by the
 * same name would end all that runs. A cluster has no name of its own, but the uid of its namespace
 * kube-system is as old as it is, and is taken for it everywhere (the Kubernetes documentation,
 * OpenTelemetry's k8s.cluster.uid).
 */
#include "crypto/crypto.h"
#include "graph/cluster/cluster.h"
#include "graph/cluster/objects.h"

/* As a number, for the table `state`. */
static int64_t number_of(struct hm_cx *cx, struct hm_str uid)
{
	struct hm_str digest = crypto_digest_raw(cx, CRYPTO_SHA256, uid);
	uint64_t n = 0;
	for (size_t i = 0; i < sizeof(n); i++)
		n = n << 8 | (uint8_t)digest.p[i];
	return (int64_t)(n | 1); /* 0: none */
}

/* Empty: whoever asks may not know. */
static hm_err ask_uid(struct hm_cx *cx, struct cluster_api *api, struct hm_str *out)
{
	struct cluster_answer a;
	struct hm_str body;
	*out = HM_STR("");
	hm_err err = graph_cluster_get(cx, api, HM_STR("/api/v1/namespaces/kube-system"),
				       "application/json", &body);
	if (err && (err->code == HM_DENIED || err->code == HM_ABSENT))
		return NULL;
	HM_TRY(err);
	HM_TRY(graph_cluster_ask(cx, CLUSTER_OBJECT, body, &a));
	if (a.objects.n != 1 || a.objects.p[0].what != CLUSTER_IS || !a.objects.p[0].uid.n)
		return hm_fail(cx, HM_INPUT, "the API server's kube-system has no uid");
	*out = a.objects.p[0].uid;
	return NULL;
}

hm_err graph_cluster_identify(struct hm_cx *cx, struct cluster_api *api, struct cluster_pods *pods)
{
	STORE_AUTO_USE use = NULL;
	struct hm_str uid, name = hm_fmt(cx, "cluster %.*s", HM_FMT(pods->cluster));
	int64_t known = 0;
	HM_TRY(ask_uid(cx, api, &uid));
	if (!uid.n) {
		hm_log(cx, HM_LOG_WARN,
		       "which cluster this is could not be asked: another one by its name would not "
		       "be noticed",
		       "cluster", hm_dupz(cx, pods->cluster), "try",
		       "let it get the namespace kube-system", NULL);
		return NULL;
	}
	int64_t mine = number_of(cx, uid);
	HM_TRY(store_begin(cx, pods->graph->tables, STORE_WRITE, &use));
	HM_TRY(store_run(cx, use, "SELECT value FROM state WHERE name = $1",
			 STORE_VALUES(store_text(name)), graph_one_number, &known));
	bool first = !pods->is_identified;
	pods->is_identified = true;
	if (known == mine)
		return NULL;
	if (known && !(first && api->access->is_anew))
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE,
				       "the graph knows another cluster by the name \"%.*s\"",
				       HM_FMT(pods->cluster)),
			       "--cluster NAME calls this one otherwise; --anew: it has taken the "
			       "place of that one");
	HM_TRY(store_run(cx, use,
			 "INSERT INTO state (name, value) VALUES ($1, $2) "
			 "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
			 STORE_VALUES(store_text(name), store_int(mine)), NULL, NULL));
	return store_commit(cx, use);
}
