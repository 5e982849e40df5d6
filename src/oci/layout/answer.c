/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a layout: by name, by digest, who refers to whom. */
#include "oci/layout/layout.h"

/* A manifest that index.json does not list itself, such as one platform's: its bytes tell what it
 * is. */
static hm_err resolve_digest(struct hm_cx *cx, struct layout *l, struct hm_str digest,
			     struct oci_descriptor *out)
{
	const struct layout_entry *e = hm_map_get(&l->snapshot.digests, digest);
	if (e) {
		*out = e->d;
		return NULL;
	}
	struct hm_str bytes;
	bool found;
	HM_TRY(oci_layout_read_manifest(cx, l, digest, &bytes, &found));
	if (!found)
		return hm_fail(cx, HM_ABSENT, "the %s has no \"%.*s\"", l->place.ops->what,
			       HM_FMT(digest));
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

static bool is_image(struct hm_cx *cx, const struct layout_entry *e, struct hm_str tag)
{
	struct hm_str full = oci_annotation_get(&e->d.annotations, OCI_IMAGE_NAME);
	if (full.n == 0)
		full = e->name;
	return full.n && same_image(cx, full, tag);
}

/* The target as it was given, without tag and digest. */
static struct hm_str place_of(struct hm_cx *cx, const struct oci_target *t)
{
	struct hm_str rest = t->text, scheme = hm_cut(&rest, ':');
	return hm_fmt(cx, "%.*s:%.*s", HM_FMT(scheme), HM_FMT(t->path));
}

/* *found becomes the entry, unless it is another manifest than before. */
static hm_err take_tagged(struct hm_cx *cx, const struct layout_entry *e, struct hm_str tag,
			  const struct layout_entry **found)
{
	if (*found && !hm_eq((*found)->d.digest, e->d.digest))
		return hm_fail(cx, HM_INPUT, "two manifests are tagged \"%.*s\"", HM_FMT(tag));
	*found = e;
	return NULL;
}

static hm_err resolve_tag(struct hm_cx *cx, const struct layout *l, struct hm_str tag,
			  struct oci_descriptor *out)
{
	const struct layout_index *x = &l->snapshot.index;
	const struct layout_entry *found = NULL;
	for (const struct layout_entry *e = hm_map_get(&l->snapshot.names, tag); e; e = e->next)
		HM_TRY(take_tagged(cx, e, tag, &found));
	for (size_t i = 0; i < x->n && l->match_image_name; i++)
		if (is_image(cx, &x->p[i], tag))
			HM_TRY(take_tagged(cx, &x->p[i], tag, &found));
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

struct resolving {
	struct hm_str reference;
	struct oci_descriptor *out;
};

static hm_err find_reference(struct hm_cx *cx, struct layout *l, const struct resolving *r,
			     struct oci_descriptor *out)
{
	enum crypto_digest alg;
	struct hm_str hex;
	if (r->reference.n == 0)
		return resolve_only(cx, l, &l->snapshot.index, out);
	if (hm_find_char(r->reference, ':') != SIZE_MAX &&
	    !oci_digest_parse(cx, r->reference, &alg, &hex))
		return resolve_digest(cx, l, r->reference, out);
	return resolve_tag(cx, l, r->reference, out);
}

static hm_err answer_resolve(struct hm_cx *cx, struct layout *l, void *arg)
{
	const struct resolving *r = arg;
	struct oci_descriptor d;
	HM_TRY(find_reference(cx, l, r, &d));
	*r->out = oci_descriptor_copy(cx, &d);
	return NULL;
}

hm_err oci_layout_resolve(struct hm_cx *cx, struct oci_place *p, struct hm_str reference,
			  struct oci_descriptor *out)
{
	struct resolving r = { reference, out };
	return oci_layout_ask(cx, (struct layout *)p, answer_resolve, &r);
}

struct referring {
	struct hm_str subject, artifact_type;
	struct place_referrers *out;
};

/* The manifest's bytes go only to who asked for its type, and will read it next. What stays as long
 * as the place is not copied. */
static hm_err add_found(struct hm_cx *cx, const struct oci_descriptor *d, bool stays,
			const struct referring *r)
{
	struct oci_descriptor found = *d;
	if (r->out->n >= HM_MAX_REFERRERS)
		return hm_fail(cx, HM_LIMIT, "more than %llu referrers",
			       (unsigned long long)HM_MAX_REFERRERS);
	if (!r->artifact_type.n || !hm_eq(d->artifact_type, r->artifact_type)) {
		found.data = HM_STR("");
		found.read = NULL;
	}
	if (!stays)
		HM_TRY(hm_charge(cx, found.data.n));
	*hm_push(cx, r->out) = stays ? found : oci_descriptor_copy(cx, &found);
	return NULL;
}

static hm_err add_referrer(struct hm_cx *cx, struct layout *l, const struct oci_descriptor *d,
			   const struct referring *r)
{
	HM_AUTO_CX one = hm_cx_child(cx, cx->budget);
	struct oci_descriptor found;
	struct oci_manifest m;
	hm_err err = oci_layout_read_referrer(&one, l, d, &found, &m);
	if (err)
		return hm_fault_copy(cx, err);
	return hm_eq(m.subject.digest, r->subject) ? add_found(cx, &found, false, r) : NULL;
}

/* A layout that was copied from a registry without the referrers API may hold the fallback tag. */
static hm_err add_fallback(struct hm_cx *cx, struct layout *l, const struct oci_descriptor *list,
			   const struct referring *r)
{
	struct hm_str bytes;
	struct oci_manifest m;
	if (!hm_eqz(list->media_type, OCI_INDEX) || hm_eq(list->digest, r->subject))
		return NULL;
	HM_TRY(oci_place_manifest_bytes(cx, &l->place, list, &bytes));
	HM_TRY(oci_manifest_parse_list(cx, bytes, list->media_type, HM_MAX_REFERRERS, &m));
	for (size_t i = 0; i < m.layers_n; i++)
		if (oci_media_type_is_manifest(m.layers[i].media_type))
			HM_TRY(add_referrer(cx, l, &m.layers[i], r));
	return NULL;
}

static hm_err answer_referrers(struct hm_cx *cx, struct layout *l, void *arg)
{
	const struct referring *r = arg;
	const struct layout_snapshot *s = &l->snapshot;
	HM_TRY(oci_layout_follow(cx, l));
	for (size_t i = 0; i < s->faults_n; i++)
		if (!hm_eq(s->faults[i].digest, r->subject))
			return hm_fault_copy(cx, s->faults[i].err);
	const struct place_referrers *all = hm_map_get(&s->subjects, r->subject);
	for (size_t i = 0; all && i < all->n; i++)
		HM_TRY(add_found(cx, &all->p[i], l->is_held, r));
	const struct layout_entry *e = hm_map_get(&s->names, oci_referrers_tag(cx, r->subject));
	for (; e; e = e->next)
		HM_TRY(add_fallback(cx, l, &e->d, r));
	return NULL;
}

hm_err oci_layout_referrers(struct hm_cx *cx, struct oci_place *p,
			    const struct oci_descriptor *subject, struct hm_str artifact_type,
			    struct place_referrers *out)
{
	/* the caller leaves out what is of another type */
	struct referring r = { subject->digest, artifact_type, out };
	return oci_layout_ask(cx, (struct layout *)p, answer_referrers, &r);
}

static hm_err answer_tags(struct hm_cx *cx, struct layout *l, void *arg)
{
	const struct layout_index *x = &l->snapshot.index;
	struct hm_strs *tags = arg;
	for (size_t i = 0; i < x->n; i++)
		if (x->p[i].name.n)
			*hm_push(cx, tags) = hm_dup(cx, x->p[i].name);
	return NULL;
}

hm_err oci_layout_tags(struct hm_cx *cx, struct oci_place *p, struct hm_strs *out)
{
	struct hm_strs tags = { 0 };
	HM_TRY(oci_layout_ask(cx, (struct layout *)p, answer_tags, &tags));
	hm_strs_sort_unique(&tags);
	*out = tags;
	return NULL;
}

hm_err oci_layout_untagged(struct hm_cx *cx, struct oci_place *p, struct place_referrers *out)
{
	struct layout_index x;
	HM_TRY(oci_layout_read_index(cx, (struct layout *)p, &x));
	for (size_t i = 0; i < x.n; i++) {
		bool there;
		if (x.p[i].name.n || !oci_media_type_is_manifest(x.p[i].d.media_type))
			continue;
		HM_TRY(oci_layout_exists(cx, p, &x.p[i].d, &there));
		if (there)
			*hm_push(cx, out) = x.p[i].d;
	}
	return NULL;
}
