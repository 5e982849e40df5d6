/* SPDX-License-Identifier: Apache-2.0 */
/* Nouns, documents and badges. */
#include "graph/page/parts.h"

const struct page_kind graph_page_kinds[] = {
	{ "packageName", "package name", "package" },
	{ "package", "package", "package" },
	{ "source", "source", "source" },
	{ "artifact", "artifact", "artifact" },
	{ "builder", "builder", "builder" },
	{ "vulnerability", "vulnerability", "vulnerability" },
	{ "license", "licence", "licence" },
	{ "text", "text", "document" },
	{ "identity", "identity", "identity" },
	{ "image", "image", "image" },
	{ "logEntry", "log entry", "log" },
	{ "policy", "policy", "policy" },
	{ "model", "model", "model" },
	{ "workload", "workload", "workload" },
	{ "cluster", "cluster", "cluster" },
	{ 0 },
};

const struct page_kind *graph_page_kind(struct hm_str name)
{
	static const struct page_kind other = { "", "thing", "document" };
	for (const struct page_kind *k = graph_page_kinds; k->name; k++)
		if (hm_eqz(name, k->name))
			return k;
	return &other;
}

bool graph_page_is_noun(struct json v)
{
	return json_is_string(json_get(v, "key")) && json_is_string(json_get(v, "kind"));
}

void graph_page_noun(struct page *p, struct json noun)
{
	struct hm_str id = json_str(json_get(noun, "id")), key = json_str(json_get(noun, "key"));
	struct hm_str label = json_str(json_get(noun, "label"));
	const struct page_kind *kind = graph_page_kind(json_str(json_get(noun, "kind")));
	if (!label.n)
		label = key;
	PUT(p, "<span class=\"noun\">");
	graph_page_icon(p, kind->icon);
	PUT(p, "<span class=\"unseen\">$: </span>", hm_cstr(kind->words));
	if (id.n)
		PUT(p, "<a href=\"/node/%\" title=\"$\"><bdi>$</bdi></a></span>", id, key, label);
	else
		PUT(p, "<bdi>$</bdi></span>", label);
}

void graph_page_belief(struct page *p, struct json belief)
{
	int64_t number = 0;
	struct hm_str word = json_str(belief);
	json_int(belief, &number);
	if (hm_eqz(word, "believed") || number == 1)
		graph_page_badge(p, "good", "check", HM_STR("believed"));
	else if (hm_eqz(word, "notBelieved") || number == 2)
		graph_page_badge(p, "bad", "cross", HM_STR("not believed"));
	else
		graph_page_badge(p, "", NULL, HM_STR("not checked"));
}

void graph_page_severity(struct page *p, struct hm_str word)
{
	static const struct {
		const char *word, *tone;
	} tones[] = {
		{ "critical", "bad" },
		{ "high", "bad" },
		{ "medium", "warn" },
		{ "moderate", "warn" },
		{ "low", "" },
		{ "affected", "bad" },
		{ "exposed", "bad" },
		{ "under_investigation", "warn" },
		{ "not_affected", "good" },
		{ "fixed", "good" },
	};
	struct hm_str lower = hm_lower(p->cx, word);
	const char *tone = "";
	for (size_t i = 0; i < HM_LEN(tones); i++)
		if (hm_eqz(lower, tones[i].word))
			tone = tones[i].tone;
	graph_page_badge(p, tone, strcmp(tone, "bad") == 0 ? "vulnerability" : NULL,
			 graph_page_phrase(p, word));
}

void graph_page_digest(struct page *p, struct hm_str digest)
{
	struct hm_str hex = digest;
	hm_cut(&hex, ':');
	PUT(p, "<a class=\"key\" href=\"/documents/%\" title=\"$\">$</a>", digest, digest,
	    hm_sub(hex.n ? hex : digest, 0, 12));
}

void graph_page_pod(struct page *p, struct json pod)
{
	PUT(p, "<div><bdi>$</bdi><div class=\"small muted\">since $</div></div>",
	    json_str(json_get(pod, "workload")), hm_sub(json_str(json_get(pod, "since")), 0, 10));
}

/* "cert:CN=releases,O=Shop|sha256:a259...": without the digest, which is long. */
static struct hm_str short_signer(struct hm_str key)
{
	struct hm_str rest = key, who = hm_cut(&rest, '|');
	return hm_starts(who, HM_STR("cert:")) ? hm_from(who, sizeof("cert:") - 1) : key;
}

void graph_page_source(struct page *p, struct json document)
{
	struct hm_str digest = json_str(json_get(document, "digest"));
	struct hm_str origin = json_str(json_get(document, "origin"));
	struct hm_str format = json_str(json_get(document, "format"));
	struct json signer = json_get(document, "signer");
	if (format.n)
		PUT(p, "$ ", format);
	if (digest.n)
		graph_page_digest(p, digest);
	PUT(p, " ");
	graph_page_belief(p, json_get(document, "belief"));
	if (graph_page_is_noun(signer)) {
		PUT(p, " signed by ");
		graph_page_noun(p, signer);
	} else if (json_str(signer).n) {
		PUT(p, " signed by <bdi title=\"$\">$</bdi>", json_str(signer),
		    short_signer(json_str(signer)));
	}
	if (origin.n)
		PUT(p, "<div class=\"muted key\"><bdi>$</bdi></div>", origin);
}
