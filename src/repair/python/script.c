/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Console scripts. Installers and their versions write them in different forms; what they have in
 * common is one line that imports and one that calls. A new one is made like one that is there.
 */
#include "repair/python/python.h"

struct hm_str repair_python_script_head(struct hm_str script)
{
	struct hm_str rest = script, line = hm_line(&rest);
	if (!hm_starts(line, HM_STR("#!")))
		return HM_STR("");
	/* "#!/bin/sh", where the name of the interpreter is too long for a first line */
	if (hm_eqz(line, "#!/bin/sh") && hm_starts(rest, HM_STR("'''exec'"))) {
		hm_line(&rest);
		hm_line(&rest);
	} else if (hm_find(line, HM_STR("python")) == SIZE_MAX) {
		return HM_STR("");
	}
	return hm_sub(script, 0, script.n - rest.n);
}

/* Dots between names: what may be imported. */
static bool is_dotted(struct hm_str s)
{
	char before = '.';
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!hm_is_alpha(c) && c != '_' && c != '.' && !hm_is_digit(c))
			return false;
		if (before == '.' && (c == '.' || hm_is_digit(c)))
			return false;
		before = c;
	}
	return before != '.';
}

/* The one place of a text; SIZE_MAX: there is none, or more than one. */
static size_t find_once(struct hm_str s, struct hm_str what)
{
	size_t at = hm_find(s, what);
	return at != SIZE_MAX && hm_find(hm_from(s, at + 1), what) == SIZE_MAX ? at : SIZE_MAX;
}

bool repair_python_script(struct hm_cx *cx, struct hm_str like, struct hm_str entry,
			  struct hm_str *out)
{
	static const struct hm_str from = HM_STR_INIT("\nfrom "), call = HM_STR_INIT("sys.exit(");
	struct hm_str attribute = entry, module = hm_trim(hm_cut(&attribute, ':'));
	attribute = hm_trim(attribute);
	struct hm_str name = hm_sub(attribute, 0, hm_find_char(attribute, '.'));
	size_t import_at = find_once(like, from), call_at = find_once(like, call);
	if (!is_dotted(module) || !is_dotted(attribute) || !repair_python_script_head(like).n ||
	    import_at == SIZE_MAX || call_at == SIZE_MAX || call_at < import_at)
		return false;
	struct hm_str between = hm_sub(like, import_at + 1, call_at - import_at - 1);
	struct hm_str import = hm_line(&between), tail = hm_from(like, call_at);
	size_t end = hm_find(tail, HM_STR("()"));
	if (hm_find(import, HM_STR(" import ")) == SIZE_MAX || end == SIZE_MAX)
		return false;
	*out = hm_fmt(cx, "%.*s\nfrom %.*s import %.*s\n%.*s%.*s%.*s%.*s",
		      HM_FMT(hm_sub(like, 0, import_at)), HM_FMT(module), HM_FMT(name),
		      HM_FMT(between), HM_FMT(call), HM_FMT(attribute), HM_FMT(hm_from(tail, end)));
	return true;
}
