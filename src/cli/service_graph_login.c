/* SPDX-License-Identifier: Apache-2.0 */
/* Who may change the graph: bearers of a token that the file of tokens names. What is kept of a
 * token is its digest. */
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

bool cli_graph_is_logged_in(struct hm_cx *cx, const struct graph_service *s,
			    const struct http_exchange *x, struct hm_str *out_name)
{
	struct hm_str header = http_exchange_header(x, "Authorization");
	struct hm_str scheme = hm_cut(&header, ' '), token = hm_trim(header), digest;
	bool found = false;
	if (hm_cmp_nocase(scheme, HM_STR("Bearer")) != 0 || !token.n)
		return false;
	digest = crypto_digest_raw(cx, CRYPTO_SHA256, token);
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
