/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker that was taken over may say about a folder: nothing may come to be outside of
 * it. */
#include <stdlib.h>
#include <sys/stat.h>

#include "oci/folder/folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each record has its length before it, as LEB128. */
static hm_err run(struct hm_cx *cx, struct hm_cur c, const char *root)
{
	FOLDER_AUTO_TREE t = { .root = root, .name = HM_STR("d"), .fd = -1 };
	while (c.n) {
		struct hm_str record = hm_take_str(&c, hm_uvarint(&c));
		if (c.bad)
			return NULL;
		HM_TRY(oci_folder_record(cx, &t, record));
	}
	return oci_folder_finish(cx, &t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	struct hm_strs names;
	char *pen;
	if (hm_temp_dir(&cx, &pen) || mkdir(hm_path(&cx, pen, "root"), 0755) < 0)
		abort();
	hm_err err = run(&cx, hm_cur(hm_bytes(data, size)), hm_path(&cx, pen, "root"));
	(void)err;
	if (hm_list_dir(&cx, pen, 10, &names) || names.n != 1 || hm_remove_tree(&cx, pen))
		abort();
	return 0;
}
