/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An upload is a file DATA/uploads/ID; its size is how much has come. The digest is computed as
 * bytes come in; after a restart it is computed from the file.
 */
#include "oci/registry/registry.h"

#include <fcntl.h>
#include <unistd.h>

enum { PIECE = 256 * 1024, FLUSH_EVERY = 8 * 1024 * 1024 };

/* ---- bytes */

/* What the client said of this request's body: the status to refuse it with, or 0. */
static int check_range(struct registry_request *q, const struct registry_upload *u)
{
	uint64_t first, last;
	struct hm_str range = http_exchange_header(q->x, "content-range");
	int64_t length = http_exchange_length(q->x);
	if (range.n == 0)
		return 0;
	if (!oci_registry_content_range_parse(range, &first, &last))
		return 400;
	if (first != u->size)
		return 416;
	return length >= 0 && (uint64_t)length != last - first + 1 ? 400 : 0;
}

static hm_err store_body(struct hm_cx *cx, struct registry_request *q, struct registry_upload *u,
			 int fd)
{
	uint64_t flushed = u->size;
	struct hm_str piece;
	do {
		HM_TRY(http_exchange_next(cx, q->x, &piece));
		if (piece.n > HM_MAX_BLOB - u->size)
			return hm_fail(cx, HM_LIMIT, "the blob is larger than %llu bytes",
				       (unsigned long long)HM_MAX_BLOB);
		HM_TRY(hm_write_all(cx, fd, "the upload", piece));
		if (u->hashed)
			crypto_hash_add(&u->sha256, piece);
		u->size += piece.n;
		/* let the disk begin, so that the flush at the end is short */
		if (u->size - flushed >= FLUSH_EVERY) {
			sync_file_range(fd, (off_t)flushed, (off_t)(u->size - flushed),
					SYNC_FILE_RANGE_WRITE);
			flushed = u->size;
		}
	} while (piece.n);
	return NULL;
}

/* Append the request's body. On a fault the file ends where the last good piece did. */
static hm_err append_body(struct hm_cx *cx, struct registry_request *q, struct registry_upload *u)
{
	HM_AUTO_FD fd =
		open(oci_registry_upload_path(cx, q->r, u->id), O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return hm_fail_os(cx, "could not open the upload");
	hm_err err = store_body(cx, q, u, fd);
	if (err && ftruncate(fd, (off_t)u->size) < 0)
		return hm_fail_os(cx, "could not shorten the upload");
	return err;
}

static hm_err hash_file(struct hm_cx *cx, int fd, enum crypto_digest alg, struct hm_str *out)
{
	CRYPTO_AUTO_HASH h = { 0 };
	char *room = hm_new(cx, char, PIECE);
	ssize_t n;
	crypto_hash_start(&h, alg);
	while ((n = read(fd, room, PIECE)) > 0) {
		HM_TRY(hm_alive(cx));
		crypto_hash_add(&h, hm_bytes(room, (size_t)n));
	}
	if (n < 0)
		return hm_fail_os(cx, "could not read the upload");
	*out = crypto_hash_text(cx, &h);
	return NULL;
}

/* Verify and flush; then it may become a blob. */
static hm_err check_upload(struct hm_cx *cx, struct registry_request *q, struct registry_upload *u,
			   struct hm_str digest)
{
	enum crypto_digest alg;
	struct hm_str hex, got = { "", 0 };
	const char *path = oci_registry_upload_path(cx, q->r, u->id);
	HM_TRY(oci_digest_parse(cx, digest, &alg, &hex));
	HM_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return hm_fail_os(cx, "could not open the upload");
	if (u->hashed && alg == CRYPTO_SHA256)
		got = crypto_hash_text(cx, &u->sha256);
	else
		HM_TRY(hash_file(cx, fd, alg, &got));
	if (!hm_eq(got, digest))
		return hm_fail(cx, HM_TRUST, "the uploaded bytes have digest %.*s, not %.*s",
			       HM_FMT(got), HM_FMT(digest));
	if (fsync(fd) < 0)
		return hm_fail_os(cx, "could not flush the upload");
	return oci_registry_blob_add(cx, q->r, q->path.name, digest, path);
}

/* ---- requests */

/* Where it stands; then others may have it, and who it is must not be looked at any more. */
static hm_err answer_position(struct hm_cx *cx, struct registry_request *q,
			      struct registry_upload *u, int status)
{
	uint64_t last = u->size ? u->size - 1 : 0;
	http_exchange_add_header(q->x, "Location",
				 hm_fmt(cx, "/v2/%.*s/blobs/uploads/%s", HM_FMT(q->path.name),
					u->id));
	http_exchange_add_header(q->x, "Range", hm_fmt(cx, "0-%llu", (unsigned long long)last));
	http_exchange_add_header(q->x, "Docker-Upload-UUID", hm_cstr(u->id));
	oci_registry_upload_release(q->r, u);
	return oci_registry_empty(cx, q, status);
}

static hm_err answer_created(struct hm_cx *cx, struct registry_request *q, struct hm_str digest)
{
	http_exchange_add_header(q->x, "Location",
				 hm_fmt(cx, "/v2/%.*s/blobs/%.*s", HM_FMT(q->path.name),
					HM_FMT(digest)));
	http_exchange_add_header(q->x, "Docker-Content-Digest", digest);
	return oci_registry_empty(cx, q, 201);
}

static bool digest_is_valid(struct hm_cx *cx, struct hm_str digest)
{
	enum crypto_digest alg;
	struct hm_str hex;
	return !oci_digest_parse(cx, digest, &alg, &hex);
}

/* The body, then the digest: a monolithic POST, or the PUT that ends an upload. The upload is gone
 * afterwards, but for a client that went away: it may come back. */
static hm_err finish_upload(struct hm_cx *cx, struct registry_request *q, struct registry_upload *u,
			    struct hm_str digest)
{
	hm_err err = append_body(cx, q, u);
	if (err && err->code == HM_BUSY) {
		oci_registry_upload_release(q->r, u);
		return err;
	}
	if (!err)
		err = check_upload(cx, q, u, digest);
	oci_registry_upload_discard(cx, q->r, u);
	if (err && err->code == HM_TRUST)
		return oci_registry_error(cx, q, 400, "DIGEST_INVALID", err->why);
	return err ? err : answer_created(cx, q, digest);
}

hm_err oci_registry_uploads(struct hm_cx *cx, struct registry_request *q)
{
	struct registry_upload *u;
	bool mounted = false;
	struct hm_str digest = http_exchange_query(cx, q->x, "digest");
	struct hm_str mount = http_exchange_query(cx, q->x, "mount"),
		      from = http_exchange_query(cx, q->x, "from");
	if (digest.n && !digest_is_valid(cx, digest))
		return oci_registry_error(cx, q, 400, "DIGEST_INVALID",
					  "the digest is not well-formed");
	if (mount.n && digest_is_valid(cx, mount) && (!from.n || oci_registry_name_is_valid(from)))
		HM_TRY(oci_registry_blob_mount(cx, q->r, q->path.name, from, mount, &mounted));
	if (mounted)
		return answer_created(cx, q, mount);
	HM_TRY(oci_registry_upload_start(cx, q, &u));
	if (digest.n)
		return finish_upload(cx, q, u, digest);
	return answer_position(cx, q, u, 202);
}

static hm_err patch_upload(struct hm_cx *cx, struct registry_request *q, struct registry_upload *u)
{
	hm_err err = append_body(cx, q, u);
	if (!err)
		return answer_position(cx, q, u, 202);
	if (err->code == HM_SYSTEM || err->code == HM_FULL) /* a full disk has use for the room */
		oci_registry_upload_discard(cx, q->r, u);
	else
		oci_registry_upload_release(q->r, u);
	return err;
}

static hm_err with_body(struct hm_cx *cx, struct registry_request *q, struct registry_upload *u)
{
	struct hm_str digest = http_exchange_query(cx, q->x, "digest");
	bool put = hm_eqz(q->method, "PUT");
	int refused = check_range(q, u);
	if (!refused && put && !digest_is_valid(cx, digest)) {
		oci_registry_upload_release(q->r, u);
		return oci_registry_error(cx, q, 400, "DIGEST_INVALID",
					  "the digest is not well-formed");
	}
	if (!refused)
		return put ? finish_upload(cx, q, u, digest) : patch_upload(cx, q, u);
	http_exchange_add_header(q->x, "Range",
				 hm_fmt(cx, "0-%llu",
					(unsigned long long)(u->size ? u->size - 1 : 0)));
	http_exchange_add_header(q->x, "Location",
				 hm_fmt(cx, "/v2/%.*s/blobs/uploads/%s", HM_FMT(q->path.name),
					u->id));
	oci_registry_upload_release(q->r, u);
	return oci_registry_error(cx, q, refused, "BLOB_UPLOAD_INVALID",
				  "the content range does not continue where the upload ended");
}

hm_err oci_registry_upload(struct hm_cx *cx, struct registry_request *q)
{
	struct registry_upload *u = NULL;
	enum registry_taken taken = oci_registry_upload_take(cx, q, &u);
	if (taken == REGISTRY_TAKEN_ABSENT)
		return oci_registry_error(cx, q, 404, "BLOB_UPLOAD_UNKNOWN",
					  "there is no such upload");
	if (taken == REGISTRY_TAKEN_BUSY)
		return oci_registry_error(cx, q, 409, "BLOB_UPLOAD_INVALID",
					  "another request is writing to the upload");
	if (hm_eqz(q->method, "PATCH") || hm_eqz(q->method, "PUT"))
		return with_body(cx, q, u);
	if (hm_eqz(q->method, "DELETE")) {
		oci_registry_upload_discard(cx, q->r, u);
		return oci_registry_empty(cx, q, 204);
	}
	return answer_position(cx, q, u, 204);
}
