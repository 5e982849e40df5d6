/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml.h - XML 1.0 read into a tree under limits.
 *
 * Reading stands on Expat. A document type declaration is refused, and with it all entities but the
 * five of XML itself: nothing is expanded, nothing is fetched. Names are without the prefix of
 * their namespace; comments and processing instructions are left out.
 */
#ifndef CODEC_XML_H
#define CODEC_XML_H

#include "base/base.h"

struct xml_attribute {
	struct hm_str name, value;
};
struct xml_node {
	struct hm_str name, space; /* local name, URI of its namespace (may be empty) */
	const struct xml_attribute *attributes;
	size_t attributes_n;
	struct hm_str text;                   /* all text right in it, trimmed */
	struct xml_node *first, *last, *next; /* children, and the next of its parent's */
	struct xml_node *parent;
};

/* HM_INPUT with line and column, or a DOCTYPE; HM_LIMIT past HM_MAX_XML_DEPTH, HM_MAX_JSON bytes or
 * the budget. The tree stays good as long as cx; `bytes` may go. */
HM_MUST hm_err xml_parse(struct hm_cx *cx, struct hm_str bytes, const struct xml_node **out);
/* An attribute's value; empty: there is none. */
struct hm_str xml_attribute(const struct xml_node *n, const char *name);

#endif
