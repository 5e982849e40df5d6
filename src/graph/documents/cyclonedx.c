/* SPDX-License-Identifier: Apache-2.0 */
/* CycloneDX (cyclonedx.org/specification), and what becomes of it in GUAC. */
#include "graph/documents/documents.h"

#define GUESSED "top-level package GUAC heuristic connecting to each file/package"

struct cyclonedx {
	struct graph_doc *d;
	struct json doc, top_component;
	struct graph_items items;
	struct hm_map direct, indirect, accounted; /* references */
	graph_ref top;
	struct graph_licences licences;
	HM_VEC(struct graph_legal) legals;
};

bool graph_is_cyclonedx(struct json doc)
{
	return hm_eqz(json_str(json_get(doc, "bomFormat")), "CycloneDX");
}

static struct hm_str text(struct json object, const char *key)
{
	return json_str(json_get(object, key));
}

/* ------------------------------------------------------------------ names */

/* "sha256:HEX" in two. */
static bool split_digest(struct hm_str s, struct hm_str *out_alg, struct hm_str *out_hex)
{
	*out_hex = s;
	*out_alg = hm_cut(out_hex, ':');
	return out_alg->n && out_hex->n && hm_find_char(*out_hex, ':') == SIZE_MAX;
}

static struct hm_str own_purl(struct hm_cx *cx, struct hm_str name, struct hm_str version,
			      struct hm_str tag, bool top)
{
	struct hm_str part = graph_purl_part(cx, name, true);
	return hm_fmt(cx, "pkg:guac/%s/%.*s%s%.*s%s%.*s", top ? "cdx" : "pkg", HM_FMT(part),
		      version.n ? "@" : "", HM_FMT(graph_purl_part(cx, version, false)),
		      tag.n ? "?tag=" : "", HM_FMT(tag));
}

static struct hm_str file_purl(struct hm_cx *cx, struct hm_str name, struct hm_str version,
			       bool top)
{
	struct hm_str alg, hex, part = graph_purl_part(cx, name, true);
	if (split_digest(version, &alg, &hex))
		return hm_fmt(cx, "pkg:guac/%s/%.*s:%.*s?filename=%.*s", top ? "cdx" : "files",
			      HM_FMT(hm_lower(cx, alg)), HM_FMT(hex), HM_FMT(part));
	return hm_fmt(cx, "pkg:guac/%s%s%.*s", top ? "cdx" : "files",
		      hm_starts(part, HM_STR("/")) ? "" : "/", HM_FMT(part));
}

/* An image's name without its tag; of more than three parts the whole. */
static struct hm_str image_purl(struct hm_cx *cx, struct hm_str name, struct hm_str version,
				bool top)
{
	size_t slashes = 0, slash = hm_rfind_char(name, '/');
	for (size_t i = 0; i < name.n; i++)
		slashes += name.p[i] == '/';
	struct hm_str last = slash == SIZE_MAX ? name : hm_from(name, slash + 1), tag = last;
	struct hm_str base = hm_cut(&tag, ':');
	if (slashes > 2)
		return own_purl(cx, name, version, tag, top);
	if (slashes == 0)
		return own_purl(cx, name, version, tag, top);
	return own_purl(cx, hm_fmt(cx, "%.*s/%.*s", HM_FMT(hm_sub(name, 0, slash)), HM_FMT(base)),
			version, tag, top);
}

static struct hm_str purl_of(struct hm_cx *cx, struct json component, bool top)
{
	struct hm_str purl = text(component, "purl"), type = text(component, "type");
	struct hm_str name = text(component, "name"), version = text(component, "version");
	if (purl.n)
		return purl;
	if (hm_eqz(type, "container"))
		return image_purl(cx, name, version, top);
	if (hm_eqz(type, "file"))
		return file_purl(cx, name, version, top);
	return top ? own_purl(cx, name, version, HM_STR(""), true)
		   : graph_purl_of_name(cx, name, version);
}

/* ------------------------------------------------------------------ licences */

static struct hm_str licence_name(struct hm_cx *cx, struct cyclonedx *c, struct json licence)
{
	struct hm_str name = text(licence, "name");
	if (!name.n || hm_eqz(name, "UNKNOWN"))
		return text(licence, "id");
	struct hm_str own = graph_licence_of_text(cx, name);
	struct json content = json_get(json_get(licence, "text"), "content");
	if (content.v) {
		struct hm_str *kept = hm_new(cx, struct hm_str, 1);
		*kept = json_str(content);
		hm_map_put(cx, &c->licences.inline_texts, own, kept);
		return own;
	}
	return text(licence, "bom-ref").n ? text(licence, "bom-ref") : own;
}

static void add_licences(struct hm_cx *cx, struct cyclonedx *c, struct json component,
			 graph_ref package)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPH_KEY);
	struct json list = json_get(component, "licenses");
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct hm_str name = text(it.value, "expression");
		if (!name.n)
			name = licence_name(cx, c, json_get(it.value, "license"));
		if (name.n)
			hm_buf_fmt(&b, "%s%.*s", b.n ? " AND " : "", HM_FMT(name));
	}
	if (b.n)
		*hm_push(cx, &c->legals) = (struct graph_legal){
			.package = package,
			.declared = hm_dup(cx, hm_buf_str(&b)),
			.attribution = text(component, "copyright"),
			.justification = HM_STR("Found in CycloneDX document"),
			.scanned = text(json_get(c->doc, "metadata"), "timestamp")
		};
}

/* ------------------------------------------------------------------ components */

static hm_err add_component(struct hm_cx *cx, struct cyclonedx *c, struct json component, bool top,
			    graph_ref *out)
{
	struct hm_str purl = purl_of(cx, component, top);
	graph_ref package = graph_doc_package(cx, c->d, purl);
	if (!package)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a purl", HM_FMT(purl));
	struct graph_item *item = graph_item_make(cx, &c->items, text(component, "bom-ref"));
	*hm_push(cx, &item->packages) = package;
	for (struct json_iter it = json_iter(json_get(component, "hashes")); json_next(&it);) {
		graph_ref artifact = graph_doc_artifact(cx, c->d, text(it.value, "alg"),
							text(it.value, "content"));
		if (artifact)
			*hm_push(cx, &item->artifacts) = artifact;
	}
	add_licences(cx, c, component, package);
	*out = package;
	return NULL;
}

enum { DEPTH = 64 /* of components in components */ };
struct level {
	struct json_iter it;
};

/* Components within components, without calling itself. */
static hm_err add_components(struct hm_cx *cx, struct cyclonedx *c, struct json list)
{
	struct level levels[DEPTH];
	size_t n = 1;
	levels[0].it = json_iter(list);
	while (n) {
		graph_ref ref;
		if (!json_next(&levels[n - 1].it)) {
			n--;
			continue;
		}
		struct json component = levels[n - 1].it.value;
		if (hm_eqz(text(component, "type"), "operating-system"))
			continue;
		HM_TRY(add_component(cx, c, component, false, &ref));
		struct json inner = json_get(component, "components");
		if (json_size(inner) && n < HM_LEN(levels))
			levels[n++].it = json_iter(inner);
	}
	return NULL;
}

/* ------------------------------------------------------------------ dependencies */

static void depends(struct hm_cx *cx, struct cyclonedx *c, graph_ref on, graph_ref what,
		    const char *kind, const char *why)
{
	graph_say_depends(cx, c->d, on, what, kind, hm_cstr(why));
}

struct level_of {
	struct hm_str ref;
	graph_ref package;
	const char *kind; /* of what it needs, seen from the top */
	bool is_top;
};

static void say_dependency(struct hm_cx *cx, struct cyclonedx *c, const struct level_of *l,
			   struct hm_str on)
{
	const struct graph_item *from = hm_map_get(&c->items.at, l->ref);
	graph_ref what = graph_item_package(&c->items, on);
	if (!what)
		return;
	hm_map_put(cx, &c->accounted, on, c);
	for (size_t i = 0; i < from->packages.n; i++)
		depends(cx, c, from->packages.p[i], what, "DIRECT", "CDX BOM Dependency");
	if (hm_eqz(hm_cstr(l->kind), "DIRECT"))
		hm_map_put(cx, &c->direct, on, c);
	if (hm_eqz(hm_cstr(l->kind), "INDIRECT"))
		hm_map_put(cx, &c->indirect, on, c);
	if (!l->is_top)
		depends(cx, c, c->top, what, l->kind,
			hm_eqz(hm_cstr(l->kind), "UNKNOWN") ? GUESSED : "CDX BOM Dependency");
}

static void say_dependencies_of(struct hm_cx *cx, struct cyclonedx *c, struct json entry)
{
	struct level_of l = { .ref = text(entry, "ref"), .kind = "UNKNOWN" };
	l.package = graph_item_package(&c->items, l.ref);
	if (!l.package)
		return;
	l.is_top = hm_eq(l.ref, text(c->top_component, "bom-ref"));
	hm_map_put(cx, &c->accounted, l.ref, c);
	if (l.is_top)
		l.kind = "DIRECT";
	else if (hm_map_has(&c->direct, l.ref) || hm_map_has(&c->indirect, l.ref))
		l.kind = "INDIRECT";
	else
		depends(cx, c, c->top, l.package, "UNKNOWN", GUESSED);
	for (struct json_iter it = json_iter(json_get(entry, "dependsOn")); json_next(&it);)
		say_dependency(cx, c, &l, json_str(it.value));
}

/* What no dependency names is the top's, by whatever way. */
static void say_rest(struct hm_cx *cx, struct cyclonedx *c)
{
	for (size_t i = 0; i < c->items.at.n; i++) {
		const struct graph_item *item = c->items.at.entries[i].value;
		if (hm_map_has(&c->accounted, c->items.at.entries[i].key))
			continue;
		for (size_t k = 0; k < item->packages.n; k++)
			if (item->packages.p[k] != c->top)
				depends(cx, c, c->top, item->packages.p[k], "UNKNOWN", GUESSED);
	}
}

/* ------------------------------------------------------------------ the whole */

/* An image is an artifact by the digest that is its version. */
static void add_image_digest(struct hm_cx *cx, struct cyclonedx *c, struct graph_item *item)
{
	struct hm_str alg, hex;
	struct hm_str version = graph_purl_version(cx, c->d->nouns.p[c->top - 1].key);
	if (hm_eqz(text(c->top_component, "type"), "container") &&
	    split_digest(version, &alg, &hex))
		*hm_push(cx, &item->artifacts) = graph_doc_artifact(cx, c->d, alg, hex);
}

static hm_err say_top(struct hm_cx *cx, struct cyclonedx *c, struct hm_str digest)
{
	struct graph_item *item = graph_item_make(cx, &c->items, text(c->top_component, "bom-ref"));
	struct graph_sbom sbom = { text(c->doc, "serialNumber"), digest,
				   text(json_get(c->doc, "metadata"), "timestamp") };
	if (hm_eqz(text(c->top_component, "type"), "container"))
		item->artifacts.n = 0; /* its layers' are not its own */
	add_image_digest(cx, c, item);
	for (size_t i = 0; i < item->artifacts.n; i++)
		graph_say_sbom(cx, c->d, item->artifacts.p[i], &sbom);
	if (!item->artifacts.n)
		graph_say_sbom(cx, c->d, c->top, &sbom);
	return NULL;
}

hm_err graph_read_cyclonedx(struct hm_cx *cx, struct json doc, struct hm_str digest,
			    struct graph_doc *d)
{
	struct json metadata = json_get(doc, "metadata"), list = json_get(doc, "dependencies");
	struct cyclonedx c = { .d = d, .doc = doc, .licences = { .keeps_names = true } };
	int64_t when;
	HM_TRY(graph_check_shape(cx, doc, graph_cyclonedx_shape));
	c.top_component = json_get(metadata, "component");
	d->format = hm_fmt(cx, "CycloneDX %.*s", HM_FMT(hm_sub(text(doc, "specVersion"), 0, 16)));
	if (text(metadata, "timestamp").n)
		HM_TRY_IN(cx, hm_rfc3339_parse(cx, text(metadata, "timestamp"), &when),
			  "\"metadata.timestamp\"");
	if (metadata.v && !c.top_component.v)
		return hm_fail(cx, HM_INPUT,
			       "it does not say what it is about "
			       "(\"metadata.component\")");
	if (c.top_component.v)
		HM_TRY(add_component(cx, &c, c.top_component, true, &c.top));
	HM_TRY(add_components(cx, &c, json_get(doc, "components")));
	HM_TRY(graph_read_cyclonedx_vulnerabilities(cx, doc, &c.items, c.top, d));
	if (!c.top)
		return NULL;
	HM_TRY(say_top(cx, &c, digest));
	graph_say_occurrences(cx, d, &c.items, "cdx package with checksum");
	for (size_t i = 0; i < c.legals.n && list.v; i++)
		graph_say_legal(cx, d, &c.licences, &c.legals.p[i]);
	for (struct json_iter it = json_iter(list); json_next(&it);)
		say_dependencies_of(cx, &c, it.value);
	say_rest(cx, &c);
	return NULL;
}
