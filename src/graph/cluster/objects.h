/* SPDX-License-Identifier: Apache-2.0 */
/*
 * objects.h - inside graph/cluster/: objects of a Kubernetes API server, as far as they are needed.
 */
#ifndef GRAPH_CLUSTER_OBJECTS_H
#define GRAPH_CLUSTER_OBJECTS_H

#include "graph/room.h"

enum cluster_what {
	CLUSTER_IS = 'I',       /* it is there, as it says */
	CLUSTER_GONE = 'G',     /* it was deleted */
	CLUSTER_BOOKMARK = 'B', /* only a version */
	CLUSTER_ERROR = 'E',    /* of the server: `code`, and its words in `name` */
	CLUSTER_BAD = 'X'       /* no object */
};
struct cluster_container {
	struct hm_str name, image, digest; /* digest empty: none is known */
	int64_t since, gone;               /* gone 0: it runs */
};
struct cluster_object {
	enum cluster_what what;
	uint64_t code;
	struct hm_str kind, uid, space, name, version, node;
	struct hm_str owner_kind, owner_name, owner_uid; /* the one that controls it; or empty */
	struct cluster_container *containers;
	size_t containers_n;
};
/* One answer: a page of a list, lines of events, or one object. */
struct cluster_answer {
	struct hm_str version, more; /* of a list; `more`: there is another page */
	HM_VEC(struct cluster_object) objects;
};

/* Whatever is in names is text without control characters, HM_MAX_GRAPH_KEY bytes at most. */
HM_MUST hm_err graph_cluster_parse(struct hm_cx *cx, struct hm_str how, struct hm_str bytes,
				   struct cluster_answer *out);
#define CLUSTER_LIST   "list"
#define CLUSTER_EVENTS "events"
#define CLUSTER_OBJECT "object"

void graph_cluster_write(const struct cluster_answer *a, struct hm_buf *out);
/* Of a worker: untrusted. HM_INPUT. */
HM_MUST hm_err graph_cluster_read(struct hm_cx *cx, struct hm_str bytes,
				  struct cluster_answer *out);
/* In a worker, which parses; and read. */
HM_MUST hm_err graph_cluster_ask(struct hm_cx *cx, const char *how, struct hm_str bytes,
				 struct cluster_answer *out);

/* --- requests (api.c) --- */

struct cluster_api {
	const struct graph_cluster_access *access;
	struct http_client *http;
};
/* A whole answer of 200. HM_ABSENT: 404, 410. HM_DENIED: 401, 403. HM_BUSY: 429, 5xx. */
HM_MUST hm_err graph_cluster_get(struct hm_cx *cx, struct cluster_api *api, struct hm_str path,
				 const char *accept, struct hm_str *out);
/* The same, as it comes. */
HM_MUST hm_err graph_cluster_stream(struct hm_cx *cx, struct cluster_api *api, struct hm_str path,
				    hm_err (*sink)(struct hm_cx *cx, void *arg,
						   struct hm_str bytes),
				    void *arg);

/* --- whose a pod is (owners.c) --- */

struct cluster_owners {
	struct hm_cx *cx; /* their memory */
	struct hm_map at; /* uid of a ReplicaSet or Job -> struct cluster_owner */
};
HM_MUST hm_err graph_cluster_list_owners(struct hm_cx *cx, struct cluster_api *api,
					 struct cluster_owners *owners);
/* "Kind/name" of the workload; asks for an owner that is not known. */
HM_MUST hm_err graph_cluster_workload(struct hm_cx *cx, struct cluster_api *api,
				      struct cluster_owners *owners,
				      const struct cluster_object *pod, struct hm_str *out);

/* --- the table (pods.c) --- */

struct cluster_pods {
	struct hm_cx *cx; /* memory of the two below */
	struct graph *graph;
	struct hm_str cluster;
	struct graph_cluster_counts counts;
	bool is_identified; /* it has been seen which cluster this is */
};
/* What one pod is now, or that it is gone. In a transaction that writes. */
HM_MUST hm_err graph_cluster_put(struct hm_cx *cx, struct store_use *use, struct cluster_pods *pods,
				 const struct cluster_object *o, struct hm_str workload);
/* Pods of the cluster that are not among these uids are gone. */
HM_MUST hm_err graph_cluster_only(struct hm_cx *cx, struct store_use *use,
				  struct cluster_pods *pods, const struct hm_map *uids);

/* --- which cluster it is (identity.c) --- */

/* The name means the cluster that it meant before; from now on this one, where it meant none.
 * Before a list. HM_USAGE: it means another one. */
HM_MUST hm_err graph_cluster_identify(struct hm_cx *cx, struct cluster_api *api,
				      struct cluster_pods *pods);

#endif
