/* SPDX-License-Identifier: Apache-2.0 */
/* A package up to its payload; what is said of it is read again, it is looked up in a database, and
 * the header of it when it is installed has all that it had. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "repair/repair.h"
#include "repair/rpm/tags.h"
#include "repair/rpm/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static hm_err take_key(struct hm_cx *cx, void *arg, struct hm_str key, uint32_t number)
{
	(void)cx;
	*(size_t *)arg += key.n + number % 2;
	return NULL;
}

static void install(struct hm_cx *cx, struct hm_str signatures, struct hm_str raw)
{
	HM_AUTO_BUF b = HM_BUF(64 * HM_MIB);
	struct rpm_new n = { .when = 1, .color = 3, .signatures = signatures, .header = raw };
	struct rpm_header old, new;
	size_t keys = 0;
	if (repair_rpm_header(cx, raw, &old) || repair_rpm_installed_header(cx, &n, &b))
		return;
	if (repair_rpm_header(cx, hm_buf_str(&b), &new) || !hm_starts(new.index, old.index) ||
	    !hm_starts(new.data, old.data) || repair_rpm_number(&new, RPM_TAG_INSTALLTID) > 1)
		abort();
	for (const struct rpm_index_row *row = repair_rpm_indexes; row->name; row++)
		if (repair_rpm_index(cx, &new, row, false,
				     (struct rpm_index_sink){ take_key, &keys }))
			return;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	HM_AUTO_BUF out = HM_BUF(64 * HM_MIB);
	struct rpm_package p;
	int fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	if (!repair_rpm_head_job(&cx, HM_STR(""), fd, &out)) {
		struct hm_cur c = hm_cur(hm_buf_str(&out));
		uint64_t from = hm_uvarint(&c), n = hm_uvarint(&c);
		struct hm_str signatures = hm_take_str(&c, hm_uvarint(&c));
		struct hm_str raw = hm_take_str(&c, hm_uvarint(&c));
		for (uint64_t k = hm_uvarint(&c); k && !c.bad; k--)
			(void)hm_take_str(&c, hm_uvarint(&c));
		if (c.bad || from > size || n > size - from || raw.n + 8 != n)
			abort();
		(void)repair_rpm_record_read(&cx, &c, &p);
		install(&cx, signatures, raw);
	}
	close(fd);
	return 0;
}
