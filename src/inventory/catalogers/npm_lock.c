/* SPDX-License-Identifier: Apache-2.0 */
/*
 * package-lock.json and npm-shrinkwrap.json, versions 1 to 3. Source: npm's package-lock.json(5).
 *
 * Both shapes become one: the folder of a package ("node_modules/a/node_modules/b") and what is
 * said of it. Whom a package depends on is found as Node finds it: in its own node_modules, else
 * in those of the folders above.
 */
#include "inventory/catalogers/common.h"

#include "codec/base64.h"
#include "codec/json.h"

struct entry {
	struct inventory_component c;
	struct hm_str folder;
	struct json said;
	bool is_old; /* version 1: dependencies are under "requires" */
};

struct lock {
	HM_VEC(struct entry) entries;
	struct hm_map folders; /* to index + 1 */
};

/* "sha512-BASE64 sha1-BASE64": Subresource Integrity (W3C). */
static void add_hashes(struct hm_cx *cx, struct inventory_component *c, struct hm_str integrity)
{
	static const char *const known[] = { "sha1", "sha256", "sha384", "sha512" };
	while (integrity.n) {
		struct hm_str value = hm_cut(&integrity, ' '), bytes;
		struct hm_str alg = hm_cut(&value, '-');
		for (size_t i = 0; i < HM_LEN(known); i++)
			if (hm_eqz(alg, known[i]) && !base64_parse(cx, BASE64_STD, value, &bytes))
				inventory_list_add(cx, &c->hashes,
						   hm_fmt(cx, "%s:%.*s", known[i],
							  HM_FMT(hm_hex(cx, bytes))));
	}
}

static hm_err add_entry(struct hm_cx *cx, struct lock *l, struct hm_str folder, struct hm_str name,
			struct json said, bool is_old)
{
	struct entry e = { .folder = folder, .said = said, .is_old = is_old };
	e.c.version = json_str(json_get_last(said, "version"));
	if (is_old && hm_starts(e.c.version, HM_STR("npm:"))) { /* an alias: npm:NAME@VERSION */
		size_t at = hm_rfind_char(e.c.version, '@');
		if (at != SIZE_MAX && at > 4) {
			name = hm_sub(e.c.version, 4, at - 4);
			e.c.version = hm_from(e.c.version, at + 1);
		}
	}
	inventory_npm_name(&e.c, name);
	if (!e.c.name.n || !e.c.version.n)
		return NULL;
	HM_TRY(hm_charge(cx, 2 * sizeof(e)));
	e.c.dev = json_bool(json_get_last(said, "dev"));
	e.c.purl = inventory_purl(cx, &e.c);
	add_hashes(cx, &e.c, json_str(json_get_last(said, "integrity")));
	inventory_list_add(cx, &e.c.licenses, json_str(json_get_last(said, "license")));
	*hm_push(cx, &l->entries) = e;
	hm_map_put(cx, &l->folders, folder, (void *)(uintptr_t)l->entries.n);
	return NULL;
}

/* Versions 2 and 3: "packages", keyed by folder. The project itself, links and the workspaces that
 * they point to are no dependencies from elsewhere. */
static hm_err read_packages(struct hm_cx *cx, struct json packages, struct lock *l)
{
	for (struct json_iter it = json_iter(packages); json_next(&it);) {
		struct hm_str name = json_str(json_get_last(it.value, "name")), last = it.key;
		size_t at;
		while ((at = hm_find(last, HM_STR("node_modules/"))) != SIZE_MAX)
			last = hm_from(last, at + 13);
		if (last.n == it.key.n || json_bool(json_get(it.value, "link")))
			continue;
		HM_TRY(add_entry(cx, l, it.key, name.n ? name : last, it.value, false));
	}
	return NULL;
}

/* Version 1: "dependencies", each with its own "dependencies" in its node_modules. */
static hm_err read_dependencies(struct hm_cx *cx, struct json dependencies, struct lock *l)
{
	struct level {
		struct json_iter it;
		struct hm_str folder;
	} levels[64] = { { json_iter(dependencies), HM_STR("") } };
	size_t n = 1;
	while (n) {
		struct level *top = &levels[n - 1];
		if (!json_next(&top->it)) {
			n--;
			continue;
		}
		struct hm_str folder = hm_fmt(cx, "%.*s%snode_modules/%.*s", HM_FMT(top->folder),
					      top->folder.n ? "/" : "", HM_FMT(top->it.key));
		struct json below = json_get(top->it.value, "dependencies");
		HM_TRY(add_entry(cx, l, folder, top->it.key, top->it.value, true));
		if (!json_is_object(below))
			continue;
		if (n == HM_LEN(levels))
			return hm_fail(cx, HM_LIMIT, "package-lock: nested deeper than %zu levels",
				       n);
		levels[n++] = (struct level){ json_iter(below), folder };
	}
	return NULL;
}

static const struct entry *find(struct hm_cx *cx, const struct lock *l, struct hm_str folder,
				struct hm_str name)
{
	for (;;) {
		struct hm_str at = hm_fmt(cx, "%.*s%snode_modules/%.*s", HM_FMT(folder),
					  folder.n ? "/" : "", HM_FMT(name));
		uintptr_t i = (uintptr_t)hm_map_get(&l->folders, at);
		if (i || !folder.n)
			return i ? &l->entries.p[i - 1] : NULL;
		size_t slash = hm_rfind_char(folder, '/');
		folder = slash == SIZE_MAX ? HM_STR("") : hm_sub(folder, 0, slash);
	}
}

static void add_edges(struct hm_cx *cx, const struct lock *l, struct entry *e)
{
	static const char *const lists[] = { "dependencies", "optionalDependencies",
					     "peerDependencies" };
	static const char *const old_lists[] = { "requires" };
	const char *const *names = e->is_old ? old_lists : lists;
	size_t n = e->is_old ? HM_LEN(old_lists) : HM_LEN(lists);
	for (size_t i = 0; i < n; i++)
		for (struct json_iter it = json_iter(json_get(e->said, names[i]));
		     json_next(&it);) {
			const struct entry *to = find(cx, l, e->folder, it.key);
			if (to)
				inventory_list_add(cx, &e->c.depends, to->c.purl);
		}
}

/* One component a name and version: what is said in several folders is put together. */
static hm_err hand_over(struct hm_cx *cx, struct lock *l, struct inventory_builder *b)
{
	struct hm_map seen = { 0 };
	for (size_t i = 0; i < l->entries.n; i++) {
		struct entry *e = &l->entries.p[i];
		HM_TRY(hm_alive(cx));
		add_edges(cx, l, e);
		struct entry *first = hm_map_get(&seen, e->c.purl);
		if (!first) {
			hm_map_put(cx, &seen, e->c.purl, e);
			continue;
		}
		first->c.dev = first->c.dev && e->c.dev;
		for (size_t k = 0; k < e->c.depends.n; k++)
			inventory_list_add(cx, &first->c.depends, e->c.depends.p[k]);
	}
	for (size_t i = 0; i < seen.n; i++)
		HM_TRY(inventory_add(cx, b, &((struct entry *)seen.entries[i].value)->c));
	return NULL;
}

INVENTORY_PARSE(npm_lock)
{
	struct lock l = { 0 };
	struct json doc;
	struct hm_str text;
	HM_TRY(json_script_text(cx, file->bytes, &text));
	HM_TRY(json_parse(cx, text, JSON_ANY_NUMBER, &doc));
	struct json packages = json_get_last(doc, "packages");
	if (json_is_object(packages))
		HM_TRY(read_packages(cx, packages, &l));
	else
		HM_TRY(read_dependencies(cx, json_get_last(doc, "dependencies"), &l));
	return hand_over(cx, &l, b);
}
