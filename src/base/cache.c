/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/vec.h"

enum { TIDY_EVERY = 64, TIDY_FILES = 1 << 20 };

static const char *path_of(struct hm_cx *cx, const struct hm_cache *c, struct hm_str key)
{
	char *name = hm_dupz(cx, key);
	for (size_t i = 0; i < key.n; i++)
		if (!hm_is_alpha(name[i]) && !hm_is_digit(name[i]) && name[i] != '_' &&
		    (name[i] != '.' || i == 0))
			name[i] = '-';
	return hm_path(cx, c->dir, name);
}

hm_err hm_cache_get(struct hm_cx *cx, const struct hm_cache *c, struct hm_str key, size_t max,
		    struct hm_str *out)
{
	struct stat st;
	*out = HM_STR("");
	if (!c->dir || !key.n)
		return NULL;
	const char *path = path_of(cx, c, key);
	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size > max)
		return NULL;
	struct hm_str bytes;
	hm_err err = hm_read_file(cx, path, max, &bytes);
	if (err)
		return err->code == HM_LIMIT ? err : NULL;
	utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW); /* it was used just now */
	*out = bytes;
	return NULL;
}

/* --- tidying --- */

struct kept {
	struct hm_str name;
	struct timespec used;
	uint64_t size;
};
struct kept_files {
	struct kept *p;
	size_t n, cap;
};

static int by_use(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	if (x->used.tv_sec != y->used.tv_sec)
		return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
	if (x->used.tv_nsec != y->used.tv_nsec)
		return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
	return hm_cmp(x->name, y->name);
}

static uint64_t find_kept(struct hm_cx *cx, DIR *dir, struct kept_files *out)
{
	uint64_t sum = 0;
	for (struct dirent *e; out->n < TIDY_FILES && (e = readdir(dir));) {
		struct stat st;
		if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		*hm_push(cx, out) = (struct kept){ hm_dup(cx, hm_cstr(e->d_name)), st.st_mtim,
						   (uint64_t)st.st_size };
		sum += (uint64_t)st.st_size;
	}
	return sum;
}

/* Down to three quarters, so that it is not to be done again at once. */
static void remove_oldest(const struct hm_cache *c)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct kept_files files = { 0 };
	DIR *dir = opendir(c->dir);
	if (!dir)
		return;
	uint64_t sum = find_kept(&cx, dir, &files);
	if (sum > c->max && files.n) {
		qsort(files.p, files.n, sizeof(*files.p), by_use);
		for (size_t i = 0; i < files.n && sum > c->max / 4 * 3; i++)
			if (unlinkat(dirfd(dir), files.p[i].name.p, 0) == 0)
				sum -= files.p[i].size;
	}
	closedir(dir);
}

static hm_err write_file(struct hm_cx *cx, const struct hm_cache *c, struct hm_str key,
			 struct hm_str bytes)
{
	const char *path = path_of(cx, c, key);
	HM_AUTO_NEWFILE f = { .fd = -1 };
	HM_TRY(hm_mkdirs(cx, c->dir, 0700));
	HM_TRY(hm_newfile_open(cx, path, 0600, &f));
	HM_TRY(hm_write_all(cx, f.fd, path, bytes));
	f.may_be_lost = true;
	return hm_newfile_commit(cx, &f);
}

void hm_cache_put(struct hm_cx *cx, struct hm_cache *c, struct hm_str key, struct hm_str bytes)
{
	if (!c->dir || !key.n || bytes.n > c->max)
		return;
	hm_err err = write_file(cx, c, key, bytes);
	if (err)
		hm_log(cx, HM_LOG_DEBUG, "could not cache", "what", hm_dupz(cx, key), "why",
		       err->why, NULL);
	else if (atomic_fetch_add(&c->puts, 1) % TIDY_EVERY == 0)
		remove_oldest(c);
}
