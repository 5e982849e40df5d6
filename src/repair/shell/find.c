/* SPDX-License-Identifier: Apache-2.0 */
/* find: over the paths of the image, as far as its tests are known here. */
#include "repair/shell/shell.h"

struct search {
	struct shell *sh;
	const struct shell_args *a;
	size_t tests;         /* where they begin */
	uint64_t least, most; /* depths */
	bool unsure;          /* a test is not known: what passes the others may be found */
	bool prints, deletes;
	struct hm_str act; /* another action; empty: none */
};

static bool has_children(struct shell *sh, const struct repair_node *dir)
{
	struct hm_str head = hm_fmt(sh->cx, "%.*s/", HM_FMT(dir->path));
	for (size_t i = 0; i < sh->root->nodes.n; i++) {
		const struct repair_node *n = sh->root->nodes.entries[i].value;
		if (!n->is_gone && hm_starts(n->path, head))
			return true;
	}
	return false;
}

/* Does it pass what is known? */
static bool passes(struct search *s, const struct repair_node *n)
{
	for (size_t i = s->tests; i < s->a->n; i++) {
		struct hm_str t = s->a->p[i].s, v = repair_shell_arg(s->a, i + 1);
		if (hm_eqz(t, "-type")) {
			bool is = n->type == TAR_DIR       ? hm_eqz(v, "d")
				  : n->type == TAR_SYMLINK ? hm_eqz(v, "l")
							   : hm_eqz(v, "f");
			if (!is)
				return false;
			i++;
		} else if (hm_eqz(t, "-name")) {
			if (!repair_shell_matches(s->sh, v, hm_basename(n->path)))
				return false;
			i++;
		} else if (hm_eqz(t, "-empty")) {
			if (n->type == TAR_DIR ? has_children(s->sh, n)
					       : n->type != TAR_FILE || n->size)
				return false;
		} else {
			i++;
		}
	}
	return true;
}

static bool is_in(struct hm_str word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (hm_eqz(word, words[i]))
			return true;
	return false;
}

/* A word, and the value behind it. False: it is not known here. */
static bool read_test(struct search *s, size_t *i)
{
	static const char *const plain[] = { "-empty", "-xdev", "-mount", "-depth" };
	struct hm_str t = s->a->p[*i].s;
	if (hm_eqz(t, "-type") || hm_eqz(t, "-name"))
		return ++*i < s->a->n && !s->a->p[*i].know;
	if (hm_eqz(t, "-mindepth") || hm_eqz(t, "-maxdepth"))
		return hm_u64(repair_shell_arg(s->a, ++*i), 1000,
			      hm_eqz(t, "-mindepth") ? &s->least : &s->most);
	s->deletes = s->deletes || hm_eqz(t, "-delete");
	s->prints = s->prints || hm_eqz(t, "-print");
	return hm_eqz(t, "-delete") || hm_eqz(t, "-print") || is_in(t, plain, HM_LEN(plain));
}

/* What the words are; those that are not known make it unsure. */
static void read_search(struct search *s)
{
	static const char *const acts[] = { "-exec",    "-execdir", "-ok", "-fprint",
					    "-fprintf", "-okdir",   "-fls" };
	for (size_t i = s->tests; i < s->a->n && !s->act.n; i++) {
		if (is_in(s->a->p[i].s, acts, HM_LEN(acts)))
			s->act = s->a->p[i].s;
		else if (!read_test(s, &i))
			s->unsure = true;
	}
}

static uint64_t depth_of(const struct repair_node *top, const struct repair_node *n)
{
	uint64_t depth = 0;
	for (size_t i = top->path.n; i < n->path.n; i++)
		depth += n->path.p[i] == '/';
	return depth;
}

static bool is_below(const struct repair_node *top, const struct repair_node *n)
{
	return hm_starts(n->path, top->path) &&
	       (n->path.n == top->path.n || n->path.p[top->path.n] == '/');
}

static hm_err found(struct search *s, struct hm_str head, const struct repair_node *top,
		    const struct repair_node *n, size_t *count)
{
	struct shell *sh = s->sh;
	++*count;
	if (s->act.n || (s->deletes && s->unsure)) {
		repair_shell_give_up(sh, "\"find %.*s\"",
				     HM_FMT(s->act.n ? s->act : HM_STR("-delete")));
		return NULL;
	}
	if (s->deletes && n->type == TAR_DIR && has_children(sh, n)) {
		repair_shell_give_up(sh, "\"find -delete\"");
		return NULL;
	}
	if (s->deletes)
		return repair_shell_effect(sh, &(struct shell_effect){ .type = SHELL_REMOVE,
								       .path = n->path });
	/* Its order is the file system's. */
	bool known = *count == 1 && !s->unsure;
	repair_shell_print(sh, (struct shell_text){ hm_fmt(sh->cx, "%.*s%.*s\n", HM_FMT(head),
							   HM_FMT(hm_from(n->path, top->path.n))),
						    known ? SHELL_KNOWN : SHELL_UNKNOWN });
	return NULL;
}

/* What is found is not known, and must be nothing that is changed. */
static hm_err find_unknown(struct shell *sh, const struct shell_args *a)
{
	for (size_t i = 1; i < a->n; i++)
		if (hm_eqz(a->p[i].s, "-delete") || hm_starts(a->p[i].s, HM_STR("-exec")))
			return repair_shell_refuse(sh, a);
	repair_shell_print(sh, (struct shell_text){ HM_STR(""), SHELL_UNKNOWN });
	sh->status = SHELL_MAYBE;
	return NULL;
}

static hm_err search_below(struct search *s, const struct repair_node *top)
{
	struct shell *sh = s->sh;
	size_t count = 0;
	sh->steps += 100;
	for (size_t i = 0; i < sh->root->nodes.n && !sh->flow; i++) {
		const struct repair_node *n = sh->root->nodes.entries[i].value;
		if (n->is_gone || !is_below(top, n))
			continue;
		uint64_t depth = depth_of(top, n);
		if (depth >= s->least && depth <= s->most && passes(s, n))
			HM_TRY(found(s, repair_shell_arg(s->a, 1), top, n, &count));
	}
	return NULL;
}

static hm_err run_find(struct shell *sh, const struct shell_args *a)
{
	struct search s = { .sh = sh, .a = a, .tests = 2, .most = UINT64_MAX };
	const struct repair_node *top;
	bool sure, one = a->n > 1 && (a->n == 2 || hm_starts(a->p[2].s, HM_STR("-")));
	if (repair_shell_bytecode(a)) {
		repair_shell_did(sh, "bytecode of Python");
		repair_shell_print(sh, (struct shell_text){ HM_STR(""), SHELL_BYTECODE });
		sh->status = SHELL_MAYBE;
		return NULL;
	}
	HM_TRY(repair_shell_find(sh, repair_shell_arg(a, 1), true, &top, &sure));
	if (!sure || !one || (top && !top->path.n))
		return find_unknown(sh, a);
	sh->status = !top;
	read_search(&s);
	return top ? search_below(&s, top) : NULL;
}

const struct shell_command repair_shell_finds[] = {
	{ "find", run_find, NULL },
	{ 0 },
};
