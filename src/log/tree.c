/* SPDX-License-Identifier: Apache-2.0 */
#include "log/log.h"

/* RFC 6962, 2.1: a leaf and an inner node never have the same bytes hashed. */
enum { LEAF = 0, NODE = 1 };

struct hm_str log_leaf_hash(struct hm_cx *cx, struct hm_str entry)
{
	uint8_t *hash = hm_alloc(cx, CRYPTO_DIGEST_MAX, 1, 1);
	const char head = LEAF;
	CRYPTO_AUTO_HASH h = { 0 };
	crypto_hash_start(&h, CRYPTO_SHA256);
	crypto_hash_add(&h, hm_bytes(&head, 1));
	crypto_hash_add(&h, entry);
	return hm_bytes(hash, crypto_hash_end(&h, hash));
}

static void hash_node(struct crypto_hash *h, struct hm_str left, struct hm_str right, uint8_t *out)
{
	const char head = NODE;
	crypto_hash_add(h, hm_bytes(&head, 1));
	crypto_hash_add(h, left);
	crypto_hash_add(h, right);
	crypto_hash_end(h, out);
}

/* RFC 9162, 2.1.3.2: `node` is the index of what has been hashed so far, `last` that of the last
 * node of its level. */
hm_err log_root_of(struct hm_cx *cx, struct hm_str leaf_hash, const struct log_proof *p,
		   struct hm_str *out_root)
{
	uint64_t node = p->index, last = p->size - 1;
	if (p->index >= p->size)
		return hm_fail(cx, HM_TRUST, "entry %llu is not in a log of %llu",
			       (unsigned long long)p->index, (unsigned long long)p->size);
	uint8_t *hash = hm_alloc(cx, CRYPTO_DIGEST_MAX, 1, 1);
	memcpy(hash, leaf_hash.p, LOG_HASH);
	CRYPTO_AUTO_HASH h = { 0 };
	crypto_hash_start(&h, CRYPTO_SHA256);
	for (size_t i = 0; i < p->hashes_n; i++) {
		struct hm_str sibling = p->hashes[i];
		if (sibling.n != LOG_HASH)
			return hm_fail(cx, HM_TRUST, "a hash of the inclusion proof has %zu bytes",
				       sibling.n);
		if (last == 0)
			return hm_fail(cx, HM_TRUST, "the inclusion proof has too many hashes");
		if ((node & 1) || node == last) {
			hash_node(&h, sibling, hm_bytes(hash, LOG_HASH), hash);
			for (; !(node & 1) && node; node >>= 1)
				last >>= 1;
		} else {
			hash_node(&h, hm_bytes(hash, LOG_HASH), sibling, hash);
		}
		node >>= 1;
		last >>= 1;
	}
	if (last)
		return hm_fail(cx, HM_TRUST, "the inclusion proof has too few hashes");
	*out_root = hm_bytes(hash, LOG_HASH);
	return NULL;
}
