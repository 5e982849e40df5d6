/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/doc.h"

/* ------------------------------------------------------------------ made */

static size_t most(enum graph_noun_kind kind)
{
	return kind == GRAPH_TEXT ? HM_MAX_GRAPH_TEXT : HM_MAX_GRAPH_KEY;
}

bool graph_is_key(enum graph_noun_kind kind, struct hm_str key)
{
	return key.n && key.n <= most(kind) && hm_is_utf8(key) && !memchr(key.p, '\0', key.n);
}

graph_ref graph_doc_noun(struct hm_cx *cx, struct graph_doc *d, enum graph_noun_kind kind,
			 struct hm_str key, graph_ref parent)
{
	if (!graph_is_key(kind, key))
		return 0;
	char head = (char)('A' + kind);
	char *name = hm_alloc(cx, key.n + 1, 1, 1);
	name[0] = head;
	memcpy(name + 1, key.p, key.n);
	void **slot = hm_map_slot(cx, &d->noun_at, hm_bytes(name, key.n + 1));
	if (!*slot) {
		*hm_push(cx, &d->nouns) =
			(struct graph_noun){ kind, parent, hm_bytes(name + 1, key.n) };
		*slot = (void *)d->nouns.n;
	}
	return (graph_ref)(uintptr_t)*slot;
}

graph_ref graph_doc_package(struct hm_cx *cx, struct graph_doc *d, struct hm_str purl)
{
	struct hm_str key, name;
	if (!hm_is_utf8(purl) || graph_purl(cx, purl, &key, &name))
		return 0;
	graph_ref parent = graph_doc_noun(cx, d, GRAPH_PACKAGE_NAME, name, 0);
	return parent ? graph_doc_noun(cx, d, GRAPH_PACKAGE, key, parent) : 0;
}

graph_ref graph_doc_artifact(struct hm_cx *cx, struct graph_doc *d, struct hm_str algorithm,
			     struct hm_str digest)
{
	if (!algorithm.n || !digest.n)
		return 0;
	return graph_doc_noun(cx, d, GRAPH_ARTIFACT,
			      hm_fmt(cx, "%.*s:%.*s", HM_FMT(hm_lower(cx, algorithm)),
				     HM_FMT(hm_lower(cx, digest))),
			      0);
}

void graph_doc_fact(struct hm_cx *cx, struct graph_doc *d, const struct graph_fact *f)
{
	uint32_t key[5] = { (uint32_t)f->kind, f->subject, f->object, f->detail,
			    f->links_n == 1 ? f->links[0].noun : 0 };
	if (!f->subject)
		return;
	void **slot = hm_map_slot(cx, &d->fact_at, hm_dup(cx, hm_bytes(key, sizeof(key))));
	if (*slot)
		return;
	*hm_push(cx, &d->facts) = *f;
	*slot = (void *)d->facts.n;
}

/* ------------------------------------------------------------------ across */

void graph_doc_write(const struct graph_doc *d, struct hm_buf *out)
{
	hm_buf_counted(out, d->format);
	hm_buf_uvarint(out, d->nouns.n);
	for (size_t i = 0; i < d->nouns.n; i++) {
		hm_buf_char(out, (char)d->nouns.p[i].kind);
		hm_buf_uvarint(out, d->nouns.p[i].parent);
		hm_buf_counted(out, d->nouns.p[i].key);
	}
	hm_buf_uvarint(out, d->facts.n);
	for (size_t i = 0; i < d->facts.n; i++) {
		const struct graph_fact *f = &d->facts.p[i];
		hm_buf_char(out, (char)f->kind);
		hm_buf_uvarint(out, f->subject);
		hm_buf_uvarint(out, f->object);
		hm_buf_uvarint(out, f->detail);
		hm_buf_uvarint(out, f->links_n);
		for (size_t k = 0; k < f->links_n; k++) {
			hm_buf_char(out, (char)f->links[k].role);
			hm_buf_uvarint(out, f->links[k].noun);
		}
	}
}

static uint64_t take_below(struct hm_cur *c, uint64_t most)
{
	uint64_t v = hm_uvarint(c);
	if (v > most)
		c->bad = true;
	return c->bad ? 0 : v;
}

static uint8_t take_byte(struct hm_cur *c)
{
	const uint8_t *p = hm_take(c, 1);
	return p ? *p : 0;
}

static void read_noun(struct hm_cur *c, struct graph_noun *n, size_t before)
{
	uint8_t kind = take_byte(c);
	n->parent = (graph_ref)take_below(c, before);
	n->kind = (enum graph_noun_kind)kind;
	n->key = hm_take_str(c, (size_t)take_below(c, most(n->kind)));
	if (!kind || kind >= GRAPH_NOUN_KINDS || (!c->bad && !graph_is_key(n->kind, n->key)))
		c->bad = true;
}

static void read_fact(struct hm_cx *cx, struct hm_cur *c, struct graph_fact *f, size_t nouns)
{
	uint8_t kind = take_byte(c);
	f->subject = (graph_ref)take_below(c, nouns);
	f->object = (graph_ref)take_below(c, nouns);
	f->detail = (graph_ref)take_below(c, nouns);
	f->links_n = (size_t)take_below(c, c->n / 2);
	struct graph_link *links = hm_new(cx, struct graph_link, f->links_n + 1);
	for (size_t i = 0; i < f->links_n && !c->bad; i++) {
		links[i].role = take_byte(c);
		links[i].noun = (graph_ref)take_below(c, nouns);
		if (!links[i].noun)
			c->bad = true;
	}
	f->links = links;
	if (!kind || kind >= GRAPH_FACT_KINDS || !f->subject)
		c->bad = true;
	f->kind = (enum graph_fact_kind)kind;
}

static bool is_unverified(struct hm_cx *cx, const struct graph_doc *d, graph_ref detail)
{
	struct json doc;
	return detail && !json_parse(cx, d->nouns.p[detail - 1].key, JSON_STRICT, &doc) &&
	       json_is_bool(json_get(doc, "verified")) && !json_bool(json_get(doc, "verified"));
}

/* What only the parent knows of is no document's to say: what a registry has, what runs, whose
 * signature was verified. */
static bool may_say(struct hm_cx *cx, const struct graph_doc *d, const struct graph_fact *f)
{
	static const enum graph_fact_kind parents[] = { GRAPH_TAGGED_AS, GRAPH_RUNS_IN,
							GRAPH_PART_OF,   GRAPH_BASED_ON,
							GRAPH_REFERS_TO, GRAPH_LOGGED_AT };
	for (size_t i = 0; i < HM_LEN(parents); i++)
		if (f->kind == parents[i])
			return false;
	return f->kind != GRAPH_SIGNED_BY || is_unverified(cx, d, f->detail);
}

hm_err graph_doc_read(struct hm_cx *cx, struct hm_str bytes, struct graph_doc *out)
{
	struct hm_cur c = hm_cur(bytes);
	out->format = hm_take_str(&c, (size_t)take_below(&c, 64));
	size_t n = (size_t)take_below(&c, c.n / 3);
	for (size_t i = 0; i < n && !c.bad; i++)
		read_noun(&c, hm_push(cx, &out->nouns), i);
	n = (size_t)take_below(&c, c.n / 5);
	for (size_t i = 0; i < n && !c.bad; i++)
		read_fact(cx, &c, hm_push(cx, &out->facts), out->nouns.n);
	for (size_t i = 0; i < out->facts.n && !c.bad; i++)
		c.bad = !may_say(cx, out, &out->facts.p[i]);
	if (c.bad || c.n || !hm_is_utf8(out->format))
		return hm_fail(cx, HM_INPUT, "what was read of it is damaged");
	return NULL;
}

/* ------------------------------------------------------------------ several */

void graph_docs_write(const struct graph_docs *docs, struct hm_buf *out)
{
	hm_buf_uvarint(out, docs->n);
	for (size_t i = 0; i < docs->n && !out->over; i++) {
		HM_AUTO_BUF b = HM_BUF(out->max);
		graph_doc_write(&docs->p[i], &b);
		hm_buf_counted(out, docs->p[i].digest);
		hm_buf_uvarint(out, docs->p[i].size);
		hm_buf_counted(out, hm_buf_str(&b));
		out->over = out->over || b.over;
	}
}

static bool is_digest(struct hm_str s)
{
	if (!s.n)
		return true;
	if (s.n != 71 || !hm_starts(s, HM_STR("sha256:")))
		return false;
	for (size_t i = 7; i < s.n; i++)
		if (hm_hex_digit(s.p[i]) < 0)
			return false;
	return true;
}

hm_err graph_docs_read(struct hm_cx *cx, struct hm_str bytes, struct graph_docs *out)
{
	struct hm_cur c = hm_cur(bytes);
	size_t n = (size_t)take_below(&c, HM_MAX_GRAPH_DOCUMENTS);
	for (size_t i = 0; i < n && !c.bad; i++) {
		struct hm_str digest = hm_take_str(&c, (size_t)take_below(&c, 71));
		size_t size = (size_t)take_below(&c, HM_MAX_JSON);
		struct hm_str one = hm_take_str(&c, (size_t)take_below(&c, c.n));
		if (c.bad || !is_digest(digest))
			break;
		struct graph_doc *d = hm_push(cx, out);
		HM_TRY(graph_doc_read(cx, one, d));
		d->digest = digest;
		d->size = size;
	}
	if (c.bad || c.n || !n || out->n != n)
		return hm_fail(cx, HM_INPUT, "what was read of it is damaged");
	return NULL;
}
