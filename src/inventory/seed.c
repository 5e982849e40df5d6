/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/match.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/file.h"
#include "base/log.h"
#include "crypto/crypto.h"

/* A file: magic, SHA-256 of what follows, the seed. */
static const char magic[] = "hullmark seed 1\n";

enum { MAGIC_SIZE = sizeof(magic) - 1, SUM_SIZE = 32, FILE_MAX = 4096 };

void inventory_seed_make(struct inventory_seed *out)
{
	if (getrandom(out->key, sizeof(out->key), 0) != (ssize_t)sizeof(out->key))
		abort();
}

void inventory_seed_write(struct hm_buf *out, const struct inventory_seed *seed)
{
	for (size_t i = 0; i < HM_LEN(seed->key); i++)
		hm_buf_le(out, seed->key[i], 8);
}

void inventory_seed_read(struct hm_cur *c, struct inventory_seed *out)
{
	for (size_t i = 0; i < HM_LEN(out->key); i++)
		out->key[i] = hm_le(c, 8);
}

/* A file that is damaged, or that others can read, is not there. */
static bool read_file(struct hm_cx *cx, const char *path, struct inventory_seed *out)
{
	struct hm_str file;
	struct stat st;
	HM_AUTO_FD fd = -1;
	if (hm_open_file(cx, path, FILE_MAX, &fd, &st) || st.st_mode & S_IRWXO ||
	    hm_read_fd(cx, fd, path, FILE_MAX, &file))
		return false;
	struct hm_cur c = hm_cur(file);
	struct hm_str head = hm_take_str(&c, MAGIC_SIZE), sum = hm_take_str(&c, SUM_SIZE);
	struct hm_str rest = hm_bytes(c.p, c.n);
	struct inventory_seed seed;
	inventory_seed_read(&c, &seed);
	if (c.bad || c.n || !hm_eq(head, hm_bytes(magic, MAGIC_SIZE)) ||
	    !hm_eq(sum, crypto_digest_raw(cx, CRYPTO_SHA256, rest)))
		return false;
	*out = seed;
	return true;
}

static hm_err write_file(struct hm_cx *cx, const char *path, const struct inventory_seed *seed)
{
	HM_AUTO_BUF rest = HM_BUF(FILE_MAX), file = HM_BUF(FILE_MAX);
	inventory_seed_write(&rest, seed);
	hm_buf_add(&file, hm_bytes(magic, MAGIC_SIZE));
	hm_buf_add(&file, crypto_digest_raw(cx, CRYPTO_SHA256, hm_buf_str(&rest)));
	hm_buf_add(&file, hm_buf_str(&rest));
	return hm_write_file(cx, path, hm_buf_str(&file), 0600);
}

/* Of several processes the first makes it, and the others read it. */
static hm_err make_file(struct hm_cx *cx, const char *path, struct inventory_seed *out)
{
	struct hm_str dir = hm_dirname(hm_cstr(path));
	HM_AUTO_FD lock = -1;
	struct inventory_seed seed;
	if (dir.n)
		HM_TRY(hm_mkdirs(cx, hm_dupz(cx, dir), 0700));
	HM_TRY(hm_lock(cx, path, &lock));
	if (!read_file(cx, path, &seed)) {
		inventory_seed_make(&seed);
		HM_TRY(write_file(cx, path, &seed));
	}
	*out = seed;
	return NULL;
}

bool inventory_seed_keep(struct hm_cx *cx, const char *dir, struct inventory_seed *out)
{
	HM_AUTO_CX scratch = hm_cx_child(cx, HM_MIB);
	const char *path = hm_fmt(&scratch, "%s.seed", dir).p;
	if (read_file(&scratch, path, out))
		return true;
	hm_err err = make_file(&scratch, path, out);
	if (err)
		hm_log(cx, HM_LOG_DEBUG, "nothing is cached: no seed can be kept", "path", path,
		       "why", err->why, NULL);
	return !err;
}
