/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "codec/base64.h"
#include "crypto/crypto.h"

enum { ROWS_MOST = 100000, DIGEST_SIZE = 32 };
/* Of the row and of the verdict in it (pack.c): raised with either. Rows before the first number
 * begin with the length of their key, which is never as small. */
enum { KEPT_VERSION = 2 };
static const int64_t BYTES_MOST = 128 * (int64_t)HM_MIB;
static const size_t LOAD_BUDGET = 512 * HM_MIB;

/* `entry` is base64 of the packed entry: the tables' text has no NUL. `bytes` is its length, which
 * is summed without reading it. */
static const char *const schema[] = {
	"CREATE TABLE verdict (name TEXT NOT NULL PRIMARY KEY, ends BIGINT NOT NULL, "
	"bytes BIGINT NOT NULL, entry TEXT NOT NULL)",
	"CREATE INDEX verdict_ends ON verdict (ends, bytes)",
	NULL,
};

/* --- one row --- */

struct hm_str gate_kept_pack(struct hm_cx *cx, struct hm_str key, const struct gate_entry *e)
{
	HM_AUTO_BUF b = HM_BUF(SIZE_MAX);
	hm_buf_char(&b, KEPT_VERSION);
	hm_buf_counted(&b, key);
	hm_buf_le(&b, (uint64_t)e->until, 8);
	hm_buf_le(&b, (uint64_t)e->made, 8);
	hm_buf_counted(&b, e->digest);
	hm_buf_counted(&b, e->text);
	hm_buf_add(&b, crypto_digest_raw(cx, CRYPTO_SHA256, hm_buf_str(&b)));
	return hm_dup(cx, hm_buf_str(&b));
}

static struct hm_str take_counted(struct hm_cur *c)
{
	uint64_t n = hm_uvarint(c);
	return hm_take_str(c, n > SIZE_MAX ? SIZE_MAX : (size_t)n);
}

hm_err gate_kept_unpack(struct hm_cx *cx, struct hm_str bytes, struct gate_change *out)
{
	if (bytes.n < DIGEST_SIZE)
		return hm_fail(cx, HM_INPUT, "a kept verdict is damaged");
	struct hm_str body = hm_sub(bytes, 0, bytes.n - DIGEST_SIZE);
	struct hm_cur cur = hm_cur(body);
	struct gate_change v = { .entry = { .admitted = true, .kept = true } };
	bool is_ours = hm_le(&cur, 1) == KEPT_VERSION;
	v.key = take_counted(&cur);
	v.entry.until = (int64_t)hm_le(&cur, 8);
	v.entry.made = (int64_t)hm_le(&cur, 8);
	v.entry.digest = take_counted(&cur);
	v.entry.text = take_counted(&cur);
	if (!is_ours || cur.bad || cur.n || !gate_cache_is_kept(v.key, &v.entry) ||
	    !hm_eq(crypto_digest_raw(cx, CRYPTO_SHA256, body), hm_from(bytes, body.n)))
		return hm_fail(cx, HM_INPUT, "a kept verdict is damaged");
	*out = v;
	return NULL;
}

/* --- loading --- */

static hm_err read_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct gate_changes *all = arg;
	struct gate_change v;
	struct hm_str bytes;
	HM_TRY(base64_parse(cx, BASE64_STD, row[0].text, &bytes));
	HM_TRY(gate_kept_unpack(cx, bytes, &v));
	*hm_push(cx, all) = v;
	return NULL;
}

/* All rows are read before the first is believed; names, too, which only saving needs: what is
 * damaged is seen now. */
static hm_err load_rows(struct hm_cx *cx, struct store_tables *t, int64_t now, struct gate_cache *c)
{
	HM_AUTO_CX own = HM_CX(LOAD_BUDGET);
	struct gate_changes all = { 0 };
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, t, STORE_READ, &use));
	hm_err err = store_run(&own, use, "SELECT entry FROM verdict WHERE ends > $1 LIMIT $2",
			       STORE_VALUES(store_int(now), store_int(ROWS_MOST)), read_row, &all);
	if (!err)
		err = store_run(&own, use, "SELECT COUNT(*) FROM verdict WHERE name >= $1",
				STORE_VALUES(store_text(HM_STR(""))), NULL, NULL);
	if (err)
		return hm_fault_copy(cx, err);
	for (size_t i = 0; i < all.n; i++) {
		const struct gate_entry *e = &all.p[i].entry;
		if (e->until > now && e->made <= now)
			gate_cache_put(c, all.p[i].key, e);
	}
	return NULL;
}

/* --- opening --- */

static void remove_database(struct hm_cx *cx, const char *path)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	for (size_t i = 0; i < HM_LEN(ends); i++)
		(void)unlink(hm_dupz(cx, hm_fmt(cx, "%s%s", path, ends[i])));
}

/* Nobody but its owner reads it: SQLite gives its other files the mode of this one. */
static hm_err make_file(struct hm_cx *cx, const char *path)
{
	if (hm_exists(path))
		return NULL;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return hm_fail_os(cx, "could not make \"%s\"", path);
	close(fd);
	return NULL;
}

static hm_err open_and_load(struct hm_cx *cx, const char *path, int64_t now, struct gate_cache *c,
			    struct store_tables **out)
{
	struct store_config config = {
		.backend = &store_sqlite, .where = path, .schema = schema, .connections = 1
	};
	struct store_tables *t;
	HM_TRY(make_file(cx, path));
	HM_TRY(store_open(cx, &config, &t));
	hm_err err = load_rows(cx, t, now, c);
	if (err) {
		store_close(t);
		return err;
	}
	*out = t;
	return NULL;
}

hm_err gate_kept_open(struct hm_cx *cx, const char *dir, int64_t now, struct gate_cache *c,
		      struct store_tables **out)
{
	char *path = hm_path(cx, dir, "verdicts.db");
	/* what earlier versions had */
	(void)unlink(hm_path(cx, dir, "verdicts"));
	hm_err err = open_and_load(cx, path, now, c, out);
	if (!err || (err->code != HM_INPUT && err->code != HM_LIMIT))
		return err;
	hm_log(cx, HM_LOG_DEBUG, "kept verdicts are not used", "why", err->why, NULL);
	remove_database(cx, path);
	return open_and_load(cx, path, now, c, out);
}

/* --- saving --- */

static hm_err save_change(struct hm_cx *cx, struct store_use *use, int64_t now,
			  const struct gate_change *v)
{
	struct hm_str name = hm_hex(cx, crypto_digest_raw(cx, CRYPTO_SHA256, v->key));
	if (!gate_cache_is_kept(v->key, &v->entry) || v->entry.until <= now)
		return store_run(cx, use, "DELETE FROM verdict WHERE name = $1",
				 STORE_VALUES(store_text(name)), NULL, NULL);
	struct hm_str entry = base64_format(cx, BASE64_STD, gate_kept_pack(cx, v->key, &v->entry));
	return store_run(cx, use,
			 "INSERT INTO verdict (name, ends, bytes, entry) VALUES ($1, $2, $3, $4) "
			 "ON CONFLICT (name) DO UPDATE SET ends = excluded.ends, "
			 "bytes = excluded.bytes, entry = excluded.entry",
			 STORE_VALUES(store_text(name), store_int(v->entry.until),
				      store_int((int64_t)entry.n), store_text(entry)),
			 NULL, NULL);
}

struct extent {
	int64_t rows, bytes;
};

static hm_err read_extent(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	*(struct extent *)arg = (struct extent){ row[0].number, row[1].number };
	return NULL;
}

/* An eighth at a time, of those that end first. */
static hm_err trim_rows(struct hm_cx *cx, struct store_use *use)
{
	for (;;) {
		struct extent x = { 0 };
		HM_TRY(store_run(cx, use,
				 "SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) "
				 "FROM verdict",
				 STORE_NO_VALUES, read_extent, &x));
		if (x.rows <= ROWS_MOST && x.bytes <= BYTES_MOST)
			return NULL;
		HM_TRY(store_run(cx, use,
				 "DELETE FROM verdict WHERE name IN "
				 "(SELECT name FROM verdict ORDER BY ends LIMIT $1)",
				 STORE_VALUES(store_int(x.rows / 8 + 1)), NULL, NULL));
	}
}

hm_err gate_kept_save(struct hm_cx *cx, struct store_tables *t, int64_t now, struct gate_cache *c,
		      uint64_t *saved)
{
	struct gate_changes changes = { 0 };
	uint64_t last = gate_cache_changed(cx, c, *saved, &changes);
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, t, STORE_WRITE_LAZY, &use));
	HM_TRY(store_run(cx, use, "DELETE FROM verdict WHERE ends <= $1",
			 STORE_VALUES(store_int(now)), NULL, NULL));
	for (size_t i = 0; i < changes.n; i++) {
		struct hm_mark mark = hm_mark(cx);
		HM_TRY(save_change(cx, use, now, &changes.p[i]));
		hm_release(cx, mark);
	}
	HM_TRY(trim_rows(cx, use));
	HM_TRY(store_commit(cx, use));
	*saved = last;
	return NULL;
}
