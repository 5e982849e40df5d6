/* SPDX-License-Identifier: Apache-2.0 */
/*
 * built.h - what a builder says of an image without signing it: BuildKit's attestation manifests,
 * which stand in the image's index, or refer to the image. Their layers are in-toto statements.
 * Nobody's word stands behind them: they are shown, and never count as verified.
 * Source: moby/buildkit, docs/attestations/attestation-storage.md.
 */
#ifndef CLI_BUILT_H
#define CLI_BUILT_H

#include "cli/subject.h"
#include "codec/json.h"

#define CLI_BUILT_TYPE "application/vnd.docker.attestation.manifest.v1+json"

/* A manifest that holds such statements. */
struct cli_built_manifest {
	struct oci_descriptor descriptor; /* artifact_type is CLI_BUILT_TYPE */
	struct hm_str about;              /* digest of the image of one platform */
};
/* Those among the entries of `subject`, which may be no index. */
HM_MUST hm_err cli_built_entries(struct hm_cx *cx, struct oci_place *p,
				 const struct oci_descriptor *subject,
				 struct cli_built_manifest **out, size_t *out_n);
/* Those of `subject`: an index has them among its entries; of anything else there are
 * referrers. */
HM_MUST hm_err cli_built_manifests(struct hm_cx *cx, struct oci_place *p,
				   const struct oci_descriptor *subject,
				   struct cli_built_manifest **out, size_t *out_n);

struct cli_built {
	struct cli_built_manifest manifest;
	struct hm_str statement; /* as it lies there */
	struct hm_str predicate; /* its type */
	hm_err err;              /* why it cannot be read; or NULL */
};
/* All statements of these, or those of one type of predicate; what cannot be read, too. Of at the
 * most HM_MAX_SIGNATURES manifests and statements; that there are more is logged. */
HM_MUST hm_err cli_built_find(struct hm_cx *cx, struct oci_place *p,
			      const struct oci_descriptor *subject, struct hm_str type,
			      struct cli_built **out, size_t *out_n);
/* As a member "unsigned" of an open object, with the statements if `whole`; nothing: nothing. */
void cli_built_put(struct hm_cx *cx, struct json_out *o, const struct cli_built *b, size_t n,
		   bool whole);
/* For people; nothing: nothing. */
void cli_built_tabulate(struct hm_cx *cx, const struct cli_built *b, size_t n, struct hm_buf *out);

#endif
