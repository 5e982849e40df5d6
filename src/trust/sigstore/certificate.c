/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/sigstore/run.h"

/* Who authenticated the name (Fulcio's oid-info.md): as a text in DER, and as it was before. */
static const char issuer_oid[] = "1.3.6.1.4.1.57264.1.8";
static const char issuer_old_oid[] = "1.3.6.1.4.1.57264.1.1";

static hm_err read_issuer(struct hm_cx *cx, const struct crypto_chain *c, struct hm_str *out)
{
	struct hm_str der;
	HM_TRY(crypto_certificate_extension(cx, c, 0, issuer_oid, &der));
	if (der.n) {
		HM_TRY_IN(cx, crypto_der_text(cx, der, out), "the certificate's issuer of names");
		return NULL;
	}
	HM_TRY(crypto_certificate_extension(cx, c, 0, issuer_old_oid, out));
	return hm_is_utf8(*out) && !hm_has_control(*out)
		       ? NULL
		       : hm_fail(cx, HM_INPUT, "the certificate's issuer of names is not a text");
}

const struct sigstore_claim_row trust_sigstore_claims[SIGSTORE_CLAIMS] = {
	[SIGSTORE_BUILD_SIGNER] = { "buildSigner", "1.3.6.1.4.1.57264.1.9" },
	[SIGSTORE_RUNNER] = { "runnerEnvironment", "1.3.6.1.4.1.57264.1.11" },
	[SIGSTORE_SOURCE_REPOSITORY] = { "sourceRepository", "1.3.6.1.4.1.57264.1.12" },
	[SIGSTORE_SOURCE_DIGEST] = { "sourceDigest", "1.3.6.1.4.1.57264.1.13" },
	[SIGSTORE_SOURCE_REF] = { "sourceRef", "1.3.6.1.4.1.57264.1.14" },
	[SIGSTORE_BUILD_CONFIG] = { "buildConfig", "1.3.6.1.4.1.57264.1.18" },
	[SIGSTORE_BUILD_TRIGGER] = { "buildTrigger", "1.3.6.1.4.1.57264.1.20" },
};

static hm_err read_claims(struct hm_cx *cx, const struct crypto_chain *c,
			  struct hm_str out[SIGSTORE_CLAIMS])
{
	for (size_t i = 0; i < SIGSTORE_CLAIMS; i++) {
		const struct sigstore_claim_row *row = &trust_sigstore_claims[i];
		struct hm_str der;
		HM_TRY(crypto_certificate_extension(cx, c, 0, row->oid, &der));
		out[i] = HM_STR("");
		if (der.n)
			HM_TRY_IN(cx, crypto_der_text(cx, der, &out[i]), "the certificate's %s",
				  row->name);
	}
	return NULL;
}

/* By the first authority that leads to it, and was believed at that time. */
static hm_err find_path(struct hm_cx *cx, const struct sigstore_run *r, int64_t when,
			struct crypto_chain *out)
{
	const struct sigstore_root *root = r->q->root;
	hm_err err = NULL;
	for (size_t i = 0; i < root->authorities_n; i++) {
		const struct sigstore_authority *a = &root->authorities[i];
		if (!sigstore_is_valid_at(&a->valid, when))
			continue;
		err = crypto_chain_path(cx, &r->bundle->chain, &a->chain, when, out);
		if (!err || err->code != HM_TRUST)
			return err;
	}
	return err ? err
		   : hm_fail(cx, HM_TRUST, "no certificate authority is believed for that time");
}

static hm_err check_logged(struct hm_cx *cx, const struct sigstore_run *r,
			   const struct crypto_chain *path)
{
	const struct sigstore_root *root = r->q->root;
	struct crypto_ct_log *logs = hm_new(cx, struct crypto_ct_log, root->ctlogs_n + 1);
	for (size_t i = 0; i < root->ctlogs_n; i++)
		logs[i] = (struct crypto_ct_log){ root->ctlogs[i].id, &root->ctlogs[i].key,
						  root->ctlogs[i].valid.from,
						  root->ctlogs[i].valid.until };
	return crypto_sct_verify(cx, path, logs, root->ctlogs_n);
}

static bool is_meant(const struct sigstore_identity *i, const struct sigstore_answer *a)
{
	return (!i->subject.n || hm_eq(i->subject, a->subject)) &&
	       (!i->issuer.n || hm_eq(i->issuer, a->issuer));
}

static hm_err check_identity(struct hm_cx *cx, const struct sigstore_run *r)
{
	const struct sigstore_answer *a = r->out;
	for (size_t i = 0; i < r->q->identities_n; i++)
		if (is_meant(&r->q->identities[i], a))
			return NULL;
	if (!r->q->identities_n)
		return NULL;
	return hm_fail(cx, HM_TRUST,
		       "it is signed by \"%.*s\", as \"%.*s\" says, who is not expected",
		       HM_FMT(a->subject), HM_FMT(a->issuer));
}

hm_err trust_sigstore_names(struct hm_cx *cx, const struct envelope_bundle *b,
			    struct sigstore_answer *out)
{
	enum crypto_name_kind kind;
	HM_TRY(crypto_certificate_name(cx, &b->chain, 0, &kind, &out->subject));
	HM_TRY(read_issuer(cx, &b->chain, &out->issuer));
	if (out->subject.n > HM_MAX_DN || out->issuer.n > HM_MAX_DN)
		return hm_fail(cx, HM_LIMIT, "a name in the certificate is too long");
	return read_claims(cx, &b->chain, out->claims);
}

hm_err trust_sigstore_check_certificate(struct hm_cx *cx, struct sigstore_run *r)
{
	for (size_t i = 0; i < r->times.n; i++) {
		CRYPTO_AUTO_CHAIN path = { 0 };
		HM_TRY(find_path(cx, r, r->times.p[i].time, &path));
		HM_TRY(sigstore_check_chain(cx, r, &path));
		if (i == 0)
			HM_TRY(check_logged(cx, r, &path));
	}
	HM_TRY(trust_sigstore_names(cx, r->bundle, r->out));
	return check_identity(cx, r);
}
