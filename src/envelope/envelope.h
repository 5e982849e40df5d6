/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope.h - a payload and who signed it, in one of the field's formats. Nothing about trust.
 *
 * A format is a row of envelope_formats[]. Opening checks form, critical attributes, certificate
 * rules and the primitive signature over the bytes as they came; whom to believe is trust/'s part.
 * Sources: Notary Project signature-specification.md, signature-envelope-jws.md; RFC 7515, RFC
 * 7518.
 */
#ifndef ENVELOPE_ENVELOPE_H
#define ENVELOPE_ENVELOPE_H

#include "base/base.h"
#include "crypto/crypto.h"

#define ENVELOPE_JWS_TYPE       "application/jose+json"
#define ENVELOPE_NOTARY_PAYLOAD "application/vnd.cncf.notary.payload.v1+json"

enum envelope_scheme { ENVELOPE_X509, ENVELOPE_SIGNING_AUTHORITY };

/* An attribute that the specification does not know. Whether a critical one is acceptable is the
 * verifier's to decide: it would take the plugin that understands it. */
struct envelope_attribute {
	struct hm_str name;
	bool critical;
	struct hm_str json; /* its value as JSON text */
};

/* What an envelope says, after its signature was checked with its own leaf certificate. */
struct envelope {
	struct hm_str payload; /* the bytes that were signed */
	struct hm_str content_type;
	enum crypto_alg alg;
	enum envelope_scheme scheme;
	int64_t signing_time; /* signingTime or authenticSigningTime; 0: none */
	int64_t expiry;       /* 0: none */
	struct hm_str verification_plugin, plugin_min_version;
	struct envelope_attribute *attributes; /* all others */
	size_t attributes_n;
	struct crypto_chain chain; /* leaf first; freed by envelope_done() */
	struct hm_str signature;   /* the primitive signature, which a timestamp covers */
	struct hm_str timestamp;   /* DER of the token; empty: none */
	struct hm_str signing_agent;
};
void envelope_done(struct envelope *e);
#define ENVELOPE_AUTO HM_CLEANUP(envelope_done) struct envelope

struct envelope_signing {
	struct hm_str payload, content_type;
	int64_t signing_time;
	int64_t expiry; /* 0: none */
	enum envelope_scheme scheme;
	struct hm_str signing_agent;
	const struct crypto_key *key;
	const struct crypto_chain *chain;
};

struct envelope_format {
	const char *name; /* "jws" */
	const char *media_type;
	HM_MUST hm_err (*sign)(struct hm_cx *cx, const struct envelope_signing *s,
			       struct hm_str *out);
	/* HM_INPUT: malformed, unknown critical header, wrong type. HM_TRUST: the signature or
	 * chain is bad. */
	HM_MUST hm_err (*open)(struct hm_cx *cx, struct hm_str bytes, struct envelope *out);
};
extern const struct envelope_format envelope_formats[]; /* ended by a row without name */
/* NULL: no such format. */
const struct envelope_format *envelope_format_by_type(struct hm_str media_type);

#endif
