/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <openssl/err.h>
#include <openssl/objects.h>

#include "crypto/chain.h"
#include "crypto/key.h"

/* The attribute types that have a name of their own in RFC 4514 or in the Notary Project's
 * tools. */
static const struct attribute_name {
	int nid;
	const char *name;
} names[] = {
	{ NID_countryName, "C" },
	{ NID_organizationName, "O" },
	{ NID_organizationalUnitName, "OU" },
	{ NID_commonName, "CN" },
	{ NID_serialNumber, "SERIALNUMBER" },
	{ NID_localityName, "L" },
	{ NID_stateOrProvinceName, "ST" },
	{ NID_streetAddress, "STREET" },
	{ NID_postalCode, "POSTALCODE" },
};

static struct hm_str attribute_name(struct hm_cx *cx, const X509_NAME_ENTRY *entry)
{
	const ASN1_OBJECT *object = X509_NAME_ENTRY_get_object(entry);
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (OBJ_obj2nid(object) == names[i].nid)
			return hm_cstr(names[i].name);
	char oid[128] = "";
	OBJ_obj2txt(oid, sizeof(oid), object, 1);
	return hm_dup(cx, hm_cstr(oid));
}

/* false: it is no text. */
static bool attribute_value(struct hm_cx *cx, const X509_NAME_ENTRY *entry, struct hm_str *out)
{
	unsigned char *utf8 = NULL;
	int n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
	ERR_clear_error();
	if (n < 0)
		return false;
	*out = hm_dup(cx, hm_bytes(utf8, (size_t)n));
	OPENSSL_free(utf8);
	return hm_is_utf8(*out) && !memchr(out->p, 0, out->n);
}

/* RFC 4514, 2.4. */
static void add_escaped(struct hm_buf *b, struct hm_str value)
{
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		bool edge = i == 0 || i + 1 == value.n;
		if (hm_is_one_of(c, "\"+,;<>\\") || (c == ' ' && edge) || (c == '#' && i == 0))
			hm_buf_char(b, '\\');
		if ((unsigned char)c < ' ' || c == 0x7f)
			hm_buf_fmt(b, "\\%02X", (unsigned)(unsigned char)c);
		else
			hm_buf_char(b, c);
	}
}

struct hm_str crypto_name_text(struct hm_cx *cx, const X509_NAME *name)
{
	HM_AUTO_BUF b = HM_BUF(64 * HM_KIB);
	for (int i = X509_NAME_entry_count(name) - 1; i >= 0; i--) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
		struct hm_str value;
		hm_buf_add(&b, attribute_name(cx, entry));
		hm_buf_char(&b, '=');
		if (attribute_value(cx, entry, &value))
			add_escaped(&b, value);
		else
			hm_buf_addz(&b, "#");
		if (i > 0) {
			const X509_NAME_ENTRY *next = X509_NAME_get_entry(name, i - 1);
			hm_buf_char(&b, X509_NAME_ENTRY_set(next) == X509_NAME_ENTRY_set(entry)
						? '+'
						: ',');
		}
	}
	return hm_dup(cx, hm_buf_str(&b));
}

bool crypto_name_equal(const X509_NAME *a, const X509_NAME *b)
{
	const unsigned char *pa, *pb;
	size_t na, nb;
	return X509_NAME_get0_der(a, &pa, &na) && X509_NAME_get0_der(b, &pb, &nb) &&
	       hm_eq(hm_bytes(pa, na), hm_bytes(pb, nb));
}

hm_err crypto_time(struct hm_cx *cx, const ASN1_TIME *t, int64_t *out)
{
	struct tm tm;
	if (!t || !ASN1_TIME_to_tm(t, &tm))
		return crypto_fail(cx, HM_INPUT, "a time is malformed");
	*out = hm_utc(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		      tm.tm_sec);
	return NULL;
}

int crypto_allow_last_second(int ok, X509_STORE_CTX *path)
{
	if (ok || X509_STORE_CTX_get_error(path) != X509_V_ERR_CERT_HAS_EXPIRED)
		return ok;
	const ASN1_TIME *end = X509_get0_notAfter(X509_STORE_CTX_get_current_cert(path));
	if (ASN1_TIME_cmp_time_t(end,
				 X509_VERIFY_PARAM_get_time(X509_STORE_CTX_get0_param(path))) != 0)
		return 0;
	X509_STORE_CTX_set_error(path, X509_V_OK);
	return 1;
}

bool crypto_is_fetchable(struct hm_str url)
{
	struct hm_str scheme = HM_STR("http://");
	return hm_cmp_nocase(hm_sub(url, 0, scheme.n), scheme) == 0 &&
	       hm_find_char(url, 0) == SIZE_MAX;
}

bool crypto_chain_is_ca(const struct crypto_chain *c, size_t i)
{
	return (X509_get_extension_flags(crypto_chain_at(c, i)) & EXFLAG_CA) != 0;
}

hm_err crypto_subject_read(struct hm_cx *cx, const X509_NAME *name, struct crypto_attribute **out,
			   size_t *out_n)
{
	HM_VEC(struct crypto_attribute) found = { 0 };
	for (int k = 0; k < X509_NAME_entry_count(name); k++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, k);
		struct crypto_attribute a = { .name = attribute_name(cx, entry) };
		if (!attribute_value(cx, entry, &a.value) || !a.value.n)
			return hm_fail(cx, HM_INPUT,
				       "attribute \"%.*s\" of the subject is not text",
				       HM_FMT(a.name));
		if (k > 0 && X509_NAME_ENTRY_set(entry) ==
				     X509_NAME_ENTRY_set(X509_NAME_get_entry(name, k - 1)))
			return hm_fail(cx, HM_INPUT,
				       "the subject has several attributes in one RDN");
		for (size_t m = 0; m < found.n; m++)
			if (hm_eq(found.p[m].name, a.name))
				return hm_fail(cx, HM_INPUT,
					       "the subject has attribute \"%.*s\" twice",
					       HM_FMT(a.name));
		*hm_push(cx, &found) = a;
	}
	*out = found.p;
	*out_n = found.n;
	return NULL;
}

bool crypto_subject_hash(const struct crypto_chain *c, size_t i, uint32_t *out)
{
	int good = 0;
	*out = (uint32_t)X509_NAME_hash_ex(X509_get_subject_name(crypto_chain_at(c, i)), NULL, NULL,
					   &good);
	return good == 1;
}
