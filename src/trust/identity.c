/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the identities of a statement or a role mean: subjects of certificates, as the Notary
 * Project writes them; people and builds whom an issuer named, and keys, as objects. */
#include "trust/config.h"

static hm_err parse_subject(struct hm_cx *cx, struct hm_str text, struct trust_identity_rule *out)
{
	struct hm_str value = text;
	struct hm_str kind = hm_cut(&value, ':');
	*out = (struct trust_identity_rule){ .text = text };
	if (kind.n == text.n)
		return hm_fail(cx, HM_INPUT, "trusted identity \"%.*s\" has no \":\"",
			       HM_FMT(text));
	if (!hm_eqz(kind, TRUST_X509_SUBJECT))
		return NULL;
	HM_TRY_IN(cx, crypto_dn_parse(cx, value, &out->attributes, &out->attributes_n),
		  "trusted identity \"%.*s\"", HM_FMT(text));
	for (const char *const *m = (const char *const[]){ "C", "ST", "O", NULL }; *m; m++) {
		bool there = false;
		for (size_t i = 0; i < out->attributes_n; i++)
			there = there || hm_eqz(out->attributes[i].name, *m);
		if (!there)
			return hm_fail(cx, HM_INPUT, "trusted identity \"%.*s\" has no \"%s\"",
				       HM_FMT(text), *m);
	}
	return NULL;
}

/* Two identities of which one includes the other leave unclear whom the wider one was meant for. */
static hm_err check_overlap(struct hm_cx *cx, const struct trust_identities *who)
{
	for (size_t i = 0; i < who->n; i++)
		for (size_t k = 0; k < who->n; k++) {
			const struct trust_identity_rule *a = &who->p[i], *b = &who->p[k];
			if (i != k && a->attributes_n && b->attributes_n &&
			    crypto_dn_within(a->attributes, a->attributes_n, b->attributes,
					     b->attributes_n))
				return hm_fail(cx, HM_INPUT,
					       "trusted identities \"%.*s\" and \"%.*s\" overlap",
					       HM_FMT(a->text), HM_FMT(b->text));
		}
	return NULL;
}

/* --- objects --- */

/* One of the members KEY and KEYPattern, and not both. */
static hm_err read_text_rule(struct hm_cx *cx, struct json v, const char *key,
			     struct trust_text_rule *out)
{
	const char *pattern = hm_fmt(cx, "%sPattern", key).p;
	bool exact = json_is_there(json_get(v, key));
	struct hm_str text;
	if (exact == json_is_there(json_get(v, pattern)))
		return hm_fail(cx, HM_INPUT, "it needs one of \"%s\" and \"%s\"", key, pattern);
	HM_TRY(json_need_str(cx, v, exact ? key : pattern, &text));
	if (!text.n)
		return hm_fail(cx, HM_INPUT, "\"%s\" is empty", exact ? key : pattern);
	if (exact)
		out->exact = text;
	else
		HM_TRY_IN(cx, regexp_parse(cx, text, &out->pattern), "\"%s\"", pattern);
	return NULL;
}

static hm_err read_claims(struct hm_cx *cx, struct json v, struct trust_identity_rule *out)
{
	for (size_t i = 0; i < SIGSTORE_CLAIMS; i++) {
		const char *name = trust_sigstore_claims[i].name;
		if (!json_is_there(json_get(v, name)))
			continue;
		HM_TRY(json_need_str(cx, v, name, &out->claims[i]));
		if (!out->claims[i].n)
			return hm_fail(cx, HM_INPUT, "\"%s\" is empty", name);
	}
	return NULL;
}

static hm_err read_object(struct hm_cx *cx, struct json v, struct trust_identity_rule *out)
{
	static const char *const of_key[] = { "key", NULL };
	const char *of_name[5 + SIGSTORE_CLAIMS] = { "issuer", "issuerPattern", "subject",
						     "subjectPattern" };
	for (size_t i = 0; i < SIGSTORE_CLAIMS; i++)
		of_name[4 + i] = trust_sigstore_claims[i].name;
	if (json_is_there(json_get(v, "key"))) {
		out->kind = TRUST_IS_KEY;
		HM_TRY(json_only(cx, v, of_key));
		HM_TRY(json_need_str(cx, v, "key", &out->key));
		return trust_is_name(out->key)
			       ? NULL
			       : hm_fail(cx, HM_INPUT,
					 "\"%.*s\" is not a valid name of a trust store",
					 HM_FMT(out->key));
	}
	out->kind = TRUST_IS_NAMED;
	HM_TRY(json_only(cx, v, of_name));
	HM_TRY(read_text_rule(cx, v, "issuer", &out->issuer));
	HM_TRY(read_text_rule(cx, v, "subject", &out->subject));
	return read_claims(cx, v, out);
}

hm_err trust_read_identity(struct hm_cx *cx, struct json v, enum trust_dialect dialect,
			   struct trust_identity_rule *out)
{
	if (json_is_string(v))
		return parse_subject(cx, json_str(v), out);
	*out = (struct trust_identity_rule){ 0 };
	HM_TRY(json_text(cx, v, &out->text));
	if (dialect != TRUST_HULLMARK)
		return hm_hint(cx,
			       hm_fail(cx, HM_INPUT, "trusted identity %.*s is not a string",
				       HM_FMT(out->text)),
			       "identities that are objects need \"version\": \"hullmark-1\"");
	HM_TRY_IN(cx, read_object(cx, v, out), "trusted identity %.*s", HM_FMT(out->text));
	return NULL;
}

static bool is_any(struct json list)
{
	for (struct json_iter it = json_iter(list); json_next(&it);)
		if (hm_eqz(json_str(it.value), "*"))
			return true;
	return false;
}

hm_err trust_read_identities(struct hm_cx *cx, struct json object, enum trust_dialect dialect,
			     struct trust_identities *out)
{
	static const char key[] = "trustedIdentities";
	struct json list = json_get(object, key);
	struct trust_identities who = { .any = is_any(list) };
	if (json_is_there(list) && !json_is_array(list))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a list", key);
	if (who.any && json_size(list) > 1)
		return hm_fail(cx, HM_INPUT,
			       "trusted identity \"*\" cannot be combined with others");
	if (json_size(list) > HM_MAX_IDENTITIES)
		return hm_fail(cx, HM_LIMIT, "there are too many trusted identities");
	who.p = hm_new(cx, struct trust_identity_rule, json_size(list) + 1);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		bool object_or_text = json_is_object(it.value) || json_str(it.value).n;
		if (!object_or_text)
			return hm_fail(cx, HM_INPUT, "\"%s\" has an entry that is not a string",
				       key);
		if (!who.any)
			HM_TRY(trust_read_identity(cx, it.value, dialect, &who.p[who.n++]));
	}
	*out = who;
	return check_overlap(cx, out);
}

/* --- are they among the stores? --- */

static bool has_type(const struct hm_strs *stores, struct hm_str type)
{
	for (size_t i = 0; i < stores->n; i++)
		if (hm_starts(stores->p[i], type))
			return true;
	return false;
}

/* An identity that nobody could have would only be noticed when nothing is verified; one that
 * everybody has, never. */
hm_err trust_check_identities(struct hm_cx *cx, const struct hm_strs *stores,
			      const struct trust_identities *who)
{
	bool named = has_type(stores, HM_STR("sigstore:"));
	if (who->any && named)
		return hm_fail(cx, HM_INPUT,
			       "trusted identity \"*\" with a trust store of type sigstore is "
			       "whoever has an account at its issuers: name whom you trust");
	for (size_t i = 0; i < who->n; i++) {
		const struct trust_identity_rule *rule = &who->p[i];
		if (rule->kind == TRUST_IS_NAMED && !named)
			return hm_fail(cx, HM_INPUT,
				       "trusted identity %.*s needs a trust store of type sigstore",
				       HM_FMT(rule->text));
		if (rule->kind == TRUST_IS_KEY &&
		    !hm_strs_has(stores, hm_fmt(cx, "key:%.*s", HM_FMT(rule->key))))
			return hm_fail(cx, HM_INPUT,
				       "trusted identity %.*s needs the trust store \"key:%.*s\"",
				       HM_FMT(rule->text), HM_FMT(rule->key));
	}
	return NULL;
}

/* --- is it one of them? --- */

bool trust_is_text(struct hm_cx *cx, const struct trust_text_rule *rule, struct hm_str text)
{
	return rule->pattern.code ? regexp_match(cx, &rule->pattern, text)
				  : hm_eq(rule->exact, text);
}

static bool is_named(struct hm_cx *cx, const struct trust_identity_rule *rule,
		     const struct sigstore_answer *c)
{
	for (size_t i = 0; i < SIGSTORE_CLAIMS; i++)
		if (rule->claims[i].n && !hm_eq(rule->claims[i], c->claims[i]))
			return false;
	return trust_is_text(cx, &rule->issuer, c->issuer) &&
	       trust_is_text(cx, &rule->subject, c->subject);
}

static bool is_meant(struct hm_cx *cx, const struct trust_identity_rule *rule,
		     const struct trust_person *p)
{
	switch (rule->kind) {
	case TRUST_IS_KEY:
		return p->keys && hm_strs_has(p->keys, rule->key);
	case TRUST_IS_NAMED:
		return p->certificate && is_named(cx, rule, p->certificate);
	case TRUST_IS_SUBJECT:
		return rule->attributes_n && crypto_dn_within(rule->attributes, rule->attributes_n,
							      p->subject, p->subject_n);
	}
	return false;
}

bool trust_admits(struct hm_cx *cx, const struct trust_identities *who,
		  const struct trust_person *p)
{
	for (size_t i = 0; i < who->n; i++)
		if (is_meant(cx, &who->p[i], p))
			return true;
	return who->any;
}
