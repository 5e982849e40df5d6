/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/fetch.h"

#include <unistd.h>

#include "codec/base64.h"
#include "crypto/crypto.h"

enum { STATUS_NOT_MODIFIED = 304 };

struct download {
	struct advisory_part *part;
	struct crypto_hash hash;
	struct hm_progress *progress;
};

static hm_err add_bytes(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct download *d = arg;
	if (bytes.n > HM_GIB - d->part->bytes)
		return hm_fail(cx, HM_LIMIT, "larger than %llu bytes", (unsigned long long)HM_GIB);
	d->part->bytes += bytes.n;
	crypto_hash_add(&d->hash, bytes);
	hm_progress_add(d->progress, bytes.n);
	return hm_write_all(cx, d->part->fd, "a temporary file", bytes);
}

static hm_err start_again(struct hm_cx *cx, void *arg)
{
	struct download *d = arg;
	uint8_t none[CRYPTO_DIGEST_MAX];
	d->part->bytes = 0;
	crypto_hash_end(&d->hash, none);
	if (ftruncate(d->part->fd, 0) < 0 || lseek(d->part->fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not empty a temporary file");
	return NULL;
}

/* Repr-Digest (RFC 9530), where the server gives it with SHA-256. */
static hm_err check_digest(struct hm_cx *cx, const struct http_headers *headers,
			   struct crypto_hash *hash)
{
	uint8_t raw[CRYPTO_DIGEST_MAX];
	size_t n = crypto_hash_end(hash, raw);
	struct hm_str stated = http_header_get(headers, "repr-digest"), name = HM_STR("sha-256=:");
	size_t at = hm_find(stated, name);
	if (at == SIZE_MAX)
		return NULL;
	stated = hm_from(stated, at + name.n);
	if (!hm_eq(hm_cut(&stated, ':'), base64_format(cx, BASE64_STD, hm_bytes(raw, n))))
		return hm_fail(cx, HM_TRUST,
			       "the content does not match the digest that the server stated");
	return NULL;
}

/* RFC 9110, 8.8.3. What else a server calls so is not sent back to it. */
static bool is_entity_tag(struct hm_str tag)
{
	if (hm_starts(tag, HM_STR("W/")))
		tag = hm_from(tag, 2);
	if (tag.n < 2 || tag.p[0] != '"' || tag.p[tag.n - 1] != '"')
		return false;
	for (size_t i = 1; i < tag.n - 1; i++)
		if ((unsigned char)tag.p[i] <= ' ' || tag.p[i] == '"' || tag.p[i] == '\x7f')
			return false;
	return true;
}

static bool is_date(struct hm_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!hm_is_alpha(text.p[i]) && !hm_is_digit(text.p[i]) &&
		    !hm_is_one_of(text.p[i], " ,:+-"))
			return false;
	return text.n > 0;
}

/* What the next update asks with: the entity tag, or else the date. */
static void keep_tag(struct advisory_part *p, const struct http_headers *headers)
{
	struct hm_str tag = http_header_get(headers, "etag");
	if (!is_entity_tag(tag) || tag.n > ADVISORY_TAG_MAX)
		tag = http_header_get(headers, "last-modified");
	if ((!is_entity_tag(tag) && !is_date(tag)) || tag.n > ADVISORY_TAG_MAX)
		return;
	p->new_tag_n = tag.n;
	if (tag.n)
		memcpy(p->new_tag, tag.p, tag.n);
}

static hm_err read_answer(struct hm_cx *cx, struct advisory_part *p, const struct http_response *r,
			  struct download *d)
{
	if (r->status == STATUS_NOT_MODIFIED && (is_entity_tag(p->tag) || is_date(p->tag)))
		return NULL;
	if (r->status == 404 || r->status == 410) {
		p->absent = true;
		return NULL;
	}
	if (r->status != 200)
		return hm_fail(cx, r->status == 401 || r->status == 403 ? HM_DENIED : HM_SYSTEM,
			       "the server answered with status %d", r->status);
	HM_TRY(check_digest(cx, &r->headers, &d->hash));
	if (p->bytes == 0)
		return hm_fail(cx, HM_INPUT, "the server sent nothing");
	keep_tag(p, &r->headers);
	p->changed = true;
	return NULL;
}

hm_err advisory_fetch_part(struct hm_cx *cx, struct http_client *http, struct hm_progress *progress,
			   struct advisory_part *p)
{
	struct download d = { .part = p, .progress = progress };
	bool is_tag = is_entity_tag(p->tag), is_known = is_tag || is_date(p->tag);
	struct http_header asked = { is_tag ? HM_STR("if-none-match") : HM_STR("if-modified-since"),
				     p->tag };
	struct http_request request = { .method = "GET",
					.url = p->url,
					.headers = &asked,
					.headers_n = is_known ? 1 : 0,
					.sink = add_bytes,
					.sink_arg = &d,
					.sink_rewind = start_again };
	struct http_response response;
	HM_TRY(hm_temp_fd(cx, &p->fd));
	crypto_hash_start(&d.hash, CRYPTO_SHA256);
	hm_err err = http_send(cx, http, &request, &response);
	if (!err)
		err = read_answer(cx, p, &response, &d);
	crypto_hash_done(&d.hash);
	return err ? hm_wrap(cx, err, "%.*s: \"%.*s\"", HM_FMT(p->name), HM_FMT(p->url)) : NULL;
}
