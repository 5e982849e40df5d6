/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/vex/vex.h"

const struct advisory_vex_format advisory_vex_formats[] = {
	{ "OpenVEX", "openvex", advisory_vex_is_openvex, advisory_vex_openvex,
	  advisory_vex_openvex_write },
	{ "CSAF", "csaf", advisory_vex_is_csaf, advisory_vex_csaf, advisory_vex_csaf_write },
	{ "CycloneDX", "cyclonedx", advisory_vex_is_cyclonedx, advisory_vex_cyclonedx,
	  advisory_vex_cyclonedx_write, true },
	{ 0 },
};

static hm_err read_document(struct hm_cx *cx, const struct advisory_vex_format *f, struct json doc,
			    const struct advisory_vex_source *source, struct advisory_vex *v)
{
	struct vex_document *d = advisory_vex_document(cx, v);
	d->file = hm_dup(cx, source->file);
	d->signer = hm_dup(cx, source->signer);
	d->until = source->until;
	d->format = f->name;
	HM_TRY_IN(cx, f->read(cx, doc, v, d), "%s", f->name);
	return NULL;
}

hm_err advisory_vex_read(struct hm_cx *cx, struct hm_str file, struct hm_str bytes,
			 struct advisory_told *told)
{
	struct advisory_vex_source source = { .file = file };
	return advisory_vex_read_from(cx, &source, bytes, told);
}

hm_err advisory_vex_read_from(struct hm_cx *cx, const struct advisory_vex_source *source,
			      struct hm_str bytes, struct advisory_told *told)
{
	struct json doc;
	if (bytes.n > HM_MAX_JSON)
		return hm_fail(cx, HM_LIMIT, "a VEX document of %zu bytes", bytes.n);
	HM_TRY(json_parse(cx, bytes, (enum json_flags)(JSON_STRICT | JSON_ANY_NUMBER), &doc));
	if (!told->vex)
		told->vex = hm_new(cx, struct advisory_vex, 1);
	for (const struct advisory_vex_format *f = advisory_vex_formats; f->name; f++)
		if (f->is(doc))
			return read_document(cx, f, doc, source, told->vex);
	return hm_fail(
		cx, HM_INPUT,
		"not a VEX document: it must be OpenVEX, CSAF, or CycloneDX with \"vulnerabilities\"");
}
