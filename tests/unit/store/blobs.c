/* SPDX-License-Identifier: Apache-2.0 */
/* Blobs, on each back end. */
#include "store/blobs.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static const struct store_blobs_backend *const backends[] = { &store_directory };

static const char digest_a[] =
	"sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"; /* "a" */
static const char hex_a[] = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

struct room {
	struct hm_cx cx;
	char *dir, *where, *upload, *one, *two;
	struct store_blobs *b;
};

static struct room make_room(const struct store_blobs_backend *backend)
{
	static unsigned serial;
	struct room r = { .cx = HM_CX(16 * HM_MIB) };
	r.dir = hm_path(&r.cx, unit_temp_dir(), hm_fmt(&r.cx, "blobs-%u", serial++).p);
	r.where = hm_path(&r.cx, r.dir, "all");
	r.upload = hm_path(&r.cx, r.dir, "upload");
	r.one = hm_path(&r.cx, r.dir, "one");
	r.two = hm_path(&r.cx, r.dir, "two");
	assert_ok(hm_mkdirs(&r.cx, r.dir, 0755));
	assert_ok(hm_write_file(&r.cx, r.upload, HM_STR("a"), 0644));
	assert_ok(store_blobs_open(&r.cx, backend, r.where, &r.b));
	return r;
}

static void leave_room(struct room *r)
{
	store_blobs_close(r->b);
	hm_cx_done(&r->cx);
}

static void assert_content(struct room *r, const char *path, const char *want)
{
	struct hm_str got;
	assert_ok(hm_read_file(&r->cx, path, 100, &got));
	assert_strz(got, want);
}

static struct hm_str a(void)
{
	return hm_cstr(digest_a);
}

static void what_is_added_is_held_until_the_last_drops_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_LEN(backends); i++) {
		struct room r = make_room(backends[i]);
		bool is;
		assert_false(store_blobs_has(&r.cx, r.b, a()));
		assert_ok(store_blobs_add(&r.cx, r.b, a(), r.upload, r.one));
		assert_true(store_blobs_has(&r.cx, r.b, a()));
		assert_true(hm_exists(r.upload)); /* the file stays */
		assert_content(&r, r.one, "a");
		assert_ok(store_blobs_share(&r.cx, r.b, a(), NULL, r.two, &is));
		assert_true(is);
		assert_content(&r, r.two, "a");
		assert_int_equal(unlink(r.upload), 0);
		assert_ok(store_blobs_drop(&r.cx, r.b, a(), r.one, &is));
		assert_true(is);
		assert_true(store_blobs_has(&r.cx, r.b, a()));
		assert_ok(store_blobs_drop(&r.cx, r.b, a(), r.one, &is));
		assert_false(is);
		assert_ok(store_blobs_drop(&r.cx, r.b, a(), r.two, &is));
		assert_true(is);
		assert_false(store_blobs_has(&r.cx, r.b, a()));
		leave_room(&r);
	}
}

static void the_first_content_stays(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_LEN(backends); i++) {
		struct room r = make_room(backends[i]);
		struct stat one, two;
		assert_ok(store_blobs_add(&r.cx, r.b, a(), r.upload, r.one));
		char *again = hm_path(&r.cx, r.dir, "again");
		assert_ok(hm_write_file(&r.cx, again, HM_STR("a"), 0644));
		assert_ok(store_blobs_add(&r.cx, r.b, a(), again, r.two));
		assert_ok(store_blobs_add(&r.cx, r.b, a(), again, r.two)); /* twice is once */
		assert_int_equal(stat(r.one, &one), 0);
		assert_int_equal(stat(r.two, &two), 0);
		assert_int_equal(one.st_ino, two.st_ino); /* equal blobs are one file */
		leave_room(&r);
	}
}

static void what_is_not_there_is_not_shared(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_LEN(backends); i++) {
		struct room r = make_room(backends[i]);
		bool is = true;
		assert_ok(store_blobs_share(&r.cx, r.b, a(), NULL, r.two, &is));
		assert_false(is);
		assert_ok(store_blobs_add(&r.cx, r.b, a(), r.upload, r.one));
		assert_ok(store_blobs_share(&r.cx, r.b, a(), hm_path(&r.cx, r.dir, "nobody"), r.two,
					    &is));
		assert_false(is);
		assert_false(hm_exists(r.two));
		assert_ok(store_blobs_share(&r.cx, r.b, a(), r.one, r.two, &is));
		assert_true(is);
		leave_room(&r);
	}
}

static void a_holder_that_cannot_be_is_a_fault(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_LEN(backends); i++) {
		struct room r = make_room(backends[i]);
		bool is;
		char *nowhere = hm_path(&r.cx, r.dir, "no/such/folder");
		assert_fault(store_blobs_add(&r.cx, r.b, a(), r.upload, nowhere), HM_SYSTEM,
			     "could not store the blob: No such file");
		assert_fault(store_blobs_add(&r.cx, r.b, a(), nowhere, r.one), HM_SYSTEM,
			     "could not store the blob: No such file");
		assert_fault(store_blobs_drop(&r.cx, r.b, a(), r.dir, &is), HM_SYSTEM,
			     "could not remove the blob: Is a directory");
		assert_ok(store_blobs_drop(&r.cx, r.b, a(), nowhere, &is));
		assert_false(is);
		leave_room(&r);
	}
}

/* Killed between the two links; or a repository's folder was removed by hand. */
static void what_nobody_holds_goes_at_the_start(void **state)
{
	(void)state;
	struct room r = make_room(&store_directory);
	char *left = hm_path(&r.cx, hm_path(&r.cx, r.where, "sha512"), "00");
	bool is;
	assert_ok(hm_write_file(&r.cx, left, HM_STR("b"), 0644));
	assert_ok(store_blobs_add(&r.cx, r.b, a(), r.upload, r.one));
	assert_int_equal(unlink(r.upload), 0);
	store_blobs_close(r.b);
	assert_ok(store_blobs_open(&r.cx, &store_directory, r.where, &r.b));
	assert_false(hm_exists(left));
	assert_true(store_blobs_has(&r.cx, r.b, a()));
	assert_int_equal(unlink(r.one), 0);
	store_blobs_close(r.b);
	assert_ok(store_blobs_open(&r.cx, &store_directory, r.where, &r.b));
	assert_false(store_blobs_has(&r.cx, r.b, a()));
	assert_ok(store_blobs_share(&r.cx, r.b, a(), NULL, r.two, &is));
	assert_false(is);
	assert_false(hm_exists(hm_path(&r.cx, hm_path(&r.cx, r.where, "sha256"), hex_a)));
	leave_room(&r);
}

enum { ROUNDS = 300, THREADS = 4 };

struct racer {
	struct room *r;
	unsigned i;
	hm_err err;
	struct hm_cx cx;
};

/* Hold, look, drop, again and again: what one holds the others cannot take away. */
static void *race(void *arg)
{
	struct racer *x = arg;
	const char *own = hm_path(&x->cx, x->r->dir, hm_fmt(&x->cx, "own-%u", x->i).p);
	const char *upload = hm_path(&x->cx, x->r->dir, hm_fmt(&x->cx, "upload-%u", x->i).p);
	for (unsigned i = 0; i < ROUNDS && !x->err; i++) {
		struct hm_str got = { "", 0 };
		bool is;
		x->err = hm_write_file(&x->cx, upload, HM_STR("a"), 0644);
		if (!x->err)
			x->err = store_blobs_add(&x->cx, x->r->b, a(), upload, own);
		unlink(upload);
		if (!x->err)
			x->err = hm_read_file(&x->cx, own, 10, &got);
		if (!x->err && !hm_eqz(got, "a"))
			x->err = hm_fail(&x->cx, HM_TRUST, "another content");
		if (!x->err)
			x->err = store_blobs_drop(&x->cx, x->r->b, a(), own, &is);
	}
	return NULL;
}

static void adding_and_dropping_at_the_same_time(void **state)
{
	(void)state;
	struct room r = make_room(&store_directory);
	struct racer racers[THREADS];
	pthread_t threads[THREADS];
	for (unsigned i = 0; i < THREADS; i++) {
		racers[i] = (struct racer){ .r = &r, .i = i, .cx = HM_CX(64 * HM_MIB) };
		assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_ok(racers[i].err);
		hm_cx_done(&racers[i].cx);
	}
	assert_false(store_blobs_has(&r.cx, r.b, a()));
	leave_room(&r);
}

int main(void)
{
	UNIT(what_is_added_is_held_until_the_last_drops_it);
	UNIT(the_first_content_stays);
	UNIT(what_is_not_there_is_not_shared);
	UNIT(a_holder_that_cannot_be_is_a_fault);
	UNIT(what_nobody_holds_goes_at_the_start);
	UNIT(adding_and_dropping_at_the_same_time);
	return unit_run("store/blobs");
}
