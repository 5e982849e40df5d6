/* SPDX-License-Identifier: Apache-2.0 */
/* What the user has decided: rules of ignore files, and that only what has a fix is to count. */
#include "advisory/assess.h"
#include "advisory/glob.h"
#include "advisory/ignore.h"

static bool is_at(struct hm_cx *cx, const struct ignore_rule *r,
		  const struct inventory_component *c)
{
	for (size_t i = 0; i < r->paths.n; i++)
		for (size_t k = 0; k < c->locations_n; k++) {
			struct hm_str pattern = r->paths.p[i];
			if (hm_starts(pattern, HM_STR("/")))
				pattern = hm_from(pattern, 1);
			if (advisory_glob(cx, pattern, c->locations[k].path))
				return true;
		}
	return !r->paths.n;
}

static bool is_called(struct hm_cx *cx, const struct ignore_name *n, struct hm_str name)
{
	return hm_eq(n->text, name) || (n->pattern.code && regexp_match(cx, &n->pattern, name));
}

static bool is_of_kind(const struct ignore_rule *r, const struct inventory_component *c)
{
	return (!r->version.n || hm_eq(r->version, c->version)) &&
	       (!r->type.n || hm_eq(r->type, c->type)) &&
	       (!r->language.n || hm_eq(r->language, c->type));
}

static bool is_named(struct hm_cx *cx, const struct ignore_rule *r,
		     const struct inventory_component *c)
{
	struct vex_purl have;
	if (r->name.text.n && !is_called(cx, &r->name, c->name) &&
	    !is_called(cx, &r->name, inventory_component_name(cx, c)))
		return false;
	if (r->source_name.text.n && !is_called(cx, &r->source_name, c->source_name))
		return false;
	if (!is_of_kind(r, c))
		return false;
	if (!r->purls.n)
		return true;
	if (!advisory_vex_purl(cx, c->purl, &have))
		return false;
	for (size_t i = 0; i < r->purls.n; i++)
		if (advisory_vex_purl_names(&r->purls.p[i], &have))
			return true;
	return false;
}

static bool is_ignored(struct hm_cx *cx, const struct advisory_assess *a,
		       const struct ignore_rule *r, const struct advisory_match *m)
{
	const struct inventory_component *c = &a->inventory->components[m->component];
	if (r->unusable || (r->until && r->until <= a->told->now))
		return false;
	if (r->id.n && !hm_eq(r->id, m->id) && !hm_strs_has(&m->aliases, r->id))
		return false;
	if (r->fix != IGNORE_ANY_FIX && (r->fix == IGNORE_FIXED) != (m->fixed.n > 0))
		return false;
	return is_named(cx, r, c) && is_at(cx, r, c);
}

static void assess_ignored(struct hm_cx *cx, const struct advisory_assess *a,
			   const struct advisory_match *m, struct advisory_assessment *out)
{
	for (size_t i = 0; a->told && a->told->ignores && i < a->told->ignores->rules.n; i++) {
		const struct ignore_rule *r = &a->told->ignores->rules.p[i];
		if (!is_ignored(cx, a, r, m))
			continue;
		out->status = ADVISORY_NOT_AFFECTED;
		out->justification =
			hm_fmt(cx, "ignored%s%.*s (%.*s%s%.*s)", r->why.n ? ": " : "",
			       HM_FMT(r->why), HM_FMT(r->source), r->until ? ", until " : "",
			       HM_FMT(r->until ? hm_rfc3339(cx, r->until) : HM_STR("")));
		out->source = r->source;
		out->until = r->until;
		return;
	}
}

const struct advisory_assessor advisory_assessor_ignore = { "ignore", false, assess_ignored };

static void assess_only_fixed(struct hm_cx *cx, const struct advisory_assess *a,
			      const struct advisory_match *m, struct advisory_assessment *out)
{
	(void)cx;
	if (!a->told || !a->told->only_fixed || m->fixed.n)
		return;
	out->status = ADVISORY_NOT_AFFECTED;
	out->justification = HM_STR("no fix is known, and only what has one is to count");
	out->source = HM_STR("--only-fixed");
}

const struct advisory_assessor advisory_assessor_only_fixed = { "only-fixed", false,
								assess_only_fixed };
