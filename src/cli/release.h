/* SPDX-License-Identifier: Apache-2.0 */
/*
 * release.h - evidence that is attached and signed once, however often `release` runs.
 */
#ifndef CLI_RELEASE_H
#define CLI_RELEASE_H

#include "gate/gate.h"

/* A report of the same content is taken again for a day; after that the scan gets its new time. */
enum { RELEASE_REPORT_SECONDS = 24 * 3600 };

struct release_item {
	struct oci_descriptor descriptor;
	bool reused;
};

/* Sign `subject`, unless a valid signature by the same certificate is there already. */
HM_MUST hm_err cli_release_sign(struct hm_cx *cx, struct oci_place *p,
				const struct oci_descriptor *subject,
				const struct trust_signer *signer, struct release_item *out);
/* Attach an SBOM: the same bytes make the same manifest, which is there once. */
HM_MUST hm_err cli_release_attach_sbom(struct hm_cx *cx, struct oci_place *p,
				       const struct oci_descriptor *subject, const char *type,
				       struct hm_str bytes, struct release_item *out);
/*
 * Attach a vulnerability report, with the time of the scan in its manifest, unless the newest one of
 * this signer has the same content and is not older than RELEASE_REPORT_SECONDS. One that a killed
 * run left unsigned is taken too.
 */
HM_MUST hm_err cli_release_attach_report(struct hm_cx *cx, struct oci_place *p,
					 const struct oci_descriptor *subject, struct hm_str bytes,
					 const struct trust_signer *signer, int64_t now,
					 struct release_item *out);

#endif
