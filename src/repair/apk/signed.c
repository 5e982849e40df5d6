/* SPDX-License-Identifier: Apache-2.0 */
/* Members of packages and indexes, and who signed them. */
#include <unistd.h>

#include "base/worker.h"
#include "codec/base64.h"
#include "codec/stream.h"
#include "repair/apk/apk.h"

enum { STEP = 256 * 1024 };

static hm_err damaged(struct hm_cx *cx)
{
	return hm_fail(cx, HM_INPUT, "its reader answered in no known form");
}

static hm_err read_answer(struct hm_cx *cx, struct hm_str answer, struct apk_members *m)
{
	struct hm_cur c = hm_cur(answer);
	m->first = hm_uvarint(&c);
	m->second = hm_uvarint(&c);
	uint64_t n = hm_uvarint(&c);
	for (uint64_t i = 0; i < n && !c.bad; i++) {
		*hm_push(cx, &m->names) = hm_take_str(&c, hm_uvarint(&c));
		*hm_push(cx, &m->signatures) = hm_take_str(&c, hm_uvarint(&c));
	}
	bool ordered = m->first && m->first <= m->size &&
		       (!m->second || (m->second > m->first && m->second <= m->size));
	return c.bad || c.n || !ordered ? damaged(cx) : NULL;
}

hm_err repair_apk_members(struct hm_cx *cx, int fd, struct apk_members *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	char *room = hm_new(cx, char, STEP);
	struct hm_str answer;
	size_t n = 1;
	bool wants = true;
	off_t size = lseek(fd, 0, SEEK_END);
	if (size < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	*out = (struct apk_members){ .size = (uint64_t)size };
	HM_TRY(hm_worker_start(cx, REPAIR_APK_SIGNED_JOB, HM_STR(""), 0, &w));
	while (wants && n) {
		HM_TRY(stream_read_fd(cx, &fd, room, STEP, &n));
		if (n)
			HM_TRY(hm_worker_feed(cx, &w, hm_bytes(room, n), &wants));
	}
	HM_TRY(hm_worker_answer(cx, &w, &answer));
	return read_answer(cx, answer, out);
}

static hm_err read_at(struct hm_cx *cx, int fd, uint64_t at, char *room, size_t n)
{
	while (n) {
		ssize_t got = pread(fd, room, n, (off_t)at);
		if (got <= 0)
			return hm_fail_os(cx, "could not read a temporary file");
		room += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return NULL;
}

hm_err repair_apk_hash(struct hm_cx *cx, int fd, uint64_t from, uint64_t to, struct crypto_hash *h)
{
	struct hm_mark mark = hm_mark(cx);
	char *room = hm_new(cx, char, STEP);
	while (from < to) {
		size_t n = to - from < STEP ? (size_t)(to - from) : STEP;
		HM_TRY(read_at(cx, fd, from, room, n));
		crypto_hash_add(h, hm_bytes(room, n));
		from += n;
	}
	hm_release(cx, mark);
	return NULL;
}

struct hm_str repair_apk_checksum(struct hm_cx *cx, struct crypto_hash *h)
{
	uint8_t raw[CRYPTO_DIGEST_MAX];
	size_t n = crypto_hash_end(h, raw);
	return hm_fmt(cx, "Q1%.*s", HM_FMT(base64_format(cx, BASE64_STD, hm_bytes(raw, n))));
}

/* ------------------------------------------------------------------ signatures */

/* ".SIGN.RSA.NAME" (SHA-1, what distributions still sign with), ".SIGN.RSA256.NAME". */
static enum crypto_alg alg_of(struct hm_str file, struct hm_str *out_key)
{
	static const struct {
		const char *head;
		enum crypto_alg alg;
	} rows[] = { { ".SIGN.RSA.", CRYPTO_RS1 },
		     { ".SIGN.RSA256.", CRYPTO_RS256 },
		     { ".SIGN.RSA512.", CRYPTO_RS512 } };
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (hm_starts(file, hm_cstr(rows[i].head))) {
			*out_key = hm_from(file, strlen(rows[i].head));
			return rows[i].alg;
		}
	return 0;
}

static hm_err verify_by(struct hm_cx *cx, const struct apk_key *k, enum crypto_alg alg,
			struct hm_str bytes, struct hm_str signature)
{
	CRYPTO_AUTO_KEY key = { 0 };
	HM_TRY_IN(cx, crypto_public_key_parse(cx, k->pem, alg, &key), "key \"%.*s\"",
		  HM_FMT(k->name));
	HM_TRY_IN(cx, crypto_verify_repository(cx, &key, bytes, signature), "key \"%.*s\"",
		  HM_FMT(k->name));
	return NULL;
}

/* One good signature by a key that is known is enough; by one that is known a bad one is refused.
 */
static hm_err verify(struct hm_cx *cx, const struct apk_repositories *r,
		     const struct apk_members *m, struct hm_str bytes, struct hm_str *out_signer)
{
	struct hm_str name = HM_STR(""), last = HM_STR("");
	hm_err given_failed = NULL;
	for (size_t i = 0; i < m->names.n; i++) {
		enum crypto_alg alg = alg_of(m->names.p[i], &name);
		last = alg ? name : last;
		for (size_t k = 0; alg && k < r->keys.n; k++) {
			const struct apk_key *key = &r->keys.p[k];
			bool named = hm_eq(key->name, name);
			if (!named && !key->given)
				continue;
			hm_err err = verify_by(cx, key, alg, bytes, m->signatures.p[i]);
			if (err && named)
				return err;
			given_failed = err ? err : given_failed;
			if (err)
				continue;
			*out_signer = hm_fmt(cx, "%.*s, RSA with %s", HM_FMT(key->name),
					     alg == CRYPTO_RS1     ? "SHA-1"
					     : alg == CRYPTO_RS256 ? "SHA-256"
								   : "SHA-512");
			return NULL;
		}
	}
	if (given_failed)
		return given_failed;
	return hm_hint(cx,
		       hm_fail(cx, HM_TRUST, "nobody here knows the key \"%.*s\" that signed it",
			       HM_FMT(last)),
		       "--keyring FILE, if you trust it");
}

hm_err repair_apk_verify_index(struct hm_cx *cx, const struct apk_repositories *r, int fd,
			       struct hm_str *out_bytes, struct hm_str *out_signer)
{
	struct apk_members m;
	HM_TRY(repair_apk_members(cx, fd, &m));
	if (!m.names.n)
		return hm_fail(cx, HM_TRUST, "it is not signed");
	if (!m.second || m.second != m.size)
		return hm_fail(cx, HM_INPUT, "it has not the two parts of a signed index");
	size_t n = (size_t)(m.second - m.first);
	char *room = hm_new(cx, char, n);
	HM_TRY(read_at(cx, fd, m.first, room, n));
	HM_TRY(verify(cx, r, &m, hm_bytes(room, n), out_signer));
	*out_bytes = hm_bytes(room, n);
	return NULL;
}
