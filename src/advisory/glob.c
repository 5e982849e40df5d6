/* SPDX-License-Identifier: Apache-2.0 */
/* The set of places in the path that the pattern, as far as it was read, can end at. */
#include "advisory/glob.h"

bool advisory_glob_is_plain(struct hm_str pattern)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (hm_is_one_of(pattern.p[i], "[]{}\\!"))
			return false;
	return true;
}

static void step_many(bool *at, struct hm_str path, bool over_slash)
{
	for (size_t i = 1; i <= path.n; i++)
		at[i] = at[i] || (at[i - 1] && (over_slash || path.p[i - 1] != '/'));
}

/* Any number of folders, none too. */
static void step_folders(bool *at, struct hm_str path)
{
	bool from = at[0];
	for (size_t i = 1; i <= path.n; i++) {
		bool here = at[i];
		at[i] = here || (from && path.p[i - 1] == '/');
		from = from || here;
	}
}

static void step_one(bool *at, struct hm_str path, char c)
{
	for (size_t i = path.n; i > 0; i--)
		at[i] = at[i - 1] && (c == '?' ? path.p[i - 1] != '/' : path.p[i - 1] == c);
	at[0] = false;
}

bool advisory_glob(struct hm_cx *cx, struct hm_str pattern, struct hm_str path)
{
	struct hm_mark mark = hm_mark(cx);
	bool *at = hm_new(cx, bool, path.n + 1), whole;
	at[0] = true;
	for (size_t i = 0; i < pattern.n; i++) {
		struct hm_str rest = hm_from(pattern, i);
		if (hm_starts(rest, HM_STR("**/"))) {
			step_folders(at, path);
			i += 2;
		} else if (hm_starts(rest, HM_STR("**"))) {
			step_many(at, path, true);
			i++;
		} else if (*rest.p == '*') {
			step_many(at, path, false);
		} else {
			step_one(at, path, *rest.p);
		}
	}
	whole = at[path.n];
	hm_release(cx, mark);
	return whole;
}
