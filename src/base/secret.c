/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/map.h"

enum { WARNED_MAX = 64 };

static void hide_memory(void)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		hm_log(NULL, HM_LOG_DEBUG, "core dumps are not switched off", NULL);
}

void hm_secret_hide_process(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, hide_memory);
}

/* --- pages --- */

static void say_not_locked(int why)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;
	char text[128];
	if (!atomic_flag_test_and_set(&said))
		hm_log(NULL, HM_LOG_DEBUG, "secrets are not locked in memory", "why",
		       strerror_r(why, text, sizeof(text)), NULL);
}

/* Whole pages for n bytes. */
static size_t round_to_pages(size_t n, size_t page)
{
	size_t whole;
	if (__builtin_add_overflow(n, 3 * page, &whole))
		abort();
	return (n + page - 1) / page * page;
}

void *hm_secret_map(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = round_to_pages(n, page);
	hm_secret_hide_process();
	char *p = mmap(NULL, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || mprotect(p + page, room, PROT_READ | PROT_WRITE) < 0)
		abort();
	p += page;
	if (mlock(p, room) < 0)
		say_not_locked(errno);
	/* kernels have had both for long; without them the rest still holds */
	madvise(p, room, MADV_DONTDUMP);
	madvise(p, room, MADV_WIPEONFORK);
	return p;
}

void hm_secret_unmap(void *p, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = round_to_pages(n, page);
	if (!p)
		return;
	hm_wipe(p, room);
	munmap((char *)p - page, room + 2 * page);
}

/* --- ordinary memory --- */

static void wipe_piece(void *p)
{
	size_t n = malloc_usable_size(p);
	hm_wipe(p, n < HM_SECRET_WIPED ? n : HM_SECRET_WIPED);
}

void hm_secret_free(void *p)
{
	if (p)
		wipe_piece(p);
	free(p);
}

void *hm_secret_realloc(void *p, size_t n)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	if (n && n <= had && n >= had / 2)
		return p;
	void *grown = malloc(n ? n : 1);
	if (!grown)
		return NULL;
	if (p)
		memcpy(grown, p, had < n ? had : n);
	hm_secret_free(p);
	return grown;
}

/* --- secrets --- */

void hm_secret_done(struct hm_secret *s)
{
	hm_buf_done(&s->bytes);
}

struct hm_secret hm_secret_of(struct hm_str bytes)
{
	struct hm_secret s = HM_SECRET(bytes.n);
	if (bytes.n)
		hm_buf_add(&s.bytes, bytes);
	return s;
}

struct hm_cx hm_secret_cx(const struct hm_cx *cx, size_t budget)
{
	struct hm_cx child = hm_cx_child(cx, budget);
	child.secret = true;
	return child;
}

/* --- files --- */

static unsigned shared_mode(const struct stat *sb)
{
	mode_t others =
		sb->st_uid == 0 && geteuid() != 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
	return sb->st_mode & others ? sb->st_mode & 07777 : 0;
}

hm_err hm_secret_read_fd(struct hm_cx *cx, int fd, const char *name, size_t max,
			 struct hm_secret *out)
{
	HM_AUTO_SECRET s = HM_SECRET(max);
	HM_TRY(hm_read_into(cx, fd, name, &s.bytes));
	*out = hm_secret_move(&s);
	return NULL;
}

hm_err hm_secret_open_file(struct hm_cx *cx, const char *path, size_t max, int *out_fd,
			   unsigned *out_mode)
{
	struct stat sb;
	HM_TRY(hm_open_file(cx, path, max, out_fd, &sb));
	*out_mode = shared_mode(&sb);
	return NULL;
}

hm_err hm_secret_read_file(struct hm_cx *cx, const char *path, size_t max, struct hm_secret *out,
			   unsigned *out_mode)
{
	HM_AUTO_FD fd = -1;
	unsigned mode;
	HM_TRY(hm_secret_open_file(cx, path, max, &fd, &mode));
	HM_TRY(hm_secret_read_fd(cx, fd, path, max, out));
	*out_mode = mode;
	return NULL;
}

/* A server reads its files again and again. Past WARNED_MAX files it warns each time. */
static bool is_first(const char *path, unsigned mode)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct {
		uint64_t path;
		unsigned mode;
	} warned[WARNED_MAX];
	static size_t n;
	bool first = true;
	uint64_t hash = hm_hash(hm_cstr(path));
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n; i++)
		if (warned[i].path == hash && warned[i].mode == mode)
			first = false;
	if (first && n < WARNED_MAX) {
		warned[n].path = hash;
		warned[n++].mode = mode;
	}
	pthread_mutex_unlock(&lock);
	return first;
}

void hm_secret_warn(struct hm_cx *cx, const char *path, unsigned mode)
{
	if (mode && is_first(path, mode))
		hm_log(cx, HM_LOG_WARN, "a file of secrets is open to others than its owner",
		       "file", path, "mode", hm_fmt(cx, "%04o", mode).p, "try",
		       hm_fmt(cx, "chmod 600 %s", path).p, NULL);
}
