/* SPDX-License-Identifier: Apache-2.0 */
/*
 * release_run.h - one release: its run, its evidence, which is attached and signed once however
 * often it runs, and what is told at the end.
 */
#ifndef CLI_RELEASE_RUN_H
#define CLI_RELEASE_RUN_H

#include "cli/cli.h"
#include "cli/timestamping.h"
#include "evidence/evidence.h"
#include "inventory/inventory.h"

struct release_item {
	struct oci_descriptor descriptor;
	bool reused;
};

/* The flags. */
struct release {
	const char *to, *db, *fail_on, *sbom_format;
	struct hm_strs keys, output;
	bool no_cache, allow_unread;
	struct cli_timestamping timestamping;
};

/* One image behind the target: itself, or one platform of an index. */
struct release_image {
	struct oci_descriptor descriptor;
	struct oci_platform platform;
	struct hm_str sbom, sarif;
	size_t packages, counts[ADVISORY_SEVERITIES], suppressed;
	struct inventory_unknowns unknown;
	bool above; /* the threshold */
	struct release_item sbom_item, report_item;
	/* One of each signer. */
	struct trust_stored *sbom_signatures, *report_signatures, *signatures;
};

enum release_step {
	RELEASE_INVENTORY,
	RELEASE_SCAN,
	RELEASE_PUSH,
	RELEASE_ATTACH,
	RELEASE_SIGN,
	RELEASE_STEPS
};

/* One run, and what came of it. */
struct release_run {
	const struct release *o;
	struct cli *cli;
	const struct oci_access *access;
	struct oci_target from_target, to_target;
	struct oci_place *from, *to;
	struct oci_descriptor root;
	struct release_image *images;
	size_t n;
	struct trust_stored *index_signatures; /* where the root is an index */
	bool is_index, denied;
	bool above, unread;               /* why it is denied */
	enum advisory_severity threshold; /* ADVISORY_SEVERITIES: none */
	const struct inventory_format *format;
	struct trust_signers *signers;
	struct trust_timestamping timestamping;
	int64_t started, took[RELEASE_STEPS];
};

/* Everything that happened; its data are the run. */
extern const struct cli_answer cli_release_answer;

#endif
