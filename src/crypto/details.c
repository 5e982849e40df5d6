/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certificate says of itself, worked out once and kept with it: a thousand signatures with
 * one certificate share it (parsed.c), and names become text slowly. All of it follows from the
 * certificate's bytes, so that it never gets old.
 */
#include <openssl/err.h>
#include <pthread.h>
#include <string.h>

#include "crypto/chain.h"
#include "crypto/key.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int place = -1; /* where certificates have it */

static void free_details(void *parent, void *details, CRYPTO_EX_DATA *data, int at, long n,
			 void *arg)
{
	(void)parent, (void)data, (void)at, (void)n, (void)arg;
	OPENSSL_free(details);
}

static void make_place(void)
{
	place = X509_get_ex_new_index(0, NULL, NULL, NULL, free_details);
}

static struct hm_str write_serial(struct hm_cx *cx, const X509 *x)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
	struct hm_str hex = hm_hex(cx, hm_bytes(ASN1_STRING_get0_data(serial),
						(size_t)ASN1_STRING_length(serial)));
	return hex.n ? hex : HM_STR("00");
}

static void work_out(struct hm_cx *cx, X509 *x, struct hm_str der, struct crypto_details *out)
{
	struct crypto_certificate_info *info = &out->info;
	EVP_PKEY *key = X509_get0_pubkey(x);
	info->subject = crypto_name_text(cx, X509_get_subject_name(x));
	info->issuer = crypto_name_text(cx, X509_get_issuer_name(x));
	info->serial = write_serial(cx, x);
	info->sha256 = hm_hex(cx, crypto_digest_raw(cx, CRYPTO_SHA256, der));
	info->is_ca = (X509_get_extension_flags(x) & EXFLAG_CA) != 0;
	out->has_times = !crypto_time(cx, X509_get0_notBefore(x), &info->not_before) &&
			 !crypto_time(cx, X509_get0_notAfter(x), &info->not_after);
	out->has_subject =
		!crypto_subject_read(cx, X509_get_subject_name(x), &out->subject, &out->subject_n);
	if (!key || crypto_key_alg(cx, key, &out->key_alg))
		out->key_alg = 0;
	ERR_clear_error();
}

static struct hm_str move_text(char **room, struct hm_str s)
{
	struct hm_str moved = { *room, s.n };
	memcpy(*room, s.p, s.n);
	*room += s.n + 1;
	return moved;
}

static size_t count_texts(const struct crypto_details *d)
{
	const struct crypto_certificate_info *info = &d->info;
	size_t n = info->subject.n + info->issuer.n + info->serial.n + info->sha256.n + 4;
	for (size_t i = 0; i < d->subject_n; i++)
		n += d->subject[i].name.n + d->subject[i].value.n + 2;
	return n;
}

/* In one piece; NULL: there is no memory for it. */
static struct crypto_details *copy_details(const struct crypto_details *d)
{
	const struct crypto_certificate_info *from = &d->info;
	size_t subject = d->subject_n * sizeof(*d->subject);
	struct crypto_details *copy = OPENSSL_zalloc(sizeof(*copy) + subject + count_texts(d));
	if (!copy)
		return NULL;
	struct crypto_attribute *attributes = (struct crypto_attribute *)(copy + 1);
	char *room = (char *)(attributes + d->subject_n);
	*copy = *d;
	copy->subject = attributes;
	for (size_t i = 0; i < d->subject_n; i++)
		attributes[i] = (struct crypto_attribute){ move_text(&room, d->subject[i].name),
							   move_text(&room, d->subject[i].value) };
	copy->info.subject = move_text(&room, from->subject);
	copy->info.issuer = move_text(&room, from->issuer);
	copy->info.serial = move_text(&room, from->serial);
	copy->info.sha256 = move_text(&room, from->sha256);
	return copy;
}

static const struct crypto_details *recall(const X509 *x)
{
	pthread_once(&once, make_place);
	pthread_mutex_lock(&lock);
	const struct crypto_details *d = place < 0 ? NULL : X509_get_ex_data(x, place);
	pthread_mutex_unlock(&lock);
	return d;
}

/* What another thread has kept meanwhile stays: it may be in use. */
static const struct crypto_details *keep(X509 *x, const struct crypto_details *d)
{
	struct crypto_details *copy = place < 0 ? NULL : copy_details(d);
	if (!copy)
		return d;
	pthread_mutex_lock(&lock);
	const struct crypto_details *kept = X509_get_ex_data(x, place);
	if (!kept && X509_set_ex_data(x, place, copy)) {
		kept = copy;
		copy = NULL;
	}
	pthread_mutex_unlock(&lock);
	OPENSSL_free(copy);
	return kept ? kept : d;
}

const struct crypto_details *crypto_details(struct hm_cx *cx, const struct crypto_chain *c,
					    size_t i)
{
	X509 *x = crypto_chain_at(c, i);
	const struct crypto_details *known = recall(x);
	if (known)
		return known;
	struct crypto_details *d = hm_new(cx, struct crypto_details, 1);
	work_out(cx, x, c->der[i], d);
	return keep(x, d);
}

static hm_err check_times(struct hm_cx *cx, X509 *x)
{
	int64_t time;
	HM_TRY_IN(cx, crypto_time(cx, X509_get0_notBefore(x), &time), "notBefore");
	HM_TRY_IN(cx, crypto_time(cx, X509_get0_notAfter(x), &time), "notAfter");
	return NULL;
}

hm_err crypto_certificate_info(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
			       struct crypto_certificate_info *out)
{
	const struct crypto_details *d = crypto_details(cx, c, i);
	if (!d->has_times)
		HM_TRY(check_times(cx, crypto_chain_at(c, i)));
	*out = d->info;
	out->subject = hm_dup(cx, d->info.subject);
	out->issuer = hm_dup(cx, d->info.issuer);
	out->serial = hm_dup(cx, d->info.serial);
	out->sha256 = hm_dup(cx, d->info.sha256);
	return NULL;
}

hm_err crypto_certificate_subject(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
				  struct crypto_attribute **out, size_t *out_n)
{
	const struct crypto_details *d = crypto_details(cx, c, i);
	if (!d->has_subject)
		return crypto_subject_read(cx, X509_get_subject_name(crypto_chain_at(c, i)), out,
					   out_n);
	*out = hm_new(cx, struct crypto_attribute, d->subject_n);
	for (size_t k = 0; k < d->subject_n; k++)
		(*out)[k] = (struct crypto_attribute){ hm_dup(cx, d->subject[k].name),
						       hm_dup(cx, d->subject[k].value) };
	*out_n = d->subject_n;
	return NULL;
}

hm_err crypto_chain_valid_at(struct hm_cx *cx, const struct crypto_chain *c, int64_t when)
{
	for (size_t i = 0; i < c->n; i++) {
		struct crypto_certificate_info info;
		HM_TRY(crypto_certificate_info(cx, c, i, &info));
		if (when < info.not_before)
			return hm_fail(cx, HM_TRUST, "certificate \"%.*s\" is not valid before %s",
				       HM_FMT(info.subject), hm_rfc3339(cx, info.not_before).p);
		if (when > info.not_after)
			return hm_fail(cx, HM_TRUST, "certificate \"%.*s\" expired at %s",
				       HM_FMT(info.subject), hm_rfc3339(cx, info.not_after).p);
	}
	return NULL;
}

/* RFC 8017 and RFC 4055: unlike other kinds of keys, RSA's do not say how they sign. */
static enum crypto_alg rsa_alg(X509 *x)
{
	static const struct {
		int padding, digest;
		enum crypto_alg alg;
	} rows[] = {
		{ NID_rsaEncryption, NID_sha1, CRYPTO_RS1 },
		{ NID_rsaEncryption, NID_sha256, CRYPTO_RS256 },
		{ NID_rsaEncryption, NID_sha384, CRYPTO_RS384 },
		{ NID_rsaEncryption, NID_sha512, CRYPTO_RS512 },
		{ NID_rsassaPss, NID_sha256, CRYPTO_PS256 },
		{ NID_rsassaPss, NID_sha384, CRYPTO_PS384 },
		{ NID_rsassaPss, NID_sha512, CRYPTO_PS512 },
	};
	int digest = NID_undef, padding = NID_undef;
	(void)X509_get_signature_info(x, &digest, &padding, NULL, NULL);
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (rows[i].padding == padding && rows[i].digest == digest)
			return rows[i].alg;
	return 0;
}

struct crypto_certificate_algs crypto_certificate_algs(struct hm_cx *cx,
						       const struct crypto_chain *c, size_t i)
{
	size_t by = i + 1 < c->n ? i + 1 : i;
	EVP_PKEY *key = X509_get0_pubkey(crypto_chain_at(c, by));
	enum crypto_alg by_alg = crypto_details(cx, c, by)->key_alg;
	/* a key of RSA may be of a size that no algorithm is for */
	bool rsa = by_alg ? strcmp(crypto_primitive(by_alg)->kind, "RSA") == 0
			  : key && (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"));
	struct crypto_certificate_algs algs = { crypto_details(cx, c, i)->key_alg,
						rsa ? rsa_alg(crypto_chain_at(c, i)) : by_alg };
	ERR_clear_error();
	return algs;
}
