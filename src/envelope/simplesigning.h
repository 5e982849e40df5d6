/* SPDX-License-Identifier: Apache-2.0 */
/*
 * simplesigning.h - what Cosign's signatures of images were over before bundles: a document that
 * names the image.
 *
 *     {"critical": {"identity": {"docker-reference": "registry.example/app"},
 *                   "image": {"docker-manifest-digest": "sha256:..."},
 *                   "type": "cosign container image signature"},
 *      "optional": {"key": "value"}}
 *
 * The signature is over the document's bytes, and stands beside them, in an annotation.
 * Source: cosign, specs/SIGNATURE_SPEC.md; containers/image, docs/containers-signature.5.md.
 */
#ifndef ENVELOPE_SIMPLESIGNING_H
#define ENVELOPE_SIMPLESIGNING_H

#include "base/base.h"

#define ENVELOPE_SIMPLE_TYPE "application/vnd.dev.cosign.simplesigning.v1+json"

/* What a signer adds ("cosign sign -a KEY=VALUE"). */
struct envelope_simple_pair {
	struct hm_str key, value;
};
struct envelope_simple {
	struct hm_str reference; /* what the signer called it; may be empty, and binds nobody */
	struct hm_str digest;    /* of the image's manifest: "sha256:..." */
	struct envelope_simple_pair *pairs; /* those whose value is a text */
	size_t pairs_n;
};
/* HM_INPUT: no such document, or of another type than Cosign's. HM_LIMIT: HM_MAX_SIMPLE_PAYLOAD,
 * HM_MAX_ANNOTATIONS. Its texts are in `cx`. */
HM_MUST hm_err envelope_simple_parse(struct hm_cx *cx, struct hm_str bytes,
				     struct envelope_simple *out);
/* The document's bytes as Cosign writes them: as Go's encoding/json, sorted by key. HM_USAGE: a key
 * is empty, or there twice. HM_LIMIT. */
HM_MUST hm_err envelope_simple_format(struct hm_cx *cx, struct hm_str reference,
				      struct hm_str digest,
				      const struct envelope_simple_pair *pairs, size_t pairs_n,
				      struct hm_str *out);

#endif
