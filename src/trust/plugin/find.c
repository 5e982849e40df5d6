/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trust/plugin/plugin.h"

/* "The executable MUST be a regular file, symlinks are not supported." */
static hm_err check_program(struct hm_cx *cx, const char *path)
{
	struct stat sb;
	if (lstat(path, &sb) < 0)
		return hm_fail_os(cx, "could not look at \"%s\"", path);
	if (!S_ISREG(sb.st_mode))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a regular file", path);
	if (access(path, X_OK) < 0)
		return hm_fail(cx, HM_INPUT, "\"%s\" cannot be run: it is not executable", path);
	return NULL;
}

hm_err trust_plugin_find(struct hm_cx *cx, const char *config_dir, struct hm_str name,
			 struct trust_plugin_program *out)
{
	struct stat sb;
	if (!trust_is_name(name))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not the name of a plugin", HM_FMT(name));
	const char *path =
		hm_fmt(cx, "%s/plugins/%.*s/notation-%.*s", config_dir, HM_FMT(name), HM_FMT(name))
			.p;
	if (lstat(path, &sb) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return hm_hint(cx,
			       hm_fail(cx, HM_ABSENT, "there is no plugin \"%.*s\"", HM_FMT(name)),
			       "install it, so that there is \"%s\"", path);
	HM_TRY_IN(cx, check_program(cx, path), "plugin \"%.*s\"", HM_FMT(name));
	*out = (struct trust_plugin_program){ hm_dup(cx, name), path };
	return NULL;
}
