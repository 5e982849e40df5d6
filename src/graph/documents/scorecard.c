/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSF Scorecard's JSON, version 2 (github.com/ossf/scorecard). */
#include "graph/documents/documents.h"

bool graph_is_scorecard(struct json doc)
{
	struct json tool = json_get(doc, "scorecard");
	return json_str(json_get(tool, "version")).n || json_str(json_get(tool, "commit")).n;
}

static graph_ref read_detail(struct hm_cx *cx, struct graph_doc *d, struct json doc,
			     struct hm_str when)
{
	struct json tool = json_get(doc, "scorecard");
	struct graph_detail t = { 0 };
	graph_detail_begin(&t);
	json_open(&t.o, "checks", '[');
	for (struct json_iter it = json_iter(json_get(doc, "checks")); json_next(&it);) {
		struct hm_str name = json_str(json_get(it.value, "name"));
		int64_t score = 0;
		if (!graph_detail_fits(&t, name.n)) {
			t.is_cut = true;
			break;
		}
		(void)json_int(json_get(it.value, "score"), &score);
		json_open(&t.o, NULL, '{');
		json_put_str(&t.o, "check", name);
		json_put_int(&t.o, "score", score);
		json_close(&t.o, '}');
	}
	json_close(&t.o, ']');
	json_put_real(&t.o, "aggregateScore", json_real(json_get(doc, "score")));
	graph_detail_time(cx, &t, "timeScanned", when);
	graph_detail_str(cx, &t, "scorecardVersion", json_str(json_get(tool, "version")));
	graph_detail_str(cx, &t, "scorecardCommit", json_str(json_get(tool, "commit")));
	return graph_detail_end(cx, d, &t);
}

hm_err graph_read_scorecard(struct hm_cx *cx, struct json doc, struct hm_str digest,
			    struct graph_doc *d)
{
	struct json repository = json_get(doc, "repo");
	struct hm_str name = json_str(json_get(repository, "name")), when;
	struct hm_str commit = json_str(json_get(repository, "commit"));
	(void)digest;
	d->format = HM_STR("Scorecard");
	HM_TRY(graph_check_shape(cx, doc, graph_scorecard_shape));
	HM_TRY(json_need_str(cx, doc, "date", &when));
	if (!name.n)
		return hm_fail(cx, HM_INPUT, "it names no repository");
	graph_doc_fact(cx, d,
		       &(struct graph_fact){
			       .kind = GRAPH_CERTIFY_SCORECARD,
			       .subject =
				       graph_doc_noun(cx, d, GRAPH_SOURCE,
						      hm_fmt(cx, "git+%.*s%s%.*s", HM_FMT(name),
							     commit.n ? "@" : "", HM_FMT(commit)),
						      0),
			       .detail = read_detail(cx, d, doc, when) });
	return NULL;
}
