/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/sigstore/seal.h"
#include "codec/base64.h"
#include "statement/statement.h"
#include "trust/stamp.h"
#include "trust/trust.h"

static void draft_done(struct sigstore_draft *d)
{
	d->bundle.dsse = NULL; /* nothing in it is the heap's */
	envelope_bundle_done(&d->bundle);
	crypto_key_done(&d->own);
	crypto_key_done(&d->key);
}

/* --- the signature --- */

/* By its digest, where the signer can: it may be large. */
static hm_err sign_artifact(struct hm_cx *cx, struct sigstore_draft *d,
			    const struct sigstore_artifact *a)
{
	struct envelope_bundle *b = &d->bundle;
	enum crypto_digest alg = crypto_alg_rows[d->key.alg].digest;
	struct hm_str signature, bytes;
	b->digest_alg = alg == CRYPTO_DIGESTS ? CRYPTO_SHA256 : alg;
	HM_TRY(a->digest(cx, a->arg, b->digest_alg, &b->digest));
	if (alg == CRYPTO_DIGESTS || !d->signer->sign_digest) {
		HM_TRY(a->bytes(cx, a->arg, &bytes));
		return trust_sigstore_sign_bytes(cx, d, bytes, &b->signature);
	}
	HM_TRY(d->signer->sign_digest(cx, d->signer, b->digest, &signature));
	return crypto_signature_to_der(cx, &d->own, signature, &b->signature);
}

static hm_err sign_statement(struct hm_cx *cx, struct sigstore_draft *d, struct hm_str statement)
{
	struct envelope_signature *s = &d->dsse_signature;
	d->dsse = (struct envelope){ statement, HM_STR(STATEMENT_CONTENT_TYPE), s, 1 };
	HM_TRY(envelope_dsse_signed_bytes(cx, d->dsse.content_type, statement, &s->signed_bytes));
	HM_TRY(trust_sigstore_sign_bytes(cx, d, s->signed_bytes, &s->value));
	d->bundle.dsse = &d->dsse;
	d->bundle.signature = s->value;
	return NULL;
}

/* --- who signs --- */

static hm_err read_key(struct hm_cx *cx, struct sigstore_draft *d, struct hm_str *out_der)
{
	HM_TRY(d->signer->public(cx, d->signer, &d->own));
	HM_TRY(crypto_public_key_der(cx, &d->own, out_der));
	HM_TRY(crypto_public_key_any(cx, *out_der, &d->key));
	if (crypto_alg_rows[d->key.alg].status == CRYPTO_ALLOWED)
		return NULL;
	return hm_hint(cx,
		       hm_fail(cx, HM_USAGE,
			       "keys of this kind (%s) do not sign in Sigstore's formats",
			       crypto_alg_rows[d->own.alg].name),
		       "use a key on one of the curves P-256, P-384 and P-521");
}

/* Whoever has the key finds it by the hint, as Cosign writes it: the digest of the public key. */
static hm_err prepare(struct hm_cx *cx, struct sigstore_draft *d)
{
	struct hm_str der;
	d->bundle.version = 3;
	HM_TRY(read_key(cx, d, &der));
	if (d->s->token)
		return trust_sigstore_certify(cx, d);
	d->bundle.material = BUNDLE_KEY;
	d->bundle.key_hint =
		base64_format(cx, BASE64_STD, crypto_digest_raw(cx, CRYPTO_SHA256, der));
	return NULL;
}

/* --- when --- */

/* By an authority of the root, and an answer to this very question. */
static hm_err check_stamp(struct hm_cx *cx, const struct sigstore_draft *d,
			  const struct crypto_timestamp_request *q, struct hm_str token)
{
	const struct sigstore_root *root = d->s->root;
	hm_err err = hm_fail(cx, HM_TRUST, "no timestamping authority is known");
	for (size_t i = 0; i < root->timestampers_n; i++) {
		CRYPTO_AUTO_TIMESTAMP stamp = { 0 };
		err = crypto_timestamp_verify_by(cx, token, q->signature,
						 &root->timestampers[i].chain, &stamp);
		if (!err && (!hm_eq(stamp.nonce, q->nonce) || stamp.digest != q->digest))
			return hm_fail(cx, HM_TRUST,
				       "the timestamp is an answer to another request");
		if (!err)
			return NULL;
	}
	return err;
}

static hm_err ask_for_time(struct hm_cx *cx, const struct sigstore_draft *d,
			   const struct sigstore_service *service, struct hm_str *out)
{
	struct trust_timestamping with = { .url = service->url, .http = d->s->http };
	struct crypto_timestamp_request q;
	struct hm_str token;
	HM_TRY(crypto_timestamp_ask(cx, CRYPTO_SHA256, d->bundle.signature, &q));
	HM_TRY(trust_stamp_send(cx, &with, q.der, out));
	HM_TRY(crypto_timestamp_token(cx, *out, &token));
	return check_stamp(cx, d, &q, token);
}

static hm_err stamp(struct hm_cx *cx, struct sigstore_draft *d)
{
	struct sigstore_chosen those;
	HM_TRY(trust_sigstore_services_choose(cx, &d->s->services->timestampers,
					      "timestamping authorities", 1, d->now, &those));
	d->bundle.timestamps = hm_new(cx, struct hm_str, those.n + 1);
	for (size_t i = 0; i < those.n; i++)
		HM_TRY_IN(cx, ask_for_time(cx, d, those.p[i], &d->bundle.timestamps[i]),
			  "timestamping authority \"%.*s\"", HM_FMT(those.p[i]->url));
	d->bundle.timestamps_n = those.n;
	return NULL;
}

/* --- what was made is held against what is believed --- */

static hm_err check_made(struct hm_cx *cx, const struct sigstore_draft *d, struct hm_str text,
			 const struct sigstore_artifact *a)
{
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	struct sigstore_answer answer;
	struct sigstore_question q = { .root = d->s->services ? d->s->root : NULL,
				       .key = d->s->token ? NULL : &d->key,
				       .artifact = *a,
				       .allow_no_log = !d->bundle.entries_n,
				       .knows_all_logs = true };
	HM_TRY(envelope_bundle_parse(cx, text, &b));
	HM_TRY_IN(cx, trust_sigstore_verify(cx, &b, &q, &answer), "the bundle that was made");
	return NULL;
}

static hm_err finish(struct hm_cx *cx, struct sigstore_draft *d, const struct sigstore_artifact *a,
		     struct hm_str *out)
{
	struct hm_str text;
	if (d->s->services) {
		HM_TRY(stamp(cx, d));
		HM_TRY(trust_sigstore_enter(cx, d));
	}
	HM_TRY(envelope_bundle_write(cx, &d->bundle, &text));
	HM_TRY(check_made(cx, d, text, a));
	*out = text;
	return NULL;
}

static hm_err seal(struct hm_cx *cx, struct sigstore_draft *d, const struct sigstore_artifact *a,
		   struct hm_str statement, struct hm_str *out)
{
	HM_TRY(prepare(cx, d));
	if (statement.n)
		HM_TRY(sign_statement(cx, d, statement));
	else
		HM_TRY(sign_artifact(cx, d, a));
	return finish(cx, d, a, out);
}

/* With the caller's key, or one that is made for it. */
static hm_err seal_by(struct hm_cx *cx, const struct sigstore_sealing *s,
		      const struct sigstore_artifact *a, struct hm_str statement,
		      struct hm_str *out)
{
	TRUST_AUTO_SIGNER fresh = { 0 };
	HM_CLEANUP(draft_done)
	struct sigstore_draft d = { .s = s,
				    .now = s->now ? s->now : hm_now(),
				    .signer = s->signer };
	if ((s->token || s->services) && !s->root)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE,
				       "--trusted-root is needed: what services answer is held "
				       "against it"),
			       "give --trusted-root trusted_root.json, as Sigstore publishes it");
	if (s->token && !s->services)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE,
				       "--signing-config is needed: which services are asked"),
			       "give --signing-config signing_config.json, as Sigstore "
			       "publishes it");
	if (s->token) {
		HM_TRY(trust_signer_new_key(cx, &fresh));
		d.signer = fresh.signer;
	}
	return seal(cx, &d, a, statement, out);
}

hm_err trust_sigstore_seal_artifact(struct hm_cx *cx, const struct sigstore_sealing *s,
				    const struct sigstore_artifact *a, struct hm_str *out)
{
	return seal_by(cx, s, a, HM_STR(""), out);
}

/* --- statements --- */

/* A subject of the statement, whichever: what is signed here is what it says. */
static hm_err own_digest(struct hm_cx *cx, void *arg, enum crypto_digest alg, struct hm_str *out)
{
	const struct statement *s = arg;
	const char *name = crypto_digest_rows[alg].name;
	for (size_t i = 0; i < s->subjects_n; i++)
		for (size_t k = 0; k < s->subjects[i].digests_n; k++) {
			const struct statement_digest *d = &s->subjects[i].digests[k];
			uint8_t *raw = hm_alloc(cx, d->value.n + 1, 1, 1);
			if (!hm_eqz(d->alg, name))
				continue;
			HM_TRY(hm_unhex(cx, d->value, raw));
			*out = hm_bytes(raw, d->value.n / 2);
			return NULL;
		}
	return hm_fail(cx, HM_TRUST, "no subject has a digest of the kind %s", name);
}

static hm_err own_bytes(struct hm_cx *cx, void *arg, struct hm_str *out)
{
	(void)arg, (void)out;
	return hm_fail(cx, HM_USAGE, "a statement is signed, not its subject");
}

hm_err trust_sigstore_seal_statement(struct hm_cx *cx, const struct sigstore_sealing *s,
				     struct hm_str statement, struct hm_str *out)
{
	struct statement parsed;
	struct sigstore_artifact a = { own_digest, own_bytes, &parsed };
	HM_TRY_IN(cx, statement_parse(cx, statement, &parsed), "statement");
	if (!statement_has_digest(&parsed, HM_STR("sha256")) &&
	    !statement_has_digest(&parsed, HM_STR("sha384")) &&
	    !statement_has_digest(&parsed, HM_STR("sha512")))
		return hm_hint(cx,
			       hm_fail(cx, HM_INPUT,
				       "statement: no subject has a SHA-2 digest, by which "
				       "verifiers find it"),
			       "give a subject a \"sha256\"");
	return seal_by(cx, s, &a, statement, out);
}
