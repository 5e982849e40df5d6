/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jws.h - the Notary Project's JWS envelope (signature-envelope-jws.md): a flattened JWS (RFC 7515,
 * 7.2.2) whose certificate chain stands in the unprotected header.
 */
#ifndef ENVELOPE_JWS_H
#define ENVELOPE_JWS_H

#include "envelope/notary.h"

/* The row's sign(). */
HM_MUST hm_err envelope_jws_sign(struct hm_cx *cx, const struct envelope_signing *s,
				 struct hm_str *out);

#endif
