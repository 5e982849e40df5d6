/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSF Scorecard's JSON, version 2 (github.com/ossf/scorecard). */
#include "graph/documents/documents.h"

bool graph_is_scorecard(struct json doc)
{
	struct json tool = json_get(doc, "scorecard");
	return json_str(json_get(tool, "version")).n || json_str(json_get(tool, "commit")).n;
}

hm_err graph_read_scorecard(struct hm_cx *cx, struct json doc, struct hm_str digest,
			    struct graph_doc *d)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_GRAPH_KEY);
	struct json repository = json_get(doc, "repo");
	struct hm_str name = json_str(json_get(repository, "name")), when;
	struct hm_str commit = json_str(json_get(repository, "commit"));
	(void)digest;
	d->format = HM_STR("Scorecard");
	HM_TRY(json_need_str(cx, doc, "date", &when));
	if (!name.n)
		return hm_fail(cx, HM_INPUT, "it names no repository");
	hm_buf_fmt(&b, "%.*s\nscore: %.1f", HM_FMT(when), json_real(json_get(doc, "score")));
	for (struct json_iter it = json_iter(json_get(doc, "checks")); json_next(&it);)
		hm_buf_fmt(&b, "\n%.*s: %.0f", HM_FMT(json_str(json_get(it.value, "name"))),
			   json_real(json_get(it.value, "score")));
	graph_doc_fact(cx, d,
		       &(struct graph_fact){
			       .kind = GRAPH_CERTIFY_SCORECARD,
			       .subject =
				       graph_doc_noun(cx, d, GRAPH_SOURCE,
						      hm_fmt(cx, "git+%.*s%s%.*s", HM_FMT(name),
							     commit.n ? "@" : "", HM_FMT(commit)),
						      0),
			       .detail = graph_doc_text(cx, d, hm_buf_str(&b)) });
	return NULL;
}
