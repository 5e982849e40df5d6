/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence.h"

static const struct evidence_kind *find_kind(struct hm_str name)
{
	for (const struct evidence_kind *const *k = evidence_kinds; *k; k++)
		if (hm_eqz(name, (*k)->name))
			return *k;
	return NULL;
}

hm_err evidence_kinds_named(struct hm_cx *cx, const struct hm_strs *names,
			    const struct evidence_kind ***out)
{
	HM_VEC(const struct evidence_kind *) found = { 0 };
	for (size_t i = 0; i < names->n; i++) {
		const struct evidence_kind *kind = find_kind(names->p[i]);
		if (!kind)
			return hm_fail(cx, HM_INPUT,
				       "the trust policy asks for evidence of kind \"%.*s\", which "
				       "is not known",
				       HM_FMT(names->p[i]));
		*hm_push(cx, &found) = kind;
	}
	*hm_push(cx, &found) = NULL;
	*out = found.p;
	return NULL;
}

static hm_err require_kind(struct hm_cx *cx, const struct evidence_source *s,
			   const struct oci_descriptor *image, const struct evidence_kind *kind,
			   struct evidence_state *out)
{
	struct evidence_choice choice;
	struct evidence_summary summary;
	*out = (struct evidence_state){ .kind = kind, .subject = *image };
	HM_TRY(evidence_choose(cx, s, image, kind, &choice));
	if (!choice.chosen) {
		out->why = choice.n ? hm_say(cx, "%s \"%.*s\" is not signed as it must be: %.*s",
					     kind->noun, HM_FMT(choice.list[0].descriptor.digest),
					     HM_FMT(choice.why))
				    : evidence_explain_none(cx, kind, &choice);
		return NULL;
	}
	out->digest = choice.chosen->descriptor.digest;
	out->valid_until = choice.signers.valid_until;
	hm_err err = evidence_read(cx, s->place, choice.chosen, &summary);
	if (err && evidence_is_undecided(err))
		return err;
	out->is_good = !err;
	out->why = err ? hm_cstr(err->why) : HM_STR("");
	return NULL;
}

static bool is_of_kind(const struct evidence_kind *kind, struct hm_str type)
{
	for (const char *const *t = kind->artifact_types; *t; t++)
		if (hm_eqz(type, *t))
			return true;
	return false;
}

/* Evidence needs none of its own. An image that names a subject is still an image. */
static hm_err is_evidence(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			  bool *out)
{
	struct oci_manifest m;
	*out = false;
	HM_TRY(oci_fetch_manifest(cx, p, d, &m));
	for (const struct evidence_kind *const *k = evidence_kinds; *k; k++)
		*out = *out ||
		       (m.subject.digest.n && is_of_kind(*k, oci_manifest_artifact_type(&m)));
	return NULL;
}

hm_err evidence_require(struct hm_cx *cx, const struct evidence_source *s,
			const struct oci_descriptor *subject, const struct hm_strs *names,
			struct evidence_states *out)
{
	const struct evidence_kind **kinds;
	struct oci_descriptor *images;
	size_t n;
	bool is_one = false;
	struct evidence_states found = { 0 };
	*out = found;
	HM_TRY(evidence_kinds_named(cx, names, &kinds));
	if (names->n)
		HM_TRY(is_evidence(cx, s->place, subject, &is_one));
	if (!names->n || is_one)
		return NULL;
	HM_TRY(oci_platforms(cx, s->place, subject, &images, &n));
	if (!n)
		return hm_fail(cx, HM_INPUT, "the index lists no images");
	for (size_t i = 0; i < n; i++)
		for (const struct evidence_kind **k = kinds; *k; k++)
			HM_TRY(require_kind(cx, s, &images[i], *k, hm_push(cx, &found)));
	*out = found;
	return NULL;
}

/* The verdict is about both: a signature alone is not what such a policy asks for. */
hm_err evidence_judge(struct hm_cx *cx, const struct evidence_source *s,
		      const struct oci_descriptor *subject, struct trust_verdict *v,
		      struct evidence_states *out)
{
	const struct hm_strs *names = trust_config_evidence(cx, s->trust, s->options.scope);
	HM_TRY(evidence_require(cx, s, subject, names, out));
	for (size_t i = 0; i < out->n; i++) {
		const struct evidence_state *e = &out->p[i];
		if (!e->is_good && v->verified) {
			v->verified = false;
			v->why = e->why;
		}
		if (e->is_good && e->valid_until < v->valid_until)
			v->valid_until = e->valid_until;
	}
	return NULL;
}
