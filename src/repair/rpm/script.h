/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script.h - inside repair/rpm/: scripts and triggers, followed in a worker.
 *
 * The worker is told what the image has before and after its packages were replaced, and is given
 * the scripts in the order in which rpm would run them. A script's first argument is how many
 * versions of its package are there; where rpm's own documents leave it open it is not known.
 */
#ifndef REPAIR_RPM_SCRIPT_H
#define REPAIR_RPM_SCRIPT_H

#include "repair/rpm/rpm.h"
#include "repair/script_wire.h"

#define REPAIR_RPM_SCRIPTS_JOB "repair-rpm-scripts"

/* Records of the question. */
enum { RPM_SCRIPT_NODE = 'N', RPM_SCRIPT_CALL = 'S' };
enum { RPM_COUNT_UNKNOWN = 255 };

struct rpm_call {
	unsigned stage; /* SHELL_BEFORE, SHELL_AFTER */
	unsigned count; /* the first argument */
	struct hm_str package, kind, program, body;
};
/* What rpm's scripts call that other scripts do not. */
extern const struct shell_command repair_rpm_commands[];
hm_err repair_rpm_command_other(struct shell *sh, const struct shell_args *a, bool *out_is);
/* One call, over root. */
HM_MUST hm_err repair_rpm_script_follow(struct hm_cx *cx, struct repair_root *root,
					const struct rpm_call *c, struct shell *out);
/* A script in Lua that does nothing but where a system runs. */
bool repair_rpm_lua_is_nothing(struct hm_str body);

/* --- effects.c --- */
HM_MUST hm_err repair_rpm_effect(struct hm_cx *cx, const struct rpm_at *at,
				 const struct shell_effect *e, struct hm_str *out_why);

#endif
