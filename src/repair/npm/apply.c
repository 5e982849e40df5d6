/* SPDX-License-Identifier: Apache-2.0 */
/* Tarballs into the layer, as npm unpacks them, in the place of what was there. */
#include "repair/npm/npm.h"

struct installing {
	const struct npm_place *at;
	const struct npm_package *package;
	const struct npm_choice *choice;
	struct json manifest;
	struct hm_buf text; /* of its package.json */
	bool is_manifest;
};

static void installing_done(struct installing *i)
{
	hm_buf_done(&i->text);
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *from)
{
	struct installing *i = arg;
	const struct repair_node *owner = i->package->node;
	struct tar_entry e = { .type = TAR_FILE,
			       .size = from->size,
			       .mtime = from->mtime,
			       .uid = owner->uid,
			       .gid = owner->gid };
	struct hm_str path =
		hm_fmt(cx, "%.*s/%.*s", HM_FMT(i->package->folder), HM_FMT(from->path));
	e.mode = from->mode & 0111 || repair_npm_is_bin(i->manifest, from->path) ? 0755 : 0644;
	i->is_manifest = hm_eqz(from->path, "package.json");
	HM_TRY(repair_vanish_keep(cx, i->at->vanish, path));
	HM_TRY(repair_root_place(cx, &i->at->run->root, path, &e.path));
	return repair_layer_put(cx, i->at->layer, &e);
}

static hm_err on_data(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct installing *i = arg;
	if (i->is_manifest)
		hm_buf_add(&i->text, bytes);
	return repair_layer_add(cx, i->at->layer, bytes);
}

/* All that is in its folder, except what is installed below it. */
static hm_err remove_old(struct hm_cx *cx, const struct npm_place *at, struct hm_str folder)
{
	const struct repair_node *top = repair_root_at(&at->run->root, folder), *n = top;
	struct hm_str nested = hm_fmt(cx, "%.*s/node_modules", HM_FMT(folder));
	while (n) {
		if (!n->is_gone && n->type != TAR_DIR)
			HM_TRY(repair_vanish_add(cx, at->vanish, n->path));
		if (n->first && !n->is_gone && !hm_eq(n->path, nested)) {
			n = n->first;
			continue;
		}
		while (n && n != top && !n->next)
			n = n->parent;
		n = n && n != top ? n->next : NULL;
	}
	return NULL;
}

static hm_err install(struct hm_cx *cx, const struct npm_place *at, const struct npm_planned *p,
		      const struct npm_choice *c)
{
	HM_CLEANUP(installing_done)
	struct installing i = { .at = at,
				.package = &p->packages.p[c->package],
				.choice = c,
				.text = HM_BUF(HM_MAX_REPAIR_CONTROL) };
	HM_AUTO_FD fd = -1;
	struct npm_events events = { on_entry, on_data, &i };
	struct repair_remote r = { c->url, c->digest, HM_MAX_REPAIR_ARCHIVE };
	struct hm_str sum;
	struct json before;
	HM_TRY(json_parse(cx, c->text, JSON_STRICT, &i.manifest));
	HM_TRY(json_parse(cx, i.package->text, (enum json_flags)(JSON_NO_NUL | JSON_ANY_NUMBER),
			  &before));
	HM_TRY(repair_fetch_remote(cx, at->run->o->http, &r, &fd, &sum));
	HM_TRY(repair_npm_read(cx, fd, &events));
	if (!hm_eq(hm_buf_str(&i.text), c->text))
		return hm_fail(cx, HM_TRUST, "its package.json is another than before");
	return repair_npm_bins(cx, at, i.package, before, i.manifest);
}

hm_err repair_npm_apply(struct hm_cx *cx, struct repair_language_run *l, struct repair_layer *layer)
{
	const struct npm_planned *p = l->own;
	struct repair_vanish vanish = { .root = &l->run->root };
	struct npm_place at = { l->run, layer, &vanish };
	for (size_t i = 0; i < p->choices.n; i++)
		HM_TRY_IN(cx, install(cx, &at, p, &p->choices.p[i]), "\"%.*s\"",
			  HM_FMT(hm_basename(p->choices.p[i].url)));
	for (size_t i = 0; i < p->choices.n; i++)
		HM_TRY(remove_old(cx, &at, p->packages.p[p->choices.p[i].package].folder));
	HM_TRY(repair_npm_locks(cx, &at, p));
	return repair_vanish_end(cx, &vanish, layer);
}
