/* SPDX-License-Identifier: Apache-2.0 */
/* Identity tokens: JSON Web Tokens (RFC 7519) of an OpenID Connect issuer, read and not verified.
 */
#include <stdlib.h>

#include "codec/base64.h"
#include "trust/sigstore/seal.h"

enum { TOKEN_MEMORY = 4 * 1024 * 1024 };

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

static hm_err read_claims(struct hm_cx *cx, struct json claims, int64_t now,
			  struct sigstore_token *out)
{
	if (!json_is_object(claims))
		return hm_fail(cx, HM_INPUT, "the identity token's claims are not an object");
	HM_TRY_IN(cx, json_need_str(cx, claims, "iss", &out->issuer), "identity token");
	HM_TRY_IN(cx, json_need_int(cx, claims, "exp", &out->expiry), "identity token");
	if (out->expiry <= now)
		return hm_hint(cx,
			       hm_fail(cx, HM_TRUST, "the identity token expired at %s",
				       hm_rfc3339(cx, out->expiry).p),
			       "get a new one; they hold for some minutes");
	/* Of GitHub and GitLab (Fulcio's oid-info.md, and its configuration of CI providers). */
	struct hm_str workflow = json_str(json_get(claims, "job_workflow_ref"));
	out->workflow = workflow.n ? workflow : json_str(json_get(claims, "ci_config_ref_uri"));
	return find_subject(cx, claims, &out->subject);
}

static hm_err parse_token(struct hm_cx *cx, struct hm_str text, int64_t now,
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
	return read_claims(cx, claims, now, out);
}

hm_err trust_sigstore_token_parse(struct hm_cx *cx, struct hm_secret *text, int64_t now,
				  struct sigstore_token *out)
{
	HM_AUTO_CX own = hm_secret_cx(cx, TOKEN_MEMORY);
	struct sigstore_token t = { 0 };
	hm_err err = hm_secret_str(text).n > HM_MAX_IDENTITY_TOKEN
			     ? hm_fail(&own, HM_LIMIT, "the identity token is too large")
			     : parse_token(&own, hm_trim(hm_secret_str(text)), now, &t);
	if (err) {
		hm_secret_done(text);
		return hm_fault_copy(cx, err);
	}
	*out = (struct sigstore_token){ hm_secret_move(text), hm_dup(cx, t.subject),
					hm_dup(cx, t.issuer), t.expiry, hm_dup(cx, t.workflow) };
	return NULL;
}

/* --- where it comes from --- */

static const char *environment(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

/* docs.github.com, "OpenID Connect": the runner gives a URL and a credential for it. */
static hm_err ask_github(struct hm_cx *cx, struct http_client *http, const char *url,
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
	q.url = hm_fmt(cx, "%s%saudience=sigstore", url, strchr(url, '?') ? "&" : "?");
	q.authorization = hm_fmt(cx, "bearer %s", credential);
	HM_TRY_IN(cx, trust_sigstore_ask_token(cx, http, &q, out), "GitHub's identity service");
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

static hm_err find_in_job(struct hm_cx *cx, struct http_client *http, struct hm_secret *out)
{
	const char *text = environment("SIGSTORE_ID_TOKEN");
	const char *github = environment("ACTIONS_ID_TOKEN_REQUEST_URL");
	const char *azure = environment("SYSTEM_OIDCREQUESTURI");
	if (text) {
		*out = hm_secret_of(hm_cstr(text));
		return NULL;
	}
	if (github)
		return ask_github(cx, http, github, out);
	if (azure)
		return ask_azure(cx, http, azure, out);
	return hm_hint(cx, hm_fail(cx, HM_ABSENT, "there is no identity token"),
		       "give --identity-token FILE, or set SIGSTORE_ID_TOKEN; GitHub Actions and "
		       "Azure Pipelines give one to jobs that may ask for it");
}

static hm_err find_text(struct hm_cx *cx, struct http_client *http, const char *given,
			struct hm_secret *out)
{
	unsigned mode;
	if (!given)
		return find_in_job(cx, http, out);
	if (hm_exists(given))
		return hm_secret_read_file(cx, given, HM_MAX_IDENTITY_TOKEN, out, &mode);
	*out = hm_secret_of(hm_cstr(given));
	return NULL;
}

hm_err trust_sigstore_token_find(struct hm_cx *cx, struct http_client *http, const char *given,
				 int64_t now, struct sigstore_token *out)
{
	HM_AUTO_CX own = hm_secret_cx(cx, TOKEN_MEMORY);
	HM_AUTO_SECRET text = { 0 };
	hm_err err = find_text(&own, http, given, &text);
	if (err)
		return hm_fault_copy(cx, err);
	return trust_sigstore_token_parse(cx, &text, now, out);
}
