/* SPDX-License-Identifier: Apache-2.0 */
/* test(1) over the files of an image. */
#include "repair/shell/shell.h"

/* What is there only while a system runs: what an image says of it says nothing. */
static bool is_live(struct hm_str path)
{
	static const char *const folders[] = { "proc/", "sys/", "dev/" };
	for (size_t i = 0; i < HM_LEN(folders); i++)
		if (hm_starts(path, hm_cstr(folders[i])))
			return true;
	return false;
}

struct hm_str repair_shell_path(struct shell *sh, struct hm_str path)
{
	if (!sh->cwd.n || hm_starts(path, HM_STR("/")))
		return path;
	return hm_fmt(sh->cx, "%.*s/%.*s", HM_FMT(sh->cwd), HM_FMT(path));
}

hm_err repair_shell_find(struct shell *sh, struct hm_str path, bool follow,
			 const struct repair_node **out, bool *out_sure)
{
	struct hm_str at;
	*out = NULL;
	*out_sure = path.n > 0;
	if (!path.n)
		return NULL;
	path = repair_shell_path(sh, path);
	if (hm_ends(path, HM_STR("/")))
		follow = true;
	if (path.n > HM_MAX_PATH) {
		*out_sure = false;
		return NULL;
	}
	HM_TRY(follow ? repair_root_target(sh->cx, sh->root, path, &at)
		      : repair_root_place(sh->cx, sh->root, path, &at));
	*out_sure = !is_live(at);
	*out = repair_root_at(sh->root, at);
	return NULL;
}

/* As root sees it: a file can be run when anybody can. */
static bool node_is(const struct repair_node *n, char what)
{
	switch (what) {
	case 'e':
	case 'a':
	case 'r':
	case 'w':
		return n;
	case 'f':
		return n && n->type == TAR_FILE;
	case 'd':
		return n && n->type == TAR_DIR;
	case 'h':
	case 'L':
		return n && n->type == TAR_SYMLINK;
	case 's':
		return n && n->type == TAR_FILE && n->size;
	case 'x':
		return n && (n->type == TAR_DIR || (n->mode & 0111));
	case 'u':
		return n && (n->mode & 04000);
	case 'g':
		return n && (n->mode & 02000);
	case 'k':
		return n && (n->mode & 01000);
	default:
		return false;
	}
}

static hm_err test_file(struct shell *sh, char what, struct shell_text path, int *out)
{
	const struct repair_node *n;
	bool sure;
	*out = SHELL_MAYBE;
	if (path.know)
		return NULL;
	if (!path.s.n) {
		*out = 1;
		return NULL;
	}
	HM_TRY(repair_shell_find(sh, path.s, what != 'h' && what != 'L', &n, &sure));
	if (sure)
		*out = !node_is(n, what);
	return NULL;
}

static hm_err test_one(struct shell *sh, const struct shell_text *a, int *out)
{
	struct hm_str op = a[0].s;
	*out = SHELL_MAYBE;
	if (a[0].know || op.n != 2 || op.p[0] != '-')
		return NULL;
	if (op.p[1] == 'n' || op.p[1] == 'z') {
		if (!a[1].know)
			*out = (a[1].s.n > 0) != (op.p[1] == 'n');
		return NULL;
	}
	if (op.p[1] == 't') { /* nobody looks on */
		*out = 1;
		return NULL;
	}
	if (hm_is_one_of(op.p[1], "earwfdhLsxugk"))
		return test_file(sh, op.p[1], a[1], out);
	if (hm_is_one_of(op.p[1], "pSbc"))
		return test_file(sh, '-', a[1], out);
	return NULL;
}

static int compare_numbers(struct hm_str a, struct hm_str b, struct hm_str op)
{
	static const char *const ops[] = { "-eq", "-ne", "-lt", "-le", "-gt", "-ge" };
	uint64_t x, y;
	if (!hm_u64(hm_trim(a), UINT32_MAX, &x) || !hm_u64(hm_trim(b), UINT32_MAX, &y))
		return SHELL_MAYBE;
	const bool is[] = { x == y, x != y, x<y, x <= y, x> y, x >= y };
	for (size_t i = 0; i < HM_LEN(ops); i++)
		if (hm_eqz(op, ops[i]))
			return !is[i];
	return SHELL_MAYBE;
}

static int test_two(const struct shell_text *a)
{
	if (a[0].know || a[1].know || a[2].know)
		return SHELL_MAYBE;
	if (hm_eqz(a[1].s, "=") || hm_eqz(a[1].s, "=="))
		return !hm_eq(a[0].s, a[2].s);
	if (hm_eqz(a[1].s, "!="))
		return hm_eq(a[0].s, a[2].s);
	return compare_numbers(a[0].s, a[2].s, a[1].s);
}

static int not_status(int status)
{
	return status == SHELL_MAYBE ? status : !status;
}

static bool is_text(const struct shell_text *t, const char *z)
{
	return !t->know && hm_eqz(t->s, z);
}

/* POSIX's test by the number of its arguments. */
static hm_err test_some(struct shell *sh, const struct shell_text *a, size_t n, int *out)
{
	bool negated = false;
	while (n > 1 && is_text(a, "!") && !(n == 3 && hm_starts(a[1].s, HM_STR("=")))) {
		negated = !negated;
		a++;
		n--;
	}
	*out = SHELL_MAYBE;
	if (n == 0)
		*out = 1;
	else if (n == 1)
		*out = a[0].know ? SHELL_MAYBE : !a[0].s.n;
	else if (n == 2)
		HM_TRY(test_one(sh, a, out));
	else if (n == 3)
		*out = test_two(a);
	if (negated)
		*out = not_status(*out);
	return NULL;
}

/* The parts between -o, and between -a in them. */
static hm_err test_parts(struct shell *sh, const struct shell_text *a, size_t n, const char *sep,
			 int *out)
{
	bool is_or = strcmp(sep, "-o") == 0;
	int all = is_or;
	for (size_t from = 0, i = 0; i <= n; i++) {
		int part;
		if (i < n && !is_text(&a[i], sep))
			continue;
		if (is_or)
			HM_TRY(test_parts(sh, a + from, i - from, "-a", &part));
		else
			HM_TRY(test_some(sh, a + from, i - from, &part));
		if (is_or)
			all = all == 0 || part == 0 ? 0 : all < 0 || part < 0 ? SHELL_MAYBE : 1;
		else
			all = all > 0 || part > 0 ? 1 : all < 0 || part < 0 ? SHELL_MAYBE : 0;
		from = i + 1;
	}
	*out = all;
	return NULL;
}

hm_err repair_shell_test(struct shell *sh, const struct shell_args *a)
{
	size_t n = a->n - 1;
	for (size_t i = 1; i < a->n; i++)
		if (is_text(&a->p[i], "(")) {
			sh->status = SHELL_MAYBE;
			return NULL;
		}
	if (is_text(&a->p[0], "[")) {
		if (!n || !is_text(&a->p[n], "]")) {
			sh->status = 2;
			return NULL;
		}
		n--;
	}
	/* An argument that is not known may be none, or many, where it was not quoted. */
	if (n <= 3)
		return test_some(sh, a->p + 1, n, &sh->status);
	return test_parts(sh, a->p + 1, n, "-o", &sh->status);
}
