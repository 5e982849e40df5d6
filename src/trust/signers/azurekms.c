/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of Azure Key Vault and Managed HSM: azurekms://VAULT.vault.azure.net/KEY[/VERSION], by its
 * REST interface (Sign, Get Certificate; version 7.4).
 */
#include "codec/base64.h"
#include "trust/signers/azure.h"

#define VERSION "api-version=7.4"

/* A token is for a cloud, and only its vaults see it. */
static const struct cloud {
	const char *suffix, *resource;
} clouds[] = {
	{ ".vault.azure.net", "https://vault.azure.net" },
	{ ".vault.azure.cn", "https://vault.azure.cn" },
	{ ".vault.usgovcloudapi.net", "https://vault.usgovcloudapi.net" },
	{ ".managedhsm.azure.net", "https://managedhsm.azure.net" },
};

static bool is_azure(const struct trust_key *k)
{
	return !k->plugin.n && trust_uri_is(k->uri, "azurekms");
}

static hm_err vault_base(struct hm_cx *cx, const struct trust_uri *u, struct hm_str *out,
			 const char **out_resource)
{
	struct http_url url;
	struct hm_str host = u->authority, port = host;
	bool near = http_is_loopback(hm_cut(&port, ':'));
	*out = hm_fmt(cx, "%s://%.*s", near ? "http" : "https", HM_FMT(host));
	HM_TRY(http_url_parse(cx, *out, &url));
	*out_resource = clouds[0].resource;
	for (size_t i = 0; i < HM_LEN(clouds); i++)
		if (hm_ends(url.host, hm_cstr(clouds[i].suffix))) {
			*out_resource = clouds[i].resource;
			return NULL;
		}
	if (near)
		return NULL;
	return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a vault of Azure's", HM_FMT(host));
}

static bool is_name(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && s.p[i] != '-')
			return false;
	return s.n > 0 && s.n <= 127;
}

static hm_err check_azure(struct hm_cx *cx, const struct trust_uri *u)
{
	struct hm_str rest = hm_from(u->path, 1), name = hm_cut(&rest, '/'), base;
	const char *resource;
	if (!u->authority.n || !is_name(name) || (rest.n && !is_name(rest)) ||
	    hm_ends(u->path, HM_STR("/")))
		return hm_fail(
			cx, HM_INPUT,
			"it is not of the form azurekms://VAULT.vault.azure.net/KEY[/VERSION]");
	return vault_base(cx, u, &base, &resource);
}

static hm_err log_in_azure(struct hm_cx *cx, const struct trust_service_signer *s,
			   struct trust_credential *out)
{
	struct hm_str base;
	const char *resource;
	HM_TRY(vault_base(cx, &s->uri, &base, &resource));
	return trust_azure_log_in(cx, s, hm_cstr(resource), out);
}

static hm_err ask_azure(struct hm_cx *cx, const struct trust_service_signer *s,
			const struct trust_credential *c, struct trust_question *q,
			struct json *out)
{
	struct http_header h = { HM_STR("Authorization"),
				 hm_fmt(cx, "Bearer %.*s", HM_FMT(hm_secret_str(&c->token))) };
	q->headers = &h;
	q->headers_n = 1;
	if (q->body.n)
		q->content_type = HM_STR("application/json");
	hm_err err = trust_ask_json(cx, s->http, q, out);
	q->headers = NULL; /* they end here */
	q->headers_n = 0;
	return err;
}

static const char *azure_algorithm(enum crypto_alg alg)
{
	bool has = (alg >= CRYPTO_PS256 && alg <= CRYPTO_PS512) ||
		   (alg >= CRYPTO_ES256 && alg <= CRYPTO_ES512);
	return has ? crypto_alg_rows[alg].name : NULL; /* JOSE's names are Azure's */
}

static hm_err sign_with_azure(struct hm_cx *cx, const struct trust_service_signer *s,
			      const struct trust_credential *c, struct hm_str bytes,
			      struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(64 * HM_KIB);
	struct json_out o = json_out(&b, false);
	const char *alg = azure_algorithm(s->base.alg), *resource;
	struct hm_str base;
	struct json answer;
	if (!alg)
		return hm_fail(cx, HM_INPUT, "Azure does not sign with %s",
			       crypto_alg_rows[s->base.alg].name);
	struct hm_str digest = trust_signed_digest(cx, s->base.alg, bytes);
	json_open(&o, NULL, '{');
	json_putz(&o, "alg", alg);
	json_put_str(&o, "value", base64_format(cx, BASE64_URL_RAW, digest));
	json_close(&o, '}');
	HM_TRY(vault_base(cx, &s->uri, &base, &resource));
	struct trust_question q = { .method = "POST",
				    .url = hm_fmt(cx, "%.*s/keys%.*s/sign?" VERSION, HM_FMT(base),
						  HM_FMT(s->uri.path)),
				    .body = hm_buf_str(&b) };
	HM_TRY(ask_azure(cx, s, c, &q, &answer));
	struct hm_str text = json_str(json_get(answer, "value"));
	if (!text.n)
		return hm_fail(cx, HM_INPUT, "the answer has no signature");
	HM_TRY_IN(cx, base64_parse(cx, BASE64_URL_RAW, text, out), "the signature");
	return NULL;
}

/* The certificate of the same name and version, whose key it is; others above it are not there to
 * be had without the right to read secrets. */
static hm_err find_in_azure(struct hm_cx *cx, const struct trust_service_signer *s,
			    const struct trust_credential *c, struct crypto_chain *out,
			    struct hm_str *out_uri)
{
	struct hm_str base, der;
	const char *resource;
	struct json answer;
	HM_TRY(vault_base(cx, &s->uri, &base, &resource));
	struct trust_question q = { .method = "GET",
				    .url = hm_fmt(cx, "%.*s/certificates%.*s?" VERSION,
						  HM_FMT(base), HM_FMT(s->uri.path)) };
	hm_err err = ask_azure(cx, s, c, &q, &answer);
	if (err && err->code == HM_ABSENT)
		return NULL;
	HM_TRY(err);
	HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, json_str(json_get(answer, "cer")), &der),
		  "the certificate");
	HM_TRY(crypto_chain_from_der(cx, &der, 1, out));
	/* "https://VAULT/keys/NAME/VERSION": the version that the certificate is of */
	struct hm_str kid = json_str(json_get(answer, "kid")), rest = hm_from(s->uri.path, 1);
	struct hm_str name = hm_cut(&rest, '/'), version = hm_basename(kid);
	if (!rest.n && is_name(version) && hm_ends(hm_dirname(kid), name))
		*out_uri = hm_fmt(cx, "%.*s/%.*s", HM_FMT(s->uri.main), HM_FMT(version));
	return NULL;
}

/* A coordinate of a JSON Web Key (RFC 7518, 6.2.1): as long as the curve's field. */
static hm_err read_coordinate(struct hm_cx *cx, struct json key, const char *name, size_t size,
			      struct hm_str *out)
{
	HM_TRY_IN(cx, base64_parse(cx, BASE64_URL_RAW, json_str(json_get(key, name)), out),
		  "\"%s\"", name);
	return out->n == size ? NULL : hm_fail(cx, HM_INPUT, "\"%s\" has %zu bytes", name, out->n);
}

/* On elliptic curves alone: with other keys nothing is signed that has no certificate. */
static hm_err public_of_azure(struct hm_cx *cx, const struct trust_service_signer *s,
			      const struct trust_credential *c, struct hm_str *out)
{
	static const struct {
		const char *name;
		size_t size;
		struct hm_str oid;
	} curves[] = {
		{ "P-256", 32, HM_STR_INIT("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07") },
		{ "P-384", 48, HM_STR_INIT("\x06\x05\x2b\x81\x04\x00\x22") },
		{ "P-521", 66, HM_STR_INIT("\x06\x05\x2b\x81\x04\x00\x23") },
	};
	CRYPTO_AUTO_KEY public = { 0 };
	struct hm_str base, x, y;
	const char *resource;
	struct json answer;
	HM_TRY(vault_base(cx, &s->uri, &base, &resource));
	struct trust_question q = { .method = "GET",
				    .url = hm_fmt(cx, "%.*s/keys%.*s?" VERSION, HM_FMT(base),
						  HM_FMT(s->uri.path)) };
	HM_TRY(ask_azure(cx, s, c, &q, &answer));
	struct json key = json_get(answer, "key");
	for (size_t i = 0; i < HM_LEN(curves); i++) {
		if (!hm_eqz(json_str(json_get(key, "crv")), curves[i].name))
			continue;
		HM_TRY(read_coordinate(cx, key, "x", curves[i].size, &x));
		HM_TRY(read_coordinate(cx, key, "y", curves[i].size, &y));
		struct hm_str point = hm_fmt(cx, "\x04%.*s%.*s", HM_FMT(x), HM_FMT(y));
		HM_TRY(trust_ec_public(cx, curves[i].oid, point, &public));
		return crypto_public_key_der(cx, &public, out);
	}
	return hm_fail(cx, HM_INPUT, "the key is on no curve that Sigstore's formats know");
}

static const char *const known[] = { NULL };
static const struct trust_service azure = { .kind = &trust_signer_azurekms,
					    .known = known,
					    .ca = { "REQUESTS_CA_BUNDLE" },
					    .check = check_azure,
					    .log_in = log_in_azure,
					    .sign = sign_with_azure,
					    .find = find_in_azure,
					    .public = public_of_azure };

static hm_err open_azure(struct hm_cx *cx, const struct trust_key *k,
			 const struct trust_signer_terms *terms, struct trust_signer *s)
{
	return trust_service_open(cx, &azure, k, terms, s);
}

const struct trust_signer_kind trust_signer_azurekms = { "azurekms", is_azure, open_azure,
							 trust_service_close };
