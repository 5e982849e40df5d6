/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which version replaces which: the least that has the most of the fixes that are asked for, that
 * all who load it allow, and that finds what it needs where it lies. A package loads another as
 * Node does: from its own node_modules, else from those of the folders above.
 */
#include "advisory/advisory.h"
#include "codec/base64.h"
#include "repair/npm/npm.h"

enum { ROUNDS = 8 };
enum fit { FIT_NO, FIT_YES, FIT_PENDING };

struct file {
	struct hm_str version, url, digest;
};
struct package {
	struct hm_str folder, name, held, version;
	struct json manifest; /* as it would be now */
	struct json was;
	/* Of one that is wanted: */
	bool is_wanted, is_pending, has_page, has_unhashed;
	HM_VEC(struct file) files; /* oldest first */
	const struct file *chosen;
};
struct want {
	struct hm_str name, version;
	struct hm_strs paths, fixes;
};
struct choosing {
	struct hm_cx *cx;
	struct json q;
	struct hm_str node;
	unsigned kept;
	HM_VEC(struct package) packages;
	HM_VEC(struct want) wants;
	struct hm_map folders; /* to index + 1 */
	struct hm_strs pages;
	HM_VEC(struct file) asked;
};

static int order_of(struct hm_str a, struct hm_str b)
{
	int order = 0;
	return advisory_scheme_of(HM_STR("npm"))->compare(a, b, &order) ? order : 0;
}

static void read_list(struct hm_cx *cx, struct json v, struct hm_strs *out)
{
	for (struct json_iter it = json_iter(v); json_next(&it);)
		*hm_push(cx, out) = json_str(it.value);
}

/* ------------------------------------------------------------------ who loads whom */

static struct package *find_package(struct choosing *s, struct hm_str folder)
{
	uintptr_t i = (uintptr_t)hm_map_get(&s->folders, folder);
	return i ? &s->packages.p[i - 1] : NULL;
}

/* What code in a folder gets under this name; NULL: nothing. */
static struct package *resolve(struct choosing *s, struct hm_str from, struct hm_str name)
{
	while (true) {
		struct package *p = NULL;
		if (!hm_eqz(hm_basename(from), "node_modules"))
			p = find_package(s, hm_fmt(s->cx, "%.*s%snode_modules/%.*s", HM_FMT(from),
						   from.n ? "/" : "", HM_FMT(name)));
		if (p || !from.n)
			return p;
		from = hm_dirname(from);
	}
}

static const char *const lists[] = { "dependencies", "optionalDependencies", "peerDependencies",
				     "devDependencies" };
enum { PEERS = 2, DEVELOPMENT = 3 };

/* Where a package looks for what one of its lists names: peers are beside it. */
static struct hm_str base_of(const struct package *p, size_t list)
{
	return list == PEERS && p->name.n ? repair_npm_container(p->folder) : p->folder;
}

static bool loaders_allow(struct choosing *s, const struct package *p, struct hm_str version,
			  struct hm_str *out_why)
{
	for (size_t i = 0; i < s->packages.n; i++) {
		const struct package *by = &s->packages.p[i];
		for (size_t k = 0; k < HM_LEN(lists); k++) {
			struct json range = json_get_str(json_get(by->manifest, lists[k]), p->name);
			if (!json_is_string(range) || (k == DEVELOPMENT && by->name.n) ||
			    resolve(s, base_of(by, k), p->name) != p ||
			    advisory_npm_satisfies(version, json_str(range)))
				continue;
			*out_why = hm_fmt(s->cx, "%.*s requires %.*s@%.*s",
					  HM_FMT(by->name.n ? by->name : by->folder),
					  HM_FMT(p->name), HM_FMT(json_str(range)));
			return false;
		}
		if (json_is_there(json_get_str(json_get(by->manifest, "overrides"), p->name))) {
			*out_why = hm_fmt(s->cx, "the overrides of \"%.*s\" name it",
					  HM_FMT(by->folder));
			return false;
		}
	}
	return true;
}

static bool is_optional(struct json manifest, size_t list, struct hm_str name)
{
	struct json meta = json_get_str(json_get(manifest, "peerDependenciesMeta"), name);
	return json_is_there(json_get_str(json_get(manifest, "optionalDependencies"), name)) ||
	       (list == PEERS && json_bool(json_get(meta, "optional")));
}

static bool finds_needs(struct choosing *s, const struct package *p, struct json manifest,
			struct hm_str *out_why)
{
	for (size_t k = 0; k < DEVELOPMENT; k++)
		for (struct json_iter it = json_iter(json_get(manifest, lists[k]));
		     json_next(&it);) {
			const struct package *need = resolve(s, base_of(p, k), it.key);
			if ((!need && is_optional(manifest, k, it.key)) ||
			    (need && advisory_npm_satisfies(need->version, json_str(it.value))))
				continue;
			*out_why = hm_fmt(s->cx, "it requires %.*s@%.*s, and %.*s is installed",
					  HM_FMT(it.key), HM_FMT(json_str(it.value)),
					  HM_FMT(need ? need->version : HM_STR("none")));
			return false;
		}
	return true;
}

/* A package that came inside of another one is that one's. */
static struct hm_str bundled_in(struct choosing *s, const struct package *p)
{
	static const char *const names[] = { "bundleDependencies", "bundledDependencies" };
	struct hm_str child = p->folder;
	while (repair_npm_name(child).n) {
		struct hm_str folder = repair_npm_container(child);
		const struct package *by = find_package(s, folder);
		for (size_t i = 0; by && by->name.n && i < HM_LEN(names); i++) {
			struct json list = json_get(by->was, names[i]);
			struct hm_strs bundled = { 0 };
			read_list(s->cx, list, &bundled);
			if (json_bool(list) || hm_strs_has(&bundled, repair_npm_name(child)))
				return hm_fmt(s->cx, "it is bundled in %.*s", HM_FMT(by->name));
		}
		child = folder;
	}
	return HM_STR("");
}

/* ------------------------------------------------------------------ candidates */

static bool is_early(struct hm_str version)
{
	return hm_find_char(version, '-') != SIZE_MAX;
}

static bool may_follow(const struct package *p, struct hm_str version)
{
	struct hm_str was = json_str(json_get(p->was, "version"));
	return order_of(version, was) > 0 && (!is_early(version) || is_early(was));
}

static bool is_of(const struct want *w, const struct package *p)
{
	bool at = !w->paths.n;
	for (size_t i = 0; i < w->paths.n; i++)
		at = at || hm_eq(hm_dirname(w->paths.p[i]), p->folder) ||
		     hm_eq(w->paths.p[i], p->folder);
	return at && p->name.n && hm_eq(w->name, p->name) &&
	       (!w->version.n || hm_eq(w->version, json_str(json_get(p->was, "version"))));
}

static bool has_fix(const struct want *w, const struct package *p, struct hm_str version)
{
	return repair_language_has_fix(HM_STR("npm"), &w->fixes,
				       json_str(json_get(p->was, "version")), version);
}

static size_t count_fixes(struct choosing *s, const struct package *p, struct hm_str version)
{
	size_t n = 0;
	for (size_t i = 0; i < s->wants.n; i++)
		n += is_of(&s->wants.p[i], p) && has_fix(&s->wants.p[i], p, version);
	return n;
}

static bool has_install_scripts(struct choosing *s, const struct package *p, struct json manifest,
				bool has_gyp)
{
	static const char *const names[] = { "preinstall", "install", "postinstall" };
	struct hm_strs allowed = { 0 };
	read_list(s->cx, json_get(s->q, "scripts"), &allowed);
	for (size_t i = 0; i < HM_LEN(names); i++)
		has_gyp = has_gyp ||
			  json_str(json_get(json_get(manifest, "scripts"), names[i])).n > 0;
	return has_gyp && !hm_strs_has(&allowed, p->name);
}

static enum fit read_manifest(struct choosing *s, const struct package *p, const struct file *f,
			      struct json *out, struct hm_str *out_why)
{
	struct json known = { 0 };
	for (struct json_iter it = json_iter(json_get(s->q, "known")); json_next(&it);)
		if (hm_eq(json_str(json_get(it.value, "url")), f->url))
			known = it.value;
	if (!json_is_there(known)) {
		*hm_push(s->cx, &s->asked) = *f;
		return FIT_PENDING;
	}
	*out_why = json_str(json_get(known, "why"));
	if (out_why->n)
		return FIT_NO;
	*out_why = HM_STR("its package.json is of another package or version");
	if (json_parse(s->cx, json_str(json_get(known, "text")), JSON_STRICT, out) ||
	    !hm_eq(json_str(json_get(*out, "name")), p->name) ||
	    !hm_eq(json_str(json_get(*out, "version")), f->version))
		return FIT_NO;
	*out_why = HM_STR("it has install scripts, which are not run (--allow-scripts PACKAGE)");
	if (has_install_scripts(s, p, *out, json_bool(json_get(known, "hasGyp"))))
		return FIT_NO;
	*out_why = HM_STR("it bundles packages of its own");
	return json_size(json_get(*out, "bundleDependencies")) ||
			       json_size(json_get(*out, "bundledDependencies"))
		       ? FIT_NO
		       : FIT_YES;
}

static bool runs_on(struct choosing *s, struct json manifest)
{
	struct hm_str range = json_str(json_get(json_get(manifest, "engines"), "node"));
	return !s->node.n || !range.n || advisory_npm_satisfies(s->node, range);
}

static enum fit check(struct choosing *s, const struct package *p, const struct file *f,
		      struct json *out, struct hm_str *out_why)
{
	if (!repair_language_same_line(f->version, json_str(json_get(p->was, "version")),
				       s->kept)) {
		*out_why = hm_fmt(s->cx, "it is another %s version (--library-patch-level)",
				  s->kept == 1 ? "major" : "minor");
		return FIT_NO;
	}
	if (!loaders_allow(s, p, f->version, out_why))
		return FIT_NO;
	enum fit fit = read_manifest(s, p, f, out, out_why);
	if (fit != FIT_YES)
		return fit;
	if (!runs_on(s, *out)) {
		*out_why = hm_fmt(s->cx, "it requires another Node.js than %.*s", HM_FMT(s->node));
		return FIT_NO;
	}
	return finds_needs(s, p, *out, out_why) ? FIT_YES : FIT_NO;
}

/* True: its version is another than before. */
static bool choose(struct choosing *s, struct package *p)
{
	struct hm_str why, was = p->version;
	struct json manifest = { 0 };
	size_t most = 0;
	p->manifest = p->was;
	p->chosen = NULL;
	p->is_pending = false;
	for (size_t i = 0; i < p->files.n && !p->is_pending; i++) {
		const struct file *f = &p->files.p[i];
		size_t n = may_follow(p, f->version) ? count_fixes(s, p, f->version) : 0;
		if (n <= most)
			continue;
		enum fit fit = check(s, p, f, &manifest, &why);
		p->is_pending = fit == FIT_PENDING;
		if (fit != FIT_YES)
			continue;
		p->chosen = f;
		p->manifest = manifest;
		most = n;
	}
	p->version = p->chosen ? p->chosen->version : json_str(json_get(p->was, "version"));
	return !hm_eq(was, p->version);
}

/* ------------------------------------------------------------------ what is offered */

static void add_file(struct choosing *s, struct package *p, const struct file *f)
{
	size_t i = 0;
	if (!may_follow(p, f->version))
		return;
	while (i < p->files.n && order_of(p->files.p[i].version, f->version) < 0)
		i++;
	if (i < p->files.n && hm_eq(p->files.p[i].version, f->version))
		return;
	hm_push(s->cx, &p->files);
	memmove(&p->files.p[i + 1], &p->files.p[i], (p->files.n - 1 - i) * sizeof(*f));
	p->files.p[i] = *f;
}

/* "sha512-BASE64", one of several; empty: there is none. */
static struct hm_str sha512_of(struct hm_cx *cx, struct hm_str integrity)
{
	struct hm_str bytes;
	while (integrity.n) {
		struct hm_str value = hm_cut(&integrity, ' '), alg = hm_cut(&value, '-');
		if (hm_eqz(alg, "sha512") && !base64_parse(cx, BASE64_STD, value, &bytes) &&
		    bytes.n == 64)
			return hm_fmt(cx, "sha512:%.*s", HM_FMT(hm_hex(cx, bytes)));
	}
	return HM_STR("");
}

static hm_err read_packument(struct choosing *s, struct package *p, struct hm_str text)
{
	struct json doc;
	HM_TRY(json_parse(s->cx, text, (enum json_flags)(JSON_NO_NUL | JSON_ANY_NUMBER), &doc));
	if (!json_is_object(json_get(doc, "versions")))
		return hm_fail(s->cx, HM_INPUT, "the registry does not list versions of \"%.*s\"",
			       HM_FMT(p->name));
	for (struct json_iter it = json_iter(json_get(doc, "versions")); json_next(&it);) {
		struct json dist = json_get(it.value, "dist");
		struct file f = { it.key, json_str(json_get(dist, "tarball")),
				  sha512_of(s->cx, json_str(json_get(dist, "integrity"))) };
		if (f.digest.n && repair_is_url(f.url))
			add_file(s, p, &f);
		else
			p->has_unhashed = true;
	}
	return NULL;
}

/* "s-x-1.2.3.tgz", as `npm pack` names what it makes of @s/x. */
static void read_folder(struct choosing *s, struct package *p, struct hm_str text)
{
	struct hm_str name = p->name;
	if (*name.p == '@') {
		struct hm_str scope = hm_from(hm_cut(&name, '/'), 1);
		name = hm_fmt(s->cx, "%.*s-%.*s", HM_FMT(scope), HM_FMT(name));
	}
	while (text.n) {
		struct file f = { .url = hm_line(&text) };
		struct hm_str file = hm_basename(f.url),
			      head = hm_fmt(s->cx, "%.*s-", HM_FMT(name));
		if (!hm_starts(file, head) || !hm_ends(file, HM_STR(".tgz")))
			continue;
		f.version = hm_sub(file, head.n, file.n - head.n - 4);
		add_file(s, p, &f);
	}
}

static hm_err read_pages(struct choosing *s, struct package *p)
{
	for (struct json_iter it = json_iter(json_get(s->q, "pages")); json_next(&it);) {
		struct hm_str text = json_str(json_get(it.value, "text"));
		if (!hm_eq(json_str(json_get(it.value, "name")), p->name))
			continue;
		p->has_page = true;
		if (json_bool(json_get(it.value, "isFolder")))
			read_folder(s, p, text);
		else if (text.n)
			HM_TRY(read_packument(s, p, text));
	}
	if (!p->has_page && !hm_strs_has(&s->pages, p->name))
		*hm_push(s->cx, &s->pages) = p->name;
	return NULL;
}

/* ------------------------------------------------------------------ the whole */

static void read_question(struct choosing *s)
{
	int64_t kept = 1;
	struct hm_cx *cx = s->cx;
	s->node = json_str(json_get(s->q, "node"));
	if (json_int(json_get(s->q, "kept"), &kept))
		s->kept = (unsigned)kept;
	for (struct json_iter it = json_iter(json_get(s->q, "wants")); json_next(&it);) {
		struct want *w = hm_push(cx, &s->wants);
		w->name = json_str(json_get(it.value, "name"));
		w->version = json_str(json_get(it.value, "version"));
		read_list(cx, json_get(it.value, "paths"), &w->paths);
		read_list(cx, json_get(it.value, "fixes"), &w->fixes);
	}
	for (struct json_iter it = json_iter(json_get(s->q, "packages")); json_next(&it);) {
		struct package *p = hm_push(cx, &s->packages);
		p->folder = json_str(json_get(it.value, "folder"));
		p->held = json_str(json_get(it.value, "held"));
		p->name = repair_npm_name(p->folder);
		if (json_parse(cx, json_str(json_get(it.value, "text")),
			       (enum json_flags)(JSON_NO_NUL | JSON_ANY_NUMBER), &p->was))
			p->was = (struct json){ 0 };
		p->manifest = p->was;
		p->version = json_str(json_get(p->was, "version"));
		if (!p->held.n && !hm_eq(json_str(json_get(p->was, "name")), p->name))
			p->held = HM_STR("it lies under another name than its own");
		hm_map_put(cx, &s->folders, p->folder, (void *)(uintptr_t)s->packages.n);
	}
}

static hm_err find_targets(struct choosing *s)
{
	for (size_t i = 0; i < s->packages.n; i++) {
		struct package *p = &s->packages.p[i];
		for (size_t k = 0; k < s->wants.n; k++)
			p->is_wanted |= is_of(&s->wants.p[k], p) && s->wants.p[k].fixes.n;
		if (p->is_wanted && !p->held.n)
			p->held = bundled_in(s, p);
		if (p->is_wanted && !p->held.n)
			HM_TRY(read_pages(s, p));
	}
	return NULL;
}

static enum repair_outcome judge(struct choosing *s, const struct want *w, const struct package *p,
				 struct hm_str *why)
{
	struct json manifest = { 0 };
	struct hm_str reason = HM_STR("");
	*why = p->held;
	if (p->held.n)
		return REPAIR_BLOCKED;
	if (p->chosen && has_fix(w, p, p->version))
		return REPAIR_FIXED;
	for (size_t i = 0; i < p->files.n; i++) {
		if (!has_fix(w, p, p->files.p[i].version))
			continue;
		if (check(s, p, &p->files.p[i], &manifest, &reason) == FIT_YES)
			reason = HM_STR("other findings need another version");
		*why = hm_fmt(s->cx, "%.*s is there, but %.*s", HM_FMT(p->files.p[i].version),
			      HM_FMT(reason));
		return REPAIR_BLOCKED;
	}
	*why = p->has_unhashed ? HM_STR("the registry states no SHA-512 of its tarballs")
	       : p->files.n    ? hm_fmt(s->cx, "the newest version in the repositories is %.*s",
					HM_FMT(p->files.p[p->files.n - 1].version))
			       : HM_STR("the repositories have no later version");
	return REPAIR_NOT_THERE;
}

static void put_verdict(struct choosing *s, struct json_out *o, const struct want *w)
{
	enum repair_outcome outcome = w->fixes.n ? REPAIR_NOT_HANDLED : REPAIR_NO_FIX;
	struct hm_str version = w->version,
		      why = w->fixes.n ? HM_STR("it is not installed below a node_modules")
				       : HM_STR("no fix is known");
	bool good = w->fixes.n > 0;
	for (size_t i = 0; good && i < s->packages.n; i++) {
		if (!is_of(w, &s->packages.p[i]))
			continue;
		outcome = judge(s, w, &s->packages.p[i], &why);
		version = s->packages.p[i].version;
		good = outcome == REPAIR_FIXED;
	}
	json_open(o, NULL, '{');
	json_put_int(o, "outcome", outcome);
	json_put_str(o, "version", version);
	json_put_str(o, "why", outcome == REPAIR_FIXED ? HM_STR("") : why);
	json_close(o, '}');
}

static void put_answer(struct choosing *s, struct json_out *o)
{
	json_open(o, "verdicts", '[');
	for (size_t i = 0; i < s->wants.n; i++)
		put_verdict(s, o, &s->wants.p[i]);
	json_close(o, ']');
	json_open(o, "choices", '[');
	for (size_t i = 0; i < s->packages.n; i++) {
		const struct package *p = &s->packages.p[i];
		if (!p->chosen)
			continue;
		json_open(o, NULL, '{');
		json_put_int(o, "package", (int64_t)i);
		json_put_str(o, "name", p->name);
		json_put_str(o, "from", json_str(json_get(p->was, "version")));
		json_put_str(o, "version", p->version);
		json_put_str(o, "url", p->chosen->url);
		json_put_str(o, "digest", p->chosen->digest);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_asked(struct choosing *s, struct json_out *o)
{
	json_put_strs(o, "pages", &s->pages);
	json_open(o, "files", '[');
	for (size_t i = 0; i < s->asked.n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "url", s->asked.p[i].url);
		json_put_str(o, "digest", s->asked.p[i].digest);
		json_close(o, '}');
	}
	json_close(o, ']');
}

hm_err repair_npm_choose(struct hm_cx *cx, struct json question, struct json_out *answer)
{
	struct choosing s = { .cx = cx, .q = question, .kept = 1 };
	bool changed = true;
	read_question(&s);
	HM_TRY(find_targets(&s));
	for (int round = 0; !s.pages.n && changed && round < ROUNDS; round++) {
		changed = false;
		s.asked.n = 0;
		for (size_t i = 0; i < s.packages.n; i++)
			if (s.packages.p[i].files.n)
				changed |= choose(&s, &s.packages.p[i]);
		HM_TRY(hm_alive(cx));
	}
	if (changed && !s.pages.n)
		return hm_fail(cx, HM_LIMIT, "versions that fit together were not found");
	json_open(answer, NULL, '{');
	if (!s.pages.n && !s.asked.n)
		put_answer(&s, answer);
	put_asked(&s, answer);
	json_close(answer, '}');
	return NULL;
}
