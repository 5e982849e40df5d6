/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"
#include "envelope/envelope.h"
#include "statement/statement.h"
#include "trust/sigstore/run.h"

/* --- the signature itself --- */

static hm_err known_digest(struct hm_cx *cx, void *arg, enum crypto_digest alg, struct hm_str *out)
{
	const struct sigstore_known *k = arg;
	if (alg != k->alg)
		return hm_fail(cx, HM_TRUST, "only the artifact's %s is known, and not its %s",
			       crypto_digest_rows[k->alg].name, crypto_digest_rows[alg].name);
	*out = k->raw;
	return NULL;
}

static hm_err no_bytes(struct hm_cx *cx, void *arg, struct hm_str *out)
{
	(void)arg, (void)out;
	return hm_fail(cx, HM_TRUST,
		       "the signature is over the artifact itself, of which only a "
		       "digest is known");
}

struct sigstore_artifact trust_sigstore_known_artifact(const struct sigstore_known *k)
{
	return (struct sigstore_artifact){ known_digest, no_bytes, (void *)(uintptr_t)k };
}

static hm_err digest_of_text(struct hm_cx *cx, void *arg, enum crypto_digest alg,
			     struct hm_str *out)
{
	*out = crypto_digest_raw(cx, alg, *(const struct hm_str *)arg);
	return NULL;
}

static hm_err text_itself(struct hm_cx *cx, void *arg, struct hm_str *out)
{
	(void)cx;
	*out = *(const struct hm_str *)arg;
	return NULL;
}

struct sigstore_artifact trust_sigstore_text_artifact(const struct hm_str *text)
{
	return (struct sigstore_artifact){ digest_of_text, text_itself, (void *)(uintptr_t)text };
}

static hm_err check_message(struct hm_cx *cx, const struct sigstore_run *r)
{
	const struct envelope_bundle *b = r->bundle;
	const struct sigstore_artifact *a = &r->q->artifact;
	enum crypto_digest alg = crypto_alg_rows[r->key.alg].digest;
	struct hm_str own;
	HM_TRY(a->digest(cx, a->arg, b->digest_alg, &own));
	if (!hm_eq(b->digest, own))
		return hm_fail(cx, HM_TRUST, "it is a signature of another artifact");
	if (alg == CRYPTO_DIGESTS) {
		HM_TRY(a->bytes(cx, a->arg, &own));
		return crypto_verify(cx, &r->key, r->key.alg, own, b->signature);
	}
	HM_TRY(a->digest(cx, a->arg, alg, &own));
	return crypto_verify_digest(cx, &r->key, own, b->signature);
}

/* Is the artifact a subject, by any digest that it can be told by? */
static hm_err find_subject(struct hm_cx *cx, const struct sigstore_artifact *a,
			   const struct statement *s)
{
	static const enum crypto_digest algs[] = { CRYPTO_SHA256, CRYPTO_SHA384, CRYPTO_SHA512 };
	for (size_t i = 0; i < HM_LEN(algs); i++) {
		const char *name = crypto_digest_rows[algs[i]].name;
		struct hm_str own;
		if (!statement_has_digest(s, hm_cstr(name)))
			continue;
		hm_err err = a->digest(cx, a->arg, algs[i], &own);
		if (err && err->code != HM_TRUST)
			return err;
		if (!err &&
		    statement_names(s, hm_fmt(cx, "%s:%.*s", name, HM_FMT(hm_hex(cx, own)))))
			return NULL;
	}
	return hm_fail(cx, HM_TRUST, "it is a statement about something else");
}

static hm_err check_statement(struct hm_cx *cx, const struct sigstore_run *r)
{
	const struct envelope *e = r->bundle->dsse;
	struct statement s;
	HM_TRY(crypto_verify(cx, &r->key, r->key.alg, r->signed_bytes, r->bundle->signature));
	if (!hm_eqz(e->content_type, STATEMENT_CONTENT_TYPE))
		return hm_fail(cx, HM_INPUT, "payloads of type \"%.*s\" are not supported",
			       HM_FMT(e->content_type));
	HM_TRY_IN(cx, statement_parse(cx, e->payload, &s), "statement");
	HM_TRY(find_subject(cx, &r->q->artifact, &s));
	r->out->payload = e->payload;
	r->out->content_type = e->content_type;
	return NULL;
}

static hm_err check_signature(struct hm_cx *cx, struct sigstore_run *r)
{
	if (r->bundle->dsse)
		HM_TRY_IN(cx, check_statement(cx, r), "DSSE envelope");
	else
		HM_TRY_IN(cx, check_message(cx, r), "signature");
	return NULL;
}

/* --- whose key --- */

static hm_err take_key(struct hm_cx *cx, struct sigstore_run *r)
{
	const struct envelope_bundle *b = r->bundle;
	if (r->q->key) {
		if (b->material != BUNDLE_KEY)
			return hm_fail(cx, HM_TRUST,
				       "it is signed with a certificate, not with a key");
		HM_TRY(crypto_key_share(cx, r->q->key, &r->key));
		return crypto_public_key_der(cx, r->q->key, &r->verifier);
	}
	if (b->material == BUNDLE_KEY)
		return hm_fail(cx, HM_TRUST,
			       "it is signed with a key, and none is given to hold it "
			       "against");
	r->verifier = b->chain.der[0];
	HM_TRY_IN(cx, crypto_certificate_key_any(cx, &b->chain, 0, &r->key), "certificate");
	return NULL;
}

/* --- time --- */

static hm_err check_timestamp(struct hm_cx *cx, struct sigstore_run *r,
			      const struct sigstore_authority *a, struct hm_str token)
{
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 };
	struct crypto_certificate_info who;
	HM_TRY(crypto_timestamp_verify_by(cx, token, r->bundle->signature, &a->chain, &stamp));
	if (!sigstore_is_valid_at(&a->valid, stamp.time))
		return hm_fail(cx, HM_TRUST,
			       "the timestamping authority is not believed for that "
			       "time");
	HM_TRY(sigstore_check_chain(cx, r, &stamp.chain));
	HM_TRY(crypto_certificate_info(cx, &stamp.chain, 0, &who));
	*hm_push(cx, &r->times) =
		(struct sigstore_time){ SIGSTORE_BY_AUTHORITY, stamp.time, who.subject };
	return NULL;
}

/* By any of the authorities; the last fault is the answer where it is by none. */
static hm_err check_response(struct hm_cx *cx, struct sigstore_run *r, struct hm_str response)
{
	const struct sigstore_root *root = r->q->root;
	struct hm_str token;
	hm_err err = NULL;
	HM_TRY(crypto_timestamp_token(cx, response, &token));
	for (size_t i = 0; i < root->timestampers_n; i++) {
		err = check_timestamp(cx, r, &root->timestampers[i], token);
		if (!err || (err->code != HM_TRUST && err->code != HM_INPUT))
			return err;
	}
	return err ? err : hm_fail(cx, HM_TRUST, "no timestamping authority is known");
}

hm_err trust_sigstore_check_timestamps(struct hm_cx *cx, struct sigstore_run *r)
{
	const struct envelope_bundle *b = r->bundle;
	for (size_t i = 0; i < b->timestamps_n; i++) {
		for (size_t k = 0; k < i; k++)
			if (hm_eq(b->timestamps[k], b->timestamps[i]))
				return hm_fail(cx, HM_TRUST, "a timestamp is there twice");
		HM_TRY_IN(cx, check_response(cx, r, b->timestamps[i]), "timestamp %zu", i + 1);
	}
	return NULL;
}

static bool needs_no_log(const struct sigstore_question *q)
{
	return q->key && q->allow_no_log;
}

/* --- all of it --- */

static hm_err begin(struct hm_cx *cx, struct sigstore_run *r)
{
	HM_TRY(take_key(cx, r));
	if (r->bundle->dsse)
		r->signed_bytes = r->bundle->dsse->signatures[0].signed_bytes;
	r->out->alg = r->key.alg;
	return NULL;
}

/* The authority that says of itself that it issued the certificate; NULL: none does. */
static const struct crypto_chain *find_issuer(const struct sigstore_run *r)
{
	const struct sigstore_root *root = r->q->root;
	for (size_t i = 0; i < root->authorities_n; i++)
		if (crypto_link_named(&r->bundle->chain, 0, &root->authorities[i].chain, 0))
			return &root->authorities[i].chain;
	return NULL;
}

static bool is_proven(const struct crypto_chain *c)
{
	for (size_t i = 0; i + 1 < c->n; i++)
		if (!crypto_link_proven(c, i, c, i + 1))
			return false;
	return true;
}

static hm_err prove(struct hm_cx *cx, void *arg)
{
	const struct crypto_chain *c = arg;
	(void)cx;
	for (size_t i = 0; i + 1 < c->n; i++)
		crypto_link_prove(c, i, c, i + 1);
	return NULL;
}

static hm_err check_times(struct hm_cx *cx, struct sigstore_run *r)
{
	HM_TRY(trust_sigstore_check_timestamps(cx, r));
	HM_TRY(trust_sigstore_check_entries(cx, r));
	if (!r->times.n && !needs_no_log(r->q))
		return hm_fail(cx, HM_TRUST, "nobody who is known says when it was signed");
	return NULL;
}

/* The authority's own signatures, of P-384 mostly, take longer than all that comes before them:
 * the first time another processor computes them meanwhile. */
static hm_err check_times_beside(struct hm_cx *cx, struct sigstore_run *r)
{
	const struct crypto_chain *issuer = r->q->key ? NULL : find_issuer(r);
	HM_AUTO_TASK task = { 0 };
	if (!issuer || is_proven(issuer) || hm_processors() < 2)
		return check_times(cx, r);
	bool aside = hm_task_start_aside(cx, &task, HM_KIB, prove, (void *)(uintptr_t)issuer);
	HM_TRY(check_times(cx, r));
	if (aside)
		crypto_link_prove(&r->bundle->chain, 0, issuer, 0);
	return aside ? hm_task_end(cx, &task) : NULL;
}

static hm_err verify(struct hm_cx *cx, struct sigstore_run *r)
{
	HM_TRY(begin(cx, r));
	if (r->q->root)
		HM_TRY(check_times_beside(cx, r));
	else if (!needs_no_log(r->q))
		return hm_fail(cx, HM_USAGE, "a trusted root is needed to believe a log");
	if (!r->q->key)
		HM_TRY(trust_sigstore_check_certificate(cx, r));
	HM_TRY(check_signature(cx, r));
	r->out->times = r->times.p;
	r->out->times_n = r->times.n;
	return NULL;
}

hm_err trust_sigstore_verify(struct hm_cx *cx, const struct envelope_bundle *b,
			     const struct sigstore_question *q, struct sigstore_answer *out)
{
	struct sigstore_run r = { .bundle = b, .q = q, .out = out };
	*out = (struct sigstore_answer){ 0 };
	hm_err err = verify(cx, &r);
	crypto_key_done(&r.key);
	return err;
}

static hm_err check(struct hm_cx *cx, struct sigstore_run *r)
{
	HM_TRY(begin(cx, r));
	return check_signature(cx, r);
}

hm_err trust_sigstore_check(struct hm_cx *cx, const struct envelope_bundle *b,
			    const struct sigstore_question *q, struct sigstore_answer *out)
{
	struct sigstore_run r = { .bundle = b, .q = q, .out = out };
	*out = (struct sigstore_answer){ 0 };
	hm_err err = check(cx, &r);
	crypto_key_done(&r.key);
	return err;
}
