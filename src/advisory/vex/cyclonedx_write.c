/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CycloneDX 1.6. One product is what the document is about, and its parts are the components; of
 * several, each is a component with its parts in it.
 */
#include "advisory/vex/vex.h"

struct cdx_writer {
	struct hm_cx *cx;
	struct json_out *o;
	const struct advisory_vex_draft *draft;
	struct hm_strs products;
};

/* Of a part, or of a product (part empty). */
static struct hm_str ref_of(const struct cdx_writer *w, struct hm_str product, struct hm_str part)
{
	if (!part.n)
		return product;
	return w->products.n == 1 ? part
				  : hm_fmt(w->cx, "%.*s#%.*s", HM_FMT(product), HM_FMT(part));
}

static void open_component(const struct cdx_writer *w, const char *key, struct hm_str name,
			   struct hm_str ref)
{
	struct inventory_component c;
	bool is_purl = !inventory_purl_parse(w->cx, name, &c) && c.name.n;
	json_open(w->o, key, '{');
	json_putz(w->o, "type", is_purl && hm_eqz(c.type, "oci") ? "container" : "library");
	json_put_str(w->o, "bom-ref", ref);
	json_put_str(w->o, "name", is_purl ? inventory_component_name(w->cx, &c) : name);
	if (is_purl)
		json_put_given(w->o, "version", c.version);
	if (is_purl)
		json_put_str(w->o, "purl", name);
}

static void collect_parts(const struct cdx_writer *w, struct hm_str product, struct hm_strs *out)
{
	struct hm_map seen = { 0 };
	*out = (struct hm_strs){ 0 };
	for (size_t i = 0; i < w->draft->n; i++) {
		const struct advisory_vex_claim *c = &w->draft->p[i];
		if (!hm_strs_has(&c->products, product))
			continue;
		for (size_t k = 0; k < c->parts.n; k++) {
			if (hm_map_has(&seen, c->parts.p[k]))
				continue;
			hm_map_put(w->cx, &seen, c->parts.p[k], NULL);
			*hm_push(w->cx, out) = c->parts.p[k];
		}
	}
}

static void put_parts(const struct cdx_writer *w, struct hm_str product)
{
	struct hm_strs parts;
	collect_parts(w, product, &parts);
	if (!parts.n)
		return;
	json_open(w->o, "components", '[');
	for (size_t i = 0; i < parts.n; i++) {
		open_component(w, NULL, parts.p[i], ref_of(w, product, parts.p[i]));
		json_close(w->o, '}');
	}
	json_close(w->o, ']');
}

static void put_metadata(const struct cdx_writer *w)
{
	json_open(w->o, "metadata", '{');
	json_put_str(w->o, "timestamp", hm_rfc3339(w->cx, w->draft->when));
	json_open(w->o, "tools", '{');
	json_open(w->o, "components", '[');
	json_open(w->o, NULL, '{');
	json_putz(w->o, "type", "application");
	json_putz(w->o, "name", "hullmark");
	json_putz(w->o, "version", HULLMARK_VERSION);
	json_close(w->o, '}');
	json_close(w->o, ']');
	json_close(w->o, '}');
	json_open(w->o, "authors", '[');
	json_open(w->o, NULL, '{');
	json_put_str(w->o, "name", w->draft->author);
	json_close(w->o, '}');
	json_close(w->o, ']');
	if (w->products.n == 1) {
		open_component(w, "component", w->products.p[0], w->products.p[0]);
		json_close(w->o, '}');
	}
	json_close(w->o, '}');
}

static void put_components(const struct cdx_writer *w)
{
	if (w->products.n == 1) {
		put_parts(w, w->products.p[0]);
		return;
	}
	json_open(w->o, "components", '[');
	for (size_t i = 0; i < w->products.n; i++) {
		open_component(w, NULL, w->products.p[i], w->products.p[i]);
		put_parts(w, w->products.p[i]);
		json_close(w->o, '}');
	}
	json_close(w->o, ']');
}

static const char *word_of(struct hm_str justification)
{
	for (const struct advisory_vex_reason *r = advisory_vex_reasons; r->name; r++)
		if (hm_eqz(justification, r->name))
			return r->cyclonedx;
	return NULL;
}

/* What CycloneDX has no member for stands in the detail. */
static struct hm_str detail_of(const struct cdx_writer *w, const struct advisory_vex_claim *c)
{
	struct hm_str all = c->justification, more[] = { c->impact, c->notes };
	for (size_t i = 0; i < HM_LEN(more); i++)
		if (more[i].n)
			all = hm_fmt(w->cx, "%.*s%s%.*s", HM_FMT(all), all.n ? "; " : "",
				     HM_FMT(more[i]));
	return all;
}

static void put_analysis(const struct cdx_writer *w, const struct advisory_vex_claim *c)
{
	static const char *const states[ADVISORY_VEX_STATUSES] = {
		[ADVISORY_VEX_AFFECTED] = "exploitable",
		[ADVISORY_VEX_UNDER_INVESTIGATION] = "in_triage",
		[ADVISORY_VEX_NOT_AFFECTED] = "not_affected",
		[ADVISORY_VEX_FIXED] = "resolved",
	};
	struct hm_str when = hm_rfc3339(w->cx, advisory_vex_when(w->draft, c));
	json_open(w->o, "analysis", '{');
	json_putz(w->o, "state", states[c->status]);
	json_put_given(w->o, "justification", hm_cstr(word_of(c->justification)));
	json_put_given(w->o, "detail", detail_of(w, c));
	json_put_str(w->o, "firstIssued", when);
	json_put_str(w->o, "lastUpdated", when);
	json_close(w->o, '}');
}

static void put_references(const struct cdx_writer *w, const struct advisory_vex_claim *c)
{
	if (!c->aliases.n)
		return;
	json_open(w->o, "references", '[');
	for (size_t i = 0; i < c->aliases.n; i++) {
		json_open(w->o, NULL, '{');
		json_put_str(w->o, "id", c->aliases.p[i]);
		json_open(w->o, "source", '{');
		json_put_str(w->o, "name", advisory_vex_system(c->aliases.p[i]));
		json_close(w->o, '}');
		json_close(w->o, '}');
	}
	json_close(w->o, ']');
}

static void put_affected(const struct cdx_writer *w, struct hm_str ref)
{
	json_open(w->o, NULL, '{');
	json_put_str(w->o, "ref", ref);
	json_close(w->o, '}');
}

static void put_vulnerability(const struct cdx_writer *w, const struct advisory_vex_claim *c)
{
	json_open(w->o, NULL, '{');
	json_put_str(w->o, "id", c->id);
	put_references(w, c);
	json_put_given(w->o, "recommendation", c->action);
	put_analysis(w, c);
	json_open(w->o, "affects", '[');
	for (size_t i = 0; i < c->products.n; i++) {
		if (!c->parts.n)
			put_affected(w, c->products.p[i]);
		for (size_t k = 0; k < c->parts.n; k++)
			put_affected(w, ref_of(w, c->products.p[i], c->parts.p[k]));
	}
	json_close(w->o, ']');
	json_close(w->o, '}');
}

/* A UUID of version 8 (RFC 9562): its bits are the content's. */
static struct hm_str serial_of(const struct cdx_writer *w)
{
	struct hm_str hex = w->draft->digest;
	if (hm_starts(w->draft->id, HM_STR("urn:uuid:")))
		return w->draft->id;
	return hm_fmt(w->cx, "urn:uuid:%.*s-%.*s-8%.*s-8%.*s-%.*s", HM_FMT(hm_sub(hex, 0, 8)),
		      HM_FMT(hm_sub(hex, 8, 4)), HM_FMT(hm_sub(hex, 12, 3)),
		      HM_FMT(hm_sub(hex, 15, 3)), HM_FMT(hm_sub(hex, 18, 12)));
}

void advisory_vex_cyclonedx_write(struct hm_cx *cx, const struct advisory_vex_draft *draft,
				  struct json_out *o)
{
	struct cdx_writer w = { .cx = cx, .o = o, .draft = draft };
	advisory_vex_products(cx, draft, &w.products);
	json_open(o, NULL, '{');
	json_putz(o, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
	json_putz(o, "bomFormat", "CycloneDX");
	json_putz(o, "specVersion", "1.6");
	json_put_str(o, "serialNumber", serial_of(&w));
	json_put_int(o, "version", 1);
	put_metadata(&w);
	put_components(&w);
	json_open(o, "vulnerabilities", '[');
	for (size_t i = 0; i < draft->n; i++)
		put_vulnerability(&w, &draft->p[i]);
	json_close(o, ']');
	json_close(o, '}');
}
