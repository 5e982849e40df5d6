/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/cataloger.h"

#include <stdlib.h>

/* A component in the file of which it was found. */
struct known {
	uint32_t component;
};

/* What is equal for a package of two databases; empty for what is no package of the system. */
static struct hm_str key_of(struct hm_cx *cx, const struct inventory_component *c)
{
	if (!c->version.n || !inventory_type_has(c->type, INVENTORY_OS))
		return HM_STR("");
	return hm_fmt(cx, "%.*s/%.*s/%.*s/%.*s", HM_FMT(c->type), HM_FMT(c->name),
		      HM_FMT(c->version), HM_FMT(c->arch));
}

/* The list without epochs and sources (rpm_manifest.c). */
static bool is_short_list(const struct inventory_component *c)
{
	return hm_eqz(c->cataloger, "rpmmanifest") && c->locations_n &&
	       hm_ends(c->locations[0].path, HM_STR("-1"));
}

static bool has_long_list(const struct inventory *inv)
{
	for (size_t i = 0; i < inv->n; i++)
		if (hm_eqz(inv->components[i].cataloger, "rpmmanifest") &&
		    !is_short_list(&inv->components[i]))
			return true;
	return false;
}

static hm_err add_locations(struct hm_cx *cx, struct inventory_component *to,
			    const struct inventory_component *from)
{
	HM_VEC(struct inventory_location)
	v = { to->locations, to->locations_n, to->locations_cap };
	HM_TRY(hm_charge(cx, 3 * from->locations_n * sizeof(*v.p)));
	for (size_t i = 0; i < from->locations_n; i++)
		*hm_push(cx, &v) = from->locations[i];
	to->locations = v.p;
	to->locations_n = v.n;
	to->locations_cap = v.cap;
	return NULL;
}

static int by_path(const void *pa, const void *pb)
{
	const struct inventory_location *a = pa, *b = pb;
	return hm_cmp(a->path, b->path);
}

static hm_err join_packages(struct hm_cx *cx, struct inventory *inv, uint32_t *first, uint32_t i,
			    uint8_t *dropped)
{
	struct inventory_component *a = &inv->components[*first], *b = &inv->components[i];
	if (hm_eq(a->locations[0].path, b->locations[0].path))
		return NULL;
	/* what says more stays: the source, without which its advisories are not found */
	bool later = !a->source_name.n && b->source_name.n;
	HM_TRY(later ? add_locations(cx, b, a) : add_locations(cx, a, b));
	dropped[later ? *first : i] = 1;
	if (later)
		*first = i;
	return NULL;
}

hm_err inventory_join(struct hm_cx *cx, struct inventory *inv)
{
	struct hm_map map = { 0 };
	bool has_long = has_long_list(inv);
	HM_TRY(hm_charge(cx, inv->n));
	uint8_t *dropped = hm_new(cx, uint8_t, inv->n);
	for (uint32_t i = 0; i < inv->n; i++) {
		dropped[i] = has_long && is_short_list(&inv->components[i]);
		if (dropped[i])
			continue;
		struct hm_str key = key_of(cx, &inv->components[i]);
		if (!key.n || !inv->components[i].locations_n)
			continue;
		HM_TRY(hm_charge(cx, key.n + sizeof(struct known) + sizeof(struct hm_map_entry)));
		struct known **slot = (struct known **)hm_map_slot(cx, &map, key);
		if (*slot) {
			HM_TRY(join_packages(cx, inv, &(*slot)->component, i, dropped));
			continue;
		}
		*slot = hm_new(cx, struct known, 1);
		(*slot)->component = i;
	}
	size_t n = 0;
	for (size_t i = 0; i < inv->n; i++) {
		struct inventory_component *c = &inv->components[i];
		if (dropped[i])
			continue;
		if (c->locations_n > 1)
			qsort(c->locations, c->locations_n, sizeof(*c->locations), by_path);
		inv->components[n++] = *c;
	}
	inv->n = n;
	return NULL;
}
