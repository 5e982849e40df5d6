/* SPDX-License-Identifier: Apache-2.0 */
/* Blobs in a folder of this machine, and hard links to them. */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "store/blobs_of.h"

struct directory {
	struct store_blobs base; /* first */
	const char *path;
	pthread_rwlock_t links; /* written by who drops, read by who adds */
};

static struct directory *directory_of(struct store_blobs *b)
{
	return (struct directory *)b;
}

static const char *content_path(struct hm_cx *cx, const struct directory *d, struct hm_str digest)
{
	struct hm_str hex = digest, alg = hm_cut(&hex, ':');
	return hm_fmt(cx, "%s/%.*s/%.*s", d->path, HM_FMT(alg), HM_FMT(hex)).p;
}

static void remove_orphan(const char *path)
{
	struct stat st;
	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
		unlink(path);
}

static void close_names(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* Name by name: there may be any number of blobs. */
static hm_err sweep_orphans(struct hm_cx *cx, const char *dir)
{
	HM_TRY(hm_mkdirs_flushed(cx, dir, 0755));
	HM_CLEANUP(close_names) DIR *d = opendir(dir);
	if (!d)
		return hm_fail_os(cx, "could not open folder \"%s\"", dir);
	for (;;) {
		errno = 0;
		const struct dirent *e = readdir(d);
		if (!e && errno)
			return hm_fail_os(cx, "could not list folder \"%s\"", dir);
		if (!e)
			return NULL;
		struct hm_mark mark = hm_mark(cx);
		remove_orphan(hm_path(cx, dir, e->d_name));
		hm_release(cx, mark);
	}
}

static hm_err open_directory(struct hm_cx *cx, const char *where, struct store_blobs **out)
{
	for (size_t i = 0; i < CRYPTO_DIGESTS; i++) {
		if (i == CRYPTO_SHA1) /* reading only */
			continue;
		struct hm_mark mark = hm_mark(cx);
		HM_TRY(sweep_orphans(cx, hm_path(cx, where, crypto_digest_rows[i].name)));
		hm_release(cx, mark);
	}
	struct directory *d = hm_new(cx, struct directory, 1);
	d->path = hm_dupz(cx, hm_cstr(where));
	pthread_rwlock_init(&d->links, NULL);
	*out = &d->base;
	return NULL;
}

static void close_directory(struct store_blobs *b)
{
	pthread_rwlock_destroy(&directory_of(b)->links);
}

static bool has_blob(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest)
{
	return hm_exists(content_path(cx, directory_of(b), digest));
}

static hm_err link_file(struct hm_cx *cx, const char *from, const char *to)
{
	if (link(from, to) == 0 || errno == EEXIST)
		return NULL;
	return hm_fail_os(cx, "could not store the blob");
}

static hm_err link_content(struct hm_cx *cx, const struct directory *d, struct hm_str digest,
			   const char *path, const char *holder)
{
	const char *content = content_path(cx, d, digest);
	HM_TRY(link_file(cx, path, content));
	/* The one that all share, so that equal blobs are one file. Its own name is not flushed:
	 * where it is lost, the holders have what they have, and the next to come is linked anew.
	 */
	HM_TRY(link_file(cx, content, holder));
	return hm_sync_folder(cx, holder);
}

static hm_err add_blob(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest,
		       const char *path, const char *holder)
{
	struct directory *d = directory_of(b);
	pthread_rwlock_rdlock(&d->links);
	hm_err err = link_content(cx, d, digest, path, holder);
	pthread_rwlock_unlock(&d->links);
	return err;
}

static hm_err share_blob(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest,
			 const char *with, const char *holder, bool *out_there)
{
	struct directory *d = directory_of(b);
	const char *source = with ? with : content_path(cx, d, digest);
	pthread_rwlock_rdlock(&d->links);
	bool there = hm_exists(source);
	hm_err err = there ? link_content(cx, d, digest, source, holder) : NULL;
	pthread_rwlock_unlock(&d->links);
	*out_there = there;
	return err;
}

static hm_err drop_blob(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest,
			const char *holder, bool *out_was_there)
{
	struct directory *d = directory_of(b);
	const char *content = content_path(cx, d, digest);
	pthread_rwlock_wrlock(&d->links);
	int failed = unlink(holder) < 0 ? errno : 0;
	if (!failed)
		remove_orphan(content);
	pthread_rwlock_unlock(&d->links);
	errno = failed;
	if (failed && failed != ENOENT && failed != ENOTDIR)
		return hm_fail_os(cx, "could not remove the blob");
	*out_was_there = !failed;
	return NULL;
}

const struct store_blobs_backend store_directory = {
	.name = "directory",
	.open = open_directory,
	.close = close_directory,
	.has = has_blob,
	.add = add_blob,
	.share = share_blob,
	.drop = drop_blob,
};
