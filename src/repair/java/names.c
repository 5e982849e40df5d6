/* SPDX-License-Identifier: Apache-2.0 */
/* In workers: which files of an image are read, and which jars a text names. */
#include "repair/java/java.h"

enum { TEXT_MAX = 1024 * 1024, FILE_NAME_MAX = 255 };

/* ------------------------------------------------------------------ which files */

/* What names files without using them, and what other languages have. */
static const char *const passed_over[] = {
	"proc/",
	"sys/",
	"usr/lib/python3",
	"usr/share/doc/",
	"usr/share/locale/",
	"usr/share/man/",
	"usr/share/maven-repo/",
	"usr/share/perl",
	"usr/share/zoneinfo/",
	"var/lib/apk/",
	"lib/apk/",
	"var/lib/apt/",
	"var/lib/dpkg/",
	"var/lib/rpm/",
};
static const char *const texts[] = {
	"",        "args", "argfile", "bash",    "bat",       "cfg", "classpath",  "cmd",  "conf",
	"cp",      "dat",  "env",     "groovy",  "idx",       "ini", "js",         "json", "lax",
	"list",    "lst",  "mf",      "options", "opts",      "pl",  "properties", "py",   "rb",
	"service", "sh",   "toml",    "txt",     "vmoptions", "xml", "yaml",       "yml",
};

static struct hm_str extension(struct hm_str path)
{
	struct hm_str name = hm_basename(path);
	size_t dot = hm_rfind_char(name, '.');
	return dot == SIZE_MAX || dot == 0 ? HM_STR("") : hm_from(name, dot + 1);
}

static bool may_name_jars(struct hm_str path)
{
	struct hm_str tail = extension(path);
	for (size_t i = 0; i < HM_LEN(passed_over); i++)
		if (hm_starts(path, hm_cstr(passed_over[i])))
			return false;
	if (hm_find(path, HM_STR("node_modules/")) != SIZE_MAX ||
	    hm_find(path, HM_STR("site-packages/")) != SIZE_MAX)
		return false;
	for (size_t i = 0; i < HM_LEN(texts); i++)
		if (hm_cmp_nocase(tail, hm_cstr(texts[i])) == 0)
			return true;
	return false;
}

bool repair_java_is_looked_at(struct hm_str path, uint64_t size)
{
	if (inventory_is_archive(path))
		return size <= HM_MAX_REPAIR_JAR;
	return size <= TEXT_MAX && may_name_jars(path);
}

/* ------------------------------------------------------------------ names in a text */

static bool is_of_name(char c)
{
	return hm_is_alpha(c) || hm_is_digit(c) || hm_is_one_of(c, "._-+@~${}*?[]") ||
	       (unsigned char)c >= 0x80;
}

void repair_java_names(struct hm_cx *cx, struct hm_str text, struct hm_strs *out)
{
	static const struct hm_str tail = HM_STR_INIT(".jar");
	size_t at = 0;
	while (out->n < HM_MAX_REPAIR_NAMES) {
		size_t found = hm_find(hm_from(text, at), tail);
		if (found == SIZE_MAX)
			return;
		size_t begin = at + found, end = begin + tail.n;
		at = end;
		if (end < text.n && (hm_is_alpha(text.p[end]) || hm_is_digit(text.p[end])))
			continue;
		while (begin && is_of_name(text.p[begin - 1]) && end - begin < FILE_NAME_MAX)
			begin--;
		struct hm_str name = hm_sub(text, begin, end - begin);
		if (name.n > tail.n && hm_is_utf8(name) && !hm_strs_has(out, name))
			*hm_push(cx, out) = hm_dup(cx, name);
	}
}

/* A shell's pattern: '*', '?' and what stands for something else; one step back at a time. */
static bool fits(struct hm_str pattern, struct hm_str file)
{
	size_t p = 0, n = 0, star = SIZE_MAX, mark = 0;
	while (n < file.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			mark = n;
		} else if (p < pattern.n && (pattern.p[p] == '?' || pattern.p[p] == file.p[n])) {
			p++;
			n++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			n = ++mark;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

/* Behind what a shell fills in at the end: "${version}", "$version". */
static size_t end_of_open(struct hm_str name)
{
	size_t end = name.n;
	while (end && !hm_is_one_of(name.p[end - 1], "${}[]@"))
		end--;
	if (end && name.p[end - 1] == '$')
		while (end < name.n &&
		       (hm_is_alpha(name.p[end]) || hm_is_digit(name.p[end]) || name.p[end] == '_'))
			end++;
	return end;
}

/* Up to what nobody here can fill in, and behind the last of it. */
static bool fits_around(struct hm_str name, struct hm_str file)
{
	size_t head = 0, end = end_of_open(name);
	while (head < name.n && !hm_is_one_of(name.p[head], "${}[]@"))
		head++;
	return head && file.n >= head + (name.n - end) && hm_starts(file, hm_sub(name, 0, head)) &&
	       hm_ends(file, hm_from(name, end));
}

bool repair_java_names_file(struct hm_str name, struct hm_str old, struct hm_str now)
{
	bool open = false, pattern = false;
	for (size_t i = 0; i < name.n; i++) {
		open = open || hm_is_one_of(name.p[i], "${}[]@");
		pattern = pattern || hm_is_one_of(name.p[i], "*?");
	}
	if (open)
		return fits_around(name, old);
	return pattern ? fits(name, old) && !fits(name, now) : hm_eq(name, old);
}
