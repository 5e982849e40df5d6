/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debconf, where nobody is asked: what was answered before (config.dat), else what the package's
 * own templates have as the default. Answers are not written down.
 *
 * Sources: debconf-devel(7), "Commands"; debconf.conf(5), its file driver.
 */
#include "repair/apt/script.h"

struct question {
	struct shell_text value;
	struct shell_text seen; /* "true", "false" */
};
struct template
{
	struct hm_str type, choices;
	struct shell_text value; /* its default */
};

enum { SKIPPED = 30 /* of db_input: the question was not asked */ };

static const struct shell_text unknown = { { NULL, 0 }, SHELL_UNKNOWN };
/* Nor is it the template's default. */
static const struct shell_text not_known = { { "", 0 }, SHELL_UNKNOWN };

static struct shell_text known(struct hm_str s)
{
	return (struct shell_text){ s, SHELL_KNOWN };
}

/* ------------------------------------------------------------------ what was answered */

/* "Key: value" lines up to an empty one; false: there are no more. */
static bool next_record(struct hm_str *text, struct hm_str *out)
{
	const char *end;
	while (hm_starts(*text, HM_STR("\n")))
		*text = hm_from(*text, 1);
	size_t n = hm_find(*text, HM_STR("\n\n"));
	end = n == SIZE_MAX ? text->p + text->n : text->p + n;
	*out = hm_bytes(text->p, (size_t)(end - text->p));
	*text = hm_from(*text, out->n);
	return out->n > 0;
}

static bool find_key(struct hm_str record, const char *key, struct hm_str *out)
{
	while (record.n) {
		struct hm_str line = hm_line(&record), name = hm_cut(&line, ':');
		if (!hm_eqz(name, key))
			continue;
		*out = hm_trim(line);
		return true;
	}
	*out = HM_STR("");
	return false;
}

/* A value whose text may be an escape is not known. */
static struct shell_text read_value(struct hm_str s)
{
	return hm_find_char(s, '\\') == SIZE_MAX ? known(s) : unknown;
}

static void add_question(struct shell *sh, struct script_host *h, struct hm_str record)
{
	struct hm_str name, value, flags;
	struct question *q = hm_new(sh->cx, struct question, 1);
	if (!find_key(record, "Name", &name))
		return;
	q->value = find_key(record, "Value", &value) ? read_value(value) : unknown;
	find_key(record, "Flags", &flags);
	q->seen = known(hm_find(flags, HM_STR("seen")) != SIZE_MAX ? HM_STR("true")
								   : HM_STR("false"));
	hm_map_put(sh->cx, &h->questions, name, q);
}

static hm_err load_questions(struct shell *sh)
{
	struct script_host *h = sh->host;
	const struct repair_node *n;
	struct hm_str record;
	bool sure;
	if (h->has_questions)
		return NULL;
	h->has_questions = true;
	HM_TRY(repair_shell_find(sh, HM_STR("/var/cache/debconf/config.dat"), true, &n, &sure));
	struct hm_str text = n && n->is_kept ? n->content : HM_STR("");
	while (next_record(&text, &record))
		add_question(sh, h, record);
	return NULL;
}

hm_err repair_script_templates(struct hm_cx *cx, struct script_host *h, struct hm_str text)
{
	struct hm_str record, name, value;
	while (next_record(&text, &record)) {
		struct template *t = hm_new(cx, struct template, 1);
		find_key(record, "Template", &name);
		find_key(record, "Type", &t->type);
		if (!find_key(record, "Choices-C", &t->choices))
			find_key(record, "Choices", &t->choices);
		t->value =
			find_key(record, "Default", &value) ? read_value(value) : known(HM_STR(""));
		if (name.n)
			hm_map_put(cx, &h->templates, name, t);
	}
	return NULL;
}

/* NULL: none that is known. */
static hm_err find_question(struct shell *sh, const struct shell_args *a, struct question **out)
{
	struct script_host *h = sh->host;
	struct hm_str name = repair_shell_arg(a, 1);
	HM_TRY(load_questions(sh));
	*out = name.n ? hm_map_get(&h->questions, name) : NULL;
	const struct template *t = name.n ? hm_map_get(&h->templates, name) : NULL;
	if (!*out && t && !hm_eqz(t->type, "password")) {
		*out = hm_new(sh->cx, struct question, 1);
		**out = (struct question){ t->value, known(HM_STR("false")) };
		hm_map_put(sh->cx, &h->questions, hm_dup(sh->cx, name), *out);
	} else if (*out && t && (*out)->value.know && !(*out)->value.s.p) {
		(*out)->value = t->value;
	}
	return NULL;
}

static bool is_maybe(const struct shell *sh)
{
	return sh->maybe || sh->maybe_over || sh->maybe_back;
}

/* ------------------------------------------------------------------ commands */

static hm_err run_nothing(struct shell *sh, const struct shell_args *a)
{
	(void)a;
	sh->status = 0;
	return NULL;
}

static hm_err run_unknown(struct shell *sh, const struct shell_args *a)
{
	(void)a;
	repair_shell_set(sh, HM_STR("RET"), unknown);
	sh->status = SHELL_MAYBE;
	return NULL;
}

static hm_err answer(struct shell *sh, struct shell_text value)
{
	repair_shell_set(sh, HM_STR("RET"), value);
	sh->status = 0;
	return NULL;
}

static hm_err run_get(struct shell *sh, const struct shell_args *a)
{
	struct question *q;
	HM_TRY(find_question(sh, a, &q));
	return q ? answer(sh, q->value) : run_unknown(sh, a);
}

static hm_err run_fget(struct shell *sh, const struct shell_args *a)
{
	struct question *q;
	HM_TRY(find_question(sh, a, &q));
	return q && hm_eqz(repair_shell_arg(a, 2), "seen") ? answer(sh, q->seen)
							   : run_unknown(sh, a);
}

/* Whose name is not known may be any. */
static void forget_all(struct shell *sh)
{
	struct script_host *h = sh->host;
	for (size_t i = 0; i < h->questions.n; i++)
		*(struct question *)h->questions.entries[i].value =
			(struct question){ not_known, unknown };
}

/* Words behind the name are one text. */
static struct shell_text join_words(struct shell *sh, const struct shell_args *a)
{
	struct shell_text v = known(HM_STR(""));
	for (size_t i = 2; i < a->n; i++) {
		if (a->p[i].know)
			return not_known;
		v.s = hm_fmt(sh->cx, "%.*s%s%.*s", HM_FMT(v.s), i > 2 ? " " : "",
			     HM_FMT(a->p[i].s));
	}
	return v;
}

static hm_err run_set(struct shell *sh, const struct shell_args *a)
{
	struct question *q;
	bool flag = hm_eqz(a->p[0].s, "db_fset");
	HM_TRY(find_question(sh, a, &q));
	if (!q && a->n > 1 && a->p[1].know)
		forget_all(sh);
	sh->status = q ? 0 : SHELL_MAYBE;
	if (!q)
		return NULL;
	if (flag) {
		struct shell_text seen = known(repair_shell_arg(a, 3));
		if (hm_eqz(repair_shell_arg(a, 2), "seen"))
			q->seen = is_maybe(sh) ? unknown : seen;
		return NULL;
	}
	q->value = is_maybe(sh) ? not_known : join_words(sh, a);
	return NULL;
}

static hm_err run_forget(struct shell *sh, const struct shell_args *a)
{
	struct question *q;
	HM_TRY(find_question(sh, a, &q));
	sh->status = 0;
	if (!q && a->n > 1 && a->p[1].know)
		forget_all(sh);
	if (q)
		*q = (struct question){ not_known, unknown };
	return NULL;
}

static bool is_choice(struct hm_str choices, struct hm_str value)
{
	while (choices.n)
		if (hm_eq(hm_trim(hm_cut(&choices, ',')), value))
			return true;
	return false;
}

/* A choice that is none any more becomes another. */
static hm_err run_input(struct shell *sh, const struct shell_args *a)
{
	struct script_host *h = sh->host;
	struct shell_args rest = { .p = a->p + 1, .n = a->n ? a->n - 1 : 0 };
	const struct template *t;
	struct question *q;
	HM_TRY(find_question(sh, &rest, &q));
	t = hm_map_get(&h->templates, repair_shell_arg(a, 2));
	if (!q)
		forget_all(sh);
	else if (!t || (hm_eqz(t->type, "select") && !q->value.know &&
			!is_choice(t->choices, q->value.s)))
		q->value = not_known;
	sh->status = SKIPPED;
	return NULL;
}

#define DEBCONF "debconf: nobody is asked"

const struct shell_command repair_script_debconf[] = {
	{ "db_version", run_nothing, DEBCONF },
	{ "db_capb", run_nothing, DEBCONF },
	{ "db_title", run_nothing, DEBCONF },
	{ "db_settitle", run_nothing, DEBCONF },
	{ "db_info", run_nothing, DEBCONF },
	{ "db_progress", run_nothing, DEBCONF },
	{ "db_data", run_nothing, DEBCONF },
	{ "db_beginblock", run_nothing, DEBCONF },
	{ "db_endblock", run_nothing, DEBCONF },
	{ "db_input", run_input, DEBCONF },
	{ "db_go", run_nothing, DEBCONF },
	{ "db_get", run_get, DEBCONF },
	{ "db_fget", run_fget, DEBCONF },
	{ "db_metaget", run_unknown, DEBCONF },
	{ "db_set", run_set, DEBCONF },
	{ "db_fset", run_set, DEBCONF },
	{ "db_subst", run_nothing, DEBCONF },
	{ "db_reset", run_forget, DEBCONF },
	{ "db_register", run_nothing, DEBCONF },
	{ "db_unregister", run_forget, DEBCONF },
	{ "db_purge", run_nothing, DEBCONF },
	{ "db_stop", run_nothing, DEBCONF },
	{ 0 },
};
