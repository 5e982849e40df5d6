/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/package_links.h"

#include <stdlib.h>

enum { TELL_MOST = 2048 };

/* A link by which more is found, if what it needs is there. */
struct candidate {
	struct hm_str real, spelled, path;
	size_t layer;
	size_t needs, needs_n; /* of the list of all */
};

struct finder {
	const struct inventory_view *v;
	struct inventory_request *asked;
	struct inventory_unknowns *unknown;
	struct inventory_matcher matcher;
	struct inventory_links links;
	uint64_t not_needed; /* rows */
	struct hm_strs needs;
	HM_VEC(struct candidate) found;
};

struct hm_str inventory_link_plain(struct hm_cx *cx, struct hm_str path, struct hm_str target)
{
	struct hm_str rest = target;
	bool named = false;
	while (rest.n) {
		struct hm_str name = hm_cut(&rest, '/');
		bool up = hm_eqz(name, "..");
		if (up && named)
			return HM_STR("");
		named |= !up && name.n && !hm_eqz(name, ".");
	}
	return inventory_link_target(cx, &(struct inventory_found_link){ path, target });
}

bool inventory_package_links_has(struct hm_cx *cx, const struct inventory_aliases *aliases,
				 const struct inventory_matcher *m, struct hm_str real,
				 struct hm_str spelled)
{
	for (size_t i = 0; i < aliases->n; i++) {
		const struct inventory_alias *a = &aliases->p[i];
		if (a->package && hm_eq(a->real, real) &&
		    !inventory_link_wants(cx, m, spelled, a->spelled, NULL))
			return true;
	}
	return false;
}

hm_err inventory_package_links_add(struct hm_cx *cx, struct inventory_aliases *aliases,
				   struct hm_str real, struct hm_str spelled, bool *out_over)
{
	uint64_t bytes = real.n + spelled.n;
	*out_over = false;
	for (size_t i = 0; i < aliases->n; i++) {
		const struct inventory_alias *a = &aliases->p[i];
		if (a->package)
			bytes += a->real.n + a->spelled.n;
		if (a->package && hm_eq(a->real, real) && hm_eq(a->spelled, spelled))
			return NULL;
	}
	*out_over = bytes > HM_MAX_PACKAGE_LINKS;
	if (*out_over)
		return NULL;
	HM_TRY(hm_charge(cx, 4 * sizeof(*aliases->p)));
	*hm_push(cx, aliases) =
		(struct inventory_alias){ .real = real, .spelled = spelled, .package = true };
	return NULL;
}

static hm_err add_unknown(struct hm_cx *cx, struct finder *f, size_t layer, struct hm_str path,
			  const char *reason)
{
	HM_TRY(hm_charge(cx, 2 * sizeof(struct inventory_unknown)));
	*hm_push(cx, f->unknown) =
		(struct inventory_unknown){ path, f->v->layers[layer].digest, hm_cstr(reason) };
	return NULL;
}

/* --- where they lead to --- */

static hm_err on_name(struct hm_cx *cx, struct finder *f, size_t layer, struct hm_str path,
		      struct hm_str real, struct hm_str spelled)
{
	size_t first = f->needs.n;
	uint64_t rows = inventory_link_wants(cx, &f->matcher, spelled, real, &f->needs);
	if (!(rows & ~f->not_needed))
		return NULL;
	if (!hm_eq(path, spelled) &&
	    inventory_package_links_has(cx, &f->asked->aliases, &f->matcher, real, spelled))
		return NULL;
	HM_TRY(hm_charge(cx, 4 * sizeof(struct candidate) + real.n + spelled.n));
	*hm_push(cx, &f->found) = (struct candidate){
		real, spelled, path, layer, first, f->needs.n - first,
	};
	return NULL;
}

/* A link that leads in a circle, or over more links than Linux follows, leads a loader nowhere. */
static hm_err resolve_link(struct hm_cx *cx, struct finder *f, size_t layer, struct hm_str path,
			   struct hm_str *out, bool *out_known)
{
	hm_err err = inventory_links_resolve(cx, &f->links, path, out);
	*out_known = !err && !f->links.missing;
	if (err && err->code == HM_LIMIT)
		return add_unknown(cx, f, layer, path, err->why);
	if (err || *out_known)
		return NULL;
	if (f->asked->tell.n >= TELL_MOST)
		return add_unknown(cx, f, layer, path, INVENTORY_LINKS_OVER);
	return inventory_links_ask(cx, f->asked, f->links.missing);
}

static bool is_candidate(struct hm_cx *cx, const struct finder *f, struct hm_str spelled,
			 struct hm_str plain)
{
	struct hm_mark mark = hm_mark(cx);
	uint64_t rows = inventory_link_wants(cx, &f->matcher, spelled, plain, NULL);
	hm_release(cx, mark);
	return (rows & ~f->not_needed) != 0;
}

/* Under the link's own name and those that the first `n` aliases give it. */
static hm_err resolve_one(struct hm_cx *cx, struct finder *f, size_t layer, struct hm_str path,
			  size_t n)
{
	struct hm_str real, spelled;
	bool known;
	HM_TRY(resolve_link(cx, f, layer, path, &real, &known));
	if (!known)
		return NULL;
	HM_TRY(on_name(cx, f, layer, path, real, path));
	for (size_t i = 0; i < n; i++)
		if (f->asked->aliases.p[i].package &&
		    inventory_alias_spell(cx, &f->asked->aliases.p[i], path, &spelled))
			HM_TRY(on_name(cx, f, layer, path, real, spelled));
	return NULL;
}

static hm_err on_link(struct hm_cx *cx, struct finder *f, size_t layer,
		      const struct inventory_found_link *l)
{
	struct hm_str plain = inventory_link_plain(cx, l->path, l->target), spelled;
	size_t n = f->asked->aliases.n;
	bool any = is_candidate(cx, f, l->path, plain);
	for (size_t i = 0; !any && i < n; i++)
		any = f->asked->aliases.p[i].package &&
		      inventory_alias_spell(cx, &f->asked->aliases.p[i], l->path, &spelled) &&
		      is_candidate(cx, f, spelled, plain);
	if (!any)
		return NULL;
	do
		HM_TRY(resolve_one(cx, f, layer, l->path, n));
	while (inventory_links_next(&f->links));
	return NULL;
}

/* --- is there what they lead to? --- */

static int compare_hashes(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* Those of `wanted`, sorted, that some layer has. */
static void mark_seen(const struct hm_str hashes, const uint64_t *wanted, size_t n, bool *seen)
{
	for (struct hm_cur c = hm_cur(hashes); c.n >= 8;) {
		uint64_t hash = hm_le(&c, 8);
		const uint64_t *at = bsearch(&hash, wanted, n, sizeof(*wanted), compare_hashes);
		if (at)
			seen[at - wanted] = true;
	}
}

/* What a layer may list of a file or, with '/' behind it, of a folder. */
static size_t hashes_of(const struct inventory_seed *seed, struct hm_str need, uint64_t out[2])
{
	bool folder = hm_ends(need, HM_STR("/"));
	struct hm_str path = hm_sub(need, 0, need.n - folder);
	out[0] = inventory_path_hash(seed, INVENTORY_PATH_HIDES, path);
	out[0] += out[0] == 0;
	out[1] = inventory_path_hash(seed, INVENTORY_PATH_DIR, path);
	return folder ? 2 : 1;
}

struct there {
	uint64_t *hashes; /* sorted */
	bool *seen;
	size_t n;
};

static void look_for_needs(struct hm_cx *cx, const struct finder *f, struct there *out)
{
	struct there t = { hm_new(cx, uint64_t, 2 * f->needs.n), hm_new(cx, bool, 2 * f->needs.n),
			   0 };
	for (size_t i = 0; i < f->needs.n; i++)
		t.n += hashes_of(&f->asked->seed, f->needs.p[i], &t.hashes[t.n]);
	qsort(t.hashes, t.n, sizeof(*t.hashes), compare_hashes);
	size_t n = 0;
	for (size_t i = 0; i < t.n; i++)
		if (!n || t.hashes[n - 1] != t.hashes[i])
			t.hashes[n++] = t.hashes[i];
	t.n = n;
	for (size_t i = 0; i < f->v->n; i++) {
		mark_seen(f->v->layers[i].answer->hashes, t.hashes, t.n, t.seen);
		mark_seen(f->v->layers[i].answer->implied, t.hashes, t.n, t.seen);
	}
	*out = t;
}

static bool is_there(const struct inventory_seed *seed, const struct there *t, struct hm_str need)
{
	uint64_t hashes[2];
	size_t n = hashes_of(seed, need, hashes);
	for (size_t i = 0; i < n; i++) {
		const uint64_t *at =
			bsearch(&hashes[i], t->hashes, t->n, sizeof(*hashes), compare_hashes);
		if (at && t->seen[at - t->hashes])
			return true;
	}
	return hm_eqz(need, "/");
}

static hm_err add_found(struct hm_cx *cx, struct finder *f)
{
	struct there t;
	if (!f->found.n)
		return NULL;
	HM_TRY(hm_charge(cx, f->needs.n * 64));
	look_for_needs(cx, f, &t);
	for (size_t i = 0; i < f->found.n; i++) {
		const struct candidate *c = &f->found.p[i];
		bool there = f->v->through.n > 0, over;
		for (size_t k = 0; !there && k < c->needs_n; k++)
			there = is_there(&f->asked->seed, &t, f->needs.p[c->needs + k]);
		if (!there)
			continue;
		HM_TRY(inventory_package_links_add(cx, &f->asked->aliases, c->real, c->spelled,
						   &over));
		if (over)
			HM_TRY(add_unknown(cx, f, c->layer, c->path, INVENTORY_LINKS_OVER));
	}
	return NULL;
}

/* --- all of it --- */

/* Many distributions have their older release files as links. They say nothing that os-release does
 * not. */
static void skip_release_files(struct finder *f)
{
	for (size_t i = 0; i < f->v->n; i++)
		if (f->v->layers[i].answer->distros.n)
			f->not_needed = UINT64_C(1) << (inventory_cataloger_find("os-release") -
							inventory_catalogers);
}

hm_err inventory_package_links_follow(struct hm_cx *cx, const struct inventory_view *v,
				      struct inventory_request *asked,
				      struct inventory_unknowns *unknown)
{
	struct finder f = { .v = v, .asked = asked, .unknown = unknown, .links.asked = asked };
	size_t n = 0;
	for (size_t i = 0; i < v->n; i++)
		n += v->layers[i].answer->links.n;
	if (!n)
		return NULL;
	inventory_matcher_make(cx, inventory_catalogers, asked->flags & INVENTORY_DECLARED_TOO,
			       &f.matcher);
	skip_release_files(&f);
	HM_TRY(inventory_links_made(cx, v, &f.links.made));
	HM_TRY(inventory_links_collect(cx, v, &f.links));
	for (size_t i = 0; i < v->n; i++) {
		const struct inventory_answer *a = v->layers[i].answer;
		for (size_t k = 0; k < a->links.n; k++)
			if (!a->links.p[k].forgotten &&
			    inventory_view_has(v, i, a->links.p[k].path))
				HM_TRY(on_link(cx, &f, i, &a->links.p[k]));
	}
	return add_found(cx, &f);
}
