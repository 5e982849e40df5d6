/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/remote/remote.h"

#include <stdarg.h>

void oci_remote_close(struct oci_place *p)
{
	struct remote *r = (struct remote *)p;
	for (size_t i = 0; i < r->tokens.n; i++)
		hm_secret_done(&r->tokens.p[i].header);
	for (size_t i = 0; i < r->others_n; i++)
		oci_close(&r->others[i]->place);
	oci_credential_done(&r->credential);
	pthread_mutex_destroy(&r->lock);
	pthread_mutex_destroy(&r->referrers_lock);
}

static bool is_plain(const struct oci_access *a, struct hm_str registry)
{
	for (size_t i = 0; i < a->plain_hosts_n; i++)
		if (hm_eq(a->plain_hosts[i], registry))
			return true;
	return a->plain_http;
}

hm_err oci_remote_new(struct hm_cx *cx, const struct oci_access *access, const struct oci_ops *ops,
		      const struct oci_target *t, enum oci_mode mode, struct remote **out)
{
	if (!access || !access->http)
		return hm_fail(cx, HM_USAGE, "registry \"%.*s\" cannot be reached from here",
			       HM_FMT(t->registry));
	struct remote *r = oci_place_new(t, ops, mode, sizeof(*r));
	struct hm_cx *own = &r->place.own;
	struct hm_str host = t->address;
	r->access = *access;
	r->place.cache = access->cache;
	r->host = hm_dup(own, t->registry);
	bool plain = is_plain(access, t->registry);
	r->bases[0] = hm_fmt(own, "https://%.*s", HM_FMT(host));
	r->bases[1] = hm_fmt(own, "http://%.*s", HM_FMT(host));
	atomic_store(&r->plain, plain);
	if (t->repository.n)
		r->scope = hm_fmt(own, "repository:%.*s:pull%s", HM_FMT(t->repository),
				  mode == OCI_WRITE ? ",push" : "");
	pthread_mutex_init(&r->lock, NULL);
	pthread_mutex_init(&r->referrers_lock, NULL);
	hm_err err = http_url_parse(own, r->bases[0], &r->origins[0]);
	if (!err)
		err = http_url_parse(own, r->bases[1], &r->origins[1]);
	r->may_be_plain = !err && !plain && http_is_loopback(r->origins[0].host);
	if (err) {
		err = hm_fault_copy(cx, err);
		oci_close(&r->place);
		return err;
	}
	*out = r;
	return NULL;
}

struct hm_str oci_remote_url(struct hm_cx *cx, const struct remote *r, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct hm_str text = hm_vfmt(cx, fmt, ap);
	va_end(ap);
	return hm_fmt(cx, "%.*s/v2/%.*s/%.*s", HM_FMT(remote_base(r)),
		      HM_FMT(r->place.target.repository), HM_FMT(text));
}

hm_err oci_remote_follow(struct hm_cx *cx, const struct remote *r, const struct http_response *a,
			 struct hm_str to, struct hm_str *out)
{
	struct http_url u;
	struct hm_str url;
	HM_TRY(http_url_resolve(cx, a->url.n ? a->url : remote_base(r), to, &url));
	HM_TRY(http_url_parse(cx, url, &u));
	if (hm_eqz(remote_origin(r)->scheme, "https") && !hm_eqz(u.scheme, "https"))
		return hm_fail(cx, HM_DENIED,
			       "registry \"%.*s\" points to a place without encryption",
			       HM_FMT(r->host));
	*out = url;
	return NULL;
}

hm_err oci_remote_next(struct hm_cx *cx, const struct remote *r, const struct http_response *a,
		       struct hm_str *out)
{
	struct hm_str link, url = HM_STR("");
	struct http_url from, to;
	HM_TRY(oci_link_next(cx, http_header_get(&a->headers, "link"), &link));
	if (link.n) {
		HM_TRY(oci_remote_follow(cx, r, a, link, &url));
		HM_TRY(http_url_parse(cx, a->url.n ? a->url : remote_base(r), &from));
		HM_TRY(http_url_parse(cx, url, &to));
		if (!http_url_same_origin(&from, &to))
			return hm_fail(
				cx, HM_DENIED,
				"registry \"%.*s\" points to another host for the rest of a list: \"%.*s\"",
				HM_FMT(r->host), HM_FMT(url));
	}
	*out = url;
	return NULL;
}

/* The credential of a host over plain HTTP: only on this machine. */
static bool is_safe(const struct http_url *u)
{
	return hm_eqz(u->scheme, "https") || http_is_loopback(u->host);
}

static struct remote *find_other(struct remote *r, const struct http_url *u,
				 struct hm_str repository)
{
	for (size_t i = 0; i < r->others_n; i++)
		if (http_url_same_origin(remote_origin(r->others[i]), u) &&
		    hm_eq(r->others[i]->place.target.repository, repository))
			return r->others[i];
	return NULL;
}

/* Of "/v2/NAME/blobs/DIGEST": a credential may be that repository's alone. Empty: it is not a
 * registry's address. */
static struct hm_str repository_of(const struct http_url *u)
{
	static const struct hm_str kinds[] = { HM_STR_INIT("/blobs/"), HM_STR_INIT("/manifests/") };
	for (size_t i = 0; i < HM_LEN(kinds) && hm_starts(u->path, HM_STR("/v2/")); i++) {
		struct hm_str name = hm_from(u->path, 4);
		name.n = hm_find(name, kinds[i]) == SIZE_MAX ? 0 : hm_find(name, kinds[i]);
		if (oci_repository_is_valid(name))
			return name;
	}
	return HM_STR("");
}

hm_err oci_remote_other(struct hm_cx *cx, struct remote *r, struct hm_str url, struct remote **out)
{
	struct http_url u;
	struct oci_target t = { .kind = OCI_REGISTRY };
	HM_TRY(http_url_parse(cx, url, &u));
	t.repository = repository_of(&u);
	*out = find_other(r, &u, t.repository);
	if (*out || r->others_n == HM_LEN(r->others))
		return NULL;
	bool ipv6 = hm_find_char(u.host, ':') != SIZE_MAX;
	struct hm_str host =
		hm_fmt(cx, "%s%.*s%s:%u", ipv6 ? "[" : "", HM_FMT(u.host), ipv6 ? "]" : "", u.port);
	HM_TRY(oci_registry_parse(cx, host, &t.registry, &t.address));
	t.address = host;
	HM_TRY(oci_remote_new(cx, &r->access, r->place.ops, &t, OCI_READ, out));
	struct remote *o = *out;
	atomic_store(&o->plain, hm_eqz(u.scheme, "http"));
	o->may_be_plain = false;
	o->is_other = true;
	o->access.given_for = HM_STR(""); /* what the command was given is not for them */
	o->has_credential = !is_safe(&u); /* none */
	r->others[r->others_n++] = o;
	return NULL;
}

/* distribution-spec, "Error Codes": {"errors":[{"code":..., "message":...}]}; made fit for a
 * line. */
static struct hm_str own_words(struct hm_cx *cx, struct hm_str body)
{
	struct json doc;
	if (body.n == 0 || body.n > HM_MIB || json_parse(cx, body, JSON_PLAIN, &doc))
		return HM_STR("");
	struct json first = json_at(json_get(doc, "errors"), 0);
	struct hm_str code = json_str(json_get(first, "code"));
	struct hm_str message = json_str(json_get(first, "message"));
	if (code.n == 0 && message.n == 0)
		return HM_STR("");
	char *text = hm_dupz(cx, hm_fmt(cx, ": %.*s%s%.*s", HM_FMT(hm_sub(code, 0, 60)),
					code.n && message.n ? ": " : "",
					HM_FMT(hm_sub(message, 0, 200))));
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	return hm_cstr(text);
}

hm_err oci_remote_fault(struct hm_cx *cx, const struct remote *r, const struct http_response *a)
{
	static const struct {
		int status;
		enum hm_code code;
		const char *words;
	} rows[] = {
		{ 400, HM_INPUT, "rejects the request as invalid" },
		{ 401, HM_DENIED, "does not accept the credential" },
		{ 403, HM_DENIED, "forbids it" },
		{ 404, HM_ABSENT, "does not have it" },
		{ 405, HM_USAGE, "does not allow it" },
		{ 413, HM_LIMIT, "says that it is too large" },
		{ 429, HM_BUSY, "throttles requests" },
		{ 502, HM_BUSY, "is not available" },
		{ 503, HM_BUSY, "is not available" },
		{ 504, HM_BUSY, "is not available" },
		{ 507, HM_FULL, "has no room" },
	};
	enum hm_code code = HM_SYSTEM;
	const char *words = "failed";
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		if (rows[i].status == a->status) {
			code = rows[i].code;
			words = rows[i].words;
		}
	}
	hm_err err = hm_fail(cx, code, "registry \"%.*s\" %s (%d)%.*s", HM_FMT(r->host), words,
			     a->status, HM_FMT(own_words(cx, a->body)));
	return code == HM_DENIED ? hm_hint(cx, err, "run: hullmark login %.*s", HM_FMT(r->host))
				 : err;
}
