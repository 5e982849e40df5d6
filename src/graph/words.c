/* SPDX-License-Identifier: Apache-2.0 */
/* The words by which a noun is searched. */
#include "graph/room.h"

/* Letters beyond ASCII are letters; nothing else of ASCII is. */
static bool is_of_word(char c)
{
	return hm_is_alpha(c) || hm_is_digit(c) || (uint8_t)c >= 0x80;
}

static void add_word(struct hm_cx *cx, struct hm_str word, struct hm_strs *out)
{
	word = hm_sub(word, 0, GRAPH_WORD_MAX);
	while (word.n && !hm_is_utf8(word)) /* cut within a letter */
		word.n--;
	if (word.n && out->n < GRAPH_WORDS_MAX && !hm_strs_has(out, word))
		*hm_push(cx, out) = word;
}

void graph_split_words(struct hm_cx *cx, struct hm_str text, struct hm_strs *out)
{
	struct hm_str lower = hm_lower(cx, text);
	for (size_t at = 0, end; at < lower.n; at = end + 1) {
		for (end = at; end < lower.n && is_of_word(lower.p[end]);)
			end++;
		add_word(cx, hm_sub(lower, at, end - at), out);
	}
}

/* A digest is known by its hex digits: the algorithm would be a word of all of them. */
static struct hm_str hex_of(struct hm_str digest)
{
	struct hm_str rest = digest, algorithm = hm_cut(&rest, ':');
	return algorithm.n < digest.n ? rest : digest;
}

void graph_noun_words(struct hm_cx *cx, enum graph_noun_kind kind, struct hm_str key,
		      struct hm_strs *out)
{
	if (kind == GRAPH_TEXT)
		return;
	if (kind == GRAPH_PACKAGE) { /* its version alone: the rest is its name's */
		add_word(cx, hm_lower(cx, graph_purl_version(cx, key)), out);
		return;
	}
	if (kind == GRAPH_PACKAGE_NAME)
		key = graph_purl_decode(cx, hm_from(key, strlen("pkg:")));
	else if (kind == GRAPH_ARTIFACT)
		key = hex_of(key);
	graph_split_words(cx, key, out);
}
