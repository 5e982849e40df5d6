/* SPDX-License-Identifier: Apache-2.0 */
/* rpm's own database. Nobody guesses a checksum, so that they are made right first. Whatever the
 * slots say, no byte is in two headers. */
#include <zlib.h>

#include "inventory/catalogers/rpm_backends.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static hm_err add(struct hm_cx *cx, void *arg, struct hm_str header)
{
	size_t *all = arg;
	(void)cx;
	*all += header.n;
	return NULL;
}

static void set_checksums(char *p, size_t n)
{
	for (size_t slot = 32; slot + 16 <= n && slot < 4096; slot += 16) {
		struct hm_cur c = hm_cur(hm_bytes(p + slot + 8, 8));
		uint64_t at = 16 * hm_le(&c, 4), size = 16 * hm_le(&c, 4);
		if (at < 4096 || at > n || size > n - at || size < 32)
			continue;
		unsigned long sum = adler32(1, (unsigned char *)p + at, (unsigned)size - 12);
		for (int i = 0; i < 4; i++)
			p[at + size - 12 + (size_t)i] = (char)(sum >> 8 * i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	char *copy = hm_new(&cx, char, size + 1);
	size_t all = 0;
	if (size)
		memcpy(copy, data, size);
	set_checksums(copy, size);
	struct hm_str db = hm_bytes(copy, size);
	if (!inventory_rpm_is_ndb(db))
		return 0;
	hm_err e = inventory_rpm_ndb(&cx, db, (struct rpm_sink){ add, &all });
	if (all > size || (e && e->code != HM_INPUT))
		__builtin_trap();
	return 0;
}
