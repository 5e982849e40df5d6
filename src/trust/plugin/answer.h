/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.h - inside plugin/: the answers of plugins, read as a stranger's bytes.
 *
 * Members that the protocol does not name are ignored, for a later minor version may have them.
 */
#ifndef TRUST_PLUGIN_ANSWER_H
#define TRUST_PLUGIN_ANSWER_H

#include "trust/plugin/plugin.h"

/* Of get-plugin-metadata. HM_INPUT: something is missing, or the contract is another. */
HM_MUST hm_err trust_answer_metadata(struct hm_cx *cx, struct hm_str text,
				     struct trust_plugin *out);

/* The protocol's words for an algorithm; NULL: it has none. */
struct trust_plugin_algorithm {
	enum crypto_alg alg;
	const char *key, *hash, *signature; /* "RSA-2048", "SHA-256", "RSASSA-PSS-SHA-256" */
};
const struct trust_plugin_algorithm *trust_plugin_algorithm(enum crypto_alg alg);

/* Of describe-key for the key `id`. HM_TRUST: it is about another key. */
HM_MUST hm_err trust_answer_key(struct hm_cx *cx, struct hm_str text, struct hm_str id,
				enum crypto_alg *out);
/* Of generate-signature. HM_TRUST: by another key or algorithm than was asked for. The chain is the
 * caller's to free; neither it nor the signature is checked. */
HM_MUST hm_err trust_answer_signature(struct hm_cx *cx, struct hm_str text, struct hm_str id,
				      enum crypto_alg alg, struct hm_str *out_signature,
				      struct crypto_chain *out_chain);
/* Of generate-envelope. HM_TRUST: of another type. The envelope is not looked at. */
HM_MUST hm_err trust_answer_envelope(struct hm_cx *cx, struct hm_str text, const char *media_type,
				     struct hm_str *out, struct oci_annotations *out_annotations);

/* Of verify-signature, for the checks in `wanted`. HM_INPUT: one of them is not in it. */
HM_MUST hm_err trust_answer_verdict(struct hm_cx *cx, struct hm_str text,
				    const bool wanted[TRUST_CAPABILITIES],
				    struct trust_plugin_verdict *out);

/* The fault that an error answer stands for; `status` is what the program ended with. HM_INPUT:
 * VALIDATION_ERROR, UNSUPPORTED_CONTRACT_VERSION. HM_DENIED: ACCESS_DENIED. HM_BUSY: TIMEOUT,
 * THROTTLED. HM_SYSTEM: ERROR, any other code, or no answer of that form. */
HM_MUST hm_err trust_answer_error(struct hm_cx *cx, struct hm_str text, int status);

#endif
