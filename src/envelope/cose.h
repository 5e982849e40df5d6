/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cose.h - the Notary Project's COSE envelope (signature-envelope-cose.md): a tagged COSE_Sign1
 * (RFC 9052, 4.2) whose certificate chain stands in the unprotected header.
 */
#ifndef ENVELOPE_COSE_H
#define ENVELOPE_COSE_H

#include "envelope/notary.h"

/* What every envelope begins with: the tag of COSE_Sign1, and an array of four. */
#define COSE_HEAD "\xd2\x84"

/* Labels of header parameters (IANA, "COSE Header Parameters"). */
enum cose_label {
	COSE_ALG = 1,
	COSE_CRIT = 2,
	COSE_CONTENT_TYPE = 3,
	COSE_KID = 4,
	COSE_IV = 5,
	COSE_PARTIAL_IV = 6,
	COSE_COUNTERSIGNATURE = 7,
	COSE_LAST_OWN = 8, /* those that "crit" must not name */
	COSE_COUNTERSIGNATURE0 = 9,
	COSE_COUNTERSIGNATURE_V2 = 11,
	COSE_COUNTERSIGNATURE0_V2 = 12,
	COSE_TYP = 16,
	COSE_X5CHAIN = 33,
};

/* The Sig_structure (RFC 9052, 4.4), which the primitive signature is over. */
HM_MUST hm_err envelope_cose_signed_bytes(struct hm_cx *cx, struct hm_str protected,
					  struct hm_str payload, struct hm_str *out);
/* The row's sign(). */
HM_MUST hm_err envelope_cose_sign(struct hm_cx *cx, const struct envelope_signing *s,
				  struct hm_str *out);

#endif
