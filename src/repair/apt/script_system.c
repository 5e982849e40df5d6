/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that keep records of files: dpkg-statoverride, setcap, systemd-tmpfiles, ucf. */
#include "crypto/crypto.h"
#include "repair/apt/script.h"
#include "repair/room.h"

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

static struct hm_str next_word(struct hm_str *line)
{
	size_t n = 0;
	*line = hm_trim(*line);
	while (n < line->n && !hm_is_space(line->p[n]))
		n++;
	struct hm_str word = hm_sub(*line, 0, n);
	*line = hm_trim(hm_from(*line, n));
	return word;
}

/* A path that a script gives, where it leads. */
static hm_err find_target(struct shell *sh, struct hm_str path, struct hm_str *out,
			  const struct repair_node **out_node)
{
	HM_TRY(repair_root_target(sh->cx, sh->root, repair_shell_path(sh, path), out));
	*out_node = repair_root_at(sh->root, *out);
	return NULL;
}

static hm_err set_owner_and_mode(struct shell *sh, const struct repair_node *n,
				 const struct shell_effect *want)
{
	struct shell_effect e = *want;
	e.path = n->path;
	e.type = SHELL_OWNER;
	if (n->uid != e.uid || n->gid != e.gid)
		HM_TRY(repair_shell_effect(sh, &e));
	e.type = SHELL_MODE;
	return n->mode == e.mode || sh->flow ? NULL : repair_shell_effect(sh, &e);
}

/* ------------------------------------------------------------------ dpkg-statoverride */

#define STATOVERRIDE "var/lib/dpkg/statoverride"

/* dpkg writes its list in the order of its table of names (FNV-1a, in 8191 places). */
static uint32_t dpkg_place(struct hm_str path)
{
	uint32_t h = 2166136261U;
	for (size_t i = 1; i < path.n; i++) /* without the '/' */
		h = (h ^ (unsigned char)path.p[i]) * 16777619U;
	return h % 8191;
}

static struct hm_str path_of(struct hm_str line)
{
	for (size_t i = 0; i < 3; i++)
		hm_cut(&line, ' ');
	return line;
}

/* The list with one more line, or without that of a path. */
static hm_err write_overrides(struct shell *sh, struct hm_str text, struct hm_str without,
			      struct hm_str more)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_SCRIPT);
	struct shell_effect e = { .type = SHELL_WRITE, .path = HM_STR(STATOVERRIDE), .mode = 0644 };
	struct hm_str added = more;
	while (text.n) {
		struct hm_str line = hm_line(&text);
		if (!line.n || hm_eq(path_of(line), without))
			continue;
		if (added.n && dpkg_place(path_of(added)) < dpkg_place(path_of(line))) {
			hm_buf_fmt(&b, "%.*s\n", HM_FMT(added));
			added = HM_STR("");
		}
		hm_buf_fmt(&b, "%.*s\n", HM_FMT(line));
	}
	if (added.n)
		hm_buf_fmt(&b, "%.*s\n", HM_FMT(added));
	HM_TRY(hm_buf_end(sh->cx, &b, "dpkg's overrides", &e.text));
	return repair_shell_effect(sh, &e);
}

/* "--add USER GROUP MODE PATH". */
static hm_err add_override(struct shell *sh, const struct shell_args *a, struct hm_str text)
{
	struct shell_effect e = { 0 };
	const struct repair_node *n;
	size_t i = a->n - 4;
	struct hm_str user = a->p[i].s, group = a->p[i + 1].s, mode = a->p[i + 2].s,
		      path = a->p[i + 3].s;
	if (!repair_shell_octal(mode, &e.mode) || !hm_starts(path, HM_STR("/")) ||
	    hm_starts(user, HM_STR("#")) || hm_starts(group, HM_STR("#")) ||
	    !repair_shell_owner(sh->root, hm_fmt(sh->cx, "%.*s:%.*s", HM_FMT(user), HM_FMT(group)),
				&e.uid, &e.gid))
		return repair_shell_refuse(sh, a);
	HM_TRY(write_overrides(sh, text, path,
			       hm_fmt(sh->cx, "%.*s %.*s %o %.*s", HM_FMT(user), HM_FMT(group),
				      e.mode, HM_FMT(path))));
	if (!has_word(a, "--update") || sh->flow)
		return NULL;
	HM_TRY(find_target(sh, path, &e.path, &n));
	return n ? set_owner_and_mode(sh, n, &e) : NULL;
}

static struct hm_str find_override(struct hm_str text, struct hm_str path)
{
	while (text.n) {
		struct hm_str line = hm_line(&text);
		if (hm_eq(path_of(line), path))
			return line;
	}
	return HM_STR("");
}

static hm_err list_override(struct shell *sh, struct hm_str line)
{
	sh->status = !line.n;
	if (line.n)
		repair_shell_print(sh, (struct shell_text){ hm_fmt(sh->cx, "%.*s\n", HM_FMT(line)),
							    SHELL_KNOWN });
	return NULL;
}

static hm_err remove_override(struct shell *sh, const struct shell_args *a, struct hm_str text,
			      struct hm_str line)
{
	if (line.n)
		return write_overrides(sh, text, path_of(line), HM_STR(""));
	sh->status = has_word(a, "--quiet") ? 0 : 2;
	return NULL;
}

static hm_err run_dpkg_statoverride(struct shell *sh, const struct shell_args *a)
{
	struct hm_str text, path = last_word(a);
	bool list = has_word(a, "--list");
	HM_TRY(repair_script_read(sh, "/" STATOVERRIDE, &text));
	struct hm_str line = find_override(text, path);
	if (!repair_shell_all_known(a) || a->n < 3 || hm_find_char(path, '*') != SIZE_MAX)
		return list ? repair_shell_maybe(sh, a) : repair_shell_refuse(sh, a);
	if (list)
		return list_override(sh, line);
	if (has_word(a, "--remove"))
		return remove_override(sh, a, text, line);
	bool force = has_word(a, "--force-statoverride-add") || has_word(a, "--force");
	return has_word(a, "--add") && a->n >= 6 && (!line.n || force) ? add_override(sh, a, text)
								       : repair_shell_refuse(sh, a);
}

/* ------------------------------------------------------------------ setcap */

/* Nothing at all is what "setcap -r" takes away. */
static bool is_none(struct hm_str bytes)
{
	for (size_t i = 4; i < bytes.n; i++)
		if (bytes.p[i])
			return false;
	return true;
}

static hm_err run_setcap(struct shell *sh, const struct shell_args *a)
{
	struct shell_effect e = { .type = SHELL_CAPABILITY };
	const struct repair_node *n;
	bool quiet = hm_eqz(repair_shell_arg(a, 1), "-q");
	if (a->n != 3U + quiet || !repair_shell_all_known(a) ||
	    !repair_capability(sh->cx, a->p[a->n - 2].s, &e.text) || is_none(e.text))
		return repair_shell_refuse(sh, a);
	HM_TRY(find_target(sh, last_word(a), &e.path, &n));
	sh->status = !n || n->type != TAR_FILE;
	return sh->status ? NULL : repair_shell_effect(sh, &e);
}

/* ------------------------------------------------------------------ systemd-tmpfiles */

struct tmpfile {
	struct hm_str type, path, mode, user, group;
};

static struct hm_str said(struct hm_str *line, const char *otherwise)
{
	struct hm_str word = next_word(line);
	return !word.n || hm_eqz(word, "-") ? hm_cstr(otherwise) : word;
}

/* False: it is no folder, or has what only a system that runs knows. */
static bool read_tmpfile(struct shell *sh, const struct tmpfile *t, struct shell_effect *e)
{
	static const char *const folders[] = { "d", "D", "d-", "D-" };
	bool is_dir = false;
	for (size_t i = 0; i < HM_LEN(folders); i++)
		is_dir = is_dir || hm_eqz(t->type, folders[i]);
	struct hm_str who = hm_fmt(sh->cx, "%.*s:%.*s", HM_FMT(t->user), HM_FMT(t->group));
	return is_dir && hm_starts(t->path, HM_STR("/")) &&
	       hm_find_char(t->path, '%') == SIZE_MAX && repair_shell_octal(t->mode, &e->mode) &&
	       repair_shell_owner(sh->root, who, &e->uid, &e->gid);
}

static hm_err make_above(struct shell *sh, struct hm_str path)
{
	for (size_t i = 1; i < path.n && !sh->flow; i++)
		if (path.p[i] == '/' && !repair_root_at(sh->root, hm_sub(path, 0, i)))
			HM_TRY(repair_shell_effect(sh, &(struct shell_effect){
							       .type = SHELL_MKDIR,
							       .path = hm_sub(path, 0, i),
							       .mode = 0755 }));
	return NULL;
}

/* "d PATH MODE USER GROUP ...", tmpfiles.d(5): folders only; "!": only at boot. */
static hm_err make_tmpfile(struct shell *sh, const struct shell_args *a, struct hm_str line)
{
	struct shell_effect e = { .type = SHELL_MKDIR };
	struct tmpfile t = { 0 };
	const struct repair_node *n;
	t.type = next_word(&line);
	t.path = next_word(&line);
	t.mode = said(&line, "0755");
	t.user = said(&line, "root");
	t.group = said(&line, "root");
	if (!t.type.n || hm_is_one_of(t.type.p[0], "#xX") || hm_find_char(t.type, '!') != SIZE_MAX)
		return NULL;
	if (!read_tmpfile(sh, &t, &e))
		return repair_shell_refuse(sh, a);
	HM_TRY(find_target(sh, t.path, &e.path, &n));
	if (n)
		return n->type == TAR_DIR ? set_owner_and_mode(sh, n, &e)
					  : repair_shell_refuse(sh, a);
	HM_TRY(make_above(sh, e.path));
	return sh->flow ? NULL : repair_shell_effect(sh, &e);
}

/* The file of that name that counts; NULL: there is none. */
static hm_err find_tmpfiles(struct shell *sh, struct hm_str name, const struct repair_node **out)
{
	static const char *const folders[] = { "/etc/tmpfiles.d", "/run/tmpfiles.d",
					       "/usr/local/lib/tmpfiles.d", "/usr/lib/tmpfiles.d" };
	bool sure;
	*out = NULL;
	if (hm_starts(name, HM_STR("/")))
		return repair_shell_find(sh, name, true, out, &sure);
	for (size_t i = 0; i < HM_LEN(folders) && !*out; i++)
		HM_TRY(repair_shell_find(sh, hm_fmt(sh->cx, "%s/%.*s", folders[i], HM_FMT(name)),
					 true, out, &sure));
	return NULL;
}

static hm_err run_tmpfiles(struct shell *sh, const struct shell_args *a)
{
	size_t files = 0;
	if (!repair_shell_all_known(a) || !has_word(a, "--create"))
		return repair_shell_refuse(sh, a);
	for (size_t i = 1; i < a->n && !sh->flow; i++) {
		const struct repair_node *n;
		if (hm_eqz(a->p[i].s, "--create"))
			continue;
		if (hm_starts(a->p[i].s, HM_STR("-")))
			return repair_shell_refuse(sh, a);
		files++;
		HM_TRY(find_tmpfiles(sh, a->p[i].s, &n));
		if (n && !n->is_kept)
			return repair_shell_refuse(sh, a);
		for (struct hm_str text = n ? n->content : HM_STR(""); text.n && !sh->flow;)
			HM_TRY(make_tmpfile(sh, a, hm_line(&text)));
	}
	return files || sh->flow ? NULL : repair_shell_refuse(sh, a);
}

/* ------------------------------------------------------------------ ucf */

/* The digest that ucf has put down for a file. */
static hm_err find_ucf(struct shell *sh, struct hm_str path, struct hm_str *out)
{
	struct hm_str text;
	HM_TRY(repair_script_read(sh, "/var/lib/ucf/hashfile", &text));
	*out = HM_STR("");
	while (text.n) {
		struct hm_str line = hm_line(&text), md5 = next_word(&line);
		if (hm_eq(line, path))
			*out = md5;
	}
	return NULL;
}

/* "ucf [OPTION...] NEW PATH": where the new file is that of last time, the one that is there stays.
 */
static hm_err run_ucf(struct shell *sh, const struct shell_args *a)
{
	struct shell_words w = repair_shell_words(sh, a);
	const struct repair_node *from, *to;
	struct hm_str md5, was;
	bool sure[2];
	if (w.args.n != 2 || !repair_shell_all_known(a) || has_word(a, "--purge") ||
	    has_word(a, "-p"))
		return repair_shell_refuse(sh, a);
	HM_TRY(repair_shell_find(sh, w.args.p[0].s, true, &from, &sure[0]));
	HM_TRY(repair_shell_find(sh, w.args.p[1].s, true, &to, &sure[1]));
	if (!from || !from->is_kept || !to)
		return repair_shell_refuse(sh, a);
	HM_TRY(crypto_md5_hex(sh->cx, from->content, &md5));
	HM_TRY(find_ucf(sh, w.args.p[1].s, &was));
	return hm_eq(was, md5) ? NULL : repair_shell_refuse(sh, a);
}

/* "ucfr PACKAGE PATH": nothing where it is registered. */
static hm_err run_ucfr(struct shell *sh, const struct shell_args *a)
{
	struct shell_words w = repair_shell_words(sh, a);
	struct hm_str text;
	if (w.args.n != 2 || !repair_shell_all_known(a) || has_word(a, "--purge"))
		return repair_shell_refuse(sh, a);
	HM_TRY(repair_script_read(sh, "/var/lib/ucf/registry", &text));
	while (text.n) {
		struct hm_str line = hm_line(&text), package = next_word(&line);
		if (hm_eq(package, w.args.p[0].s) && hm_eq(line, w.args.p[1].s))
			return NULL;
	}
	return repair_shell_refuse(sh, a);
}

/* ------------------------------------------------------------------ su */

/* "su USER -c TEXT": what somebody else would do must be nothing. */
static hm_err run_su(struct shell *sh, const struct shell_args *a)
{
	struct hm_str text = HM_STR("");
	for (size_t i = 1; i + 1 < a->n; i++)
		if (hm_eqz(repair_shell_arg(a, i), "-c"))
			text = repair_shell_arg(a, i + 1);
	if (!text.n)
		return repair_shell_refuse(sh, a);
	struct shell_variables before;
	struct shell_text out;
	repair_shell_save(sh, &before);
	sh->maybe++;
	sh->tested++;
	HM_TRY(repair_shell_capture(sh, text, &out));
	sh->tested--;
	sh->maybe--;
	sh->variables = before;
	return sh->is_unknown ? NULL : repair_shell_maybe(sh, a);
}

const struct shell_command repair_script_system[] = {
	{ "dpkg-statoverride", run_dpkg_statoverride, NULL },
	{ "setcap", run_setcap, "capabilities of programs" },
	{ "su", run_su, NULL },
	{ "runuser", run_su, NULL },
	{ "systemd-tmpfiles", run_tmpfiles, NULL },
	{ "ucf", run_ucf, NULL },
	{ "ucfr", run_ucfr, NULL },
	{ 0 },
};
