/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: scripts are followed, over the files that the parent tells of. */
#include "base/worker.h"
#include "repair/repair.h"
#include "repair/rpm/script.h"

struct job {
	struct repair_root before, after;
	struct hm_buf *out;
};

/* ------------------------------------------------------------------ one script */

/* "/bin/sh -e". False: no shell that is known here. */
static bool read_program(struct shell *sh, struct hm_str program)
{
	static const char *const shells[] = { "/bin/sh", "/bin/bash", "/usr/bin/sh",
					      "/usr/bin/bash" };
	struct hm_str name = hm_cut(&program, ' ');
	if (hm_starts(hm_trim(program), HM_STR("-")))
		repair_shell_set_modes(sh, hm_trim(program));
	for (size_t i = 0; i < HM_LEN(shells); i++)
		if (hm_eqz(name, shells[i]))
			return true;
	return false;
}

static void set_arguments(struct shell *sh, const struct rpm_call *c)
{
	struct shell_text count = { HM_STR(""), SHELL_UNKNOWN };
	if (c->count != RPM_COUNT_UNKNOWN)
		count = (struct shell_text){ hm_fmt(sh->cx, "%u", c->count), SHELL_KNOWN };
	*hm_push(sh->cx, &sh->args) = (struct shell_text){ c->kind, SHELL_KNOWN };
	*hm_push(sh->cx, &sh->args) = count;
	repair_shell_set(sh, HM_STR("PATH"),
			 (struct shell_text){ HM_STR("/sbin:/bin:/usr/sbin:/usr/bin"),
					      SHELL_KNOWN });
	static const char *const unknown[] = { "HOME", "PWD", "PPID", "TERM",
					       "RPM_INSTALL_PREFIX" };
	for (size_t i = 0; i < HM_LEN(unknown); i++)
		repair_shell_set(sh, hm_cstr(unknown[i]),
				 (struct shell_text){ HM_STR(""), SHELL_UNKNOWN });
}

/*
 * "if posix.access("/run/systemd/system") then", a block, "end": systemd's own triggers. Nothing is
 * below /run in an image.
 */
bool repair_rpm_lua_is_nothing(struct hm_str body)
{
	bool begun = false, ended = false;
	while (body.n) {
		struct hm_str line = hm_line(&body), text = hm_trim(line);
		if (!text.n || hm_starts(text, HM_STR("--")))
			continue;
		if (!begun) {
			if (!hm_eqz(text, "if posix.access(\"/run/systemd/system\") then"))
				return false;
			begun = true;
		} else if (ended || (!hm_is_space(line.p[0]) && !hm_eqz(text, "end"))) {
			return false;
		} else {
			ended = !hm_is_space(line.p[0]);
		}
	}
	return !begun || ended;
}

/* No line of it is to blame. */
static void give_up(struct shell *sh, struct hm_str why)
{
	sh->is_unknown = true;
	sh->unknown = why;
}

static hm_err follow(struct shell *sh, const struct rpm_call *c)
{
	if (hm_eqz(c->program, "<lua>")) {
		if (repair_rpm_lua_is_nothing(c->body))
			repair_shell_did(sh, "services: none runs in an image");
		else
			give_up(sh, HM_STR("it is written in Lua"));
		return NULL;
	}
	if (hm_ends(c->program, HM_STR("/ldconfig"))) {
		repair_shell_did(sh, "ldconfig: libraries are found without its cache");
		return NULL;
	}
	if (!read_program(sh, c->program)) {
		give_up(sh, hm_fmt(sh->cx, "it runs \"%.*s\"", HM_FMT(c->program)));
		return NULL;
	}
	return repair_shell_run(sh, c->body);
}

hm_err repair_rpm_script_follow(struct hm_cx *cx, struct repair_root *root,
				const struct rpm_call *c, struct shell *out)
{
	struct shell sh = { .cx = cx,
			    .root = root,
			    .commands = repair_rpm_commands,
			    .other = repair_rpm_command_other,
			    .line = 1 };
	set_arguments(&sh, c);
	/* What cannot be parsed is not known either. */
	hm_err err = follow(&sh, c);
	if (err && err->code != HM_INPUT && err->code != HM_LIMIT)
		return err;
	if (err)
		repair_shell_give_up(&sh, "%s", err->why);
	if (sh.status > 0 && !sh.is_unknown && sh.flow == SHELL_EXIT)
		repair_shell_give_up(&sh, "it ends with status %d", sh.status);
	if (sh.is_unknown)
		sh.effects.n = 0;
	*out = sh;
	return NULL;
}

/* ------------------------------------------------------------------ question and answer */

static void read_call(struct hm_cur *c, struct rpm_call *call)
{
	call->stage = (unsigned)hm_le(c, 1);
	call->count = (unsigned)hm_le(c, 1);
	call->package = hm_take_str(c, hm_uvarint(c));
	call->kind = hm_take_str(c, hm_uvarint(c));
	call->program = hm_take_str(c, hm_uvarint(c));
	call->body = hm_take_str(c, hm_uvarint(c));
}

static hm_err answer_call(struct hm_cx *cx, struct job *j, const struct rpm_call *c)
{
	struct shell sh = { 0 };
	bool before = c->stage == SHELL_BEFORE;
	HM_TRY_IN(cx, repair_rpm_script_follow(cx, before ? &j->before : &j->after, c, &sh),
		  "%%%.*s of \"%.*s\"", HM_FMT(c->kind), HM_FMT(c->package));
	repair_wire_put_answer(j->out, &sh);
	/* What was done before is there afterwards. */
	struct shell later = { .cx = cx, .root = &j->after };
	for (size_t i = 0; before && i < sh.effects.n; i++)
		HM_TRY(repair_shell_effect(&later, &sh.effects.p[i]));
	return NULL;
}

hm_err repair_rpm_scripts_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct job j = { .out = out };
	struct hm_str all;
	(void)args;
	j.before.top = j.after.top = hm_new(cx, struct repair_node, 1);
	j.before.top->type = TAR_DIR;
	j.before.top->mode = 0755;
	HM_TRY(hm_read_fd(cx, in, "the question", HM_MAX_REPAIR_FILES, &all));
	for (struct hm_cur c = hm_cur(all); c.n;) {
		struct rpm_call call;
		char kind = (char)hm_le(&c, 1);
		bool good = kind == RPM_SCRIPT_CALL ||
			    (kind == RPM_SCRIPT_NODE &&
			     repair_wire_take_node(cx, &c, &j.before, &j.after));
		if (kind == RPM_SCRIPT_CALL)
			read_call(&c, &call);
		if (!good || c.bad)
			return hm_fail(cx, HM_INPUT, "a question in no known form");
		if (kind == RPM_SCRIPT_CALL)
			HM_TRY(answer_call(cx, &j, &call));
	}
	return NULL;
}
