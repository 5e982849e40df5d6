/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blob.h - the files that the blob commands are about.
 */
#ifndef CLI_BLOB_H
#define CLI_BLOB_H

#include "cli/cli.h"
#include "trust/trust.h"

/* What is read is shown by a bar. HM_ABSENT, HM_INPUT, HM_LIMIT, HM_SYSTEM: as hm_open_file(). */
HM_MUST hm_err cli_blob_open(struct hm_cx *cx, const char *path, struct trust_blob *out);
void cli_blob_done(struct trust_blob *b);
#define CLI_AUTO_BLOB HM_CLEANUP(cli_blob_done) struct trust_blob
#define CLI_NO_BLOB      \
	{                \
		.fd = -1 \
	}

/* The file's name without its folder. */
struct hm_str cli_base_name(const char *path);

#endif
