/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be written. */
#include "advisory/vex/vex.h"

#include "crypto/crypto.h"

#include <stdlib.h>

static bool is_reason(struct hm_str word)
{
	for (const struct advisory_vex_reason *r = advisory_vex_reasons; r->name; r++)
		if (hm_eqz(word, r->name))
			return true;
	return false;
}

static hm_err check_claim(struct hm_cx *cx, const struct advisory_vex_claim *c)
{
	const char *why = NULL;
	if (!c->id.n || hm_has_control(c->id))
		why = "it names no vulnerability";
	else if (!c->products.n)
		why = "it names no product";
	else if (c->justification.n && c->status != ADVISORY_VEX_NOT_AFFECTED)
		why = "only \"not_affected\" has a justification";
	else if (c->status == ADVISORY_VEX_NOT_AFFECTED && !c->justification.n && !c->impact.n)
		why = "\"not_affected\" needs a justification, or an impact statement";
	else if (c->status == ADVISORY_VEX_AFFECTED && !c->action.n)
		why = "\"affected\" needs an action statement: what is to be done about it";
	if (why)
		return hm_fail(cx, HM_INPUT, "%s", why);
	if (c->justification.n && !is_reason(c->justification))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not one of OpenVEX's justifications",
			       HM_FMT(c->justification));
	return NULL;
}

static struct hm_str first_of(const struct hm_strs *list)
{
	return list->n ? list->p[0] : (struct hm_str){ "", 0 };
}

/* By id, and then the worst first; what is equal stays in its order: qsort() moves pointers, and
 * the claims lie where they lay. */
static int by_id(const void *a, const void *b)
{
	const struct advisory_vex_claim *x = *(const struct advisory_vex_claim *const *)a;
	const struct advisory_vex_claim *y = *(const struct advisory_vex_claim *const *)b;
	int order = hm_cmp(x->id, y->id);
	if (!order)
		order = (x->status > y->status) - (x->status < y->status);
	if (!order)
		order = hm_cmp(first_of(&x->products), first_of(&y->products));
	if (!order)
		order = hm_cmp(first_of(&x->parts), first_of(&y->parts));
	return order ? order : (x > y) - (x < y);
}

static bool is_same_list(const struct hm_strs *a, const struct hm_strs *b)
{
	bool same = a->n == b->n;
	for (size_t i = 0; same && i < a->n; i++)
		same = hm_eq(a->p[i], b->p[i]);
	return same;
}

static bool is_same(const struct advisory_vex_claim *a, const struct advisory_vex_claim *b)
{
	return a->status == b->status && a->when == b->when && hm_eq(a->id, b->id) &&
	       hm_eq(a->justification, b->justification) && hm_eq(a->impact, b->impact) &&
	       hm_eq(a->action, b->action) && hm_eq(a->notes, b->notes) &&
	       is_same_list(&a->aliases, &b->aliases) && is_same_list(&a->products, &b->products) &&
	       is_same_list(&a->parts, &b->parts);
}

static hm_err check_pair(struct hm_cx *cx, struct hm_map *seen, const struct advisory_vex_claim *c,
			 struct hm_str product, struct hm_str part)
{
	void **slot = hm_map_slot(cx, seen, HM_KEY(cx, 'v', c->id, product, part));
	uintptr_t status = (uintptr_t)c->status + 1;
	if (*slot && (uintptr_t)*slot != status)
		return hm_fail(cx, HM_INPUT, "two things are said of \"%.*s\" in \"%.*s\"",
			       HM_FMT(c->id), HM_FMT(part.n ? part : product));
	*slot = (void *)status;
	return NULL;
}

/* One vulnerability of one thing has one status. */
static hm_err check_contradictions(struct hm_cx *cx, const struct advisory_vex_draft *d)
{
	struct hm_map seen = { 0 };
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < d->p[i].products.n; k++) {
			const struct advisory_vex_claim *c = &d->p[i];
			if (!c->parts.n)
				HM_TRY(check_pair(cx, &seen, c, c->products.p[k], HM_STR("")));
			for (size_t j = 0; j < c->parts.n; j++)
				HM_TRY(check_pair(cx, &seen, c, c->products.p[k], c->parts.p[j]));
		}
	return NULL;
}

/* Sorted, and of equal ones the first. */
static void sort_claims(struct hm_cx *cx, struct advisory_vex_draft *d)
{
	const struct advisory_vex_claim **order =
		hm_new(cx, const struct advisory_vex_claim *, d->n);
	struct advisory_vex_claim *sorted = hm_new(cx, struct advisory_vex_claim, d->n);
	size_t n = 0;
	for (size_t i = 0; i < d->n; i++)
		order[i] = &d->p[i];
	qsort(order, d->n, sizeof(*order), by_id);
	for (size_t i = 0; i < d->n; i++) {
		bool is_new = true;
		for (size_t k = n; is_new && k > 0 && hm_eq(sorted[k - 1].id, order[i]->id); k--)
			is_new = !is_same(&sorted[k - 1], order[i]);
		if (is_new)
			sorted[n++] = *order[i];
	}
	d->p = sorted;
	d->n = d->cap = n;
}

/* By the first product: all of them have the same parts. */
static struct hm_str settled_key(struct hm_cx *cx, const struct advisory_vex_claim *c,
				 struct hm_str part)
{
	return HM_KEY(cx, 'w', c->id, first_of(&c->products), part);
}

static void find_worst(struct hm_cx *cx, const struct advisory_vex_draft *d, struct hm_map *worst)
{
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < d->p[i].parts.n; k++) {
			const struct advisory_vex_claim *c = &d->p[i];
			void **slot = hm_map_slot(cx, worst, settled_key(cx, c, c->parts.p[k]));
			uintptr_t status = (uintptr_t)c->status + 1;
			if (!*slot || status < (uintptr_t)*slot)
				*slot = (void *)status;
		}
}

void advisory_vex_settle(struct hm_cx *cx, struct advisory_vex_draft *d)
{
	struct hm_map worst = { 0 };
	size_t n = 0;
	find_worst(cx, d, &worst);
	for (size_t i = 0; i < d->n; i++) {
		struct advisory_vex_claim c = d->p[i];
		struct hm_strs kept = { 0 };
		for (size_t k = 0; k < c.parts.n; k++)
			if ((uintptr_t)hm_map_get(&worst, settled_key(cx, &c, c.parts.p[k])) ==
			    (uintptr_t)c.status + 1)
				*hm_push(cx, &kept) = c.parts.p[k];
		if (c.parts.n && !kept.n)
			continue;
		c.parts = kept;
		d->p[n++] = c;
	}
	d->n = n;
	d->said = (struct hm_map){ 0 };
}

hm_err advisory_vex_complete(struct hm_cx *cx, struct advisory_vex_draft *d)
{
	if (!d->n)
		return hm_fail(cx, HM_INPUT, "it says nothing of any vulnerability");
	if (!d->author.n)
		return hm_fail(cx, HM_INPUT, "it has no author");
	for (size_t i = 0; i < d->n; i++)
		HM_TRY_IN(cx, check_claim(cx, &d->p[i]), "\"%.*s\"", HM_FMT(d->p[i].id));
	sort_claims(cx, d);
	return check_contradictions(cx, d);
}

/* 64 hex digits that only this content has. */
static struct hm_str digest_of(struct hm_cx *cx, const struct advisory_vex_draft *draft)
{
	HM_AUTO_BUF b = HM_BUF(16 * HM_MAX_JSON);
	struct json_out o = json_out(&b, false);
	struct advisory_vex_draft nameless = *draft;
	struct hm_str digest;
	nameless.id = HM_STR("-");
	advisory_vex_openvex_write(cx, &nameless, &o);
	digest = crypto_digest_text(cx, CRYPTO_SHA256, hm_buf_str(&b));
	(void)hm_cut(&digest, ':');
	return digest;
}

/* Without its product a claim about a part would be about it wherever it is. */
static hm_err check_parts(struct hm_cx *cx, const struct advisory_vex_format *format,
			  const struct advisory_vex_draft *d)
{
	for (size_t i = 0; format->only_images && i < d->n; i++)
		for (size_t k = 0; d->p[i].parts.n && k < d->p[i].products.n; k++)
			if (!hm_starts(d->p[i].products.p[k], HM_STR("pkg:oci/")))
				return hm_fail(
					cx, HM_INPUT,
					"%s cannot say that something is a part of \"%.*s\", "
					"because that is not an image",
					format->name, HM_FMT(d->p[i].products.p[k]));
	return NULL;
}

hm_err advisory_vex_write(struct hm_cx *cx, const struct advisory_vex_format *format,
			  const struct advisory_vex_draft *draft, struct hm_buf *out)
{
	struct json_out o = json_out(out, true);
	struct advisory_vex_draft d = *draft;
	struct hm_str text;
	HM_TRY(check_parts(cx, format, draft));
	d.digest = digest_of(cx, draft);
	format->write(cx, &d, &o);
	hm_buf_char(out, '\n');
	return hm_buf_end(cx, out, "the VEX document", &text);
}
