/* SPDX-License-Identifier: Apache-2.0 */
/* Versions compared as dpkg does, and dpkg-maintscript-helper(1): what it does is done once, when a
 * version is passed. */
#include "advisory/advisory.h"
#include "repair/apt/script.h"

hm_err repair_script_compare(struct shell *sh, struct hm_str a, struct hm_str op, struct hm_str b)
{
	static const struct {
		const char *op;
		bool less, equal, more, nl; /* nl: no version is later than any */
	} ops[] = {
		{ "lt", true, false, false, false },   { "le", true, true, false, false },
		{ "eq", false, true, false, false },   { "ne", true, false, true, false },
		{ "ge", false, true, true, false },    { "gt", false, false, true, false },
		{ "lt-nl", true, false, false, true }, { "le-nl", true, true, false, true },
		{ "ge-nl", false, true, true, true },  { "gt-nl", false, false, true, true },
		{ "<", true, true, false, false },     { "<=", true, true, false, false },
		{ "<<", true, false, false, false },   { "=", false, true, false, false },
		{ ">=", false, true, true, false },    { ">>", false, false, true, false },
		{ ">", false, true, true, false },
	};
	const struct advisory_scheme *deb = advisory_scheme_of(HM_STR("deb"));
	int order = (a.n > 0) - (b.n > 0);
	sh->status = SHELL_MAYBE;
	if (a.n && b.n && !deb->compare(a, b, &order))
		return NULL;
	for (size_t i = 0; i < HM_LEN(ops); i++) {
		if (!hm_eqz(op, ops[i].op))
			continue;
		if (ops[i].nl && !(a.n && b.n))
			order = -order;
		sh->status = !(order < 0 ? ops[i].less : order > 0 ? ops[i].more : ops[i].equal);
	}
	return NULL;
}

struct helper {
	struct hm_str what, path, other; /* other: new name, or where a link leads */
	struct hm_str prior, package;
	struct hm_str action, version; /* of the script, behind "--" */
};

/* How many words each has before PRIOR-VERSION and PACKAGE. */
static const struct {
	const char *name;
	size_t words;
} kinds[] = {
	{ "rm_conffile", 1 },
	{ "mv_conffile", 2 },
	{ "symlink_to_dir", 2 },
	{ "dir_to_symlink", 2 },
};

static bool read_helper(const struct shell_args *a, struct helper *h)
{
	size_t end = 1, words = 0;
	*h = (struct helper){ .what = repair_shell_arg(a, 1) };
	while (end < a->n && !hm_eqz(repair_shell_arg(a, end), "--"))
		end++;
	for (size_t i = 0; i < HM_LEN(kinds); i++)
		if (hm_eqz(h->what, kinds[i].name))
			words = kinds[i].words;
	if (!words || end == a->n || end < 2 + words || end > 4 + words)
		return false;
	h->path = repair_shell_arg(a, 2);
	h->other = words == 2 ? repair_shell_arg(a, 3) : HM_STR("");
	h->prior = end > 2 + words ? repair_shell_arg(a, 2 + words) : HM_STR("");
	h->package = end > 3 + words ? repair_shell_arg(a, 3 + words) : HM_STR("");
	h->action = repair_shell_arg(a, end + 1);
	h->version = repair_shell_arg(a, end + 2);
	return repair_shell_all_known(a);
}

/* Does the version that was there come before the one in which this was done? */
static hm_err is_due(struct shell *sh, const struct helper *h, bool *out)
{
	*out = h->version.n > 0;
	if (!*out || !h->prior.n)
		return NULL;
	HM_TRY(repair_script_compare(sh, h->version, HM_STR("le-nl"), h->prior));
	*out = sh->status != 1;
	return NULL;
}

static hm_err has_work(struct shell *sh, const struct helper *h, bool *out)
{
	const struct repair_node *n;
	bool sure;
	HM_TRY(repair_shell_find(sh, h->path, false, &n, &sure));
	*out = !sure || n;
	if (n && hm_eqz(h->what, "symlink_to_dir"))
		*out = n->type == TAR_SYMLINK;
	if (n && hm_eqz(h->what, "dir_to_symlink"))
		*out = n->type == TAR_DIR;
	return NULL;
}

hm_err repair_script_helper(struct shell *sh, const struct shell_args *a)
{
	struct helper h;
	bool due, work;
	if (hm_eqz(repair_shell_arg(a, 1), "supports"))
		return NULL;
	if (!read_helper(a, &h)) {
		repair_shell_give_up(sh, "dpkg-maintscript-helper %.*s",
				     HM_FMT(repair_shell_arg(a, 1)));
		return NULL;
	}
	HM_TRY(is_due(sh, &h, &due));
	HM_TRY(has_work(sh, &h, &work));
	sh->status = 0;
	if (due && work)
		repair_shell_give_up(sh, "\"dpkg-maintscript-helper %.*s %.*s\"", HM_FMT(h.what),
				     HM_FMT(h.path));
	return NULL;
}
