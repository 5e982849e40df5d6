/* SPDX-License-Identifier: Apache-2.0 */
/* In workers: what an archive says of itself. */
#include <sys/stat.h>

#include "base/worker.h"
#include "codec/tar.h"
#include "codec/zip.h"
#include "repair/java/archive.h"
#include "repair/java/java.h"

enum { SAMPLE = 64, CLASS_HEAD = 8 };

/* ------------------------------------------------------------------ an archive */

static bool is_plain(struct hm_str s)
{
	return hm_is_utf8(s) && !hm_has_control(s);
}

static void put_plain(struct json_out *o, const char *key, struct hm_str s)
{
	json_put_str(o, key, is_plain(s) ? s : HM_STR(""));
}

static void put_list(struct json_out *o, const char *key, const struct hm_strs *v)
{
	json_open(o, key, '[');
	for (size_t i = 0; i < v->n && i < HM_MAX_REPAIR_NAMES; i++)
		if (is_plain(v->p[i]))
			json_put_str(o, NULL, v->p[i]);
	json_close(o, ']');
}

static const struct inventory_requirement *find_managed(const struct inventory_pom *pom,
							const struct inventory_requirement *r)
{
	for (size_t i = 0; i < pom->managed.n; i++)
		if (hm_eq(pom->managed.p[i].group, r->group) &&
		    hm_eq(pom->managed.p[i].artifact, r->artifact))
			return &pom->managed.p[i];
	return NULL;
}

/* Is it on the class path of what runs? */
static bool counts(const struct inventory_requirement *r)
{
	static const char *const scopes[] = { "", "compile", "runtime" };
	bool good = false;
	for (size_t i = 0; i < HM_LEN(scopes); i++)
		good = good || hm_eqz(r->scope, scopes[i]);
	return good && !hm_eqz(r->optional, "true") && !r->classifier.n && r->group.n &&
	       r->artifact.n && (!r->type.n || hm_eqz(r->type, "jar"));
}

/* What only the parent's pom tells, the parts of one project have in common mostly: their version.
 */
static struct hm_str required_version(const struct inventory_pom *pom,
				      const struct inventory_requirement *r)
{
	const struct inventory_requirement *managed = find_managed(pom, r);
	if (r->version.n || (managed && managed->version.n))
		return r->version.n ? r->version : managed->version;
	return hm_eq(r->group, pom->group) ? pom->version : HM_STR("");
}

void repair_java_put_requires(struct hm_cx *cx, struct hm_str text, struct json_out *o)
{
	struct inventory_pom pom;
	inventory_pom_read(cx, text, &pom);
	json_open(o, "requires", '[');
	for (size_t i = 0; i < pom.requires.n; i++) {
		const struct inventory_requirement *r = &pom.requires.p[i];
		if (!counts(r))
			continue;
		json_open(o, NULL, '{');
		put_plain(o, "group", r->group);
		put_plain(o, "artifact", r->artifact);
		put_plain(o, "version", required_version(&pom, r));
		json_close(o, '}');
	}
	json_close(o, ']');
}

static bool is_class(struct hm_str name)
{
	return hm_ends(name, HM_STR(".class")) && !hm_starts(name, HM_STR("META-INF/")) &&
	       !hm_eqz(hm_basename(name), "module-info.class");
}

/* JVMS 4.1: u4 magic, u2 minor, u2 major. Of an old jar the first ones tell enough. */
static hm_err find_major(struct hm_cx *cx, const struct zip *zip, bool closely, uint64_t *out)
{
	size_t n = 0;
	for (size_t i = 0; i < zip->n && (closely || n < SAMPLE); i++) {
		struct hm_mark mark = hm_mark(cx);
		struct hm_str bytes;
		if (!is_class(zip->entries[i].name) && !closely)
			continue;
		HM_TRY(zip_read(cx, zip, &zip->entries[i], 0, &bytes));
		if (is_class(zip->entries[i].name) && bytes.n >= CLASS_HEAD) {
			struct hm_cur c = hm_cur(hm_from(bytes, 6));
			uint64_t major = hm_be(&c, 2);
			*out = major > *out ? major : *out;
			n++;
		}
		hm_release(cx, mark);
		HM_TRY(hm_alive(cx));
	}
	return NULL;
}

static int64_t newest_of(const struct zip *zip)
{
	int64_t newest = 0;
	for (size_t i = 0; i < zip->n; i++)
		newest = zip->entries[i].mtime > newest ? zip->entries[i].mtime : newest;
	return newest;
}

/* What it would be called by its manifest, its classes and its poms alone. */
static hm_err read_bare(struct hm_cx *cx, struct hm_str artifact, struct hm_str bytes,
			struct hm_str *out)
{
	struct inventory_archive bare;
	HM_TRY(inventory_archive_read(cx, hm_fmt(cx, "%.*s.jar", HM_FMT(artifact)), bytes, &bare));
	*out = bare.version;
	return NULL;
}

hm_err repair_java_put_archive(struct hm_cx *cx, struct hm_str path, struct hm_str bytes,
			       bool closely, struct json_out *o)
{
	struct inventory_archive a;
	struct zip zip = { 0 };
	struct hm_str bare;
	uint64_t major = 0;
	HM_TRY(inventory_archive_read(cx, path, bytes, &a));
	HM_TRY(read_bare(cx, a.artifact, bytes, &bare));
	HM_TRY(zip_open(cx, bytes, &zip));
	HM_TRY(find_major(cx, &zip, closely, &major));
	put_plain(o, "group", a.group);
	put_plain(o, "artifact", a.artifact);
	put_plain(o, "version", a.version);
	put_plain(o, "bare", bare);
	json_put_bool(o, "isStated", a.is_stated);
	json_put_bool(o, "isGuessed", a.group_guessed);
	json_put_int(o, "major", (int64_t)major);
	put_plain(o, "signedBy", repair_java_signature(&zip));
	json_put_int(o, "time", newest_of(&zip));
	put_list(o, "parts", &a.parts);
	put_list(o, "classPath", &a.class_path);
	put_list(o, "inner", &a.inner);
	json_put_bool(o, "hasPom", a.pom.n > 0);
	repair_java_put_requires(cx, a.pom, o);
	return NULL;
}

/* ------------------------------------------------------------------ one that is taken */

enum { LOCAL_NAME_SIZE = 26, LOCAL_SIZE = 30 };

/* APPNOTE 4.3.7: a reader that goes from entry to entry sees this name. */
static bool has_local_name(const struct zip *zip, const struct zip_entry *e)
{
	struct hm_str at =
		hm_from(zip->bytes, e->offset < zip->bytes.n ? (size_t)e->offset : zip->bytes.n);
	struct hm_cur c = hm_cur(hm_from(at, LOCAL_NAME_SIZE));
	uint64_t n = hm_le(&c, 2);
	return !c.bad && n == e->name.n && hm_eq(hm_sub(at, LOCAL_SIZE, (size_t)n), e->name);
}

static hm_err check_entry(struct hm_cx *cx, const struct zip *zip, const struct zip_entry *e,
			  struct hm_map *seen)
{
	struct hm_str name = e->name, clean;
	if (hm_ends(name, HM_STR("/")))
		name.n--;
	HM_TRY(tar_clean_path(cx, name, &clean));
	if (!hm_eq(clean, name) || !is_plain(name) || hm_find_char(name, '\\') != SIZE_MAX)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a plain path", HM_FMT(e->name));
	if (S_ISLNK(e->mode) || (e->mode & S_IFMT && !S_ISREG(e->mode) && !S_ISDIR(e->mode)))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a plain file", HM_FMT(e->name));
	if (hm_map_has(seen, name) && hm_ends(e->name, HM_STR("/")))
		return NULL;
	if (hm_map_has(seen, name))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is there twice", HM_FMT(e->name));
	if (!has_local_name(zip, e))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" has another name where it lies",
			       HM_FMT(e->name));
	hm_map_put(cx, seen, name, seen);
	return NULL;
}

hm_err repair_java_look_closely(struct hm_cx *cx, struct hm_str path, struct hm_str bytes,
				struct hm_buf *out)
{
	struct json_out o = json_out(out, false);
	struct hm_map seen = { 0 };
	struct zip zip = { 0 };
	bool begins = false;
	HM_TRY(zip_open(cx, bytes, &zip));
	for (size_t i = 0; i < zip.n; i++) {
		HM_TRY(check_entry(cx, &zip, &zip.entries[i], &seen));
		begins = begins || zip.entries[i].offset == 0;
	}
	if (!begins)
		return hm_fail(cx, HM_INPUT, "something stands before its first entry");
	json_open(&o, NULL, '{');
	HM_TRY(repair_java_put_archive(cx, path, bytes, true, &o));
	json_close(&o, '}');
	return NULL;
}

/* `args`: the name of its file; empty: it is a pom. */
hm_err repair_java_jar_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct json_out o = json_out(out, false);
	struct hm_str bytes;
	if (!args.n) {
		HM_TRY(hm_read_fd(cx, in, "the pom", HM_MAX_REPAIR_POM, &bytes));
		json_open(&o, NULL, '{');
		repair_java_put_requires(cx, bytes, &o);
		json_close(&o, '}');
		return NULL;
	}
	HM_TRY(hm_read_fd(cx, in, "the jar", HM_MAX_REPAIR_JAR, &bytes));
	return repair_java_look_closely(cx, args, bytes, out);
}
