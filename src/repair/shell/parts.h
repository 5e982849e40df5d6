/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts.h - inside repair/shell/: the parts of the evaluator.
 *
 *   run.c       a node: simple commands, pipes, subshells
 *   compound.c  conditions and loops, and ways that are perhaps taken
 *   redirect.c  redirections
 */
#ifndef REPAIR_SHELL_PARTS_H
#define REPAIR_SHELL_PARTS_H

#include "repair/shell/shell.h"

/* One more command or round. HM_LIMIT. */
HM_MUST hm_err repair_shell_step(struct shell *sh);

/* --- compound.c --- */

/* A function or loop that has perhaps ended before its end: what it set is not known. */
struct shell_scope {
	struct shell_variables before;
	bool maybe_back;
};
void repair_shell_enter(struct shell *sh, struct shell_scope *s);
void repair_shell_leave(struct shell *sh, const struct shell_scope *s);
HM_MUST hm_err repair_shell_and_or(struct shell *sh, const struct shell_node *n);
HM_MUST hm_err repair_shell_if(struct shell *sh, const struct shell_node *n);
HM_MUST hm_err repair_shell_while(struct shell *sh, const struct shell_node *n);
HM_MUST hm_err repair_shell_for(struct shell *sh, const struct shell_node *n);
HM_MUST hm_err repair_shell_case(struct shell *sh, const struct shell_node *n);
HM_MUST hm_err repair_shell_not(struct shell *sh, const struct shell_node *n);

/* --- redirect.c --- */

struct shell_streams {
	struct shell_text *in;
	struct shell_sink *out;
	struct shell_text text;
	struct shell_sink file; /* what goes to a file of the image */
	struct hm_str path;     /* empty: nowhere */
	bool append;
};
void repair_shell_streams_done(struct shell_streams *s);
HM_MUST hm_err repair_shell_redirect(struct shell *sh, const struct shell_node *n,
				     struct shell_streams *s);
/* What was written to a file is put down. */
HM_MUST hm_err repair_shell_redirected(struct shell *sh, struct shell_streams *s);

#endif
