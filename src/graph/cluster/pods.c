/* SPDX-License-Identifier: Apache-2.0 */
/* The table of what runs. */
#include "graph/cluster/cluster.h"
#include "graph/cluster/objects.h"

/* A row as it stands. */
struct row {
	int64_t id, artifact, since, gone;
	struct hm_str owner, host, image;
};

static hm_err read_row(struct hm_cx *cx, void *arg, const struct store_value *v)
{
	*(struct row *)arg = (struct row){ .id = v[0].number,
					   .artifact = v[1].number,
					   .since = v[2].number,
					   .gone = v[3].number,
					   .owner = hm_dup(cx, v[4].text),
					   .host = hm_dup(cx, v[5].text),
					   .image = hm_dup(cx, v[6].text) };
	return NULL;
}

static bool is_same(const struct row *a, const struct row *b)
{
	return a->artifact == b->artifact && a->since == b->since && a->gone == b->gone &&
	       hm_eq(a->owner, b->owner) && hm_eq(a->host, b->host) && hm_eq(a->image, b->image);
}

static hm_err insert(struct hm_cx *cx, struct store_use *use, const struct cluster_pods *pods,
		     const struct cluster_object *o, const struct cluster_container *c,
		     const struct row *now)
{
	int64_t id;
	HM_TRY(store_run(cx, use, "SELECT COALESCE(MAX(id), 0) + 1 FROM pod", STORE_NO_VALUES,
			 graph_one_number, &id));
	return store_run(cx, use,
			 "INSERT INTO pod (id, cluster, uid, container, namespace, name, owner, "
			 "image, artifact, host, since, gone) "
			 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
			 STORE_VALUES(store_int(id), store_text(pods->cluster), store_text(o->uid),
				      store_text(c->name), store_text(o->space),
				      store_text(o->name), store_text(now->owner),
				      store_text(now->image), store_int(now->artifact),
				      store_text(now->host), store_int(now->since),
				      store_int(now->gone)),
			 NULL, NULL);
}

static hm_err put_container(struct hm_cx *cx, struct store_use *use, struct cluster_pods *pods,
			    const struct cluster_object *o, const struct cluster_container *c,
			    struct hm_str owner)
{
	struct row was = { 0 };
	struct row now = { .since = c->since,
			   .gone = c->gone,
			   .owner = owner,
			   .host = o->node,
			   .image = c->image };
	HM_TRY(graph_make(cx, use, GRAPH_ARTIFACT, c->digest, &now.artifact));
	HM_TRY(store_run(cx, use,
			 "SELECT id, artifact, since, gone, owner, host, image FROM pod "
			 "WHERE cluster = $1 AND uid = $2 AND container = $3",
			 STORE_VALUES(store_text(pods->cluster), store_text(o->uid),
				      store_text(c->name)),
			 read_row, &was));
	pods->counts.containers += !c->gone;
	if (!was.id)
		return insert(cx, use, pods, o, c, &now);
	if (!now.since) /* it waits to be started again */
		now.since = was.since;
	if (is_same(&was, &now))
		return NULL;
	return store_run(cx, use,
			 "UPDATE pod SET artifact = $1, since = $2, gone = $3, owner = $4, "
			 "host = $5, image = $6 WHERE id = $7",
			 STORE_VALUES(store_int(now.artifact), store_int(now.since),
				      store_int(now.gone), store_text(now.owner),
				      store_text(now.host), store_text(now.image),
				      store_int(was.id)),
			 NULL, NULL);
}

static hm_err put_gone(struct hm_cx *cx, struct store_use *use, const struct cluster_pods *pods,
		       struct hm_str uid)
{
	return store_run(cx, use,
			 "UPDATE pod SET gone = $1 WHERE cluster = $2 AND uid = $3 AND gone = 0",
			 STORE_VALUES(store_int(hm_now()), store_text(pods->cluster),
				      store_text(uid)),
			 NULL, NULL);
}

hm_err graph_cluster_put(struct hm_cx *cx, struct store_use *use, struct cluster_pods *pods,
			 const struct cluster_object *o, struct hm_str workload)
{
	struct hm_str owner = hm_fmt(cx, "%.*s/%.*s/%.*s", HM_FMT(pods->cluster), HM_FMT(o->space),
				     HM_FMT(workload));
	int64_t node;
	bool runs = false;
	if (o->what == CLUSTER_GONE)
		return put_gone(cx, use, pods, o->uid);
	for (size_t i = 0; i < o->containers_n; i++) {
		const struct cluster_container *c = &o->containers[i];
		pods->counts.without_digest += !c->digest.n;
		if (!c->digest.n)
			continue;
		if (!runs)
			HM_TRY(graph_make(cx, use, GRAPH_WORKLOAD, owner, &node));
		runs = true;
		HM_TRY(put_container(cx, use, pods, o, c, owner));
	}
	pods->counts.pods += runs;
	return NULL;
}

struct running {
	struct hm_cx *cx;
	struct hm_strs uids;
	struct hm_str last;
};

static hm_err read_uid(struct hm_cx *cx, void *arg, const struct store_value *v)
{
	struct running *r = arg;
	(void)cx;
	if (hm_eq(r->last, v[0].text))
		return NULL;
	r->last = hm_dup(r->cx, v[0].text);
	*hm_push(r->cx, &r->uids) = r->last;
	return NULL;
}

hm_err graph_cluster_only(struct hm_cx *cx, struct store_use *use, struct cluster_pods *pods,
			  const struct hm_map *uids)
{
	struct running r = { .cx = cx };
	HM_TRY(store_run(cx, use,
			 "SELECT uid FROM pod WHERE cluster = $1 AND gone = 0 ORDER BY uid",
			 STORE_VALUES(store_text(pods->cluster)), read_uid, &r));
	for (size_t i = 0; i < r.uids.n; i++)
		if (!hm_map_has(uids, r.uids.p[i]))
			HM_TRY(put_gone(cx, use, pods, r.uids.p[i]));
	return NULL;
}
