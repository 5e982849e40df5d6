/* SPDX-License-Identifier: Apache-2.0 */
/* What a statement asks for, as people and programs are told it. */
#include "trust/config.h"

static struct hm_strs list_identities(struct hm_cx *cx, const struct trust_identities *who)
{
	struct hm_strs names = { 0 };
	if (who->any)
		*hm_push(cx, &names) = HM_STR("*");
	for (size_t i = 0; i < who->n; i++)
		*hm_push(cx, &names) = who->p[i].text;
	return names;
}

/* Those that certificates have keys of. */
static bool is_told(size_t alg)
{
	const char *name = crypto_alg_rows[alg].name;
	return alg && name && !hm_ends(hm_cstr(name), HM_STR("-DER"));
}

static struct hm_strs list_status(struct hm_cx *cx, const struct trust_requirement *r,
				  enum crypto_status status)
{
	struct hm_strs names = { 0 };
	for (size_t i = 0; i < CRYPTO_ALGS; i++)
		if (is_told(i) && r->algorithms[i] == status)
			*hm_push(cx, &names) = hm_cstr(crypto_alg_rows[i].name);
	return names;
}

static struct trust_role_terms role_terms(struct hm_cx *cx, const struct trust_requirement *r,
					  const struct trust_role *role)
{
	struct trust_role_terms t = { .name = role->name, .signers = role->least };
	bool all = true;
	if (role->who.p != r->trusted.p)
		t.identities = list_identities(cx, &role->who);
	for (size_t i = 1; i < CRYPTO_ALGS; i++)
		all = all && role->algorithms[i] == (r->algorithms[i] != CRYPTO_FORBIDDEN);
	for (size_t i = 0; i < CRYPTO_ALGS && !all; i++)
		if (is_told(i) && role->algorithms[i])
			*hm_push(cx, &t.algorithms) = hm_cstr(crypto_alg_rows[i].name);
	return t;
}

void trust_terms_of(struct hm_cx *cx, const struct trust_statement *s, struct trust_terms *out)
{
	const struct trust_requirement *r = &s->require;
	*out = (struct trust_terms){ .name = s->name,
				     .scopes = s->scopes,
				     .level = s->level,
				     .after_cert_expiry = s->after_cert_expiry,
				     .stores = s->store_names,
				     .identities = list_identities(cx, &r->trusted),
				     .evidence = r->evidence,
				     .signers = r->least,
				     .time = trust_time_name(r),
				     .max_age = s->max_age,
				     .verify_only = list_status(cx, r, CRYPTO_VERIFY_ONLY),
				     .forbidden = list_status(cx, r, CRYPTO_FORBIDDEN) };
	memcpy(out->actions, s->actions, sizeof(out->actions));
	out->roles = hm_new(cx, struct trust_role_terms, r->roles_n + 1);
	for (size_t i = 0; i < r->roles_n; i++)
		out->roles[out->roles_n++] = role_terms(cx, r, &r->roles[i]);
	out->attestations = hm_new(cx, struct trust_attestation_terms, r->attestations_n + 1);
	for (size_t i = 0; i < r->attestations_n; i++)
		out->attestations[out->attestations_n++] =
			trust_attestation_terms_of(cx, r, &r->attestations[i]);
}

struct hm_strs trust_role_names(struct hm_cx *cx, const struct trust_statement *s,
				const struct trust_signature *sig)
{
	struct hm_strs names = { 0 };
	for (size_t i = 0; i < s->require.roles_n; i++)
		if (sig->roles >> i & 1)
			*hm_push(cx, &names) = s->require.roles[i].name;
	return names;
}

static hm_err check_algorithm(struct hm_cx *cx, const struct trust_statement *s,
			      enum crypto_alg alg)
{
	enum crypto_status status = s->require.algorithms[alg];
	if (!alg || status == CRYPTO_ALLOWED)
		return NULL;
	return hm_fail(cx, HM_TRUST, "statement \"%.*s\" of the trust policy says that %s is %s",
		       HM_FMT(s->name), crypto_alg_rows[alg].name,
		       status == CRYPTO_VERIFY_ONLY ? "only verified" : "forbidden");
}

static hm_err check_signers(struct hm_cx *cx, const struct trust_statement *s,
			    const struct trust_signers *signers)
{
	for (size_t i = 0; i < signers->n; i++) {
		if (signers->p[i].signer)
			HM_TRY(check_algorithm(cx, s, signers->p[i].signer->alg));
		HM_TRY_IN(cx, trust_check_algorithms(cx, &s->require, &signers->p[i].chain),
			  "statement \"%.*s\"", HM_FMT(s->name));
	}
	return NULL;
}

hm_err trust_policy_signs(struct hm_cx *cx, const char *config_dir, const struct oci_target *t,
			  const struct trust_signers *signers)
{
	struct hm_str text, path;
	struct trust_policy p;
	if (t->kind != OCI_REGISTRY)
		return NULL;
	hm_err err = trust_policy_read(cx, config_dir, &text, &path);
	if (err)
		return err->code == HM_ABSENT ? NULL : err;
	HM_TRY_IN(cx, trust_policy_parse(cx, text, &p), "\"%s\"", path.p);
	const struct trust_statement *s = trust_policy_select(
		cx, &p, hm_fmt(cx, "%.*s/%.*s", HM_FMT(t->registry), HM_FMT(t->repository)));
	return s ? check_signers(cx, s, signers) : NULL;
}

hm_err trust_blob_policy_signs(struct hm_cx *cx, const char *config_dir,
			       const struct trust_signers *signers)
{
	struct hm_str text, path;
	struct trust_policy p;
	hm_err err = trust_blob_policy_read(cx, config_dir, &text, &path);
	if (err)
		return err->code == HM_ABSENT ? NULL : err;
	HM_TRY_IN(cx, trust_blob_policy_parse(cx, text, &p), "\"%s\"", path.p);
	const struct trust_statement *s = trust_blob_policy_select(&p, HM_STR(""));
	return s ? check_signers(cx, s, signers) : NULL;
}

hm_err trust_policy_terms(struct hm_cx *cx, struct hm_str text, struct trust_terms **out,
			  size_t *out_n)
{
	struct trust_policy p;
	HM_TRY(trust_policy_parse(cx, text, &p));
	*out = hm_new(cx, struct trust_terms, p.n + 1);
	*out_n = p.n;
	for (size_t i = 0; i < p.n; i++)
		trust_terms_of(cx, &p.statements[i], &(*out)[i]);
	return NULL;
}
