/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders become the layers of an artifact. */
#include "cli/ship.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* The name under which a file is pulled again: relative, inside the folder. */
static struct hm_str title_of(struct hm_str path)
{
	while (hm_starts(path, HM_STR("./")))
		path = hm_from(path, 2);
	bool inside = path.n && path.p[0] != '/' && path.p[path.n - 1] != '/';
	for (struct hm_str rest = path; inside && rest.n;) {
		struct hm_str part = hm_cut(&rest, '/');
		inside = part.n && !hm_eqz(part, "..") && !hm_eqz(part, ".");
	}
	return inside ? path : hm_basename(path);
}

static bool is_folder(const char *path)
{
	struct stat sb;
	return stat(path, &sb) == 0 && S_ISDIR(sb.st_mode);
}

/* FILE[:TYPE]; a file whose name has a colon wins over the type. */
static hm_err split_file(struct hm_cx *cx, const char *text, struct hm_str *out_path,
			 struct hm_str *out_type)
{
	struct hm_str path = hm_cstr(text);
	size_t colon = hm_rfind_char(path, ':');
	if (colon != SIZE_MAX && !hm_exists(text)) {
		*out_type = hm_from(path, colon + 1);
		path = hm_sub(path, 0, colon);
		if (hm_find_char(*out_type, '/') == SIZE_MAX)
			return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a valid media type",
				       HM_FMT(*out_type));
	}
	*out_path = path;
	return NULL;
}

/* Standard input may be a pipe: it is kept in a file without a name. */
static hm_err push_stdin(struct hm_cx *cx, struct oci_place *p, struct hm_str type,
			 struct oci_descriptor *out)
{
	enum { STEP = 64 * 1024 };
	HM_AUTO_FD fd = -1;
	char *room = hm_new(cx, char, STEP);
	uint64_t total = 0;
	HM_TRY(hm_temp_fd(cx, &fd));
	for (ssize_t got = 1; got; total += (uint64_t)got) {
		do
			got = read(STDIN_FILENO, room, STEP);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			return hm_fail_os(cx, "could not read standard input");
		if ((uint64_t)got > HM_MAX_BLOB - total)
			return hm_fail(cx, HM_LIMIT, "standard input is larger than %llu bytes",
				       (unsigned long long)HM_MAX_BLOB);
		HM_TRY(hm_write_all(cx, fd, "temporary file", hm_bytes(room, (size_t)got)));
	}
	return oci_push_fd(cx, p, fd, "standard input", type, out);
}

/* What --annotation-file says about one thing. */
static hm_err add_annotations(struct hm_cx *cx, struct json file, struct hm_str about,
			      struct oci_annotations *out)
{
	struct json of = json_get_str(file, about);
	if (!json_is_there(of))
		return NULL;
	if (!json_is_object(of))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not an object", HM_FMT(about));
	for (struct json_iter it = json_iter(of); json_next(&it);) {
		if (!json_is_string(it.value))
			return hm_fail(cx, HM_INPUT, "\"%.*s\": \"%.*s\" is not a string",
				       HM_FMT(about), HM_FMT(it.key));
		if (oci_annotation_get(out, hm_dupz(cx, it.key)).n)
			return hm_fail(cx, HM_USAGE, "annotation \"%.*s\" is given twice",
				       HM_FMT(it.key));
		*hm_push(cx, out) = (struct oci_annotation){ it.key, json_str(it.value) };
	}
	return NULL;
}

static hm_err push_file(struct hm_cx *cx, struct oci_place *p, const char *text, struct json notes,
			struct oci_descriptor *out)
{
	struct hm_str path, type = { "", 0 };
	HM_TRY(split_file(cx, text, &path, &type));
	const char *file = hm_dupz(cx, path);
	bool folder = is_folder(file), standard_input = hm_eqz(path, "-");
	while (folder && path.n > 1 && hm_ends(path, HM_STR("/")))
		path.n--;
	struct hm_str title = standard_input ? HM_STR("stdin") : title_of(path);
	if (folder && (hm_eqz(title, ".") || hm_eqz(title, "..") || title.n == 0))
		return hm_hint(cx, hm_fail(cx, HM_USAGE, "the folder \"%s\" has no name", file),
			       "give the folder by its name, from the folder above");
	if (folder)
		HM_TRY(oci_push_folder(cx, p, file, title, type, out));
	else if (standard_input)
		HM_TRY(push_stdin(cx, p, type.n ? type : HM_STR(OCI_LAYER), out));
	else
		HM_TRY(oci_push_file(cx, p, file, type.n ? type : HM_STR(OCI_LAYER), out));
	HM_TRY(add_annotations(cx, notes, path, &out->annotations));
	if (!hm_eq(path, title))
		HM_TRY(add_annotations(cx, notes, title, &out->annotations));
	if (oci_annotation_get(&out->annotations, OCI_TITLE).n == 0)
		*hm_push(cx, &out->annotations) =
			(struct oci_annotation){ HM_STR(OCI_TITLE), title };
	return NULL;
}

static hm_err push_config(struct hm_cx *cx, struct oci_place *p, const char *text,
			  struct json notes, struct oci_descriptor *out)
{
	struct hm_str path, type = HM_STR("application/vnd.unknown.config.v1+json");
	HM_TRY(split_file(cx, text, &path, &type));
	HM_TRY(oci_push_file(cx, p, hm_dupz(cx, path), type, out));
	return add_annotations(cx, notes, HM_STR("$config"), &out->annotations);
}

static hm_err manifest_annotations(struct hm_cx *cx, const struct hm_strs *given, struct json notes,
				   struct oci_annotations *out)
{
	for (size_t i = 0; i < given->n; i++) {
		struct hm_str value = given->p[i], key = hm_cut(&value, '=');
		if (key.n == 0 || key.n == given->p[i].n)
			return hm_fail(cx, HM_USAGE, "annotation \"%.*s\" is not KEY=VALUE",
				       HM_FMT(given->p[i]));
		if (oci_annotation_get(out, hm_dupz(cx, key)).n)
			return hm_fail(cx, HM_USAGE, "annotation \"%.*s\" is given twice",
				       HM_FMT(key));
		*hm_push(cx, out) = (struct oci_annotation){ key, value };
	}
	HM_TRY(add_annotations(cx, notes, HM_STR("$manifest"), out));
	int64_t when;
	if (hm_source_date_epoch(&when) && oci_annotation_get(out, OCI_CREATED).n == 0)
		*hm_push(cx, out) =
			(struct oci_annotation){ HM_STR(OCI_CREATED), hm_rfc3339(cx, when) };
	return NULL;
}

static hm_err read_notes(struct hm_cx *cx, const char *path, struct json *out)
{
	struct hm_str text;
	if (!path)
		return NULL;
	HM_TRY(hm_read_file(cx, path, HM_MAX_MANIFEST, &text));
	HM_TRY_IN(cx, json_parse(cx, text, JSON_STRICT, out), "\"%s\"", path);
	if (!json_is_object(*out))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not an object", path);
	return NULL;
}

static hm_err push_layers(struct hm_cx *cx, struct oci_place *p, const struct ship_artifact *a,
			  struct json notes, struct oci_manifest *m)
{
	struct hm_map titles = { 0 };
	if (a->files_n > HM_MAX_MANIFEST_LAYERS)
		return hm_fail(cx, HM_LIMIT, "more than %llu files",
			       (unsigned long long)HM_MAX_MANIFEST_LAYERS);
	struct oci_descriptor *layers = hm_new(cx, struct oci_descriptor, a->files_n);
	for (size_t i = 0; i < a->files_n; i++) {
		HM_TRY(push_file(cx, p, a->files[i], notes, &layers[i]));
		struct hm_str title = oci_annotation_get(&layers[i].annotations, OCI_TITLE);
		if (hm_map_has(&titles, title))
			return hm_fail(cx, HM_USAGE, "two files would be called \"%.*s\"",
				       HM_FMT(title));
		hm_map_put(cx, &titles, title, layers);
	}
	if (a->files_n) {
		m->layers = layers;
		m->layers_n = a->files_n;
	}
	return NULL;
}

hm_err cli_ship_push(struct hm_cx *cx, struct oci_place *p, const struct ship_artifact *a,
		     struct oci_descriptor *out)
{
	const struct ship_opts *o = a->opts;
	struct hm_str empty = HM_STR(OCI_EMPTY_BYTES), bytes;
	struct json notes = { 0 };
	struct oci_descriptor nothing = { .media_type = HM_STR(OCI_EMPTY),
					  .digest = crypto_digest_text(cx, CRYPTO_SHA256, empty),
					  .size = empty.n,
					  .data = empty };
	struct oci_manifest m = {
		.kind = OCI_IS_MANIFEST,
		.media_type = HM_STR(OCI_MANIFEST),
		.artifact_type = hm_cstr(o->artifact_type),
		.config = nothing,
		.layers = &nothing,
		.layers_n = 1,
		.subject = { .media_type = a->subject.media_type,
			     .digest = a->subject.digest,
			     .size = a->subject.size },
	};
	if (!o->artifact_type && !o->config)
		m.artifact_type = HM_STR("application/vnd.unknown.artifact.v1");
	HM_TRY(read_notes(cx, o->annotation_file, &notes));
	HM_TRY(manifest_annotations(cx, &o->annotations, notes, &m.annotations));
	struct hm_progress *bar = hm_progress_start("pushing", 0);
	oci_show(p, bar);
	hm_err err = push_layers(cx, p, a, notes, &m);
	oci_show(p, NULL);
	hm_progress_end(bar);
	HM_TRY(err);
	if (o->config)
		HM_TRY(push_config(cx, p, o->config, notes, &m.config));
	if (!o->config || m.layers == &nothing)
		HM_TRY(oci_push_bytes(cx, p, &nothing, empty));
	HM_TRY(oci_manifest_format(cx, &m, &bytes));
	HM_TRY(oci_push_manifest(cx, p, bytes, m.media_type, a->tag, out));
	out->annotations = m.annotations;
	return o->export_manifest ? hm_output_write(cx, o->export_manifest, bytes, 0644) : NULL;
}
