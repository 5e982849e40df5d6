/* SPDX-License-Identifier: Apache-2.0 */
/* OpenVEX 0.2.0 (github.com/openvex/spec). */
#include "advisory/vex/vex.h"

static void put_vulnerability(struct json_out *o, const struct advisory_vex_claim *c)
{
	json_open(o, "vulnerability", '{');
	json_put_str(o, "name", c->id);
	if (c->aliases.n)
		json_put_strs(o, "aliases", &c->aliases);
	json_close(o, '}');
}

/* Readers that compare names take the "@id", which may be a purl. */
static void put_name(struct json_out *o, struct hm_str name)
{
	json_put_str(o, "@id", name);
	if (!hm_starts(name, HM_STR("pkg:")))
		return;
	json_open(o, "identifiers", '{');
	json_put_str(o, "purl", name);
	json_close(o, '}');
}

static void put_products(struct json_out *o, const struct advisory_vex_claim *c)
{
	json_open(o, "products", '[');
	for (size_t i = 0; i < c->products.n; i++) {
		json_open(o, NULL, '{');
		put_name(o, c->products.p[i]);
		if (c->parts.n)
			json_open(o, "subcomponents", '[');
		for (size_t k = 0; k < c->parts.n; k++) {
			json_open(o, NULL, '{');
			put_name(o, c->parts.p[k]);
			json_close(o, '}');
		}
		if (c->parts.n)
			json_close(o, ']');
		json_close(o, '}');
	}
	json_close(o, ']');
}

void advisory_vex_openvex_write(struct hm_cx *cx, const struct advisory_vex_draft *d,
				struct json_out *o)
{
	struct hm_str id = d->id;
	if (!id.n)
		id = hm_fmt(cx, "https://hullmark.dev/vex/%.*s", HM_FMT(d->digest));
	json_open(o, NULL, '{');
	json_putz(o, "@context", "https://openvex.dev/ns/v0.2.0");
	json_put_str(o, "@id", id);
	json_put_str(o, "author", d->author);
	json_put_given(o, "role", d->role);
	json_put_str(o, "timestamp", hm_rfc3339(cx, d->when));
	json_put_int(o, "version", 1);
	json_putz(o, "tooling", "hullmark " HULLMARK_VERSION);
	json_open(o, "statements", '[');
	for (size_t i = 0; i < d->n; i++) {
		const struct advisory_vex_claim *c = &d->p[i];
		json_open(o, NULL, '{');
		put_vulnerability(o, c);
		if (c->when && c->when != d->when)
			json_put_str(o, "timestamp", hm_rfc3339(cx, c->when));
		put_products(o, c);
		json_putz(o, "status", advisory_vex_status_names[c->status]);
		json_put_given(o, "status_notes", c->notes);
		json_put_given(o, "justification", c->justification);
		json_put_given(o, "impact_statement", c->impact);
		json_put_given(o, "action_statement", c->action);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}
