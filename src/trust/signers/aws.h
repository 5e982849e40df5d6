/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aws.h - what a request to AWS needs: signature version 4, and credentials.
 */
#ifndef TRUST_SIGNERS_AWS_H
#define TRUST_SIGNERS_AWS_H

#include "trust/signers/service.h"

/* A request that is to be signed; its path is "/", without query. */
struct trust_sigv4 {
	struct hm_str host; /* as it goes into the Host header */
	struct hm_str region, service;
	struct hm_str target, content_type, body; /* target: X-Amz-Target, or empty */
	int64_t now;
};
enum { TRUST_SIGV4_HEADERS = 4 };
/* The headers that carry the signature (AWS, "Signature Version 4 signing process"). */
size_t trust_sigv4_sign(struct hm_cx *cx, const struct trust_sigv4 *r,
			const struct trust_credential *c,
			struct http_header out[TRUST_SIGV4_HEADERS]);

/*
 * Where credentials come from, first found first: the environment; a web identity (STS); the shared
 * credentials file; a container's server (ECS, EKS); the instance's metadata, version 2 alone.
 * Servers of metadata are asked at their fixed addresses. HM_USAGE: there are none.
 */
HM_MUST hm_err trust_aws_log_in(struct hm_cx *cx, const struct trust_service_signer *s,
				struct hm_str region, struct trust_credential *out);
/* From the environment, or the configuration of the profile; empty: nobody says. */
HM_MUST hm_err trust_aws_region(struct hm_cx *cx, struct hm_str *out);
/* A value of a profile in AWS's files; empty: it is not there. */
struct hm_str trust_aws_ini(struct hm_str text, struct hm_str section, const char *name);
/* The text of the first element of that name in an answer of STS; empty: there is none, or it has
 * elements or entities of its own. */
struct hm_str trust_aws_element(struct hm_cx *cx, struct hm_str xml, const char *name);
/* A part of a host name. */
bool trust_aws_is_region(struct hm_str s);

#endif
