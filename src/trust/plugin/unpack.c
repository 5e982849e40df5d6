/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec/stream.h"
#include "codec/tar.h"
#include "codec/zip.h"
#include "trust/plugin/install.h"

enum { PROGRAM_MODE = 0755, FILE_MODE = 0644, MODE_TYPE = 0170000, MODE_REGULAR = 0100000 };
static const char prefix[] = "notation-";

/* Nothing that could lead out of a folder, however it is read: not even ".." within a name, as
 * Notation has it. */
static hm_err check_path(struct hm_cx *cx, struct hm_str path)
{
	if (!path.n || path.p[0] == '/' || hm_find(path, HM_STR("..")) != SIZE_MAX ||
	    hm_find_char(path, '\\') != SIZE_MAX || hm_has_control(path))
		return hm_fail(cx, HM_INPUT, "the archive has a file with the name \"%.*s\"",
			       HM_FMT(path));
	return NULL;
}

static bool is_program_name(struct hm_str name)
{
	return hm_starts(name, hm_cstr(prefix)) && trust_is_name(hm_from(name, strlen(prefix)));
}

/* A file of this name, open to be written. */
static hm_err make_file(struct hm_cx *cx, struct trust_plugin_files *f, struct hm_str name,
			bool runs, int *out)
{
	if (f->names.n >= HM_MAX_PLUGIN_FILES)
		return hm_fail(cx, HM_LIMIT, "the archive has more than %llu files",
			       (unsigned long long)HM_MAX_PLUGIN_FILES);
	if (name.n > NAME_MAX || hm_eqz(name, "."))
		return hm_fail(cx, HM_INPUT, "the archive has a file with the name \"%.*s\"",
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

static hm_err count_bytes(struct hm_cx *cx, struct trust_plugin_files *f, uint64_t n)
{
	f->total += n;
	if (n >= HM_MAX_PLUGIN || f->total >= HM_MAX_PLUGIN)
		return hm_fail(cx, HM_LIMIT, "its files are not smaller than %llu MiB",
			       (unsigned long long)(HM_MAX_PLUGIN / HM_MIB));
	return NULL;
}

static hm_err add_file(struct hm_cx *cx, struct trust_plugin_files *f, struct hm_str name,
		       bool runs, struct hm_str bytes)
{
	HM_AUTO_FD fd = -1;
	HM_TRY(make_file(cx, f, name, runs, &fd));
	return hm_write_all(cx, fd, name.p, bytes);
}

/* --- zip: what stands at its root --- */

static hm_err unpack_zip_entry(struct hm_cx *cx, const struct zip *z, const struct zip_entry *e,
			       struct trust_plugin_files *f)
{
	struct hm_str bytes;
	unsigned type = e->mode & MODE_TYPE;
	HM_TRY(check_path(cx, e->name));
	if (hm_find_char(e->name, '/') != SIZE_MAX || (type && type != MODE_REGULAR))
		return NULL;
	HM_TRY(count_bytes(cx, f, e->size));
	HM_TRY(zip_read(cx, z, e, HM_MAX_PLUGIN, &bytes));
	return add_file(cx, f, e->name, (e->mode & 0111) != 0, bytes);
}

static hm_err unpack_zip(struct hm_cx *cx, struct hm_str bytes, struct trust_plugin_files *f)
{
	struct zip z;
	HM_TRY(zip_open(cx, bytes, &z));
	for (size_t i = 0; i < z.n; i++)
		HM_TRY(unpack_zip_entry(cx, &z, &z.entries[i], f));
	return NULL;
}

/* --- tar: every regular file, by the last part of its name --- */

struct untar {
	struct trust_plugin_files *files;
	int fd; /* of the file that is written */
};

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	struct untar *u = arg;
	*out_data = false;
	HM_TRY(check_path(cx, e->path));
	if (e->type != TAR_FILE)
		return NULL;
	HM_TRY(count_bytes(cx, u->files, e->size));
	HM_TRY(make_file(cx, u->files, hm_basename(e->path), (e->mode & 0111) != 0, &u->fd));
	*out_data = true;
	return NULL;
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	const struct untar *u = arg;
	if (lseek(u->fd, (off_t)offset, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not write a file of the plugin");
	return hm_write_all(cx, u->fd, "a file of the plugin", bytes);
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	struct untar *u = arg;
	(void)cx;
	hm_close_fd(&u->fd);
	return NULL;
}

static hm_err on_global(struct hm_cx *cx, void *arg, struct hm_str path)
{
	(void)cx;
	(void)arg;
	(void)path;
	return NULL;
}

static const struct tar_events events = { on_entry, on_data, on_end, on_global };

static hm_err feed_tar(struct hm_cx *cx, struct stream *s, struct tar *t)
{
	enum { PIECE = 256 * 1024 };
	char *room = hm_new(cx, char, PIECE);
	for (size_t n = PIECE; n == PIECE;) {
		HM_TRY(hm_alive(cx));
		HM_TRY(stream_read(cx, s, room, PIECE, &n));
		/* headers, padding and what is left out are no more than that again */
		if (s->total > 2 * HM_MAX_PLUGIN)
			return hm_fail(cx, HM_LIMIT, "the archive is too large");
		HM_TRY(tar_feed(cx, t, hm_bytes(room, n)));
	}
	return tar_end(cx, t);
}

static hm_err unpack_tar(struct hm_cx *cx, struct hm_str bytes, struct trust_plugin_files *f)
{
	struct untar u = { f, -1 };
	STREAM_AUTO s = { 0 };
	HM_TRY(stream_open(cx, (struct stream_source){ stream_read_str, &bytes }, &s));
	TAR_AUTO t = tar_open(cx, &events, &u);
	hm_err err = feed_tar(cx, &s, t);
	hm_close_fd(&u.fd);
	return err;
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

hm_err trust_plugin_unpack(struct hm_cx *cx, struct hm_str bytes, struct hm_str file_name,
			   struct trust_plugin_files *files)
{
	if (bytes.n >= HM_MAX_PLUGIN)
		return hm_fail(cx, HM_LIMIT, "it is not smaller than %llu MiB",
			       (unsigned long long)(HM_MAX_PLUGIN / HM_MIB));
	if (hm_starts(bytes, HM_STR("PK\3\4")) || hm_starts(bytes, HM_STR("PK\5\6"))) {
		HM_TRY(unpack_zip(cx, bytes, files));
	} else if (hm_starts(bytes, HM_STR("\x1f\x8b"))) {
		HM_TRY(unpack_tar(cx, bytes, files));
	} else {
		if (!is_program_name(file_name))
			return hm_fail(cx, HM_INPUT,
				       "\"%.*s\" is neither an archive nor a program with a name "
				       "like notation-NAME",
				       HM_FMT(file_name));
		HM_TRY(add_file(cx, files, file_name, true, bytes));
	}
	return choose_program(cx, files);
}
