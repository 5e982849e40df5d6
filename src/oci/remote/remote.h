/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remote.h - inside oci/: a repository of a registry (distribution-spec 1.1).
 */
#ifndef OCI_REMOTE_REMOTE_H
#define OCI_REMOTE_REMOTE_H

#include <pthread.h>

#include "oci/ops.h"
#include "oci/remote/headers.h"

/* An Authorization header that worked for a scope. */
struct remote_token {
	struct hm_str scope;
	struct hm_secret
		header; /* threads look at it without the lock: lives as long as the remote */
	int64_t until;  /* monotonic; 0: for ever */
};

enum remote_api { API_UNKNOWN, API_THERE, API_MISSING };

struct remote {
	struct oci_place place;
	struct oci_access access;
	struct hm_str host; /* under which credentials are kept */
	/* "https://host:port" and its parts, and the same without TLS. A registry on this machine
	 * is asked by TLS first, and without when it turns out to speak none, as Docker does. */
	struct hm_str bases[2];
	struct http_url origins[2];
	atomic_bool plain;
	bool may_be_plain;
	struct hm_str scope;  /* "repository:NAME:pull[,push]"; empty for a login */
	pthread_mutex_t lock; /* guards all below, and the place's own arena */
	HM_VEC(struct remote_token) tokens;
	struct oci_credential credential;
	bool has_credential;
	atomic_int referrers_api;
	atomic_bool no_mount;     /* one was refused: the next ones would be, too */
	atomic_bool no_post;      /* it did not take a blob in one request */
	atomic_bool compares;     /* it has refused what did not meet a precondition */
	struct remote *others[4]; /* where it redirects to, and who want to know who we are */
	size_t others_n;
	bool is_other;                  /* one of them, or as one: no redirect is answered for */
	pthread_mutex_t referrers_lock; /* one writer of a fallback index in this process */
};

struct remote_request {
	const char *method;
	struct hm_str url; /* of the registry, or absolute */
	struct hm_str accept, content_type;
	struct hm_str more_scope;     /* another scope that is needed; or empty */
	struct http_header condition; /* If-Match or If-None-Match; or without name */
	struct http_body body;
	bool has_body;
	size_t max_body;
	struct oci_sink sink;       /* .add NULL: into the response */
	uint64_t expected;          /* of a sink: how long the body is; 0: who knows */
	struct http_resume *resume; /* of a body that goes on where it broke off; or NULL */
};
static inline struct hm_str remote_base(const struct remote *r)
{
	return r->bases[atomic_load(&r->plain)];
}
static inline const struct http_url *remote_origin(const struct remote *r)
{
	return &r->origins[atomic_load(&r->plain)];
}

/* Send with the credential that the registry asks for. Any status is a success. */
hm_err oci_remote_send(struct hm_cx *cx, struct remote *r, const struct remote_request *q,
		       struct http_response *out);
/* The fault for a status that is no success: the registry's own words, and the code by which the
 * caller knows what to do. */
hm_err oci_remote_fault(struct hm_cx *cx, const struct remote *r, const struct http_response *a);
/* A path below /v2/NAME/. */
struct hm_str oci_remote_url(struct hm_cx *cx, const struct remote *r, const char *fmt, ...)
	HM_PRINTF(3, 4);
/* Where a Location or Link points, seen from the address that it came from. HM_DENIED: to plain
 * HTTP from HTTPS. */
hm_err oci_remote_follow(struct hm_cx *cx, const struct remote *r, const struct http_response *a,
			 struct hm_str to, struct hm_str *out);

/* The next page of a list (RFC 8288); empty: none. HM_DENIED: on another host, scheme or port than
 * this one. */
hm_err oci_remote_next(struct hm_cx *cx, const struct remote *r, const struct http_response *a,
		       struct hm_str *out);
/* Is it the registry's own origin? The credential is the registry's: an upload address on another
 * host does not get it. */
bool oci_remote_is_ours(struct hm_cx *cx, const struct remote *r, struct hm_str url);
/* The one that a redirect led to, at `url`; NULL: there are enough of them. */
hm_err oci_remote_other(struct hm_cx *cx, struct remote *r, struct hm_str url, struct remote **out);
/* What a registry wants to be told to whoever uses it ("Warning: 299"), each text once. */
void oci_remote_warn(struct hm_cx *cx, const struct remote *r, const struct http_response *a);

hm_err oci_remote_new(struct hm_cx *cx, const struct oci_access *access, const struct oci_ops *ops,
		      const struct oci_target *t, enum oci_mode mode, struct remote **out);

void oci_remote_close(struct oci_place *p);

/* --- read.c, write.c, put.c, referrers.c --- */
hm_err oci_remote_resolve(struct hm_cx *cx, struct oci_place *p, struct hm_str reference,
			  struct oci_descriptor *out);
hm_err oci_remote_resolve_whole(struct hm_cx *cx, struct oci_place *p, struct hm_str digest,
				struct oci_descriptor *out);
hm_err oci_remote_fetch(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			bool manifest, struct oci_sink sink);
hm_err oci_remote_exists(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			 bool *out);
hm_err oci_remote_tags(struct hm_cx *cx, struct oci_place *p, struct hm_strs *out);
hm_err oci_remote_referrers(struct hm_cx *cx, struct oci_place *p,
			    const struct oci_descriptor *subject, struct hm_str artifact_type,
			    struct place_referrers *out);
hm_err oci_remote_push_blob(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
			    struct http_body body);
hm_err oci_remote_push_manifest(struct hm_cx *cx, struct oci_place *p, const struct oci_manifest *m,
				const struct oci_descriptor *d, struct hm_str tag,
				enum place_listing listing);
hm_err oci_remote_put_manifest(struct hm_cx *cx, struct remote *r, const struct oci_descriptor *d,
			       struct hm_str bytes, struct hm_str reference,
			       struct hm_str *out_subject);
hm_err oci_remote_replace(struct hm_cx *cx, struct oci_place *p, const struct oci_manifest *m,
			  const struct oci_descriptor *d, struct oci_tag_update *u);
hm_err oci_remote_tag(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		      struct hm_str tag);
hm_err oci_remote_remove(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d);
hm_err oci_remote_mount(struct hm_cx *cx, struct oci_place *p, struct oci_place *from,
			const struct oci_descriptor *d, bool *out);
/* Put `entry` into (or take it out of) the fallback index of `subject`, where the registry does not
 * keep the list itself. */
hm_err oci_remote_list_referrer(struct hm_cx *cx, struct remote *r, struct hm_str subject,
				const struct oci_descriptor *entry, bool there);
#endif
