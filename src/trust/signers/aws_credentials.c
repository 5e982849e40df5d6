/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials of AWS, and the region, from where its own tools have them. */
#include "trust/signers/aws.h"

#define INSTANCE "http://169.254.169.254"
#define ECS      "http://169.254.170.2"

/* Only here is a server of credentials without TLS believed (AWS SDKs: the same). */
static const char *const instance_hosts[] = { "169.254.169.254", "fd00:ec2::254", NULL };
static const char *const container_hosts[] = { "169.254.170.2", "169.254.170.23", "fd00:ec2::23",
					       NULL };

/* --- files --- */

struct hm_str trust_aws_ini(struct hm_str text, struct hm_str section, const char *name)
{
	bool inside = false;
	while (text.n) {
		struct hm_str line = hm_line(&text), value = line, key;
		struct hm_str trimmed = hm_trim(line);
		if (!trimmed.n || hm_is_one_of(trimmed.p[0], "#;"))
			continue;
		if (trimmed.p[0] == '[') {
			inside = trimmed.p[trimmed.n - 1] == ']' &&
				 hm_eq(hm_trim(hm_sub(trimmed, 1, trimmed.n - 2)), section);
			continue;
		}
		key = hm_trim(hm_cut(&value, '='));
		if (inside && !hm_is_space(line.p[0]) && hm_eqz(key, name))
			return hm_trim(value);
	}
	return HM_STR("");
}

static struct hm_str own_profile(void)
{
	struct hm_str p = trust_environment("AWS_PROFILE");
	return p.n ? p : HM_STR("default");
}

/* Of $variable, else of ~/.aws/name; empty where there is none. */
static hm_err read_own_file(struct hm_cx *cx, const char *variable, const char *name,
			    struct hm_str *out)
{
	const char *path = trust_environment_path(variable), *home = trust_environment_path("HOME");
	HM_AUTO_SECRET s = { 0 };
	unsigned mode;
	*out = HM_STR("");
	if (!path && home)
		path = hm_path(cx, hm_path(cx, home, ".aws"), name);
	if (!path || !hm_exists(path))
		return NULL;
	HM_TRY(hm_secret_read_file(cx, path, HM_MAX_CREDENTIAL, &s, &mode));
	*out = hm_dup(cx, hm_secret_str(&s));
	return NULL;
}

bool trust_aws_is_region(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'z') && s.p[i] != '-')
			return false;
	return s.n > 0 && s.n < 64;
}

hm_err trust_aws_region(struct hm_cx *cx, struct hm_str *out)
{
	struct hm_str text, profile = own_profile();
	*out = trust_environment("AWS_REGION");
	if (!out->n)
		*out = trust_environment("AWS_DEFAULT_REGION");
	if (out->n)
		return NULL;
	HM_TRY(read_own_file(cx, "AWS_CONFIG_FILE", "config", &text));
	if (!hm_eqz(profile, "default"))
		profile = hm_fmt(cx, "profile %.*s", HM_FMT(profile));
	*out = trust_aws_ini(text, profile, "region");
	return NULL;
}

/* --- what an answer or file gives --- */

static bool is_plain(struct hm_str s)
{
	return s.n && !hm_has_control(s) && hm_find_char(s, ' ') == SIZE_MAX;
}

static hm_err keep_credential(struct hm_cx *cx, struct hm_str id, struct hm_str secret,
			      struct hm_str token, struct trust_credential *out)
{
	if (!is_plain(id) || !is_plain(secret) || (token.n && !is_plain(token)))
		return hm_fail(cx, HM_INPUT, "the credentials of AWS are incomplete");
	out->id = hm_secret_of(id);
	out->secret = hm_secret_of(secret);
	out->token = hm_secret_of(token);
	return NULL;
}

/* They are asked for anew five minutes before they end, as AWS says; an end that cannot be read is
 * one minute away. */
static int64_t end_of(struct hm_str expiration)
{
	enum { MARGIN = 300, UNKNOWN = 60 };
	int64_t end;
	HM_AUTO_CX cx = HM_CX(4096);
	if (hm_rfc3339_parse(&cx, expiration, &end))
		return hm_now() + UNKNOWN;
	return end - MARGIN;
}

static hm_err read_metadata(struct hm_cx *cx, struct json v, struct trust_credential *out)
{
	HM_TRY(keep_credential(cx, json_str(json_get(v, "AccessKeyId")),
			       json_str(json_get(v, "SecretAccessKey")),
			       json_str(json_get(v, "Token")), out));
	out->until = end_of(json_str(json_get(v, "Expiration")));
	return NULL;
}

/* --- the instance's metadata --- */

static hm_err ask_instance(struct hm_cx *cx, const struct trust_service_signer *s,
			   const char *method, struct hm_str url, const struct http_header *h,
			   struct hm_str *out)
{
	struct trust_question q = {
		.method = method, .url = url, .headers = h, .headers_n = 1, .near = true
	};
	HM_TRY(trust_ask(cx, s->http, &q, out));
	*out = hm_trim(*out);
	return NULL;
}

static bool is_role(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) &&
		    !hm_is_one_of(s.p[i], "+=,.@_-"))
			return false;
	return s.n > 0;
}

static hm_err log_in_as_instance(struct hm_cx *cx, const struct trust_service_signer *s,
				 struct trust_credential *out)
{
	struct http_header h = { HM_STR("X-aws-ec2-metadata-token-ttl-seconds"), HM_STR("21600") };
	struct hm_str base = trust_environment("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	struct hm_str token, role, text, list;
	struct json v;
	if (!base.n)
		base = HM_STR(INSTANCE);
	HM_TRY(trust_need_near(cx, base, instance_hosts));
	if (hm_ends(base, HM_STR("/")))
		base.n--;
	HM_TRY(ask_instance(cx, s, "PUT", hm_fmt(cx, "%.*s/latest/api/token", HM_FMT(base)), &h,
			    &token));
	h = (struct http_header){ HM_STR("X-aws-ec2-metadata-token"), token };
	list = hm_fmt(cx, "%.*s/latest/meta-data/iam/security-credentials/", HM_FMT(base));
	HM_TRY(ask_instance(cx, s, "GET", list, &h, &text));
	role = hm_line(&text);
	if (!is_role(role))
		return hm_fail(cx, HM_INPUT, "the instance has no role");
	HM_TRY(ask_instance(cx, s, "GET", hm_fmt(cx, "%.*s%.*s", HM_FMT(list), HM_FMT(role)), &h,
			    &text));
	HM_TRY_IN(cx, json_parse(cx, text, JSON_STRICT, &v), "the instance's credentials");
	return read_metadata(cx, v, out);
}

/* --- a container's server --- */

static hm_err container_token(struct hm_cx *cx, struct hm_str *out)
{
	const char *file = trust_environment_path("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	*out = trust_environment("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	if (file)
		return trust_token_file(cx, file, out);
	if (hm_has_control(*out))
		return hm_fail(cx, HM_USAGE, "$AWS_CONTAINER_AUTHORIZATION_TOKEN is not a token");
	return NULL;
}

static hm_err log_in_as_container(struct hm_cx *cx, const struct trust_service_signer *s,
				  struct trust_credential *out)
{
	struct hm_str path = trust_environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"), token;
	struct hm_str url = trust_environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	struct json v;
	if (path.n && path.p[0] != '/')
		return hm_fail(cx, HM_USAGE,
			       "$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path");
	if (path.n)
		url = hm_fmt(cx, ECS "%.*s", HM_FMT(path));
	HM_TRY(trust_need_near(cx, url, container_hosts));
	HM_TRY(container_token(cx, &token));
	struct http_header h = { HM_STR("Authorization"), token };
	struct trust_question q = { .method = "GET",
				    .url = url,
				    .headers = &h,
				    .headers_n = token.n ? 1 : 0,
				    .near = true };
	HM_TRY(trust_ask_json(cx, s->http, &q, &v));
	return read_metadata(cx, v, out);
}

/* --- a web identity --- */

/* STS answers in XML, of which these are plain words. */
struct hm_str trust_aws_element(struct hm_cx *cx, struct hm_str xml, const char *name)
{
	struct hm_str rest = xml;
	struct hm_str open = hm_fmt(cx, "<%s>", name), close = hm_fmt(cx, "</%s>", name);
	size_t at = hm_find(rest, open);
	if (at == SIZE_MAX)
		return HM_STR("");
	rest = hm_from(rest, at + open.n);
	at = hm_find(rest, close);
	if (at == SIZE_MAX)
		return HM_STR("");
	rest.n = at;
	return hm_find_char(rest, '<') == SIZE_MAX && hm_find_char(rest, '&') == SIZE_MAX
		       ? rest
		       : HM_STR("");
}

static hm_err sts_url(struct hm_cx *cx, struct hm_str region, struct hm_str *out)
{
	*out = trust_environment("AWS_ENDPOINT_URL_STS");
	if (!out->n)
		*out = trust_environment("AWS_ENDPOINT_URL");
	if (out->n)
		return trust_need_tls(cx, *out);
	*out = hm_fmt(cx, "https://sts.%.*s.amazonaws.com%s/", HM_FMT(region),
		      hm_starts(region, HM_STR("cn-")) ? ".cn" : "");
	return NULL;
}

static hm_err log_in_with_identity(struct hm_cx *cx, const struct trust_service_signer *s,
				   struct hm_str region, struct trust_credential *out)
{
	static const char *const names[] = { "Action", "Version", "RoleArn", "RoleSessionName",
					     "WebIdentityToken" };
	struct hm_str role = trust_environment("AWS_ROLE_ARN"), token, url, xml;
	struct hm_str who = trust_environment("AWS_ROLE_SESSION_NAME");
	HM_TRY(trust_token_file(cx, trust_environment_path("AWS_WEB_IDENTITY_TOKEN_FILE"), &token));
	HM_TRY(sts_url(cx, region, &url));
	struct hm_str values[] = { HM_STR("AssumeRoleWithWebIdentity"), HM_STR("2011-06-15"), role,
				   who.n ? who : HM_STR("hullmark"), token };
	struct trust_question q = { .method = "POST",
				    .url = url,
				    .content_type = HM_STR("application/x-www-form-urlencoded"),
				    .body = trust_form(cx, names, values, HM_LEN(names)) };
	HM_TRY(trust_ask(cx, s->http, &q, &xml));
	HM_TRY(keep_credential(cx, trust_aws_element(cx, xml, "AccessKeyId"),
			       trust_aws_element(cx, xml, "SecretAccessKey"),
			       trust_aws_element(cx, xml, "SessionToken"), out));
	out->until = end_of(trust_aws_element(cx, xml, "Expiration"));
	return NULL;
}

/* --- which of them --- */

static hm_err log_in_with_file(struct hm_cx *cx, struct trust_credential *out, bool *found)
{
	struct hm_str text, profile = own_profile();
	HM_TRY(read_own_file(cx, "AWS_SHARED_CREDENTIALS_FILE", "credentials", &text));
	struct hm_str id = trust_aws_ini(text, profile, "aws_access_key_id");
	*found = id.n > 0;
	if (!*found && trust_environment("AWS_PROFILE").n)
		return hm_fail(cx, HM_USAGE, "profile \"%.*s\" has no credentials of its own",
			       HM_FMT(profile));
	return *found ? keep_credential(cx, id,
					trust_aws_ini(text, profile, "aws_secret_access_key"),
					trust_aws_ini(text, profile, "aws_session_token"), out)
		      : NULL;
}

hm_err trust_aws_log_in(struct hm_cx *cx, const struct trust_service_signer *s,
			struct hm_str region, struct trust_credential *out)
{
	struct hm_str id = trust_environment("AWS_ACCESS_KEY_ID");
	bool found;
	if (id.n)
		return keep_credential(cx, id, trust_environment("AWS_SECRET_ACCESS_KEY"),
				       trust_environment("AWS_SESSION_TOKEN"), out);
	if (trust_environment_path("AWS_WEB_IDENTITY_TOKEN_FILE") &&
	    trust_environment_path("AWS_ROLE_ARN"))
		return log_in_with_identity(cx, s, region, out);
	HM_TRY(log_in_with_file(cx, out, &found));
	if (found)
		return NULL;
	if (trust_environment_path("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") ||
	    trust_environment_path("AWS_CONTAINER_CREDENTIALS_FULL_URI"))
		return log_in_as_container(cx, s, out);
	if (hm_eqz(trust_environment("AWS_EC2_METADATA_DISABLED"), "true"))
		return hm_fail(cx, HM_USAGE, "there are no credentials for AWS");
	HM_TRY_IN(cx, log_in_as_instance(cx, s, out),
		  "there are no other credentials for AWS, and the instance's");
	return NULL;
}
