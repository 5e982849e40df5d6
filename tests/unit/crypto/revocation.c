/* SPDX-License-Identifier: Apache-2.0 */
#include "pki.h"

/* What stands at "http://..." in a test: lists, and an OCSP responder. */
enum answer { ANSWER_NONE, ANSWER_GOOD, ANSWER_REVOKED, ANSWER_UNKNOWN };

struct world {
	struct pki_cert root, leaf, responder, stranger;
	enum answer ocsp;
	const struct pki_cert *ocsp_signer;
	int64_t ocsp_until, invalid_from;
	struct hm_str base, delta, delta2;
	unsigned asked;
};

static hm_err answer_ocsp(struct hm_cx *cx, struct world *w, struct hm_str body, struct hm_str *out)
{
	const unsigned char *at = (const unsigned char *)body.p;
	OCSP_REQUEST *req = d2i_OCSP_REQUEST(NULL, &at, (long)body.n);
	assert_non_null(req);
	OCSP_CERTID *id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(req, 0));
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	ASN1_TIME *from = ASN1_TIME_set(NULL, PKI_NOW - 60),
		  *until = w->ocsp_until ? ASN1_TIME_set(NULL, w->ocsp_until) : NULL;
	int status = w->ocsp == ANSWER_GOOD      ? V_OCSP_CERTSTATUS_GOOD
		     : w->ocsp == ANSWER_REVOKED ? V_OCSP_CERTSTATUS_REVOKED
						 : V_OCSP_CERTSTATUS_UNKNOWN;
	OCSP_SINGLERESP *single =
		OCSP_basic_add1_status(basic, id, status, OCSP_REVOKED_STATUS_KEYCOMPROMISE, from,
				       from, until);
	if (w->invalid_from) {
		ASN1_GENERALIZEDTIME *t = ASN1_GENERALIZEDTIME_set(NULL, w->invalid_from);
		OCSP_SINGLERESP_add1_ext_i2d(single, NID_invalidity_date, t, 0, 0);
		ASN1_GENERALIZEDTIME_free(t);
	}
	assert_true(OCSP_basic_sign(basic, w->ocsp_signer->x, w->ocsp_signer->key, EVP_sha256(),
				    NULL, 0));
	OCSP_RESPONSE *resp = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	unsigned char *der = NULL;
	int n = i2d_OCSP_RESPONSE(resp, &der);
	*out = hm_dup(cx, hm_bytes(der, (size_t)n));
	OPENSSL_free(der);
	OCSP_RESPONSE_free(resp);
	OCSP_BASICRESP_free(basic);
	OCSP_REQUEST_free(req);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	return NULL;
}

static hm_err fetch(struct hm_cx *cx, void *arg, const struct crypto_question *q,
		    struct hm_str *out)
{
	struct world *w = arg;
	struct hm_str url = q->url;
	struct hm_str none = { 0 };
	w->asked++;
	assert_true(q->max > 0);
	if (hm_eqz(url, "http://ocsp.test/") && w->ocsp != ANSWER_NONE) {
		assert_strz(q->content_type, "application/ocsp-request");
		return answer_ocsp(cx, w, q->body, out);
	}
	struct hm_str found = hm_eqz(url, "http://crl.test/base")      ? w->base
			      : hm_eqz(url, "http://crl.test/delta")   ? w->delta
			      : hm_eqz(url, "http://crl.test/another") ? w->delta2
								       : none;
	if (!found.n)
		return hm_fail(cx, HM_BUSY, "nobody answers");
	*out = found;
	return NULL;
}

struct crl_want {
	const struct pki_cert *by;
	long number, base; /* base: of a delta */
	long serial;       /* revoked; 0: none */
	int reason;        /* -1: none stated */
	int64_t invalid_from, until;
	const char *freshest, *critical, *scope;
	bool all_reasons; /* each of them by its bit */
};

static struct hm_str make_crl(struct hm_cx *cx, const struct crl_want *w)
{
	X509_CRL *crl = X509_CRL_new();
	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(w->by->x));
	ASN1_TIME *from = ASN1_TIME_set(NULL, PKI_NOW - 60),
		  *until = ASN1_TIME_set(NULL, w->until ? w->until : PKI_NOW + 3600);
	X509_CRL_set1_lastUpdate(crl, from);
	if (w->until >= 0)
		X509_CRL_set1_nextUpdate(crl, until);
	ASN1_INTEGER *n = ASN1_INTEGER_new();
	ASN1_INTEGER_set(n, w->number);
	X509_CRL_add1_ext_i2d(crl, NID_crl_number, n, 0, 0);
	if (w->base) {
		ASN1_INTEGER_set(n, w->base);
		X509_CRL_add1_ext_i2d(crl, NID_delta_crl, n, 1, 0);
	}
	const struct {
		int nid;
		const char *value;
	} more[] = { { NID_freshest_crl, w->freshest },
		     { NID_netscape_comment, w->critical },
		     { NID_issuing_distribution_point, w->scope } };
	for (size_t i = 0; i < HM_LEN(more); i++) {
		if (!more[i].value)
			continue;
		X509_EXTENSION *e = pki_extension(more[i].nid, more[i].value, NULL);
		X509_CRL_add_ext(crl, e, -1);
		X509_EXTENSION_free(e);
	}
	if (w->all_reasons) {
		ISSUING_DIST_POINT *scope = ISSUING_DIST_POINT_new();
		scope->onlysomereasons = ASN1_BIT_STRING_new();
		for (int bit = 1; bit <= 8; bit++)
			ASN1_BIT_STRING_set_bit(scope->onlysomereasons, bit, 1);
		X509_CRL_add1_ext_i2d(crl, NID_issuing_distribution_point, scope, 1, 0);
		ISSUING_DIST_POINT_free(scope);
	}
	if (w->serial) {
		X509_REVOKED *r = X509_REVOKED_new();
		ASN1_INTEGER_set(n, w->serial);
		X509_REVOKED_set_serialNumber(r, n);
		X509_REVOKED_set_revocationDate(r, from);
		if (w->reason >= 0) {
			ASN1_ENUMERATED *e = ASN1_ENUMERATED_new();
			ASN1_ENUMERATED_set(e, w->reason);
			X509_REVOKED_add1_ext_i2d(r, NID_crl_reason, e, 0, 0);
			ASN1_ENUMERATED_free(e);
		}
		if (w->invalid_from) {
			ASN1_GENERALIZEDTIME *t = ASN1_GENERALIZEDTIME_set(NULL, w->invalid_from);
			X509_REVOKED_add1_ext_i2d(r, NID_invalidity_date, t, 0, 0);
			ASN1_GENERALIZEDTIME_free(t);
		}
		X509_CRL_add0_revoked(crl, r);
	}
	X509_CRL_sign(crl, w->by->key, EVP_sha256());
	unsigned char *der = NULL;
	int len = i2d_X509_CRL(crl, &der);
	struct hm_str s = hm_dup(cx, hm_bytes(der, (size_t)len));
	OPENSSL_free(der);
	ASN1_INTEGER_free(n);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	X509_CRL_free(crl);
	return s;
}

enum signer { BY_ROOT, BY_RESPONDER, BY_STRANGER };

#define OCSP_AT "OCSP;URI:http://ocsp.test/"
#define CRL_AT  "URI:http://crl.test/base"
#define FRESH   "URI:http://crl.test/delta"
#define OTHER   "[other]\nCN=other\n"

static const struct state_case {
	const char *label;
	const char *ocsp_at, *crl_at, *freshest_at; /* in the certificate */
	const char *sections;                       /* that these name */
	enum answer ocsp;
	enum signer ocsp_by;
	int64_t ocsp_until, invalid_from, signing_time;
	struct crl_want crl, delta; /* number 0: not there */
	enum signer crl_by;
	enum crypto_revocation want;
	const char *why;
} states[] = {
	{ "neither way", .want = CRYPTO_NOT_REVOCABLE },
	{ "OCSP: good", OCSP_AT, .ocsp = ANSWER_GOOD, .ocsp_until = PKI_NOW + 60,
	  .want = CRYPTO_GOOD },
	{ "OCSP: good, from a delegate", OCSP_AT, .ocsp = ANSWER_GOOD, .ocsp_by = BY_RESPONDER,
	  .ocsp_until = PKI_NOW + 60, .want = CRYPTO_GOOD },
	{ "OCSP: revoked", OCSP_AT, .ocsp = ANSWER_REVOKED, .ocsp_until = PKI_NOW + 60,
	  .want = CRYPTO_REVOKED, .why = "OCSP" },
	{ "OCSP: revoked, but for later signatures", OCSP_AT, .ocsp = ANSWER_REVOKED,
	  .ocsp_until = PKI_NOW + 60, .invalid_from = PKI_NOW - 100, .signing_time = PKI_NOW - 200,
	  .want = CRYPTO_GOOD },
	{ "OCSP: revoked for this signature", OCSP_AT, .ocsp = ANSWER_REVOKED,
	  .ocsp_until = PKI_NOW + 60, .invalid_from = PKI_NOW - 300, .signing_time = PKI_NOW - 200,
	  .want = CRYPTO_REVOKED },
	{ "OCSP: the date counts for nothing without a signing time", OCSP_AT,
	  .ocsp = ANSWER_REVOKED, .ocsp_until = PKI_NOW + 60, .invalid_from = PKI_NOW - 100,
	  .want = CRYPTO_REVOKED },
	{ "OCSP: unknown", OCSP_AT, .ocsp = ANSWER_UNKNOWN, .ocsp_until = PKI_NOW + 60,
	  .want = CRYPTO_UNKNOWN, .why = "does not know" },
	{ "OCSP: old", OCSP_AT, .ocsp = ANSWER_GOOD, .ocsp_until = PKI_NOW - 1,
	  .want = CRYPTO_UNKNOWN, .why = "is not current" },
	{ "OCSP: without an end", OCSP_AT, .ocsp = ANSWER_GOOD, .want = CRYPTO_UNKNOWN },
	{ "OCSP: from a stranger", OCSP_AT, .ocsp = ANSWER_GOOD, .ocsp_by = BY_STRANGER,
	  .ocsp_until = PKI_NOW + 60, .want = CRYPTO_UNKNOWN, .why = "not the issuer's" },
	{ "OCSP: nobody answers", OCSP_AT, .want = CRYPTO_UNKNOWN, .why = "nobody answers" },
	{ "OCSP: over https", "OCSP;URI:https://ocsp.test/", .ocsp = ANSWER_GOOD,
	  .want = CRYPTO_UNKNOWN, .why = "only http" },
	{ "OCSP: nobody answers, but a list does", OCSP_AT, CRL_AT, .crl = { .number = 1 },
	  .want = CRYPTO_GOOD },
	{ "OCSP: good, and no list is asked for", OCSP_AT, CRL_AT, .ocsp = ANSWER_GOOD,
	  .ocsp_until = PKI_NOW + 60, .want = CRYPTO_GOOD },
	{ "OCSP: only the issuer's certificate is to be had", "caIssuers;URI:http://ocsp.test/",
	  .want = CRYPTO_NOT_REVOCABLE },
	{ "OCSP: at a directory's name", "OCSP;dirName:other", .sections = OTHER,
	  .want = CRYPTO_UNKNOWN, .why = "only http" },
	{ "OCSP: at a host's name", "OCSP;DNS:ocsp.test", .want = CRYPTO_UNKNOWN,
	  .why = "only http" },
	{ "OCSP: at ldap", "OCSP;URI:ldap://ocsp.test/", .want = CRYPTO_UNKNOWN,
	  .why = "only http" },
	{ "OCSP: at a relative address", "OCSP;URI:ocsp.test/", .want = CRYPTO_UNKNOWN,
	  .why = "only http" },
	{ "OCSP: at no address", "DER:300e300c06082b060105050730018600", .want = CRYPTO_UNKNOWN,
	  .why = "only http" },
	{ "OCSP: places that are none", "DER:0500", .want = CRYPTO_UNKNOWN,
	  .why = "cannot be read" },
	{ "OCSP: places that are none, but a list", "DER:0500", CRL_AT, .crl = { .number = 1 },
	  .want = CRYPTO_GOOD },
	{ "OCSP: the first place cannot be used, the second answers",
	  "OCSP;URI:ldap://ocsp.test/,OCSP;URI:http://ocsp.test/", .ocsp = ANSWER_GOOD,
	  .ocsp_until = PKI_NOW + 60, .want = CRYPTO_GOOD },
	{ "OCSP: the scheme in capitals", "OCSP;URI:HTTP://ocsp.test/", .ocsp = ANSWER_GOOD,
	  .ocsp_until = PKI_NOW + 60, .want = CRYPTO_UNKNOWN, .why = "nobody answers" },
	{ "CRL: at ldap", .crl_at = "URI:ldap://crl.test/base", .crl = { .number = 1 },
	  .want = CRYPTO_UNKNOWN, .why = "only http" },
	{ "CRL: at a file", .crl_at = "URI:file:///base", .crl = { .number = 1 },
	  .want = CRYPTO_UNKNOWN, .why = "only http" },
	{ "CRL: at a relative address", .crl_at = "URI:/base", .crl = { .number = 1 },
	  .want = CRYPTO_UNKNOWN, .why = "only http" },
	{ "CRL: at an empty address", .crl_at = "DER:30083006a004a0028600", .crl = { .number = 1 },
	  .want = CRYPTO_UNKNOWN, .why = "only http" },
	{ "CRL: at an address with a NUL in it",
	  .crl_at = "DER:301e301ca01aa018861668747470"
		    "3a2f2f63726c2e746573742f626173650078",
	  .crl = { .number = 1 }, .want = CRYPTO_UNKNOWN, .why = "only http" },
	{ "CRL: at a host's name", .crl_at = "DNS:crl.test", .crl = { .number = 1 },
	  .want = CRYPTO_UNKNOWN, .why = "only http" },
	{ "CRL: at a directory's name", .crl_at = "dirName:other", .sections = OTHER,
	  .crl = { .number = 1 }, .want = CRYPTO_UNKNOWN, .why = "only http" },
	{ "CRL: at a name relative to the issuer's", .crl_at = "point",
	  .sections = "[point]\nrelativename=other\n" OTHER, .crl = { .number = 1 },
	  .want = CRYPTO_UNKNOWN, .why = "relative to its issuer's" },
	{ "CRL: another issuer's", .crl_at = "point",
	  .sections = "[point]\nfullname=" CRL_AT "\nCRLissuer=dirName:other\n" OTHER,
	  .crl = { .number = 1 }, .want = CRYPTO_UNKNOWN,
	  .why = "its list is from another issuer" },
	{ "CRL: another issuer's, and no place", .crl_at = "point",
	  .sections = "[point]\nCRLissuer=dirName:other\n" OTHER, .crl = { .number = 1 },
	  .want = CRYPTO_UNKNOWN, .why = "its list is from another issuer" },
	{ "CRL: a point of some reasons, a list of all", .crl_at = "point",
	  .sections = "[point]\nfullname=" CRL_AT "\nreasons=keyCompromise\n",
	  .crl = { .number = 1 }, .want = CRYPTO_UNKNOWN, .why = "all reasons" },
	{ "CRL: a point of some reasons, on it", .crl_at = "point",
	  .sections = "[point]\nfullname=" CRL_AT "\nreasons=keyCompromise\n",
	  .crl = { .number = 1, .serial = 7, .reason = 1 }, .want = CRYPTO_REVOKED },
	{ "CRL: points of all reasons between them", .crl_at = "some,rest",
	  .sections = "[some]\nfullname=" CRL_AT "\nreasons=keyCompromise,CACompromise,"
		      "affiliationChanged,superseded\n[rest]\nfullname=" CRL_AT
		      "\nreasons=cessationOfOperation,certificateHold,privilegeWithdrawn,"
		      "AACompromise\n",
	  .crl = { .number = 1 }, .want = CRYPTO_GOOD },
	{ "CRL: no points", .crl_at = "DER:3000", .crl = { .number = 1 }, .want = CRYPTO_UNKNOWN,
	  .why = "cannot be read" },
	{ "CRL: at ldap or http, in one point", .crl_at = "point",
	  .sections = "[point]\nfullname=URI:ldap://crl.test/base," CRL_AT "\n",
	  .crl = { .number = 1, .serial = 8 }, .want = CRYPTO_GOOD },
	{ "CRL: at ldap or http, in one point, on it", .crl_at = "point",
	  .sections = "[point]\nfullname=URI:ldap://crl.test/base," CRL_AT "\n",
	  .crl = { .number = 1, .serial = 7, .reason = 1 }, .want = CRYPTO_REVOKED },
	{ "CRL: at two places of one point, of which one answers", .crl_at = "point",
	  .sections = "[point]\nfullname=URI:http://crl.test/none," CRL_AT "\n",
	  .crl = { .number = 1, .serial = 8 }, .want = CRYPTO_GOOD },
	{ "CRL: one of two points is at ldap", .crl_at = "URI:ldap://crl.test/base," CRL_AT,
	  .crl = { .number = 1, .serial = 8 }, .want = CRYPTO_UNKNOWN, .why = "only http" },
	{ "CRL: one of two points is at ldap, on the other",
	  .crl_at = "URI:ldap://crl.test/base," CRL_AT,
	  .crl = { .number = 1, .serial = 7, .reason = 1 }, .want = CRYPTO_REVOKED },
	{ "CRL: nine points",
	  .crl_at = CRL_AT "," CRL_AT "," CRL_AT "," CRL_AT "," CRL_AT "," CRL_AT "," CRL_AT
			   "," CRL_AT "," CRL_AT,
	  .crl = { .number = 1 }, .want = CRYPTO_UNKNOWN, .why = "too many" },
	{ "CRL: a point that cannot be used, but OCSP is good", OCSP_AT, "URI:ldap://crl.test/base",
	  .ocsp = ANSWER_GOOD, .ocsp_until = PKI_NOW + 60, .want = CRYPTO_GOOD },
	{ "CRL: a point that cannot be used, and OCSP does not know", OCSP_AT,
	  "URI:ldap://crl.test/base", .ocsp = ANSWER_UNKNOWN, .ocsp_until = PKI_NOW + 60,
	  .want = CRYPTO_UNKNOWN, .why = "only http" },
	{ "CRL: not on it", .crl_at = CRL_AT, .crl = { .number = 1, .serial = 8 },
	  .want = CRYPTO_GOOD },
	{ "CRL: on it", .crl_at = CRL_AT, .crl = { .number = 1, .serial = 7, .reason = 1 },
	  .want = CRYPTO_REVOKED, .why = "CRL" },
	{ "CRL: on hold", .crl_at = CRL_AT, .crl = { .number = 1, .serial = 7, .reason = 6 },
	  .want = CRYPTO_REVOKED },
	{ "CRL: taken off it", .crl_at = CRL_AT, .crl = { .number = 1, .serial = 7, .reason = 8 },
	  .want = CRYPTO_GOOD },
	{ "CRL: on it, but for later signatures", .crl_at = CRL_AT,
	  .crl = { .number = 1, .serial = 7, .reason = 1, .invalid_from = PKI_NOW - 100 },
	  .signing_time = PKI_NOW - 200, .want = CRYPTO_GOOD },
	{ "CRL: old", .crl_at = CRL_AT, .crl = { .number = 1, .until = PKI_NOW - 1 },
	  .want = CRYPTO_UNKNOWN, .why = "is not current" },
	{ "CRL: without an end", .crl_at = CRL_AT, .crl = { .number = 1, .until = -1 },
	  .want = CRYPTO_UNKNOWN },
	{ "CRL: a stranger's", .crl_at = CRL_AT, .crl = { .number = 1 }, .crl_by = BY_STRANGER,
	  .want = CRYPTO_UNKNOWN, .why = "not the issuer's" },
	{ "CRL: nobody answers", .crl_at = CRL_AT, .want = CRYPTO_UNKNOWN,
	  .why = "nobody answers" },
	{ "CRL: one of two does not answer", .crl_at = CRL_AT ",URI:http://crl.test/none",
	  .crl = { .number = 1 }, .want = CRYPTO_UNKNOWN },
	{ "CRL: over https", .crl_at = "URI:https://crl.test/base", .want = CRYPTO_UNKNOWN,
	  .why = "only http" },
	{ "CRL: a critical extension nobody knows", .crl_at = CRL_AT,
	  .crl = { .number = 1, .critical = "critical,x" }, .want = CRYPTO_UNKNOWN,
	  .why = "critical extension" },
	{ "CRL: a delta in its place", .crl_at = CRL_AT, .crl = { .number = 2, .base = 1 },
	  .want = CRYPTO_UNKNOWN, .why = "not a complete one" },
	{ "CRL: of this place", .crl_at = CRL_AT,
	  .crl = { .number = 1, .scope = "critical,fullname:URI:http://crl.test/base" },
	  .want = CRYPTO_GOOD },
	{ "CRL: of this place, on it", .crl_at = CRL_AT,
	  .crl = { .number = 1,
		   .serial = 7,
		   .reason = 1,
		   .scope = "critical,fullname:URI:http://crl.test/base" },
	  .want = CRYPTO_REVOKED },
	{ "CRL: of another place", .crl_at = CRL_AT,
	  .crl = { .number = 1, .scope = "critical,fullname:URI:http://crl.test/shard2" },
	  .want = CRYPTO_UNKNOWN, .why = "other certificates" },
	{ "CRL: for authorities alone", .crl_at = CRL_AT,
	  .crl = { .number = 1, .scope = "critical,onlyCA:TRUE" }, .want = CRYPTO_UNKNOWN,
	  .why = "other certificates" },
	{ "CRL: for others than authorities", .crl_at = CRL_AT,
	  .crl = { .number = 1, .scope = "critical,onlyuser:TRUE" }, .want = CRYPTO_GOOD },
	{ "CRL: for attributes alone", .crl_at = CRL_AT,
	  .crl = { .number = 1, .scope = "critical,onlyAA:TRUE" }, .want = CRYPTO_UNKNOWN,
	  .why = "other certificates" },
	{ "CRL: other issuers fill it, too", .crl_at = CRL_AT,
	  .crl = { .number = 1, .scope = "critical,indirectCRL:TRUE" }, .want = CRYPTO_UNKNOWN,
	  .why = "other certificates" },
	{ "CRL: of some reasons", .crl_at = CRL_AT,
	  .crl = { .number = 1, .scope = "critical,onlysomereasons:superseded" },
	  .want = CRYPTO_UNKNOWN, .why = "all reasons" },
	{ "CRL: of all reasons, one by one", .crl_at = CRL_AT,
	  .crl = { .number = 1, .all_reasons = true }, .want = CRYPTO_GOOD },
	{ "delta: not on it", .crl_at = CRL_AT, .crl = { .number = 1, .freshest = FRESH },
	  .delta = { .number = 2, .base = 1, .serial = 8 }, .want = CRYPTO_GOOD },
	{ "delta: on it", .crl_at = CRL_AT, .crl = { .number = 1, .freshest = FRESH },
	  .delta = { .number = 2, .base = 1, .serial = 7, .reason = 1 }, .want = CRYPTO_REVOKED },
	{ "delta: takes the certificate off hold", .crl_at = CRL_AT,
	  .crl = { .number = 1, .serial = 7, .reason = 6, .freshest = FRESH },
	  .delta = { .number = 2, .base = 1, .serial = 7, .reason = 8 }, .want = CRYPTO_GOOD },
	{ "delta: to a later base", .crl_at = CRL_AT, .crl = { .number = 1, .freshest = FRESH },
	  .delta = { .number = 3, .base = 2 }, .want = CRYPTO_UNKNOWN, .why = "does not fit" },
	{ "delta: not newer than its base", .crl_at = CRL_AT,
	  .crl = { .number = 2, .freshest = FRESH }, .delta = { .number = 2, .base = 1 },
	  .want = CRYPTO_UNKNOWN, .why = "does not fit" },
	{ "delta: a complete list in its place", .crl_at = CRL_AT,
	  .crl = { .number = 1, .freshest = FRESH }, .delta = { .number = 2 },
	  .want = CRYPTO_UNKNOWN, .why = "does not fit" },
	{ "delta: of another scope", .crl_at = CRL_AT, .crl = { .number = 1, .freshest = FRESH },
	  .delta = { .number = 2, .base = 1, .scope = "critical,onlyCA:TRUE" },
	  .want = CRYPTO_UNKNOWN, .why = "does not fit" },
	{ "delta: of the same scope", .crl_at = CRL_AT,
	  .crl = { .number = 1, .freshest = FRESH, .scope = "critical,onlyuser:TRUE" },
	  .delta = { .number = 2, .base = 1, .scope = "critical,onlyuser:TRUE" },
	  .want = CRYPTO_GOOD },
	{ "delta: nobody answers", .crl_at = CRL_AT, .crl = { .number = 1, .freshest = FRESH },
	  .want = CRYPTO_UNKNOWN, .why = "delta list" },
	{ "delta: at ldap", .crl_at = CRL_AT,
	  .crl = { .number = 1, .freshest = "URI:ldap://crl.test/delta" }, .want = CRYPTO_UNKNOWN,
	  .why = "delta list: a distribution point cannot be used" },
	{ "delta: at a host's name", .crl_at = CRL_AT,
	  .crl = { .number = 1, .freshest = "DNS:crl.test" }, .want = CRYPTO_UNKNOWN,
	  .why = "delta list: a distribution point cannot be used" },
	{ "delta: points that are none", .crl_at = CRL_AT,
	  .crl = { .number = 1, .freshest = "DER:0500" }, .want = CRYPTO_UNKNOWN,
	  .why = "delta list: the distribution points cannot be read" },
	{ "delta: the second place has it", .crl_at = CRL_AT,
	  .crl = { .number = 1, .freshest = "URI:ldap://crl.test/delta," FRESH },
	  .delta = { .number = 2, .base = 1, .serial = 7, .reason = 1 }, .want = CRYPTO_REVOKED },
	{ "delta: without a complete list", .freshest_at = FRESH, .want = CRYPTO_UNKNOWN,
	  .why = "without a complete one" },
	{ "delta: only the certificate names it", .crl_at = CRL_AT, .freshest_at = FRESH,
	  .crl = { .number = 1 }, .want = CRYPTO_UNKNOWN, .why = "certificate alone" },
};

static const struct pki_cert *signer(const struct world *w, enum signer s)
{
	return s == BY_ROOT ? &w->root : s == BY_RESPONDER ? &w->responder : &w->stranger;
}

static void state(void **arg)
{
	const struct state_case *t = *arg;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct world w = { .ocsp = t->ocsp,
			   .ocsp_until = t->ocsp_until,
			   .invalid_from = t->invalid_from };
	w.root = pki_make(&(struct pki_want){ "r", PKI_CA }, NULL);
	w.stranger = pki_make(&(struct pki_want){ "r", PKI_CA }, NULL);
	w.responder =
		pki_make(&(struct pki_want){ "o", PKI_LEAF, .extended = "OCSPSigning" }, &w.root);
	w.leaf = pki_make(&(struct pki_want){ "l", PKI_LEAF, .crl = t->crl_at, .ocsp = t->ocsp_at,
					      .freshest = t->freshest_at, .sections = t->sections },
			  &w.root);
	w.ocsp_signer = signer(&w, t->ocsp_by);
	struct crl_want base = t->crl, delta = t->delta;
	base.by = delta.by = signer(&w, t->crl_by);
	if (base.number)
		w.base = make_crl(&cx, &base);
	if (delta.number)
		w.delta = make_crl(&cx, &delta);
	struct hm_str der[] = { pki_der(&cx, w.leaf.x), pki_der(&cx, w.root.x) };
	CRYPTO_AUTO_CHAIN c = { 0 };
	assert_ok(crypto_chain_from_der(&cx, der, 2, &c));
	enum crypto_revocation got;
	struct hm_str why;
	struct crypto_revocation_terms terms = { { fetch, &w }, PKI_NOW, t->signing_time };
	assert_ok(crypto_revocation_check(&cx, &c, &terms, &got, &why));
	if (got != t->want)
		print_error("got %d: %.*s\n", (int)got, HM_FMT(why));
	assert_int_equal(got, t->want);
	if (t->why)
		assert_true(hm_find(why, hm_cstr(t->why)) != SIZE_MAX);
	/* Without anybody to ask, what can be revoked is unknown. */
	struct crypto_revocation_terms alone = { .now = PKI_NOW };
	assert_ok(crypto_revocation_check(&cx, &c, &alone, &got, &why));
	bool asks = t->crl_at || t->freshest_at ||
		    (t->ocsp_at && !hm_starts(hm_cstr(t->ocsp_at), HM_STR("caIssuers")));
	assert_int_equal(got, asks ? CRYPTO_UNKNOWN : CRYPTO_NOT_REVOCABLE);
	pki_free(&w.root);
	pki_free(&w.leaf);
	pki_free(&w.responder);
	pki_free(&w.stranger);
}

int main(void)
{
	UNIT_TABLE(state, states);
	return unit_run("crypto/revocation");
}
