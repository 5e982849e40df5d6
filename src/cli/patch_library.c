/* SPDX-License-Identifier: Apache-2.0 */
/* Which packages are patched, and how far those of languages may go. */
#include "cli/patch.h"

/* As Copacetic spells them. */
static hm_err read_pkg_types(struct hm_cx *cx, const char *text, struct repair_options *out)
{
	struct hm_str rest = hm_cstr(text ? text : "os,library");
	out->no_os = out->no_library = true;
	while (rest.n) {
		struct hm_str one = hm_trim(hm_cut(&rest, ','));
		if (!hm_eqz(one, "os") && !hm_eqz(one, "library"))
			return hm_fail(cx, HM_USAGE,
				       "--pkg-types: \"%.*s\" is neither os nor library",
				       HM_FMT(one));
		if (hm_eqz(one, "os"))
			out->no_os = false;
		else
			out->no_library = false;
	}
	return NULL;
}

static hm_err read_level(struct hm_cx *cx, const char *text, enum repair_level *out)
{
	static const char *const names[] = {
		[REPAIR_MINOR] = "minor", [REPAIR_PATCH] = "patch", [REPAIR_MAJOR] = "major"
	};
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (strcmp(text ? text : "minor", names[i]) == 0) {
			*out = (enum repair_level)i;
			return NULL;
		}
	return hm_fail(cx, HM_USAGE,
		       "--library-patch-level: \"%s\" is neither patch, minor nor major", text);
}

hm_err cli_patch_library(struct hm_cx *cx, const struct cli_patch_options *o,
			 struct repair_options *out)
{
	HM_TRY(read_pkg_types(cx, o->pkg_types, out));
	return read_level(cx, o->library_patch_level, &out->level);
}
