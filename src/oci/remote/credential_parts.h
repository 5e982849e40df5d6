/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential_parts.h - inside oci/: the pieces of credential.c that read foreign bytes, for their
 * tests.
 */
#ifndef OCI_REMOTE_CREDENTIAL_PARTS_H
#define OCI_REMOTE_CREDENTIAL_PARTS_H

#include "oci/oci.h"

/* The member of auths or credHelpers for "REGISTRY[/REPOSITORY]": by its host's name before a
 * pattern, then the one with the longest path (credential_key.c). *out_path: it has one. */
struct json oci_credential_entry(struct hm_cx *cx, struct json object, struct hm_str name,
				 bool *out_path);
/* Is the key the registry's own, without path and pattern? */
bool oci_credential_is_for(struct hm_cx *cx, struct hm_str key, struct hm_str registry);
/* The entry of auths in a parsed config.json for "REGISTRY[/REPOSITORY]"; empty where there is
 * none. HM_INPUT. Here and below `cx` is one of hm_secret_cx(), in which the name in *out lies too;
 * its secrets are their own. */
hm_err oci_credential_parse(struct hm_cx *cx, struct json config, struct hm_str name,
			    struct oci_credential *out);
/* The helper that config.json names for the registry; empty: none. HM_INPUT. */
hm_err oci_credential_helper(struct hm_cx *cx, struct json config, struct hm_str registry,
			     struct hm_str *out);
/* What a helper prints for "get". */
hm_err oci_credential_answer(struct hm_cx *cx, struct hm_str text, struct oci_credential *out);
/* Run docker-credential-HELPER VERB (docker/docker-credential-helpers: the question on standard
 * input, the answer on standard output). HM_SYSTEM: it could not be run; HM_BUSY: no answer;
 * HM_LIMIT. Whether it failed is an output: why stands in its answer then. */
hm_err oci_credential_run(struct hm_cx *cx, struct hm_str helper, const char *verb,
			  struct hm_str question, struct hm_secret *out, bool *out_failed);
/* config.json with the entry of a registry replaced, or without it (NULL); all else is kept. */
hm_err oci_credential_config_with(struct hm_cx *cx, struct json config, struct hm_str registry,
				  const struct oci_credential *c, struct hm_secret *out);

#endif
