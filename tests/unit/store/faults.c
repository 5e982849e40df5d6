/* SPDX-License-Identifier: Apache-2.0 */
/* The n-th write, flush, truncation, link or removal fails, for each n: tables and blobs are what
 * they were or what they should be, and work again. */
#include "faults.h"

#include <errno.h>
#include <unistd.h>

#include "store/blobs.h"
#include "store/tables.h"

#include "unit.h"

enum { TRIES_MAX = 10000 };

/* Of a transaction. Under valgrind fewer: the calls that fail are of the same kinds, and there are
 * not as many of each. */
static int count_of_rows(void)
{
	return unit_is_traced() ? 20 : 200;
}

static const char *const schema[] = { "CREATE TABLE t (v BIGINT NOT NULL, much TEXT NOT NULL)",
				      NULL };

static const struct fault_case {
	const char *label;
	int error;
	bool stays;  /* all that follow fail, too */
	bool is_new; /* there are no tables yet */
} cases[] = {
	{ "once", EIO, false, false },
	{ "once, no room", ENOSPC, false, false },
	{ "for good, no room", ENOSPC, true, false },
	{ "once, of new tables", EIO, false, true },
	{ "for good, of new tables", ENOSPC, true, true },
};

static const char *fresh_folder(struct hm_cx *cx)
{
	static unsigned serial;
	char *dir = hm_path(cx, unit_temp_dir(), hm_fmt(cx, "faults-%u", serial++).p);
	assert_ok(hm_mkdirs(cx, dir, 0755));
	return dir;
}

static hm_err open_tables(struct hm_cx *cx, const char *file, struct store_tables **out)
{
	struct store_config config = {
		.backend = &store_sqlite, .where = file, .schema = schema, .connections = 2
	};
	return store_open(cx, &config, out);
}

/* Many pages: a transaction writes more than once. */
static hm_err add_rows(struct hm_cx *cx, struct store_tables *t, int64_t v)
{
	static char much[1000];
	memset(much, 'x', sizeof(much));
	STORE_AUTO_USE use = NULL;
	HM_TRY(store_begin(cx, t, STORE_WRITE, &use));
	for (int i = 0, n = count_of_rows(); i < n; i++)
		HM_TRY(store_run(cx, use, "INSERT INTO t (v, much) VALUES ($1, $2)",
				 STORE_VALUES(store_int(v),
					      store_text(hm_bytes(much, sizeof(much)))),
				 NULL, NULL));
	return store_commit(cx, use);
}

static hm_err read_count(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	(void)cx;
	*(int64_t *)arg = row[0].number;
	return NULL;
}

static int64_t count_rows(struct hm_cx *cx, struct store_tables *t, int64_t v)
{
	int64_t n = -1;
	STORE_AUTO_USE use = NULL;
	assert_ok(store_begin(cx, t, STORE_READ, &use));
	assert_ok(store_run(cx, use, "SELECT COUNT(*) FROM t WHERE v = $1",
			    STORE_VALUES(store_int(v)), read_count, &n));
	return n;
}

static void assert_clear(hm_err err)
{
	if (err->code != HM_SYSTEM && err->code != HM_FULL)
		fail_msg("code %d: %s", (int)err->code, err->why);
	if (!strstr(err->why, "could not"))
		fail_msg("\"%s\" does not say what could not be done", err->why);
}

/* What a kill at this moment would have left: the files as they are, and none of their locks. */
static void assert_killed_is_whole(struct hm_cx *cx, const char *dir, int64_t v, bool is_there)
{
	struct store_tables *t;
	const char *copy = hm_fmt(cx, "%s-killed", dir).p;
	assert_true(faults_copy(dir, copy));
	assert_ok(open_tables(cx, hm_path(cx, copy, "db"), &t));
	int64_t n = count_rows(cx, t, v);
	if (n != count_of_rows() && (n != 0 || is_there))
		fail_msg("%lld of %d rows after a kill", (long long)n, count_of_rows());
	store_close(t);
}

/* Open and write, of which the n-th call fails. */
static hm_err try_tables(struct hm_cx *cx, const char *file, struct store_tables **out)
{
	*out = NULL;
	HM_TRY(open_tables(cx, file, out));
	return add_rows(cx, *out, 2);
}

static void tables(void **state)
{
	const struct fault_case *c = *state;
	long calls = 0;
	for (long n = 1; n < TRIES_MAX; n++) {
		HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
		struct store_tables *t;
		const char *dir = fresh_folder(&cx), *file = hm_path(&cx, dir, "db");
		if (!c->is_new) {
			assert_ok(open_tables(&cx, file, &t));
			assert_ok(add_rows(&cx, t, 1));
			store_close(t);
		}
		faults_start(n, c->error, c->stays);
		hm_err err = try_tables(&cx, file, &t);
		calls = faults_stop();
		if (err)
			assert_clear(err);
		assert_killed_is_whole(&cx, dir, 2, !err);
		/* the same process goes on */
		if (t) {
			int64_t there = count_rows(&cx, t, 2);
			assert_true(there == count_of_rows() || (err && there == 0));
			assert_ok(add_rows(&cx, t, 3));
			store_close(t);
		}
		/* and the next */
		bool had = t != NULL;
		assert_ok(open_tables(&cx, file, &t));
		assert_int_equal(count_rows(&cx, t, 1), c->is_new ? 0 : count_of_rows());
		assert_int_equal(count_rows(&cx, t, 3), had ? count_of_rows() : 0);
		store_close(t);
		if (calls < n) {
			assert_ok(err);
			break;
		}
	}
	assert_true(calls > 5);
}

/* --- blobs --- */

static const char digest_a[] =
	"sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"; /* "a" */

struct blobs {
	struct store_blobs *b;
	const char *dir, *upload, *one, *two;
};

static void make_blobs(struct hm_cx *cx, struct blobs *out)
{
	out->dir = fresh_folder(cx);
	out->upload = hm_path(cx, out->dir, "upload");
	out->one = hm_path(cx, out->dir, "one");
	out->two = hm_path(cx, out->dir, "two");
	assert_ok(hm_write_file(cx, out->upload, HM_STR("a"), 0644));
	assert_ok(store_blobs_open(cx, &store_directory, hm_path(cx, out->dir, "all"), &out->b));
}

static hm_err add_share_and_drop(struct hm_cx *cx, const struct blobs *s, int *out_done)
{
	bool is;
	*out_done = 0;
	HM_TRY(store_blobs_add(cx, s->b, hm_cstr(digest_a), s->upload, s->one));
	*out_done = 1;
	HM_TRY(store_blobs_share(cx, s->b, hm_cstr(digest_a), NULL, s->two, &is));
	*out_done = 2;
	HM_TRY(store_blobs_drop(cx, s->b, hm_cstr(digest_a), s->one, &is));
	*out_done = 3;
	return NULL;
}

static void blobs(void **state)
{
	const struct fault_case *c = *state;
	long calls = 0;
	for (long n = 1; n < TRIES_MAX; n++) {
		HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
		struct blobs s;
		struct hm_str text;
		int done;
		bool is;
		make_blobs(&cx, &s);
		faults_start(n, c->error, c->stays);
		hm_err err = add_share_and_drop(&cx, &s, &done);
		calls = faults_stop();
		if (err)
			assert_clear(err);
		/* what was confirmed is there, whole */
		if (done == 1 || done == 2)
			assert_ok(hm_read_file(&cx, s.one, 10, &text));
		if (done >= 2)
			assert_ok(hm_read_file(&cx, s.two, 10, &text));
		if (done == 3)
			assert_false(hm_exists(s.one));
		/* it can be done again, and the next start takes what nobody holds */
		assert_ok(store_blobs_add(&cx, s.b, hm_cstr(digest_a), s.upload, s.one));
		assert_ok(hm_read_file(&cx, s.one, 10, &text));
		assert_strz(text, "a");
		assert_ok(store_blobs_drop(&cx, s.b, hm_cstr(digest_a), s.one, &is));
		unlink(s.two);
		unlink(s.upload);
		store_blobs_close(s.b);
		assert_ok(
			store_blobs_open(&cx, &store_directory, hm_path(&cx, s.dir, "all"), &s.b));
		assert_false(store_blobs_has(&cx, s.b, hm_cstr(digest_a)));
		store_blobs_close(s.b);
		if (calls < n) {
			assert_ok(err);
			break;
		}
	}
	assert_true(calls > 5);
}

/* However many there are, the next start works. */
static void any_number_of_blobs(void **state)
{
	const long many = unit_is_traced() ? 10001 : 1000001;
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct blobs s;
	make_blobs(&cx, &s);
	assert_ok(store_blobs_add(&cx, s.b, hm_cstr(digest_a), s.upload, s.one));
	store_blobs_close(s.b);
	faults_add_names(many);
	assert_ok(store_blobs_open(&cx, &store_directory, hm_path(&cx, s.dir, "all"), &s.b));
	assert_true(store_blobs_has(&cx, s.b, hm_cstr(digest_a)));
	store_blobs_close(s.b);
}

int main(void)
{
	UNIT_TABLE(tables, cases);
	UNIT_TABLE(blobs, cases);
	UNIT(any_number_of_blobs);
	return unit_run("store/faults");
}
