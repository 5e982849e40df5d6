/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/shell/parts.h"

hm_err repair_shell_step(struct shell *sh)
{
	HM_TRY(hm_alive(sh->cx));
	return ++sh->steps <= HM_MAX_SCRIPT_STEPS
		       ? NULL
		       : hm_fail(sh->cx, HM_LIMIT, "more than %llu commands",
				 (unsigned long long)HM_MAX_SCRIPT_STEPS);
}

/* ------------------------------------------------------------------ simple commands */

static hm_err run_assigns(struct shell *sh, const struct shell_node *n)
{
	for (size_t i = 0; i < n->assigns.n && !sh->flow; i++) {
		struct hm_str value = n->assigns.p[i], name = hm_cut(&value, '=');
		struct shell_text v;
		HM_TRY(repair_shell_one(sh, value, &v));
		repair_shell_set(sh, name, v);
	}
	return NULL;
}

static hm_err run_function(struct shell *sh, const struct shell_node *f, const struct shell_args *a)
{
	struct shell_args own = sh->args;
	if (++sh->calls > HM_MAX_SCRIPT_DEPTH)
		return hm_fail(sh->cx, HM_LIMIT, "line %u: more than %llu functions in each other",
			       sh->line, (unsigned long long)HM_MAX_SCRIPT_DEPTH);
	struct shell_scope scope;
	repair_shell_enter(sh, &scope);
	sh->args = *a;
	HM_TRY(repair_shell_node(sh, f));
	sh->args = own;
	sh->calls--;
	if (sh->flow == SHELL_RETURN)
		sh->flow = SHELL_ON;
	repair_shell_leave(sh, &scope);
	return NULL;
}

static const struct shell_command *find_command(const struct shell *sh, struct hm_str name)
{
	const struct shell_command *tables[] = { repair_shell_commands, repair_shell_texts,
						 repair_shell_files,    repair_shell_modes,
						 repair_shell_finds,    repair_shell_seds,
						 sh->commands };
	for (size_t t = 0; t < HM_LEN(tables); t++)
		for (const struct shell_command *c = tables[t]; c && c->name; c++)
			if (hm_eqz(name, c->name))
				return c;
	return NULL;
}

/* Programs are known by their names, wherever the system keeps them. */
struct hm_str repair_shell_program(struct hm_str name)
{
	static const char *const folders[] = { "/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/",
					       "/usr/lib/dpkg/" };
	for (size_t i = 0; i < HM_LEN(folders); i++) {
		struct hm_str rest = hm_starts(name, hm_cstr(folders[i]))
					     ? hm_from(name, strlen(folders[i]))
					     : HM_STR("/");
		if (hm_find_char(rest, '/') == SIZE_MAX)
			return rest;
	}
	return name;
}

static bool is_script(const struct repair_node *n)
{
	static const char *const beginnings[] = { "#!/bin/sh\n", "#! /bin/sh\n" };
	for (size_t i = 0; i < HM_LEN(beginnings); i++)
		if (n && n->type == TAR_FILE && n->is_kept && (n->mode & 0111) &&
		    hm_starts(n->content, hm_cstr(beginnings[i])))
			return true;
	return false;
}

/* The script that a name means, by its path, or where dpkg looks for programs. NULL in *out: none
 * that is at hand. */
static hm_err find_script(struct shell *sh, struct hm_str name, const struct repair_node **out)
{
	static const char *const folders[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
					       "/usr/bin",        "/sbin",          "/bin" };
	bool sure = false, has_path = hm_find_char(name, '/') != SIZE_MAX;
	const struct repair_node *n = NULL;
	*out = NULL;
	for (size_t i = 0; i < HM_LEN(folders) && !n; i++) {
		struct hm_str path =
			has_path ? name : hm_fmt(sh->cx, "%s/%.*s", folders[i], HM_FMT(name));
		HM_TRY(repair_shell_find(sh, path, true, &n, &sure));
		if (!sure || has_path)
			break;
	}
	if (sure && is_script(n))
		*out = n;
	return NULL;
}

/* A program that is itself a script of the shell, and at hand. */
static hm_err run_program(struct shell *sh, const struct shell_args *a, bool *out_is)
{
	const struct repair_node *n;
	struct shell_modes modes = sh->modes;
	struct shell_args args = sh->args;
	struct shell_variables before;
	struct hm_str cwd = sh->cwd;
	HM_TRY(find_script(sh, a->p[0].s, &n));
	*out_is = n != NULL;
	if (!n)
		return NULL;
	if (++sh->calls > HM_MAX_SCRIPT_DEPTH)
		return hm_fail(sh->cx, HM_LIMIT, "line %u: too many programs in each other",
			       sh->line);
	repair_shell_save(sh, &before);
	bool over = sh->maybe_over;
	sh->args = *a;
	sh->modes = (struct shell_modes){ 0 };
	sh->subshells++;
	HM_TRY(repair_shell_text(sh, n->content));
	sh->subshells--;
	sh->args = args;
	sh->modes = modes;
	sh->variables = before;
	sh->cwd = cwd;
	sh->calls--;
	if (!sh->is_unknown)
		sh->flow = SHELL_ON;
	if (sh->maybe_over != over)
		sh->status = SHELL_MAYBE;
	sh->maybe_over = over;
	return NULL;
}

hm_err repair_shell_call(struct shell *sh, const struct shell_args *a)
{
	if (a->p[0].know) {
		repair_shell_give_up(sh, "a command whose name is not known");
		return NULL;
	}
	const struct shell_node *f = hm_map_get(&sh->functions, a->p[0].s);
	if (f)
		return run_function(sh, f, a);
	const struct shell_command *c = find_command(sh, repair_shell_program(a->p[0].s));
	bool is = false;
	sh->status = 0;
	if (!c && sh->other)
		HM_TRY(sh->other(sh, a, &is));
	if (!c && !is)
		HM_TRY(run_program(sh, a, &is));
	if (is)
		return NULL;
	if (!c) {
		repair_shell_give_up(sh, "\"%.*s\"", HM_FMT(a->p[0].s));
		return NULL;
	}
	sh->status = 0;
	if (c->what)
		repair_shell_did(sh, c->what);
	return c->run ? c->run(sh, a) : NULL;
}

static void put_trace(struct shell *sh, const struct shell_args *a)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_SCRIPT);
	if (!sh->trace || sh->maybe)
		return;
	for (size_t i = 0; i < a->n; i++)
		hm_buf_fmt(&b, "%s%.*s", i ? " " : "",
			   HM_FMT(a->p[i].know ? HM_STR("?") : a->p[i].s));
	*hm_push(sh->cx, sh->trace) = hm_dup(sh->cx, hm_buf_str(&b));
}

/* "set -e": what failed ends the script, and what may have failed has not. */
static void judge_status(struct shell *sh, const char *what)
{
	if (!sh->modes.errexit || sh->tested || sh->flow)
		return;
	if (sh->status == SHELL_MAYBE)
		sh->status = 0;
	if (sh->status > 0 && sh->maybe) {
		sh->flow = SHELL_EXIT;
		return;
	}
	if (sh->status > 0)
		repair_shell_give_up(sh, "%s fails, and the script with it", what);
}

static hm_err run_simple(struct shell *sh, const struct shell_node *n)
{
	struct shell_args a = { 0 };
	struct shell_variables before = sh->variables;
	for (size_t i = 0; i < n->words.n && !sh->flow; i++)
		HM_TRY(repair_shell_fields(sh, n->words.p[i], &a));
	if (sh->flow)
		return NULL;
	if (!a.n) {
		sh->status = 0; /* or that of the last $(...) */
		HM_TRY(run_assigns(sh, n));
		judge_status(sh, "an assignment");
		return NULL;
	}
	if (n->assigns.n) {
		repair_shell_save(sh, &before);
		HM_TRY(run_assigns(sh, n));
	}
	put_trace(sh, &a);
	if (!sh->flow)
		HM_TRY(repair_shell_call(sh, &a));
	if (n->assigns.n)
		sh->variables = before;
	judge_status(sh, hm_fmt(sh->cx, "\"%.*s\"", HM_FMT(a.p[0].s)).p);
	return NULL;
}

/* ------------------------------------------------------------------ pipes and subshells */

static hm_err run_subshell(struct shell *sh, const struct shell_node *n)
{
	struct shell_variables before;
	struct shell_modes modes = sh->modes;
	bool over = sh->maybe_over;
	struct shell_args args = sh->args;
	struct hm_str cwd = sh->cwd;
	repair_shell_save(sh, &before);
	sh->subshells++;
	HM_TRY(repair_shell_node(sh, n));
	sh->subshells--;
	sh->variables = before;
	sh->args = args;
	sh->cwd = cwd;
	sh->modes = modes;
	if (!sh->is_unknown)
		sh->flow = SHELL_ON;
	if (sh->maybe_over != over)
		sh->status = SHELL_MAYBE;
	sh->maybe_over = over;
	return NULL;
}

static void sink_done(struct shell_sink *s)
{
	hm_buf_done(&s->text);
}

static hm_err run_into(struct shell *sh, const struct shell_node *n, struct shell_text *out)
{
	HM_CLEANUP(sink_done)
	struct shell_sink sink = { .text = HM_BUF(HM_MAX_SCRIPT), .maybe = sh->maybe };
	struct shell_sink *old = sh->out;
	sh->out = &sink;
	HM_TRY(run_subshell(sh, n));
	sh->out = old;
	HM_TRY(hm_buf_end(sh->cx, &sink.text, "what a command says", &out->s));
	out->s = hm_dup(sh->cx, out->s);
	out->know = sink.know;
	return NULL;
}

static hm_err run_pipe(struct shell *sh, const struct shell_node *n)
{
	struct shell_text *in = sh->in;
	struct shell_text texts[2];
	size_t i = 0;
	for (const struct shell_node *c = n->a; c && !sh->is_unknown; c = c->next, i++) {
		if (c->next) {
			sh->tested++;
			HM_TRY(run_into(sh, c, &texts[i % 2]));
			sh->tested--;
		} else {
			HM_TRY(run_subshell(sh, c));
		}
		sh->in = &texts[i % 2];
	}
	sh->in = in;
	judge_status(sh, "a pipe");
	return NULL;
}

hm_err repair_shell_text(struct shell *sh, struct hm_str text)
{
	struct shell_node *n;
	unsigned line = sh->line;
	bool inner = sh->inner;
	HM_TRY(repair_shell_step(sh));
	HM_TRY_IN(sh->cx, repair_shell_parse(sh->cx, text, &n), "line %u", line);
	sh->inner = true;
	if (n)
		HM_TRY(repair_shell_node(sh, n));
	sh->inner = inner;
	sh->line = line;
	return NULL;
}

hm_err repair_shell_capture(struct shell *sh, struct hm_str command, struct shell_text *out)
{
	struct shell_node *n;
	unsigned line = sh->line;
	bool inner = sh->inner;
	*out = (struct shell_text){ HM_STR(""), SHELL_KNOWN };
	if (++sh->calls > HM_MAX_SCRIPT_DEPTH)
		return hm_fail(sh->cx, HM_LIMIT, "line %u: too many commands in each other", line);
	HM_TRY(repair_shell_step(sh));
	HM_TRY_IN(sh->cx, repair_shell_parse(sh->cx, command, &n), "line %u", line);
	sh->inner = true;
	if (n)
		HM_TRY(run_into(sh, n, out));
	sh->inner = inner;
	sh->line = line;
	sh->calls--;
	while (hm_ends(out->s, HM_STR("\n")))
		out->s.n--;
	return NULL;
}

/* ------------------------------------------------------------------ nodes */

static hm_err run_list(struct shell *sh, const struct shell_node *n)
{
	for (const struct shell_node *c = n->a; c && !sh->flow; c = c->next)
		HM_TRY(repair_shell_node(sh, c));
	return NULL;
}

static hm_err run_group(struct shell *sh, const struct shell_node *n)
{
	return repair_shell_node(sh, n->a);
}

static hm_err run_apart(struct shell *sh, const struct shell_node *n)
{
	HM_TRY(run_subshell(sh, n->a));
	if (n->type == SHELL_BACK)
		sh->status = 0;
	judge_status(sh, "a subshell");
	return NULL;
}

static hm_err define(struct shell *sh, const struct shell_node *n)
{
	if (sh->maybe)
		repair_shell_give_up(sh, "the function %.*s is perhaps another", HM_FMT(n->name));
	hm_map_put(sh->cx, &sh->functions, hm_dup(sh->cx, n->name), n->a);
	sh->status = 0;
	return NULL;
}

static hm_err (*const runners[])(struct shell *sh, const struct shell_node *n) = {
	[SHELL_SIMPLE] = run_simple,        [SHELL_PIPE] = run_pipe,
	[SHELL_NOT] = repair_shell_not,     [SHELL_AND] = repair_shell_and_or,
	[SHELL_OR] = repair_shell_and_or,   [SHELL_LIST] = run_list,
	[SHELL_BACK] = run_apart,           [SHELL_IF] = repair_shell_if,
	[SHELL_WHILE] = repair_shell_while, [SHELL_UNTIL] = repair_shell_while,
	[SHELL_FOR] = repair_shell_for,     [SHELL_CASE] = repair_shell_case,
	[SHELL_GROUP] = run_group,          [SHELL_SUBSHELL] = run_apart,
	[SHELL_FUNCTION] = define,
};

hm_err repair_shell_node(struct shell *sh, const struct shell_node *n)
{
	HM_CLEANUP(repair_shell_streams_done) struct shell_streams s = { 0 };
	HM_TRY(repair_shell_step(sh));
	if (!sh->inner)
		sh->line = n->line;
	if (!n->redirects.n)
		return runners[n->type](sh, n);
	HM_TRY(repair_shell_redirect(sh, n, &s));
	if (!sh->flow)
		HM_TRY(runners[n->type](sh, n));
	return repair_shell_redirected(sh, &s);
}

/* What "trap" said for the end, however that was reached. */
static hm_err run_at_exit(struct shell *sh)
{
	struct hm_str text = sh->at_exit;
	int status = sh->status;
	if (!text.n)
		return NULL;
	sh->at_exit = HM_STR("");
	sh->flow = SHELL_ON;
	sh->maybe_over = false;
	HM_TRY(repair_shell_text(sh, text));
	if (sh->flow != SHELL_EXIT)
		sh->status = status;
	return NULL;
}

hm_err repair_shell_run(struct shell *sh, struct hm_str script)
{
	struct shell_node *n;
	HM_TRY(repair_shell_parse(sh->cx, script, &n));
	if (n)
		HM_TRY(repair_shell_node(sh, n));
	HM_TRY(run_at_exit(sh));
	if (sh->is_unknown)
		sh->effects.n = 0;
	return NULL;
}
