/* SPDX-License-Identifier: Apache-2.0 */
/* One question to a service that has keys or gives credentials. */
#include <stdlib.h>

#include "trust/signers/service.h"

enum { NEAR_MS = 1000, TRIES = 4, FIRST_PAUSE_MS = 300 };

struct hm_str trust_environment(const char *name)
{
	return hm_cstr(getenv(name));
}

const char *trust_environment_path(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

static hm_err parse_own_url(struct hm_cx *cx, struct hm_str url, struct http_url *out)
{
	HM_TRY_IN(cx, http_url_parse(cx, url, out), "\"%.*s\"", HM_FMT(url));
	return NULL;
}

hm_err trust_need_tls(struct hm_cx *cx, struct hm_str url)
{
	struct http_url u;
	HM_TRY(parse_own_url(cx, url, &u));
	if (hm_eqz(u.scheme, "https") || http_is_loopback(u.host))
		return NULL;
	return hm_fail(cx, HM_USAGE, "\"%.*s\": credentials are sent by https alone", HM_FMT(url));
}

hm_err trust_need_near(struct hm_cx *cx, struct hm_str url, const char *const *allowed)
{
	struct http_url u;
	HM_TRY(parse_own_url(cx, url, &u));
	for (; *allowed; allowed++)
		if (hm_eqz(u.host, *allowed))
			return NULL;
	if (hm_eqz(u.scheme, "https") || http_is_loopback(u.host))
		return NULL;
	return hm_fail(
		cx, HM_USAGE,
		"\"%.*s\" is not the address of a server of metadata; without https, only those are "
		"asked",
		HM_FMT(url));
}

hm_err trust_token_file(struct hm_cx *cx, const char *path, struct hm_str *out)
{
	HM_AUTO_SECRET s = { 0 };
	unsigned mode;
	HM_TRY(hm_secret_read_file(cx, path, HM_MAX_CREDENTIAL, &s, &mode));
	struct hm_str text = hm_trim(hm_secret_str(&s));
	if (!text.n || hm_has_control(text))
		return hm_fail(cx, HM_INPUT, "\"%s\" does not hold a token", path);
	*out = hm_dup(cx, text);
	return NULL;
}

int64_t trust_good_until(struct json answer, const char *member)
{
	enum { MARGIN = 60, LONGEST = 86400 };
	struct json v = json_get(answer, member);
	int64_t seconds = 0;
	uint64_t written;
	if (json_is_string(v) && hm_u64(json_str(v), LONGEST, &written))
		seconds = (int64_t)written;
	else if (!json_int(v, &seconds) || seconds < 0 || seconds > LONGEST)
		seconds = 0;
	return hm_now() + (seconds > MARGIN ? seconds - MARGIN : 0);
}

struct hm_str trust_form(struct hm_cx *cx, const char *const *names, const struct hm_str *values,
			 size_t n)
{
	HM_AUTO_BUF b = { .max = 4 * HM_MAX_CREDENTIAL, .secret = cx->secret };
	for (size_t i = 0; i < n; i++) {
		if (!values[i].n)
			continue;
		if (b.n)
			hm_buf_char(&b, '&');
		hm_buf_addz(&b, names[i]);
		hm_buf_char(&b, '=');
		hm_buf_add(&b, http_escape(cx, values[i]));
	}
	return hm_dup(cx, hm_buf_str(&b));
}

/* ------------------------------------------------------------------ what a refusal says */

/* AWS's name of it ("com.amazonaws.kms#NotFoundException"); empty: the answer is no such. */
static struct hm_str name_of_refusal(struct json v)
{
	struct hm_str type = json_str(json_get(v, "__type"));
	size_t mark = hm_rfind_char(type, '#');
	return mark == SIZE_MAX ? type : hm_from(type, mark + 1);
}

static struct hm_str words_of_refusal(struct hm_cx *cx, struct hm_str body)
{
	static const char *const members[] = { "message", "Message", "error_description", NULL };
	struct json v;
	if (json_parse(cx, body, JSON_PLAIN, &v))
		return HM_STR("");
	struct json error = json_get(v, "error"), errors = json_get(v, "errors");
	if (json_is_array(errors)) /* Vault's */
		return json_str(json_at(errors, 0));
	if (json_is_object(error))
		return json_str(json_get(error, "message"));
	for (const char *const *m = members; *m; m++) {
		struct hm_str words = json_str(json_get(v, *m)), name = name_of_refusal(v);
		if (words.n && name.n)
			return hm_fmt(cx, "%.*s: %.*s", HM_FMT(name), HM_FMT(words));
		if (words.n)
			return words;
	}
	return name_of_refusal(v).n ? name_of_refusal(v) : json_str(error);
}

static enum hm_code code_of_status(int status)
{
	if (status == 401 || status == 403 || (status >= 300 && status < 400))
		return HM_DENIED;
	if (status == 404)
		return HM_ABSENT;
	return status == 429 || status >= 500 ? HM_BUSY : HM_INPUT;
}

/* AWS throttles with 400. */
static bool is_throttled(struct hm_cx *cx, const struct http_response *answer)
{
	struct json v;
	if (answer->status != 400 || json_parse(cx, answer->body, JSON_PLAIN, &v))
		return false;
	struct hm_str name = name_of_refusal(v);
	return hm_find(name, HM_STR("Throttl")) != SIZE_MAX ||
	       hm_eqz(name, "RequestLimitExceeded") || hm_eqz(name, "LimitExceededException") ||
	       hm_eqz(name, "TooManyRequestsException");
}

static hm_err explain_refusal(struct hm_cx *cx, const struct http_response *answer)
{
	int status = answer->status;
	if (status >= 300 && status < 400)
		return hm_fail(
			cx, HM_DENIED,
			"it answers with a redirect (%d), which does not get our credentials",
			status);
	struct hm_str words = words_of_refusal(cx, answer->body);
	if (is_throttled(cx, answer))
		return hm_fail(cx, HM_BUSY, "it throttles requests: %.*s", HM_FMT(words));
	if (!words.n)
		return hm_fail(cx, code_of_status(status), "it answers with status %d", status);
	return hm_fail(cx, code_of_status(status), "it refuses (%d): %.*s", status, HM_FMT(words));
}

/* ------------------------------------------------------------------ asking */

/* What a service gave, such as a token, is sent back in a header: it must not begin another one. */
static hm_err check_headers(struct hm_cx *cx, const struct trust_question *q)
{
	for (size_t i = 0; i < q->headers_n; i++)
		if (hm_has_control(q->headers[i].value))
			return hm_fail(
				cx, HM_INPUT,
				"the value for the header \"%.*s\" contains control characters",
				HM_FMT(q->headers[i].name));
	return NULL;
}

/* --plain-http, --cert-file and --key-file are for registries: services get credentials of ours. */
static hm_err explain_tls(struct hm_cx *cx, hm_err err)
{
	struct hm_str hint = hm_cstr(err->hint);
	if (hm_find(hint, HM_STR("--plain-http")) != SIZE_MAX)
		return hm_hint(cx, err,
			       "see whether the service's address is right, and speaks TLS: "
			       "credentials are sent by https alone, except on this machine");
	if (hm_find(hint, HM_STR("--cert-file")) != SIZE_MAX)
		return hm_hint(cx, err,
			       "a certificate that the service knows: for Vault in "
			       "$VAULT_CLIENT_CERT and $VAULT_CLIENT_KEY");
	return err;
}

static hm_err send_question(struct hm_cx *cx, struct http_client *http,
			    const struct trust_question *q, struct http_response *out)
{
	struct http_header type = { HM_STR("Content-Type"), q->content_type };
	struct http_request r = { .method = q->method,
				  .url = q->url,
				  .headers = &type,
				  .headers_n = q->content_type.n ? 1 : 0,
				  .given = q->headers,
				  .given_n = q->headers_n,
				  .body = { .bytes = q->body, .size = (int64_t)q->body.n },
				  .has_body = q->body.n > 0,
				  .no_redirect = true,
				  .no_proxy = q->near,
				  .connect_ms = q->near ? NEAR_MS : 0,
				  .max_body = q->max ? q->max : HM_MAX_KEY_SERVICE };
	int64_t pause = FIRST_PAUSE_MS * (HM_SECOND / 1000);
	for (int i = 0;; i++, pause *= 2) {
		hm_err err = http_send(cx, http, &r, out);
		if (err)
			return explain_tls(cx, err);
		if (i == TRIES || !is_throttled(cx, out))
			return NULL;
		HM_TRY(hm_pause(cx, pause));
	}
}

hm_err trust_ask(struct hm_cx *cx, struct http_client *http, const struct trust_question *q,
		 struct hm_str *out)
{
	struct http_response answer;
	struct hm_str rest = q->url, shown = hm_cut(&rest, '?');
	HM_TRY_IN(cx, check_headers(cx, q), "\"%.*s\"", HM_FMT(shown));
	HM_TRY(send_question(cx, http, q, &answer));
	if (answer.status < 200 || answer.status >= 300)
		return hm_wrap(cx, explain_refusal(cx, &answer), "\"%.*s\"", HM_FMT(shown));
	*out = answer.body;
	return NULL;
}

hm_err trust_ask_json(struct hm_cx *cx, struct http_client *http, const struct trust_question *q,
		      struct json *out)
{
	struct hm_str body, rest = q->url, shown = hm_cut(&rest, '?');
	HM_TRY(trust_ask(cx, http, q, &body));
	hm_err err = json_parse(cx, body, JSON_STRICT, out);
	if (!err && !json_is_object(*out))
		err = hm_fail(cx, HM_INPUT, "it is not an object");
	return err ? hm_wrap(cx, err, "the answer of \"%.*s\"", HM_FMT(shown)) : NULL;
}
