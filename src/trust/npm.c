/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What npm's registry says of a package: that it took it in, under that name and version. The
 * registry signs with keys of its own, which Sigstore's TUF repository publishes, too (keys.json).
 * Source: npm's documentation of its attestations (github.com/npm/attestation, specs/publish).
 */
#include "trust/npm.h"

#include "codec/base64.h"
#include "codec/json.h"
#include "statement/statement.h"
#include "trust/config.h"
#include "trust/sigstore/run.h"

#define PUBLISH "https://github.com/npm/attestation/tree/main/specs/publish/"

/* --- names --- */

/* "@scope/name@1.0.0" of a purl; empty: it is not npm's. */
static struct hm_str package_of(struct hm_cx *cx, struct hm_str purl)
{
	static const struct hm_str type = HM_STR_INIT("pkg:npm/"), at = HM_STR_INIT("%40");
	if (!hm_starts(purl, type))
		return HM_STR("");
	struct hm_str name = hm_from(purl, type.n);
	return hm_starts(name, at) ? hm_fmt(cx, "@%.*s", HM_FMT(hm_from(name, at.n))) : name;
}

/* The one thing that the statement is about, by its name in npm. */
static hm_err find_package(struct hm_cx *cx, const struct statement *s, struct hm_str *out)
{
	if (s->subjects_n != 1)
		return hm_fail(cx, HM_TRUST, "it is about %zu things, not about one package",
			       s->subjects_n);
	*out = package_of(cx, s->subjects[0].name);
	return out->n ? NULL
		      : hm_fail(cx, HM_TRUST, "it is about \"%.*s\", which is not a package of npm",
				HM_FMT(s->subjects[0].name));
}

static bool is_package(struct hm_str has, struct hm_str wanted)
{
	size_t version = hm_rfind_char(has, '@');
	return hm_eq(has, wanted) ||
	       (version != SIZE_MAX && version && hm_eq(hm_sub(has, 0, version), wanted));
}

static hm_err check_package(struct hm_cx *cx, const struct statement *s, struct hm_str wanted,
			    struct hm_str *out)
{
	HM_TRY(find_package(cx, s, out));
	if (wanted.n && !is_package(*out, wanted))
		return hm_fail(cx, HM_TRUST, "it is about package \"%.*s\", not \"%.*s\"",
			       HM_FMT(*out), HM_FMT(wanted));
	return NULL;
}

/* --- the registry's word --- */

struct key {
	struct crypto_key key;
	struct sigstore_validity valid;
};

static hm_err read_key(struct hm_cx *cx, struct json v, struct key *out)
{
	struct hm_str text, der;
	HM_TRY(json_need_str(cx, json_get(v, "publicKey"), "rawBytes", &text));
	HM_TRY(base64_parse(cx, BASE64_STD, text, &der));
	HM_TRY(trust_sigstore_read_validity(cx, json_get(v, "publicKey"), false, &out->valid));
	return crypto_public_key_any(cx, der, &out->key);
}

/* The registry's key for attestations that the bundle says it is signed with. */
static hm_err find_key(struct hm_cx *cx, struct hm_str keys, struct hm_str hint, struct key *out)
{
	struct json top, list;
	HM_TRY(json_parse(cx, keys, JSON_STRICT, &top));
	HM_TRY(json_need(cx, top, "keys", &list));
	for (struct json_iter it = json_iter(list); json_next(&it);)
		if (hm_eqz(json_str(json_get(it.value, "keyUsage")), "npm:attestations") &&
		    hint.n && hm_eq(json_str(json_get(it.value, "keyId")), hint))
			return read_key(cx, it.value, out);
	return hm_fail(cx, HM_TRUST, "it is signed with a key \"%.*s\" that is not the registry's",
		       HM_FMT(hint));
}

static hm_err check_times(struct hm_cx *cx, const struct sigstore_answer *a, const struct key *k)
{
	for (size_t i = 0; i < a->times_n; i++)
		if (!sigstore_is_valid_at(&k->valid, a->times[i].time))
			return hm_fail(cx, HM_TRUST,
				       "the registry's key is not believed for that time");
	return NULL;
}

/* Its subject, what it says of it, and what the provenance is about are the same package. */
static hm_err check_published(struct hm_cx *cx, const struct statement *s, struct hm_str wanted)
{
	struct hm_str has, name, version;
	HM_TRY(json_need_str(cx, s->predicate, "name", &name));
	HM_TRY(json_need_str(cx, s->predicate, "version", &version));
	HM_TRY(find_package(cx, s, &has));
	if (!hm_eq(has, hm_fmt(cx, "%.*s@%.*s", HM_FMT(name), HM_FMT(version))))
		return hm_fail(cx, HM_TRUST, "it names two packages");
	if (!hm_eq(has, wanted))
		return hm_fail(cx, HM_TRUST,
			       "it is about package \"%.*s\", and the provenance about \"%.*s\"",
			       HM_FMT(has), HM_FMT(wanted));
	return NULL;
}

static hm_err check_bundle(struct hm_cx *cx, const struct trust_npm *q, struct hm_str package,
			   const struct envelope_bundle *b, const struct statement *s)
{
	struct key k = { 0 };
	struct sigstore_answer a;
	if (b->material != BUNDLE_KEY)
		return hm_fail(cx, HM_TRUST, "it is not signed with a key");
	HM_TRY(find_key(cx, q->keys, b->key_hint, &k));
	struct sigstore_question ask = { .root = q->root, .key = &k.key, .artifact = *q->artifact };
	hm_err err = trust_sigstore_verify(cx, b, &ask, &a);
	err = err ? err : check_times(cx, &a, &k);
	crypto_key_done(&k.key);
	return err ? err : check_published(cx, s, package);
}

/* A document that says of some package that it was published. */
static bool is_publication(struct hm_cx *cx, const struct trust_document *d,
			   struct envelope_bundle *b, struct statement *s)
{
	return envelope_bundle_version(d->media_type) && !envelope_bundle_parse(cx, d->bytes, b) &&
	       b->dsse && !statement_parse(cx, b->dsse->payload, s) &&
	       hm_starts(s->predicate_type, HM_STR(PUBLISH)) && hm_eq(s->predicate_type, d->said);
}

static hm_err check_publication(struct hm_cx *cx, const struct trust_npm *q, struct hm_str package,
				const struct trust_document *documents, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ENVELOPE_AUTO_BUNDLE b = { 0 };
		struct statement s;
		if (is_publication(cx, &documents[i], &b, &s))
			return check_bundle(cx, q, package, &b, &s);
	}
	return hm_fail(cx, HM_TRUST, "it is not there");
}

hm_err trust_npm_check(struct hm_cx *cx, const struct trust_npm *q,
		       const struct trust_document *documents, size_t n, struct hm_str claim)
{
	struct statement s;
	struct hm_str package;
	HM_TRY(statement_parse(cx, claim, &s));
	HM_TRY_IN(cx, check_package(cx, &s, q->package, &package), "the provenance");
	if (q->keys.n)
		HM_TRY_IN(cx, check_publication(cx, q, package, documents, n),
			  "the registry's attestation");
	return NULL;
}
