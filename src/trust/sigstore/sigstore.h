/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sigstore.h - whose word counts in Sigstore's world, and what a bundle is worth by it.
 *
 * A trusted root names authorities, each with its keys or certificates and the time for which they
 * are believed: of certificates (Fulcio), of certificate transparency logs, of transparency logs
 * (Rekor), of time. Given a root and what the caller expects, a bundle is verified in the order of
 * sigstore's client specification (architecture-docs, client-spec.md, 4); each step is a named
 * fault.
 * Sources: protobuf-specs, sigstore_trustroot.proto; client-spec.md; RFC 6962, RFC 3161.
 */
#ifndef TRUST_SIGSTORE_SIGSTORE_H
#define TRUST_SIGSTORE_SIGSTORE_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "envelope/envelope.h"
#include "log/log.h"

/* When an authority is believed; both ends belong to it. */
struct sigstore_validity {
	int64_t from;  /* INT64_MIN: since ever */
	int64_t until; /* INT64_MAX: it is still */
};
/* A log: of artifacts' signatures, or of certificates. */
struct sigstore_log {
	struct hm_str base_url; /* its host is the origin of Rekor v2's checkpoints */
	struct hm_str id;       /* raw */
	struct crypto_key key;
	struct sigstore_validity valid;
};
/* An authority of certificates or of time. */
struct sigstore_authority {
	struct hm_str uri;
	struct crypto_chain chain; /* the root last */
	struct sigstore_validity valid;
};
struct sigstore_root {
	struct sigstore_log *logs, *ctlogs;
	size_t logs_n, ctlogs_n;
	struct sigstore_authority *authorities, *timestampers;
	size_t authorities_n, timestampers_n;
};
/* `text` is a trusted_root.json. An authority with a key of no known kind is left out. HM_INPUT.
 * HM_LIMIT: HM_MAX_TRUSTED_ROOT, HM_MAX_AUTHORITIES. */
HM_MUST hm_err trust_sigstore_root_parse(struct hm_cx *cx, struct hm_str text,
					 struct sigstore_root *out);
void trust_sigstore_root_done(struct sigstore_root *r);
#define SIGSTORE_AUTO_ROOT HM_CLEANUP(trust_sigstore_root_done) struct sigstore_root

/* Who is meant by a certificate's name and issuer. An empty text is any. */
struct sigstore_identity {
	struct hm_str subject, issuer; /* exactly */
};

/* What a bundle must be about, by whoever has it. */
struct sigstore_artifact {
	/* Its digest, raw. HM_TRUST: only another one is known. */
	HM_MUST hm_err (*digest)(struct hm_cx *cx, void *arg, enum crypto_digest alg,
				 struct hm_str *out);
	/* The artifact itself, for algorithms that sign it whole (Ed25519, ML-DSA). HM_TRUST: only
	 * a digest is known. HM_LIMIT: it is too large. */
	HM_MUST hm_err (*bytes)(struct hm_cx *cx, void *arg, struct hm_str *out);
	void *arg;
};
/* One of which only this digest is known, "sha256:..."; `raw` as bytes. */
struct sigstore_known {
	enum crypto_digest alg;
	struct hm_str raw;
};
struct sigstore_artifact trust_sigstore_known_artifact(const struct sigstore_known *k);
/* One that is at hand. */
struct sigstore_artifact trust_sigstore_text_artifact(const struct hm_str *text);

/* What whoever asks wants of every chain of certificates that is relied on: the signer's, and those
 * of timestamps. */
struct sigstore_chain_rule {
	/* HM_TRUST: it is not to be relied on. */
	HM_MUST hm_err (*check)(struct hm_cx *cx, const void *arg, const struct crypto_chain *c);
	const void *arg;
};
struct sigstore_question {
	const struct sigstore_root *root; /* NULL: only with a key; then logs are not looked at */
	const struct crypto_key *key;     /* NULL: keyless, by `identities` */
	const struct sigstore_identity *identities; /* one of them */
	size_t identities_n;                        /* 0: anybody */
	struct sigstore_artifact artifact;
	bool allow_no_log; /* with a key: no entry of a log is needed, nor a time */
	/* Each entry must be one of a log that is known: of a bundle that was just made, nothing is
	 * passed over. */
	bool knows_all_logs;
	struct sigstore_chain_rule chains; /* without check: every one will do */
};
/* A time that was proved. */
enum sigstore_clock { SIGSTORE_BY_LOG, SIGSTORE_BY_AUTHORITY };
struct sigstore_time {
	enum sigstore_clock by;
	int64_t time;
	struct hm_str whose; /* the log's URL, or the authority's subject */
};
/* What a certificate says of the build that signed, as its issuer was told
 * (Fulcio's oid-info.md). */
enum sigstore_claim {
	SIGSTORE_BUILD_SIGNER,
	SIGSTORE_RUNNER,
	SIGSTORE_SOURCE_REPOSITORY,
	SIGSTORE_SOURCE_DIGEST,
	SIGSTORE_SOURCE_REF,
	SIGSTORE_BUILD_CONFIG,
	SIGSTORE_BUILD_TRIGGER,
	SIGSTORE_CLAIMS
};
struct sigstore_claim_row {
	const char *name; /* in a trust policy: "sourceRepository" */
	const char *oid;
};
extern const struct sigstore_claim_row trust_sigstore_claims[SIGSTORE_CLAIMS];

/* What a good one says. */
struct sigstore_answer {
	struct hm_str subject, issuer;         /* of the certificate; empty with a key */
	struct hm_str claims[SIGSTORE_CLAIMS]; /* of the certificate; empty: it does not say */
	struct hm_str payload, content_type;   /* of a DSSE envelope; else empty */
	struct sigstore_time *times;
	size_t times_n;
	uint64_t log_index; /* of the first entry that was verified */
	bool in_log;
	enum crypto_alg alg;
};
/* Does the signature hold, by the bundle's own certificate or by q->key, over the artifact or a
 * statement about it? Whose certificate that is, and when it signed, nobody has asked. *out has the
 * algorithm and what a DSSE envelope holds. Faults as trust_sigstore_verify(). */
HM_MUST hm_err trust_sigstore_check(struct hm_cx *cx, const struct envelope_bundle *b,
				    const struct sigstore_question *q, struct sigstore_answer *out);
/* Whom a bundle's certificate names, whether or not anybody believes it. HM_INPUT. */
HM_MUST hm_err trust_sigstore_names(struct hm_cx *cx, const struct envelope_bundle *b,
				    struct sigstore_answer *out);
/* HM_TRUST: not to be believed, and why. HM_INPUT: malformed. It points into the bundle. */
HM_MUST hm_err trust_sigstore_verify(struct hm_cx *cx, const struct envelope_bundle *b,
				     const struct sigstore_question *q,
				     struct sigstore_answer *out);

#endif
