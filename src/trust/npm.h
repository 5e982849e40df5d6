/* SPDX-License-Identifier: Apache-2.0 */
/*
 * npm.h - what npm's registry attests beside a package's provenance.
 */
#ifndef TRUST_NPM_H
#define TRUST_NPM_H

#include "trust/trust.h"

struct trust_npm {
	struct hm_str keys;    /* text of keys.json; empty: who published it is not asked */
	struct hm_str package; /* "@scope/name", or that and "@1.0.0"; empty: any */
	const struct sigstore_root *root;
	const struct sigstore_artifact *artifact;
};
/* Is `claim`, a statement that is believed, about that package, and is the registry's attestation
 * among the documents, good, and about the same? HM_TRUST, HM_INPUT: it is not. */
HM_MUST hm_err trust_npm_check(struct hm_cx *cx, const struct trust_npm *q,
			       const struct trust_document *documents, size_t n,
			       struct hm_str claim);

#endif
