/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/cache.h"

#include "base/key.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "inventory/answer.h"

/* A file: magic, SHA-256 of what follows, the key (counted), the answer. */
static const char magic[] = "hullmark layer 2";

enum { MAGIC_SIZE = sizeof(magic) - 1, SUM_SIZE = 32 };

static void add_cataloger(struct hm_buf *b, const struct inventory_cataloger *c)
{
	size_t patterns = 0;
	while (c->patterns[patterns])
		patterns++;
	hm_buf_counted(b, hm_cstr(c->name));
	hm_buf_uvarint(b, (uint64_t)c->evidence);
	hm_buf_uvarint(b, (uint64_t)c->required);
	hm_buf_uvarint(b, (uint64_t)c->max);
	hm_buf_counted(b, hm_cstr(c->part));
	hm_buf_uvarint(b, patterns);
	for (size_t i = 0; i < patterns; i++)
		hm_buf_counted(b, hm_cstr(c->patterns[i]));
}

/* Whatever changes what is found must change the key, as must another seed. */
static struct hm_str make_key(struct hm_cx *cx, const struct inventory_seed *seed)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	hm_buf_counted(&b, HM_STR(HULLMARK_VERSION));
	hm_buf_uvarint(&b, INVENTORY_CATALOGERS_VERSION);
	hm_buf_uvarint(&b, INVENTORY_ANSWER_VERSION);
	for (const struct inventory_cataloger *c = inventory_catalogers; c->name; c++)
		add_cataloger(&b, c);
	hm_buf_counted(&b, HM_STR("")); /* the end of them: none is without name */
	for (size_t i = 0; i < hm_limit_rows_n; i++)
		hm_buf_uvarint(&b, hm_limit_rows[i].value);
	inventory_seed_write(&b, seed);
	return crypto_digest_text(cx, CRYPTO_SHA256, hm_buf_str(&b));
}

void inventory_cache_open(struct hm_cx *cx, const struct inventory_options *options,
			  struct inventory_cache *out)
{
	*out = (struct inventory_cache){ 0 };
	if (!options->cache_dir || !inventory_seed_keep(cx, options->cache_dir, &out->seed)) {
		inventory_seed_make(&out->seed);
		return;
	}
	out->files.dir = options->cache_dir;
	out->files.max = HM_MAX_CACHED_LAYERS;
	out->key = make_key(cx, &out->seed);
}

struct hm_str inventory_cache_key(struct hm_cx *cx, const struct inventory_cache *c,
				  struct hm_str digest, struct hm_str asked)
{
	return HM_KEY(cx, 'l', c->key, digest, asked);
}

/* The file's name: the whole key stands in the file, and is compared. */
static struct hm_str name_of(struct hm_cx *cx, struct hm_str key)
{
	return crypto_digest_text(cx, CRYPTO_SHA256, key);
}

/* Of a file that is kept under the key: its sum, what that is of, and the answer. */
struct parts {
	struct hm_str sum, summed, answer;
};

static bool take_apart(struct hm_str file, struct hm_str key, struct parts *out)
{
	struct hm_cur c = hm_cur(file);
	struct hm_str head = hm_take_str(&c, MAGIC_SIZE);
	out->sum = hm_take_str(&c, SUM_SIZE);
	out->summed = hm_bytes(c.p, c.n);
	uint64_t n = hm_uvarint(&c);
	struct hm_str have = n <= c.n ? hm_take_str(&c, (size_t)n) : HM_STR("");
	out->answer = hm_bytes(c.p, c.n);
	return !c.bad && hm_eq(head, hm_bytes(magic, MAGIC_SIZE)) && hm_eq(have, key);
}

bool inventory_cache_decode(struct hm_str file, struct hm_str key, struct hm_str *out)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct parts p;
	if (!take_apart(file, key, &p) ||
	    !hm_eq(p.sum, crypto_digest_raw(&cx, CRYPTO_SHA256, p.summed)))
		return false;
	*out = p.answer;
	return true;
}

hm_err inventory_cache_get(struct hm_cx *cx, const struct inventory_cache *c, struct hm_str key,
			   struct hm_str *out)
{
	struct hm_str file, answer;
	*out = HM_STR("");
	if (!c->files.dir)
		return NULL;
	struct hm_str name = name_of(cx, key);
	HM_TRY(hm_cache_get(cx, &c->files, name, HM_MAX_WORKER_RESULT, &file));
	if (inventory_cache_decode(file, key, &answer))
		*out = answer;
	else if (file.n)
		hm_log(cx, HM_LOG_DEBUG, "a layer cache file is damaged or old", "file", name.p,
		       NULL);
	return NULL;
}

/* An answer is large: the file is put together once, in a room of its size. */
static void put_file(struct hm_cx *cx, struct inventory_cache *c, struct hm_str key,
		     struct hm_str seal, struct hm_str answer)
{
	HM_AUTO_BUF head = HM_BUF(HM_MIB), file = HM_BUF(HM_MAX_WORKER_RESULT);
	CRYPTO_AUTO_HASH sum = { 0 };
	uint8_t digest[CRYPTO_DIGEST_MAX];
	hm_buf_counted(&head, key);
	hm_buf_add(&head, seal);
	if (head.over || !hm_buf_room(&file, MAGIC_SIZE + SUM_SIZE + head.n + answer.n))
		return;
	hm_buf_clear(&file);
	crypto_hash_start(&sum, CRYPTO_SHA256);
	crypto_hash_add(&sum, hm_buf_str(&head));
	crypto_hash_add(&sum, answer);
	crypto_hash_end(&sum, digest);
	hm_buf_add(&file, hm_bytes(magic, MAGIC_SIZE));
	hm_buf_add(&file, hm_bytes((const char *)digest, SUM_SIZE));
	hm_buf_add(&file, hm_buf_str(&head));
	hm_buf_add(&file, answer);
	hm_cache_put(cx, &c->files, name_of(cx, key), hm_buf_str(&file));
}

void inventory_cache_put(struct hm_cx *cx, struct inventory_cache *c, struct hm_str key,
			 struct hm_str answer)
{
	if (c->files.dir)
		put_file(cx, c, key, HM_STR(""), answer);
}

/* ------------------------------------------------------------------ of other rooms */

enum { SEAL_SIZE = 32 };

/* False: there can be no secret. */
static bool make_seal(struct hm_cx *cx, const struct inventory_kept *k, struct hm_str key,
		      struct hm_str answer, struct hm_str *out)
{
	HM_AUTO_BUF secret = HM_BUF(HM_KIB);
	struct inventory_seed seed;
	if (!inventory_seed_keep(cx, k->secret, &seed))
		return false;
	inventory_seed_write(&secret, &seed);
	struct hm_str sum = crypto_digest_raw(cx, CRYPTO_SHA256, answer);
	*out = crypto_hmac(cx, CRYPTO_SHA256, hm_buf_str(&secret), HM_KEY(cx, 's', key, sum));
	return true;
}

hm_err inventory_kept_get(struct hm_cx *cx, const struct inventory_kept *k, struct hm_str key,
			  struct hm_str *out)
{
	struct inventory_cache c = { .files = { .dir = k->dir, .max = HM_MAX_CACHED_LAYERS } };
	struct hm_str file, seal;
	struct parts p;
	*out = HM_STR("");
	if (!k->dir)
		return NULL;
	HM_TRY(hm_cache_get(cx, &c.files, name_of(cx, key), HM_MAX_WORKER_RESULT, &file));
	/* The seal says more than the sum. */
	struct hm_str answer =
		take_apart(file, key, &p) ? hm_from(p.answer, SEAL_SIZE) : HM_STR("");
	if (!answer.n || !make_seal(cx, k, key, answer, &seal))
		return NULL;
	if (hm_eq(hm_sub(p.answer, 0, SEAL_SIZE), seal))
		*out = answer;
	else
		hm_log(cx, HM_LOG_DEBUG, "what is kept of a layer was not kept by this user here",
		       "folder", k->dir, NULL);
	return NULL;
}

void inventory_kept_put(struct hm_cx *cx, const struct inventory_kept *k, struct hm_str key,
			struct hm_str answer)
{
	struct inventory_cache c = { .files = { .dir = k->dir, .max = HM_MAX_CACHED_LAYERS } };
	struct hm_str seal;
	if (k->dir && make_seal(cx, k, key, answer, &seal))
		put_file(cx, &c, key, seal, answer);
}
