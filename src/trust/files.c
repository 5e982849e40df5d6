/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/stat.h>

#include "trust/config.h"

char trust_file_kind(const char *path)
{
	struct stat st;
	if (lstat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : '?';
	return S_ISDIR(st.st_mode)   ? 'd'
	       : S_ISREG(st.st_mode) ? 'f'
	       : S_ISLNK(st.st_mode) ? 'l'
				     : '?';
}

hm_err trust_read_regular(struct hm_cx *cx, const char *path, size_t max, struct hm_str *out)
{
	if (trust_file_kind(path) == 'l')
		return hm_fail(cx, HM_INPUT, "\"%s\" is a symbolic link, which is not trusted",
			       path);
	return hm_read_file(cx, path, max, out);
}
