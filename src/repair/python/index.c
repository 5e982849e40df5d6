/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of a simple index, as JSON (PEP 691), and folders of wheels: what of it fits. A file
 * without a digest is passed over: nothing would say that it is the one.
 */
#include "advisory/advisory.h"
#include "codec/json.h"
#include "repair/python/python.h"

static bool is_sha256(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (hm_hex_digit(s.p[i]) < 0 || (s.p[i] >= 'A' && s.p[i] <= 'F'))
			return false;
	return s.n == 64;
}

static bool is_older(struct hm_str a, struct hm_str b)
{
	int order;
	return advisory_scheme_of(HM_STR("pypi"))->compare(a, b, &order) && order < 0;
}

static bool is_same(struct hm_str a, struct hm_str b)
{
	int order;
	return advisory_scheme_of(HM_STR("pypi"))->compare(a, b, &order) && order == 0;
}

/* Into its place by version; of the same version the better one, or the one whose name is first. */
static void add_file(struct hm_cx *cx, struct python_files *all, const struct python_file *f)
{
	size_t i = 0;
	while (i < all->n && is_older(all->p[i].version, f->version))
		i++;
	if (i < all->n && is_same(all->p[i].version, f->version)) {
		if (f->rank > all->p[i].rank ||
		    (f->rank == all->p[i].rank && hm_cmp(f->url, all->p[i].url) < 0))
			all->p[i] = *f;
		return;
	}
	hm_push(cx, all);
	memmove(&all->p[i + 1], &all->p[i], (all->n - 1 - i) * sizeof(*f));
	all->p[i] = *f;
}

static void note_newest(struct python_files *all, struct hm_str version)
{
	if (!advisory_pep440_is_early(version) &&
	    (!all->newest.n || is_older(all->newest, version)))
		all->newest = version;
}

/* Does the name say that it is a wheel of this project, and one that fits? */
static bool read_name(struct hm_cx *cx, struct hm_str key, struct hm_str name,
		      const struct python_fit *fit, struct python_file *f)
{
	struct python_wheel_name w;
	if (!repair_python_wheel_name(name, &w) || !hm_eq(repair_python_key(cx, w.name), key) ||
	    !advisory_pep440_is_version(w.version))
		return false;
	f->version = w.version;
	f->rank = repair_python_rank(&w, fit);
	return true;
}

static struct hm_str metadata_digest(struct json file)
{
	struct json v = json_get(file, "core-metadata");
	if (!json_is_there(v))
		v = json_get(file, "dist-info-metadata");
	struct hm_str digest = json_str(json_get(v, "sha256"));
	return is_sha256(digest) ? digest : HM_STR("");
}

static hm_err read_file(struct hm_cx *cx, struct hm_str key, struct hm_str base, struct json file,
			const struct python_fit *fit, struct python_files *all)
{
	struct python_file f = { .sha256 = json_str(json_get(json_get(file, "hashes"), "sha256")),
				 .requires_python = json_str(json_get(file, "requires-python")),
				 .metadata_sha256 = metadata_digest(file) };
	struct json yanked = json_get(file, "yanked");
	if (json_bool(yanked) || json_is_string(yanked))
		return NULL;
	if (!read_name(cx, key, json_str(json_get(file, "filename")), fit, &f)) {
		all->has_others = true;
		return NULL;
	}
	note_newest(all, f.version);
	if (!f.rank) {
		all->has_others = true;
		return NULL;
	}
	if (!is_sha256(f.sha256)) {
		all->has_unhashed = true;
		return NULL;
	}
	HM_TRY(http_url_resolve(cx, base, json_str(json_get(file, "url")), &f.url));
	f.url = hm_sub(f.url, 0, hm_find_char(f.url, '#'));
	add_file(cx, all, &f);
	return NULL;
}

hm_err repair_python_index(struct hm_cx *cx, struct hm_str key, struct hm_str base,
			   struct hm_str page, const struct python_fit *fit,
			   struct python_files *out)
{
	struct json doc;
	HM_TRY(json_parse(cx, page, (enum json_flags)(JSON_NO_NUL | JSON_ANY_NUMBER), &doc));
	struct json files = json_get(doc, "files");
	struct hm_str version = json_str(json_get(json_get(doc, "meta"), "api-version"));
	if (!hm_starts(version, HM_STR("1.")) || !json_is_array(files))
		return hm_fail(cx, HM_INPUT, "it is not a page of a simple index, version 1");
	for (struct json_iter it = json_iter(files); json_next(&it);)
		HM_TRY(read_file(cx, key, base, it.value, fit, out));
	return NULL;
}

hm_err repair_python_folder(struct hm_cx *cx, struct hm_str key, struct hm_str page,
			    const struct python_fit *fit, struct python_files *out)
{
	while (page.n) {
		struct python_file f = { .url = hm_line(&page) };
		if (!read_name(cx, key, hm_basename(f.url), fit, &f))
			continue;
		note_newest(out, f.version);
		if (f.rank)
			add_file(cx, out, &f);
		else
			out->has_others = true;
	}
	return NULL;
}
