/* SPDX-License-Identifier: Apache-2.0 */
/* What a statement asks for beyond one signature: whose, in which roles, with which algorithms and
 * evidence. */
#include "trust/config.h"

hm_err trust_read_members(struct hm_cx *cx, struct json v, const char *const *members,
			  const char *const *more, enum trust_dialect dialect)
{
	const char *all[16] = { NULL };
	size_t n = 0;
	for (const char *const *m = members; *m; m++)
		all[n++] = *m;
	for (const char *const *m = more; *m && dialect == TRUST_HULLMARK; m++)
		all[n++] = *m;
	hm_err err = json_only(cx, v, all);
	if (!err || dialect == TRUST_HULLMARK)
		return err;
	for (const char *const *m = more; *m; m++)
		if (json_is_there(json_get(v, *m)))
			return hm_hint(cx, err,
				       "\"%s\" needs \"version\": \"hullmark-1\": other verifiers "
				       "would not see what it asks for",
				       *m);
	return err;
}

hm_err trust_read_list(struct hm_cx *cx, struct json object, const char *key, struct hm_strs *out)
{
	struct json list = json_get(object, key);
	struct hm_strs found = { 0 };
	if (json_is_there(list) && !json_is_array(list))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not a list", key);
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		if (!json_is_string(it.value) || !json_str(it.value).n)
			return hm_fail(cx, HM_INPUT, "\"%s\" has an entry that is not a string",
				       key);
		*hm_push(cx, &found) = json_str(it.value);
	}
	*out = found;
	return NULL;
}

/* --- algorithms --- */

/* ECDSA's signatures come in two encodings, and are one algorithm for people. */
static bool is_called(enum crypto_alg alg, struct hm_str name)
{
	struct hm_str own = hm_cstr(crypto_alg_rows[alg].name);
	return own.n && hm_starts(own, name) &&
	       (own.n == name.n || hm_eqz(hm_from(own, name.n), "-DER"));
}

/* Sets `found` for each algorithm of that name. */
static hm_err find_algorithms(struct hm_cx *cx, struct hm_str name, bool found[CRYPTO_ALGS])
{
	bool any = false;
	for (size_t i = 1; i < CRYPTO_ALGS && name.n; i++)
		if (is_called((enum crypto_alg)i, name))
			any = found[i] = true;
	if (any)
		return NULL;
	hm_err err = hm_fail(cx, HM_INPUT, "\"%.*s\" is not an algorithm", HM_FMT(name));
	return hm_hint(cx, err, "they are called PS256, ES384, ML-DSA-65 and so on");
}

static hm_err read_status(struct hm_cx *cx, struct hm_str name, struct json v,
			  enum crypto_status *out)
{
	static const char *const names[] = { "allowed", "verify-only", "forbidden" };
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (json_is_string(v) && hm_eqz(json_str(v), names[i])) {
			*out = (enum crypto_status)i;
			return NULL;
		}
	return hm_fail(cx, HM_INPUT,
		       "algorithm \"%.*s\" is not one of allowed, verify-only, forbidden",
		       HM_FMT(name));
}

hm_err trust_read_algorithms(struct hm_cx *cx, struct json object,
			     enum crypto_status out[CRYPTO_ALGS])
{
	struct json v = json_get(object, "algorithms");
	if (!json_is_there(v))
		return NULL;
	if (!json_is_object(v))
		return hm_fail(cx, HM_INPUT, "\"algorithms\" is not an object");
	for (struct json_iter it = json_iter(v); json_next(&it);) {
		bool found[CRYPTO_ALGS] = { false };
		enum crypto_status status;
		HM_TRY(find_algorithms(cx, it.key, found));
		HM_TRY(read_status(cx, it.key, it.value, &status));
		for (size_t i = 1; i < CRYPTO_ALGS; i++) {
			if (!found[i])
				continue;
			if (status < crypto_alg_rows[i].status)
				return hm_fail(cx, HM_INPUT,
					       "algorithm \"%.*s\" cannot be %.*s: it is too weak",
					       HM_FMT(it.key), HM_FMT(json_str(it.value)));
			out[i] = status;
		}
	}
	return NULL;
}

static hm_err refuse_algorithm(struct hm_cx *cx, const struct crypto_chain *c, size_t i,
			       const char *has, enum crypto_alg alg)
{
	struct crypto_certificate_info info;
	HM_TRY(crypto_certificate_info(cx, c, i, &info));
	return hm_fail(cx, HM_TRUST,
		       "certificate \"%.*s\" %s %s, an algorithm that the trust policy forbids",
		       HM_FMT(info.subject), has, crypto_alg_rows[alg].name);
}

/* Keys first: of an authority that is retired its own certificate is named, and not those that it
 * issued. */
hm_err trust_check_algorithms(struct hm_cx *cx, const struct trust_requirement *r,
			      const struct crypto_chain *c)
{
	for (size_t i = 0; i < c->n; i++) {
		enum crypto_alg alg = crypto_certificate_algs(cx, c, i).key;
		if (r->algorithms[alg] == CRYPTO_FORBIDDEN)
			return refuse_algorithm(cx, c, i, "has a key for", alg);
	}
	for (size_t i = 0; i < c->n; i++) {
		enum crypto_alg alg = crypto_certificate_algs(cx, c, i).signature;
		if (r->algorithms[alg] == CRYPTO_FORBIDDEN)
			return refuse_algorithm(cx, c, i, "is signed with", alg);
	}
	return NULL;
}

/* --- signers and roles --- */

/* How many signers; 1 where nothing is said. */
static hm_err read_signers(struct hm_cx *cx, struct json object, int least, size_t *out)
{
	int64_t n = 1;
	if (json_is_there(json_get(object, "signers")))
		HM_TRY(json_need_int(cx, object, "signers", &n));
	if (n < least || n > TRUST_ROLE_SIGNERS)
		return hm_fail(cx, HM_INPUT, "\"signers\" is not between %d and %d", least,
			       (int)TRUST_ROLE_SIGNERS);
	*out = (size_t)n;
	return NULL;
}

/* Which algorithms a role takes: those that are believed, or fewer of them. */
static hm_err read_role_algorithms(struct hm_cx *cx, struct json v,
				   const struct trust_requirement *r, struct trust_role *out)
{
	struct hm_strs names = { 0 };
	bool any = false;
	HM_TRY(trust_read_list(cx, v, "algorithms", &names));
	for (size_t i = 0; i < names.n; i++)
		HM_TRY(find_algorithms(cx, names.p[i], out->algorithms));
	for (size_t i = 1; i < CRYPTO_ALGS; i++) {
		bool believed = r->algorithms[i] != CRYPTO_FORBIDDEN;
		out->algorithms[i] = believed && (out->algorithms[i] || !names.n);
		any = any || out->algorithms[i];
	}
	return any ? NULL
		   : hm_fail(cx, HM_INPUT,
			     "all of its algorithms are forbidden, so that nobody "
			     "could fill it");
}

static hm_err read_role(struct hm_cx *cx, struct json v, const struct trust_requirement *r,
			struct trust_role *out)
{
	static const char *const members[] = { "name", "signers", "trustedIdentities", "algorithms",
					       NULL };
	HM_TRY(json_only(cx, v, members));
	HM_TRY(read_signers(cx, v, 1, &out->least));
	HM_TRY(trust_read_identities(cx, v, TRUST_HULLMARK, &out->who));
	if (!out->who.n && !out->who.any)
		out->who = r->trusted;
	return read_role_algorithms(cx, v, r, out);
}

static hm_err read_roles(struct hm_cx *cx, struct json statement, struct trust_requirement *r)
{
	struct json list = json_get(statement, "roles");
	if (!json_is_there(list))
		return NULL;
	if (!json_is_array(list) || !json_size(list) || json_size(list) > TRUST_ROLES)
		return hm_fail(cx, HM_INPUT, "\"roles\" is not a list of 1 to %d roles",
			       (int)TRUST_ROLES);
	r->roles = hm_new(cx, struct trust_role, json_size(list));
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct trust_role *role = &r->roles[r->roles_n];
		if (!json_is_object(it.value))
			return hm_fail(cx, HM_INPUT, "role %zu is not an object", r->roles_n + 1);
		HM_TRY_IN(cx, json_need_str(cx, it.value, "name", &role->name), "role %zu",
			  r->roles_n + 1);
		for (size_t i = 0; i < r->roles_n; i++)
			if (hm_eq(r->roles[i].name, role->name))
				return hm_fail(cx, HM_INPUT, "two roles are called \"%.*s\"",
					       HM_FMT(role->name));
		HM_TRY_IN(cx, read_role(cx, it.value, r, role), "role \"%.*s\"",
			  HM_FMT(role->name));
		r->roles_n++;
	}
	return NULL;
}

hm_err trust_read_requirement(struct hm_cx *cx, struct json statement, struct trust_requirement *r)
{
	HM_TRY(trust_read_attestations(cx, statement, r));
	HM_TRY(trust_read_time(cx, statement, r));
	/* where claims are asked for, they may be all that is */
	HM_TRY(read_signers(cx, statement, r->attestations_n ? 0 : 1, &r->least));
	HM_TRY(read_roles(cx, statement, r));
	HM_TRY(trust_read_list(cx, statement, "evidence", &r->evidence));
	for (size_t i = 0; i < r->evidence.n; i++)
		for (size_t k = 0; k < i; k++)
			if (hm_eq(r->evidence.p[i], r->evidence.p[k]))
				return hm_fail(cx, HM_INPUT, "evidence \"%.*s\" is listed twice",
					       HM_FMT(r->evidence.p[i]));
	return NULL;
}

uint32_t trust_roles_of(struct hm_cx *cx, const struct trust_requirement *r, enum crypto_alg alg,
			const struct trust_person *p)
{
	uint32_t roles = 0;
	for (size_t i = 0; i < r->roles_n; i++)
		if (r->roles[i].algorithms[alg] && trust_admits(cx, &r->roles[i].who, p))
			roles |= UINT32_C(1) << i;
	return roles;
}

/* --- forms --- */

unsigned trust_statement_sorts(const struct trust_statement *s)
{
	unsigned sorts = s->require.predicates.n || s->require.attestations_n ? TRUST_CLAIMS : 0;
	for (size_t i = 0; i < s->store_names.n; i++) {
		bool own = hm_starts(s->store_names.p[i], HM_STR("sigstore:")) ||
			   hm_starts(s->store_names.p[i], HM_STR("key:"));
		sorts |= own ? TRUST_SIGSTORES : TRUST_NOTARYS;
	}
	/* a statement that skips has no stores */
	return sorts & ~(unsigned)TRUST_CLAIMS ? sorts : TRUST_NOTARYS;
}
