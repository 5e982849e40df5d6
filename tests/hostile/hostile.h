/* SPDX-License-Identifier: Apache-2.0 */
/* Images that are made to be read differently by different programs. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "base/base.h"

enum { HOSTILE_LAYERS = 4 };

struct hostile_image {
	struct hm_str layers[HOSTILE_LAYERS]; /* tar archives */
	size_t n;
	struct hm_str words; /* what is in it, a line an entry */
	bool odd; /* it has what is counted as there though it may not be: links, devices */
};

/* The same from the same seed. */
void hostile_image_make(struct hm_cx *cx, uint64_t seed, struct hostile_image *out);

#endif
