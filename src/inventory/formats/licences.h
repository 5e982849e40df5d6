/* SPDX-License-Identifier: Apache-2.0 */
/*
 * licences.h - is what a package states as its licence an SPDX licence expression?
 *
 * Source: SPDX 2.3, annex D. Identifiers are compared without regard to case and come out in the
 * list's spelling; AND, OR and WITH must be in one case.
 */
#ifndef INVENTORY_FORMATS_LICENCES_H
#define INVENTORY_FORMATS_LICENCES_H

#include "base/base.h"

/* The list's spelling of an identifier; NULL where it is not on the list. */
const char *inventory_licence_id(struct hm_str s);
/* True for a valid expression; *out is then its canonical spelling. */
bool inventory_licence_expression(struct hm_cx *cx, struct hm_str stated, struct hm_str *out);

#endif
