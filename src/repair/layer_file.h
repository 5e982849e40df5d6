/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer_file.h - inside repair/: one file of an image, in full, out of the layer that has it.
 *
 * The merged root (root.h) keeps what package managers keep; what else is needed is read again.
 */
#ifndef REPAIR_LAYER_FILE_H
#define REPAIR_LAYER_FILE_H

#include "repair/room.h"

/* The blob of a layer into a temporary file: its digest is verified. */
HM_MUST hm_err repair_layer_blob(struct hm_cx *cx, const struct repair_base *base, size_t layer,
				 int *out_fd);
/* What lies at `path` there in the end, into a temporary file, at its beginning. HM_INPUT: no plain
 * file of n->size bytes. */
HM_MUST hm_err repair_layer_extract(struct hm_cx *cx, int blob, const struct repair_node *n,
				    int *out_fd);

/* In the worker: its argument is the path, its input the blob. */
#define REPAIR_FILE_JOB "repair-layer-file"

#endif
