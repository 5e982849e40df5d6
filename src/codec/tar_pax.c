/* SPDX-License-Identifier: Apache-2.0 */
/* Records of pax extended headers: POSIX.1-2001 pax; GNU.sparse.*: GNU tar manual, "Storing Sparse
 * Files". */
#include "codec/tar_parts.h"

struct value {
	struct hm_cx *cx, *own;
	struct hm_str v;
	struct tar_extra *x;
};

static hm_err set_text(struct value *v, struct hm_str *out)
{
	if (memchr(v->v.p, 0, v->v.n))
		return hm_fail(v->cx, HM_INPUT, "a pax record has a NUL in a name");
	*out = hm_dup(v->own, v->v);
	return NULL;
}

static hm_err get_number(struct value *v, uint64_t *out)
{
	if (!hm_u64(v->v, INT64_MAX, out))
		return hm_fail(v->cx, HM_INPUT, "a pax record is not a number");
	return NULL;
}

static hm_err on_path(struct value *v)
{
	return set_text(v, &v->x->path);
}

static hm_err on_link(struct value *v)
{
	return set_text(v, &v->x->link);
}

static hm_err on_size(struct value *v)
{
	v->x->has_size = v->v.n > 0; /* an empty value takes back what was said */
	return v->v.n ? get_number(v, &v->x->size) : NULL;
}

static hm_err on_name(struct value *v)
{
	v->x->sparse = true;
	return set_text(v, &v->x->sparse_name);
}

static hm_err on_real_size(struct value *v)
{
	v->x->sparse = v->x->has_real_size = true;
	return get_number(v, &v->x->real_size);
}

static hm_err on_major(struct value *v)
{
	uint64_t major;
	HM_TRY(get_number(v, &major));
	if (major > 1)
		return hm_fail(v->cx, HM_INPUT, "a sparse file of an unknown format");
	v->x->sparse = true;
	v->x->map_in_data = major == 1;
	return NULL;
}

static hm_err on_minor(struct value *v)
{
	uint64_t minor;
	HM_TRY(get_number(v, &minor));
	return minor > 1 ? hm_fail(v->cx, HM_INPUT, "a sparse file of an unknown format") : NULL;
}

static hm_err on_offset(struct value *v)
{
	uint64_t n;
	HM_TRY(get_number(v, &n));
	if (v->x->half)
		return hm_fail(v->cx, HM_INPUT, "the map of a sparse file is damaged");
	v->x->sparse = v->x->half = true;
	return tar_add_extent(v->cx, v->own, &v->x->map, n, 0);
}

static hm_err on_numbytes(struct value *v)
{
	uint64_t n;
	HM_TRY(get_number(v, &n));
	if (!v->x->half)
		return hm_fail(v->cx, HM_INPUT, "the map of a sparse file is damaged");
	v->x->half = false;
	v->x->map.p[v->x->map.n - 1].n = n;
	return NULL;
}

static hm_err on_map(struct value *v)
{
	struct hm_str rest = v->v;
	v->x->sparse = true;
	v->x->map.n = 0;
	while (rest.n) {
		uint64_t offset, n;
		if (!hm_u64(hm_cut(&rest, ','), INT64_MAX, &offset) ||
		    !hm_u64(hm_cut(&rest, ','), INT64_MAX, &n))
			return hm_fail(v->cx, HM_INPUT, "the map of a sparse file is damaged");
		HM_TRY(tar_add_extent(v->cx, v->own, &v->x->map, offset, n));
	}
	return NULL;
}

/* clang-format off */
static const struct key {
	const char *name;
	hm_err (*set)(struct value *v);
} keys[] = {
	{ "GNU.sparse.major",    on_major },
	{ "GNU.sparse.map",      on_map },
	{ "GNU.sparse.minor",    on_minor },
	{ "GNU.sparse.name",     on_name },
	{ "GNU.sparse.numbytes", on_numbytes },
	{ "GNU.sparse.offset",   on_offset },
	{ "GNU.sparse.realsize", on_real_size },
	{ "GNU.sparse.size",     on_real_size },
	{ "linkpath",            on_link },
	{ "path",                on_path },
	{ "size",                on_size },
};
/* clang-format on */

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

hm_err tar_pax_parse(struct hm_cx *cx, struct hm_cx *own, struct hm_str records,
		     struct tar_extra *x)
{
	while (records.n) {
		struct hm_str key = { 0 }, value = { 0 };
		HM_TRY(next_record(cx, &records, &key, &value));
		struct value v = { cx, own, value, x };
		for (size_t i = 0; i < HM_LEN(keys); i++)
			if (hm_eqz(key, keys[i].name))
				HM_TRY(keys[i].set(&v));
	}
	if (x->half)
		return hm_fail(cx, HM_INPUT, "the map of a sparse file is damaged");
	return NULL;
}
