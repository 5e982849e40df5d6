/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process of a Google service account's key file (JSON with an RSA key in PEM): it reads the
 * file, and gives out nothing but an assertion that is good for one login (RFC 7523; Google, "Using
 * OAuth 2.0 for server to server applications"). And its parent, which asks it.
 */
#include "base/worker_talk.h"
#include "codec/base64.h"
#include "trust/signers/gcp.h"

enum { ASSERTION_SECONDS = 600, JOB_MEMORY = 4 * 1024 * 1024 };

/* ------------------------------------------------------------------ in the process */

/* Base64url of the JSON object that `o` has put into `b`. */
static struct hm_str end_part(struct hm_cx *cx, struct json_out *o, const struct hm_buf *b)
{
	json_close(o, '}');
	return base64_format(cx, BASE64_URL_RAW, hm_buf_str(b));
}

static hm_err make_assertion(struct hm_cx *cx, struct json file, const struct crypto_key *key,
			     struct hm_str url, struct hm_str *out)
{
	HM_AUTO_BUF head = HM_BUF(HM_MAX_CREDENTIAL), claims = HM_BUF(HM_MAX_CREDENTIAL);
	struct json_out h = json_out(&head, false), c = json_out(&claims, false);
	struct hm_str id = json_str(json_get(file, "private_key_id")), signature;
	int64_t now = hm_now();
	json_open(&h, NULL, '{');
	json_putz(&h, "alg", "RS256");
	json_putz(&h, "typ", "JWT");
	if (id.n)
		json_put_str(&h, "kid", id);
	json_open(&c, NULL, '{');
	json_put_str(&c, "iss", json_str(json_get(file, "client_email")));
	json_putz(&c, "scope", TRUST_GOOGLE_SCOPE);
	json_put_str(&c, "aud", url);
	json_put_int(&c, "iat", now);
	json_put_int(&c, "exp", now + ASSERTION_SECONDS);
	struct hm_str first = end_part(cx, &h, &head), second = end_part(cx, &c, &claims);
	struct hm_str text = hm_fmt(cx, "%.*s.%.*s", HM_FMT(first), HM_FMT(second));
	HM_TRY(crypto_sign_login(cx, key, text, &signature));
	signature = base64_format(cx, BASE64_URL_RAW, signature);
	*out = hm_fmt(cx, "%.*s.%.*s", HM_FMT(text), HM_FMT(signature));
	return NULL;
}

static hm_err read_account(struct hm_cx *cx, struct json file, struct json_out *o)
{
	CRYPTO_AUTO_KEY key = { 0 };
	struct hm_str pem = json_str(json_get(file, "private_key")), assertion;
	struct hm_str email = json_str(json_get(file, "client_email"));
	struct hm_str url = json_str(json_get(file, "token_uri"));
	if (!email.n || !pem.n)
		return hm_fail(cx, HM_INPUT, "the service account has no \"%s\"",
			       email.n ? "private_key" : "client_email");
	if (!url.n)
		url = HM_STR(TRUST_GOOGLE_TOKEN);
	HM_TRY_IN(cx, crypto_key_parse(cx, pem, &key), "\"private_key\"");
	HM_TRY_IN(cx, make_assertion(cx, file, &key, url, &assertion), "\"private_key\"");
	json_put_str(o, "email", email);
	json_put_str(o, "token_uri", url);
	json_put_str(o, "assertion", assertion);
	return NULL;
}

static hm_err read_file(struct hm_cx *cx, struct hm_buf *out)
{
	HM_AUTO_SECRET text = { 0 };
	struct json file;
	struct json_out o = json_out(out, false);
	HM_TRY(hm_secret_read_fd(cx, TRUST_KEY_FD, "credentials", HM_MAX_CREDENTIAL, &text));
	HM_TRY(json_parse(cx, hm_secret_str(&text), JSON_STRICT, &file));
	struct hm_str type = json_str(json_get(file, "type"));
	json_open(&o, NULL, '{');
	json_put_str(&o, "type", type);
	if (hm_eqz(type, "service_account"))
		HM_TRY(read_account(cx, file, &o));
	json_close(&o, '}');
	return NULL;
}

hm_err trust_google_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	struct hm_str question;
	bool more;
	(void)args, (void)out;
	crypto_start();
	HM_TRY(hm_worker_hear(cx, in, 1, &question, &more));
	if (!more)
		return NULL;
	HM_AUTO_CX own = hm_secret_cx(cx, JOB_MEMORY);
	HM_AUTO_BUF answer = { .max = 4 * HM_MAX_CREDENTIAL, .secret = true };
	hm_err err = read_file(&own, &answer);
	return hm_worker_reply(&own, err, hm_buf_str(&answer));
}

/* ------------------------------------------------------------------ in the parent */

hm_err trust_google_read(struct hm_cx *cx, int fd, struct trust_google_file *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_work work = { .name = TRUST_GOOGLE_JOB, .fds_n = HM_WORKER_GIVEN };
	struct hm_str answer;
	struct json v;
	work.fds[TRUST_PIN_FD - HM_WORKER_FIRST] = -1;
	work.fds[TRUST_KEY_FD - HM_WORKER_FIRST] = fd;
	HM_TRY(hm_worker_start_with(cx, &work, &w));
	HM_TRY(hm_worker_ask(cx, &w, HM_STR("?"), &answer));
	HM_TRY_IN(cx, json_parse(cx, answer, JSON_STRICT, &v), "the answer of its process");
	*out = (struct trust_google_file){ json_str(json_get(v, "type")),
					   json_str(json_get(v, "email")),
					   json_str(json_get(v, "token_uri")),
					   json_str(json_get(v, "assertion")) };
	if (lseek(fd, 0, SEEK_SET) < 0) /* the process has read it */
		return hm_fail_os(cx, "could not read the credentials");
	return NULL;
}
