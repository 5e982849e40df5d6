/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of Microsoft Entra ID for Azure Key Vault: from a workload's identity, a secret, or the
 * server of managed identities. */
#include "trust/signers/azure.h"

#define METADATA "http://169.254.169.254"

static const char *const metadata_hosts[] = { "169.254.169.254", NULL };

static hm_err keep_token(struct hm_cx *cx, struct json answer, struct trust_credential *out)
{
	struct hm_str token = json_str(json_get(answer, "access_token"));
	if (!token.n || hm_has_control(token))
		return hm_fail(cx, HM_INPUT, "the answer has no access token");
	out->token = hm_secret_of(token);
	out->until = trust_good_until(answer, "expires_in");
	return NULL;
}

/* A name that becomes a part of a URL's path. */
static bool is_tenant(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && !hm_is_one_of(s.p[i], "-."))
			return false;
	return s.n && hm_find(s, HM_STR("..")) == SIZE_MAX;
}

static hm_err log_in_as_client(struct hm_cx *cx, const struct trust_service_signer *s,
			       struct hm_str resource, struct trust_credential *out)
{
	static const char *const names[] = {
		"grant_type",      "client_id", "scope", "client_secret", "client_assertion_type",
		"client_assertion"
	};
	struct hm_str tenant = trust_environment("AZURE_TENANT_ID"), assertion = HM_STR("");
	struct hm_str base = trust_environment("AZURE_AUTHORITY_HOST");
	const char *file = trust_environment_path("AZURE_FEDERATED_TOKEN_FILE");
	struct json answer;
	if (!is_tenant(tenant))
		return hm_fail(cx, HM_USAGE, "$AZURE_TENANT_ID is not a tenant");
	if (!base.n)
		base = HM_STR("https://login.microsoftonline.com");
	HM_TRY_IN(cx, trust_need_tls(cx, base), "$AZURE_AUTHORITY_HOST");
	if (hm_ends(base, HM_STR("/")))
		base.n--;
	if (file)
		HM_TRY(trust_token_file(cx, file, &assertion));
	struct hm_str values[] = {
		HM_STR("client_credentials"),
		trust_environment("AZURE_CLIENT_ID"),
		hm_fmt(cx, "%.*s/.default", HM_FMT(resource)),
		file ? HM_STR("") : trust_environment("AZURE_CLIENT_SECRET"),
		file ? HM_STR("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		     : HM_STR(""),
		assertion
	};
	struct trust_question q = { .method = "POST",
				    .url = hm_fmt(cx, "%.*s/%.*s/oauth2/v2.0/token", HM_FMT(base),
						  HM_FMT(tenant)),
				    .content_type = HM_STR("application/x-www-form-urlencoded"),
				    .body = trust_form(cx, names, values, HM_LEN(names)) };
	HM_TRY(trust_ask_json(cx, s->http, &q, &answer));
	return keep_token(cx, answer, out);
}

/* App Service, Container Apps: a server on a link-local address or on this machine, which knows us
 * by a secret of the environment. */
static hm_err log_in_as_app(struct hm_cx *cx, const struct trust_service_signer *s,
			    struct hm_str query, struct trust_credential *out)
{
	struct hm_str url = trust_environment("IDENTITY_ENDPOINT");
	struct http_header h = { HM_STR("X-IDENTITY-HEADER"),
				 trust_environment("IDENTITY_HEADER") };
	struct http_url u;
	struct json answer;
	HM_TRY_IN(cx, http_url_parse(cx, url, &u), "$IDENTITY_ENDPOINT");
	if (!hm_starts(u.host, HM_STR("169.254.")) || hm_is_alpha(u.host.p[u.host.n - 1]))
		HM_TRY(trust_need_near(cx, url, metadata_hosts));
	if (u.query.n)
		return hm_fail(cx, HM_USAGE, "$IDENTITY_ENDPOINT has a query");
	struct trust_question q = { .method = "GET",
				    .url = hm_fmt(cx, "%.*s?api-version=2019-08-01&%.*s",
						  HM_FMT(url), HM_FMT(query)),
				    .headers = &h,
				    .headers_n = 1,
				    .near = true };
	HM_TRY(trust_ask_json(cx, s->http, &q, &answer));
	return keep_token(cx, answer, out);
}

static hm_err log_in_as_instance(struct hm_cx *cx, const struct trust_service_signer *s,
				 struct hm_str query, struct trust_credential *out)
{
	struct hm_str base = trust_environment("AZURE_POD_IDENTITY_AUTHORITY_HOST");
	struct http_header h = { HM_STR("Metadata"), HM_STR("true") };
	struct json answer;
	if (!base.n)
		base = HM_STR(METADATA);
	HM_TRY(trust_need_near(cx, base, metadata_hosts));
	if (hm_ends(base, HM_STR("/")))
		base.n--;
	struct trust_question q = {
		.method = "GET",
		.url = hm_fmt(cx, "%.*s/metadata/identity/oauth2/token?api-version=2018-02-01&%.*s",
			      HM_FMT(base), HM_FMT(query)),
		.headers = &h,
		.headers_n = 1,
		.near = true
	};
	HM_TRY(trust_ask_json(cx, s->http, &q, &answer));
	return keep_token(cx, answer, out);
}

hm_err trust_azure_log_in(struct hm_cx *cx, const struct trust_service_signer *s,
			  struct hm_str resource, struct trust_credential *out)
{
	static const char *const names[] = { "resource", "client_id" };
	struct hm_str client = trust_environment("AZURE_CLIENT_ID");
	struct hm_str values[] = { resource, client };
	struct hm_str query = trust_form(cx, names, values, HM_LEN(names));
	if (client.n && (trust_environment_path("AZURE_FEDERATED_TOKEN_FILE") ||
			 trust_environment_path("AZURE_CLIENT_SECRET")))
		return log_in_as_client(cx, s, resource, out);
	if (trust_environment_path("IDENTITY_ENDPOINT") &&
	    trust_environment_path("IDENTITY_HEADER"))
		return log_in_as_app(cx, s, query, out);
	HM_TRY_IN(cx, log_in_as_instance(cx, s, query, out),
		  "there are no other credentials for Azure, and the instance's");
	return NULL;
}
