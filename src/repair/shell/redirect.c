/* SPDX-License-Identifier: Apache-2.0 */
/* Where commands read from and write to; what is written to a file of the image is put down. */
#include "repair/shell/parts.h"

void repair_shell_streams_done(struct shell_streams *s)
{
	hm_buf_done(&s->file.text);
}

static hm_err read_from(struct shell *sh, struct shell_streams *s, struct hm_str path)
{
	const struct repair_node *n;
	bool sure;
	HM_TRY(repair_shell_find(sh, path, true, &n, &sure));
	s->text = (struct shell_text){ HM_STR(""), SHELL_UNKNOWN };
	if (n && n->type == TAR_FILE && n->is_kept)
		s->text = (struct shell_text){ n->content, SHELL_KNOWN };
	if (hm_eqz(path, "/dev/null"))
		s->text.know = SHELL_KNOWN;
	sh->in = &s->text;
	return NULL;
}

static hm_err redirect_output(struct shell *sh, struct shell_streams *s,
			      const struct shell_redirect *r, struct shell_text to)
{
	if (r->type == SHELL_DUP_TO) {
		if (r->fd == 1 && hm_eqz(to.s, "2"))
			sh->out = NULL;
		return NULL; /* of 2>&1: what a command says there is not looked at */
	}
	if (to.know) {
		repair_shell_give_up(sh, "it writes to a file whose name is not known");
		return NULL;
	}
	bool nowhere = hm_starts(to.s, HM_STR("/dev/"));
	if (r->fd != 1 && !nowhere)
		repair_shell_give_up(sh, "messages go to \"%.*s\"", HM_FMT(to.s));
	if (r->fd != 1)
		return NULL;
	if (sh->modes.noclobber && !nowhere && r->type == SHELL_TO)
		repair_shell_give_up(sh, "\"set -C\", and it writes \"%.*s\"", HM_FMT(to.s));
	sh->out = nowhere ? NULL : &s->file;
	s->path = nowhere ? HM_STR("") : to.s;
	s->append = r->type == SHELL_APPEND;
	return NULL;
}

hm_err repair_shell_redirect(struct shell *sh, const struct shell_node *n, struct shell_streams *s)
{
	*s = (struct shell_streams){ .in = sh->in,
				     .out = sh->out,
				     .file = { .text = HM_BUF(HM_MAX_SCRIPT),
					       .maybe = sh->maybe } };
	for (size_t i = 0; i < n->redirects.n && !sh->flow; i++) {
		const struct shell_redirect *r = &n->redirects.p[i];
		struct shell_text word;
		if (r->type == SHELL_HERE && r->is_literal)
			word = (struct shell_text){ r->word, SHELL_KNOWN };
		else if (r->type == SHELL_HERE)
			HM_TRY(repair_shell_here(sh, r->word, &word));
		else
			HM_TRY(repair_shell_one(sh, r->word, &word));
		if (r->type == SHELL_HERE) {
			s->text = word;
			sh->in = &s->text;
		} else if (r->type == SHELL_FROM) {
			HM_TRY(read_from(sh, s, word.know ? HM_STR("") : word.s));
		} else if (r->type == SHELL_TO || r->type == SHELL_APPEND ||
			   r->type == SHELL_DUP_TO) {
			HM_TRY(redirect_output(sh, s, r, word));
		}
	}
	return NULL;
}

static hm_err write_file(struct shell *sh, struct shell_streams *s)
{
	struct shell_effect e = { .type = SHELL_WRITE, .mode = 0644 };
	const struct repair_node *n;
	bool sure;
	HM_TRY(hm_buf_end(sh->cx, &s->file.text, "a file of the script", &e.text));
	HM_TRY(repair_shell_find(sh, s->path, true, &n, &sure));
	if (!sure || s->file.know || (n && (n->type != TAR_FILE || !n->is_kept))) {
		repair_shell_give_up(sh, "it writes \"%.*s\"", HM_FMT(s->path));
		return NULL;
	}
	if (n && s->append)
		e.text = hm_fmt(sh->cx, "%.*s%.*s", HM_FMT(n->content), HM_FMT(e.text));
	if (n && hm_eq(n->content, e.text))
		return NULL;
	if (n) {
		e.mode = n->mode;
		e.uid = n->uid;
		e.gid = n->gid;
		e.path = n->path;
	} else {
		HM_TRY(repair_root_target(sh->cx, sh->root, repair_shell_path(sh, s->path),
					  &e.path));
	}
	return repair_shell_effect(sh, &e);
}

hm_err repair_shell_redirected(struct shell *sh, struct shell_streams *s)
{
	sh->in = s->in;
	sh->out = s->out;
	return s->path.n && !sh->is_unknown ? write_file(sh, s) : NULL;
}
