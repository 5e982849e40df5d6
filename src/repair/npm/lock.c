/* SPDX-License-Identifier: Apache-2.0 */
/*
 * package-lock.json, npm-shrinkwrap.json and node_modules/.package-lock.json, versions 2 and 3:
 * "packages" has a member for each folder, and version 2 the "dependencies" of older npm beside
 * that, nested as the folders are.
 */
#include "codec/base64.h"
#include "repair/npm/npm.h"

enum { DEPTH = 32 };

struct writing {
	struct hm_cx *cx;
	struct json_out *o;
	const struct npm_planned *p;
	struct hm_str app;
};

/* The new package of a folder, as the lock file names it: below the application. */
static const struct npm_choice *choice_of(const struct writing *w, struct hm_str key)
{
	struct hm_str folder =
		w->app.n ? hm_fmt(w->cx, "%.*s/%.*s", HM_FMT(w->app), HM_FMT(key)) : key;
	for (size_t i = 0; i < w->p->choices.n; i++)
		if (hm_eq(w->p->packages.p[w->p->choices.p[i].package].folder, folder))
			return &w->p->choices.p[i];
	return NULL;
}

static struct hm_str integrity_of(struct hm_cx *cx, const struct npm_choice *c)
{
	uint8_t raw[CRYPTO_DIGEST_MAX];
	struct hm_str hex = hm_from(c->digest, strlen("sha512:"));
	if (hex.n != 2 * sizeof(raw) || hm_unhex(cx, hex, raw))
		return HM_STR("");
	return hm_fmt(cx, "sha512-%.*s",
		      HM_FMT(base64_format(cx, BASE64_STD, hm_bytes(raw, sizeof(raw)))));
}

/* "https://registry/x/-/x-1.0.tgz": the same of the new version; of another form the address where
 * it came from. Empty: it came from a folder, and npm asks its registry. */
static struct hm_str resolved_of(struct hm_cx *cx, const struct npm_choice *c, struct hm_str was)
{
	struct hm_str tail = hm_fmt(cx, "-%.*s.tgz", HM_FMT(c->from));
	if (repair_is_url(was) && hm_ends(was, tail))
		return hm_fmt(cx, "%.*s-%.*s.tgz", HM_FMT(hm_sub(was, 0, was.n - tail.n)),
			      HM_FMT(c->version));
	return repair_is_url(c->url) ? c->url : HM_STR("");
}

/* What a lock file repeats of a package.json, in npm's order. */
static const char *const repeated[] = { "license",
					"dependencies",
					"optionalDependencies",
					"peerDependencies",
					"peerDependenciesMeta",
					"bin",
					"engines",
					"os",
					"cpu",
					"funding" };

static bool is_repeated(struct hm_str key)
{
	for (size_t i = 0; i < HM_LEN(repeated); i++)
		if (hm_eqz(key, repeated[i]))
			return true;
	return hm_eqz(key, "deprecated") || hm_eqz(key, "hasInstallScript");
}

static void put_bin(const struct writing *w, struct json manifest)
{
	struct json bin = json_get(manifest, "bin");
	struct hm_str path;
	json_open(w->o, "bin", '{');
	if (json_is_string(bin)) {
		json_key(w->o, hm_basename(json_str(json_get(manifest, "name"))));
		json_put_str(w->o, NULL,
			     tar_clean_path(w->cx, json_str(bin), &path) ? json_str(bin) : path);
	}
	for (struct json_iter it = json_iter(bin); json_is_object(bin) && json_next(&it);) {
		json_key(w->o, it.key);
		json_put_str(w->o, NULL,
			     tar_clean_path(w->cx, json_str(it.value), &path) ? json_str(it.value)
									      : path);
	}
	json_close(w->o, '}');
}

static void put_repeated(const struct writing *w, struct json manifest)
{
	for (size_t i = 0; i < HM_LEN(repeated); i++) {
		struct json v = json_get(manifest, repeated[i]);
		if (!json_is_there(v) || (json_is_object(v) && !json_size(v)))
			continue;
		if (hm_eqz(hm_cstr(repeated[i]), "bin"))
			put_bin(w, manifest);
		else
			json_put_json(w->o, repeated[i], v);
	}
}

static hm_err put_package(const struct writing *w, struct json was, const struct npm_choice *c)
{
	struct json manifest;
	HM_TRY(json_parse(w->cx, c->text, JSON_STRICT, &manifest));
	json_open(w->o, NULL, '{');
	json_put_str(w->o, "version", c->version);
	if (json_is_there(json_get(was, "resolved")))
		json_put_given(w->o, "resolved",
			       resolved_of(w->cx, c, json_str(json_get(was, "resolved"))));
	json_put_str(w->o, "integrity", integrity_of(w->cx, c));
	for (struct json_iter it = json_iter(was); json_next(&it);)
		if (!hm_eqz(it.key, "version") && !hm_eqz(it.key, "resolved") &&
		    !hm_eqz(it.key, "integrity") && !is_repeated(it.key)) {
			json_key(w->o, it.key);
			json_put_json(w->o, NULL, it.value);
		}
	put_repeated(w, manifest);
	json_close(w->o, '}');
	return NULL;
}

static hm_err put_packages(const struct writing *w, struct json packages)
{
	json_open(w->o, "packages", '{');
	for (struct json_iter it = json_iter(packages); json_next(&it);) {
		const struct npm_choice *c = choice_of(w, it.key);
		json_key(w->o, it.key);
		if (c)
			HM_TRY(put_package(w, it.value, c));
		else
			json_put_json(w->o, NULL, it.value);
	}
	json_close(w->o, '}');
	return NULL;
}

/* --- "dependencies", of version 2 --- */

struct level {
	struct json_iter it;
	struct hm_str folder; /* whose members they are, with "node_modules/" behind it */
	bool is_package;      /* members of a package, not a list of packages */
	const struct npm_choice *c;
};

static void put_requires(const struct writing *w, const struct npm_choice *c)
{
	struct json manifest;
	if (json_parse(w->cx, c->text, JSON_STRICT, &manifest) ||
	    !json_size(json_get(manifest, "dependencies")))
		return;
	json_put_json(w->o, "requires", json_get(manifest, "dependencies"));
}

/* A member of a package in the tree. */
static void put_member(const struct writing *w, const struct level *l)
{
	struct hm_str key = l->it.key;
	if (l->c && hm_eqz(key, "requires"))
		return;
	if (l->c && hm_eqz(key, "resolved")) {
		json_put_given(w->o, "resolved", resolved_of(w->cx, l->c, json_str(l->it.value)));
		return;
	}
	json_key(w->o, key);
	if (l->c && hm_eqz(key, "version"))
		json_put_str(w->o, NULL, l->c->version);
	else if (l->c && hm_eqz(key, "integrity"))
		json_put_str(w->o, NULL, integrity_of(w->cx, l->c));
	else
		json_put_json(w->o, NULL, l->it.value);
	if (l->c && hm_eqz(key, "integrity"))
		put_requires(w, l->c);
}

static hm_err put_tree(const struct writing *w, struct json dependencies)
{
	struct level levels[DEPTH] = { { json_iter(dependencies), HM_STR("node_modules/"), false,
					 NULL } };
	size_t n = 1;
	json_open(w->o, "dependencies", '{');
	while (n) {
		struct level *l = &levels[n - 1];
		if (!json_next(&l->it)) {
			json_close(w->o, '}');
			n--;
			continue;
		}
		bool opens = l->is_package ? hm_eqz(l->it.key, "dependencies") : true;
		if (!opens || !json_is_object(l->it.value)) {
			put_member(w, l);
			continue;
		}
		if (n == DEPTH)
			return hm_fail(w->cx, HM_LIMIT, "its dependencies are nested too deeply");
		struct level next = { json_iter(l->it.value), l->folder, !l->is_package, NULL };
		if (!l->is_package) {
			struct hm_str key =
				hm_fmt(w->cx, "%.*s%.*s", HM_FMT(l->folder), HM_FMT(l->it.key));
			next.c = choice_of(w, key);
			next.folder = hm_fmt(w->cx, "%.*s/node_modules/", HM_FMT(key));
		}
		json_key(w->o, l->it.key);
		json_open(w->o, NULL, '{');
		levels[n++] = next;
	}
	return NULL;
}

hm_err repair_npm_lock_text(struct hm_cx *cx, struct hm_str text, struct hm_str app,
			    const struct npm_planned *p, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct json_out o = json_out(&b, true);
	struct writing w = { cx, &o, p, app };
	struct json doc;
	HM_TRY(json_parse(cx, text, JSON_STRICT, &doc));
	json_open(&o, NULL, '{');
	for (struct json_iter it = json_iter(doc); json_next(&it);) {
		if (hm_eqz(it.key, "packages") && json_is_object(it.value)) {
			HM_TRY(put_packages(&w, it.value));
		} else if (hm_eqz(it.key, "dependencies") && json_is_object(it.value)) {
			HM_TRY(put_tree(&w, it.value));
		} else {
			json_key(&o, it.key);
			json_put_json(&o, NULL, it.value);
		}
	}
	json_close(&o, '}');
	if (!b.n || b.p[b.n - 1] != '\n')
		hm_buf_char(&b, '\n');
	HM_TRY(hm_buf_end(cx, &b, "the lock file", out));
	*out = hm_dup(cx, *out);
	return NULL;
}

static hm_err write_lock(struct hm_cx *cx, const struct npm_place *at, const struct npm_planned *p,
			 struct hm_str app, const char *name)
{
	struct hm_str path = app.n ? hm_fmt(cx, "%.*s/%s", HM_FMT(app), name) : hm_cstr(name), text;
	const struct repair_node *n = repair_root_at(&at->run->root, path);
	if (!n || n->type != TAR_FILE || repair_layer_has(at->layer, path))
		return NULL;
	if (!n->is_kept)
		return hm_fail(cx, HM_LIMIT, "\"/%.*s\" is too large", HM_FMT(path));
	HM_TRY_IN(cx, repair_npm_lock_text(cx, n->content, app, p, &text), "\"/%.*s\"",
		  HM_FMT(path));
	struct tar_entry e = { .path = path,
			       .mode = n->mode,
			       .uid = n->uid,
			       .gid = n->gid,
			       .mtime = at->layer->newest };
	HM_TRY(repair_vanish_keep(cx, at->vanish, path));
	return repair_layer_file(cx, at->layer, &e, text);
}

hm_err repair_npm_locks(struct hm_cx *cx, const struct npm_place *at, const struct npm_planned *p)
{
	static const char *const names[] = { "package-lock.json", "npm-shrinkwrap.json",
					     "node_modules/.package-lock.json" };
	for (size_t i = 0; i < p->choices.n; i++) {
		struct hm_str app = repair_npm_app(p->packages.p[p->choices.p[i].package].folder);
		for (size_t k = 0; k < HM_LEN(names); k++)
			HM_TRY(write_lock(cx, at, p, app, names[k]));
	}
	return NULL;
}
