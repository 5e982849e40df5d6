/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rust_scan.h - does a program that streams by have a section of the name that cargo-auditable
 * gives its list of crates? Private to the room.
 *
 * Of programs of other systems all is searched. In ELF files names of sections are not loaded into
 * memory when a program runs: they stand behind the last segment, where little else is in a program
 * that is stripped, so that only that is searched.
 */
#ifndef INVENTORY_RUST_SCAN_H
#define INVENTORY_RUST_SCAN_H

#include "base/base.h"

struct rust_scan {
	bool seen;
	bool begun, is_elf;
	uint64_t from; /* where the search begins */
	uint64_t at;   /* behind the last byte that was searched */
	char carry[16];
	size_t carry_n;
};

void inventory_rust_scan_begin(struct rust_scan *r);
/* Bytes at `offset`; `head` is the beginning of the file, as much as is known. */
void inventory_rust_scan_feed(struct rust_scan *r, struct hm_str head, uint64_t offset,
			      struct hm_str bytes);

#endif
