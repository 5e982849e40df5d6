/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/record.h"

#include "oci/keep.h"

/* ------------------------------------------------------------------ as a place */

struct record_place {
	struct oci_place place;
	struct oci_record *record;
};

static struct oci_record *record_of(struct oci_place *p)
{
	return ((struct record_place *)p)->record;
}

static hm_err fail_absent(struct hm_cx *cx, struct hm_str what)
{
	return hm_fail(cx, HM_ABSENT, "\"%.*s\" is not at hand", HM_FMT(what));
}

static bool is_of(const struct oci_recorded *one, const struct oci_target *t)
{
	return one->target.kind == t->kind && hm_eq(one->target.registry, t->registry) &&
	       hm_eq(one->target.repository, t->repository) && hm_eq(one->target.path, t->path);
}

/* A manifest that was fetched earlier, and says itself what it is. */
static hm_err find_fetched(struct hm_cx *cx, const struct oci_place *p, struct hm_str digest,
			   struct oci_descriptor *out)
{
	struct hm_str bytes = { "", 0 }, type, hex;
	enum crypto_digest alg;
	HM_TRY(oci_digest_parse(cx, digest, &alg, &hex));
	if (p->cache)
		HM_TRY(hm_cache_get(cx, p->cache, digest, HM_MAX_CACHED, &bytes));
	type = oci_manifest_sniff(cx, bytes);
	if (!bytes.n || oci_digest_check(cx, digest, bytes) || !oci_media_type_is_manifest(type))
		return fail_absent(cx, digest);
	*out = (struct oci_descriptor){ .media_type = type, .digest = digest, .size = bytes.n };
	return NULL;
}

static hm_err resolve(struct hm_cx *cx, struct oci_place *p, struct hm_str reference,
		      struct oci_descriptor *out)
{
	const struct oci_record *r = record_of(p);
	bool by_digest = hm_find_char(reference, ':') != SIZE_MAX;
	for (size_t i = r->all.n; i-- > 0;) {
		const struct oci_recorded *one = &r->all.p[i];
		if (!is_of(one, &p->target) ||
		    !hm_eq(by_digest ? one->d.digest : one->tag, reference))
			continue;
		*out = one->d;
		return NULL;
	}
	return by_digest ? find_fetched(cx, p, reference, out) : fail_absent(cx, reference);
}

static hm_err fetch(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		    bool manifest, struct oci_sink sink)
{
	const struct hm_str *bytes = hm_map_get(&record_of(p)->blobs, d->digest);
	(void)manifest;
	return bytes ? sink.add(cx, sink.arg, *bytes) : fail_absent(cx, d->digest);
}

static hm_err exists(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		     bool *out)
{
	(void)cx;
	*out = hm_map_has(&record_of(p)->blobs, d->digest);
	return NULL;
}

static hm_err list_referrers(struct hm_cx *cx, struct oci_place *p,
			     const struct oci_descriptor *subject, struct hm_str artifact_type,
			     struct place_referrers *out)
{
	const struct oci_record *r = record_of(p);
	for (size_t i = 0; i < r->all.n; i++) {
		const struct oci_recorded *one = &r->all.p[i];
		const struct hm_str *bytes = hm_map_get(&r->blobs, one->d.digest);
		struct oci_manifest m;
		if (!bytes || !is_of(one, &p->target) ||
		    oci_manifest_parse(cx, *bytes, one->d.media_type, &m) ||
		    !hm_eq(m.subject.digest, subject->digest))
			continue;
		struct oci_descriptor d = oci_manifest_descriptor(&m, one->d.digest);
		if (!artifact_type.n || hm_eq(d.artifact_type, artifact_type))
			*hm_push(cx, out) = d;
	}
	return NULL;
}

static const struct oci_ops record_ops = {
	.what = "record",
	.resolve = resolve,
	.fetch = fetch,
	.exists = exists,
	.referrers = list_referrers,
};

void oci_record_open(struct oci_record *r, const struct oci_access *access,
		     const struct oci_target *t, struct oci_place **out)
{
	struct record_place *p = oci_place_new(t, &record_ops, OCI_READ, sizeof(*p));
	p->record = r;
	p->place.cache = access ? access->cache : NULL;
	*out = &p->place;
}
