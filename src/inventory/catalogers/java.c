/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Java archives: what pom.properties, the manifest and the file's name say about them, and the
 * archives within. Sources: the JAR File Specification, "JAR Manifest"; Maven's archiver
 * (pom.properties).
 */
#include "inventory/catalogers/common.h"

#include "codec/zip.h"
#include "crypto/crypto.h"
#include "inventory/catalogers/java_groups.h"

enum { LEVELS = 8 + 1, SMALL = 1 << 20 };
_Static_assert(LEVELS <= 64, "the levels stand on the stack");

/* An archive that is open: its entries, and where in them the search for others has come to. */
struct level {
	struct zip zip;
	struct hm_str path, bytes;
	size_t next;
	struct hm_mark mark; /* before its bytes were inflated */
};

struct pom {
	struct hm_str group, artifact, version;
};

static bool is_archive(struct hm_str name)
{
	static const char *const tails[] = { ".jar", ".war", ".ear", ".jpi", ".hpi" };
	for (size_t i = 0; i < HM_LEN(tails); i++) {
		size_t n = strlen(tails[i]);
		if (name.n > n && hm_cmp_nocase(hm_from(name, name.n - n), hm_cstr(tails[i])) == 0)
			return true;
	}
	return false;
}

/* --- what an archive says of itself --- */

/* A manifest wraps lines at 72 bytes: a line break and one space within a value are not part of
 * it. */
static struct hm_str unwrapped(struct hm_cx *cx, struct hm_str s)
{
	char *to = hm_new(cx, char, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\r' || (s.p[i] == '\n' && i + 1 < s.n && s.p[i + 1] == ' ')) {
			i += s.p[i] == '\n';
			continue;
		}
		to[n++] = s.p[i];
	}
	return hm_trim(hm_bytes(to, n));
}

static struct hm_str attribute(struct hm_cx *cx, const struct inventory_stanza *manifest,
			       const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct hm_str s = unwrapped(cx, inventory_stanza_get(manifest, names[i]));
		if (s.n && !hm_starts(s, HM_STR("${"))) /* a build that did not fill it in */
			return s;
	}
	return HM_STR("");
}

/* "commons-lang3-3.12.0.jar": the version begins at the first '-' that a digit follows. A name in
 * an archive may be cut short by a NUL byte, so that it ends otherwise than it did there. */
static void split_name(struct hm_str file, struct hm_str *out_name, struct hm_str *out_version)
{
	struct hm_str s = hm_basename(file);
	if (is_archive(s))
		s.n -= strlen(".jar");
	*out_name = s;
	*out_version = HM_STR("");
	for (size_t i = 1; i + 1 < s.n; i++) {
		if (s.p[i] != '-' || !hm_is_digit(s.p[i + 1]))
			continue;
		*out_name = hm_sub(s, 0, i);
		*out_version = hm_from(s, i + 1);
		return;
	}
}

static bool is_pom(struct hm_str name)
{
	return hm_starts(name, HM_STR("META-INF/maven/")) &&
	       hm_ends(name, HM_STR("/pom.properties"));
}

static void read_pom(struct hm_str text, struct pom *out)
{
	while (text.n) {
		struct hm_str value = hm_trim(hm_line(&text));
		size_t n = 0;
		while (n < value.n && value.p[n] != '=' && value.p[n] != ':')
			n++;
		struct hm_str key = hm_trim(hm_sub(value, 0, n));
		value = hm_trim(hm_from(value, n + 1));
		if (hm_starts(key, HM_STR("#")) || hm_starts(value, HM_STR("${")))
			continue;
		if (hm_eqz(key, "groupId"))
			out->group = value;
		else if (hm_eqz(key, "artifactId"))
			out->artifact = value;
		else if (hm_eqz(key, "version"))
			out->version = value;
	}
}

/* Who made it, as a Maven group: what is known of this name, what is said so, else a bundle's name
 * without the artifact. */
static struct hm_str group_of(struct hm_cx *cx, const struct inventory_stanza *manifest,
			      struct hm_str artifact, struct hm_str version)
{
	static const char *const groups[] = { "Group-Id", "Implementation-Vendor-Id" };
	static const char *const bundles[] = { "Bundle-SymbolicName", "Automatic-Module-Name" };
	struct hm_str known = inventory_java_group(artifact, version);
	if (known.n)
		return known;
	struct hm_str group = attribute(cx, manifest, groups, HM_LEN(groups));
	struct hm_str bundle = attribute(cx, manifest, bundles, HM_LEN(bundles));
	bundle = hm_trim(hm_cut(&bundle, ';'));
	if (group.n && hm_find_char(group, ' ') == SIZE_MAX)
		return group;
	struct hm_str tail = hm_fmt(cx, ".%.*s", HM_FMT(artifact));
	if (bundle.n > tail.n && hm_ends(bundle, tail))
		return hm_sub(bundle, 0, bundle.n - tail.n);
	return hm_find_char(bundle, '.') != SIZE_MAX ? bundle : artifact;
}

static hm_err add(struct hm_cx *cx, struct pom pom, const struct level *at, struct hm_str licence,
		  bool is_whole, struct inventory_builder *b)
{
	struct inventory_location where = { .path = at->path };
	struct inventory_component c = {
		.type = HM_STR("maven"),
		.space = pom.group.n ? pom.group : pom.artifact,
		.name = pom.artifact,
		.version = pom.version,
		.locations = &where,
		.locations_n = 1,
	};
	if (is_whole) {
		*hm_push(cx, &c.hashes) = crypto_digest_text(cx, CRYPTO_SHA1, at->bytes);
		inventory_list_add(cx, &c.licenses, licence);
	}
	return inventory_add(cx, b, &c);
}

static hm_err read_manifest(struct hm_cx *cx, const struct level *at, struct inventory_stanza *out)
{
	const struct zip_entry *e = zip_find(&at->zip, HM_STR("META-INF/MANIFEST.MF"));
	struct hm_str text;
	if (!e)
		return NULL;
	HM_TRY(zip_read(cx, &at->zip, e, SMALL, &text));
	inventory_stanza_next(cx, &text, out);
	return NULL;
}

/*
 * The archive is what its pom.properties says, where that is the only one or has the file's name;
 * further ones are what was merged into it. Without any, it is what its name and manifest say.
 */
static hm_err identify(struct hm_cx *cx, const struct level *at, struct inventory_builder *b)
{
	static const char *const versions[] = { "Implementation-Version", "Specification-Version",
						"Plugin-Version", "Bundle-Version" };
	static const char *const licences[] = { "Bundle-License" };
	struct inventory_stanza manifest = { 0 };
	HM_VEC(struct pom) poms = { 0 };
	struct pom self = { 0 };
	bool has_self = false;

	HM_TRY(read_manifest(cx, at, &manifest));
	for (size_t i = 0; i < at->zip.n; i++) {
		struct hm_str text;
		struct pom pom = { 0 };
		if (!is_pom(at->zip.entries[i].name))
			continue;
		HM_TRY(zip_read(cx, &at->zip, &at->zip.entries[i], SMALL, &text));
		read_pom(text, &pom);
		if (pom.artifact.n && pom.version.n)
			*hm_push(cx, &poms) = pom;
	}
	split_name(at->path, &self.artifact, &self.version);
	struct hm_str licence = attribute(cx, &manifest, licences, HM_LEN(licences));
	for (size_t i = 0; i < poms.n; i++) {
		bool is_self = poms.n == 1 || hm_eq(poms.p[i].artifact, self.artifact);
		has_self = has_self || is_self;
		HM_TRY(add(cx, poms.p[i], at, licence, is_self, b));
	}
	if (!self.version.n)
		self.version = attribute(cx, &manifest, versions, HM_LEN(versions));
	self.group = group_of(cx, &manifest, self.artifact, self.version);
	return has_self || !self.version.n || !self.artifact.n
		       ? NULL
		       : add(cx, self, at, licence, true, b);
}

/* --- archives in archives: a stack of levels, each one's memory given back when it is done --- */

static hm_err open_level(struct hm_cx *cx, struct hm_str path, struct hm_str bytes,
			 struct inventory_builder *b, struct level *out)
{
	out->path = path;
	out->bytes = bytes;
	out->next = 0;
	HM_TRY(zip_open(cx, bytes, &out->zip));
	return identify(cx, out, b);
}

/* An archive that cannot be read costs that archive only. */
static hm_err go_down(struct hm_cx *cx, const struct level *from, const struct zip_entry *e,
		      struct inventory_builder *b, struct level *to, bool *out_ok)
{
	struct hm_str bytes, path = hm_fmt(cx, "%.*s!/%.*s", HM_FMT(from->path), HM_FMT(e->name));
	hm_err err = zip_read(cx, &from->zip, e, 0, &bytes);
	if (!err)
		err = open_level(cx, path, bytes, b, to);
	*out_ok = !err;
	if (!err)
		return NULL;
	if (err->code != HM_INPUT && err->code != HM_LIMIT)
		return err;
	return inventory_add_warning(cx, b, hm_fmt(cx, "%.*s: %s", HM_FMT(e->name), err->why));
}

INVENTORY_PARSE(java)
{
	struct level levels[LEVELS];
	size_t n = 1;
	if (!file->bytes.n)
		return NULL;
	HM_TRY(open_level(cx, file->path, file->bytes, b, &levels[0]));
	while (n) {
		struct level *top = &levels[n - 1];
		HM_TRY(hm_alive(cx));
		if (top->next == top->zip.n) {
			n--;
			if (n)
				hm_release(cx, top->mark);
			continue;
		}
		const struct zip_entry *e = &top->zip.entries[top->next++];
		if (!is_archive(e->name) || !e->size)
			continue;
		if (n == LEVELS || n > HM_MAX_ARCHIVE_DEPTH) {
			HM_TRY(inventory_add_warning(cx, b,
						     HM_STR("archives are nested too deep")));
			continue;
		}
		bool ok = false;
		levels[n].mark = hm_mark(cx);
		HM_TRY(go_down(cx, top, e, b, &levels[n], &ok));
		if (ok)
			n++;
		else
			hm_release(cx, levels[n].mark);
	}
	return NULL;
}
