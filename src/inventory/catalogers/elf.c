/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/elf.h"

uint64_t inventory_elf_number(const struct elf *e, struct hm_cur *c, size_t width)
{
	return e->is_big ? hm_be(c, width) : hm_le(c, width);
}

bool inventory_elf_open(struct hm_str bytes, struct elf *out)
{
	struct elf e = { .bytes = bytes };
	if (bytes.n < 52 || !hm_starts(bytes, HM_STR("\177ELF")))
		return false;
	e.is_64 = bytes.p[4] == 2;
	e.is_big = bytes.p[5] == 2;
	size_t width = e.is_64 ? 8 : 4;
	struct hm_cur c = hm_cur(hm_from(bytes, e.is_64 ? 32 : 28));
	e.phoff = inventory_elf_number(&e, &c, width);
	e.shoff = inventory_elf_number(&e, &c, width);
	c = hm_cur(hm_from(bytes, e.is_64 ? 54 : 42));
	e.phentsize = inventory_elf_number(&e, &c, 2);
	e.phnum = inventory_elf_number(&e, &c, 2);
	e.shentsize = inventory_elf_number(&e, &c, 2);
	e.shnum = inventory_elf_number(&e, &c, 2);
	e.shstrndx = inventory_elf_number(&e, &c, 2);
	*out = e;
	return !c.bad && e.phentsize >= (e.is_64 ? 56U : 32U);
}

bool inventory_elf_segment(const struct elf *e, uint64_t i, struct elf_segment *out)
{
	uint64_t at = e->phoff + i * e->phentsize;
	if (e->phoff > e->bytes.n || i >= e->phnum || at > e->bytes.n)
		return false;
	struct hm_cur c = hm_cur(hm_sub(e->bytes, at, e->phentsize));
	size_t width = e->is_64 ? 8 : 4;
	out->type = inventory_elf_number(e, &c, 4);
	if (e->is_64)
		out->flags = inventory_elf_number(e, &c, 4);
	out->offset = inventory_elf_number(e, &c, width);
	out->address = inventory_elf_number(e, &c, width);
	inventory_elf_number(e, &c, width);
	out->size = inventory_elf_number(e, &c, width);
	if (!e->is_64) {
		inventory_elf_number(e, &c, 4);
		out->flags = inventory_elf_number(e, &c, 4);
	}
	return !c.bad;
}

uint64_t inventory_elf_loaded(struct hm_str head)
{
	struct elf e;
	struct elf_segment s;
	uint64_t end = 0, i = 0;
	if (!inventory_elf_open(head, &e))
		return 0;
	for (; inventory_elf_segment(&e, i, &s); i++) {
		uint64_t to;
		if (s.type != ELF_LOAD)
			continue;
		if (__builtin_add_overflow(s.offset, s.size, &to))
			return 0;
		end = to > end ? to : end;
	}
	return i == e.phnum ? end : 0;
}

struct section {
	uint64_t name, offset, size;
};

static bool read_section(const struct elf *e, uint64_t i, struct section *out)
{
	enum { NO_BITS = 8 };
	size_t width = e->is_64 ? 8 : 4;
	if (e->shentsize < (e->is_64 ? 64U : 40U) || e->shoff > e->bytes.n || i >= e->shnum)
		return false;
	struct hm_str all = hm_sub(hm_from(e->bytes, e->shoff), i * e->shentsize, e->shentsize);
	struct hm_cur c = hm_cur(all);
	out->name = inventory_elf_number(e, &c, 4);
	uint64_t type = inventory_elf_number(e, &c, 4);
	inventory_elf_number(e, &c, width);
	inventory_elf_number(e, &c, width);
	out->offset = inventory_elf_number(e, &c, width);
	out->size = type == NO_BITS ? 0 : inventory_elf_number(e, &c, width);
	return !c.bad && all.n == e->shentsize;
}

static struct hm_str bytes_of(const struct elf *e, const struct section *s)
{
	struct hm_str rest = hm_from(e->bytes, s->offset);
	return s->size <= rest.n ? hm_sub(rest, 0, s->size) : HM_STR("");
}

struct hm_str inventory_elf_section(const struct elf *e, struct hm_str name)
{
	struct section s;
	if (!read_section(e, e->shstrndx, &s))
		return HM_STR("");
	struct hm_str names = bytes_of(e, &s);
	for (uint64_t i = 0; read_section(e, i, &s); i++) {
		struct hm_str have = hm_from(names, s.name);
		if (have.n > name.n && hm_starts(have, name) && !have.p[name.n])
			return bytes_of(e, &s);
	}
	return HM_STR("");
}
