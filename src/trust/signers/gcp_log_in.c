/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of Google's: from a credentials file (a user's, a workload's federated identity, or a
 * service account's key, which a process of its own has), or from the metadata server. */
#include "trust/signers/gcp.h"

#define SCOPE    TRUST_GOOGLE_SCOPE
#define METADATA "169.254.169.254"

static const char *const metadata_hosts[] = { METADATA, "metadata.google.internal", NULL };

static hm_err keep_token(struct hm_cx *cx, struct hm_str token, struct trust_credential *out)
{
	if (!token.n || hm_has_control(token))
		return hm_fail(cx, HM_INPUT, "the answer has no access token");
	out->token = hm_secret_of(token);
	return NULL;
}

/* Where a credentials file sends what it has: Google's own hosts. */
static hm_err need_google(struct hm_cx *cx, struct hm_str url)
{
	struct http_url u;
	HM_TRY(trust_need_tls(cx, url));
	HM_TRY(http_url_parse(cx, url, &u));
	if (hm_ends(u.host, HM_STR(".googleapis.com")) || http_is_loopback(u.host))
		return NULL;
	return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a server of Google's", HM_FMT(url));
}

static hm_err exchange(struct hm_cx *cx, const struct trust_service_signer *s, struct hm_str url,
		       struct hm_str form, struct json *out)
{
	HM_TRY(need_google(cx, url));
	struct trust_question q = { .method = "POST",
				    .url = url,
				    .content_type = HM_STR("application/x-www-form-urlencoded"),
				    .body = form };
	return trust_ask_json(cx, s->http, &q, out);
}

static hm_err log_in_as_user(struct hm_cx *cx, const struct trust_service_signer *s,
			     struct json file, struct trust_credential *out)
{
	static const char *const names[] = { "grant_type", "client_id", "client_secret",
					     "refresh_token" };
	struct hm_str url = json_str(json_get(file, "token_uri"));
	struct hm_str values[] = { HM_STR("refresh_token"), json_str(json_get(file, "client_id")),
				   json_str(json_get(file, "client_secret")),
				   json_str(json_get(file, "refresh_token")) };
	struct json answer;
	if (!url.n)
		url = HM_STR(TRUST_GOOGLE_TOKEN);
	HM_TRY(exchange(cx, s, url, trust_form(cx, names, values, HM_LEN(names)), &answer));
	HM_TRY(keep_token(cx, json_str(json_get(answer, "access_token")), out));
	out->until = trust_good_until(answer, "expires_in");
	return NULL;
}

/* The workload's own token: a file, plain or a member of JSON. */
static hm_err read_subject(struct hm_cx *cx, struct json file, struct hm_str *out)
{
	struct json source = json_get(file, "credential_source"), v;
	struct json format = json_get(source, "format");
	struct hm_str path = json_str(json_get(source, "file"));
	HM_AUTO_SECRET s = { 0 };
	unsigned mode;
	if (!path.n)
		return hm_fail(cx, HM_INPUT,
			       "of workload identities only those with a file are supported");
	if (!hm_eqz(json_str(json_get(format, "type")), "json"))
		return trust_token_file(cx, hm_dupz(cx, path), out);
	HM_TRY(hm_secret_read_file(cx, hm_dupz(cx, path), HM_MAX_CREDENTIAL, &s, &mode));
	HM_TRY_IN(cx, json_parse(cx, hm_secret_str(&s), JSON_STRICT, &v), "\"%.*s\"", HM_FMT(path));
	*out = json_str(json_get_str(v, json_str(json_get(format, "subject_token_field_name"))));
	return out->n ? NULL
		      : hm_fail(cx, HM_INPUT, "\"%.*s\" does not hold a token", HM_FMT(path));
}

/* The federated token for one of a service account. */
static hm_err impersonate(struct hm_cx *cx, const struct trust_service_signer *s, struct hm_str url,
			  struct hm_str token, struct trust_credential *out)
{
	struct http_header h = { HM_STR("Authorization"),
				 hm_fmt(cx, "Bearer %.*s", HM_FMT(token)) };
	struct json answer;
	int64_t end;
	HM_TRY(need_google(cx, url));
	struct trust_question q = { .method = "POST",
				    .url = url,
				    .headers = &h,
				    .headers_n = 1,
				    .content_type = HM_STR("application/json"),
				    .body = HM_STR("{\"scope\":[\"" SCOPE "\"]}") };
	HM_TRY(trust_ask_json(cx, s->http, &q, &answer));
	HM_TRY(keep_token(cx, json_str(json_get(answer, "accessToken")), out));
	out->until = hm_now() + 60;
	if (!hm_rfc3339_parse(cx, json_str(json_get(answer, "expireTime")), &end))
		out->until = end - 60;
	return NULL;
}

static hm_err log_in_as_workload(struct hm_cx *cx, const struct trust_service_signer *s,
				 struct json file, struct trust_credential *out)
{
	static const char *const names[] = {
		"grant_type",           "audience",           "scope",
		"requested_token_type", "subject_token_type", "subject_token"
	};
	struct hm_str other = json_str(json_get(file, "service_account_impersonation_url")),
		      subject;
	struct json answer;
	HM_TRY(read_subject(cx, file, &subject));
	struct hm_str values[] = {
		HM_STR("urn:ietf:params:oauth:grant-type:token-exchange"),
		json_str(json_get(file, "audience")),
		other.n ? HM_STR("https://www.googleapis.com/auth/cloud-platform") : HM_STR(SCOPE),
		HM_STR("urn:ietf:params:oauth:token-type:access_token"),
		json_str(json_get(file, "subject_token_type")),
		subject
	};
	HM_TRY(exchange(cx, s, json_str(json_get(file, "token_url")),
			trust_form(cx, names, values, HM_LEN(names)), &answer));
	struct hm_str token = json_str(json_get(answer, "access_token"));
	if (other.n && token.n)
		return impersonate(cx, s, other, token, out);
	HM_TRY(keep_token(cx, token, out));
	out->until = trust_good_until(answer, "expires_in");
	return NULL;
}

/* "gcloud auth application-default login --impersonate-service-account": whose token it is that is
 * changed for one of the service account stands within. */
static hm_err log_in_as_other(struct hm_cx *cx, const struct trust_service_signer *s,
			      struct json file, struct trust_credential *out)
{
	HM_CLEANUP(trust_credential_done) struct trust_credential own = { 0 };
	struct json source = json_get(file, "source_credentials");
	struct hm_str url = json_str(json_get(file, "service_account_impersonation_url"));
	struct hm_str type = json_str(json_get(source, "type"));
	if (!url.n)
		return hm_fail(cx, HM_INPUT, "\"service_account_impersonation_url\" is missing");
	if (json_size(json_get(file, "delegates")))
		return hm_fail(cx, HM_INPUT,
			       "accounts between the two (\"delegates\") are not supported");
	if (hm_eqz(type, "authorized_user"))
		HM_TRY_IN(cx, log_in_as_user(cx, s, source, &own), "source_credentials");
	else if (hm_eqz(type, "external_account"))
		HM_TRY_IN(cx, log_in_as_workload(cx, s, source, &own), "source_credentials");
	else
		return hm_fail(
			cx, HM_INPUT,
			"source credentials of type \"%.*s\" are not supported; those of a user "
			"and of a workload's identity are",
			HM_FMT(type));
	return impersonate(cx, s, url, hm_secret_str(&own.token), out);
}

/* By the assertion that the key's process has made (RFC 7523, 2.1). */
static hm_err log_in_as_account(struct hm_cx *cx, const struct trust_service_signer *s,
				const struct trust_google_file *file, struct trust_credential *out)
{
	static const char *const names[] = { "grant_type", "assertion" };
	struct hm_str values[] = { HM_STR("urn:ietf:params:oauth:grant-type:jwt-bearer"),
				   file->assertion };
	struct json answer;
	hm_err err = exchange(cx, s, file->token_uri, trust_form(cx, names, values, HM_LEN(names)),
			      &answer);
	if (err && (err->code == HM_DENIED || err->code == HM_INPUT))
		err = hm_hint(
			cx, err,
			"see that the account still has this key (gcloud iam service-accounts "
			"keys list --iam-account=%.*s), and that this machine's clock is right",
			HM_FMT(file->email));
	if (err)
		return hm_wrap(cx, err, "the service account \"%.*s\"", HM_FMT(file->email));
	HM_TRY(keep_token(cx, json_str(json_get(answer, "access_token")), out));
	out->until = trust_good_until(answer, "expires_in");
	return NULL;
}

/* A file without a private key: what is secret in it must be sent. */
static hm_err log_in_without_key(struct hm_cx *cx, const struct trust_service_signer *s, int fd,
				 struct hm_str type, struct trust_credential *out)
{
	HM_AUTO_SECRET text = { 0 };
	struct json file;
	bool user = hm_eqz(type, "authorized_user"),
	     other = hm_eqz(type, "impersonated_service_account");
	if (!user && !other && !hm_eqz(type, "external_account"))
		return hm_fail(
			cx, HM_INPUT,
			"credentials of type \"%.*s\" are not supported; those of a "
			"workload's identity (external_account), a service account, one that "
			"somebody stands in for (impersonated_service_account) and a user are",
			HM_FMT(type));
	HM_TRY(hm_secret_read_fd(cx, fd, "credentials", HM_MAX_CREDENTIAL, &text));
	HM_TRY(json_parse(cx, hm_secret_str(&text), JSON_STRICT, &file));
	if (other)
		return log_in_as_other(cx, s, file, out);
	return user ? log_in_as_user(cx, s, file, out) : log_in_as_workload(cx, s, file, out);
}

static hm_err log_in_with_file(struct hm_cx *cx, const struct trust_service_signer *s,
			       const char *path, struct trust_credential *out)
{
	HM_AUTO_FD fd = -1;
	unsigned mode;
	struct trust_google_file file;
	HM_TRY(hm_secret_open_file(cx, path, HM_MAX_CREDENTIAL, &fd, &mode));
	hm_secret_warn(cx, path, mode);
	hm_err err = trust_google_read(cx, fd, &file);
	if (!err)
		err = hm_eqz(file.type, "service_account")
			      ? log_in_as_account(cx, s, &file, out)
			      : log_in_without_key(cx, s, fd, file.type, out);
	return err ? hm_wrap(cx, err, "\"%s\"", path) : NULL;
}

static hm_err log_in_as_instance(struct hm_cx *cx, const struct trust_service_signer *s,
				 struct trust_credential *out)
{
	struct hm_str host = trust_environment("GCE_METADATA_HOST"), url;
	struct http_header h = { HM_STR("Metadata-Flavor"), HM_STR("Google") };
	struct json answer;
	url = hm_fmt(cx, "http://%.*s", HM_FMT(host.n ? host : HM_STR(METADATA)));
	HM_TRY(trust_need_near(cx, url, metadata_hosts));
	struct trust_question q = {
		.method = "GET",
		.url = hm_fmt(cx, "%.*s/computeMetadata/v1/instance/service-accounts/default/token",
			      HM_FMT(url)),
		.headers = &h,
		.headers_n = 1,
		.near = true
	};
	HM_TRY(trust_ask_json(cx, s->http, &q, &answer));
	HM_TRY(keep_token(cx, json_str(json_get(answer, "access_token")), out));
	out->until = trust_good_until(answer, "expires_in");
	return NULL;
}

hm_err trust_gcp_log_in(struct hm_cx *cx, const struct trust_service_signer *s,
			struct trust_credential *out)
{
	const char *path = trust_environment_path("GOOGLE_APPLICATION_CREDENTIALS"),
		   *home = trust_environment_path("HOME");
	if (path)
		return log_in_with_file(cx, s, path, out);
	path = hm_path(cx, home ? home : "/",
		       ".config/gcloud/application_default_credentials.json");
	if (hm_exists(path))
		return log_in_with_file(cx, s, path, out);
	HM_TRY_IN(cx, log_in_as_instance(cx, s, out),
		  "there are no other credentials for Google, and the instance's");
	return NULL;
}
