/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/program.h"

enum {
	PE_OFFSET_AT = 0x3c,
	PE_HEADER = 24, /* signature and file header */
	PE_SECTION = 40,
	PE_WRITABLE_BIT = 31,
	MACHO_32 = 0xfeedface,
	MACHO_64 = 0xfeedfacf,
	MACHO_SEGMENT = 1,
	MACHO_SEGMENT_64 = 0x19,
	FAT = 0xcafebabe, /* of Java's classes too, whose version stands where the number does */
	FAT_64 = 0xcafebabf,
	FAT_MOST = 30,
	COMMANDS_MOST = 10000,
};

static uint64_t read_number(const struct program *p, struct hm_cur *c, size_t width)
{
	return inventory_elf_number(&p->elf, c, width);
}

static uint32_t read_word(struct hm_str s, bool is_big)
{
	struct hm_cur c = hm_cur(s);
	return (uint32_t)(is_big ? hm_be(&c, 4) : hm_le(&c, 4));
}

static bool is_fat(struct hm_str s)
{
	uint32_t magic = read_word(s, true), n = read_word(hm_from(s, 4), true);
	return s.n >= 8 && (magic == FAT || magic == FAT_64) && n && n <= FAT_MOST;
}

static bool is_macho(struct hm_str s, bool is_big)
{
	return read_word(s, is_big) == MACHO_32 || read_word(s, is_big) == MACHO_64;
}

bool inventory_program_is(struct hm_str head)
{
	return hm_starts(head, HM_STR("\177ELF")) || hm_starts(head, HM_STR("MZ")) ||
	       is_macho(head, false) || is_macho(head, true) || is_fat(head);
}

/* --- PE --- */

static bool open_pe(struct hm_str s, struct program *p)
{
	struct hm_str header = hm_from(s, read_word(hm_from(s, PE_OFFSET_AT), false));
	if (s.n < PE_OFFSET_AT + 4 || !hm_starts(header, HM_STR("PE\0\0")))
		return false;
	struct hm_cur c = hm_cur(hm_from(header, 6));
	p->n = hm_le(&c, 2);
	hm_take(&c, 12);
	uint64_t optional = hm_le(&c, 2);
	struct hm_str more = hm_from(header, PE_HEADER);
	c = hm_cur(more);
	p->elf.is_64 = hm_le(&c, 2) == 0x20b;
	c = hm_cur(hm_from(more, p->elf.is_64 ? 24 : 28));
	p->base = hm_le(&c, p->elf.is_64 ? 8 : 4);
	p->table = (uint64_t)(more.p - s.p) + optional;
	return !c.bad;
}

struct pe_section {
	struct hm_str name;
	uint64_t address, size, offset, flags;
};

static bool pe_section(const struct program *p, uint64_t i, struct pe_section *out)
{
	uint64_t at = p->table + i * PE_SECTION;
	if (i >= p->n || at > p->bytes.n)
		return false;
	struct hm_cur c = hm_cur(hm_from(p->bytes, at));
	struct hm_str name = hm_take_str(&c, 8);
	out->name = hm_cut(&name, '\0');
	uint64_t used = hm_le(&c, 4);
	out->address = hm_le(&c, 4);
	out->size = hm_le(&c, 4);
	out->offset = hm_le(&c, 4);
	hm_take(&c, 12);
	out->flags = hm_le(&c, 4);
	if (used && used < out->size)
		out->size = used;
	return !c.bad;
}

static bool next_pe(const struct program *p, uint64_t *at, struct elf_segment *out)
{
	struct pe_section s;
	if (!pe_section(p, (*at)++, &s))
		return false;
	*out = (struct elf_segment){ .type = ELF_LOAD,
				     .flags = s.flags >> PE_WRITABLE_BIT & 1 ? ELF_WRITABLE : 0,
				     .offset = s.offset,
				     .address = p->base + s.address,
				     .size = s.size };
	return true;
}

/* --- Mach-O --- */

static bool open_macho(struct hm_str s, struct program *p)
{
	p->elf.is_big = is_macho(s, true);
	if (s.n < 28 || !is_macho(s, p->elf.is_big))
		return false;
	p->elf.is_64 = read_word(s, p->elf.is_big) == MACHO_64;
	p->n = read_word(hm_from(s, 16), p->elf.is_big);
	p->table = p->elf.is_64 ? 32 : 28;
	return p->n <= COMMANDS_MOST;
}

/* The load command at *at, counted from the first; its bytes. */
static bool next_command(const struct program *p, uint64_t *at, uint32_t *out_command,
			 struct hm_str *out)
{
	struct hm_str rest = hm_from(p->bytes, p->table + *at);
	struct hm_cur c = hm_cur(rest);
	*out_command = (uint32_t)read_number(p, &c, 4);
	uint64_t size = read_number(p, &c, 4);
	if (c.bad || size < 8 || size > rest.n)
		return false;
	*out = hm_sub(rest, 0, size);
	*at += size;
	return true;
}

static bool next_segment(const struct program *p, uint64_t *at, struct hm_str *out)
{
	uint32_t command;
	uint32_t wanted = p->elf.is_64 ? MACHO_SEGMENT_64 : MACHO_SEGMENT;
	while (next_command(p, at, &command, out))
		if (command == wanted)
			return true;
	return false;
}

static bool next_macho(const struct program *p, uint64_t *at, struct elf_segment *out)
{
	struct hm_str command;
	if (!next_segment(p, at, &command))
		return false;
	size_t w = p->elf.is_64 ? 8 : 4;
	struct hm_cur c = hm_cur(hm_from(command, 24));
	*out = (struct elf_segment){ .type = ELF_LOAD };
	out->address = read_number(p, &c, w);
	read_number(p, &c, w);
	out->offset = read_number(p, &c, w);
	out->size = read_number(p, &c, w);
	read_number(p, &c, 4);
	out->flags = read_number(p, &c, 4) & 2 ? ELF_WRITABLE : 0; /* VM_PROT_WRITE, at the start */
	return !c.bad;
}

static struct hm_str macho_section(const struct program *p, struct hm_str name)
{
	size_t w = p->elf.is_64 ? 8 : 4, head = p->elf.is_64 ? 72 : 56,
	       size = p->elf.is_64 ? 80 : 68;
	struct hm_str command;
	for (uint64_t at = 0; next_segment(p, &at, &command);) {
		for (struct hm_str s = hm_from(command, head); s.n >= size; s = hm_from(s, size)) {
			struct hm_str have = hm_sub(s, 0, 16);
			struct hm_cur c = hm_cur(hm_from(s, 32));
			read_number(p, &c, w);
			uint64_t n = read_number(p, &c, w), offset = read_number(p, &c, 4);
			struct hm_str rest = hm_from(p->bytes, offset);
			if (hm_eq(hm_cut(&have, '\0'), name) && n <= rest.n)
				return hm_sub(rest, 0, n);
		}
	}
	return HM_STR("");
}

/* --- all of them --- */

static bool open_one(struct hm_str bytes, struct program *out)
{
	struct program p = { .bytes = bytes, .kind = PROGRAM_ELF };
	if (inventory_elf_open(bytes, &p.elf)) {
		*out = p;
		return true;
	}
	p.elf = (struct elf){ 0 };
	p.kind = hm_starts(bytes, HM_STR("MZ")) ? PROGRAM_PE : PROGRAM_MACHO;
	if (!(p.kind == PROGRAM_PE ? open_pe(bytes, &p) : open_macho(bytes, &p)))
		return false;
	*out = p;
	return true;
}

bool inventory_program_open(struct hm_str bytes, uint64_t i, struct program *out)
{
	if (!is_fat(bytes))
		return i == 0 && open_one(bytes, out);
	bool wide = read_word(bytes, true) == FAT_64;
	size_t w = wide ? 8 : 4;
	if (i >= read_word(hm_from(bytes, 4), true))
		return false;
	struct hm_cur c = hm_cur(hm_from(bytes, 8 + i * (wide ? 32 : 20) + 8));
	uint64_t offset = hm_be(&c, w), size = hm_be(&c, w);
	return !c.bad && offset <= bytes.n &&
	       open_one(hm_sub(hm_from(bytes, offset), 0, size), out);
}

bool inventory_program_next(const struct program *p, uint64_t *at, struct elf_segment *out)
{
	switch (p->kind) {
	case PROGRAM_ELF:
		while (inventory_elf_segment(&p->elf, (*at)++, out))
			if (out->type == ELF_LOAD)
				return true;
		return false;
	case PROGRAM_PE:
		return next_pe(p, at, out);
	case PROGRAM_MACHO:
		return next_macho(p, at, out);
	}
	return false;
}

struct hm_str inventory_program_section(const struct program *p, struct hm_str name)
{
	struct pe_section s;
	if (p->kind == PROGRAM_ELF)
		return inventory_elf_section(&p->elf, name);
	if (p->kind == PROGRAM_MACHO)
		return macho_section(p, name);
	for (uint64_t i = 0; pe_section(p, i, &s); i++)
		if (hm_eq(s.name, name) && s.offset <= p->bytes.n)
			return hm_sub(hm_from(p->bytes, s.offset), 0, s.size);
	return HM_STR("");
}
