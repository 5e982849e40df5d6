/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/shell/shell.h"

/* ------------------------------------------------------------------ variables */

static struct shell_variable *find_variable(const struct shell_variables *all, struct hm_str name)
{
	for (size_t i = 0; i < all->n; i++)
		if (hm_eq(all->p[i].name, name))
			return &all->p[i];
	return NULL;
}

const struct shell_variable *repair_shell_get(const struct shell *sh, struct hm_str name)
{
	const struct shell_variable *v = find_variable(&sh->variables, name);
	return v && (v->is_set || v->maybe_set) ? v : NULL;
}

void repair_shell_set(struct shell *sh, struct hm_str name, struct shell_text value)
{
	struct shell_variable *v = find_variable(&sh->variables, name);
	if (!v) {
		v = hm_push(sh->cx, &sh->variables);
		v->name = hm_dup(sh->cx, name);
	}
	v->value = value;
	v->is_set = true;
	v->maybe_set = false;
}

void repair_shell_unset(struct shell *sh, struct hm_str name)
{
	struct shell_variable *v = find_variable(&sh->variables, name);
	if (v)
		*v = (struct shell_variable){ .name = v->name };
}

void repair_shell_save(struct shell *sh, struct shell_variables *out)
{
	*out = (struct shell_variables){ 0 };
	for (size_t i = 0; i < sh->variables.n; i++)
		*hm_push(sh->cx, out) = sh->variables.p[i];
}

static void merge_variable(struct shell_variable *v, const struct shell_variable *o)
{
	bool same = o && o->is_set == v->is_set && o->maybe_set == v->maybe_set &&
		    o->value.know == v->value.know && hm_eq(o->value.s, v->value.s);
	if (same || (!o && !v->is_set && !v->maybe_set))
		return;
	v->maybe_set = !(o && o->is_set && v->is_set);
	v->is_set = !v->maybe_set;
	v->value = (struct shell_text){ HM_STR(""), SHELL_UNKNOWN };
}

void repair_shell_merge(struct shell *sh, const struct shell_variables *other)
{
	for (size_t i = 0; i < sh->variables.n; i++)
		merge_variable(&sh->variables.p[i], find_variable(other, sh->variables.p[i].name));
	for (size_t i = 0; i < other->n; i++)
		if (!find_variable(&sh->variables, other->p[i].name)) {
			struct shell_variable v = { .name = other->p[i].name };
			merge_variable(&v, &other->p[i]);
			*hm_push(sh->cx, &sh->variables) = v;
		}
}

/* ------------------------------------------------------------------ what comes of it */

void repair_shell_give_up(struct shell *sh, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct hm_str why = hm_vfmt(sh->cx, fmt, ap);
	va_end(ap);
	if (sh->is_unknown)
		return;
	sh->is_unknown = true;
	sh->unknown = hm_fmt(sh->cx, "line %u: %.*s", sh->line, HM_FMT(why));
	sh->flow = SHELL_EXIT;
}

void repair_shell_did(struct shell *sh, const char *what)
{
	if (!hm_strs_has(&sh->done, hm_cstr(what)))
		*hm_push(sh->cx, &sh->done) = hm_dup(sh->cx, hm_cstr(what));
}

static struct repair_node *own_node(struct shell *sh, struct hm_str path)
{
	struct repair_node *n = hm_map_get(&sh->root->nodes, path);
	if (n)
		return n;
	n = hm_new(sh->cx, struct repair_node, 1);
	n->path = hm_dup(sh->cx, path);
	n->is_gone = true;
	hm_map_put(sh->cx, &sh->root->nodes, n->path, n);
	return n;
}

static void change_node(struct repair_node *n, const struct shell_effect *e)
{
	static const enum tar_type types[SHELL_EFFECTS] = {
		[SHELL_MKDIR] = TAR_DIR,
		[SHELL_LINK] = TAR_SYMLINK,
		[SHELL_WRITE] = TAR_FILE,
	};
	switch (e->type) {
	case SHELL_MODE:
		n->mode = e->mode;
		break;
	case SHELL_OWNER:
		n->uid = e->uid;
		n->gid = e->gid;
		break;
	case SHELL_REMOVE:
		n->is_gone = true;
		break;
	case SHELL_MKDIR:
	case SHELL_LINK:
	case SHELL_WRITE:
		n->is_gone = false;
		n->type = types[e->type];
		n->mode = e->mode;
		n->uid = e->uid;
		n->gid = e->gid;
		n->link = e->type == SHELL_LINK ? e->text : HM_STR("");
		n->is_kept = e->type == SHELL_WRITE;
		n->content = e->text;
		n->size = e->text.n;
		break;
	case SHELL_CAPABILITY: /* which nobody asks about */
	case SHELL_EFFECTS:    /* is none */
		break;
	}
}

static void remove_below(struct shell *sh, struct hm_str path)
{
	struct hm_str head = hm_fmt(sh->cx, "%.*s/", HM_FMT(path));
	for (size_t i = 0; i < sh->root->nodes.n; i++) {
		struct repair_node *n = sh->root->nodes.entries[i].value;
		if (hm_starts(n->path, head))
			n->is_gone = true;
	}
}

hm_err repair_shell_effect(struct shell *sh, const struct shell_effect *e)
{
	struct shell_effect own = *e;
	if (sh->maybe || sh->maybe_over || sh->maybe_back) {
		repair_shell_give_up(sh,
				     "it depends on what is not known here whether \"/%.*s\" "
				     "is changed",
				     HM_FMT(e->path));
		return NULL;
	}
	own.path = hm_dup(sh->cx, e->path);
	own.text = hm_dup(sh->cx, e->text);
	if (e->type == SHELL_REMOVE)
		remove_below(sh, own.path);
	change_node(own_node(sh, own.path), &own);
	*hm_push(sh->cx, &sh->effects) = own;
	return hm_charge(sh->cx, sizeof(own));
}

void repair_shell_print(struct shell *sh, struct shell_text text)
{
	if (!sh->out)
		return;
	if (text.know > sh->out->know)
		sh->out->know = text.know;
	if (sh->maybe > sh->out->maybe && !sh->out->know)
		sh->out->know = SHELL_UNKNOWN;
	hm_buf_add(&sh->out->text, text.s);
}

struct hm_str repair_shell_arg(const struct shell_args *a, size_t i)
{
	return i < a->n && a->p[i].know == SHELL_KNOWN ? a->p[i].s : HM_STR("");
}

bool repair_shell_all_known(const struct shell_args *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->p[i].know != SHELL_KNOWN)
			return false;
	return true;
}

/* ------------------------------------------------------------------ modes */

/* set (POSIX.1-2017, 2.14): its options. */
static const struct {
	char letter;
	const char *name;
	bool is_harmless; /* the script does the same with it */
} modes[] = {
	{ 'e', "errexit", false }, { 'u', "nounset", false },  { 'C', "noclobber", false },
	{ 'f', "noglob", false },  { 'n', "noexec", false },   { 'a', "allexport", true },
	{ 'b', "notify", true },   { 'h', "", true },          { 'm', "monitor", true },
	{ 'v', "verbose", true },  { 'x', "xtrace", true },    { 'E', "emacs", true },
	{ 'V', "vi", true },       { 'I', "ignoreeof", true },
};

/* What is perhaps turned on is: then more is refused, never less. */
static void set_mode(struct shell *sh, size_t i, bool on)
{
	bool *mode = modes[i].letter == 'u'   ? &sh->modes.nounset
		     : modes[i].letter == 'C' ? &sh->modes.noclobber
					      : NULL;
	if (modes[i].letter == 'e')
		sh->modes.errexit = on;
	else if (mode)
		*mode = on || (sh->maybe && *mode);
	else if (on && !modes[i].is_harmless)
		repair_shell_give_up(sh, "\"set -%c\"", modes[i].letter);
}

void repair_shell_set_modes(struct shell *sh, struct hm_str word)
{
	bool on = hm_starts(word, HM_STR("-"));
	for (size_t k = 1; k < word.n; k++) {
		size_t i = 0;
		while (i < HM_LEN(modes) && modes[i].letter != word.p[k])
			i++;
		if (i < HM_LEN(modes))
			set_mode(sh, i, on);
		else if (word.p[k] != 'o') /* its name is the next word */
			repair_shell_give_up(sh, "\"set %.*s\"", HM_FMT(word));
	}
}

void repair_shell_set_named(struct shell *sh, bool on, struct hm_str name)
{
	for (size_t i = 0; i < HM_LEN(modes); i++)
		if (name.n && hm_eqz(name, modes[i].name)) {
			set_mode(sh, i, on);
			return;
		}
	repair_shell_give_up(sh, "\"set -o %.*s\"", HM_FMT(name));
}
