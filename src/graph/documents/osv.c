/* SPDX-License-Identifier: Apache-2.0 */
/* An advisory of OSV (ossf.github.io/osv-schema): the other names of a vulnerability, and how bad
 * it is. Which packages it affects is for the advisory database to say, by ranges of versions. */
#include "graph/documents/documents.h"

bool graph_is_osv(struct json doc)
{
	return graph_text(doc, "id").n && graph_text(doc, "modified").n &&
	       (json_is_array(json_get(doc, "affected")) || graph_text(doc, "schema_version").n);
}

/* "CVSS_V3" says what the vector says more exactly. */
static struct hm_str score_type(struct hm_str type, struct hm_str vector)
{
	if (hm_starts(vector, HM_STR("CVSS:3.1")))
		return HM_STR("CVSSv31");
	if (hm_eqz(type, "CVSS_V2"))
		return HM_STR("CVSSv2");
	if (hm_eqz(type, "CVSS_V3"))
		return HM_STR("CVSSv3");
	return hm_eqz(type, "CVSS_V4") ? HM_STR("CVSSv4") : HM_STR("");
}

hm_err graph_read_osv(struct hm_cx *cx, struct json doc, struct hm_str digest, struct graph_doc *d)
{
	static const char *const same[] = { "aliases", "upstream" };
	struct hm_str id = graph_text(doc, "id"), when = graph_text(doc, "modified");
	int64_t t;
	(void)digest;
	d->format = HM_STR("OSV");
	HM_TRY_IN(cx, hm_rfc3339_parse(cx, when, &t), "\"modified\"");
	graph_ref own = graph_doc_vulnerability_of(cx, d, HM_STR("osv"), id);
	graph_ref vuln = graph_doc_vulnerability(cx, d, id);
	if (!own || !vuln)
		return hm_fail(cx, HM_INPUT, "its \"id\" is not the name of a vulnerability");
	graph_say_same_vuln(cx, d, own, vuln, "Decoded OSV data");
	for (size_t i = 0; i < HM_LEN(same) && !graph_text(doc, "withdrawn").n; i++)
		for (struct json_iter it = json_iter(json_get(doc, same[i])); json_next(&it);)
			graph_say_same_vuln(cx, d, own,
					    graph_doc_vulnerability(cx, d, json_str(it.value)),
					    "Decoded OSV data");
	for (struct json_iter it = json_iter(json_get(doc, "severity")); json_next(&it);) {
		struct hm_str vector = graph_text(it.value, "score");
		struct graph_score s = { .type = score_type(graph_text(it.value, "type"), vector),
					 .when = when };
		if (s.type.n && graph_read_score(vector, &s.value))
			graph_say_score(cx, d, vuln, &s);
	}
	if (graph_text(doc, "summary").n)
		graph_say_metadata(cx, d, vuln,
				   &(struct graph_metadata){ "summary", graph_text(doc, "summary"),
							     when, "Decoded OSV data" });
	return NULL;
}
