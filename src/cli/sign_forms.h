/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign_forms.h - the forms in which artifacts are signed, and the signatures in those of Sigstore.
 */
#ifndef CLI_SIGN_FORMS_H
#define CLI_SIGN_FORMS_H

#include "cli/sealing.h"

enum sign_form { SIGN_NOTATION, SIGN_BUNDLE, SIGN_COSIGN, SIGN_FORMS };
extern const char *const cli_sign_form_names[SIGN_FORMS];
struct sign_forms {
	bool wanted[SIGN_FORMS];
	struct cli_sealer *sealers; /* one a key, or one with an identity */
	size_t n;
	struct oci_annotations metadata;
};
/* --format, each a name or several with commas between; none: Notation's. HM_USAGE. */
HM_MUST hm_err cli_sign_forms_read(struct hm_cx *cx, const struct hm_strs *names,
				   struct sign_forms *out);
/* Who signs in Sigstore's forms, if these are wanted: each key, none: the default key; or, with an
 * identity token or a signing configuration and no key, an identity. Ended by
 * cli_sign_forms_done(), whatever it returns. */
HM_MUST hm_err cli_sign_forms_open(struct hm_cx *cx, struct cli *cli, const struct cli_sealing *o,
				   const struct hm_strs *keys, struct sign_forms *f);
/* May they sign what is there? As trust_policy_signs(). */
HM_MUST hm_err cli_sign_forms_allowed(struct hm_cx *cx, const struct sign_forms *f,
				      const char *config_dir, const struct oci_target *t);
void cli_sign_forms_done(struct sign_forms *f);
/* Signatures that are made, and not stored: how many one artifact gets, and these. */
struct sign_made {
	enum sign_form form;
	struct sigstore_tagged made; /* of SIGN_BUNDLE no payload */
};
size_t cli_sign_forms_count(const struct sign_forms *f);
HM_MUST hm_err cli_sign_forms_seal(struct hm_cx *cx, const struct sign_forms *f,
				   const struct oci_target *t, const struct oci_descriptor *subject,
				   struct sign_made *out);
HM_MUST hm_err cli_sign_forms_store(struct hm_cx *cx, struct oci_place *p,
				    const struct oci_descriptor *subject, const struct sign_made *m,
				    struct oci_descriptor *out);

#endif
