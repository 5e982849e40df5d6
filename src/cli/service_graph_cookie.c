/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logins of browsers, where reading needs one: a form takes a token, and a cookie stands for it
 * from then on. It is for reading alone: what changes the graph wants the token itself or a
 * certificate. It goes to this site's own pages only (SameSite), and scripts do not see it.
 */
#include <sys/random.h>

#include "cli/service_graph.h"

enum { SECONDS = 8 * 3600, ROOM = 32, MOST_FORM = 64 * 1024 };

void cli_graph_cookies_open(struct graph_cookies *all)
{
	pthread_mutex_init(&all->lock, NULL);
}

void cli_graph_cookies_close(struct graph_cookies *all)
{
	pthread_mutex_destroy(&all->lock);
}

/* RFC 6265bis, 4.1.3: with the prefix no other host can have set it. */
static const char *cookie_name(const struct graph_service *s)
{
	return s->has_tls ? "__Host-hullmark-graph" : "hullmark-graph";
}

struct hm_str cli_graph_shown_cookie(const struct http_exchange *x, const char *name)
{
	struct hm_str rest = http_exchange_header(x, "Cookie");
	while (rest.n) {
		struct hm_str value = hm_trim(hm_cut(&rest, ';'));
		if (hm_eqz(hm_cut(&value, '='), name))
			return value;
	}
	return HM_STR("");
}

/* ------------------------------------------------------------------ the table */

/* All are looked at, so that time does not tell which it is. NULL: none. The lock is held. */
static struct graph_cookie *find_cookie(struct graph_cookies *all, struct hm_str digest)
{
	struct graph_cookie *found = NULL;
	int64_t now = hm_mono();
	for (size_t i = 0; i < GRAPH_COOKIES; i++) {
		struct graph_cookie *one = &all->all[i];
		if (one->until > now &&
		    hm_eq_secret(digest, hm_bytes(one->digest, sizeof(one->digest))))
			found = one;
	}
	return found;
}

struct hm_str cli_graph_cookie_of(struct hm_cx *cx, struct graph_service *s,
				  const struct http_exchange *x)
{
	struct hm_str shown = cli_graph_shown_cookie(x, cookie_name(s)), name = HM_STR("");
	if (!shown.n)
		return name;
	struct hm_str digest = crypto_digest_raw(cx, CRYPTO_SHA256, shown);
	pthread_mutex_lock(&s->cookies.lock);
	const struct graph_cookie *one = find_cookie(&s->cookies, digest);
	if (one)
		name = hm_dup(cx, hm_cstr(one->name));
	pthread_mutex_unlock(&s->cookies.lock);
	return name;
}

/* The one that ends first gives way where all are taken. */
static void keep_cookie(struct graph_service *s, struct hm_str digest, struct hm_str name)
{
	struct graph_cookie *to = &s->cookies.all[0];
	pthread_mutex_lock(&s->cookies.lock);
	for (size_t i = 1; i < GRAPH_COOKIES; i++)
		if (s->cookies.all[i].until < to->until)
			to = &s->cookies.all[i];
	memcpy(to->digest, digest.p, sizeof(to->digest));
	name = hm_sub(name, 0, sizeof(to->name) - 1);
	memcpy(to->name, name.p, name.n);
	to->name[name.n] = '\0';
	to->until = hm_mono() + SECONDS * HM_SECOND;
	pthread_mutex_unlock(&s->cookies.lock);
}

static void drop_cookie(struct hm_cx *cx, struct graph_service *s, const struct http_exchange *x)
{
	struct hm_str shown = cli_graph_shown_cookie(x, cookie_name(s));
	struct hm_str digest = crypto_digest_raw(cx, CRYPTO_SHA256, shown);
	pthread_mutex_lock(&s->cookies.lock);
	struct graph_cookie *one = find_cookie(&s->cookies, digest);
	if (one)
		one->until = 0;
	pthread_mutex_unlock(&s->cookies.lock);
}

/* ------------------------------------------------------------------ the form */

hm_err cli_graph_ask_login(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
			   int status, const char *why)
{
	struct hm_str html, issuer = HM_STR("");
	if (s->client.redirect.n)
		issuer = s->login->oidc.issuer;
	HM_TRY(graph_page_login(cx, hm_cstr(why), issuer, &html));
	http_exchange_add_header(x, "Cache-Control", HM_STR("no-store"));
	return http_exchange_answer(cx, x, status, "text/html; charset=utf-8", html);
}

/* "token=..." (WHATWG URL, 5.1). */
static struct hm_str find_field(struct hm_cx *cx, struct hm_str form, const char *name)
{
	struct hm_str value;
	while (form.n) {
		struct hm_str field = hm_cut(&form, '&');
		if (hm_eqz(hm_cut(&field, '='), name) && !http_unescape(cx, field, true, &value))
			return hm_trim(value);
	}
	return HM_STR("");
}

void cli_graph_set_cookie(struct hm_cx *cx, const struct graph_service *s, struct http_exchange *x,
			  const struct graph_set_cookie *c)
{
	http_exchange_add_header(x, "Set-Cookie",
				 hm_fmt(cx, "%s=%.*s; Path=/; HttpOnly; SameSite=%s; Max-Age=%d%s",
					c->name, HM_FMT(c->value),
					c->comes_by_redirect ? "Lax" : "Strict", c->seconds,
					s->has_tls ? "; Secure" : ""));
}

static void set_cookie(struct hm_cx *cx, const struct graph_service *s, struct http_exchange *x,
		       struct hm_str value, int seconds)
{
	cli_graph_set_cookie(cx, s, x,
			     &(struct graph_set_cookie){
				     .name = cookie_name(s), .value = value, .seconds = seconds });
}

hm_err cli_graph_go_to(struct hm_cx *cx, struct http_exchange *x, struct hm_str where)
{
	http_exchange_add_header(x, "Location", where);
	http_exchange_add_header(x, "Cache-Control", HM_STR("no-store"));
	return http_exchange_answer(cx, x, 303, NULL, HM_STR(""));
}

hm_err cli_graph_give_cookie(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x,
			     struct hm_str name)
{
	unsigned char room[ROOM];
	if (getrandom(room, sizeof(room), 0) != sizeof(room))
		return hm_fail_os(cx, "could not make a cookie");
	struct hm_str cookie = hm_hex(cx, hm_bytes(room, sizeof(room)));
	keep_cookie(s, crypto_digest_raw(cx, CRYPTO_SHA256, cookie), name);
	set_cookie(cx, s, x, cookie, SECONDS);
	return NULL;
}

static hm_err take_token(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x)
{
	struct hm_str form, token, name;
	HM_TRY(http_exchange_body(cx, x, MOST_FORM, &form));
	token = find_field(cx, form, "token");
	if (!token.n)
		return cli_graph_ask_login(cx, s, x, 400, "the token is missing");
	hm_err err = cli_graph_bearer(cx, s, token, &name);
	if (err)
		return cli_graph_ask_login(cx, s, x,
					   err->code == HM_TRUST ? 401
								 : hm_code_rows[err->code].http,
					   err->why);
	HM_TRY(cli_graph_give_cookie(cx, s, x, name));
	return cli_graph_go_to(cx, x, HM_STR("/"));
}

bool cli_graph_is_login(struct hm_str path)
{
	return hm_eqz(path, "/login") || hm_eqz(path, "/logout");
}

hm_err cli_graph_log_in(struct hm_cx *cx, struct graph_service *s, struct http_exchange *x)
{
	bool posts = hm_eqz(http_exchange_method(x), "POST");
	if (!posts)
		return cli_graph_ask_login(cx, s, x, 200, NULL);
	if (hm_eqz(http_exchange_path(x), "/login"))
		return take_token(cx, s, x);
	drop_cookie(cx, s, x);
	set_cookie(cx, s, x, HM_STR(""), 0);
	return cli_graph_go_to(cx, x, HM_STR("/login"));
}
