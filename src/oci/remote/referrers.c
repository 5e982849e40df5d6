/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Referrers: the API of distribution-spec 1.1 where the registry has it, else an index under the
 * tag "sha256-HEX" that the clients keep among themselves.
 */
#include "oci/remote/remote.h"

#include <stdlib.h>
#include <sys/random.h>

enum { UPDATES = 24, LEAST_PAUSE = 20 * 1000 * 1000 /* nanoseconds */ };

static bool is_index_type(const struct http_response *a)
{
	struct hm_str rest = http_header_get(&a->headers, "content-type");
	return hm_eqz(hm_trim(hm_cut(&rest, ';')), OCI_INDEX);
}

/* In memory of the place's caller. Lists made by some clients say "empty" where the type should
 * stand. */
static hm_err add_page(struct hm_cx *cx, struct hm_str body, struct place_referrers *out)
{
	size_t from = out->n;
	HM_TRY(oci_manifest_parse_referrers(cx, body, out));
	for (size_t i = from; i < out->n; i++)
		if (out->p[i].artifact_type.n == 0 || hm_eqz(out->p[i].artifact_type, OCI_EMPTY))
			out->doubt = true;
	return NULL;
}

/* *out_there is false when the registry does not have the API. */
static hm_err ask_api(struct hm_cx *cx, struct remote *r, struct hm_str url,
		      struct place_referrers *out, bool *out_there)
{
	struct hm_map seen = { 0 };
	for (uint64_t pages = 0; url.n; pages++) {
		struct http_response a;
		if (pages >= HM_MAX_REFERRERS_PAGES || hm_map_has(&seen, url))
			return hm_fail(cx, HM_LIMIT, "the list of referrers does not end");
		hm_map_put(cx, &seen, url, r);
		struct remote_request q = { .method = "GET",
					    .url = url,
					    .accept = HM_STR(OCI_INDEX),
					    .max_body = HM_MAX_MANIFEST };
		HM_TRY(oci_remote_send(cx, r, &q, &a));
		bool missing = a.status == 404 || a.status == 405 || a.status == 501 ||
			       (a.status == 200 && !is_index_type(&a));
		if (missing && pages == 0) {
			*out_there = false;
			return NULL;
		}
		if (a.status != 200)
			return oci_remote_fault(cx, r, &a);
		HM_TRY(add_page(cx, a.body, out));
		HM_TRY(oci_remote_next(cx, r, &a, &url));
	}
	*out_there = true;
	return NULL;
}

/* The bytes under the fallback tag; empty: none. Some registries (GitLab) answer such a tag with
 * the subject itself. */
static hm_err read_fallback(struct hm_cx *cx, struct remote *r, struct hm_str subject,
			    struct hm_str *out)
{
	struct http_response a;
	struct remote_request q = { .method = "GET",
				    .url = oci_remote_url(cx, r, "manifests/%.*s",
							  HM_FMT(oci_referrers_tag(cx, subject))),
				    .accept = HM_STR(OCI_INDEX),
				    .max_body = HM_MAX_MANIFEST };
	*out = HM_STR("");
	HM_TRY(oci_remote_send(cx, r, &q, &a));
	if (a.status == 404)
		return NULL;
	if (a.status != 200)
		return oci_remote_fault(cx, r, &a);
	if (is_index_type(&a) && oci_digest_check(cx, subject, a.body))
		*out = a.body;
	return NULL;
}

static bool has_type(const struct place_referrers *all, struct hm_str artifact_type)
{
	for (size_t i = 0; i < all->n; i++)
		if (artifact_type.n == 0 || all->doubt ||
		    hm_eq(all->p[i].artifact_type, artifact_type))
			return true;
	return false;
}

hm_err oci_remote_referrers(struct hm_cx *cx, struct oci_place *p,
			    const struct oci_descriptor *subject, struct hm_str artifact_type,
			    struct place_referrers *out)
{
	struct remote *r = (struct remote *)p;
	bool there = false;
	if (!r->access.referrers_tag && atomic_load(&r->referrers_api) != API_MISSING) {
		HM_TRY(ask_api(cx, r,
			       oci_remote_url(cx, r, "referrers/%.*s%s%.*s",
					      HM_FMT(subject->digest),
					      artifact_type.n ? "?artifactType=" : "",
					      HM_FMT(http_escape(cx, artifact_type))),
			       out, &there));
		atomic_store(&r->referrers_api, there ? API_THERE : API_MISSING);
	}
	/* A list that stays empty may be that of a registry which keeps none: what was pushed there
	 * is under the tag. */
	if (there && has_type(out, artifact_type))
		return NULL;
	struct hm_str bytes;
	HM_TRY(read_fallback(cx, r, subject->digest, &bytes));
	if (!bytes.n)
		return NULL;
	HM_TRY(add_page(cx, bytes, out));
	out->doubt = true; /* anybody who may push may have written it */
	return NULL;
}

/* --- keeping the fallback index --- */

static bool has_entry(const struct oci_manifest *m, struct hm_str digest)
{
	for (size_t i = 0; i < m->layers_n; i++)
		if (hm_eq(m->layers[i].digest, digest))
			return true;
	return false;
}

static hm_err write_list(struct hm_cx *cx, struct remote *r, struct hm_str subject,
			 const struct oci_manifest *old, const struct oci_descriptor *entry,
			 bool there)
{
	struct oci_manifest m = { .kind = OCI_IS_INDEX,
				  .media_type = HM_STR(OCI_INDEX),
				  .annotations = old->annotations };
	struct hm_str bytes, ignored;
	m.layers = hm_new(cx, struct oci_descriptor, old->layers_n + 1);
	for (size_t i = 0; i < old->layers_n; i++)
		if (!hm_eq(old->layers[i].digest, entry->digest))
			m.layers[m.layers_n++] = old->layers[i];
	if (there)
		m.layers[m.layers_n++] = *entry;
	if (m.layers_n > HM_MAX_REFERRERS)
		return hm_fail(cx, HM_LIMIT, "more than %llu referrers",
			       (unsigned long long)HM_MAX_REFERRERS);
	HM_TRY(oci_manifest_format(cx, &m, &bytes));
	struct oci_descriptor d = { .media_type = m.media_type,
				    .digest = crypto_digest_text(cx, CRYPTO_SHA256, bytes),
				    .size = bytes.n };
	return oci_remote_put_manifest(cx, r, &d, bytes, oci_referrers_tag(cx, subject), &ignored);
}

/*
 * Registries cannot replace a tag only if it is still what was read. Whoever read the list before
 * we wrote it writes it within the time that reading and writing take: only after several times
 * that is it sure that our entry stays. If it is gone, it is written again, after a pause whose
 * length is nobody else's.
 */
static hm_err list_referrer(struct hm_cx *cx, struct remote *r, struct hm_str subject,
			    const struct oci_descriptor *entry, bool there)
{
	for (unsigned i = 0; i < UPDATES; i++) {
		struct oci_manifest m = { 0 };
		struct hm_str bytes;
		uint16_t jitter = 0;
		int64_t start = hm_mono();
		HM_TRY(read_fallback(cx, r, subject, &bytes));
		/* what cannot be read is not written again, and would be lost: it is refused */
		if (bytes.n)
			HM_TRY(oci_manifest_parse_list(cx, bytes, HM_STR(OCI_INDEX),
						       HM_MAX_REFERRERS, &m));
		if (has_entry(&m, entry->digest) == there)
			return NULL;
		HM_TRY(write_list(cx, r, subject, &m, entry, there));
		int64_t took = hm_mono() - start;
		if (getrandom(&jitter, sizeof(jitter), 0) != sizeof(jitter))
			jitter = 0;
		int64_t pause =
			took * 4 + took * (int64_t)(i < 4 ? i + 1 : 4) * 4 * jitter / UINT16_MAX;
		HM_TRY(hm_pause(cx, pause < LEAST_PAUSE ? LEAST_PAUSE : pause));
	}
	return hm_fail(cx, HM_BUSY,
		       "other writers kept replacing the list of referrers of \"%.*s\"",
		       HM_FMT(subject));
}

hm_err oci_remote_list_referrer(struct hm_cx *cx, struct remote *r, struct hm_str subject,
				const struct oci_descriptor *entry, bool there)
{
	pthread_mutex_lock(&r->referrers_lock);
	hm_err err = list_referrer(cx, r, subject, entry, there);
	pthread_mutex_unlock(&r->referrers_lock);
	return err;
}
