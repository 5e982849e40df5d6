/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/trust.h"

#include "trust/config.h"

/*
 * One signature, check by check, in the order of signing-and-verification-workflow.md. An enforced
 * check that is not good ends it: what comes after is left as "not checked".
 */

/* A fault of these kinds is the check's answer; any other means that it could not be made. */
static bool is_answer(hm_err err)
{
	return err->code == HM_INPUT || err->code == HM_TRUST || err->code == HM_ABSENT ||
	       err->code == HM_LIMIT || err->code == HM_USAGE;
}

static void init_results(const struct trust_statement *s, struct trust_signature *out)
{
	for (size_t i = 0; i < TRUST_CHECKS; i++)
		out->results[i] = (struct trust_result){ .check = (enum trust_check)i,
							 .action = s->actions[i],
							 .why = HM_STR("not checked") };
}

/* What only a plugin could judge cannot be judged here. */
static hm_err check_attributes(struct hm_cx *cx, const struct envelope_signature *s)
{
	if (s->notary->verification_plugin.n)
		return hm_fail(
			cx, HM_TRUST,
			"it must be verified by plugin \"%.*s\", and plugins are not supported",
			HM_FMT(s->notary->verification_plugin));
	for (size_t i = 0; i < s->attributes_n; i++)
		if (s->attributes[i].critical)
			return hm_fail(cx, HM_TRUST, "critical attribute \"%.*s\" is not known",
				       HM_FMT(s->attributes[i].name));
	return NULL;
}

static hm_err check_integrity(struct hm_cx *cx, struct trust_examination *x,
			      struct hm_str media_type, struct hm_str bytes,
			      struct trust_signature *out)
{
	struct trust_claim *c = &x->claim;
	struct oci_descriptor target;
	struct crypto_certificate_info leaf;
	HM_TRY(trust_claim_read(cx, media_type, bytes, c));
	HM_TRY(trust_claim_target(cx, c, &target));
	HM_TRY(crypto_certificate_info(cx, &c->signature->chain, 0, &leaf));
	out->identity = leaf.subject;
	out->issuer = leaf.issuer;
	out->user_metadata = target.annotations;
	out->signing_time = c->notary->signing_time;
	out->expiry = c->notary->expiry;
	if (!trust_same_target(&target, x->subject))
		return hm_fail(cx, HM_TRUST, "it is a signature of something else (%.*s)",
			       HM_FMT(target.digest));
	return check_attributes(cx, c->signature);
}

static hm_err check_identity(struct hm_cx *cx, const struct trust_examination *x)
{
	const struct trust_statement *s = x->statement;
	struct crypto_attribute *subject;
	size_t n;
	if (s->any_identity)
		return NULL;
	HM_TRY(crypto_certificate_subject(cx, &x->claim.signature->chain, 0, &subject, &n));
	for (size_t i = 0; i < s->identities_n; i++)
		if (s->identities[i].attributes_n &&
		    crypto_dn_within(s->identities[i].attributes, s->identities[i].attributes_n,
				     subject, n))
			return NULL;
	struct crypto_certificate_info leaf;
	HM_TRY(crypto_certificate_info(cx, &x->claim.signature->chain, 0, &leaf));
	return hm_fail(cx, HM_TRUST,
		       "the signer \"%.*s\" is none of the policy's trusted identities",
		       HM_FMT(leaf.subject));
}

/* Who signed, and who would have had to vouch for it. */
static hm_err untrusted(struct hm_cx *cx, const struct trust_examination *x)
{
	const struct hm_strs *stores = &x->statement->store_names;
	struct hm_str names = { "", 0 };
	struct crypto_certificate_info leaf;
	HM_TRY(crypto_certificate_info(cx, &x->claim.signature->chain, 0, &leaf));
	for (size_t i = 0; i < stores->n; i++)
		if (!hm_starts(stores->p[i], HM_STR("tsa:")))
			names = hm_fmt(cx, "%.*s%s%.*s", HM_FMT(names), names.n ? ", " : "",
				       HM_FMT(stores->p[i]));
	return hm_fail(cx, HM_TRUST,
		       "the certificate chain of signer \"%.*s\" leads to no trusted root of %.*s",
		       HM_FMT(leaf.subject), HM_FMT(names));
}

static hm_err check_authenticity(struct hm_cx *cx, struct trust_examination *x)
{
	struct crypto_chain roots;
	bool authority = x->claim.notary->scheme == ENVELOPE_SIGNING_AUTHORITY;
	HM_TRY(trust_config_roots(cx, x->config, x->statement,
				  authority ? TRUST_AUTHORITY : TRUST_CA, &roots));
	if (!roots.n)
		return hm_fail(cx, HM_TRUST, "the policy names no trust store of type \"%s\"",
			       trust_store_types[authority ? TRUST_AUTHORITY : TRUST_CA]);
	if (!crypto_chain_has_root(&x->claim.signature->chain, &roots))
		return untrusted(cx, x);
	x->trusted = true;
	return check_identity(cx, x);
}

static hm_err check_revocation_of(struct hm_cx *cx, const struct trust_examination *x,
				  const struct crypto_chain *c, int64_t signing_time)
{
	enum crypto_revocation state;
	struct hm_str why;
	/* Whom to ask the certificates say: where nobody vouches for them (authenticity is only
	 * logged) they would have this machine send requests to wherever they like. */
	struct trust_verify_options o = *x->options;
	o.http = x->trusted ? o.http : NULL;
	HM_TRY(crypto_revocation_check(cx, c, trust_fetch(&o), x->now, signing_time, &state, &why));
	if (state == CRYPTO_REVOKED)
		return hm_fail(cx, HM_TRUST, "%.*s", HM_FMT(why));
	if (state == CRYPTO_UNKNOWN)
		return hm_fail(cx, HM_TRUST, "revocation is not known: %.*s", HM_FMT(why));
	return NULL;
}

/* Every certificate was valid at both ends of what the timestamp allows. */
static hm_err check_countersignature(struct hm_cx *cx, struct trust_examination *x,
				     const struct crypto_chain *roots)
{
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 };
	const struct envelope_signature *s = x->claim.signature;
	if (!s->timestamp.n)
		return hm_fail(cx, HM_TRUST, "it has no timestamp");
	HM_TRY(crypto_timestamp_verify(cx, s->timestamp, s->value, roots, &stamp));
	HM_TRY_IN(cx, crypto_chain_valid_at(cx, &s->chain, stamp.time - stamp.accuracy),
		  "timestamp");
	HM_TRY_IN(cx, crypto_chain_valid_at(cx, &s->chain, stamp.time + stamp.accuracy),
		  "timestamp");
	HM_TRY_IN(cx, check_revocation_of(cx, x, &stamp.chain, 0), "timestamp");
	x->timestamped = true;
	return NULL;
}

static bool names_tsa(const struct trust_statement *s)
{
	for (size_t i = 0; i < s->store_names.n; i++)
		if (hm_starts(s->store_names.p[i], HM_STR("tsa:")))
			return true;
	return false;
}

static hm_err has_expired(struct hm_cx *cx, const struct trust_examination *x, bool *out)
{
	*out = false;
	for (size_t i = 0; i < x->claim.signature->chain.n; i++) {
		struct crypto_certificate_info info;
		HM_TRY(crypto_certificate_info(cx, &x->claim.signature->chain, i, &info));
		*out = *out || x->now > info.not_after;
	}
	return NULL;
}

static hm_err check_timestamp(struct hm_cx *cx, struct trust_examination *x)
{
	const struct crypto_chain *chain = &x->claim.signature->chain;
	const struct envelope_notary *n = x->claim.notary;
	struct crypto_chain roots;
	bool wanted = names_tsa(x->statement), expired;
	if (n->scheme == ENVELOPE_SIGNING_AUTHORITY) {
		x->timestamped = true;
		return crypto_chain_valid_at(cx, chain, n->signing_time);
	}
	if (wanted && x->statement->after_cert_expiry) {
		HM_TRY(has_expired(cx, x, &expired));
		wanted = expired;
	}
	if (!wanted)
		return crypto_chain_valid_at(cx, chain, x->now);
	HM_TRY(trust_config_roots(cx, x->config, x->statement, TRUST_TSA, &roots));
	return check_countersignature(cx, x, &roots);
}

static hm_err check_expiry(struct hm_cx *cx, struct trust_examination *x)
{
	if (x->claim.notary->expiry && x->now >= x->claim.notary->expiry)
		return hm_fail(cx, HM_TRUST, "the signature expired at %s",
			       hm_rfc3339(cx, x->claim.notary->expiry).p);
	return NULL;
}

static hm_err check_revocation(struct hm_cx *cx, struct trust_examination *x)
{
	const struct envelope_notary *n = x->claim.notary;
	return check_revocation_of(cx, x, &x->claim.signature->chain,
				   n->scheme == ENVELOPE_SIGNING_AUTHORITY ? n->signing_time : 0);
}

/* The metadata that the caller asks for belongs to what was signed. */
static hm_err check_metadata(struct hm_cx *cx, const struct trust_examination *x,
			     const struct trust_signature *s)
{
	const struct oci_annotations *want = &x->options->user_metadata;
	for (size_t i = 0; i < want->n; i++) {
		bool found = false;
		for (size_t k = 0; k < s->user_metadata.n && !found; k++)
			found = hm_eq(want->p[i].key, s->user_metadata.p[k].key) &&
				hm_eq(want->p[i].value, s->user_metadata.p[k].value);
		if (!found)
			return hm_fail(cx, HM_TRUST, "its metadata has no %.*s=%.*s",
				       HM_FMT(want->p[i].key), HM_FMT(want->p[i].value));
	}
	return NULL;
}

/* Enter a check's outcome. false: the signature is refused, and the rest needs no looking at. */
static bool enter(struct trust_signature *out, enum trust_check check, hm_err err)
{
	struct trust_result *r = &out->results[check];
	r->good = !err;
	r->why = err ? hm_cstr(err->why) : HM_STR("");
	if (!err || r->action != TRUST_ENFORCE)
		return true;
	out->why = r->why;
	return false;
}

/* Only what is enforced limits how long the verdict holds. */
static hm_err find_end(struct hm_cx *cx, const struct trust_examination *x,
		       struct trust_signature *out)
{
	int64_t end = INT64_MAX;
	if (x->claim.notary->expiry && out->results[TRUST_EXPIRY].action == TRUST_ENFORCE)
		end = x->claim.notary->expiry;
	for (size_t i = 0; i < x->claim.signature->chain.n; i++) {
		struct crypto_certificate_info info;
		if (x->timestamped || out->results[TRUST_TIMESTAMP].action != TRUST_ENFORCE)
			break;
		HM_TRY(crypto_certificate_info(cx, &x->claim.signature->chain, i, &info));
		end = info.not_after < end ? info.not_after : end;
	}
	out->valid_until = end;
	return NULL;
}

hm_err trust_examine(struct hm_cx *cx, struct trust_examination *x, struct hm_str media_type,
		     struct hm_str bytes, struct trust_signature *out)
{
	static const struct {
		enum trust_check check;
		hm_err (*run)(struct hm_cx *cx, struct trust_examination *x);
	} steps[] = { { TRUST_AUTHENTICITY, check_authenticity },
		      { TRUST_EXPIRY, check_expiry },
		      { TRUST_TIMESTAMP, check_timestamp },
		      { TRUST_REVOCATION, check_revocation } };
	init_results(x->statement, out);
	hm_err err = check_integrity(cx, x, media_type, bytes, out);
	if (err && !is_answer(err))
		return err;
	if (!enter(out, TRUST_INTEGRITY, err))
		return NULL;
	for (size_t i = 0; i < HM_LEN(steps); i++) {
		if (x->statement->actions[steps[i].check] == TRUST_SKIPPED)
			continue;
		err = steps[i].run(cx, x);
		if (err && !is_answer(err))
			return err;
		if (!enter(out, steps[i].check, err))
			return NULL;
	}
	err = check_metadata(cx, x, out);
	if (err) {
		out->why = hm_cstr(err->why);
		return NULL;
	}
	HM_TRY(find_end(cx, x, out));
	out->good = true;
	return NULL;
}
