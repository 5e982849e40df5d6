/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/image.h"

#include "crypto/crypto.h"

/* A file: magic, SHA-256 of what follows, the key (counted), the answer. */
static const char magic[] = "hullmark layer 1";

enum { MAGIC_SIZE = sizeof(magic) - 1, SUM_SIZE = 32 };

/* Whatever changes what is found must change the key. */
static struct hm_str make_key(struct hm_cx *cx)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	hm_buf_fmt(&b, "%s %d %d", HULLMARK_VERSION, INVENTORY_CATALOGERS_VERSION,
		   INVENTORY_ANSWER_VERSION);
	for (const struct inventory_cataloger *c = inventory_catalogers; c->name; c++) {
		hm_buf_fmt(&b, " %s %d %d %llu", c->name, (int)c->evidence, c->required,
			   (unsigned long long)c->max);
		hm_buf_fmt(&b, " %s", c->part ? c->part : "");
		for (const char *const *p = c->patterns; *p; p++)
			hm_buf_fmt(&b, " %s", *p);
	}
	for (size_t i = 0; i < hm_limit_rows_n; i++)
		hm_buf_fmt(&b, " %llu", (unsigned long long)hm_limit_rows[i].value);
	return crypto_digest_text(cx, CRYPTO_SHA256, hm_buf_str(&b));
}

void inventory_cache_open(struct hm_cx *cx, const struct inventory_options *options,
			  struct inventory_cache *out)
{
	*out = (struct inventory_cache){ 0 };
	if (!options->cache_dir)
		return;
	out->files.dir = options->cache_dir;
	out->files.max = HM_MAX_CACHED_LAYERS;
	out->key = make_key(cx);
}

bool inventory_cache_decode(struct hm_str file, struct hm_str key, struct hm_str *out)
{
	struct hm_cur c = hm_cur(file);
	struct hm_str head = hm_take_str(&c, MAGIC_SIZE), sum = hm_take_str(&c, SUM_SIZE);
	if (c.bad || !hm_eq(head, hm_bytes(magic, MAGIC_SIZE)))
		return false;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str rest = hm_bytes(c.p, c.n);
	if (!hm_eq(sum, crypto_digest_raw(&cx, CRYPTO_SHA256, rest)))
		return false;
	uint64_t n = hm_uvarint(&c);
	struct hm_str have = n <= c.n ? hm_take_str(&c, (size_t)n) : HM_STR("");
	if (c.bad || !hm_eq(have, key))
		return false;
	*out = hm_bytes(c.p, c.n);
	return true;
}

hm_err inventory_cache_get(struct hm_cx *cx, const struct inventory_cache *c, struct hm_str digest,
			   struct hm_str *out)
{
	struct hm_str file, answer;
	*out = HM_STR("");
	HM_TRY(hm_cache_get(cx, &c->files, digest, HM_MAX_WORKER_RESULT, &file));
	if (inventory_cache_decode(file, c->key, &answer))
		*out = answer;
	else if (file.n)
		hm_log(cx, HM_LOG_DEBUG, "a layer cache file is damaged or old", "layer",
		       hm_dupz(cx, digest), NULL);
	return NULL;
}

void inventory_cache_put(struct hm_cx *cx, struct inventory_cache *c, struct hm_str digest,
			 struct hm_str answer)
{
	if (!c->files.dir)
		return;
	HM_AUTO_BUF rest = HM_BUF(HM_MAX_WORKER_RESULT), file = HM_BUF(HM_MAX_WORKER_RESULT);
	hm_buf_counted(&rest, c->key);
	hm_buf_add(&rest, answer);
	hm_buf_add(&file, hm_bytes(magic, MAGIC_SIZE));
	hm_buf_add(&file, crypto_digest_raw(cx, CRYPTO_SHA256, hm_buf_str(&rest)));
	hm_buf_add(&file, hm_buf_str(&rest));
	if (!file.over && !rest.over)
		hm_cache_put(cx, &c->files, digest, hm_buf_str(&file));
}
