/* SPDX-License-Identifier: Apache-2.0 */
/* elf.h - the segments and sections of an ELF file. Source: System V gABI, chapters 4 and 5. */
#ifndef INVENTORY_CATALOGERS_ELF_H
#define INVENTORY_CATALOGERS_ELF_H

#include "base/base.h"

struct elf {
	struct hm_str bytes;
	bool is_64, is_big;
	uint64_t phoff, phnum, phentsize;           /* segments */
	uint64_t shoff, shnum, shentsize, shstrndx; /* sections */
};

struct elf_segment {
	uint64_t type, flags, offset, address, size; /* size: in the file */
};

enum { ELF_LOAD = 1, ELF_WRITABLE = 2 };

/* false: no ELF file, or none with segments. */
bool inventory_elf_open(struct hm_str bytes, struct elf *out);
/* An integer as the file writes it. */
uint64_t inventory_elf_number(const struct elf *e, struct hm_cur *c, size_t width);
/* false: there is no such segment, or it is not in `bytes`. */
bool inventory_elf_segment(const struct elf *e, uint64_t i, struct elf_segment *out);
/* Where the last segment that is loaded ends in a file that begins with `head`; 0: not known. */
uint64_t inventory_elf_loaded(struct hm_str head);
/* What the first section of this name holds; empty: nothing. */
struct hm_str inventory_elf_section(const struct elf *e, struct hm_str name);

#endif
