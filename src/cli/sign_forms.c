/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sign_forms.h"

/* --- which --- */

const char *const cli_sign_form_names[SIGN_FORMS] = { "notation", "bundle", "cosign" };

static hm_err want(struct hm_cx *cx, struct hm_str name, struct sign_forms *f)
{
	for (size_t i = 0; i < SIGN_FORMS; i++)
		if (hm_eqz(name, cli_sign_form_names[i])) {
			f->wanted[i] = true;
			return NULL;
		}
	return hm_hint(cx,
		       hm_fail(cx, HM_USAGE, "--format \"%.*s\" is not a form of signatures",
			       HM_FMT(name)),
		       "notation, bundle and cosign are; several have commas between them");
}

hm_err cli_sign_forms_read(struct hm_cx *cx, const struct hm_strs *names, struct sign_forms *out)
{
	for (size_t i = 0; i < names->n; i++) {
		struct hm_str rest = names->p[i];
		do
			HM_TRY(want(cx, hm_cut(&rest, ','), out));
		while (rest.n);
	}
	out->wanted[SIGN_NOTATION] |= !names->n;
	return NULL;
}

size_t cli_sign_forms_count(const struct sign_forms *f)
{
	return f->n * ((size_t)f->wanted[SIGN_BUNDLE] + (size_t)f->wanted[SIGN_COSIGN]);
}

/* --- who --- */

hm_err cli_sign_forms_open(struct hm_cx *cx, struct cli *cli, const struct cli_sealing *o,
			   const struct hm_strs *keys, struct sign_forms *f)
{
	bool by_identity = cli->identity_token || (o->config && !keys->n);
	size_t n = by_identity || !keys->n ? 1 : keys->n;
	if (!f->wanted[SIGN_BUNDLE] && !f->wanted[SIGN_COSIGN]) {
		if (o->config || o->root)
			return hm_fail(
				cx, HM_USAGE,
				"--signing-config and --trusted-root are for --format bundle "
				"and cosign");
		return NULL;
	}
	if (by_identity && keys->n && !f->wanted[SIGN_NOTATION])
		return hm_fail(cx, HM_USAGE, "--key and --identity-token exclude each other");
	f->sealers = hm_new(cx, struct cli_sealer, n);
	while (f->n < n) {
		struct cli_sealer *s = &f->sealers[f->n++];
		const char *key = keys->n ? hm_dupz(cx, keys->p[f->n - 1]) : "";
		HM_TRY(cli_sealer_open(cx, cli, o, by_identity ? NULL : key, s));
	}
	return NULL;
}

hm_err cli_sign_forms_allowed(struct hm_cx *cx, const struct sign_forms *f, const char *config_dir,
			      const struct oci_target *t)
{
	for (size_t i = 0; i < f->n; i++)
		HM_TRY(cli_sealer_allowed(cx, &f->sealers[i], config_dir, t));
	return NULL;
}

void cli_sign_forms_done(struct sign_forms *f)
{
	for (size_t i = 0; i < f->n; i++)
		cli_sealer_done(&f->sealers[i]);
}

/* --- make --- */

static hm_err seal_simple(struct hm_cx *cx, const struct sign_forms *f, const struct cli_sealer *by,
			  const struct oci_target *t, const struct oci_descriptor *subject,
			  struct sign_made *out)
{
	struct sigstore_artifact a = trust_sigstore_text_artifact(&out->made.payload);
	struct envelope_simple_pair *pairs =
		hm_new(cx, struct envelope_simple_pair, f->metadata.n + 1);
	struct hm_str name = HM_STR("");
	if (t->registry.n)
		name = hm_fmt(cx, "%.*s/%.*s", HM_FMT(t->registry), HM_FMT(t->repository));
	for (size_t i = 0; i < f->metadata.n; i++)
		pairs[i] = (struct envelope_simple_pair){ f->metadata.p[i].key,
							  f->metadata.p[i].value };
	struct sigstore_sealing with = by->with;
	with.highest_log = 1; /* it has room for no other's entry */
	out->form = SIGN_COSIGN;
	HM_TRY(envelope_simple_format(cx, name, subject->digest, pairs, f->metadata.n,
				      &out->made.payload));
	HM_TRY(trust_sigstore_seal_artifact(cx, &with, &a, &out->made.bundle));
	return trust_sigstore_tagged_check(cx, &out->made);
}

static hm_err seal_bundle(struct hm_cx *cx, const struct cli_sealer *by,
			  const struct oci_descriptor *subject, struct sign_made *out)
{
	struct hm_str statement;
	*out = (struct sign_made){ .form = SIGN_BUNDLE };
	HM_TRY(trust_sigstore_sign_statement(cx, subject->digest, &statement));
	return trust_sigstore_seal_statement(cx, &by->with, statement, &out->made.bundle);
}

hm_err cli_sign_forms_seal(struct hm_cx *cx, const struct sign_forms *f, const struct oci_target *t,
			   const struct oci_descriptor *subject, struct sign_made *out)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->wanted[SIGN_BUNDLE])
			HM_TRY(seal_bundle(cx, &f->sealers[i], subject, out++));
		if (f->wanted[SIGN_COSIGN])
			HM_TRY(seal_simple(cx, f, &f->sealers[i], t, subject, out++));
	}
	return NULL;
}

/* --- store --- */

hm_err cli_sign_forms_store(struct hm_cx *cx, struct oci_place *p,
			    const struct oci_descriptor *subject, const struct sign_made *m,
			    struct oci_descriptor *out)
{
	struct sigstore_attachment a = { m->made.bundle, HM_STR(SIGSTORE_SIGN_PREDICATE),
					 hm_now() };
	return m->form == SIGN_COSIGN ? trust_sigstore_append(cx, p, subject, &m->made, out)
				      : trust_sigstore_attach(cx, p, subject, &a, out);
}
