/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/go_buildinfo.h"

#include "inventory/catalogers/elf.h"

static const struct hm_str magic = HM_STR_INIT("\xff Go buildinf:");

/* What the file holds at an address, up to the end of the segment; empty: nothing. */
static struct hm_str elf_at(const struct elf *e, uint64_t address)
{
	struct elf_segment s;
	for (uint64_t i = 0; inventory_elf_segment(e, i, &s); i++) {
		if (s.type != ELF_LOAD || address < s.address || address - s.address >= s.size)
			continue;
		if (s.offset > e->bytes.n)
			break;
		return hm_from(hm_sub(hm_from(e->bytes, s.offset), 0, s.size), address - s.address);
	}
	return HM_STR("");
}

static bool is_data(const struct elf_segment *s)
{
	return s->type == ELF_LOAD && s->flags & ELF_WRITABLE;
}

bool inventory_go_is_data(struct hm_str head, uint64_t offset)
{
	struct elf e;
	struct elf_segment s;
	if (!inventory_elf_open(head, &e))
		return false;
	for (uint64_t i = 0; inventory_elf_segment(&e, i, &s); i++)
		if (is_data(&s) && offset >= s.offset && offset - s.offset < s.size)
			return true;
	return false;
}

/* The information stands, aligned to 16 bytes, in a segment of data: in its first 64 KiB with old
 * linkers, anywhere with others. */
static struct hm_str elf_find(const struct elf *e)
{
	struct elf_segment s;
	for (uint64_t i = 0; inventory_elf_segment(e, i, &s); i++) {
		if (!is_data(&s) || s.offset > e->bytes.n)
			continue;
		struct hm_str data = hm_sub(hm_from(e->bytes, s.offset), 0, s.size);
		for (size_t at = 0; at + 32 <= data.n; at += 16)
			if (hm_starts(hm_from(data, at), magic))
				return hm_from(data, at);
	}
	return HM_STR("");
}

/* A Go string: its address and length stand at `address`. */
static struct hm_str elf_string(const struct elf *e, uint64_t address, size_t width)
{
	struct hm_cur c = hm_cur(elf_at(e, address));
	uint64_t at = inventory_elf_number(e, &c, width), n = inventory_elf_number(e, &c, width);
	struct hm_str s = c.bad ? HM_STR("") : elf_at(e, at);
	return n <= s.n ? hm_sub(s, 0, n) : HM_STR("");
}

/* --- the information --- */

/* The module lines lie between two marks of 16 bytes (cmd/go/internal/modload). */
static struct hm_str unmarked(struct hm_str modules)
{
	if (modules.n >= 33 && modules.p[modules.n - 17] == '\n')
		return hm_sub(modules, 16, modules.n - 32);
	return HM_STR("");
}

static hm_err read_inline(struct hm_cx *cx, struct hm_str info, struct go_buildinfo *out)
{
	struct hm_cur c = hm_cur(hm_from(info, 32));
	struct hm_str version = hm_take_str(&c, hm_uvarint(&c));
	struct hm_str modules = hm_take_str(&c, hm_uvarint(&c));
	if (c.bad || !version.n)
		return hm_fail(cx, HM_INPUT, "go: the build information is cut short");
	*out = (struct go_buildinfo){ version, unmarked(modules) };
	return NULL;
}

static hm_err read_pointers(struct hm_cx *cx, struct elf *e, struct hm_str info,
			    struct go_buildinfo *out)
{
	size_t width = (unsigned char)info.p[14];
	if (width != 4 && width != 8)
		return hm_fail(cx, HM_INPUT, "go: pointers of %zu bytes", width);
	e->is_big = info.p[15] & 1;
	struct hm_cur c = hm_cur(hm_from(info, 16));
	uint64_t version = inventory_elf_number(e, &c, width),
		 modules = inventory_elf_number(e, &c, width);
	struct go_buildinfo found = { elf_string(e, version, width),
				      unmarked(elf_string(e, modules, width)) };
	if (!found.version.n)
		return hm_fail(cx, HM_INPUT, "go: the version is not where its address says");
	*out = found;
	return NULL;
}

hm_err inventory_go_buildinfo(struct hm_cx *cx, struct hm_str bytes, struct go_buildinfo *out)
{
	struct hm_str info = bytes;
	struct elf e = { 0 };
	bool is_elf = inventory_elf_open(bytes, &e);
	if (is_elf)
		info = elf_find(&e);
	if (info.n < 32 || !hm_starts(info, magic))
		return hm_fail(cx, is_elf ? HM_ABSENT : HM_INPUT,
			       "go: there is no build information");
	if (info.p[15] & 2)
		return read_inline(cx, info, out);
	if (!is_elf)
		return hm_fail(cx, HM_INPUT, "go: addresses without the program they point into");
	return read_pointers(cx, &e, info, out);
}
