/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry/registry.h"

#include <sys/stat.h>
#include <unistd.h>

enum { STALE_SECONDS = 24 * 3600, NAMES_MAX = 1000000 };

static const char *const algorithms[] = { "sha256", "sha384", "sha512" };

/* Only a well-formed digest is part of a path. */
static hm_err check_digest(struct hm_cx *cx, struct hm_str digest)
{
	enum crypto_digest alg;
	struct hm_str hex;
	return oci_digest_parse(cx, digest, &alg, &hex);
}

char *oci_registry_repo_path(struct hm_cx *cx, const struct oci_registry *r, struct hm_str name)
{
	return hm_dupz(cx, hm_fmt(cx, "%s/%.*s", r->repos_dir, HM_FMT(name)));
}

char *oci_registry_blob_path(struct hm_cx *cx, const struct oci_registry *r, struct hm_str name,
			     struct hm_str digest)
{
	struct hm_str hex = digest, alg = hm_cut(&hex, ':');
	return hm_dupz(cx, hm_fmt(cx, "%s/%.*s/blobs/%.*s/%.*s", r->repos_dir, HM_FMT(name),
				  HM_FMT(alg), HM_FMT(hex)));
}

hm_err oci_registry_repo_make(struct hm_cx *cx, struct oci_registry *r, struct hm_str name)
{
	char *repo = oci_registry_repo_path(cx, r, name);
	char *mark = hm_path(cx, repo, "oci-layout"), *index = hm_path(cx, repo, "index.json");
	if (hm_exists(mark) && hm_exists(index))
		return NULL;
	char *blobs = hm_path(cx, repo, "blobs");
	hm_err err = NULL;
	/* who finds them there counts on them after a loss of power, too: one after the other */
	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < HM_LEN(algorithms) && !err; i++)
		err = hm_mkdirs_flushed(cx, hm_path(cx, blobs, algorithms[i]), 0755);
	if (!err && !hm_exists(index))
		err = hm_write_file(cx, index, HM_STR(OCI_NO_MANIFESTS), 0644);
	/* last: what has it is a whole layout */
	if (!err && !hm_exists(mark))
		err = hm_write_file(cx, mark, HM_STR(OCI_LAYOUT_TEXT), 0644);
	pthread_mutex_unlock(&r->lock);
	return err;
}

hm_err oci_registry_blob_add(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			     struct hm_str digest, const char *path)
{
	HM_TRY(check_digest(cx, digest));
	HM_TRY(oci_registry_repo_make(cx, r, name));
	return store_blobs_add(cx, r->blobs, digest, path,
			       oci_registry_blob_path(cx, r, name, digest));
}

hm_err oci_registry_blob_mount(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
			       struct hm_str from, struct hm_str digest, bool *out_done)
{
	*out_done = false;
	HM_TRY(check_digest(cx, digest));
	/* no repository is made for what is not there */
	const char *with = from.n ? oci_registry_blob_path(cx, r, from, digest) : NULL;
	if (with ? !hm_exists(with) : !store_blobs_has(cx, r->blobs, digest))
		return NULL;
	HM_TRY(oci_registry_repo_make(cx, r, name));
	return store_blobs_share(cx, r->blobs, digest, with,
				 oci_registry_blob_path(cx, r, name, digest), out_done);
}

hm_err oci_registry_blob_remove(struct hm_cx *cx, struct oci_registry *r, struct hm_str name,
				struct hm_str digest, bool *out_was_there)
{
	HM_TRY(check_digest(cx, digest));
	return store_blobs_drop(cx, r->blobs, digest, oci_registry_blob_path(cx, r, name, digest),
				out_was_there);
}

static hm_err sweep_uploads(struct hm_cx *cx, struct oci_registry *r)
{
	struct hm_strs names;
	struct stat st;
	HM_TRY(hm_mkdirs_flushed(cx, r->uploads_dir, 0755));
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
	HM_TRY(hm_mkdirs_flushed(cx, r->repos_dir, 0755));
	HM_TRY(sweep_uploads(cx, r));
	return store_blobs_open(cx, &store_directory, hm_path(cx, r->data, "blobs"), &r->blobs);
}
