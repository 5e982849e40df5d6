/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"
#include "cli/ship.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

struct pull {
	const char *folder, *platform, *config, *template;
	bool keep, layout;
	uint64_t concurrency;
	struct hm_strs format;
};

/* A title comes from a stranger: it may only name something below the folder. */
static hm_err check_title(struct hm_cx *cx, struct hm_str title)
{
	struct hm_str rest = title;
	bool good = title.n <= HM_MAX_PATH && title.p[0] != '/' && title.p[title.n - 1] != '/';
	for (size_t i = 0; good && i < title.n; i++)
		good = (unsigned char)title.p[i] >= ' ' && title.p[i] != 0x7f && title.p[i] != '\\';
	while (good && rest.n) {
		struct hm_str part = hm_cut(&rest, '/');
		good = part.n && part.n <= 255 && !hm_eqz(part, "..") && !hm_eqz(part, ".");
	}
	if (good)
		return NULL;
	return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a valid name for a file below the folder",
		       HM_FMT(hm_sub(title, 0, 300)));
}

/* The folders on the way exist afterwards, and none is a link that would lead out. */
static hm_err make_folders(struct hm_cx *cx, const char *folder, struct hm_str title)
{
	struct hm_str dir = hm_dirname(title);
	for (size_t i = 0; i <= dir.n && dir.n; i++) {
		struct stat sb;
		if (i < dir.n && dir.p[i] != '/')
			continue;
		const char *path = hm_path(cx, folder, hm_dupz(cx, hm_sub(dir, 0, i)));
		if (lstat(path, &sb) == 0 && !S_ISDIR(sb.st_mode))
			return hm_fail(cx, HM_INPUT, "\"%s\" is in the way: it is not a folder",
				       path);
		HM_TRY(hm_mkdirs(cx, path, 0755));
	}
	return NULL;
}

static hm_err add_bytes(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	const struct hm_newfile *f = arg;
	return hm_write_all(cx, f->fd, f->path, bytes);
}

static hm_err start_again(struct hm_cx *cx, void *arg)
{
	const struct hm_newfile *f = arg;
	if (ftruncate(f->fd, 0) < 0 || lseek(f->fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not empty \"%s\"", f->path);
	return NULL;
}

static bool is_folder(const struct oci_descriptor *d)
{
	return hm_eqz(oci_annotation_get(&d->annotations, OCI_UNPACK), "true");
}

/* The name comes from a stranger: a device or FIFO of that name is left alone, a link is followed
 * only to a file below the folder. */
static hm_err check_place(struct hm_cx *cx, const char *folder, const char *path)
{
	struct stat sb;
	char root[PATH_MAX], real[PATH_MAX];
	HM_TRY(hm_check_replaceable(cx, path));
	if (lstat(path, &sb) < 0 || !S_ISLNK(sb.st_mode))
		return NULL;
	if (!realpath(folder, root))
		return hm_fail_os(cx, "could not look at \"%s\"", folder);
	struct hm_str inside = hm_cstr(hm_path(cx, root, ""));
	if (!realpath(path, real) || !hm_starts(hm_cstr(real), inside))
		return hm_fail(
			cx, HM_INPUT,
			"\"%s\" is in the way: it is a symbolic link that does not lead to a file below \"%s\"",
			path, folder);
	return hm_check_replaceable(cx, real);
}

static hm_err write_file(struct hm_cx *cx, struct oci_place *p, const char *folder,
			 const char *path, const struct oci_descriptor *d)
{
	HM_AUTO_NEWFILE f = { .fd = -1 };
	HM_TRY(check_place(cx, folder, path));
	HM_TRY(hm_output_open(cx, path, 0644, &f));
	HM_TRY(oci_fetch_to(cx, p, d, (struct oci_sink){ add_bytes, start_again, &f }));
	return hm_newfile_commit(cx, &f);
}

static hm_err pull_file(struct hm_cx *cx, struct oci_place *p, const char *folder,
			const struct oci_descriptor *d, struct hm_str title)
{
	const char *path = hm_path(cx, folder, hm_dupz(cx, title));
	HM_TRY(make_folders(cx, folder, title));
	return is_folder(d) ? oci_pull_folder(cx, p, d, title, path)
			    : write_file(cx, p, folder, path, d);
}

struct pulled {
	struct hm_str *titles; /* of each layer; empty: it has none */
	size_t named;
};

static hm_err find_titles(struct hm_cx *cx, const struct oci_manifest *m, struct pulled *out)
{
	struct hm_map seen = { 0 };
	out->titles = hm_new(cx, struct hm_str, m->layers_n);
	for (size_t i = 0; i < m->layers_n; i++) {
		struct hm_str title = oci_annotation_get(&m->layers[i].annotations, OCI_TITLE);
		if (title.n == 0)
			continue;
		HM_TRY_IN(cx, check_title(cx, title), "layer %zu", i + 1);
		if (hm_map_has(&seen, title))
			return hm_fail(cx, HM_INPUT, "layer %zu: a second \"%.*s\"", i + 1,
				       HM_FMT(title));
		hm_map_put(cx, &seen, title, out);
		out->titles[i] = title;
		out->named++;
	}
	return NULL;
}

/* --keep-old-files: before anything is written, is anything in the way? */
static hm_err check_old(struct hm_cx *cx, const char *folder, const struct pulled *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct stat sb;
		const char *path = hm_path(cx, folder, hm_dupz(cx, files->titles[i]));
		if (files->titles[i].n && lstat(path, &sb) == 0)
			return hm_hint(cx, hm_fail(cx, HM_INPUT, "\"%s\" already exists", path),
				       "omit --keep-old-files to replace it");
	}
	return NULL;
}

enum { FILE_BUDGET = 64 << 20 };

/* Files that are written at the same time. */
struct files_job {
	struct oci_place *p;
	const char *folder;
	const struct oci_manifest *m;
	const struct pulled *files;
};

/* A file below what is a file or folder of its own: which comes first matters. */
static bool is_nested(struct hm_cx *cx, const struct oci_manifest *m, const struct pulled *files)
{
	struct hm_map titles = { 0 };
	for (size_t i = 0; i < m->layers_n; i++)
		if (files->titles[i].n)
			hm_map_put(cx, &titles, files->titles[i], &titles);
	for (size_t i = 0; i < m->layers_n; i++)
		for (struct hm_str dir = hm_dirname(files->titles[i]); dir.n; dir = hm_dirname(dir))
			if (hm_map_has(&titles, dir))
				return true;
	return false;
}

static hm_err pull_one(struct hm_cx *cx, void *arg, size_t i)
{
	const struct files_job *j = arg;
	struct hm_str title = j->files->titles[i];
	if (!title.n)
		return NULL;
	HM_TRY_IN(cx, pull_file(cx, j->p, j->folder, &j->m->layers[i], title), "\"%.*s\"",
		  HM_FMT(title));
	return NULL;
}

static hm_err write_all(struct hm_cx *cx, const struct pull *o, struct oci_place *p,
			const struct oci_manifest *m, const struct pulled *files)
{
	const char *folder = o->folder ? o->folder : ".";
	struct files_job job = { p, folder, m, files };
	if (o->keep)
		HM_TRY(check_old(cx, folder, files, m->layers_n));
	HM_TRY(hm_mkdirs(cx, folder, 0755));
	unsigned at_once = is_nested(cx, m, files) ? 1 : (unsigned)o->concurrency;
	HM_TRY(hm_parallel(cx, m->layers_n, at_once ? at_once : 1, FILE_BUDGET, pull_one, &job));
	if (!o->config)
		return NULL;
	if (!m->config.digest.n)
		return hm_fail(cx, HM_INPUT, "the artifact has no configuration");
	HM_TRY_IN(cx, check_title(cx, hm_cstr(o->config)), "--config");
	HM_TRY(make_folders(cx, folder, hm_cstr(o->config)));
	return write_file(cx, p, folder, hm_path(cx, folder, o->config), &m->config);
}

/* What was pulled, and where to. */
struct pull_answer {
	const struct pull *opts;
	struct oci_target target;
	struct oci_descriptor descriptor;
	struct oci_manifest manifest;
	struct pulled files;
};

static void describe_files(struct hm_cx *cx, const void *data, struct json_out *j)
{
	const struct pull_answer *a = data;
	(void)cx;
	json_put_str(j, "digest", a->descriptor.digest);
	json_open(j, "files", '[');
	for (size_t i = 0; i < a->manifest.layers_n; i++) {
		const struct oci_descriptor *layer = &a->manifest.layers[i];
		if (a->files.titles[i].n == 0)
			continue;
		json_open(j, NULL, '{');
		json_put_str(j, "path", a->files.titles[i]);
		json_put_str(j, "mediaType", layer->media_type);
		json_put_str(j, "digest", layer->digest);
		json_put_int(j, "size", (int64_t)layer->size);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* The absolute path, as ORAS has it: with a slash behind that of a folder. */
static hm_err put_path(struct hm_cx *cx, struct json_out *j, const char *folder,
		       const struct oci_descriptor *d, struct hm_str title)
{
	char root[PATH_MAX];
	if (!realpath(folder, root))
		return hm_fail_os(cx, "could not look at \"%s\"", folder);
	const char *path = hm_path(cx, root, hm_dupz(cx, title));
	json_put_str(j, "path", hm_fmt(cx, "%s%s", path, is_folder(d) ? "/" : ""));
	return NULL;
}

static hm_err describe_plain(struct hm_cx *cx, const void *data, struct json_out *j)
{
	const struct pull_answer *a = data;
	const char *folder = a->opts->folder ? a->opts->folder : ".";
	bool layout = a->opts->layout;
	cli_ship_put_reference(cx, j, &a->target, layout, a->descriptor.digest);
	if (!a->files.named) {
		json_put_null(j, "files");
		return NULL;
	}
	json_open(j, "files", '[');
	for (size_t i = 0; i < a->manifest.layers_n; i++) {
		const struct oci_descriptor *layer = &a->manifest.layers[i];
		if (a->files.titles[i].n == 0)
			continue;
		json_open(j, NULL, '{');
		HM_TRY(put_path(cx, j, folder, layer, a->files.titles[i]));
		cli_ship_put(cx, j, &a->target, layout, layer);
		json_close(j, '}');
	}
	json_close(j, ']');
	return NULL;
}

static hm_err write_lines(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *b)
{
	const struct pull_answer *a = data;
	(void)cx, (void)format;
	for (size_t i = 0; i < a->manifest.layers_n; i++)
		if (a->files.titles[i].n) {
			hm_buf_fmt(b, "%.*s  ", HM_FMT(a->manifest.layers[i].digest));
			hm_buf_safe(b, a->files.titles[i]);
			hm_buf_char(b, '\n');
		}
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.pull/1",
	.describe = describe_files,
	.describe_plain = describe_plain,
	.write = write_lines,
};

static uint64_t bytes_of(const struct oci_manifest *m, const struct pulled *files)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < m->layers_n; i++)
		sum += files->titles[i].n ? m->layers[i].size : 0;
	return sum;
}

static hm_err read_outputs(struct hm_cx *cx, const struct cli *cli, const struct pull *o,
			   struct cli_outputs *out)
{
	struct hm_strs given;
	HM_TRY(cli_with_template(cx, &o->format, o->template, &given));
	hm_err err = cli_read_outputs(cx, cli->command->formats, &given, out);
	return err ? hm_hint(cx, err, "--output DIR is the folder; -o is the output format") : NULL;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct pull *o = opts;
	struct pull_answer a = { .opts = o };
	struct oci_platform want;
	struct cli_outputs outputs;
	OCI_AUTO_PLACE p = NULL;
	(void)args_n;
	HM_TRY(read_outputs(cx, cli, o, &outputs));
	HM_TRY(cli_ship_concurrency(cx, cli, o->concurrency));
	if (o->platform)
		HM_TRY(oci_platform_parse(cx, hm_cstr(o->platform), &want));
	HM_TRY(cli_ship_open(cx, cli, cli_ship_text(cx, args[0], o->layout), OCI_READ, &a.target,
			     &p));
	HM_TRY(oci_resolve(cx, p, HM_STR(""), &a.descriptor));
	HM_TRY_IN(cx,
		  oci_image(cx, p, &a.descriptor, o->platform ? &want : NULL, &a.descriptor,
			    &a.manifest),
		  "\"%s\"", args[0]);
	HM_TRY_IN(cx, find_titles(cx, &a.manifest, &a.files), "\"%s\"", args[0]);
	struct hm_progress *bar = hm_progress_start("pulling", bytes_of(&a.manifest, &a.files));
	oci_show(p, bar);
	hm_err err = write_all(cx, o, p, &a.manifest, &a.files);
	oci_show(p, NULL);
	hm_progress_end(bar);
	HM_TRY_IN(cx, err, "\"%s\"", args[0]);
	if (a.files.named < a.manifest.layers_n)
		hm_log(cx, HM_LOG_WARN, "layers without a name were not written", "layers",
		       hm_fmt(cx, "%zu", a.manifest.layers_n - a.files.named).p, NULL);
	return cli_answer_write(cx, &outputs, &answer, &a);
}

extern const struct cli_command cli_pull;
const struct cli_command cli_pull = {
	.name = "pull",
	.group = "Shipping",
	.args = "TARGET",
	.help = "write the files of an artifact into a folder",
	.about =
		"Every layer that has a name is written under it, below the folder; a name that would lead\n"
		"out of the folder is refused. Each file is verified, and appears when it is whole. A layer\n"
		"that was made of a folder, by `push` or by `oras push`, is unpacked, in a worker process\n"
		"without rights: nothing is written outside of that folder, and an archive in which a name\n"
		"or a link leads out of it is refused as a whole. What else is in the folder already stays.\n"
		"Layers without a name, such as those of images, are left out: `copy` takes those.\n"
		"\n"
		"The JSON (hullmark.pull/1) has \"digest\" of the manifest and \"files\": \"path\", \"mediaType\",\n"
		"\"digest\" and \"size\" of each layer that was written.",
	.examples = "  $ hullmark pull registry.example.com/reports:2026 --output reports",
	.formats = CLI_AS_ANSWER | CLI_AS_TEMPLATE,
	.opts_size = sizeof(struct pull),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_SHIP_CONCURRENCY(pull, concurrency),
		CLI_OPT(pull, config, "config", CLI_TEXT, 0, "FILE",
			"write the artifact's configuration to FILE, below the folder"),
		CLI_OPT(pull, format, "format", CLI_FORMATS, 'o', "FORMAT[=FILE]",
			"the output format"),
		CLI_OPT(pull, keep, "keep-old-files", CLI_FLAG, 'k', NULL,
			"replace nothing: a file that is there already is an error"),
		CLI_OPT(pull, layout, "oci-layout", CLI_FLAG, 0, NULL,
			"the target is the path of an OCI layout: the same as oci:PATH"),
		CLI_OPT(pull, folder, "output", CLI_TEXT, 0, "DIR", "the folder; default: this one"),
		CLI_OPT(pull, platform, "platform", CLI_TEXT, 0, "OS/ARCH[/VARIANT]",
			"the artifact of one platform"),
		CLI_TEMPLATE(pull, template),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
