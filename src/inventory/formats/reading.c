/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/formats/reading.h"

#include <stdlib.h>

enum { MAX_LOCATIONS = 100000 };

/* The same name in two spellings: '-', '_' and '.' are one in Python, and case may be lost. */
static bool is_same_name(struct hm_str a, struct hm_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		char x = hm_lower_char(a.p[i]), y = hm_lower_char(b.p[i]);
		if (x != y && (!memchr("-_.", x, 3) || !memchr("-_.", y, 3)))
			return false;
	}
	return true;
}

hm_err inventory_reading_component(struct reading *r, struct hm_str purl, struct hm_str name,
				   struct inventory_component *out)
{
	struct inventory_component c;
	hm_err err = inventory_purl_parse(r->cx, purl, &c);
	if (err) { /* one such package does not make the others unreadable */
		r->passed_over++;
		*out = (struct inventory_component){ 0 };
		return err->code == HM_INPUT ? NULL : err;
	}
	size_t slash = hm_rfind_char(name, '/');
	if (inventory_type_has(c.type, INVENTORY_SCOPE) && slash != SIZE_MAX) { /* "@scope/name" */
		struct hm_str namespace = hm_sub(name, 0, slash);
		if (is_same_name(namespace, c.namespace))
			c.namespace = namespace;
		name = hm_from(name, slash + 1);
	}
	if (is_same_name(name, c.name))
		c.name = name;
	*out = c;
	return NULL;
}

hm_err inventory_reading_add(struct reading *r, struct hm_str ref,
			     const struct inventory_component *c)
{
	if (r->components.n >= HM_MAX_LAYER_PACKAGES)
		return hm_fail(r->cx, HM_LIMIT, "the SBOM has more than %d packages",
			       (int)HM_MAX_LAYER_PACKAGES);
	HM_TRY(hm_charge(r->cx, 3 * sizeof(*c)));
	*hm_push(r->cx, &r->components) = *c;
	if (ref.n && !hm_map_has(&r->refs, ref))
		hm_map_put(r->cx, &r->refs, ref, (void *)(uintptr_t)r->components.n);
	return NULL;
}

hm_err inventory_reading_relate(struct reading *r, struct hm_str from, struct hm_str to, bool owns)
{
	HM_TRY(hm_charge(r->cx, 3 * sizeof(struct reading_edge)));
	*hm_push(r->cx, &r->edges) = (struct reading_edge){ from, to, owns };
	return NULL;
}

hm_err inventory_reading_location(struct reading *r, struct inventory_component *c, uint64_t i,
				  const struct hm_str *path, const struct hm_str *layer)
{
	if (i >= MAX_LOCATIONS || i > c->locations_n)
		return hm_fail(r->cx, HM_LIMIT,
			       "the locations of a package are not numbered from 0");
	if (i == c->locations_n) {
		HM_TRY(hm_charge(r->cx, 3 * sizeof(struct inventory_location)));
		struct {
			struct inventory_location *p;
			size_t n, cap;
		} v = { c->locations, c->locations_n, c->locations_cap };
		*hm_push(r->cx, &v) = (struct inventory_location){ 0 };
		c->locations = v.p;
		c->locations_n = v.n;
		c->locations_cap = v.cap;
	}
	if (path)
		c->locations[i].path = hm_starts(*path, HM_STR("/")) ? hm_from(*path, 1) : *path;
	if (layer)
		c->locations[i].layer = *layer;
	return NULL;
}

hm_err inventory_reading_unknown(struct reading *r, uint64_t i, struct inventory_unknown **out)
{
	struct inventory_unknowns *unknown = &r->inv.unknown;
	if (i > unknown->n)
		return hm_fail(r->cx, HM_LIMIT, "unknown content is not numbered from 0");
	if (i == unknown->n) {
		HM_TRY(hm_charge(r->cx, 3 * sizeof(struct inventory_unknown)));
		*hm_push(r->cx, unknown) = (struct inventory_unknown){ 0 };
	}
	*out = &unknown->p[i];
	return NULL;
}

static struct hm_str first_path(const struct inventory_component *c)
{
	return c->locations_n ? c->locations[0].path : HM_STR("");
}

struct order {
	const struct inventory_component *c;
	uint32_t was;
};

static int compare_components(const void *a, const void *b)
{
	const struct order *o = a, *p = b;
	const struct inventory_component *x = o->c, *y = p->c;
	int d = hm_cmp(x->type, y->type);
	d = d ? d : hm_cmp(x->namespace, y->namespace);
	d = d ? d : hm_cmp(x->name, y->name);
	d = d ? d : hm_cmp(x->version, y->version);
	d = d ? d : hm_cmp(x->purl, y->purl);
	d = d ? d : hm_cmp(first_path(x), first_path(y));
	return d ? d : o->was < p->was ? -1 : 1;
}

static int compare_edges(const void *a, const void *b)
{
	const struct inventory_edge *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

/* References become indices of sorted components; those that lead nowhere (documents have edges
 * to files, and to themselves) are left out. */
static hm_err make_edges(struct reading *r, const uint32_t *now)
{
	struct inventory *inv = &r->inv;
	size_t n = 0;
	inv->edges = hm_new(r->cx, struct inventory_edge, r->edges.n + 1);
	for (size_t i = 0; i < r->edges.n; i++) {
		const struct reading_edge *e = &r->edges.p[i];
		uintptr_t from = (uintptr_t)hm_map_get(&r->refs, e->from);
		uintptr_t to = (uintptr_t)hm_map_get(&r->refs, e->to);
		if (!from || !to || from == to)
			continue;
		if (e->owns)
			inv->components[now[to - 1]].owner = inv->components[now[from - 1]].purl;
		else
			inv->edges[n++] = (struct inventory_edge){ now[from - 1], now[to - 1] };
	}
	qsort(inv->edges, n, sizeof(*inv->edges), compare_edges);
	for (size_t i = 0; i < n; i++)
		if (!inv->edges_n || compare_edges(&inv->edges[inv->edges_n - 1], &inv->edges[i]))
			inv->edges[inv->edges_n++] = inv->edges[i];
	inv->edges_cap = r->edges.n + 1;
	return hm_alive(r->cx);
}

/* "debian-12": what the purls of packages say, where the document itself does not. */
static void guess_distro(struct inventory *inv)
{
	for (size_t i = 0; i < inv->n && !inv->distro.id.n; i++)
		if (inv->components[i].distro.n)
			inventory_distro_parse(inv->components[i].distro,
					       inv->components[i].namespace, &inv->distro.id,
					       &inv->distro.version_id);
}

hm_err inventory_reading_end(struct reading *r, struct inventory *out)
{
	size_t n = r->components.n;
	HM_TRY(hm_charge(r->cx,
			 n * (sizeof(struct order) + sizeof(struct inventory_component) + 4)));
	struct order *order = hm_new(r->cx, struct order, n + 1);
	uint32_t *now = hm_new(r->cx, uint32_t, n + 1);
	for (size_t i = 0; i < n; i++)
		order[i] = (struct order){ &r->components.p[i], (uint32_t)i };
	qsort(order, n, sizeof(*order), compare_components);
	r->inv.components = hm_new(r->cx, struct inventory_component, n + 1);
	r->inv.n = n;
	r->inv.cap = n + 1;
	for (size_t i = 0; i < n; i++) {
		r->inv.components[i] = *order[i].c;
		now[order[i].was] = (uint32_t)i;
	}
	HM_TRY(make_edges(r, now));
	guess_distro(&r->inv);
	if (r->passed_over)
		*hm_push(r->cx, &r->inv.unknown) = (struct inventory_unknown){
			.reason = hm_fmt(
				r->cx,
				"%zu packages of the SBOM have no purl that can be read, and are skipped",
				r->passed_over)
		};
	inventory_unknown_sort(&r->inv.unknown);
	*out = r->inv;
	return NULL;
}
