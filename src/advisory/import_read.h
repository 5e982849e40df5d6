/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_read.h - the paths of an import, and what workers say of the documents there. Private to
 * the room.
 */
#ifndef ADVISORY_IMPORT_READ_H
#define ADVISORY_IMPORT_READ_H

#include "advisory/feeds/feeds.h"
#include "advisory/job.h"

/* The work of one worker: a file that is read whole, or files of one document each. */
struct advisory_unit {
	enum advisory_input kind;
	const struct advisory_feed *feed; /* of ADVISORY_INPUT_FILE */
	const char *file;                 /* of ADVISORY_INPUT_ZIP and ADVISORY_INPUT_FILE */
	struct hm_str name;
	const struct hm_str *files; /* of ADVISORY_INPUT_DOCUMENTS */
	size_t files_n;
	struct hm_buf said; /* of each document, as the job says it */
};

struct advisory_plan {
	struct hm_strs files; /* single documents, sorted */
	HM_VEC(struct advisory_unit) units;
	struct hm_progress *progress;
};

/* The units of the paths. HM_ABSENT: one of them is not there. */
HM_MUST hm_err advisory_plan_paths(struct hm_cx *cx, const struct advisory_import *what,
				   struct advisory_plan *out);
/* For hm_parallel(): read unit `i` of the plan `arg`. */
HM_MUST hm_err advisory_read_unit(struct hm_cx *cx, void *arg, size_t i);
void advisory_plan_done(struct advisory_plan *plan);

#endif
