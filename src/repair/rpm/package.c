/* SPDX-License-Identifier: Apache-2.0 */
/* A package: fetched, and nothing of it counts before a chain from a key that is trusted reaches
 * it. */
#include <unistd.h>

#include "base/worker.h"
#include "codec/stream.h"
#include "repair/rpm/rpm.h"

enum { STEP = 256 * 1024 };

hm_err repair_rpm_read_at(struct hm_cx *cx, int fd, uint64_t at, char *room, size_t n)
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

static hm_err hash_part(struct hm_cx *cx, int fd, uint64_t from, uint64_t to, struct hm_str *out)
{
	CRYPTO_AUTO_HASH h = { 0 };
	char *room = hm_new(cx, char, STEP);
	crypto_hash_start(&h, CRYPTO_SHA256);
	while (from < to) {
		size_t n = to - from < STEP ? (size_t)(to - from) : STEP;
		HM_TRY(repair_rpm_read_at(cx, fd, from, room, n));
		crypto_hash_add(&h, hm_bytes(room, n));
		from += n;
	}
	*out = hm_from(crypto_hash_text(cx, &h), strlen("sha256:"));
	return NULL;
}

/* ------------------------------------------------------------------ fetched */

static hm_err fetch(struct hm_cx *cx, const struct repair_run *run, const struct rpm_repository *r,
		    struct repair_change *c, struct rpm_fetched *f)
{
	struct repair_from from = { run->o->http, r->url };
	const struct repair_file file = { c->path, c->sha256, c->size };
	bool there;
	HM_TRY(c->sha256.n && c->size
		       ? repair_fetch_file(cx, &from, &file, &f->fd, &there)
		       : repair_fetch_unknown(cx, &from, c->path, HM_MAX_REPAIR_PACKAGE, &f->fd,
					      &there));
	if (!there)
		return hm_fail(cx, HM_ABSENT,
			       "the repository lacks \"%.*s\", which its metadata names",
			       HM_FMT(c->path));
	off_t size = lseek(f->fd, 0, SEEK_END);
	if (size < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	f->size = c->size = (uint64_t)size;
	return NULL;
}

static hm_err ask_head(struct hm_cx *cx, int fd, struct hm_str *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	char *room = hm_new(cx, char, STEP);
	size_t n = 1;
	bool wants = true;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	HM_TRY(hm_worker_start(cx, REPAIR_RPM_HEAD_JOB, HM_STR(""), 0, &w));
	while (wants && n) {
		HM_TRY(stream_read_fd(cx, &fd, room, STEP, &n));
		if (n)
			HM_TRY(hm_worker_feed(cx, &w, hm_bytes(room, n), &wants));
	}
	return hm_worker_answer(cx, &w, out);
}

static hm_err read_head(struct hm_cx *cx, struct rpm_fetched *f)
{
	struct hm_str answer;
	HM_TRY(ask_head(cx, f->fd, &answer));
	struct hm_cur c = hm_cur(answer);
	f->header = hm_uvarint(&c);
	f->header_size = hm_uvarint(&c);
	f->signature_header = hm_take_str(&c, hm_uvarint(&c));
	f->raw_header = hm_take_str(&c, hm_uvarint(&c));
	for (uint64_t n = hm_uvarint(&c); n && !c.bad; n--)
		*hm_push(cx, &f->signatures) = hm_take_str(&c, hm_uvarint(&c));
	f->payload = f->header + f->header_size;
	if (!repair_rpm_record_read(cx, &c, &f->p) || c.n || f->header > f->size ||
	    f->header_size > f->size - f->header)
		return hm_fail(cx, HM_INPUT, "its reader answered in no known form");
	return NULL;
}

/* ------------------------------------------------------------------ trusted */

static struct hm_str signed_bytes(struct hm_cx *cx, const struct rpm_fetched *f)
{
	static const char magic[] = "\x8e\xad\xe8\x01\0\0\0";
	char *room = hm_new(cx, char, sizeof(magic) + f->raw_header.n);
	memcpy(room, magic, sizeof(magic));
	memcpy(room + sizeof(magic), f->raw_header.p, f->raw_header.n);
	return hm_bytes(room, sizeof(magic) + f->raw_header.n);
}

/* One good signature by a key that is trusted is enough; a bad one by such a key is refused. */
static hm_err verify_signature(struct hm_cx *cx, const struct rpm_repository *r,
			       struct rpm_fetched *f)
{
	struct hm_str bytes = signed_bytes(cx, f);
	struct repair_signed s;
	hm_err err = NULL;
	for (size_t i = 0; i < f->signatures.n; i++) {
		err = repair_openpgp_detached(cx, bytes, f->signatures.p[i], &r->keys, &s);
		if (err)
			continue;
		f->signer = s.signer;
		return NULL;
	}
	if (err)
		return hm_wrap(cx, err, "the package's signature");
	return hm_hint(cx,
		       hm_fail(cx, HM_TRUST,
			       r->is_verified
				       ? "the package is not signed, and gpgcheck asks for it"
				       : "neither the package nor the repository's metadata is "
					 "signed"),
		       "sign one of the two (rpmsign --addsign; gpg --detach-sign --armor "
		       "repodata/repomd.xml), and give the key by --keyring FILE");
}

/* Which digests of files can be relied on where nothing else reaches them: OpenPGP's numbers. */
static bool is_strong(uint32_t algorithm)
{
	return algorithm >= 8 && algorithm <= 10; /* SHA-256, SHA-384, SHA-512 */
}

static hm_err check_payload(struct hm_cx *cx, const struct rpm_repository *r,
			    const struct rpm_fetched *f)
{
	struct hm_str have;
	if (!f->p.payload_digest.n) {
		if (r->is_verified || is_strong(f->p.digest_algorithm) || !f->p.files.n)
			return NULL;
		return hm_fail(cx, HM_TRUST,
			       "its files have no digests but MD5, and nothing else is signed");
	}
	HM_TRY(hash_part(cx, f->fd, f->payload, f->size, &have));
	if (hm_eq(have, f->p.payload_digest))
		return NULL;
	return hm_fail(cx, HM_TRUST,
		       "its payload is not the one that its header names: SHA-256 %.*s, not %.*s",
		       HM_FMT(have), HM_FMT(f->p.payload_digest));
}

static hm_err check_identity(struct hm_cx *cx, const struct repair_change *c,
			     const struct rpm_fetched *f)
{
	static const char *const known[] = { "", "gzip", "xz", "zstd" };
	bool good = false;
	if (!hm_eq(f->p.name, c->name) || !hm_eq(f->p.evr, c->to) || !hm_eq(f->p.arch, c->arch))
		return hm_fail(cx, HM_TRUST, "it is \"%.*s\" %.*s %.*s inside", HM_FMT(f->p.name),
			       HM_FMT(f->p.evr), HM_FMT(f->p.arch));
	for (size_t i = 0; i < HM_LEN(known); i++)
		good = good || hm_eqz(f->p.payload, known[i]);
	return good ? NULL
		    : hm_fail(cx, HM_INPUT,
			      "its payload is packed with \"%.*s\", which is not read",
			      HM_FMT(f->p.payload));
}

hm_err repair_rpm_package(struct hm_cx *cx, const struct repair_run *run,
			  const struct rpm_repository *r, struct repair_change *c,
			  struct rpm_fetched *out)
{
	HM_TRY(fetch(cx, run, r, c, out));
	if (!c->sha256.n && r->is_verified && !r->signed_packages)
		return hm_fail(cx, HM_TRUST, "the metadata has no SHA-256 of it");
	HM_TRY(read_head(cx, out));
	if (r->signed_packages || !r->is_verified)
		HM_TRY(verify_signature(cx, r, out));
	HM_TRY(check_payload(cx, r, out));
	HM_TRY(check_identity(cx, c, out));
	return c->sha256.n ? NULL : hash_part(cx, out->fd, 0, out->size, &c->sha256);
}
