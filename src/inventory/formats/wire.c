/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/formats/wire.h"

#include "inventory/fields.h"

#define AT(field) offsetof(struct inventory, field)
static const size_t inventory_texts[] = {
	AT(target),           AT(name),
	AT(digest),           AT(media_type),
	AT(platform.os),      AT(platform.architecture),
	AT(platform.variant), AT(platform.os_version),
};
static const size_t inventory_lists[] = { AT(layers) };
#undef AT

/* --- writing --- */

static void put_texts(struct hm_buf *out, const void *object, const size_t *offsets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hm_buf_counted(out, *(const struct hm_str *)(const void *)((const char *)object +
									   offsets[i]));
}

static void put_lists(struct hm_buf *out, const void *object, const size_t *offsets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct hm_strs *list =
			(const struct hm_strs *)(const void *)((const char *)object + offsets[i]);
		hm_buf_uvarint(out, list->n);
		for (size_t k = 0; k < list->n; k++)
			hm_buf_counted(out, list->p[k]);
	}
}

static void put_component(struct hm_buf *out, const struct inventory_component *c)
{
	put_texts(out, c, component_texts, HM_LEN(component_texts));
	put_lists(out, c, component_lists, HM_LEN(component_lists));
	hm_buf_counted(out, c->cataloger);
	hm_buf_char(out, (char)(c->dev | (c->evidence == INVENTORY_DECLARED) << 1 |
				c->group_guessed << 2 | c->main_module << 3));
	hm_buf_uvarint(out, c->locations_n);
	for (size_t i = 0; i < c->locations_n; i++) {
		hm_buf_counted(out, c->locations[i].path);
		hm_buf_counted(out, c->locations[i].layer);
	}
}

void inventory_wire_write(const struct inventory *inv, struct hm_buf *out)
{
	put_texts(out, inv, inventory_texts, HM_LEN(inventory_texts));
	put_lists(out, inv, inventory_lists, HM_LEN(inventory_lists));
	put_texts(out, &inv->distro, distro_texts, HM_LEN(distro_texts));
	hm_buf_uvarint(out, inv->unknown.n);
	for (size_t i = 0; i < inv->unknown.n; i++)
		put_texts(out, &inv->unknown.p[i], unknown_texts, HM_LEN(unknown_texts));
	hm_buf_uvarint(out, inv->n);
	for (size_t i = 0; i < inv->n; i++)
		put_component(out, &inv->components[i]);
	hm_buf_uvarint(out, inv->edges_n);
	for (size_t i = 0; i < inv->edges_n; i++) {
		hm_buf_uvarint(out, inv->edges[i].from);
		hm_buf_uvarint(out, inv->edges[i].to);
	}
}

/* --- reading --- */

static struct hm_str get_text(struct hm_cur *c)
{
	uint64_t n = hm_uvarint(c);
	if (n > c->n)
		c->bad = true;
	return c->bad ? HM_STR("") : hm_take_str(c, (size_t)n);
}

/* How many things follow, each of `least` bytes at least, and of `size` bytes in memory. */
static hm_err get_count(struct hm_cx *cx, struct hm_cur *c, size_t least, size_t size, size_t *out)
{
	uint64_t n = hm_uvarint(c);
	if (c->bad || n > c->n / least)
		return hm_fail(cx, HM_INPUT, "the worker's answer is damaged");
	*out = (size_t)n;
	return hm_charge(cx, (size_t)n * size);
}

static void get_texts(struct hm_cur *c, void *object, const size_t *offsets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*(struct hm_str *)(void *)((char *)object + offsets[i]) = get_text(c);
}

static hm_err get_lists(struct hm_cx *cx, struct hm_cur *c, void *object, const size_t *offsets,
			size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct hm_strs *list = (struct hm_strs *)(void *)((char *)object + offsets[i]);
		size_t count;
		HM_TRY(get_count(cx, c, 1, sizeof(struct hm_str), &count));
		list->p = hm_new(cx, struct hm_str, count);
		list->cap = count;
		for (; list->n < count; list->n++)
			list->p[list->n] = get_text(c);
	}
	return NULL;
}

static hm_err get_component(struct hm_cx *cx, struct hm_cur *cur, struct inventory_component *c)
{
	size_t n;
	get_texts(cur, c, component_texts, HM_LEN(component_texts));
	HM_TRY(get_lists(cx, cur, c, component_lists, HM_LEN(component_lists)));
	c->cataloger = get_text(cur);
	uint64_t flags = hm_le(cur, 1);
	c->dev = flags & 1;
	c->group_guessed = flags & 4;
	c->main_module = flags & 8;
	c->evidence = flags & 2 ? INVENTORY_DECLARED : INVENTORY_INSTALLED;
	HM_TRY(get_count(cx, cur, 2, sizeof(struct inventory_location), &n));
	c->locations = hm_new(cx, struct inventory_location, n);
	c->locations_cap = n;
	for (; c->locations_n < n; c->locations_n++) {
		struct inventory_location *l = &c->locations[c->locations_n];
		l->path = get_text(cur);
		l->layer = get_text(cur);
	}
	return NULL;
}

hm_err inventory_wire_read(struct hm_cx *cx, struct hm_str bytes, struct inventory *out)
{
	struct hm_cur cur = hm_cur(bytes);
	struct inventory inv = { 0 };
	get_texts(&cur, &inv, inventory_texts, HM_LEN(inventory_texts));
	HM_TRY(get_lists(cx, &cur, &inv, inventory_lists, HM_LEN(inventory_lists)));
	get_texts(&cur, &inv.distro, distro_texts, HM_LEN(distro_texts));
	struct inventory_unknowns *unknown = &inv.unknown;
	HM_TRY(get_count(cx, &cur, HM_LEN(unknown_texts), sizeof(*unknown->p), &unknown->cap));
	unknown->p = hm_new(cx, struct inventory_unknown, unknown->cap);
	for (; unknown->n < unknown->cap; unknown->n++)
		get_texts(&cur, &unknown->p[unknown->n], unknown_texts, HM_LEN(unknown_texts));
	HM_TRY(get_count(cx, &cur, HM_LEN(component_texts), sizeof(*inv.components), &inv.cap));
	inv.components = hm_new(cx, struct inventory_component, inv.cap);
	for (; inv.n < inv.cap; inv.n++)
		HM_TRY(get_component(cx, &cur, &inv.components[inv.n]));
	HM_TRY(get_count(cx, &cur, 2, sizeof(*inv.edges), &inv.edges_cap));
	inv.edges = hm_new(cx, struct inventory_edge, inv.edges_cap);
	for (; inv.edges_n < inv.edges_cap; inv.edges_n++) {
		uint64_t from = hm_uvarint(&cur), to = hm_uvarint(&cur);
		if (from >= inv.n || to >= inv.n)
			return hm_fail(cx, HM_INPUT, "the worker's answer is damaged");
		inv.edges[inv.edges_n] = (struct inventory_edge){ (uint32_t)from, (uint32_t)to };
	}
	if (cur.bad || cur.n)
		return hm_fail(cx, HM_INPUT, "the worker's answer is damaged");
	*out = inv;
	return NULL;
}
