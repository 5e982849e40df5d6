/* SPDX-License-Identifier: Apache-2.0 */
/* In-toto statements (in-toto attestation framework 1.0 and 0.1): the subjects, and whatever reads
 * the predicate of that type. */
#include "graph/documents/documents.h"

static const struct {
	struct hm_str type; /* or what it begins with */
	const char *name;
	hm_err (*read)(struct hm_cx *cx, const struct graph_statement *s, struct graph_doc *d);
} predicates[] = {
	{ HM_STR_INIT("https://in-toto.io/attestation/vulns"), "vulnerabilities",
	  graph_predicate_vulns },
	{ HM_STR_INIT("https://in-toto.io/attestation/clearlydefined/"), "ClearlyDefined",
	  graph_predicate_clearlydefined },
	{ HM_STR_INIT("https://in-toto.io/attestation/eol/"), "end of life", graph_predicate_eol },
	{ HM_STR_INIT("https://in-toto.io/attestation/reference/"), "reference",
	  graph_predicate_reference },
	{ HM_STR_INIT("https://crev.dev/in-toto-scheme/"), "crev review", graph_predicate_crev },
	{ HM_STR_INIT("https://in-toto.io/attestation/certify/"), "review",
	  graph_predicate_review },
	{ HM_STR_INIT("https://slsa.dev/verification_summary/"), "SLSA verification summary",
	  graph_predicate_summary },
	{ HM_STR_INIT("https://cosign.sigstore.dev/attestation/vuln/"), "Cosign vulnerabilities",
	  graph_predicate_cosign_vuln },
	{ HM_STR_INIT("https://spdx.dev/Document"), "SPDX", graph_predicate_document },
	{ HM_STR_INIT("https://cyclonedx.org/bom"), "CycloneDX", graph_predicate_document },
	{ HM_STR_INIT("https://cyclonedx.org/vex"), "CycloneDX", graph_predicate_document },
	{ HM_STR_INIT("https://openvex.dev/ns"), "OpenVEX", graph_predicate_document },
	{ HM_STR_INIT("https://docs.oasis-open.org/csaf"), "CSAF", graph_predicate_document },
	{ HM_STR_INIT("https://docs.oasis-open.org/sarif"), "SARIF", graph_predicate_document },
	{ HM_STR_INIT("https://json.schemastore.org/sarif"), "SARIF", graph_predicate_document },
	{ HM_STR_INIT(""), "another predicate", graph_predicate_other },
};

bool graph_is_intoto(struct json doc)
{
	return graph_is_statement(doc);
}

static hm_err read_subjects(struct hm_cx *cx, struct json list, struct graph_doc *d,
			    struct graph_statement *s)
{
	s->subjects = hm_new(cx, struct graph_entity, json_size(list) + 1);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct graph_named named = { graph_text(it.value, "name"),
					     graph_text(it.value, "uri"),
					     json_get(it.value, "digest") };
		if (!named.name.n && !named.uri.n && !json_size(named.digests))
			return hm_fail(cx, HM_INPUT, "a subject has neither name nor digest");
		struct graph_entity *e = &s->subjects[s->subjects_n++];
		graph_read_entity(cx, d, &named, e);
		graph_say_occurrence(cx, d, e, "from the subject of an in-toto statement");
	}
	if (!s->subjects_n)
		return hm_fail(cx, HM_INPUT, "it is about nothing (\"subject\")");
	return NULL;
}

hm_err graph_read_intoto(struct hm_cx *cx, struct json doc, struct hm_str digest,
			 struct graph_doc *d)
{
	struct graph_statement s = { .doc = doc,
				     .predicate = json_get(doc, "predicate"),
				     .type = graph_predicate_type(doc),
				     .digest = digest };
	size_t i = 0;
	while (!hm_starts(s.type, predicates[i].type))
		i++;
	d->format = hm_fmt(cx, "in-toto %s", predicates[i].name);
	HM_TRY(graph_check_shape(cx, doc, graph_statement_shape));
	HM_TRY(read_subjects(cx, json_get(doc, "subject"), d, &s));
	return predicates[i].read(cx, &s, d);
}
