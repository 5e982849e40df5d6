/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of Google's Cloud KMS:
 * gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V, by its REST
 * interface (asymmetricSign).
 */
#include "codec/base64.h"
#include "trust/signers/gcp.h"

static bool is_gcp(const struct trust_key *k)
{
	return !k->plugin.n && trust_uri_is(k->uri, "gcpkms");
}

static bool is_name(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && !hm_is_one_of(s.p[i], "-_.:"))
			return false;
	return s.n && !hm_eqz(s, ".") && !hm_eqz(s, "..");
}

/* The name of the version as the interface has it; the last part may be "versions" alone. */
static hm_err version_name(struct hm_cx *cx, const struct trust_uri *u, struct hm_str *out)
{
	static const char *const parts[] = { "locations", "keyRings", "cryptoKeys",
					     "cryptoKeyVersions" };
	struct hm_str rest = hm_from(u->path, 1), one = hm_cut(&rest, '/');
	*out = HM_STR("");
	bool good = hm_eqz(u->authority, "projects") && is_name(one);
	struct hm_str name = hm_fmt(cx, "projects/%.*s", HM_FMT(one));
	for (size_t i = 0; i < HM_LEN(parts) && good; i++) {
		struct hm_str part = hm_cut(&rest, '/');
		good = hm_eqz(part, parts[i]) || (i == 3 && hm_eqz(part, "versions"));
		one = hm_cut(&rest, '/');
		good = good && is_name(one);
		name = hm_fmt(cx, "%.*s/%s/%.*s", HM_FMT(name), parts[i], HM_FMT(one));
	}
	if (!good || rest.n)
		return hm_fail(cx, HM_INPUT,
			       "it is not of the form gcpkms://projects/P/locations/L/keyRings/R/"
			       "cryptoKeys/K/cryptoKeyVersions/V");
	*out = name;
	return NULL;
}

static hm_err log_in_gcp(struct hm_cx *cx, const struct trust_service_signer *s,
			 struct trust_credential *out)
{
	return trust_gcp_log_in(cx, s, out);
}

static hm_err key_url(struct hm_cx *cx, const struct trust_uri *u, const char *what,
		      struct hm_str *out)
{
	struct hm_str base = trust_environment("CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS"), name;
	HM_TRY(version_name(cx, u, &name));
	if (!base.n)
		base = HM_STR("https://cloudkms.googleapis.com/");
	HM_TRY(trust_need_tls(cx, base));
	if (hm_ends(base, HM_STR("/")))
		base.n--;
	*out = hm_fmt(cx, "%.*s/v1/%.*s%s", HM_FMT(base), HM_FMT(name), what);
	return NULL;
}

static hm_err check_gcp(struct hm_cx *cx, const struct trust_uri *u)
{
	struct hm_str url;
	return key_url(cx, u, "", &url);
}

/* A digest, or of algorithms that hash themselves the bytes. */
static hm_err put_request(struct hm_cx *cx, struct json_out *o, enum crypto_alg alg,
			  struct hm_str bytes)
{
	enum crypto_digest d = crypto_alg_rows[alg].digest;
	bool pure = d == CRYPTO_DIGESTS;
	if (alg == CRYPTO_ES512 || d == CRYPTO_SHA1)
		return hm_fail(cx, HM_INPUT, "Google's KMS does not sign with %s",
			       crypto_alg_rows[alg].name);
	struct hm_str value =
		base64_format(cx, BASE64_STD, pure ? bytes : trust_signed_digest(cx, alg, bytes));
	json_open(o, NULL, '{');
	if (pure) {
		json_put_str(o, "data", value);
	} else {
		json_open(o, "digest", '{');
		json_put_str(o, crypto_digest_rows[d].name, value);
		json_close(o, '}');
	}
	json_close(o, '}');
	return NULL;
}

static hm_err sign_with_gcp(struct hm_cx *cx, const struct trust_service_signer *s,
			    const struct trust_credential *c, struct hm_str bytes,
			    struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_KEY_SERVICE);
	struct json_out o = json_out(&b, false);
	struct http_header h = { HM_STR("Authorization"),
				 hm_fmt(cx, "Bearer %.*s", HM_FMT(hm_secret_str(&c->token))) };
	struct hm_str url, der;
	struct json answer;
	HM_TRY(put_request(cx, &o, s->base.alg, bytes));
	HM_TRY(key_url(cx, &s->uri, ":asymmetricSign", &url));
	struct trust_question q = { .method = "POST",
				    .url = url,
				    .headers = &h,
				    .headers_n = 1,
				    .content_type = HM_STR("application/json"),
				    .body = hm_buf_str(&b) };
	HM_TRY(trust_ask_json(cx, s->http, &q, &answer));
	struct hm_str text = json_str(json_get(answer, "signature"));
	if (!text.n)
		return hm_fail(cx, HM_INPUT, "the answer has no signature");
	HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, text, &der), "the signature");
	return crypto_signature_from_der(cx, s->base.alg, der, out);
}

static hm_err public_of_gcp(struct hm_cx *cx, const struct trust_service_signer *s,
			    const struct trust_credential *c, struct hm_str *out)
{
	struct http_header h = { HM_STR("Authorization"),
				 hm_fmt(cx, "Bearer %.*s", HM_FMT(hm_secret_str(&c->token))) };
	struct trust_question q = { .method = "GET", .headers = &h, .headers_n = 1 };
	struct json answer;
	HM_TRY(key_url(cx, &s->uri, "/publicKey", &q.url));
	HM_TRY(trust_ask_json(cx, s->http, &q, &answer));
	return trust_need_public(cx, answer, "pem", out);
}

static const char *const known[] = { NULL };
static const struct trust_service gcp = { .kind = &trust_signer_gcpkms,
					  .known = known,
					  .ca = { "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE" },
					  .check = check_gcp,
					  .log_in = log_in_gcp,
					  .sign = sign_with_gcp,
					  .public = public_of_gcp };

static hm_err open_gcp(struct hm_cx *cx, const struct trust_key *k,
		       const struct trust_signer_terms *terms, struct trust_signer *s)
{
	return trust_service_open(cx, &gcp, k, terms, s);
}

const struct trust_signer_kind trust_signer_gcpkms = { "gcpkms", is_gcp, open_gcp,
						       trust_service_close };
