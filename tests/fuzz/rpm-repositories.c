/* SPDX-License-Identifier: Apache-2.0 */
/* Repository files and settings of dnf, yum and zypper: every repository has a name and an address.
 */
#include <stdlib.h>

#include "repair/rpm/rpm.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const files[] = {
		"etc/yum.repos.d/a.repo", "etc/zypp/repos.d/b.repo",         "etc/dnf/dnf.conf",
		"etc/rpm/macros.c",       "etc/dnf/vars/variable",           "etc/zypp/locks",
		"etc/zypp/zypp.conf",     "etc/dnf/plugins/versionlock.list"
	};
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF layer = HM_BUF(64 * HM_MIB);
	struct repair_options o = { .now = 1800000000 };
	struct repair_result result = { 0 };
	struct repair_run run = { .o = &o,
				  .result = &result,
				  .root = repair_root_new(&cx),
				  .os_version = HM_STR("39"),
				  .architecture = HM_STR("x86_64") };
	struct rpm_database db = { 0 };
	struct rpm_repositories r;
	for (size_t i = 0; i < HM_LEN(files); i++)
		put_file(&layer, hm_cstr(files[i]), hm_bytes(data, size));
	if (repair_root_apply(&cx, &run.root, hm_buf_str(&layer)))
		abort();
	if (repair_rpm_repositories(&cx, &run, &db, &r))
		return 0;
	for (size_t i = 0; i < r.n; i++)
		if (!r.p[i].name.n || !hm_starts(r.p[i].url, HM_STR("http")))
			abort();
	return 0;
}
