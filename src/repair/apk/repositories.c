/* SPDX-License-Identifier: Apache-2.0 */
/* apk-repositories(5), and the keys that sign their indexes. */
#include "repair/apk/apk.h"

enum { KEYS_MAX = 64 };

static hm_err add_url(struct hm_cx *cx, struct apk_repositories *to, struct hm_str url)
{
	if (to->urls.n >= HM_MAX_REPAIR_REPOSITORIES)
		return hm_fail(cx, HM_LIMIT, "more than %llu package repositories",
			       (unsigned long long)HM_MAX_REPAIR_REPOSITORIES);
	while (url.n > 1 && hm_ends(url, HM_STR("/")))
		url.n--;
	if (!hm_strs_has(&to->urls, url))
		*hm_push(cx, &to->urls) = url;
	return NULL;
}

/* A folder of the image would be one of this machine. */
static hm_err read_line(struct hm_cx *cx, const struct repair_run *run, struct hm_str line,
			struct apk_repositories *to)
{
	struct hm_strs *notes = &run->result->notes;
	line = hm_trim(hm_cut(&line, '#'));
	if (!line.n)
		return NULL;
	if (hm_starts(line, HM_STR("@"))) {
		*hm_push(cx, notes) =
			hm_fmt(cx,
			       "repository %.*s was not used: nothing comes by itself from one "
			       "that has a tag",
			       HM_FMT(line));
		return NULL;
	}
	if (repair_is_url(line) && hm_find_char(line, ' ') == SIZE_MAX)
		return add_url(cx, to, line);
	*hm_push(cx, notes) =
		hm_fmt(cx, "repository %.*s was not used: it is not an address", HM_FMT(line));
	return NULL;
}

static hm_err read_file(struct hm_cx *cx, const struct repair_run *run, const struct repair_node *n,
			struct apk_repositories *to)
{
	if (!n || n->is_gone || n->type != TAR_FILE || !n->is_kept)
		return NULL;
	for (struct hm_str text = n->content; text.n;)
		HM_TRY(read_line(cx, run, hm_line(&text), to));
	return NULL;
}

static hm_err read_image(struct hm_cx *cx, const struct repair_run *run,
			 struct apk_repositories *to)
{
	const struct repair_root *r = &run->root;
	HM_TRY(read_file(cx, run, repair_root_at(r, HM_STR("etc/apk/repositories")), to));
	const struct repair_node *d = repair_root_at(r, HM_STR("etc/apk/repositories.d"));
	for (const struct repair_node *n = d ? d->first : NULL; n; n = n->next)
		if (hm_ends(n->path, HM_STR(".list")))
			HM_TRY(read_file(cx, run, n, to));
	return NULL;
}

static hm_err read_keys(struct hm_cx *cx, const struct repair_run *run, struct apk_repositories *to)
{
	const struct repair_node *d = repair_root_at(&run->root, HM_STR("etc/apk/keys"));
	for (const struct repair_node *n = d ? d->first : NULL; n; n = n->next)
		if (!n->is_gone && n->type == TAR_FILE && n->is_kept && to->keys.n < KEYS_MAX)
			*hm_push(cx, &to->keys) =
				(struct apk_key){ hm_basename(n->path), n->content, false };
	for (size_t i = 0; i < run->o->keyrings.n; i++) {
		struct hm_str bytes, name = run->o->keyrings.p[i];
		HM_TRY(hm_read_file(cx, hm_dupz(cx, name), HM_MAX_REPAIR_KEYRINGS, &bytes));
		*hm_push(cx, &to->keys) = (struct apk_key){ hm_basename(name), bytes, true };
	}
	return NULL;
}

hm_err repair_apk_repositories(struct hm_cx *cx, const struct repair_run *run,
			       struct apk_repositories *out)
{
	struct apk_repositories r = { 0 };
	for (size_t i = 0; i < run->o->repositories.n; i++)
		HM_TRY(add_url(cx, &r, run->o->repositories.p[i]));
	if (!run->o->repositories.n)
		HM_TRY(read_image(cx, run, &r));
	HM_TRY(read_keys(cx, run, &r));
	*out = r;
	if (!out->urls.n)
		return hm_hint(cx, hm_fail(cx, HM_INPUT, "the image names no package repository"),
			       "--repo URL or FOLDER");
	return NULL;
}
