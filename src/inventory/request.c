/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/request.h"

/* The seed; a byte of flags, one that says whether bits follow, the bits; then lists, counted, of
 * counted texts; counted bytes: hashes in their order. What is left out at the end is empty. */
enum { MOST = 256 * 1024 /* worker.h */ };

hm_err inventory_request_write(struct hm_cx *cx, const struct inventory_request *r,
			       struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(MOST);
	inventory_seed_write(&b, &r->seed);
	hm_buf_char(&b, (char)r->flags);
	hm_buf_char(&b, r->bits ? 1 : 0);
	if (r->bits)
		hm_buf_add(&b, hm_bytes(r->bits, INVENTORY_BITS_SIZE));
	hm_buf_uvarint(&b, r->aliases.n);
	for (size_t i = 0; i < r->aliases.n; i++) {
		hm_buf_counted(&b, r->aliases.p[i].real);
		hm_buf_counted(&b, r->aliases.p[i].spelled);
		hm_buf_char(&b, (char)((r->aliases.p[i].through ? 1 : 0) |
				       (r->aliases.p[i].package ? 2 : 0)));
	}
	hm_buf_uvarint(&b, r->give.n);
	for (size_t i = 0; i < r->give.n; i++)
		hm_buf_counted(&b, r->give.p[i]);
	hm_buf_uvarint(&b, 8 * r->tell.n);
	for (size_t i = 0; i < r->tell.n; i++)
		hm_buf_le(&b, r->tell.p[i], 8);
	if (b.over)
		return hm_fail(cx, HM_LIMIT,
			       "too many symbolic links lead to its package databases");
	*out = hm_dup(cx, hm_buf_str(&b));
	return NULL;
}

static struct hm_str read_text(struct hm_cur *c)
{
	uint64_t n = hm_uvarint(c);
	if (n > c->n)
		c->bad = true;
	return c->bad ? HM_STR("") : hm_take_str(c, (size_t)n);
}

/* In their order, as they are looked for. */
static void read_hashes(struct hm_cx *cx, struct hm_cur *c, struct inventory_hashes *out)
{
	struct hm_str bytes = read_text(c);
	c->bad |= bytes.n % 8 != 0;
	for (struct hm_cur in = hm_cur(bytes); in.n >= 8;) {
		uint64_t hash = hm_le(&in, 8);
		c->bad |= out->n && out->p[out->n - 1] >= hash;
		*hm_push(cx, out) = hash;
	}
}

hm_err inventory_request_read(struct hm_cx *cx, struct hm_str args, struct inventory_request *out)
{
	struct inventory_request r = { 0 };
	struct hm_cur c = hm_cur(args);
	inventory_seed_read(&c, &r.seed);
	if (c.n)
		r.flags = (unsigned)hm_le(&c, 1);
	if (c.n && hm_le(&c, 1))
		r.bits = hm_take(&c, INVENTORY_BITS_SIZE);
	for (uint64_t n = c.n ? hm_uvarint(&c) : 0; n && !c.bad; n--) {
		struct inventory_alias a = { .real = read_text(&c) };
		a.spelled = read_text(&c);
		uint64_t kind = hm_le(&c, 1);
		a.through = kind & 1;
		a.package = kind & 2;
		*hm_push(cx, &r.aliases) = a;
	}
	for (uint64_t n = c.n ? hm_uvarint(&c) : 0; n && !c.bad; n--)
		*hm_push(cx, &r.give) = read_text(&c);
	if (c.n)
		read_hashes(cx, &c, &r.tell);
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
		return !a->through; /* then it is the link itself */
	}
	if (!inventory_is_below(path, a->real))
		return false;
	*out = hm_from(path, a->real.n ? a->real.n + 1 : 0);
	if (a->spelled.n)
		*out = hm_fmt(cx, "%.*s/%.*s", HM_FMT(a->spelled), HM_FMT(*out));
	return true;
}

static void add_spelling(struct inventory_spellings *s, struct hm_str path)
{
	for (size_t i = 0; i < s->n; i++)
		if (hm_eq(s->p[i], path))
			return;
	if (s->n == HM_LEN(s->p))
		s->over = true;
	else
		s->p[s->n++] = path;
}

void inventory_alias_spell_all(struct hm_cx *cx, const struct inventory_aliases *aliases,
			       bool through_only, struct hm_str path,
			       struct inventory_spellings *out)
{
	struct hm_str spelled;
	out->n = 0;
	out->over = false;
	add_spelling(out, path);
	for (size_t k = 0; k < out->n; k++)
		for (size_t i = 0; i < aliases->n; i++)
			if (!aliases->p[i].package && (aliases->p[i].through || !through_only) &&
			    inventory_alias_spell(cx, &aliases->p[i], out->p[k], &spelled))
				add_spelling(out, spelled);
}
