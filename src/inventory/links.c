/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/links.h"

#include "inventory/match.h"

enum { LINKS_MOST = 40 /* as Linux */, ALIASES_MOST = 1000 };

struct links {
	struct inventory_links known;
	struct inventory_aliases aliases;
};

/* With overlayfs a folder of a later layer hides it. */
static bool is_under_folder(const struct inventory_view *v, size_t layer, struct hm_str path)
{
	return v->through.n && inventory_view_goes_through(
				       v, inventory_path_hash(&v->seed, INVENTORY_PATH_HIDES, path),
				       layer + 1, SIZE_MAX);
}

static bool has_shared(const struct inventory_view *v)
{
	if (v->through.n)
		return true;
	for (size_t i = 0; i < v->n; i++) {
		const struct inventory_answer *a = v->layers[i].answer;
		for (size_t k = 0; k < a->links.n; k++)
			if (a->links.p[k].shared)
				return true;
		if (a->unlinked.n)
			return true;
	}
	return false;
}

hm_err inventory_links_collect(struct hm_cx *cx, const struct inventory_view *v,
			       struct inventory_links *out)
{
	bool shared = has_shared(v);
	for (size_t i = 0; i < v->n; i++) {
		const struct inventory_answer *a = v->layers[i].answer;
		HM_TRY(hm_charge(cx, 64 * a->unlinked.n));
		for (size_t k = 0; k < a->unlinked.n; k++)
			hm_map_put(cx, &out->shared, a->unlinked.p[k], NULL);
		for (size_t k = 0; k < a->links.n; k++) {
			struct inventory_found_link *link = &a->links.p[k];
			if (link->forgotten || !inventory_view_has(v, i, link->path))
				continue;
			HM_TRY(hm_charge(cx, 256));
			if (!link->shared && !is_under_folder(v, i, link->path))
				hm_map_put(cx, &out->targets, link->path, &link->target);
			if (shared && !link->unlinked)
				hm_map_put(cx, &out->shared, link->path, &link->target);
		}
	}
	return NULL;
}

bool inventory_links_next(struct inventory_links *l)
{
	bool again = !l->is_shared && l->shared.n;
	l->is_shared = again;
	return again;
}

/* Those that are followed now. */
static struct hm_map *links_now(struct inventory_links *l)
{
	return l->is_shared ? &l->shared : &l->targets;
}

hm_err inventory_links_ask(struct hm_cx *cx, struct inventory_request *asked, uint64_t hash)
{
	if (inventory_hashes_has(&asked->tell, hash))
		return NULL;
	if (asked->tell.n >= HM_MAX_TOLD_LINKS)
		return hm_fail(cx, HM_LIMIT, "more than %llu symbolic links have to be followed",
			       (unsigned long long)HM_MAX_TOLD_LINKS);
	return inventory_hashes_add(cx, &asked->tell, hash);
}

hm_err inventory_links_made(struct hm_cx *cx, const struct inventory_view *v,
			    struct inventory_hashes *out)
{
	struct inventory_hashes made = { 0 };
	size_t n = 0;
	for (size_t i = 0; i < v->n; i++)
		n += v->layers[i].answer->made_links.n / 8;
	HM_TRY(hm_charge(cx, 8 * n));
	made.p = hm_new(cx, uint64_t, n);
	for (size_t i = 0; i < v->n; i++)
		for (struct hm_cur c = hm_cur(v->layers[i].answer->made_links); c.n >= 8;)
			made.p[made.n++] = hm_le(&c, 8);
	inventory_hashes_sort(&made);
	*out = made;
	return NULL;
}

/* A link that must be asked for before it is known where it leads to. */
static bool is_missing(struct inventory_links *l, struct hm_str path)
{
	if (!l->asked)
		return false;
	l->missing = inventory_path_hash(&l->asked->seed, INVENTORY_PATH_HIDES, path);
	l->missing += l->missing == 0;
	return inventory_hashes_has(&l->made, l->missing) &&
	       !inventory_hashes_has(&l->asked->tell, l->missing);
}

hm_err inventory_links_resolve(struct hm_cx *cx, struct inventory_links *l, struct hm_str path,
			       struct hm_str *out)
{
	HM_AUTO_BUF done = HM_BUF(2 * HM_MAX_PATH);
	struct hm_str rest = path;
	int links = 0;
	while (rest.n) {
		size_t before = done.n;
		struct hm_str name = hm_cut(&rest, '/');
		inventory_path_step(&done, name);
		if (hm_eqz(name, "..") || hm_eqz(name, ".") || !name.n)
			continue;
		const struct hm_str *t = hm_map_get(links_now(l), hm_buf_str(&done));
		if (!t && is_missing(l, hm_buf_str(&done)))
			return NULL;
		if (!t)
			continue;
		if (++links > LINKS_MOST)
			return hm_fail(cx, HM_INPUT,
				       "\"%.*s\": more than %d symbolic links lead to it",
				       HM_FMT(path), LINKS_MOST);
		if (t->n + rest.n + done.n > HM_MAX_PATH)
			return hm_fail(cx, HM_LIMIT,
				       "\"%.*s\": symbolic links lead to a path of %zu bytes",
				       HM_FMT(path), t->n + rest.n + done.n);
		done.n = hm_starts(*t, HM_STR("/")) ? 0 : before;
		rest = hm_fmt(cx, "%.*s/%.*s", HM_FMT(*t), HM_FMT(rest));
	}
	l->missing = 0;
	*out = hm_dup(cx, hm_buf_str(&done));
	return NULL;
}

/* Does the row look there anyway? As the file or folder of a database, or as a file in one. */
static bool is_looked_for(const struct inventory_database *d, struct hm_str real, bool single)
{
	struct inventory_database other;
	for (size_t at = 0; inventory_database_next(inventory_catalogers, &at, &other);)
		if (other.row == d->row &&
		    (single ? inventory_database_has(&other, real)
			    : hm_eq(other.path, real) && hm_eq(other.names, d->names)))
			return true;
	return false;
}

hm_err inventory_links_add(struct hm_cx *cx, struct inventory_aliases *aliases,
			   const struct inventory_database *d, struct hm_str real,
			   struct hm_str spelled)
{
	if (is_looked_for(d, real, d->names.n && !hm_eq(spelled, d->path)))
		return NULL;
	for (size_t i = 0; i < aliases->n; i++)
		if (hm_eq(aliases->p[i].real, real) && hm_eq(aliases->p[i].spelled, spelled))
			return NULL;
	if (aliases->n >= ALIASES_MOST)
		return hm_fail(cx, HM_LIMIT,
			       "more than %d symbolic links lead to package databases",
			       ALIASES_MOST);
	HM_TRY(hm_charge(cx, 4 * sizeof(*aliases->p)));
	*hm_push(cx, aliases) = (struct inventory_alias){ real, spelled };
	return NULL;
}

/* A link among the files of a folder, which may be called otherwise. */
static hm_err add_single(struct hm_cx *cx, struct links *l, struct hm_str path, size_t folders)
{
	struct inventory_database d;
	struct hm_str spelled = path, real;
	for (size_t i = 0; i < folders; i++)
		if (!l->aliases.p[i].package &&
		    inventory_alias_spell(cx, &l->aliases.p[i], path, &spelled))
			break;
	for (size_t at = 0; inventory_database_next(inventory_catalogers, &at, &d);) {
		if (!d.names.n || !inventory_database_has(&d, spelled))
			continue;
		HM_TRY(inventory_links_resolve(cx, &l->known, path, &real));
		return inventory_links_add(cx, &l->aliases, &d, real, spelled);
	}
	return NULL;
}

static hm_err add_all(struct hm_cx *cx, struct links *l)
{
	const struct hm_map *links = links_now(&l->known);
	struct inventory_database d;
	struct hm_str real = HM_STR("");
	if (!links->n)
		return NULL;
	for (size_t at = 0; inventory_database_next(inventory_catalogers, &at, &d);) {
		HM_TRY(inventory_links_resolve(cx, &l->known, d.path, &real));
		if (!hm_eq(real, d.path))
			HM_TRY(inventory_links_add(cx, &l->aliases, &d, real, d.path));
	}
	size_t folders = l->aliases.n;
	for (size_t i = 0; i < links->n; i++)
		if (links->entries[i].value)
			HM_TRY(add_single(cx, l, links->entries[i].key, folders));
	return NULL;
}

hm_err inventory_links_follow(struct hm_cx *cx, const struct inventory_view *v,
			      const struct inventory_aliases *known, struct inventory_aliases *out)
{
	struct links l = { 0 };
	for (size_t i = 0; i < known->n; i++)
		*hm_push(cx, &l.aliases) = known->p[i];
	HM_TRY(inventory_links_collect(cx, v, &l.known));
	do
		HM_TRY(add_all(cx, &l));
	while (inventory_links_next(&l.known));
	*out = l.aliases;
	return NULL;
}
