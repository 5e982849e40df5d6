/* SPDX-License-Identifier: Apache-2.0 */
/* Licences that a document says a package has. */
#include "crypto/crypto.h"
#include "graph/documents/documents.h"

static struct hm_str bare(struct hm_str s)
{
	while (s.n && hm_is_one_of(s.p[0], "()+"))
		s = hm_from(s, 1);
	while (s.n && hm_is_one_of(s.p[s.n - 1], "()+"))
		s.n--;
	return s;
}

struct hm_str graph_licence_of_text(struct hm_cx *cx, struct hm_str text)
{
	struct hm_str digest = crypto_digest_text(cx, CRYPTO_SHA256, text);
	return hm_fmt(cx, "LicenseRef-%.*s", HM_FMT(hm_sub(digest, 7, 16)));
}

/* A list's licence by name and list; one that is written out by a name made of its text. */
static graph_ref make(struct hm_cx *cx, struct graph_doc *d, const struct graph_licences *l,
		      struct hm_str name)
{
	const struct hm_str *text = hm_map_get(&l->inline_texts, name);
	if (text)
		return graph_doc_noun(cx, d, GRAPH_LICENCE,
				      l->keeps_names ? name : graph_licence_of_text(cx, *text), 0);
	if (hm_starts(name, HM_STR("LicenseRef")))
		return 0;
	return graph_doc_noun(cx, d, GRAPH_LICENCE,
			      hm_fmt(cx, "%.*s@%.*s", HM_FMT(name),
				     HM_FMT(l->list_version.n ? l->list_version
							      : HM_STR("UNKNOWN"))),
			      0);
}

struct links {
	struct graph_link *p;
	size_t n, cap;
};

static void add(struct hm_cx *cx, struct graph_doc *d, const struct graph_licences *l,
		struct hm_str expression, uint8_t role, struct links *out)
{
	while (expression.n) {
		struct hm_str name = bare(hm_cut(&expression, ' '));
		if (!name.n || hm_eqz(name, "AND") || hm_eqz(name, "OR") || hm_eqz(name, "WITH"))
			continue;
		graph_ref noun = make(cx, d, l, name);
		if (noun)
			*hm_push(cx, out) = (struct graph_link){ role, noun };
	}
}

void graph_say_legal(struct hm_cx *cx, struct graph_doc *d, const struct graph_licences *l,
		     const struct graph_legal *legal)
{
	struct links links = { 0 };
	struct graph_fact f = { .kind = GRAPH_CERTIFY_LEGAL, .subject = legal->package };
	add(cx, d, l, legal->declared, GRAPH_DECLARED, &links);
	add(cx, d, l, legal->discovered, GRAPH_DISCOVERED, &links);
	f.links = links.p;
	f.links_n = links.n;
	struct graph_detail t = { 0 };
	graph_detail_begin(&t);
	graph_detail_str(cx, &t, "declaredLicense", legal->declared);
	graph_detail_str(cx, &t, "discoveredLicense", legal->discovered);
	graph_detail_str(cx, &t, "attribution", legal->attribution);
	graph_detail_str(cx, &t, "justification", legal->justification);
	graph_detail_time(cx, &t, "timeScanned", legal->scanned);
	f.detail = graph_detail_end(cx, d, &t);
	graph_doc_fact(cx, d, &f);
}
