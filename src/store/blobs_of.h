/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blobs_of.h - inside store/: what the blobs of every back end begin with.
 */
#ifndef STORE_BLOBS_OF_H
#define STORE_BLOBS_OF_H

#include "store/blobs.h"

struct store_blobs {
	const struct store_blobs_backend *backend;
};

#endif
