/* SPDX-License-Identifier: Apache-2.0 */
/* From an image to all that refers to it. */
#include "graph/collect/walk.h"

/* ------------------------------------------------------------------ what it consists of */

static bool is_signature_type(struct hm_str t)
{
	return hm_eqz(t, TRUST_SIGNATURE_TYPE) ||
	       hm_starts(t, HM_STR("application/vnd.dev.sigstore.bundle")) ||
	       hm_eqz(t, "application/vnd.dev.cosign.artifact.sig.v1+json") ||
	       hm_eqz(t, "application/vnd.dev.cosign.artifact.att.v1+json");
}

/* Types whose content is nothing but a document of the graph. */
static bool is_document_type(struct hm_str t)
{
	static const char *const types[] = {
		"application/spdx+json",          "text/spdx+json",
		"application/vnd.cyclonedx+json", "application/vnd.cyclonedx+xml",
		"application/vnd.openvex+json",
	};
	for (size_t i = 0; i < HM_LEN(types); i++)
		if (hm_eqz(t, types[i]))
			return true;
	return false;
}

/* Could it hold one, whatever it is called? */
static bool may_be_document(struct hm_str t)
{
	return hm_ends(t, HM_STR("json")) || hm_ends(t, HM_STR("xml")) ||
	       hm_starts(t, HM_STR("text/"));
}

/* Its layers are file systems. */
static bool is_image(const struct oci_manifest *m)
{
	return graph_collect_is_config(m->config.media_type);
}

static void push_node(struct graph_collect_walk *w, const struct oci_descriptor *d,
		      const struct graph_collect_node *about, enum graph_collect_role role)
{
	struct graph_collect_node *n = hm_push(w->cx, &w->todo);
	*n = (struct graph_collect_node){
		.d = { .media_type = hm_dup(w->cx, d->media_type),
		       .digest = hm_dup(w->cx, d->digest),
		       .artifact_type = hm_dup(w->cx, d->artifact_type),
		       .size = d->size },
		.subject = { .media_type = hm_dup(w->cx, about->d.media_type),
			     .digest = hm_dup(w->cx, about->d.digest),
			     .size = about->d.size },
		.role = role,
		.depth = about->depth + 1,
	};
}

/* Of distribution-spec, "Pulling manifests". */
enum { LONGEST_TAG = 128 };

/* `cosign attach sbom` */
static hm_err push_tagged(struct hm_cx *cx, struct graph_collect_walk *w,
			  const struct graph_collect_node *n)
{
	struct oci_descriptor d;
	struct hm_str hex = n->d.digest, alg = hm_cut(&hex, ':');
	struct hm_str tag = hm_fmt(cx, "%.*s-%.*s.sbom", HM_FMT(alg), HM_FMT(hex));
	if (tag.n > LONGEST_TAG)
		return NULL;
	hm_err err = oci_resolve(cx, w->place, tag, &d);
	if (err)
		return err->code == HM_ABSENT ? NULL : err;
	if (!hm_eq(d.digest, n->d.digest)) /* as some registries answer for such tags */
		push_node(w, &d, n, GRAPH_AS_TAGGED);
	return NULL;
}

static hm_err push_referrers(struct hm_cx *cx, struct graph_collect_walk *w,
			     const struct graph_collect_node *n)
{
	struct oci_referrer_list list;
	HM_TRY_IN(cx, oci_referrers(cx, w->place, &n->d, HM_STR(""), &list),
		  "could not list what refers to it");
	if (list.n && n->depth >= HM_MAX_REFERRERS_DEPTH)
		return hm_fail(cx, HM_LIMIT, "referrers of referrers, deeper than %llu",
			       (unsigned long long)HM_MAX_REFERRERS_DEPTH);
	for (size_t i = 0; i < list.n; i++)
		if (!is_signature_type(list.p[i].artifact_type))
			push_node(w, &list.p[i], n, GRAPH_AS_REFERRER);
	return NULL;
}

/* ------------------------------------------------------------------ one manifest */

/* A registry's list is only its word: the manifest itself says what it refers to. */
static hm_err say_referrer(struct hm_cx *cx, const struct graph_collect_node *n,
			   const struct oci_manifest *m, struct graph_doc *d)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPH_KEY);
	struct json_out o = json_out(&b, false);
	if (!hm_eq(m->subject.digest, n->subject.digest))
		return hm_fail(cx, HM_INPUT, "it refers to something else");
	json_open(&o, NULL, '{');
	json_put_str(&o, "artifactType", oci_manifest_artifact_type(m));
	json_close(&o, '}');
	graph_doc_fact(cx, d,
		       &(struct graph_fact){
			       .kind = GRAPH_REFERS_TO,
			       .subject = graph_collect_artifact(cx, d, n->d.digest),
			       .object = graph_collect_artifact(cx, d, n->subject.digest),
			       .detail = graph_doc_text(cx, d, hm_buf_str(&b)) });
	return NULL;
}

/* Does the policy believe whoever signed it? Only where a signature is good can the answer be
 * yes. */
static hm_err ask_belief(struct hm_cx *cx, const struct graph_collect_walk *w,
			 const struct graph_collect_node *n,
			 const struct graph_collect_signers *signers, enum graph_belief *out)
{
	struct trust_verdict v = { 0 };
	struct trust_verify_options options = w->c->options;
	*out = w->is_asked ? GRAPH_NOT_BELIEVED : GRAPH_NOT_ASKED;
	if (!w->statement || !signers->some_good)
		return NULL;
	options.is_evidence = n->role != GRAPH_AS_IMAGE;
	hm_err err = trust_verify(cx, w->c->trust, w->place, &n->d, &options, &v);
	if (err && !graph_collect_is_broken(err))
		return err;
	if (!err && v.verified)
		*out = GRAPH_BELIEVED;
	return NULL;
}

static hm_err take_layers(struct hm_cx *cx, const struct graph_collect_walk *w,
			  const struct graph_collect_node *n, const struct oci_manifest *m,
			  struct graph_collect_payload *p)
{
	struct hm_str type = oci_manifest_artifact_type(m);
	for (size_t i = 0; i < m->layers_n && m->kind == OCI_IS_MANIFEST; i++) {
		HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
		const struct oci_descriptor *l = &m->layers[i];
		p->must = is_document_type(l->media_type) || is_document_type(type);
		p->origin = n->d.digest;
		if (!p->must && !may_be_document(l->media_type))
			continue;
		hm_err err = oci_fetch(&own, w->place, l, HM_MAX_JSON, &p->bytes);
		if (err && !graph_collect_is_broken(err))
			return hm_fault_copy(cx, err);
		if (err)
			graph_collect_refuse(&own, w, n->d.digest, err->why);
		else
			HM_TRY(graph_collect_take(cx, w, p));
	}
	return NULL;
}

static const char *format_of(const struct graph_collect_node *n, const struct oci_manifest *m)
{
	if (n->role == GRAPH_AS_REFERRER)
		return "OCI referrer";
	return m->kind == OCI_IS_INDEX ? "OCI index" : "OCI manifest";
}

/* What it says itself, and what it holds. */
static hm_err take_node(struct hm_cx *cx, struct graph_collect_walk *w,
			const struct graph_collect_node *n, const struct oci_manifest *m,
			const struct graph_collect_signers *signers, struct graph_doc *d)
{
	struct graph_collect_payload p = { 0 };
	HM_TRY(ask_belief(cx, w, n, signers, &p.belief));
	p.signer = signers->first;
	d->format = hm_cstr(format_of(n, m));
	struct graph_collect_said said = { .doc = d,
					   .origin = graph_collect_origin(cx, w, n->d.digest),
					   .digest = n->d.digest,
					   .size = m->bytes.n,
					   .signer = p.signer,
					   .belief = p.belief };
	if (n->role != GRAPH_AS_IMAGE || (m->kind == OCI_IS_MANIFEST && !is_image(m)))
		HM_TRY(take_layers(cx, w, n, m, &p));
	/* the last of it: what is known has been taken whole */
	return graph_collect_put(cx, w->c, &said);
}

static hm_err take_image(struct hm_cx *cx, struct graph_collect_walk *w,
			 const struct graph_collect_node *n, const struct oci_manifest *m,
			 struct graph_doc *d, bool *out_whole)
{
	hm_err err = graph_collect_image(cx, w, n, m, d);
	*out_whole = !err;
	return err && w->c->at_hand && err->code == HM_ABSENT ? NULL : err;
}

/* What is known is not read again, unless somebody has signed it since; but something new may refer
 * to it. */
static hm_err visit(struct hm_cx *cx, struct graph_collect_walk *w,
		    const struct graph_collect_node *n)
{
	struct oci_manifest m;
	struct graph_doc d = { 0 };
	struct graph_collect_signers signers;
	bool is_known;
	HM_TRY(graph_collect_is_known(cx, w->c, n->d.digest, &is_known));
	HM_TRY(oci_fetch_manifest(cx, w->place, &n->d, &m));
	bool is_whole = true;
	if (n->role == GRAPH_AS_IMAGE)
		HM_TRY(take_image(cx, w, n, &m, &d, &is_whole));
	if (n->role == GRAPH_AS_REFERRER)
		HM_TRY(say_referrer(cx, n, &m, &d));
	HM_TRY(graph_collect_signatures(cx, w, n, &signers));
	if (is_whole && (!is_known || signers.has_new))
		HM_TRY(take_node(cx, w, n, &m, &signers, &d));
	HM_TRY(push_referrers(cx, w, n));
	return n->role == GRAPH_AS_IMAGE ? push_tagged(cx, w, n) : NULL;
}

/* A place that has only a part may not have it. */
static bool is_elsewhere(const struct graph_collect_walk *w, hm_err err)
{
	return w->c->at_hand && err->code == HM_ABSENT;
}

static hm_err walk_all(struct graph_collect_walk *w)
{
	struct hm_cx *cx = w->cx;
	while (w->todo.n) {
		HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
		struct graph_collect_node n = w->todo.p[--w->todo.n];
		if (hm_map_has(&w->seen, n.d.digest))
			continue;
		hm_map_put(cx, &w->seen, n.d.digest, w);
		if (w->seen.n > HM_MAX_REFERRERS)
			return hm_fail(cx, HM_LIMIT, "more than %llu manifests",
				       (unsigned long long)HM_MAX_REFERRERS);
		HM_TRY(hm_alive(cx));
		hm_err err = visit(&own, w, &n);
		if (err && is_elsewhere(w, err))
			continue;
		if (err && !graph_collect_is_broken(err))
			return hm_wrap(cx, err, "\"%.*s\"", HM_FMT(n.d.digest));
		if (err)
			graph_collect_refuse(&own, w, n.d.digest, err->why);
	}
	return NULL;
}

/* ------------------------------------------------------------------ where it begins */

hm_err graph_collect_tag(struct hm_cx *cx, const struct graph_collector *c,
			 const struct oci_target *t, struct hm_str digest, struct hm_str tag)
{
	struct graph_doc d = { .format = HM_STR("OCI tag") };
	struct hm_str place = t->kind == OCI_REGISTRY ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(t->registry),
							       HM_FMT(t->repository))
						      : t->path;
	struct hm_str image = hm_fmt(cx, "%.*s:%.*s", HM_FMT(place), HM_FMT(tag));
	struct hm_str text = hm_fmt(cx, "%.*s %.*s", HM_FMT(image), HM_FMT(digest));
	struct hm_str seen = hm_fmt(cx, "{\"seen\":\"%s\"}", hm_rfc3339(cx, hm_now()).p);
	struct graph_collect_said said = { .doc = &d,
					   .origin = image,
					   .digest = crypto_digest_text(cx, CRYPTO_SHA256, text),
					   .size = text.n,
					   .is_dated = true };
	graph_doc_fact(cx, &d,
		       &(struct graph_fact){ .kind = GRAPH_TAGGED_AS,
					     .subject =
						     graph_doc_noun(cx, &d, GRAPH_IMAGE, image, 0),
					     .object = graph_collect_artifact(cx, &d, digest),
					     .detail = graph_doc_text(cx, &d, seen) });
	return graph_collect_put(cx, c, &said);
}

hm_err graph_collect(struct hm_cx *cx, const struct graph_collector *c, struct oci_place *place,
		     const struct oci_target *t, const struct oci_descriptor *root,
		     struct hm_str tag)
{
	struct graph_collect_walk w = { .cx = cx, .c = c, .place = place, .target = t };
	struct trust_terms terms;
	w.is_asked = c->trust && c->options.scope.n;
	if (w.is_asked)
		w.statement = trust_config_select(cx, c->trust, c->options.scope);
	if (w.statement) {
		trust_terms_of(cx, w.statement, &terms);
		w.is_asked = terms.level != TRUST_SKIP; /* nobody is looked at */
		w.statement = w.is_asked ? w.statement : NULL;
	}
	*hm_push(cx, &w.todo) = (struct graph_collect_node){ .d = *root };
	HM_TRY(walk_all(&w));
	return tag.n ? graph_collect_tag(cx, c, t, root->digest, tag) : NULL;
}
