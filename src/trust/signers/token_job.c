/* SPDX-License-Identifier: Apache-2.0 */
/* The process of a token: login, the key, its certificates, signatures. */
#include <sys/stat.h>

#include "trust/signers/token.h"

enum { VALUE_MAX = 64 * 1024, ID_MAX = 1024 };

struct key {
	struct hm_str uri;
	struct trust_token token;
	CK_OBJECT_HANDLE object;
	CK_KEY_TYPE type;
	bool has_pin; /* on TRUST_PIN_FD */
	bool always;  /* the PIN is wanted for each signature */
	struct hm_secret pin;
};

static void key_done(struct key *k)
{
	hm_secret_done(&k->pin);
}

static hm_err log_in(struct hm_cx *cx, struct key *k, CK_USER_TYPE user)
{
	struct trust_token *t = &k->token;
	struct hm_str pin = hm_secret_str(&k->pin);
	bool own_pad = t->info.flags & CKF_PROTECTED_AUTHENTICATION_PATH;
	if (!(t->info.flags & CKF_LOGIN_REQUIRED))
		return NULL;
	if (!own_pad && !pin.n && !k->has_pin)
		return hm_fail(cx, HM_ABSENT, "the token needs a PIN");
	if (!own_pad && !pin.n)
		HM_TRY(trust_pin_read(cx, TRUST_PIN_FD, &k->pin));
	pin = hm_secret_str(&k->pin);
	CK_RV rv = t->module->C_Login(t->handle, user,
				      own_pad ? NULL : (CK_UTF8CHAR *)(uintptr_t)pin.p,
				      own_pad ? 0 : pin.n);
	if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
		return trust_token_fail(cx, t, rv, "the token does not let us in");
	return NULL;
}

/* Objects that the template is true of: the first two. */
static hm_err find_objects(struct hm_cx *cx, struct trust_token *t, CK_ATTRIBUTE *template,
			   CK_ULONG n, CK_OBJECT_HANDLE out[2], CK_ULONG *out_n)
{
	CK_RV rv = t->module->C_FindObjectsInit(t->handle, template, n);
	if (rv == CKR_OK)
		rv = t->module->C_FindObjects(t->handle, out, 2, out_n);
	if (rv != CKR_OK)
		return trust_token_fail(cx, t, rv, "the token does not list its objects");
	t->module->C_FindObjectsFinal(t->handle);
	return NULL;
}

static hm_err find_key(struct hm_cx *cx, struct key *k)
{
	struct trust_token *t = &k->token;
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE template[3] = { { CKA_CLASS, &class, sizeof(class) } };
	CK_ATTRIBUTE *label = t->kit.p11_kit_uri_get_attribute(t->uri, CKA_LABEL);
	CK_ATTRIBUTE *id = t->kit.p11_kit_uri_get_attribute(t->uri, CKA_ID);
	CK_OBJECT_HANDLE found[2] = { CK_INVALID_HANDLE, CK_INVALID_HANDLE };
	CK_ULONG n = 1, found_n = 0;
	if (label)
		template[n++] = *label;
	if (id)
		template[n++] = *id;
	HM_TRY(find_objects(cx, t, template, n, found, &found_n));
	if (!found_n)
		return hm_fail(cx, HM_INPUT, "the token has no such private key");
	if (found_n > 1)
		return hm_fail(
			cx, HM_INPUT,
			"the token has several such private keys; add object=LABEL or id=%%NN");
	k->object = found[0];
	return NULL;
}

/* Empty where it has none. */
static struct hm_str read_attribute(struct hm_cx *cx, struct trust_token *t,
				    CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
	CK_ATTRIBUTE a = { type, NULL, 0 };
	if (t->module->C_GetAttributeValue(t->handle, object, &a, 1) != CKR_OK ||
	    a.ulValueLen == CK_UNAVAILABLE_INFORMATION || a.ulValueLen > VALUE_MAX)
		return HM_STR("");
	a.pValue = hm_new(cx, char, a.ulValueLen + 1);
	if (t->module->C_GetAttributeValue(t->handle, object, &a, 1) != CKR_OK)
		return HM_STR("");
	return hm_bytes(a.pValue, a.ulValueLen);
}

/* One object of that class with this attribute; 0: none. */
static hm_err find_object(struct hm_cx *cx, struct trust_token *t, CK_OBJECT_CLASS class,
			  CK_ATTRIBUTE_TYPE type, struct hm_str value, CK_OBJECT_HANDLE *out)
{
	CK_ATTRIBUTE template[] = { { CKA_CLASS, &class, sizeof(class) },
				    { type, (void *)(uintptr_t)value.p, value.n } };
	CK_OBJECT_HANDLE found[2] = { CK_INVALID_HANDLE, CK_INVALID_HANDLE };
	CK_ULONG n = 0;
	*out = CK_INVALID_HANDLE;
	if (!value.n)
		return NULL;
	HM_TRY(find_objects(cx, t, template, 2, found, &n));
	if (n)
		*out = found[0];
	return NULL;
}

/* The certificate with the key's id, and those above it that the token has. */
static hm_err read_certificates(struct hm_cx *cx, struct key *k, struct crypto_chain *out)
{
	struct trust_token *t = &k->token;
	HM_VEC(struct hm_str) der = { 0 };
	CK_OBJECT_HANDLE at;
	struct hm_str id = read_attribute(cx, t, k->object, CKA_ID);
	HM_TRY(find_object(cx, t, CKO_CERTIFICATE, CKA_ID, id, &at));
	while (at != CK_INVALID_HANDLE && der.n < HM_MAX_CERTIFICATES) {
		struct hm_str subject = read_attribute(cx, t, at, CKA_SUBJECT);
		struct hm_str issuer = read_attribute(cx, t, at, CKA_ISSUER);
		*hm_push(cx, &der) = read_attribute(cx, t, at, CKA_VALUE);
		if (hm_eq(subject, issuer))
			break;
		HM_TRY(find_object(cx, t, CKO_CERTIFICATE, CKA_SUBJECT, issuer, &at));
	}
	return der.n ? crypto_chain_from_der(cx, der.p, der.n, out) : NULL;
}

/* An uncompressed point as it is, or in an OCTET STRING, as PKCS#11 2.20 and later have it. */
static struct hm_str unwrap_octets(struct hm_str v)
{
	size_t head = v.n > 2 && (unsigned char)v.p[1] == 0x81 ? 3 : 2;
	struct hm_str inner = hm_from(v, head);
	/* A point without it begins with 0x04, too; how long one is says which of the two it is. */
	bool is_point = inner.n == 65 || inner.n == 97 || inner.n == 133;
	bool is = is_point && v.p[0] == 0x04 && (unsigned char)v.p[head - 1] == inner.n;
	return is ? inner : v;
}

/* The public key beside a key without certificate, by their id, as X.509 has it (RFC 5480): PKCS#11
 * has its parts, the point in an OCTET STRING. Sigstore's formats sign with no RSA. */
static hm_err read_public(struct hm_cx *cx, struct key *k, struct crypto_key *out)
{
	struct trust_token *t = &k->token;
	struct hm_str id = read_attribute(cx, t, k->object, CKA_ID);
	CK_OBJECT_HANDLE at;
	if (k->type != CKK_EC)
		return NULL;
	HM_TRY(find_object(cx, t, CKO_PUBLIC_KEY, CKA_ID, id, &at));
	if (at == CK_INVALID_HANDLE)
		return NULL;
	struct hm_str curve = read_attribute(cx, t, at, CKA_EC_PARAMS);
	struct hm_str point = unwrap_octets(read_attribute(cx, t, at, CKA_EC_POINT));
	HM_TRY_IN(cx, trust_ec_public(cx, curve, point, out), "the token's public key");
	return NULL;
}

static hm_err open_key(struct hm_cx *cx, void *self, struct crypto_key *out_public,
		       struct crypto_chain *out_chain)
{
	struct key *k = self;
	HM_TRY(trust_token_find(cx, k->uri, &k->token));
	HM_TRY(log_in(cx, k, CKU_USER));
	HM_TRY(find_key(cx, k));
	struct hm_str type = read_attribute(cx, &k->token, k->object, CKA_KEY_TYPE);
	if (type.n == sizeof(k->type))
		memcpy(&k->type, type.p, sizeof(k->type));
	struct hm_str always = read_attribute(cx, &k->token, k->object, CKA_ALWAYS_AUTHENTICATE);
	k->always = always.n && always.p[0];
	HM_TRY(read_certificates(cx, k, out_chain));
	return out_chain->n ? NULL : read_public(cx, k, out_public);
}

/* The token hashes nothing: what it gets is the digest. */
static hm_err choose_mechanism(struct hm_cx *cx, enum crypto_alg alg, CK_RSA_PKCS_PSS_PARAMS *pss,
			       CK_MECHANISM *out)
{
	enum crypto_digest digest = crypto_alg_rows[alg].digest;
	*out = (CK_MECHANISM){ CKM_ECDSA, NULL, 0 };
	if (alg == CRYPTO_ES256 || alg == CRYPTO_ES384 || alg == CRYPTO_ES512)
		return NULL;
	if (alg != CRYPTO_PS256 && alg != CRYPTO_PS384 && alg != CRYPTO_PS512)
		return hm_fail(cx, HM_INPUT, "tokens do not sign with %s",
			       crypto_alg_rows[alg].name);
	*pss = (CK_RSA_PKCS_PSS_PARAMS){ .hashAlg = digest == CRYPTO_SHA256   ? CKM_SHA256
						    : digest == CRYPTO_SHA384 ? CKM_SHA384
									      : CKM_SHA512,
					 .mgf = digest == CRYPTO_SHA256   ? CKG_MGF1_SHA256
						: digest == CRYPTO_SHA384 ? CKG_MGF1_SHA384
									  : CKG_MGF1_SHA512,
					 .sLen = crypto_digest_rows[digest].size };
	*out = (CK_MECHANISM){ CKM_RSA_PKCS_PSS, pss, sizeof(*pss) };
	return NULL;
}

static hm_err sign_digest(struct hm_cx *cx, void *self, enum crypto_alg alg, struct hm_str bytes,
			  struct hm_str *out)
{
	struct key *k = self;
	struct trust_token *t = &k->token;
	CK_RSA_PKCS_PSS_PARAMS pss;
	CK_MECHANISM mechanism;
	CK_BYTE room[1024];
	CK_ULONG n = sizeof(room);
	if (t->handle == CK_INVALID_HANDLE)
		return hm_fail(cx, HM_INPUT, "the token is not open");
	HM_TRY(choose_mechanism(cx, alg, &pss, &mechanism));
	if (k->type != (mechanism.mechanism == CKM_ECDSA ? CKK_EC : CKK_RSA)) /* modules crash */
		return hm_fail(cx, HM_TRUST, "the token's key is of another kind than %s",
			       crypto_alg_rows[alg].name);
	struct hm_str digest = crypto_digest_raw(cx, crypto_alg_rows[alg].digest, bytes);
	CK_RV rv = t->module->C_SignInit(t->handle, &mechanism, k->object);
	if (rv == CKR_OK && k->always)
		HM_TRY(log_in(cx, k, CKU_CONTEXT_SPECIFIC));
	if (rv == CKR_OK)
		rv = t->module->C_Sign(t->handle, (CK_BYTE *)(uintptr_t)digest.p, digest.n, room,
				       &n);
	if (rv != CKR_OK)
		return trust_token_fail(cx, t, rv, "the token does not sign");
	*out = hm_dup(cx, hm_bytes(room, n));
	return NULL;
}

hm_err trust_token_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	HM_CLEANUP(key_done) struct key k = { .uri = args };
	struct trust_keeper keeper = { open_key, sign_digest, &k };
	struct stat sb;
	k.token.handle = CK_INVALID_HANDLE;
	k.has_pin = fstat(TRUST_PIN_FD, &sb) == 0; /* before modules open files of theirs */
	(void)out;
	crypto_start();
	hm_secret_hide_process();
	return trust_keeper_serve(cx, &keeper, in);
}
