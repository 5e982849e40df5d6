/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth.h - inside oci/remote/: who we are, for send.c. What is handed out is a header's value, in
 * the remote's locked memory, and lives as long as the remote.
 */
#ifndef OCI_REMOTE_AUTH_H
#define OCI_REMOTE_AUTH_H

#include "oci/remote/remote.h"

/* What worked for this scope and has not expired; empty: nothing. */
struct hm_str oci_remote_kept(struct remote *r, struct hm_str scope);
/* What the registry's refusal `a` asks for, and is not `tried`. One thread asks, the others use it.
 */
HM_MUST hm_err oci_remote_authenticate(struct hm_cx *cx, struct remote *r,
				       const struct http_response *a, struct hm_str scope,
				       struct hm_str tried, struct hm_str *out);
/* What the command was given for this registry goes to it alone. */
void oci_remote_add_given(struct hm_cx *cx, const struct remote *r, struct http_request *q);
/* Is the header among that? Then nothing else says who we are. */
bool oci_remote_has_authorization(const struct remote *r);

#endif
