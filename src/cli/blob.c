/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/blob.h"

hm_err cli_blob_open(struct hm_cx *cx, const char *path, struct trust_blob *out)
{
	struct stat sb;
	int fd;
	HM_TRY(hm_open_file(cx, path, HM_MAX_BLOB, &fd, &sb));
	*out = (struct trust_blob){ .path = path,
				    .fd = fd,
				    .size = (uint64_t)sb.st_size,
				    .bar = hm_progress_start("hashing", (uint64_t)sb.st_size) };
	return NULL;
}

void cli_blob_done(struct trust_blob *b)
{
	hm_close_fd(&b->fd);
	hm_progress_end(b->bar);
	b->bar = NULL;
}

struct hm_str cli_base_name(const char *path)
{
	struct hm_str whole = hm_cstr(path);
	size_t slash = hm_rfind_char(whole, '/');
	return hm_from(whole, slash == SIZE_MAX ? 0 : slash + 1);
}
