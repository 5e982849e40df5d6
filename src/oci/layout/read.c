/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layout/layout.h"

static hm_err read_whole(struct hm_cx *cx, struct layout *l, const char *path, size_t max,
			 struct hm_str *out, bool *out_found)
{
	EXTENT_AUTO e = { .fd = -1 };
	bool found;
	HM_TRY(l->file(cx, l, path, &e, &found));
	if (found) {
		if (e.size > max)
			return hm_fail(cx, HM_LIMIT, "\"%s\" is larger than %zu bytes", path, max);
		struct memory m = { .buf = HM_BUF(max) };
		hm_err err = oci_extent_to_sink(cx, e, oci_memory_sink(&m));
		if (!err)
			*out = hm_dup(cx, hm_buf_str(&m.buf));
		hm_buf_done(&m.buf);
		HM_TRY(err);
	}
	*out_found = found;
	return NULL;
}

hm_err oci_layout_read_index(struct hm_cx *cx, struct layout *l, struct layout_index *out)
{
	struct hm_str bytes;
	bool found;
	HM_TRY(read_whole(cx, l, "index.json", HM_MAX_LAYOUT_INDEX, &bytes, &found));
	if (!found)
		return hm_fail(cx, HM_INPUT, "the layout has no index.json");
	return oci_layout_index_parse(cx, bytes, out);
}

static const char *blob_path(struct hm_cx *cx, struct hm_str digest)
{
	struct hm_str hex = digest, alg = hm_cut(&hex, ':');
	return hm_fmt(cx, "blobs/%.*s/%.*s", HM_FMT(alg), HM_FMT(hex)).p;
}

static hm_err find_blob(struct hm_cx *cx, struct layout *l, struct hm_str digest,
			struct extent *out, bool *out_found)
{
	enum crypto_digest alg;
	struct hm_str hex;
	HM_TRY(oci_digest_parse(cx, digest, &alg, &hex));
	return l->file(cx, l, blob_path(cx, digest), out, out_found);
}

hm_err oci_layout_blob(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		       struct extent *out)
{
	EXTENT_AUTO e = { .fd = -1 };
	bool found;
	HM_TRY(find_blob(cx, (struct layout *)p, d->digest, &e, &found));
	if (!found)
		return hm_fail(cx, HM_ABSENT, "the %s has no \"%.*s\"", p->ops->what,
			       HM_FMT(d->digest));
	if (e.size != d->size)
		return hm_fail(cx, HM_TRUST,
			       "\"%.*s\" has %llu bytes instead of the %llu that were announced",
			       HM_FMT(d->digest), (unsigned long long)e.size,
			       (unsigned long long)d->size);
	*out = e;
	e.owned = false;
	return NULL;
}

hm_err oci_layout_exists(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			 bool *out)
{
	EXTENT_AUTO e = { .fd = -1 };
	bool found;
	HM_TRY(find_blob(cx, (struct layout *)p, d->digest, &e, &found));
	*out = found && e.size == d->size;
	return NULL;
}

/* A manifest that index.json does not list itself, such as one platform's: its bytes tell what it
 * is. */
static hm_err resolve_digest(struct hm_cx *cx, struct layout *l, const struct layout_index *x,
			     struct hm_str digest, struct oci_descriptor *out)
{
	for (size_t i = 0; i < x->n; i++) {
		if (!hm_eq(x->p[i].d.digest, digest))
			continue;
		*out = x->p[i].d;
		return NULL;
	}
	enum crypto_digest alg;
	struct hm_str hex, bytes;
	bool found;
	HM_TRY(oci_digest_parse(cx, digest, &alg, &hex));
	HM_TRY(read_whole(cx, l, blob_path(cx, digest), HM_MAX_MANIFEST, &bytes, &found));
	if (!found)
		return hm_fail(cx, HM_ABSENT, "the %s has no \"%.*s\"", l->place.ops->what,
			       HM_FMT(digest));
	HM_TRY(oci_digest_check(cx, digest, bytes));
	struct hm_str type = oci_manifest_sniff(cx, bytes);
	*out = (struct oci_descriptor){
		.media_type = type.n ? type : HM_STR("application/octet-stream"),
		.digest = hm_dup(cx, digest),
		.size = bytes.n,
	};
	return NULL;
}

/* "docker.io/library/alpine:3" for "alpine:3". */
static bool same_image(struct hm_cx *cx, struct hm_str a, struct hm_str b)
{
	struct oci_target x, y;
	if (oci_target_parse(cx, a, &x) || oci_target_parse(cx, b, &y))
		return false;
	return hm_eq(x.registry, y.registry) && hm_eq(x.repository, y.repository) &&
	       hm_eq(x.tag, y.tag);
}

static bool is_named(struct hm_cx *cx, const struct layout *l, const struct layout_entry *e,
		     struct hm_str tag)
{
	if (hm_eq(e->name, tag))
		return true;
	struct hm_str full = oci_annotation_get(&e->d.annotations, OCI_IMAGE_NAME);
	if (full.n == 0)
		full = e->name;
	return l->match_image_name && full.n && same_image(cx, full, tag);
}

/* The target as it was given, without tag and digest. */
static struct hm_str place_of(struct hm_cx *cx, const struct oci_target *t)
{
	struct hm_str rest = t->text, scheme = hm_cut(&rest, ':');
	return hm_fmt(cx, "%.*s:%.*s", HM_FMT(scheme), HM_FMT(t->path));
}

static hm_err resolve_tag(struct hm_cx *cx, const struct layout *l, const struct layout_index *x,
			  struct hm_str tag, struct oci_descriptor *out)
{
	const struct layout_entry *found = NULL;
	for (size_t i = 0; i < x->n; i++) {
		const struct layout_entry *e = &x->p[i];
		if (!is_named(cx, l, e, tag))
			continue;
		if (found && !hm_eq(found->d.digest, e->d.digest))
			return hm_fail(cx, HM_INPUT, "two manifests are tagged \"%.*s\"",
				       HM_FMT(tag));
		found = e;
	}
	if (!found)
		return hm_hint(cx,
			       hm_fail(cx, HM_ABSENT, "the %s has no tag \"%.*s\"",
				       l->place.ops->what, HM_FMT(tag)),
			       "hullmark repo tags %.*s (lists what there is)",
			       HM_FMT(hm_shell_word(cx, place_of(cx, &l->place.target))));
	*out = found->d;
	return NULL;
}

/* Evidence is listed beside its subject without being what a target without a tag means. */
static hm_err is_referrer(struct hm_cx *cx, struct layout *l, const struct oci_descriptor *d,
			  bool *out)
{
	struct oci_manifest m;
	if (!oci_media_type_is_manifest(d->media_type)) {
		*out = true;
		return NULL;
	}
	HM_TRY(oci_fetch_manifest(cx, &l->place, d, &m));
	*out = m.subject.digest.n > 0;
	return NULL;
}

static hm_err resolve_only(struct hm_cx *cx, struct layout *l, const struct layout_index *x,
			   struct oci_descriptor *out)
{
	const struct layout_entry *found = NULL;
	for (int tagged = 1; tagged >= 0 && !found; tagged--) {
		for (size_t i = 0; i < x->n; i++) {
			const struct layout_entry *e = &x->p[i];
			bool referrer = false;
			if ((e->name.n > 0) != tagged ||
			    (found && hm_eq(found->d.digest, e->d.digest)))
				continue;
			if (x->n > 1)
				HM_TRY(is_referrer(cx, l, &e->d, &referrer));
			if (referrer || hm_starts(e->name, HM_STR("sha256-")))
				continue;
			if (found)
				return hm_hint(cx,
					       hm_fail(cx, HM_USAGE, "the %s holds several images",
						       l->place.ops->what),
					       "name one by its tag or digest");
			found = e;
		}
	}
	if (!found)
		return hm_fail(cx, HM_ABSENT, "the %s holds no image", l->place.ops->what);
	*out = found->d;
	return NULL;
}

hm_err oci_layout_resolve(struct hm_cx *cx, struct oci_place *p, struct hm_str reference,
			  struct oci_descriptor *out)
{
	struct layout *l = (struct layout *)p;
	struct layout_index x;
	HM_TRY(oci_layout_read_index(cx, l, &x));
	if (reference.n == 0)
		return resolve_only(cx, l, &x, out);
	if (hm_find_char(reference, ':') != SIZE_MAX) {
		enum crypto_digest alg;
		struct hm_str hex;
		hm_err not_digest = oci_digest_parse(cx, reference, &alg, &hex);
		if (!not_digest)
			return resolve_digest(cx, l, &x, reference, out);
	}
	return resolve_tag(cx, l, &x, reference, out);
}

/* One listed manifest: a referrer when its bytes say so. */
static hm_err add_referrer(struct hm_cx *cx, struct layout *l, const struct oci_descriptor *d,
			   struct hm_str subject, struct place_referrers *out)
{
	HM_AUTO_CX one = hm_cx_child(cx, cx->budget);
	struct oci_manifest m;
	bool there = false;
	hm_err err = oci_layout_exists(&one, &l->place, d, &there);
	if (!err && there)
		err = oci_fetch_manifest(&one, &l->place, d, &m);
	if (err)
		return hm_fault_copy(cx, err);
	if (!there || !hm_eq(m.subject.digest, subject))
		return NULL;
	if (out->n >= HM_MAX_REFERRERS)
		return hm_fail(cx, HM_LIMIT, "more than %llu referrers",
			       (unsigned long long)HM_MAX_REFERRERS);
	struct oci_descriptor found = oci_manifest_descriptor(&m, d->digest);
	*hm_push(cx, out) = oci_descriptor_copy(cx, &found);
	return NULL;
}

/* A layout that was copied from a registry without the referrers API may hold the fallback tag. */
static hm_err add_fallback(struct hm_cx *cx, struct layout *l, const struct oci_descriptor *list,
			   struct hm_str subject, struct place_referrers *out)
{
	struct hm_str bytes;
	struct oci_manifest m;
	if (!hm_eqz(list->media_type, OCI_INDEX) || hm_eq(list->digest, subject))
		return NULL;
	HM_TRY(oci_place_manifest_bytes(cx, &l->place, list, &bytes));
	HM_TRY(oci_manifest_parse_list(cx, bytes, list->media_type, HM_MAX_REFERRERS, &m));
	for (size_t i = 0; i < m.layers_n; i++)
		if (oci_media_type_is_manifest(m.layers[i].media_type))
			HM_TRY(add_referrer(cx, l, &m.layers[i], subject, out));
	return NULL;
}

hm_err oci_layout_referrers(struct hm_cx *cx, struct oci_place *p,
			    const struct oci_descriptor *subject, struct hm_str artifact_type,
			    struct place_referrers *out)
{
	struct layout *l = (struct layout *)p;
	struct layout_index x;
	(void)artifact_type; /* filtered by the caller, after the manifests were read */
	HM_TRY(oci_layout_read_index(cx, l, &x));
	struct hm_str fallback = oci_referrers_tag(cx, subject->digest);
	for (size_t i = 0; i < x.n; i++) {
		const struct oci_descriptor *d = &x.p[i].d;
		if (hm_eq(x.p[i].name, fallback))
			HM_TRY(add_fallback(cx, l, d, subject->digest, out));
		else if (oci_media_type_is_manifest(d->media_type) &&
			 !hm_eq(d->digest, subject->digest))
			HM_TRY(add_referrer(cx, l, d, subject->digest, out));
	}
	return NULL;
}

hm_err oci_layout_tags(struct hm_cx *cx, struct oci_place *p, struct hm_strs *out)
{
	struct layout_index x;
	struct hm_strs tags = { 0 };
	HM_TRY(oci_layout_read_index(cx, (struct layout *)p, &x));
	for (size_t i = 0; i < x.n; i++)
		if (x.p[i].name.n)
			*hm_push(cx, &tags) = x.p[i].name;
	hm_strs_sort_unique(&tags);
	*out = tags;
	return NULL;
}
