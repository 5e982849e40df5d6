/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign.h - Sigstore's bundles, made: with a key of the signer's own, or with one that lives for a
 * minute and a certificate that names whoever has an identity token.
 *
 * Which services are asked a signing configuration says: authorities that give certificates
 * (Fulcio), transparency logs (Rekor, both versions), timestamping authorities. What they answer is
 * believed no more than what a stranger sends: a bundle that trust_sigstore_verify() would refuse
 * is not handed out, and of a certificate nothing is published before it was found good.
 *
 *   services.c   the signing configuration, and which of its services are asked
 *   identity.c   identity tokens: where they come from, whom they name
 *   draft.c      what the rest shares
 *   ask.c        one question to a service
 *   fulcio.c     certificates
 *   rekor.c      entries of logs
 *   seal.c       the bundle
 *   attach.c     a bundle beside what it is about
 *   own.c        whether it is there already
 *   tagged.c     Cosign's older form
 *
 * Sources: protobuf-specs, sigstore_trustroot.proto (SigningConfig); Fulcio's and Rekor's OpenAPI
 * descriptions; cosign, pkg/cosign/bundle and pkg/oci/remote/write.go.
 */
#ifndef TRUST_SIGSTORE_SIGN_H
#define TRUST_SIGSTORE_SIGN_H

#include "http/http.h"
#include "oci/oci.h"
#include "statement/statement.h"
#include "trust/sigstore/sigstore.h"

/* --- which services --- */

struct sigstore_service {
	struct hm_str url, operator;
	uint64_t version; /* of its interface */
	struct sigstore_validity valid;
};
enum sigstore_selector { SIGSTORE_ONE, SIGSTORE_ALL, SIGSTORE_EXACTLY };
struct sigstore_service_list {
	struct sigstore_service *p;
	size_t n;
	enum sigstore_selector selector;
	uint64_t count; /* of SIGSTORE_EXACTLY */
};
struct sigstore_services {
	struct sigstore_service_list authorities, issuers, logs, timestampers;
};
/* `text` is a signing_config.json, version 0.2. HM_INPUT; HM_LIMIT: HM_MAX_SIGNING_CONFIG,
 * HM_MAX_AUTHORITIES. */
HM_MUST hm_err trust_sigstore_services_parse(struct hm_cx *cx, struct hm_str text,
					     struct sigstore_services *out);
/*
 * Those of a list that are asked at `now`: of an operator the newest whose interface is no higher
 * than `highest`, and as many operators as the selector says; none of an empty list. HM_INPUT: the
 * list has too few; says of `what`.
 */
struct sigstore_chosen {
	const struct sigstore_service **p;
	size_t n;
};
HM_MUST hm_err trust_sigstore_services_choose(struct hm_cx *cx,
					      const struct sigstore_service_list *list,
					      const char *what, uint64_t highest, int64_t now,
					      struct sigstore_chosen *out);

/* --- who signs --- */

/* An identity token (OpenID Connect) that was read: it is a secret. */
struct sigstore_token {
	struct hm_secret text;
	struct hm_str subject; /* whom the certificate will name: the mail address, else "sub" */
	struct hm_str issuer;
	/* Of a mail address that another service vouched for, of which Fulcio says that one (Dex's
	 * "federated_claims"); else empty. */
	struct hm_str federated;
	/* The authority makes the name of other claims than these; it is not known here. */
	bool is_renamed;
	int64_t expiry;
	/* Of a CI service's job: whom the certificate names instead, without the service's URL,
	 * "org/app/.github/workflows/release.yml@refs/heads/main"; else empty. */
	struct hm_str workflow;
};
void trust_sigstore_token_done(struct sigstore_token *t);
#define SIGSTORE_AUTO_TOKEN HM_CLEANUP(trust_sigstore_token_done) struct sigstore_token
#define SIGSTORE_AUDIENCE   "sigstore"
/* What a token says of itself; it takes `text` over. Whether it is true the authority of
 * certificates finds out. It must be for `audience` (NULL: SIGSTORE_AUDIENCE): another is not for
 * the authority, and is sent to nobody. HM_INPUT: no token, or one without subject. HM_TRUST: it is
 * for somebody else, it has expired or does not hold yet, or its mail address was not verified. */
HM_MUST hm_err trust_sigstore_token_parse(struct hm_cx *cx, struct hm_secret *text,
					  const char *audience, int64_t now,
					  struct sigstore_token *out);
/* HM_TRUST: it has expired since. */
HM_MUST hm_err trust_sigstore_token_holds(struct hm_cx *cx, const struct sigstore_token *t,
					  int64_t now);
/* Does a certificate with these names (trust_sigstore_names()) say whose token it is? HM_TRUST:
 * no. */
HM_MUST hm_err trust_sigstore_token_named(struct hm_cx *cx, const struct sigstore_token *t,
					  const struct sigstore_answer *a);
/* `given` is a file with a token, or the token; NULL: $SIGSTORE_ID_TOKEN, else that of the CI job
 * in which this runs (GitHub Actions, which is told the audience, Azure Pipelines, whose tokens
 * have one of their own). HM_ABSENT: there is none, with the hint how to give one. */
struct sigstore_token_source {
	struct http_client *http;
	const char *given;
	const char *audience; /* NULL: SIGSTORE_AUDIENCE, or the one that Azure's tokens have */
};
HM_MUST hm_err trust_sigstore_token_find(struct hm_cx *cx, const struct sigstore_token_source *s,
					 int64_t now, struct sigstore_token *out);

/* --- the bundle --- */

struct sigstore_sealing {
	/* One of the two: a key of the signer's own, which needs no certificate; or an identity. */
	const struct crypto_signer *signer;
	const struct sigstore_token *token;
	const struct sigstore_services *services; /* NULL, only with a key: none is asked */
	const struct sigstore_root *root; /* by which they are believed; NULL where none is asked */
	struct http_client *http;         /* the same */
	int64_t now;                      /* 0: the clock */
	uint64_t highest_log;             /* version of a log's interface that will do; 0: any */
};
/*
 * A bundle (version 0.3) over a statement in a DSSE envelope, or over an artifact. HM_TRUST: a
 * service refuses, or what it answers is not to be believed. HM_BUSY, HM_SYSTEM: it did not answer.
 * HM_USAGE: the key's algorithm is not one of Sigstore's.
 */
HM_MUST hm_err trust_sigstore_seal_statement(struct hm_cx *cx, const struct sigstore_sealing *s,
					     struct hm_str statement, struct hm_str *out);
HM_MUST hm_err trust_sigstore_seal_artifact(struct hm_cx *cx, const struct sigstore_sealing *s,
					    const struct sigstore_artifact *a, struct hm_str *out);

/* --- beside what it is about --- */

#define SIGSTORE_SIGN_PREDICATE "https://sigstore.dev/cosign/sign/v1"
/* An annotation of a bundle's manifest: the type of what it claims. */
#define SIGSTORE_PREDICATE_TYPE "dev.sigstore.bundle.predicateType"
/* Cosign's statement that somebody signs what has this digest ("sha256:HEX"): no predicate. */
HM_MUST hm_err trust_sigstore_sign_statement(struct hm_cx *cx, struct hm_str digest,
					     struct hm_str *out);
/* Store a DSSE bundle as a referrer of `subject`, as Cosign 3 does. `when` is its time of
 * creation. */
struct sigstore_attachment {
	struct hm_str bundle, predicate_type;
	int64_t when;
};
HM_MUST hm_err trust_sigstore_attach(struct hm_cx *cx, struct oci_place *p,
				     const struct oci_descriptor *subject,
				     const struct sigstore_attachment *a,
				     struct oci_descriptor *out);

/* A claim that is looked for. */
struct sigstore_wanted {
	const struct sigstore_sealing *by; /* whose */
	struct hm_str predicate_type;
	/* Does it say what is true now? NULL: it may say anything. `payload` is the statement's
	 * text. */
	bool (*is_same)(struct hm_cx *cx, const void *arg, const struct statement *s,
			struct hm_str payload);
	const void *arg;
};
/* Is there such a claim about `subject` by the same signer, who would have no better proof now:
 * with an entry of a log, where one would be asked? The first of them need not be made again. A
 * fault is a registry in doubt. */
HM_MUST hm_err trust_sigstore_find_own(struct hm_cx *cx, struct oci_place *p,
				       const struct oci_descriptor *subject,
				       const struct sigstore_wanted *w, struct oci_descriptor *out,
				       bool *out_found);

/* The same of a signature in Cosign's older form, below. */
HM_MUST hm_err trust_sigstore_find_tagged(struct hm_cx *cx, struct oci_place *p,
					  const struct oci_descriptor *subject,
					  const struct sigstore_sealing *by,
					  struct oci_descriptor *out, bool *out_found);

/* In Cosign's older form: a document of simple signing, and a bundle over it as its artifact. */
struct sigstore_tagged {
	struct hm_str payload, bundle;
};
/* HM_USAGE: it has what the older form has no room for. */
HM_MUST hm_err trust_sigstore_tagged_check(struct hm_cx *cx, const struct sigstore_tagged *t);
/* Add it to those under the subject's tag ("sha256-HEX.sig"), of which none is lost that others add
 * meanwhile. HM_BUSY: others kept doing so. */
HM_MUST hm_err trust_sigstore_append(struct hm_cx *cx, struct oci_place *p,
				     const struct oci_descriptor *subject,
				     const struct sigstore_tagged *t, struct oci_descriptor *out);

#endif
