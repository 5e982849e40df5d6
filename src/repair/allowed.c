/* SPDX-License-Identifier: Apache-2.0 */
/* Packages whose scripts may be left out, by name. */
#include "repair/room.h"

bool repair_allows(struct hm_cx *cx, struct repair_run *run, struct hm_str package)
{
	bool is = hm_strs_has(&run->o->allow_scripts, package);
	if (is && !hm_strs_has(&run->allowed, package))
		*hm_push(cx, &run->allowed) = package;
	return is;
}

static bool is_replaced(const struct repair_changes *changes, struct hm_str name)
{
	for (size_t i = 0; i < changes->n; i++)
		if (hm_eq(changes->p[i].name, name))
			return true;
	return false;
}

void repair_allowed_note(struct hm_cx *cx, struct repair_run *run)
{
	const struct hm_strs *names = &run->o->allow_scripts;
	for (size_t i = 0; i < names->n; i++)
		if (!hm_strs_has(&run->allowed, names->p[i]) &&
		    !is_replaced(&run->result->changes, names->p[i]))
			*hm_push(cx, &run->result->notes) =
				hm_fmt(cx,
				       "--allow-scripts %.*s: no package of that name is replaced",
				       HM_FMT(names->p[i]));
}
