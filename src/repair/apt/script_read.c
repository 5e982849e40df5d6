/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of commands share. */
#include "repair/apt/script.h"

/* A small file of the image; empty: there is none, or it was too large. */
hm_err repair_script_read(struct shell *sh, const char *path, struct hm_str *out)
{
	const struct repair_node *n;
	bool sure;
	HM_TRY(repair_shell_find(sh, hm_cstr(path), true, &n, &sure));
	*out = n && n->is_kept ? n->content : HM_STR("");
	return NULL;
}

bool repair_script_has_line(struct hm_str text, struct hm_str line)
{
	while (text.n)
		if (hm_eq(hm_line(&text), line))
			return true;
	return false;
}
