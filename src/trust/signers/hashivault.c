/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys in the transit engine of HashiCorp Vault or OpenBao: hashivault://KEY, by its HTTP API. The
 * server is $VAULT_ADDR (or $BAO_ADDR), and who we are $VAULT_TOKEN ($BAO_TOKEN) or ~/.vault-token;
 * or a login with a workload's own token: ?auth=kubernetes&role=ROLE.
 */
#include "codec/base64.h"
#include "trust/signers/service.h"

#define SERVICE_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount/token"

static bool is_vault(const struct trust_key *k)
{
	return !k->plugin.n && trust_uri_is(k->uri, "hashivault");
}

static struct hm_str either(const char *first, const char *second)
{
	struct hm_str s = trust_environment(first);
	return s.n ? s : trust_environment(second);
}

/* A path of names: nothing that leads elsewhere. */
static bool is_path(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && !hm_is_one_of(s.p[i], "-_./"))
			return false;
	return s.n && s.p[0] != '/' && hm_find(s, HM_STR("..")) == SIZE_MAX;
}

static hm_err check_vault(struct hm_cx *cx, const struct trust_uri *u)
{
	struct hm_str mount = trust_uri_get(u, "mount"), version = trust_uri_get(u, "version");
	struct hm_str auth = trust_uri_get(u, "auth");
	uint64_t n;
	if (!is_path(u->authority) || hm_find_char(u->authority, '/') != SIZE_MAX || u->path.n)
		return hm_fail(cx, HM_INPUT, "it is not of the form hashivault://KEY");
	if ((mount.n && !is_path(mount)) || (auth.n && !is_path(auth)))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a mount path",
			       HM_FMT(mount.n && !is_path(mount) ? mount : auth));
	if (version.n && (!hm_u64(version, UINT32_MAX, &n) || !n))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not a version of a key", HM_FMT(version));
	if (auth.n && !trust_uri_get(u, "role").n)
		return hm_fail(cx, HM_INPUT, "with auth=%.*s a role is needed", HM_FMT(auth));
	return NULL;
}

static hm_err vault_url(struct hm_cx *cx, const char *path, struct hm_str name, struct hm_str *out)
{
	struct hm_str base = either("VAULT_ADDR", "BAO_ADDR");
	if (!base.n)
		return hm_fail(cx, HM_USAGE,
			       "$VAULT_ADDR does not say where the server is, such as "
			       "https://vault.example.com:8200");
	HM_TRY_IN(cx, trust_need_tls(cx, base), "$VAULT_ADDR");
	if (hm_ends(base, HM_STR("/")))
		base.n--;
	*out = hm_fmt(cx, "%.*s/v1/%s%.*s", HM_FMT(base), path, HM_FMT(name));
	return NULL;
}

static hm_err ask_vault(struct hm_cx *cx, const struct trust_service_signer *s,
			struct trust_question *q, struct hm_str token, struct json *out)
{
	struct hm_str space = either("VAULT_NAMESPACE", "BAO_NAMESPACE");
	struct http_header h[3];
	size_t n = 0;
	h[n++] = (struct http_header){ HM_STR("X-Vault-Request"), HM_STR("true") };
	if (token.n)
		h[n++] = (struct http_header){ HM_STR("X-Vault-Token"), token };
	if (space.n)
		h[n++] = (struct http_header){ HM_STR("X-Vault-Namespace"), space };
	q->headers = h;
	q->headers_n = n;
	if (q->body.n)
		q->content_type = HM_STR("application/json");
	hm_err err = trust_ask_json(cx, s->http, q, out);
	q->headers = NULL; /* they end here */
	q->headers_n = 0;
	return err;
}

static hm_err log_in_with_role(struct hm_cx *cx, const struct trust_service_signer *s,
			       struct trust_credential *out)
{
	HM_AUTO_BUF b = { .max = HM_MAX_CREDENTIAL * 2, .secret = true };
	struct json_out o = json_out(&b, false);
	struct hm_str file = trust_uri_get(&s->uri, "token-file"), jwt, url;
	struct json answer;
	HM_TRY(trust_token_file(cx, file.n ? hm_dupz(cx, file) : SERVICE_ACCOUNT, &jwt));
	json_open(&o, NULL, '{');
	json_put_str(&o, "role", trust_uri_get(&s->uri, "role"));
	json_put_str(&o, "jwt", jwt);
	json_close(&o, '}');
	HM_TRY(vault_url(cx, "auth/",
			 hm_fmt(cx, "%.*s/login", HM_FMT(trust_uri_get(&s->uri, "auth"))), &url));
	struct trust_question q = { .method = "POST", .url = url, .body = hm_buf_str(&b) };
	HM_TRY(ask_vault(cx, s, &q, HM_STR(""), &answer));
	struct json auth = json_get(answer, "auth");
	struct hm_str token = json_str(json_get(auth, "client_token"));
	if (!token.n)
		return hm_fail(cx, HM_INPUT, "the login gave no token");
	out->token = hm_secret_of(token);
	out->until = trust_good_until(auth, "lease_duration");
	return NULL;
}

static hm_err log_in_vault(struct hm_cx *cx, const struct trust_service_signer *s,
			   struct trust_credential *out)
{
	struct hm_str token = either("VAULT_TOKEN", "BAO_TOKEN");
	const char *home = trust_environment_path("HOME");
	if (trust_uri_get(&s->uri, "auth").n)
		return log_in_with_role(cx, s, out);
	if (!token.n && home && hm_exists(hm_path(cx, home, ".vault-token")))
		HM_TRY(trust_token_file(cx, hm_path(cx, home, ".vault-token"), &token));
	if (!token.n || hm_has_control(token))
		return hm_fail(cx, HM_USAGE,
			       "there is no token: neither $VAULT_TOKEN nor ~/.vault-token");
	out->token = hm_secret_of(token);
	return NULL;
}

static struct hm_str key_path(struct hm_cx *cx, const struct trust_uri *u, const char *what)
{
	struct hm_str mount = trust_uri_get(u, "mount");
	if (!mount.n)
		mount = HM_STR("transit");
	return hm_fmt(cx, "%.*s/%s/%.*s", HM_FMT(mount), what, HM_FMT(u->authority));
}

static void put_request(struct hm_cx *cx, struct json_out *o, const struct trust_service_signer *s,
			struct hm_str bytes)
{
	static const char *const hashes[CRYPTO_DIGESTS] = { [CRYPTO_SHA256] = "sha2-256",
							    [CRYPTO_SHA384] = "sha2-384",
							    [CRYPTO_SHA512] = "sha2-512" };
	struct hm_str version = trust_uri_get(&s->uri, "version");
	struct hm_str digest = trust_signed_digest(cx, s->base.alg, bytes);
	uint64_t n = 0;
	json_open(o, NULL, '{');
	json_put_str(o, "input", base64_format(cx, BASE64_STD, digest));
	json_put_bool(o, "prehashed", true);
	json_putz(o, "hash_algorithm", hashes[crypto_alg_rows[s->base.alg].digest]);
	json_putz(o, "signature_algorithm", "pss"); /* of RSA keys alone */
	json_putz(o, "salt_length", "hash");
	json_putz(o, "marshaling_algorithm", "asn1"); /* of elliptic curves */
	if (version.n && hm_u64(version, UINT32_MAX, &n))
		json_put_int(o, "key_version", (int64_t)n);
	json_close(o, '}');
}

/* "vault:v1:BASE64" */
static hm_err read_signature(struct hm_cx *cx, enum crypto_alg alg, struct hm_str text,
			     struct hm_str *out)
{
	struct hm_str rest = text, head = hm_cut(&rest, ':'), version = hm_cut(&rest, ':'), der;
	if (!hm_eqz(head, "vault") || !hm_starts(version, HM_STR("v")))
		return hm_fail(cx, HM_INPUT, "the answer has no signature");
	HM_TRY_IN(cx, base64_parse(cx, BASE64_STD, rest, &der), "the signature");
	return crypto_signature_from_der(cx, alg, der, out);
}

static hm_err sign_with_vault(struct hm_cx *cx, const struct trust_service_signer *s,
			      const struct trust_credential *c, struct hm_str bytes,
			      struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(64 * HM_KIB);
	struct json_out o = json_out(&b, false);
	struct hm_str url;
	struct json answer;
	if (crypto_alg_rows[s->base.alg].digest >= CRYPTO_SHA1)
		return hm_fail(cx, HM_INPUT, "Vault does not sign with %s",
			       crypto_alg_rows[s->base.alg].name);
	put_request(cx, &o, s, bytes);
	HM_TRY(vault_url(cx, "", key_path(cx, &s->uri, "sign"), &url));
	struct trust_question q = { .method = "POST", .url = url, .body = hm_buf_str(&b) };
	HM_TRY(ask_vault(cx, s, &q, hm_secret_str(&c->token), &answer));
	return read_signature(cx, s->base.alg,
			      json_str(json_get(json_get(answer, "data"), "signature")), out);
}

static hm_err read_vault_key(struct hm_cx *cx, const struct trust_service_signer *s,
			     const struct trust_credential *c, struct json *out)
{
	struct hm_str url;
	struct json answer;
	HM_TRY(vault_url(cx, "", key_path(cx, &s->uri, "keys"), &url));
	struct trust_question q = { .method = "GET", .url = url };
	HM_TRY(ask_vault(cx, s, &q, hm_secret_str(&c->token), &answer));
	*out = json_get(answer, "data");
	return NULL;
}

static hm_err public_of_vault(struct hm_cx *cx, const struct trust_service_signer *s,
			      const struct trust_credential *c, struct hm_str *out)
{
	struct json data;
	HM_TRY(read_vault_key(cx, s, c, &data));
	return trust_need_public(cx,
				 json_get_str(json_get(data, "keys"),
					      trust_uri_get(&s->uri, "version")),
				 "public_key", out);
}

/* The latest version of the key, and the certificates that somebody has put there (Vault 1.15). */
static hm_err find_in_vault(struct hm_cx *cx, const struct trust_service_signer *s,
			    const struct trust_credential *c, struct crypto_chain *out,
			    struct hm_str *out_uri)
{
	struct hm_str version = trust_uri_get(&s->uri, "version");
	struct json data;
	HM_TRY(read_vault_key(cx, s, c, &data));
	int64_t latest = 0;
	if (!version.n && json_int(json_get(data, "latest_version"), &latest) && latest > 0) {
		version = hm_fmt(cx, "%lld", (long long)latest);
		*out_uri = hm_fmt(cx, "%.*s%sversion=%.*s", HM_FMT(*out_uri),
				  hm_find_char(*out_uri, '?') == SIZE_MAX ? "?" : "&",
				  HM_FMT(version));
	}
	struct json key = json_get_str(json_get(data, "keys"), version);
	struct hm_str pem = json_str(json_get(key, "certificate_chain"));
	return pem.n ? crypto_chain_parse(cx, pem, out) : NULL;
}

static const char *const known[] = { "mount", "version", "auth", "role", "token-file", NULL };
static const struct trust_service vault = { .kind = &trust_signer_hashivault,
					    .known = known,
					    .ca = { "VAULT_CACERT", "BAO_CACERT" },
					    .client = { { "VAULT_CLIENT_CERT", "VAULT_CLIENT_KEY" },
							{ "BAO_CLIENT_CERT", "BAO_CLIENT_KEY" } },
					    .check = check_vault,
					    .log_in = log_in_vault,
					    .sign = sign_with_vault,
					    .find = find_in_vault,
					    .public = public_of_vault };

static hm_err open_vault(struct hm_cx *cx, const struct trust_key *k,
			 const struct trust_signer_terms *terms, struct trust_signer *s)
{
	return trust_service_open(cx, &vault, k, terms, s);
}

const struct trust_signer_kind trust_signer_hashivault = { "hashivault", is_vault, open_vault,
							   trust_service_close };
