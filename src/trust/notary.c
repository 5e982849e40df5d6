/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/examine.h"

#include "trust/trust.h"

/*
 * The Notary Project's signatures: a certificate chain that leads to a trust store, in the order
 * of signing-and-verification-workflow.md.
 */

/* What only a plugin could judge cannot be judged here. */
static hm_err check_attributes(struct hm_cx *cx, const struct trust_run *r)
{
	const struct envelope_signature *s = r->claim.signature;
	if (s->notary->verification_plugin.n)
		return trust_is_name(s->notary->verification_plugin)
			       ? NULL
			       : hm_fail(cx, HM_TRUST, "\"%.*s\" is not the name of a plugin",
					 HM_FMT(s->notary->verification_plugin));
	for (size_t i = 0; i < s->attributes_n; i++)
		if (s->attributes[i].critical)
			return hm_fail(cx, HM_TRUST, "critical attribute \"%.*s\" is not known",
				       HM_FMT(s->attributes[i].name));
	return NULL;
}

static hm_err name_signer(struct hm_cx *cx, const struct envelope_signature *s,
			  struct trust_signature *out)
{
	struct crypto_certificate_info leaf;
	HM_TRY(crypto_certificate_info(cx, &s->chain, 0, &leaf));
	out->identities = hm_new(cx, struct trust_identity, 1);
	out->identities[0] =
		(struct trust_identity){ TRUST_X509_SUBJECT, leaf.subject, leaf.issuer };
	out->identities_n = 1;
	return NULL;
}

static hm_err check_target(struct hm_cx *cx, const struct trust_run *r,
			   const struct oci_descriptor *target)
{
	const struct trust_subject *later = &r->x->known_later;
	if (!r->x->subject)
		return later->match(cx, later->arg, r->claim.signature->alg, target);
	if (!trust_same_target(target, r->x->subject))
		return hm_fail(cx, HM_TRUST, "it is a signature of something else (%.*s)",
			       HM_FMT(target->digest));
	return NULL;
}

static hm_err read_signature(struct hm_cx *cx, struct trust_run *r, struct hm_str media_type,
			     struct hm_str bytes)
{
	struct trust_claim *c = &r->claim;
	struct oci_descriptor target;
	HM_TRY(trust_claim_read(cx, media_type, bytes, c));
	HM_TRY(trust_claim_target(cx, c, &target));
	HM_TRY(name_signer(cx, c->signature, r->out));
	bool authority = c->notary->scheme == ENVELOPE_SIGNING_AUTHORITY;
	r->out->times[authority ? TRUST_TIME_AUTHORITY : TRUST_TIME_CLAIMED] =
		c->notary->signing_time;
	r->out->user_metadata = target.annotations;
	r->out->alg = c->signature->alg;
	r->out->expiry = c->notary->expiry;
	if (r->x->statement->require.algorithms[r->out->alg] == CRYPTO_FORBIDDEN)
		return hm_fail(cx, HM_TRUST, "the trust policy forbids algorithm %s",
			       crypto_alg_rows[r->out->alg].name);
	HM_TRY(trust_check_algorithms(cx, &r->x->statement->require, &c->signature->chain));
	HM_TRY(check_target(cx, r, &target));
	return check_attributes(cx, r);
}

static hm_err check_identity(struct hm_cx *cx, struct trust_run *r)
{
	const struct trust_requirement *require = &r->x->statement->require;
	struct crypto_attribute *subject = NULL;
	size_t n = 0;
	bool by_plugin;
	hm_err err = crypto_certificate_subject(cx, &r->claim.signature->chain, 0, &subject, &n);
	/* a subject that names nobody is somebody only where anybody is trusted */
	HM_TRY(trust_by_plugin_does(cx, r, TRUST_VERIFIES_IDENTITY, &by_plugin));
	if (err && !require->trusted.any && !by_plugin)
		return err;
	struct trust_person signer = { .subject = subject, .subject_n = n };
	r->out->roles = trust_roles_of(cx, require, r->out->alg, &signer);
	if (by_plugin || trust_admits(cx, &require->trusted, &signer))
		return NULL;
	return hm_fail(cx, HM_TRUST, "the signer \"%.*s\" is not one of the trusted identities",
		       HM_FMT(r->out->identities[0].value));
}

/* Who signed, and who would have had to vouch for it. */
static hm_err refuse_chain(struct hm_cx *cx, const struct trust_run *r)
{
	const struct hm_strs *stores = &r->x->statement->store_names;
	struct hm_str names = { "", 0 };
	for (size_t i = 0; i < stores->n; i++)
		if (!hm_starts(stores->p[i], HM_STR("tsa:")))
			names = hm_fmt(cx, "%.*s%s%.*s", HM_FMT(names), names.n ? ", " : "",
				       HM_FMT(stores->p[i]));
	return hm_fail(
		cx, HM_TRUST,
		"the certificate chain of signer \"%.*s\" does not lead to a trusted root in %.*s",
		HM_FMT(r->out->identities[0].value), HM_FMT(names));
}

static hm_err check_authenticity(struct hm_cx *cx, struct trust_run *r)
{
	struct crypto_chain roots;
	enum trust_store_type type =
		r->claim.notary->scheme == ENVELOPE_SIGNING_AUTHORITY ? TRUST_AUTHORITY : TRUST_CA;
	HM_TRY(trust_config_roots(cx, r->x->config, r->x->statement, type, &roots));
	if (!roots.n)
		return hm_fail(cx, HM_TRUST,
			       "the policy does not name a trust store of type \"%s\"",
			       trust_store_types[type]);
	if (!crypto_chain_has_root(&r->claim.signature->chain, &roots))
		return refuse_chain(cx, r);
	r->trusted = true;
	return check_identity(cx, r);
}

static hm_err check_revocation_of(struct hm_cx *cx, const struct trust_run *r,
				  const struct crypto_chain *c, bool vouched, int64_t signing_time)
{
	enum crypto_revocation state;
	struct hm_str why;
	/* Whom to ask the certificates say: where nobody vouches for them (authenticity is only
	 * logged) they would have this machine send requests to wherever they like. */
	struct trust_verify_options o = *r->x->options;
	o.http = vouched ? o.http : NULL;
	struct crypto_revocation_terms terms = { trust_fetch(&o), r->now, signing_time };
	HM_TRY(crypto_revocation_check(cx, c, &terms, &state, &why));
	if (state == CRYPTO_REVOKED)
		return hm_fail(cx, HM_TRUST, "%.*s", HM_FMT(why));
	if (state == CRYPTO_UNKNOWN)
		return hm_fail(cx, HM_TRUST, "revocation is not known: %.*s", HM_FMT(why));
	return NULL;
}

/* Every certificate was valid at both ends of what the timestamp allows. */
static hm_err check_countersignature(struct hm_cx *cx, struct trust_run *r,
				     const struct crypto_chain *roots)
{
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 };
	const struct envelope_signature *s = r->claim.signature;
	if (!s->timestamp.n)
		return hm_fail(cx, HM_TRUST, "it has no timestamp");
	HM_TRY(crypto_timestamp_verify(cx, s->timestamp, s->value, roots, &stamp));
	HM_TRY_IN(cx, trust_check_algorithms(cx, &r->x->statement->require, &stamp.chain),
		  "timestamp");
	HM_TRY_IN(cx, crypto_chain_valid_at(cx, &s->chain, stamp.earliest), "timestamp");
	HM_TRY_IN(cx, crypto_chain_valid_at(cx, &s->chain, stamp.latest), "timestamp");
	HM_TRY_IN(cx, check_revocation_of(cx, r, &stamp.chain, true, 0), "timestamp");
	struct crypto_certificate_info authority;
	HM_TRY_IN(cx, crypto_certificate_info(cx, &stamp.chain, 0, &authority), "timestamp");
	r->out->times[TRUST_TIME_STAMPED] = stamp.time;
	r->out->stamped_by = authority.subject;
	return NULL;
}

static bool names_tsa(const struct trust_statement *s)
{
	for (size_t i = 0; i < s->store_names.n; i++)
		if (hm_starts(s->store_names.p[i], HM_STR("tsa:")))
			return true;
	return false;
}

static hm_err has_expired(struct hm_cx *cx, const struct trust_run *r, bool *out)
{
	*out = false;
	for (size_t i = 0; i < r->claim.signature->chain.n; i++) {
		struct crypto_certificate_info info;
		HM_TRY(crypto_certificate_info(cx, &r->claim.signature->chain, i, &info));
		*out = *out || r->now > info.not_after;
	}
	return NULL;
}

static hm_err check_timestamp(struct hm_cx *cx, struct trust_run *r)
{
	const struct crypto_chain *chain = &r->claim.signature->chain;
	const struct envelope_notary *n = r->claim.notary;
	struct crypto_chain roots;
	bool wanted = names_tsa(r->x->statement), expired;
	if (n->scheme == ENVELOPE_SIGNING_AUTHORITY)
		return crypto_chain_valid_at(cx, chain, n->signing_time);
	if (wanted && r->x->statement->after_cert_expiry) {
		HM_TRY(has_expired(cx, r, &expired));
		wanted = expired;
	}
	if (!wanted)
		return crypto_chain_valid_at(cx, chain, r->now);
	HM_TRY(trust_config_roots(cx, r->x->config, r->x->statement, TRUST_TSA, &roots));
	return check_countersignature(cx, r, &roots);
}

static hm_err check_expiry(struct hm_cx *cx, struct trust_run *r)
{
	if (r->claim.notary->expiry && r->now >= r->claim.notary->expiry)
		return hm_fail(cx, HM_TRUST, "the signature expired at %s",
			       hm_rfc3339(cx, r->claim.notary->expiry).p);
	return NULL;
}

static hm_err check_revocation(struct hm_cx *cx, struct trust_run *r)
{
	const struct envelope_notary *n = r->claim.notary;
	bool by_plugin;
	HM_TRY(trust_by_plugin_does(cx, r, TRUST_VERIFIES_REVOCATION, &by_plugin));
	if (by_plugin)
		return trust_by_plugin_revocation(cx, r);
	return check_revocation_of(cx, r, &r->claim.signature->chain, r->trusted,
				   n->scheme == ENVELOPE_SIGNING_AUTHORITY ? n->signing_time : 0);
}

/* Were the certificates judged at a time that somebody other than the signer answers for? */
static bool is_timed(const struct trust_signature *s)
{
	return s->times[TRUST_TIME_AUTHORITY] || s->times[TRUST_TIME_STAMPED];
}

static hm_err find_end(struct hm_cx *cx, const struct trust_run *r, int64_t *out)
{
	const enum trust_action *actions = r->x->statement->actions;
	const struct crypto_chain *chain = &r->claim.signature->chain;
	bool chain_counts = actions[TRUST_TIMESTAMP] == TRUST_ENFORCE && !is_timed(r->out);
	int64_t end = INT64_MAX;
	if (r->out->expiry && actions[TRUST_EXPIRY] == TRUST_ENFORCE)
		end = r->out->expiry;
	for (size_t i = 0; i < chain->n && chain_counts; i++) {
		struct crypto_certificate_info info;
		HM_TRY(crypto_certificate_info(cx, chain, i, &info));
		end = info.not_after < end ? info.not_after : end;
	}
	*out = end;
	return NULL;
}

static void free_run(struct trust_run *r)
{
	trust_claim_done(&r->claim);
}

static const struct trust_step steps[] = { { TRUST_AUTHENTICITY, check_authenticity },
					   { TRUST_EXPIRY, check_expiry },
					   { TRUST_TIMESTAMP, check_timestamp },
					   { TRUST_REVOCATION, check_revocation },
					   { TRUST_CHECKS, NULL } };
static const struct trust_step last[] = { { TRUST_AUTHENTICITY, trust_by_plugin_identity },
					  { TRUST_INTEGRITY, trust_by_plugin_attributes },
					  { TRUST_CHECKS, NULL } };

const struct trust_profile trust_notary = { "notary", read_signature, steps,
					    last,     find_end,       free_run };
