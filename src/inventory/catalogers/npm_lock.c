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

struct hm_str inventory_npm_origin(struct hm_cx *cx, struct hm_str resolved)
{
	static const char *const forges[] = { "codeload.github.com/", "github.com/", "gitlab.com/",
					      "bitbucket.org/", "api.github.com/" };
	static const char *const short_forms[] = { "github:", "gitlab:", "bitbucket:", "gist:" };
	struct hm_str rest = resolved, scheme = hm_cut_str(&rest, HM_STR("://"));
	bool is_web = rest.n && (hm_eqz(scheme, "https") || hm_eqz(scheme, "http"));
	if (hm_starts(resolved, HM_STR("git:")) || hm_starts(resolved, HM_STR("ssh:")))
		return hm_fmt(cx, "git+%.*s", HM_FMT(resolved));
	for (size_t i = 0; i < HM_LEN(short_forms); i++)
		if (hm_starts(resolved, hm_cstr(short_forms[i])))
			return hm_fmt(cx, "git+%.*s", HM_FMT(resolved));
	if (!is_web) /* a version, or nothing: the registry's */
		return hm_starts(resolved, HM_STR("git+")) || hm_starts(resolved, HM_STR("file:"))
			       ? resolved
			       : HM_STR("");
	/* Registries give ".../NAME/-/NAME-VERSION.tgz"; forges give archives of a commit. */
	for (size_t i = 0; i < HM_LEN(forges); i++)
		if (hm_starts(rest, hm_cstr(forges[i])))
			return resolved;
	return HM_STR("");
}

static bool is_url(struct hm_str spec)
{
	return hm_find(spec, HM_STR("://")) != SIZE_MAX;
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
	/* version 1 has where it comes from in place of the version */
	e.c.origin = inventory_npm_origin(cx, is_old ? e.c.version
						     : json_str(json_get(said, "resolved")));
	if (is_old && (e.c.origin.n || is_url(e.c.version))) {
		e.c.origin = e.c.origin.n ? e.c.origin : e.c.version;
		e.c.version = HM_STR("");
	}
	inventory_npm_name(&e.c, name);
	if (!e.c.name.n || (!e.c.version.n && !e.c.origin.n))
		return NULL;
	HM_TRY(hm_charge(cx, 2 * sizeof(e)));
	e.c.dev = json_bool(json_get_last(said, "dev"));
	add_hashes(cx, &e.c, json_str(json_get_last(said, "integrity")));
	inventory_list_add(cx, &e.c.licenses, json_str(json_get_last(said, "license")));
	*hm_push(cx, &l->entries) = e;
	hm_map_put(cx, &l->folders, folder, (void *)(uintptr_t)l->entries.n);
	return NULL;
}

static const struct entry *find_entry(struct hm_cx *cx, const struct lock *l, struct hm_str folder,
				      struct hm_str name);

/* What a package asks for by a URL is no registry's, whatever the URL looks like. */
static void mark_urls(struct hm_cx *cx, const struct lock *l, struct json packages)
{
	static const char *const lists[] = { "dependencies", "devDependencies",
					     "optionalDependencies" };
	for (struct json_iter it = json_iter(packages); json_next(&it);)
		for (size_t i = 0; i < HM_LEN(lists); i++)
			for (struct json_iter d = json_iter(json_get(it.value, lists[i]));
			     json_next(&d);) {
				if (!is_url(json_str(d.value)))
					continue;
				const struct entry *e = find_entry(cx, l, it.key, d.key);
				if (e && !e->c.origin.n)
					l->entries.p[e - l->entries.p].c.origin = json_str(d.value);
			}
}

/* "node_modules/w": {"resolved": "packages/w", "link": true} stands for the folder "packages/w",
 * which has an entry of its own: a workspace, or a "file:" dependency. */
static hm_err add_link(struct hm_cx *cx, struct json packages, struct lock *l, struct hm_str folder,
		       struct hm_str name, struct json link)
{
	struct hm_str target = json_str(json_get(link, "resolved"));
	struct json said = json_get_str(packages, target);
	struct hm_str own = json_str(json_get(said, "name"));
	size_t before = l->entries.n;
	HM_TRY(add_entry(cx, l, folder, own.n ? own : name, said, false));
	if (l->entries.n > before)
		l->entries.p[before].c.origin = hm_fmt(cx, "file:%.*s", HM_FMT(target));
	return NULL;
}

/* Versions 2 and 3: "packages", keyed by folder. The project itself is no dependency. */
static hm_err read_packages(struct hm_cx *cx, struct json packages, struct lock *l)
{
	for (struct json_iter it = json_iter(packages); json_next(&it);) {
		struct hm_str name = json_str(json_get_last(it.value, "name")), last = it.key;
		size_t at;
		while ((at = hm_find(last, HM_STR("node_modules/"))) != SIZE_MAX)
			last = hm_from(last, at + 13);
		if (last.n == it.key.n)
			continue;
		if (json_bool(json_get(it.value, "link")))
			HM_TRY(add_link(cx, packages, l, it.key, last, it.value));
		else
			HM_TRY(add_entry(cx, l, it.key, name.n ? name : last, it.value, false));
	}
	mark_urls(cx, l, packages);
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

static const struct entry *find_entry(struct hm_cx *cx, const struct lock *l, struct hm_str folder,
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
			const struct entry *to = find_entry(cx, l, e->folder, it.key);
			if (to)
				inventory_list_add(cx, &e->c.depends, to->c.purl);
		}
}

/* One component a name and version: what is said in several folders is put together. */
static hm_err hand_over(struct hm_cx *cx, struct lock *l, struct inventory_builder *b)
{
	struct hm_map seen = { 0 };
	for (size_t i = 0; i < l->entries.n; i++)
		l->entries.p[i].c.purl = inventory_purl(cx, &l->entries.p[i].c);
	for (size_t i = 0; i < l->entries.n; i++) {
		struct entry *e = &l->entries.p[i];
		HM_TRY(hm_alive(cx));
		add_edges(cx, l, e);
		struct hm_str key = hm_fmt(cx, "%.*s %.*s", HM_FMT(e->c.purl), HM_FMT(e->c.origin));
		struct entry *first = hm_map_get(&seen, key);
		if (!first) {
			hm_map_put(cx, &seen, key, e);
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

/* That of a package in `folder`, which is named from the folder that node_modules is in. What a
 * link calls node_modules may be called otherwise where `lock` lies. */
static struct hm_str package_json(struct hm_cx *cx, struct hm_str lock, struct hm_str folder)
{
	struct hm_str modules = hm_dirname(lock), top = hm_dirname(modules);
	if (hm_starts(folder, HM_STR("node_modules/"))) {
		folder = hm_from(folder, sizeof("node_modules/") - 1);
		top = modules;
	}
	return hm_fmt(cx, "%.*s%s%.*s/package.json", HM_FMT(top), top.n ? "/" : "", HM_FMT(folder));
}

/* npm 7 and later keep what they installed in node_modules/.package-lock.json: of what comes from
 * elsewhere it says so, and package.json does not. */
INVENTORY_PARSE(npm_origin)
{
	struct lock l = { 0 };
	struct json doc;
	HM_TRY(json_parse(cx, file->bytes, JSON_PLAIN, &doc));
	HM_TRY(read_packages(cx, json_get(doc, "packages"), &l));
	for (size_t i = 0; i < l.entries.n; i++) {
		struct entry *e = &l.entries.p[i];
		if (!e->c.origin.n)
			continue;
		struct inventory_location at = { .path = package_json(cx, inventory_place(b),
								      e->folder) };
		struct inventory_component c = { .type = HM_STR("npm"),
						 .name = e->c.name,
						 .origin = e->c.origin,
						 .locations = &at,
						 .locations_n = 1 };
		HM_TRY(inventory_add(cx, b, &c));
	}
	return NULL;
}
