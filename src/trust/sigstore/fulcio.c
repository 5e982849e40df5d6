/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates for keys that live for a minute (Fulcio's fulcio.proto, version 2). */
#include "codec/base64.h"
#include "codec/json.h"
#include "trust/sigstore/seal.h"

enum { REQUEST_MEMORY = 4 * 1024 * 1024 };

/* --- its answer --- */

static hm_err read_chain(struct hm_cx *cx, struct json top, struct crypto_chain *out)
{
	struct json there = json_get(top, "signedCertificateEmbeddedSct");
	struct json list = json_get(json_get(there, "chain"), "certificates");
	HM_AUTO_BUF pem = HM_BUF(HM_MAX_CERTIFICATE_ANSWER);
	struct hm_str text;
	if (json_is_there(json_get(top, "signedCertificateDetachedSct")))
		return hm_fail(cx, HM_TRUST,
			       "no log of certificates has signed in the certificate (its SCT is "
			       "detached)");
	if (!json_is_array(list) || !json_size(list) || json_size(list) > HM_MAX_CERTIFICATES)
		return hm_fail(cx, HM_INPUT, "it has no certificates, or too many");
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		hm_buf_add(&pem, json_str(it.value));
		hm_buf_char(&pem, '\n');
	}
	HM_TRY(hm_buf_end(cx, &pem, "the certificates", &text));
	return crypto_chain_parse(cx, text, out);
}

hm_err trust_sigstore_certificate_parse(struct hm_cx *cx, struct hm_str text,
					struct crypto_chain *out)
{
	struct json top;
	if (text.n > HM_MAX_CERTIFICATE_ANSWER)
		return hm_fail(cx, HM_LIMIT, "the answer is too large");
	HM_TRY_IN(cx, json_parse(cx, text, JSON_STRICT, &top), "its answer");
	HM_TRY_IN(cx, read_chain(cx, top, out), "its answer");
	return NULL;
}

/* --- what it is asked --- */

/* The key is shown to be ours by a signature over the name that the token has. */
static hm_err write_request(struct hm_cx *cx, const struct sigstore_draft *d, struct hm_str *out)
{
	HM_AUTO_BUF b = { .max = 4 * HM_MAX_IDENTITY_TOKEN, .secret = true };
	struct json_out o = json_out(&b, false);
	struct hm_str proof, der, text;
	HM_TRY(trust_sigstore_sign_bytes(cx, d, d->s->token->subject, &proof));
	HM_TRY(crypto_public_key_der(cx, &d->own, &der));
	json_open(&o, NULL, '{');
	json_open(&o, "credentials", '{');
	json_put_str(&o, "oidcIdentityToken", hm_trim(hm_secret_str(&d->s->token->text)));
	json_close(&o, '}');
	json_open(&o, "publicKeyRequest", '{');
	json_open(&o, "publicKey", '{');
	json_putz(&o, "algorithm", "ECDSA");
	json_put_str(&o, "content", trust_sigstore_pem(cx, "PUBLIC KEY", der));
	json_close(&o, '}');
	json_put_str(&o, "proofOfPossession", base64_format(cx, BASE64_STD, proof));
	json_close(&o, '}');
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "the request", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

static hm_err ask(struct hm_cx *cx, const struct sigstore_draft *d, struct hm_str url,
		  struct hm_str *out)
{
	struct sigstore_request q = { .url = url,
				      .path = "/api/v2/signingCert",
				      .max = HM_MAX_CERTIFICATE_ANSWER,
				      .is_secret = true };
	HM_TRY(write_request(cx, d, &q.body));
	return trust_sigstore_ask(cx, d->s->http, &q, out);
}

/* In memory of secrets: the request has the token in it. */
/* Enough of a token to know it again. */
enum { TOKEN_START = 32 };

static hm_err ask_apart(struct hm_cx *cx, const struct sigstore_draft *d, struct hm_str url,
			struct hm_str *out)
{
	HM_AUTO_CX own = hm_secret_cx(cx, REQUEST_MEMORY);
	struct hm_str answer;
	hm_err err = ask(&own, d, url, &answer);
	/* what it says goes to logs, where the token would be good for whoever reads them */
	struct hm_str start = hm_sub(hm_secret_str(&d->s->token->text), 0, TOKEN_START);
	if (err && hm_find(hm_cstr(err->why), start) != SIZE_MAX)
		return hm_fail(cx, err->code,
			       "it refuses, in words that repeat the identity token");
	if (err)
		return hm_fault_copy(cx, err);
	*out = hm_dup(cx, answer);
	return NULL;
}

/* --- is it good? Before anything of it is published. --- */

/* By this machine's clock; or when the certificate begins, where the authority's is a little
 * ahead. */
static hm_err choose_time(struct hm_cx *cx, const struct sigstore_draft *d, int64_t *out)
{
	struct crypto_certificate_info info;
	HM_TRY(crypto_certificate_info(cx, &d->bundle.chain, 0, &info));
	*out = d->s->now ? d->now : hm_now();
	if (info.not_before > *out && info.not_before - *out <= CRYPTO_CLOCK_SKEW)
		*out = info.not_before;
	return NULL;
}

static hm_err check_certificate(struct hm_cx *cx, struct sigstore_draft *d)
{
	CRYPTO_AUTO_KEY key = { 0 };
	struct sigstore_answer answer = { 0 };
	struct sigstore_question q = { .root = d->s->root };
	struct sigstore_run r = { .bundle = &d->bundle, .q = &q, .out = &answer };
	struct hm_str ours, its;
	HM_TRY(crypto_certificate_key_any(cx, &d->bundle.chain, 0, &key));
	HM_TRY(crypto_public_key_der(cx, &key, &its));
	HM_TRY(crypto_public_key_der(cx, &d->own, &ours));
	if (!hm_eq(ours, its))
		return hm_fail(cx, HM_TRUST, "the certificate is for another key");
	struct sigstore_time *time = hm_push(cx, &r.times);
	HM_TRY(choose_time(cx, d, &time->time));
	HM_TRY(trust_sigstore_check_certificate(cx, &r));
	return trust_sigstore_token_named(cx, d->s->token, &answer);
}

static hm_err certify(struct hm_cx *cx, struct sigstore_draft *d, struct hm_str url)
{
	CRYPTO_AUTO_CHAIN chain = { 0 };
	struct hm_str answer;
	HM_TRY(ask_apart(cx, d, url, &answer));
	HM_TRY(trust_sigstore_certificate_parse(cx, answer, &chain));
	HM_TRY(crypto_chain_from_der(cx, chain.der, 1, &d->bundle.chain));
	d->bundle.material = BUNDLE_CERTIFICATE;
	return check_certificate(cx, d);
}

hm_err trust_sigstore_certify(struct hm_cx *cx, struct sigstore_draft *d)
{
	struct sigstore_chosen those;
	HM_TRY(trust_sigstore_token_holds(cx, d->s->token, d->s->now ? d->now : hm_now()));
	HM_TRY(trust_sigstore_services_choose(cx, &d->s->services->authorities,
					      "certificate authorities", 1, d->now, &those));
	if (!those.n)
		return hm_fail(cx, HM_INPUT,
			       "the signing configuration has no certificate authority");
	HM_TRY_IN(cx, certify(cx, d, those.p[0]->url), "certificate authority \"%.*s\"",
		  HM_FMT(those.p[0]->url));
	return NULL;
}
