/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CycloneDX's vulnerabilities (its schema, 1.4 to 1.7). What is affected is a "ref": of a component
 * of the same document, or a BOM-Link (urn:cdx:SERIAL/VERSION#REF) into another, which is about
 * that document alone. Nobody says here which document the inventory came from, so those apply to
 * nothing; a ref that is a purl itself, and no component's, names the package.
 */
#include "advisory/vex/vex.h"

/* A component; and the image that it is in, where that is a component of the document, too. */
struct cdx_component {
	struct vex_name name;
	const struct vex_name *whole; /* or NULL */
};
struct cdx {
	struct hm_map components; /* by bom-ref, to struct cdx_component */
	struct vex_name subject;  /* metadata.component, where it is an image */
	bool has_subject;
};

bool advisory_vex_is_cyclonedx(struct json doc)
{
	return hm_eqz(json_str(json_get(doc, "bomFormat")), "CycloneDX") &&
	       json_is_there(json_get(doc, "vulnerabilities"));
}

static bool is_image(const struct vex_name *n)
{
	return n->purls_n && hm_eqz(n->purls[0].type, "oci");
}

static hm_err add_component(struct hm_cx *cx, struct cdx *c, struct json one,
			    const struct vex_name *whole, struct cdx_component **out)
{
	struct cdx_component *n = hm_new(cx, struct cdx_component, 1);
	struct hm_str ref = json_str(json_get(one, "bom-ref"));
	if (c->components.n >= HM_MAX_VEX_PRODUCTS)
		return hm_fail(cx, HM_LIMIT, "more than %zu components",
			       (size_t)HM_MAX_VEX_PRODUCTS);
	if (json_str(json_get(one, "purl")).n)
		advisory_vex_name_add(cx, &n->name, json_str(json_get(one, "purl")));
	n->whole = whole;
	if (ref.n)
		hm_map_put(cx, &c->components, ref, n);
	*out = n;
	return NULL;
}

/* Components have components. */
static hm_err read_components(struct hm_cx *cx, struct cdx *c, struct json list)
{
	struct cdx_todo {
		struct json list;
		const struct vex_name *whole;
	};
	HM_VEC(struct cdx_todo) todo = { 0 };
	struct cdx_component *n;
	*hm_push(cx, &todo) = (struct cdx_todo){ list, NULL };
	while (todo.n) {
		struct cdx_todo now = todo.p[--todo.n];
		for (struct json_iter it = json_iter(now.list); json_next(&it);) {
			HM_TRY(add_component(cx, c, it.value, now.whole, &n));
			*hm_push(cx, &todo) =
				(struct cdx_todo){ json_get(it.value, "components"),
						   is_image(&n->name) ? &n->name : now.whole };
		}
	}
	return NULL;
}

static void read_subject(struct hm_cx *cx, struct cdx *c, struct json component)
{
	struct vex_name n = { 0 };
	advisory_vex_name_add(cx, &n, json_str(json_get(component, "purl")));
	if (!is_image(&n))
		return;
	c->subject = n;
	c->has_subject = true;
}

bool advisory_vex_state(struct hm_str word, enum advisory_vex_status *out)
{
	static const struct {
		const char *word;
		enum advisory_vex_status status;
	} words[] = {
		{ "resolved", ADVISORY_VEX_FIXED },
		{ "resolved_with_pedigree", ADVISORY_VEX_FIXED },
		{ "exploitable", ADVISORY_VEX_AFFECTED },
		{ "in_triage", ADVISORY_VEX_UNDER_INVESTIGATION },
		{ "false_positive", ADVISORY_VEX_NOT_AFFECTED },
		{ "not_affected", ADVISORY_VEX_NOT_AFFECTED },
	};
	for (size_t i = 0; i < HM_LEN(words); i++)
		if (hm_eqz(word, words[i].word)) {
			*out = words[i].status;
			return true;
		}
	return false;
}

/* Ranges ("vers:...") are compared with nothing: such an entry names no version. */
static void read_versions(struct hm_cx *cx, struct json versions, struct vex_product *p)
{
	for (struct json_iter it = json_iter(versions); json_next(&it);) {
		struct hm_str version = json_str(json_get(it.value, "version"));
		if (version.n && !hm_eqz(json_str(json_get(it.value, "status")), "unknown"))
			*hm_push(cx, &p->versions) = version;
	}
	if (json_size(versions) && !p->versions.n)
		p->unnamed = "it names versions by a range only";
}

/* Which image it is a part of: the one that it stands in, or else the document's. */
static void set_product(const struct cdx *c, const struct cdx_component *known,
			const struct vex_name *name, struct vex_product *p)
{
	const struct vex_name *whole = c->has_subject ? &c->subject : NULL;
	if (known && known->whole)
		whole = known->whole;
	p->has_part = whole && !is_image(name);
	p->whole = p->has_part ? *whole : *name;
	if (p->has_part)
		p->part = *name;
}

static hm_err read_affected(struct hm_cx *cx, const struct cdx *c, struct json one,
			    struct advisory_vex *v, struct vex_statement *s)
{
	struct hm_str ref = json_str(json_get(one, "ref"));
	const struct cdx_component *known = hm_map_get(&c->components, ref);
	struct vex_name name = { 0 };
	struct vex_product *p;
	HM_TRY(advisory_vex_product(cx, v, s, &p));
	if (known)
		name = known->name;
	else if (hm_starts(ref, HM_STR("urn:cdx:")))
		p->unnamed = "it is about the components of another document (a BOM-Link)";
	else
		advisory_vex_name_add(cx, &name, ref);
	if (!p->unnamed && !name.purls_n)
		p->unnamed = "what it is about has no purl";
	set_product(c, known, &name, p);
	read_versions(cx, json_get(one, "versions"), p);
	return NULL;
}

/* The last that has CycloneDX's word: "code_not_present" says no more than that the code is not
 * there. */
struct hm_str advisory_vex_reason_of(struct hm_str word)
{
	struct hm_str reason = { "", 0 };
	for (const struct advisory_vex_reason *r = advisory_vex_reasons; r->name; r++)
		if (r->cyclonedx && hm_eqz(word, r->cyclonedx))
			reason = hm_cstr(r->name);
	return reason;
}

static hm_err read_vulnerability(struct hm_cx *cx, const struct cdx *c, struct json one,
				 int64_t when, struct advisory_vex *v)
{
	struct json analysis = json_get(one, "analysis");
	struct vex_statement *s;
	enum advisory_vex_status status;
	struct hm_str last = json_str(json_get(analysis, "lastUpdated"));
	/* without analysis it is a finding, and no statement */
	if (!advisory_vex_state(json_str(json_get(analysis, "state")), &status))
		return NULL;
	HM_TRY(advisory_vex_statement(cx, v, &s));
	s->status = status;
	if (json_str(json_get(one, "id")).n)
		*hm_push(cx, &s->ids) = json_str(json_get(one, "id"));
	for (struct json_iter it = json_iter(json_get(one, "references")); json_next(&it);)
		if (json_str(json_get(it.value, "id")).n)
			*hm_push(cx, &s->ids) = json_str(json_get(it.value, "id"));
	s->justification = json_str(json_get(analysis, "justification"));
	s->reason = advisory_vex_reason_of(s->justification);
	s->impact = json_str(json_get(analysis, "detail"));
	s->action = json_str(json_get(one, "recommendation"));
	if (!s->justification.n)
		s->justification = s->impact;
	if (!last.n)
		last = json_str(json_get(one, "updated"));
	s->when = last.n ? advisory_vex_time(cx, last) : when;
	for (struct json_iter it = json_iter(json_get(one, "affects")); json_next(&it);)
		HM_TRY(read_affected(cx, c, it.value, v, s));
	return NULL;
}

hm_err advisory_vex_cyclonedx(struct hm_cx *cx, struct json doc, struct advisory_vex *v,
			      struct vex_document *d)
{
	struct json list = json_get(doc, "vulnerabilities"), meta = json_get(doc, "metadata");
	struct json author = json_get(json_at(json_get(meta, "authors"), 0), "name");
	int64_t when = advisory_vex_time(cx, json_str(json_get(meta, "timestamp")));
	struct json component = json_get(meta, "component");
	struct cdx_component *own;
	struct cdx c = { 0 };
	d->id = json_str(json_get(doc, "serialNumber"));
	d->author = json_str(json_is_there(author) ? author
						   : json_get(json_get(meta, "supplier"), "name"));
	if (!json_is_array(list))
		return hm_fail(cx, HM_INPUT, "\"vulnerabilities\" is not an array");
	read_subject(cx, &c, component);
	if (json_is_there(component))
		HM_TRY(add_component(cx, &c, component, NULL, &own));
	HM_TRY(read_components(cx, &c, json_get(component, "components")));
	HM_TRY(read_components(cx, &c, json_get(doc, "components")));
	for (struct json_iter it = json_iter(list); json_next(&it);)
		HM_TRY(read_vulnerability(cx, &c, it.value, when, v));
	return NULL;
}
