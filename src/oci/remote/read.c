/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/remote/remote.h"

enum { ERROR_BODY = 1 << 20 };

static struct hm_str list_accepted_types(const struct remote *r)
{
	return r->access.accept.n ? r->access.accept
				  : HM_STR(OCI_MANIFEST ", " OCI_INDEX ", " DOCKER_MANIFEST
							", " DOCKER_INDEX ", " OCI_ARTIFACT);
}

static bool is_digest(struct hm_str reference)
{
	return hm_find_char(reference, ':') != SIZE_MAX;
}

/* What the registry says a manifest's digest is, is compared, never believed. */
static hm_err check_header(struct hm_cx *cx, const struct http_response *a, struct hm_str want)
{
	struct hm_str said = http_header_get(&a->headers, "docker-content-digest");
	if (said.n && !hm_eq(said, want))
		return hm_fail(cx, HM_TRUST, "the registry says digest \"%.*s\", not \"%.*s\"",
			       HM_FMT(hm_sub(said, 0, 160)), HM_FMT(want));
	return NULL;
}

static struct hm_str type_of(struct hm_cx *cx, const struct http_response *a)
{
	struct hm_str rest = http_header_get(&a->headers, "content-type");
	return hm_dup(cx, hm_trim(hm_cut(&rest, ';')));
}

static hm_err say_absent(struct hm_cx *cx, const struct remote *r, struct hm_str reference)
{
	const struct oci_target *t = &r->place.target;
	return hm_hint(cx,
		       hm_fail(cx, HM_ABSENT, "the registry has no \"%.*s\"", HM_FMT(reference)),
		       "hullmark repo tags %.*s/%.*s (lists what there is)", HM_FMT(t->registry),
		       HM_FMT(t->repository));
}

/* The whole manifest, for registries whose answer to HEAD says too little. */
static hm_err resolve_get(struct hm_cx *cx, struct remote *r, struct hm_str url,
			  struct hm_str reference, struct oci_descriptor *out)
{
	struct http_response a;
	struct remote_request q = { .method = "GET",
				    .url = url,
				    .accept = list_accepted_types(r),
				    .max_body = HM_MAX_MANIFEST };
	HM_TRY(oci_remote_send(cx, r, &q, &a));
	if (a.status == 404)
		return say_absent(cx, r, reference);
	if (a.status != 200)
		return oci_remote_fault(cx, r, &a);
	enum crypto_digest alg = CRYPTO_SHA256;
	struct hm_str hex;
	if (is_digest(reference))
		HM_TRY(oci_digest_parse(cx, reference, &alg, &hex));
	struct hm_str digest = crypto_digest_text(cx, alg, a.body), type = type_of(cx, &a);
	if (is_digest(reference))
		HM_TRY(oci_digest_check(cx, reference, a.body));
	if (alg == CRYPTO_SHA256)
		HM_TRY(check_header(cx, &a, digest));
	if (!oci_media_type_is_manifest(type)) {
		struct hm_str own = oci_manifest_sniff(cx, a.body);
		type = own.n ? own : type;
	}
	*out = (struct oci_descriptor){ .media_type = type, .digest = digest, .size = a.body.n };
	if (r->place.cache && a.body.n <= HM_MAX_CACHED &&
	    hm_eq(type, oci_manifest_sniff(cx, a.body)))
		hm_cache_put(cx, r->place.cache, digest, a.body);
	return NULL;
}

hm_err oci_remote_resolve_whole(struct hm_cx *cx, struct oci_place *p, struct hm_str digest,
				struct oci_descriptor *out)
{
	struct remote *r = (struct remote *)p;
	return resolve_get(cx, r, oci_remote_url(cx, r, "manifests/%.*s", HM_FMT(digest)), digest,
			   out);
}

hm_err oci_remote_resolve(struct hm_cx *cx, struct oci_place *p, struct hm_str reference,
			  struct oci_descriptor *out)
{
	struct remote *r = (struct remote *)p;
	struct http_response a;
	enum crypto_digest alg;
	struct hm_str hex, ignored;
	uint64_t size;
	if (reference.n == 0)
		reference = HM_STR("latest");
	if (is_digest(reference))
		HM_TRY(oci_digest_parse(cx, reference, &alg, &hex));
	else if (!oci_tag_is_valid(reference))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a valid tag", HM_FMT(reference));
	struct hm_str url = oci_remote_url(cx, r, "manifests/%.*s", HM_FMT(reference));
	struct remote_request q = { .method = "HEAD",
				    .url = url,
				    .accept = list_accepted_types(r) };
	HM_TRY(oci_remote_send(cx, r, &q, &a));
	if (a.status == 405 || a.status == 501)
		return resolve_get(cx, r, url, reference, out);
	if (a.status == 404)
		return say_absent(cx, r, reference);
	if (a.status != 200)
		return oci_remote_fault(cx, r, &a);
	struct hm_str digest = http_header_get(&a.headers, "docker-content-digest");
	struct hm_str length = http_header_get(&a.headers, "content-length"),
		      type = type_of(cx, &a);
	if (is_digest(reference)) {
		HM_TRY(check_header(cx, &a, reference));
		digest = reference;
	}
	hm_err no_digest = oci_digest_parse(cx, digest, &alg, &ignored);
	if (no_digest || !hm_u64(length, HM_MAX_BLOB, &size) || !oci_media_type_is_manifest(type))
		return resolve_get(cx, r, url, reference, out);
	*out = (struct oci_descriptor){ .media_type = type, .digest = digest, .size = size };
	return NULL;
}

/* A part, or none because all was there. */
static bool is_rest(int status)
{
	return status == 206 || status == 416;
}

/* A body without a length ends well wherever it breaks off, and a server may send less than it was
 * asked for (RFC 9110, 15.3.7): what is missing is asked for as long as some of it comes. */
static hm_err send_until(struct hm_cx *cx, struct remote *r, const struct remote_request *q,
			 uint64_t size, struct http_response *out)
{
	uint64_t had = 0;
	do {
		had = q->resume ? q->resume->got : 0;
		HM_TRY(oci_remote_send(cx, r, q, out));
	} while (q->resume && (out->status == 200 || out->status == 206) && q->resume->got > had &&
		 q->resume->got < size && ++q->resume->times <= HM_MAX_HTTP_RESUMES);
	return NULL;
}

hm_err oci_remote_fetch(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			bool manifest, struct oci_sink sink)
{
	struct remote *r = (struct remote *)p;
	struct http_response a;
	struct http_resume resume = { 0 };
	struct remote_request q = { .method = "GET",
				    .resume = manifest ? NULL : &resume,
				    .url = oci_remote_url(cx, r, "%s/%.*s",
							  manifest ? "manifests" : "blobs",
							  HM_FMT(d->digest)),
				    .accept = manifest ? list_accepted_types(r) : HM_STR(""),
				    .max_body = ERROR_BODY,
				    .sink = sink,
				    .expected = d->size };
	HM_TRY(send_until(cx, r, &q, d->size, &a));
	if (a.status == 404)
		return hm_fail(cx, HM_ABSENT, "registry \"%.*s\" has no \"%.*s\"", HM_FMT(r->host),
			       HM_FMT(d->digest));
	if (a.status != 200 && !(is_rest(a.status) && resume.got > 0))
		return oci_remote_fault(cx, r, &a);
	if (!manifest)
		return NULL;
	struct hm_str type = type_of(cx, &a);
	if (oci_media_type_is_manifest(type) && oci_media_type_is_manifest(d->media_type) &&
	    !hm_eq(type, d->media_type))
		return hm_fail(cx, HM_INPUT, "expected \"%.*s\", but it came as \"%.*s\"",
			       HM_FMT(d->media_type), HM_FMT(type));
	return check_header(cx, &a, d->digest);
}

hm_err oci_remote_exists(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			 bool *out)
{
	struct remote *r = (struct remote *)p;
	struct http_response a;
	bool manifest = oci_media_type_is_manifest(d->media_type);
	struct remote_request q = { .method = "HEAD",
				    .url = oci_remote_url(cx, r, "%s/%.*s",
							  manifest ? "manifests" : "blobs",
							  HM_FMT(d->digest)),
				    .accept = manifest ? list_accepted_types(r) : HM_STR("") };
	HM_TRY(oci_remote_send(cx, r, &q, &a));
	if (a.status != 200 && a.status != 404)
		return oci_remote_fault(cx, r, &a);
	*out = a.status == 200;
	return NULL;
}

static hm_err add_tags(struct hm_cx *cx, struct hm_str body, struct hm_strs *tags)
{
	struct json doc;
	HM_TRY_IN(cx, json_parse(cx, body, JSON_NO_NUL, &doc), "list of tags");
	struct json list = json_get(doc, "tags");
	if (!json_is_array(list) && !json_is_null(list))
		return hm_fail(cx, HM_INPUT, "list of tags: \"tags\" is not an array");
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct hm_str tag = json_str(it.value);
		if (!oci_tag_is_valid(tag))
			return hm_fail(cx, HM_INPUT, "list of tags: \"%.*s\" is not a valid tag",
				       HM_FMT(hm_sub(tag, 0, 200)));
		if (tags->n >= HM_MAX_TAGS)
			return hm_fail(cx, HM_LIMIT, "more than %llu tags",
				       (unsigned long long)HM_MAX_TAGS);
		*hm_push(cx, tags) = tag;
	}
	return NULL;
}

hm_err oci_remote_tags(struct hm_cx *cx, struct oci_place *p, struct hm_strs *out)
{
	struct remote *r = (struct remote *)p;
	struct hm_strs tags = { 0 };
	struct hm_map seen = { 0 };
	struct hm_str url = oci_remote_url(cx, r, "tags/list?n=1000");
	for (uint64_t pages = 0; url.n; pages++) {
		struct http_response a;
		if (pages >= HM_MAX_REFERRERS_PAGES || hm_map_has(&seen, url))
			return hm_fail(cx, HM_LIMIT, "the list of tags does not end");
		hm_map_put(cx, &seen, url, r);
		struct remote_request q = { .method = "GET",
					    .url = url,
					    .max_body = HM_MAX_MANIFEST };
		HM_TRY(oci_remote_send(cx, r, &q, &a));
		if (a.status != 200)
			return oci_remote_fault(cx, r, &a);
		HM_TRY(add_tags(cx, a.body, &tags));
		HM_TRY(oci_remote_next(cx, r, &a, &url));
	}
	hm_strs_sort_unique(&tags);
	*out = tags;
	return NULL;
}
