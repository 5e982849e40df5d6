/* SPDX-License-Identifier: Apache-2.0 */
#include "store/blobs.h"

#include "store/blobs_of.h"

hm_err store_blobs_open(struct hm_cx *cx, const struct store_blobs_backend *backend,
			const char *where, struct store_blobs **out)
{
	struct store_blobs *b;
	HM_TRY(backend->open(cx, where, &b));
	b->backend = backend;
	*out = b;
	return NULL;
}

void store_blobs_close(struct store_blobs *b)
{
	if (b)
		b->backend->close(b);
}

bool store_blobs_has(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest)
{
	return b->backend->has(cx, b, digest);
}

hm_err store_blobs_add(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest,
		       const char *path, const char *holder)
{
	return b->backend->add(cx, b, digest, path, holder);
}

hm_err store_blobs_share(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest,
			 const char *with, const char *holder, bool *out_there)
{
	return b->backend->share(cx, b, digest, with, holder, out_there);
}

hm_err store_blobs_drop(struct hm_cx *cx, struct store_blobs *b, struct hm_str digest,
			const char *holder, bool *out_was_there)
{
	return b->backend->drop(cx, b, digest, holder, out_was_there);
}
