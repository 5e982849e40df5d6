/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenVEX (github.com/openvex/spec). Up to 0.0.1 vulnerability, products and subcomponents are
 * strings, and the subcomponents are the statement's; since 0.2.0 they are objects, and each
 * product has its own.
 */
#include "advisory/vex/vex.h"

bool advisory_vex_is_openvex(struct json doc)
{
	struct hm_str context = json_str(json_get(doc, "@context"));
	return hm_eqz(context, "https://openvex.dev/ns") ||
	       hm_starts(context, HM_STR("https://openvex.dev/ns/")) ||
	       hm_starts(context, HM_STR("https://openvex.dev/ns#"));
}

static hm_err read_status(struct hm_cx *cx, struct hm_str word, enum advisory_vex_status *out)
{
	for (size_t i = 0; i < ADVISORY_VEX_STATUSES; i++)
		if (hm_eqz(word, advisory_vex_status_names[i])) {
			*out = (enum advisory_vex_status)i;
			return NULL;
		}
	return hm_fail(cx, HM_INPUT, "OpenVEX has no status \"%.*s\"", HM_FMT(word));
}

static void read_vulnerability(struct hm_cx *cx, struct json v, struct hm_strs *out)
{
	struct json_iter aliases = json_iter(json_get(v, "aliases"));
	struct hm_str name = json_is_string(v) ? json_str(v) : json_str(json_get(v, "name"));
	struct hm_str id = json_str(json_get(v, "@id"));
	/* some write it as the "@id", by which readers know it as well; an address is not a name */
	if (!name.n && hm_find_char(id, '/') == SIZE_MAX)
		name = id;
	if (name.n)
		*hm_push(cx, out) = name;
	while (json_next(&aliases))
		if (json_str(aliases.value).n)
			*hm_push(cx, out) = json_str(aliases.value);
}

/* "sha-256": the names are those of IANA's registry of hash functions. */
static void read_hashes(struct hm_cx *cx, struct json hashes, struct vex_name *out)
{
	for (struct json_iter it = json_iter(hashes); json_next(&it);)
		if (hm_eqz(it.key, "sha-256") && json_str(it.value).n)
			*hm_push(cx, &out->hashes) =
				hm_fmt(cx, "sha256:%.*s", HM_FMT(hm_lower(cx, json_str(it.value))));
}

static void read_name(struct hm_cx *cx, struct json v, struct vex_name *out)
{
	if (json_is_string(v)) {
		advisory_vex_name_add(cx, out, json_str(v));
		return;
	}
	advisory_vex_name_add(cx, out, json_str(json_get(v, "@id")));
	struct hm_str purl = json_str(json_get(json_get(v, "identifiers"), "purl"));
	if (!hm_eq(purl, json_str(json_get(v, "@id"))))
		advisory_vex_name_add(cx, out, purl);
	read_hashes(cx, json_get(v, "hashes"), out);
}

static bool is_nameless(const struct vex_name *n)
{
	return !n->purls_n && !n->hashes.n && !n->words.n;
}

static hm_err read_product(struct hm_cx *cx, struct json product, struct json parts,
			   struct advisory_vex *v, struct vex_statement *s)
{
	struct vex_product *p;
	struct vex_name whole = { 0 };
	struct json_iter it = json_iter(parts);
	read_name(cx, product, &whole);
	if (!json_size(parts)) {
		HM_TRY(advisory_vex_product(cx, v, s, &p));
		p->whole = whole;
		p->unnamed = is_nameless(&whole) ? "a product has no name" : NULL;
		return NULL;
	}
	while (json_next(&it)) {
		HM_TRY(advisory_vex_product(cx, v, s, &p));
		p->whole = whole;
		p->has_part = true;
		read_name(cx, it.value, &p->part);
		p->unnamed = is_nameless(&whole) || is_nameless(&p->part)
				     ? "a product or a part has no name"
				     : NULL;
	}
	return NULL;
}

static hm_err read_statement(struct hm_cx *cx, struct json one, struct advisory_vex *v,
			     int64_t when)
{
	struct vex_statement *s;
	struct json parts = json_get(one, "subcomponents");
	struct json_iter products = json_iter(json_get(one, "products"));
	int64_t own = advisory_vex_time(cx, json_str(json_get(one, "timestamp")));
	HM_TRY(advisory_vex_statement(cx, v, &s));
	HM_TRY(read_status(cx, json_str(json_get(one, "status")), &s->status));
	read_vulnerability(cx, json_get(one, "vulnerability"), &s->ids);
	s->when = own ? own : when;
	s->reason = json_str(json_get(one, "justification"));
	s->impact = json_str(json_get(one, "impact_statement"));
	s->action = json_str(json_get(one, "action_statement"));
	s->notes = json_str(json_get(one, "status_notes"));
	s->justification = s->reason.n ? s->reason : s->impact;
	if (s->status == ADVISORY_VEX_NOT_AFFECTED && !s->justification.n)
		return hm_fail(
			cx, HM_INPUT,
			"\"not_affected\" needs a \"justification\" or an \"impact_statement\"");
	while (json_next(&products)) {
		struct json own_parts = json_get(products.value, "subcomponents");
		HM_TRY(read_product(cx, products.value,
				    json_is_there(own_parts) ? own_parts : parts, v, s));
	}
	return NULL;
}

hm_err advisory_vex_openvex(struct hm_cx *cx, struct json doc, struct advisory_vex *v,
			    struct vex_document *d)
{
	struct json list = json_get(doc, "statements");
	struct hm_str updated = json_str(json_get(doc, "last_updated"));
	int64_t when =
		advisory_vex_time(cx, updated.n ? updated : json_str(json_get(doc, "timestamp")));
	size_t n = 0;
	d->id = json_str(json_get(doc, "@id"));
	d->author = json_str(json_get(doc, "author"));
	if (!json_is_array(list))
		return hm_fail(cx, HM_INPUT, "\"statements\" is not an array");
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY_IN(cx, read_statement(cx, it.value, v, when), "statement %zu", ++n);
	return NULL;
}
