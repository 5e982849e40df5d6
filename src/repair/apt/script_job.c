/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: scripts are followed, over the files that the parent tells of. */
#include "base/file.h"
#include "base/worker.h"
#include "repair/apt/script.h"
#include "repair/repair.h"

struct job {
	struct repair_root before, after;
	struct script_host host;
	struct hm_buf *out;
};

/* ------------------------------------------------------------------ one script */

static void set_text(struct shell *sh, const char *name, struct hm_str value)
{
	repair_shell_set(sh, hm_cstr(name), (struct shell_text){ value, SHELL_KNOWN });
}

/* What dpkg and apt give to scripts (dpkg(1), "Internal environment"). */
static void set_environment(struct shell *sh, const struct script_call *c)
{
	set_text(sh, "DPKG_MAINTSCRIPT_PACKAGE", c->package);
	set_text(sh, "DPKG_MAINTSCRIPT_ARCH", c->arch);
	set_text(sh, "DPKG_MAINTSCRIPT_NAME", c->script);
	set_text(sh, "DPKG_ADMINDIR", HM_STR("/var/lib/dpkg"));
	set_text(sh, "DPKG_ROOT", HM_STR(""));
	set_text(sh, "DEBIAN_FRONTEND", HM_STR("noninteractive"));
	set_text(sh, "PATH",
		 HM_STR("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
	static const char *const unknown[] = {
		"DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT", "DPKG_FORCE", "HOME", "PWD", "PPID", "TERM"
	};
	for (size_t i = 0; i < HM_LEN(unknown); i++)
		repair_shell_set(sh, hm_cstr(unknown[i]),
				 (struct shell_text){ HM_STR(""), SHELL_UNKNOWN });
}

static void set_arguments(struct shell *sh, const struct script_call *c)
{
	const struct hm_str words[] = { c->script, c->action, c->version, c->newer };
	size_t n = c->newer.n ? 4 : c->has_version ? 3 : 2;
	for (size_t i = 0; i < n; i++)
		*hm_push(sh->cx, &sh->args) = (struct shell_text){ words[i], SHELL_KNOWN };
}

/* "#!/bin/sh -e". False: no shell that is known here. */
static bool read_first_line(struct shell *sh, struct hm_str text)
{
	static const char *const shells[] = { "/bin/sh",     "/bin/dash",     "/bin/bash",
					      "/usr/bin/sh", "/usr/bin/bash", "/usr/bin/dash" };
	struct hm_str line = hm_line(&text);
	if (!hm_starts(line, HM_STR("#!")))
		return false;
	line = hm_trim(hm_from(line, 2));
	struct hm_str program = hm_cut(&line, ' ');
	if (hm_starts(hm_trim(line), HM_STR("-")))
		repair_shell_set_modes(sh, hm_trim(line));
	for (size_t i = 0; i < HM_LEN(shells); i++)
		if (hm_eqz(program, shells[i]))
			return true;
	return false;
}

static hm_err follow_text(struct shell *sh, const struct script_call *c)
{
	bool is;
	HM_TRY(repair_script_certificates(sh, c, &is));
	return is ? NULL : repair_shell_run(sh, c->text);
}

hm_err repair_script_follow(struct hm_cx *cx, struct repair_root *root, struct script_host *host,
			    const struct script_call *c, struct shell *out)
{
	struct shell sh = { .cx = cx,
			    .root = root,
			    .commands = repair_script_commands,
			    .other = repair_script_other,
			    .host = host,
			    .line = 1,
			    .trace = out->trace };
	host->call = c;
	if (hm_eqz(c->script, "templates"))
		return repair_script_templates(cx, host, c->text);
	set_environment(&sh, c);
	set_arguments(&sh, c);
	if (!read_first_line(&sh, c->text)) {
		repair_shell_give_up(&sh, "it is not a script of the shell");
	} else {
		/* What cannot be parsed is not known either. */
		hm_err err = follow_text(&sh, c);
		if (err && err->code != HM_INPUT && err->code != HM_LIMIT)
			return err;
		if (err)
			repair_shell_give_up(&sh, "%s", err->why);
	}
	if (sh.status > 0 && !sh.is_unknown && sh.flow == SHELL_EXIT)
		repair_shell_give_up(&sh, "it ends with status %d", sh.status);
	if (sh.is_unknown)
		sh.effects.n = 0;
	*out = sh;
	return NULL;
}

/* ------------------------------------------------------------------ the question */

static void read_package(struct hm_cx *cx, struct hm_cur *c, struct job *j)
{
	struct script_package *p = hm_new(cx, struct script_package, 1);
	p->name = hm_take_str(c, hm_uvarint(c));
	p->arch = hm_take_str(c, hm_uvarint(c));
	p->version = hm_take_str(c, hm_uvarint(c));
	hm_map_put(cx, &j->host.packages, p->name, p);
}

static void read_call(struct hm_cur *c, struct script_call *s)
{
	s->stage = (unsigned)hm_le(c, 1);
	s->has_version = hm_le(c, 1) == 1;
	s->package = hm_take_str(c, hm_uvarint(c));
	s->arch = hm_take_str(c, hm_uvarint(c));
	s->script = hm_take_str(c, hm_uvarint(c));
	s->action = hm_take_str(c, hm_uvarint(c));
	s->version = hm_take_str(c, hm_uvarint(c));
	s->newer = hm_take_str(c, hm_uvarint(c));
	s->text = hm_take_str(c, hm_uvarint(c));
}

void repair_script_put_call(struct hm_buf *b, const struct script_call *c)
{
	hm_buf_char(b, SCRIPT_CALL);
	hm_buf_char(b, (char)c->stage);
	hm_buf_char(b, c->has_version);
	hm_buf_counted(b, c->package);
	hm_buf_counted(b, c->arch);
	hm_buf_counted(b, c->script);
	hm_buf_counted(b, c->action);
	hm_buf_counted(b, c->version);
	hm_buf_counted(b, c->newer);
	hm_buf_counted(b, c->text);
}

/* ------------------------------------------------------------------ the answer */

static hm_err answer_call(struct hm_cx *cx, struct job *j, const struct script_call *c)
{
	struct shell sh = { 0 };
	bool before = c->stage == SHELL_BEFORE;
	HM_TRY_IN(cx, repair_script_follow(cx, before ? &j->before : &j->after, &j->host, c, &sh),
		  "%.*s of \"%.*s\"", HM_FMT(c->script), HM_FMT(c->package));
	repair_wire_put_answer(j->out, &sh);
	/* What was done before is there afterwards. */
	struct shell later = { .cx = cx, .root = &j->after };
	for (size_t i = 0; before && i < sh.effects.n; i++)
		HM_TRY(repair_shell_effect(&later, &sh.effects.p[i]));
	return NULL;
}

static hm_err answer(struct hm_cx *cx, struct job *j, struct hm_str question)
{
	for (struct hm_cur c = hm_cur(question); c.n;) {
		struct script_call call;
		bool good = true;
		switch ((char)hm_le(&c, 1)) {
		case SCRIPT_NODE:
			good = repair_wire_take_node(cx, &c, &j->before, &j->after);
			break;
		case SCRIPT_PACKAGE:
			read_package(cx, &c, j);
			break;
		case SCRIPT_NATIVE:
			j->host.native = hm_take_str(&c, hm_uvarint(&c));
			break;
		case SCRIPT_CALL:
			read_call(&c, &call);
			if (!c.bad)
				HM_TRY(answer_call(cx, j, &call));
			break;
		default:
			good = false;
		}
		if (!good || c.bad)
			return hm_fail(cx, HM_INPUT, "a question in no known form");
	}
	return NULL;
}

hm_err repair_script_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct job j = { .out = out };
	struct hm_str all;
	(void)args;
	j.before.top = hm_new(cx, struct repair_node, 1);
	j.before.top->type = TAR_DIR;
	j.before.top->mode = 0755;
	j.after.top = j.before.top;
	j.host.before = &j.before;
	HM_TRY(hm_read_fd(cx, in, "the question", HM_MAX_REPAIR_FILES, &all));
	return answer(cx, &j, all);
}
