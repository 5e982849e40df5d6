/* SPDX-License-Identifier: Apache-2.0 */
/* Modes and owners: chmod, chown, chgrp, install. */
#include "repair/shell/shell.h"

enum { SET_ID = 06000 };

/* ------------------------------------------------------------------ what is meant */

/* "u", "g", "o", "a": the bits that are theirs, set-id and sticky ones included. */
static size_t read_who(struct hm_str clause, uint32_t *who)
{
	static const uint32_t bits[] = { 04700, 02070, 01007, 07777 };
	static const char letters[] = "ugoa";
	size_t i = 0;
	for (; i < clause.n && hm_is_one_of(clause.p[i], letters); i++)
		*who |= bits[strchr(letters, clause.p[i]) - letters];
	return i;
}

static bool read_bits(struct hm_str letters, bool runs, uint32_t *bits, uint32_t *special)
{
	for (size_t i = 0; i < letters.n; i++)
		switch (letters.p[i]) {
		case 'r':
			*bits |= 0444;
			break;
		case 'w':
			*bits |= 0222;
			break;
		case 'X':
			*bits |= runs ? 0111 : 0;
			break;
		case 'x':
			*bits |= 0111;
			break;
		case 's':
			*special |= SET_ID;
			break;
		case 't':
			*special |= 01000;
			break;
		default:
			return false;
		}
	return true;
}

/* One of "u+s", "g=rX", "a-w", as POSIX's chmod has them; without "u", "g" or "o" the umask counts.
 */
static bool apply_clause(struct hm_str clause, bool is_dir, uint32_t *mode)
{
	uint32_t who = 0, bits = 0, special = 0;
	size_t i = read_who(clause, &who);
	uint32_t asked = who ? who : 07777, plain = who ? who : 07777U & ~022U;
	if (i >= clause.n || !hm_is_one_of(clause.p[i], "+-=") ||
	    !read_bits(hm_from(clause, i + 1), is_dir || (*mode & 0111), &bits, &special))
		return false;
	bits = (bits & plain) | (special & asked);
	if (clause.p[i] == '=')
		*mode &= ~(asked & (is_dir ? 0777U : 07777U));
	*mode = clause.p[i] == '-' ? *mode & ~bits : *mode | bits;
	return true;
}

/* The mode that a node gets. Of a folder, a short number leaves its set-id bits as they are. */
static bool new_mode(struct hm_str text, const struct repair_node *n, uint32_t *out)
{
	bool is_dir = n->type == TAR_DIR;
	if (repair_shell_octal(text, out)) {
		if (is_dir && text.n < 5)
			*out |= n->mode & SET_ID;
		return true;
	}
	*out = n->mode;
	while (text.n)
		if (!apply_clause(hm_cut(&text, ','), is_dir, out))
			return false;
	return true;
}

/* ------------------------------------------------------------------ one file */

struct change {
	struct hm_str mode; /* of chmod; else empty */
	struct hm_str who;  /* of chown: "user:group" */
};

static hm_err change_mode(struct shell *sh, const struct repair_node *n, uint32_t mode)
{
	if (mode == n->mode)
		return NULL;
	return repair_shell_effect(sh, &(struct shell_effect){
					       .type = SHELL_MODE, .path = n->path, .mode = mode });
}

/* Linux takes the set-id bits from a file whose owner is set, even to what it was. */
static hm_err change_owner(struct shell *sh, const struct repair_node *n, uint32_t uid,
			   uint32_t gid)
{
	uint32_t mode = n->mode & ~04000U;
	if ((mode & 02010) == 02010)
		mode &= ~02000U;
	if (n->uid != uid || n->gid != gid)
		HM_TRY(repair_shell_effect(sh, &(struct shell_effect){ .type = SHELL_OWNER,
								       .path = n->path,
								       .uid = uid,
								       .gid = gid }));
	return n->type == TAR_FILE && !sh->flow ? change_mode(sh, n, mode) : NULL;
}

static hm_err change_one(struct shell *sh, const struct change *c, const struct repair_node *n,
			 bool *out_known)
{
	uint32_t mode, uid = n->uid, gid = n->gid;
	if (c->mode.n) {
		*out_known = new_mode(c->mode, n, &mode);
		return *out_known ? change_mode(sh, n, mode) : NULL;
	}
	*out_known = repair_shell_owner(sh->root, c->who, &uid, &gid);
	return *out_known ? change_owner(sh, n, uid, gid) : NULL;
}

/* With all below it: links are changed themselves, and have no mode. */
static hm_err change_all(struct shell *sh, const struct change *c, const struct repair_node *top,
			 bool *out_known)
{
	struct hm_str head = hm_fmt(sh->cx, "%.*s/", HM_FMT(top->path));
	HM_TRY(change_one(sh, c, top, out_known));
	sh->steps += 100;
	for (size_t i = 0; i < sh->root->nodes.n && *out_known && !sh->flow; i++) {
		const struct repair_node *n = sh->root->nodes.entries[i].value;
		if (!n->is_gone && hm_starts(n->path, head) &&
		    !(c->mode.n && n->type == TAR_SYMLINK))
			HM_TRY(change_one(sh, c, n, out_known));
	}
	return NULL;
}

static hm_err change_paths(struct shell *sh, const struct shell_args *a,
			   const struct shell_words *w, const struct change *c)
{
	bool all = repair_shell_option(w, 'R'), known = true;
	bool follow = !repair_shell_option(w, 'h') && !all;
	for (size_t i = 1; i < w->args.n && !sh->flow; i++) {
		const struct repair_node *n;
		bool sure;
		HM_TRY(repair_shell_find(sh, repair_shell_arg(&w->args, i), follow, &n, &sure));
		if (!sure)
			return repair_shell_refuse(sh, a);
		if (!n) {
			sh->status = 1;
			continue;
		}
		HM_TRY(all ? change_all(sh, c, n, &known) : change_one(sh, c, n, &known));
		if (!known)
			return repair_shell_refuse(sh, a);
	}
	return NULL;
}

static hm_err run_chmod(struct shell *sh, const struct shell_args *a)
{
	/* "-x" is a mode here, too. */
	struct shell_words w = repair_shell_words(sh, a);
	struct change c = { .mode = repair_shell_arg(&w.args, 0) };
	return c.mode.n && !repair_shell_option(&w, '-') ? change_paths(sh, a, &w, &c)
							 : repair_shell_refuse(sh, a);
}

static hm_err run_chown(struct shell *sh, const struct shell_args *a)
{
	struct shell_words w = repair_shell_words(sh, a);
	struct change c = { .who = repair_shell_arg(&w.args, 0) };
	if (c.who.n && hm_eqz(hm_basename(a->p[0].s), "chgrp"))
		c.who = hm_fmt(sh->cx, ":%.*s", HM_FMT(c.who));
	return c.who.n && !repair_shell_option(&w, '-') ? change_paths(sh, a, &w, &c)
							: repair_shell_refuse(sh, a);
}

/* ------------------------------------------------------------------ install */

static bool read_install(struct shell *sh, const struct shell_words *w, struct shell_effect *e)
{
	e->mode = 0755;
	if (w->mode.n && !repair_shell_octal(w->mode, &e->mode))
		return false;
	struct hm_str who =
		hm_fmt(sh->cx, "%.*s:%.*s", HM_FMT(w->user.n ? w->user : HM_STR("root")),
		       HM_FMT(w->group.n ? w->group : HM_STR("root")));
	return repair_shell_owner(sh->root, who, &e->uid, &e->gid);
}

/* "install -d DIR...": folders above it are root's. */
static hm_err install_folder(struct shell *sh, const struct shell_effect *want, struct hm_str path)
{
	struct shell_effect e = *want;
	HM_TRY(repair_root_target(sh->cx, sh->root, repair_shell_path(sh, path), &e.path));
	const struct repair_node *n = repair_root_at(sh->root, e.path);
	for (size_t i = 1; i < e.path.n && !sh->flow; i++)
		if (e.path.p[i] == '/' && !repair_root_at(sh->root, hm_sub(e.path, 0, i)))
			HM_TRY(repair_shell_effect(sh, &(struct shell_effect){
							       .type = SHELL_MKDIR,
							       .path = hm_sub(e.path, 0, i),
							       .mode = 0755 }));
	if (n && n->type != TAR_DIR) {
		sh->status = 1;
		return NULL;
	}
	e.type = SHELL_MKDIR;
	if (!n && !sh->flow)
		return repair_shell_effect(sh, &e);
	if (n && !sh->flow)
		HM_TRY(change_owner(sh, n, e.uid, e.gid));
	return n && !sh->flow ? change_mode(sh, n, e.mode) : NULL;
}

static hm_err install_file(struct shell *sh, const struct shell_args *a,
			   const struct shell_words *w, struct shell_effect *e)
{
	const struct repair_node *from, *to;
	bool sure[2], none = hm_eqz(w->args.p[0].s, "/dev/null");
	HM_TRY(repair_shell_find(sh, w->args.p[0].s, true, &from, &sure[0]));
	HM_TRY(repair_shell_find(sh, w->args.p[1].s, true, &to, &sure[1]));
	bool has_text = none || (sure[0] && from && from->type == TAR_FILE && from->is_kept);
	if (!sure[1] || (to && to->type == TAR_DIR) || !has_text)
		return repair_shell_refuse(sh, a);
	HM_TRY(repair_root_target(sh->cx, sh->root, repair_shell_path(sh, w->args.p[1].s),
				  &e->path));
	e->text = none ? HM_STR("") : from->content;
	return repair_shell_effect(sh, e);
}

static hm_err run_install(struct shell *sh, const struct shell_args *a)
{
	struct shell_words w = repair_shell_words(sh, a);
	struct shell_effect e = { .type = SHELL_WRITE };
	bool folders = repair_shell_option(&w, 'd');
	if (!repair_shell_all_known(a) || !read_install(sh, &w, &e) ||
	    repair_shell_option(&w, '-') || (!folders && w.args.n != 2))
		return repair_shell_refuse(sh, a);
	if (!folders)
		return install_file(sh, a, &w, &e);
	for (size_t i = 0; i < w.args.n && !sh->flow; i++)
		HM_TRY(install_folder(sh, &e, w.args.p[i].s));
	return NULL;
}

const struct shell_command repair_shell_modes[] = {
	{ "chmod", run_chmod, NULL },
	{ "chown", run_chown, NULL },
	{ "chgrp", run_chown, NULL },
	{ "install", run_install, NULL },
	{ 0 },
};
