/* SPDX-License-Identifier: Apache-2.0 */
/* What SBOMs of all formats say. */
#include "graph/documents/documents.h"

struct graph_item *graph_item_make(struct hm_cx *cx, struct graph_items *items, struct hm_str id)
{
	void **slot = hm_map_slot(cx, &items->at, id);
	if (!*slot)
		*slot = hm_new(cx, struct graph_item, 1);
	return *slot;
}

graph_ref graph_item_package(const struct graph_items *items, struct hm_str id)
{
	const struct graph_item *item = hm_map_get(&items->at, id);
	return item && item->packages.n ? item->packages.p[0] : 0;
}

void graph_say_occurrences(struct hm_cx *cx, struct graph_doc *d, const struct graph_items *items,
			   const char *why)
{
	graph_ref detail = graph_detail_of(cx, d, "justification", hm_cstr(why));
	for (size_t i = 0; i < items->at.n; i++) {
		const struct graph_item *item = items->at.entries[i].value;
		for (size_t p = 0; p < item->packages.n; p++)
			for (size_t a = 0; a < item->artifacts.n; a++)
				graph_doc_fact(cx, d,
					       &(struct graph_fact){ .kind = GRAPH_IS_OCCURRENCE,
								     .subject = item->packages.p[p],
								     .object = item->artifacts.p[a],
								     .detail = detail });
	}
}

void graph_say_depends(struct hm_cx *cx, struct graph_doc *d, graph_ref on, graph_ref what,
		       const char *kind, struct hm_str why)
{
	if (!on || !what)
		return;
	struct graph_fact f = { .kind = GRAPH_IS_DEPENDENCY, .subject = on, .object = what };
	struct graph_detail t = { 0 };
	graph_detail_begin(&t);
	json_putz(&t.o, "dependencyType", kind);
	graph_detail_str(cx, &t, "justification", why);
	f.detail = graph_detail_end(cx, d, &t);
	graph_doc_fact(cx, d, &f);
}

void graph_say_sbom(struct hm_cx *cx, struct graph_doc *d, graph_ref subject,
		    const struct graph_sbom *sbom)
{
	struct graph_fact f = { .kind = GRAPH_HAS_SBOM, .subject = subject };
	struct graph_detail t = { 0 };
	struct hm_str hex = sbom->digest, algorithm = hm_cut(&hex, ':');
	f.object = graph_doc_noun(cx, d, GRAPH_ARTIFACT, sbom->digest, 0);
	graph_detail_begin(&t);
	graph_detail_str(cx, &t, "uri", sbom->uri);
	graph_detail_str(cx, &t, "algorithm", algorithm);
	graph_detail_str(cx, &t, "digest", hex);
	graph_detail_time(cx, &t, "knownSince", sbom->since);
	f.detail = graph_detail_end(cx, d, &t);
	graph_doc_fact(cx, d, &f);
}

struct hm_str graph_purl_of_name(struct hm_cx *cx, struct hm_str name, struct hm_str version)
{
	return hm_fmt(cx, "pkg:guac/pkg/%.*s%s%.*s", HM_FMT(graph_purl_part(cx, name, true)),
		      version.n ? "@" : "", HM_FMT(graph_purl_part(cx, version, false)));
}
