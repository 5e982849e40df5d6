/* SPDX-License-Identifier: Apache-2.0 */
/*
 * markup.h - the elements of an XML document (XML 1.0), one after the other, and the text of those
 * that hold nothing else: what Maven's files need. Attributes, entities, comments and marked
 * sections are passed over; where a document is wrong, what stands before that still counts.
 */
#ifndef CODEC_MARKUP_H
#define CODEC_MARKUP_H

#include "base/base.h"

enum { MARKUP_DEPTH = 64 };

struct markup {
	struct hm_str rest; /* set it: what is still to be read */
	struct hm_str names[MARKUP_DEPTH];
	size_t depth; /* of the elements that are open, the one in question among them */
	bool is_end;  /* it ends here; else it begins */
	struct hm_str
		value; /* of one that ends: its text, trimmed; empty: it has elements, or none */
	bool closes;   /* inside: the next step leaves it */
};

/* The next begin or end of an element, "<name/>" left out. False: no more, or deeper than
 * MARKUP_DEPTH. */
bool markup_next(struct markup *m);
/* Are the open elements these, "project/parent/version"? */
bool markup_is(const struct markup *m, const char *path);

#endif
