/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/oci.h"

#include <stdlib.h>

#include "oci/ops.h"

enum { BLOBS_AT_ONCE = 4, BLOB_BUDGET = 64 << 20, SMALL_BLOB = 1 << 20 };

/* One manifest on its way: its children come before it in the order of pushing. */
struct node {
	struct oci_descriptor d;
	struct hm_str bytes;
	uint64_t depth;           /* of indexes within indexes */
	uint64_t referrers_depth; /* of referrers of referrers */
	bool child;               /* only reached through an index */
	struct hm_str tag;        /* that it is to have; empty: none */
	size_t rank;              /* the longest way from the root: higher ones are pushed first */
};

/* What must be pushed before what: nodes by their index. */
struct edge {
	size_t parent;
	struct hm_str child;
};

struct copy {
	struct oci_place *from, *to;
	struct hm_progress *bar;
	HM_VEC(struct node) nodes; /* parents before children */
	HM_VEC(struct oci_descriptor) blobs;
	struct hm_map seen; /* digests of nodes and blobs */
	HM_VEC(struct edge) edges;
};

static bool is_new(struct hm_cx *cx, struct copy *c, struct hm_str digest)
{
	void **slot = hm_map_slot(cx, &c->seen, digest);
	bool fresh = *slot == NULL;
	*slot = c;
	return fresh;
}

static hm_err too_deep(struct hm_cx *cx, const char *what, uint64_t most)
{
	return hm_fail(cx, HM_LIMIT, "%s, deeper than %llu", what, (unsigned long long)most);
}

static void add_blob(struct hm_cx *cx, struct copy *c, const struct oci_descriptor *d)
{
	if (is_new(cx, c, d->digest))
		*hm_push(cx, &c->blobs) = *d;
}

static hm_err add_children(struct hm_cx *cx, struct copy *c, size_t at,
			   const struct oci_manifest *m)
{
	if (m->kind == OCI_IS_MANIFEST) {
		if (m->config.digest.n)
			add_blob(cx, c, &m->config);
		for (size_t i = 0; i < m->layers_n; i++)
			if (!oci_media_type_is_foreign(m->layers[i].media_type))
				add_blob(cx, c, &m->layers[i]);
		return NULL;
	}
	struct node parent = c->nodes.p[at]; /* the vector moves */
	if (parent.depth >= HM_MAX_INDEX_DEPTH)
		return too_deep(cx, "indexes within indexes", HM_MAX_INDEX_DEPTH);
	for (size_t i = 0; i < m->layers_n; i++) {
		const struct oci_descriptor *d = &m->layers[i];
		if (!oci_media_type_is_manifest(d->media_type)) {
			add_blob(cx, c, d);
			continue;
		}
		*hm_push(cx, &c->edges) = (struct edge){ at, d->digest };
		if (is_new(cx, c, d->digest))
			*hm_push(cx, &c->nodes) = (struct node){
				.d = *d,
				.depth = parent.depth + 1,
				.referrers_depth = parent.referrers_depth,
				.child = true,
			};
	}
	return NULL;
}

static hm_err add_referrers(struct hm_cx *cx, struct copy *c, size_t at)
{
	struct oci_referrer_list all;
	struct node subject = c->nodes.p[at];
	HM_TRY(oci_referrers(cx, c->from, &subject.d, HM_STR(""), &all));
	if (all.unread)
		return hm_fail(cx, HM_INPUT, "\"%.*s\": %.*s", HM_FMT(subject.d.digest),
			       HM_FMT(oci_unread_text(cx, &all)));
	for (size_t i = 0; i < all.n; i++) {
		*hm_push(cx, &c->edges) = (struct edge){ at, all.p[i].digest };
		if (!is_new(cx, c, all.p[i].digest))
			continue;
		if (subject.referrers_depth >= HM_MAX_REFERRERS_DEPTH)
			return too_deep(cx, "referrers of referrers", HM_MAX_REFERRERS_DEPTH);
		*hm_push(cx, &c->nodes) =
			(struct node){ .d = all.p[i],
				       .referrers_depth = subject.referrers_depth + 1 };
	}
	return NULL;
}

/* What Cosign keeps under tags that follow from the subject's digest: signatures, attestations, an
 * SBOM. They refer to nothing, so that no list of referrers has them. */
static hm_err add_tagged(struct hm_cx *cx, struct copy *c, size_t at)
{
	static const char *const kinds[] = { "sig", "att", "sbom" };
	struct hm_str digest = c->nodes.p[at].d.digest; /* the vector moves */
	for (size_t i = 0; i < HM_LEN(kinds); i++) {
		struct oci_descriptor d;
		struct hm_str tag =
			hm_fmt(cx, "%.*s.%s", HM_FMT(oci_referrers_tag(cx, digest)), kinds[i]);
		hm_err err = oci_resolve(cx, c->from, tag, &d);
		if (err && err->code == HM_ABSENT)
			continue;
		HM_TRY(err);
		*hm_push(cx, &c->edges) = (struct edge){ at, d.digest };
		if (is_new(cx, c, d.digest))
			*hm_push(cx, &c->nodes) =
				(struct node){ .d = d, .referrers_depth = 1, .tag = tag };
	}
	return NULL;
}

/* Everything that is to be copied. What has been seen is not walked again, so that loops end. */
static hm_err walk_graph(struct hm_cx *cx, struct copy *c, bool referrers)
{
	for (size_t i = 0; i < c->nodes.n; i++) {
		struct node *n = &c->nodes.p[i];
		struct oci_manifest m;
		if (c->nodes.n + c->blobs.n + c->edges.n > HM_MAX_COPY_NODES)
			return hm_fail(cx, HM_LIMIT, "more than %llu objects to copy",
				       (unsigned long long)HM_MAX_COPY_NODES);
		HM_TRY(oci_fetch_manifest(cx, c->from, &n->d, &m));
		n->bytes = m.bytes;
		if (m.subject.digest.n)
			n->child = false; /* a layout finds it in its list only */
		HM_TRY(add_children(cx, c, i, &m));
		bool is_image = !c->nodes.p[i].referrers_depth;
		if (referrers)
			HM_TRY(add_referrers(cx, c, i));
		if (referrers && is_image)
			HM_TRY(add_tagged(cx, c, i));
	}
	return NULL;
}

struct counted {
	struct http_body from;
	struct hm_progress *bar;
};

static hm_err count_sent_bytes(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	struct counted *c = arg;
	HM_TRY(c->from.read(cx, c->from.arg, room, n, out_n));
	hm_progress_add(c->bar, *out_n);
	return NULL;
}

static hm_err count_rewind(struct hm_cx *cx, void *arg)
{
	struct counted *c = arg;
	return c->from.rewind(cx, c->from.arg);
}

static hm_err send_blob(struct hm_cx *cx, struct copy *c, const struct oci_descriptor *d,
			struct http_body from)
{
	struct counted counted = { from, c->bar };
	/* copy_blob() has asked whether it is there */
	return oci_place_push_blob(cx, c->to, d,
				   (struct http_body){ .size = from.size,
						       .read = count_sent_bytes,
						       .rewind = count_rewind,
						       .arg = &counted });
}

/* What only arrives is spooled and verified before any of it is sent on. */
static hm_err relay_blob(struct hm_cx *cx, struct copy *c, const struct oci_descriptor *d)
{
	if (d->size <= SMALL_BLOB) {
		struct hm_str bytes;
		HM_TRY(oci_fetch(cx, c->from, d, SMALL_BLOB, &bytes));
		struct bytes_body b = { bytes, 0 };
		return send_blob(cx, c, d, oci_bytes_body(&b));
	}
	HM_AUTO_FD fd = -1;
	HM_TRY(hm_temp_fd(cx, &fd));
	HM_TRY(oci_fetch_to(cx, c->from, d, oci_file_sink(&fd)));
	struct extent e = { .fd = fd, .size = d->size, .name = "a temporary file" };
	return send_blob(cx, c, d, oci_extent_body(&e));
}

/* Configurations and documents, where somebody wants to read again what is pushed. */
static hm_err record_small(struct hm_cx *cx, struct copy *c, const struct oci_descriptor *d)
{
	struct hm_str bytes;
	if (!c->to->record || d->size > OCI_RECORD_STREAM)
		return NULL;
	HM_TRY(oci_fetch(cx, c->from, d, OCI_RECORD_STREAM, &bytes));
	oci_record_blob(c->to, d->digest, bytes);
	return NULL;
}

static hm_err copy_blob(struct hm_cx *cx, void *arg, size_t i)
{
	struct copy *c = arg;
	const struct oci_descriptor *d = &c->blobs.p[i];
	bool there;
	HM_TRY_IN(cx, record_small(cx, c, d), "blob \"%.*s\"", HM_FMT(d->digest));
	HM_TRY_IN(cx, oci_exists(cx, c->to, d, &there), "blob \"%.*s\"", HM_FMT(d->digest));
	if (!there && c->to->ops->mount && c->to->ops == c->from->ops)
		HM_TRY_IN(cx, c->to->ops->mount(cx, c->to, c->from, d, &there), "blob \"%.*s\"",
			  HM_FMT(d->digest));
	if (there) {
		hm_progress_add(c->bar, d->size);
		return NULL;
	}
	if (!c->from->ops->open) {
		HM_TRY_IN(cx, relay_blob(cx, c, d), "blob \"%.*s\"", HM_FMT(d->digest));
		return NULL;
	}
	EXTENT_AUTO e = { .fd = -1 };
	HM_TRY_IN(cx, c->from->ops->open(cx, c->from, d, &e), "blob \"%.*s\"", HM_FMT(d->digest));
	HM_TRY_IN(cx, send_blob(cx, c, d, oci_extent_body(&e)), "blob \"%.*s\"", HM_FMT(d->digest));
	return NULL;
}

hm_err oci_copy_blobs(struct hm_cx *cx, struct oci_place *from, const struct oci_descriptor *blobs,
		      size_t n, struct oci_place *to, struct hm_progress *bar)
{
	struct copy c = { .from = from, .to = to, .bar = bar };
	for (size_t i = 0; i < n; i++)
		add_blob(cx, &c, &blobs[i]);
	return hm_parallel(cx, c.blobs.n, to->at_once ? to->at_once : BLOBS_AT_ONCE, BLOB_BUDGET,
			   copy_blob, &c);
}

static int by_rank(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;
	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	return x < y ? -1 : x > y;
}

/*
 * Children before parents, and referrers before subjects too: a subject is never tagged without the
 * evidence that was to come with it. A list that lies can claim a loop; the rounds end it.
 */
static void rank_nodes(struct hm_cx *cx, struct copy *c, struct node ***out)
{
	struct hm_map by_digest = { 0 };
	struct node **order = hm_new(cx, struct node *, c->nodes.n);
	for (size_t i = 0; i < c->nodes.n; i++) {
		hm_map_put(cx, &by_digest, c->nodes.p[i].d.digest, &c->nodes.p[i]);
		order[i] = &c->nodes.p[i];
	}
	bool moved = true;
	for (uint64_t round = 0; moved && round < HM_MAX_INDEX_DEPTH + HM_MAX_REFERRERS_DEPTH + 1;
	     round++) {
		moved = false;
		for (size_t i = 0; i < c->edges.n; i++) {
			size_t least = c->nodes.p[c->edges.p[i].parent].rank + 1;
			struct node *child = hm_map_get(&by_digest, c->edges.p[i].child);
			if (child && child->rank < least) {
				child->rank = least;
				moved = true;
			}
		}
	}
	qsort(order, c->nodes.n, sizeof(struct node *), by_rank);
	*out = order;
}

hm_err oci_copy(struct hm_cx *cx, struct oci_place *from, const struct oci_descriptor *d,
		struct oci_place *to, const struct oci_copy_options *o)
{
	struct copy c = { .from = from, .to = to, .bar = o->bar };
	if (!to->ops->push_manifest || to->mode != OCI_WRITE)
		return hm_fail(cx, HM_USAGE, "\"%.*s\" cannot be written to",
			       HM_FMT(to->target.text));
	(void)is_new(cx, &c, d->digest);
	*hm_push(cx, &c.nodes) = (struct node){ .d = *d };
	c.nodes.p[0].tag = o->tag;
	c.nodes.p[0].child = o->is_child;
	HM_TRY(walk_graph(cx, &c, o->referrers));
	unsigned at_once = to->at_once ? to->at_once : BLOBS_AT_ONCE;
	HM_TRY(hm_parallel(cx, c.blobs.n, at_once, BLOB_BUDGET, copy_blob, &c));
	struct node **order;
	rank_nodes(cx, &c, &order);
	for (size_t i = 0; i < c.nodes.n; i++) {
		const struct node *n = order[i];
		HM_TRY_IN(cx,
			  oci_place_push_copy(cx, to, &n->d, n->bytes, n->tag,
					      n->child ? PLACE_CHILD : PLACE_LISTED),
			  "manifest \"%.*s\"", HM_FMT(n->d.digest));
	}
	return NULL;
}
