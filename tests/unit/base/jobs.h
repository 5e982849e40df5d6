/* SPDX-License-Identifier: Apache-2.0 */
/* What no worker may do, as jobs of tests: each says whether it could. */
#ifndef UNIT_BASE_JOBS_H
#define UNIT_BASE_JOBS_H

#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"

static inline hm_err read_a_file(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)args, (void)in;
	struct hm_str text;
	hm_err err = hm_read_file(cx, "/etc/passwd", HM_MIB, &text);
	hm_buf_addz(out, err ? "refused" : "read");
	return NULL;
}

static inline hm_err connect_out(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	(void)cx, (void)args, (void)in;
	hm_buf_addz(out, socket(AF_INET, SOCK_STREAM, 0) < 0 ? "refused" : "connected");
	return NULL;
}

static inline hm_err start_a_process(struct hm_cx *cx, struct hm_str args, int in,
				     struct hm_buf *out)
{
	(void)cx, (void)args, (void)in;
	char *const none[] = { NULL };
	execve("/bin/true", none, none);
	hm_buf_addz(out, "still here");
	return NULL;
}

#endif
