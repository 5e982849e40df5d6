/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "repair/apt/apt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A layer with one file, as the reader of layers says it. */
static void put_file(struct hm_buf *b, struct hm_str path, struct hm_str bytes)
{
	hm_buf_char(b, TAR_FILE);
	hm_buf_counted(b, path);
	hm_buf_counted(b, HM_STR(""));
	hm_buf_uvarint(b, 0644);
	hm_buf_uvarint(b, 0);
	hm_buf_uvarint(b, 0);
	hm_buf_le(b, 0, 8);
	hm_buf_uvarint(b, bytes.n);
	hm_buf_char(b, 1);
	hm_buf_counted(b, bytes);
}

/* Both forms; every source has a URI and a suite. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 << 20);
	HM_AUTO_BUF layer = HM_BUF(64 << 20);
	struct repair_options o = { .now = 1800000000 };
	struct repair_run run = { .o = &o,
				  .root = repair_root_new(&cx),
				  .architecture = HM_STR("amd64") };
	struct apt_sources sources = { 0 };
	put_file(&layer, HM_STR("etc/apt/sources.list"), hm_bytes(data, size));
	put_file(&layer, HM_STR("etc/apt/sources.list.d/x.sources"), hm_bytes(data, size));
	if (repair_root_apply(&cx, &run.root, hm_buf_str(&layer)))
		abort();
	if (repair_apt_sources(&cx, &run, &sources))
		return 0;
	for (size_t i = 0; i < sources.n; i++)
		if (!sources.p[i].uri.n || !sources.p[i].suite.n)
			abort();
	return 0;
}
