/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stanza.h - paragraphs of "Name: value" lines: deb822 (deb-control(5)), RFC 822 headers, manifests
 * of jars.
 */
#ifndef CODEC_STANZA_H
#define CODEC_STANZA_H

#include "base/base.h"

/* Fields of one stanza (deb822, RFC 822 headers, java manifests), in their order. A value keeps its
 * continuation lines, line breaks and all; only white space at its ends is gone. */
struct stanza_field {
	struct hm_str name, value;
};
struct stanza {
	struct stanza_field *p;
	size_t n, cap;
};

/* Does the line begin with a name and ':'? */
bool stanza_is_field(struct hm_str line);
/* Read the next stanza, which empty lines end, and forget the one before; false: no more. Slices of
 * `text`. Lines that are no fields are passed over. */
bool stanza_next(struct hm_cx *cx, struct hm_str *text, struct stanza *s);
/* The value of the first field of this name (ASCII case does not count); empty where absent. */
struct hm_str stanza_get(const struct stanza *s, const char *name);

#endif
