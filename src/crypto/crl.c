/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "crypto/chain.h"
#include "crypto/key.h"

/* All the reasons there are to revoke (RFC 5280, 4.2.1.13), as the first two bytes of their BIT
 * STRING in little endian. */
enum { ALL_REASONS = 0x807f };

static struct hm_str uri_of(const GENERAL_NAME *g)
{
	const ASN1_STRING *s = g->d.uniformResourceIdentifier;
	return hm_bytes(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

/* The names of a point that stand for themselves. */
static const GENERAL_NAMES *names_of(const DIST_POINT_NAME *name)
{
	return name && name->type == 0 ? name->name.fullname : NULL;
}

static void points_done(CRL_DIST_POINTS **points)
{
	CRL_DIST_POINTS_free(*points);
}

/* The next address of a point that can be fetched, from name number *at on. */
static bool next_url(const DIST_POINT *p, int *at, struct hm_str *out)
{
	const GENERAL_NAMES *names = names_of(p->distpoint);
	while (*at < sk_GENERAL_NAME_num(names)) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, (*at)++);
		if (g->type == GEN_URI && crypto_is_fetchable(uri_of(g))) {
			*out = uri_of(g);
			return true;
		}
	}
	return false;
}

/* Can a list of the issuer be had from this point? One that cannot be used says nothing about the
 * certificate: neither is it revoked nor is it not (RFC 5280, 6.3.3, last paragraph). */
static hm_err check_point(struct hm_cx *cx, const DIST_POINT *p)
{
	const char *why = NULL;
	struct hm_str url;
	int at = 0;
	if (sk_GENERAL_NAME_num(p->CRLissuer) > 0)
		why = "its list is from another issuer";
	else if (!p->distpoint)
		why = "it does not give a location";
	else if (p->distpoint->type != 0)
		why = "its name is relative to its issuer's";
	else if (!next_url(p, &at, &url))
		why = "none of its names is an http address, and only http is supported";
	return why ? hm_fail(cx, HM_INPUT, "a distribution point cannot be used: %s", why) : NULL;
}

/* The points of an extension that is there. */
static hm_err check_points(struct hm_cx *cx, const CRL_DIST_POINTS *points)
{
	if (sk_DIST_POINT_num(points) <= 0)
		return hm_fail(cx, HM_INPUT, "the distribution points cannot be read");
	size_t places = 0;
	for (int i = 0; i < sk_DIST_POINT_num(points); i++) {
		const GENERAL_NAMES *names = names_of(sk_DIST_POINT_value(points, i)->distpoint);
		for (int k = 0; k < sk_GENERAL_NAME_num(names); k++)
			places += sk_GENERAL_NAME_value(names, k)->type == GEN_URI;
	}
	if (places > HM_MAX_REVOCATION_URLS ||
	    (size_t)sk_DIST_POINT_num(points) > HM_MAX_REVOCATION_URLS)
		return hm_fail(cx, HM_LIMIT, "too many distribution points");
	return NULL;
}

/* A complete list, and the newer entries to it where it names such a list (RFC 5280, 5.2.6). */
struct lists {
	X509_CRL *base, *delta;
	struct crypto_lists der;
};

static void lists_done(struct lists *l)
{
	X509_CRL_free(l->base);
	X509_CRL_free(l->delta);
	ERR_clear_error();
}

/* RFC 5280, 5.2: an unknown critical extension makes the list unusable. */
static bool has_unknown_critical(const STACK_OF(X509_EXTENSION) * extensions)
{
	for (int i = 0; i < sk_X509_EXTENSION_num(extensions); i++) {
		X509_EXTENSION *e = sk_X509_EXTENSION_value(extensions, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(e));
		if (X509_EXTENSION_get_critical(e) && nid != NID_issuing_distribution_point &&
		    nid != NID_delta_crl && nid != NID_crl_reason && nid != NID_invalidity_date)
			return true;
	}
	return false;
}

/* One of the names of the point, as the list itself has them. */
static bool is_named(const DIST_POINT_NAME *name, const DIST_POINT *p)
{
	const GENERAL_NAMES *mine = names_of(p->distpoint), *theirs = names_of(name);
	for (int i = 0; i < sk_GENERAL_NAME_num(theirs); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(theirs, i);
		for (int k = 0; g->type == GEN_URI && k < sk_GENERAL_NAME_num(mine); k++) {
			const GENERAL_NAME *m = sk_GENERAL_NAME_value(mine, k);
			if (m->type == GEN_URI && hm_eq(uri_of(m), uri_of(g)))
				return true;
		}
	}
	return false;
}

/* RFC 5280, 6.3.3 (b): does a list of this scope speak of the certificate? Whoever stands between
 * us and its place can give another list of the same issuer instead. One that other issuers fill
 * says nothing in entries without their names: not supported. */
static bool covers_certificate(const struct crypto_asking *a, const ISSUING_DIST_POINT *scope,
			       const DIST_POINT *p)
{
	bool is_ca = X509_get_extension_flags(a->certificate) & EXFLAG_CA;
	if (!scope)
		return true;
	if (scope->indirectCRL > 0 || scope->onlyattr > 0 ||
	    (is_ca ? scope->onlyuser : scope->onlyCA) > 0)
		return false;
	return !scope->distpoint || is_named(scope->distpoint, p);
}

/* Where no reasons are named, all are meant. */
static unsigned reasons_of(const ASN1_BIT_STRING *some)
{
	unsigned reasons = 0;
	for (int i = 0; some && i < 2 && i < ASN1_STRING_length(some); i++)
		reasons |= (unsigned)ASN1_STRING_get0_data(some)[i] << 8 * i;
	return some ? reasons & ALL_REASONS : ALL_REASONS;
}

/* Is the base a complete list that speaks of the certificate, and of which reasons? Of those that
 * both the point and the list name (RFC 5280, 6.3.3 (d)). */
static hm_err check_scope(struct hm_cx *cx, const struct crypto_asking *a, X509_CRL *base,
			  const DIST_POINT *p, unsigned *out_reasons)
{
	ISSUING_DIST_POINT *scope =
		X509_CRL_get_ext_d2i(base, NID_issuing_distribution_point, NULL, NULL);
	bool is_delta = X509_CRL_get_ext_by_NID(base, NID_delta_crl, -1) >= 0;
	bool is_malformed =
		!scope && X509_CRL_get_ext_by_NID(base, NID_issuing_distribution_point, -1) >= 0;
	bool good = !is_delta && !is_malformed && covers_certificate(a, scope, p);
	unsigned reasons =
		reasons_of(scope ? scope->onlysomereasons : NULL) & reasons_of(p->reasons);
	ISSUING_DIST_POINT_free(scope);
	if (!good)
		return hm_fail(cx, HM_INPUT,
			       is_delta ? "the list is not a complete one"
					: "the list is about other certificates");
	*out_reasons = reasons;
	return NULL;
}

/* The same scope, to the byte: RFC 5280, 6.3.3 (c)(2). */
static bool same_scope(const struct lists *l)
{
	int base = X509_CRL_get_ext_by_NID(l->base, NID_issuing_distribution_point, -1);
	int delta = X509_CRL_get_ext_by_NID(l->delta, NID_issuing_distribution_point, -1);
	if (base < 0 || delta < 0)
		return base < 0 && delta < 0;
	return ASN1_OCTET_STRING_cmp(X509_EXTENSION_get_data(X509_CRL_get_ext(l->base, base)),
				     X509_EXTENSION_get_data(X509_CRL_get_ext(l->delta, delta))) ==
	       0;
}

static hm_err check_list(struct hm_cx *cx, const struct crypto_asking *a, X509_CRL *crl)
{
	int64_t begins, ends;
	EVP_PKEY *key = X509_get0_pubkey(a->issuer);
	if (!crypto_name_equal(X509_CRL_get_issuer(crl), X509_get_subject_name(a->issuer)) ||
	    !key || !(X509_get_key_usage(a->issuer) & KU_CRL_SIGN) ||
	    X509_CRL_verify(crl, key) != 1)
		return hm_fail(cx, HM_TRUST, "the list is not the issuer's");
	HM_TRY_IN(cx, crypto_time(cx, X509_CRL_get0_lastUpdate(crl), &begins), "thisUpdate");
	HM_TRY_IN(cx, crypto_time(cx, X509_CRL_get0_nextUpdate(crl), &ends), "nextUpdate");
	if (begins > a->now + CRYPTO_CLOCK_SKEW || ends < a->now)
		return hm_fail(cx, HM_INPUT, "the list is not current");
	if (has_unknown_critical(X509_CRL_get0_extensions(crl)))
		return hm_fail(cx, HM_INPUT,
			       "the list has a critical extension that is not supported");
	return NULL;
}

/* RFC 5280, 5.2.4: does the delta belong to this base? */
static hm_err check_delta(struct hm_cx *cx, const struct lists *l)
{
	ASN1_INTEGER *base = X509_CRL_get_ext_d2i(l->base, NID_crl_number, NULL, NULL);
	ASN1_INTEGER *delta = X509_CRL_get_ext_d2i(l->delta, NID_crl_number, NULL, NULL);
	ASN1_INTEGER *least = X509_CRL_get_ext_d2i(l->delta, NID_delta_crl, NULL, NULL);
	bool fits = base && delta && least && ASN1_INTEGER_cmp(delta, base) > 0 &&
		    ASN1_INTEGER_cmp(least, base) <= 0 && same_scope(l);
	ASN1_INTEGER_free(base);
	ASN1_INTEGER_free(delta);
	ASN1_INTEGER_free(least);
	return fits ? NULL : hm_fail(cx, HM_INPUT, "the delta list does not fit its base");
}

/* A list that is being looked at. */
struct list_taker {
	const struct crypto_asking *asking;
	const DIST_POINT *point; /* of a base */
	unsigned reasons;        /* of a base */
	struct lists *lists;     /* a delta's has its base */
};

static hm_err read_list(struct hm_cx *cx, const struct crypto_asking *a, struct hm_str der,
			X509_CRL **out)
{
	const unsigned char *at = (const unsigned char *)der.p;
	X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)der.n);
	if (!crl)
		return crypto_fail(cx, HM_INPUT, "the list is malformed");
	X509_CRL_free(*out);
	*out = crl;
	return check_list(cx, a, crl);
}

static hm_err take_base(struct hm_cx *cx, void *arg, struct hm_str der, bool *out_keep)
{
	struct list_taker *t = arg;
	HM_TRY(read_list(cx, t->asking, der, &t->lists->base));
	HM_TRY(check_scope(cx, t->asking, t->lists->base, t->point, &t->reasons));
	t->lists->der.base = der;
	*out_keep = true;
	return NULL;
}

static hm_err take_delta(struct hm_cx *cx, void *arg, struct hm_str der, bool *out_keep)
{
	struct list_taker *t = arg;
	HM_TRY(read_list(cx, t->asking, der, &t->lists->delta));
	HM_TRY(check_delta(cx, t->lists));
	t->lists->der.delta = der;
	*out_keep = true;
	return NULL;
}

static hm_err fetch_list(struct hm_cx *cx, const struct crypto_asking *a, struct hm_str url,
			 struct crypto_memory *m, const struct crypto_taker *t)
{
	struct crypto_question q = { .url = url, .max = HM_MAX_CRL };
	return crypto_ask(cx, &a->fetch, &q, m, t);
}

/* The delta from whichever place of its points has it. */
static hm_err fetch_points(struct hm_cx *cx, const struct crypto_asking *a,
			   const CRL_DIST_POINTS *points, struct crypto_memory *m, struct lists *l)
{
	struct list_taker delta = { .asking = a, .lists = l };
	const struct crypto_taker taker = { take_delta, &delta };
	hm_err err = NULL;
	HM_TRY(check_points(cx, points));
	for (int i = 0; i < sk_DIST_POINT_num(points); i++) {
		const DIST_POINT *p = sk_DIST_POINT_value(points, i);
		struct hm_str url;
		err = check_point(cx, p);
		if (err)
			continue;
		for (int at = 0; next_url(p, &at, &url);) {
			err = fetch_list(cx, a, url, m, &taker);
			if (!err)
				return NULL;
		}
	}
	return err;
}

static hm_err check_freshest(struct hm_cx *cx, const struct crypto_asking *a, const struct lists *l,
			     bool *out_has_delta)
{
	*out_has_delta = X509_CRL_get_ext_by_NID(l->base, NID_freshest_crl, -1) >= 0;
	/* The scope of a delta that only the certificate names is not known. */
	if (!*out_has_delta && X509_get_ext_by_NID(a->certificate, NID_freshest_crl, -1) >= 0)
		return hm_fail(cx, HM_INPUT,
			       "a freshest list in the certificate alone is not supported");
	return NULL;
}

static hm_err fetch_delta(struct hm_cx *cx, const struct crypto_asking *a, struct crypto_memory *m,
			  struct lists *l)
{
	bool has_delta;
	HM_TRY(check_freshest(cx, a, l, &has_delta));
	if (!has_delta)
		return NULL;
	HM_CLEANUP(points_done)
	CRL_DIST_POINTS *points = X509_CRL_get_ext_d2i(l->base, NID_freshest_crl, NULL, NULL);
	HM_TRY_IN(cx, fetch_points(cx, a, points, m, l), "delta list");
	return NULL;
}

/* What one entry says about the certificate. */
enum saying { SAYS_REVOKED, SAYS_ON_HOLD, SAYS_TAKEN_BACK, SAYS_VALID_THEN };

static hm_err read_entry(struct hm_cx *cx, const struct crypto_asking *a, const X509_REVOKED *r,
			 enum saying *out)
{
	if (has_unknown_critical(X509_REVOKED_get0_extensions(r)))
		return hm_fail(cx, HM_INPUT,
			       "an entry has a critical extension that is not supported");
	ASN1_GENERALIZEDTIME *t = X509_REVOKED_get_ext_d2i(r, NID_invalidity_date, NULL, NULL);
	ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(r, NID_crl_reason, NULL, NULL);
	int64_t from = 0;
	hm_err err = t ? crypto_time(cx, t, &from) : NULL;
	long code = reason ? ASN1_ENUMERATED_get(reason) : CRL_REASON_NONE;
	ASN1_GENERALIZEDTIME_free(t);
	ASN1_ENUMERATED_free(reason);
	HM_TRY(err);
	*out = code == CRL_REASON_REMOVE_FROM_CRL    ? SAYS_TAKEN_BACK
	       : code == CRL_REASON_CERTIFICATE_HOLD ? SAYS_ON_HOLD
						     : SAYS_REVOKED;
	if (a->signing_time && from && a->signing_time < from)
		*out = SAYS_VALID_THEN;
	return NULL;
}

/* Entries of the base first, then of the delta: the last word on a certificate counts, but only a
 * hold can be taken back (RFC 5280, 5.3.1). */
static hm_err search_entries(struct hm_cx *cx, const struct crypto_asking *a, const struct lists *l,
			     bool *out_revoked)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(a->certificate);
	X509_CRL *both[] = { l->base, l->delta };
	bool revoked = false, held = false;
	for (size_t k = 0; k < HM_LEN(both) && both[k]; k++) {
		STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(both[k]);
		for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
			const X509_REVOKED *r = sk_X509_REVOKED_value(entries, i);
			enum saying says;
			if (ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(r), serial) != 0)
				continue;
			HM_TRY(read_entry(cx, a, r, &says));
			revoked = revoked || says == SAYS_REVOKED;
			held = says == SAYS_ON_HOLD;
		}
	}
	*out_revoked = revoked || held;
	return NULL;
}

static hm_err take_lists(struct hm_cx *cx, struct list_taker *base, const struct crypto_lists *der)
{
	struct list_taker delta = { .asking = base->asking, .lists = base->lists };
	bool keep, has_delta;
	HM_TRY(take_base(cx, base, der->base, &keep));
	HM_TRY(check_freshest(cx, base->asking, base->lists, &has_delta));
	return has_delta ? take_delta(cx, &delta, der->delta, &keep) : NULL;
}

/* Lists that another program kept, looked at as if they had come just now. */
static bool take_shared(struct hm_cx *cx, struct list_taker *base, struct hm_str url, bool old)
{
	const struct crypto_fetch *f = &base->asking->fetch;
	struct crypto_lists der = { 0 };
	return f->recall_lists && f->recall_lists(cx, f->arg, url, old, &der) &&
	       !take_lists(cx, base, &der);
}

static hm_err fetch_lists(struct hm_cx *cx, struct list_taker *base, struct hm_str url,
			  struct crypto_memory *m)
{
	const struct crypto_asking *a = base->asking;
	const struct crypto_taker taker = { take_base, base };
	HM_TRY(fetch_list(cx, a, url, m, &taker));
	HM_TRY(fetch_delta(cx, a, m, base->lists));
	if (a->fetch.keep_lists && !m->used)
		a->fetch.keep_lists(cx, a->fetch.arg, url, &base->lists->der);
	return NULL;
}

static hm_err read_place(struct hm_cx *cx, struct list_taker *base, struct hm_str url,
			 struct crypto_memory *m, bool *out_revoked)
{
	HM_CLEANUP(lists_done) struct lists l = { 0 };
	base->lists = &l;
	if (!m->anew && take_shared(cx, base, url, false)) {
		m->used = true;
	} else {
		lists_done(&l);
		l = (struct lists){ 0 };
		hm_err err = fetch_lists(cx, base, url, m);
		if (err && (m->anew || !take_shared(cx, base, url, true)))
			return err;
		m->used = m->used || err;
	}
	return search_entries(cx, base->asking, &l, out_revoked);
}

/* What is to be had at one place; the reasons that it speaks of are added to *reasons. A base that
 * was kept may be too old for the delta of today. */
static hm_err ask_place(struct hm_cx *cx, const struct crypto_asking *a, const DIST_POINT *p,
			struct hm_str url, unsigned *reasons, bool *out_revoked)
{
	struct list_taker base = { .asking = a, .point = p };
	struct crypto_memory m = { 0 };
	hm_err err = read_place(cx, &base, url, &m, out_revoked);
	if (err && m.used) {
		m = (struct crypto_memory){ .anew = true };
		err = read_place(cx, &base, url, &m, out_revoked);
	}
	HM_TRY(err);
	*reasons |= base.reasons;
	return NULL;
}

/* The names of a point are ways to the same list (RFC 5280, 4.2.1.13): one that works will do. */
static hm_err ask_point(struct hm_cx *cx, const struct crypto_asking *a, const DIST_POINT *p,
			unsigned *reasons, bool *out_revoked)
{
	hm_err err = NULL;
	struct hm_str url;
	HM_TRY(check_point(cx, p));
	for (int at = 0; next_url(p, &at, &url);) {
		err = ask_place(cx, a, p, url, reasons, out_revoked);
		if (!err)
			return NULL;
		err = hm_wrap(cx, err, "revocation list \"%.*s\"", HM_FMT(url));
	}
	return err;
}

/* A point may cover some reasons only: all must be asked. */
static hm_err ask_points(struct hm_cx *cx, const struct crypto_asking *a,
			 const CRL_DIST_POINTS *points, bool *out_revoked)
{
	unsigned reasons = 0;
	hm_err first = NULL;
	HM_TRY(check_points(cx, points));
	for (int i = 0; i < sk_DIST_POINT_num(points) && !*out_revoked; i++) {
		hm_err err =
			ask_point(cx, a, sk_DIST_POINT_value(points, i), &reasons, out_revoked);
		first = first ? first : err;
		HM_TRY(hm_alive(cx));
	}
	HM_TRY(first);
	if (!*out_revoked && reasons != ALL_REASONS)
		return hm_fail(cx, HM_INPUT, "the revocation lists do not cover all reasons");
	return NULL;
}

hm_err crypto_crl_check(struct hm_cx *cx, const struct crypto_asking *a,
			enum crypto_revocation *out, struct hm_str *out_why)
{
	HM_CLEANUP(points_done)
	CRL_DIST_POINTS *points =
		X509_get_ext_d2i(a->certificate, NID_crl_distribution_points, NULL, NULL);
	bool revoked = false;
	hm_err err = NULL;
	*out_why = HM_STR("");
	*out = CRYPTO_GOOD;
	if (X509_get_ext_by_NID(a->certificate, NID_crl_distribution_points, -1) >= 0)
		err = ask_points(cx, a, points, &revoked);
	else if (X509_get_ext_by_NID(a->certificate, NID_freshest_crl, -1) >= 0)
		err = hm_fail(cx, HM_INPUT, "a freshest list without a complete one");
	else
		*out = CRYPTO_NOT_REVOCABLE;
	if (revoked) {
		*out = CRYPTO_REVOKED;
		*out_why = HM_STR("it is revoked (CRL)");
	} else if (err) {
		*out = CRYPTO_UNKNOWN;
		*out_why = hm_cstr(err->why);
	}
	return NULL;
}
