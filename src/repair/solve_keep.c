/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the worker: of tens of thousands of packages a few hundred could play a part. All are kept as
 * packed texts, under hashes of their names, until it is known which.
 */
#include <stdlib.h>

#include "repair/solver.h"

/* All of its texts. */
static void list_texts(struct solve_package *p, struct hm_str *out[SOLVE_TEXTS])
{
	struct hm_str *const all[SOLVE_TEXTS] = { &p->name,    &p->version,        &p->arch,
						  &p->depends, &p->pre_depends,    &p->conflicts,
						  &p->breaks,  &p->provides,       &p->multi_arch,
						  &p->source,  &p->source_version, &p->path,
						  &p->sha256 };
	memcpy(out, all, sizeof(all));
}

static void keep_name(struct hm_cx *cx, struct solve_kept *k, struct hm_str name, uint32_t i)
{
	*hm_push(cx, &k->names) = (struct solve_kept_name){ (uint32_t)hm_hash(name), i, false };
}

static hm_err check_room(struct hm_cx *cx, const struct solve_kept *k, size_t n)
{
	if (n > HM_MAX_REPAIR_PACKAGES - k->records.n)
		return hm_fail(cx, HM_LIMIT, "more than %llu packages",
			       (unsigned long long)HM_MAX_REPAIR_PACKAGES);
	return NULL;
}

hm_err repair_solve_keep(struct hm_cx *cx, struct solve_kept *k, const struct solve_package *p)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct hm_str *texts[SOLVE_TEXTS], packed;
	struct solve_package own = *p;
	struct solve_relation r;
	bool bad;
	HM_TRY(check_room(cx, k, 1));
	list_texts(&own, texts);
	hm_buf_uvarint(&b, p->index);
	hm_buf_uvarint(&b, p->size);
	hm_buf_char(&b, (char)(p->installed | p->held << 1));
	for (size_t i = 0; i < SOLVE_TEXTS; i++)
		hm_buf_counted(&b, *texts[i]);
	HM_TRY(hm_buf_end(cx, &b, "a package's description", &packed));
	uint32_t at = (uint32_t)k->records.n;
	*hm_push(cx, &k->records) = hm_dup(cx, packed);
	keep_name(cx, k, p->name, at);
	for (struct hm_str text = p->provides; repair_relation_next(&text, &r, &bad);)
		keep_name(cx, k, r.name, at);
	return NULL;
}

hm_err repair_solve_append(struct hm_cx *cx, struct solve_kept *k, const struct solve_kept *more)
{
	uint32_t before = (uint32_t)k->records.n;
	HM_TRY(check_room(cx, k, more->records.n));
	for (size_t i = 0; i < more->records.n; i++)
		*hm_push(cx, &k->records) = hm_dup(cx, more->records.p[i]);
	for (size_t i = 0; i < more->names.n; i++)
		*hm_push(cx, &k->names) =
			(struct solve_kept_name){ more->names.p[i].hash,
						  more->names.p[i].of + before, false };
	return NULL;
}

static struct solve_package unpack(struct hm_str record)
{
	struct hm_str *texts[SOLVE_TEXTS];
	struct solve_package p = { 0 };
	struct hm_cur c = hm_cur(record);
	p.index = (uint32_t)hm_uvarint(&c);
	p.size = hm_uvarint(&c);
	uint64_t flags = hm_le(&c, 1);
	p.installed = flags & 1;
	p.held = flags & 2;
	list_texts(&p, texts);
	for (size_t i = 0; i < SOLVE_TEXTS; i++)
		*texts[i] = hm_take_str(&c, (size_t)hm_uvarint(&c));
	return p;
}

/* ------------------------------------------------------------------ which */

struct choosing {
	struct hm_cx *cx;
	struct solve_kept *k;
	bool *chosen;
	struct {
		uint32_t *p;
		size_t n, cap;
	} todo;
};

static int by_hash(const void *a, const void *b)
{
	const struct solve_kept_name *x = a, *y = b;
	return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Two names with one hash: then a package more is looked at, and plays no part after all. */
static void want_name(struct choosing *c, struct hm_str name)
{
	struct solve_kept_name *all = c->k->names.p;
	uint32_t hash = (uint32_t)hm_hash(name);
	size_t from = 0, to = c->k->names.n;
	while (from < to) {
		size_t half = from + (to - from) / 2;
		if (all[half].hash < hash)
			from = half + 1;
		else
			to = half;
	}
	if (from == c->k->names.n || all[from].is_seen)
		return;
	for (size_t i = from; i < c->k->names.n && all[i].hash == hash; i++) {
		all[i].is_seen = true;
		if (c->chosen[all[i].of])
			continue;
		c->chosen[all[i].of] = true;
		*hm_push(c->cx, &c->todo) = all[i].of;
	}
}

static void want_relations(struct choosing *c, struct hm_str text)
{
	struct solve_relation r;
	bool bad;
	while (repair_relation_next(&text, &r, &bad))
		want_name(c, r.name);
}

void repair_solve_choose(struct hm_cx *cx, struct solve_kept *k, const struct solve_options *o,
			 struct solve_packages *out)
{
	struct choosing c = { .cx = cx, .k = k, .chosen = hm_new(cx, bool, k->records.n) };
	if (k->names.n)
		qsort(k->names.p, k->names.n, sizeof(*k->names.p), by_hash);
	for (size_t i = 0; i < k->records.n; i++) {
		struct solve_package p = unpack(k->records.p[i]);
		if (p.installed)
			want_name(&c, p.name);
	}
	for (size_t i = 0; i < o->wanted.n; i++) {
		struct hm_str name = o->wanted.p[i];
		want_name(&c, hm_cut(&name, ':'));
	}
	while (c.todo.n) {
		struct solve_package p = unpack(k->records.p[c.todo.p[--c.todo.n]]);
		want_relations(&c, p.pre_depends);
		want_relations(&c, p.depends);
	}
	for (size_t i = 0; i < k->records.n; i++)
		if (c.chosen[i])
			*hm_push(cx, out) = unpack(k->records.p[i]);
}
