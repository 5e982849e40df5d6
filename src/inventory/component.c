/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/cataloger.h"

#include <stdlib.h>

#include "inventory/development.h"

static bool is_os_package(struct hm_str type)
{
	return inventory_type_has(type, INVENTORY_OS);
}

struct hm_str inventory_component_name(struct hm_cx *cx, const struct inventory_component *c)
{
	const struct inventory_type *type = inventory_type_of(c->type);
	if (!c->namespace.n || !(type->rules & INVENTORY_GROUP))
		return c->name;
	return hm_fmt(cx, "%.*s%c%.*s", HM_FMT(c->namespace), type->join, HM_FMT(c->name));
}

void inventory_put_locations(struct json_out *o, const struct inventory_component *c)
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

hm_err inventory_component_finish(struct hm_cx *cx, struct inventory_component *c,
				  const struct inventory_distro *distro)
{
	const struct inventory_type *type = inventory_type_of(c->type);
	if (type->rules & INVENTORY_OS && distro->id.n) {
		struct hm_str release =
			distro->version_id.n ? distro->version_id : distro->version_codename;
		c->namespace = hm_lower(cx, type->vendor ? type->vendor(distro->id) : distro->id);
		c->distro = hm_lower(cx, distro->id);
		if (release.n)
			c->distro = hm_fmt(cx, "%.*s-%.*s", HM_FMT(c->distro), HM_FMT(release));
	}
	c->purl = inventory_purl(cx, c);
	return NULL;
}

/* --- dependencies become edges --- */

/* All components that a key means, in their order. */
struct meant {
	uint32_t component;
	struct meant *next;
};

struct index {
	struct hm_map names;    /* type and name: to struct meant */
	struct hm_map provides; /* type and name */
	struct hm_map purls;
	struct hm_map paths; /* of installed npm packages: the path of package.json */
};

static struct hm_str key_of(struct hm_cx *cx, struct hm_str type, struct hm_str name)
{
	return HM_KEY(cx, 'n', type, name);
}

static hm_err put_meant(struct hm_cx *cx, struct hm_map *map, struct hm_str key, uint32_t component)
{
	HM_TRY(hm_charge(cx, sizeof(struct meant) + sizeof(struct hm_map_entry) + key.n));
	void **slot = hm_map_slot(cx, map, key);
	struct meant *m = hm_new(cx, struct meant, 1);
	m->component = component;
	if (!*slot) {
		*slot = m;
		return NULL;
	}
	struct meant *head = *slot; /* newest second: the first component of a key stays first */
	m->next = head->next;
	head->next = m;
	return NULL;
}

static hm_err index_components(struct hm_cx *cx, const struct inventory *inv, struct index *ix)
{
	for (uint32_t i = 0; i < inv->n; i++) {
		const struct inventory_component *c = &inv->components[i];
		struct hm_str name = inventory_type_key(cx, inventory_type_of(c->type),
							inventory_component_name(cx, c));
		HM_TRY(put_meant(cx, &ix->names, key_of(cx, c->type, name), i));
		HM_TRY(put_meant(cx, &ix->purls, c->purl, i));
		for (size_t k = 0; k < c->provides.n; k++)
			HM_TRY(put_meant(cx, &ix->provides, key_of(cx, c->type, c->provides.p[k]),
					 i));
		for (size_t k = 0; hm_eqz(c->cataloger, "npm-installed") && k < c->locations_n; k++)
			HM_TRY(put_meant(cx, &ix->paths, c->locations[k].path, i));
	}
	return NULL;
}

/* Hostile input may have one name a million times: no further than this is looked. */
enum { CANDIDATES = 1000 };

/* Of several of one name: that of the same architecture, else one for all, else the first. */
static const struct meant *choose_meant(const struct inventory *inv,
					const struct inventory_component *c,
					const struct meant *all)
{
	const struct meant *for_all = NULL, *m = all;
	for (size_t i = 0; m && i < CANDIDATES; m = m->next, i++) {
		struct hm_str arch = inv->components[m->component].arch;
		if (hm_eq(arch, c->arch))
			return m;
		if (!for_all && (hm_eqz(arch, "all") || hm_eqz(arch, "noarch")))
			for_all = m;
	}
	return for_all ? for_all : all;
}

/* Of several of one purl, that of the same lock file or program, else the first. */
static const struct meant *from_same_file(const struct inventory *inv,
					  const struct inventory_component *c,
					  const struct meant *all)
{
	const struct meant *m = c->locations_n ? all : NULL;
	for (size_t i = 0; m && i < CANDIDATES; m = m->next, i++) {
		const struct inventory_component *to = &inv->components[m->component];
		if (to->locations_n && hm_eq(to->locations[0].path, c->locations[0].path))
			return m;
	}
	return all;
}

/* Where require(name) finds it: in node_modules of the folder, else of those above it. */
static const struct meant *find_node_module(struct hm_cx *cx, const struct index *ix,
					    const struct inventory_component *c, struct hm_str name)
{
	struct hm_str folder = c->locations_n ? hm_dirname(c->locations[0].path) : HM_STR("");
	for (size_t depth = 0; depth < HM_MAX_PATH; depth++) {
		struct hm_str path = hm_fmt(cx, "%.*s/node_modules/%.*s/package.json",
					    HM_FMT(folder), HM_FMT(name));
		while (hm_starts(path, HM_STR("/")))
			path = hm_from(path, 1);
		const struct meant *m = hm_map_get(&ix->paths, path);
		size_t slash = hm_rfind_char(folder, '/');
		if (m || !folder.n)
			return m;
		folder = slash == SIZE_MAX ? HM_STR("") : hm_sub(folder, 0, slash);
	}
	return NULL;
}

static const struct meant *find_meant(struct hm_cx *cx, const struct inventory *inv,
				      const struct index *ix, const struct inventory_component *c,
				      struct hm_str name)
{
	const struct meant *m = NULL;
	if (hm_starts(name, HM_STR("pkg:")))
		return from_same_file(inv, c, hm_map_get(&ix->purls, name));
	if (hm_eqz(c->cataloger, "npm-installed"))
		m = find_node_module(cx, ix, c, name);
	struct hm_str key =
		key_of(cx, c->type, inventory_type_key(cx, inventory_type_of(c->type), name));
	if (!m)
		m = choose_meant(inv, c, hm_map_get(&ix->names, key));
	return m ? m : choose_meant(inv, c, hm_map_get(&ix->provides, key));
}

static int compare_edges(const void *a, const void *b)
{
	const struct inventory_edge *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

/* A component without version of these kinds is no package, but says something about packages. */
static bool is_statement(const struct inventory_component *c)
{
	return !c->version.n && (is_os_package(c->type) || hm_eqz(c->cataloger, "cargo-manifest"));
}

/* Statements are taken out of the components. */
static hm_err take_statements(struct hm_cx *cx, struct inventory *inv,
			      struct inventory_statements *out)
{
	size_t n = 0;
	for (size_t i = 0; i < inv->n; i++) {
		const struct inventory_component *c = &inv->components[i];
		if (!is_statement(c)) {
			inv->components[n++] = *c;
			continue;
		}
		HM_TRY(hm_charge(cx, 3 * sizeof(*c)));
		*hm_push(cx, out) = *c;
	}
	inv->n = n;
	return NULL;
}

/* The package of this name, which was built from the same source; NULL. */
static const struct inventory_component *find_kin(const struct inventory *inv,
						  const struct inventory_component *c,
						  struct hm_str name)
{
	size_t low = 0, high = inv->n;
	while (low < high) { /* sorted by type, namespace, name */
		size_t middle = low + (high - low) / 2;
		const struct inventory_component *m = &inv->components[middle];
		int d = hm_cmp(m->type, c->type);
		d = d ? d : hm_cmp(m->namespace, c->namespace);
		d = d ? d : hm_cmp(m->name, name);
		if (!d)
			return hm_eq(m->source_name, c->source_name) ? m : NULL;
		if (d < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Debian Policy 12.3: usr/share/doc/NAME may be a link to that of a package which it depends on and
 * which is of the same source. Then that one's copyright file is its own. */
static void add_linked_licences(struct hm_cx *cx, const struct hm_map *by_name,
				const struct inventory *inv, struct inventory_component *c)
{
	for (size_t i = 0; !c->licenses.n && i < c->depends.n; i++) {
		struct hm_mark mark = hm_mark(cx);
		struct hm_str name = c->depends.p[i];
		const struct inventory_component *s =
			hm_map_get(by_name, key_of(cx, c->type, name));
		hm_release(cx, mark);
		if (s && find_kin(inv, c, name))
			c->licenses = s->licenses;
	}
}

/* Licences of OS packages, which stand apart from their database. */
static hm_err add_licences(struct hm_cx *cx, struct inventory *inv,
			   const struct inventory_statements *statements)
{
	struct hm_map by_name = { 0 };
	for (size_t i = 0; i < statements->n; i++) {
		struct inventory_component *s = &statements->p[i];
		HM_TRY(hm_charge(cx, 128));
		if (is_os_package(s->type))
			hm_map_put(cx, &by_name, key_of(cx, s->type, s->name), s);
	}
	for (size_t i = 0; by_name.n && i < inv->n; i++) {
		struct inventory_component *c = &inv->components[i];
		const struct inventory_component *s =
			is_os_package(c->type) ? hm_map_get(&by_name, key_of(cx, c->type, c->name))
					       : NULL;
		if (s && !c->licenses.n)
			c->licenses = s->licenses;
	}
	for (size_t i = 0; by_name.n && i < inv->n; i++)
		if (inventory_type_has(inv->components[i].type, INVENTORY_LINKED_LICENCES))
			add_linked_licences(cx, &by_name, inv, &inv->components[i]);
	return NULL;
}

hm_err inventory_resolve(struct hm_cx *cx, struct inventory *inv)
{
	struct inventory_statements statements = { 0 };
	struct index ix = { 0 };
	HM_VEC(struct inventory_edge) edges = { 0 };
	HM_TRY(take_statements(cx, inv, &statements));
	HM_TRY(add_licences(cx, inv, &statements));
	HM_TRY(index_components(cx, inv, &ix));
	for (uint32_t i = 0; i < inv->n; i++) {
		const struct inventory_component *c = &inv->components[i];
		HM_TRY(hm_alive(cx));
		for (size_t k = 0; k < c->depends.n; k++) {
			const struct meant *m = find_meant(cx, inv, &ix, c, c->depends.p[k]);
			if (!m || m->component == i)
				continue;
			HM_TRY(hm_charge(cx, 2 * sizeof(struct inventory_edge)));
			*hm_push(cx, &edges) = (struct inventory_edge){ i, m->component };
		}
	}
	if (edges.n)
		qsort(edges.p, edges.n, sizeof(*edges.p), compare_edges);
	size_t n = 0;
	for (size_t i = 0; i < edges.n; i++)
		if (!n || compare_edges(&edges.p[n - 1], &edges.p[i]))
			edges.p[n++] = edges.p[i];
	inv->edges = edges.p;
	inv->edges_n = n;
	inv->edges_cap = edges.cap;
	return inventory_mark_development(cx, inv, &statements);
}
