/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For whom an entry of config.json is. Keys are HOST[:PORT][/PATH], as Podman and Kubernetes have
 * them, with or without a scheme; Docker's own end in /v1/. A path is the beginning of a
 * repository's name; '*' and '?' stand for something within one label of the host.
 */
#include "oci/remote/credential_parts.h"

/* Does one label of a host fit? No recursion: only the last star is gone back to. */
static bool label_fits(struct hm_str pattern, struct hm_str s)
{
	size_t p = 0, i = 0, star = SIZE_MAX, from = 0;
	while (i < s.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			from = i;
		} else if (p < pattern.n && (pattern.p[p] == '?' || pattern.p[p] == s.p[i])) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

/* Label by label, so that a star never stands for a dot, and the port as it is. */
static bool host_fits(struct hm_cx *cx, struct hm_str pattern, struct hm_str registry)
{
	struct hm_str port = registry, host = hm_cut(&port, ':');
	struct hm_str want_port = hm_lower(cx, pattern), want = hm_cut(&want_port, ':');
	if (hm_eqz(want_port, "443"))
		want_port = HM_STR("");
	if (!hm_eq(port, want_port) || hm_starts(registry, HM_STR("[")))
		return false;
	while (want.n && host.n)
		if (!label_fits(hm_cut(&want, '.'), hm_cut(&host, '.')))
			return false;
	return want.n == 0 && host.n == 0;
}

static bool path_fits(struct hm_str path, struct hm_str repository)
{
	return path.n == 0 || hm_eq(path, repository) ||
	       (hm_starts(repository, path) && repository.p[path.n] == '/');
}

/* The version of an API that older clients wrote behind the host. */
static struct hm_str without_version(struct hm_str path, bool has_scheme)
{
	static const struct hm_str versions[] = { HM_STR_INIT("v1"), HM_STR_INIT("v2") };
	for (size_t i = 0; i < HM_LEN(versions); i++) {
		if (hm_eq(path, versions[i]))
			return HM_STR("");
		if (has_scheme && hm_starts(path, versions[i]) && path.p[versions[i].n] == '/')
			return hm_from(path, versions[i].n + 1);
	}
	return path;
}

/* How well a key fits: 0 not at all; a host by its name before one by a pattern, then the longer
 * path, then the pattern that says more. */
static uint64_t rank_key(struct hm_cx *cx, struct hm_str key, struct hm_str registry,
			 struct hm_str repository, size_t *out_path)
{
	struct hm_str path = key, name, address;
	size_t scheme = hm_find(key, HM_STR("://"));
	if (key.n > HM_MAX_REFERENCE)
		return 0;
	if (scheme != SIZE_MAX)
		path = hm_from(key, scheme + 3);
	struct hm_str host = hm_cut(&path, '/');
	while (hm_ends(path, HM_STR("/")))
		path.n--;
	path = without_version(path, scheme != SIZE_MAX);
	*out_path = path.n;
	if (!path_fits(path, repository))
		return 0;
	bool pattern = hm_find_char(host, '*') != SIZE_MAX || hm_find_char(host, '?') != SIZE_MAX;
	if (pattern)
		return host_fits(cx, host, registry) ? (uint64_t)path.n << 10 | host.n : 0;
	if (oci_registry_parse(cx, host, &name, &address) || !hm_eq(name, registry))
		return 0;
	return UINT64_C(1) << 30 | (uint64_t)path.n << 10 | 1;
}

bool oci_credential_is_for(struct hm_cx *cx, struct hm_str key, struct hm_str registry)
{
	size_t path;
	return rank_key(cx, key, registry, HM_STR(""), &path) >> 30 && path == 0;
}

struct json oci_credential_entry(struct hm_cx *cx, struct json object, struct hm_str name,
				 bool *out_path)
{
	struct hm_str repository = name, registry = hm_cut(&repository, '/');
	struct json found = { 0 };
	uint64_t best = 0;
	*out_path = false;
	for (struct json_iter it = json_iter(object); json_next(&it);) {
		size_t path;
		uint64_t r = rank_key(cx, it.key, registry, repository, &path);
		if (r <= best)
			continue;
		best = r;
		found = it.value;
		*out_path = path > 0;
	}
	return found;
}
