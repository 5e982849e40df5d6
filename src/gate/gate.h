/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate.h - admit or deny: the verification pipeline, the Gatekeeper provider and the webhook.
 *
 * Any doubt is a denial with a reason. A verdict is keyed by digest, hash of policy and trust store, and namespace; it ends at
 * the earliest expiry of certificate, signature and report; denials live 5 s. Equal requests in flight are answered by one computation.
 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "advisory/advisory.h"
#include "base/base.h"
#include "http/http.h"
#include "trust/trust.h"

enum gate_policy { GATE_SIGNED = 1, GATE_EVIDENCE = 2 }; /* bits: all images signed; SBOM and report attached and signed */

struct gate_config {
	unsigned policies;             /* 0: both */
	int64_t max_age;               /* seconds of the report's org.opencontainers.image.created; 0: none */
	enum advisory_severity max_severity; /* worst that is admitted; ADVISORY_SEVERITIES: any */
	bool allow_tags;
	struct hm_strs exempt_namespaces;
	const char *config_dir;
	const char *cache_dir;         /* persistent verdicts; NULL: memory only */
	const struct oci_access *access;
};

/* One rule looked at. */
struct gate_finding {
	struct hm_str rule;   /* "signed", "sbom", "report", "report-age", "report-severity", "reference" */
	bool good;
	struct hm_str detail; /* evidence digest, identity, or why not */
	struct hm_str remedy; /* the command that mends it */
};
struct gate_verdict {
	bool admitted;
	bool unknown;          /* could not be decided (throttled, no answer): not admitted, retry */
	struct hm_str image, digest;
	struct gate_finding *findings;
	size_t findings_n;
	struct hm_str why;     /* one sentence: image, rule, remedy */
	int64_t valid_until;
	size_t severities[ADVISORY_SEVERITIES]; /* of the report that counted */
};

struct gate;
HM_MUST hm_err gate_open(struct hm_cx *cx, const struct gate_config *config, struct gate **out);
void gate_close(struct gate *g);
/* Never a fault for a bad image: that is a verdict. */
HM_MUST hm_err gate_decide(struct hm_cx *cx, struct gate *g, struct hm_str image, struct hm_str space,
			   struct gate_verdict *out);
/* Images of a Kubernetes object (Pod, Deployment, ... any pod-bearing kind): containers, init, ephemeral, image volumes. */
HM_MUST hm_err gate_images(struct hm_cx *cx, struct json object, struct hm_strs *out, struct hm_str *out_namespace);
/* /ratify/gatekeeper/v1/verify, /ratify/gatekeeper/v1/mutate, /admit */
const struct http_route *gate_routes(struct gate *g);
/* /healthz, /readyz, /metrics */
const struct http_route *gate_admin_routes(struct gate *g);

#endif
