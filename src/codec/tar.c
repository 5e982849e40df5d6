/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/tar.h"

/* No '/' at the ends, no empty, "." or ".." name: most paths but for a '/' at one end, or "./". */
static bool is_clean(struct hm_str p)
{
	size_t begin = 0;
	for (size_t i = 0; i <= p.n; i++) {
		if (i < p.n && p.p[i] != '/')
			continue;
		size_t n = i - begin;
		if (n == 0 || (p.p[begin] == '.' && (n == 1 || (n == 2 && p.p[begin + 1] == '.'))))
			return false;
		begin = i + 1;
	}
	return true;
}

/* Its names without "." and empty ones, each ".." with the name before it taken away. False: one
 * leads out of the root. */
static bool resolve_dots(struct hm_cx *cx, struct hm_str p, struct hm_str *out)
{
	char *room = hm_new(cx, char, p.n + 1);
	size_t n = 0;
	while (p.n) {
		struct hm_str name = hm_cut(&p, '/');
		if (name.n == 0 || hm_eqz(name, "."))
			continue;
		if (hm_eqz(name, "..")) {
			if (n == 0)
				return false;
			size_t cut = hm_rfind_char(hm_bytes(room, n), '/');
			n = cut == SIZE_MAX ? 0 : cut;
			continue;
		}
		if (n)
			room[n++] = '/';
		memcpy(room + n, name.p, name.n);
		n += name.n;
	}
	*out = hm_bytes(room, n);
	return true;
}

hm_err tar_clean_path(struct hm_cx *cx, struct hm_str path, struct hm_str *out)
{
	struct hm_str p = path;
	if (p.n > HM_MAX_PATH)
		return hm_fail(cx, HM_LIMIT, "a path of %zu bytes", p.n);
	if (memchr(p.p, 0, p.n))
		return hm_fail(cx, HM_INPUT, "a path contains a NUL byte");
	while (hm_starts(p, HM_STR("./")) || hm_starts(p, HM_STR("/")))
		p = hm_from(p, p.p[0] == '/' ? 1 : 2);
	while (hm_ends(p, HM_STR("/")))
		p.n--;
	if (p.n == 0 || is_clean(p)) {
		*out = p;
		return NULL;
	}
	if (!resolve_dots(cx, p, out))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" leads out of the root", HM_FMT(path));
	return NULL;
}
