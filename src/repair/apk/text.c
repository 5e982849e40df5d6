/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of apk's records, words of its relations. */
#include "repair/apk/apk.h"

struct hm_str repair_apk_field(struct hm_str paragraph, char name)
{
	while (paragraph.n) {
		struct hm_str line = hm_line(&paragraph);
		if (line.n >= 2 && line.p[0] == name && line.p[1] == ':')
			return hm_from(line, 2);
		/* What follows are files, whose lines begin with letters, too. */
		if (hm_starts(line, HM_STR("F:")) && name != 'F')
			break;
	}
	return HM_STR("");
}

struct hm_str repair_apk_paragraph(struct hm_str *text)
{
	while (hm_starts(*text, HM_STR("\n")))
		*text = hm_from(*text, 1);
	size_t end = hm_find(*text, HM_STR("\n\n"));
	struct hm_str out = end == SIZE_MAX ? *text : hm_sub(*text, 0, end + 1);
	*text = hm_from(*text, end == SIZE_MAX ? text->n : end + 2);
	return out;
}

struct hm_str repair_apk_word(struct hm_str *text)
{
	size_t n = 0;
	*text = hm_trim(*text);
	while (n < text->n && !hm_is_space(text->p[n]))
		n++;
	struct hm_str word = hm_sub(*text, 0, n);
	*text = hm_from(*text, n);
	return word;
}

bool repair_apk_is_plain(struct hm_str s)
{
	if (!s.n || s.n > 255 || s.p[0] == '.' || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && !hm_is_one_of(s.p[i], "._+-~"))
			return false;
	return true;
}

bool repair_apk_relation(struct hm_str word, struct apk_relation *out)
{
	static const struct {
		const char *text, *op;
		bool fuzzy, pinned;
	} ops[] = { { "><", NULL, false, true },  { ">=", ">=", false, false },
		    { "<=", "<=", false, false }, { "=~", "=", true, false },
		    { "~=", "=", true, false },   { ">~", ">=", true, false },
		    { "<~", "<=", true, false },  { "~", "=", true, false },
		    { "=", "=", false, false },   { "<", "<<", false, false },
		    { ">", ">>", false, false } };
	struct apk_relation r = { .conflicts = hm_starts(word, HM_STR("!")) };
	word = hm_from(word, r.conflicts);
	/* The tag is behind the name or behind the version. */
	size_t n = 0;
	while (n < word.n && !hm_is_one_of(word.p[n], "<>=~"))
		n++;
	struct hm_str name = hm_sub(word, 0, n), rest = hm_from(word, n);
	r.name = hm_cut(&name, '@');
	r.tag = name;
	for (size_t i = 0; rest.n && i < HM_LEN(ops); i++) {
		if (!hm_starts(rest, hm_cstr(ops[i].text)))
			continue;
		struct hm_str version = hm_from(rest, strlen(ops[i].text));
		r.version = hm_cut(&version, '@');
		if (version.n)
			r.tag = version;
		r.op = ops[i].op;
		r.fuzzy = ops[i].fuzzy;
		r.pinned = ops[i].pinned;
		break;
	}
	*out = r;
	return r.name.n && !hm_has_control(r.name) && (!rest.n || r.version.n);
}
