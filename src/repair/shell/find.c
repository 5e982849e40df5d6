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

/* What the words are; those that are not known make it unsure. */
static void read_search(struct search *s)
{
	static const char *const known[] = { "-type", "-name" };
	static const char *const acts[] = { "-exec",    "-execdir", "-ok", "-fprint",
					    "-fprintf", "-okdir",   "-fls" };
	for (size_t i = s->tests; i < s->a->n; i++) {
		struct hm_str t = s->a->p[i].s;
		bool is = hm_eqz(t, "-empty") || hm_eqz(t, "-xdev") || hm_eqz(t, "-mount") ||
			  hm_eqz(t, "-depth");
		for (size_t k = 0; k < HM_LEN(known); k++)
			if (hm_eqz(t, known[k]) && i + 1 < s->a->n && !s->a->p[i + 1].know) {
				is = true;
				i++;
				break;
			}
		for (size_t k = 0; k < HM_LEN(acts); k++)
			if (hm_eqz(t, acts[k]))
				s->act = t;
		if (s->act.n)
			return;
		if (hm_eqz(t, "-mindepth") || hm_eqz(t, "-maxdepth"))
			is = hm_u64(repair_shell_arg(s->a, ++i), 1000,
				    hm_eqz(t, "-mindepth") ? &s->least : &s->most);
		else if (hm_eqz(t, "-delete"))
			is = s->deletes = true;
		else if (hm_eqz(t, "-print"))
			is = s->prints = true;
		s->unsure = s->unsure || !is;
	}
}

static uint64_t depth_of(const struct repair_node *top, const struct repair_node *n)
{
	uint64_t depth = 0;
	for (size_t i = top->path.n; i < n->path.n; i++)
		depth += n->path.p[i] == '/';
	return depth;
}

static bool is_below(struct shell *sh, const struct repair_node *top, const struct repair_node *n)
{
	(void)sh;
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

static hm_err run_find(struct shell *sh, const struct shell_args *a)
{
	struct search s = { .sh = sh, .a = a, .tests = 2, .most = UINT64_MAX };
	const struct repair_node *top;
	size_t count = 0;
	bool sure;
	if (repair_shell_bytecode(a)) {
		repair_shell_did(sh, "bytecode of Python");
		repair_shell_print(sh, (struct shell_text){ HM_STR(""), SHELL_BYTECODE });
		sh->status = SHELL_MAYBE;
		return NULL;
	}
	HM_TRY(repair_shell_find(sh, repair_shell_arg(a, 1), true, &top, &sure));
	bool one = a->n > 1 && (a->n == 2 || hm_starts(a->p[2].s, HM_STR("-")));
	if (sure && !top && one) {
		sh->status = 1;
		return NULL;
	}
	if (one)
		read_search(&s);
	if (!sure || !one || !top->path.n) {
		for (size_t i = 1; i < a->n; i++)
			if (hm_eqz(a->p[i].s, "-delete") || hm_starts(a->p[i].s, HM_STR("-exec")))
				return repair_shell_refuse(sh, a);
		repair_shell_print(sh, (struct shell_text){ HM_STR(""), SHELL_UNKNOWN });
		sh->status = SHELL_MAYBE;
		return NULL;
	}
	sh->steps += 100;
	for (size_t i = 0; i < sh->root->nodes.n && !sh->flow; i++) {
		const struct repair_node *n = sh->root->nodes.entries[i].value;
		uint64_t depth =
			n->is_gone || !is_below(sh, top, n) ? UINT64_MAX : depth_of(top, n);
		if (depth != UINT64_MAX && depth >= s.least && depth <= s.most && passes(&s, n))
			HM_TRY(found(&s, repair_shell_arg(a, 1), top, n, &count));
	}
	return NULL;
}

const struct shell_command repair_shell_finds[] = {
	{ "find", run_find, NULL },
	{ 0 },
};
