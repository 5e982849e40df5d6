/* SPDX-License-Identifier: Apache-2.0 */
/* A layer as the worker reads it, catalogers included. The first byte is the flags; of its bits
 * that are none, 0x40 makes links known, and 0x80 asks for a file. Whatever is answered must be
 * readable. */
#include <stdlib.h>
#include <sys/mman.h>

#include "inventory/layer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(256 << 20);
	HM_AUTO_BUF out = HM_BUF(64 << 20);
	HM_AUTO_FD fd = memfd_create("layer", MFD_CLOEXEC);
	if (fd < 0 || size < 1 || hm_write_all(&cx, fd, "layer", hm_bytes(data + 1, size - 1)))
		return 0;
	lseek(fd, 0, SEEK_SET);
	struct inventory_alias known[] = { { HM_STR("d"), HM_STR("var/lib/dpkg"), false },
					   { HM_STR(""), HM_STR("var/lib/rpm"), false },
					   { HM_STR("q"), HM_STR("a/node_modules/p"), true },
					   { HM_STR("a/node_modules/p/q"), HM_STR("d"), true } };
	static const struct inventory_seed seed = { { 1, 2 } };
	static const struct hm_str told[] = { HM_STR_INIT("a/q"), HM_STR_INIT("d/q") };
	struct hm_str file = HM_STR("a"), args;
	struct inventory_request r = { .seed = seed, .flags = data[0] & 0x3f };
	if (data[0] & 0x40)
		r.aliases = (struct inventory_aliases){ known, HM_LEN(known), HM_LEN(known) };
	for (size_t i = 0; data[0] & 0x40 && i < HM_LEN(told); i++)
		if (inventory_hashes_add(&cx, &r.tell,
					 inventory_path_hash(&seed, INVENTORY_PATH_HIDES, told[i])))
			abort();
	if (data[0] & 0x80)
		r.give = (struct hm_strs){ &file, 1, 1 };
	if (inventory_request_write(&cx, &r, &args) || inventory_layer_job(&cx, args, fd, &out))
		return 0;
	struct inventory_answer a;
	if (inventory_answer_read(&cx, hm_buf_str(&out), &a))
		abort();
	return 0;
}
