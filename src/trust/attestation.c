/* SPDX-License-Identifier: Apache-2.0 */
/* The claims that a statement of the trust policy asks for: of which type, by whom, saying what. */
#include "statement/statement.h"
#include "trust/config.h"

const struct trust_condition_row trust_conditions[TRUST_CONDITIONS] = {
	[TRUST_BUILDER] = { "builder", false, "builder" },
	[TRUST_SOURCE] = { "sourceRepository", false, "source" },
	[TRUST_SOURCE_REF] = { "sourceRef", false, "ref of the source" },
	[TRUST_BUILD_TYPE] = { "buildType", false, "build type" },
	[TRUST_VERIFIER] = { "verifier", true, "verifier" },
	[TRUST_RESOURCE] = { "resourceUri", true, "resource" },
};

static const char *const times[] = { "", "log", "timestamp", "any" };

/* A text, or {"pattern": P}. */
static hm_err read_text_rule(struct hm_cx *cx, struct json v, struct hm_str *out_text,
			     struct trust_text_rule *out)
{
	static const char *const members[] = { "pattern", NULL };
	if (json_is_object(v)) {
		HM_TRY(json_only(cx, v, members));
		HM_TRY(json_need_str(cx, v, "pattern", out_text));
		return regexp_parse(cx, *out_text, &out->pattern);
	}
	*out_text = out->exact = json_str(v);
	if (!out_text->n)
		return hm_fail(cx, HM_INPUT, "it is neither a text nor a pattern");
	return NULL;
}

static hm_err read_level(struct hm_cx *cx, struct json v, const char *key, int64_t least,
			 uint64_t *out)
{
	int64_t n;
	HM_TRY(json_need_int(cx, v, key, &n));
	if (n < least || n > 3)
		return hm_fail(cx, HM_INPUT, "\"%s\" is not between %d and 3", key, (int)least);
	*out = (uint64_t)n;
	return NULL;
}

/* --- builders --- */

static hm_err read_builder(struct hm_cx *cx, struct json v, struct trust_slsa_builder *out)
{
	static const char *const members[] = { "builder", "signer", "level", NULL };
	struct json builder, signer;
	struct hm_str text;
	if (!json_is_object(v))
		return hm_fail(cx, HM_INPUT, "it is not an object");
	HM_TRY(json_only(cx, v, members));
	HM_TRY(json_need(cx, v, "builder", &builder));
	HM_TRY(json_need(cx, v, "signer", &signer));
	HM_TRY_IN(cx, read_text_rule(cx, builder, &text, &out->builder), "\"builder\"");
	HM_TRY(read_level(cx, v, "level", 0, &out->level));
	if (!json_is_object(signer) && !json_str(signer).n)
		return hm_fail(cx, HM_INPUT, "\"signer\" is not an identity");
	if (hm_eqz(json_str(signer), "*"))
		return hm_fail(cx, HM_INPUT, "\"signer\" cannot be anybody");
	out->signer.p = hm_new(cx, struct trust_identity_rule, 1);
	out->signer.n = 1;
	return trust_read_identity(cx, signer, TRUST_HULLMARK, out->signer.p);
}

static hm_err read_builders(struct hm_cx *cx, struct json list, struct trust_requirement *r)
{
	if (!json_is_there(list))
		return NULL;
	if (!json_is_array(list) || json_size(list) > TRUST_SLSA_BUILDERS)
		return hm_fail(cx, HM_INPUT, "\"slsaBuilders\" is not a list of at most %d",
			       (int)TRUST_SLSA_BUILDERS);
	r->builders = hm_new(cx, struct trust_slsa_builder, json_size(list) + 1);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct trust_slsa_builder *b = &r->builders[r->builders_n++];
		HM_TRY_IN(cx, read_builder(cx, it.value, b), "entry %zu of \"slsaBuilders\"",
			  r->builders_n);
	}
	return NULL;
}

/* --- attestations --- */

static hm_err read_type(struct hm_cx *cx, struct json v, struct hm_str *out)
{
	struct hm_str text;
	HM_TRY(json_need_str(cx, v, "predicateType", &text));
	if (hm_eqz(text, TRUST_ANY_PROVENANCE)) {
		*out = text;
		return NULL;
	}
	hm_err err = statement_type_uri(cx, text, out);
	return err ? hm_fail(cx, HM_INPUT, "%s", err->why) : NULL;
}

static bool is_provenance(struct hm_str type)
{
	return hm_eqz(type, TRUST_ANY_PROVENANCE) || hm_eqz(type, SLSA_PROVENANCE) ||
	       hm_eqz(type, SLSA_OLD_PROVENANCE);
}

/* A condition on what such a claim does not say would be met by none. */
static hm_err read_conditions(struct hm_cx *cx, struct json v, struct trust_attestation *out)
{
	bool summary = hm_eqz(out->type, SLSA_SUMMARY);
	for (size_t i = 0; i < TRUST_CONDITIONS; i++) {
		const struct trust_condition_row *row = &trust_conditions[i];
		struct trust_condition_rule *c = &out->conditions[i];
		struct json rule = json_get(v, row->name);
		if (!json_is_there(rule))
			continue;
		if (row->of_summary ? !summary : !is_provenance(out->type))
			return hm_fail(cx, HM_INPUT, "only %s has \"%s\"",
				       row->of_summary ? "a verification summary"
						       : "SLSA provenance",
				       row->name);
		HM_TRY_IN(cx, read_text_rule(cx, rule, &c->text, &c->rule), "\"%s\"", row->name);
	}
	if (summary && !out->conditions[TRUST_VERIFIER].text.n)
		return hm_fail(cx, HM_INPUT,
			       "a verification summary needs \"verifier\": whose verdict counts");
	return NULL;
}

static hm_err read_slsa_level(struct hm_cx *cx, struct json v, const struct trust_requirement *r,
			      struct trust_attestation *out)
{
	if (!json_is_there(json_get(v, "slsaLevel")))
		return NULL;
	HM_TRY(read_level(cx, v, "slsaLevel", 1, &out->level));
	if (is_provenance(out->type) && !r->builders_n)
		return hm_fail(cx, HM_INPUT,
			       "\"slsaLevel\" needs \"slsaBuilders\": a provenance does not say "
			       "itself what it is worth");
	if (!is_provenance(out->type) && !hm_eqz(out->type, SLSA_SUMMARY))
		return hm_fail(cx, HM_INPUT,
			       "only SLSA provenance and verification summaries have a level");
	return NULL;
}

static hm_err read_attestation(struct hm_cx *cx, struct json v, const struct trust_requirement *r,
			       struct trust_attestation *out)
{
	const char *members[4 + TRUST_CONDITIONS + 1] = { "predicateType", "signers",
							  "trustedIdentities", "slsaLevel" };
	int64_t least = 1;
	for (size_t i = 0; i < TRUST_CONDITIONS; i++)
		members[4 + i] = trust_conditions[i].name;
	if (!json_is_object(v))
		return hm_fail(cx, HM_INPUT, "it is not an object");
	HM_TRY(json_only(cx, v, members));
	HM_TRY(read_type(cx, v, &out->type));
	if (json_is_there(json_get(v, "signers")))
		HM_TRY(json_need_int(cx, v, "signers", &least));
	if (least < 1 || least > TRUST_ROLE_SIGNERS)
		return hm_fail(cx, HM_INPUT, "\"signers\" is not between 1 and %d",
			       (int)TRUST_ROLE_SIGNERS);
	out->least = (size_t)least;
	HM_TRY(trust_read_identities(cx, v, TRUST_HULLMARK, &out->who));
	if (!out->who.n && !out->who.any)
		out->who = r->trusted;
	HM_TRY(read_conditions(cx, v, out));
	return read_slsa_level(cx, v, r, out);
}

hm_err trust_read_attestations(struct hm_cx *cx, struct json statement, struct trust_requirement *r)
{
	struct json list = json_get(statement, "attestations");
	HM_TRY(read_builders(cx, json_get(statement, "slsaBuilders"), r));
	if (!json_is_there(list))
		return NULL;
	if (!json_is_array(list) || !json_size(list) || json_size(list) > TRUST_ATTESTATIONS)
		return hm_fail(cx, HM_INPUT, "\"attestations\" is not a list of 1 to %d",
			       (int)TRUST_ATTESTATIONS);
	r->attestations = hm_new(cx, struct trust_attestation, json_size(list));
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct trust_attestation *a = &r->attestations[r->attestations_n++];
		HM_TRY_IN(cx, read_attestation(cx, it.value, r, a), "attestation %zu",
			  r->attestations_n);
	}
	return NULL;
}

bool trust_attestation_takes(const struct trust_attestation *a, struct hm_str type)
{
	if (hm_eqz(a->type, TRUST_ANY_PROVENANCE))
		return hm_eqz(type, SLSA_PROVENANCE) || hm_eqz(type, SLSA_OLD_PROVENANCE);
	if (statement_is_vex(a->type))
		return statement_is_vex(type);
	return hm_eq(a->type, type);
}

/* "slsa" is about each of its versions, too, whichever of the two is asked for. */
static bool is_about(const struct trust_attestation *a, const struct trust_attestation *asked)
{
	return hm_eq(a->type, asked->type) || trust_attestation_takes(a, asked->type) ||
	       trust_attestation_takes(asked, a->type);
}

/* All whom the policy trusts for that type. */
static void find_attesters(struct hm_cx *cx, const struct trust_requirement *r,
			   struct trust_attestation *out)
{
	size_t n = 0;
	for (size_t i = 0; i < r->attestations_n; i++)
		if (is_about(&r->attestations[i], out))
			n += r->attestations[i].who.n;
	if (!n)
		return;
	out->who = (struct trust_identities){ .p = hm_new(cx, struct trust_identity_rule, n) };
	for (size_t i = 0; i < r->attestations_n; i++)
		for (size_t k = 0; k < r->attestations[i].who.n; k++)
			if (is_about(&r->attestations[i], out))
				out->who.p[out->who.n++] = r->attestations[i].who.p[k];
}

hm_err trust_read_demand(struct hm_cx *cx, struct hm_str text, const struct trust_requirement *r,
			 struct trust_attestation *out)
{
	struct json v;
	*out = (struct trust_attestation){ 0 };
	HM_TRY(json_parse(cx, text, JSON_STRICT, &v));
	hm_err err = read_attestation(cx, v, r, out);
	if (err)
		return hm_fail(cx, HM_USAGE, "%s", err->why);
	if (out->who.p == r->trusted.p)
		find_attesters(cx, r, out);
	return NULL;
}

void trust_ask_alone(struct trust_statement *s, struct trust_attestation *a)
{
	struct trust_requirement *r = &s->require;
	r->least = r->roles_n = r->predicates.n = 0;
	r->attestations = a;
	r->attestations_n = 1;
}

/* A statement with attestations may need no signers: without them it needs one. */
void trust_ask_no_attestations(struct trust_statement *s)
{
	struct trust_requirement *r = &s->require;
	r->attestations_n = 0;
	r->least = r->least ? r->least : 1;
}

/* --- time --- */

hm_err trust_read_time(struct hm_cx *cx, struct json statement, struct trust_requirement *r)
{
	struct hm_str text;
	if (!json_is_there(json_get(statement, "requiredTime")))
		return NULL;
	HM_TRY(json_need_str(cx, statement, "requiredTime", &text));
	for (size_t i = 1; i < HM_LEN(times); i++)
		if (hm_eqz(text, times[i])) {
			r->time = (enum trust_time_demand)i;
			return NULL;
		}
	return hm_fail(cx, HM_INPUT, "\"requiredTime\" is not one of log, timestamp, any");
}

const char *trust_time_name(const struct trust_requirement *r)
{
	return r->time ? times[r->time] : NULL;
}

/* --- as people and programs are told it --- */

static struct hm_str short_type(struct hm_str uri)
{
	for (const struct statement_type *t = statement_types; t->name; t++)
		if (hm_eqz(uri, t->uri))
			return hm_cstr(t->name);
	return uri;
}

struct trust_attestation_terms trust_attestation_terms_of(struct hm_cx *cx,
							  const struct trust_requirement *r,
							  const struct trust_attestation *a)
{
	struct trust_attestation_terms t = { .type = short_type(a->type),
					     .signers = a->least,
					     .level = a->level };
	bool own = a->who.p != r->trusted.p;
	for (size_t i = 0; i < a->who.n && own; i++)
		*hm_push(cx, &t.identities) = a->who.p[i].text;
	if (a->who.any && own)
		*hm_push(cx, &t.identities) = HM_STR("*");
	t.conditions = hm_new(cx, struct trust_condition_terms, TRUST_CONDITIONS);
	for (size_t i = 0; i < TRUST_CONDITIONS; i++) {
		const struct trust_condition_rule *c = &a->conditions[i];
		const char *name = trust_conditions[i].name;
		if (c->text.n)
			t.conditions[t.conditions_n++] = (struct trust_condition_terms){
				c->rule.pattern.code ? hm_fmt(cx, "%sPattern", name)
						     : hm_cstr(name),
				c->text
			};
	}
	return t;
}
