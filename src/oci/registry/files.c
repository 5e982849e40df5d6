/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STALE_SECONDS = 24 * 3600, NAMES_MAX = 1000000 };

static const char *const algorithms[] = { "sha256", "sha384", "sha512" };

/* ALG/HEX of ALG:HEX. */
static hm_err blob_name(struct hm_cx *cx, struct hm_str digest, struct hm_str *out_alg,
			struct hm_str *out_hex)
{
	enum crypto_digest alg;
	HM_TRY(oci_digest_parse(cx, digest, &alg, out_hex));
	*out_alg = hm_cstr(crypto_digest_rows[alg].name);
	return NULL;
}

static char *join_digest(struct hm_cx *cx, const char *dir, struct hm_str digest)
{
	struct hm_str hex = digest, alg = hm_cut(&hex, ':');
	return hm_dupz(cx, hm_fmt(cx, "%s/%.*s/%.*s", dir, HM_FMT(alg), HM_FMT(hex)));
}

char *oci_registry_repo_path(struct hm_cx *cx, const struct oci_registry *r, struct hm_str name)
{
	return hm_dupz(cx, hm_fmt(cx, "%s/%.*s", r->repos_dir, HM_FMT(name)));
}

char *oci_registry_blob_path(struct hm_cx *cx, const struct oci_registry *r, struct hm_str name,
			     struct hm_str digest)
{
	char *repo = oci_registry_repo_path(cx, r, name);
	return join_digest(cx, hm_path(cx, repo, "blobs"), digest);
}

hm_err oci_registry_repo_make(struct hm_cx *cx, struct oci_registry *r, struct hm_str name)
{
	char *repo = oci_registry_repo_path(cx, r, name);
	char *mark = hm_path(cx, repo, "oci-layout"), *index = hm_path(cx, repo, "index.json");
	if (hm_exists(mark) && hm_exists(index))
		return NULL;
	for (size_t i = 0; i < HM_LEN(algorithms); i++)
		HM_TRY(hm_mkdirs(cx, hm_path(cx, hm_path(cx, repo, "blobs"), algorithms[i]), 0755));
	pthread_mutex_lock(&r->lock);
	hm_err err = NULL;
	if (!hm_exists(index))
		err = hm_write_file(cx, index, HM_STR(OCI_NO_MANIFESTS), 0644);
	/* last: what has it is a whole layout */
	if (!err && !hm_exists(mark))
		err = hm_write_file(cx, mark, HM_STR(OCI_LAYOUT_TEXT), 0644);
	pthread_mutex_unlock(&r->lock);
	return err;
}

static hm_err link_file(struct hm_cx *cx, const char *from, const char *to)
{
	if (link(from, to) == 0 || errno == EEXIST)
		return NULL;
	return hm_fail_os(cx, "could not store the blob");
}

static hm_err add_links(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			struct hm_str digest, const char *path)
{
	const char *all = join_digest(cx, r->blobs, digest);
	const char *own = oci_registry_blob_path(cx, r, name, digest);
	HM_TRY(link_file(cx, path, all));
	/* the one that all share, so that equal blobs are one file */
	HM_TRY(link_file(cx, all, own));
	return hm_sync_folder(cx, own);
}

hm_err oci_registry_blob_add(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			     struct hm_str digest, const char *path)
{
	struct hm_str alg, hex;
	HM_TRY(blob_name(cx, digest, &alg, &hex));
	HM_TRY(oci_registry_repo_make(cx, r, name));
	pthread_rwlock_rdlock(&r->links);
	hm_err err = add_links(cx, r, name, digest, path);
	pthread_rwlock_unlock(&r->links);
	return err;
}

hm_err oci_registry_blob_mount(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			       struct hm_str from, struct hm_str digest, bool *out_done)
{
	struct hm_str alg, hex;
	*out_done = false;
	HM_TRY(blob_name(cx, digest, &alg, &hex));
	char *source = from.n ? oci_registry_blob_path(cx, r, from, digest)
			      : join_digest(cx, r->blobs, digest);
	if (!hm_exists(source))
		return NULL;
	HM_TRY(oci_registry_repo_make(cx, r, name));
	pthread_rwlock_rdlock(&r->links);
	bool there = hm_exists(source);
	hm_err err = there ? add_links(cx, r, name, digest, source) : NULL;
	pthread_rwlock_unlock(&r->links);
	*out_done = there && !err;
	return err;
}

static void remove_orphan(const char *path)
{
	struct stat st;
	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
		unlink(path);
}

hm_err oci_registry_blob_remove(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
				struct hm_str digest, bool *out_was_there)
{
	struct hm_str alg, hex;
	HM_TRY(blob_name(cx, digest, &alg, &hex));
	const char *all = join_digest(cx, r->blobs, digest);
	const char *own = oci_registry_blob_path(cx, r, name, digest);
	pthread_rwlock_wrlock(&r->links);
	int failed = unlink(own) < 0 ? errno : 0;
	if (!failed)
		remove_orphan(all);
	pthread_rwlock_unlock(&r->links);
	errno = failed;
	if (failed && failed != ENOENT && failed != ENOTDIR)
		return hm_fail_os(cx, "could not remove the blob");
	*out_was_there = !failed;
	return NULL;
}

/* Blobs that no repository links to any more: a push was killed between two links, or a
 * repository's folder was removed by hand. */
static hm_err sweep_blobs(struct hm_cx *cx, struct oci_registry *r)
{
	for (size_t i = 0; i < HM_LEN(algorithms); i++) {
		struct hm_mark mark = hm_mark(cx);
		char *dir = hm_path(cx, r->blobs, algorithms[i]);
		struct hm_strs names;
		HM_TRY(hm_mkdirs(cx, dir, 0755));
		HM_TRY(hm_list_dir(cx, dir, NAMES_MAX, &names));
		for (size_t k = 0; k < names.n; k++)
			remove_orphan(hm_path(cx, dir, names.p[k].p));
		hm_release(cx, mark);
	}
	return NULL;
}

static hm_err sweep_uploads(struct hm_cx *cx, struct oci_registry *r)
{
	struct hm_strs names;
	struct stat st;
	HM_TRY(hm_mkdirs(cx, r->uploads_dir, 0755));
	HM_TRY(hm_list_dir(cx, r->uploads_dir, NAMES_MAX, &names));
	for (size_t i = 0; i < names.n; i++) {
		char *path = hm_path(cx, r->uploads_dir, names.p[i].p);
		if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
		    hm_now() - (int64_t)st.st_mtime > STALE_SECONDS)
			unlink(path);
	}
	return NULL;
}

hm_err oci_registry_store_open(struct hm_cx *cx, struct oci_registry *r)
{
	HM_TRY(hm_mkdirs(cx, r->repos_dir, 0755));
	HM_TRY(sweep_uploads(cx, r));
	return sweep_blobs(cx, r);
}
