/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "codec/base64.h"
#include "codec/json.h"
#include "trust/config.h"

/*
 * Revocation lists that Notation and Hullmark keep for each other (notation-go, verifier/crl): a
 * file for each base list, whose name is the SHA-256 of its URL, in hex, with the JSON
 * {"baseCRL": base64, "deltaCRL": base64}. A base is never kept without the delta that it names:
 * Notation would believe it alone. The file's time says when it was kept. Whoever can write there
 * can withhold a newer list until the old one ends; that all are signed crypto/ checks.
 */

enum { LISTS_FRAME = 64 };
#define LISTS_MAX (2 * ((uint64_t)HM_MAX_CRL / 3 * 4 + 4) + LISTS_FRAME)

static struct hm_str name_lists(struct hm_cx *cx, struct hm_str url)
{
	return hm_hex(cx, crypto_digest_raw(cx, CRYPTO_SHA256, url));
}

hm_err trust_lists_parse(struct hm_cx *cx, struct hm_str text, struct crypto_lists *out)
{
	struct json top, base, delta;
	HM_TRY(json_parse(cx, text, JSON_STRICT, &top));
	base = json_get(top, "baseCRL");
	delta = json_get(top, "deltaCRL");
	if (!json_is_string(base) || (json_is_there(delta) && !json_is_string(delta)))
		return hm_fail(cx, HM_INPUT, "it has no lists");
	HM_TRY(base64_parse(cx, BASE64_STD, json_str(base), &out->base));
	return json_is_there(delta) ? base64_parse(cx, BASE64_STD, json_str(delta), &out->delta)
				    : NULL;
}

/* Also a file that links lead to, as Notation reads it. */
static hm_err read_lists(struct hm_cx *cx, const char *path, struct crypto_lists *out)
{
	struct hm_str text;
	HM_TRY(hm_read_file(cx, path, LISTS_MAX, &text));
	return trust_lists_parse(cx, text, out);
}

bool trust_lists_get(struct hm_cx *cx, const struct trust_kept *k, struct hm_str url, bool old,
		     struct crypto_lists *out)
{
	const char *path = hm_path(cx, k->lists.dir, name_lists(cx, url).p);
	struct crypto_lists found = { 0 };
	struct stat st;
	int64_t now = hm_now();
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	/* one from the future was kept under another clock */
	bool fresh = st.st_mtime <= now && now - st.st_mtime < k->fresh_seconds;
	if (!fresh && !old)
		return false;
	hm_err err = read_lists(cx, path, &found);
	if (err) {
		hm_log(cx, HM_LOG_DEBUG, "revocation lists that were kept cannot be used", "file",
		       path, "why", err->why, NULL);
		return false;
	}
	*out = found;
	return true;
}

void trust_lists_put(struct hm_cx *cx, struct trust_kept *k, struct hm_str url,
		     const struct crypto_lists *lists)
{
	HM_AUTO_BUF b = HM_BUF(LISTS_MAX);
	struct json_out o = json_out(&b, false);
	struct hm_str text;
	json_open(&o, NULL, '{');
	json_put_str(&o, "baseCRL", base64_format(cx, BASE64_STD, lists->base));
	if (lists->delta.n)
		json_put_str(&o, "deltaCRL", base64_format(cx, BASE64_STD, lists->delta));
	json_close(&o, '}');
	if (!hm_buf_end(cx, &b, "revocation lists", &text))
		hm_cache_put(cx, &k->lists, name_lists(cx, url), text);
}
