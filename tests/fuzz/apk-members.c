/* SPDX-License-Identifier: Apache-2.0 */
/* Packages and indexes: where their members end, and what the first one says of signatures. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "repair/repair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	HM_AUTO_BUF out = HM_BUF(4 * HM_MIB);
	int fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	if (!repair_apk_signed_job(&cx, HM_STR(""), fd, &out)) {
		struct hm_cur c = hm_cur(hm_buf_str(&out));
		uint64_t first = hm_uvarint(&c), second = hm_uvarint(&c);
		if (c.bad || !first || first > size || second > size || (second && second <= first))
			abort();
	}
	close(fd);
	return 0;
}
