/* SPDX-License-Identifier: Apache-2.0 */
/*
 * go_scan.h - find Go's build information in a program that streams by, keeping only that.
 * Private to the room.
 *
 * The information begins with "\xff Go buildinf:" at a multiple of 16 (Go's debug/buildinfo), in a
 * segment that can be written: what lies elsewhere is of another program, which this one carries
 * as data. Since Go 1.18 the two strings follow right behind its 32 bytes; before, there are
 * addresses, and the whole file is needed, as it is where the segments are not known: programs of
 * Windows and macOS among them.
 */
#ifndef INVENTORY_GO_SCAN_H
#define INVENTORY_GO_SCAN_H

#include "base/base.h"

struct go_scan {
	enum { GO_BEGIN, GO_NO_PROGRAM, GO_SEARCH, GO_CAPTURE, GO_FOUND } state;
	bool whole_needed;  /* information by address was seen, or not where it must be */
	uint64_t at;        /* offset of the next byte in the file */
	uint64_t start;     /* offset of what is captured */
	uint8_t head[2048]; /* the file's beginning, for its segments */
	size_t head_n;
	uint8_t carry[16];
	size_t carry_n;
	struct hm_buf got; /* GO_FOUND: the information */
};

void inventory_go_scan_begin(struct go_scan *g);
/* Bytes at `offset`; what lies between is zero. */
void inventory_go_scan_feed(struct go_scan *g, uint64_t offset, struct hm_str bytes);

#endif
