/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cosign.h - Cosign's form before bundles: what is signed is a blob, and all that belongs to the
 * signature stands in annotations beside it. Read as a bundle, so that both are judged alike.
 * Sources: cosign, specs/SIGNATURE_SPEC.md and specs/ATTESTATION_SPEC.md.
 */
#ifndef ENVELOPE_COSIGN_H
#define ENVELOPE_COSIGN_H

#include "envelope/bundle.h"

#define ENVELOPE_COSIGN_SIGNATURE   "dev.cosignproject.cosign/signature"
#define ENVELOPE_COSIGN_CERTIFICATE "dev.sigstore.cosign/certificate"
#define ENVELOPE_COSIGN_CHAIN       "dev.sigstore.cosign/chain"
#define ENVELOPE_COSIGN_BUNDLE      "dev.sigstore.cosign/bundle"
#define ENVELOPE_COSIGN_TIMESTAMP   "dev.sigstore.cosign/rfc3161timestamp"

/* The annotations' texts; empty: not there. */
struct envelope_cosign {
	struct hm_str signature;          /* base64; of a DSSE envelope empty */
	struct hm_str certificate, chain; /* PEM */
	struct hm_str bundle;             /* JSON: what the log promised (SET), and the entry */
	struct hm_str timestamp;          /* JSON: the answer of a timestamping authority */
};
/* A signature over `bytes`, which are a document (ENVELOPE_SIMPLE_TYPE) or a DSSE envelope
 * (ENVELOPE_DSSE_TYPE). Whoever signed with a key has no certificate. HM_INPUT, HM_LIMIT. */
HM_MUST hm_err envelope_cosign_read(struct hm_cx *cx, struct hm_str media_type, struct hm_str bytes,
				    const struct envelope_cosign *beside,
				    struct envelope_bundle *out);

#endif
