/* SPDX-License-Identifier: Apache-2.0 */
/* What is valid in a trust policy and may not be meant. */
#include "trust/config.h"

struct hm_str trust_not_covered(struct hm_cx *cx, struct hm_str scope)
{
	return hm_say(cx, "no statement of the trust policy applies to \"%.*s\"", HM_FMT(scope));
}

/* Does somebody in `s` answer for all whom the identity lets in? */
static bool has_identity(const struct trust_statement *s, const struct trust_identity_rule *id)
{
	for (size_t i = 0; i < s->require.trusted.n; i++) {
		const struct trust_identity_rule *own = &s->require.trusted.p[i];
		if (hm_eq(own->text, id->text) ||
		    (own->attributes_n && id->attributes_n &&
		     crypto_dn_within(own->attributes, own->attributes_n, id->attributes,
				      id->attributes_n)))
			return true;
	}
	return s->require.trusted.any;
}

/* What only policies of Hullmark's own version ask for. */
static struct hm_str find_less(struct hm_cx *cx, const struct trust_requirement *all,
			       const struct trust_requirement *s)
{
	if (all->least < s->least)
		return hm_fmt(cx, "%zu signers are needed there, and %zu here", s->least,
			      all->least);
	if (all->roles_n < s->roles_n)
		return hm_fmt(cx, "%zu roles are to be filled there, and %zu here", s->roles_n,
			      all->roles_n);
	if (all->attestations_n < s->attestations_n)
		return hm_fmt(cx, "%zu attestations are required there, and %zu here",
			      s->attestations_n, all->attestations_n);
	if (s->time && !all->time)
		return HM_STR("a time is required there, and none here");
	for (size_t i = 0; i < s->evidence.n; i++)
		if (!hm_strs_has(&all->evidence, s->evidence.p[i]))
			return hm_say(cx, "evidence \"%.*s\" is required there, and not here",
				      HM_FMT(s->evidence.p[i]));
	for (size_t i = 1; i < CRYPTO_ALGS; i++)
		if (all->algorithms[i] < s->algorithms[i])
			return hm_fmt(cx, "%s is %s there, and not here", crypto_alg_rows[i].name,
				      s->algorithms[i] == CRYPTO_FORBIDDEN ? "forbidden"
									   : "only verified");
	return HM_STR("");
}

/* Why `all` asks for less than `s`; empty: it does not. */
static struct hm_str find_weakness(struct hm_cx *cx, const struct trust_statement *all,
				   const struct trust_statement *s)
{
	for (size_t i = 0; i < TRUST_CHECKS; i++)
		if (all->actions[i] > s->actions[i])
			return hm_say(cx, "%s is \"%s\" there, and \"%s\" here",
				      trust_check_names[i], trust_action_names[s->actions[i]],
				      trust_action_names[all->actions[i]]);
	if (s->level == TRUST_SKIP)
		return HM_STR("");
	if (all->require.trusted.any && !s->require.trusted.any)
		return HM_STR("any signer is trusted here");
	for (size_t i = 0; i < all->require.trusted.n; i++)
		if (!has_identity(s, &all->require.trusted.p[i]))
			return hm_say(cx, "\"%.*s\" is trusted here alone",
				      HM_FMT(all->require.trusted.p[i].text));
	for (size_t i = 0; i < all->store_names.n; i++)
		if (!hm_strs_has(&s->store_names, all->store_names.p[i]))
			return hm_say(cx, "trust store \"%.*s\" is used here alone",
				      HM_FMT(all->store_names.p[i]));
	return find_less(cx, &all->require, &s->require);
}

static void compare_all(struct hm_cx *cx, const struct trust_policy *p,
			const struct trust_statement *all, struct hm_strs *out)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct trust_statement *s = &p->statements[i];
		struct hm_str why = s == all ? HM_STR("") : find_weakness(cx, all, s);
		if (why.n)
			*hm_push(cx, out) = hm_say(
				cx,
				"statement \"%.*s\" for \"*\" asks for less than \"%.*s\": %.*s; who reaches "
				"a repository of \"%.*s\" by another name of its host only has to meet that",
				HM_FMT(all->name), HM_FMT(s->name), HM_FMT(why), HM_FMT(s->name));
	}
}

/* "team/app" is the repository docker.io/team/app when an image is named so, and no host is called
 * team. Layouts are verified under such scopes. */
static void find_hostless(struct hm_cx *cx, const struct trust_statement *s, struct hm_strs *out)
{
	for (size_t i = 0; i < s->scopes.n; i++) {
		struct hm_str rest = s->scopes.p[i], host = hm_cut(&rest, '/');
		if (!rest.n || hm_eqz(host, "localhost") || hm_find_char(host, '.') != SIZE_MAX ||
		    hm_find_char(host, ':') != SIZE_MAX)
			continue;
		*hm_push(cx, out) = hm_say(
			cx,
			"statement \"%.*s\": scope \"%.*s\" does not name a registry host; images of Docker Hub "
			"are docker.io/%.*s",
			HM_FMT(s->name), HM_FMT(s->scopes.p[i]), HM_FMT(s->scopes.p[i]));
	}
}

hm_err trust_policy_warnings(struct hm_cx *cx, struct hm_str text, struct hm_strs *out)
{
	struct trust_policy p;
	struct hm_strs found = { 0 };
	HM_TRY(trust_policy_parse(cx, text, &p));
	for (size_t i = 0; i < p.n; i++) {
		find_hostless(cx, &p.statements[i], &found);
		if (hm_strs_has(&p.statements[i].scopes, HM_STR("*")))
			compare_all(cx, &p, &p.statements[i], &found);
	}
	*out = found;
	return NULL;
}
