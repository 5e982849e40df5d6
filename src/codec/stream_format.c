/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/stream_format.h"

hm_err stream_fill(struct hm_cx *cx, struct stream_input *in)
{
	if (in->at < in->n || in->end)
		return NULL;
	size_t got = 0;
	HM_TRY(in->source.read(cx, in->source.arg, in->room, in->cap, &got));
	in->at = 0;
	in->n = got;
	in->total += got;
	in->end = got == 0;
	return NULL;
}
