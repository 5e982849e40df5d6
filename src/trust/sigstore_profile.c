/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sigstore's signatures of images: bundles, and Cosign's older form, which is read as one. The
 * certificate is short-lived, so that nothing expires and nothing is revoked: what counts is when
 * it signed, by the word of a log or a timestamping authority, and whom it names.
 */
#include "codec/json.h"
#include "statement/statement.h"
#include "trust/examine.h"

#define SIGN_PREDICATE "https://sigstore.dev/cosign/sign/v1"

struct trust_bundle_run {
	struct envelope_bundle bundle;
	struct sigstore_known known; /* the digest that must be signed */
	struct sigstore_artifact artifact;
	struct sigstore_answer answer;
	struct statement statement; /* of a DSSE envelope */
	struct trust_roots_found roots;
	struct trust_keys_found keys;
	const struct trust_public_key *key; /* that has signed; NULL: a certificate */
};

/* --- what is signed --- */

/* Cosign's document is the artifact, by its bytes. */
static hm_err read_simple(struct hm_cx *cx, struct trust_run *r, struct hm_str bytes)
{
	struct envelope_simple s;
	struct hm_str *kept = hm_new(cx, struct hm_str, 1);
	*kept = bytes;
	r->bundle->artifact = trust_sigstore_text_artifact(kept);
	HM_TRY(envelope_simple_parse(cx, bytes, &s));
	if (!hm_eq(s.digest, r->x->subject->digest))
		return hm_fail(cx, HM_TRUST, "it is a signature of something else (%.*s)",
			       HM_FMT(s.digest));
	for (size_t i = 0; i < s.pairs_n; i++)
		*hm_push(cx, &r->out->user_metadata) =
			(struct oci_annotation){ s.pairs[i].key, s.pairs[i].value };
	return NULL;
}

static hm_err know_subject(struct hm_cx *cx, struct trust_run *r)
{
	struct trust_bundle_run *b = r->bundle;
	struct hm_str hex;
	if (r->x->artifact) {
		b->artifact = *r->x->artifact;
		return NULL;
	}
	HM_TRY(oci_digest_parse(cx, r->x->subject->digest, &b->known.alg, &hex));
	uint8_t *raw = hm_alloc(cx, CRYPTO_DIGEST_MAX, 1, 1);
	HM_TRY(hm_unhex(cx, hex, raw));
	b->known.raw = hm_bytes(raw, hex.n / 2);
	b->artifact = trust_sigstore_known_artifact(&b->known);
	return NULL;
}

/* Cosign's own predicate says that the subject is released, and nothing more; any other is a claim
 * about it. A signature over the manifest itself releases it, too. */
static hm_err read_predicate(struct hm_cx *cx, struct trust_run *r)
{
	const struct envelope *dsse = r->bundle->bundle.dsse;
	struct statement *s = &r->bundle->statement;
	if (!dsse)
		return NULL;
	HM_TRY_IN(cx, statement_parse(cx, dsse->payload, s), "statement");
	if (!hm_eqz(s->predicate_type, SIGN_PREDICATE) || json_size(s->predicate))
		r->out->predicate = s->predicate_type;
	if (r->out->predicate.n && r->x->options->wants_claims)
		r->out->claim = dsse->payload;
	return NULL;
}

hm_err trust_bundle_read(struct hm_cx *cx, struct hm_str media_type, struct hm_str bytes,
			 const struct oci_annotations *beside, struct envelope_bundle *out)
{
	static const struct oci_annotations none;
	const struct oci_annotations *a = beside ? beside : &none;
	if (envelope_bundle_version(media_type))
		return envelope_bundle_parse(cx, bytes, out);
	struct envelope_cosign parts = {
		.signature = oci_annotation_get(a, ENVELOPE_COSIGN_SIGNATURE),
		.certificate = oci_annotation_get(a, ENVELOPE_COSIGN_CERTIFICATE),
		.chain = oci_annotation_get(a, ENVELOPE_COSIGN_CHAIN),
		.bundle = oci_annotation_get(a, ENVELOPE_COSIGN_BUNDLE),
		.timestamp = oci_annotation_get(a, ENVELOPE_COSIGN_TIMESTAMP)
	};
	return envelope_cosign_read(cx, media_type, bytes, &parts, out);
}

static hm_err parse_bundle(struct hm_cx *cx, struct trust_run *r, struct hm_str media_type,
			   struct hm_str bytes)
{
	struct trust_bundle_run *b = r->bundle;
	HM_TRY(know_subject(cx, r));
	HM_TRY(trust_bundle_read(cx, media_type, bytes, r->x->beside, &b->bundle));
	return hm_eqz(media_type, ENVELOPE_SIMPLE_TYPE) ? read_simple(cx, r, bytes) : NULL;
}

/* --- who signed --- */

static struct sigstore_question question(const struct trust_bundle_run *b)
{
	return (struct sigstore_question){ .key = b->key ? &b->key->key : NULL,
					   .artifact = b->artifact };
}

static void name_signer(struct hm_cx *cx, struct trust_run *r, struct trust_identity who)
{
	r->out->identities = hm_new(cx, struct trust_identity, 1);
	r->out->identities[0] = who;
	r->out->identities_n = 1;
}

/* Is it by one of the keys that the statement believes? Which one the bundle calls its own, anybody
 * may have written. */
static hm_err find_key(struct hm_cx *cx, struct trust_run *r)
{
	struct trust_bundle_run *b = r->bundle;
	hm_err err = NULL;
	HM_TRY(trust_config_keys(cx, r->x->config, r->x->statement, &b->keys));
	if (!b->keys.n)
		return hm_fail(cx, HM_TRUST,
			       "it is signed with a key, and the policy does not name a trust "
			       "store of type \"key\"");
	for (size_t i = 0; i < b->keys.n; i++) {
		b->key = b->keys.p[i].key;
		struct sigstore_question q = question(b);
		err = trust_sigstore_check(cx, &b->bundle, &q, &b->answer);
		if (!err) {
			name_signer(cx, r,
				    (struct trust_identity){
					    TRUST_KEY_IDENTITY, b->key->id,
					    hm_fmt(cx, "key:%.*s", HM_FMT(b->keys.p[i].store)) });
			return NULL;
		}
		if (err->code != HM_TRUST && err->code != HM_INPUT)
			return err;
	}
	b->key = NULL;
	if (b->keys.n == 1)
		return err;
	return hm_fail(cx, HM_TRUST, "none of the %zu keys of the trust stores has signed it: %s",
		       b->keys.n, err->why);
}

static hm_err check_certificate(struct hm_cx *cx, struct trust_run *r)
{
	struct trust_bundle_run *b = r->bundle;
	struct sigstore_question q = question(b);
	HM_TRY(trust_sigstore_check(cx, &b->bundle, &q, &b->answer));
	struct sigstore_answer *a = &b->answer;
	HM_TRY(trust_sigstore_names(cx, &b->bundle, a));
	name_signer(cx, r,
		    (struct trust_identity){ TRUST_SIGSTORE_IDENTITY, a->subject, a->issuer });
	return NULL;
}

static hm_err read_signature(struct hm_cx *cx, struct trust_run *r, struct hm_str media_type,
			     struct hm_str bytes)
{
	struct trust_bundle_run *b = r->bundle = hm_new(cx, struct trust_bundle_run, 1);
	*b = (struct trust_bundle_run){ 0 };
	if (!r->x->subject && !r->x->artifact)
		return hm_fail(cx, HM_INPUT, "signatures of this form need an image or a file");
	HM_TRY(parse_bundle(cx, r, media_type, bytes));
	HM_TRY(read_predicate(cx, r));
	if (b->bundle.material == BUNDLE_KEY)
		HM_TRY(find_key(cx, r));
	else
		HM_TRY(check_certificate(cx, r));
	r->out->alg = b->answer.alg;
	if (r->x->statement->require.algorithms[r->out->alg] == CRYPTO_FORBIDDEN)
		return hm_fail(cx, HM_TRUST, "the trust policy forbids algorithm %s",
			       crypto_alg_rows[r->out->alg].name);
	return NULL;
}

/* --- is it to be believed? --- */

static hm_err check_chain(struct hm_cx *cx, const void *arg, const struct crypto_chain *c)
{
	return trust_check_algorithms(cx, arg, c);
}

/* By the first of the roots that it holds by. A key needs no log, unless there is a root that says
 * which logs count. */
static hm_err ask_roots(struct hm_cx *cx, struct trust_run *r)
{
	struct trust_bundle_run *b = r->bundle;
	struct sigstore_question q = question(b);
	hm_err err = NULL;
	HM_TRY(trust_config_sigstore_roots(cx, r->x->config, r->x->statement, r->now, &b->roots));
	q.chains = (struct sigstore_chain_rule){ check_chain, &r->x->statement->require };
	if (!b->roots.n && !b->key)
		return hm_fail(cx, HM_TRUST,
			       "the policy does not name a trust store of type \"sigstore\"");
	q.allow_no_log = !b->roots.n;
	if (!b->roots.n)
		return trust_sigstore_verify(cx, &b->bundle, &q, &b->answer);
	for (size_t i = 0; i < b->roots.n; i++) {
		q.root = b->roots.p[i];
		err = trust_sigstore_verify(cx, &b->bundle, &q, &b->answer);
		if (!err || (err->code != HM_TRUST && err->code != HM_INPUT))
			return err;
	}
	return err;
}

static void enter_times(struct trust_run *r)
{
	const struct sigstore_answer *a = &r->bundle->answer;
	for (size_t i = 0; i < a->times_n; i++) {
		const struct sigstore_time *t = &a->times[i];
		bool log = t->by == SIGSTORE_BY_LOG;
		r->out->times[log ? TRUST_TIME_LOGGED : TRUST_TIME_STAMPED] = t->time;
		if (!log)
			r->out->stamped_by = t->whose;
	}
	r->out->in_log = a->in_log;
	r->out->log_index = a->log_index;
}

static void find_person(struct hm_cx *cx, const struct trust_bundle_run *b, struct hm_strs *keys,
			struct trust_person *out)
{
	*out = (struct trust_person){ 0 };
	for (size_t i = 0; i < b->keys.n && b->key; i++)
		if (hm_eq(b->keys.p[i].key->id, b->key->id))
			*hm_push(cx, keys) = b->keys.p[i].store;
	if (b->key)
		out->keys = keys;
	else
		out->certificate = &b->answer;
}

static hm_err check_authenticity(struct hm_cx *cx, struct trust_run *r)
{
	const struct trust_requirement *require = &r->x->statement->require;
	struct hm_strs keys = { 0 };
	struct trust_person who;
	HM_TRY(ask_roots(cx, r));
	enter_times(r);
	find_person(cx, r->bundle, &keys, &who);
	r->out->roles = trust_roles_of(cx, require, r->out->alg, &who);
	/* whom an attestation trusts for its claim is trusted for no other */
	bool is_claim = r->out->predicate.n > 0;
	if (is_claim)
		r->out->attestations = trust_attestations_of(cx, require, &r->bundle->statement,
							     &who, &r->out->unmet);
	if (trust_admits(cx, &require->trusted, &who) ||
	    (is_claim && trust_attesters_of(cx, require, r->out->predicate, &who)))
		return NULL;
	const struct trust_identity *signer = &r->out->identities[0];
	return hm_fail(cx, HM_TRUST,
		       "the signer \"%.*s\" (%.*s) is not one of the trusted identities",
		       HM_FMT(signer->value), HM_FMT(signer->issuer));
}

/* Times have been proved with the rest; of a key nobody needs to know when it signed. */
static hm_err hold(struct hm_cx *cx, struct trust_run *r)
{
	(void)cx, (void)r;
	return NULL;
}

/* What a signature was good for stays so, as long as the trust data are young enough to say it: all
 * of the statement's stores are asked for their age. A key has no end. */
static hm_err find_end(struct hm_cx *cx, const struct trust_run *r, int64_t *out)
{
	bool counts = r->x->statement->actions[TRUST_AUTHENTICITY] == TRUST_ENFORCE;
	(void)cx;
	*out = counts && r->bundle->roots.n ? r->bundle->roots.end : INT64_MAX;
	return NULL;
}

static void free_run(struct trust_run *r)
{
	if (r->bundle)
		envelope_bundle_done(&r->bundle->bundle);
}

static const struct trust_step steps[] = { { TRUST_AUTHENTICITY, check_authenticity },
					   { TRUST_EXPIRY, hold },
					   { TRUST_TIMESTAMP, hold },
					   { TRUST_REVOCATION, hold },
					   { TRUST_CHECKS, NULL } };
static const struct trust_step last[] = { { TRUST_CHECKS, NULL } };

const struct trust_profile trust_sigstore = { "sigstore", read_signature, steps,
					      last,       find_end,       free_run };
