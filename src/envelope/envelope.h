/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope.h - a payload and who signed it, in one of the field's formats. Nothing about trust.
 *
 * Three steps that do not know each other. Parsing reads what an envelope says and judges nothing;
 * verifying holds one of its signatures against one key; signing makes an envelope. A format is a
 * row of formats.list and a file that defines envelope_format_NAME. Whom to believe is trust/'s
 * part.
 * Sources: Notary Project signature-specification.md, signature-envelope-jws.md,
 * signature-envelope-cose.md; RFC 7515, RFC 7518; RFC 9052.
 */
#ifndef ENVELOPE_ENVELOPE_H
#define ENVELOPE_ENVELOPE_H

#include "base/base.h"
#include "crypto/crypto.h"

#define ENVELOPE_COSE_TYPE      "application/cose"
#define ENVELOPE_JWS_TYPE       "application/jose+json"
#define ENVELOPE_NOTARY_PAYLOAD "application/vnd.cncf.notary.payload.v1+json"

/* --- parse --- */

/* A signed attribute that the format's reader does not know. Whether a critical one is acceptable
 * is the verifier's to decide: it would take the plugin that understands it. */
struct envelope_attribute {
	struct hm_str name;
	bool critical;
	struct hm_str json; /* its value as JSON text */
};

/* What only the Notary Project's formats say of a signature. */
enum envelope_scheme { ENVELOPE_X509, ENVELOPE_SIGNING_AUTHORITY };
struct envelope_notary {
	enum envelope_scheme scheme;
	int64_t signing_time; /* signingTime or authenticSigningTime */
	int64_t expiry;       /* 0: none */
	struct hm_str verification_plugin, plugin_min_version;
	struct hm_str signing_agent; /* not signed */
};

/* What a signature brings along for whoever verifies it. */
enum envelope_material {
	ENVELOPE_NO_MATERIAL, /* the verifier knows the key */
	ENVELOPE_CHAIN,       /* certificates */
	ENVELOPE_KEY_ID,      /* the name of a key that the verifier has */
	ENVELOPE_PROOFS,      /* a certificate with proofs of log and time */
};

struct envelope_signature {
	enum crypto_alg alg;        /* 0: the format does not say it, the key does */
	struct hm_str signed_bytes; /* what the primitive signature is over */
	struct hm_str value;        /* the primitive signature, which a timestamp covers */
	enum envelope_material material;
	struct crypto_chain chain; /* ENVELOPE_CHAIN: leaf first */
	struct hm_str key_id;      /* ENVELOPE_KEY_ID */
	struct hm_str timestamp;   /* DER of an RFC 3161 token; empty: none */
	struct envelope_attribute *attributes;
	size_t attributes_n;
	const struct envelope_notary *notary; /* NULL: the format is not the Notary Project's */
};

struct envelope {
	struct hm_str payload; /* the bytes that were signed */
	struct hm_str content_type;
	struct envelope_signature *signatures; /* one at least */
	size_t signatures_n;
};
void envelope_done(struct envelope *e); /* before the arena that it points into */
#define ENVELOPE_AUTO HM_CLEANUP(envelope_done) struct envelope

/* Read an envelope of that media type; it points into `bytes`. No signature of it is verified yet.
 * HM_INPUT: the type is not known, or the bytes are malformed. HM_LIMIT: they are too many. */
HM_MUST hm_err envelope_parse(struct hm_cx *cx, struct hm_str media_type, struct hm_str bytes,
			      struct envelope *out);

/* --- verify --- */

/* Is the signature by this key? HM_TRUST: it is not. */
HM_MUST hm_err envelope_verify(struct hm_cx *cx, const struct envelope_signature *s,
			       const struct crypto_key *key);
/* Is it by the key of its own leaf certificate, and does its chain meet the rules for code signing
 * (crypto_chain_check)? Whose certificate that is, nobody has asked yet. HM_INPUT: it has no
 * certificates, or a key of no known kind. HM_TRUST: the signature or the chain is bad. */
HM_MUST hm_err envelope_verify_own(struct hm_cx *cx, const struct envelope_signature *s);

/* --- sign --- */

struct envelope_signing {
	struct hm_str payload, content_type;
	int64_t signing_time;
	int64_t expiry; /* 0: none */
	enum envelope_scheme scheme;
	struct hm_str signing_agent;
	const struct crypto_signer *signer;
	/* The signer's, leaf first. Where it comes with the signature (signer->chain()), what that
	 * gives: it is filled when the signature is made. */
	const struct crypto_chain *chain;
	/* Called once the primitive signature is made: a timestamp token over it, which goes into
	 * the envelope. A fault ends the signing. NULL: no timestamp. */
	HM_MUST hm_err (*stamp)(struct hm_cx *cx, void *arg, struct hm_str signature,
				struct hm_str *out_token);
	void *stamp_arg;
};

struct envelope_format {
	const char *name; /* "jws" */
	const char *media_type;
	/* The bytes are within HM_MAX_ENVELOPE. What is in *out after a fault is freed. */
	HM_MUST hm_err (*parse)(struct hm_cx *cx, struct hm_str bytes, struct envelope *out);
	/* NULL: this format is only read. */
	HM_MUST hm_err (*sign)(struct hm_cx *cx, const struct envelope_signing *s,
			       struct hm_str *out);
};
extern const struct envelope_format *const envelope_formats[]; /* ended by NULL */
/* NULL: no such format. */
const struct envelope_format *envelope_format_by_type(struct hm_str media_type);
/* One that is also written. NULL: no such format. */
const struct envelope_format *envelope_format_by_name(struct hm_str name);

/* --- Sigstore's bundle --- */
#include "envelope/bundle.h"

/* --- Cosign's documents --- */
#include "envelope/cosign.h"
#include "envelope/simplesigning.h"

#endif
