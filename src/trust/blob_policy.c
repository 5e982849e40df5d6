/* SPDX-License-Identifier: Apache-2.0 */
/* The trust policy for blobs: statements that are selected by their name. */
#include "trust/config.h"

static const char file_name[] = "trustpolicy.blob.json";

/* A level that believes everybody is for blobs that are named so, not for all the others. */
static hm_err read_global(struct hm_cx *cx, struct json v, enum trust_dialect dialect,
			  struct trust_statement *s)
{
	struct json global = json_get(v, "globalPolicy");
	(void)dialect;
	if (!json_is_there(global))
		return NULL;
	if (!json_is_bool(global))
		return hm_fail(cx, HM_INPUT, "\"globalPolicy\" is neither true nor false");
	s->is_global = json_bool(global);
	if (s->is_global && s->level == TRUST_SKIP)
		return hm_fail(cx, HM_INPUT, "level \"skip\" cannot be that of the global policy");
	return NULL;
}

static hm_err check_global(struct hm_cx *cx, const struct trust_policy *p)
{
	const struct trust_statement *first = NULL;
	for (size_t i = 0; i < p->n; i++) {
		if (!p->statements[i].is_global)
			continue;
		if (first)
			return hm_fail(
				cx, HM_INPUT,
				"statements \"%.*s\" and \"%.*s\" are both the global policy",
				HM_FMT(first->name), HM_FMT(p->statements[i].name));
		first = &p->statements[i];
	}
	return NULL;
}

static const char *const members[] = { "name",        "globalPolicy",      "signatureVerification",
				       "trustStores", "trustedIdentities", NULL };
/* "evidence" is what lies beside images: claims about a file come in bundles, as attestations */
static const char *const more[] = { "signers",         "roles",
				    "algorithms",      "attestations",
				    "slsaBuilders",    "requiredTime",
				    "trustDataMaxAge", NULL };
static const struct trust_policy_kind for_blobs = { members, more, read_global, check_global };

hm_err trust_blob_policy_parse(struct hm_cx *cx, struct hm_str text, struct trust_policy *out)
{
	return trust_policy_parse_as(cx, text, &for_blobs, out);
}

hm_err trust_blob_policy_check(struct hm_cx *cx, struct hm_str text)
{
	struct trust_policy p;
	return trust_blob_policy_parse(cx, text, &p);
}

hm_err trust_blob_policy_read(struct hm_cx *cx, const char *config_dir, struct hm_str *out_text,
			      struct hm_str *out_path)
{
	const char *path = hm_path(cx, config_dir, file_name);
	hm_err err = trust_read_regular(cx, path, HM_MAX_POLICY, out_text);
	*out_path = hm_cstr(path);
	if (!err || err->code != HM_ABSENT)
		return err;
	err = hm_fail(cx, HM_ABSENT, "there is no trust policy for blobs in \"%s\"", config_dir);
	return hm_hint(
		cx, err,
		"write one and run \"hullmark blob policy import FILE\", or begin with \"hullmark blob policy init\"");
}

hm_err trust_blob_policy_import(struct hm_cx *cx, const char *config_dir, struct hm_str text)
{
	HM_TRY_IN(cx, trust_blob_policy_check(cx, text), "trust policy");
	HM_TRY(hm_mkdirs(cx, config_dir, 0700));
	return hm_output_write(cx, hm_path(cx, config_dir, file_name), text, 0600);
}

hm_err trust_blob_config_open(struct hm_cx *cx, const char *config_dir, struct trust_config **out)
{
	static const struct trust_policy_source blobs = { trust_blob_policy_read,
							  trust_blob_policy_parse };
	return trust_config_open_from(cx, config_dir, &blobs, out);
}

const struct trust_statement *trust_blob_policy_select(const struct trust_policy *p,
						       struct hm_str name)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct trust_statement *s = &p->statements[i];
		if (name.n ? hm_eq(s->name, name) : s->is_global)
			return s;
	}
	return NULL;
}
