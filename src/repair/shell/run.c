/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/shell/shell.h"

static hm_err count_step(struct shell *sh)
{
	HM_TRY(hm_alive(sh->cx));
	return ++sh->steps <= HM_MAX_SCRIPT_STEPS
		       ? NULL
		       : hm_fail(sh->cx, HM_LIMIT, "more than %llu commands",
				 (unsigned long long)HM_MAX_SCRIPT_STEPS);
}

/* ------------------------------------------------------------------ ways that are perhaps taken */

/* What ended this way, perhaps. Had the script failed, nobody would ask. */
static void leave_maybe(struct shell *sh)
{
	bool fails = sh->status > 0 && !sh->subshells;
	if (sh->is_unknown)
		return;
	if (sh->flow == SHELL_EXIT && !fails)
		sh->maybe_over = true;
	else if (sh->flow && sh->flow != SHELL_EXIT)
		sh->maybe_back = true;
	sh->flow = SHELL_ON;
}

/* A function or loop that has perhaps ended before its end: what it set is not known. */
struct scope {
	struct shell_variables before;
	bool maybe_back;
};

static void enter_scope(struct shell *sh, struct scope *s)
{
	repair_shell_save(sh, &s->before);
	s->maybe_back = sh->maybe_back;
	sh->maybe_back = false;
}

static void leave_scope(struct shell *sh, const struct scope *s)
{
	if (sh->maybe_back) {
		repair_shell_merge(sh, &s->before);
		sh->status = SHELL_MAYBE;
	}
	sh->maybe_back = s->maybe_back;
}

static hm_err run_maybe(struct shell *sh, const struct shell_node *n)
{
	struct shell_variables before;
	if (!n)
		return NULL;
	repair_shell_save(sh, &before);
	sh->maybe++;
	HM_TRY(repair_shell_node(sh, n));
	sh->maybe--;
	leave_maybe(sh);
	repair_shell_merge(sh, &before);
	return NULL;
}

static hm_err run_both(struct shell *sh, const struct shell_node *a, const struct shell_node *b)
{
	struct shell_variables before, after;
	repair_shell_save(sh, &before);
	HM_TRY(run_maybe(sh, a));
	if (sh->flow)
		return NULL;
	repair_shell_save(sh, &after);
	sh->variables = before;
	HM_TRY(run_maybe(sh, b));
	repair_shell_merge(sh, &after);
	sh->status = SHELL_MAYBE;
	return NULL;
}

static hm_err run_tested(struct shell *sh, const struct shell_node *n)
{
	sh->tested++;
	HM_TRY(repair_shell_node(sh, n));
	sh->tested--;
	return NULL;
}

/* ------------------------------------------------------------------ redirections */

struct streams {
	struct shell_text *in;
	struct shell_sink *out;
	struct shell_text text;
	struct shell_sink file; /* what goes to a file of the image */
	struct hm_str path;     /* empty: nowhere */
	bool append;
};

static void streams_done(struct streams *s)
{
	hm_buf_done(&s->file.text);
}

static hm_err read_from(struct shell *sh, struct streams *s, struct hm_str path)
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

static hm_err redirect_output(struct shell *sh, struct streams *s, const struct shell_redirect *r,
			      struct shell_text to)
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
	sh->out = nowhere ? NULL : &s->file;
	s->path = nowhere ? HM_STR("") : to.s;
	s->append = r->type == SHELL_APPEND;
	return NULL;
}

static hm_err begin_redirects(struct shell *sh, const struct shell_node *n, struct streams *s)
{
	*s = (struct streams){ .in = sh->in, .out = sh->out, .file.text = HM_BUF(HM_MAX_SCRIPT) };
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

static hm_err write_file(struct shell *sh, struct streams *s)
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
		HM_TRY(repair_root_target(sh->cx, sh->root, s->path, &e.path));
	}
	return repair_shell_effect(sh, &e);
}

static hm_err end_redirects(struct shell *sh, struct streams *s)
{
	sh->in = s->in;
	sh->out = s->out;
	return s->path.n && !sh->is_unknown ? write_file(sh, s) : NULL;
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
	struct scope scope;
	enter_scope(sh, &scope);
	sh->args = *a;
	HM_TRY(repair_shell_node(sh, f));
	sh->args = own;
	sh->calls--;
	if (sh->flow == SHELL_RETURN)
		sh->flow = SHELL_ON;
	leave_scope(sh, &scope);
	return NULL;
}

static const struct shell_command *find_command(const struct shell *sh, struct hm_str name)
{
	const struct shell_command *tables[] = { repair_shell_commands, repair_shell_texts,
						 repair_shell_files, sh->commands };
	for (size_t t = 0; t < HM_LEN(tables); t++)
		for (const struct shell_command *c = tables[t]; c && c->name; c++)
			if (hm_eqz(name, c->name))
				return c;
	return NULL;
}

/* Programs are known by their names, wherever the system keeps them. */
static struct hm_str plain_name(struct hm_str name)
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

hm_err repair_shell_call(struct shell *sh, const struct shell_args *a)
{
	if (a->p[0].know) {
		repair_shell_give_up(sh, "a command whose name is not known");
		return NULL;
	}
	const struct shell_node *f = hm_map_get(&sh->functions, a->p[0].s);
	if (f)
		return run_function(sh, f, a);
	const struct shell_command *c = find_command(sh, plain_name(a->p[0].s));
	bool is = false;
	sh->status = 0;
	if (!c && sh->other)
		HM_TRY(sh->other(sh, a, &is));
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
	if (!sh->errexit || sh->tested || sh->flow)
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
	bool errexit = sh->errexit, over = sh->maybe_over;
	struct shell_args args = sh->args;
	repair_shell_save(sh, &before);
	sh->subshells++;
	HM_TRY(repair_shell_node(sh, n));
	sh->subshells--;
	sh->variables = before;
	sh->args = args;
	sh->errexit = errexit;
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
	HM_CLEANUP(sink_done) struct shell_sink sink = { .text = HM_BUF(HM_MAX_SCRIPT) };
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
	HM_TRY(count_step(sh));
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
	HM_TRY(count_step(sh));
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

/* ------------------------------------------------------------------ compound commands */

static hm_err run_and_or(struct shell *sh, const struct shell_node *n)
{
	int wanted = n->type == SHELL_AND;
	HM_TRY(run_tested(sh, n->a));
	if (sh->flow)
		return NULL;
	int first = sh->status;
	if (first != SHELL_MAYBE)
		return (first == 0) == wanted ? repair_shell_node(sh, n->b) : NULL;
	sh->tested++;
	HM_TRY(run_maybe(sh, n->b));
	sh->tested--;
	/* a || true succeeds; a && false does not. */
	if (sh->status == SHELL_MAYBE || (sh->status == 0) == wanted)
		sh->status = SHELL_MAYBE;
	return NULL;
}

static hm_err run_if(struct shell *sh, const struct shell_node *n)
{
	HM_TRY(run_tested(sh, n->a));
	if (sh->flow)
		return NULL;
	if (sh->status == SHELL_MAYBE)
		return run_both(sh, n->b, n->c);
	const struct shell_node *way = sh->status == 0 ? n->b : n->c;
	sh->status = 0;
	return way ? repair_shell_node(sh, way) : NULL;
}

/* True: the loop is over. */
static bool end_round(struct shell *sh)
{
	bool over = sh->flow && sh->flow != SHELL_CONTINUE;
	if (sh->flow == SHELL_BREAK || sh->flow == SHELL_CONTINUE)
		sh->flow = SHELL_ON;
	return over;
}

/* What the first round changes is not known in the second, which stands for all the others. */
static hm_err run_rounds(struct shell *sh, const struct shell_node *n)
{
	for (int i = 0; i < 2 && !sh->flow; i++) {
		HM_TRY(run_maybe(sh, n->b));
		if (!sh->flow)
			HM_TRY(run_tested(sh, n->a));
	}
	sh->status = SHELL_MAYBE;
	return NULL;
}

static hm_err run_while_rounds(struct shell *sh, const struct shell_node *n)
{
	for (;;) {
		HM_TRY(count_step(sh));
		HM_TRY(run_tested(sh, n->a));
		if (sh->flow)
			return NULL;
		if (sh->status == SHELL_MAYBE)
			return run_rounds(sh, n);
		if ((sh->status == 0) != (n->type == SHELL_WHILE))
			break;
		HM_TRY(repair_shell_node(sh, n->b));
		if (end_round(sh))
			break;
	}
	if (!sh->flow)
		sh->status = 0;
	return NULL;
}

static hm_err run_while(struct shell *sh, const struct shell_node *n)
{
	struct scope scope;
	enter_scope(sh, &scope);
	HM_TRY(run_while_rounds(sh, n));
	leave_scope(sh, &scope);
	return NULL;
}

static hm_err run_for(struct shell *sh, const struct shell_node *n)
{
	struct shell_args words = { 0 };
	for (size_t i = 0; i < n->words.n; i++)
		HM_TRY(repair_shell_fields(sh, n->words.p[i], &words));
	for (size_t i = 1; !n->has_words && i < sh->args.n; i++)
		*hm_push(sh->cx, &words) = sh->args.p[i];
	struct scope scope;
	enter_scope(sh, &scope);
	sh->status = 0;
	for (size_t i = 0; i < words.n && !sh->flow; i++) {
		HM_TRY(count_step(sh));
		repair_shell_set(sh, n->name, words.p[i]);
		if (words.p[i].know) { /* none, one or many */
			HM_TRY(run_maybe(sh, n->a));
			if (!sh->flow)
				HM_TRY(run_maybe(sh, n->a));
			continue;
		}
		HM_TRY(repair_shell_node(sh, n->a));
		if (end_round(sh))
			break;
	}
	leave_scope(sh, &scope);
	return NULL;
}

static hm_err match_case(struct shell *sh, const struct shell_case *c, struct shell_text word,
			 int *out)
{
	*out = false;
	for (size_t i = 0; i < c->patterns.n && *out != true; i++) {
		struct shell_text p;
		HM_TRY(repair_shell_pattern(sh, c->patterns.p[i], &p));
		if (hm_eqz(p.s, "*") && !p.know)
			*out = true;
		else if (p.know || word.know)
			*out = SHELL_MAYBE;
		else if (repair_shell_matches(sh, p.s, word.s))
			*out = true;
	}
	return NULL;
}

static hm_err run_case(struct shell *sh, const struct shell_node *n)
{
	struct shell_variables before, all = { 0 };
	struct shell_text word;
	bool maybe = false;
	HM_TRY(repair_shell_one(sh, n->words.p[0], &word));
	repair_shell_save(sh, &before);
	for (size_t i = 0; i < n->cases.n && !sh->flow; i++) {
		int is;
		HM_TRY(match_case(sh, &n->cases.p[i], word, &is));
		if (!is)
			continue;
		if (is == true && !maybe) {
			sh->status = 0;
			return n->cases.p[i].body ? repair_shell_node(sh, n->cases.p[i].body)
						  : NULL;
		}
		maybe = true;
		repair_shell_save(sh, &all);
		sh->variables = before;
		repair_shell_save(sh, &before);
		HM_TRY(run_maybe(sh, n->cases.p[i].body));
		repair_shell_merge(sh, &all);
		if (is == true)
			break;
	}
	sh->status = maybe ? SHELL_MAYBE : 0;
	return NULL;
}

static hm_err run_list(struct shell *sh, const struct shell_node *n)
{
	for (const struct shell_node *c = n->a; c && !sh->flow; c = c->next)
		HM_TRY(repair_shell_node(sh, c));
	return NULL;
}

static hm_err run_not(struct shell *sh, const struct shell_node *n)
{
	HM_TRY(run_tested(sh, n->a));
	if (sh->status != SHELL_MAYBE)
		sh->status = !sh->status;
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
	[SHELL_SIMPLE] = run_simple, [SHELL_PIPE] = run_pipe,      [SHELL_NOT] = run_not,
	[SHELL_AND] = run_and_or,    [SHELL_OR] = run_and_or,      [SHELL_LIST] = run_list,
	[SHELL_BACK] = run_apart,    [SHELL_IF] = run_if,          [SHELL_WHILE] = run_while,
	[SHELL_UNTIL] = run_while,   [SHELL_FOR] = run_for,        [SHELL_CASE] = run_case,
	[SHELL_GROUP] = run_group,   [SHELL_SUBSHELL] = run_apart, [SHELL_FUNCTION] = define,
};

hm_err repair_shell_node(struct shell *sh, const struct shell_node *n)
{
	HM_CLEANUP(streams_done) struct streams s = { 0 };
	HM_TRY(count_step(sh));
	if (!sh->inner)
		sh->line = n->line;
	if (!n->redirects.n)
		return runners[n->type](sh, n);
	HM_TRY(begin_redirects(sh, n, &s));
	if (!sh->flow)
		HM_TRY(runners[n->type](sh, n));
	return end_redirects(sh, &s);
}

hm_err repair_shell_run(struct shell *sh, struct hm_str script)
{
	struct shell_node *n;
	HM_TRY(repair_shell_parse(sh->cx, script, &n));
	if (n)
		HM_TRY(repair_shell_node(sh, n));
	if (sh->is_unknown)
		sh->effects.n = 0;
	return NULL;
}
