/* SPDX-License-Identifier: Apache-2.0 */
/* Sources: the JAR File Specification, "JAR Manifest"; OSGi Core, "Bundle-SymbolicName"; the
 * layouts of Maven's, Debian's, Gradle's and Ivy's repositories. */
#include "inventory/catalogers/java_identity.h"

#include "inventory/catalogers/java_groups.h"

bool inventory_java_is_archive(struct hm_str name)
{
	static const char *const tails[] = { ".jar", ".war", ".ear", ".jpi", ".hpi",
					     ".par", ".sar", ".nar", ".kar" };
	for (size_t i = 0; i < HM_LEN(tails); i++) {
		size_t n = strlen(tails[i]);
		if (name.n > n && hm_cmp_nocase(hm_from(name, name.n - n), hm_cstr(tails[i])) == 0)
			return true;
	}
	return false;
}

/* --- the manifest --- */

/* A manifest wraps lines at 72 bytes: a line break and one space within a value are not part of
 * it. */
static struct hm_str unwrap_lines(struct hm_cx *cx, struct hm_str s)
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

struct hm_str inventory_java_attribute(struct hm_cx *cx, const struct stanza *manifest,
				       const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct hm_str s = unwrap_lines(cx, stanza_get(manifest, names[i]));
		if (s.n && !hm_starts(s, HM_STR("${"))) /* a build that did not fill it in */
			return s;
	}
	return HM_STR("");
}

/* A specification's version is that of an API, and often cut short: it is asked last. */
static struct hm_str manifest_version(struct hm_cx *cx, const struct stanza *manifest)
{
	static const char *const versions[] = { "Implementation-Version", "Bundle-Version",
						"Plugin-Version", "Specification-Version" };
	struct hm_str first = HM_STR("");
	for (size_t i = 0; i < HM_LEN(versions); i++) {
		struct hm_str v = inventory_java_attribute(cx, manifest, &versions[i], 1);
		v = hm_cut(&v, ' ');
		if (v.n && (hm_is_digit(*v.p) || (*v.p == 'v' && v.n > 1 && hm_is_digit(v.p[1]))))
			return v;
		first = first.n ? first : v;
	}
	return first;
}

/* --- the file's name --- */

static bool is_word(struct hm_str s, const char *const *words, size_t n)
{
	size_t letters = 0;
	while (letters < s.n && hm_is_alpha(s.p[letters]))
		letters++;
	for (size_t i = 0; i < n; i++)
		if (hm_cmp_nocase(s, hm_cstr(words[i])) == 0 ||
		    hm_cmp_nocase(hm_sub(s, 0, letters), hm_cstr(words[i])) == 0)
			return true;
	return false;
}

/* Does "-WORD-1.2" within a version go on with the version? Else it belongs to the name. */
static bool is_qualifier(struct hm_str word)
{
	static const char *const words[] = {
		"alpha",    "beta",   "b",      "m",          "milestone", "rc",      "cr",
		"snapshot", "pre",    "dev",    "ea",         "ga",        "final",   "release",
		"sp",       "patch",  "jre",    "jdk",        "android",   "r",       "rev",
		"build",    "redhat", "hudson", "cb",         "amzn",      "jenkins", "cdh",
		"hdp",      "mapr",   "empty",  "incubating", "p",         "hotfix"
	};
	return is_word(word, words, HM_LEN(words));
}

/* What may stand behind the version (Maven's classifier): for which machine, or which part. */
static bool is_classifier(struct hm_str word)
{
	static const char *const words[] = { "linux",   "osx",     "macos",   "windows",   "darwin",
					     "sources", "javadoc", "tests",   "test",      "all",
					     "shaded",  "uber",    "jar",     "full",      "exec",
					     "boot",    "fat",     "jakarta", "no",        "noaop",
					     "nodeps",  "runtime", "client",  "hadoop",    "x86",
					     "aarch",   "jpms",    "native",  "standalone" };
	return is_word(word, words, HM_LEN(words)) ||
	       (hm_starts(word, HM_STR("jdk")) && word.n > 3 && hm_is_digit(word.p[3]));
}

static struct hm_str without_classifier(struct hm_str version)
{
	struct hm_str rest = version;
	hm_cut(&rest, '-');
	while (rest.n) {
		struct hm_str at = rest;
		if (is_classifier(hm_cut(&rest, '-')))
			return hm_sub(version, 0, (size_t)(at.p - version.p) - 1);
	}
	return version;
}

/* Where a version could begin, at or behind `at`: behind a '-', at a digit. */
static size_t find_version(struct hm_str s, size_t at)
{
	for (size_t i = at ? at : 1; i + 1 < s.n; i++)
		if (s.p[i] == '-' && hm_is_digit(s.p[i + 1]))
			return i + 1;
	return SIZE_MAX;
}

/* "1.2-api-2.17.1" begins with a part of the name: a word that is no qualifier, and then a version
 * of several numbers. */
static bool begins_with_name(struct hm_str version)
{
	struct hm_str rest = version;
	hm_cut(&rest, '-');
	struct hm_str word = hm_cut(&rest, '-'), next = hm_cut(&rest, '-');
	return word.n && hm_is_alpha(*word.p) && !is_qualifier(word) && !is_classifier(word) &&
	       next.n && hm_is_digit(*next.p) && hm_find_char(next, '.') != SIZE_MAX;
}

/* A name in an archive may be cut short by a NUL byte, so that it ends otherwise than it did
 * there. */
static struct hm_str stem_of(struct hm_str file)
{
	struct hm_str s = hm_basename(file);
	if (inventory_java_is_archive(s))
		s.n -= strlen(".jar");
	return s;
}

void inventory_java_split_name(struct hm_str file, struct hm_str *out_name,
			       struct hm_str *out_version)
{
	struct hm_str s = stem_of(file);
	size_t at = find_version(s, 0), next;
	while (at != SIZE_MAX && begins_with_name(hm_from(s, at)) &&
	       (next = find_version(s, at)) != SIZE_MAX)
		at = next;
	*out_name = at == SIZE_MAX ? s : hm_sub(s, 0, at - 1);
	*out_version = at == SIZE_MAX ? HM_STR("") : without_classifier(hm_from(s, at));
}

/* --- which pom is its own --- */

/* Is `b` the version `a`, or that with more behind it (".jre11", "-linux-x86_64")? */
static bool goes_on(struct hm_str a, struct hm_str b)
{
	return a.n && hm_starts(b, a) &&
	       (b.n == a.n || b.p[a.n] == '.' || b.p[a.n] == '-' || b.p[a.n] == '_');
}

/* How well the name of the file fits: 0 not at all. */
static int rate_name(struct hm_cx *cx, struct hm_str stem, const struct java_pom *pom)
{
	struct hm_str full = hm_fmt(cx, "%.*s.%.*s", HM_FMT(pom->group), HM_FMT(pom->artifact));
	struct hm_str names[] = { pom->artifact, full };
	struct hm_str name, version;
	int best = 0;
	inventory_java_split_name(stem, &name, &version);
	for (size_t i = 0; i < HM_LEN(names); i++) {
		if (!names[i].n || !hm_starts(stem, names[i]))
			continue;
		struct hm_str rest = hm_from(stem, names[i].n);
		if (hm_starts(rest, HM_STR("-")) && goes_on(pom->version, hm_from(rest, 1)))
			return 3;
		if (!rest.n)
			best = 2;
		else if (hm_eq(name, names[i]) && best < 1)
			best = 1;
	}
	return best;
}

/* "31.1.0.jre" and "31.1-jre": what they have in common up to the first that differs is a number
 * of both. */
static bool is_like(struct hm_str a, struct hm_str b)
{
	size_t n = 0, dots = 0;
	while (n < a.n && n < b.n && a.p[n] == b.p[n] && (hm_is_digit(a.p[n]) || a.p[n] == '.')) {
		dots += a.p[n] == '.';
		n++;
	}
	bool a_ends = n == a.n || !hm_is_digit(a.p[n]), b_ends = n == b.n || !hm_is_digit(b.p[n]);
	return n && a_ends && b_ends && (dots || n == a.n || n == b.n);
}

/* Its name fits none: it was renamed, or all of them were merged into it. */
static bool is_renamed(struct hm_cx *cx, const struct stanza *manifest, struct hm_str file_version,
		       const struct java_pom *pom, bool is_only)
{
	static const char *const titles[] = { "Implementation-Title", "Bundle-SymbolicName",
					      "Bundle-Name" };
	struct hm_str full = hm_fmt(cx, "%.*s.%.*s", HM_FMT(pom->group), HM_FMT(pom->artifact));
	for (size_t i = 0; i < HM_LEN(titles); i++) {
		struct hm_str title = inventory_java_attribute(cx, manifest, &titles[i], 1);
		title = hm_trim(hm_cut(&title, ';'));
		if (title.n && (hm_eq(title, pom->artifact) || hm_eq(title, full)))
			return true;
	}
	if (!is_only)
		return false;
	if (file_version.n)
		return goes_on(pom->version, file_version);
	struct hm_str version = manifest_version(cx, manifest);
	return !version.n || is_like(version, pom->version);
}

static size_t find_own(struct hm_cx *cx, struct hm_str path, const struct stanza *manifest,
		       const struct java_poms *poms)
{
	struct hm_str name, version, stem = stem_of(path);
	size_t own = SIZE_MAX;
	int best = 0;
	inventory_java_split_name(path, &name, &version);
	for (size_t i = 0; i < poms->n; i++) {
		int how = rate_name(cx, stem, &poms->p[i]);
		/* of two that fit alike, the longer name: "netty" and "netty-all" */
		if (how > best ||
		    (how && how == best && poms->p[i].artifact.n > poms->p[own].artifact.n)) {
			best = how;
			own = i;
		}
	}
	for (size_t i = 0; own == SIZE_MAX && i < poms->n; i++)
		if (is_renamed(cx, manifest, version, &poms->p[i], poms->n == 1))
			own = i;
	return own;
}

/* --- the group, where no pom says it --- */

/* ".../repository/org/acme/name/1.0/name-1.0.jar", Debian's "usr/share/maven-repo", Gradle's
 * "files-2.1/org.acme/name/1.0/DIGEST/name-1.0.jar", Ivy's "cache/org.acme/name/jars/". */
static struct hm_str group_of_place(struct hm_cx *cx, struct hm_str path, struct hm_str artifact)
{
	static const struct {
		struct hm_str mark;
		size_t below; /* names behind the artifact's folder, without the file */
		bool one;     /* the group is one name */
	} layouts[] = {
		{ HM_STR_INIT("/.m2/repository/"), 1, false },
		{ HM_STR_INIT("/maven2/"), 1, false },
		{ HM_STR_INIT("/maven-repo/"), 1, false },
		{ HM_STR_INIT("/files-2.1/"), 2, true },
		{ HM_STR_INIT("/.ivy2/cache/"), 1, true },
	};
	struct hm_str inside = hm_fmt(cx, "/%.*s", HM_FMT(path));
	for (size_t i = 0; i < HM_LEN(layouts); i++) {
		size_t at = hm_find(inside, layouts[i].mark);
		if (at == SIZE_MAX)
			continue;
		struct hm_str place = hm_dirname(hm_from(inside, at + layouts[i].mark.n));
		for (size_t k = 0; k < layouts[i].below; k++)
			place = hm_dirname(place);
		struct hm_str group = hm_dirname(place);
		if (!hm_eq(hm_basename(place), artifact) || !group.n ||
		    (layouts[i].one && hm_find_char(group, '/') != SIZE_MAX))
			continue;
		char *dotted = hm_dupz(cx, group);
		for (size_t k = 0; k < group.n; k++)
			dotted[k] = dotted[k] == '/' ? '.' : dotted[k];
		return hm_bytes(dotted, group.n);
	}
	return HM_STR("");
}

static bool is_group(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && !memchr("._-", s.p[i], 3))
			return false;
	return s.n > 0;
}

/* A bundle's name is none of Maven's, but often made of them: "org.acme.name", or "org.acme.api"
 * of the artifact "acme-api". */
static struct hm_str group_of_bundle(struct hm_cx *cx, struct hm_str bundle, struct hm_str artifact)
{
	size_t dot = hm_rfind_char(bundle, '.');
	if (dot == SIZE_MAX || !is_group(bundle))
		return HM_STR("");
	struct hm_str head = hm_sub(bundle, 0, dot), tail = hm_from(bundle, dot + 1);
	struct hm_str last = hm_from(head, hm_rfind_char(head, '.') + 1);
	struct hm_str joined = hm_fmt(cx, "%.*s-%.*s", HM_FMT(last), HM_FMT(tail));
	struct hm_str whole = hm_fmt(cx, ".%.*s", HM_FMT(artifact));
	if (hm_eq(joined, artifact) || hm_eq(tail, artifact))
		return head;
	if (bundle.n > whole.n && hm_ends(bundle, whole))
		return hm_sub(bundle, 0, bundle.n - whole.n);
	return HM_STR("");
}

/* The folder, one of `common` or above it, that `folder` is or lies in. */
static struct hm_str find_common_folder(struct hm_str common, struct hm_str folder)
{
	while (common.n &&
	       !(hm_starts(folder, common) && (folder.n == common.n || folder.p[common.n] == '/')))
		common = hm_find_char(common, '/') == SIZE_MAX ? HM_STR("") : hm_dirname(common);
	return common;
}

/* The folder that all classes lie in: "com.jayway.jsonpath". */
static struct hm_str group_of_classes(struct hm_cx *cx, const struct zip *zip)
{
	struct hm_str common = HM_STR("");
	bool first = true;
	for (size_t i = 0; i < zip->n; i++) {
		struct hm_str name = zip->entries[i].name;
		if (!hm_ends(name, HM_STR(".class")) || hm_starts(name, HM_STR("META-INF/")) ||
		    hm_eqz(name, "module-info.class"))
			continue;
		struct hm_str folder = hm_dirname(name);
		if (hm_find_char(name, '/') == SIZE_MAX)
			folder = HM_STR("");
		common = find_common_folder(first ? folder : common, folder);
		first = false;
	}
	char *dotted = hm_dupz(cx, common);
	for (size_t k = 0; k < common.n; k++)
		dotted[k] = dotted[k] == '/' ? '.' : dotted[k];
	struct hm_str group = hm_bytes(dotted, common.n);
	return is_group(group) && hm_find_char(group, '.') != SIZE_MAX ? group : HM_STR("");
}

static void find_group(struct hm_cx *cx, struct hm_str path, const struct zip *zip,
		       const struct stanza *manifest, struct java_identity *out)
{
	static const char *const vendors[] = { "Group-Id", "Implementation-Vendor-Id" };
	static const char *const bundles[] = { "Bundle-SymbolicName", "Automatic-Module-Name" };
	struct java_pom *pom = &out->pom;
	pom->group = group_of_place(cx, path, pom->artifact);
	const struct java_group *known =
		pom->group.n ? NULL : inventory_java_group(pom->artifact, pom->version);
	if (known)
		pom->group = hm_cstr(known->group);
	out->group_guessed = known ? known->several : !pom->group.n;
	if (!pom->group.n)
		pom->group = inventory_java_attribute(cx, manifest, vendors, HM_LEN(vendors));
	if (!is_group(pom->group))
		pom->group = HM_STR("");
	for (size_t i = 0; !pom->group.n && i < HM_LEN(bundles); i++) {
		struct hm_str bundle = inventory_java_attribute(cx, manifest, &bundles[i], 1);
		pom->group = group_of_bundle(cx, hm_trim(hm_cut(&bundle, ';')), pom->artifact);
	}
	if (!pom->group.n)
		pom->group = group_of_classes(cx, zip);
	if (!pom->group.n)
		pom->group = pom->artifact;
}

void inventory_java_identify(struct hm_cx *cx, struct hm_str path, const struct zip *zip,
			     const struct stanza *manifest, const struct java_poms *poms,
			     struct java_identity *out)
{
	struct hm_str name, version;
	inventory_java_split_name(path, &name, &version);
	*out = (struct java_identity){ .own = find_own(cx, path, manifest, poms) };
	if (out->own != SIZE_MAX) {
		out->pom = poms->p[out->own];
		/* "12.4.2" in a file "-12.4.2.jre11.jar": the pom of a profile, the version of what
		 * it made */
		if (!out->pom.version.n ||
		    (version.n > out->pom.version.n && hm_starts(version, out->pom.version) &&
		     version.p[out->pom.version.n] == '.'))
			out->pom.version = version;
		if (!out->pom.version.n)
			out->pom.version = manifest_version(cx, manifest);
		if (!out->pom.group.n)
			find_group(cx, path, zip, manifest, out);
		return;
	}
	out->pom.artifact = name;
	out->pom.version = version.n ? version : manifest_version(cx, manifest);
	find_group(cx, path, zip, manifest, out);
}
