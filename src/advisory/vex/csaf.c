/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSAF 2.0 and 2.1 (OASIS), profile 5: VEX. Products are named once, in a tree of any depth and a
 * list; relationships make a product of two others, one as a part of the other. A status lists
 * identifiers of products.
 */
#include "advisory/vex/vex.h"

struct csaf_product {
	struct hm_str id;
	struct vex_name name;
	struct hm_str part, whole; /* of a relationship: ids of products */
	bool is_pair;
};

struct csaf {
	struct hm_map products; /* by id, to struct csaf_product */
	struct hm_map groups;   /* by id, to the array of ids */
};

bool advisory_vex_is_csaf(struct json doc)
{
	return json_is_string(json_get(json_get(doc, "document"), "csaf_version"));
}

static hm_err add_product(struct hm_cx *cx, struct csaf *c, struct json product,
			  struct csaf_product **out)
{
	struct json help = json_get(product, "product_identification_helper");
	struct csaf_product *p = hm_new(cx, struct csaf_product, 1);
	void **slot;
	p->id = json_str(json_get(product, "product_id"));
	if (!p->id.n)
		return hm_fail(cx, HM_INPUT, "a product has no \"product_id\"");
	if (c->products.n >= HM_MAX_VEX_PRODUCTS)
		return hm_fail(cx, HM_LIMIT, "more than %zu products", (size_t)HM_MAX_VEX_PRODUCTS);
	slot = hm_map_slot(cx, &c->products, p->id);
	if (*slot) /* 6.1.2 */
		return hm_fail(cx, HM_INPUT, "product \"%.*s\" stands there twice", HM_FMT(p->id));
	*slot = p;
	advisory_vex_name_add(cx, &p->name, json_str(json_get(help, "purl")));
	for (struct json_iter it = json_iter(json_get(help, "purls")); json_next(&it);)
		advisory_vex_name_add(cx, &p->name, json_str(it.value));
	for (struct json_iter it = json_iter(json_get(help, "hashes")); json_next(&it);)
		for (struct json_iter h = json_iter(json_get(it.value, "file_hashes"));
		     json_next(&h);)
			if (hm_eqz(json_str(json_get(h.value, "algorithm")), "sha256"))
				*hm_push(cx, &p->name.hashes) = hm_fmt(
					cx, "sha256:%.*s",
					HM_FMT(hm_lower(cx, json_str(json_get(h.value, "value")))));
	*out = p;
	return NULL;
}

/* Without recursion: the depth is the document's. */
static hm_err walk_branches(struct hm_cx *cx, struct csaf *c, struct json tree)
{
	HM_VEC(struct json) todo = { 0 };
	struct csaf_product *p;
	*hm_push(cx, &todo) = json_get(tree, "branches");
	while (todo.n) {
		struct json_iter it = json_iter(todo.p[--todo.n]);
		while (json_next(&it)) {
			struct json product = json_get(it.value, "product");
			if (json_is_there(product))
				HM_TRY(add_product(cx, c, product, &p));
			*hm_push(cx, &todo) = json_get(it.value, "branches");
		}
	}
	return NULL;
}

static hm_err read_tree(struct hm_cx *cx, struct csaf *c, struct json tree)
{
	struct csaf_product *p;
	HM_TRY(walk_branches(cx, c, tree));
	for (struct json_iter it = json_iter(json_get(tree, "full_product_names")); json_next(&it);)
		HM_TRY(add_product(cx, c, it.value, &p));
	for (struct json_iter it = json_iter(json_get(tree, "relationships")); json_next(&it);) {
		HM_TRY(add_product(cx, c, json_get(it.value, "full_product_name"), &p));
		p->is_pair = true;
		p->part = json_str(json_get(it.value, "product_reference"));
		p->whole = json_str(json_get(it.value, "relates_to_product_reference"));
	}
	for (struct json_iter it = json_iter(json_get(tree, "product_groups")); json_next(&it);)
		hm_map_put(cx, &c->groups, json_str(json_get(it.value, "group_id")),
			   (void *)(uintptr_t)json_get(it.value, "product_ids").v);
	return NULL;
}

static bool names_product(const struct csaf *c, struct json where, struct hm_str id)
{
	for (struct json_iter it = json_iter(json_get(where, "product_ids")); json_next(&it);)
		if (hm_eq(json_str(it.value), id))
			return true;
	for (struct json_iter it = json_iter(json_get(where, "group_ids")); json_next(&it);) {
		struct json ids = { hm_map_get(&c->groups, json_str(it.value)) };
		for (struct json_iter one = json_iter(ids); json_next(&one);)
			if (hm_eq(json_str(one.value), id))
				return true;
	}
	return false;
}

/* Of a list of things that are said of products, the first that is said of this one: of the
 * category, where one is asked for. One without products is for all, and comes last. */
static struct json said_of(const struct csaf *c, struct json list, const char *category,
			   struct hm_str id)
{
	struct json for_all = { 0 };
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		if (category && !hm_eqz(json_str(json_get(it.value, "category")), category))
			continue;
		if (names_product(c, it.value, id))
			return it.value;
		if (!json_size(json_get(it.value, "product_ids")) &&
		    !json_size(json_get(it.value, "group_ids")))
			for_all = it.value;
	}
	return for_all;
}

/* A flag or an impact statement (4.5): profile 5 wants one for what is not affected. */
static void read_reasons(const struct csaf *c, struct json vulnerability, struct hm_str id,
			 struct vex_statement *s)
{
	struct json flag = said_of(c, json_get(vulnerability, "flags"), NULL, id);
	struct json threat = said_of(c, json_get(vulnerability, "threats"), "impact", id);
	struct json remedy = said_of(c, json_get(vulnerability, "remediations"), NULL, id);
	s->reason = json_str(json_get(flag, "label"));
	s->impact = json_str(json_get(threat, "details"));
	s->action = json_str(json_get(remedy, "details"));
	s->no_fix = hm_eqz(json_str(json_get(remedy, "category")), "none_available");
	s->justification = s->reason.n ? s->reason : s->impact;
}

static bool has_name(const struct vex_name *n)
{
	return n->purls_n || n->hashes.n;
}

/* A pair of which one is a pair itself, or is not there, names nothing that can be compared. */
static void name_pair(const struct csaf *c, const struct csaf_product *p, struct vex_product *out)
{
	const struct csaf_product *part = hm_map_get(&c->products, p->part);
	const struct csaf_product *whole = hm_map_get(&c->products, p->whole);
	if (!part || !whole || part->is_pair || whole->is_pair) {
		out->unnamed = "a product is not in the product tree, or of more than two parts";
		return;
	}
	out->has_part = true;
	out->part = part->name;
	out->whole = whole->name;
	if (!has_name(&part->name) || !has_name(&whole->name))
		out->unnamed = "a product has neither purl nor hash";
}

static void name_product(const struct csaf *c, struct hm_str id, struct vex_product *out)
{
	const struct csaf_product *p = hm_map_get(&c->products, id);
	if (p && p->is_pair) {
		name_pair(c, p, out);
		return;
	}
	if (p)
		out->whole = p->name;
	if (!p)
		out->unnamed = "a product is not in the product tree";
	else if (!has_name(&p->name))
		out->unnamed = "a product has neither purl nor hash";
}

struct csaf_status {
	const char *key;
	enum advisory_vex_status status;
};
static const struct csaf_status statuses[] = {
	{ "known_not_affected", ADVISORY_VEX_NOT_AFFECTED },
	{ "fixed", ADVISORY_VEX_FIXED },
	{ "first_fixed", ADVISORY_VEX_FIXED },
	{ "known_affected", ADVISORY_VEX_AFFECTED },
	{ "first_affected", ADVISORY_VEX_AFFECTED },
	{ "last_affected", ADVISORY_VEX_AFFECTED },
	{ "under_investigation", ADVISORY_VEX_UNDER_INVESTIGATION },
	{ "unknown", ADVISORY_VEX_UNDER_INVESTIGATION }, /* 2.1 */
};

/* A statement for each product of a status: each has its own justification. */
static hm_err read_status(struct hm_cx *cx, const struct csaf *c, struct json vulnerability,
			  const struct csaf_status *status, struct advisory_vex *v,
			  const struct vex_statement *common)
{
	struct json list = json_get(json_get(vulnerability, "product_status"), status->key);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct vex_statement *s;
		struct vex_product *p;
		HM_TRY(advisory_vex_statement(cx, v, &s));
		s->ids = common->ids;
		s->when = common->when;
		s->status = status->status;
		read_reasons(c, vulnerability, json_str(it.value), s);
		HM_TRY(advisory_vex_product(cx, v, s, &p));
		name_product(c, json_str(it.value), p);
		if (s->status == ADVISORY_VEX_NOT_AFFECTED && !s->justification.n)
			p->unnamed = "it gives no justification";
	}
	return NULL;
}

static hm_err read_vulnerability(struct hm_cx *cx, const struct csaf *c, struct json one,
				 int64_t when, struct advisory_vex *v)
{
	struct vex_statement common = { .when = when };
	if (json_str(json_get(one, "cve")).n)
		*hm_push(cx, &common.ids) = json_str(json_get(one, "cve"));
	for (struct json_iter it = json_iter(json_get(one, "ids")); json_next(&it);)
		if (json_str(json_get(it.value, "text")).n)
			*hm_push(cx, &common.ids) = json_str(json_get(it.value, "text"));
	for (size_t i = 0; i < HM_LEN(statuses); i++)
		HM_TRY(read_status(cx, c, one, &statuses[i], v, &common));
	return NULL;
}

hm_err advisory_vex_csaf(struct hm_cx *cx, struct json doc, struct advisory_vex *v,
			 struct vex_document *d)
{
	struct json head = json_get(doc, "document"), tracking = json_get(head, "tracking");
	struct hm_str version = json_str(json_get(head, "csaf_version"));
	struct hm_str category = json_str(json_get(head, "category"));
	int64_t when = advisory_vex_time(cx, json_str(json_get(tracking, "current_release_date")));
	struct csaf c = { 0 };
	d->id = json_str(json_get(tracking, "id"));
	d->author = json_str(json_get(json_get(head, "publisher"), "name"));
	if (!hm_eqz(version, "2.0") && !hm_eqz(version, "2.1"))
		return hm_fail(cx, HM_INPUT, "version \"%.*s\" is neither 2.0 nor 2.1",
			       HM_FMT(version));
	if (!d->any_profile && !hm_eqz(category, "csaf_vex"))
		return hm_fail(cx, HM_INPUT, "its category is \"%.*s\", not \"csaf_vex\"",
			       HM_FMT(category));
	HM_TRY(read_tree(cx, &c, json_get(doc, "product_tree")));
	if (!json_is_array(json_get(doc, "vulnerabilities")))
		return hm_fail(cx, HM_INPUT, "\"vulnerabilities\" is not an array");
	for (struct json_iter it = json_iter(json_get(doc, "vulnerabilities")); json_next(&it);)
		HM_TRY(read_vulnerability(cx, &c, it.value, when, v));
	return NULL;
}
