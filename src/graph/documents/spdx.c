/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX 2.2 and 2.3 (spdx.github.io/spdx-spec), and what becomes of them in GUAC. */
#include "graph/documents/documents.h"

struct spdx {
	struct graph_doc *d;
	struct json doc;
	struct graph_items packages, files;
	struct hm_map described; /* ids that the document describes */
	struct hm_str created;
	HM_VEC(graph_ref) top, top_artifacts;
	struct graph_licences licences;
};

bool graph_is_spdx(struct json doc)
{
	return hm_starts(json_str(json_get(doc, "spdxVersion")), HM_STR("SPDX-2."));
}

static struct hm_str text(struct json object, const char *key)
{
	return json_str(json_get(object, key));
}

/* An element's id without what all have; that of another document is none of this one. */
static struct hm_str id_of(struct hm_str s)
{
	size_t colon = hm_find_char(s, ':');
	if (colon != SIZE_MAX && hm_starts(s, HM_STR("DocumentRef-")))
		s = hm_from(s, colon + 1);
	return hm_starts(s, HM_STR("SPDXRef-")) ? hm_from(s, 8) : s;
}

/* ------------------------------------------------------------------ what it is about */

static void find_described(struct hm_cx *cx, struct spdx *s)
{
	for (struct json_iter it = json_iter(json_get(s->doc, "relationships")); json_next(&it);) {
		struct hm_str a = id_of(text(it.value, "spdxElementId"));
		struct hm_str b = id_of(text(it.value, "relatedSpdxElement"));
		struct hm_str type = text(it.value, "relationshipType");
		if (hm_eq(a, b))
			continue;
		if (hm_eqz(type, "DESCRIBES") && hm_eqz(a, "DOCUMENT"))
			hm_map_put(cx, &s->described, b, s);
		if (hm_eqz(type, "DESCRIBED_BY") && hm_eqz(b, "DOCUMENT"))
			hm_map_put(cx, &s->described, a, s);
	}
	/* the older spelling of the same */
	for (struct json_iter it = json_iter(json_get(s->doc, "documentDescribes"));
	     json_next(&it);)
		hm_map_put(cx, &s->described, id_of(json_str(it.value)), s);
}

/* ------------------------------------------------------------------ packages and files */

/* Of files that are empty, or that nobody has hashed. */
static bool is_nothing(struct hm_str digest)
{
	static const char *const empty[] = {
		"da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
		"38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51"
		"ad2f14898b95b",
		"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8"
		"318d2877eec2f63b931bd47417a81a538327af927da3e",
		"d41d8cd98f00b204e9800998ecf8427e",
		"00000001",
		"a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
		"0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2ac3713831264adb47fb6"
		"bd1e058d5f004",
		"a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e"
		"3e9402c3ac558f500199d95b6d3e301758586281dcd26",
		"0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
		"b32811423377f52d7862286ee1a72ee540524380fda1724a6f25d7978c6fd3244a6caf0498812673c5e"
		"05ef583825100",
		"786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e1031afee5853138"
		"96444934eb04b903a685b1448b755d56f701afe9be2ce",
	};
	size_t zeros = 0;
	while (zeros < digest.n && digest.p[zeros] == '0')
		zeros++;
	if (zeros == digest.n && (digest.n == 40 || digest.n == 64))
		return true;
	for (size_t i = 0; i < HM_LEN(empty); i++)
		if (hm_eqz(digest, empty[i]))
			return true;
	return !digest.n;
}

static void add_file(struct hm_cx *cx, struct spdx *s, struct json file)
{
	struct hm_str id = id_of(text(file, "SPDXID"));
	bool top = hm_map_has(&s->described, id);
	struct hm_str name = graph_purl_part(cx, text(file, "fileName"), true);
	for (struct json_iter it = json_iter(json_get(file, "checksums")); json_next(&it);) {
		struct hm_str alg = hm_lower(cx, text(it.value, "algorithm"));
		struct hm_str value = text(it.value, "checksumValue");
		if (is_nothing(value))
			continue;
		graph_ref package = graph_doc_package(
			cx, s->d,
			hm_fmt(cx, "pkg:guac/files/%.*s:%.*s?filename=%.*s", HM_FMT(alg),
			       HM_FMT(graph_purl_part(cx, value, false)), HM_FMT(name)));
		graph_ref artifact = graph_doc_artifact(cx, s->d, alg, value);
		struct graph_item *item = graph_item_make(cx, &s->files, id);
		*hm_push(cx, &item->packages) = package;
		*hm_push(cx, &item->artifacts) = artifact;
		if (top) {
			*hm_push(cx, &s->top) = package;
			*hm_push(cx, &s->top_artifacts) = artifact;
		}
	}
}

static hm_err add_purls(struct hm_cx *cx, struct spdx *s, struct json package,
			struct graph_item *item)
{
	for (struct json_iter it = json_iter(json_get(package, "externalRefs")); json_next(&it);) {
		struct hm_str locator = text(it.value, "referenceLocator");
		if (!hm_eqz(text(it.value, "referenceType"), "purl"))
			continue;
		graph_ref ref = graph_doc_package(cx, s->d, locator);
		if (!ref)
			return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a purl", HM_FMT(locator));
		*hm_push(cx, &item->packages) = ref;
	}
	if (item->packages.n)
		return NULL;
	struct hm_str name = text(package, "name"), version = text(package, "versionInfo");
	graph_ref ref =
		name.n ? graph_doc_package(cx, s->d, graph_purl_of_name(cx, name, version)) : 0;
	if (!ref)
		return hm_fail(cx, HM_INPUT, "a package has no name");
	*hm_push(cx, &item->packages) = ref;
	return NULL;
}

static hm_err add_package(struct hm_cx *cx, struct spdx *s, struct json package)
{
	struct hm_str id = id_of(text(package, "SPDXID"));
	struct graph_item *item = graph_item_make(cx, &s->packages, id);
	bool top = hm_map_has(&s->described, id);
	HM_TRY(add_purls(cx, s, package, item));
	for (size_t i = 0; top && i < item->packages.n; i++)
		*hm_push(cx, &s->top) = item->packages.p[i];
	for (struct json_iter it = json_iter(json_get(package, "checksums")); json_next(&it);) {
		graph_ref artifact = graph_doc_artifact(cx, s->d, text(it.value, "algorithm"),
							text(it.value, "checksumValue"));
		if (!artifact)
			continue;
		*hm_push(cx, &item->artifacts) = artifact;
		if (top)
			*hm_push(cx, &s->top_artifacts) = artifact;
	}
	return NULL;
}

/* ------------------------------------------------------------------ relations */

struct sides {
	struct hm_str on, what;
};

/* Who contains or needs the other. */
static bool sides_of(struct json relation, struct sides *out)
{
	static const char *const forward[] = { "CONTAINS", "DEPENDS_ON", "GENERATED_FROM" };
	static const char *const backward[] = { "CONTAINED_BY", "DEPENDENCY_OF", "GENERATES",
						"PACKAGE_OF" };
	struct hm_str type = text(relation, "relationshipType");
	struct hm_str a = id_of(text(relation, "spdxElementId"));
	struct hm_str b = id_of(text(relation, "relatedSpdxElement"));
	for (size_t i = 0; i < HM_LEN(forward); i++)
		if (hm_eqz(type, forward[i])) {
			*out = (struct sides){ a, b };
			return true;
		}
	for (size_t i = 0; i < HM_LEN(backward); i++)
		if (hm_eqz(type, backward[i])) {
			*out = (struct sides){ b, a };
			return true;
		}
	return false;
}

static void say_relations_of(struct hm_cx *cx, struct spdx *s, const struct graph_item *item,
			     graph_ref what, struct hm_str why)
{
	for (size_t i = 0; item && i < item->packages.n; i++)
		graph_say_depends(cx, s->d, item->packages.p[i], what, "UNKNOWN", why);
}

static void say_relations(struct hm_cx *cx, struct spdx *s)
{
	for (struct json_iter it = json_iter(json_get(s->doc, "relationships")); json_next(&it);) {
		struct sides sides;
		struct hm_str comment = text(it.value, "comment");
		if (!sides_of(it.value, &sides))
			continue;
		/* as GUAC does: of several, the first; of a file, the file */
		graph_ref what = graph_item_package(&s->files, sides.what);
		if (!what)
			what = graph_item_package(&s->packages, sides.what);
		struct hm_str why = hm_fmt(cx, "Derived from SPDX %.*s relationship%s%.*s",
					   HM_FMT(text(it.value, "relationshipType")),
					   comment.n ? "with comment: " : "", HM_FMT(comment));
		say_relations_of(cx, s, hm_map_get(&s->packages.at, sides.on), what, why);
		say_relations_of(cx, s, hm_map_get(&s->files.at, sides.on), what, why);
	}
}

/* Where the document does not say what it is about, it is about its own name. */
static void say_guessed_top(struct hm_cx *cx, struct spdx *s)
{
	const struct hm_map *const maps[] = { &s->packages.at, &s->files.at };
	struct hm_str name = graph_purl_part(cx, text(s->doc, "name"), true);
	graph_ref top = graph_doc_package(cx, s->d, hm_fmt(cx, "pkg:guac/spdx/%.*s", HM_FMT(name)));
	*hm_push(cx, &s->top) = top;
	for (size_t m = 0; m < HM_LEN(maps); m++)
		for (size_t i = 0; i < maps[m]->n; i++) {
			const struct graph_item *item = maps[m]->entries[i].value;
			for (size_t k = 0; k < item->packages.n; k++)
				if (item->packages.p[k] != top)
					graph_say_depends(
						cx, s->d, top, item->packages.p[k], "UNKNOWN",
						HM_STR("top-level package GUAC heuristic connecting "
						       "to each file/package"));
		}
}

/* ------------------------------------------------------------------ licences, CPEs */

static void read_inline_texts(struct hm_cx *cx, struct spdx *s)
{
	struct json list = json_get(s->doc, "hasExtractedLicensingInfos");
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct hm_str *extracted = hm_new(cx, struct hm_str, 1);
		*extracted = text(it.value, "extractedText");
		hm_map_put(cx, &s->licences.inline_texts, text(it.value, "licenseId"), extracted);
	}
	s->licences.list_version = text(json_get(s->doc, "creationInfo"), "licenseListVersion");
}

static graph_ref cpe_detail(struct hm_cx *cx, struct graph_doc *d, struct hm_str locator)
{
	struct graph_detail t = { 0 };
	graph_detail_begin(&t);
	json_putz(&t.o, "key", "cpe");
	graph_detail_str(cx, &t, "value", locator);
	json_putz(&t.o, "justification", "spdx cpe external reference");
	return graph_detail_end(cx, d, &t);
}

static void say_package(struct hm_cx *cx, struct spdx *s, struct json package)
{
	const struct graph_item *item = hm_map_get(&s->packages.at, id_of(text(package, "SPDXID")));
	struct hm_str comment = text(package, "licenseComments");
	struct graph_legal legal = { .declared = text(package, "licenseDeclared"),
				     .discovered = text(package, "licenseConcluded"),
				     .attribution = text(package, "copyrightText"),
				     .justification = HM_STR("Found in SPDX document."),
				     .scanned = s->created };
	bool is_said = legal.declared.n || legal.discovered.n || legal.attribution.n;
	if (comment.n)
		legal.justification =
			hm_fmt(cx, "%.*s : %.*s", HM_FMT(legal.justification), HM_FMT(comment));
	for (size_t i = 0; i < item->packages.n && is_said; i++) {
		legal.package = item->packages.p[i];
		graph_say_legal(cx, s->d, &s->licences, &legal);
	}
	for (struct json_iter it = json_iter(json_get(package, "externalRefs")); json_next(&it);) {
		struct hm_str locator = text(it.value, "referenceLocator");
		if (!hm_eqz(text(it.value, "referenceCategory"), "SECURITY"))
			continue;
		graph_ref detail = cpe_detail(cx, s->d, locator);
		for (size_t i = 0; i < item->packages.n; i++)
			graph_doc_fact(cx, s->d,
				       &(struct graph_fact){ .kind = GRAPH_HAS_METADATA,
							     .subject = item->packages.p[i],
							     .detail = detail });
	}
}

/* ------------------------------------------------------------------ the whole */

hm_err graph_read_spdx(struct hm_cx *cx, struct json doc, struct hm_str digest, struct graph_doc *d)
{
	struct spdx s = { .d = d, .doc = doc };
	int64_t created;
	struct json info = json_get(doc, "creationInfo");
	d->format = hm_fmt(cx, "SPDX %.*s", HM_FMT(hm_sub(text(doc, "spdxVersion"), 5, 16)));
	s.created = text(info, "created");
	HM_TRY_IN(cx, hm_rfc3339_parse(cx, s.created, &created), "\"creationInfo.created\"");
	HM_TRY(graph_check_shape(cx, doc, graph_spdx_shape));
	find_described(cx, &s);
	read_inline_texts(cx, &s);
	for (struct json_iter it = json_iter(json_get(doc, "files")); json_next(&it);)
		add_file(cx, &s, it.value);
	for (struct json_iter it = json_iter(json_get(doc, "packages")); json_next(&it);)
		HM_TRY(add_package(cx, &s, it.value));
	if (!s.top.n)
		say_guessed_top(cx, &s);
	struct graph_sbom sbom = { text(doc, "documentNamespace"), digest, s.created };
	for (size_t i = 0; i < s.top_artifacts.n; i++)
		graph_say_sbom(cx, d, s.top_artifacts.p[i], &sbom);
	for (size_t i = 0; i < s.top.n && !s.top_artifacts.n; i++)
		graph_say_sbom(cx, d, s.top.p[i], &sbom);
	say_relations(cx, &s);
	graph_say_occurrences(cx, d, &s.files, "spdx file with checksum");
	graph_say_occurrences(cx, d, &s.packages, "spdx package with checksum");
	for (struct json_iter it = json_iter(json_get(doc, "packages")); json_next(&it);)
		say_package(cx, &s, it.value);
	return NULL;
}
