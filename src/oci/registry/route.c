/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry/registry.h"

/* Cut the last segment off; false where there is no slash before it. */
static bool cut_last(struct hm_str *rest, struct hm_str *out)
{
	size_t slash = hm_rfind_char(*rest, '/');
	if (slash == SIZE_MAX || slash == 0)
		return false;
	*out = hm_from(*rest, slash + 1);
	*rest = hm_sub(*rest, 0, slash);
	return true;
}

/* "NAME/KIND/LAST". */
static enum registry_what read_kind(struct hm_str word, struct hm_str last)
{
	if (hm_eqz(word, "blobs"))
		return REGISTRY_BLOB;
	if (hm_eqz(word, "manifests"))
		return REGISTRY_MANIFEST;
	if (hm_eqz(word, "referrers"))
		return REGISTRY_REFERRERS;
	if (hm_eqz(word, "tags") && hm_eqz(last, "list"))
		return REGISTRY_TAGS;
	return REGISTRY_NOTHING;
}

struct registry_path oci_registry_path_parse(struct hm_str path)
{
	struct registry_path p = { .what = REGISTRY_NOTHING };
	struct hm_str rest = path, last, word, blobs;
	if (hm_eqz(path, "/v2") || hm_eqz(path, "/v2/"))
		return (struct registry_path){ .what = REGISTRY_BASE };
	if (!hm_starts(path, HM_STR("/v2/")))
		return p;
	rest = hm_from(path, 4);
	if (hm_eqz(rest, "_catalog"))
		return (struct registry_path){ .what = REGISTRY_CATALOG };
	if (hm_ends(rest, HM_STR("/blobs/uploads")))
		return (struct registry_path){ .what = REGISTRY_UPLOADS,
					       .name = hm_sub(rest, 0, rest.n - 14) };
	if (!cut_last(&rest, &last) || !cut_last(&rest, &word))
		return p;
	struct hm_str before = rest;
	if (hm_eqz(word, "uploads") && cut_last(&before, &blobs) && hm_eqz(blobs, "blobs"))
		return (struct registry_path){ .what = last.n ? REGISTRY_UPLOAD : REGISTRY_UPLOADS,
					       .name = before,
					       .reference = last };
	p.what = last.n ? read_kind(word, last) : REGISTRY_NOTHING;
	p.name = rest;
	p.reference = last;
	return p;
}

bool oci_registry_name_is_valid(struct hm_str name)
{
	/* a repository "a/blobs" would stand inside the layout of "a" */
	static const char *const taken[] = { "blobs", "index.json", "oci-layout" };
	struct hm_str rest = name;
	if (!oci_repository_is_valid(name))
		return false;
	while (rest.n) {
		struct hm_str part = hm_cut(&rest, '/');
		for (size_t i = 0; i < HM_LEN(taken); i++)
			if (hm_eqz(part, taken[i]))
				return false;
	}
	return true;
}

/* Digits; a position that no file can have counts as the furthest one. */
static bool read_position(struct hm_str s, uint64_t *out)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_digit(s.p[i]))
			return false;
	if (s.n && !hm_u64(s, INT64_MAX, out))
		*out = INT64_MAX;
	return true;
}

/* "a-b" of a range: both ends, of which one may be absent (RFC 9110, 14.1.2). False: it is none. */
static bool read_ends(struct hm_str value, struct hm_str *out_a, struct hm_str *out_b,
		      uint64_t *out_first, uint64_t *out_last)
{
	struct hm_str rest = value, unit = hm_cut(&rest, '=');
	if (hm_cmp_nocase(unit, HM_STR("bytes")) != 0 || hm_find_char(value, ',') != SIZE_MAX ||
	    hm_find_char(rest, '-') == SIZE_MAX)
		return false;
	*out_a = hm_trim(hm_cut(&rest, '-'));
	*out_b = hm_trim(rest);
	return read_position(*out_a, out_first) && read_position(*out_b, out_last) &&
	       (out_a->n || out_b->n);
}

enum registry_range oci_registry_range_parse(struct hm_str value, uint64_t size, uint64_t *out_from,
					     uint64_t *out_n)
{
	uint64_t first = 0, last = 0;
	struct hm_str a, b;
	if (!read_ends(value, &a, &b, &first, &last))
		return REGISTRY_WHOLE;
	if (a.n && b.n && last < first)
		return REGISTRY_UNSATISFIABLE;
	if (a.n == 0) { /* the last so many bytes */
		if (last == 0 || size == 0)
			return REGISTRY_UNSATISFIABLE;
		first = last < size ? size - last : 0;
		last = size - 1;
	} else if (b.n == 0 || last >= size) {
		last = size - 1;
	}
	if (first >= size)
		return REGISTRY_UNSATISFIABLE;
	*out_from = first;
	*out_n = last - first + 1;
	return REGISTRY_PART;
}

bool oci_registry_content_range_parse(struct hm_str value, uint64_t *out_first, uint64_t *out_last)
{
	uint64_t first, last;
	struct hm_str rest = hm_trim(value);
	if (hm_starts(rest, HM_STR("bytes ")))
		rest = hm_trim(hm_from(rest, 6));
	rest = hm_sub(rest, 0, hm_find_char(rest, '/'));
	if (hm_find_char(rest, '-') == SIZE_MAX)
		return false;
	struct hm_str a = hm_cut(&rest, '-');
	if (!hm_u64(a, INT64_MAX, &first) || !hm_u64(rest, INT64_MAX, &last) || last < first)
		return false;
	*out_first = first;
	*out_last = last;
	return true;
}
