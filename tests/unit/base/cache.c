/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cache.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "unit.h"

static struct hm_str get(struct hm_cx *cx, const struct hm_cache *c, const char *key)
{
	struct hm_str out;
	assert_ok(hm_cache_get(cx, c, hm_cstr(key), HM_MIB, &out));
	return out;
}

static struct hm_cache fresh(struct hm_cx *cx, uint64_t max)
{
	return (struct hm_cache){ .dir = hm_path(cx, unit_temp_dir(), "a/b"), .max = max };
}

static void what_was_put_is_got(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_cache c = fresh(&cx, HM_MIB);
	assert_strz(get(&cx, &c, "sha256:00"), "");
	hm_cache_put(&cx, &c, HM_STR("sha256:00"), HM_STR("one"));
	hm_cache_put(&cx, &c, HM_STR("sha256:00"), HM_STR("two"));
	hm_cache_put(&cx, &c, HM_STR("sha256:01"), HM_STR("other"));
	assert_strz(get(&cx, &c, "sha256:00"), "two");
	assert_strz(get(&cx, &c, "sha256:01"), "other");
	struct stat st;
	assert_int_equal(stat(c.dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void a_key_never_leaves_the_folder(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_cache c = fresh(&cx, HM_MIB);
	struct hm_strs names;
	hm_cache_put(&cx, &c, HM_STR("../../x"), HM_STR("one"));
	hm_cache_put(&cx, &c, HM_STR(".."), HM_STR("two"));
	hm_cache_put(&cx, &c, HM_STR(""), HM_STR("three"));
	assert_ok(hm_list_dir(&cx, c.dir, 10, &names));
	assert_int_equal(names.n, 2);
	assert_strz(names.p[0], "-.");
	assert_strz(names.p[1], "-.-..-x");
}

static void what_is_no_file_or_too_large_is_not_there(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_cache c = fresh(&cx, HM_MIB);
	struct hm_str out;
	hm_cache_put(&cx, &c, HM_STR("k"), HM_STR("12345"));
	assert_ok(hm_cache_get(&cx, &c, HM_STR("k"), 4, &out));
	assert_strz(out, "");
	assert_int_equal(symlink("k", hm_path(&cx, c.dir, "link")), 0);
	assert_int_equal(mkdir(hm_path(&cx, c.dir, "folder"), 0700), 0);
	assert_int_equal(mkfifo(hm_path(&cx, c.dir, "pipe"), 0600), 0);
	assert_strz(get(&cx, &c, "link"), "");
	assert_strz(get(&cx, &c, "folder"), "");
	assert_strz(get(&cx, &c, "pipe"), "");
	HM_AUTO_CX small = HM_CX(2);
	assert_fault(hm_cache_get(&small, &c, HM_STR("k"), HM_MIB, &out), HM_LIMIT,
		     "more memory than it may use");
}

static void no_folder_is_no_cache(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_cache none = { 0 }, full = { .dir = "/dev/full/x", .max = HM_MIB };
	hm_cache_put(&cx, &none, HM_STR("k"), HM_STR("one"));
	hm_cache_put(&cx, &full, HM_STR("k"), HM_STR("one"));
	assert_strz(get(&cx, &none, "k"), "");
	assert_strz(get(&cx, &full, "k"), "");
}

static void what_was_used_least_recently_goes_first(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_cache c = fresh(&cx, 1000);
	char bytes[100];
	struct hm_str text = hm_bytes(bytes, sizeof(bytes));
	memset(bytes, 'x', sizeof(bytes));
	for (int i = 0; i < 60; i++) {
		struct hm_str key = hm_fmt(&cx, "k%02d", i);
		hm_cache_put(&cx, &c, key, text);
		struct timespec used[2] = { { .tv_sec = 1000 + i }, { .tv_sec = 1000 + i } };
		assert_int_equal(utimensat(AT_FDCWD, hm_path(&cx, c.dir, key.p), used, 0), 0);
	}
	assert_int_equal(get(&cx, &c, "k03").n, 100);
	/* another process: its first file tidies */
	struct hm_cache again = { .dir = c.dir, .max = 1000 };
	struct hm_strs names;
	hm_cache_put(&cx, &again, HM_STR("new"), text);
	assert_ok(hm_list_dir(&cx, c.dir, 100, &names));
	assert_int_equal(names.n, 7);
	assert_strz(names.p[0], "k03");
	assert_strz(names.p[1], "k55");
	assert_strz(names.p[6], "new");
	struct hm_cache tiny = { .dir = c.dir, .max = 50 };
	hm_cache_put(&cx, &tiny, HM_STR("more than all"), text);
	assert_strz(get(&cx, &tiny, "more than all"), "");
}

int main(void)
{
	UNIT(what_was_put_is_got);
	UNIT(a_key_never_leaves_the_folder);
	UNIT(what_is_no_file_or_too_large_is_not_there);
	UNIT(no_folder_is_no_cache);
	UNIT(what_was_used_least_recently_goes_first);
	return unit_run("base/cache");
}
