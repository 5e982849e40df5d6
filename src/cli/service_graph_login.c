/* SPDX-License-Identifier: Apache-2.0 */
/* Who somebody is: bearers of a token that the file of tokens names (what is kept of it is its
 * digest) or that the issuer has signed, and owners of a certificate. */
#include "cli/service_graph.h"
#include "crypto/crypto.h"

enum { LEAST_TOKEN = 16 };

/* "NAME TOKEN" or "NAME sha256:HEX"; empty lines, and those that begin with '#', are nothing. */
static hm_err read_line(struct hm_cx *cx, struct hm_str line, struct graph_tokens *out)
{
	struct hm_str token = hm_trim(line), name = hm_cut(&token, ' ');
	struct graph_token t = { .name = hm_dup(cx, name) };
	struct hm_str digest;
	token = hm_trim(token);
	if (!name.n || name.p[0] == '#')
		return NULL;
	if (hm_starts(token, HM_STR("sha256:"))) {
		digest = hm_from(token, 7);
		if (digest.n != 2 * sizeof(t.digest))
			return hm_fail(cx, HM_INPUT, "the digest of \"%.*s\" is not one of SHA-256",
				       HM_FMT(name));
		HM_TRY(hm_unhex(cx, digest, t.digest));
	} else if (token.n < LEAST_TOKEN) {
		return hm_fail(cx, HM_INPUT, "the token of \"%.*s\" has fewer than %d characters",
			       HM_FMT(name), LEAST_TOKEN);
	} else {
		digest = crypto_digest_raw(cx, CRYPTO_SHA256, token);
		memcpy(t.digest, digest.p, sizeof(t.digest));
	}
	*hm_push(cx, out) = t;
	return NULL;
}

hm_err cli_graph_tokens(struct hm_cx *cx, const char *file, struct graph_tokens *out)
{
	HM_AUTO_SECRET secret = { 0 };
	unsigned mode;
	HM_TRY(hm_secret_read_file(cx, file, HM_MAX_CREDENTIAL, &secret, &mode));
	hm_secret_warn(cx, file, mode);
	struct hm_str text = hm_secret_str(&secret);
	while (text.n)
		HM_TRY_IN(cx, read_line(cx, hm_line(&text), out), "\"%s\"", file);
	return NULL;
}

static bool is_token(struct hm_cx *cx, const struct graph_service *s, struct hm_str token,
		     struct hm_str *out_name)
{
	struct hm_str digest = crypto_digest_raw(cx, CRYPTO_SHA256, token);
	bool found = false;
	/* all are looked at, so that time does not tell which it is */
	for (size_t i = 0; i < s->tokens.n; i++) {
		const struct graph_token *t = &s->tokens.p[i];
		if (!hm_eq_secret(digest, hm_bytes(t->digest, sizeof(t->digest))))
			continue;
		found = true;
		*out_name = t->name;
	}
	return found;
}

hm_err cli_graph_bearer(struct hm_cx *cx, struct graph_service *s, struct hm_str token,
			struct hm_str *out_name)
{
	struct hm_str name;
	if (is_token(cx, s, token, out_name))
		return NULL;
	if (!s->issuer || hm_find_char(token, '.') == SIZE_MAX)
		return hm_fail(cx, HM_TRUST, "this token is not known here");
	HM_TRY(oidc_verify(cx, s->issuer, token, hm_now(), &name));
	*out_name = hm_fmt(cx, "oidc:%.*s", HM_FMT(name));
	return NULL;
}

/* ------------------------------------------------------------------ certificates */

/* That it leads to the authority TLS has seen; a connection may go on after its end. */
static hm_err name_client(struct hm_cx *cx, const struct graph_service *s, struct hm_str der,
			  struct hm_str *out_name)
{
	CRYPTO_AUTO_CHAIN chain = { 0 };
	struct hm_strs names = { 0 };
	HM_TRY(crypto_chain_from_der(cx, &der, 1, &chain));
	HM_TRY(crypto_chain_valid_at(cx, &chain, hm_now()));
	crypto_certificate_names(cx, &chain, 0, &names);
	for (size_t i = 0; i < names.n; i++) {
		if (!hm_strs_has(&s->login->client_names, names.p[i]))
			continue;
		*out_name = names.p[i];
		return NULL;
	}
	return hm_fail(cx, HM_DENIED,
		       "the certificate of \"%.*s\" is not among those that are let in",
		       HM_FMT(names.n ? names.p[0] : HM_STR("nobody")));
}

/* ------------------------------------------------------------------ all of them */

hm_err cli_graph_caller(struct hm_cx *cx, struct graph_service *s, const struct http_exchange *x,
			struct hm_str *out_name)
{
	struct hm_str header = http_exchange_header(x, "Authorization");
	struct hm_str client = http_exchange_client(x), scheme, token;
	*out_name = HM_STR("");
	if (header.n) {
		scheme = hm_cut(&header, ' ');
		token = hm_trim(header);
		if (hm_cmp_nocase(scheme, HM_STR("Bearer")) != 0 || !token.n)
			return hm_fail(cx, HM_TRUST, "the Authorization is not \"Bearer TOKEN\"");
		return cli_graph_bearer(cx, s, token, out_name);
	}
	return client.n && s->login->client_names.n ? name_client(cx, s, client, out_name) : NULL;
}
