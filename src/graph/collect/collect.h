/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect.h - artifacts come into the graph out of the place where they lie, with all that refers
 * to them.
 *
 * Of a manifest the facts are its own: tags, platforms, base image, source. Of what refers to it
 * the payloads are documents (an SBOM, provenance, VEX, a report), and the signatures are facts
 * about who signed. Whether the trust policy believes a signer is asked of trust/, as verify asks
 * it; where nobody brings a policy along, nothing is said to be believed.
 *
 * A place in doubt is a fault, never "nothing there". What is damaged is refused by name, and the
 * rest goes in.
 */
#ifndef GRAPH_COLLECT_COLLECT_H
#define GRAPH_COLLECT_COLLECT_H

#include "oci/oci.h"
#include "trust/trust.h"

/* What became of one document. */
struct graph_collected {
	struct hm_str origin; /* REGISTRY/REPOSITORY@DIGEST, or a reference with its tag */
	struct graph_taken taken;
	struct hm_str signer; /* the key of an identity; empty: it is not known */
	enum graph_belief belief;
	struct hm_str why_not; /* it was refused; empty: it is there */
};
struct graph_collector {
	struct graph *graph;
	struct hm_str name;                  /* of the collector: "registry", "layout" */
	const struct trust_config *trust;    /* NULL: nobody is asked who is believed */
	struct trust_verify_options options; /* an empty scope: nobody is asked */
	/* The place has only a part of what there is: what it has not is passed over, and an image
	 * whose configuration it has not is no document yet. */
	bool at_hand;
	bool only_new; /* what is known by its digest is not read again */
	/* Told of each; its texts are good during the call. On the thread of graph_collect(). */
	void (*tell)(void *arg, const struct graph_collected *one);
	void *arg;
};
/* What `root` names in the place, which is what `t` says it is; with a tag, that it is called so.
 * HM_BUSY, HM_SYSTEM, HM_DENIED: the place is in doubt; what was told of is there. */
HM_MUST hm_err graph_collect(struct hm_cx *cx, const struct graph_collector *c,
			     struct oci_place *place, const struct oci_target *t,
			     const struct oci_descriptor *root, struct hm_str tag);
/* What a manifest of the place is about in the end: its subject's subject, and so on; with a tag of
 * Cosign's ("sha256-HEX.sig") the image that this names; else itself. Not found: the place does not
 * have it (yet). HM_INPUT, HM_LIMIT: what is there is damaged. */
HM_MUST hm_err graph_collect_top(struct hm_cx *cx, struct oci_place *place, struct hm_str digest,
				 struct hm_str tag, struct oci_descriptor *out, bool *out_found);
/* Only that it is called so. */
HM_MUST hm_err graph_collect_tag(struct hm_cx *cx, const struct graph_collector *c,
				 const struct oci_target *t, struct hm_str digest,
				 struct hm_str tag);

#endif
