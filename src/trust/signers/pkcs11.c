/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys in tokens: pkcs11: (RFC 7512). A module of the machine's is loaded by the token's own
 * process; a software token has the key in its memory, and any has the PIN.
 */
#include "trust/signers/signers.h"

static bool is_token(const struct trust_key *k)
{
	return !k->plugin.n && trust_uri_is(k->uri, "pkcs11");
}

/* The URI without where the PIN is: that is not the token's business. */
static struct hm_str without_pin(struct hm_cx *cx, struct hm_str text)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_KEY_URI);
	char mark = '?';
	hm_buf_add(&b, hm_cut(&text, '?'));
	while (text.n) {
		struct hm_str one = hm_cut(&text, '&');
		if (hm_starts(one, HM_STR("pin-source=")))
			continue;
		hm_buf_char(&b, mark);
		hm_buf_add(&b, one);
		mark = '&';
	}
	return hm_dup(cx, hm_buf_str(&b));
}

static hm_err open_token(struct hm_cx *cx, const struct trust_key *k,
			 const struct trust_signer_terms *terms, struct trust_signer *s)
{
	static const char *const known[] = { "pin-source", "module-name", "module-path", NULL };
	struct trust_uri u;
	HM_TRY(trust_uri_parse(cx, k->uri, &u));
	HM_TRY(trust_uri_only(cx, &u, known));
	struct trust_process p = { .kind = &trust_signer_pkcs11,
				   .job = TRUST_TOKEN_JOB,
				   .args = without_pin(cx, k->uri),
				   .key = -1,
				   .pin = trust_uri_get(&u, "pin-source"),
				   .secret = "PIN",
				   .subject = u.main,
				   .named = { k->uri } };
	return trust_process_open(cx, &p, terms, s);
}

const struct trust_signer_kind trust_signer_pkcs11 = { "pkcs11", is_token, open_token,
						       trust_process_close };
