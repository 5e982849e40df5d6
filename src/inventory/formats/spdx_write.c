/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SPDX 2.3 in JSON. What SPDX has no field for (path and layer of a package, whether it was
 * installed or declared) stands as JSON in the comment of an annotation, where readers that do
 * not know it pass over it.
 */
#include "inventory/formats/spdx.h"

#include "inventory/formats/document.h"

#include "crypto/crypto.h"
#include "inventory/formats/licences.h"

struct writer {
	struct hm_cx *cx;
	const struct inventory *inv;
	struct json_out o;
	struct document_time time;
	struct hm_str *ids;
	struct hm_map by_purl;
	struct hm_map references; /* LicenseRef to the text that it stands for */
};

static const struct document_hashes hashes = {
	"checksums", "algorithm", "checksumValue", { "SHA1", "SHA256", "SHA384", "SHA512" }
};

/* --- licences --- */

static struct hm_str make_reference(struct writer *w, struct hm_str stated)
{
	struct hm_str digest = hm_hex(w->cx, crypto_digest_raw(w->cx, CRYPTO_SHA256, stated));
	struct hm_str head = hm_sub(stated, 0, 40);
	char *name = hm_dupz(w->cx, head);
	for (size_t i = 0; i < head.n; i++)
		if (!hm_is_alpha(name[i]) && !hm_is_digit(name[i]) && name[i] != '.')
			name[i] = '-';
	/* As much of the digest as tells it from all other texts: a few digits can be searched for.
	 */
	for (size_t n = 8;; n += 8) {
		struct hm_str id =
			hm_fmt(w->cx, "LicenseRef-%s-%.*s", name, HM_FMT(hm_sub(digest, 0, n)));
		struct hm_str *text = hm_map_get(&w->references, id);
		if (!text) {
			text = hm_new(w->cx, struct hm_str, 1);
			*text = stated;
			hm_map_put(w->cx, &w->references, id, text);
		}
		if (n >= digest.n || hm_eq(*text, stated))
			return id;
	}
}

static struct hm_str format_declared(struct writer *w, const struct inventory_component *c)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (size_t i = 0; i < c->licenses.n; i++) {
		struct hm_str one;
		if (!inventory_licence_expression(w->cx, c->licenses.p[i], &one))
			one = make_reference(w, c->licenses.p[i]);
		bool several = c->licenses.n > 1 && hm_find_char(one, ' ') != SIZE_MAX;
		hm_buf_fmt(&b, "%s%s%.*s%s", i ? " AND " : "", several ? "(" : "", HM_FMT(one),
			   several ? ")" : "");
	}
	return b.n && !b.over ? hm_dup(w->cx, hm_buf_str(&b)) : HM_STR("NOASSERTION");
}

static void put_references(struct writer *w)
{
	if (!w->references.n)
		return;
	json_open(&w->o, "hasExtractedLicensingInfos", '[');
	for (size_t i = 0; i < w->references.n; i++) {
		json_open(&w->o, NULL, '{');
		json_put_str(&w->o, "licenseId", w->references.entries[i].key);
		json_put_str(&w->o, "extractedText",
			     *(struct hm_str *)w->references.entries[i].value);
		json_close(&w->o, '}');
	}
	json_close(&w->o, ']');
}

/* --- annotations --- */

static void put_annotation(struct writer *w, struct hm_buf *comment)
{
	json_open(&w->o, "annotations", '[');
	json_open(&w->o, NULL, '{');
	json_put_str(&w->o, "annotationDate", w->time.text);
	json_putz(&w->o, "annotationType", "OTHER");
	json_putz(&w->o, "annotator", SPDX_TOOL);
	json_put_str(&w->o, "comment", hm_buf_str(comment));
	json_close(&w->o, '}');
	json_close(&w->o, ']');
}

static void annotate_component(struct writer *w, const struct inventory_component *c)
{
	HM_AUTO_BUF b = HM_BUF(16 * HM_MIB);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_put_given(&o, "cataloger", c->cataloger);
	json_putz(&o, "evidence", c->evidence == INVENTORY_DECLARED ? "declared" : "installed");
	json_put_given(&o, "range", c->range);
	if (c->dev)
		json_put_bool(&o, "dev", true);
	if (c->group_guessed)
		json_put_bool(&o, "groupGuessed", true);
	if (c->main_module)
		json_put_bool(&o, "mainModule", true);
	json_put_given(&o, "origin", c->origin);
	inventory_put_locations(&o, c);
	json_close(&o, '}');
	put_annotation(w, &b);
}

static void annotate_root(struct writer *w)
{
	const struct inventory *inv = w->inv;
	HM_AUTO_BUF b = HM_BUF(16 * HM_MIB);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_put_given(&o, "name", inv->name);
	json_put_given(&o, "digest", inv->digest);
	json_put_given(&o, "mediaType", inv->media_type);
	json_put_given(&o, "os", inv->platform.os);
	json_put_given(&o, "architecture", inv->platform.architecture);
	json_put_given(&o, "variant", inv->platform.variant);
	json_put_strs(&o, "layers", &inv->layers);
	if (inv->unknown.n)
		inventory_put_unknown(&o, "unknownContent", &inv->unknown);
	json_close(&o, '}');
	put_annotation(w, &b);
}

static void annotate_distro(struct writer *w)
{
	const struct inventory_distro *d = &w->inv->distro;
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_put_str(&o, "id", d->id);
	json_put_given(&o, "versionID", d->version_id);
	json_put_given(&o, "versionCodename", d->version_codename);
	json_put_given(&o, "name", d->name);
	json_put_given(&o, "idLike", d->id_like);
	json_close(&o, '}');
	put_annotation(w, &b);
}

/* --- packages --- */

static void put_fixed(struct writer *w)
{
	json_putz(&w->o, "downloadLocation", "NOASSERTION");
	json_put_bool(&w->o, "filesAnalyzed", false);
	json_putz(&w->o, "copyrightText", "NOASSERTION");
}

static void put_purl(struct writer *w, struct hm_str purl)
{
	if (!purl.n)
		return;
	json_open(&w->o, "externalRefs", '[');
	json_open(&w->o, NULL, '{');
	json_putz(&w->o, "referenceCategory", "PACKAGE-MANAGER");
	json_putz(&w->o, "referenceType", "purl");
	json_put_str(&w->o, "referenceLocator", purl);
	json_close(&w->o, '}');
	json_close(&w->o, ']');
}

/* "Name <mail>" is "Person: Name (mail)" here (SPDX 2.3, 7.5); a vendor is an organization. */
static struct hm_str format_supplier(struct writer *w, const struct inventory_component *c)
{
	struct hm_str s = c->supplier;
	if (!s.n)
		return HM_STR("NOASSERTION");
	if (inventory_type_has(c->type, INVENTORY_VENDOR_SUPPLIES))
		return hm_fmt(w->cx, "Organization: %.*s", HM_FMT(s));
	size_t mail = hm_find(s, HM_STR(" <"));
	if (mail == SIZE_MAX || !hm_ends(s, HM_STR(">")))
		return hm_fmt(w->cx, "Person: %.*s", HM_FMT(s));
	return hm_fmt(w->cx, "Person: %.*s (%.*s)", HM_FMT(hm_sub(s, 0, mail)),
		      HM_FMT(hm_sub(s, mail + 2, s.n - mail - 3)));
}

static void put_component(struct writer *w, size_t i)
{
	const struct inventory_component *c = &w->inv->components[i];
	json_open(&w->o, NULL, '{');
	json_put_str(&w->o, "SPDXID", hm_fmt(w->cx, SPDX_PACKAGE "%.*s", HM_FMT(w->ids[i])));
	json_put_str(&w->o, "name", inventory_document_name(w->cx, c));
	json_put_given(&w->o, "versionInfo", c->version);
	json_put_str(&w->o, "supplier", format_supplier(w, c));
	put_fixed(w);
	if (inventory_is_url(c->homepage))
		json_put_str(&w->o, "homepage", c->homepage);
	json_put_given(&w->o, "description", c->description);
	json_putz(&w->o, "licenseConcluded", "NOASSERTION");
	json_put_str(&w->o, "licenseDeclared", format_declared(w, c));
	json_putz(&w->o, "primaryPackagePurpose", "LIBRARY");
	inventory_document_hashes(&w->o, &hashes, &c->hashes);
	put_purl(w, c->purl);
	annotate_component(w, c);
	json_close(&w->o, '}');
}

static void put_root(struct writer *w)
{
	const struct inventory *inv = w->inv;
	struct hm_strs digest = { (struct hm_str[]){ inv->digest }, inv->digest.n ? 1 : 0, 0 };
	json_open(&w->o, NULL, '{');
	json_putz(&w->o, "SPDXID", SPDX_ROOT);
	json_put_str(&w->o, "name", inventory_document_title(inv));
	json_put_given(&w->o, "versionInfo", inv->digest);
	json_putz(&w->o, "supplier", "NOASSERTION");
	put_fixed(w);
	json_putz(&w->o, "primaryPackagePurpose", inv->digest.n ? "CONTAINER" : "FILE");
	inventory_document_hashes(&w->o, &hashes, &digest);
	put_purl(w, inventory_document_image(w->cx, inv));
	if (inv->unknown.n)
		json_put_str(&w->o, "comment",
			     hm_fmt(w->cx,
				    "This document is not complete: %zu files could not be read. "
				    "\"unknownContent\" in the annotation lists them.",
				    inv->unknown.n));
	annotate_root(w);
	json_close(&w->o, '}');
	if (!inv->distro.id.n)
		return;
	json_open(&w->o, NULL, '{');
	json_putz(&w->o, "SPDXID", SPDX_SYSTEM);
	json_put_str(&w->o, "name", inv->distro.id);
	json_put_given(&w->o, "versionInfo", inv->distro.version_id);
	json_putz(&w->o, "supplier", "NOASSERTION");
	put_fixed(w);
	json_put_given(&w->o, "description", inv->distro.name);
	json_putz(&w->o, "primaryPackagePurpose", "OPERATING_SYSTEM");
	annotate_distro(w);
	json_close(&w->o, '}');
}

/* --- relationships --- */

static void put_relationship(struct writer *w, struct hm_str from, const char *type,
			     struct hm_str to, const char *comment)
{
	json_open(&w->o, NULL, '{');
	json_put_str(&w->o, "spdxElementId", from);
	json_putz(&w->o, "relationshipType", type);
	json_put_str(&w->o, "relatedSpdxElement", to);
	if (comment)
		json_putz(&w->o, "comment", comment);
	json_close(&w->o, '}');
}

static struct hm_str package_id(struct writer *w, size_t i)
{
	return hm_fmt(w->cx, SPDX_PACKAGE "%.*s", HM_FMT(w->ids[i]));
}

static void put_relationships(struct writer *w)
{
	const struct inventory *inv = w->inv;
	json_open(&w->o, "relationships", '[');
	put_relationship(w, HM_STR("SPDXRef-DOCUMENT"), "DESCRIBES", HM_STR(SPDX_ROOT), NULL);
	if (inv->distro.id.n)
		put_relationship(w, HM_STR(SPDX_ROOT), "CONTAINS", HM_STR(SPDX_SYSTEM), NULL);
	for (size_t i = 0; i < inv->n; i++)
		put_relationship(w, HM_STR(SPDX_ROOT), "CONTAINS", package_id(w, i), NULL);
	for (size_t i = 0; i < inv->edges_n; i++)
		put_relationship(w, package_id(w, inv->edges[i].from), "DEPENDS_ON",
				 package_id(w, inv->edges[i].to), NULL);
	for (size_t i = 0; i < inv->n; i++) {
		size_t owner = inventory_document_owner(&w->by_purl, inv->components[i].owner);
		if (owner != SIZE_MAX && owner != i)
			put_relationship(w, package_id(w, owner), "OTHER", package_id(w, i),
					 SPDX_OWNERSHIP);
	}
	json_close(&w->o, ']');
}

hm_err inventory_spdx_write(struct hm_cx *cx, const struct inventory *inv, struct hm_buf *out)
{
	struct writer w = { .cx = cx, .inv = inv, .o = json_out(out, true) };
	w.time = inventory_document_time(cx);
	w.ids = inventory_document_ids(cx, inv);
	inventory_document_purls(cx, inv, &w.by_purl);

	json_open(&w.o, NULL, '{');
	json_putz(&w.o, "spdxVersion", "SPDX-2.3");
	json_putz(&w.o, "dataLicense", "CC0-1.0");
	json_putz(&w.o, "SPDXID", "SPDXRef-DOCUMENT");
	json_put_str(&w.o, "name", inventory_document_title(inv));
	json_putz(&w.o, "documentNamespace",
		  "https://spdx.org/spdxdocs/hullmark-" DOCUMENT_NO_UUID);
	json_open(&w.o, "creationInfo", '{');
	json_put_str(&w.o, "created", w.time.text);
	json_open(&w.o, "creators", '[');
	json_putz(&w.o, NULL, SPDX_TOOL);
	json_close(&w.o, ']');
	json_close(&w.o, '}');
	json_open(&w.o, "packages", '[');
	put_root(&w);
	for (size_t i = 0; i < inv->n; i++) {
		HM_TRY(hm_alive(cx));
		put_component(&w, i);
	}
	json_close(&w.o, ']');
	put_references(&w);
	put_relationships(&w);
	json_close(&w.o, '}');
	return inventory_document_seal(cx, out);
}

bool inventory_spdx_is(struct json doc)
{
	return hm_starts(json_str(json_get(doc, "spdxVersion")), HM_STR("SPDX-2."));
}
