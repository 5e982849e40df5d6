/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h - programs of Linux, Windows and macOS alike: what of the file is loaded where, and
 * sections by name. Sources: System V gABI (elf.h); Microsoft's "PE Format"; Apple's
 * <mach-o/loader.h> and <mach-o/fat.h>.
 */
#ifndef INVENTORY_CATALOGERS_PROGRAM_H
#define INVENTORY_CATALOGERS_PROGRAM_H

#include "inventory/catalogers/elf.h"

enum program_kind { PROGRAM_ELF, PROGRAM_PE, PROGRAM_MACHO };

struct program {
	enum program_kind kind;
	struct hm_str bytes;
	struct elf elf;    /* PROGRAM_ELF; of the others only is_64 and is_big */
	uint64_t table, n; /* section headers of PE, load commands of Mach-O */
	uint64_t base;     /* PE: where the image is loaded */
};

/* Does a file that begins with these bytes look like a program, or like several in one? */
bool inventory_program_is(struct hm_str head);
/* Program number `i` of the file: one of Mach-O may hold several. false: there is none. */
bool inventory_program_open(struct hm_str bytes, uint64_t i, struct program *out);
/* A part that is loaded into memory, in the order of the file's own table; false: no more. *at
 * begins with 0. */
bool inventory_program_next(const struct program *p, uint64_t *at, struct elf_segment *out);
/* What the first section of this name holds; empty: nothing. */
struct hm_str inventory_program_section(const struct program *p, struct hm_str name);

#endif
