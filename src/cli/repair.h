/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repair.h - inside cli/: `repair`: its run, and how it is told (repair_tell.c).
 */
#ifndef CLI_REPAIR_H
#define CLI_REPAIR_H

#include "cli/patch.h"
#include "cli/record.h"
#include "cli/release_run.h"
#include "gate/gate.h"

struct cli_repair_options {
	struct cli_patch_options patch;
	struct release release;
	struct hm_strs keys;
	const char *policy, *space, *base;
	bool no_gate;
};

enum cli_repair_step {
	REPAIR_STEP_SCAN,
	REPAIR_STEP_BASE,
	REPAIR_STEP_PATCH,
	REPAIR_STEP_RESCAN,
	REPAIR_STEP_EVIDENCE,
	REPAIR_STEP_GATE,
	REPAIR_STEPS
};

/* What a scan found, of all images together. */
struct cli_repair_count {
	size_t severities[ADVISORY_SEVERITIES], all, fixable;
};

struct cli_repair {
	struct cli *cli;
	const struct cli_repair_options *o;
	const char *target, *to;
	struct cli_patch_work work;
	struct cli_patch_answer patch;
	struct release_run release;
	struct oci_place *rebased; /* where the image on a newer base is, while that is judged */
	bool is_rebased;
	struct hm_strs base_notes; /* what came of --base, of each image */
	struct cli_repair_count before, after;
	struct hm_str made; /* digest of what was released */
	bool is_changed;    /* it is not what was given */
	struct gate *gate;  /* NULL: it is not asked */
	bool is_asked;      /* it was */
	struct gate_verdict verdict;
	struct cli_decisions decisions; /* the verdict, for the graph */
	bool is_tagged;
	int64_t took[REPAIR_STEPS]; /* nanoseconds */
};
/* --base: r->work is the image on a newer base from here on, where that leaves less. */
HM_MUST hm_err cli_repair_base(struct hm_cx *cx, struct cli_repair *r,
			       const struct oci_descriptor *d);
/* Its data are a struct cli_repair. */
extern const struct cli_answer cli_repair_answer;

#endif
