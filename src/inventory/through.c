/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/through.h"

enum { ALIASES_MOST = 1000 };

static hm_err add_alias(struct hm_cx *cx, struct inventory_request *asked, struct hm_str real,
			struct hm_str spelled)
{
	struct inventory_aliases *all = &asked->aliases;
	if (hm_eq(real, spelled) || spelled.n > HM_MAX_PATH)
		return NULL;
	for (size_t i = 0; i < all->n; i++)
		if (all->p[i].through && hm_eq(all->p[i].real, real) &&
		    hm_eq(all->p[i].spelled, spelled))
			return NULL;
	if (all->n >= ALIASES_MOST)
		return hm_fail(cx, HM_LIMIT,
			       "entries go through more than %d symbolic links of lower layers",
			       ALIASES_MOST);
	HM_TRY(hm_charge(cx, 4 * sizeof(*all->p)));
	*hm_push(cx, all) =
		(struct inventory_alias){ .real = real, .spelled = spelled, .through = true };
	return NULL;
}

static bool is_a_link(const struct inventory_view *v, uint64_t hash)
{
	for (size_t i = 0; i < v->n; i++)
		for (struct hm_cur c = hm_cur(v->layers[i].answer->made_links); c.n >= 8;)
			if (hm_le(&c, 8) == hash)
				return true;
	return false;
}

/* Each link at the folder `link` of the alias that is known, and what follows it, leads somewhere;
 * is one known? */
static hm_err add_targets(struct hm_cx *cx, const struct inventory_view *v,
			  struct inventory_request *asked, struct inventory_alias alias,
			  struct hm_str link, bool *out_known)
{
	struct hm_str real = alias.real, rest = hm_from(alias.spelled, link.n);
	if (rest.n)
		rest = hm_from(rest, 1);
	*out_known = false;
	for (size_t i = 0; i < v->n; i++) {
		const struct inventory_answer *a = v->layers[i].answer;
		for (size_t k = 0; k < a->links.n; k++) {
			const struct inventory_found_link *l = &a->links.p[k];
			if (l->forgotten || !hm_eq(l->path, link) || l->target.n > HM_MAX_PATH)
				continue;
			/* containerd takes the names behind it for those of its own root. */
			if (!hm_eq(real, link) && hm_starts(l->target, HM_STR("/")))
				return hm_fail(cx, HM_INPUT,
					       "readers resolve the links to \"%.*s\" differently",
					       HM_FMT(real));
			struct hm_str to = inventory_link_target(cx, l);
			if (rest.n)
				to = to.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(to), HM_FMT(rest))
					  : rest;
			HM_TRY(hm_charge(cx, to.n + 64));
			HM_TRY(add_alias(cx, asked, real, to));
			*out_known = true;
		}
	}
	return NULL;
}

/* Where an alias leads to there may be links, too. */
static hm_err follow_alias(struct hm_cx *cx, const struct inventory_view *v,
			   struct inventory_request *asked, struct inventory_alias alias)
{
	for (struct hm_str dir = alias.spelled; dir.n; dir = hm_dirname(dir)) {
		uint64_t hash = inventory_path_hash(&asked->seed, INVENTORY_PATH_HIDES, dir);
		bool known;
		if (!is_a_link(v, hash))
			continue;
		HM_TRY(add_targets(cx, v, asked, alias, dir, &known));
		if (!known || hm_find_char(dir, '/') != SIZE_MAX)
			inventory_links_ask(cx, asked, hash);
	}
	return NULL;
}

static hm_err follow_hit(struct hm_cx *cx, const struct inventory_view *v,
			 struct inventory_request *asked, uint64_t hash)
{
	bool all = false, known;
	for (size_t i = 0; i < v->n; i++) {
		const struct inventory_answer *a = v->layers[i].answer;
		for (size_t k = 0; k < a->links.n; k++) {
			struct hm_str path = a->links.p[k].path;
			if (inventory_path_hash(&asked->seed, INVENTORY_PATH_HIDES, path) != hash)
				continue;
			HM_TRY(add_targets(cx, v, asked,
					   (struct inventory_alias){ .real = path,
								     .spelled = path },
					   path, &known));
			all |= known && hm_find_char(path, '/') == SIZE_MAX;
		}
	}
	if (!all) /* those directly below the root always are told */
		inventory_links_ask(cx, asked, hash);
	return NULL;
}

hm_err inventory_through_follow(struct hm_cx *cx, const struct inventory_view *v,
				struct inventory_request *asked)
{
	for (size_t i = 0; i < v->through.n; i++)
		HM_TRY(follow_hit(cx, v, asked, v->through.p[i].hash));
	for (size_t i = 0; i < asked->aliases.n; i++) /* it grows */
		if (asked->aliases.p[i].through)
			HM_TRY(follow_alias(cx, v, asked, asked->aliases.p[i]));
	return NULL;
}
