/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came from git, a folder or a file is not what the registry's advisories speak of. That it
 * did is the image's own word, so what would match is suppressed and listed.
 */
#include "advisory/origin.h"

#include "advisory/assess.h"

struct hm_str advisory_origin_text(struct hm_cx *cx, const struct inventory_component *c)
{
	return hm_fmt(cx, "it comes from %.*s, and is not matched as the registry's",
		      HM_FMT(c->origin));
}

static void assess_origin(struct hm_cx *cx, const struct advisory_assess *a,
			  const struct advisory_match *m, struct advisory_assessment *out)
{
	const struct inventory_component *c = &a->inventory->components[m->component];
	if (!c->origin.n)
		return;
	out->status = ADVISORY_NOT_AFFECTED;
	out->justification = advisory_origin_text(cx, c);
	out->source = c->origin;
}

const struct advisory_assessor advisory_assessor_origin = { "origin", true, assess_origin };
