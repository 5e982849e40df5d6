/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/go_buildinfo.h"

#include "inventory/catalogers/program.h"

static const struct hm_str magic = HM_STR_INIT("\xff Go buildinf:");

static struct hm_str bytes_of(const struct program *p, const struct elf_segment *s)
{
	return s->offset > p->bytes.n ? HM_STR("")
				      : hm_sub(hm_from(p->bytes, s->offset), 0, s->size);
}

/* What the file holds at an address, up to the end of the segment; empty: nothing. */
static struct hm_str find_address(const struct program *p, uint64_t address)
{
	struct elf_segment s;
	for (uint64_t at = 0; inventory_program_next(p, &at, &s);)
		if (address >= s.address && address - s.address < s.size)
			return hm_from(bytes_of(p, &s), address - s.address);
	return HM_STR("");
}

bool inventory_go_is_data(struct hm_str head, uint64_t offset)
{
	struct elf e;
	struct elf_segment s;
	if (!inventory_elf_open(head, &e))
		return false;
	for (uint64_t i = 0; inventory_elf_segment(&e, i, &s); i++)
		if (s.type == ELF_LOAD && s.flags & ELF_WRITABLE && offset >= s.offset &&
		    offset - s.offset < s.size)
			return true;
	return false;
}

static struct hm_str find_information(struct hm_str data)
{
	for (size_t at = 0; at + 32 <= data.n; at += 16)
		if (hm_starts(hm_from(data, at), magic))
			return hm_from(data, at);
	return HM_STR("");
}

/* The information stands, aligned to 16 bytes, in a section of its own, or in a segment of data: in
 * its first 64 KiB with old linkers, anywhere with others. */
static struct hm_str find_info(const struct program *p)
{
	struct elf_segment s;
	struct hm_str info = HM_STR("");
	if (p->kind == PROGRAM_MACHO)
		info = find_information(inventory_program_section(p, HM_STR("__go_buildinfo")));
	for (uint64_t at = 0; !info.n && inventory_program_next(p, &at, &s);)
		if (s.flags & ELF_WRITABLE)
			info = find_information(bytes_of(p, &s));
	return info;
}

/* A Go string: its address and length stand at `address`. */
static struct hm_str find_string(const struct program *p, uint64_t address, size_t width)
{
	struct hm_cur c = hm_cur(find_address(p, address));
	uint64_t at = inventory_elf_number(&p->elf, &c, width),
		 n = inventory_elf_number(&p->elf, &c, width);
	struct hm_str s = c.bad ? HM_STR("") : find_address(p, at);
	return n <= s.n ? hm_sub(s, 0, n) : HM_STR("");
}

/* --- the information --- */

/* The module lines lie between two marks of 16 bytes (cmd/go/internal/modload). */
static struct hm_str strip_marks(struct hm_str modules)
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
	*out = (struct go_buildinfo){ version, strip_marks(modules) };
	return NULL;
}

static hm_err read_pointers(struct hm_cx *cx, struct program *p, struct hm_str info,
			    struct go_buildinfo *out)
{
	size_t width = (unsigned char)info.p[14];
	if (width != 4 && width != 8)
		return hm_fail(cx, HM_INPUT, "go: pointers of %zu bytes", width);
	p->elf.is_big = info.p[15] & 1;
	struct hm_cur c = hm_cur(hm_from(info, 16));
	uint64_t version = inventory_elf_number(&p->elf, &c, width),
		 modules = inventory_elf_number(&p->elf, &c, width);
	struct go_buildinfo found = { find_string(p, version, width),
				      strip_marks(find_string(p, modules, width)) };
	if (!found.version.n)
		return hm_fail(cx, HM_INPUT, "go: the version is not where its address says");
	*out = found;
	return NULL;
}

hm_err inventory_go_buildinfo(struct hm_cx *cx, struct hm_str bytes, uint64_t i,
			      struct go_buildinfo *out)
{
	struct hm_str info = bytes;
	struct program p = { 0 };
	bool is_program = inventory_program_open(bytes, i, &p);
	if (is_program)
		info = find_info(&p);
	else if (i)
		return hm_fail(cx, HM_ABSENT, "go: there is no such program");
	if (info.n < 32 || !hm_starts(info, magic))
		return hm_fail(cx, is_program ? HM_ABSENT : HM_INPUT,
			       "go: there is no build information");
	if (info.p[15] & 2)
		return read_inline(cx, info, out);
	if (!is_program)
		return hm_fail(cx, HM_INPUT, "go: addresses without the program they point into");
	return read_pointers(cx, &p, info, out);
}
