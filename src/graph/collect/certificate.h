/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate.h - inside graph/collect/: what a signing certificate says, of which the graph keeps
 * when it ends and what revocation lists call it and those above it.
 */
#ifndef GRAPH_COLLECT_CERTIFICATE_H
#define GRAPH_COLLECT_CERTIFICATE_H

#include "crypto/crypto.h"
#include "graph/doc.h"

struct graph_collect_certificate {
	int64_t ends;                        /* seconds since 1970; 0: it has no end */
	HM_VEC(struct crypto_issued) issued; /* its own first, then of those above, but the root */
};
/* Of an empty chain: nothing. */
void graph_collect_read_certificate(struct hm_cx *cx, const struct crypto_chain *chain,
				    struct graph_collect_certificate *out);
/* Facts about the identity: hasMetadata "notAfter", and "issued" with "issuer" and "issuerKey" for
 * each certificate. Those of keyless signing, which live for minutes, have only the first. */
void graph_collect_say_certificate(struct hm_cx *cx, const struct graph_collect_certificate *c,
				   struct hm_str identity, struct graph_doc *d);

#endif
