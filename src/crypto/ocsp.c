/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "crypto/chain.h"
#include "crypto/key.h"

/* Everything of one exchange that OpenSSL owns. */
struct exchange {
	OCSP_REQUEST *request;
	OCSP_CERTID *id; /* the request's */
	OCSP_RESPONSE *response;
	OCSP_BASICRESP *basic;
	X509_STORE *store;
	STACK_OF(X509) * certificates;
};

static void response_done(struct exchange *x)
{
	OCSP_RESPONSE_free(x->response);
	OCSP_BASICRESP_free(x->basic);
	X509_STORE_free(x->store);
	sk_X509_free(x->certificates);
	x->response = NULL;
	x->basic = NULL;
	x->store = NULL;
	x->certificates = NULL;
	ERR_clear_error();
}

static void exchange_done(struct exchange *x)
{
	OCSP_REQUEST_free(x->request);
	response_done(x);
}

/* The certificate is named by SHA-1 hashes, as every responder understands (RFC 6960, 4.3). */
static hm_err make_request(struct hm_cx *cx, const struct crypto_asking *a, struct exchange *x,
			   struct hm_str *out)
{
	unsigned char *der = NULL;
	x->request = OCSP_REQUEST_new();
	x->id = OCSP_cert_to_id(EVP_sha1(), a->certificate, a->issuer);
	if (!x->request || !x->id || !OCSP_request_add0_id(x->request, x->id)) {
		OCSP_CERTID_free(x->id);
		x->id = NULL;
		return crypto_fail(cx, HM_SYSTEM, "could not make an OCSP request");
	}
	int n = i2d_OCSP_REQUEST(x->request, &der);
	if (n <= 0)
		return crypto_fail(cx, HM_SYSTEM, "could not make an OCSP request");
	*out = hm_dup(cx, hm_bytes(der, (size_t)n));
	OPENSSL_free(der);
	return NULL;
}

/* RFC 6960, 4.2.2.2: signed by the issuer, or by one whom it made a responder. */
static hm_err check_signature(struct hm_cx *cx, const struct crypto_asking *a, struct exchange *x)
{
	x->store = X509_STORE_new();
	x->certificates = sk_X509_new_null();
	if (!x->store || !x->certificates || !X509_STORE_add_cert(x->store, a->issuer) ||
	    !sk_X509_push(x->certificates, a->issuer))
		return crypto_fail(cx, HM_SYSTEM, "could not check the OCSP response");
	X509_VERIFY_PARAM *param = X509_STORE_get0_param(x->store);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_time(param, a->now);
	if (OCSP_basic_verify(x->basic, x->certificates, x->store, 0) != 1)
		return crypto_fail(cx, HM_TRUST, "the OCSP response is not the issuer's");
	return NULL;
}

static hm_err open_response(struct hm_cx *cx, const struct crypto_asking *a, struct exchange *x,
			    struct hm_str der)
{
	const unsigned char *at = (const unsigned char *)der.p;
	response_done(x);
	crypto_need_all();
	x->response = d2i_OCSP_RESPONSE(NULL, &at, (long)der.n);
	if (!x->response)
		return crypto_fail(cx, HM_INPUT, "the OCSP response is malformed");
	int status = OCSP_response_status(x->response);
	if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		return hm_fail(cx, HM_BUSY, "the OCSP responder says \"%s\"",
			       OCSP_response_status_str(status));
	x->basic = OCSP_response_get1_basic(x->response);
	if (!x->basic)
		return crypto_fail(cx, HM_INPUT, "the OCSP response is malformed");
	return check_signature(cx, a, x);
}

/* Was the certificate revoked only for what it signs after `signing_time`? (RFC 5280, 5.3.2) */
static bool invalid_later(struct hm_cx *cx, OCSP_SINGLERESP *single, int64_t signing_time)
{
	ASN1_GENERALIZEDTIME *t =
		OCSP_SINGLERESP_get1_ext_d2i(single, NID_invalidity_date, NULL, NULL);
	int64_t from;
	bool later = signing_time && t && !crypto_time(cx, t, &from) && signing_time < from;
	ASN1_GENERALIZEDTIME_free(t);
	return later;
}

static hm_err read_status(struct hm_cx *cx, const struct crypto_asking *a, struct exchange *x,
			  enum crypto_revocation *out, struct hm_str *out_why)
{
	int at = OCSP_resp_find(x->basic, x->id, -1);
	OCSP_SINGLERESP *single = at < 0 ? NULL : OCSP_resp_get0(x->basic, at);
	if (!single)
		return hm_fail(cx, HM_INPUT, "the OCSP response is about another certificate");
	ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *until = NULL;
	int reason, status = OCSP_single_get0_status(single, &reason, &revoked, &from, &until);
	int64_t begins, ends;
	HM_TRY_IN(cx, crypto_time(cx, from, &begins), "OCSP response: thisUpdate");
	HM_TRY_IN(cx, crypto_time(cx, until, &ends), "OCSP response: nextUpdate");
	if (begins > a->now + CRYPTO_CLOCK_SKEW || ends < a->now)
		return hm_fail(cx, HM_INPUT, "the OCSP response is not current");
	*out_why = HM_STR("");
	if (status == V_OCSP_CERTSTATUS_GOOD ||
	    (status == V_OCSP_CERTSTATUS_REVOKED && invalid_later(cx, single, a->signing_time))) {
		*out = CRYPTO_GOOD;
	} else if (status == V_OCSP_CERTSTATUS_REVOKED) {
		*out = CRYPTO_REVOKED;
		*out_why = HM_STR("it is revoked (OCSP)");
	} else {
		*out = CRYPTO_UNKNOWN;
		*out_why = HM_STR("the OCSP responder does not know it");
	}
	return NULL;
}

/* What a response is held against, and what it says. */
struct response_taker {
	const struct crypto_asking *asking;
	struct exchange *exchange;
	enum crypto_revocation state;
	struct hm_str why;
};

/* One that says nothing is not kept: the next one may. */
static hm_err take_response(struct hm_cx *cx, void *arg, struct hm_str der, bool *out_keep)
{
	struct response_taker *t = arg;
	HM_TRY(open_response(cx, t->asking, t->exchange, der));
	HM_TRY(read_status(cx, t->asking, t->exchange, &t->state, &t->why));
	*out_keep = t->state != CRYPTO_UNKNOWN;
	return NULL;
}

static hm_err ask_responder(struct hm_cx *cx, const struct crypto_asking *a, struct hm_str url,
			    enum crypto_revocation *out, struct hm_str *out_why)
{
	HM_CLEANUP(exchange_done) struct exchange x = { 0 };
	struct response_taker response = { .asking = a, .exchange = &x };
	const struct crypto_taker taker = { take_response, &response };
	struct crypto_memory m = { 0 };
	struct hm_str request = { "", 0 };
	if (!crypto_is_fetchable(url))
		return hm_fail(cx, HM_INPUT, "only http is supported");
	HM_TRY(make_request(cx, a, &x, &request));
	struct crypto_question q = { url, HM_STR("application/ocsp-request"), request,
				     HM_MAX_OCSP };
	HM_TRY(crypto_ask(cx, &a->fetch, &q, &m, &taker));
	*out = response.state;
	*out_why = response.why;
	return NULL;
}

static void access_done(AUTHORITY_INFO_ACCESS **access)
{
	AUTHORITY_INFO_ACCESS_free(*access);
}

/* Where a responder is said to be; empty: by something else than a URI. */
static struct hm_str place_of(const ACCESS_DESCRIPTION *d)
{
	const ASN1_STRING *s =
		d->location->type == GEN_URI ? d->location->d.uniformResourceIdentifier : NULL;
	return s ? hm_bytes(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)) : HM_STR("");
}

/* Only a server that could not answer makes the next one worth asking. */
static void ask_responders(struct hm_cx *cx, const struct crypto_asking *a,
			   const AUTHORITY_INFO_ACCESS *access, enum crypto_revocation *state,
			   struct hm_str *why)
{
	size_t asked = 0;
	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access); i++) {
		const ACCESS_DESCRIPTION *d = sk_ACCESS_DESCRIPTION_value(access, i);
		if (OBJ_obj2nid(d->method) != NID_ad_OCSP)
			continue;
		*state = CRYPTO_UNKNOWN;
		if (++asked > HM_MAX_REVOCATION_URLS) {
			*why = HM_STR("too many OCSP responders");
			return;
		}
		struct hm_str url = place_of(d);
		hm_err err = ask_responder(cx, a, url, state, why);
		if (!err)
			return;
		*why = hm_fmt(cx, "OCSP responder \"%.*s\": %s", HM_FMT(url), err->why);
	}
}

hm_err crypto_ocsp_check(struct hm_cx *cx, const struct crypto_asking *a,
			 enum crypto_revocation *out, struct hm_str *out_why)
{
	HM_CLEANUP(access_done)
	AUTHORITY_INFO_ACCESS *access =
		X509_get_ext_d2i(a->certificate, NID_info_access, NULL, NULL);
	*out = CRYPTO_NOT_REVOCABLE;
	*out_why = HM_STR("");
	if (!access && X509_get_ext_by_NID(a->certificate, NID_info_access, -1) >= 0) {
		/* There may be a responder in what cannot be read. */
		*out = CRYPTO_UNKNOWN;
		*out_why = HM_STR("the locations of OCSP responders cannot be read");
	}
	ask_responders(cx, a, access, out, out_why);
	return NULL;
}
