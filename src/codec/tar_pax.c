/* SPDX-License-Identifier: Apache-2.0 */
/* Records of pax extended headers: POSIX.1-2001 pax; GNU.sparse.*: GNU tar manual, "Storing Sparse
 * Files". */
#include "codec/tar_pax.h"

struct value {
	struct hm_cx *cx, *own;
	struct hm_str v;
	struct tar_pax *x;
};

static hm_err set_text(struct value *v, void *out)
{
	if (memchr(v->v.p, 0, v->v.n))
		return hm_fail(v->cx, HM_INPUT, "a pax record has a NUL byte in a name");
	*(struct hm_str *)out = hm_dup(v->own, v->v);
	return NULL;
}

static hm_err set_bytes(struct value *v, void *out)
{
	*(struct hm_str *)out = hm_dup(v->own, v->v);
	return NULL;
}

static hm_err get_number(struct value *v, uint64_t *out)
{
	if (!hm_u64(v->v, INT64_MAX, out))
		return hm_fail(v->cx, HM_INPUT, "a pax record is not a number");
	return NULL;
}

/* An empty value takes back what was said. */
static hm_err set_number(struct value *v, void *out)
{
	struct tar_number *n = out;
	n->is_there = v->v.n > 0;
	return v->v.n ? get_number(v, &n->value) : NULL;
}

/* No number, or a negative one: as if it said nothing. */
static hm_err set_id(struct value *v, void *out)
{
	struct tar_number *n = out;
	n->is_there = hm_u64(v->v, UINT32_MAX, &n->value);
	return NULL;
}

/* "-12.345": rounded down, as a file system without fractions has it. */
static hm_err set_time(struct value *v, void *out)
{
	struct tar_time *t = out;
	struct hm_str rest = v->v;
	bool minus = hm_starts(rest, HM_STR("-"));
	uint64_t n;
	rest = hm_from(rest, minus);
	t->is_there = hm_u64(hm_cut(&rest, '.'), INT64_MAX / 2, &n);
	if (t->is_there)
		t->value = minus ? -(int64_t)n - (rest.n > 0) : (int64_t)n;
	return NULL;
}

static hm_err set_flag(struct value *v, void *out)
{
	(void)v;
	*(bool *)out = true;
	return NULL;
}

static hm_err add_offset(struct value *v, void *pairs)
{
	uint64_t n;
	HM_TRY(get_number(v, &n));
	if (v->x->half)
		return hm_fail(v->cx, HM_INPUT, "the map of a sparse file is damaged");
	v->x->half = true;
	return tar_add_extent(v->cx, v->own, pairs, n, 0);
}

static hm_err add_length(struct value *v, void *out)
{
	struct tar_extents *pairs = out;
	uint64_t n;
	HM_TRY(get_number(v, &n));
	if (!v->x->half)
		return hm_fail(v->cx, HM_INPUT, "the map of a sparse file is damaged");
	v->x->half = false;
	pairs->p[pairs->n - 1].n = n;
	return NULL;
}

static hm_err set_map(struct value *v, void *out)
{
	struct tar_extents *map = out;
	struct hm_str rest = v->v;
	map->n = 0;
	while (rest.n) {
		uint64_t offset, n;
		if (!hm_u64(hm_cut(&rest, ','), INT64_MAX, &offset) ||
		    !hm_u64(hm_cut(&rest, ','), INT64_MAX, &n))
			return hm_fail(v->cx, HM_INPUT, "the map of a sparse file is damaged");
		HM_TRY(tar_add_extent(v->cx, v->own, map, offset, n));
	}
	return NULL;
}

#define AT(field) offsetof(struct tar_pax, field)
/* clang-format off */
static const struct key {
	const char *name;
	bool is_sparse;
	hm_err (*set)(struct value *v, void *out);
	size_t at;
} keys[] = {
	{ "GNU.sparse.major",     true,  set_number, AT(major) },
	{ "GNU.sparse.map",       true,  set_map,    AT(map) },
	{ "GNU.sparse.minor",     true,  set_number, AT(minor) },
	{ "GNU.sparse.name",      true,  set_text,   AT(sparse_name) },
	{ "GNU.sparse.numblocks", true,  set_number, AT(blocks) },
	{ "GNU.sparse.numbytes",  true,  add_length, AT(pairs) },
	{ "GNU.sparse.offset",    true,  add_offset, AT(pairs) },
	{ "GNU.sparse.realsize",  true,  set_number, AT(real_size) },
	{ "GNU.sparse.size",      true,  set_number, AT(sparse_size) },
	{ "SCHILY.xattr.security.capability",      false, set_bytes, AT(capability) },
	{ "SCHILY.xattr.trusted.overlay.metacopy", false, set_flag, AT(redirected) },
	{ "SCHILY.xattr.trusted.overlay.redirect", false, set_flag, AT(redirected) },
	{ "SCHILY.xattr.user.overlay.metacopy",    false, set_flag, AT(redirected) },
	{ "SCHILY.xattr.user.overlay.redirect",    false, set_flag, AT(redirected) },
	{ "gid",                  false, set_id,     AT(gid) },
	{ "gname",                false, set_text,   AT(group) },
	{ "linkpath",             false, set_text,   AT(link) },
	{ "mtime",                false, set_time,   AT(mtime) },
	{ "path",                 false, set_text,   AT(path) },
	{ "size",                 false, set_number, AT(size) },
	{ "uid",                  false, set_id,     AT(uid) },
	{ "uname",                false, set_text,   AT(user) },
};
/* clang-format on */
#undef AT

/* "LENGTH KEY=VALUE\n", where LENGTH counts all of it. */
static hm_err next_record(struct hm_cx *cx, struct hm_str *rest, struct hm_str *out_key,
			  struct hm_str *out_value)
{
	size_t space = hm_find_char(hm_sub(*rest, 0, 20), ' ');
	uint64_t n;
	if (space == SIZE_MAX || !hm_u64(hm_sub(*rest, 0, space), rest->n, &n) || n < space + 3 ||
	    rest->p[n - 1] != '\n')
		return hm_fail(cx, HM_INPUT, "a pax header is damaged");
	struct hm_str record = hm_sub(*rest, space + 1, (size_t)n - space - 2);
	size_t equals = hm_find_char(record, '=');
	if (equals == SIZE_MAX || equals == 0)
		return hm_fail(cx, HM_INPUT, "a pax header is damaged");
	*out_key = hm_sub(record, 0, equals);
	*out_value = hm_from(record, equals + 1);
	*rest = hm_from(*rest, (size_t)n);
	return NULL;
}

static hm_err read_record(struct value *v, struct hm_str key)
{
	v->x->has_attributes |= hm_starts(key, HM_STR("SCHILY.xattr.")) ||
				hm_starts(key, HM_STR("LIBARCHIVE.xattr."));
	for (size_t i = 0; i < HM_LEN(keys); i++) {
		if (!hm_eqz(key, keys[i].name))
			continue;
		v->x->any_sparse |= keys[i].is_sparse && v->v.n > 0;
		return keys[i].set(v, (char *)v->x + keys[i].at);
	}
	return NULL;
}

hm_err tar_pax_parse(struct hm_cx *cx, struct hm_cx *own, struct hm_str records,
		     struct tar_pax *out)
{
	struct tar_pax x = { 0 };
	while (records.n) {
		struct hm_str key = { 0 }, value = { 0 };
		HM_TRY(next_record(cx, &records, &key, &value));
		struct value v = { cx, own, value, &x };
		HM_TRY(read_record(&v, key));
	}
	if (x.half)
		return hm_fail(cx, HM_INPUT, "the map of a sparse file is damaged");
	if (x.pairs.n)
		x.map = x.pairs;
	*out = x;
	return NULL;
}

static bool is_version(const struct tar_pax *x, uint64_t major, uint64_t minor)
{
	return x->major.is_there && x->minor.is_there && x->major.value == major &&
	       x->minor.value == minor;
}

hm_err tar_pax_sparse(struct hm_cx *cx, const struct tar_pax *x, enum tar_sparse *out)
{
	*out = TAR_DENSE;
	if (!x->any_sparse)
		return NULL;
	bool guessed = !x->major.is_there && !x->minor.is_there && x->map.n;
	if (is_version(x, 1, 0))
		*out = TAR_SPARSE_DATA;
	else if (guessed || is_version(x, 0, 0) || is_version(x, 0, 1))
		*out = TAR_SPARSE_HEADER;
	else
		return hm_fail(cx, HM_INPUT, "a sparse file of an unknown format");
	if (*out == TAR_SPARSE_HEADER && (!x->blocks.is_there || x->blocks.value != x->map.n))
		return hm_fail(cx, HM_INPUT, "the map of a sparse file is damaged");
	return NULL;
}
