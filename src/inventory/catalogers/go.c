/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Go programs: main module, dependencies and standard library from the build information.
 * Source: runtime/debug.BuildInfo; pseudo-versions: go.dev/ref/mod#pseudo-versions.
 */
#include "inventory/catalogers/common.h"

#include "inventory/catalogers/go_buildinfo.h"

struct module {
	struct hm_str path, version;
	struct hm_str folder; /* what replaced it, where that is no module of the proxy */
};

struct program {
	struct module main;
	HM_VEC(struct module) deps;
	struct hm_str revision, time, ldflags;
};

static bool is_local(struct hm_str path)
{
	return hm_starts(path, HM_STR("./")) || hm_starts(path, HM_STR("../")) ||
	       hm_starts(path, HM_STR("/"));
}

static bool is_devel(struct hm_str version)
{
	return !version.n || hm_eqz(version, "(devel)");
}

/* What holds spaces stands in quotes, as a Go string. */
static void read_setting(struct hm_cx *cx, struct program *p, struct hm_str line)
{
	struct hm_str key = hm_cut(&line, '=');
	if (hm_starts(line, HM_STR("\"")))
		line = inventory_unquote(cx, line);
	if (hm_eqz(key, "vcs.revision"))
		p->revision = line;
	else if (hm_eqz(key, "vcs.time"))
		p->time = line;
	else if (hm_eqz(key, "-ldflags"))
		p->ldflags = line;
}

static void read_modules(struct hm_cx *cx, struct hm_str text, struct program *p)
{
	struct module *last = NULL;
	while (text.n) {
		struct hm_str line = hm_line(&text), kind = hm_cut(&line, '\t');
		if (hm_eqz(kind, "build")) {
			read_setting(cx, p, line);
			continue;
		}
		struct module m = { .path = hm_cut(&line, '\t') };
		m.version = hm_cut(&line, '\t');
		if (hm_eqz(kind, "mod")) {
			p->main = m;
			last = &p->main;
		} else if (hm_eqz(kind, "dep") && m.path.n) {
			last = hm_push(cx, &p->deps);
			*last = m;
		} else if (hm_eqz(kind, "=>") && last) {
			/* what it was really built from; a folder beside it has no version */
			if (is_local(m.path) || !m.path.n) {
				last->version = HM_STR("");
				last->folder = m.path;
			} else {
				*last = m;
			}
		}
	}
}

/* The name of a variable that holds the program's own version: "main.version". */
static bool is_version_name(struct hm_str name)
{
	static const char *const tails[] = {
		".version", ".buildversion", ".gitversion", ".appversion",     ".releaseversion",
		".semver",  ".gittag",       ".tag",        ".programversion", ".binaryversion",
	};
	for (size_t i = 0; i < HM_LEN(tails); i++)
		if (hm_ends(name, hm_cstr(tails[i])))
			return true;
	return false;
}

/* -ldflags="-X main.version=1.2.3": the version that a release build gives itself. */
static struct hm_str linked_version(struct hm_cx *cx, struct hm_str flags)
{
	while (flags.n) {
		struct hm_str value = hm_cut(&flags, ' ');
		if (hm_starts(value, HM_STR("-X=")) || hm_starts(value, HM_STR("--X=")))
			hm_cut(&value, '=');
		struct hm_str name = hm_lower(cx, hm_cut(&value, '='));
		while (value.n && (hm_ends(value, HM_STR("'")) || hm_ends(value, HM_STR("\""))))
			value.n--;
		size_t digit = hm_starts(value, HM_STR("v")) ? 1 : 0;
		bool is_version = value.n > digit && hm_is_digit(value.p[digit]) &&
				  hm_find_char(value, '.') != SIZE_MAX;
		if (is_version && is_version_name(name))
			return value;
	}
	return HM_STR("");
}

/* v0.0.0-20240102150405-0123456789ab. */
static struct hm_str pseudo_version(struct hm_cx *cx, const struct program *p)
{
	char stamp[14];
	size_t n = 0;
	for (size_t i = 0; i < p->time.n && n < sizeof(stamp) && p->time.p[i] != 'Z'; i++)
		if (hm_is_digit(p->time.p[i]))
			stamp[n++] = p->time.p[i];
	if (n != sizeof(stamp) || p->revision.n < 12)
		return HM_STR("");
	return hm_fmt(cx, "v0.0.0-%.*s-%.*s", HM_FMT(hm_bytes(stamp, n)),
		      HM_FMT(hm_sub(p->revision, 0, 12)));
}

/* "go1.26.8-X:jsonv2", "go1.22.3 X:boringcrypto", "go1.21.5-fips", "go1.18.3b7", "devel
 * go1.23-0123abc Mon ...": the version, without how it was built. Release candidates and betas are
 * versions of their own. */
static struct hm_str toolchain_version(struct hm_str said)
{
	static const char *const stages[] = { "rc", "beta" };
	size_t n = 2;
	if (hm_starts(said, HM_STR("devel ")))
		said = hm_from(said, 6);
	if (!hm_starts(said, HM_STR("go")))
		return HM_STR("");
	while (n < said.n && (hm_is_digit(said.p[n]) || said.p[n] == '.'))
		n++;
	for (size_t i = 0; i < HM_LEN(stages); i++) {
		struct hm_str stage = hm_cstr(stages[i]);
		size_t end = n + stage.n;
		if (!hm_starts(hm_from(said, n), stage))
			continue;
		while (end < said.n && hm_is_digit(said.p[end]))
			end++;
		return hm_sub(said, 0, end);
	}
	return n > 2 ? hm_sub(said, 0, n) : HM_STR("");
}

static hm_err add_module(struct hm_cx *cx, struct module m, const struct hm_strs *depends,
			 struct inventory_builder *b)
{
	struct inventory_component c = {
		.type = HM_STR("golang"),
		.name = m.path,
		.version = is_devel(m.version) ? HM_STR("") : m.version,
	};
	if (m.folder.n)
		c.origin = hm_fmt(cx, "file:%.*s", HM_FMT(m.folder));
	if (depends) { /* of all it was built from: this is the program itself */
		c.depends = *depends;
		c.main_module = true;
	}
	return inventory_add(cx, b, &c);
}

static struct hm_str make_purl(struct hm_cx *cx, struct module m)
{
	struct inventory_component c = { .type = HM_STR("golang"),
					 .name = m.path,
					 .version = is_devel(m.version) ? HM_STR("") : m.version };
	return inventory_purl(cx, &c);
}

static hm_err add_program(struct hm_cx *cx, struct go_buildinfo info, struct inventory_builder *b)
{
	struct program p = { 0 };
	if (info.modules.n > HM_MAX_JSON || info.version.n > HM_MAX_VERSION)
		return hm_fail(cx, HM_LIMIT, "go: the build information is too long");
	read_modules(cx, info.modules, &p);

	struct module library = { .path = HM_STR("stdlib"),
				  .version = toolchain_version(info.version) };
	struct hm_strs depends = { 0 };
	if (library.version.n)
		*hm_push(cx, &depends) = make_purl(cx, library);
	for (size_t i = 0; i < p.deps.n; i++)
		*hm_push(cx, &depends) = make_purl(cx, p.deps.p[i]);

	/* A version made from the commit says less than what the build says itself. */
	struct hm_str linked = HM_STR("");
	if (is_devel(p.main.version) || hm_starts(p.main.version, HM_STR("v0.0.0-")))
		linked = linked_version(cx, p.ldflags);
	if (linked.n)
		p.main.version = linked;
	if (is_devel(p.main.version))
		p.main.version = pseudo_version(cx, &p);
	if (p.main.path.n)
		HM_TRY(add_module(cx, p.main, &depends, b));
	for (size_t i = 0; i < p.deps.n; i++)
		HM_TRY(add_module(cx, p.deps.p[i], NULL, b));
	return library.version.n ? add_module(cx, library, NULL, b) : NULL;
}

/* A file of macOS may hold a program for each of several machines. */
INVENTORY_PARSE(go)
{
	enum { PROGRAMS_MOST = 32 };
	for (uint64_t i = 0; i < PROGRAMS_MOST; i++) {
		struct go_buildinfo info;
		hm_err err = inventory_go_buildinfo(cx, file->bytes, i, &info);
		if (err && err->code == HM_ABSENT)
			continue; /* no Go program, though it may carry one */
		HM_TRY(err);
		HM_TRY(add_program(cx, info, b));
	}
	return NULL;
}
