/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/rust_scan.h"

#include "inventory/catalogers/elf.h"

enum { HEAD_MIN = 1024 /* no auditable program is as small */ };

static const struct hm_str name = HM_STR_INIT("\0.dep-v0\0");

void inventory_rust_scan_begin(struct rust_scan *r)
{
	*r = (struct rust_scan){ 0 };
}

/* A name may begin at the end of one piece and end in the next. */
static void search_name(struct rust_scan *r, struct hm_str bytes)
{
	char joint[32];
	size_t more = bytes.n < name.n - 1 ? bytes.n : name.n - 1;
	memcpy(joint, r->carry, r->carry_n);
	memcpy(joint + r->carry_n, bytes.p, more);
	struct hm_str seam = hm_bytes(joint, r->carry_n + more);
	/* in the table of a program of Windows there is no NUL before it */
	struct hm_str wanted = r->is_elf ? name : hm_sub(name, 1, name.n - 2);
	r->seen = hm_find(seam, wanted) != SIZE_MAX || hm_find(bytes, wanted) != SIZE_MAX;
	struct hm_str tail = bytes.n < name.n - 1 ? seam : bytes;
	if (tail.n > name.n - 1)
		tail = hm_from(tail, tail.n - (name.n - 1));
	memmove(r->carry, tail.p, tail.n);
	r->carry_n = tail.n;
}

void inventory_rust_scan_feed(struct rust_scan *r, struct hm_str head, uint64_t offset,
			      struct hm_str bytes)
{
	uint64_t end = offset + bytes.n;
	if (r->seen || head.n < HEAD_MIN)
		return;
	if (!r->begun) {
		r->begun = true;
		r->from = inventory_elf_loaded(head);
		r->is_elf = hm_starts(head, HM_STR("\177ELF"));
	}
	if (end <= r->from || !bytes.n)
		return;
	if (offset < r->from) {
		bytes = hm_from(bytes, (size_t)(r->from - offset));
		offset = r->from;
	}
	if (offset != r->at) /* zeros between */
		r->carry_n = 0;
	search_name(r, bytes);
	r->at = end;
}
