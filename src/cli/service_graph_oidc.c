/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Browsers are logged in by an issuer: sent there with what a random text in a cookie stands for,
 * and let in when they come back with a code, that cookie, and what it stands for. Nothing is kept
 * meanwhile, so that no number of strangers who begin can keep anybody from ending.
 */
#include <sys/random.h>

#include "cli/service_graph.h"

enum { SECONDS = 600, ROOM = 32, TEXT = 2 * ROOM };

static const char *cookie_name(const struct graph_service *s)
{
	return s->has_tls ? "__Host-hullmark-login" : "hullmark-login";
}

hm_err cli_graph_open_logins(struct hm_cx *cx, struct graph_service *s)
{
	const struct graph_login *l = s->login;
	HM_AUTO_SECRET text = { 0 };
	unsigned mode;
	cli_graph_turns_open(&s->logins, GRAPH_LOGINS, GRAPH_LOGINS_WAIT);
	s->client = l->client;
	if (getrandom(s->login_key, sizeof(s->login_key), 0) != sizeof(s->login_key))
		return hm_fail_os(cx, "could not make a key");
	if (!l->client_secret)
		return NULL;
	HM_TRY(hm_secret_read_file(cx, l->client_secret, HM_MAX_CREDENTIAL, &text, &mode));
	hm_secret_warn(cx, l->client_secret, mode);
	s->client_secret = hm_secret_of(hm_trim(hm_secret_str(&text)));
	if (!s->client_secret.bytes.n)
		return hm_fail(cx, HM_INPUT, "\"%s\" is empty", l->client_secret);
	s->client.secret = &s->client_secret;
	return NULL;
}

void cli_graph_close_logins(struct graph_service *s)
{
	hm_secret_done(&s->client_secret);
	cli_graph_turns_close(&s->logins);
}

bool cli_graph_is_issuer(const struct graph_service *s, struct hm_str path)
{
	return s->client.redirect.n &&
	       (hm_eqz(path, GRAPH_PAGE_ISSUER) || hm_eqz(path, CLI_GRAPH_BACK));
}

/* ------------------------------------------------------------------ what a cookie stands for */

/* Of the cookie's text, which has the time in it: nobody else can make one of them. */
static struct hm_str derive(struct hm_cx *cx, const struct graph_service *s, const char *what,
			    struct hm_str text)
{
	return hm_hex(cx,
		      crypto_hmac(cx, CRYPTO_SHA256, hm_bytes(s->login_key, sizeof(s->login_key)),
				  hm_fmt(cx, "%s %.*s", what, HM_FMT(text))));
}

static struct oidc_login login_of(struct hm_cx *cx, const struct graph_service *s,
				  struct hm_str text)
{
	return (struct oidc_login){ derive(cx, s, "state", text), derive(cx, s, "nonce", text),
				    derive(cx, s, "verifier", text) };
}

static hm_err make_text(struct hm_cx *cx, struct hm_str *out)
{
	unsigned char room[ROOM];
	if (getrandom(room, sizeof(room), 0) != sizeof(room))
		return hm_fail_os(cx, "could not make a cookie");
	*out = hm_fmt(cx, "%.*s.%lld", HM_FMT(hm_hex(cx, hm_bytes(room, sizeof(room)))),
		      (long long)(hm_mono() / HM_SECOND));
	return NULL;
}

/* Made here, that is: by derive() its state has come back. The time is of this process. */
static bool is_recent(struct hm_str text)
{
	uint64_t made, now = (uint64_t)(hm_mono() / HM_SECOND);
	return text.n > TEXT + 1 && hm_u64(hm_from(text, TEXT + 1), now, &made) &&
	       now - made <= SECONDS;
}

static void set_cookie(struct hm_cx *cx, const struct graph_service *s, struct http_exchange *x,
		       struct hm_str value)
{
	cli_graph_set_cookie(cx, s, x,
			     &(struct graph_set_cookie){ .name = cookie_name(s),
							 .value = value,
							 .seconds = value.n ? SECONDS : 0,
							 .comes_by_redirect = true });
}

/* ------------------------------------------------------------------ there and back */

/* The issuer is asked for where it logs in, at most: some at a time. */
static hm_err ask_issuer(struct hm_cx *cx, struct graph_service *s, const struct oidc_login *l,
			 struct hm_str code, struct hm_str *out)
{
	HM_TRY(cli_graph_turn_begin(cx, &s->logins));
	hm_err err = code.n ? oidc_login_end(cx, s->issuer, &s->client, l, code, out)
			    : oidc_login_begin(cx, s->issuer, &s->client, l, out);
	cli_graph_turn_end(&s->logins);
	return err;
}

static hm_err refuse_login(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
			   hm_err err)
{
	int status = err->code == HM_TRUST ? 401 : hm_code_rows[err->code].http;
	atomic_fetch_add(&s->refused, 1);
	hm_log(cx, HM_LOG_WARN, "a login by the issuer was refused", "why", err->why, NULL);
	return cli_graph_ask_login(cx, s, x, status, err->why);
}

static hm_err begin_login(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x)
{
	struct hm_str text, where;
	HM_TRY(make_text(cx, &text));
	struct oidc_login l = login_of(cx, s, text);
	hm_err err = ask_issuer(cx, s, &l, HM_STR(""), &where);
	if (err)
		return refuse_login(cx, s, x, err);
	set_cookie(cx, s, x, text);
	return cli_graph_go_to(cx, x, where);
}

/* What the issuer sends the browser back with (RFC 6749, 4.1.2; RFC 9207). */
static hm_err read_answer(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
			  struct oidc_login *out_login, struct hm_str *out_code)
{
	struct hm_str text = cli_graph_shown_cookie(x, cookie_name(s));
	struct hm_str error = http_exchange_query(cx, x, "error");
	struct hm_str issuer = http_exchange_query(cx, x, "iss");
	*out_login = login_of(cx, s, text);
	*out_code = http_exchange_query(cx, x, "code");
	if (!text.n || !hm_eq_secret(http_exchange_query(cx, x, "state"), out_login->state) ||
	    !is_recent(text))
		return hm_fail(cx, HM_TRUST,
			       "this login was not begun by this browser, or not in the last %d "
			       "minutes: begin again",
			       SECONDS / 60);
	if (issuer.n && !hm_eq(issuer, s->login->oidc.issuer))
		return hm_fail(cx, HM_TRUST, "another issuer has answered");
	if (error.n)
		return hm_fail(cx, HM_TRUST, "the issuer has not logged you in%s",
			       hm_eqz(error, "access_denied") ? ": it was refused there" : "");
	return out_code->n ? NULL : hm_fail(cx, HM_TRUST, "the issuer has sent no code");
}

static hm_err end_login(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x)
{
	struct oidc_login l;
	struct hm_str code, name, html;
	set_cookie(cx, s, x, HM_STR(""));
	hm_err err = read_answer(cx, s, x, &l, &code);
	if (!err)
		err = ask_issuer(cx, s, &l, code, &name);
	if (err)
		return refuse_login(cx, s, x, err);
	name = hm_fmt(cx, "oidc:%.*s", HM_FMT(name));
	HM_TRY(cli_graph_give_cookie(cx, s, x, name));
	HM_TRY(graph_page_logged_in(cx, &html));
	http_exchange_add_header(x, "Cache-Control", HM_STR("no-store"));
	return http_exchange_answer(cx, x, 200, "text/html; charset=utf-8", html);
}

hm_err cli_graph_by_issuer(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x)
{
	return hm_eqz(http_exchange_path(x), CLI_GRAPH_BACK) ? end_login(cx, s, x)
							     : begin_login(cx, s, x);
}
