/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xml.h"

#include <expat.h>

enum { SEPARATOR = '\n' }; /* of namespace and name: it is in no URI */

struct reading {
	struct hm_cx *cx;
	XML_Parser parser;
	struct xml_node top, *at;
	struct hm_buf text;   /* of the element that is open */
	HM_VEC(size_t) marks; /* where the text of those around it ends */
	hm_err err;
};

static void stop(struct reading *r, hm_err err)
{
	if (!r->err)
		r->err = err;
	XML_StopParser(r->parser, XML_FALSE);
}

static struct hm_str split_name(struct reading *r, const char *name, struct hm_str *out_space)
{
	struct hm_str all = hm_dup(r->cx, hm_cstr(name));
	size_t at = hm_find_char(all, SEPARATOR);
	*out_space = at == SIZE_MAX ? HM_STR("") : hm_sub(all, 0, at);
	return at == SIZE_MAX ? all : hm_from(all, at + 1);
}

static void XMLCALL begin_element(void *arg, const char *name, const char **attributes)
{
	struct reading *r = arg;
	struct xml_node *n = hm_new(r->cx, struct xml_node, 1);
	size_t count = 0;
	struct hm_str space;
	if (r->marks.n >= HM_MAX_XML_DEPTH) {
		stop(r, hm_fail(r->cx, HM_LIMIT, "more than %zu elements in each other",
				(size_t)HM_MAX_XML_DEPTH));
		return;
	}
	while (attributes[2 * count])
		count++;
	struct xml_attribute *list = hm_new(r->cx, struct xml_attribute, count);
	for (size_t i = 0; i < count; i++)
		list[i] = (struct xml_attribute){ split_name(r, attributes[2 * i], &space),
						  hm_dup(r->cx, hm_cstr(attributes[2 * i + 1])) };
	n->name = split_name(r, name, &n->space);
	n->attributes = list;
	n->attributes_n = count;
	n->parent = r->at;
	if (r->at->last)
		r->at->last->next = n;
	else
		r->at->first = n;
	r->at->last = n;
	r->at = n;
	*hm_push(r->cx, &r->marks) = r->text.n;
}

static void XMLCALL end_element(void *arg, const char *name)
{
	struct reading *r = arg;
	size_t mark = r->marks.p[--r->marks.n];
	(void)name;
	r->at->text = hm_dup(r->cx, hm_trim(hm_from(hm_buf_str(&r->text), mark)));
	r->text.n = mark;
	r->at = r->at->parent;
}

/* Text of an element that goes on behind a child would come after the child's mark: the child's own
 * is taken away by then. */
static void XMLCALL add_text(void *arg, const char *text, int n)
{
	struct reading *r = arg;
	hm_buf_add(&r->text, hm_bytes(text, (size_t)n));
	if (r->text.over)
		stop(r, hm_fail(r->cx, HM_LIMIT, "its text is too long"));
}

static void XMLCALL refuse_doctype(void *arg, const char *name, const char *system_id,
				   const char *public_id, int has_subset)
{
	struct reading *r = arg;
	(void)name, (void)system_id, (void)public_id, (void)has_subset;
	stop(r, hm_fail(r->cx, HM_INPUT, "it has a document type declaration"));
}

static hm_err run(struct hm_cx *cx, struct reading *r, struct hm_str bytes)
{
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, begin_element, end_element);
	XML_SetCharacterDataHandler(r->parser, add_text);
	XML_SetStartDoctypeDeclHandler(r->parser, refuse_doctype);
	enum XML_Status status = XML_Parse(r->parser, bytes.p, (int)bytes.n, 1);
	if (r->err)
		return r->err;
	if (status != XML_STATUS_OK)
		return hm_fail(cx, HM_INPUT, "line %lu, column %lu: %s",
			       (unsigned long)XML_GetCurrentLineNumber(r->parser),
			       (unsigned long)XML_GetCurrentColumnNumber(r->parser) + 1,
			       XML_ErrorString(XML_GetErrorCode(r->parser)));
	return hm_alive(cx);
}

hm_err xml_parse(struct hm_cx *cx, struct hm_str bytes, const struct xml_node **out)
{
	struct reading r = { .cx = cx, .text = HM_BUF(HM_MAX_JSON) };
	r.at = &r.top;
	if (bytes.n > HM_MAX_JSON)
		return hm_fail(cx, HM_LIMIT, "an XML document of %zu bytes", bytes.n);
	r.parser = XML_ParserCreateNS(NULL, SEPARATOR);
	if (!r.parser)
		return hm_fail(cx, HM_SYSTEM, "no memory for XML");
	hm_err err = run(cx, &r, bytes);
	XML_ParserFree(r.parser);
	hm_buf_done(&r.text);
	HM_TRY_IN(cx, err, "XML");
	r.top.first->parent = NULL;
	*out = r.top.first;
	return NULL;
}

struct hm_str xml_attribute(const struct xml_node *n, const char *name)
{
	for (size_t i = 0; i < n->attributes_n; i++)
		if (hm_eqz(n->attributes[i].name, name))
			return n->attributes[i].value;
	return (struct hm_str){ "", 0 };
}
