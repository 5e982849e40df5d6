/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requirements.txt. Sources: pip's "Requirements File Format" and PEP 508. "==" and "===" give a
 * version; anything else is kept as a range, which matches no advisory.
 */
#include "inventory/catalogers/common.h"

/* The next line, continuations joined, without comment and white space around it. */
static struct hm_str logical_line(struct hm_cx *cx, struct hm_str *text)
{
	struct hm_str line = hm_line(text);
	while (hm_ends(line, HM_STR("\\"))) {
		struct hm_str next = hm_line(text); /* empty at the end of the file */
		line = hm_fmt(cx, "%.*s %.*s", HM_FMT(hm_sub(line, 0, line.n - 1)), HM_FMT(next));
	}
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '#' && (i == 0 || hm_is_space(line.p[i - 1])))
			line.n = i;
	return hm_trim(line);
}

static size_t name_length(struct hm_str s)
{
	size_t n = 0;
	while (n < s.n && (hm_is_alpha(s.p[n]) || hm_is_digit(s.p[n]) || memchr("-_.", s.p[n], 3)))
		n++;
	return n;
}

static struct hm_str without_space(struct hm_cx *cx, struct hm_str s)
{
	char *to = hm_new(cx, char, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_space(s.p[i]))
			to[n++] = s.p[i];
	return hm_bytes(to, n);
}

/* "--hash=sha256:HEX" anywhere behind the requirement. */
static void add_hashes(struct hm_cx *cx, struct inventory_component *c, struct hm_str options)
{
	while (options.n) {
		struct hm_str word = hm_cut(&options, ' ');
		if (hm_starts(word, HM_STR("--hash=")))
			inventory_list_add(cx, &c->hashes, hm_from(word, 7));
	}
}

/* The one version that "==1.2", "===1.2" or "(==1.2)" pins; empty for all else, as are the
 * variables and templates of "==${VERSION}". PEP 440. */
static struct hm_str find_pinned(struct hm_str range)
{
	if (!hm_starts(range, HM_STR("==")))
		return HM_STR("");
	struct hm_str version = hm_from(range, hm_starts(range, HM_STR("===")) ? 3 : 2);
	for (size_t i = 0; i < version.n; i++)
		if (!hm_is_alpha(version.p[i]) && !hm_is_digit(version.p[i]) &&
		    !memchr(".-_+!", version.p[i], 5))
			return HM_STR("");
	return version;
}

/* Where the options of a requirement begin: at the first word with a '-' before it. */
static size_t find_options(struct hm_str line)
{
	for (size_t i = 1; i < line.n; i++)
		if (line.p[i] == '-' && hm_is_space(line.p[i - 1]))
			return i - 1;
	return SIZE_MAX;
}

/* The file at the end of a URL or path: no query, no fragment. */
static struct hm_str file_of(struct hm_str reference)
{
	struct hm_str file = hm_cut(&reference, '#');
	return hm_basename(hm_cut(&file, '?'));
}

/* "requests-2.6.0-py2.py3-none-any.whl" (PEP 427), "requests-2.6.0.tar.gz" (PEP 625): the name and
 * version of what is built; empty: it is neither. */
static void split_file(struct hm_str file, struct hm_str *out_name, struct hm_str *out_version)
{
	static const char *const tails[] = { ".tar.gz", ".zip", ".tgz", ".tar.bz2" };
	struct hm_str name = HM_STR(""), version = HM_STR("");
	if (hm_ends(file, HM_STR(".whl"))) {
		version = file;
		name = hm_cut(&version, '-');
		version = hm_cut(&version, '-');
	}
	for (size_t i = 0; i < HM_LEN(tails); i++) {
		struct hm_str stem = hm_sub(file, 0, file.n - strlen(tails[i]));
		size_t dash = hm_rfind_char(stem, '-');
		if (!hm_ends(file, hm_cstr(tails[i])) || dash == SIZE_MAX)
			continue;
		name = hm_sub(stem, 0, dash);
		version = hm_from(stem, dash + 1);
	}
	bool is_whole =
		name.n && name_length(name) == name.n && version.n && hm_is_digit(*version.p);
	*out_name = is_whole ? name : HM_STR("");
	*out_version = is_whole ? version : HM_STR("");
}

/* "#egg=NAME" of a URL. */
static struct hm_str egg_of(struct hm_str reference)
{
	struct hm_str egg = reference;
	hm_cut_str(&egg, HM_STR("egg="));
	return hm_sub(egg, 0, name_length(egg));
}

/* Where a requirement comes from, when that is said; PyPI's own files are the registry's. */
static void set_origin(struct hm_cx *cx, struct inventory_component *c, struct hm_str reference)
{
	struct hm_str name, version;
	if (!inventory_is_pypi(reference)) {
		bool is_path = hm_find_char(reference, ':') == SIZE_MAX;
		c->origin = is_path ? hm_fmt(cx, "file:%.*s", HM_FMT(reference)) : reference;
	}
	split_file(file_of(reference), &name, &version);
	if (name.n)
		c->version = version;
}

/* A URL or path alone, or behind -e: *out_is is false where it does not say what it is. */
static hm_err add_reference(struct hm_cx *cx, struct hm_str line, struct inventory_builder *b,
			    bool *out_is)
{
	struct inventory_component c = { .type = HM_STR("pypi") };
	struct hm_str rest = line, reference = hm_cut(&rest, ' '), version;
	bool is_path =
		hm_find_char(reference, '/') != SIZE_MAX || hm_ends(reference, HM_STR(".whl"));
	c.name = egg_of(reference);
	if (!c.name.n)
		split_file(file_of(reference), &c.name, &version);
	*out_is = is_path && c.name.n;
	if (!*out_is)
		return NULL;
	add_hashes(cx, &c, rest);
	set_origin(cx, &c, reference);
	return inventory_add(cx, b, &c);
}

static hm_err add_line(struct hm_cx *cx, struct hm_str line, struct inventory_builder *b)
{
	struct inventory_component c = { .type = HM_STR("pypi") };
	size_t n = name_length(line), options = find_options(line);
	struct hm_str rest = hm_from(line, n);

	if (options != SIZE_MAX) {
		add_hashes(cx, &c, hm_from(line, options));
		rest = hm_sub(rest, 0, options > n ? options - n : 0);
	}
	rest = hm_trim(hm_cut(&rest, ';'));
	if (hm_starts(rest, HM_STR("["))) {
		hm_cut(&rest, ']');
		rest = hm_trim(rest);
	}
	bool is_reference;
	HM_TRY(add_reference(cx, line, b, &is_reference));
	if (is_reference)
		return NULL;
	bool is_known = !rest.n || memchr("=<>!~(@", rest.p[0], 7) != NULL;
	if (!n || !is_known || hm_find_char(hm_sub(line, 0, n), '/') != SIZE_MAX)
		return inventory_add_unknown(cx, b, HM_STR(""),
					     hm_say(cx, "requirements: \"%.*s\" is skipped",
						    HM_FMT(hm_sub(line, 0, 200))));
	c.name = hm_sub(line, 0, n);
	if (rest.n && rest.p[0] == '@') {
		struct hm_str reference = hm_trim(hm_from(rest, 1));
		set_origin(cx, &c, reference);
		if (!c.version.n)
			c.range = hm_fmt(cx, "@ %.*s", HM_FMT(reference));
		return inventory_add(cx, b, &c);
	}
	rest = hm_cut(&rest,
		      '#'); /* without a space before it pip takes no comment, but others do */
	c.range = without_space(cx, rest);
	if (hm_starts(c.range, HM_STR("(")) && hm_ends(c.range, HM_STR(")")))
		c.range = hm_sub(c.range, 1, c.range.n - 2);
	c.version = find_pinned(c.range);
	if (c.version.n)
		c.range = HM_STR("");
	return inventory_add(cx, b, &c);
}

/* Is it a file that is read anyway, by its name? */
static bool is_read(struct hm_str path)
{
	struct hm_str name = hm_basename(path);
	return hm_ends(name, HM_STR(".txt")) &&
	       (hm_starts(name, HM_STR("requirements")) ||
		hm_ends(name, HM_STR("requirements.txt")) ||
		hm_eqz(hm_basename(hm_dirname(path)), "requirements"));
}

/* Options: other files that they name are not followed. Constraints install nothing. */
static hm_err add_option(struct hm_cx *cx, struct hm_str line, struct inventory_builder *b)
{
	static const char *const files[] = { "-r", "--requirement", "-e", "--editable" };
	struct hm_str rest = line, word = hm_cut(&rest, ' '), value = word;
	word = hm_cut(&value, '=');
	if (!value.n)
		value = hm_trim(rest);
	bool is_reference = false;
	if (hm_eqz(word, "-e") || hm_eqz(word, "--editable"))
		HM_TRY(add_reference(cx, value, b, &is_reference));
	if (is_reference)
		return NULL;
	for (size_t i = 0; i < HM_LEN(files); i++)
		if (hm_eqz(word, files[i]) && !is_read(value))
			return inventory_add_unknown(
				cx, b, HM_STR(""),
				hm_say(cx, "requirements: \"%.*s\" is not followed",
				       HM_FMT(hm_sub(line, 0, 200))));
	return NULL;
}

/* --- text --- */

/* What `pip freeze >requirements.txt` gives in PowerShell; pip reads it by its mark. A surrogate
 * alone becomes what is no UTF-8. */
static struct hm_str from_utf16(struct hm_cx *cx, struct hm_str text, bool is_big)
{
	char *to = hm_new(cx, char, text.n / 2 * 3 + 1);
	size_t n = 0;
	struct hm_cur cur = hm_cur(text);
	while (cur.n >= 2) {
		uint32_t c = (uint32_t)(is_big ? hm_be(&cur, 2) : hm_le(&cur, 2));
		struct hm_cur ahead = cur;
		uint32_t low = (uint32_t)(is_big ? hm_be(&ahead, 2) : hm_le(&ahead, 2));
		if (c >> 10 == 0xd800 >> 10 && !ahead.bad && low >> 10 == 0xdc00 >> 10) {
			c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
			cur = ahead;
		}
		n += hm_utf8_put(to + n, c);
	}
	return hm_bytes(to, n);
}

static hm_err decode_text(struct hm_cx *cx, struct hm_str *text)
{
	bool is_big = hm_starts(*text, HM_STR("\xfe\xff"));
	if (text->n % 2 == 0 && (is_big || hm_starts(*text, HM_STR("\xff\xfe")))) {
		HM_TRY(hm_charge(cx, text->n * 2));
		*text = from_utf16(cx, hm_from(*text, 2), is_big);
	} else if (hm_starts(*text, HM_STR("\xef\xbb\xbf"))) {
		*text = hm_from(*text, 3);
	}
	return NULL;
}

INVENTORY_PARSE(requirements)
{
	struct hm_str text = file->bytes;
	HM_TRY(decode_text(cx, &text));
	if (!hm_is_utf8(text) || (text.n && memchr(text.p, '\0', text.n)))
		return hm_fail(cx, HM_INPUT, "requirements: this is not text in UTF-8 or UTF-16");
	while (text.n) {
		struct hm_mark mark = hm_mark(cx);
		struct hm_str line = logical_line(cx, &text);
		HM_TRY(hm_alive(cx));
		if (line.n)
			HM_TRY(line.p[0] == '-' ? add_option(cx, line, b) : add_line(cx, line, b));
		hm_release(cx, mark);
	}
	return NULL;
}
