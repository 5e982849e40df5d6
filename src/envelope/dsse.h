/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsse.h - a DSSE envelope within another document.
 */
#ifndef ENVELOPE_DSSE_H
#define ENVELOPE_DSSE_H

#include "codec/json.h"
#include "envelope/envelope.h"

/* Out of a document that was parsed, and into one. */
HM_MUST hm_err envelope_dsse_read(struct hm_cx *cx, struct json top, struct envelope *out);
void envelope_dsse_put(struct hm_cx *cx, struct json_out *o, const struct envelope *e);

#endif
