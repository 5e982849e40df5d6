/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/collect.h"

#include "inventory/merge.h"
#include "inventory/together.h"

struct collection {
	const struct inventory_source *source;
	void *self;
	struct inventory_request *asked;
	struct inventory_view_layer *layers; /* with room for pairs behind them */
	size_t n;
};

/* Which layer it is; of a folder there is nothing to say. */
static hm_err name_layer(struct hm_cx *cx, const struct collection *c, size_t layer, hm_err err)
{
	return err && c->layers[layer].digest.n ? hm_wrap(cx, err, "layer %zu", layer + 1) : err;
}

static hm_err read_pair(struct hm_cx *cx, const struct collection *c,
			const struct inventory_pair *pair, struct inventory_answer *out)
{
	struct hm_str bytes[2];
	for (int k = 0; k < 2; k++)
		HM_TRY(name_layer(cx, c, pair->layer[k],
				  c->source->read_file(cx, c->self, c->asked, pair->layer[k],
						       pair->path[k], &bytes[k])));
	return name_layer(cx, c, pair->layer[1],
			  inventory_pair_read(cx, c->asked, pair, bytes, out));
}

/* Pairs are as layers above all others, which have these two files. */
static hm_err add_pairs(struct hm_cx *cx, const struct collection *c, struct inventory_view *v,
			struct inventory_unknowns *unknown)
{
	struct inventory_pairs pairs;
	HM_TRY(inventory_pairs_find(cx, v, &pairs, unknown));
	if (!pairs.n)
		return NULL;
	for (size_t i = 0; i < pairs.n; i++) {
		struct inventory_answer *a = hm_new(cx, struct inventory_answer, 1);
		HM_TRY(read_pair(cx, c, &pairs.p[i], a));
		c->layers[c->n + i] =
			(struct inventory_view_layer){ c->layers[pairs.p[i].layer[1]].digest, a };
	}
	return inventory_view_make(cx, &c->asked->seed, c->layers, c->n + pairs.n, v);
}

/* Until nothing more must be asked. */
static hm_err read_layers(struct hm_cx *cx, const struct collection *c, struct inventory_view *v,
			  struct inventory_unknowns *unknown)
{
	enum { TIMES = 8 };
	bool again = true;
	for (int i = 0; i < TIMES && again; i++) {
		HM_TRY(c->source->read(cx, c->self, c->asked, c->layers));
		HM_TRY(inventory_view_make(cx, &c->asked->seed, c->layers, c->n, v));
		HM_TRY(c->source->settle(cx, c->self, v, c->asked, unknown, &again));
	}
	if (again)
		return hm_fail(cx, HM_LIMIT,
			       "more than %d symbolic links, each leading to the next, lead to "
			       "one of its %s",
			       TIMES, c->source->what);
	return NULL;
}

hm_err inventory_collect(struct hm_cx *cx, const struct inventory_source *source, void *self,
			 struct inventory_request *asked, size_t n, struct inventory *inv)
{
	struct collection c = { .source = source, .self = self, .asked = asked, .n = n };
	struct inventory_view view;
	c.layers = hm_new(cx, struct inventory_view_layer, n + INVENTORY_PAIRS_MOST);
	HM_TRY(read_layers(cx, &c, &view, &inv->unknown));
	HM_TRY(add_pairs(cx, &c, &view, &inv->unknown));
	return inventory_merge(cx, &view, inv);
}
