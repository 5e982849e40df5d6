/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/oci.h"

#include <errno.h>

#include "oci/ops.h"

hm_err oci_digest_parse(struct hm_cx *cx, struct hm_str text, enum crypto_digest *out_alg,
			struct hm_str *out_hex)
{
	static const enum crypto_digest known[] = { CRYPTO_SHA256, CRYPTO_SHA384, CRYPTO_SHA512 };
	/* a table, because digits and letters follow each other at random, and branches would not
	 */
	static const uint8_t is_hex[256] = {
		['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1,
		['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1, ['a'] = 1, ['b'] = 1,
		['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1,
	};
	struct hm_str hex = text, name = hm_cut(&hex, ':');
	for (size_t i = 0; i < HM_LEN(known); i++) {
		const struct crypto_digest_row *row = &crypto_digest_rows[known[i]];
		if (!hm_eqz(name, row->name))
			continue;
		unsigned good = hex.n == 2 * row->size;
		for (size_t k = 0; k < hex.n; k++)
			good &= is_hex[(uint8_t)hex.p[k]];
		if (!good)
			break;
		*out_alg = known[i];
		*out_hex = hex;
		return NULL;
	}
	return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a valid digest",
		       HM_FMT(hm_sub(text, 0, 160)));
}

static hm_err fail_of_digest(struct hm_cx *cx, struct hm_str digest, struct hm_str got)
{
	return hm_fail(cx, HM_TRUST, "the content has digest \"%.*s\", not \"%.*s\"", HM_FMT(got),
		       HM_FMT(digest));
}

hm_err oci_digest_check(struct hm_cx *cx, struct hm_str digest, struct hm_str bytes)
{
	enum crypto_digest alg;
	struct hm_str hex;
	HM_TRY(oci_digest_parse(cx, digest, &alg, &hex));
	if (hm_eq(hm_hex(cx, crypto_digest_raw(cx, alg, bytes)), hex))
		return NULL;
	return fail_of_digest(cx, digest, crypto_digest_text(cx, alg, bytes));
}

static hm_err size_differs(struct hm_cx *cx, const struct oci_descriptor *d, uint64_t got)
{
	return hm_fail(cx, HM_TRUST, "\"%.*s\" has %s bytes than the %llu that were announced",
		       HM_FMT(d->digest), got > d->size ? "more" : "fewer",
		       (unsigned long long)d->size);
}

static hm_err check_end(struct hm_cx *cx, const struct oci_descriptor *d, struct crypto_hash *hash,
			uint64_t got)
{
	if (got != d->size)
		return size_differs(cx, d, got);
	struct hm_str text = crypto_hash_text(cx, hash);
	return hm_eq(text, d->digest) ? NULL : fail_of_digest(cx, d->digest, text);
}

hm_err oci_verify_start(struct hm_cx *cx, struct verify *v, const struct oci_descriptor *d,
			struct oci_sink to)
{
	enum crypto_digest alg;
	struct hm_str hex;
	HM_TRY(oci_digest_parse(cx, d->digest, &alg, &hex));
	*v = (struct verify){ .to = to, .d = d };
	crypto_hash_start(&v->hash, alg);
	return NULL;
}

static hm_err verify_add(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct verify *v = arg;
	if (bytes.n > v->d->size - v->got)
		return size_differs(cx, v->d, UINT64_MAX);
	v->got += bytes.n;
	hm_progress_add(v->bar, bytes.n);
	crypto_hash_add(&v->hash, bytes);
	return v->to.add ? v->to.add(cx, v->to.arg, bytes) : NULL;
}

static hm_err verify_rewind(struct hm_cx *cx, void *arg)
{
	struct verify *v = arg;
	uint8_t ignored[CRYPTO_DIGEST_MAX];
	crypto_hash_end(&v->hash, ignored);
	v->got = 0;
	return v->to.rewind(cx, v->to.arg);
}

struct oci_sink oci_verify_sink(struct verify *v)
{
	return (struct oci_sink){ .add = verify_add,
				  .rewind = v->to.rewind ? verify_rewind : NULL,
				  .arg = v };
}

hm_err oci_verify_end(struct hm_cx *cx, struct verify *v)
{
	return check_end(cx, v->d, &v->hash, v->got);
}

void oci_verify_done(struct verify *v)
{
	crypto_hash_done(&v->hash);
}

hm_err oci_verify_body_start(struct hm_cx *cx, struct verify_body *v,
			     const struct oci_descriptor *d, struct http_body from)
{
	enum crypto_digest alg;
	struct hm_str hex;
	HM_TRY(oci_digest_parse(cx, d->digest, &alg, &hex));
	*v = (struct verify_body){ .from = from, .d = d };
	crypto_hash_start(&v->hash, alg);
	return NULL;
}

static hm_err verify_body_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	struct verify_body *v = arg;
	size_t got;
	HM_TRY(v->from.read(cx, v->from.arg, room, n, &got));
	if (got > v->d->size - v->got)
		return size_differs(cx, v->d, UINT64_MAX);
	if (got == 0 && v->got < v->d->size)
		return size_differs(cx, v->d, v->got);
	crypto_hash_add(&v->hash, hm_bytes(room, got));
	bool last = got && v->got + got == v->d->size;
	v->got += got;
	hm_progress_add(v->bar, got);
	if (last || v->d->size == 0)
		HM_TRY(check_end(cx, v->d, &v->hash, v->got));
	*out_n = got;
	return NULL;
}

static hm_err verify_body_rewind(struct hm_cx *cx, void *arg)
{
	struct verify_body *v = arg;
	uint8_t ignored[CRYPTO_DIGEST_MAX];
	crypto_hash_end(&v->hash, ignored);
	v->got = 0;
	return v->from.rewind(cx, v->from.arg);
}

struct http_body oci_verify_body(struct verify_body *v)
{
	return (struct http_body){ .size = (int64_t)v->d->size,
				   .read = verify_body_read,
				   .rewind = v->from.rewind ? verify_body_rewind : NULL,
				   .arg = v };
}

void oci_verify_body_done(struct verify_body *v)
{
	crypto_hash_done(&v->hash);
}

void oci_extent_done(struct extent *e)
{
	if (e->owned && e->fd >= 0)
		close(e->fd);
	e->owned = false;
}

static hm_err extent_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	struct extent *e = arg;
	if (n > e->size - e->at)
		n = (size_t)(e->size - e->at);
	ssize_t got = 0;
	do {
		if (n)
			got = pread(e->fd, room, n, (off_t)(e->offset + e->at));
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return hm_fail_os(cx, "could not read \"%s\"", e->name);
	if (n && got == 0)
		return hm_fail(cx, HM_INPUT, "\"%s\" ends too early", e->name);
	e->at += (size_t)got;
	*out_n = (size_t)got;
	return NULL;
}

static hm_err extent_rewind(struct hm_cx *cx, void *arg)
{
	(void)cx;
	((struct extent *)arg)->at = 0;
	return NULL;
}

struct http_body oci_extent_body(struct extent *e)
{
	return (struct http_body){
		.size = (int64_t)e->size, .read = extent_read, .rewind = extent_rewind, .arg = e
	};
}

hm_err oci_extent_to_sink(struct hm_cx *cx, struct extent e, struct oci_sink sink)
{
	size_t room_n = e.size < OCI_CHUNK ? (size_t)e.size + 1 : (size_t)OCI_CHUNK;
	HM_AUTO_BUF room = HM_BUF(OCI_CHUNK + 1); /* not the arena: the sink's memory lies there */
	char *at = hm_buf_room(&room, room_n);
	for (size_t got = 1; got;) {
		HM_TRY(hm_alive(cx));
		HM_TRY(extent_read(cx, &e, at, room_n, &got));
		if (got)
			HM_TRY(sink.add(cx, sink.arg, hm_bytes(at, got)));
	}
	return NULL;
}

static hm_err bytes_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	(void)cx;
	struct bytes_body *b = arg;
	struct hm_str some = hm_sub(b->bytes, b->at, n);
	if (some.n)
		memcpy(room, some.p, some.n);
	b->at += some.n;
	*out_n = some.n;
	return NULL;
}

static hm_err bytes_rewind(struct hm_cx *cx, void *arg)
{
	(void)cx;
	((struct bytes_body *)arg)->at = 0;
	return NULL;
}

struct http_body oci_bytes_body(struct bytes_body *b)
{
	return (struct http_body){
		.size = (int64_t)b->bytes.n, .read = bytes_read, .rewind = bytes_rewind, .arg = b
	};
}

static hm_err memory_add(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct memory *m = arg;
	HM_TRY(hm_charge(cx, bytes.n));
	hm_buf_add(&m->buf, bytes);
	return m->buf.over ? hm_fail(cx, HM_LIMIT, "more than %zu bytes", m->buf.max) : NULL;
}

static hm_err memory_rewind(struct hm_cx *cx, void *arg)
{
	(void)cx;
	hm_buf_clear(&((struct memory *)arg)->buf);
	return NULL;
}

struct oci_sink oci_memory_sink(struct memory *m)
{
	return (struct oci_sink){ .add = memory_add, .rewind = memory_rewind, .arg = m };
}

static hm_err hash_add(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	(void)cx;
	crypto_hash_add(arg, bytes);
	return NULL;
}

struct oci_sink oci_hash_sink(struct crypto_hash *h)
{
	return (struct oci_sink){ .add = hash_add, .arg = h };
}

static hm_err file_add(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	return hm_write_all(cx, *(const int *)arg, "a temporary file", bytes);
}

static hm_err file_rewind(struct hm_cx *cx, void *arg)
{
	int fd = *(const int *)arg;
	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not empty a temporary file");
	return NULL;
}

struct oci_sink oci_file_sink(int *fd)
{
	return (struct oci_sink){ .add = file_add, .rewind = file_rewind, .arg = fd };
}
