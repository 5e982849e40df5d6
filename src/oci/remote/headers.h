/* SPDX-License-Identifier: Apache-2.0 */
/*
 * headers.h - inside oci/: the two HTTP headers of registries that have a grammar of their own.
 */
#ifndef OCI_REMOTE_HEADERS_H
#define OCI_REMOTE_HEADERS_H

#include "base/base.h"

/* One challenge of WWW-Authenticate (RFC 9110, 11.6.1; RFC 6750, 3). */
enum challenge_scheme { CHALLENGE_NONE, CHALLENGE_BASIC, CHALLENGE_BEARER };
struct challenge {
	enum challenge_scheme scheme;
	struct hm_str realm, service, scope;
};

/* Of several challenges Bearer is preferred; schemes that are not known are passed over.
 * HM_INPUT. */
hm_err oci_challenge_parse(struct hm_cx *cx, struct hm_str header, struct challenge *out);

/* The target of the link with rel="next" (RFC 8288); empty: none. HM_INPUT. */
hm_err oci_link_next(struct hm_cx *cx, struct hm_str header, struct hm_str *out);

/* The text of a "Warning: 299 - \"TEXT\"" (distribution-spec, "Warnings"; RFC 7234, 5.5), of which
 * the first HM_MAX_WARNING bytes count; false: another code, or malformed. */
bool oci_warning_parse(struct hm_cx *cx, struct hm_str header, struct hm_str *out);
/* Say it on standard error, once for each text and host in this process. */
void oci_notice(struct hm_cx *cx, const char *event, struct hm_str host, struct hm_str text);

#endif
