/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle.h - Sigstore's bundle: a signature with whatever proves who made it, and when.
 *
 * Read as it is; that its parts belong together, nobody has looked yet (trust/sigstore/).
 * Source: protobuf-specs, sigstore_bundle.proto and sigstore_rekor.proto, versions 0.1 to 0.3.
 */
#ifndef ENVELOPE_BUNDLE_H
#define ENVELOPE_BUNDLE_H

#include "base/base.h"
#include "crypto/crypto.h"

struct envelope;

#define ENVELOPE_BUNDLE_TYPE "application/vnd.dev.sigstore.bundle.v0.3+json"
#define ENVELOPE_DSSE_TYPE   "application/vnd.dsse.envelope.v1+json"
#define ENVELOPE_IN_TOTO     "application/vnd.in-toto+json"

/* An entry of a transparency log. */
struct bundle_entry {
	struct hm_str kind, version; /* "hashedrekord", "0.0.1" */
	struct hm_str log_id;        /* raw: SHA-256 of the log's key, or another id (Rekor v2) */
	uint64_t index;              /* in the whole log */
	int64_t integrated_time;     /* 0: it says none */
	struct hm_str body;          /* what the log has of it, canonical JSON; empty: not given */
	struct hm_str promise;       /* the log's signature over the entry (SET); empty: none */
	bool has_proof;
	uint64_t proof_index, proof_size;
	struct hm_str root;    /* raw */
	struct hm_str *hashes; /* raw */
	size_t hashes_n;
	struct hm_str checkpoint; /* a signed note; empty: none */
};

enum bundle_material { BUNDLE_CHAIN, BUNDLE_CERTIFICATE, BUNDLE_KEY };
struct envelope_bundle {
	unsigned version; /* 1, 2, 3: of "0.1" ... */
	enum bundle_material material;
	struct crypto_chain chain; /* leaf first; of BUNDLE_CERTIFICATE the leaf alone */
	struct hm_str key_hint;    /* of BUNDLE_KEY; may be empty */
	struct bundle_entry *entries;
	size_t entries_n;
	struct hm_str *timestamps; /* DER: answers of timestamping authorities (TimeStampResp) */
	size_t timestamps_n;
	/* One of the two: a DSSE envelope with one signature, or a signature over an artifact. */
	struct envelope *dsse;         /* NULL: a message signature */
	enum crypto_digest digest_alg; /* of the artifact, as the bundle says: a hint */
	struct hm_str digest;          /* raw; of a message signature */
	struct hm_str signature;       /* the primitive one, of either */
};
void envelope_bundle_done(struct envelope_bundle *b);
#define ENVELOPE_AUTO_BUNDLE HM_CLEANUP(envelope_bundle_done) struct envelope_bundle

/* 1 for "0.1" and so on; 0: it is no media type of a bundle that is known. */
unsigned envelope_bundle_version(struct hm_str media_type);
/* HM_INPUT: no bundle of a version that is known, or one that lacks what its version must have.
 * HM_LIMIT: HM_MAX_ENVELOPE, HM_MAX_BUNDLE_ENTRIES, HM_MAX_BUNDLE_TIMESTAMPS. */
HM_MUST hm_err envelope_bundle_parse(struct hm_cx *cx, struct hm_str bytes,
				     struct envelope_bundle *out);

/* A digest's name in bundles, "SHA2_256". NULL: it has none. */
const char *envelope_bundle_digest_name(enum crypto_digest alg);
/* As version 0.3: what is in *b, which has a certificate or a key's hint. HM_LIMIT:
 * HM_MAX_ENVELOPE. */
HM_MUST hm_err envelope_bundle_write(struct hm_cx *cx, const struct envelope_bundle *b,
				     struct hm_str *out);
/* One entry of a log, as Rekor's second version answers (TransparencyLogEntry): with all that a
 * bundle of version 0.3 must have of it. Faults as envelope_bundle_parse(). */
HM_MUST hm_err envelope_bundle_entry_parse(struct hm_cx *cx, struct hm_str text,
					   struct bundle_entry *out);

/* --- DSSE (secure-systems-lab/dsse, protocol.md 1.0.2) --- */

/* What a DSSE signature is over. */
HM_MUST hm_err envelope_dsse_signed_bytes(struct hm_cx *cx, struct hm_str type,
					  struct hm_str payload, struct hm_str *out);
/* An envelope as text, with what is in its signatures. */
HM_MUST hm_err envelope_dsse_write(struct hm_cx *cx, const struct envelope *e, struct hm_str *out);
/* An envelope with one signature; `key_id` may be empty. */
HM_MUST hm_err envelope_dsse_sign(struct hm_cx *cx, struct hm_str type, struct hm_str payload,
				  const struct crypto_signer *signer, struct hm_str key_id,
				  struct hm_str *out);

#endif
