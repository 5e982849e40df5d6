/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry/registry.h"

#include <fcntl.h>
#include <sys/stat.h>

static hm_err answer_unknown(struct hm_cx *cx, struct registry_request *q)
{
	return oci_registry_error(cx, q, 404, "BLOB_UNKNOWN", "the repository has no such blob");
}

static struct http_state state_of(struct hm_cx *cx, const struct registry_request *q,
				  const struct stat *st)
{
	return (struct http_state){ .exists = true,
				    .etag = oci_registry_etag(cx, q->path.reference),
				    .modified = (int64_t)st->st_mtime };
}

static hm_err send_blob(struct hm_cx *cx, struct registry_request *q, const struct http_state *now,
			int *fd, uint64_t size)
{
	uint64_t from = 0, n = size;
	struct http_exchange *x = q->x;
	enum registry_range range =
		oci_registry_range_parse(http_exchange_range(x, now), size, &from, &n);
	if (range == REGISTRY_UNSATISFIABLE) {
		http_exchange_add_header(x, "Content-Range",
					 hm_fmt(cx, "bytes */%llu", (unsigned long long)size));
		return oci_registry_error(cx, q, 416, "SIZE_INVALID",
					  "the range is not within the blob");
	}
	if (range == REGISTRY_PART)
		http_exchange_add_header(x, "Content-Range",
					 hm_fmt(cx, "bytes %llu-%llu/%llu",
						(unsigned long long)from,
						(unsigned long long)(from + n - 1),
						(unsigned long long)size));
	struct http_file part = { hm_move_fd(*fd), from, n };
	return http_exchange_answer_file(cx, x, range == REGISTRY_PART ? 206 : 200,
					 "application/octet-stream", part);
}

static hm_err get_blob(struct hm_cx *cx, struct registry_request *q)
{
	struct stat st;
	const char *path = oci_registry_blob_path(cx, q->r, q->path.name, q->path.reference);
	HM_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return answer_unknown(cx, q);
	struct http_state now = state_of(cx, q, &st);
	enum http_condition c = http_exchange_condition(q->x, &now);
	http_exchange_add_header(q->x, "Docker-Content-Digest", q->path.reference);
	http_exchange_add_header(q->x, "ETag", now.etag);
	http_exchange_add_header(q->x, "Last-Modified", http_date_format(cx, now.modified));
	http_exchange_add_header(q->x, "Accept-Ranges", HM_STR("bytes"));
	if (c != HTTP_GO_ON)
		return oci_registry_conditional(cx, q, c);
	return send_blob(cx, q, &now, &fd, (uint64_t)st.st_size);
}

static hm_err delete_blob(struct hm_cx *cx, struct registry_request *q)
{
	bool was_there, listed;
	struct stat st;
	if (lstat(oci_registry_blob_path(cx, q->r, q->path.name, q->path.reference), &st) == 0) {
		struct http_state now = state_of(cx, q, &st);
		enum http_condition c = http_exchange_condition(q->x, &now);
		if (c != HTTP_GO_ON)
			return oci_registry_conditional(cx, q, c);
	}
	HM_TRY(oci_registry_repo_drop_blob(cx, q->r, q->path.name, q->path.reference, &was_there,
					   &listed));
	if (listed) {
		http_exchange_add_header(q->x, "Allow", HM_STR("GET, HEAD"));
		return oci_registry_error(cx, q, 405, "UNSUPPORTED",
					  "the blob is a manifest: delete it as one");
	}
	return was_there ? oci_registry_empty(cx, q, 202) : answer_unknown(cx, q);
}

hm_err oci_registry_blob(struct hm_cx *cx, struct registry_request *q)
{
	enum crypto_digest alg;
	struct hm_str hex;
	if (oci_digest_parse(cx, q->path.reference, &alg, &hex))
		return oci_registry_error(cx, q, 400, "DIGEST_INVALID",
					  "the digest is not well-formed");
	return hm_eqz(q->method, "DELETE") ? delete_blob(cx, q) : get_blob(cx, q);
}
