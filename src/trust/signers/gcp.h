/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gcp.h - tokens for Google's Cloud KMS.
 */
#ifndef TRUST_SIGNERS_GCP_H
#define TRUST_SIGNERS_GCP_H

#include "trust/signers/service.h"

#define TRUST_GOOGLE_SCOPE "https://www.googleapis.com/auth/cloudkms"
#define TRUST_GOOGLE_TOKEN "https://oauth2.googleapis.com/token" /* where a file names no other */

/* A credentials file as its own process knows it: the private key stays there. */
struct trust_google_file {
	struct hm_str type; /* "service_account", "authorized_user", ... */
	/* Of a service account alone: who it is, where it logs in, and the assertion that does. */
	struct hm_str email, token_uri, assertion;
};
/* Asks that process about the open file `fd`, which is at its beginning again afterwards. HM_INPUT:
 * it is no credentials file, or a service account's without a usable key. */
HM_MUST hm_err trust_google_read(struct hm_cx *cx, int fd, struct trust_google_file *out);

/* By $GOOGLE_APPLICATION_CREDENTIALS or gcloud's own file; else from the metadata server. */
HM_MUST hm_err trust_gcp_log_in(struct hm_cx *cx, const struct trust_service_signer *s,
				struct trust_credential *out);

#endif
