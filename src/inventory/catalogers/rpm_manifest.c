/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of rpm packages that images of CBL-Mariner and Azure Linux have in the place of a database.
 * container-manifest-2 has a line a package, of ten fields between tabs:
 *
 *     NAME VERSION-RELEASE INSTALLTIME BUILDTIME VENDOR EPOCH SIZE ARCH EPOCHNUM SOURCERPM
 *
 * container-manifest-1 has NAME.VERSION-RELEASE.ARCH, without epoch and source; it only counts
 * where the other is not (inventory_join).
 */
#include "inventory/catalogers/common.h"

enum { FIELDS = 10, NAME = 0, VERSION = 1, VENDOR = 4, ARCH = 7, EPOCH = 8, SOURCE = 9 };

/* What rpm prints for a tag that a package does not have. */
static struct hm_str drop_none(struct hm_str s)
{
	return hm_eqz(s, "(none)") ? HM_STR("") : s;
}

static hm_err bad_line(struct hm_cx *cx, size_t number)
{
	return hm_fail(cx, HM_INPUT, "line %zu: this is not an rpm package", number);
}

static hm_err add_fields(struct hm_cx *cx, struct hm_str line, size_t number,
			 struct inventory_builder *b)
{
	struct hm_str f[FIELDS];
	size_t n = 1;
	uint64_t epoch;
	for (size_t i = 0; i < line.n; i++)
		n += line.p[i] == '\t';
	for (size_t i = 0; i < FIELDS; i++)
		f[i] = hm_cut(&line, '\t');
	if (n != FIELDS || !f[NAME].n || !f[VERSION].n || !hm_u64(f[EPOCH], UINT32_MAX, &epoch))
		return bad_line(cx, number);
	struct inventory_component c = {
		.type = HM_STR("rpm"),
		.name = f[NAME],
		.version = epoch ? hm_fmt(cx, "%.*s:%.*s", HM_FMT(f[EPOCH]), HM_FMT(f[VERSION]))
				 : f[VERSION],
		.arch = drop_none(f[ARCH]),
		.supplier = drop_none(f[VENDOR]),
	};
	if (drop_none(f[SOURCE]).n)
		inventory_source_rpm(f[SOURCE], &c.source_name, &c.source_version);
	return inventory_add(cx, b, &c);
}

/* Behind the last '-' of NAME.VERSION; a name may have hyphens and dots, a version no hyphens. */
static size_t version_start(struct hm_str s)
{
	size_t hyphen = hm_rfind_char(s, '-'), from = hyphen == SIZE_MAX ? 0 : hyphen + 1;
	if (from && from < s.n && hm_is_digit(s.p[from])) /* NAME-VERSION, as "rpm -qa" has it */
		return from;
	for (size_t i = from + 1; i + 1 < s.n; i++)
		if (s.p[i] == '.' && hm_is_digit(s.p[i + 1]))
			return i + 1;
	return 0;
}

static hm_err add_name(struct hm_cx *cx, struct hm_str line, size_t number,
		       struct inventory_builder *b)
{
	size_t dot = hm_rfind_char(line, '.');
	struct hm_str all = hm_sub(line, 0, dot == SIZE_MAX ? 0 : dot);
	size_t hyphen = hm_rfind_char(all, '-');
	size_t start = version_start(hm_sub(all, 0, hyphen == SIZE_MAX ? 0 : hyphen));
	if (start < 2 || dot + 1 == line.n || hm_find_char(line, '\t') != SIZE_MAX)
		return bad_line(cx, number);
	struct inventory_component c = {
		.type = HM_STR("rpm"),
		.name = hm_sub(all, 0, start - 1),
		.version = hm_from(all, start),
		.arch = drop_none(hm_from(line, dot + 1)),
	};
	return inventory_add(cx, b, &c);
}

INVENTORY_PARSE(rpm_manifest)
{
	struct hm_str text = file->bytes;
	bool is_short = hm_ends(file->path, HM_STR("-1"));
	if (text.n && !hm_ends(text, HM_STR("\n")))
		return hm_fail(cx, HM_INPUT, "rpmmanifest: the last line is cut short");
	for (size_t number = 1; text.n; number++) {
		struct hm_str line = hm_line(&text);
		struct hm_mark mark = hm_mark(cx);
		HM_TRY(hm_alive(cx));
		if (line.n)
			HM_TRY_IN(cx,
				  is_short ? add_name(cx, line, number, b)
					   : add_fields(cx, line, number, b),
				  "rpmmanifest");
		hm_release(cx, mark);
	}
	return NULL;
}
