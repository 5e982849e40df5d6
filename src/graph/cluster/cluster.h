/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cluster.h - what runs in a Kubernetes cluster, kept in the graph as it changes.
 *
 * Pods are listed, and then watched from that version on, with bookmarks; where the server has
 * forgotten the version (410) they are listed again. The table `pod` has a row for each container
 * that has an image's digest: in which workload, where, since when, until when. What the API server
 * says is parsed in a worker; the graph keeps nothing of a pod but that.
 *
 * Source: kubernetes.io, "Kubernetes API Concepts" and "Organizing Cluster Access Using kubeconfig
 * Files".
 */
#ifndef GRAPH_CLUSTER_CLUSTER_H
#define GRAPH_CLUSTER_CLUSTER_H

#include "http/http.h"

struct graph; /* graph.h */

/* How an API server is reached. */
struct graph_cluster_access {
	struct hm_str name;      /* of the cluster, in the graph */
	struct hm_str server;    /* https://HOST:PORT, without a slash behind it */
	struct http_config http; /* CA, client certificate */
	struct hm_secret token;  /* or empty */
	bool is_anew;            /* it has taken the place of another cluster of this name */
	const char *token_file;  /* read again for each request; NULL: none */
	int files[3];            /* in memory, whose paths http has; -1: none */
};
/* Of a kubeconfig: the context, or its current one (NULL); `name`: what the cluster is called, or
 * NULL: as the file calls it. HM_INPUT: damaged, or it wants what is refused here: a program that
 * gives credentials (exec, auth-provider), a proxy. HM_ABSENT. To be ended by
 * graph_cluster_access_done(). */
HM_MUST hm_err graph_cluster_kubeconfig(struct hm_cx *cx, const char *path, const char *context,
					const char *name, struct graph_cluster_access *out);
/* Of a pod: its service account. HM_ABSENT: this is none. */
HM_MUST hm_err graph_cluster_inside(struct hm_cx *cx, const char *name,
				    struct graph_cluster_access *out);
void graph_cluster_access_done(struct graph_cluster_access *a);

struct graph_cluster_counts {
	struct hm_str version;   /* up to which the graph follows */
	size_t pods, containers; /* that run */
	size_t without_digest;   /* containers whose image has none: they are not in the graph */
	size_t refused;          /* objects that are none */
};
/* Once: list all pods, and make the table so. */
HM_MUST hm_err graph_cluster_list(struct hm_cx *cx, struct graph *g,
				  const struct graph_cluster_access *a,
				  struct graph_cluster_counts *out);
/* Follow it until cancelled; only a cluster that says no (HM_DENIED) at once, or access that is not
 * valid, ends it with a fault, and what does not answer is asked again. */
HM_MUST hm_err graph_cluster_follow(struct hm_cx *cx, struct graph *g,
				    const struct graph_cluster_access *a);

/* Several, each on a thread of its own, as long as a service runs. */
struct graph_clusters;
HM_MUST hm_err graph_clusters_start(struct hm_cx *cx, struct graph *g,
				    const struct graph_cluster_access *all, size_t n,
				    struct graph_clusters **out);
void graph_clusters_stop(struct graph_clusters *c); /* NULL is allowed */
/* How it is with one of them; texts in cx. From any thread. */
struct graph_cluster_state {
	bool is_followed;        /* the last answer of its API server was a good one */
	int64_t heard;           /* of which it came; seconds since 1970; 0: none yet */
	uint64_t faults;         /* since the beginning */
	size_t pods, containers; /* in its last list */
	struct hm_str why;       /* the last fault; empty: none */
};
struct graph_cluster_state graph_clusters_state(struct hm_cx *cx, struct graph_clusters *c,
						size_t which);

/* For the table of jobs of main(). */
#define GRAPH_CLUSTER_JOB "graph-cluster"
HM_MUST hm_err graph_cluster_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);

#endif
