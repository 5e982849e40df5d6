/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script.h - inside repair/apt/: maintainer scripts, followed in a worker.
 *
 * The worker is told what the image has before and after its packages were replaced, and is given
 * the scripts as dpkg would call them (Debian Policy, 6.5 and 6.6), in that order: the old prerm,
 * the new preinst, the old postrm, and, when all packages are there, the new postinst. Triggers are
 * not followed; a trigger that a script sets, and that somebody waits for, is not known here.
 */
#ifndef REPAIR_APT_SCRIPT_H
#define REPAIR_APT_SCRIPT_H

#include "repair/script_wire.h"

#define REPAIR_SCRIPT_JOB "repair-scripts"

/* Records of the question. */
enum { SCRIPT_NODE = 'N', SCRIPT_PACKAGE = 'P', SCRIPT_NATIVE = 'A', SCRIPT_CALL = 'S' };

/* A call of a script. */
struct script_call {
	struct hm_str package, arch, script; /* "postinst" */
	struct hm_str action, version;       /* its arguments */
	struct hm_str newer; /* preinst upgrade OLD NEW; empty: there is no third one */
	bool has_version;
	unsigned stage; /* SHELL_BEFORE, SHELL_AFTER */
	struct hm_str text;
};
struct script_package {
	struct hm_str name, arch, version;
};
struct script_host {
	struct hm_str native;
	struct hm_map packages; /* name -> struct script_package */
	const struct script_call *call;
	const struct repair_root *before; /* as it was; NULL: that is not known */
	/* Of debconf (script_debconf.c). */
	struct hm_map questions, templates;
	bool has_questions;
};

void repair_script_put_call(struct hm_buf *b, const struct script_call *c);
/* What dpkg's world adds to the shell's commands. */
extern const struct shell_command repair_script_commands[];
extern const struct shell_command repair_script_debconf[];
extern const struct shell_command repair_script_pam[];
extern const struct shell_command repair_script_system[];
extern const struct shell_command repair_script_users[];
/* A small file of the image; empty: there is none, or it was too large. */
HM_MUST hm_err repair_script_read(struct shell *sh, const char *path, struct hm_str *out);
/* Is `line` one of the lines of `text`? */
bool repair_script_has_line(struct hm_str text, struct hm_str line);
hm_err repair_script_other(struct shell *sh, const struct shell_args *a, bool *out_is);
/* Questions that the package that comes next has: its debconf templates. */
HM_MUST hm_err repair_script_templates(struct hm_cx *cx, struct script_host *h, struct hm_str text);
/* dpkg-maintscript-helper(1). */
hm_err repair_script_helper(struct shell *sh, const struct shell_args *a);
/* A whole script that is known: of ca-certificates. */
HM_MUST hm_err repair_script_certificates(struct shell *sh, const struct script_call *c,
					  bool *out_is);
HM_MUST hm_err repair_script_compare(struct shell *sh, struct hm_str a, struct hm_str op,
				     struct hm_str b);
/* One call, over root. */
HM_MUST hm_err repair_script_follow(struct hm_cx *cx, struct repair_root *root,
				    struct script_host *host, const struct script_call *c,
				    struct shell *out);

#endif
