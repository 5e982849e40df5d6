/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/subjects.h"

#include "trust/trust.h"

struct walk {
	struct oci_place *place;
	struct hm_map seen;
	struct trust_subjects found; /* each before those that it leads to */
	struct trust_subjects later; /* what is about something: mostly found from there */
};

static hm_err add_subject(struct hm_cx *cx, struct walk *w, const struct oci_descriptor *d)
{
	if (hm_map_has(&w->seen, d->digest))
		return NULL;
	hm_map_put(cx, &w->seen, d->digest, w);
	if (w->found.n >= HM_MAX_REFERRERS)
		return hm_fail(cx, HM_LIMIT, "there are more than %llu manifests",
			       (unsigned long long)HM_MAX_REFERRERS);
	*hm_push(cx, &w->found) = (struct oci_descriptor){ .media_type = d->media_type,
							   .artifact_type = d->artifact_type,
							   .digest = d->digest,
							   .size = d->size };
	return NULL;
}

static hm_err add_children(struct hm_cx *cx, struct walk *w, const struct oci_descriptor *d)
{
	struct oci_manifest m;
	if (!oci_media_type_is_index(d->media_type))
		return NULL;
	HM_TRY(oci_fetch_manifest(cx, w->place, d, &m));
	for (size_t i = 0; i < m.layers_n; i++) {
		bool there;
		/* an index may list what nobody pushed */
		HM_TRY(oci_exists(cx, w->place, &m.layers[i], &there));
		if (there)
			HM_TRY(add_subject(cx, w, &m.layers[i]));
	}
	return NULL;
}

static hm_err add_referrers(struct hm_cx *cx, struct walk *w, const struct oci_descriptor *d)
{
	struct oci_referrer_list list;
	HM_TRY(oci_referrers(cx, w->place, d, HM_STR(""), &list));
	if (list.unread)
		return hm_fail(cx, HM_INPUT, "%.*s", HM_FMT(oci_unread_text(cx, &list)));
	for (size_t i = 0; i < list.n; i++)
		if (!hm_eqz(list.p[i].artifact_type, TRUST_SIGNATURE_TYPE))
			HM_TRY(add_subject(cx, w, &list.p[i]));
	return NULL;
}

/* Everything that is reached from w->found.p[from] and those behind it. */
static hm_err follow(struct hm_cx *cx, struct walk *w, size_t from)
{
	for (size_t i = from; i < w->found.n; i++) {
		struct oci_descriptor d = w->found.p[i];
		HM_TRY_IN(cx, add_children(cx, w, &d), "\"%.*s\"", HM_FMT(d.digest));
		HM_TRY_IN(cx, add_referrers(cx, w, &d), "\"%.*s\"", HM_FMT(d.digest));
	}
	return NULL;
}

/* --- where it begins --- */

/* The subject of `d`, where it has one that is there; else *out has no digest. Is it a signature?
 */
static hm_err read_subject(struct hm_cx *cx, struct walk *w, const struct oci_descriptor *d,
			   struct oci_descriptor *out, bool *out_signature)
{
	HM_AUTO_CX one = hm_cx_child(cx, cx->budget);
	struct oci_manifest m;
	bool there = false;
	*out = (struct oci_descriptor){ 0 };
	*out_signature = false;
	hm_err err = oci_fetch_manifest(&one, w->place, d, &m);
	if (!err && m.subject.digest.n)
		err = oci_exists(&one, w->place, &m.subject, &there);
	if (err)
		return err->code == HM_INPUT ? NULL : hm_fault_copy(cx, err);
	*out_signature = m.kind == OCI_IS_MANIFEST &&
			 hm_eqz(oci_manifest_artifact_type(&m), TRUST_SIGNATURE_TYPE);
	if (there)
		*out = (struct oci_descriptor){ .media_type = hm_dup(cx, m.subject.media_type),
						.digest = hm_dup(cx, m.subject.digest),
						.size = m.subject.size };
	return NULL;
}

/* What `d` is about in the end: *out has no digest where it is about nothing. */
static hm_err climb(struct hm_cx *cx, struct walk *w, const struct oci_descriptor *d,
		    struct oci_descriptor *out, bool *out_signature)
{
	struct oci_descriptor next;
	bool ignored;
	HM_TRY(read_subject(cx, w, d, out, out_signature));
	next = *out;
	for (size_t level = 0; next.digest.n; level++) {
		if (level >= HM_MAX_REFERRERS_DEPTH)
			return hm_fail(cx, HM_LIMIT, "more than %llu levels of referrers",
				       (unsigned long long)HM_MAX_REFERRERS_DEPTH);
		*out = next;
		HM_TRY(read_subject(cx, w, out, &next, &ignored));
	}
	return NULL;
}

static hm_err add_root(struct hm_cx *cx, struct walk *w, const struct oci_descriptor *d)
{
	struct oci_descriptor top;
	bool signature;
	if (hm_map_has(&w->seen, d->digest))
		return NULL;
	HM_TRY_IN(cx, climb(cx, w, d, &top, &signature), "\"%.*s\"", HM_FMT(d->digest));
	if (top.digest.n)
		HM_TRY(add_subject(cx, w, &top));
	if (signature)
		return NULL;
	if (!top.digest.n)
		return add_subject(cx, w, d);
	*hm_push(cx, &w->later) = *d;
	return NULL;
}

/* The list of referrers of a registry that has no interface for them ("sha256-<hex>"): its subject,
 * which may have no other tag. */
static bool is_fallback_tag(struct hm_str tag)
{
	return tag.n == 7 + 64 && hm_starts(tag, HM_STR("sha256-"));
}

static hm_err add_fallback(struct hm_cx *cx, struct walk *w, struct hm_str tag)
{
	struct oci_descriptor d;
	struct hm_str digest = hm_fmt(cx, "sha256:%.*s", HM_FMT(hm_from(tag, 7)));
	enum crypto_digest alg;
	struct hm_str hex;
	if (oci_digest_parse(cx, digest, &alg, &hex))
		return NULL;
	hm_err err = oci_resolve(cx, w->place, digest, &d);
	return err ? (err->code == HM_ABSENT ? NULL : err) : add_subject(cx, w, &d);
}

static hm_err add_tags(struct hm_cx *cx, struct walk *w)
{
	struct oci_descriptor d;
	struct hm_strs tags = { 0 };
	HM_TRY(oci_tags(cx, w->place, &tags));
	for (size_t i = 0; i < tags.n; i++) {
		if (is_fallback_tag(tags.p[i])) {
			HM_TRY(add_fallback(cx, w, tags.p[i]));
			continue;
		}
		HM_TRY_IN(cx, oci_resolve(cx, w->place, tags.p[i], &d), "tag \"%.*s\"",
			  HM_FMT(tags.p[i]));
		HM_TRY(add_root(cx, w, &d));
	}
	return NULL;
}

static hm_err add_untagged(struct hm_cx *cx, struct walk *w)
{
	struct oci_descriptor *list;
	size_t n;
	bool known;
	HM_TRY(oci_untagged(cx, w->place, &list, &n, &known));
	w->found.only_tags = !known;
	for (size_t i = 0; i < n; i++)
		HM_TRY(add_root(cx, w, &list[i]));
	return NULL;
}

static hm_err add_roots(struct hm_cx *cx, struct walk *w, const struct oci_target *t)
{
	struct oci_descriptor d;
	if (!t->tag.n && !t->digest.n) {
		HM_TRY(add_tags(cx, w));
		return add_untagged(cx, w);
	}
	HM_TRY(oci_resolve(cx, w->place, HM_STR(""), &d));
	return add_subject(cx, w, &d);
}

hm_err trust_subjects_find(struct hm_cx *cx, struct oci_place *p, const struct oci_target *t,
			   struct trust_subjects *out)
{
	struct walk w = { .place = p };
	HM_TRY(add_roots(cx, &w, t));
	HM_TRY(follow(cx, &w, 0));
	/* what a list of referrers does not have */
	for (size_t i = 0; i < w.later.n; i++) {
		size_t n = w.found.n;
		HM_TRY(add_subject(cx, &w, &w.later.p[i]));
		HM_TRY(follow(cx, &w, n));
	}
	/* as `release` signs: what is signed has its evidence */
	for (size_t i = 0; i < w.found.n / 2; i++) {
		struct oci_descriptor first = w.found.p[i];
		w.found.p[i] = w.found.p[w.found.n - 1 - i];
		w.found.p[w.found.n - 1 - i] = first;
	}
	*out = w.found;
	return NULL;
}
