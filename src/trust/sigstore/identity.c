/* SPDX-License-Identifier: Apache-2.0 */
/* Identity tokens: JSON Web Tokens (RFC 7519) of an OpenID Connect issuer, read and not verified.
 */
#include <stdlib.h>

#include "codec/base64.h"
#include "trust/sigstore/seal.h"

enum { TOKEN_MEMORY = 4 * 1024 * 1024 };

/* Of Azure DevOps' tokens: whoever asks for one cannot choose. */
#define AZURE_AUDIENCE "api://AzureADTokenExchange"

void trust_sigstore_token_done(struct sigstore_token *t)
{
	hm_secret_done(&t->text);
	*t = (struct sigstore_token){ 0 };
}

/* --- what it says --- */

static bool is_true(struct json v)
{
	return json_bool(v) || hm_eqz(json_str(v), "true");
}

/* The name that Fulcio has proof of possession made over: as Sigstore's clients find it. */
static hm_err find_subject(struct hm_cx *cx, struct json claims, struct hm_str *out)
{
	struct hm_str mail = json_str(json_get(claims, "email"));
	if (mail.n && !is_true(json_get(claims, "email_verified")))
		return hm_fail(cx, HM_TRUST,
			       "the identity token's issuer has not verified the mail address");
	*out = mail.n ? mail : json_str(json_get(claims, "sub"));
	if (!out->n)
		return hm_hint(cx,
			       hm_fail(cx, HM_INPUT,
				       "the identity token does not say whose it is: it has "
				       "neither \"email\" nor \"sub\""),
			       "get a token with the scopes \"openid email\"");
	return NULL;
}

hm_err trust_sigstore_token_holds(struct hm_cx *cx, const struct sigstore_token *t, int64_t now)
{
	if (t->expiry > now)
		return NULL;
	return hm_hint(cx,
		       hm_fail(cx, HM_TRUST, "the identity token expired at %s",
			       hm_rfc3339(cx, t->expiry).p),
		       "get a new one; they hold for some minutes");
}

/* RFC 7519, 4.1.3: a text, or a list of them. */
static bool is_for(struct json audience, const char *wanted)
{
	if (json_is_string(audience))
		return hm_eqz(json_str(audience), wanted);
	for (struct json_iter it = json_iter(audience); json_next(&it);)
		if (json_is_string(it.value) && hm_eqz(json_str(it.value), wanted))
			return true;
	return false;
}

static struct hm_str first_audience(struct json audience)
{
	struct json first = json_is_array(audience) ? json_at(audience, 0) : audience;
	return json_str(first);
}

/* A token for another service is good there: it must not get to whoever gives certificates. */
static hm_err check_audience(struct hm_cx *cx, struct json claims, const char *wanted)
{
	struct json audience = json_get(claims, "aud");
	if (is_for(audience, wanted) ||
	    (strcmp(wanted, AZURE_AUDIENCE) == 0 && is_for(audience, SIGSTORE_AUDIENCE)))
		return NULL;
	return hm_hint(
		cx,
		hm_fail(cx, HM_TRUST, "the identity token is for \"%.*s\", not for \"%s\"",
			HM_FMT(hm_sub(first_audience(audience), 0, 200)), wanted),
		"get one with audience \"%s\"; an authority of certificates that takes another one "
		"is told by --oidc-client-id",
		wanted);
}

static hm_err check_times(struct hm_cx *cx, struct json claims, int64_t now,
			  struct sigstore_token *out)
{
	int64_t from;
	HM_TRY_IN(cx, json_need_int(cx, claims, "exp", &out->expiry), "identity token");
	HM_TRY(trust_sigstore_token_holds(cx, out, now));
	if (json_int(json_get(claims, "nbf"), &from) && from > now + CRYPTO_CLOCK_SKEW)
		return hm_hint(cx,
			       hm_fail(cx, HM_TRUST, "the identity token holds from %s on",
				       hm_rfc3339(cx, from).p),
			       "see whether this machine's clock is right");
	return NULL;
}

/* Services of which Fulcio makes names by claims of their own (its pkg/identity). */
static bool is_renamed(struct json claims)
{
	static const char *const marks[] = { "kubernetes.io", "organization_slug", "platform_url" };
	for (size_t i = 0; i < HM_LEN(marks); i++)
		if (json_is_there(json_get(claims, marks[i])))
			return true;
	return false;
}

static hm_err read_claims(struct hm_cx *cx, struct json claims, const char *audience, int64_t now,
			  struct sigstore_token *out)
{
	if (!json_is_object(claims))
		return hm_fail(cx, HM_INPUT, "the identity token's claims are not an object");
	HM_TRY_IN(cx, json_need_str(cx, claims, "iss", &out->issuer), "identity token");
	HM_TRY(check_times(cx, claims, now, out));
	HM_TRY(check_audience(cx, claims, audience));
	struct json federated = json_get(claims, "federated_claims");
	if (json_str(json_get(claims, "email")).n)
		out->federated = json_str(json_get(federated, "connector_id"));
	else
		out->is_renamed = is_renamed(claims);
	/* Of GitHub and GitLab (Fulcio's oid-info.md, and its configuration of CI providers). */
	struct hm_str workflow = json_str(json_get(claims, "job_workflow_ref"));
	out->workflow = workflow.n ? workflow : json_str(json_get(claims, "ci_config_ref_uri"));
	return find_subject(cx, claims, &out->subject);
}

static hm_err parse_token(struct hm_cx *cx, struct hm_str text, const char *audience, int64_t now,
			  struct sigstore_token *out)
{
	struct hm_str head = hm_cut(&text, '.'), middle = hm_cut(&text, '.'), bytes;
	struct json claims;
	if (!head.n || !middle.n || !text.n || hm_find_char(text, '.') != SIZE_MAX ||
	    base64_parse(cx, BASE64_URL_RAW, middle, &bytes))
		return hm_hint(cx, hm_fail(cx, HM_INPUT, "that is not an identity token"),
			       "it is a JSON Web Token: three parts with dots between them");
	if (json_parse(cx, bytes, JSON_STRICT, &claims))
		return hm_fail(cx, HM_INPUT, "the identity token's claims are malformed");
	return read_claims(cx, claims, audience, now, out);
}

hm_err trust_sigstore_token_parse(struct hm_cx *cx, struct hm_secret *text, const char *audience,
				  int64_t now, struct sigstore_token *out)
{
	HM_AUTO_CX own = hm_secret_cx(cx, TOKEN_MEMORY);
	struct sigstore_token t = { 0 };
	hm_err err = hm_secret_str(text).n > HM_MAX_IDENTITY_TOKEN
			     ? hm_fail(&own, HM_LIMIT, "the identity token is too large")
			     : parse_token(&own, hm_trim(hm_secret_str(text)),
					   audience ? audience : SIGSTORE_AUDIENCE, now, &t);
	if (err) {
		hm_secret_done(text);
		return hm_fault_copy(cx, err);
	}
	*out = (struct sigstore_token){ .text = hm_secret_move(text),
					.subject = hm_dup(cx, t.subject),
					.issuer = hm_dup(cx, t.issuer),
					.federated = hm_dup(cx, t.federated),
					.is_renamed = t.is_renamed,
					.expiry = t.expiry,
					.workflow = hm_dup(cx, t.workflow) };
	return NULL;
}

/* Behind a slash: of names that are made of the service's URL and what it says. */
static bool ends_with_name(struct hm_str all, struct hm_str name)
{
	return name.n && all.n > name.n && hm_ends(all, name) && all.p[all.n - name.n - 1] == '/';
}

/* Certificates of a CI service's job name its workflow, not the token's subject; those of names
 * without a domain get one, behind "!". */
static bool is_name_of(const struct sigstore_token *t, struct hm_str name)
{
	bool has_mail = hm_find_char(t->subject, '@') != SIZE_MAX;
	if (t->workflow.n)
		return ends_with_name(name, t->workflow);
	if (hm_eq(name, t->subject) || t->is_renamed)
		return true;
	return !has_mail && (ends_with_name(name, t->subject) ||
			     (hm_starts(name, t->subject) && name.p[t->subject.n] == '!'));
}

hm_err trust_sigstore_token_named(struct hm_cx *cx, const struct sigstore_token *t,
				  const struct sigstore_answer *a)
{
	if (!hm_eq(a->issuer, t->issuer) && !(t->federated.n && hm_eq(a->issuer, t->federated)))
		return hm_fail(
			cx, HM_TRUST,
			"the certificate says that \"%.*s\" knows the name, and the identity "
			"token is of \"%.*s\"",
			HM_FMT(a->issuer), HM_FMT(t->issuer));
	if (!is_name_of(t, a->subject))
		return hm_fail(cx, HM_TRUST,
			       "the certificate names \"%.*s\", and the identity token is that of "
			       "\"%.*s\"",
			       HM_FMT(a->subject),
			       HM_FMT(t->workflow.n ? t->workflow : t->subject));
	return NULL;
}

/* --- where it comes from --- */

static const char *environment(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

/* docs.github.com, "OpenID Connect": the runner gives a URL and a credential for it. */
static hm_err ask_github(struct hm_cx *cx, const struct sigstore_token_source *s, const char *url,
			 struct hm_secret *out)
{
	const char *credential = environment("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
	struct sigstore_token_request q = { .method = "GET", .member = "value" };
	if (!credential)
		return hm_hint(cx,
			       hm_fail(cx, HM_ABSENT,
				       "ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set, which GitHub "
				       "gives with the URL"),
			       "give the job \"permissions: id-token: write\"");
	q.url = hm_fmt(cx, "%s%saudience=%.*s", url, strchr(url, '?') ? "&" : "?",
		       HM_FMT(http_escape(cx,
					  hm_cstr(s->audience ? s->audience : SIGSTORE_AUDIENCE))));
	q.authorization = hm_fmt(cx, "bearer %s", credential);
	HM_TRY_IN(cx, trust_sigstore_ask_token(cx, s->http, &q, out), "GitHub's identity service");
	return NULL;
}

/* learn.microsoft.com, Azure DevOps, "Oidctoken - Create". */
static hm_err ask_azure(struct hm_cx *cx, struct http_client *http, const char *url,
			struct hm_secret *out)
{
	const char *credential = environment("SYSTEM_ACCESSTOKEN");
	const char *connection = environment("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID");
	struct sigstore_token_request q = { .method = "POST", .member = "oidcToken" };
	if (!credential)
		return hm_hint(
			cx,
			hm_fail(cx, HM_ABSENT,
				"SYSTEM_ACCESSTOKEN is not set, without which Azure "
				"Pipelines gives no identity token"),
			"map it in the step: env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)");
	q.url = hm_fmt(cx, "%s%sapi-version=7.1%s%s", url, strchr(url, '?') ? "&" : "?",
		       connection ? "&serviceConnectionId=" : "", connection ? connection : "");
	q.authorization = hm_fmt(cx, "Bearer %s", credential);
	HM_TRY_IN(cx, trust_sigstore_ask_token(cx, http, &q, out), "Azure's identity service");
	return NULL;
}

/* *audience becomes that of the service's tokens, where nobody said which. */
static hm_err find_in_job(struct hm_cx *cx, const struct sigstore_token_source *s,
			  const char **audience, struct hm_secret *out)
{
	const char *text = environment("SIGSTORE_ID_TOKEN");
	const char *github = environment("ACTIONS_ID_TOKEN_REQUEST_URL");
	const char *azure = environment("SYSTEM_OIDCREQUESTURI");
	if (text) {
		*out = hm_secret_of(hm_cstr(text));
		return NULL;
	}
	if (github)
		return ask_github(cx, s, github, out);
	if (azure) {
		*audience = s->audience ? s->audience : AZURE_AUDIENCE;
		return ask_azure(cx, s->http, azure, out);
	}
	return hm_hint(cx, hm_fail(cx, HM_ABSENT, "there is no identity token"),
		       "give --identity-token FILE, or set SIGSTORE_ID_TOKEN; GitHub Actions and "
		       "Azure Pipelines give one to jobs that may ask for it");
}

static hm_err find_text(struct hm_cx *cx, const struct sigstore_token_source *s,
			const char **audience, struct hm_secret *out)
{
	unsigned mode;
	if (!s->given)
		return find_in_job(cx, s, audience, out);
	if (hm_exists(s->given))
		return hm_secret_read_file(cx, s->given, HM_MAX_IDENTITY_TOKEN, out, &mode);
	*out = hm_secret_of(hm_cstr(s->given));
	return NULL;
}

hm_err trust_sigstore_token_find(struct hm_cx *cx, const struct sigstore_token_source *s,
				 int64_t now, struct sigstore_token *out)
{
	HM_AUTO_CX own = hm_secret_cx(cx, TOKEN_MEMORY);
	HM_AUTO_SECRET text = { 0 };
	const char *audience = s->audience;
	hm_err err = find_text(&own, s, &audience, &text);
	if (err)
		return hm_fault_copy(cx, err);
	return trust_sigstore_token_parse(cx, &text, audience, now, out);
}
