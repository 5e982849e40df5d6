/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job.h - what is asked of the worker that reads what feeds publish. Private to the room.
 *
 * It gets the bytes of an archive (zip), documents, each as counted name and counted bytes, or one
 * file that a feed reads whole. Of each document it says a byte (enum advisory_said), then the
 * counted bytes that belong to it; of an archive first how many documents are in it.
 */
#ifndef ADVISORY_JOB_H
#define ADVISORY_JOB_H

#include "advisory/advisory.h"

enum advisory_input { ADVISORY_INPUT_ZIP, ADVISORY_INPUT_DOCUMENTS, ADVISORY_INPUT_FILE };
/* The job's arguments. Of an archive, documents [first, first + n) are read; of a file, `first` is
 * the number of the feed in the table. */
struct hm_str advisory_osv_args(struct hm_cx *cx, enum advisory_input kind, uint64_t first,
				uint64_t n);

#endif
