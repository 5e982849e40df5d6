/* SPDX-License-Identifier: Apache-2.0 */
/* Which packages an image has, and which of them are not ours to replace. */
#include "codec/stanza.h"
#include "repair/npm/npm.h"

struct hm_str repair_npm_name(struct hm_str folder)
{
	struct hm_str dir = hm_dirname(folder), name = hm_basename(folder);
	if (hm_starts(hm_basename(dir), HM_STR("@"))) {
		name = hm_from(folder, hm_dirname(dir).n + 1);
		dir = hm_dirname(dir);
	}
	return hm_eqz(hm_basename(dir), "node_modules") && name.n && *name.p != '.' ? name
										    : HM_STR("");
}

struct hm_str repair_npm_container(struct hm_str folder)
{
	struct hm_str name = repair_npm_name(folder);
	return hm_dirname(hm_sub(folder, 0, folder.n - name.n - 1));
}

struct hm_str repair_npm_app(struct hm_str folder)
{
	while (repair_npm_name(folder).n)
		folder = repair_npm_container(folder);
	return folder;
}

static bool is_manifest(const struct repair_node *n)
{
	return !n->is_gone && n->type == TAR_FILE && n->is_kept &&
	       hm_eqz(hm_basename(n->path), "package.json");
}

static bool is_package(const struct repair_node *n)
{
	return is_manifest(n) && repair_npm_name(hm_dirname(n->path)).n;
}

bool repair_npm_is_there(const struct repair_root *root)
{
	for (size_t i = 0; i < root->nodes.n; i++)
		if (is_package(root->nodes.entries[i].value))
			return true;
	return false;
}

hm_err repair_npm_node(struct hm_cx *cx, const struct repair_run *run, struct hm_str *out)
{
	static const struct hm_str head = HM_STR_INIT("NODE_VERSION=");
	struct stanza s = { 0 };
	struct hm_str text;
	bool there;
	*out = HM_STR("");
	for (struct json_iter it = json_iter(json_get(run->config, "Env")); json_next(&it);)
		if (hm_starts(json_str(it.value), head))
			*out = hm_from(json_str(it.value), head.n);
	if (out->n)
		return NULL;
	HM_TRY(repair_root_file(cx, &run->root, "var/lib/dpkg/status", &text, &there));
	while (stanza_next(cx, &text, &s))
		if (hm_eqz(stanza_get(&s, "Package"), "nodejs"))
			*out = stanza_get(&s, "Version");
	size_t n = 0;
	while (n < out->n && (hm_is_digit(out->p[n]) || out->p[n] == '.'))
		n++;
	*out = hm_sub(*out, 0, n);
	return NULL;
}

/* --- who keeps books of it --- */

static bool has(struct hm_cx *cx, const struct repair_root *root, struct hm_str folder,
		const char *name)
{
	return repair_root_at(root, folder.n ? hm_fmt(cx, "%.*s/%s", HM_FMT(folder), name)
					     : hm_cstr(name)) != NULL;
}

static struct hm_str why_by_layout(struct hm_cx *cx, const struct repair_root *root,
				   struct hm_str app)
{
	struct hm_str modules =
		app.n ? hm_fmt(cx, "%.*s/node_modules", HM_FMT(app)) : HM_STR("node_modules");
	if (has(cx, root, modules, ".modules.yaml") || has(cx, root, modules, ".pnpm") ||
	    has(cx, root, app, "pnpm-lock.yaml"))
		return HM_STR("pnpm installed it, whose lock file would not be true any more");
	if (has(cx, root, modules, ".yarn-integrity") ||
	    has(cx, root, modules, ".yarn-state.yml") || has(cx, root, app, "yarn.lock"))
		return HM_STR("Yarn installed it, whose lock file would not be true any more");
	return HM_STR("");
}

/* npm's lock files are rewritten where they list packages by their folders. */
static struct hm_str why_by_lock(struct hm_cx *cx, const struct repair_root *root,
				 struct hm_str app)
{
	static const char *const names[] = { "package-lock.json", "npm-shrinkwrap.json" };
	for (size_t i = 0; i < HM_LEN(names); i++) {
		const struct repair_node *n =
			repair_root_at(root, app.n ? hm_fmt(cx, "%.*s/%s", HM_FMT(app), names[i])
						   : hm_cstr(names[i]));
		struct json doc;
		int64_t version;
		if (!n)
			continue;
		if (!n->is_kept || json_parse(cx, n->content, JSON_STRICT, &doc) ||
		    !json_int(json_get(doc, "lockfileVersion"), &version) || version < 2 ||
		    version > 3 || !json_is_object(json_get(doc, "packages")))
			return hm_fmt(cx, "%s is of no version that can be kept true (2 and 3 can)",
				      names[i]);
	}
	return HM_STR("");
}

static struct hm_str why_held(struct hm_cx *cx, const struct repair_run *run, struct hm_str folder)
{
	struct hm_str owner =
		repair_language_owner(run->o, HM_STR("npm"),
				      hm_fmt(cx, "%.*s/package.json", HM_FMT(folder)));
	struct hm_str app = repair_npm_app(folder), why;
	if (owner.n)
		return hm_fmt(cx, "it is part of %.*s", HM_FMT(owner));
	why = why_by_layout(cx, &run->root, app);
	return why.n ? why : why_by_lock(cx, &run->root, app);
}

static int by_folder(const void *a, const void *b)
{
	const struct npm_package *x = a, *y = b;
	return hm_cmp(x->folder, y->folder);
}

hm_err repair_npm_installed(struct hm_cx *cx, const struct repair_run *run,
			    struct npm_packages *out)
{
	for (size_t i = 0; i < run->root.nodes.n; i++) {
		const struct repair_node *n = run->root.nodes.entries[i].value;
		if (!is_manifest(n) ||
		    (!is_package(n) && hm_find(n->path, HM_STR("node_modules/")) != SIZE_MAX))
			continue;
		*hm_push(cx, out) = (struct npm_package){
			hm_dirname(n->path), n->content,
			is_package(n) ? HM_STR("") : HM_STR("it is not a package"), n
		};
	}
	if (out->n)
		qsort(out->p, out->n, sizeof(*out->p), by_folder);
	for (size_t i = 0; i < out->n; i++)
		if (!out->p[i].held.n)
			out->p[i].held = why_held(cx, run, out->p[i].folder);
	return hm_alive(cx);
}
