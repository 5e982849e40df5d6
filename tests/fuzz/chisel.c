/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of chisel's manifest, put into a zstd stream that says how many they are: nobody guesses
 * either. What is found has a name and a version. */
#include <zstd.h>

#include "inventory/cataloger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	HM_AUTO_BUF text = HM_BUF(HM_MIB);
	struct inventory_findings f;
	size_t lines = size && data[size - 1] != '\n', room = ZSTD_compressBound(size + 100);
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	hm_buf_fmt(&text, "{\"jsonwall\":\"1.0\",\"schema\":\"1.0\",\"count\":%zu}\n", lines + 1);
	hm_buf_add(&text, hm_bytes(data, size));
	char *packed = hm_new(&cx, char, room);
	size_t n = ZSTD_compress(packed, room, hm_buf_str(&text).p, hm_buf_str(&text).n, 1);
	if (ZSTD_isError(n))
		return 0;
	struct inventory_file file = { .path = HM_STR("var/lib/chisel/manifest.wall"),
				       .bytes = hm_bytes(packed, n) };
	if (inventory_catalog(&cx, inventory_cataloger_find("chisel"), &file, &f))
		return 0;
	for (size_t i = 0; i < f.components.n; i++)
		if (!f.components.p[i].name.n || !f.components.p[i].version.n)
			__builtin_trap();
	return 0;
}
