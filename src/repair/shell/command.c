/* SPDX-License-Identifier: Apache-2.0 */
/* The shell's own commands, and those without effect. */
#include "repair/shell/shell.h"

static hm_err run_false(struct shell *sh, const struct shell_args *a)
{
	(void)a;
	sh->status = 1;
	return NULL;
}

static hm_err run_maybe(struct shell *sh, const struct shell_args *a)
{
	(void)a;
	repair_shell_print(sh, (struct shell_text){ HM_STR(""), SHELL_UNKNOWN });
	sh->status = SHELL_MAYBE;
	return NULL;
}

static hm_err run_echo(struct shell *sh, const struct shell_args *a)
{
	bool newline = !(a->n > 1 && hm_eqz(repair_shell_arg(a, 1), "-n"));
	for (size_t i = newline ? 1 : 2; i < a->n; i++) {
		if (!a->p[i].know && hm_find_char(a->p[i].s, '\\') != SIZE_MAX)
			repair_shell_print(sh, (struct shell_text){ HM_STR(""), SHELL_UNKNOWN });
		repair_shell_print(sh, a->p[i]);
		if (i + 1 < a->n)
			repair_shell_print(sh, (struct shell_text){ HM_STR(" "), SHELL_KNOWN });
	}
	if (newline)
		repair_shell_print(sh, (struct shell_text){ HM_STR("\n"), SHELL_KNOWN });
	return NULL;
}

/* "%s" and "\n" only. */
static hm_err run_printf(struct shell *sh, const struct shell_args *a)
{
	struct hm_str f = repair_shell_arg(a, 1);
	struct shell_text unknown = { HM_STR(""), SHELL_UNKNOWN };
	size_t next = 2;
	for (size_t i = 0; i < f.n; i++) {
		struct hm_str two = hm_sub(f, i, 2);
		if (hm_eqz(two, "%s"))
			repair_shell_print(sh, next < a->n ? a->p[next] : (struct shell_text){ 0 });
		else if (hm_eqz(two, "\\n"))
			repair_shell_print(sh, (struct shell_text){ HM_STR("\n"), SHELL_KNOWN });
		else if (f.p[i] == '%' || f.p[i] == '\\')
			repair_shell_print(sh, unknown);
		else
			repair_shell_print(sh, (struct shell_text){ hm_sub(f, i, 1), SHELL_KNOWN });
		if (hm_eqz(two, "%s"))
			next++;
		if (f.p[i] == '%' || f.p[i] == '\\')
			i++;
	}
	if (next < a->n || !f.n)
		repair_shell_print(sh, unknown);
	return NULL;
}

static void set_status(struct shell *sh, const struct shell_args *a)
{
	uint64_t n;
	if (a->n < 2)
		return;
	sh->status = SHELL_MAYBE;
	if (hm_u64(repair_shell_arg(a, 1), 255, &n))
		sh->status = (int)n;
}

/* A signal's is for a script that is killed; what runs at the end runs in any case. */
static hm_err run_trap(struct shell *sh, const struct shell_args *a)
{
	struct hm_str action = repair_shell_arg(a, 1);
	bool at_end = false;
	sh->status = 0;
	if (!repair_shell_all_known(a))
		return repair_shell_refuse(sh, a);
	for (size_t i = 2; i < a->n; i++)
		at_end = at_end || hm_eqz(a->p[i].s, "EXIT") || hm_eqz(a->p[i].s, "0");
	/* "trap EXIT" and "trap 0": as it was */
	at_end = at_end || (a->n == 2 && (hm_eqz(action, "EXIT") || hm_eqz(action, "0")));
	if (!at_end)
		return NULL;
	if (sh->subshells || sh->maybe || sh->maybe_over)
		return repair_shell_refuse(sh, a);
	sh->at_exit = a->n == 2 || hm_eqz(action, "-") ? HM_STR("") : action;
	return NULL;
}

static hm_err run_exit(struct shell *sh, const struct shell_args *a)
{
	set_status(sh, a);
	sh->flow = SHELL_EXIT;
	return NULL;
}

static hm_err run_return(struct shell *sh, const struct shell_args *a)
{
	set_status(sh, a);
	sh->flow = sh->calls ? SHELL_RETURN : SHELL_EXIT;
	return NULL;
}

/* Of more than one loop: not known here. */
static hm_err run_break(struct shell *sh, const struct shell_args *a)
{
	if (a->n > 1 && !hm_eqz(repair_shell_arg(a, 1), "1"))
		repair_shell_give_up(sh, "it leaves several loops at once");
	else
		sh->flow = hm_eqz(a->p[0].s, "break") ? SHELL_BREAK : SHELL_CONTINUE;
	return NULL;
}

static hm_err run_set(struct shell *sh, const struct shell_args *a)
{
	size_t i = 1;
	for (; i < a->n; i++) {
		struct hm_str s = a->p[i].s;
		if (a->p[i].know || s.n < 2 || (s.p[0] != '-' && s.p[0] != '+') || hm_eqz(s, "--"))
			break;
		repair_shell_set_modes(sh, s);
		if (hm_ends(s, HM_STR("o")))
			repair_shell_set_named(sh, s.p[0] == '-', repair_shell_arg(a, ++i));
	}
	if (i < a->n) {
		struct shell_args new = { 0 };
		*hm_push(sh->cx, &new) = sh->args.n ? sh->args.p[0] : (struct shell_text){ 0 };
		for (i += hm_eqz(repair_shell_arg(a, i), "--"); i < a->n; i++)
			*hm_push(sh->cx, &new) = a->p[i];
		if (sh->maybe)
			repair_shell_give_up(sh, "its arguments are perhaps others");
		sh->args = new;
	}
	return NULL;
}

static hm_err run_shift(struct shell *sh, const struct shell_args *a)
{
	uint64_t n = 1;
	if (sh->maybe || (a->n > 1 && !hm_u64(repair_shell_arg(a, 1), 100, &n))) {
		repair_shell_give_up(sh, "its arguments are perhaps others");
		return NULL;
	}
	if (n >= sh->args.n) {
		sh->status = n == sh->args.n - 1 ? 0 : 1;
		n = sh->args.n ? sh->args.n - 1 : 0;
	}
	struct shell_args new = { 0 };
	for (size_t i = 0; i < sh->args.n; i++)
		if (i == 0 || i > n)
			*hm_push(sh->cx, &new) = sh->args.p[i];
	sh->args = new;
	return NULL;
}

/* export, readonly, local: "NAME" or "NAME=VALUE". */
static hm_err run_export(struct shell *sh, const struct shell_args *a)
{
	for (size_t i = 1; i < a->n; i++) {
		struct hm_str value = a->p[i].s, name = hm_cut(&value, '=');
		if (hm_find_char(a->p[i].s, '=') != SIZE_MAX)
			repair_shell_set(sh, name, (struct shell_text){ value, a->p[i].know });
		else if (a->p[i].know)
			repair_shell_give_up(sh, "a variable whose name is not known");
	}
	return NULL;
}

static hm_err run_unset(struct shell *sh, const struct shell_args *a)
{
	for (size_t i = 1; i < a->n; i++)
		repair_shell_unset(sh, repair_shell_arg(a, i));
	return NULL;
}

/* A line of what is known; the rest is for the next read. */
static hm_err run_read(struct shell *sh, const struct shell_args *a)
{
	struct shell_text line = { HM_STR(""), sh->in ? sh->in->know : SHELL_UNKNOWN };
	size_t first = 1;
	while (first < a->n && hm_starts(a->p[first].s, HM_STR("-")))
		first++;
	if (line.know) {
		for (size_t i = first; i < a->n; i++)
			repair_shell_set(sh, repair_shell_arg(a, i), line);
		sh->status = SHELL_MAYBE;
		return NULL;
	}
	sh->status = sh->in->s.n ? 0 : 1;
	line.s = hm_line(&sh->in->s);
	for (size_t i = first; i < a->n; i++) {
		struct shell_text v = { hm_trim(line.s), SHELL_KNOWN };
		if (i + 1 < a->n) {
			line.s = hm_trim(line.s);
			size_t n = 0;
			while (n < line.s.n && !hm_is_space(line.s.p[n]))
				n++;
			v.s = hm_sub(line.s, 0, n);
			line.s = hm_from(line.s, n);
		}
		repair_shell_set(sh, repair_shell_arg(a, i), v);
	}
	return NULL;
}

static hm_err run_text(struct shell *sh, struct hm_str text)
{
	if (++sh->calls > HM_MAX_SCRIPT_DEPTH)
		return hm_fail(sh->cx, HM_LIMIT, "line %u: too many files in each other", sh->line);
	HM_TRY(repair_shell_text(sh, text));
	sh->calls--;
	return NULL;
}

static hm_err run_eval(struct shell *sh, const struct shell_args *a)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_SCRIPT);
	struct hm_str text;
	if (!repair_shell_all_known(a)) {
		repair_shell_give_up(sh, "eval of what is not known");
		return NULL;
	}
	for (size_t i = 1; i < a->n; i++)
		hm_buf_fmt(&b, "%.*s ", HM_FMT(a->p[i].s));
	HM_TRY(hm_buf_end(sh->cx, &b, "a text of the script", &text));
	return run_text(sh, hm_dup(sh->cx, text));
}

/* Debconf's library makes commands known, and has no other effect that an image keeps. */
static hm_err run_source(struct shell *sh, const struct shell_args *a)
{
	struct hm_str path = repair_shell_arg(a, 1);
	const struct repair_node *n;
	bool sure;
	if (hm_starts(path, HM_STR("/usr/share/debconf/confmodule")))
		return NULL;
	HM_TRY(repair_shell_find(sh, path, true, &n, &sure));
	if (n && n->type == TAR_FILE && n->is_kept)
		return run_text(sh, n->content);
	repair_shell_give_up(sh, "the file \"%.*s\"", HM_FMT(path));
	return NULL;
}

/* Not known: whether a program is there that no row is about; the files say it. */
static hm_err find_program(struct shell *sh, struct hm_str name, struct hm_str *out, bool *out_sure)
{
	static const char *const folders[] = { "usr/local/sbin", "usr/local/bin", "usr/sbin",
					       "usr/bin",        "sbin",          "bin" };
	const struct repair_node *n = NULL;
	*out = HM_STR("");
	*out_sure = true;
	if (hm_starts(name, HM_STR("/"))) {
		HM_TRY(repair_shell_find(sh, name, true, &n, out_sure));
		*out = n && (n->mode & 0111) ? name : HM_STR("");
		return NULL;
	}
	for (size_t i = 0; i < HM_LEN(folders) && !out->n; i++) {
		struct hm_str path = hm_fmt(sh->cx, "/%s/%.*s", folders[i], HM_FMT(name));
		HM_TRY(repair_shell_find(sh, path, true, &n, out_sure));
		if (n && n->type == TAR_FILE && (n->mode & 0111))
			*out = path;
	}
	return NULL;
}

static hm_err run_which(struct shell *sh, const struct shell_args *a)
{
	struct hm_str name = repair_shell_arg(a, a->n - 1), path;
	bool sure;
	if (!name.n || a->n < 2)
		return run_maybe(sh, a);
	if (hm_map_has(&sh->functions, name)) {
		repair_shell_print(sh, a->p[a->n - 1]);
		return NULL;
	}
	HM_TRY(find_program(sh, name, &path, &sure));
	if (!sure)
		return run_maybe(sh, a);
	sh->status = !path.n;
	repair_shell_print(sh, (struct shell_text){ path, SHELL_KNOWN });
	if (path.n)
		repair_shell_print(sh, (struct shell_text){ HM_STR("\n"), SHELL_KNOWN });
	return NULL;
}

static hm_err run_rest(struct shell *sh, const struct shell_args *a, size_t skip)
{
	struct shell_args rest = { 0 };
	for (size_t i = skip; i < a->n; i++)
		*hm_push(sh->cx, &rest) = a->p[i];
	return rest.n ? repair_shell_call(sh, &rest) : NULL;
}

/* "command -v NAME", and "command NAME ...". */
static hm_err run_command(struct shell *sh, const struct shell_args *a)
{
	struct hm_str first = repair_shell_arg(a, 1);
	if (hm_eqz(first, "-v") || hm_eqz(first, "-V"))
		return run_which(sh, a);
	return run_rest(sh, a, 1);
}

/* env, nice: what they start. */
static hm_err run_env(struct shell *sh, const struct shell_args *a)
{
	size_t i = 1;
	while (i < a->n &&
	       (hm_find_char(a->p[i].s, '=') != SIZE_MAX || hm_starts(a->p[i].s, HM_STR("-"))))
		i++;
	return run_rest(sh, a, i);
}

static hm_err run_umask(struct shell *sh, const struct shell_args *a)
{
	if (a->n > 1 && !hm_eqz(repair_shell_arg(a, 1), "022") &&
	    !hm_eqz(repair_shell_arg(a, 1), "0022"))
		repair_shell_give_up(sh, "umask");
	return NULL;
}

/* dpkg starts scripts in "/". */
static hm_err run_cd(struct shell *sh, const struct shell_args *a)
{
	struct hm_str to = repair_shell_arg(a, 1), at;
	const struct repair_node *n;
	bool sure;
	HM_TRY(repair_shell_find(sh, to, true, &n, &sure));
	bool is_root = sure && !n && a->n == 2;
	if (is_root) {
		HM_TRY(repair_root_target(sh->cx, sh->root, repair_shell_path(sh, to), &at));
		is_root = !at.n;
	}
	if (!sure || a->n != 2 || sh->maybe) {
		repair_shell_give_up(sh, "it goes to another folder");
		return NULL;
	}
	sh->status = !is_root && (!n || n->type != TAR_DIR);
	if (!sh->status)
		sh->cwd = is_root ? HM_STR("") : hm_fmt(sh->cx, "/%.*s", HM_FMT(n->path));
	return NULL;
}

static hm_err run_pwd(struct shell *sh, const struct shell_args *a)
{
	(void)a;
	repair_shell_print(sh,
			   (struct shell_text){ sh->cwd.n ? sh->cwd : HM_STR("/"), SHELL_KNOWN });
	repair_shell_print(sh, (struct shell_text){ HM_STR("\n"), SHELL_KNOWN });
	return NULL;
}

const struct shell_command repair_shell_commands[] = {
	{ ":", repair_shell_nothing, NULL },
	{ "true", repair_shell_nothing, NULL },
	{ "false", run_false, NULL },
	{ "echo", run_echo, NULL },
	{ "printf", run_printf, NULL },
	{ "[", repair_shell_test, NULL },
	{ "test", repair_shell_test, NULL },
	{ "exit", run_exit, NULL },
	{ "return", run_return, NULL },
	{ "break", run_break, NULL },
	{ "continue", run_break, NULL },
	{ "set", run_set, NULL },
	{ "shift", run_shift, NULL },
	{ "export", run_export, NULL },
	{ "readonly", run_export, NULL },
	{ "local", run_export, NULL },
	{ "unset", run_unset, NULL },
	{ "read", run_read, NULL },
	{ "eval", run_eval, NULL },
	{ ".", run_source, NULL },
	{ "command", run_command, NULL },
	{ "which", run_which, NULL },
	{ "type", run_which, NULL },
	{ "env", run_env, NULL },
	{ "umask", run_umask, NULL },
	{ "cd", run_cd, NULL },
	{ "pwd", run_pwd, NULL },
	{ "trap", run_trap, NULL },
	{ "wait", repair_shell_nothing, NULL },
	{ "sleep", repair_shell_nothing, NULL },
	{ "sync", repair_shell_nothing, NULL },
	{ "date", run_maybe, NULL },
	{ "uname", run_maybe, NULL },
	{ "hostname", run_maybe, NULL },
	{ "expr", run_maybe, NULL },
	{ 0 },
};
