/* SPDX-License-Identifier: Apache-2.0 */
/*
 * azure.h - tokens for Azure Key Vault.
 */
#ifndef TRUST_SIGNERS_AZURE_H
#define TRUST_SIGNERS_AZURE_H

#include "trust/signers/service.h"

/* For "https://vault.azure.net" or another cloud's. A workload's federated token or a client's
 * secret, from $AZURE_TENANT_ID and its like; else the managed identity of an app or an instance.
 */
HM_MUST hm_err trust_azure_log_in(struct hm_cx *cx, const struct trust_service_signer *s,
				  struct hm_str resource, struct trust_credential *out);

#endif
