/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builder.h - what a worker finds in a layer, written as the records of its answer (answer.h).
 * Private to the room.
 */
#ifndef INVENTORY_BUILDER_H
#define INVENTORY_BUILDER_H

#include "inventory/match.h"

struct inventory_builder {
	struct inventory_seed seed; /* of the hashes of owned paths */
	struct hm_buf *out;
	const struct inventory_cataloger *row; /* whose turn it is */
	struct hm_str path;
	uint64_t components;
	bool keep_paths; /* owned paths as text too: for tests */
	/* The owner of the record that is being written. */
	struct hm_buf owner, hashes, paths;
	uint64_t hashes_n;
};
void inventory_builder_done(struct inventory_builder *b);
#define INVENTORY_AUTO_BUILDER HM_CLEANUP(inventory_builder_done) struct inventory_builder
/* Turn to a file and a row. */
void inventory_builder_file(struct inventory_builder *b, const struct inventory_cataloger *row,
			    unsigned row_index, struct hm_str path);
/* The file is done: HM_LIMIT when the answer has become too large. */
HM_MUST hm_err inventory_builder_flush(struct hm_cx *cx, struct inventory_builder *b);
void inventory_write_path(struct hm_buf *out, char tag, struct hm_str path);

#endif
