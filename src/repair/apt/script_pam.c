/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pam-auth-update(8): out of templates and profiles it writes /etc/pam.d/common-*, unless somebody
 * has changed those, and keeps in /var/lib/pam which profiles it has seen and what it took of them.
 * Where a patch changes neither templates nor profiles, and what is kept is of these profiles, it
 * would write what is there. Anything else is not known here.
 */
#include "repair/apt/script.h"

#define PROFILES  "usr/share/pam-configs/"
#define TEMPLATES "usr/share/pam/common-"

static const char *const kinds[] = { "account", "auth", "password", "session",
				     "session-noninteractive" };

static const struct repair_node *file_at(const struct repair_root *r, struct hm_str path)
{
	const struct repair_node *n = repair_root_at(r, path);
	return n && n->type == TAR_FILE ? n : NULL;
}

static bool is_input(struct hm_str path)
{
	return hm_starts(path, HM_STR(PROFILES)) || hm_starts(path, HM_STR(TEMPLATES));
}

/* Is each template and profile of `a` in `b`, with the same bytes? */
static bool has_inputs_of(const struct repair_root *b, const struct repair_root *a)
{
	for (size_t i = 0; i < a->nodes.n; i++) {
		const struct repair_node *x = a->nodes.entries[i].value;
		if (x->is_gone || x->type == TAR_DIR || !is_input(x->path))
			continue;
		const struct repair_node *y = file_at(b, x->path);
		if (x->type != TAR_FILE || !x->is_kept || !y || !y->is_kept ||
		    !hm_eq(x->content, y->content))
			return false;
	}
	return true;
}

/* Has it seen each profile? One that is new it would take. */
static bool has_seen_all(const struct repair_root *r)
{
	const struct repair_node *seen = file_at(r, HM_STR("var/lib/pam/seen"));
	for (size_t i = 0; i < r->nodes.n && seen; i++) {
		const struct repair_node *n = r->nodes.entries[i].value;
		if (!n->is_gone && n->type != TAR_DIR && hm_starts(n->path, HM_STR(PROFILES)) &&
		    !repair_script_has_line(seen->content, hm_from(n->path, strlen(PROFILES))))
			return false;
	}
	return seen && seen->is_kept;
}

/* What it puts first where no profile is a primary one. */
static const char nobody[] = "Module: null\n[default=1]\t\t\tpam_permit.so\n";

/* "Module: NAME", and the lines that were taken of that profile, where they begin with a tab. */
static bool is_of_profiles(struct hm_cx *cx, const struct repair_root *r, struct hm_str state)
{
	static const struct hm_str head = HM_STR_INIT("Module: ");
	const struct repair_node *profile = NULL;
	if (hm_starts(state, hm_cstr(nobody)))
		state = hm_from(state, sizeof(nobody) - 1);
	while (state.n) {
		struct hm_str line = hm_line(&state);
		if (hm_starts(line, head))
			profile = file_at(r, hm_fmt(cx, PROFILES "%.*s",
						    HM_FMT(hm_from(line, head.n))));
		if (!profile || !profile->is_kept)
			return false;
		if (!hm_starts(line, head) &&
		    hm_find(profile->content, hm_fmt(cx, "\n\t%.*s\n", HM_FMT(line))) == SIZE_MAX)
			return false;
	}
	return true;
}

static bool is_settled(struct hm_cx *cx, const struct repair_root *r)
{
	for (size_t i = 0; i < HM_LEN(kinds); i++) {
		const struct repair_node *state =
			file_at(r, hm_fmt(cx, "var/lib/pam/%s", kinds[i]));
		if (!file_at(r, hm_fmt(cx, "etc/pam.d/common-%s", kinds[i])) || !state ||
		    !state->is_kept || !is_of_profiles(cx, r, state->content))
			return false;
	}
	return has_seen_all(r);
}

/* Only "--package" and an empty "--root": nothing is forced, enabled or removed. */
static bool asks_for_nothing(const struct shell_args *a)
{
	if (!repair_shell_all_known(a))
		return false;
	for (size_t i = 1; i < a->n; i++) {
		bool root = hm_eqz(a->p[i].s, "--root") && i + 1 < a->n && !a->p[i + 1].s.n;
		if (!root && !hm_eqz(a->p[i].s, "--package"))
			return false;
		i += root;
	}
	return a->n > 1;
}

static hm_err run_pam_auth_update(struct shell *sh, const struct shell_args *a)
{
	const struct script_host *host = sh->host;
	const struct repair_root *before = host->before;
	if (!before || !asks_for_nothing(a) || !has_inputs_of(before, sh->root) ||
	    !has_inputs_of(sh->root, before) || !is_settled(sh->cx, sh->root))
		return repair_shell_refuse(sh, a);
	repair_shell_did(sh, "PAM's configuration: as it is");
	sh->status = 0;
	return NULL;
}

const struct shell_command repair_script_pam[] = {
	{ "pam-auth-update", run_pam_auth_update, NULL },
	{ 0 },
};
