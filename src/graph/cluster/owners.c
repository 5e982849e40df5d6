/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a pod is: a ReplicaSet's is its Deployment's, a Job's its CronJob's. */
#include "graph/cluster/objects.h"

#define METADATA      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
#define METADATA_LIST "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

/* What may stand between a workload and its pods. */
static const struct {
	const char *kind, *api, *plural;
} between[] = { { "ReplicaSet", "apps", "replicasets" }, { "Job", "batch", "jobs" } };

struct cluster_owner {
	struct hm_str kind, name; /* that controls it; empty: nobody does */
};

static void keep_owner(struct cluster_owners *owners, const struct cluster_object *o)
{
	struct cluster_owner *owner = hm_new(owners->cx, struct cluster_owner, 1);
	owner->kind = hm_dup(owners->cx, o->owner_kind);
	owner->name = hm_dup(owners->cx, o->owner_name);
	hm_map_put(owners->cx, &owners->at, hm_dup(owners->cx, o->uid), owner);
}

static hm_err list_kind(struct hm_cx *cx, struct cluster_api *api, struct cluster_owners *owners,
			size_t kind)
{
	struct hm_str more = HM_STR("");
	do {
		HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
		struct hm_str body;
		struct cluster_answer a;
		struct hm_str path =
			hm_fmt(&own, "/apis/%s/v1/%s?limit=500%s%.*s", between[kind].api,
			       between[kind].plural, more.n ? "&continue=" : "",
			       HM_FMT(http_escape(&own, more)));
		hm_err err = graph_cluster_get(&own, api, path, METADATA_LIST, &body);
		if (!err)
			err = graph_cluster_ask(&own, CLUSTER_LIST, body, &a);
		if (err)
			return hm_fault_copy(cx, err);
		for (size_t i = 0; i < a.objects.n; i++)
			if (a.objects.p[i].what == CLUSTER_IS && owners->at.n < HM_MAX_TAGS)
				keep_owner(owners, &a.objects.p[i]);
		more = hm_dup(cx, a.more);
	} while (more.n && !hm_alive(cx));
	return hm_alive(cx);
}

hm_err graph_cluster_list_owners(struct hm_cx *cx, struct cluster_api *api,
				 struct cluster_owners *owners)
{
	for (size_t i = 0; i < HM_LEN(between); i++) {
		hm_err err = list_kind(cx, api, owners, i);
		/* who may not list them sees the ReplicaSet or Job itself */
		if (err && err->code != HM_DENIED && err->code != HM_ABSENT)
			return err;
	}
	return NULL;
}

/* A name that may stand in a path: DNS's. */
static bool is_plain(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && s.p[i] != '-' && s.p[i] != '.')
			return false;
	return s.n && s.n <= 253 && s.p[0] != '.';
}

static hm_err ask_owner(struct hm_cx *cx, struct cluster_api *api, struct cluster_owners *owners,
			const struct cluster_object *pod, size_t kind)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct hm_str body;
	struct cluster_answer a = { 0 };
	struct hm_str path =
		hm_fmt(&own, "/apis/%s/v1/namespaces/%.*s/%s/%.*s", between[kind].api,
		       HM_FMT(pod->space), between[kind].plural, HM_FMT(pod->owner_name));
	if (!is_plain(pod->space) || !is_plain(pod->owner_name))
		return NULL;
	hm_err err = graph_cluster_get(&own, api, path, METADATA, &body);
	if (!err)
		err = graph_cluster_ask(&own, CLUSTER_OBJECT, body, &a);
	if (err && (err->code == HM_ABSENT || err->code == HM_DENIED))
		err = NULL; /* it is gone before its pods are, or not to be seen */
	if (err)
		return hm_fault_copy(cx, err);
	if (a.objects.n && hm_eq(a.objects.p[0].uid, pod->owner_uid))
		keep_owner(owners, &a.objects.p[0]);
	return NULL;
}

hm_err graph_cluster_workload(struct hm_cx *cx, struct cluster_api *api,
			      struct cluster_owners *owners, const struct cluster_object *pod,
			      struct hm_str *out)
{
	struct hm_str kind = pod->owner_kind, name = pod->owner_name;
	for (size_t i = 0; i < HM_LEN(between); i++) {
		if (!hm_eqz(kind, between[i].kind) || !pod->owner_uid.n)
			continue;
		if (!hm_map_has(&owners->at, pod->owner_uid))
			HM_TRY(ask_owner(cx, api, owners, pod, i));
		const struct cluster_owner *o = hm_map_get(&owners->at, pod->owner_uid);
		if (o && o->kind.n && o->name.n) {
			kind = o->kind;
			name = o->name;
		}
		break;
	}
	*out = kind.n && name.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(kind), HM_FMT(name))
				: hm_fmt(cx, "Pod/%.*s", HM_FMT(pod->name));
	return NULL;
}
