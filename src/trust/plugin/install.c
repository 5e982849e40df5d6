/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/plugin/install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trust/plugin/version.h"

static const char plugins_folder[] = "plugins";

/* Two commands at once: the second sees what the first has done. */
static hm_err lock_plugins(struct hm_cx *cx, const char *config_dir, int *out)
{
	HM_TRY(hm_mkdirs(cx, hm_path(cx, config_dir, plugins_folder), 0700));
	return hm_lock(cx, hm_path(cx, config_dir, ".plugins.lock"), out);
}

/* --- a folder for what is not in its place --- */

struct staging {
	char *path; /* NULL: none */
};

static void remove_staging(struct staging *s)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	if (s->path && hm_remove_tree(&cx, s->path))
		hm_log(&cx, HM_LOG_WARN, "could not remove what is left of a plugin", "folder",
		       s->path, NULL);
}
#define AUTO_STAGING HM_CLEANUP(remove_staging) struct staging

static const char staging_name[] = ".plugin-XXXXXX";

/* What somebody left who was killed: whoever is at work has the lock, and that is us. */
static void sweep_staging(struct hm_cx *cx, const char *config_dir)
{
	struct hm_str head = hm_bytes(staging_name, strlen(staging_name) - strlen("XXXXXX"));
	struct hm_strs names = { 0 };
	hm_err err = hm_list_dir(cx, config_dir, (size_t)HM_MAX_PLUGIN_FILES, &names);
	for (size_t i = 0; i < names.n && !err; i++) {
		struct staging left = { hm_path(cx, config_dir, names.p[i].p) };
		if (names.p[i].n == strlen(staging_name) && hm_starts(names.p[i], head))
			remove_staging(&left);
	}
}

/* Beside the plugins, on the same file system, where no list of plugins finds it. */
static hm_err make_staging(struct hm_cx *cx, const char *config_dir, struct staging *out)
{
	char *path = hm_path(cx, config_dir, staging_name);
	sweep_staging(cx, config_dir);
	if (!mkdtemp(path))
		return hm_fail_os(cx, "could not make a folder in \"%s\"", config_dir);
	out->path = path;
	return NULL;
}

/* --- install --- */

static hm_err check_sum(struct hm_cx *cx, struct hm_str bytes, struct hm_str wanted)
{
	struct hm_str got = hm_hex(cx, crypto_digest_raw(cx, CRYPTO_SHA256, bytes));
	if (!wanted.n || hm_eq(got, hm_lower(cx, wanted)))
		return NULL;
	return hm_fail(cx, HM_TRUST, "its SHA-256 is %.*s, not %.*s", HM_FMT(got), HM_FMT(wanted));
}

/* "The installing plugin version MUST be higher than the existing one", unless that is forced. */
static hm_err compare_versions(struct hm_cx *cx, const struct trust_plugin *old,
			       const struct trust_plugin *new)
{
	const struct hm_str versions[] = { old->version, new->version };
	for (size_t i = 0; i < HM_LEN(versions); i++)
		if (!trust_version_is(versions[i]))
			return hm_fail(cx, HM_INPUT,
				       "version \"%.*s\" is not a semantic version, so that it is "
				       "not known which is newer",
				       HM_FMT(versions[i]));
	int order = trust_version_compare(new->version, old->version);
	if (order == 0)
		return hm_fail(cx, HM_USAGE, "version %.*s is installed already",
			       HM_FMT(old->version));
	if (order < 0)
		return hm_fail(cx, HM_USAGE, "version %.*s is older than %.*s, which is installed",
			       HM_FMT(new->version), HM_FMT(old->version));
	return NULL;
}

static hm_err check_old(struct hm_cx *cx, const char *config_dir, const struct trust_plugin *new,
			struct trust_plugin *out)
{
	struct trust_plugin_program program;
	struct trust_plugin old = { 0 };
	hm_err err = trust_plugin_find(cx, config_dir, new->name, &program);
	if (err && err->code == HM_ABSENT)
		return NULL;
	HM_TRY_IN(cx, err, "what is installed cannot be used");
	HM_TRY_IN(cx, trust_plugin_describe(cx, &program, NULL, &old),
		  "what is installed cannot be used");
	*out = old;
	return compare_versions(cx, &old, new);
}

/* In one step where something is there; what it was is then in the staging folder, and goes with
 * it. */
static hm_err put_in_place(struct hm_cx *cx, const char *from, const char *to)
{
	struct stat sb;
	bool there = lstat(to, &sb) == 0;
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, there ? RENAME_EXCHANGE : RENAME_NOREPLACE) < 0)
		return hm_fail_os(cx, "could not move the plugin to \"%s\"", to);
	return hm_sync_folder(cx, to);
}

static hm_err describe_files(struct hm_cx *cx, const struct trust_plugin_files *files,
			     struct trust_plugin *out)
{
	struct hm_str name = hm_from(files->program, strlen("notation-"));
	struct trust_plugin_program p = { name, hm_path(cx, files->folder, files->program.p) };
	return trust_plugin_describe(cx, &p, NULL, out);
}

static hm_err install_files(struct hm_cx *cx, const char *config_dir, struct hm_str bytes,
			    const struct trust_plugin_source *source,
			    struct trust_plugin_installed *out)
{
	AUTO_STAGING staging = { 0 };
	TRUST_AUTO_PLUGIN_FILES files = { 0 };
	struct trust_plugin_installed done = { 0 };
	HM_TRY(make_staging(cx, config_dir, &staging));
	files.folder = hm_path(cx, staging.path, "new");
	if (mkdir(files.folder, 0755) < 0)
		return hm_fail_os(cx, "could not make a folder in \"%s\"", staging.path);
	HM_TRY(trust_plugin_unpack(cx, bytes, source->file_name, &files));
	HM_TRY(describe_files(cx, &files, &done.now));
	hm_err err = check_old(cx, config_dir, &done.now, &done.before);
	if (err && !source->force)
		return hm_hint(cx, err, "--force installs it all the same");
	HM_TRY(put_in_place(
		cx, files.folder,
		hm_fmt(cx, "%s/%s/%.*s", config_dir, plugins_folder, HM_FMT(done.now.name)).p));
	*out = done;
	return NULL;
}

hm_err trust_plugin_install(struct hm_cx *cx, const char *config_dir,
			    const struct trust_plugin_source *source,
			    struct trust_plugin_installed *out)
{
	HM_AUTO_FD lock = -1;
	struct hm_str bytes;
	HM_TRY(hm_read_file(cx, source->path, (size_t)HM_MAX_PLUGIN, &bytes));
	HM_TRY(check_sum(cx, bytes, source->sha256));
	HM_TRY(lock_plugins(cx, config_dir, &lock));
	return install_files(cx, config_dir, bytes, source, out);
}

/* --- the rest --- */

hm_err trust_plugin_uninstall(struct hm_cx *cx, const char *config_dir, struct hm_str name)
{
	HM_AUTO_FD lock = -1;
	AUTO_STAGING staging = { 0 };
	struct stat sb;
	if (!trust_is_name(name))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not the name of a plugin", HM_FMT(name));
	const char *path = hm_fmt(cx, "%s/%s/%.*s", config_dir, plugins_folder, HM_FMT(name)).p;
	if (lstat(path, &sb) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return hm_hint(cx,
			       hm_fail(cx, HM_ABSENT, "there is no plugin \"%.*s\"", HM_FMT(name)),
			       "see \"hullmark plugin list\"");
	HM_TRY(lock_plugins(cx, config_dir, &lock));
	HM_TRY(make_staging(cx, config_dir, &staging));
	if (rename(path, hm_path(cx, staging.path, "old")) < 0)
		return hm_fail_os(cx, "could not remove \"%s\"", path);
	return hm_sync_folder(cx, path);
}

hm_err trust_plugin_list(struct hm_cx *cx, const char *config_dir, struct trust_plugin **out,
			 size_t *out_n)
{
	HM_VEC(struct trust_plugin) found = { 0 };
	struct hm_strs names = { 0 };
	const char *folder = hm_path(cx, config_dir, plugins_folder);
	hm_err err = hm_list_dir(cx, folder, (size_t)HM_MAX_PLUGIN_FILES, &names);
	if (err && err->code != HM_ABSENT)
		return err;
	for (size_t i = 0; i < names.n && !err; i++) {
		struct trust_plugin_program program;
		struct trust_plugin about = { 0 };
		struct stat sb;
		if (!trust_is_name(names.p[i]) ||
		    lstat(hm_path(cx, folder, names.p[i].p), &sb) < 0 || !S_ISDIR(sb.st_mode))
			continue;
		hm_err bad = trust_plugin_find(cx, config_dir, names.p[i], &program);
		if (!bad)
			bad = trust_plugin_describe(cx, &program, NULL, &about);
		about.name = names.p[i];
		about.bad = bad;
		*hm_push(cx, &found) = about;
	}
	*out = found.p;
	*out_n = found.n;
	return NULL;
}
