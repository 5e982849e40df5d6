/* SPDX-License-Identifier: Apache-2.0 */
/*
 * go_buildinfo.h - the build information that Go's linker puts into a program.
 *
 * Source: Go's debug/buildinfo and cmd/link. 16 bytes: "\xff Go buildinf:", the size of a pointer,
 * flags. Since Go 1.18 (flag 2) two strings follow at byte 32, each with its length before it as
 * a varint; before, two pointers to string headers, big endian with flag 1.
 */
#ifndef INVENTORY_CATALOGERS_GO_BUILDINFO_H
#define INVENTORY_CATALOGERS_GO_BUILDINFO_H

#include "base/base.h"

struct go_buildinfo {
	struct hm_str version; /* "go1.22.3" */
	struct hm_str
		modules; /* lines "path\t...", "mod\t...", "dep\t...", "=>\t...", "build\t..." */
};

/* Is the byte at `offset` of an ELF file, of which these are the first, in a segment that can be
 * written? That is where the linker puts the information. */
bool inventory_go_is_data(struct hm_str head, uint64_t offset);

/* `bytes` begin with the information itself, or are a whole file with program number `i` in it
 * (program.h). HM_ABSENT: a program without it, or no such program. HM_INPUT. */
HM_MUST hm_err inventory_go_buildinfo(struct hm_cx *cx, struct hm_str bytes, uint64_t i,
				      struct go_buildinfo *out);

#endif
