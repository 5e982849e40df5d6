/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void a_file_is_replaced_whole(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *path = hm_path(&cx, unit_temp_dir(), "f");
	struct hm_str text;
	struct hm_strs names;
	assert_ok(hm_write_file(&cx, path, HM_STR("one"), 0640));
	assert_ok(hm_write_file(&cx, path, HM_STR("three"), 0600));
	assert_ok(hm_read_file(&cx, path, 5, &text));
	assert_strz(text, "three");
	assert_fault(hm_read_file(&cx, path, 4, &text), HM_LIMIT, "larger than 4 bytes");
	assert_ok(hm_list_dir(&cx, hm_dupz(&cx, hm_dirname(hm_cstr(path))), 10, &names));
	assert_int_equal(names.n, 1);
	struct stat sb;
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
}

static void what_is_not_committed_leaves_nothing(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir();
	struct hm_strs names;
	{
		HM_AUTO_NEWFILE f = { .fd = -1 };
		assert_ok(hm_newfile_open(&cx, hm_path(&cx, dir, "f"), 0600, &f));
		assert_ok(hm_write_all(&cx, f.fd, "f", HM_STR("half")));
	}
	assert_ok(hm_list_dir(&cx, dir, 10, &names));
	assert_int_equal(names.n, 0);
}

static void a_killed_writer_leaves_nothing(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir();
	struct hm_strs names;
	pid_t pid = fork();
	if (pid == 0) {
		struct hm_newfile f = { .fd = -1 };
		if (hm_newfile_open(&cx, hm_path(&cx, dir, "f"), 0600, &f))
			_exit(1);
		abort();
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_ok(hm_list_dir(&cx, dir, 10, &names));
	assert_int_equal(names.n, 0);
}

static void only_regular_files_are_read(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir(), *fifo = hm_path(&cx, dir, "fifo");
	struct hm_str text;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_fault(hm_read_file(&cx, fifo, 10, &text), HM_INPUT, "not a regular file");
	assert_fault(hm_read_file(&cx, dir, 10, &text), HM_INPUT, "not a regular file");
	assert_fault(hm_read_file(&cx, hm_path(&cx, dir, "none"), 10, &text), HM_ABSENT, "no file");
	assert_fault(hm_read_file(&cx, hm_path(&cx, fifo, "x"), 10, &text), HM_ABSENT, "no file");
}

static void a_tree_is_removed_and_links_are_not_followed(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir(), *tree = hm_path(&cx, dir, "tree");
	const char *outside = hm_path(&cx, dir, "outside");
	assert_ok(hm_mkdirs(&cx, hm_path(&cx, tree, "a/b/c"), 0700));
	assert_ok(hm_mkdirs(&cx, hm_path(&cx, tree, "a/b/c"), 0700));
	assert_ok(hm_write_file(&cx, hm_path(&cx, tree, "a/b/f"), HM_STR("x"), 0600));
	assert_ok(hm_write_file(&cx, outside, HM_STR("x"), 0600));
	assert_int_equal(symlink(dir, hm_path(&cx, tree, "a/link")), 0);
	assert_ok(hm_remove_tree(&cx, tree));
	assert_ok(hm_remove_tree(&cx, tree));
	assert_false(hm_exists(tree));
	assert_true(hm_exists(outside));
}

static void a_lock_excludes_and_honours_the_deadline(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *path = hm_path(&cx, unit_temp_dir(), "lock");
	int first = -1, second = -1;
	assert_ok(hm_lock(&cx, path, &first));
	cx.deadline = hm_mono() + HM_SECOND / 20;
	assert_fault(hm_lock(&cx, path, &second), HM_BUSY, "waiting for lock");
	cx.deadline = 0;
	close(first);
	assert_ok(hm_lock(&cx, path, &second));
	close(second);
}

static void a_full_disk_is_a_fault_and_leaves_the_old_file(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_true(full >= 0);
	assert_fault(hm_write_all(&cx, full, "f", HM_STR("x")), HM_FULL, "No space left");
	close(full);
	assert_fault(hm_write_file(&cx, "/proc/none/f", HM_STR("x"), 0600), HM_SYSTEM,
		     "/proc/none/f");
}

static struct stat stat_of(const char *path)
{
	struct stat sb;
	assert_int_equal(lstat(path, &sb), 0);
	return sb;
}

static void a_named_file_keeps_its_mode_and_a_link_its_target(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *dir = unit_temp_dir(), *file = hm_path(&cx, dir, "f");
	const char *link = hm_path(&cx, dir, "link"), *to_new = hm_path(&cx, dir, "to-new");
	const char *loop = hm_path(&cx, dir, "loop");
	struct hm_str text;
	assert_ok(hm_output_write(&cx, file, HM_STR("one"), 0600));
	assert_int_equal(stat_of(file).st_mode & 0777, 0600);
	assert_int_equal(chmod(file, 0604), 0);
	assert_int_equal(symlink("f", link), 0);
	assert_ok(hm_output_write(&cx, link, HM_STR("two"), 0644));
	assert_true(S_ISLNK(stat_of(link).st_mode));
	assert_int_equal(stat_of(file).st_mode & 0777, 0604);
	assert_ok(hm_read_file(&cx, file, 10, &text));
	assert_strz(text, "two");
	assert_int_equal(symlink("new", to_new), 0);
	assert_ok(hm_output_write(&cx, to_new, HM_STR("three"), 0640));
	assert_true(S_ISLNK(stat_of(to_new).st_mode));
	assert_int_equal(stat_of(hm_path(&cx, dir, "new")).st_mode & 0777, 0640);
	assert_int_equal(symlink("loop", loop), 0);
	assert_fault(hm_output_write(&cx, loop, HM_STR("x"), 0640), HM_INPUT, "symbolic links");
	assert_fault(hm_output_write(&cx, dir, HM_STR("x"), 0640), HM_SYSTEM, "is a folder");
	/* not so in a folder of ours: the link is replaced, and its target stays */
	assert_ok(hm_write_file(&cx, link, HM_STR("four"), 0600));
	assert_true(S_ISREG(stat_of(link).st_mode));
	assert_ok(hm_read_file(&cx, file, 10, &text));
	assert_strz(text, "two");
}

static void what_is_no_regular_file_is_written_to(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const char *fifo = hm_path(&cx, unit_temp_dir(), "fifo");
	char got[16] = { 0 };
	int pipes[2];
	assert_int_equal(mkfifo(fifo, 0620), 0);
	HM_AUTO_FD reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_ok(hm_output_write(&cx, fifo, HM_STR("through"), 0600));
	assert_int_equal(read(reader, got, sizeof(got)), 7);
	assert_string_equal(got, "through");
	assert_true(S_ISFIFO(stat_of(fifo).st_mode));
	assert_fault(hm_write_file(&cx, fifo, HM_STR("x"), 0600), HM_SYSTEM, "not a regular file");
	assert_fault(hm_check_replaceable(&cx, fifo), HM_SYSTEM, "not a regular file");
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	const char *end = hm_fmt(&cx, "/dev/fd/%d", pipes[1]).p;
	assert_ok(hm_output_write(&cx, end, HM_STR("pipe"), 0600));
	assert_int_equal(read(pipes[0], got, sizeof(got)), 4);
	assert_fault(hm_output_write(&cx, hm_fmt(&cx, "/dev/fd/%d", pipes[0]).p, HM_STR("x"), 0600),
		     HM_SYSTEM, "for reading only");
	close(pipes[0]);
	close(pipes[1]);
	assert_fault(hm_output_write(&cx, end, HM_STR("x"), 0600), HM_SYSTEM, "could not write");
}

int main(void)
{
	UNIT(a_file_is_replaced_whole);
	UNIT(what_is_not_committed_leaves_nothing);
	UNIT(a_killed_writer_leaves_nothing);
	UNIT(only_regular_files_are_read);
	UNIT(a_tree_is_removed_and_links_are_not_followed);
	UNIT(a_lock_excludes_and_honours_the_deadline);
	UNIT(a_full_disk_is_a_fault_and_leaves_the_old_file);
	UNIT(a_named_file_keeps_its_mode_and_a_link_its_target);
	UNIT(what_is_no_regular_file_is_written_to);
	return unit_run("base/file");
}
