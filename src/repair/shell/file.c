/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that change files: what has no effect is nothing, the rest is put down. */
#include "repair/shell/shell.h"

/* ------------------------------------------------------------------ remove */

static bool has_children(struct shell *sh, const struct repair_node *dir)
{
	struct hm_str head = hm_fmt(sh->cx, "%.*s/", HM_FMT(dir->path));
	for (size_t i = 0; i < sh->root->nodes.n; i++) {
		const struct repair_node *n = sh->root->nodes.entries[i].value;
		if (!n->is_gone && hm_starts(n->path, head))
			return true;
	}
	return false;
}

static bool is_bytecode(struct hm_str path)
{
	return hm_ends(path, HM_STR("/__pycache__")) || hm_ends(path, HM_STR(".pyc")) ||
	       hm_ends(path, HM_STR(".pyo"));
}

static hm_err remove_one(struct shell *sh, const struct shell_args *a, const struct shell_words *w,
			 const struct shell_text *t)
{
	const struct repair_node *n;
	bool sure;
	HM_TRY(repair_shell_find(sh, t->know ? HM_STR("") : t->s, false, &n, &sure));
	if (!sure && (t->know || t->s.n))
		return repair_shell_refuse(sh, a);
	if (!n && !repair_shell_option(w, 'f'))
		sh->status = 1;
	if (!n)
		return NULL;
	bool all = repair_shell_option(w, 'r') || repair_shell_option(w, 'R');
	if (n->type == TAR_DIR && (!all || hm_find_char(n->path, '/') == SIZE_MAX))
		return repair_shell_refuse(sh, a);
	return repair_shell_effect(sh,
				   &(struct shell_effect){ .type = SHELL_REMOVE, .path = n->path });
}

static hm_err run_rm(struct shell *sh, const struct shell_args *a)
{
	struct shell_words w = repair_shell_words(sh, a);
	for (size_t i = 0; i < w.args.n && !sh->flow; i++) {
		const struct shell_text *t = &w.args.p[i];
		if (t->know == SHELL_BYTECODE || (!t->know && is_bytecode(t->s)))
			repair_shell_did(sh, "bytecode of Python");
		else
			HM_TRY(remove_one(sh, a, &w, t));
	}
	return NULL;
}

/* A folder with something in it stays. */
static hm_err run_rmdir(struct shell *sh, const struct shell_args *a)
{
	struct shell_words w = repair_shell_words(sh, a);
	for (size_t i = 0; i < w.args.n && !sh->flow; i++) {
		struct shell_text *t = &w.args.p[i];
		struct shell_effect e = { .type = SHELL_REMOVE };
		const struct repair_node *n;
		bool sure;
		if (t->know == SHELL_BYTECODE) {
			repair_shell_did(sh, "bytecode of Python");
			continue;
		}
		HM_TRY(repair_shell_find(sh, t->know ? HM_STR("") : t->s, false, &n, &sure));
		if (!sure || repair_shell_option(&w, 'p'))
			return repair_shell_refuse(sh, a);
		if (!n || n->type != TAR_DIR || has_children(sh, n)) {
			sh->status = repair_shell_option(&w, '-') && n ? 0 : 1;
			continue;
		}
		e.path = n->path;
		HM_TRY(repair_shell_effect(sh, &e));
	}
	return NULL;
}

/* ------------------------------------------------------------------ make */

/* `path` is where it leads; its parent is there, or this fails as mkdir does. */
static hm_err make_folder(struct shell *sh, struct hm_str path, uint32_t mode)
{
	struct shell_effect e = { .type = SHELL_MKDIR, .mode = mode, .path = path };
	struct hm_str dir = hm_dirname(path);
	const struct repair_node *above = dir.n ? repair_root_at(sh->root, dir) : sh->root->top;
	if (!above || above->type != TAR_DIR) {
		sh->status = 1;
		return NULL;
	}
	if (above->mode & 02000) { /* its group would be inherited */
		repair_shell_give_up(sh, "a folder below one that hands on its group");
		return NULL;
	}
	return repair_shell_effect(sh, &e);
}

static hm_err make_folders(struct shell *sh, struct hm_str path, uint32_t mode, bool parents)
{
	struct hm_str at;
	HM_TRY(repair_root_target(sh->cx, sh->root, repair_shell_path(sh, path), &at));
	const struct repair_node *n = repair_root_at(sh->root, at);
	if (n || !at.n) {
		sh->status = parents && (!n || n->type == TAR_DIR) ? sh->status : 1;
		return NULL;
	}
	for (size_t i = 1; parents && i < at.n && !sh->flow; i++)
		if (at.p[i] == '/' && !repair_root_at(sh->root, hm_sub(at, 0, i)))
			HM_TRY(make_folder(sh, hm_sub(at, 0, i), 0755));
	return sh->flow ? NULL : make_folder(sh, at, mode);
}

static hm_err run_mkdir(struct shell *sh, const struct shell_args *a)
{
	struct shell_words w = repair_shell_words(sh, a);
	uint32_t mode = 0755;
	if (w.mode.n && !repair_shell_octal(w.mode, &mode))
		return repair_shell_refuse(sh, a);
	if (repair_shell_option(&w, 'm') && !w.mode.n)
		return repair_shell_refuse(sh, a);
	for (size_t i = 0; i < w.args.n && !sh->flow; i++) {
		const struct repair_node *n;
		bool sure;
		struct hm_str path = w.args.p[i].know ? HM_STR("") : w.args.p[i].s;
		HM_TRY(repair_shell_find(sh, path, true, &n, &sure));
		if (!sure)
			return repair_shell_refuse(sh, a);
		HM_TRY(make_folders(sh, path, mode, repair_shell_option(&w, 'p')));
	}
	return NULL;
}

/* Times are not kept up: of a file that is there nothing changes. */
static hm_err run_touch(struct shell *sh, const struct shell_args *a)
{
	struct shell_words w = repair_shell_words(sh, a);
	for (size_t i = 0; i < w.args.n && !sh->flow; i++) {
		struct shell_effect e = { .type = SHELL_WRITE, .mode = 0644 };
		const struct repair_node *n;
		bool sure;
		struct hm_str path = w.args.p[i].know ? HM_STR("") : w.args.p[i].s;
		HM_TRY(repair_shell_find(sh, path, true, &n, &sure));
		if (!sure || (w.options.n && !n && !repair_shell_option(&w, 'a')))
			return repair_shell_refuse(sh, a);
		if (n)
			continue;
		HM_TRY(repair_root_target(sh->cx, sh->root, repair_shell_path(sh, path), &e.path));
		HM_TRY(repair_shell_effect(sh, &e));
	}
	return NULL;
}

/* Where "ln" puts the link: into a folder, where there is one. */
static hm_err find_link_place(struct shell *sh, const struct shell_words *w, struct hm_str *out,
			      const struct repair_node **out_node, bool *out_sure)
{
	*out = w->args.p[1].s;
	HM_TRY(repair_shell_find(sh, *out, !repair_shell_option(w, 'n'), out_node, out_sure));
	if (*out_sure && *out_node && (*out_node)->type == TAR_DIR)
		*out = hm_fmt(sh->cx, "%.*s/%.*s", HM_FMT(*out),
			      HM_FMT(hm_basename(w->args.p[0].s)));
	return repair_shell_find(sh, *out, false, out_node, out_sure);
}

static hm_err run_ln(struct shell *sh, const struct shell_args *a)
{
	struct shell_words w = repair_shell_words(sh, a);
	struct shell_effect e = { .type = SHELL_LINK, .mode = 0777 };
	const struct repair_node *n;
	struct hm_str at;
	bool sure;
	if (!repair_shell_option(&w, 's') || w.args.n != 2 || !repair_shell_all_known(&w.args) ||
	    repair_shell_option(&w, '-') || repair_shell_option(&w, 'r'))
		return repair_shell_refuse(sh, a);
	HM_TRY(find_link_place(sh, &w, &at, &n, &sure));
	if (!sure || (n && n->type == TAR_DIR))
		return repair_shell_refuse(sh, a);
	if (n && !repair_shell_option(&w, 'f')) {
		sh->status = 1;
		return NULL;
	}
	if (n && n->type == TAR_SYMLINK && hm_eq(n->link, w.args.p[0].s))
		return NULL;
	HM_TRY(repair_root_place(sh->cx, sh->root, repair_shell_path(sh, at), &e.path));
	e.text = w.args.p[0].s;
	return repair_shell_effect(sh, &e);
}

/* ------------------------------------------------------------------ cp, mv */

static bool is_plain(const struct repair_node *n)
{
	return n->type == TAR_FILE && !n->uid && !n->gid;
}

/* Only of files that are known, and that belong to root. */
static hm_err run_cp(struct shell *sh, const struct shell_args *a)
{
	struct shell_words w = repair_shell_words(sh, a);
	struct shell_effect e = { .type = SHELL_WRITE };
	const struct repair_node *from, *to;
	bool sure[2], move = hm_eqz(a->p[0].s, "mv");
	if (w.args.n != 2 || !repair_shell_all_known(&w.args))
		return repair_shell_refuse(sh, a);
	HM_TRY(repair_shell_find(sh, w.args.p[0].s, false, &from, &sure[0]));
	HM_TRY(repair_shell_find(sh, w.args.p[1].s, true, &to, &sure[1]));
	if (sure[0] && !from) {
		sh->status = 1;
		return NULL;
	}
	if (!sure[0] || !sure[1] || !is_plain(from) || !from->is_kept || (to && !is_plain(to)))
		return repair_shell_refuse(sh, a);
	HM_TRY(repair_root_target(sh->cx, sh->root, repair_shell_path(sh, w.args.p[1].s), &e.path));
	e.mode = to && !move ? to->mode : from->mode;
	e.text = from->content;
	HM_TRY(repair_shell_effect(sh, &e));
	if (!move || sh->flow)
		return NULL;
	return repair_shell_effect(sh, &(struct shell_effect){ .type = SHELL_REMOVE,
							       .path = from->path });
}

/* ------------------------------------------------------------------ what is asked of a file */

static void print_line(struct shell *sh, struct hm_str s)
{
	repair_shell_print(sh,
			   (struct shell_text){ hm_fmt(sh->cx, "%.*s\n", HM_FMT(s)), SHELL_KNOWN });
}

static hm_err print_unknown(struct shell *sh)
{
	repair_shell_print(sh, (struct shell_text){ HM_STR(""), SHELL_UNKNOWN });
	sh->status = SHELL_MAYBE;
	return NULL;
}

static hm_err run_name(struct shell *sh, const struct shell_args *a)
{
	struct hm_str path = repair_shell_arg(a, 1), tail = repair_shell_arg(a, 2);
	if (a->n < 2 || !repair_shell_all_known(a))
		return print_unknown(sh);
	if (hm_eqz(a->p[0].s, "basename")) {
		path = hm_basename(path);
		if (tail.n && hm_ends(path, tail) && path.n > tail.n)
			path.n -= tail.n;
	} else {
		size_t n = hm_rfind_char(path, '/');
		path = n == SIZE_MAX ? HM_STR(".") : n ? hm_sub(path, 0, n) : HM_STR("/");
	}
	print_line(sh, path);
	return NULL;
}

/* "/a/./b/../c" as "/a/c": what it would be without links. */
static struct hm_str normalise(struct shell *sh, struct hm_str path)
{
	struct hm_str out = HM_STR("");
	path = repair_shell_path(sh, path);
	while (path.n) {
		struct hm_str part = hm_cut(&path, '/');
		if (hm_eqz(part, ".."))
			out = hm_dirname(out);
		else if (part.n && !hm_eqz(part, "."))
			out = hm_fmt(sh->cx, "%.*s%s%.*s", HM_FMT(out), out.n ? "/" : "",
				     HM_FMT(part));
	}
	return out;
}

/* -m: nothing need be there; -e: all of it; else all but the last part. */
static bool is_found(struct shell *sh, const struct shell_words *w, struct hm_str at)
{
	struct hm_str dir = hm_dirname(at);
	if (repair_shell_option(w, 'm') || !at.n)
		return true;
	return repair_root_at(sh->root, repair_shell_option(w, 'e') || !dir.n ? at : dir);
}

static hm_err run_readlink(struct shell *sh, const struct shell_args *a)
{
	struct shell_words w = repair_shell_words(sh, a);
	const struct repair_node *n;
	struct hm_str at;
	bool sure, follow = w.options.n > 0 || hm_eqz(a->p[0].s, "realpath");
	struct hm_str path = w.args.n == 1 ? repair_shell_arg(&w.args, 0) : HM_STR("");
	if (!path.n || repair_shell_option(&w, '-') || repair_shell_option(&w, 'z'))
		return print_unknown(sh);
	HM_TRY(repair_shell_find(sh, path, follow, &n, &sure));
	if (!sure)
		return print_unknown(sh);
	if (!follow) {
		sh->status = !n || n->type != TAR_SYMLINK;
		if (!sh->status)
			print_line(sh, n->link);
		return NULL;
	}
	if (repair_shell_option(&w, 's'))
		at = normalise(sh, path);
	else
		HM_TRY(repair_root_target(sh->cx, sh->root, repair_shell_path(sh, path), &at));
	sh->status = !is_found(sh, &w, at);
	if (!sh->status)
		print_line(sh, hm_fmt(sh->cx, "/%.*s", HM_FMT(at)));
	return NULL;
}

/* "stat [-L] -c %a FILE", and %u, %g. */
static hm_err run_stat(struct shell *sh, const struct shell_args *a)
{
	struct hm_str path = repair_shell_arg(a, a->n - 1), format = HM_STR("");
	const struct repair_node *n;
	bool sure, follow = false;
	for (size_t i = 1; i + 1 < a->n; i++) {
		follow = follow || hm_eqz(repair_shell_arg(a, i), "-L");
		if (hm_eqz(repair_shell_arg(a, i), "-c"))
			format = repair_shell_arg(a, i + 1);
	}
	HM_TRY(repair_shell_find(sh, path, follow, &n, &sure));
	if (!sure)
		return print_unknown(sh);
	sh->status = !n;
	if (!n)
		return NULL;
	if (hm_eqz(format, "%a"))
		print_line(sh, hm_fmt(sh->cx, "%o", n->mode));
	else if (hm_eqz(format, "%u"))
		print_line(sh, hm_fmt(sh->cx, "%u", n->uid));
	else if (hm_eqz(format, "%g"))
		print_line(sh, hm_fmt(sh->cx, "%u", n->gid));
	else
		return print_unknown(sh);
	return NULL;
}

const struct shell_command repair_shell_files[] = {
	{ "rm", run_rm, NULL },
	{ "unlink", run_rm, NULL },
	{ "rmdir", run_rmdir, NULL },
	{ "mkdir", run_mkdir, NULL },
	{ "touch", run_touch, NULL },
	{ "ln", run_ln, NULL },
	{ "cp", run_cp, NULL },
	{ "mv", run_cp, NULL },
	{ "basename", run_name, NULL },
	{ "dirname", run_name, NULL },
	{ "readlink", run_readlink, NULL },
	{ "realpath", run_readlink, NULL },
	{ "stat", run_stat, NULL },
	{ 0 },
};
