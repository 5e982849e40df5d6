/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/merge.h"

#include <stdlib.h>

/* A component that is there, and where it came from. */
struct found {
	struct inventory_component c;
	size_t first; /* the first layer in which its name and version are at its path */
};

/* A package of the system, by type and name. */
struct package {
	uint32_t found; /* index of struct found */
	struct package *next;
};

struct merge {
	struct hm_cx *cx;
	const struct inventory_view_layer *layers;
	size_t n;
	const struct inventory_view *view;
	struct inventory *inv;
	struct hm_map firsts; /* identity to layer + 1 */
	HM_VEC(struct found) found;
	struct hm_map packages; /* type and name to struct package */
	struct path_slot *paths;
	size_t paths_n;
};

/* --- which distribution --- */

/* os-release(5): /etc wins over /usr/lib. What a distribution had before that file counts where it
 * is not there; Ubuntu has Debian's too. */
static int distro_rank(struct hm_str path)
{
	static const char *const better[] = { "etc/debian_version", "etc/apk/repositories",
					      "etc/system-release", "etc/redhat-release",
					      "etc/centos-release", "etc/alpine-release",
					      "etc/lsb-release",    "usr/lib/os-release",
					      "etc/os-release" };
	int rank = 0;
	for (size_t i = 0; i < HM_LEN(better); i++)
		if (hm_eqz(path, better[i]))
			rank = (int)i + 1;
	return rank;
}

static void take_distro(struct merge *m, size_t layer, int *best)
{
	const struct inventory_answer *a = m->layers[layer].answer;
	for (size_t i = 0; i < a->distros.n; i++) {
		const struct inventory_found_file *f = &a->files.p[a->distros.p[i].file];
		int rank = distro_rank(f->path);
		if (f->forgotten || rank < *best || !inventory_view_has(m->view, layer, f->path))
			continue;
		*best = rank;
		m->inv->distro = a->distros.p[i].distro;
	}
}

/* --- which components, and since when --- */

static struct hm_str make_identity(struct hm_cx *cx, const struct inventory_component *c)
{
	return HM_KEY(cx, 'i', c->locations[0].path, c->type, c->namespace, c->name, c->version,
		      c->arch);
}

/* A package database is written whole in every layer that touches it, so that what lies below
 * counts too, though it is hidden (architecture, "Decisions"). */
static hm_err take_firsts(struct merge *m, size_t layer)
{
	const struct inventory_answer *a = m->layers[layer].answer;
	for (size_t i = 0; i < a->components.n; i++) {
		if (a->files.p[a->component_files.p[i]].forgotten)
			continue;
		struct hm_str key = make_identity(m->cx, &a->components.p[i]);
		HM_TRY(hm_charge(m->cx, key.n + 64));
		uintptr_t *first = (uintptr_t *)hm_map_slot(m->cx, &m->firsts, key);
		if (!*first)
			*first = layer + 1;
	}
	return NULL;
}

static hm_err take_components(struct merge *m, size_t layer)
{
	const struct inventory_answer *a = m->layers[layer].answer;
	uint32_t last = UINT32_MAX;
	bool there = false;
	for (size_t i = 0; i < a->components.n; i++) {
		uint32_t file = a->component_files.p[i];
		const struct inventory_found_file *f = &a->files.p[file];
		if (file != last)
			there = !f->forgotten && inventory_view_has(m->view, layer, f->path);
		last = file;
		if (!there)
			continue;
		struct found found = { .c = a->components.p[i] };
		found.first = (uintptr_t)hm_map_get(&m->firsts, make_identity(m->cx, &found.c)) - 1;
		HM_TRY(hm_charge(m->cx, sizeof(found) + sizeof(struct inventory_location)));
		/* Answers of equal layers are shared: what is changed is a copy. */
		struct inventory_location *at = hm_new(m->cx, struct inventory_location, 1);
		at->path = found.c.locations[0].path;
		at->layer = m->layers[found.first].digest;
		found.c.locations = at;
		HM_TRY(inventory_component_finish(m->cx, &found.c, &m->inv->distro));
		*hm_push(m->cx, &m->found) = found;
	}
	return NULL;
}

/* What lies under a later layer is not there, and so not unknown. */
static hm_err take_unknown(struct merge *m, size_t layer)
{
	const struct inventory_answer *a = m->layers[layer].answer;
	for (size_t i = 0; i < a->unknown.n; i++) {
		const struct inventory_found_unknown *u = &a->unknown.p[i];
		const struct inventory_found_file *f = &a->files.p[u->file];
		if (f->forgotten || !inventory_view_has(m->view, layer, f->path))
			continue;
		HM_TRY(hm_charge(m->cx, 2 * sizeof(struct inventory_unknown)));
		*hm_push(m->cx, &m->inv->unknown) =
			(struct inventory_unknown){ u->path, m->layers[layer].digest, u->reason };
	}
	return NULL;
}

/* What must be readable, and is not. */
static hm_err check_faults(struct merge *m, size_t layer)
{
	const struct inventory_answer *a = m->layers[layer].answer;
	for (size_t i = 0; i < a->faults.n; i++) {
		const struct inventory_found_file *f = &a->files.p[a->faults.p[i].file];
		if (f->forgotten || !inventory_view_has(m->view, layer, f->path))
			continue;
		struct hm_str digest = m->layers[layer].digest;
		return hm_fail(m->cx, HM_INPUT, "%s\"%.*s\": %.*s",
			       digest.n ? hm_fmt(m->cx, "layer %zu: ", layer + 1).p : "",
			       HM_FMT(f->path), HM_FMT(a->faults.p[i].words));
	}
	return NULL;
}

/* --- who owns what --- */

struct path_slot {
	uint64_t hash;  /* 0: free */
	uint32_t found; /* index + 1 of the first component of this path; then by .next */
};

static bool is_os_package(const struct inventory_component *c)
{
	return inventory_type_has(c->type, INVENTORY_OS);
}

static bool says_origin(const struct inventory_component *c)
{
	return !c->version.n &&
	       (hm_eqz(c->cataloger, "npm-origin") || hm_eqz(c->cataloger, "python-origin"));
}

static struct hm_str package_key(struct hm_cx *cx, struct hm_str type, struct hm_str name)
{
	return HM_KEY(cx, 'p', type, name);
}

static void index_packages(struct merge *m)
{
	for (size_t i = 0; i < m->found.n; i++) {
		const struct inventory_component *c = &m->found.p[i].c;
		if (!is_os_package(c) || !c->version.n) /* a statement is no package */
			continue;
		struct package **head =
			(struct package **)hm_map_slot(m->cx, &m->packages,
						       package_key(m->cx, c->type, c->name));
		struct package *p = hm_new(m->cx, struct package, 1);
		*p = (struct package){ (uint32_t)i, *head };
		*head = p;
	}
}

static struct path_slot *path_slot(const struct merge *m, uint64_t hash)
{
	hash += hash == 0;
	size_t i = (size_t)hash & (m->paths_n - 1);
	while (m->paths[i].hash && m->paths[i].hash != hash)
		i = (i + 1) & (m->paths_n - 1);
	return &m->paths[i];
}

/* The file itself: what lies in an archive is owned with it. */
static struct hm_str file_of(const struct inventory_component *c)
{
	struct hm_str path = c->locations[0].path;
	size_t inner = hm_find(path, HM_STR("!/"));
	return inner == SIZE_MAX ? path : hm_sub(path, 0, inner);
}

static void index_paths(struct merge *m)
{
	m->paths_n = 64;
	while (m->paths_n < m->found.n * 2)
		m->paths_n *= 2;
	m->paths = hm_new(m->cx, struct path_slot, m->paths_n);
	for (size_t i = 0; i < m->found.n; i++) {
		const struct inventory_component *c = &m->found.p[i].c;
		if (is_os_package(c) || says_origin(c))
			continue;
		uint64_t hash =
			inventory_path_hash(&m->view->seed, INVENTORY_PATH_HIDES, file_of(c));
		struct path_slot *s = path_slot(m, hash);
		s->hash = hash + (hash == 0);
		if (!s->found)
			s->found = (uint32_t)i + 1;
	}
}

static const struct found *owner_of(struct merge *m, const struct inventory_found_owner *o)
{
	struct hm_mark mark = hm_mark(m->cx);
	const struct package *p = hm_map_get(&m->packages, package_key(m->cx, o->type, o->name));
	hm_release(m->cx, mark);
	while (p && m->found.p && o->arch.n && !hm_eq(m->found.p[p->found].c.arch, o->arch))
		p = p->next;
	return p ? &m->found.p[p->found] : NULL;
}

/* Components of one file are neighbours. What came into a path after the package is not its. */
static void own_file(struct merge *m, uint32_t at, const struct found *owner)
{
	struct hm_str path = file_of(&m->found.p[at].c);
	for (uint32_t i = at; i < m->found.n; i++) {
		struct found *f = &m->found.p[i];
		if (is_os_package(&f->c) || !hm_eq(file_of(&f->c), path))
			break;
		if (f->first <= owner->first)
			f->c.owner = owner->c.purl;
	}
}

static void take_owners(struct merge *m, size_t layer)
{
	const struct inventory_answer *a = m->layers[layer].answer;
	for (size_t i = 0; i < a->owners.n; i++) {
		const struct inventory_found_owner *o = &a->owners.p[i];
		const struct inventory_found_file *f = &a->files.p[o->file];
		if (f->forgotten || !inventory_view_has(m->view, layer, f->path))
			continue;
		const struct found *owner = owner_of(m, o);
		if (!owner)
			continue;
		struct hm_cur c = hm_cur(o->hashes);
		while (c.n >= 8) {
			const struct path_slot *s = path_slot(m, hm_le(&c, 8));
			if (s->found)
				own_file(m, s->found - 1, owner);
		}
	}
}

/* --- the result --- */

#define AT(field) offsetof(struct inventory_component, field)
static const size_t order[] = { AT(type), AT(namespace), AT(name),     AT(version),
				AT(purl), AT(range),     AT(cataloger) };
#undef AT

enum { BEFORE_PATH = 5 };

static const struct hm_str *text_at(const void *component, size_t offset)
{
	return (const struct hm_str *)(const void *)((const char *)component + offset);
}

static int by_identity(const void *pa, const void *pb)
{
	const struct inventory_component *a = pa, *b = pb;
	for (size_t i = 0; i < HM_LEN(order); i++) {
		int d = i == BEFORE_PATH ? hm_cmp(a->locations[0].path, b->locations[0].path) : 0;
		if (!d)
			d = hm_cmp(*text_at(pa, order[i]), *text_at(pb, order[i]));
		if (d)
			return d;
	}
	return (a->evidence > b->evidence) - (a->evidence < b->evidence);
}

/* Where a component comes from may stand in a file beside its own, which says its path. */
static hm_err take_origins(struct merge *m)
{
	struct hm_map origins = { 0 }; /* by path, to struct hm_str */
	size_t n = 0;
	for (size_t i = 0; i < m->found.n; i++) {
		struct inventory_component *c = &m->found.p[i].c;
		if (says_origin(c))
			hm_map_put(m->cx, &origins, c->locations[0].path, &c->origin);
	}
	if (!origins.n)
		return NULL;
	for (size_t i = 0; i < m->found.n; i++) {
		struct found *f = &m->found.p[i];
		const struct hm_str *origin = hm_map_get(&origins, f->c.locations[0].path);
		if (!says_origin(&f->c) && origin && !is_os_package(&f->c) && f->c.version.n) {
			f->c.origin = *origin;
			HM_TRY(inventory_component_finish(m->cx, &f->c, &m->inv->distro));
		}
	}
	struct found *kept = hm_new(m->cx, struct found, m->found.n);
	for (size_t i = 0; i < m->found.n; i++)
		if (!says_origin(&m->found.p[i].c))
			kept[n++] = m->found.p[i];
	m->found.p = kept;
	m->found.n = n;
	return NULL;
}

static hm_err finish_inventory(struct merge *m)
{
	struct inventory *inv = m->inv;
	HM_TRY(take_origins(m));
	HM_TRY(hm_charge(m->cx, m->found.n * sizeof(*inv->components)));
	inv->components = hm_new(m->cx, struct inventory_component, m->found.n);
	inv->cap = m->found.n;
	for (size_t i = 0; i < m->found.n; i++)
		inv->components[i] = m->found.p[i].c;
	if (m->found.n)
		qsort(inv->components, m->found.n, sizeof(*inv->components), by_identity);
	/* The same said twice in one file is one component. What is an installed package by where a
	 * link leads is no application by its own place. */
	inv->n = 0;
	for (size_t i = 0; i < m->found.n; i++) {
		struct inventory_component *c = &inv->components[i];
		struct inventory_component *last = inv->n ? &inv->components[inv->n - 1] : NULL;
		if (last && hm_eqz(last->cataloger, "npm-app") &&
		    hm_eqz(c->cataloger, "npm-installed")) {
			struct inventory_component same = *last;
			same.cataloger = c->cataloger;
			if (by_identity(&same, c) == 0)
				*last = *c;
		}
		if (!last || by_identity(last, c) != 0)
			inv->components[inv->n++] = *c;
	}
	HM_TRY(inventory_join(m->cx, inv));
	inventory_unknown_sort(&inv->unknown);
	return inventory_resolve(m->cx, inv);
}

/* A distribution whose packages are in a database that no cataloger knows must not look empty. */
static void check_distro(struct merge *m)
{
	struct hm_str id = m->inv->distro.id;
	if (id.n && !m->packages.n)
		*hm_push(m->cx, &m->inv->unknown) = (struct inventory_unknown){
			.reason = hm_fmt(
				m->cx,
				"no packages of the distribution \"%.*s\" were found: it has no "
				"package database, or one that is not supported",
				HM_FMT(id))
		};
}

hm_err inventory_merge(struct hm_cx *cx, const struct inventory_view *view, struct inventory *inv)
{
	struct merge m = {
		.cx = cx, .layers = view->layers, .n = view->n, .view = view, .inv = inv
	};
	size_t n = view->n;
	int best = 0;
	for (size_t i = 0; i < n; i++) {
		take_distro(&m, i, &best);
		HM_TRY(take_firsts(&m, i));
	}
	for (size_t i = 0; i < n; i++) {
		HM_TRY(hm_alive(cx));
		HM_TRY(check_faults(&m, i));
		HM_TRY(take_components(&m, i));
		HM_TRY(take_unknown(&m, i));
	}
	index_packages(&m);
	check_distro(&m);
	index_paths(&m);
	for (size_t i = 0; i < n; i++)
		take_owners(&m, i);
	return finish_inventory(&m);
}
