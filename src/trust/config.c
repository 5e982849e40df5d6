/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/config.h"

/* What a policy and all its stores may take. */
enum { CONFIG_BUDGET = 256 << 20 };

/* The text of one of the two; empty path: it is not there. */
static hm_err read_policy_file(struct hm_cx *cx, const char *config_dir, const char *name,
			       struct hm_str *out_text, struct hm_str *out_path)
{
	char *path = hm_path(cx, config_dir, name);
	hm_err err = trust_read_regular(cx, path, HM_MAX_POLICY, out_text);
	*out_path = err ? HM_STR("") : hm_cstr(path);
	return err && err->code == HM_ABSENT ? NULL : err;
}

hm_err trust_policy_read(struct hm_cx *cx, const char *config_dir, struct hm_str *out_text,
			 struct hm_str *out_path)
{
	struct hm_str text[2], path[2];
	HM_TRY(read_policy_file(cx, config_dir, TRUST_POLICY_FILE, &text[0], &path[0]));
	HM_TRY(read_policy_file(cx, config_dir, TRUST_POLICY_OLD_FILE, &text[1], &path[1]));
	if (!path[0].n && !path[1].n) {
		hm_err err =
			hm_fail(cx, HM_ABSENT, "there is no trust policy in \"%s\"", config_dir);
		return hm_hint(
			cx, err,
			"write one and run \"hullmark policy import FILE\", or begin with \"hullmark policy init\"");
	}
	if (path[0].n && path[1].n && !hm_eq(text[0], text[1])) {
		hm_err err = hm_fail(cx, HM_INPUT, "trust policies \"%s\" and \"%s\" differ",
				     path[0].p, path[1].p);
		return hm_hint(cx, err, "remove one of them, or import the right one again");
	}
	size_t at = path[0].n ? 0 : 1;
	*out_text = text[at];
	*out_path = path[at];
	return NULL;
}

/* Every store that some statement names, once. */
static void read_stores(struct hm_cx *cx, const char *config_dir, struct trust_config *t,
			struct crypto_hash *hash)
{
	struct hm_strs names = { 0 };
	for (size_t i = 0; i < t->policy.n; i++)
		for (size_t k = 0; k < t->policy.statements[i].store_names.n; k++)
			*hm_push(cx, &names) = t->policy.statements[i].store_names.p[k];
	hm_strs_sort_unique(&names);
	t->stores = hm_new(cx, struct trust_store, names.n + 1);
	for (size_t i = 0; i < names.n; i++)
		trust_store_read(cx, config_dir, names.p[i], hash, &t->stores[t->stores_n++]);
}

static hm_err read_config(struct hm_cx *cx, const char *config_dir,
			  const struct trust_policy_source *source, struct trust_config *t)
{
	struct hm_str text, path;
	HM_TRY(source->read(cx, config_dir, &text, &path));
	HM_TRY_IN(cx, source->parse(cx, text, &t->policy), "\"%s\"", path.p);
	CRYPTO_AUTO_HASH hash;
	t->digest = crypto_digest_text(cx, CRYPTO_SHA256, text);
	crypto_hash_start(&hash, CRYPTO_SHA256);
	crypto_hash_add_part(&hash, crypto_digest_raw(cx, CRYPTO_SHA256, text));
	read_stores(cx, config_dir, t, &hash);
	t->hash = crypto_hash_text(cx, &hash);
	return NULL;
}

hm_err trust_config_open_from(struct hm_cx *cx, const char *config_dir,
			      const struct trust_policy_source *source, struct trust_config **out)
{
	struct hm_cx own = HM_CX(CONFIG_BUDGET);
	struct trust_config *t = hm_new(&own, struct trust_config, 1);
	t->dir = hm_dupz(&own, hm_cstr(config_dir));
	hm_err err = read_config(&own, config_dir, source, t);
	t->cx = own;
	if (err) {
		err = hm_fault_copy(cx, err);
		trust_config_close(t);
		return err;
	}
	*out = t;
	return NULL;
}

hm_err trust_config_open(struct hm_cx *cx, const char *config_dir, struct trust_config **out)
{
	static const struct trust_policy_source images = { trust_policy_read, trust_policy_parse };
	return trust_config_open_from(cx, config_dir, &images, out);
}

void trust_config_close(struct trust_config *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->stores_n; i++)
		trust_store_done(&t->stores[i]);
	struct hm_cx own = t->cx;
	hm_cx_done(&own);
}

const struct trust_statement *trust_config_select(struct hm_cx *cx, const struct trust_config *t,
						  struct hm_str scope)
{
	return trust_policy_select(cx, &t->policy, scope);
}

bool trust_config_covers(struct hm_cx *cx, const struct trust_config *t, struct hm_str scope)
{
	return trust_config_select(cx, t, scope) != NULL;
}

unsigned trust_config_sorts(struct hm_cx *cx, const struct trust_config *t, struct hm_str scope)
{
	const struct trust_statement *s = trust_config_select(cx, t, scope);
	return s ? trust_statement_sorts(s) : 0;
}

hm_err trust_policy_sorts(struct hm_cx *cx, const char *config_dir, struct hm_str scope,
			  unsigned *out)
{
	struct hm_str text, path;
	struct trust_policy p;
	HM_TRY(trust_policy_read(cx, config_dir, &text, &path));
	HM_TRY_IN(cx, trust_policy_parse(cx, text, &p), "\"%s\"", path.p);
	const struct trust_statement *s = trust_policy_select(cx, &p, scope);
	*out = s ? trust_statement_sorts(s) : 0;
	return NULL;
}

hm_err trust_policy_stale(struct hm_cx *cx, const char *config_dir, struct hm_str scope,
			  int64_t now, struct hm_strs *out)
{
	struct hm_str text, path;
	struct trust_policy p;
	HM_TRY(trust_policy_read(cx, config_dir, &text, &path));
	HM_TRY_IN(cx, trust_policy_parse(cx, text, &p), "\"%s\"", path.p);
	const struct trust_statement *s = trust_policy_select(cx, &p, scope);
	for (size_t i = 0; s && i < s->store_names.n; i++) {
		struct hm_str name = s->store_names.p[i], type = hm_cut(&name, ':');
		struct tuf_status st;
		if (hm_eqz(type, "sigstore") && !trust_tuf_status(cx, config_dir, name, &st) &&
		    st.by_tuf && trust_tuf_check_age(cx, &st, now, s->max_age))
			*hm_push(cx, out) = name;
	}
	return NULL;
}

static void add_sigstores(struct hm_cx *cx, const struct trust_config *t,
			  const struct trust_statement *s, struct trust_sigstore_ages *out)
{
	for (size_t i = 0; i < t->stores_n; i++) {
		const struct trust_store *store = &t->stores[i];
		const struct tuf_status *st = &store->status;
		if (store->type == TRUST_SIGSTORE && !store->err &&
		    hm_strs_has(&s->store_names, store->name))
			*hm_push(cx, out) =
				(struct trust_sigstore_age){ st->name, st->by_tuf, st->updated,
							     trust_tuf_end(st, s->max_age) };
	}
}

void trust_config_sigstores(struct hm_cx *cx, const struct trust_config *t, struct hm_str scope,
			    struct trust_sigstore_ages *out)
{
	const struct trust_statement *s = scope.n ? trust_config_select(cx, t, scope) : NULL;
	if (s)
		add_sigstores(cx, t, s, out);
	for (size_t i = 0; !scope.n && i < t->policy.n; i++)
		add_sigstores(cx, t, &t->policy.statements[i], out);
}

struct hm_str trust_config_digest(const struct trust_config *t)
{
	return t->digest;
}

uint64_t trust_config_revision(const struct trust_config *t)
{
	return t->policy.revision;
}

const struct hm_strs *trust_config_evidence(struct hm_cx *cx, const struct trust_config *t,
					    struct hm_str scope)
{
	static const struct hm_strs none;
	const struct trust_statement *s = trust_config_select(cx, t, scope);
	return s ? &s->require.evidence : &none;
}

struct hm_str trust_config_hash(const struct trust_config *t)
{
	return t->hash;
}

hm_err trust_config_roots(struct hm_cx *cx, const struct trust_config *t,
			  const struct trust_statement *s, enum trust_store_type type,
			  struct crypto_chain *out)
{
	HM_VEC(struct hm_str) der = { 0 };
	HM_VEC(struct x509_st *) x509 = { 0 };
	for (size_t i = 0; i < t->stores_n; i++) {
		const struct trust_store *store = &t->stores[i];
		if (store->type != type || !hm_strs_has(&s->store_names, store->name))
			continue;
		if (store->err)
			return hm_fail(cx, HM_TRUST, "%s", store->err->why);
		for (size_t k = 0; k < store->files_n; k++)
			for (size_t m = 0; m < store->files[k].n; m++) {
				*hm_push(cx, &der) = store->files[k].der[m];
				*hm_push(cx, &x509) = store->files[k].x509[m];
			}
	}
	*out = (struct crypto_chain){ der.p, x509.p, x509.n };
	return NULL;
}
