/* SPDX-License-Identifier: Apache-2.0 */
/* What was read, to be written: of each thing what counts. */
#include "advisory/vex/vex.h"

/* --- claims that say the same --- */

/* Claims with parts are one where their products are, those without whatever products they have. */
static struct hm_str key_of(struct hm_cx *cx, const struct advisory_vex_claim *c)
{
	HM_VEC(struct hm_str) parts = { 0 };
	*hm_push(cx, &parts) = c->id;
	*hm_push(cx, &parts) = hm_key_number(cx, (uint64_t)c->status);
	*hm_push(cx, &parts) = hm_key_number(cx, (uint64_t)c->when);
	*hm_push(cx, &parts) = hm_key_number(cx, c->parts.n > 0);
	*hm_push(cx, &parts) = c->justification;
	*hm_push(cx, &parts) = c->impact;
	*hm_push(cx, &parts) = c->action;
	*hm_push(cx, &parts) = c->notes;
	for (size_t i = 0; c->parts.n && i < c->products.n; i++)
		*hm_push(cx, &parts) = c->products.p[i];
	return hm_key_of(cx, 's', parts.p, parts.n);
}

static void add_new(struct hm_cx *cx, struct hm_strs *to, const struct hm_strs *from)
{
	for (size_t i = 0; i < from->n; i++)
		if (!hm_strs_has(to, from->p[i]))
			*hm_push(cx, to) = from->p[i];
}

void advisory_vex_claim_add(struct hm_cx *cx, struct advisory_vex_draft *draft,
			    const struct advisory_vex_claim *claim)
{
	void **slot = hm_map_slot(cx, &draft->said, key_of(cx, claim));
	struct advisory_vex_claim *c;
	if (!*slot) {
		*hm_push(cx, draft) = *claim;
		*slot = (void *)(uintptr_t)draft->n;
		return;
	}
	c = &draft->p[(uintptr_t)*slot - 1];
	add_new(cx, &c->aliases, &claim->aliases);
	add_new(cx, &c->products, &claim->products);
	add_new(cx, &c->parts, &claim->parts);
}

/* --- what counts --- */

/* One vulnerability of one thing. */
struct gathered {
	const struct vex_statement *statement;
	struct hm_str id, product, part; /* part empty: the product itself */
};

struct gathering {
	struct hm_cx *cx;
	struct hm_map seen; /* by all three, to a number in .all */
	HM_VEC(struct gathered) all;
	size_t superseded, nameless;
};

static bool counts_more(const struct vex_statement *a, const struct vex_statement *b)
{
	return a->when > b->when || (a->when == b->when && a->status < b->status);
}

static void gather_one(struct gathering *g, const struct vex_statement *s, struct hm_str product,
		       struct hm_str part)
{
	struct hm_str id = s->ids.p[0];
	void **slot = hm_map_slot(g->cx, &g->seen, HM_KEY(g->cx, 'g', id, product, part));
	if (!*slot) {
		*hm_push(g->cx, &g->all) = (struct gathered){ s, id, product, part };
		*slot = (void *)(uintptr_t)g->all.n;
		return;
	}
	struct gathered *there = &g->all.p[(uintptr_t)*slot - 1];
	if (there->statement->status != s->status)
		g->superseded++;
	if (counts_more(s, there->statement))
		there->statement = s;
}

static void gather_statement(struct gathering *g, const struct vex_statement *s)
{
	for (size_t i = 0; i < s->products_n; i++) {
		const struct vex_product *p = &s->products[i];
		bool is_named = p->whole.texts.n && (!p->has_part || p->part.texts.n);
		if (p->unnamed || !is_named || p->versions.n)
			g->nameless++;
		else
			gather_one(g, s, p->whole.texts.p[0],
				   p->has_part ? p->part.texts.p[0] : HM_STR(""));
	}
	g->nameless += !s->products_n;
}

static void add_gathered(struct hm_cx *cx, const struct gathered *g,
			 struct advisory_vex_draft *draft)
{
	const struct vex_statement *s = g->statement;
	struct advisory_vex_claim c = {
		.id = g->id,
		.status = s->status,
		.impact = s->impact,
		.action = s->action,
		.notes = s->notes,
		.no_fix = s->no_fix,
		.when = s->when,
	};
	if (s->status == ADVISORY_VEX_NOT_AFFECTED)
		c.justification = s->reason;
	if (s->status == ADVISORY_VEX_NOT_AFFECTED && !c.justification.n && !c.impact.n)
		c.impact = s->justification;
	if (s->status == ADVISORY_VEX_AFFECTED && !c.action.n)
		c.action = HM_STR("No action is stated.");
	for (size_t i = 1; i < s->ids.n; i++)
		*hm_push(cx, &c.aliases) = s->ids.p[i];
	*hm_push(cx, &c.products) = g->product;
	if (g->part.n)
		*hm_push(cx, &c.parts) = g->part;
	advisory_vex_claim_add(cx, draft, &c);
}

void advisory_vex_gather(struct hm_cx *cx, const struct advisory_told *told,
			 struct advisory_vex_draft *draft, size_t *out_superseded,
			 size_t *out_nameless)
{
	struct gathering g = { .cx = cx };
	for (size_t i = 0; told->vex && i < told->vex->n; i++) {
		if (told->vex->statements[i].ids.n)
			gather_statement(&g, &told->vex->statements[i]);
		else
			g.nameless++;
	}
	for (size_t i = 0; i < g.all.n; i++)
		add_gathered(cx, &g.all.p[i], draft);
	*out_superseded = g.superseded;
	*out_nameless = g.nameless;
}

/* --- one document, as it is --- */

static struct hm_str name_in(const struct vex_name *n)
{
	for (size_t i = 0; i < n->texts.n; i++)
		if (hm_starts(n->texts.p[i], HM_STR("pkg:")))
			return n->texts.p[i];
	if (n->texts.n)
		return n->texts.p[0];
	return n->hashes.n ? n->hashes.p[0] : HM_STR("");
}

static void add_claim(struct hm_cx *cx, const struct vex_statement *s, const struct vex_product *p,
		      struct advisory_vex_draft *out)
{
	struct hm_str whole = name_in(&p->whole), part = name_in(&p->part);
	struct advisory_vex_claim c = { .id = s->ids.p[0],
					.status = s->status,
					.justification = s->reason,
					.impact = s->impact,
					.action = s->action,
					.notes = s->notes,
					.no_fix = s->no_fix,
					.when = s->when };
	if (!whole.n && !part.n)
		return;
	if (p->has_part && !part.n)
		part = HM_STR("a part without name");
	for (size_t i = 1; i < s->ids.n; i++)
		*hm_push(cx, &c.aliases) = s->ids.p[i];
	if (whole.n)
		*hm_push(cx, &c.products) = whole;
	if (part.n)
		*hm_push(cx, &c.parts) = part;
	*hm_push(cx, out) = c;
}

hm_err advisory_vex_claims(struct hm_cx *cx, const struct advisory_vex_format *format,
			   struct json doc, struct advisory_vex_draft *out)
{
	struct advisory_vex v = { 0 };
	struct vex_document *d = advisory_vex_document(cx, &v);
	d->format = format->name;
	d->any_profile = true;
	HM_TRY(format->read(cx, doc, &v, d));
	out->id = d->id;
	out->author = d->author;
	for (size_t i = 0; i < v.n; i++)
		for (size_t k = 0; v.statements[i].ids.n && k < v.statements[i].products_n; k++)
			add_claim(cx, &v.statements[i], &v.statements[i].products[k], out);
	return NULL;
}

struct hm_str advisory_vex_author(const struct advisory_told *told)
{
	for (size_t i = 0; told->vex && i < told->vex->documents_n; i++)
		if (told->vex->documents[i].author.n)
			return told->vex->documents[i].author;
	return (struct hm_str){ "", 0 };
}
