/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crl.h"

#include <openssl/err.h>

#include "crypto/key.h"

static void points_done(CRL_DIST_POINTS **points)
{
	CRL_DIST_POINTS_free(*points);
}

/* The next address of a point that can be fetched, from name number *at on. */
static bool next_url(const DIST_POINT *p, int *at, struct hm_str *out)
{
	const GENERAL_NAMES *names = crypto_names_of(p->distpoint);
	while (*at < sk_GENERAL_NAME_num(names)) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, (*at)++);
		if (g->type == GEN_URI && crypto_is_fetchable(crypto_uri_of(g))) {
			*out = crypto_uri_of(g);
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
		const GENERAL_NAMES *names =
			crypto_names_of(sk_DIST_POINT_value(points, i)->distpoint);
		for (int k = 0; k < sk_GENERAL_NAME_num(names); k++)
			places += sk_GENERAL_NAME_value(names, k)->type == GEN_URI;
	}
	if (places > HM_MAX_REVOCATION_URLS ||
	    (size_t)sk_DIST_POINT_num(points) > HM_MAX_REVOCATION_URLS)
		return hm_fail(cx, HM_LIMIT, "too many distribution points");
	return NULL;
}

/* A list that is being looked at. */
struct list_taker {
	const struct crypto_asking *asking;
	const DIST_POINT *point;  /* of a base */
	unsigned reasons;         /* of a base */
	struct crypto_crl *lists; /* a delta's has its base */
};

static hm_err take_base(struct hm_cx *cx, void *arg, struct hm_str der, bool *out_keep)
{
	struct list_taker *t = arg;
	HM_TRY(crypto_crl_take_base(cx, t->asking, t->point, der, t->lists, &t->reasons));
	*out_keep = true;
	return NULL;
}

static hm_err take_delta(struct hm_cx *cx, void *arg, struct hm_str der, bool *out_keep)
{
	struct list_taker *t = arg;
	HM_TRY(crypto_crl_take_delta(cx, t->asking, der, t->lists));
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
			   const CRL_DIST_POINTS *points, struct crypto_memory *m,
			   struct crypto_crl *l)
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

static hm_err fetch_delta(struct hm_cx *cx, const struct crypto_asking *a, struct crypto_memory *m,
			  struct crypto_crl *l)
{
	bool has_delta;
	HM_TRY(crypto_crl_has_delta(cx, a, l, &has_delta));
	if (!has_delta)
		return NULL;
	HM_CLEANUP(points_done)
	CRL_DIST_POINTS *points = X509_CRL_get_ext_d2i(l->base, NID_freshest_crl, NULL, NULL);
	HM_TRY_IN(cx, fetch_points(cx, a, points, m, l), "delta list");
	return NULL;
}

static hm_err take_lists(struct hm_cx *cx, struct list_taker *base, const struct crypto_lists *der)
{
	struct list_taker delta = { .asking = base->asking, .lists = base->lists };
	bool keep, has_delta;
	HM_TRY(take_base(cx, base, der->base, &keep));
	HM_TRY(crypto_crl_has_delta(cx, base->asking, base->lists, &has_delta));
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
	HM_CLEANUP(crypto_crl_done) struct crypto_crl l = { 0 };
	base->lists = &l;
	if (!m->anew && take_shared(cx, base, url, false)) {
		m->used = true;
	} else {
		crypto_crl_done(&l);
		l = (struct crypto_crl){ 0 };
		hm_err err = fetch_lists(cx, base, url, m);
		if (err && (m->anew || !take_shared(cx, base, url, true)))
			return err;
		m->used = m->used || err;
	}
	return crypto_crl_search(cx, base->asking, &l, out_revoked);
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
	if (!*out_revoked && reasons != CRYPTO_ALL_REASONS)
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
