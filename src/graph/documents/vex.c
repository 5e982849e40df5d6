/* SPDX-License-Identifier: Apache-2.0 */
/* OpenVEX and CSAF, as advisory/ reads them. */
#include "graph/documents/documents.h"

/* GUAC knows it by its "@id", which others leave out; some leave the context empty. */
bool graph_is_openvex(struct json doc)
{
	return json_is_array(json_get(doc, "statements")) &&
	       (graph_text(doc, "@id").n ||
		hm_starts(graph_text(doc, "@context"), HM_STR("https://openvex.dev/ns")));
}

bool graph_is_csaf(struct json doc)
{
	return json_is_string(json_get(json_get(doc, "document"), "csaf_version"));
}

static const struct advisory_vex_format *format_of(const char *key)
{
	const struct advisory_vex_format *f = advisory_vex_formats;
	while (f->name && strcmp(f->key, key) != 0)
		f++;
	return f;
}

/* A package, or an artifact by its digest. 0: it has another name. */
static graph_ref product(struct hm_cx *cx, struct graph_doc *d, const struct hm_strs *names)
{
	if (!names->n)
		return 0;
	if (hm_starts(names->p[0], HM_STR("sha256:")))
		return graph_doc_digest(cx, d, names->p[0]);
	return graph_doc_package(cx, d, names->p[0]);
}

static struct hm_str time_of(struct hm_cx *cx, int64_t when)
{
	return when ? hm_rfc3339(cx, when) : HM_STR("");
}

/* Of a pair the one that has no name here: about the other alone it says nothing. */
static struct hm_str find_unnamed(const struct advisory_vex_claim *c, graph_ref whole,
				  graph_ref part)
{
	if (c->parts.n && !part)
		return c->parts.p[0];
	if (c->parts.n && !whole)
		return c->products.n ? c->products.p[0] : HM_STR("a product without name");
	return HM_STR("");
}

/* A statement is about the product; of CSAF's pairs about the part, in that product alone. */
static void say_claim(struct hm_cx *cx, struct graph_doc *d, const struct advisory_vex_claim *c,
		      bool is_csaf, size_t *said)
{
	graph_ref whole = product(cx, d, &c->products), part = product(cx, d, &c->parts);
	graph_ref subject = is_csaf && part ? part : whole;
	graph_ref other = subject == part ? whole : part;
	graph_ref vuln = graph_doc_vulnerability(cx, d, c->id);
	struct graph_link *link = hm_new(cx, struct graph_link, 1);
	struct graph_vex v = { .status = c->status,
			       .reason = c->justification,
			       .notes = c->notes,
			       .since = time_of(cx, c->when),
			       .unnamed = find_unnamed(c, whole, part) };
	*link = (struct graph_link){ subject == part ? GRAPH_WHOLE : GRAPH_PART, other };
	if (other && other != subject)
		v.link = link;
	if (c->status == ADVISORY_VEX_NOT_AFFECTED)
		v.statement = c->impact;
	else if (c->status == ADVISORY_VEX_AFFECTED || is_csaf)
		v.statement = c->action;
	*said += subject != 0;
	graph_say_vex(cx, d, subject, vuln, &v);
	if (graph_is_affected(c->status))
		graph_say_vuln(cx, d, subject, vuln, &(struct graph_scan){ .time = v.since });
	/* numbers are those of a bug tracker, which has others than vulnerabilities */
	for (size_t i = 0; subject && i < c->aliases.n; i++)
		if (hm_find_char(c->aliases.p[i], '-') != SIZE_MAX)
			graph_say_same_vuln(cx, d, vuln,
					    graph_doc_vulnerability(cx, d, c->aliases.p[i]),
					    "aliases of a VEX statement");
}

static hm_err read_claims(struct hm_cx *cx, struct json doc, const char *key, struct graph_doc *d)
{
	struct advisory_vex_draft draft = { 0 };
	size_t said = 0;
	HM_TRY(advisory_vex_claims(cx, format_of(key), doc, &draft));
	for (size_t i = 0; i < draft.n; i++)
		say_claim(cx, d, &draft.p[i], strcmp(key, "csaf") == 0, &said);
	if (!said)
		return hm_fail(cx, HM_INPUT, "it names no product by purl or digest");
	return NULL;
}

hm_err graph_read_openvex(struct hm_cx *cx, struct json doc, struct hm_str digest,
			  struct graph_doc *d)
{
	(void)digest;
	d->format = HM_STR("OpenVEX");
	HM_TRY(graph_check_shape(cx, doc, graph_openvex_shape));
	return read_claims(cx, doc, "openvex", d);
}

hm_err graph_read_csaf(struct hm_cx *cx, struct json doc, struct hm_str digest, struct graph_doc *d)
{
	(void)digest;
	d->format = hm_fmt(cx, "CSAF %.*s",
			   HM_FMT(hm_sub(graph_text(json_get(doc, "document"), "csaf_version"), 0,
					 16)));
	HM_TRY(graph_check_shape(cx, doc, graph_csaf_shape));
	return read_claims(cx, doc, "csaf", d);
}
