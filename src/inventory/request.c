/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/request.h"

/* A byte of flags, one that says whether bits follow, the bits; then lists, counted, of counted
 * texts. What is left out at the end is empty. */
enum { MOST = 64 * 1024 /* worker.h */ };

hm_err inventory_request_write(struct hm_cx *cx, const struct inventory_request *r,
			       struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(MOST);
	hm_buf_char(&b, (char)r->flags);
	hm_buf_char(&b, r->bits ? 1 : 0);
	if (r->bits)
		hm_buf_add(&b, hm_bytes(r->bits, INVENTORY_BITS_SIZE));
	hm_buf_uvarint(&b, r->aliases.n);
	for (size_t i = 0; i < r->aliases.n; i++) {
		hm_buf_counted(&b, r->aliases.p[i].real);
		hm_buf_counted(&b, r->aliases.p[i].spelled);
	}
	hm_buf_uvarint(&b, r->give.n);
	for (size_t i = 0; i < r->give.n; i++)
		hm_buf_counted(&b, r->give.p[i]);
	if (b.over)
		return hm_fail(cx, HM_LIMIT,
			       "too many symbolic links lead to its package databases");
	*out = hm_dup(cx, hm_buf_str(&b));
	return NULL;
}

static struct hm_str text(struct hm_cur *c)
{
	uint64_t n = hm_uvarint(c);
	if (n > c->n)
		c->bad = true;
	return c->bad ? HM_STR("") : hm_take_str(c, (size_t)n);
}

hm_err inventory_request_read(struct hm_cx *cx, struct hm_str args, struct inventory_request *out)
{
	struct inventory_request r = { 0 };
	struct hm_cur c = hm_cur(args);
	if (c.n)
		r.flags = (unsigned)hm_le(&c, 1);
	if (c.n && hm_le(&c, 1))
		r.bits = hm_take(&c, INVENTORY_BITS_SIZE);
	for (uint64_t n = c.n ? hm_uvarint(&c) : 0; n && !c.bad; n--) {
		struct inventory_alias a = { .real = text(&c) };
		a.spelled = text(&c);
		*hm_push(cx, &r.aliases) = a;
	}
	for (uint64_t n = c.n ? hm_uvarint(&c) : 0; n && !c.bad; n--)
		*hm_push(cx, &r.give) = text(&c);
	if (c.bad || c.n)
		return hm_fail(cx, HM_INPUT, "the request to the worker is damaged");
	*out = r;
	return NULL;
}

bool inventory_alias_spell(struct hm_cx *cx, const struct inventory_alias *a, struct hm_str path,
			   struct hm_str *out)
{
	if (hm_eq(path, a->real)) {
		*out = a->spelled;
		return true;
	}
	if (!inventory_is_below(path, a->real))
		return false;
	*out = hm_fmt(cx, "%.*s/%.*s", HM_FMT(a->spelled),
		      HM_FMT(hm_from(path, a->real.n ? a->real.n + 1 : 0)));
	return true;
}
