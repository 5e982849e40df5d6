/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include "trust/examine.h"

/*
 * The forms in which signatures are stored. One list of referrers serves all forms that are
 * referrers; a tag is a question of its own, and is asked only where somebody wants that sort.
 */

static bool is_notary(struct hm_str artifact_type)
{
	return hm_eqz(artifact_type, TRUST_SIGNATURE_TYPE);
}

static bool is_bundle(struct hm_str artifact_type)
{
	return hm_starts(artifact_type, HM_STR("application/vnd.dev.sigstore.bundle"));
}

static bool is_cosign(struct hm_str artifact_type)
{
	return hm_eqz(artifact_type, "application/vnd.dev.cosign.artifact.sig.v1+json") ||
	       hm_eqz(artifact_type, "application/vnd.dev.cosign.artifact.att.v1+json");
}

/* --- what a manifest holds --- */

static hm_err check_subject(struct hm_cx *cx, const struct oci_manifest *m,
			    const struct oci_descriptor *subject)
{
	if (!hm_eq(m->subject.digest, subject->digest))
		return hm_fail(cx, HM_INPUT, "it refers to something else");
	return NULL;
}

/*
 * Is it a signature's manifest: the form of image-spec 1.1, that of Notation 1.x before it, or that
 * of its release candidates, an artifact manifest, which Notation reads to this day? A registry's
 * list says only what it believes.
 */
static hm_err check_notary(struct hm_cx *cx, const struct oci_manifest *m,
			   const struct oci_descriptor *subject)
{
	bool now = hm_eqz(m->artifact_type, TRUST_SIGNATURE_TYPE) &&
		   hm_eqz(m->config.media_type, OCI_EMPTY);
	bool before = !m->artifact_type.n && hm_eqz(m->config.media_type, TRUST_SIGNATURE_TYPE);
	bool at_first = hm_eqz(m->artifact_type, TRUST_SIGNATURE_TYPE) &&
			oci_media_type_is_artifact(m->media_type);
	if (m->kind != OCI_IS_MANIFEST || (!now && !before && !at_first))
		return hm_fail(cx, HM_INPUT, "it is not the manifest of a signature");
	HM_TRY(check_subject(cx, m, subject));
	if (m->subject.size != subject->size || !hm_eq(m->subject.media_type, subject->media_type))
		return hm_fail(cx, HM_INPUT, "it refers to something else");
	if (m->layers_n != 1)
		return hm_fail(cx, HM_INPUT, "it has %zu envelopes instead of one", m->layers_n);
	return NULL;
}

static hm_err check_bundle(struct hm_cx *cx, const struct oci_manifest *m,
			   const struct oci_descriptor *subject)
{
	if (m->kind != OCI_IS_MANIFEST || !m->layers_n || !is_bundle(m->layers[0].media_type))
		return hm_fail(cx, HM_INPUT, "it is not the manifest of a bundle");
	return check_subject(cx, m, subject);
}

/* One signature a layer. */
static bool is_cosign_layer(struct hm_str media_type)
{
	return hm_eqz(media_type, ENVELOPE_SIMPLE_TYPE) || hm_eqz(media_type, ENVELOPE_DSSE_TYPE);
}

const struct trust_form trust_forms[] = {
	{ "notary-referrer", "notation", TRUST_NOTARYS, &trust_notary, is_notary, NULL, false,
	  check_notary },
	{ "bundle-referrer", "bundle", TRUST_SIGSTORES, &trust_sigstore, is_bundle, NULL, false,
	  check_bundle },
	{ "cosign-referrer", "cosign", TRUST_SIGSTORES, &trust_sigstore, is_cosign, NULL, false,
	  NULL },
	{ "cosign-tag", "cosign", TRUST_SIGSTORES, &trust_sigstore, NULL, "sig", false, NULL },
	{ "cosign-attestation-tag", "cosign", TRUST_SIGSTORES, &trust_sigstore, NULL, "att", true,
	  NULL },
	{ 0 },
};

/* --- which there are --- */

struct collection {
	struct oci_place *place;
	const struct oci_descriptor *subject;
	size_t opened; /* manifests that were read for their layers */
	HM_VEC(struct trust_found) found;
};

/* The manifest is broken, which is its own fault; anything else is a place in doubt. */
static bool is_broken(hm_err err)
{
	return err->code == HM_INPUT || err->code == HM_LIMIT || err->code == HM_TRUST ||
	       err->code == HM_ABSENT;
}

static hm_err read_layers(struct hm_cx *cx, struct collection *c, const struct trust_form *f,
			  const struct oci_descriptor *d, struct oci_manifest *out)
{
	HM_TRY(oci_fetch_manifest(cx, c->place, d, out));
	if (out->kind != OCI_IS_MANIFEST)
		return hm_fail(cx, HM_INPUT, "it is not the manifest of a signature");
	return f->tag ? NULL : check_subject(cx, out, c->subject);
}

/* Each layer of Cosign's older manifests is one signature. Strangers may attach any number of them:
 * past a limit they are named, and not read. */
static hm_err add_layers(struct hm_cx *cx, struct collection *c, const struct trust_form *f,
			 const struct oci_descriptor *d)
{
	struct oci_manifest m = { 0 };
	hm_err err = c->opened++ < HM_MAX_SIGNATURES_TRIED
			     ? read_layers(cx, c, f, d, &m)
			     : hm_fail(cx, HM_LIMIT, "there are too many manifests of this form");
	if (err && !is_broken(err))
		return err;
	if (err)
		*hm_push(cx, &c->found) =
			(struct trust_found){ .form = f, .descriptor = *d, .bad = err };
	for (size_t i = 0, turn = 0; i < m.layers_n && !err; i++)
		if (is_cosign_layer(m.layers[i].media_type))
			*hm_push(cx, &c->found) = (struct trust_found){
				.form = f, .descriptor = *d, .layer = &m.layers[i], .turn = turn++
			};
	return NULL;
}

/* Of distribution-spec, "Pulling manifests". */
enum { LONGEST_TAG = 128 };

static hm_err add_tagged(struct hm_cx *cx, struct collection *c, const struct trust_form *f)
{
	struct oci_descriptor d;
	struct hm_str hex = c->subject->digest, alg = hm_cut(&hex, ':');
	struct hm_str tag = hm_fmt(cx, "%.*s-%.*s.%s", HM_FMT(alg), HM_FMT(hex), f->tag);
	if (tag.n > LONGEST_TAG) /* of SHA-512: nothing can be there */
		return NULL;
	hm_err err = oci_resolve(cx, c->place, tag, &d);
	if (err)
		return err->code == HM_ABSENT ? NULL : err;
	return add_layers(cx, c, f, &d);
}

static hm_err add_referrers(struct hm_cx *cx, struct collection *c, const struct trust_form *f,
			    const struct oci_descriptor *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!f->holds(list[i].artifact_type))
			continue;
		if (f->check)
			*hm_push(cx, &c->found) =
				(struct trust_found){ .form = f, .descriptor = list[i] };
		else
			HM_TRY(add_layers(cx, c, f, &list[i]));
	}
	return NULL;
}

/* What cannot be read may be a signature. */
static const struct trust_form unread_form = { .name = "unread", .format = TRUST_UNREAD_FORMAT };

static void add_unread(struct hm_cx *cx, struct collection *c, const struct oci_referrer_list *list)
{
	struct hm_str text = oci_unread_text(cx, list);
	if (text.n)
		*hm_push(cx, &c->found) =
			(struct trust_found){ .form = &unread_form,
					      .bad = hm_fail(cx, HM_INPUT, "%.*s", HM_FMT(text)),
					      .is_unread = true };
}

const char *trust_form_format(const struct trust_form *f)
{
	return f->format;
}

struct hm_str trust_sorts_type(unsigned sorts)
{
	return (sorts & (TRUST_NOTARYS | TRUST_SIGSTORES)) == TRUST_NOTARYS
		       ? HM_STR(TRUST_SIGNATURE_TYPE)
		       : HM_STR("");
}

hm_err trust_collect(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *subject,
		     unsigned sorts, struct trust_found **out, size_t *out_n)
{
	struct collection c = { .place = p, .subject = subject };
	struct oci_referrer_list list = { 0 };
	if (!(sorts & TRUST_BY_TAG))
		HM_TRY(oci_referrers(cx, p, subject, trust_sorts_type(sorts), &list));
	add_unread(cx, &c, &list);
	for (const struct trust_form *f = trust_forms; f->name; f++) {
		if (!(f->sort & sorts) || (f->only_claims && !(sorts & TRUST_CLAIMS)) ||
		    (sorts & (f->holds ? TRUST_BY_TAG : TRUST_BY_REFERRER)))
			continue;
		if (f->holds)
			HM_TRY(add_referrers(cx, &c, f, list.p, list.n));
		else
			HM_TRY(add_tagged(cx, &c, f));
	}
	*out = c.found.p;
	*out_n = c.found.n;
	return NULL;
}

/* --- its bytes --- */

hm_err trust_fetch_envelope(struct hm_cx *cx, struct oci_place *p, const struct trust_found *f,
			    const struct oci_descriptor *subject, struct hm_str *out_type,
			    struct hm_str *out)
{
	struct oci_manifest m;
	const struct oci_descriptor *layer = f->layer;
	if (f->bad)
		return hm_fault_copy(cx, f->bad);
	if (!layer) {
		HM_TRY(oci_fetch_manifest(cx, p, &f->descriptor, &m));
		HM_TRY(f->form->check(cx, &m, subject));
		layer = &m.layers[0];
	}
	if (layer->size > HM_MAX_ENVELOPE)
		return hm_fail(cx, HM_LIMIT, "its envelope is too large");
	HM_TRY(oci_fetch(cx, p, layer, HM_MAX_ENVELOPE, out));
	*out_type = layer->media_type;
	return NULL;
}

struct trust_found *trust_take_turns(struct hm_cx *cx, const struct trust_found *found, size_t n)
{
	struct trust_found *sorted = hm_new(cx, struct trust_found, n + 1);
	size_t sorted_n = 0;
	for (size_t turn = 0; sorted_n < n; turn++)
		for (size_t i = 0; i < n; i++)
			if (found[i].turn == turn)
				sorted[sorted_n++] = found[i];
	return sorted;
}

static bool is_asked_for(const struct trust_requirement *r, const struct trust_found *f)
{
	struct hm_str type =
		oci_annotation_get(&f->descriptor.annotations, SIGSTORE_PREDICATE_TYPE);
	bool is_asked = !type.n || hm_eqz(type, SIGSTORE_SIGN_PREDICATE) ||
			hm_strs_has(&r->predicates, type);
	for (size_t i = 0; i < r->attestations_n && !is_asked; i++)
		is_asked = trust_attestation_takes(&r->attestations[i], type);
	return is_asked;
}

struct trust_found *trust_sort_found(struct hm_cx *cx, const struct trust_requirement *r,
				     const struct trust_found *found, size_t n)
{
	struct trust_found *sorted = hm_new(cx, struct trust_found, n + 1);
	size_t sorted_n = 0;
	for (int wanted = 1; wanted >= 0; wanted--)
		for (size_t i = 0; i < n; i++)
			if (is_asked_for(r, &found[i]) == (wanted == 1))
				sorted[sorted_n++] = found[i];
	return sorted;
}
