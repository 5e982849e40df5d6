/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notary.h - what the Notary Project's two formats have in common (signature-specification.md):
 * the names of attributes, and how one of them is signed.
 */
#ifndef ENVELOPE_NOTARY_H
#define ENVELOPE_NOTARY_H

#include "envelope/envelope.h"

#define NOTARY_SCHEME       "io.cncf.notary.signingScheme"
#define NOTARY_SIGNING_TIME "io.cncf.notary.signingTime"
#define NOTARY_AUTHENTIC    "io.cncf.notary.authenticSigningTime"
#define NOTARY_EXPIRY       "io.cncf.notary.expiry"
#define NOTARY_PLUGIN       "io.cncf.notary.verificationPlugin"
#define NOTARY_PLUGIN_LEAST "io.cncf.notary.verificationPluginMinVersion"
#define NOTARY_TIMESTAMP    "io.cncf.notary.timestampSignature"
#define NOTARY_AGENT        "io.cncf.notary.signingAgent"
#define NOTARY_X509         "notary.x509"
#define NOTARY_AUTHORITY    "notary.x509.signingAuthority"

/* Before an envelope is read: gives it its one signature, which comes with a chain of certificates.
 */
void envelope_notary_begin(struct hm_cx *cx, struct envelope *e,
			   struct envelope_signature **out_signature,
			   struct envelope_notary **out_notary);
/* The signing scheme of that name. HM_INPUT: it is neither of the two. */
HM_MUST hm_err envelope_notary_scheme(struct hm_cx *cx, struct hm_str name,
				      enum envelope_scheme *out);
/* The name of the time attribute that the scheme requires (`wanted`), or of the one that it
 * forbids. */
const char *envelope_notary_time(enum envelope_scheme scheme, bool wanted);
/* HM_INPUT: it has no signing time, or expires before that. */
HM_MUST hm_err envelope_notary_check_times(struct hm_cx *cx, const struct envelope_notary *n);
/* The primitive signature over `input`, and its timestamp where one is asked for, else empty.
 * HM_USAGE: it would expire before it is made. HM_INPUT: the key is not that of the chain.
 * HM_TRUST: the chain breaks a rule for code signing, or a signature that came with its chain is
 * not by that chain's key and the signer's algorithm. */
HM_MUST hm_err envelope_notary_sign(struct hm_cx *cx, const struct envelope_signing *s,
				    struct hm_str input, struct hm_str *out,
				    struct hm_str *out_token);

#endif
