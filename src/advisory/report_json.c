/* SPDX-License-Identifier: Apache-2.0 */
/* hullmark.scan/1; its members are documented in hullmark-scan(1). */
#include "advisory/report.h"
#include "codec/json.h"

static void package(struct hm_cx *cx, struct json_out *o, const struct inventory_component *c)
{
	json_open(o, "package", '{');
	json_put_str(o, "name", advisory_package_name(cx, c));
	json_put_str(o, "version", c->version);
	json_put_str(o, "type", c->type);
	json_put_str(o, "purl", c->purl);
	if (c->source_name.n) {
		json_open(o, "source", '{');
		json_put_str(o, "name", c->source_name);
		json_put_str(o, "version", c->source_version.n ? c->source_version : c->version);
		json_close(o, '}');
	}
	json_close(o, '}');
}

static void locations(struct json_out *o, const struct inventory_component *c)
{
	json_open(o, "locations", '[');
	for (size_t i = 0; i < c->locations_n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "path", c->locations[i].path);
		json_put_given(o, "layer", c->locations[i].layer);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void match(struct hm_cx *cx, struct json_out *o, const struct advisory_match *m,
		  const struct inventory *inv)
{
	const struct inventory_component *c = &inv->components[m->component];
	json_open(o, NULL, '{');
	json_put_str(o, "id", m->id);
	json_put_strs(o, "aliases", &m->aliases);
	json_putz(o, "severity", advisory_severity_names[m->severity]);
	json_put_given(o, "severitySource", m->severity_source);
	json_put_given(o, "cvss", m->cvss);
	package(cx, o, c);
	json_put_strs(o, "fixed", &m->fixed);
	locations(o, c);
	json_put_given(o, "summary", m->summary);
	json_put_strs(o, "advisories", &m->advisories);
	json_put_strs(o, "references", &m->references);
	json_put_strs(o, "reasons", &m->reasons);
	json_close(o, '}');
}

static void target(struct json_out *o, const struct inventory *inv)
{
	json_open(o, "target", '{');
	json_put_str(o, "name", inv->target);
	json_put_given(o, "digest", inv->digest);
	json_put_given(o, "mediaType", inv->media_type);
	if (inv->distro.id.n) {
		json_open(o, "distribution", '{');
		json_put_str(o, "id", inv->distro.id);
		json_put_given(o, "version", inv->distro.version_id);
		json_close(o, '}');
	}
	json_put_int(o, "components", (int64_t)inv->n);
	json_close(o, '}');
}

hm_err advisory_write_json(struct hm_cx *cx, const struct advisory_report *r,
			   const struct inventory *inv, struct hm_buf *out)
{
	struct json_out o = json_out(out, true);
	json_open(&o, NULL, '{');
	json_putz(&o, "schema", "hullmark.scan/1");
	target(&o, inv);
	json_open(&o, "database", '{');
	json_put_str(&o, "digest", r->db.digest);
	json_put_str(&o, "built", r->db.built);
	json_put_int(&o, "advisories", (int64_t)r->db.advisories);
	json_close(&o, '}');
	json_open(&o, "counts", '{');
	for (size_t i = ADVISORY_SEVERITIES; i > 0; i--)
		json_put_int(&o, advisory_severity_names[i - 1], (int64_t)r->counts[i - 1]);
	json_close(&o, '}');
	json_open(&o, "matches", '[');
	for (size_t i = 0; i < r->n; i++) {
		struct hm_mark mark = hm_mark(cx);
		match(cx, &o, &r->matches[i], inv);
		hm_release(cx, mark);
	}
	json_close(&o, ']');
	json_put_strs(&o, "warnings", &r->warnings);
	json_close(&o, '}');
	hm_buf_char(out, '\n');
	struct hm_str whole;
	return hm_buf_end(cx, out, "the report", &whole);
}
