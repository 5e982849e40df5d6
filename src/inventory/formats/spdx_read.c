/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX 2.2 and 2.3 in JSON, as Hullmark, Syft and Trivy write it. */
#include "inventory/formats/spdx.h"

#include "inventory/formats/reading.h"

static struct hm_str purl_of(struct json package)
{
	for (struct json_iter it = json_iter(json_get(package, "externalRefs")); json_next(&it);)
		if (hm_eqz(json_str(json_get(it.value, "referenceType")), "purl"))
			return json_str(json_get(it.value, "referenceLocator"));
	return HM_STR("");
}

static bool is_said(struct hm_str s)
{
	return s.n && !hm_eqz(s, "NOASSERTION") && !hm_eqz(s, "NONE");
}

/* "Person: Name (mail)" back to "Name <mail>". */
static struct hm_str read_supplier(struct hm_cx *cx, struct hm_str s)
{
	if (!is_said(s))
		return HM_STR("");
	hm_cut_str(&s, HM_STR(": "));
	size_t mail = hm_rfind_char(s, '(');
	if (mail == SIZE_MAX || mail < 2 || s.p[--mail] != ' ' || !hm_ends(s, HM_STR(")")) ||
	    hm_find_char(s, '@') == SIZE_MAX)
		return s;
	return hm_fmt(cx, "%.*s <%.*s>", HM_FMT(hm_sub(s, 0, mail)),
		      HM_FMT(hm_sub(s, mail + 2, s.n - mail - 3)));
}

/* A lone LicenseRef is what it stands for. */
static struct hm_str read_licence(struct json references, struct hm_str s)
{
	for (struct json_iter it = json_iter(references); json_next(&it);)
		if (hm_eq(json_str(json_get(it.value, "licenseId")), s))
			return json_str(json_get(it.value, "extractedText"));
	return s;
}

static void read_hashes(struct hm_cx *cx, struct json checksums, struct inventory_component *c)
{
	for (struct json_iter it = json_iter(checksums); json_next(&it);) {
		struct hm_str alg = hm_lower(cx, json_str(json_get(it.value, "algorithm")));
		struct hm_str hex = json_str(json_get(it.value, "checksumValue"));
		if (alg.n && hex.n)
			*hm_push(cx, &c->hashes) =
				hm_fmt(cx, "%.*s:%.*s", HM_FMT(alg), HM_FMT(hex));
	}
}

/* Our own annotation, a JSON object; nothing where there is none. */
static hm_err find_annotation(struct hm_cx *cx, struct json package, struct json *out)
{
	*out = (struct json){ NULL };
	for (struct json_iter it = json_iter(json_get(package, "annotations")); json_next(&it);) {
		struct hm_str who = json_str(json_get(it.value, "annotator"));
		struct hm_str comment = json_str(json_get(it.value, "comment"));
		if (hm_starts(who, HM_STR("Tool: hullmark-")))
			return json_parse(cx, comment, JSON_PLAIN, out);
	}
	return NULL;
}

static hm_err read_annotation(struct reading *r, struct json note, struct inventory_component *c)
{
	uint64_t i = 0;
	c->cataloger = json_str(json_get(note, "cataloger"));
	c->range = json_str(json_get(note, "range"));
	c->dev = json_bool(json_get(note, "dev"));
	c->group_guessed = json_bool(json_get(note, "groupGuessed"));
	c->main_module = json_bool(json_get(note, "mainModule"));
	struct hm_str origin = json_str(json_get(note, "origin"));
	if (origin.n)
		c->origin = origin;
	if (hm_eqz(json_str(json_get(note, "evidence")), "declared"))
		c->evidence = INVENTORY_DECLARED;
	for (struct json_iter it = json_iter(json_get(note, "locations")); json_next(&it); i++) {
		struct hm_str path = json_str(json_get(it.value, "path"));
		struct hm_str layer = json_str(json_get(it.value, "layer"));
		HM_TRY(inventory_reading_location(r, c, i, &path, &layer));
	}
	return NULL;
}

/* Syft: "acquired package info from DPKG DB: /var/lib/dpkg/status"; several paths between commas.
 * Trivy: "built package from: bash 4.2.46-31.el7", and the layer among the attribution texts. */
static hm_err read_source_info(struct reading *r, struct json package,
			       struct inventory_component *c)
{
	struct hm_str info = json_str(json_get(package, "sourceInfo")), path = info, layer = { 0 };
	struct hm_str head = hm_cut_str(&path, HM_STR(": "));
	for (struct json_iter it = json_iter(json_get(package, "attributionTexts"));
	     json_next(&it);)
		if (hm_starts(json_str(it.value), HM_STR("LayerDigest: ")))
			layer = hm_from(json_str(it.value), 13);
	if (hm_eqz(head, "built package from")) {
		c->source_version = path;
		c->source_name = hm_cut(&c->source_version, ' ');
		path = HM_STR("");
	}
	size_t slash = hm_find(path, HM_STR("/"));
	path = slash == SIZE_MAX ? HM_STR("") : hm_from(path, slash);
	path = hm_cut_str(&path, HM_STR(", "));
	return path.n || layer.n ? inventory_reading_location(r, c, 0, &path, &layer) : NULL;
}

static hm_err read_component(struct reading *r, struct json doc, struct json package,
			     struct hm_str purl, struct json note)
{
	struct inventory_component c;
	struct hm_str stated = json_str(json_get(package, "licenseDeclared"));
	HM_TRY(inventory_reading_component(r, purl, json_str(json_get(package, "name")), &c));
	if (!c.type.n)
		return NULL;
	if (!is_said(stated))
		stated = json_str(json_get(package, "licenseConcluded"));
	if (is_said(stated))
		*hm_push(r->cx, &c.licenses) =
			read_licence(json_get(doc, "hasExtractedLicensingInfos"), stated);
	c.supplier = read_supplier(r->cx, json_str(json_get(package, "supplier")));
	c.description = json_str(json_get(package, "description"));
	struct hm_str homepage = json_str(json_get(package, "homepage"));
	c.homepage = is_said(homepage) ? homepage : HM_STR("");
	read_hashes(r->cx, json_get(package, "checksums"), &c);
	if (json_is_there(note))
		HM_TRY(read_annotation(r, note, &c));
	else
		HM_TRY(read_source_info(r, package, &c));
	return inventory_reading_add(r, json_str(json_get(package, "SPDXID")), &c);
}

static hm_err read_root(struct reading *r, struct json package, struct json note)
{
	uint64_t n = 0;
	struct inventory *inv = &r->inv;
	inv->name = json_str(json_get(package, "name"));
	inv->digest = json_str(json_get(note, "digest"));
	inv->media_type = json_str(json_get(note, "mediaType"));
	inv->platform.os = json_str(json_get(note, "os"));
	inv->platform.architecture = json_str(json_get(note, "architecture"));
	inv->platform.variant = json_str(json_get(note, "variant"));
	for (struct json_iter it = json_iter(json_get(note, "layers")); json_next(&it);)
		*hm_push(r->cx, &inv->layers) = json_str(it.value);
	struct hm_str version = json_str(json_get(package, "versionInfo"));
	if (!inv->digest.n && hm_starts(version, HM_STR("sha256:")))
		inv->digest = version;
	struct json unknown = json_get(note, "unknownContent");
	for (struct json_iter it = json_iter(unknown); json_next(&it); n++) {
		struct inventory_unknown *u;
		HM_TRY(inventory_reading_unknown(r, n, &u));
		u->path = json_str(json_get(it.value, "path"));
		u->layer = json_str(json_get(it.value, "layer"));
		u->reason = json_str(json_get(it.value, "reason"));
	}
	return NULL;
}

static void read_system(struct reading *r, struct json package, struct json note)
{
	struct inventory_distro *d = &r->inv.distro;
	d->id = json_str(json_get(package, "name"));
	d->version_id = json_str(json_get(package, "versionInfo"));
	d->version_codename = json_str(json_get(note, "versionCodename"));
	d->name = json_str(json_get(note, "name"));
	d->id_like = json_str(json_get(note, "idLike"));
}

/* What the document is about: what DESCRIBES leads to (documentDescribes, in older ones). */
static struct hm_str find_described(struct json doc)
{
	for (struct json_iter it = json_iter(json_get(doc, "relationships")); json_next(&it);)
		if (hm_eqz(json_str(json_get(it.value, "relationshipType")), "DESCRIBES"))
			return json_str(json_get(it.value, "relatedSpdxElement"));
	struct json list = json_get(doc, "documentDescribes");
	return json_size(list) ? json_str(json_at(list, 0)) : HM_STR("");
}

static hm_err read_package(struct reading *r, struct json doc, struct json package,
			   struct hm_str root)
{
	struct hm_str id = json_str(json_get(package, "SPDXID")), purl = purl_of(package);
	struct hm_str purpose = json_str(json_get(package, "primaryPackagePurpose"));
	struct json note;
	HM_TRY(find_annotation(r->cx, package, &note));
	if (hm_eqz(purpose, "OPERATING-SYSTEM") || hm_eqz(purpose, "OPERATING_SYSTEM") ||
	    hm_starts(id, HM_STR("SPDXRef-OperatingSystem"))) {
		read_system(r, package, note);
		return NULL;
	}
	bool is_image =
		hm_starts(purl, HM_STR("pkg:oci/")) || hm_starts(purl, HM_STR("pkg:docker/"));
	if (hm_eq(id, root) && (is_image || !purl.n))
		return read_root(r, package, note);
	if (!purl.n || is_image) {
		r->passed_over++;
		return NULL;
	}
	return read_component(r, doc, package, purl, note);
}

static hm_err read_relationships(struct reading *r, struct json doc)
{
	for (struct json_iter it = json_iter(json_get(doc, "relationships")); json_next(&it);) {
		struct hm_str type = json_str(json_get(it.value, "relationshipType"));
		struct hm_str from = json_str(json_get(it.value, "spdxElementId"));
		struct hm_str to = json_str(json_get(it.value, "relatedSpdxElement"));
		struct hm_str comment = json_str(json_get(it.value, "comment"));
		if (hm_eqz(type, "DEPENDS_ON"))
			HM_TRY(inventory_reading_relate(r, from, to, false));
		else if (hm_eqz(type, "DEPENDENCY_OF"))
			HM_TRY(inventory_reading_relate(r, to, from, false));
		else if (hm_eqz(type, "OTHER") &&
			 hm_starts(comment, HM_STR("ownership-by-file-overlap")))
			HM_TRY(inventory_reading_relate(r, from, to, true));
	}
	return NULL;
}

hm_err inventory_spdx_read(struct hm_cx *cx, struct json doc, struct inventory *out)
{
	struct reading *r = hm_new(cx, struct reading, 1);
	struct hm_str root = find_described(doc);
	size_t i = 0;
	r->cx = cx;
	r->inv.name = json_str(json_get(doc, "name"));
	for (struct json_iter it = json_iter(json_get(doc, "packages")); json_next(&it); i++)
		HM_TRY_IN(cx, read_package(r, doc, it.value, root), "SPDX: package %zu", i);
	HM_TRY(read_relationships(r, doc));
	return inventory_reading_end(r, out);
}
