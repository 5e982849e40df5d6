/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gcp.h - tokens for Google's Cloud KMS.
 */
#ifndef TRUST_SIGNERS_GCP_H
#define TRUST_SIGNERS_GCP_H

#include "trust/signers/service.h"

/* By $GOOGLE_APPLICATION_CREDENTIALS or gcloud's own file; else from the metadata server. */
HM_MUST hm_err trust_gcp_log_in(struct hm_cx *cx, const struct trust_service_signer *s,
				struct trust_credential *out);

#endif
