/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker that was taken over may say about a plugin's files: nothing may come to be outside
 * of their folder, and nothing but files in it. */
#include <stdlib.h>
#include <sys/stat.h>

#include "trust/plugin/install.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

/* Each record has its length before it, as LEB128. */
static hm_err run(struct hm_cx *cx, struct hm_cur c, struct trust_plugin_files *f)
{
	while (c.n) {
		struct hm_str record = hm_take_str(&c, hm_uvarint(&c));
		if (c.bad)
			return NULL;
		HM_TRY(trust_plugin_record(cx, f, record));
	}
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	TRUST_AUTO_PLUGIN_FILES f = { 0 };
	struct hm_strs names;
	struct stat sb;
	char *pen;
	if (hm_temp_dir(&cx, &pen) || mkdir(hm_path(&cx, pen, "root"), 0755) < 0)
		abort();
	f.folder = hm_path(&cx, pen, "root");
	hm_err err = run(&cx, hm_cur(hm_bytes(data, size)), &f);
	(void)err;
	check(!hm_list_dir(&cx, pen, 10, &names) && names.n == 1);
	check(!hm_list_dir(&cx, f.folder, HM_MAX_PLUGIN_FILES + 1, &names) && names.n == f.names.n);
	for (size_t i = 0; i < names.n; i++)
		check(lstat(hm_path(&cx, f.folder, names.p[i].p), &sb) == 0 &&
		      S_ISREG(sb.st_mode) && (uint64_t)sb.st_size < HM_MAX_PLUGIN);
	check(!hm_remove_tree(&cx, pen));
	return 0;
}
