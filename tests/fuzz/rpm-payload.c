/* SPDX-License-Identifier: Apache-2.0 */
/* A package's archive: entries whose bytes are as many as they say, and an end behind each. */
#include <stdlib.h>

#include "base/base.h"
#include "repair/rpm/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct taking {
	bool open;
	uint64_t left;
};

static hm_err take(struct hm_cx *cx, void *arg, struct hm_str record)
{
	struct taking *t = arg;
	struct hm_cur c = hm_cur(record);
	char kind = (char)hm_le(&c, 1);
	(void)cx;
	if (kind == RPM_RECORD_ENTRY) {
		if (t->open)
			abort();
		t->open = true;
		hm_le(&c, 8);
		t->left = hm_le(&c, 8);
		struct hm_str path = hm_take_str(&c, hm_uvarint(&c));
		if (c.bad || c.n || hm_starts(path, HM_STR("/")) || hm_starts(path, HM_STR("../")))
			abort();
	} else if (kind == RPM_RECORD_DATA) {
		if (!t->open || c.n > t->left)
			abort();
		t->left -= c.n;
	} else {
		if (!t->open || t->left || c.n)
			abort();
		t->open = false;
	}
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	struct hm_str bytes = hm_bytes(data, size);
	struct taking t = { 0 };
	hm_err err =
		repair_rpm_payload(&cx, (struct stream_source){ stream_read_str, &bytes },
				   HM_STR("\x07\x00\x03"), (struct rpm_payload_sink){ take, &t });
	if (!err && t.open)
		abort();
	return 0;
}
