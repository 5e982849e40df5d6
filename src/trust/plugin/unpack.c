/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In this process: the files of a plugin are written, as a worker says. What it says is a
 * stranger's, for it has read a stranger's archive: each name and length is checked here.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/worker_flow.h"
#include "trust/plugin/install.h"

enum { PROGRAM_MODE = 0755, FILE_MODE = 0644 };
static const char prefix[] = "notation-";

static bool is_program_name(struct hm_str name)
{
	return hm_starts(name, hm_cstr(prefix)) && trust_is_name(hm_from(name, strlen(prefix)));
}

/* One part of a path, and no way out. */
static bool is_file_name(struct hm_str name)
{
	return name.n && name.n <= NAME_MAX && !hm_eqz(name, ".") &&
	       hm_find(name, HM_STR("..")) == SIZE_MAX && hm_find_char(name, '/') == SIZE_MAX &&
	       hm_find_char(name, '\\') == SIZE_MAX && !hm_has_control(name);
}

static hm_err count_bytes(struct hm_cx *cx, struct trust_plugin_files *f, uint64_t n)
{
	f->total += n < HM_MAX_PLUGIN ? n : HM_MAX_PLUGIN;
	if (f->total >= HM_MAX_PLUGIN)
		return hm_fail(cx, HM_LIMIT, "its files together must be smaller than %llu MiB",
			       (unsigned long long)(HM_MAX_PLUGIN / HM_MIB));
	return NULL;
}

/* A file of this name, open to be written. */
static hm_err make_file(struct hm_cx *cx, struct trust_plugin_files *f, struct hm_str name,
			bool runs, int *out)
{
	if (f->names.n >= HM_MAX_PLUGIN_FILES)
		return hm_fail(cx, HM_LIMIT, "the archive has more than %llu files",
			       (unsigned long long)HM_MAX_PLUGIN_FILES);
	if (!is_file_name(name))
		return hm_fail(cx, HM_INPUT,
			       "the archive has a file with the forbidden name \"%.*s\"",
			       HM_FMT(name));
	name = hm_dup(cx, name);
	if (hm_strs_has(&f->names, name))
		return hm_fail(cx, HM_INPUT, "the archive has two files with the name \"%.*s\"",
			       HM_FMT(name));
	const char *path = hm_path(cx, f->folder, name.p);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		      runs ? PROGRAM_MODE : FILE_MODE);
	if (fd < 0)
		return hm_fail_os(cx, "could not make \"%s\"", path);
	*hm_push(cx, &f->names) = name;
	if (is_program_name(name)) {
		*(runs ? &f->program : &f->candidate) = name;
		*(runs ? &f->programs : &f->candidates) += 1;
	}
	*out = fd;
	return NULL;
}

/* --- records --- */

static hm_err begin_file(struct hm_cx *cx, struct trust_plugin_files *f, struct hm_cur c)
{
	uint64_t runs = hm_le(&c, 1), size = hm_le(&c, 8);
	if (c.bad || f->open)
		return hm_fail(cx, HM_INPUT, "a file begins within another");
	HM_TRY(count_bytes(cx, f, size));
	HM_TRY(make_file(cx, f, hm_take_str(&c, c.n), runs != 0, &f->fd));
	f->open = true;
	f->size = size;
	return NULL;
}

static hm_err write_piece(struct hm_cx *cx, const struct trust_plugin_files *f, struct hm_cur c)
{
	uint64_t offset = hm_le(&c, 8);
	if (c.bad || !f->open || offset > f->size || c.n > f->size - offset)
		return hm_fail(cx, HM_INPUT, "a file is longer than it was said to be");
	if (lseek(f->fd, (off_t)offset, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not write a file of the plugin");
	return hm_write_all(cx, f->fd, "a file of the plugin", hm_take_str(&c, c.n));
}

static hm_err end_file(struct hm_cx *cx, struct trust_plugin_files *f, struct hm_cur c)
{
	if (!f->open || c.n)
		return hm_fail(cx, HM_INPUT, "a file ends that did not begin");
	f->open = false;
	hm_close_fd(&f->fd);
	return NULL;
}

hm_err trust_plugin_record(struct hm_cx *cx, struct trust_plugin_files *f, struct hm_str record)
{
	struct hm_cur c = hm_cur(record);
	switch (hm_le(&c, 1)) {
	case PLUGIN_ENTRY:
		return begin_file(cx, f, c);
	case PLUGIN_DATA:
		return write_piece(cx, f, c);
	case PLUGIN_END:
		return end_file(cx, f, c);
	default:
		return hm_fail(cx, HM_INPUT, "its reader said something that is not a record");
	}
}

void trust_plugin_files_done(struct trust_plugin_files *f)
{
	if (f->open)
		hm_close_fd(&f->fd);
	f->open = false;
}

/* --- the worker --- */

struct unpack {
	struct hm_str rest; /* of the archive */
	struct trust_plugin_files *files;
};

static hm_err on_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	struct unpack *u = arg;
	struct hm_str piece = hm_sub(u->rest, 0, n);
	(void)cx;
	memcpy(room, piece.p, piece.n);
	u->rest = hm_from(u->rest, piece.n);
	*out_n = piece.n;
	return NULL;
}

static hm_err on_record(struct hm_cx *cx, void *arg, struct hm_str record)
{
	const struct unpack *u = arg;
	return trust_plugin_record(cx, u->files, record);
}

static hm_err unpack_archive(struct hm_cx *cx, const char *form, struct hm_str bytes,
			     struct trust_plugin_files *f)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct unpack u = { bytes, f };
	struct hm_flow flow = { on_read, on_record, &u };
	struct hm_str answer;
	HM_TRY(hm_worker_start(cx, TRUST_PLUGIN_JOB, hm_cstr(form), 0, &w));
	HM_TRY(hm_worker_flow(cx, &w, &flow, &answer));
	if (f->open)
		return hm_fail(cx, HM_INPUT, "a file does not end");
	return NULL;
}

/* --- which is the program --- */

/* One file that may be run; else the only one that could be meant. */
static hm_err choose_program(struct hm_cx *cx, struct trust_plugin_files *f)
{
	if (f->programs > 1 || (!f->programs && f->candidates > 1))
		return hm_fail(cx, HM_INPUT, "there is more than one program notation-NAME in it");
	if (f->programs)
		return NULL;
	if (!f->candidates)
		return hm_fail(cx, HM_INPUT, "there is no program notation-NAME in it");
	f->program = f->candidate;
	const char *path = hm_path(cx, f->folder, f->program.p);
	if (chmod(path, PROGRAM_MODE) < 0)
		return hm_fail_os(cx, "could not make \"%s\" executable", path);
	return NULL;
}

static hm_err add_program(struct hm_cx *cx, struct hm_str bytes, struct hm_str file_name,
			  struct trust_plugin_files *f)
{
	HM_AUTO_FD fd = -1;
	if (!is_program_name(file_name))
		return hm_fail(
			cx, HM_INPUT,
			"it is neither an archive nor a program with a name like notation-NAME");
	HM_TRY(make_file(cx, f, file_name, true, &fd));
	return hm_write_all(cx, fd, "a file of the plugin", bytes);
}

hm_err trust_plugin_unpack(struct hm_cx *cx, struct hm_str bytes, struct hm_str file_name,
			   struct trust_plugin_files *files)
{
	if (bytes.n >= HM_MAX_PLUGIN)
		return hm_fail(cx, HM_LIMIT, "it must be smaller than %llu MiB",
			       (unsigned long long)(HM_MAX_PLUGIN / HM_MIB));
	if (hm_starts(bytes, HM_STR("PK\3\4")) || hm_starts(bytes, HM_STR("PK\5\6")))
		HM_TRY(unpack_archive(cx, PLUGIN_ZIP, bytes, files));
	else if (hm_starts(bytes, HM_STR("\x1f\x8b")))
		HM_TRY(unpack_archive(cx, PLUGIN_TAR, bytes, files));
	else
		HM_TRY(add_program(cx, bytes, file_name, files));
	return choose_program(cx, files);
}
