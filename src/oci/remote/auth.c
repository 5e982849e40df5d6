/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who we are, as a registry asks: basic authentication (RFC 7617), or a token from the server that
 * its challenge names (distribution's token specification). A header that worked is kept for its
 * scope until shortly before it expires.
 */
#include "oci/remote/auth.h"

#include "codec/base64.h"

enum { TOKEN_BODY = 1 << 20, TOKEN_LEAST_S = 60, TOKEN_MARGIN_S = 10 };

/* What is computed from a credential, and the answer of a token server. */
static const size_t scratch = 16 * HM_MIB;

static struct hm_str find_token(const struct remote *r, struct hm_str scope)
{
	const struct remote_token *t = NULL;
	for (size_t i = 0; i < r->tokens.n; i++)
		if (hm_eq(r->tokens.p[i].scope, scope))
			t = &r->tokens.p[i]; /* the latest */
	return t && (t->until == 0 || t->until > hm_mono()) ? hm_secret_str(&t->header)
							    : HM_STR("");
}

static struct hm_str keep_token(struct remote *r, struct hm_str scope, struct hm_str header,
				int64_t until)
{
	struct remote_token *t = hm_push(&r->place.own, &r->tokens);
	*t = (struct remote_token){ .scope = hm_dup(&r->place.own, scope),
				    .header = hm_secret_of(header),
				    .until = until };
	return hm_secret_str(&t->header);
}

static hm_err need_credential(struct hm_cx *cx, struct remote *r)
{
	if (r->has_credential)
		return NULL;
	struct hm_str repository = r->place.target.repository;
	struct hm_str name = hm_fmt(cx, "%.*s%s%.*s", HM_FMT(r->host), repository.n ? "/" : "",
				    HM_FMT(repository));
	HM_TRY(oci_credential_find(cx, &r->access, name, &r->credential));
	r->credential.username = hm_dup(&r->place.own, r->credential.username);
	r->has_credential = true;
	return NULL;
}

/* Tokens and keys used as passwords are longer than what messages are cut to. */
static struct hm_str join_secrets(struct hm_cx *cx, struct hm_str a, const char *between,
				  struct hm_str b)
{
	struct hm_str parts[] = { a, hm_cstr(between), b };
	char *text = hm_new(cx, char, a.n + parts[1].n + b.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < HM_LEN(parts); i++) {
		if (parts[i].n)
			memcpy(text + n, parts[i].p, parts[i].n);
		n += parts[i].n;
	}
	return hm_bytes(text, n);
}

static struct hm_str format_basic(struct hm_cx *cx, const struct oci_credential *c)
{
	struct hm_str pair = join_secrets(cx, c->username, ":", hm_secret_str(&c->password));
	return join_secrets(cx, HM_STR("Basic"), " ", base64_format(cx, BASE64_STD, pair));
}

static hm_err use_basic(struct hm_cx *cx, struct remote *r, struct hm_str scope, struct hm_str *out)
{
	HM_TRY(need_credential(cx, r));
	if (r->credential.username.n == 0)
		return hm_hint(cx,
			       hm_fail(cx, HM_DENIED,
				       "registry \"%.*s\" requires a user name and a password",
				       HM_FMT(r->host)),
			       "run: hullmark login %.*s", HM_FMT(r->host));
	*out = keep_token(r, scope, format_basic(cx, &r->credential), 0);
	return NULL;
}

/* Scopes stand in the query one by one. */
static void add_scopes(struct hm_cx *cx, struct hm_buf *b, const char *between,
		       const struct challenge *c, struct hm_str scope)
{
	struct hm_str repository = scope;
	repository.n = hm_rfind_char(scope, ':') == SIZE_MAX ? 0 : hm_rfind_char(scope, ':') + 1;
	/* Ask for all that will be needed at once, unless the registry knows the repository by
	 * another name. */
	bool ours = scope.n && (c->scope.n == 0 || hm_find_char(scope, ' ') != SIZE_MAX ||
				hm_starts(c->scope, repository));
	struct hm_str all = ours ? scope : c->scope;
	while (all.n) {
		struct hm_str one = hm_cut(&all, ' ');
		if (one.n)
			hm_buf_fmt(b, "%sscope=%.*s", b->n ? between : "",
				   HM_FMT(http_escape(cx, one)));
	}
}

/* The credential goes to whom the registry names: never unencrypted, unless it is itself; and where
 * nobody asked for plain HTTP, never so to another machine. */
static hm_err check_realm(struct hm_cx *cx, const struct remote *r, struct hm_str realm)
{
	struct http_url u;
	HM_TRY_IN(cx, http_url_parse(cx, realm, &u), "token server");
	bool plain = hm_eqz(remote_origin(r)->scheme, "http") &&
		     (!r->may_be_plain || http_is_loopback(u.host));
	if (!hm_eqz(u.scheme, "https") && !plain)
		return hm_fail(cx, HM_DENIED, "token server \"%.*s\" is reached without encryption",
			       HM_FMT(realm));
	return NULL;
}

bool oci_remote_is_ours(struct hm_cx *cx, const struct remote *r, struct hm_str url)
{
	struct http_url u;
	return !http_url_parse(cx, url, &u) && http_url_same_origin(&u, remote_origin(r));
}

void oci_remote_add_given(struct hm_cx *cx, const struct remote *r, struct http_request *q)
{
	const struct oci_access *a = &r->access;
	if (r->is_other || !a->headers_n || !hm_eq(a->given_for, r->host) ||
	    !oci_remote_is_ours(cx, r, q->url))
		return;
	q->given = a->headers;
	q->given_n = a->headers_n;
}

bool oci_remote_has_authorization(const struct remote *r)
{
	for (size_t i = 0; i < r->access.headers_n && !r->is_other; i++)
		if (hm_cmp_nocase(r->access.headers[i].name, HM_STR("authorization")) == 0)
			return true;
	return false;
}

static hm_err ask_token(struct hm_cx *cx, struct remote *r, const struct challenge *c,
			struct hm_str scope, struct http_response *out)
{
	const struct oci_credential *who = &r->credential;
	struct http_header headers[2];
	struct http_request q = { .method = "GET", .headers = headers, .max_body = TOKEN_BODY };
	struct hm_str refresh = hm_secret_str(&who->identity_token), text;
	HM_AUTO_SECRET query = HM_SECRET(4 * HM_MAX_CREDENTIAL);
	struct hm_buf *b = &query.bytes;
	if (c->service.n)
		hm_buf_fmt(b, "service=%.*s", HM_FMT(http_escape(cx, c->service)));
	add_scopes(cx, b, "&", c, scope);
	if (refresh.n) {
		hm_buf_fmt(b, "%sgrant_type=refresh_token&client_id=hullmark&refresh_token=",
			   b->n ? "&" : "");
		hm_buf_add(b, http_escape(cx, refresh));
		headers[q.headers_n++] =
			(struct http_header){ HM_STR("Content-Type"),
					      HM_STR("application/x-www-form-urlencoded") };
		q.method = "POST";
		q.url = c->realm;
		q.has_body = q.secret_body = true;
		HM_TRY(hm_buf_end(cx, b, "the request to the token server", &q.body.bytes));
	} else {
		if (who->username.n) {
			hm_buf_fmt(b, "%saccount=%.*s", b->n ? "&" : "",
				   HM_FMT(http_escape(cx, who->username)));
			headers[q.headers_n++] = (struct http_header){ HM_STR("Authorization"),
								       format_basic(cx, who) };
		}
		const char *sep = hm_find_char(c->realm, '?') == SIZE_MAX ? "?" : "&";
		HM_TRY(hm_buf_end(cx, b, "the request to the token server", &text));
		q.url = join_secrets(cx, c->realm, sep, text);
	}
	oci_remote_add_given(cx, r, &q);
	return http_send(cx, r->access.http, &q, out);
}

static hm_err parse_token(struct hm_cx *cx, struct hm_str body, struct hm_str *out,
			  int64_t *out_seconds)
{
	struct json doc;
	int64_t seconds;
	HM_TRY_IN(cx, json_parse(cx, body, JSON_NO_NUL, &doc), "answer of the token server");
	struct hm_str token = json_str(json_get(doc, "token"));
	if (token.n == 0)
		token = json_str(json_get(doc, "access_token"));
	bool good = token.n > 0;
	for (size_t i = 0; i < token.n; i++)
		good = good && token.p[i] > ' ' && token.p[i] < 0x7f;
	if (!good)
		return hm_fail(cx, HM_INPUT, "the token server gave no token");
	if (!json_int(json_get(doc, "expires_in"), &seconds) || seconds < TOKEN_LEAST_S ||
	    seconds > 86400)
		seconds = TOKEN_LEAST_S;
	*out = token;
	*out_seconds = seconds;
	return NULL;
}

static hm_err use_token(struct hm_cx *cx, struct remote *r, const struct challenge *c,
			struct hm_str scope, struct hm_str *out)
{
	struct http_response a;
	struct hm_str token = { "", 0 };
	int64_t seconds = 0;
	HM_TRY(check_realm(cx, r, c->realm));
	HM_TRY(need_credential(cx, r));
	HM_TRY_IN(cx, ask_token(cx, r, c, scope, &a), "token server");
	if (a.status == 401 || a.status == 403 || a.status == 400)
		return hm_hint(cx,
			       hm_fail(cx, HM_DENIED,
				       "the token server of registry \"%.*s\" refuses (%d)",
				       HM_FMT(r->host), a.status),
			       "run: hullmark login %.*s", HM_FMT(r->host));
	if (a.status / 100 != 2)
		return hm_fail(cx, a.status >= 502 ? HM_BUSY : HM_SYSTEM,
			       "the token server of registry \"%.*s\" answers %d", HM_FMT(r->host),
			       a.status);
	HM_TRY(parse_token(cx, a.body, &token, &seconds));
	*out = keep_token(r, scope, join_secrets(cx, HM_STR("Bearer"), " ", token),
			  hm_mono() + (seconds - TOKEN_MARGIN_S) * HM_SECOND);
	return NULL;
}

/* A token that somebody else got from the token server: it is what the registry wants, or not. */
static hm_err use_given(struct hm_cx *cx, struct remote *r, struct hm_str scope,
			struct hm_str tried, struct hm_str token, struct hm_str *out)
{
	struct hm_str header = join_secrets(cx, HM_STR("Bearer"), " ", token);
	if (hm_eq_secret(header, tried))
		return hm_hint(cx,
			       hm_fail(cx, HM_DENIED,
				       "registry \"%.*s\" does not accept the registry token",
				       HM_FMT(r->host)),
			       "it may have expired; run: hullmark login %.*s", HM_FMT(r->host));
	*out = keep_token(r, scope, header, 0);
	return NULL;
}

static hm_err find_challenge(struct hm_cx *cx, const struct http_response *a, struct challenge *out)
{
	struct challenge best = { 0 };
	for (size_t i = 0; i < a->headers.n; i++) {
		struct challenge c;
		if (hm_cmp_nocase(a->headers.p[i].name, HM_STR("www-authenticate")) != 0)
			continue;
		HM_TRY(oci_challenge_parse(cx, a->headers.p[i].value, &c));
		if (c.scheme > best.scheme)
			best = c;
	}
	*out = best;
	return NULL;
}

/* A header that differs from `tried`, which the registry refused. One thread asks, the others use
 * it. */
static hm_err get_header(struct hm_cx *cx, struct remote *r, const struct http_response *a,
			 struct hm_str scope, struct hm_str tried, struct hm_str *out)
{
	struct challenge c;
	HM_TRY(find_challenge(cx, a, &c));
	struct hm_str other = find_token(r, scope);
	if (other.n && !hm_eq_secret(other, tried)) {
		*out = other;
		return NULL;
	}
	HM_TRY(need_credential(cx, r));
	struct hm_str given = hm_secret_str(&r->credential.registry_token);
	if (given.n && c.scheme != CHALLENGE_NONE)
		return use_given(cx, r, scope, tried, given, out);
	if (c.scheme == CHALLENGE_BASIC)
		return use_basic(cx, r, scope, out);
	if (c.scheme == CHALLENGE_BEARER && c.realm.n)
		return use_token(cx, r, &c, scope, out);
	return hm_fail(cx, HM_DENIED,
		       "registry \"%.*s\" refuses without saying which credentials it expects",
		       HM_FMT(r->host));
}

struct hm_str oci_remote_kept(struct remote *r, struct hm_str scope)
{
	pthread_mutex_lock(&r->lock);
	struct hm_str header = find_token(r, scope);
	pthread_mutex_unlock(&r->lock);
	return header;
}

/* What is written down on the way is as secret as the header. */
hm_err oci_remote_authenticate(struct hm_cx *cx, struct remote *r, const struct http_response *a,
			       struct hm_str scope, struct hm_str tried, struct hm_str *out)
{
	HM_AUTO_CX own = hm_secret_cx(cx, scratch);
	pthread_mutex_lock(&r->lock);
	hm_err err = get_header(&own, r, a, scope, tried, out);
	pthread_mutex_unlock(&r->lock);
	return hm_fault_copy(cx, err);
}
