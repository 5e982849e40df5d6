/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jws.h - the Notary Project's JWS envelope (signature-envelope-jws.md): a flattened JWS (RFC 7515,
 * 7.2.2) whose certificate chain stands in the unprotected header.
 */
#ifndef ENVELOPE_JWS_H
#define ENVELOPE_JWS_H

#include "envelope/envelope.h"

#define JWS_SCHEME       "io.cncf.notary.signingScheme"
#define JWS_SIGNING_TIME "io.cncf.notary.signingTime"
#define JWS_AUTHENTIC    "io.cncf.notary.authenticSigningTime"
#define JWS_EXPIRY       "io.cncf.notary.expiry"
#define JWS_PLUGIN       "io.cncf.notary.verificationPlugin"
#define JWS_PLUGIN_LEAST "io.cncf.notary.verificationPluginMinVersion"
#define JWS_TIMESTAMP    "io.cncf.notary.timestampSignature"
#define JWS_AGENT        "io.cncf.notary.signingAgent"
#define JWS_X509         "notary.x509"
#define JWS_AUTHORITY    "notary.x509.signingAuthority"

/* The row's sign(). */
HM_MUST hm_err envelope_jws_sign(struct hm_cx *cx, const struct envelope_signing *s,
				 struct hm_str *out);

#endif
