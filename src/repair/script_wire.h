/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script_wire.h - inside repair/: the question to a worker that follows scripts, and its answer:
 * the files of an image before and after, and what a script does. What is taken is a stranger's.
 */
#ifndef REPAIR_SCRIPT_WIRE_H
#define REPAIR_SCRIPT_WIRE_H

#include "repair/shell/shell.h"

/* When a file is there: before the packages were unpacked, afterwards. */
enum { SHELL_BEFORE = 1, SHELL_AFTER = 2 };

/* `told`: its content, too. */
void repair_wire_put_node(struct hm_buf *b, unsigned when, const struct repair_node *n, bool told);
/* False: it has no known form. */
bool repair_wire_take_node(struct hm_cx *cx, struct hm_cur *c, struct repair_root *before,
			   struct repair_root *after);
/* A file that the new layer has; false: it hides one. */
struct repair_put;
bool repair_wire_node_of(const struct repair_put *p, struct repair_node *out);

void repair_wire_put_answer(struct hm_buf *b, const struct shell *sh);
/* HM_INPUT: it has no known form, or a path that leads out of the image. */
HM_MUST hm_err repair_wire_take_effect(struct hm_cx *cx, struct hm_cur *c,
				       struct shell_effect *out);

#endif
