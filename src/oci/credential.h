/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential.h - what a registry is shown by whom it knows: from the command and from config.json.
 */
#ifndef OCI_CREDENTIAL_H
#define OCI_CREDENTIAL_H

#include "oci/place.h"

struct oci_credential {
	struct hm_str username;
	struct hm_secret password;
	struct hm_secret identity_token; /* is exchanged for a token (OAuth's refresh token) */
	struct hm_secret registry_token; /* is itself what the registry wants */
};
void oci_credential_done(struct oci_credential *c);
#define OCI_AUTO_CREDENTIAL HM_CLEANUP(oci_credential_done) struct oci_credential

/* For "REGISTRY[/REPOSITORY]" in normal form: what the command was given, else from Docker's
 * config.json: auths with a path (the longest that is the beginning of the repository),
 * credHelpers, credsStore, auths; empty where there is none. Where config.json has it, and others
 * can read that file, warns of it (hm_secret_warn). */
HM_MUST hm_err oci_credential_find(struct hm_cx *cx, const struct oci_access *a, struct hm_str name,
				   struct oci_credential *out);
/* Into the helper that config.json names for the registry, else into config.json itself, mode 0600,
 * whose other members stay. */
HM_MUST hm_err oci_credential_store(struct hm_cx *cx, const struct oci_access *a,
				    struct hm_str registry, const struct oci_credential *c);
/* From both. HM_ABSENT: there is none in config.json, and no helper. */
HM_MUST hm_err oci_credential_erase(struct hm_cx *cx, const struct oci_access *a,
				    struct hm_str registry);
/* Try them: GET /v2/. HM_DENIED. */
HM_MUST hm_err oci_login_check(struct hm_cx *cx, const struct oci_access *a, struct hm_str registry,
			       const struct oci_credential *c);

#endif
