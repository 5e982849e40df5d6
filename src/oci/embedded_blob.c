/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/embedded.h"

#include <fcntl.h>
#include <sys/stat.h>

static hm_err unknown(struct hm_cx *cx, struct embedded_request *q)
{
	return oci_embedded_error(cx, q, 404, "BLOB_UNKNOWN", "the repository has no such blob");
}

static hm_err send(struct hm_cx *cx, struct embedded_request *q, int *fd, uint64_t size)
{
	uint64_t from = 0, n = size;
	struct http_exchange *x = q->x;
	enum embedded_range range =
		oci_embedded_range_parse(http_x_header(x, "range"), size, &from, &n);
	http_x_add_header(x, "Docker-Content-Digest", q->path.reference);
	http_x_add_header(x, "ETag", hm_fmt(cx, "\"%.*s\"", HM_FMT(q->path.reference)));
	http_x_add_header(x, "Accept-Ranges", HM_STR("bytes"));
	if (range == EMBEDDED_UNSATISFIABLE) {
		http_x_add_header(x, "Content-Range",
				  hm_fmt(cx, "bytes */%llu", (unsigned long long)size));
		return oci_embedded_error(cx, q, 416, "SIZE_INVALID",
					  "the range is not within the blob");
	}
	if (range == EMBEDDED_PART)
		http_x_add_header(x, "Content-Range",
				  hm_fmt(cx, "bytes %llu-%llu/%llu", (unsigned long long)from,
					 (unsigned long long)(from + n - 1),
					 (unsigned long long)size));
	return http_x_answer_fd(cx, x, range == EMBEDDED_PART ? 206 : 200,
				"application/octet-stream", hm_move_fd(*fd), from, n);
}

static hm_err get(struct hm_cx *cx, struct embedded_request *q)
{
	struct stat st;
	const char *path = oci_embedded_blob_path(cx, q->r, q->path.name, q->path.reference);
	HM_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return unknown(cx, q);
	return send(cx, q, &fd, (uint64_t)st.st_size);
}

static hm_err delete (struct hm_cx *cx, struct embedded_request *q)
{
	bool was_there, listed;
	HM_TRY(oci_embedded_repo_drop_blob(cx, q->r, q->path.name, q->path.reference, &was_there,
					   &listed));
	if (listed)
		return oci_embedded_error(cx, q, 405, "UNSUPPORTED",
					  "the blob is a manifest: delete it as one");
	return was_there ? oci_embedded_empty(cx, q, 202) : unknown(cx, q);
}

hm_err oci_embedded_blob(struct hm_cx *cx, struct embedded_request *q)
{
	enum crypto_digest alg;
	struct hm_str hex;
	if (oci_digest_parse(cx, q->path.reference, &alg, &hex))
		return oci_embedded_error(cx, q, 400, "DIGEST_INVALID",
					  "the digest is not well-formed");
	if (hm_eqz(q->method, "GET") || hm_eqz(q->method, "HEAD"))
		return get(cx, q);
	if (hm_eqz(q->method, "DELETE"))
		return delete (cx, q);
	return oci_embedded_error(cx, q, 405, "UNSUPPORTED", "a blob is read or deleted here");
}
