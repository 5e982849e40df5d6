/* SPDX-License-Identifier: Apache-2.0 */
/* What scripts and triggers of the packages would have done. */
#include "repair/rpm/rpm.h"

static void note_script(struct hm_cx *cx, struct repair_change *c, enum repair_script kind,
			struct hm_str which, const char *why)
{
	if (c->script < kind)
		c->script = kind;
	*hm_push(cx, &c->script_why) = hm_fmt(cx, "%.*s: %s", HM_FMT(which), why);
}

static bool is_nothing(struct hm_str body)
{
	while (body.n) {
		struct hm_str line = hm_trim(hm_line(&body));
		if (line.n && line.p[0] != '#' && !hm_eqz(line, ":") && !hm_eqz(line, "exit 0") &&
		    !hm_eqz(line, "true"))
			return false;
	}
	return true;
}

hm_err repair_rpm_scripts(struct hm_cx *cx, struct rpm_at *at)
{
	for (size_t i = 0; i < at->changes.n; i++) {
		struct rpm_change *c = &at->changes.p[i];
		for (size_t k = 0; k < c->f.p.scripts.n; k++) {
			const struct rpm_script *s = &c->f.p.scripts.p[k];
			if (hm_ends(s->program, HM_STR("/ldconfig")))
				note_script(cx, c->change, REPAIR_SCRIPT_DONE, s->kind,
					    "ldconfig: libraries are found without its cache");
			else if (!is_nothing(s->body))
				note_script(cx, c->change, REPAIR_SCRIPT_UNKNOWN, s->kind,
					    "lines of its own");
		}
	}
	return NULL;
}
