/* SPDX-License-Identifier: Apache-2.0 */
/* Nouns by words of their names. */
#include "graph/questions/ask.h"

enum {
	TOKENS = 16,
	COUNTED = 4, /* tokens, of which the rarest is looked up */
	CANDIDATES = 5000,
	NAMES = 200, /* whose versions are looked at */
	CHILDREN = 2000,
	TOGETHER = 256,
	DEFAULT_ROWS = 50
};

struct token {
	struct hm_str text;
	bool is_word; /* letters and digits alone */
};

/* A package name that has some of the words. */
struct named {
	int64_t id;
	size_t fitting, exact, length; /* tokens, those that are whole words of it; bytes */
};

struct search {
	struct graph_ask *a;
	struct token tokens[TOKENS];
	size_t n;
	struct graph_ids seen;
	size_t looked_at;
	HM_VEC(struct named) names;
	HM_VEC(struct hit {
		struct graph_node node;
		size_t exact; /* tokens that are whole words of it */
	})
	hits;
};

static bool is_of_word(char c)
{
	return hm_is_alpha(c) || hm_is_digit(c) || (uint8_t)c >= 0x80;
}

/* ------------------------------------------------------------------ what is asked */

static void add_token(struct search *s, struct hm_str text, bool is_word)
{
	if (s->n < TOKENS && text.n)
		s->tokens[s->n++] = (struct token){ text, is_word };
}

static void read_tokens(struct search *s, struct hm_str words)
{
	struct hm_str rest = hm_lower(s->a->cx, words);
	while (rest.n) {
		struct hm_str part = hm_cut(&rest, ' ');
		if (part.n && hm_is_digit(part.p[0])) { /* a version is one word */
			add_token(s, part, hm_find_char(part, '.') == SIZE_MAX);
			continue;
		}
		if (hm_starts(part, HM_STR("pkg:")))
			part = graph_purl_decode(s->a->cx, hm_from(part, 4));
		if (hm_starts(part, HM_STR("sha256:")))
			part = hm_from(part, 7);
		for (size_t at = 0, end; at < part.n; at = end + 1) {
			for (end = at; end < part.n && is_of_word(part.p[end]);)
				end++;
			add_token(s, hm_sub(part, at, end - at), true);
			/* behind a name stands its version, before one the scope's sign of npm */
			if (end > at && end < part.n && part.p[end] == '@') {
				add_token(s, hm_from(part, end + 1), false);
				break;
			}
		}
	}
}

/* ------------------------------------------------------------------ what fits */

/* Where a token begins a word of the key: 1, or 2 where it is all of the word. 0: nowhere. */
static int fits_key(struct hm_str key, struct hm_str token)
{
	int best = 0;
	for (size_t from = 0; from + token.n <= key.n && best < 2;) {
		size_t at = hm_find(hm_from(key, from), token);
		if (at == SIZE_MAX)
			break;
		at += from;
		if (!at || !is_of_word(key.p[at - 1]))
			best = at + token.n == key.n || !is_of_word(key.p[at + token.n]) ? 2 : 1;
		from = at + 1;
	}
	return best;
}

/* Which tokens the key has, as bits. */
static unsigned fits(const struct search *s, struct hm_str lower, size_t *out_exact)
{
	unsigned bits = 0;
	*out_exact = 0;
	for (size_t i = 0; i < s->n; i++) {
		int how = fits_key(lower, s->tokens[i].text);
		if (how)
			bits |= 1u << i;
		*out_exact += how == 2;
	}
	return bits;
}

static void add_hit(struct search *s, const struct graph_node *node, size_t exact)
{
	bool is_new;
	(void)graph_ids_slot(s->a->cx, &s->seen, node->id, &is_new);
	if (!is_new)
		return;
	struct hit *hit = hm_push(s->a->cx, &s->hits);
	*hit = (struct hit){ *node, exact };
	hit->node.key = hm_dup(s->a->cx, node->key);
}

static void try_node(struct search *s, const struct graph_node *node)
{
	struct hm_mark mark = hm_mark(s->a->cx);
	bool is_purl = node->kind == GRAPH_PACKAGE || node->kind == GRAPH_PACKAGE_NAME;
	struct hm_str key = is_purl ? graph_purl_decode(s->a->cx, node->key) : node->key;
	size_t exact;
	unsigned bits = fits(s, hm_lower(s->a->cx, key), &exact);
	hm_release(s->a->cx, mark);
	if (bits == (1u << s->n) - 1)
		add_hit(s, node, exact);
	else if (node->kind == GRAPH_PACKAGE_NAME && s->n > 1)
		*hm_push(s->a->cx, &s->names) =
			(struct named){ node->id, (size_t)__builtin_popcount(bits), exact,
					node->key.n };
}

/* id, kind, key; all of a noun at once, for a server that is asked for each of thousands alone
 * takes seconds */
static hm_err try_row(struct hm_cx *cx, void *arg, const struct store_value *row)
{
	struct search *s = arg;
	struct graph_node node = { .id = row[0].number, .key = row[2].text };
	(void)cx;
	s->looked_at++;
	if (row[1].number <= GRAPH_NO_NOUN || row[1].number >= GRAPH_NOUN_KINDS ||
	    !graph_ask_goes_on(s->a))
		return NULL;
	node.kind = (enum graph_noun_kind)row[1].number;
	try_node(s, &node);
	return NULL;
}

static int nearest_first(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	if (x->fitting != y->fitting)
		return x->fitting > y->fitting ? -1 : 1;
	if (x->exact != y->exact)
		return x->exact > y->exact ? -1 : 1;
	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* A version of a package name that has some of the words may have the others. Where a word is the
 * name of thousands, those names are looked at that are nearest to what is asked for. */
static hm_err try_versions(struct search *s)
{
	const struct named *names = s->names.p;
	size_t names_n = s->names.n;
	if (names_n)
		qsort(s->names.p, names_n, sizeof(*names), nearest_first);
	if (names_n > NAMES) {
		s->a->cut = GRAPH_CUT_ROWS;
		names_n = NAMES;
	}
	struct store_value *p = hm_new(s->a->cx, struct store_value, 2 * names_n + 1);
	for (size_t i = 0; i < names_n; i++) {
		p[2 * i] = store_int(names[i].id);
		p[2 * i + 1] = store_int(CHILDREN);
	}
	s->names.n = 0;
	for (size_t i = 0, n; i < names_n && graph_ask_goes_on(s->a); i += n) {
		n = names_n - i < TOGETHER ? names_n - i : TOGETHER;
		HM_TRY(store_run_many(s->a->cx, s->a->use,
				      "SELECT id, kind, key FROM node WHERE parent = $1 AND "
				      "parent <> 0 LIMIT $2",
				      &(struct store_many){ p + 2 * i, 2, n }, try_row, s));
	}
	return NULL;
}

/* The last code point there is: behind all words that begin so. */
static struct hm_str end_of(struct hm_cx *cx, struct hm_str word)
{
	return hm_fmt(cx, "%.*s\xf4\x8f\xbf\xbf", HM_FMT(word));
}

/* The word that the fewest nouns have, as far as that is cheap to know; of several the longest.
 * Empty: there is no word. */
static hm_err choose_word(struct search *s, struct hm_str *out)
{
	const struct token *best = NULL;
	int64_t least = 0;
	for (size_t i = 0, counted = 0; i < s->n; i++) {
		const struct token *t = &s->tokens[i];
		int64_t n = CANDIDATES + 1;
		if (!t->is_word)
			continue;
		if (s->n > 1 && counted++ < COUNTED)
			HM_TRY(graph_ask_number(
				s->a,
				"SELECT COUNT(*) FROM (SELECT node FROM word WHERE word >= $1 "
				"AND word < $2 LIMIT $3) AS w",
				STORE_VALUES(store_text(t->text),
					     store_text(end_of(s->a->cx, t->text)),
					     store_int(CANDIDATES + 1)),
				&n));
		if (!best || n < least || (n == least && t->text.n > best->text.n)) {
			best = t;
			least = n;
		}
	}
	*out = best ? best->text : HM_STR("");
	return NULL;
}

static hm_err try_candidates(struct search *s, struct hm_str word)
{
	s->looked_at = 0;
	HM_TRY(graph_ask_run(
		s->a,
		"SELECT node.id, node.kind, node.key FROM (SELECT word, node FROM word "
		"WHERE word >= $1 AND word < $2 ORDER BY word, node LIMIT $3) AS w "
		"JOIN node ON node.id = w.node",
		STORE_VALUES(store_text(word), store_text(end_of(s->a->cx, word)),
			     store_int(CANDIDATES)),
		try_row, s));
	if (s->looked_at == CANDIDATES)
		s->a->cut = GRAPH_CUT_ROWS;
	return try_versions(s);
}

/* ------------------------------------------------------------------ the best first */

/* More whole words, then kinds that are looked for more often, then shorter names. */
static unsigned weight_of(enum graph_noun_kind kind)
{
	static const unsigned weights[GRAPH_NOUN_KINDS] = {
		[GRAPH_IMAGE] = 5,    [GRAPH_PACKAGE_NAME] = 4, [GRAPH_VULNERABILITY] = 4,
		[GRAPH_WORKLOAD] = 3, [GRAPH_IDENTITY] = 3,     [GRAPH_PACKAGE] = 2,
	};
	return kind < GRAPH_NOUN_KINDS ? weights[kind] : 0;
}

static int compare_hits(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;
	unsigned wx = weight_of(x->node.kind), wy = weight_of(y->node.kind);
	if (x->exact != y->exact)
		return x->exact > y->exact ? -1 : 1;
	if (wx != wy)
		return wx > wy ? -1 : 1;
	if (x->node.key.n != y->node.key.n)
		return x->node.key.n < y->node.key.n ? -1 : 1;
	return hm_cmp(x->node.key, y->node.key);
}

hm_err graph_ask_words(struct graph_ask *a, struct hm_str words, size_t limit,
		       struct graph_nodes *out)
{
	struct search s = { .a = a };
	struct hm_str main;
	if (!hm_is_utf8(words) || hm_has_control(words))
		return NULL;
	read_tokens(&s, words);
	HM_TRY(choose_word(&s, &main));
	if (main.n)
		HM_TRY(try_candidates(&s, main));
	for (size_t i = 0; i < s.n; i++)
		if (!s.tokens[i].is_word && !main.n)
			HM_TRY(try_candidates(&s, s.tokens[i].text));
	if (s.hits.n)
		qsort(s.hits.p, s.hits.n, sizeof(*s.hits.p), compare_hits);
	for (size_t i = 0; i < s.hits.n; i++) {
		if (out->n == limit) {
			a->cut = GRAPH_CUT_ROWS;
			break;
		}
		*hm_push(a->cx, out) = s.hits.p[i].node;
	}
	return NULL;
}

hm_err graph_search(struct hm_cx *cx, struct graph *g, struct hm_str words,
		    const struct graph_limits *limits, struct graph_found *out)
{
	GRAPH_AUTO_ASK a;
	struct graph_nodes nodes = { 0 };
	HM_TRY(graph_ask_begin(cx, g, limits, &a));
	if (!limits || !limits->rows)
		a.rows = DEFAULT_ROWS;
	HM_TRY(graph_ask_words(&a, hm_sub(words, 0, HM_MAX_GRAPH_KEY), a.rows, &nodes));
	*out = (struct graph_found){ .nodes = nodes, .cut = a.cut };
	return NULL;
}
