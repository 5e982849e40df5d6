/* SPDX-License-Identifier: Apache-2.0 */
/* CycloneDX 1.2 to 1.7 in JSON, as Hullmark, Syft and Trivy write it. */
#include "inventory/formats/cyclonedx.h"

#include "inventory/formats/reading.h"

enum { DEPTH = 64 };

static void read_licences(struct hm_cx *cx, struct json licences, struct inventory_component *c)
{
	for (struct json_iter it = json_iter(licences); json_next(&it);) {
		struct json licence = json_get(it.value, "license");
		struct hm_str s = json_str(json_get(it.value, "expression"));
		if (!s.n)
			s = json_str(json_get(licence, "id"));
		if (!s.n)
			s = json_str(json_get(licence, "name"));
		if (s.n)
			*hm_push(cx, &c->licenses) = s;
	}
}

static void read_hashes(struct hm_cx *cx, struct json hashes, struct inventory_component *c)
{
	for (struct json_iter it = json_iter(hashes); json_next(&it);) {
		struct hm_str alg = hm_lower(cx, json_str(json_get(it.value, "alg")));
		struct hm_str hex = json_str(json_get(it.value, "content"));
		struct hm_str tail = alg, head = hm_cut(&tail, '-');
		if (alg.n && hex.n)
			*hm_push(cx, &c->hashes) = hm_fmt(cx, "%.*s%.*s:%.*s", HM_FMT(head),
							  HM_FMT(tail), HM_FMT(hex));
	}
}

/* "hullmark:location:3:path" below the prefix: 3, "path". */
static bool location_name(struct hm_str name, const char *prefix, uint64_t *out_i,
			  struct hm_str *out_what)
{
	if (!hm_starts(name, hm_cstr(prefix)))
		return false;
	struct hm_str what = hm_from(name, strlen(prefix));
	struct hm_str number = hm_cut(&what, ':');
	*out_what = what;
	return hm_u64(number, UINT32_MAX, out_i);
}

static hm_err read_location(struct reading *r, struct hm_str name, struct hm_str value,
			    bool has_own, struct inventory_component *c)
{
	struct hm_str what;
	uint64_t i;
	if (!location_name(name, has_own ? "hullmark:location:" : "syft:location:", &i, &what))
		return NULL;
	if (hm_eqz(what, "path"))
		return inventory_reading_location(r, c, i, &value, NULL);
	return hm_eqz(what, "layerID") ? inventory_reading_location(r, c, i, NULL, &value) : NULL;
}

/* Trivy's properties: the source package in parts, the layer, the file. */
struct source {
	struct hm_str name, version, release, epoch;
};

static hm_err read_trivy(struct reading *r, struct hm_str name, struct hm_str value,
			 struct source *s, struct inventory_component *c)
{
	if (!hm_starts(name, HM_STR("aquasecurity:trivy:")))
		return NULL;
	name = hm_from(name, 19);
	if (hm_eqz(name, "SrcName"))
		s->name = value;
	else if (hm_eqz(name, "SrcVersion"))
		s->version = value;
	else if (hm_eqz(name, "SrcRelease"))
		s->release = value;
	else if (hm_eqz(name, "SrcEpoch"))
		s->epoch = value;
	else if (hm_eqz(name, "LayerDigest"))
		return inventory_reading_location(r, c, 0, NULL, &value);
	else if (hm_eqz(name, "FilePath"))
		return inventory_reading_location(r, c, 0, &value, NULL);
	return NULL;
}

static void set_source(struct hm_cx *cx, const struct source *s, struct inventory_component *c)
{
	if (!s->name.n)
		return;
	c->source_name = s->name;
	c->source_version = s->version;
	if (s->release.n)
		c->source_version =
			hm_fmt(cx, "%.*s-%.*s", HM_FMT(c->source_version), HM_FMT(s->release));
	if (s->epoch.n && !hm_eqz(s->epoch, "0"))
		c->source_version =
			hm_fmt(cx, "%.*s:%.*s", HM_FMT(s->epoch), HM_FMT(c->source_version));
}

/* Is one of the properties of our own making? Others' are then not asked. */
static bool has_own_property(struct json properties)
{
	for (struct json_iter it = json_iter(properties); json_next(&it);)
		if (hm_starts(json_str(json_get(it.value, "name")), HM_STR("hullmark:")))
			return true;
	return false;
}

static hm_err read_properties(struct reading *r, struct json properties, struct hm_str ref,
			      struct inventory_component *c)
{
	struct source source = { 0 };
	bool has_own = has_own_property(properties);
	for (struct json_iter it = json_iter(properties); json_next(&it);) {
		struct hm_str name = json_str(json_get(it.value, "name"));
		struct hm_str value = json_str(json_get(it.value, "value"));
		HM_TRY(read_location(r, name, value, has_own, c));
		HM_TRY(read_trivy(r, name, value, &source, c));
		if (hm_eqz(name, "hullmark:cataloger") ||
		    (!has_own && hm_eqz(name, "syft:package:foundBy")))
			c->cataloger = value;
		else if (hm_eqz(name, "hullmark:range"))
			c->range = value;
		else if (hm_eqz(name, "hullmark:dev"))
			c->dev = true;
		else if (hm_eqz(name, "hullmark:groupGuessed"))
			c->group_guessed = true;
		else if (hm_eqz(name, "hullmark:mainModule") ||
			 (hm_eqz(name, "syft:metadata:mainModule") && hm_eq(value, c->name)))
			c->main_module = true;
		else if (hm_eqz(name, "hullmark:origin"))
			c->origin = value;
		else if (hm_eqz(name, "hullmark:evidence") && hm_eqz(value, "declared"))
			c->evidence = INVENTORY_DECLARED;
		else if (hm_eqz(name, "hullmark:owner"))
			HM_TRY(inventory_reading_relate(r, value, ref, true));
	}
	set_source(r->cx, &source, c);
	return NULL;
}

static struct hm_str find_property(struct json properties, const char *name)
{
	for (struct json_iter it = json_iter(properties); json_next(&it);)
		if (hm_eqz(json_str(json_get(it.value, "name")), name))
			return json_str(json_get(it.value, "value"));
	return HM_STR("");
}

static void read_system(struct reading *r, struct json v)
{
	struct inventory_distro *d = &r->inv.distro;
	struct json properties = json_get(v, "properties");
	d->id = json_str(json_get(v, "name"));
	d->version_id = json_str(json_get(v, "version"));
	d->name = json_str(json_get(v, "description"));
	d->id_like = find_property(properties, "hullmark:distro:idLike");
	d->version_codename = find_property(properties, "hullmark:distro:versionCodename");
}

static hm_err read_component(struct reading *r, struct json v)
{
	struct inventory_component c;
	struct hm_str purl = json_str(json_get(v, "purl")), ref = json_str(json_get(v, "bom-ref"));
	if (hm_eqz(json_str(json_get(v, "type")), "operating-system")) {
		read_system(r, v);
		return NULL;
	}
	if (!purl.n) { /* files, and applications that are only a heading for what is below them */
		r->passed_over += hm_eqz(json_str(json_get(v, "type")), "library");
		return NULL;
	}
	struct hm_str name = json_str(json_get(v, "name")), group = json_str(json_get(v, "group"));
	bool is_joined =
		hm_starts(purl, HM_STR("pkg:npm/")) || hm_starts(purl, HM_STR("pkg:golang/"));
	if (group.n && is_joined) /* their names are of both */
		name = hm_fmt(r->cx, "%.*s/%.*s", HM_FMT(group), HM_FMT(name));
	HM_TRY(inventory_reading_component(r, purl, name, &c));
	if (!c.type.n)
		return NULL;
	c.supplier = json_str(json_get(json_get(v, "supplier"), "name"));
	c.description = json_str(json_get(v, "description"));
	for (struct json_iter it = json_iter(json_get(v, "externalReferences")); json_next(&it);)
		if (hm_eqz(json_str(json_get(it.value, "type")), "website"))
			c.homepage = json_str(json_get(it.value, "url"));
	read_licences(r->cx, json_get(v, "licenses"), &c);
	read_hashes(r->cx, json_get(v, "hashes"), &c);
	HM_TRY(read_properties(r, json_get(v, "properties"), ref, &c));
	return inventory_reading_add(r, ref, &c);
}

/* Components may have components; the JSON reader bounds how deep. */
static hm_err read_components(struct reading *r, struct json components)
{
	struct json_iter levels[DEPTH] = { json_iter(components) };
	size_t n = 1, i = 0;
	while (n) {
		if (!json_next(&levels[n - 1])) {
			n--;
			continue;
		}
		struct json v = levels[n - 1].value, below = json_get(v, "components");
		HM_TRY_IN(r->cx, read_component(r, v), "CycloneDX: component %zu", i++);
		if (json_size(below) && n < DEPTH)
			levels[n++] = json_iter(below);
	}
	return NULL;
}

/* "hullmark:unknown:0:path": one text of what could not be read. */
static hm_err read_unknown(struct reading *r, struct hm_str name, struct hm_str value)
{
	struct hm_str what;
	uint64_t i;
	if (!location_name(name, "hullmark:unknown:", &i, &what))
		return NULL;
	struct inventory_unknown *u;
	HM_TRY(inventory_reading_unknown(r, i, &u));
	if (hm_eqz(what, "path"))
		u->path = value;
	else if (hm_eqz(what, "layerID"))
		u->layer = value;
	else if (hm_eqz(what, "reason"))
		u->reason = value;
	return NULL;
}

static hm_err read_root(struct reading *r, struct json v)
{
	struct inventory *inv = &r->inv;
	struct json properties = json_get(v, "properties");
	inv->name = json_str(json_get(v, "name"));
	inv->media_type = find_property(properties, "hullmark:mediaType");
	inv->platform.os = find_property(properties, "hullmark:os");
	inv->platform.architecture = find_property(properties, "hullmark:architecture");
	inv->platform.variant = find_property(properties, "hullmark:variant");
	struct hm_str version = json_str(json_get(v, "version"));
	if (hm_starts(version, HM_STR("sha256:")) || hm_starts(version, HM_STR("sha512:")))
		inv->digest = version;
	for (struct json_iter it = json_iter(properties); json_next(&it);) {
		struct hm_str name = json_str(json_get(it.value, "name"));
		struct hm_str value = json_str(json_get(it.value, "value"));
		if (hm_eqz(name, "hullmark:layer"))
			*hm_push(r->cx, &inv->layers) = value;
		HM_TRY(read_unknown(r, name, value));
	}
	return NULL;
}

hm_err inventory_cyclonedx_read(struct hm_cx *cx, struct json doc, struct inventory *out)
{
	struct reading *r = hm_new(cx, struct reading, 1);
	r->cx = cx;
	HM_TRY(read_root(r, json_get(json_get(doc, "metadata"), "component")));
	HM_TRY(read_components(r, json_get(doc, "components")));
	for (struct json_iter it = json_iter(json_get(doc, "dependencies")); json_next(&it);) {
		struct hm_str from = json_str(json_get(it.value, "ref"));
		for (struct json_iter to = json_iter(json_get(it.value, "dependsOn"));
		     json_next(&to);)
			HM_TRY(inventory_reading_relate(r, from, json_str(to.value), false));
	}
	return inventory_reading_end(r, out);
}
