/* SPDX-License-Identifier: Apache-2.0 */
/*
 * artifact.h - the file that a Sigstore bundle is about, or its digest.
 */
#ifndef CLI_ARTIFACT_H
#define CLI_ARTIFACT_H

#include "cli/blob.h"

/* Filled by cli_artifact_open(), whose `out` points to it. */
struct cli_artifact {
	struct trust_blob blob;
	struct sigstore_known known;
	/* Of the file, raw, once they were needed; whoever asks may do so in passing memory. */
	uint8_t digests[CRYPTO_DIGESTS][CRYPTO_DIGEST_MAX];
	bool hashed[CRYPTO_DIGESTS];
};
#define CLI_NO_ARTIFACT       \
	{                     \
		.blob.fd = -1 \
	}
void cli_artifact_done(struct cli_artifact *a);
#define CLI_AUTO_ARTIFACT HM_CLEANUP(cli_artifact_done) struct cli_artifact

/* What only a digest, "sha256:...", is known of. HM_INPUT. */
HM_MUST hm_err cli_known_digest(struct hm_cx *cx, struct hm_str digest, struct sigstore_known *out);
/* A file; with `or_digest` sha256:HEX too, unless a file has that name. Faults as cli_blob_open().
 */
HM_MUST hm_err cli_artifact_open(struct hm_cx *cx, const char *text, bool or_digest,
				 struct cli_artifact *a, struct sigstore_artifact *out);

#endif
