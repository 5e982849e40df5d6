/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The issuer: its discovery document, its keys, and when they are asked for again. One thread asks;
 * the others go on with what is there, or wait for it where there is nothing.
 */
#include <pthread.h>

#include "oidc/token.h"

static const int64_t FRESH = 3600 * HM_SECOND, GOOD = 86400 * HM_SECOND, PAUSE = 30 * HM_SECOND,
		     MOST_WAIT = 10 * HM_SECOND;
enum { CONNECT_MS = 5000 };

struct oidc_issuer {
	const struct oidc_terms *terms;
	struct http_client *http;
	pthread_mutex_t asking; /* held while the issuer is asked */
	pthread_mutex_t lock;   /* of what follows */
	struct hm_buf keys, authorization, token;
	bool secret_in_body;
	int64_t got, tried; /* monotonic; 0: never */
};

struct oidc_issuer *oidc_open(struct hm_cx *cx, const struct oidc_terms *t,
			      struct http_client *http)
{
	struct oidc_issuer *i = hm_new(cx, struct oidc_issuer, 1);
	i->terms = t;
	i->http = http;
	i->keys = i->authorization = i->token = HM_BUF(HM_MAX_OIDC_KEYS);
	pthread_mutex_init(&i->asking, NULL);
	pthread_mutex_init(&i->lock, NULL);
	return i;
}

void oidc_close(struct oidc_issuer *i)
{
	if (!i)
		return;
	hm_buf_done(&i->keys);
	hm_buf_done(&i->authorization);
	hm_buf_done(&i->token);
	pthread_mutex_destroy(&i->asking);
	pthread_mutex_destroy(&i->lock);
}

/* ------------------------------------------------------------------ asking */

/* What it says of itself. */
struct word {
	struct hm_str keys;
	struct oidc_places places;
};

const struct oidc_terms *oidc_issuer_terms(const struct oidc_issuer *i)
{
	return i->terms;
}

hm_err oidc_issuer_ask(struct hm_cx *cx, struct oidc_issuer *i, struct http_request *r,
		       struct http_response *out)
{
	r->no_redirect = true;
	r->connect_ms = CONNECT_MS;
	r->max_body = HM_MAX_OIDC_KEYS;
	return http_send(cx, i->http, r, out);
}

static hm_err ask(struct hm_cx *cx, struct oidc_issuer *i, struct hm_str url, struct hm_str *out)
{
	struct http_header accept = { HM_STR("Accept"), HM_STR("application/json") };
	struct http_response answer;
	struct http_request r = { .method = "GET", .url = url, .headers = &accept, .headers_n = 1 };
	HM_TRY(oidc_issuer_ask(cx, i, &r, &answer));
	if (answer.status != 200)
		return hm_fail(cx, HM_SYSTEM, "\"%.*s\" answered with status %d", HM_FMT(url),
			       answer.status);
	*out = answer.body;
	return NULL;
}

/* How a client shows its secret (OpenID Connect Discovery 1.0, 3): by HTTP's own way, unless the
 * issuer takes it in the body alone. */
static bool wants_secret_in_body(struct json methods)
{
	bool basic = false, post = false;
	for (struct json_iter it = json_iter(methods); json_is_array(methods) && json_next(&it);) {
		basic = basic || hm_eqz(json_str(it.value), "client_secret_basic");
		post = post || hm_eqz(json_str(it.value), "client_secret_post");
	}
	return post && !basic;
}

/* OpenID Connect Discovery 1.0, 4.1 and 4.3. */
static hm_err ask_for_document(struct hm_cx *cx, struct oidc_issuer *i, struct json *out)
{
	struct hm_str issuer = i->terms->issuer, base = issuer, text, named;
	if (hm_ends(base, HM_STR("/")))
		base.n--;
	HM_TRY(ask(cx, i, hm_fmt(cx, "%.*s/.well-known/openid-configuration", HM_FMT(base)),
		   &text));
	HM_TRY(json_parse(cx, text, JSON_STRICT | JSON_ANY_NUMBER, out));
	HM_TRY(json_need_str(cx, *out, "issuer", &named));
	return hm_eq(named, issuer)
		       ? NULL
		       : hm_fail(cx, HM_TRUST, "it says that it is \"%.*s\"", HM_FMT(named));
}

static hm_err ask_for_word(struct hm_cx *cx, struct oidc_issuer *i, struct word *out)
{
	struct hm_str url;
	struct json doc, keys;
	HM_TRY(ask_for_document(cx, i, &doc));
	HM_TRY(json_need_str(cx, doc, "jwks_uri", &url));
	if (!oidc_is_private(cx, url))
		return hm_fail(cx, HM_TRUST, "its keys are at \"%.*s\", in the clear", HM_FMT(url));
	out->places.authorization = json_str(json_get(doc, "authorization_endpoint"));
	out->places.token = json_str(json_get(doc, "token_endpoint"));
	out->places.secret_in_body =
		wants_secret_in_body(json_get(doc, "token_endpoint_auth_methods_supported"));
	HM_TRY(ask(cx, i, url, &out->keys));
	HM_TRY(json_parse(cx, out->keys, JSON_STRICT | JSON_ANY_NUMBER, &keys));
	return json_is_array(json_get(keys, "keys"))
		       ? NULL
		       : hm_fail(cx, HM_INPUT, "\"%.*s\" is not a set of keys", HM_FMT(url));
}

/* ------------------------------------------------------------------ keeping */

/* What is there, however old; its age, or INT64_MAX where there is nothing. */
static struct hm_str copy_keys(struct hm_cx *cx, struct oidc_issuer *i, int64_t *out_age,
			       bool *out_may_ask)
{
	int64_t now = hm_mono();
	pthread_mutex_lock(&i->lock);
	struct hm_str copy = hm_dup(cx, hm_buf_str(&i->keys));
	*out_age = i->got ? now - i->got : INT64_MAX;
	*out_may_ask = !i->tried || now - i->tried >= PAUSE;
	pthread_mutex_unlock(&i->lock);
	return copy;
}

static void keep(struct oidc_issuer *i, const struct word *w)
{
	pthread_mutex_lock(&i->lock);
	hm_buf_clear(&i->keys);
	hm_buf_add(&i->keys, w->keys);
	hm_buf_clear(&i->authorization);
	hm_buf_add(&i->authorization, w->places.authorization);
	hm_buf_clear(&i->token);
	hm_buf_add(&i->token, w->places.token);
	i->secret_in_body = w->places.secret_in_body;
	i->got = hm_mono();
	pthread_mutex_unlock(&i->lock);
}

static void note_try(struct oidc_issuer *i)
{
	pthread_mutex_lock(&i->lock);
	i->tried = hm_mono();
	pthread_mutex_unlock(&i->lock);
}

/* Whoever shows a token waits meanwhile, and so does what serves him: not for long. */
static hm_err refresh(struct hm_cx *cx, struct oidc_issuer *i)
{
	HM_AUTO_CX own = hm_cx_child(cx, cx->budget);
	struct word word = { 0 };
	int64_t until = hm_mono() + MOST_WAIT;
	if (!own.deadline || own.deadline > until)
		own.deadline = until;
	note_try(i);
	hm_err err = hm_fault_copy(cx, ask_for_word(&own, i, &word));
	if (err) {
		hm_log(cx, HM_LOG_WARN, "the issuer's keys could not be had", "issuer",
		       hm_dupz(cx, i->terms->issuer), "why", err->why, NULL);
		return hm_wrap(cx, err, "the issuer \"%.*s\"", HM_FMT(i->terms->issuer));
	}
	keep(i, &word);
	return NULL;
}

/* Ask, unless somebody else has just done so. */
static hm_err refresh_once(struct hm_cx *cx, struct oidc_issuer *i, int64_t most_age)
{
	int64_t age;
	bool may_ask;
	hm_err err = NULL;
	pthread_mutex_lock(&i->asking);
	(void)copy_keys(cx, i, &age, &may_ask);
	if (age > most_age && may_ask)
		err = refresh(cx, i);
	pthread_mutex_unlock(&i->asking);
	return err;
}

static hm_err current_keys(struct hm_cx *cx, struct oidc_issuer *i, struct hm_str *out)
{
	int64_t age;
	bool may_ask;
	hm_err err = NULL;
	*out = copy_keys(cx, i, &age, &may_ask);
	if (age <= FRESH)
		return NULL;
	if (may_ask || age > GOOD)
		err = refresh_once(cx, i, FRESH);
	*out = copy_keys(cx, i, &age, &may_ask);
	if (age <= GOOD)
		return NULL;
	return err ? err
		   : hm_fail(cx, HM_BUSY, "the keys of the issuer \"%.*s\" could not be had",
			     HM_FMT(i->terms->issuer));
}

hm_err oidc_issuer_places(struct hm_cx *cx, struct oidc_issuer *i, struct oidc_places *out)
{
	struct hm_str keys;
	HM_TRY(current_keys(cx, i, &keys));
	pthread_mutex_lock(&i->lock);
	out->authorization = hm_dup(cx, hm_buf_str(&i->authorization));
	out->token = hm_dup(cx, hm_buf_str(&i->token));
	out->secret_in_body = i->secret_in_body;
	pthread_mutex_unlock(&i->lock);
	return NULL;
}

static hm_err verify_signature(struct hm_cx *cx, struct oidc_issuer *i, const struct oidc_token *k)
{
	struct hm_str keys;
	int64_t age;
	bool may_ask;
	HM_TRY(current_keys(cx, i, &keys));
	hm_err err = oidc_keys_verify(cx, keys, k);
	if (!err)
		return NULL;
	/* the issuer may have a new key since */
	keys = copy_keys(cx, i, &age, &may_ask);
	if (!may_ask || refresh_once(cx, i, PAUSE))
		return err;
	keys = copy_keys(cx, i, &age, &may_ask);
	return oidc_keys_verify(cx, keys, k);
}

/* What is wrong with a token in the eyes of whoever asks; what is wrong with the issuer stays. */
static hm_err disbelieve(struct hm_cx *cx, hm_err err)
{
	return err->code == HM_ABSENT ? hm_fail(cx, HM_TRUST, "%s", err->why) : err;
}

hm_err oidc_issuer_verify(struct hm_cx *cx, struct oidc_issuer *i, const struct oidc_terms *t,
			  struct hm_str token, int64_t now, struct oidc_token *out)
{
	HM_TRY(oidc_token_read(cx, t, token, out));
	/* before anybody is asked for a key: strangers cost the issuer nothing */
	HM_TRY(oidc_token_check(cx, t, out, now));
	hm_err err = verify_signature(cx, i, out);
	return err ? disbelieve(cx, err) : NULL;
}

hm_err oidc_verify(struct hm_cx *cx, struct oidc_issuer *i, struct hm_str token, int64_t now,
		   struct hm_str *out)
{
	struct oidc_token k;
	HM_TRY(oidc_issuer_verify(cx, i, i->terms, token, now, &k));
	return oidc_token_name(cx, i->terms, &k, out);
}
