/* SPDX-License-Identifier: Apache-2.0 */
/* From an old key to a new one: what the old key signed in a place, signed again. */
#include "trust/migrate.h"

#include "trust/config.h"
#include "trust/subjects.h"

const char *const trust_migration_names[TRUST_MIGRATION_STATES] = { "signed", "there already",
								    "refused", "failed" };

/* One signature of a subject, looked at. */
struct looked_at {
	struct hm_str digest; /* of what holds it */
	const struct envelope_format *format;
	struct oci_descriptor target;
	int64_t expiry;
};
struct looked_list {
	struct looked_at *p;
	size_t n, cap;
};

struct migration {
	struct oci_place *place;
	const struct trust_migration *o;
	struct crypto_key old_key, new_key; /* public */
	struct trust_migrated_list *out;
};

static void migration_done(struct migration *m)
{
	crypto_key_done(&m->old_key);
	crypto_key_done(&m->new_key);
}

/* Could it be otherwise on another try? */
static bool is_in_doubt(hm_err err)
{
	return err->code == HM_BUSY || err->code == HM_SYSTEM || err->code == HM_FULL ||
	       err->code == HM_DENIED;
}

static void add_result(struct hm_cx *cx, struct migration *m, const struct oci_descriptor *subject,
		       struct hm_str old, struct trust_migrated result)
{
	result.subject = *subject;
	result.old = old;
	*hm_push(cx, m->out) = result;
}

static void add_fault(struct hm_cx *cx, struct migration *m, const struct oci_descriptor *subject,
		      struct hm_str old, hm_err err)
{
	struct trust_migrated result = {
		.state = is_in_doubt(err) ? TRUST_MIGRATION_FAILED : TRUST_MIGRATION_REFUSED,
		.why = hm_cstr(err->why),
	};
	add_result(cx, m, subject, old, result);
}

/* The key, and not the certificate: one that was renewed is the same signer. */
static bool is_by(struct hm_cx *cx, const struct crypto_key *k, const struct crypto_chain *chain)
{
	return chain->n && !crypto_key_match(cx, k, chain);
}

/* Does an envelope that is no good say that it is the old key's? Then that is told. */
static bool claims_old(struct hm_cx *cx, const struct migration *m, struct hm_str type,
		       struct hm_str bytes)
{
	ENVELOPE_AUTO e = { 0 };
	return !envelope_parse(cx, type, bytes, &e) &&
	       is_by(cx, &m->old_key, &e.signatures[0].chain);
}

static hm_err read_claim(struct hm_cx *cx, const struct trust_claim *c,
			 const struct oci_descriptor *subject, struct looked_at *out)
{
	HM_TRY(trust_claim_target(cx, c, &out->target));
	if (!trust_same_target(&out->target, subject))
		return hm_fail(cx, HM_TRUST, "the signature is for something else");
	out->expiry = c->notary->expiry;
	return NULL;
}

static hm_err look_at_signature(struct hm_cx *cx, struct migration *m,
				const struct oci_descriptor *subject, const struct trust_found *f,
				struct looked_list lists[2])
{
	struct hm_str type, bytes;
	TRUST_AUTO_CLAIM claim = { 0 };
	struct looked_at one = { .digest = f->descriptor.digest };
	hm_err err = trust_fetch_envelope(cx, m->place, f, subject, &type, &bytes);
	if (err) {
		if (is_in_doubt(err))
			add_fault(cx, m, subject, one.digest, err);
		return NULL; /* what cannot be read at all is nobody's */
	}
	err = trust_claim_read(cx, type, bytes, &claim);
	if (err) {
		if (claims_old(cx, m, type, bytes))
			add_fault(cx, m, subject, one.digest, err);
		return NULL;
	}
	one.format = envelope_format_by_type(type);
	bool old = is_by(cx, &m->old_key, &claim.signature->chain);
	if (!old && !is_by(cx, &m->new_key, &claim.signature->chain))
		return NULL;
	err = read_claim(cx, &claim, subject, &one);
	if (!err)
		*hm_push(cx, &lists[!old]) = one;
	else if (old)
		add_fault(cx, m, subject, one.digest, err);
	return NULL;
}

static bool has_annotation(const struct oci_annotations *all, const struct oci_annotation *one)
{
	for (size_t i = 0; i < all->n; i++)
		if (hm_eq(all->p[i].key, one->key) && hm_eq(all->p[i].value, one->value))
			return true;
	return false;
}

static bool same_annotations(const struct oci_annotations *a, const struct oci_annotations *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!has_annotation(b, &a->p[i]))
			return false;
	return a->n == b->n;
}

/* Does a signature of the new key say all that the old one says, for as long? */
static const struct looked_at *find_again(const struct looked_list *news,
					  const struct looked_at *old)
{
	for (size_t i = 0; i < news->n; i++) {
		const struct looked_at *n = &news->p[i];
		bool lasts = !n->expiry || (old->expiry && n->expiry >= old->expiry);
		if (lasts && same_annotations(&n->target.annotations, &old->target.annotations))
			return n;
	}
	return NULL;
}

static hm_err sign_again(struct hm_cx *cx, struct migration *m,
			 const struct oci_descriptor *subject, const struct looked_at *old,
			 struct looked_list *news)
{
	struct trust_sign_options o = { .user_metadata = old->target.annotations,
					.now = m->o->now,
					.timestamping = m->o->timestamping,
					.format = old->format->sign ? old->format : NULL };
	struct trust_migrated result = { .state = TRUST_MIGRATION_SIGNED };
	struct oci_descriptor made;
	if (old->expiry && old->expiry <= m->o->now)
		return hm_fail(cx, HM_TRUST, "the old signature expired at %s",
			       hm_rfc3339(cx, old->expiry).p);
	o.expiry_seconds = old->expiry ? old->expiry - m->o->now : 0;
	HM_TRY(trust_sign(cx, m->place, subject, m->o->signer, &o, &made));
	result.signature = made.digest;
	add_result(cx, m, subject, old->digest, result);
	*hm_push(cx, news) =
		(struct looked_at){ made.digest, old->format, old->target, old->expiry };
	return NULL;
}

static hm_err migrate_subject(struct hm_cx *cx, struct migration *m,
			      const struct oci_descriptor *subject)
{
	struct looked_list lists[2] = { 0 }; /* the old key's, the new one's */
	struct trust_found *found;
	size_t n;
	HM_TRY(trust_collect(cx, m->place, subject, TRUST_NOTARYS, &found, &n));
	if (n > HM_MAX_SIGNATURES)
		return hm_fail(cx, HM_LIMIT, "it has more than %llu signatures",
			       (unsigned long long)HM_MAX_SIGNATURES);
	for (size_t i = 0; i < n; i++)
		HM_TRY(look_at_signature(cx, m, subject, &found[i], lists));
	for (size_t i = 0; i < lists[0].n; i++) {
		const struct looked_at *old = &lists[0].p[i], *again = find_again(&lists[1], old);
		hm_err err = NULL;
		if (again)
			add_result(cx, m, subject, old->digest,
				   (struct trust_migrated){ .state = TRUST_MIGRATION_THERE,
							    .signature = again->digest });
		else
			err = sign_again(cx, m, subject, old, &lists[1]);
		if (err)
			add_fault(cx, m, subject, old->digest, err);
	}
	return NULL;
}

static hm_err migrate_all(struct hm_cx *cx, struct migration *m, const struct oci_target *t)
{
	struct trust_subjects all;
	HM_TRY(trust_subjects_find(cx, m->place, t, &all));
	for (size_t i = 0; i < all.n; i++) {
		hm_err err = migrate_subject(cx, m, &all.p[i]);
		if (err)
			add_fault(cx, m, &all.p[i], HM_STR(""), err);
	}
	m->out->looked_at = all.n;
	m->out->only_tags = all.only_tags;
	return NULL;
}

hm_err trust_migrate(struct hm_cx *cx, struct oci_place *p, const struct oci_target *t,
		     const struct trust_migration *o, struct trust_migrated_list *out)
{
	struct trust_migration options = *o;
	HM_CLEANUP(migration_done) struct migration m = { .place = p, .o = &options, .out = out };
	const struct crypto_chain *new_chain;
	options.now = o->now ? o->now : hm_now();
	HM_TRY(crypto_chain_key(cx, o->old, &m.old_key));
	HM_TRY_IN(cx, trust_signer_find_chain(cx, o->signer, &new_chain), "key \"%.*s\"",
		  HM_FMT(o->signer->name));
	HM_TRY(crypto_chain_key(cx, new_chain, &m.new_key));
	if (is_by(cx, &m.old_key, new_chain))
		return hm_fail(cx, HM_USAGE, "the new key is the old one");
	*out = (struct trust_migrated_list){ 0 };
	return migrate_all(cx, &m, t);
}
