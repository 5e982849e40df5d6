/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: a package without its signature, whose digests are verified, becomes records. */
#include "repair/apk/apk.h"
#include "repair/records.h"

struct part {
	int fd;
	uint64_t left;
};

static hm_err read_part(struct hm_cx *cx, void *arg, void *room, size_t n, size_t *out_n)
{
	struct part *p = arg;
	*out_n = 0;
	if (n > p->left)
		n = (size_t)p->left;
	if (!n)
		return NULL;
	HM_TRY(stream_read_fd(cx, &p->fd, room, n, out_n));
	p->left -= *out_n;
	return NULL;
}

/* `args` says how many of the bytes are of the control part. */
hm_err repair_apk_package_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct hm_cur c = hm_cur(args);
	struct part control = { in, hm_le(&c, 8) };
	(void)out;
	HM_TRY_IN(cx,
		  repair_records_say(cx, (struct stream_source){ read_part, &control },
				     RECORD_CONTROL),
		  "its control part");
	if (control.left)
		return hm_fail(cx, HM_INPUT, "its control part ends early");
	HM_TRY_IN(cx,
		  repair_records_say(cx, (struct stream_source){ stream_read_fd, &in },
				     RECORD_FILES),
		  "its files");
	return NULL;
}
