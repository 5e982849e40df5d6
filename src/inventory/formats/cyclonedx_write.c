/* SPDX-License-Identifier: Apache-2.0 */
/* CycloneDX 1.6 in JSON. */
#include "inventory/formats/cyclonedx.h"

#include "inventory/formats/document.h"
#include "inventory/formats/licences.h"

struct writer {
	struct hm_cx *cx;
	const struct inventory *inv;
	struct json_out o;
	struct hm_str *refs; /* bom-ref of each component */
	struct hm_map by_purl;
};

static const struct document_hashes hashes = {
	"hashes", "alg", "content", { "SHA-1", "SHA-256", "SHA-384", "SHA-512" }
};

static void put_property(struct writer *w, struct hm_str name, struct hm_str value)
{
	if (!value.n)
		return;
	json_open(&w->o, NULL, '{');
	json_put_str(&w->o, "name", name);
	json_put_str(&w->o, "value", value);
	json_close(&w->o, '}');
}

/* Either one expression, or a list of identifiers and names: the schema allows no mixture. */
static void put_licences(struct writer *w, const struct inventory_component *c)
{
	struct hm_str expression = { 0 };
	if (!c->licenses.n)
		return;
	json_open(&w->o, "licenses", '[');
	bool is_expression = c->licenses.n == 1 && !inventory_licence_id(c->licenses.p[0]) &&
			     inventory_licence_expression(w->cx, c->licenses.p[0], &expression);
	for (size_t i = 0; i < c->licenses.n; i++) {
		const char *id = inventory_licence_id(c->licenses.p[i]);
		json_open(&w->o, NULL, '{');
		if (is_expression) {
			json_put_str(&w->o, "expression", expression);
		} else {
			json_open(&w->o, "license", '{');
			if (id)
				json_putz(&w->o, "id", id);
			else
				json_put_str(&w->o, "name", c->licenses.p[i]);
			json_close(&w->o, '}');
		}
		json_close(&w->o, '}');
	}
	json_close(&w->o, ']');
}

static void put_properties(struct writer *w, const struct inventory_component *c)
{
	size_t owner = inventory_document_owner(&w->by_purl, c->owner);
	json_open(&w->o, "properties", '[');
	put_property(w, HM_STR("hullmark:cataloger"), c->cataloger);
	if (c->dev)
		put_property(w, HM_STR("hullmark:dev"), HM_STR("true"));
	put_property(w, HM_STR("hullmark:evidence"),
		     c->evidence == INVENTORY_DECLARED ? HM_STR("declared") : HM_STR("installed"));
	if (c->group_guessed)
		put_property(w, HM_STR("hullmark:groupGuessed"), HM_STR("true"));
	for (size_t i = 0; i < c->locations_n; i++) {
		put_property(w, hm_fmt(w->cx, "hullmark:location:%zu:layerID", i),
			     c->locations[i].layer);
		put_property(w, hm_fmt(w->cx, "hullmark:location:%zu:path", i),
			     c->locations[i].path);
	}
	if (c->main_module)
		put_property(w, HM_STR("hullmark:mainModule"), HM_STR("true"));
	put_property(w, HM_STR("hullmark:origin"), c->origin);
	if (owner != SIZE_MAX)
		put_property(w, HM_STR("hullmark:owner"), w->refs[owner]);
	put_property(w, HM_STR("hullmark:range"), c->range);
	if (c->locations_n) {
		put_property(w, HM_STR("syft:location:0:layerID"), c->locations[0].layer);
		put_property(w, HM_STR("syft:location:0:path"),
			     hm_fmt(w->cx, "/%.*s", HM_FMT(c->locations[0].path)));
	}
	json_close(&w->o, ']');
}

static void put_component(struct writer *w, size_t i)
{
	const struct inventory_component *c = &w->inv->components[i];
	bool has_group = inventory_type_has(c->type, INVENTORY_GROUP);
	json_open(&w->o, NULL, '{');
	json_putz(&w->o, "type", "library");
	json_put_str(&w->o, "bom-ref", w->refs[i]);
	if (c->supplier.n) {
		json_open(&w->o, "supplier", '{');
		json_put_str(&w->o, "name", c->supplier);
		json_close(&w->o, '}');
	}
	if (has_group)
		json_put_given(&w->o, "group", c->namespace);
	json_put_str(&w->o, "name", c->name);
	json_put_given(&w->o, "version", c->version);
	json_put_given(&w->o, "description", c->description);
	inventory_document_hashes(&w->o, &hashes, &c->hashes);
	put_licences(w, c);
	json_put_str(&w->o, "purl", c->purl);
	if (inventory_is_url(c->homepage)) {
		json_open(&w->o, "externalReferences", '[');
		json_open(&w->o, NULL, '{');
		json_putz(&w->o, "type", "website");
		json_put_str(&w->o, "url", c->homepage);
		json_close(&w->o, '}');
		json_close(&w->o, ']');
	}
	put_properties(w, c);
	json_close(&w->o, '}');
}

static void put_system(struct writer *w)
{
	const struct inventory_distro *d = &w->inv->distro;
	if (!d->id.n)
		return;
	json_open(&w->o, NULL, '{');
	json_putz(&w->o, "type", "operating-system");
	json_put_str(&w->o, "bom-ref",
		     hm_fmt(w->cx, "os:%.*s@%.*s", HM_FMT(d->id), HM_FMT(d->version_id)));
	json_put_str(&w->o, "name", d->id);
	json_put_given(&w->o, "version", d->version_id);
	json_put_given(&w->o, "description", d->name);
	json_open(&w->o, "properties", '[');
	put_property(w, HM_STR("hullmark:distro:idLike"), d->id_like);
	put_property(w, HM_STR("hullmark:distro:versionCodename"), d->version_codename);
	put_property(w, HM_STR("syft:distro:id"), d->id);
	put_property(w, HM_STR("syft:distro:versionID"), d->version_id);
	json_close(&w->o, ']');
	json_close(&w->o, '}');
}

/* --- what it is about --- */

static void put_tools(struct writer *w)
{
	json_open(&w->o, "tools", '{');
	json_open(&w->o, "components", '[');
	json_open(&w->o, NULL, '{');
	json_putz(&w->o, "type", "application");
	json_putz(&w->o, "name", "hullmark");
	json_putz(&w->o, "version", HULLMARK_VERSION);
	json_close(&w->o, '}');
	json_close(&w->o, ']');
	json_close(&w->o, '}');
}

static void put_root(struct writer *w)
{
	const struct inventory *inv = w->inv;
	json_open(&w->o, "component", '{');
	json_putz(&w->o, "type", inv->digest.n ? "container" : "file");
	json_putz(&w->o, "bom-ref", "root");
	json_put_str(&w->o, "name", inventory_document_title(inv));
	json_put_given(&w->o, "version", inv->digest);
	json_put_given(&w->o, "purl", inventory_document_image(w->cx, inv));
	json_open(&w->o, "properties", '[');
	put_property(w, HM_STR("hullmark:architecture"), inv->platform.architecture);
	for (size_t i = 0; i < inv->layers.n; i++)
		put_property(w, HM_STR("hullmark:layer"), inv->layers.p[i]);
	put_property(w, HM_STR("hullmark:mediaType"), inv->media_type);
	put_property(w, HM_STR("hullmark:os"), inv->platform.os);
	for (size_t i = 0; i < inv->unknown.n; i++) {
		const struct inventory_unknown *u = &inv->unknown.p[i];
		put_property(w, hm_fmt(w->cx, "hullmark:unknown:%zu:layerID", i), u->layer);
		put_property(w, hm_fmt(w->cx, "hullmark:unknown:%zu:path", i), u->path);
		put_property(w, hm_fmt(w->cx, "hullmark:unknown:%zu:reason", i), u->reason);
	}
	put_property(w, HM_STR("hullmark:variant"), inv->platform.variant);
	json_close(&w->o, ']');
	json_close(&w->o, '}');
}

static void put_dependencies(struct writer *w)
{
	const struct inventory *inv = w->inv;
	json_open(&w->o, "dependencies", '[');
	for (size_t i = 0; i < inv->edges_n;) {
		uint32_t from = inv->edges[i].from;
		json_open(&w->o, NULL, '{');
		json_put_str(&w->o, "ref", w->refs[from]);
		json_open(&w->o, "dependsOn", '[');
		for (; i < inv->edges_n && inv->edges[i].from == from; i++)
			json_put_str(&w->o, NULL, w->refs[inv->edges[i].to]);
		json_close(&w->o, ']');
		json_close(&w->o, '}');
	}
	json_close(&w->o, ']');
}

/* What could not be read may hold more. */
static void put_compositions(struct writer *w)
{
	if (!w->inv->unknown.n)
		return;
	json_open(&w->o, "compositions", '[');
	json_open(&w->o, NULL, '{');
	json_putz(&w->o, "aggregate", "incomplete");
	json_open(&w->o, "assemblies", '[');
	json_putz(&w->o, NULL, "root");
	json_close(&w->o, ']');
	json_close(&w->o, '}');
	json_close(&w->o, ']');
}

/* The purl, with the identifier where several components have the same. */
static void make_refs(struct writer *w)
{
	struct hm_str *ids = inventory_document_ids(w->cx, w->inv);
	w->refs = hm_new(w->cx, struct hm_str, w->inv->n + 1);
	for (size_t i = 0; i < w->inv->n; i++) {
		struct hm_str purl = w->inv->components[i].purl;
		bool is_first = inventory_document_owner(&w->by_purl, purl) == i;
		w->refs[i] =
			is_first ? purl : hm_fmt(w->cx, "%.*s#%.*s", HM_FMT(purl), HM_FMT(ids[i]));
	}
}

hm_err inventory_cyclonedx_write(struct hm_cx *cx, const struct inventory *inv, struct hm_buf *out)
{
	struct writer w = { .cx = cx, .inv = inv, .o = json_out(out, true) };
	struct document_time time = inventory_document_time(cx);
	inventory_document_purls(cx, inv, &w.by_purl);
	make_refs(&w);

	json_open(&w.o, NULL, '{');
	json_putz(&w.o, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
	json_putz(&w.o, "bomFormat", "CycloneDX");
	json_putz(&w.o, "specVersion", "1.6");
	json_putz(&w.o, "serialNumber", "urn:uuid:" DOCUMENT_NO_UUID);
	json_put_int(&w.o, "version", 1);
	json_open(&w.o, "metadata", '{');
	if (time.is_given)
		json_put_str(&w.o, "timestamp", time.text);
	put_tools(&w);
	put_root(&w);
	json_close(&w.o, '}');
	json_open(&w.o, "components", '[');
	put_system(&w);
	for (size_t i = 0; i < inv->n; i++) {
		HM_TRY(hm_alive(cx));
		put_component(&w, i);
	}
	json_close(&w.o, ']');
	put_dependencies(&w);
	put_compositions(&w);
	json_close(&w.o, '}');
	return inventory_document_seal(cx, out);
}

bool inventory_cyclonedx_is(struct json doc)
{
	return hm_eqz(json_str(json_get(doc, "bomFormat")), "CycloneDX");
}
