/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ts.h>

#include "crypto/key.h"

enum { NONCE_BYTES = 16 };

struct asking {
	TS_REQ *request;
	TS_MSG_IMPRINT *imprint;
	X509_ALGOR *digest;
	BIGNUM *number;
	ASN1_INTEGER *nonce;
};

static void asking_done(struct asking *a)
{
	TS_REQ_free(a->request);
	TS_MSG_IMPRINT_free(a->imprint);
	X509_ALGOR_free(a->digest);
	BN_free(a->number);
	ASN1_INTEGER_free(a->nonce);
	ERR_clear_error();
}

/* RFC 3161, 2.4.1: "a large random number". DER has no zeros before it, so it begins with none. */
static bool add_nonce(struct asking *a)
{
	unsigned char random[NONCE_BYTES];
	if (RAND_bytes(random, sizeof(random)) != 1)
		return false;
	random[0] = (unsigned char)((random[0] & 0x3f) | 0x40);
	a->number = BN_bin2bn(random, sizeof(random), NULL);
	a->nonce = a->number ? BN_to_ASN1_INTEGER(a->number, NULL) : NULL;
	return a->nonce && TS_REQ_set_nonce(a->request, a->nonce);
}

static bool add_imprint(struct asking *a, const char *digest, struct hm_str raw)
{
	ASN1_OBJECT *name = OBJ_txt2obj(digest, 0);
	bool named = a->digest && name && X509_ALGOR_set0(a->digest, name, V_ASN1_NULL, NULL);
	if (!named)
		ASN1_OBJECT_free(name);
	return named && a->imprint && TS_MSG_IMPRINT_set_algo(a->imprint, a->digest) &&
	       TS_MSG_IMPRINT_set_msg(a->imprint, (unsigned char *)(uintptr_t)raw.p, (int)raw.n) &&
	       TS_REQ_set_msg_imprint(a->request, a->imprint);
}

hm_err crypto_timestamp_ask(struct hm_cx *cx, enum crypto_digest digest, struct hm_str signature,
			    struct crypto_timestamp_request *out)
{
	HM_CLEANUP(asking_done)
	struct asking a = { .request = TS_REQ_new(),
			    .imprint = TS_MSG_IMPRINT_new(),
			    .digest = X509_ALGOR_new() };
	unsigned char *der = NULL;
	struct hm_str raw = crypto_digest_raw(cx, digest, signature);
	if (!a.request || !TS_REQ_set_version(a.request, 1) || !TS_REQ_set_cert_req(a.request, 1) ||
	    !add_imprint(&a, crypto_digest_rows[digest].name, raw) || !add_nonce(&a))
		return crypto_fail(cx, HM_SYSTEM, "could not make a timestamp request");
	int n = i2d_TS_REQ(a.request, &der);
	if (n <= 0)
		return crypto_fail(cx, HM_SYSTEM, "could not make a timestamp request");
	*out = (struct crypto_timestamp_request){
		.der = hm_dup(cx, hm_bytes(der, (size_t)n)),
		.digest = digest,
		.signature = signature,
		.nonce = hm_dup(cx, hm_bytes(ASN1_STRING_get0_data(a.nonce),
					     (size_t)ASN1_STRING_length(a.nonce))),
	};
	OPENSSL_free(der);
	return NULL;
}

/* The two parts of an answer, as they came: what is believed is never encoded again. An element
 * without a length, which DER has none of, is malformed. */
static bool split_answer(struct hm_str der, struct hm_str *out_status, struct hm_str *out_token)
{
	struct hm_str parts[2] = { { "", 0 }, { "", 0 } };
	const unsigned char *at = (const unsigned char *)der.p, *end = at + der.n;
	long n;
	int tag, class;
	if (ASN1_get_object(&at, &n, &tag, &class, (long)der.n) != V_ASN1_CONSTRUCTED ||
	    tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL || at + n != end)
		return false;
	for (size_t i = 0; i < HM_LEN(parts) && at < end; i++) {
		const unsigned char *begin = at;
		if (ASN1_get_object(&at, &n, &tag, &class, end - at) != V_ASN1_CONSTRUCTED ||
		    tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL)
			return false;
		at += n;
		parts[i] = hm_bytes(begin, (size_t)(at - begin));
	}
	*out_status = parts[0];
	*out_token = parts[1];
	return at == end && parts[0].n;
}

/* What the authority says beside a refusal; it is a stranger's text. */
static struct hm_str join_words(struct hm_cx *cx, const TS_STATUS_INFO *status)
{
	const STACK_OF(ASN1_UTF8STRING) *texts = TS_STATUS_INFO_get0_text(status);
	struct hm_str all = { "", 0 };
	for (int i = 0; i < sk_ASN1_UTF8STRING_num(texts) && i < 4; i++) {
		const ASN1_STRING *s = sk_ASN1_UTF8STRING_value(texts, i);
		struct hm_str text =
			hm_bytes(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
		all = hm_fmt(cx, "%.*s%s%.*s", HM_FMT(all), all.n ? ", " : ": ",
			     HM_FMT(hm_sub(text, 0, 200)));
	}
	return all;
}

/* PKIFailureInfo (RFC 3161, 2.4.2). */
static const struct failure {
	int bit;
	bool may_pass; /* the same question later may be answered */
	const char *words;
} failures[] = {
	{ TS_INFO_BAD_ALG, false, "it does not know the digest algorithm" },
	{ TS_INFO_BAD_REQUEST, false, "it does not allow the request" },
	{ TS_INFO_BAD_DATA_FORMAT, false, "it cannot read the request" },
	{ TS_INFO_TIME_NOT_AVAILABLE, true, "its source of time is not available" },
	{ TS_INFO_UNACCEPTED_POLICY, false, "it does not have the policy asked for" },
	{ TS_INFO_UNACCEPTED_EXTENSION, false, "it does not know an extension of the request" },
	{ TS_INFO_ADD_INFO_NOT_AVAILABLE, false, "it does not have the information asked for" },
	{ TS_INFO_SYSTEM_FAILURE, true, "it failed" },
};

static const struct failure *find_failure(const TS_STATUS_INFO *status)
{
	const ASN1_BIT_STRING *bits = TS_STATUS_INFO_get0_failure_info(status);
	for (size_t i = 0; bits && i < HM_LEN(failures); i++)
		if (ASN1_BIT_STRING_get_bit(bits, failures[i].bit))
			return &failures[i];
	return NULL;
}

static hm_err judge_status(struct hm_cx *cx, const TS_STATUS_INFO *status)
{
	const struct failure *why = find_failure(status);
	struct hm_str words = join_words(cx, status);
	int64_t code;
	if (!ASN1_INTEGER_get_int64(&code, TS_STATUS_INFO_get0_status(status)))
		return hm_fail(cx, HM_INPUT, "the authority's answer is malformed");
	if (code == TS_STATUS_GRANTED || code == TS_STATUS_GRANTED_WITH_MODS)
		return NULL;
	if (code == TS_STATUS_WAITING)
		return hm_fail(cx, HM_BUSY, "the authority asks to wait%.*s", HM_FMT(words));
	if (why)
		return hm_fail(cx, why->may_pass ? HM_BUSY : HM_TRUST,
			       "the authority refuses to answer (%s)%.*s", why->words,
			       HM_FMT(words));
	return hm_fail(cx, HM_TRUST, "the authority refuses to answer%.*s", HM_FMT(words));
}

static hm_err check_status(struct hm_cx *cx, struct hm_str der)
{
	const unsigned char *at = (const unsigned char *)der.p;
	TS_STATUS_INFO *status = d2i_TS_STATUS_INFO(NULL, &at, (long)der.n);
	hm_err err = status && at == (const unsigned char *)der.p + der.n
			     ? judge_status(cx, status)
			     : hm_fail(cx, HM_INPUT, "the authority's answer is malformed");
	TS_STATUS_INFO_free(status);
	ERR_clear_error();
	return err;
}

hm_err crypto_timestamp_token(struct hm_cx *cx, struct hm_str der, struct hm_str *out)
{
	struct hm_str status, token;
	if (der.n > HM_MAX_TIMESTAMP)
		return hm_fail(cx, HM_LIMIT, "the authority's answer is too large");
	bool whole = split_answer(der, &status, &token);
	ERR_clear_error();
	if (!whole)
		return hm_fail(cx, HM_INPUT, "the authority's answer is malformed");
	HM_TRY(check_status(cx, status));
	if (!token.n)
		return hm_fail(cx, HM_INPUT, "the authority's answer has no timestamp");
	*out = token;
	return NULL;
}

hm_err crypto_timestamp_answer(struct hm_cx *cx, const struct crypto_timestamp_request *q,
			       struct hm_str der, const struct crypto_chain *roots,
			       struct crypto_timestamp *out, struct hm_str *out_token)
{
	struct hm_str token;
	struct crypto_timestamp found = { 0 };
	HM_TRY(crypto_timestamp_token(cx, der, &token));
	HM_TRY(crypto_timestamp_verify(cx, token, q->signature, roots, &found));
	if (!hm_eq(found.nonce, q->nonce) || found.digest != q->digest) {
		crypto_timestamp_done(&found);
		return hm_fail(cx, HM_TRUST, "the timestamp is an answer to another request");
	}
	*out = found;
	*out_token = hm_dup(cx, token);
	return NULL;
}
