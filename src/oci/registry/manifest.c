/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry/registry.h"

#include <unistd.h>

/* ---- small manifests in memory; which repository has them is its rows' to say */

static bool kept_get(struct hm_cx *cx, struct oci_registry *r, struct hm_str digest,
		     struct hm_str *out)
{
	size_t i = hm_hash(digest) % MANIFEST_SLOTS;
	pthread_mutex_lock(&r->kept_lock);
	bool hit = hm_eqz(digest, r->kept[i].digest);
	if (hit)
		*out = hm_dup(cx, hm_buf_str(&r->kept[i].bytes));
	pthread_mutex_unlock(&r->kept_lock);
	return hit;
}

static void kept_put(struct oci_registry *r, struct hm_str digest, struct hm_str bytes)
{
	size_t i = hm_hash(digest) % MANIFEST_SLOTS;
	if (bytes.n > MANIFEST_KEPT || digest.n >= sizeof(r->kept[i].digest))
		return;
	pthread_mutex_lock(&r->kept_lock);
	hm_buf_clear(&r->kept[i].bytes);
	r->kept[i].bytes.max = MANIFEST_KEPT;
	hm_buf_add(&r->kept[i].bytes, bytes);
	memcpy(r->kept[i].digest, digest.p, digest.n);
	r->kept[i].digest[digest.n] = '\0';
	pthread_mutex_unlock(&r->kept_lock);
}

/* ---- reading */

static hm_err answer_unknown(struct hm_cx *cx, struct registry_request *q)
{
	return oci_registry_error(cx, q, 404, "MANIFEST_UNKNOWN",
				  "the repository has no such manifest");
}

static hm_err answer_manifest(struct hm_cx *cx, struct registry_request *q,
			      const struct registry_entry *e, struct hm_str bytes)
{
	struct http_state now = { .exists = true, .etag = oci_registry_etag(cx, e->d.digest) };
	enum http_condition c = http_exchange_condition(q->x, &now);
	http_exchange_add_header(q->x, "Docker-Content-Digest", e->d.digest);
	http_exchange_add_header(q->x, "ETag", now.etag);
	if (c != HTTP_GO_ON)
		return oci_registry_conditional(cx, q, c);
	return http_exchange_answer(cx, q->x, 200, hm_dupz(cx, e->d.media_type), bytes);
}

bool oci_registry_manifest_fast(struct hm_cx *cx, struct registry_request *q)
{
	struct hm_str bytes;
	if (!hm_eqz(q->method, "GET") && !hm_eqz(q->method, "HEAD"))
		return false;
	struct registry_entry e;
	return oci_registry_find_fast(cx, q->r, q->path.name, q->path.reference, &e) &&
	       kept_get(cx, q->r, e.d.digest, &bytes) && !answer_manifest(cx, q, &e, bytes);
}

static hm_err get_manifest(struct hm_cx *cx, struct registry_request *q)
{
	struct hm_str bytes;
	struct registry_found found;
	HM_TRY(oci_registry_find(cx, q->r, q->path.name, q->path.reference, &found));
	if (!found.repo)
		return oci_registry_error(cx, q, 404, "NAME_UNKNOWN",
					  "there is no such repository");
	if (!found.there)
		return answer_unknown(cx, q);
	struct hm_str digest = found.e.d.digest;
	if (!kept_get(cx, q->r, digest, &bytes)) {
		HM_TRY(hm_read_file(cx, oci_registry_blob_path(cx, q->r, q->path.name, digest),
				    HM_MAX_MANIFEST, &bytes));
		HM_TRY(oci_digest_check(cx, digest, bytes));
		kept_put(q->r, digest, bytes);
	}
	return answer_manifest(cx, q, &found.e, bytes);
}

/* ---- writing */

static bool has_blob(struct hm_cx *cx, struct registry_request *q, const struct oci_descriptor *d)
{
	return hm_exists(oci_registry_blob_path(cx, q->r, q->path.name, d->digest));
}

/* What the manifest names and the repository has not; empty: nothing. */
static struct hm_str find_missing_blob(struct hm_cx *cx, struct registry_request *q,
				       const struct oci_manifest *m)
{
	if (q->r->sparse)
		return (struct hm_str){ "", 0 };
	if (m->kind == OCI_IS_MANIFEST && !has_blob(cx, q, &m->config))
		return m->config.digest;
	for (size_t i = 0; i < m->layers_n; i++)
		if (!oci_media_type_is_foreign(m->layers[i].media_type) &&
		    !has_blob(cx, q, &m->layers[i]))
			return m->layers[i].digest;
	return (struct hm_str){ "", 0 };
}

/* The bytes are flushed, the name is not: oci_registry_blob_add() links the file under its digest,
 * and what a crash leaves in uploads/ is removed at the next start. */
static hm_err write_unnamed(struct hm_cx *cx, const char *path, struct hm_str bytes)
{
	HM_AUTO_NEWFILE f = { .fd = -1 };
	HM_TRY(hm_newfile_open(cx, path, 0644, &f));
	f.name_later = true;
	HM_TRY(hm_write_all(cx, f.fd, path, bytes));
	return hm_newfile_commit(cx, &f);
}

static hm_err store_manifest(struct hm_cx *cx, struct registry_request *q,
			     struct registry_change *c, struct hm_str bytes)
{
	struct hm_str noise = http_exchange_id(q->x), hex = c->put->digest;
	hm_cut(&hex, ':');
	/* named by content and request: two puts of the same do not meet */
	c->file = hm_dupz(cx, hm_fmt(cx, "%s/manifest-%.*s-%.*s-%p", q->r->uploads_dir,
				     HM_FMT(hm_sub(hex, 0, 32)), HM_FMT(noise), (void *)q));
	hm_err err = write_unnamed(cx, c->file, bytes);
	if (!err)
		err = oci_registry_repo_change(cx, q->r, c);
	unlink(c->file);
	if (!err && !c->refused)
		kept_put(q->r, c->put->digest, bytes);
	return err;
}

static hm_err answer_accepted(struct hm_cx *cx, struct registry_request *q,
			      const struct registry_change *c, const struct oci_manifest *m)
{
	struct hm_str digest = c->put->digest;
	http_exchange_add_header(q->x, "Location",
				 hm_fmt(cx, "/v2/%.*s/manifests/%.*s", HM_FMT(q->path.name),
					HM_FMT(digest)));
	http_exchange_add_header(q->x, "Docker-Content-Digest", digest);
	http_exchange_add_header(q->x, "ETag", oci_registry_etag(cx, digest));
	if (m->subject.digest.n)
		http_exchange_add_header(q->x, "OCI-Subject", m->subject.digest);
	/* distribution-spec 1.2, "Pushing Manifests with Tags": those that the query asked for */
	bool by_digest = hm_eq(c->reference, digest);
	for (size_t i = 0; by_digest && i < c->tags.n; i++)
		http_exchange_add_header(q->x, "OCI-Tag", c->tags.p[i]);
	return oci_registry_empty(cx, q, 201);
}

/* The tags that a manifest gets: the one in the path, or by digest those of ?tag=. Zero, or the
 * status to refuse them with. */
static int wanted_tags(struct hm_cx *cx, struct registry_request *q, bool by_digest,
		       struct hm_strs *out)
{
	struct hm_strs given = { 0 };
	if (!by_digest) {
		*hm_push(cx, out) = q->path.reference;
		return 0;
	}
	http_exchange_queries(cx, q->x, "tag", &given);
	if (given.n > HM_MAX_PUT_TAGS)
		return 414;
	for (size_t i = 0; i < given.n; i++) {
		if (!oci_tag_is_valid(given.p[i]))
			return 400;
		if (!hm_strs_has(out, given.p[i]))
			*hm_push(cx, out) = given.p[i];
	}
	return 0;
}

static hm_err put_parsed(struct hm_cx *cx, struct registry_request *q, const struct oci_manifest *m,
			 bool by_digest)
{
	enum crypto_digest alg = CRYPTO_SHA256;
	struct hm_str hex, lacks = find_missing_blob(cx, q, m), reference = q->path.reference;
	struct registry_change c = { .name = q->path.name, .reference = reference, .x = q->x };
	int refused = wanted_tags(cx, q, by_digest, &c.tags);
	if (refused)
		return oci_registry_error(cx, q, refused, "TAG_INVALID",
					  refused == 414 ? "more tags than one request may give"
							 : "a tag is not well-formed");
	if (lacks.n)
		return oci_registry_error(
			cx, q, 404, "MANIFEST_BLOB_UNKNOWN",
			hm_fmt(cx, "the repository does not have %.*s, which the manifest names",
			       HM_FMT(lacks))
				.p);
	if (by_digest)
		HM_TRY(oci_digest_parse(cx, reference, &alg, &hex));
	struct hm_str digest = crypto_digest_text(cx, alg, m->bytes);
	if (by_digest && !hm_eq(digest, reference))
		return oci_registry_error(cx, q, 400, "DIGEST_INVALID",
					  "the manifest does not have the digest of its path");
	struct oci_descriptor d = { .media_type = m->media_type,
				    .digest = digest,
				    .size = m->bytes.n,
				    .artifact_type = m->artifact_type };
	c.put = &d;
	HM_TRY(store_manifest(cx, q, &c, m->bytes));
	if (q->r->pushed && !c.refused)
		q->r->pushed(q->r->pushed_arg,
			     &(struct oci_registry_push){ c.name, digest, &c.tags });
	return c.refused ? oci_registry_conditional(cx, q, HTTP_STATE_DIFFERS)
			 : answer_accepted(cx, q, &c, m);
}

static hm_err put_manifest(struct hm_cx *cx, struct registry_request *q, bool by_digest)
{
	struct hm_str bytes, type = http_exchange_header(q->x, "content-type");
	struct oci_manifest m;
	hm_err err = http_exchange_body(cx, q->x, HM_MAX_MANIFEST, &bytes);
	if (err && err->code == HM_LIMIT)
		return oci_registry_error(cx, q, 413, "SIZE_INVALID", err->why);
	HM_TRY(err);
	type = hm_trim(hm_sub(type, 0, hm_find_char(type, ';')));
	err = oci_manifest_parse(cx, bytes, type, &m);
	/* as other registries do since they were withdrawn */
	if (!err && oci_media_type_is_artifact(m.media_type))
		err = hm_fail(cx, HM_INPUT, "manifest: media type \"%s\" is not taken any more",
			      OCI_ARTIFACT);
	if (err)
		return oci_registry_error(cx, q, err->code == HM_LIMIT ? 413 : 400,
					  "MANIFEST_INVALID", err->why);
	return put_parsed(cx, q, &m, by_digest);
}

static hm_err delete_manifest(struct hm_cx *cx, struct registry_request *q)
{
	struct registry_change c = { .name = q->path.name,
				     .reference = q->path.reference,
				     .x = q->x };
	HM_TRY(oci_registry_repo_change(cx, q->r, &c));
	if (c.refused)
		return oci_registry_conditional(cx, q, HTTP_STATE_DIFFERS);
	return c.was_there ? oci_registry_empty(cx, q, 202) : answer_unknown(cx, q);
}

hm_err oci_registry_manifest(struct hm_cx *cx, struct registry_request *q)
{
	enum crypto_digest alg;
	struct hm_str hex;
	bool by_digest = hm_find_char(q->path.reference, ':') != SIZE_MAX;
	bool reads = hm_eqz(q->method, "GET") || hm_eqz(q->method, "HEAD");
	if (by_digest && oci_digest_parse(cx, q->path.reference, &alg, &hex))
		return oci_registry_error(cx, q, 400, "DIGEST_INVALID",
					  "the digest is not well-formed");
	if (!by_digest && !oci_tag_is_valid(q->path.reference))
		return reads ? answer_unknown(cx, q)
			     : oci_registry_error(cx, q, 400, "MANIFEST_INVALID",
						  "the tag is not well-formed");
	if (reads)
		return get_manifest(cx, q);
	return hm_eqz(q->method, "PUT") ? put_manifest(cx, q, by_digest) : delete_manifest(cx, q);
}
