/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CycloneDX in XML (cyclonedx.org/specification, schemas 1.0 to 1.7) as the JSON that says the
 * same, so that there is one reader.
 */
#include "codec/xml.h"
#include "graph/documents/documents.h"

#define NAMESPACE "http://cyclonedx.org/schema/bom/"

/* Elements that stand for arrays, and what JSON calls them. */
static const char *const lists[][2] = {
	{ "components", "components" },
	{ "hashes", "hashes" },
	{ "licenses", "licenses" },
	{ "dependencies", "dependencies" },
	{ "vulnerabilities", "vulnerabilities" },
	{ "ratings", "ratings" },
	{ "affects", "affects" },
	{ "versions", "versions" },
	{ "responses", "response" },
	{ "references", "references" },
	{ "externalReferences", "externalReferences" },
	{ "properties", "properties" },
	{ "authors", "authors" },
	{ "services", "services" },
	{ "cwes", "cwes" },
	{ "advisories", "advisories" },
};

enum { LEVELS = 66 }; /* HM_MAX_XML_DEPTH, and the top */
struct level {
	const struct xml_node *node; /* that is written next */
	char close;                  /* of the object or array that it is in */
	bool is_list, names_choice;
	bool wraps; /* the object around a choice is to be closed, too */
};

static const char *list_name(const struct xml_node *n)
{
	for (size_t i = 0; i < HM_LEN(lists); i++)
		if (hm_eqz(n->name, lists[i][0]) && (n->first || !n->text.n))
			return lists[i][1];
	return NULL;
}

static void put_attributes(struct json_out *o, const struct xml_node *n)
{
	for (size_t i = 0; i < n->attributes_n; i++) {
		json_key(o, n->attributes[i].name);
		json_put_str(o, NULL, n->attributes[i].value);
	}
}

/* <dependency ref="a"><dependency ref="b"/></dependency> */
static void put_dependency(struct json_out *o, const struct xml_node *n)
{
	json_open(o, NULL, '{');
	json_put_str(o, "ref", xml_attribute(n, "ref"));
	if (n->first) {
		json_open(o, "dependsOn", '[');
		for (const struct xml_node *c = n->first; c; c = c->next)
			json_put_str(o, NULL, xml_attribute(c, "ref"));
		json_close(o, ']');
	}
	json_close(o, '}');
}

/* Of a choice each is an object of one: {"license": {...}}, {"expression": "..."} */
static void put_name(struct json_out *o, const struct level *in, struct hm_str name)
{
	if (in->names_choice)
		json_open(o, NULL, '{');
	if (!in->is_list || in->names_choice)
		json_key(o, name);
}

/* One element: what is right in it is said now, its children are what comes next. */
static void put_node(struct json_out *o, const struct xml_node *n, struct level *levels,
		     size_t *depth)
{
	const struct level *in = &levels[*depth - 1];
	const char *list = list_name(n);
	put_name(o, in, list ? hm_cstr(list) : n->name);
	if (!n->first && !n->attributes_n && !list && !hm_eqz(n->name, "text")) {
		if (n->text.n)
			json_put_str(o, NULL, n->text);
		else
			json_put_null(o, NULL);
		if (in->names_choice)
			json_close(o, '}');
		return;
	}
	json_open(o, NULL, list ? '[' : '{');
	if (!list) {
		put_attributes(o, n);
		json_put_given(o, "content", n->text);
	}
	levels[(*depth)++] = (struct level){ .node = n->first,
					     .close = list ? ']' : '}',
					     .is_list = list != NULL,
					     .names_choice = list && hm_eqz(n->name, "licenses"),
					     .wraps = in->names_choice };
}

static void put_tree(struct json_out *o, const struct xml_node *top)
{
	struct level levels[LEVELS];
	size_t depth = 1;
	levels[0] = (struct level){ .node = top->first };
	while (depth) {
		struct level *l = &levels[depth - 1];
		const struct xml_node *n = l->node;
		if (n) {
			l->node = n->next;
			if (l->is_list && hm_eqz(n->name, "dependency"))
				put_dependency(o, n);
			else
				put_node(o, n, levels, &depth);
			continue;
		}
		if (--depth)
			json_close(o, l->close);
		if (depth && l->wraps)
			json_close(o, '}');
	}
}

hm_err graph_cyclonedx_of_xml(struct hm_cx *cx, struct hm_str bytes, struct json *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_JSON);
	struct json_out o = json_out(&b, false);
	const struct xml_node *top;
	struct hm_str text;
	HM_TRY(xml_parse(cx, bytes, &top));
	if (!hm_starts(top->space, HM_STR(NAMESPACE)) || !hm_eqz(top->name, "bom"))
		return hm_fail(cx, HM_INPUT, "it is XML, and no CycloneDX");
	json_open(&o, NULL, '{');
	json_putz(&o, "bomFormat", "CycloneDX");
	json_put_str(&o, "specVersion", hm_from(top->space, sizeof(NAMESPACE) - 1));
	put_attributes(&o, top);
	put_tree(&o, top);
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "CycloneDX as JSON", &text));
	return json_parse(cx, text, JSON_NO_NUL, out);
}
