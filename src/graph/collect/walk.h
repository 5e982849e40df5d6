/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk.h - inside graph/collect/: one walk over an artifact and what refers to it.
 */
#ifndef GRAPH_COLLECT_WALK_H
#define GRAPH_COLLECT_WALK_H

#include "graph/room.h"

/* Why a manifest is looked at. */
enum graph_collect_role {
	GRAPH_AS_IMAGE,     /* it was asked for, or is one of an index */
	GRAPH_AS_REFERRER,  /* it refers to another */
	GRAPH_AS_SIGNATURE, /* the same, and holds signatures */
	GRAPH_AS_BUILT,     /* statements of a builder, in the image's index */
	GRAPH_AS_TAGGED     /* an SBOM under Cosign's tag */
};
struct graph_collect_node {
	struct oci_descriptor d;
	struct oci_descriptor subject; /* what it is about; no digest: nothing */
	enum graph_collect_role role;
	unsigned depth;
};
struct graph_collect_walk {
	struct hm_cx *cx; /* of the walk: what is still to be looked at */
	const struct graph_collector *c;
	struct oci_place *place;
	const struct oci_target *target;
	const struct trust_statement *statement; /* NULL: nobody is asked, or none applies */
	bool is_asked;                           /* the trust policy is */
	HM_VEC(struct graph_collect_node) todo;
	struct hm_map seen;
};

/* Who signed something. */
struct graph_collect_signers {
	struct hm_str
		first;  /* the key of an identity: the first that is believed, else the first */
	bool some_good; /* a signature holds, by a signer whom the policy believes */
	bool has_new;   /* some were not known before */
};

/* --- what is written (put.c) --- */

/* Broken is a property of what was read; anything else may look different on another day. */
bool graph_collect_is_broken(hm_err err);
struct hm_str graph_collect_origin(struct hm_cx *cx, const struct graph_collect_walk *w,
				   struct hm_str digest);
/* Is a document of that digest there, and not to be read again? */
HM_MUST hm_err graph_collect_is_known(struct hm_cx *cx, const struct graph_collector *c,
				      struct hm_str digest, bool *out);
/* Who signed a document that is there, as it was found then. */
HM_MUST hm_err graph_collect_kept(struct hm_cx *cx, const struct graph_collector *c,
				  struct hm_str digest, struct graph_collect_signers *out);
/* It is refused, and told of. */
void graph_collect_refuse(struct hm_cx *cx, const struct graph_collect_walk *w,
			  struct hm_str digest, const char *why);

/* Facts that were read here; their document is the manifest `bytes`, or a text. */
struct graph_collect_said {
	struct graph_doc *doc;
	struct hm_str origin, digest;
	size_t size;
	struct hm_str signer;
	enum graph_belief belief;
	bool is_dated; /* said again, it holds from now on */
};
HM_MUST hm_err graph_collect_put(struct hm_cx *cx, const struct graph_collector *c,
				 const struct graph_collect_said *s);
/* A document of the graph's formats. What is of none is passed over, unless it `must` be one. */
struct graph_collect_payload {
	struct hm_str bytes;
	struct hm_str origin; /* a digest: of the manifest that it comes from */
	struct hm_str signer;
	enum graph_belief belief;
	bool must;
};
HM_MUST hm_err graph_collect_take(struct hm_cx *cx, const struct graph_collect_walk *w,
				  const struct graph_collect_payload *p);
/* An artifact of the document by its digest, "sha256:...". */
graph_ref graph_collect_artifact(struct hm_cx *cx, struct graph_doc *d, struct hm_str digest);

/* --- what manifests say (image.c), and who signed (signed.c) --- */

/* The media type of an image's configuration? */
bool graph_collect_is_config(struct hm_str media_type);
HM_MUST hm_err graph_collect_image(struct hm_cx *cx, struct graph_collect_walk *w,
				   const struct graph_collect_node *n, const struct oci_manifest *m,
				   struct graph_doc *d);
/* The signatures of the node: each manifest of them is a document; what they sign, too. */
HM_MUST hm_err graph_collect_signatures(struct hm_cx *cx, struct graph_collect_walk *w,
					const struct graph_collect_node *n,
					struct graph_collect_signers *out);

#endif
