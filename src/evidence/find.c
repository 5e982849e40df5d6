/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "evidence/evidence.h"

bool evidence_is_undecided(hm_err err)
{
	return err->code == HM_BUSY || err->code == HM_SYSTEM || err->code == HM_FULL ||
	       err->code == HM_DENIED;
}

static bool is_kind(const struct evidence_kind *kind, struct hm_str artifact_type)
{
	for (const char *const *t = kind->artifact_types; *t; t++)
		if (hm_eqz(artifact_type, *t))
			return true;
	return false;
}

static int newest_first(const void *a, const void *b)
{
	const struct evidence *x = a, *y = b;
	if (x->when != y->when)
		return x->when > y->when ? -1 : 1;
	return hm_cmp(x->descriptor.digest, y->descriptor.digest);
}

/* *out_is: the manifest itself says that it is such evidence about the subject. Its list entry is
 * only the registry's word. */
static hm_err read_manifest(struct hm_cx *cx, struct oci_place *p,
			    const struct oci_descriptor *subject, struct evidence *e, bool *out_is)
{
	*out_is = false;
	/* a hundred of them are held at the same time; none that is evidence is that large */
	if (e->descriptor.size > HM_MAX_EVIDENCE_MANIFEST)
		return NULL;
	hm_err err = oci_fetch_manifest(cx, p, &e->descriptor, &e->manifest);
	if (err && err->code == HM_ABSENT)
		return NULL; /* a stale entry of a fallback index */
	HM_TRY_IN(cx, err, "\"%.*s\"", HM_FMT(e->descriptor.digest));
	const struct oci_descriptor *about = &e->manifest.subject;
	/* The type too: a registry that calls an index an image would hide the images behind it. */
	if (e->manifest.kind != OCI_IS_MANIFEST || !hm_eq(about->digest, subject->digest) ||
	    !hm_eq(about->media_type, subject->media_type) || about->size != subject->size ||
	    !is_kind(e->kind, oci_manifest_artifact_type(&e->manifest)))
		return NULL;
	e->created = oci_annotation_get(&e->manifest.annotations, OCI_CREATED);
	if (hm_rfc3339_parse(cx, e->created, &e->when)) {
		e->when = INT64_MIN;
		e->created = HM_STR("");
	}
	*out_is = true;
	return NULL;
}

hm_err evidence_find(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
		     const struct evidence_kind *kind, struct evidence_list *out)
{
	struct oci_referrer_list list;
	HM_TRY(oci_referrers(cx, p, subject, HM_STR(""), &list));
	HM_VEC(struct evidence) found = { 0 };
	for (size_t i = 0; i < list.n; i++) {
		if (!is_kind(kind, list.p[i].artifact_type))
			continue;
		if (found.n >= HM_MAX_EVIDENCE)
			return hm_fail(cx, HM_LIMIT, "more than %llu of one kind of evidence",
				       (unsigned long long)HM_MAX_EVIDENCE);
		struct evidence e = { .kind = kind, .descriptor = list.p[i] };
		bool is;
		HM_TRY(read_manifest(cx, p, subject, &e, &is));
		if (is)
			*hm_push(cx, &found) = e;
	}
	if (found.n)
		qsort(found.p, found.n, sizeof(*found.p), newest_first);
	*out = (struct evidence_list){ found.p, found.n, oci_unread_text(cx, &list) };
	return NULL;
}

hm_err evidence_read(struct hm_cx *cx, struct oci_place *p, const struct evidence *e,
		     struct evidence_summary *out)
{
	struct hm_str bytes;
	const struct oci_manifest *m = &e->manifest;
	if (m->layers_n != 1)
		return hm_fail(cx, HM_INPUT, "it has %zu layers where one is expected",
			       m->layers_n);
	HM_TRY(oci_fetch(cx, p, &m->layers[0], HM_MAX_JSON, &bytes));
	return e->kind->read(cx, oci_manifest_artifact_type(m), bytes, out);
}

struct hm_str evidence_explain_none(struct hm_cx *cx, const struct evidence_kind *kind,
				    const struct evidence_choice *c)
{
	if (!c->unread.n)
		return hm_say(cx, "no %s is attached to it", kind->noun);
	return hm_say(cx, "no %s that can be read is attached to it: %.*s", kind->noun,
		      HM_FMT(c->unread));
}

hm_err evidence_choose(struct hm_cx *cx, const struct evidence_source *s,
		       const struct oci_descriptor *subject, const struct evidence_kind *kind,
		       struct evidence_choice *out)
{
	struct evidence_choice c = { 0 };
	struct evidence_list all;
	struct trust_verify_options options = s->options;
	options.is_evidence = true;
	HM_TRY(evidence_find(cx, s->place, subject, kind, &all));
	c.list = all.p;
	c.n = all.n;
	c.unread = all.unread;
	for (size_t i = 0; i < c.n && !c.chosen; i++) {
		c.last = &c.list[i];
		hm_err err = trust_verify(cx, s->trust, s->place, &c.last->descriptor, &options,
					  &c.signers);
		if (err && evidence_is_undecided(err))
			return err;
		if (err)
			c.signers = (struct trust_verdict){ .why = hm_cstr(err->why) };
		if (c.signers.verified)
			c.chosen = c.last;
		else if (!c.why.n)
			c.why = c.signers.why;
	}
	*out = c;
	return NULL;
}
