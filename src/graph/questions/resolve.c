/* SPDX-License-Identifier: Apache-2.0 */
/* A name that there is, or the fault that has others which are like it. */
#include "graph/questions/ask.h"

enum { SUGGESTIONS = 3 };

/* By all its words; then by the first of them, and by the beginning of that. */
static hm_err find_alike(struct graph_ask *a, struct hm_str name, struct graph_nodes *out)
{
	struct hm_str words = name;
	if (hm_starts(words, HM_STR("pkg:")))
		words = hm_basename(words);
	size_t end = 0;
	if (hm_starts(name, HM_STR("pkg:"))) {
		size_t at = hm_rfind_char(name, '@');
		if (at != SIZE_MAX && at > 4 && name.p[at - 1] != '/')
			HM_TRY(graph_ask_name(a, hm_sub(name, 0, at), 1u << GRAPH_PACKAGE, out));
		if (out->n > SUGGESTIONS)
			out->n = SUGGESTIONS;
		if (out->n)
			return NULL;
	}
	HM_TRY(graph_ask_words(a, words, SUGGESTIONS, out));
	while (end < words.n && !hm_is_one_of(words.p[end], "@?: /"))
		end++;
	/* a vulnerability differs in its number */
	end = end == words.n && end > 4 ? end - 1 : end;
	for (size_t n = end; !out->n && n >= 3; n = n > 4 ? n * 2 / 3 : n - 1)
		HM_TRY(graph_ask_words(a, hm_sub(words, 0, n), SUGGESTIONS, out));
	return NULL;
}

/* Of an empty graph. */
static hm_err hint_how_to_begin(struct graph_ask *a, hm_err err)
{
	int64_t newest = 0;
	HM_TRY(graph_ask_number(a, "SELECT COALESCE(MAX(id), 0) FROM document", STORE_NO_VALUES,
				&newest));
	return newest ? err
		      : hm_hint(a->cx, err,
				"hullmark graph ingest PATH, as the graph has no documents yet");
}

hm_err graph_ask_unknown(struct graph_ask *a, struct hm_str name)
{
	struct graph_nodes alike = { 0 };
	HM_AUTO_BUF hint = HM_BUF(SUGGESTIONS * (HM_MAX_GRAPH_KEY + 16));
	HM_TRY(find_alike(a, name, &alike));
	hm_err err = hm_fail(a->cx, HM_ABSENT, "the graph knows nothing of \"%.*s\"", HM_FMT(name));
	if (!alike.n)
		return hint_how_to_begin(a, err);
	for (size_t i = 0; i < alike.n; i++)
		hm_buf_fmt(&hint, "%s%.*s", i ? " or " : "", HM_FMT(alike.p[i].key));
	return hm_hint(a->cx, err, "%.*s", HM_FMT(hm_buf_str(&hint)));
}

hm_err graph_resolve(struct hm_cx *cx, struct graph *g, struct hm_str name, uint64_t kinds,
		     struct graph_nodes *out)
{
	GRAPH_AUTO_ASK a;
	struct graph_nodes nodes = { 0 };
	HM_TRY(graph_ask_begin(cx, g, NULL, &a));
	HM_TRY(graph_ask_name(&a, name, kinds, &nodes));
	if (!nodes.n)
		return graph_ask_unknown(&a, name);
	*out = nodes;
	return NULL;
}
