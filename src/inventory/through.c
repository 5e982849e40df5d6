/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/through.h"

#include <stdlib.h>

#include "base/key.h"
#include "base/map.h"

/* A link that a layer told, in the order of the layers. */
struct known {
	uint64_t hash;
	size_t at;
	const struct inventory_found_link *link;
};

struct finder {
	const struct inventory_view *v;
	struct inventory_request *asked;
	struct inventory_hashes made; /* of all links, known or not */
	struct known *known;          /* sorted by hash */
	size_t known_n;
	struct hm_map aliases; /* those that lead through links; the value is not NULL */
};

static struct hm_str key_of(struct hm_cx *cx, struct hm_str real, struct hm_str spelled)
{
	return HM_KEY(cx, 'a', real, spelled);
}

/* *out_added: what was made for it is kept. */
static hm_err add_alias(struct hm_cx *cx, struct finder *f, struct hm_str real,
			struct hm_str spelled, bool *out_added)
{
	struct inventory_aliases *all = &f->asked->aliases;
	*out_added = false;
	if (hm_eq(real, spelled) || spelled.n > HM_MAX_PATH)
		return NULL;
	struct hm_str key = key_of(cx, real, spelled);
	if (hm_map_has(&f->aliases, key))
		return NULL;
	if (all->n >= HM_MAX_THROUGH_LINKS)
		return hm_fail(cx, HM_LIMIT,
			       "entries go through more than %llu symbolic links of lower layers",
			       (unsigned long long)HM_MAX_THROUGH_LINKS);
	HM_TRY(hm_charge(cx, 4 * sizeof(*all->p) + key.n + spelled.n + 128));
	hm_map_put(cx, &f->aliases, key, f);
	*hm_push(cx, all) =
		(struct inventory_alias){ .real = real, .spelled = spelled, .through = true };
	*out_added = true;
	return NULL;
}

/* --- what layers told --- */

static int compare_known(const void *a, const void *b)
{
	const struct known *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static hm_err list_known(struct hm_cx *cx, struct finder *f)
{
	size_t n = 0;
	for (size_t i = 0; i < f->v->n; i++)
		n += f->v->layers[i].answer->links.n;
	HM_TRY(hm_charge(cx, n * sizeof(*f->known)));
	f->known = hm_new(cx, struct known, n);
	for (size_t i = 0; i < f->v->n; i++) {
		const struct inventory_answer *a = f->v->layers[i].answer;
		HM_TRY(hm_alive(cx));
		for (size_t k = 0; k < a->links.n; k++, f->known_n++)
			f->known[f->known_n] =
				(struct known){ inventory_path_hash(&f->asked->seed,
								    INVENTORY_PATH_HIDES,
								    a->links.p[k].path),
						f->known_n, &a->links.p[k] };
	}
	if (n)
		qsort(f->known, n, sizeof(*f->known), compare_known);
	return NULL;
}

/* The first that is known under the hash; more may follow. */
static size_t find_known(const struct finder *f, uint64_t hash)
{
	size_t low = 0, high = f->known_n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (f->known[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* --- where they lead to --- */

/* Of an alias's name `spelled`, the folder that is the link, and what follows it. */
static hm_err add_target(struct hm_cx *cx, struct finder *f, struct hm_str real,
			 const struct inventory_found_link *l, struct hm_str rest)
{
	bool added;
	struct hm_mark mark = hm_mark(cx);
	struct hm_str to = inventory_link_target(cx, l);
	if (rest.n)
		to = to.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(to), HM_FMT(rest)) : rest;
	HM_TRY(add_alias(cx, f, real, to, &added));
	if (!added)
		hm_release(cx, mark);
	return NULL;
}

/* Each link at the folder `link` of the alias that is known, and what follows it, leads somewhere;
 * is one known? */
static hm_err add_targets(struct hm_cx *cx, struct finder *f, struct inventory_alias alias,
			  struct hm_str link, uint64_t hash, bool *out_known)
{
	struct hm_str rest = hm_from(alias.spelled, link.n);
	if (rest.n)
		rest = hm_from(rest, 1);
	*out_known = false;
	HM_TRY(hm_alive(cx));
	for (size_t i = find_known(f, hash); i < f->known_n && f->known[i].hash == hash; i++) {
		const struct inventory_found_link *l = f->known[i].link;
		if (l->forgotten || !hm_eq(l->path, link) || l->target.n > HM_MAX_PATH)
			continue;
		/* containerd takes the names behind it for those of its own root. */
		if (!hm_eq(alias.real, link) && hm_starts(l->target, HM_STR("/")))
			return hm_fail(cx, HM_INPUT,
				       "readers resolve the links to \"%.*s\" differently",
				       HM_FMT(alias.real));
		HM_TRY(add_target(cx, f, alias.real, l, rest));
		*out_known = true;
	}
	return NULL;
}

/* Where an alias leads to there may be links, too. */
static hm_err follow_alias(struct hm_cx *cx, struct finder *f, struct inventory_alias alias)
{
	for (struct hm_str dir = alias.spelled; dir.n; dir = hm_dirname(dir)) {
		uint64_t hash = inventory_path_hash(&f->asked->seed, INVENTORY_PATH_HIDES, dir);
		bool known;
		HM_TRY(hm_alive(cx));
		if (!inventory_hashes_has(&f->made, hash))
			continue;
		HM_TRY(add_targets(cx, f, alias, dir, hash, &known));
		if (!known || hm_find_char(dir, '/') != SIZE_MAX)
			HM_TRY(inventory_links_ask(cx, f->asked, hash));
	}
	return NULL;
}

static hm_err follow_hit(struct hm_cx *cx, struct finder *f, uint64_t hash)
{
	size_t at = find_known(f, hash);
	bool known = false;
	if (at == f->known_n || f->known[at].hash != hash)
		return inventory_links_ask(cx, f->asked, hash);
	struct hm_str path = f->known[at].link->path;
	HM_TRY(add_targets(cx, f, (struct inventory_alias){ .real = path, .spelled = path }, path,
			   hash, &known));
	if (known && hm_find_char(path, '/') == SIZE_MAX)
		return NULL; /* those directly below the root always are told */
	return inventory_links_ask(cx, f->asked, hash);
}

static hm_err find_all(struct hm_cx *cx, struct finder *f)
{
	const struct inventory_aliases *all = &f->asked->aliases;
	for (size_t i = 0; i < all->n; i++)
		if (all->p[i].through)
			hm_map_put(cx, &f->aliases, key_of(cx, all->p[i].real, all->p[i].spelled),
				   f);
	HM_TRY(inventory_links_made(cx, f->v, &f->made));
	return list_known(cx, f);
}

/* Each leads somewhere, so that more of them would lead to too many aliases in the end. */
static hm_err follow_hits(struct hm_cx *cx, struct finder *f)
{
	size_t hits = 0;
	for (size_t i = 0; i < f->v->through.n; i++) {
		uint64_t hash = f->v->through.p[i].hash;
		if (i && f->v->through.p[i - 1].hash == hash)
			continue;
		if (hits++ == HM_MAX_THROUGH_LINKS)
			return hm_fail(
				cx, HM_LIMIT,
				"entries go through more than %llu symbolic links of lower layers",
				(unsigned long long)HM_MAX_THROUGH_LINKS);
		HM_TRY(follow_hit(cx, f, hash));
	}
	return NULL;
}

hm_err inventory_through_follow(struct hm_cx *cx, const struct inventory_view *v,
				struct inventory_request *asked)
{
	struct finder f = { .v = v, .asked = asked };
	bool any = v->through.n > 0;
	for (size_t i = 0; !any && i < asked->aliases.n; i++)
		any = asked->aliases.p[i].through;
	if (!any)
		return NULL;
	HM_TRY(find_all(cx, &f));
	HM_TRY(follow_hits(cx, &f));
	for (size_t i = 0; i < asked->aliases.n; i++) /* it grows */
		if (asked->aliases.p[i].through)
			HM_TRY(follow_alias(cx, &f, asked->aliases.p[i]));
	return NULL;
}
