/* SPDX-License-Identifier: Apache-2.0 */
/* A file is made of the input: the archive is read by seeking. What it lists must be readable. */
#include <stdlib.h>

#include "oci/oci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static hm_err walk(struct hm_cx *cx, const char *path)
{
	struct oci_target t;
	struct oci_descriptor d;
	struct oci_manifest m;
	struct hm_str config;
	OCI_AUTO_PLACE p = NULL;
	HM_TRY(oci_target_parse(cx, hm_fmt(cx, "docker-archive:%s", path), &t));
	HM_TRY(oci_open(cx, NULL, &t, OCI_READ, &p));
	HM_TRY(oci_resolve(cx, p, HM_STR(""), &d));
	HM_TRY(oci_image(cx, p, &d, NULL, &d, &m));
	return oci_fetch(cx, p, &m.config, HM_MAX_CONFIG, &config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	HM_AUTO_FD fd = -1;
	if (hm_temp_fd(&cx, &fd) || hm_write_all(&cx, fd, "input", hm_bytes(data, size)))
		abort();
	hm_err ignored = walk(&cx, hm_fmt(&cx, "/proc/self/fd/%d", fd).p);
	(void)ignored;
	return 0;
}
