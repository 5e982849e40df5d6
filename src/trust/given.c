/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration out of a command's options: one statement for everything, in memory. */
#include "trust/config.h"

enum { GIVEN_BUDGET = 64 << 20 };

static hm_err read_rule(struct hm_cx *cx, struct hm_str exact, struct hm_str pattern,
			struct trust_text_rule *out)
{
	if (!pattern.n) {
		out->exact = exact;
		return NULL;
	}
	/* as Cosign reads its options: anywhere in the text */
	return regexp_parse_within(cx, pattern, &out->pattern);
}

static hm_err read_identity(struct hm_cx *cx, const struct trust_given *g,
			    struct trust_identities *out)
{
	struct trust_identity_rule *rule = hm_new(cx, struct trust_identity_rule, 1);
	*out = (struct trust_identities){ .p = rule, .n = 1 };
	/* the key and nobody else: beside a root "*" would be whoever has a certificate */
	if (g->key.n) {
		*rule = (struct trust_identity_rule){ .kind = TRUST_IS_KEY,
						      .text = HM_STR("--key"),
						      .key = HM_STR("given") };
		return NULL;
	}
	*rule = (struct trust_identity_rule){ .kind = TRUST_IS_NAMED };
	HM_TRY_IN(cx, read_rule(cx, g->subject, g->subject_pattern, &rule->subject), "identity");
	HM_TRY_IN(cx, read_rule(cx, g->issuer, g->issuer_pattern, &rule->issuer), "issuer");
	rule->text = g->subject.n ? g->subject : g->subject_pattern;
	return NULL;
}

/* The root says which logs count; a key alone needs none. */
static hm_err read_stores(struct hm_cx *cx, const struct trust_given *g, struct trust_config *t,
			  struct trust_statement *s)
{
	t->stores = hm_new(cx, struct trust_store, 2);
	if (g->root.n) {
		struct trust_store *store = &t->stores[t->stores_n++];
		*store = (struct trust_store){ .type = TRUST_SIGSTORE,
					       .name = HM_STR("sigstore:given") };
		*hm_push(cx, &s->store_names) = store->name;
		HM_TRY(trust_sigstore_root_parse(cx, g->root, &store->root));
	}
	if (g->key.n) {
		struct trust_store *store = &t->stores[t->stores_n++];
		*store = (struct trust_store){ .type = TRUST_KEY, .name = HM_STR("key:given") };
		*hm_push(cx, &s->store_names) = store->name;
		store->keys = hm_new(cx, struct trust_public_key, 1);
		HM_TRY_IN(cx, trust_public_key_read(cx, g->key, &store->keys[store->keys_n++]),
			  "key");
	}
	return NULL;
}

static hm_err read_given(struct hm_cx *cx, const struct trust_given *g, struct trust_config *t)
{
	struct trust_statement *s = hm_new(cx, struct trust_statement, 1);
	*s = (struct trust_statement){ .name = HM_STR("given"),
				       .level = TRUST_STRICT,
				       .require.least = 1 };
	*hm_push(cx, &s->scopes) = HM_STR("*");
	for (size_t i = 0; i < CRYPTO_ALGS; i++)
		s->require.algorithms[i] = crypto_alg_rows[i].status;
	t->dir = "";
	t->policy = (struct trust_policy){ .dialect = TRUST_HULLMARK, .statements = s, .n = 1 };
	if (g->builders)
		HM_TRY(trust_believe_builders(cx, g->builder, &s->require));
	else
		HM_TRY(read_identity(cx, g, &s->require.trusted));
	if (!g->builders && !g->key.n)
		HM_TRY(trust_know_builders(cx, &s->require));
	HM_TRY(read_stores(cx, g, t, s));
	return trust_check_identities(cx, &s->store_names, &s->require.trusted);
}

hm_err trust_config_given(struct hm_cx *cx, const struct trust_given *g, struct trust_config **out)
{
	struct hm_cx own = HM_CX(GIVEN_BUDGET);
	struct trust_config *t = hm_new(&own, struct trust_config, 1);
	hm_err err = read_given(&own, g, t);
	t->cx = own;
	if (err) {
		err = hm_fault_copy(cx, err);
		trust_config_close(t);
		return err;
	}
	*out = t;
	return NULL;
}
