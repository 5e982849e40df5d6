/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle_claim.h - what one signature of Sigstore's says, shown. Nothing here is verified.
 */
#ifndef CLI_BUNDLE_CLAIM_H
#define CLI_BUNDLE_CLAIM_H

#include "codec/json.h"
#include "trust/trust.h"

struct cli_bundle_claim {
	struct hm_str digest; /* of the manifest that holds it */
	const char *format;   /* "bundle", "cosign" */
	struct hm_str type;   /* of its bytes */
	struct envelope_bundle bundle;
	struct sigstore_answer says; /* of its certificate */
	struct hm_str predicate;     /* of a DSSE envelope; empty: none */
	hm_err err;                  /* why it cannot be shown; or NULL */
};
/* Reads the bytes; what is wrong with them is out->err. */
void cli_bundle_claim_read(struct hm_cx *cx, struct hm_str bytes,
			   const struct oci_annotations *beside, struct cli_bundle_claim *out);
void cli_bundle_claim_done(struct cli_bundle_claim *c);
/* As members of an open object. */
void cli_bundle_claim_put(struct hm_cx *cx, struct json_out *o, const struct cli_bundle_claim *c);
/* For people. */
void cli_bundle_claim_tabulate(struct hm_cx *cx, const struct cli_bundle_claim *c,
			       struct hm_buf *out);

#endif
