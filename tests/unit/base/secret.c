/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "unit.h"

/* Memory that is given back is looked at once more: this munmap() stands before libc's. */
static struct {
	const char *p;
	size_t n;
	int seen, dirty;
} watched;

int munmap(void *p, size_t n)
{
	const char *from = p;
	if (watched.p >= from && watched.p < from + n) {
		watched.seen++;
		for (size_t i = 0; i < watched.n; i++)
			watched.dirty += watched.p[i] != 0;
		watched.p = NULL;
	}
	return (int)syscall(SYS_munmap, p, n);
}

static void watch(struct hm_str bytes)
{
	watched.p = bytes.p;
	watched.n = bytes.n;
	watched.seen = watched.dirty = 0;
}

/* The flags of the mapping that holds `p`, as /proc/self/smaps has them: "rd wr ... lo dd". */
static struct hm_str flags_of(struct hm_cx *cx, const void *p)
{
	static const char head[] = "VmFlags: ";
	char line[512];
	uintptr_t from, to;
	bool here = false;
	FILE *f = fopen("/proc/self/smaps", "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (unit_is_mapping(hm_cstr(line), &from, &to))
			here = (uintptr_t)p >= from && (uintptr_t)p < to;
		else if (here && strncmp(line, head, strlen(head)) == 0)
			break;
		*line = '\0';
	}
	fclose(f);
	return hm_fmt(cx, " %s ", hm_trim(hm_from(hm_cstr(line), strlen(head))).p);
}

static bool has_flag(struct hm_cx *cx, const void *p, const char *flag)
{
	return hm_find(flags_of(cx, p), hm_fmt(cx, " %s ", flag)) != SIZE_MAX;
}

static void a_page_is_locked_and_left_out_of_dumps_and_children(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_SECRET s = hm_secret_of(HM_STR("open sesame"));
	const char *p = hm_secret_str(&s).p;
	assert_false(has_flag(&cx, &cx, UNIT_LOCKED));
	assert_true(has_flag(&cx, p, UNIT_LOCKED));
	assert_true(has_flag(&cx, p, "dd"));
	assert_true(has_flag(&cx, p, "wf"));
	assert_false(has_flag(&cx, p - 1, "rd"));
	assert_false(has_flag(&cx, p + 4096, "rd"));
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
}

static void a_child_finds_zeros(void **state)
{
	(void)state;
	int status;
	HM_AUTO_SECRET s = hm_secret_of(HM_STR("open sesame"));
	pid_t child = fork();
	if (child == 0)
		_exit(hm_secret_str(&s).p[0] == '\0' ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void what_is_given_back_is_wiped(void **state)
{
	(void)state;
	struct hm_secret s = hm_secret_of(HM_STR("open sesame"));
	watch(hm_secret_str(&s));
	hm_secret_done(&s);
	assert_int_equal(watched.seen, 1);
	assert_int_equal(watched.dirty, 0);
	assert_int_equal(hm_secret_str(&s).n, 0);
}

static void growing_leaves_nothing_behind(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_SECRET s = HM_SECRET(100000);
	hm_buf_addz(&s.bytes, "open sesame");
	const char *first = hm_secret_str(&s).p;
	watch(hm_secret_str(&s));
	for (size_t i = 0; i < 5000; i++)
		hm_buf_char(&s.bytes, 'x');
	assert_int_equal(watched.seen, 1);
	assert_int_equal(watched.dirty, 0);
	assert_ptr_not_equal(hm_secret_str(&s).p, first);
	assert_true(hm_starts(hm_secret_str(&s), HM_STR("open sesamexx")));
	assert_true(has_flag(&cx, hm_secret_str(&s).p, UNIT_LOCKED));
	const char *p = hm_secret_str(&s).p;
	hm_buf_clear(&s.bytes);
	for (size_t i = 0; i < 5011; i++)
		assert_int_equal(p[i], 0);
}

static void the_maximum_holds(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_SECRET s = HM_SECRET(4), none = { 0 };
	struct hm_str out;
	hm_buf_addz(&s.bytes, "1234");
	assert_ok(hm_buf_end(&cx, &s.bytes, "a password", &out));
	hm_buf_char(&s.bytes, '5');
	assert_fault(hm_buf_end(&cx, &s.bytes, "a password", &out), HM_LIMIT,
		     "a password is larger than 4 bytes");
	assert_strz(hm_secret_str(&s), "1234");
	hm_buf_char(&none.bytes, 'x');
	assert_true(none.bytes.over);
	assert_strz(hm_secret_str(&none), "");
}

static void ownership_moves(void **state)
{
	(void)state;
	HM_AUTO_SECRET a = hm_secret_of(HM_STR("open sesame"));
	const char *p = hm_secret_str(&a).p;
	HM_AUTO_SECRET b = hm_secret_move(&a);
	assert_ptr_equal(hm_secret_str(&b).p, p);
	assert_int_equal(hm_secret_str(&a).n, 0);
}

static const struct equal_case {
	const char *label;
	struct hm_str a, b;
	bool equal;
} equal_cases[] = {
	{ "equal", HM_STR_INIT("secret"), HM_STR_INIT("secret"), true },
	{ "both empty", HM_STR_INIT(""), HM_STR_INIT(""), true },
	{ "NULs count", HM_STR_INIT("a\0b"), HM_STR_INIT("a\0b"), true },
	{ "the first byte differs", HM_STR_INIT("secret"), HM_STR_INIT("tecret"), false },
	{ "the last byte differs", HM_STR_INIT("secret"), HM_STR_INIT("secreu"), false },
	{ "differences do not cancel out", HM_STR_INIT("ab"), HM_STR_INIT("ba"), false },
	{ "behind a NUL", HM_STR_INIT("a\0b"), HM_STR_INIT("a\0c"), false },
	{ "the highest bit", HM_STR_INIT("\x80"), HM_STR_INIT("\x00"), false },
	{ "a beginning", HM_STR_INIT("secret"), HM_STR_INIT("secre"), false },
	{ "one is empty", HM_STR_INIT("secret"), HM_STR_INIT(""), false },
};

static void equal(void **state)
{
	const struct equal_case *t = *state;
	HM_AUTO_SECRET a = hm_secret_of(t->a), b = hm_secret_of(t->b);
	assert_int_equal(hm_secret_eq(&a, &b), t->equal);
	assert_int_equal(hm_secret_eq(&b, &a), t->equal);
}

static void a_context_of_secrets_is_locked_and_wiped(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	cx.request_id = "7";
	struct hm_cx own = hm_secret_cx(&cx, HM_MIB);
	assert_string_equal(own.request_id, "7");
	struct hm_str small = hm_dup(&own, HM_STR("open sesame"));
	assert_true(has_flag(&cx, small.p, UNIT_LOCKED));
	char *large = hm_new(&own, char, 20000);
	memset(large, 'x', 20000);
	assert_true(has_flag(&cx, large + 19999, UNIT_LOCKED));
	struct hm_cx below = hm_cx_child(&own, HM_MIB);
	assert_true(has_flag(&cx, hm_dup(&below, HM_STR("x")).p, UNIT_LOCKED));
	watch(hm_bytes(large, 20000));
	hm_cx_done(&below);
	hm_cx_done(&own);
	assert_int_equal(watched.seen, 1);
	assert_int_equal(watched.dirty, 0);
}

static void what_is_released_is_wiped(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_CX own = hm_secret_cx(&cx, HM_MIB);
	struct hm_str kept = hm_dup(&own, HM_STR("kept"));
	struct hm_mark mark = hm_mark(&own);
	struct hm_str gone = hm_dup(&own, HM_STR("gone"));
	hm_release(&own, mark);
	assert_strz(kept, "kept");
	assert_memory_equal(gone.p, "\0\0\0\0", 4);
	gone = hm_dup(&own, HM_STR("gone"));
	char *large = hm_new(&own, char, 20000);
	memset(large, 'x', 20000);
	watch(hm_bytes(large, 20000));
	hm_release(&own, mark);
	assert_int_equal(watched.seen, 1);
	assert_int_equal(watched.dirty, 0);
	assert_memory_equal(gone.p, "\0\0\0\0", 4);
	assert_strz(kept, "kept");
}

/* What a library gives back lies where malloc() keeps it: its own words are in the first 16
 * bytes. */
static void what_libraries_free_is_wiped(void **state)
{
	(void)state;
#ifdef UNIT_NO_MLOCK
	skip(); /* it must not be looked at */
#else
	if (getenv("HULLMARK_UNDER")) {
		print_message("skipped: valgrind forbids to look at what was freed\n");
		skip();
	}
	enum { N = 1000, LARGE = 100000 };
	char *p = malloc(N), *large = malloc(LARGE), *behind = malloc(N);
	memset(p, 'x', N);
	memset(large, 'x', LARGE);
	char *grown = hm_secret_realloc(p, 4 * N);
	assert_memory_equal(grown, large, N);
	volatile char *gone = p;
	for (size_t i = 16; i < N; i++)
		assert_int_equal(gone[i], 0);
	assert_ptr_equal(hm_secret_realloc(grown, 3 * N), grown);
	char *shrunk = hm_secret_realloc(grown, 10);
	assert_memory_equal(shrunk, "xxxxxxxxxx", 10);
	gone = grown;
	for (size_t i = 16; i < N; i++)
		assert_int_equal(gone[i], 0);
	gone = large;
	hm_secret_free(large);
	for (size_t i = 16; i < HM_SECRET_WIPED; i++)
		assert_int_equal(gone[i], 0);
	hm_secret_free(shrunk);
	hm_secret_free(NULL);
	free(hm_secret_realloc(NULL, 10));
	free(behind);
#endif
}

/* --- files --- */

static const struct mode_case {
	const char *label;
	mode_t mode;
	uid_t owner, reader;
	unsigned told;
} mode_cases[] = {
	{ "the owner's alone", 0600, 0, 0, 0 },
	{ "the owner's alone, not even to write", 0400, 0, 0, 0 },
	{ "the group may read", 0640, 0, 0, 0640 },
	{ "everybody may read", 0644, 0, 0, 0644 },
	{ "others may only write", 0602, 0, 0, 0602 },
	{ "the mode is told whole", 04644, 0, 0, 04644 },
	{ "root's, and everybody may read", 0644, 0, 65534, 0644 },
	{ "root's, for our group", 0440, 0, 65534, 0 },
	{ "root's, and our group may write", 0460, 0, 65534, 0460 },
	{ "our own, and our group may read", 0640, 65534, 65534, 0640 },
	{ "our own", 0600, 65534, 65534, 0 },
};

static void mode(void **state)
{
	const struct mode_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_SECRET s = { 0 };
	unsigned got = 7777;
	const char *dir = unit_temp_dir(), *path = hm_path(&cx, dir, "key");
	if (geteuid() != 0 && (t->owner || t->reader || (t->mode & 022)))
		skip(); /* only root can give files away */
	uid_t owner = geteuid() == 0 ? t->owner : geteuid();
	/* readers are in group 65534, too */
	assert_int_equal(chmod(dir, 0755), 0);
	assert_ok(hm_write_file(&cx, path, HM_STR("sesame"), 0600));
	if (geteuid() == 0)
		assert_int_equal(chown(path, owner, t->reader), 0);
	assert_int_equal(chmod(path, t->mode), 0);
	if (t->reader)
		assert_int_equal(setegid(t->reader) | seteuid(t->reader), 0);
	hm_err err = hm_secret_read_file(&cx, path, 100, &s, &got);
	if (t->reader)
		assert_int_equal(seteuid(0) | setegid(0), 0);
	assert_ok(err);
	assert_strz(hm_secret_str(&s), "sesame");
	assert_int_equal(got, t->told);
}

static void files_are_read_whole_or_not_at_all(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	const char *path = hm_path(&cx, unit_temp_dir(), "secret");
	char *large = hm_new(&cx, char, 9000);
	memset(large, 'k', 9000);
	struct hm_secret s = { 0 };
	unsigned mode;
	assert_fault(hm_secret_read_file(&cx, path, 9000, &s, &mode), HM_ABSENT, "no file");
	assert_fault(hm_secret_read_file(&cx, "/", 9000, &s, &mode), HM_INPUT,
		     "not a regular file");
	assert_ok(hm_write_file(&cx, path, hm_bytes(large, 9000), 0600));
	assert_fault(hm_secret_read_file(&cx, path, 8999, &s, &mode), HM_LIMIT,
		     "larger than 8999 bytes");
	assert_ok(hm_secret_read_file(&cx, path, 9000, &s, &mode));
	assert_str(hm_secret_str(&s), hm_bytes(large, 9000));
	assert_true(has_flag(&cx, hm_secret_str(&s).p, UNIT_LOCKED));
	hm_secret_done(&s);
	HM_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_fault(hm_secret_read_fd(&cx, fd, "standard input", 10, &s), HM_LIMIT,
		     "\"standard input\" is larger than 10 bytes");
}

static void warn(struct hm_cx *cx, const void *arg)
{
	(void)arg;
	hm_secret_warn(cx, "/etc/a.key", 0);
	hm_secret_warn(cx, "/etc/b.key", 0644);
	hm_secret_warn(cx, "/etc/b.key", 0644);
	hm_secret_warn(cx, "/etc/c.key", 0640);
}

static void each_file_is_warned_of_once(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	assert_strz(unit_said(&cx, warn, NULL),
		    "warn: a file of secrets is open to others than its owner file=/etc/b.key "
		    "mode=0644 try=\"chmod 600 /etc/b.key\"\n"
		    "warn: a file of secrets is open to others than its owner file=/etc/c.key "
		    "mode=0640 try=\"chmod 600 /etc/c.key\"\n");
}

/* --- a machine that locks nothing --- */

static void may_lock(bool yes)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	assert_int_equal(syscall(SYS_capget, &head, data), 0);
	uint32_t bit = 1U << CAP_IPC_LOCK;
	data[0].effective =
		yes ? data[0].effective | (data[0].permitted & bit) : data[0].effective & ~bit;
	assert_int_equal(syscall(SYS_capset, &head, data), 0);
}

static void make_two(struct hm_cx *cx, const void *arg)
{
	(void)arg;
	(void)cx;
	HM_AUTO_SECRET a = hm_secret_of(HM_STR("one")), b = hm_secret_of(HM_STR("two"));
	assert_strz(hm_secret_str(&a), "one");
	assert_false(has_flag(cx, hm_secret_str(&a).p, "lo"));
	assert_true(has_flag(cx, hm_secret_str(&a).p, "dd"));
	assert_true(has_flag(cx, hm_secret_str(&b).p, "wf"));
}

static void a_secret_that_cannot_be_locked_is_kept_and_said_once(void **state)
{
	(void)state;
#ifdef UNIT_NO_MLOCK
	skip();
#endif
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct rlimit before, none = { 0, 0 };
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &before), 0);
	none.rlim_max = before.rlim_max;
	may_lock(false);
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &none), 0);
	hm_log_setup((struct hm_log_config){ .level = HM_LOG_DEBUG });
	struct hm_str log = unit_said(&cx, make_two, NULL), again = unit_said(&cx, make_two, NULL);
	hm_log_setup((struct hm_log_config){ .level = HM_LOG_WARN });
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &before), 0);
	may_lock(true);
	assert_true(hm_starts(log, HM_STR("debug: secrets are not locked in memory why=")));
	assert_int_equal(hm_find_char(log, '\n'), log.n - 1);
	assert_strz(again, "");
}

int main(void)
{
	UNIT(a_page_is_locked_and_left_out_of_dumps_and_children);
	UNIT(a_child_finds_zeros);
	UNIT(what_is_given_back_is_wiped);
	UNIT(growing_leaves_nothing_behind);
	UNIT(the_maximum_holds);
	UNIT(ownership_moves);
	UNIT_TABLE(equal, equal_cases);
	UNIT(a_context_of_secrets_is_locked_and_wiped);
	UNIT(what_is_released_is_wiped);
	UNIT(what_libraries_free_is_wiped);
	UNIT_TABLE(mode, mode_cases);
	UNIT(files_are_read_whole_or_not_at_all);
	UNIT(each_file_is_warned_of_once);
	UNIT(a_secret_that_cannot_be_locked_is_kept_and_said_once);
	return unit_run("base/secret");
}
