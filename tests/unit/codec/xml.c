/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "codec/xml.h"

static void reads(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	const struct xml_node *top;
	assert_ok(
		xml_parse(&cx,
			  HM_STR("\xef\xbb\xbf<?xml version='1.0'?><!-- c --><p:a xmlns:p='urn:x' "
				 "k='1 &amp; 2'> t<b/>u <c><![CDATA[<x>]]></c>&#228;</p:a>"),
			  &top));
	assert_strz(top->name, "a");
	assert_strz(top->space, "urn:x");
	assert_strz(xml_attribute(top, "k"), "1 & 2");
	assert_strz(xml_attribute(top, "none"), "");
	assert_strz(top->text, "tu \xc3\xa4");
	assert_strz(top->first->name, "b");
	assert_strz(top->first->text, "");
	assert_strz(top->first->next->text, "<x>");
	assert_null(top->last->next);
	assert_null(top->next);
}

static const struct bad_case {
	const char *label, *text, *why;
} bad[] = {
	{ "nothing", "", "no element found" },
	{ "no XML", "{}", "line 1, column 1" },
	{ "cut short", "<a><b>", "no element found" },
	{ "two tops", "<a/><b/>", "junk after document element" },
	{ "an element that is not closed", "<a><b></a>", "mismatched tag" },
	{ "a prefix of no namespace", "<p:a/>", "unbound prefix" },
	{ "an entity of its own", "<a>&x;</a>", "undefined entity" },
	{ "a declaration", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
	  "document type declaration" },
	{ "bytes that are no text", "<a>\xff</a>", "not well-formed" },
	{ "an attribute twice", "<a k='1' k='2'/>", "duplicate attribute" },
};

static void refuses(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	const struct xml_node *top;
	assert_fault(xml_parse(&cx, hm_cstr(t->text), &top), HM_INPUT, t->why);
}

/* So deep it is read, and no deeper. */
static void has_a_depth(void **state)
{
	(void)state;
	for (size_t n = HM_MAX_XML_DEPTH; n <= HM_MAX_XML_DEPTH + 1; n++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		HM_AUTO_BUF b = HM_BUF(HM_MIB);
		const struct xml_node *top;
		for (size_t i = 0; i < n; i++)
			hm_buf_addz(&b, "<a>");
		for (size_t i = 0; i < n; i++)
			hm_buf_addz(&b, "</a>");
		hm_err err = xml_parse(&cx, hm_buf_str(&b), &top);
		if (n == HM_MAX_XML_DEPTH)
			assert_ok(err);
		else
			assert_fault(err, HM_LIMIT, "64 elements in each other");
	}
}

int main(void)
{
	UNIT(reads);
	UNIT_TABLE(refuses, bad);
	UNIT(has_a_depth);
	return unit_run("codec/xml");
}
