/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of AWS KMS: awskms:///KEY, where KEY is an id, "alias/NAME" or an ARN, and
 * awskms://ENDPOINT/KEY. The interface is KMS's Sign (JSON 1.1).
 */
#include "codec/base64.h"
#include "trust/signers/aws.h"

/* Of a message; more has to be hashed by us (API reference of Sign). */
enum { MESSAGE_MAX = 4096 };

static bool is_kms(const struct trust_key *k)
{
	return !k->plugin.n && trust_uri_is(k->uri, "awskms");
}

static struct hm_str key_id(const struct trust_uri *u)
{
	return hm_from(u->path, 1);
}

static hm_err check_kms(struct hm_cx *cx, const struct trust_uri *u)
{
	struct hm_str id = u->path.n ? key_id(u) : HM_STR(""), region = trust_uri_get(u, "region");
	for (size_t i = 0; i < id.n; i++)
		if (!hm_is_alpha(id.p[i]) && !hm_is_digit(id.p[i]) &&
		    !hm_is_one_of(id.p[i], "-_/:"))
			return hm_fail(cx, HM_INPUT,
				       "\"%.*s\" is not the id, alias or ARN of a key", HM_FMT(id));
	if (!id.n || id.n > 2048)
		return hm_fail(cx, HM_INPUT, "it is not of the form awskms:///KEY");
	if (region.n && !trust_aws_is_region(region))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a region", HM_FMT(region));
	return NULL;
}

/* Of the URI, else of the ARN ("arn:aws:kms:REGION:..."), else of the environment. */
static hm_err find_region(struct hm_cx *cx, const struct trust_uri *u, struct hm_str *out)
{
	struct hm_str arn = key_id(u);
	*out = trust_uri_get(u, "region");
	if (!out->n && hm_starts(arn, HM_STR("arn:"))) {
		for (int i = 0; i < 3; i++)
			hm_cut(&arn, ':');
		*out = hm_cut(&arn, ':');
	}
	if (!out->n)
		HM_TRY(trust_aws_region(cx, out));
	if (!out->n)
		return hm_fail(cx, HM_USAGE,
			       "the key's region is not known: set $AWS_REGION, or add ?region=");
	if (!trust_aws_is_region(*out))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a region", HM_FMT(*out));
	return NULL;
}

static hm_err kms_url(struct hm_cx *cx, const struct trust_uri *u, struct hm_str region,
		      struct hm_str *out)
{
	if (u->authority.n) {
		*out = hm_fmt(cx, "https://%.*s/", HM_FMT(u->authority));
		return NULL;
	}
	*out = trust_environment("AWS_ENDPOINT_URL_KMS");
	if (!out->n)
		*out = trust_environment("AWS_ENDPOINT_URL");
	if (!out->n) {
		*out = hm_fmt(cx, "https://kms.%.*s.amazonaws.com%s/", HM_FMT(region),
			      hm_starts(region, HM_STR("cn-")) ? ".cn" : "");
		return NULL;
	}
	return trust_need_tls(cx, *out);
}

/* The Host header as libcurl sends it: without the scheme's own port. */
static hm_err host_of(struct hm_cx *cx, struct hm_str url, struct hm_str *out)
{
	struct http_url u;
	HM_TRY(http_url_parse(cx, url, &u));
	bool six = hm_find_char(u.host, ':') != SIZE_MAX;
	bool own = u.port == (hm_eqz(u.scheme, "https") ? 443U : 80U);
	*out = hm_fmt(cx, "%s%.*s%s", six ? "[" : "", HM_FMT(u.host), six ? "]" : "");
	if (!own)
		*out = hm_fmt(cx, "%.*s:%u", HM_FMT(*out), u.port);
	if (!hm_eqz(u.path, "/") && u.path.n)
		return hm_fail(cx, HM_USAGE, "the endpoint \"%.*s\" has a path", HM_FMT(url));
	return NULL;
}

/* One call: "TrentService.ACTION" is KMS's name for it. */
static hm_err call_kms(struct hm_cx *cx, const struct trust_service_signer *s,
		       const struct trust_credential *c, const char *action, struct hm_str body,
		       struct json *out)
{
	struct http_header h[TRUST_SIGV4_HEADERS];
	struct hm_str url;
	struct trust_sigv4 r = { .service = HM_STR("kms"),
				 .target = hm_fmt(cx, "TrentService.%s", action),
				 .content_type = HM_STR("application/x-amz-json-1.1"),
				 .body = body,
				 .now = hm_now() };
	HM_TRY(find_region(cx, &s->uri, &r.region));
	HM_TRY(kms_url(cx, &s->uri, r.region, &url));
	HM_TRY(host_of(cx, url, &r.host));
	struct trust_question q = { .method = "POST",
				    .url = url,
				    .headers = h,
				    .headers_n = trust_sigv4_sign(cx, &r, c, h),
				    .content_type = r.content_type,
				    .body = body };
	return trust_ask_json(cx, s->http, &q, out);
}

static hm_err log_in_kms(struct hm_cx *cx, const struct trust_service_signer *s,
			 struct trust_credential *out)
{
	struct hm_str region;
	HM_TRY(find_region(cx, &s->uri, &region));
	return trust_aws_log_in(cx, s, region, out);
}

static const char *kms_algorithm(enum crypto_alg alg)
{
	static const char *const names[CRYPTO_ALGS] = {
		[CRYPTO_PS256] = "RSASSA_PSS_SHA_256", [CRYPTO_PS384] = "RSASSA_PSS_SHA_384",
		[CRYPTO_PS512] = "RSASSA_PSS_SHA_512", [CRYPTO_ES256] = "ECDSA_SHA_256",
		[CRYPTO_ES384] = "ECDSA_SHA_384",      [CRYPTO_ES512] = "ECDSA_SHA_512",
		[CRYPTO_MLDSA44] = "ML_DSA_SHAKE_256", [CRYPTO_MLDSA65] = "ML_DSA_SHAKE_256",
		[CRYPTO_MLDSA87] = "ML_DSA_SHAKE_256"
	};
	return names[alg];
}

/* As it is, where it fits: then KMS hashes it, and needs no trust in our digest. */
static hm_err put_message(struct hm_cx *cx, const struct trust_service_signer *s,
			  struct hm_str bytes, struct json_out *o)
{
	bool raw = bytes.n <= MESSAGE_MAX;
	if (!raw && crypto_alg_rows[s->base.alg].digest >= CRYPTO_SHA1)
		return hm_fail(cx, HM_LIMIT, "KMS signs %d bytes at the most with %s", MESSAGE_MAX,
			       crypto_alg_rows[s->base.alg].name);
	struct hm_str message = raw ? bytes : trust_signed_digest(cx, s->base.alg, bytes);
	json_open(o, NULL, '{');
	json_put_str(o, "KeyId", key_id(&s->uri));
	json_put_str(o, "Message", base64_format(cx, BASE64_STD, message));
	json_putz(o, "MessageType", raw ? "RAW" : "DIGEST");
	json_putz(o, "SigningAlgorithm", kms_algorithm(s->base.alg));
	json_close(o, '}');
	return NULL;
}

static hm_err sign_with_kms(struct hm_cx *cx, const struct trust_service_signer *s,
			    const struct trust_credential *c, struct hm_str bytes,
			    struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(64 * HM_KIB);
	struct json_out o = json_out(&b, false);
	const char *want = kms_algorithm(s->base.alg);
	struct json answer;
	struct hm_str der;
	if (!want)
		return hm_fail(cx, HM_INPUT, "KMS does not sign with %s",
			       crypto_alg_rows[s->base.alg].name);
	HM_TRY(put_message(cx, s, bytes, &o));
	HM_TRY(call_kms(cx, s, c, "Sign", hm_buf_str(&b), &answer));
	struct hm_str algorithm = json_str(json_get(answer, "SigningAlgorithm"));
	if (algorithm.n && !hm_eqz(algorithm, want))
		return hm_fail(cx, HM_TRUST, "KMS signed with %.*s instead of %s",
			       HM_FMT(algorithm), want);
	struct hm_str text = json_str(json_get(answer, "Signature"));
	if (!text.n)
		return hm_fail(cx, HM_INPUT, "the answer has no signature");
	HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, text, &der), "the signature");
	return crypto_signature_from_der(cx, s->base.alg, der, out);
}

static hm_err public_of_kms(struct hm_cx *cx, const struct trust_service_signer *s,
			    const struct trust_credential *c, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(8 * HM_KIB);
	struct json_out o = json_out(&b, false);
	struct json answer;
	struct hm_str text;
	json_open(&o, NULL, '{');
	json_put_str(&o, "KeyId", key_id(&s->uri));
	json_close(&o, '}');
	HM_TRY(call_kms(cx, s, c, "GetPublicKey", hm_buf_str(&b), &answer));
	HM_TRY(trust_need_public(cx, answer, "PublicKey", &text));
	return base64_parse(cx, BASE64_STD, text, out);
}

static const char *const known[] = { "region", NULL };
static const struct trust_service kms = { .kind = &trust_signer_awskms,
					  .known = known,
					  .ca = { "AWS_CA_BUNDLE" },
					  .check = check_kms,
					  .log_in = log_in_kms,
					  .sign = sign_with_kms,
					  .public = public_of_kms };

static hm_err open_kms(struct hm_cx *cx, const struct trust_key *k,
		       const struct trust_signer_terms *terms, struct trust_signer *s)
{
	return trust_service_open(cx, &kms, k, terms, s);
}

const struct trust_signer_kind trust_signer_awskms = { "awskms", is_kms, open_kms,
						       trust_service_close };
