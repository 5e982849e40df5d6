/* SPDX-License-Identifier: Apache-2.0 */
/* Users and groups: asked about, or there already. A new one is not made here. */
#include "repair/apt/script.h"

static struct hm_str last_word(const struct shell_args *a)
{
	return repair_shell_arg(a, a->n - 1);
}

static bool has_word(const struct shell_args *a, const char *word)
{
	for (size_t i = 1; i < a->n; i++)
		if (hm_eqz(repair_shell_arg(a, i), word))
			return true;
	return false;
}

static bool is_user(const struct repair_root *r, struct hm_str name, bool group)
{
	uint32_t id;
	return group ? repair_root_group(r, name, &id) : repair_root_user(r, name, &id);
}

/* The line of a name or number in passwd or group; empty: there is none. */
static hm_err find_line(struct shell *sh, bool group, struct hm_str name, struct hm_str *out)
{
	struct hm_str text;
	HM_TRY(repair_script_read(sh, group ? "/etc/group" : "/etc/passwd", &text));
	*out = HM_STR("");
	while (text.n) {
		struct hm_str line = hm_line(&text), rest = line, first = hm_cut(&rest, ':');
		hm_cut(&rest, ':');
		if (first.n && (hm_eq(first, name) || hm_eq(hm_cut(&rest, ':'), name))) {
			*out = line;
			return NULL;
		}
	}
	return NULL;
}

static hm_err print_line(struct shell *sh, struct hm_str s)
{
	repair_shell_print(sh,
			   (struct shell_text){ hm_fmt(sh->cx, "%.*s\n", HM_FMT(s)), SHELL_KNOWN });
	return NULL;
}

static hm_err run_getent(struct shell *sh, const struct shell_args *a)
{
	struct hm_str table = repair_shell_arg(a, 1), name = repair_shell_arg(a, 2), line;
	bool group = hm_eqz(table, "group");
	if (!name.n || a->n != 3 || (!group && !hm_eqz(table, "passwd")))
		return repair_shell_maybe(sh, a);
	HM_TRY(find_line(sh, group, name, &line));
	sh->status = line.n ? 0 : 2;
	return line.n ? print_line(sh, line) : NULL;
}

static struct hm_str field(struct hm_str line, size_t i)
{
	while (i--)
		hm_cut(&line, ':');
	return hm_cut(&line, ':');
}

/* The names of a user's groups, the primary one first. */
static hm_err print_groups(struct shell *sh, struct hm_str user, struct hm_str primary)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_SCRIPT);
	struct hm_str text, line;
	HM_TRY(find_line(sh, true, primary, &line));
	hm_buf_add(&b, line.n ? field(line, 0) : primary);
	HM_TRY(repair_script_read(sh, "/etc/group", &text));
	while (text.n) {
		line = hm_line(&text);
		struct hm_str name = field(line, 0), members = field(line, 3);
		bool is = false;
		while (members.n)
			is = hm_eq(hm_cut(&members, ','), user) || is;
		if (is && !hm_eq(field(line, 2), primary))
			hm_buf_fmt(&b, " %.*s", HM_FMT(name));
	}
	return print_line(sh, hm_buf_str(&b));
}

/* "-u", "-g", "-un", "-gn", "-Gn" of a user's line. */
static hm_err print_id(struct shell *sh, const struct shell_args *a, struct hm_str option,
		       struct hm_str line)
{
	struct hm_str group;
	if (hm_eqz(option, "-u"))
		return print_line(sh, field(line, 2));
	if (hm_eqz(option, "-g"))
		return print_line(sh, field(line, 3));
	if (hm_eqz(option, "-un") || hm_eqz(option, "-nu"))
		return print_line(sh, field(line, 0));
	if (hm_eqz(option, "-Gn") || hm_eqz(option, "-nG"))
		return print_groups(sh, field(line, 0), field(line, 3));
	HM_TRY(find_line(sh, true, field(line, 3), &group));
	bool name = hm_eqz(option, "-gn") || hm_eqz(option, "-ng");
	return name && group.n ? print_line(sh, field(group, 0)) : repair_shell_maybe(sh, a);
}

/* "id [OPTION] [NAME]"; of nobody: of root, as whom scripts run. */
static hm_err run_id(struct shell *sh, const struct shell_args *a)
{
	struct hm_str option = repair_shell_arg(a, 1), name = HM_STR("root"), line;
	if (a->n > 3 || a->n < 2 || !repair_shell_all_known(a))
		return repair_shell_maybe(sh, a);
	bool asks = !hm_starts(option, HM_STR("-")); /* is it there? */
	if (asks || a->n == 3)
		name = repair_shell_arg(a, asks ? 1 : 2);
	HM_TRY(find_line(sh, false, name, &line));
	sh->status = !line.n;
	if (asks)
		repair_shell_print(sh, (struct shell_text){ HM_STR(""), SHELL_UNKNOWN });
	return asks || !line.n ? NULL : print_id(sh, a, option, line);
}

static bool is_member(struct hm_str line, struct hm_str user)
{
	struct hm_str members = field(line, 3);
	bool is = false;
	while (members.n)
		is = hm_eq(hm_cut(&members, ','), user) || is;
	return is;
}

/* "adduser USER GROUP": nothing where it is a member. */
static hm_err join_group(struct shell *sh, const struct shell_args *a, bool *out_is)
{
	struct hm_str user = a->n > 2 ? repair_shell_arg(a, a->n - 2) : HM_STR(""),
		      group = last_word(a), line, own;
	*out_is = user.n && !hm_starts(user, HM_STR("-")) && a->n > 2 &&
		  is_user(sh->root, user, false) && is_user(sh->root, group, true) &&
		  hm_eqz(hm_basename(a->p[0].s), "adduser");
	/* What stands before the name may be the value of an option. */
	for (size_t i = 1; i + 2 < a->n && *out_is; i++)
		*out_is = hm_eqz(repair_shell_arg(a, i), "--quiet") ||
			  hm_eqz(repair_shell_arg(a, i), "--system");
	if (!*out_is)
		return NULL;
	HM_TRY(find_line(sh, true, group, &line));
	HM_TRY(find_line(sh, false, user, &own));
	return is_member(line, user) || hm_eq(field(own, 3), field(line, 2))
		       ? NULL
		       : repair_shell_refuse(sh, a);
}

/* Nothing where the user or group is there already. */
static hm_err run_adduser(struct shell *sh, const struct shell_args *a)
{
	struct hm_str name = last_word(a), program = hm_basename(a->p[0].s);
	bool groups = hm_eqz(program, "addgroup") || hm_eqz(program, "groupadd"), joined;
	bool group = groups || has_word(a, "--group");
	HM_TRY(join_group(sh, a, &joined));
	if (joined)
		return NULL;
	if (!name.n || (!groups && !is_user(sh->root, name, false)) ||
	    (group && !is_user(sh->root, name, true)))
		return repair_shell_refuse(sh, a);
	if (hm_ends(program, HM_STR("add"))) /* useradd, groupadd */
		sh->status = 9;
	return NULL;
}

/* ------------------------------------------------------------------ systemd-sysusers */

/* sysusers.d(5): "u NAME ...", "g NAME ...", "m USER GROUP". */
static hm_err has_sysuser(struct shell *sh, struct hm_str line, bool *out)
{
	struct hm_str word[3] = { { 0 } }, group;
	for (size_t i = 0; i < HM_LEN(word); i++) {
		line = hm_trim(line);
		size_t n = 0;
		while (n < line.n && !hm_is_space(line.p[n]))
			n++;
		word[i] = hm_sub(line, 0, n);
		line = hm_from(line, n);
	}
	*out = false;
	if (!word[0].n || word[0].p[0] == '#' || word[0].p[0] == 'r') {
		*out = true;
	} else if (word[0].p[0] == 'g') {
		*out = is_user(sh->root, word[1], true);
	} else if (word[0].p[0] == 'u') {
		/* Its group has its name, but where a number or another is said. */
		*out = is_user(sh->root, word[1], false) &&
		       (is_user(sh->root, word[1], true) || hm_find_char(word[2], ':') != SIZE_MAX);
	} else if (word[0].p[0] == 'm') {
		HM_TRY(find_line(sh, true, word[2], &group));
		*out = is_member(group, word[1]);
	}
	return NULL;
}

static hm_err has_sysusers(struct shell *sh, const struct repair_node *n, bool *out)
{
	*out = n->is_kept;
	for (struct hm_str text = n->content; text.n && *out;)
		HM_TRY(has_sysuser(sh, hm_line(&text), out));
	return NULL;
}

/* All files of sysusers.d, or those that are named. */
static hm_err run_sysusers(struct shell *sh, const struct shell_args *a)
{
	static const char *const folders[] = { "etc/sysusers.d/", "run/sysusers.d/",
					       "usr/lib/sysusers.d/" };
	bool all = true;
	sh->steps += 100;
	for (size_t i = 0; i < sh->root->nodes.n && all; i++) {
		const struct repair_node *n = sh->root->nodes.entries[i].value;
		bool is = false, named = a->n == 1;
		for (size_t k = 0; k < HM_LEN(folders); k++)
			is = is || hm_starts(n->path, hm_cstr(folders[k]));
		for (size_t k = 1; k < a->n; k++)
			named = named ||
				hm_eq(hm_basename(repair_shell_arg(a, k)), hm_basename(n->path));
		if (is && named && !n->is_gone && n->type == TAR_FILE)
			HM_TRY(has_sysusers(sh, n, &all));
	}
	return all && repair_shell_all_known(a) ? NULL : repair_shell_refuse(sh, a);
}

const struct shell_command repair_script_users[] = {
	{ "getent", run_getent, NULL },
	{ "id", run_id, NULL },
	{ "adduser", run_adduser, NULL },
	{ "addgroup", run_adduser, NULL },
	{ "useradd", run_adduser, NULL },
	{ "groupadd", run_adduser, NULL },
	{ "systemd-sysusers", run_sysusers, NULL },
	{ 0 },
};
