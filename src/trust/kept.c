/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/config.h"

/*
 * Answers about revocation that are kept: lists and OCSP responses, a file each, by what was asked.
 * A file begins with a line: when it was kept, and the digest of the rest. That it is signed and
 * current, crypto/ checks each time.
 */

enum { STAMP_DIGITS = 20, FIRST_LINE = STAMP_DIGITS + 1 + 2 * 32 + 1 };

static struct hm_str make_key(struct hm_cx *cx, const struct crypto_question *q)
{
	CRYPTO_AUTO_HASH h = { 0 };
	uint8_t digest[CRYPTO_DIGEST_MAX];
	crypto_hash_start(&h, CRYPTO_SHA256);
	crypto_hash_add_part(&h, q->url);
	crypto_hash_add_part(&h, q->body);
	size_t n = crypto_hash_end(&h, digest);
	return hm_hex(cx, hm_bytes(digest, n));
}

static struct hm_str hash_text(struct hm_cx *cx, struct hm_str bytes)
{
	return hm_hex(cx, crypto_digest_raw(cx, CRYPTO_SHA256, bytes));
}

void trust_kept_get(struct hm_cx *cx, const struct trust_kept *k, const struct crypto_question *q,
		    bool old, struct hm_str *out)
{
	struct hm_str bytes = HM_STR("");
	uint64_t when;
	*out = HM_STR("");
	if (!k || hm_cache_get(cx, &k->files, make_key(cx, q), q->max + FIRST_LINE, &bytes) ||
	    !bytes.n)
		return;
	struct hm_str line = hm_cut(&bytes, '\n');
	struct hm_str stamp = hm_cut(&line, ' ');
	int64_t now = hm_now();
	if (!hm_u64(stamp, INT64_MAX, &when) || !hm_eq(line, hash_text(cx, bytes)))
		return;
	/* one from the future was kept under another clock */
	bool fresh = (int64_t)when <= now && now - (int64_t)when < k->fresh_seconds;
	if (fresh || old)
		*out = bytes;
}

void trust_kept_put(struct hm_cx *cx, struct trust_kept *k, const struct crypto_question *q,
		    struct hm_str answer)
{
	if (!k)
		return;
	HM_AUTO_BUF b = HM_BUF(q->max + FIRST_LINE);
	struct hm_str text;
	hm_buf_fmt(&b, "%lld %s\n", (long long)hm_now(), hash_text(cx, answer).p);
	hm_buf_add(&b, answer);
	if (!hm_buf_end(cx, &b, "answer", &text))
		hm_cache_put(cx, &k->files, make_key(cx, q), text);
}
