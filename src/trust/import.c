/* SPDX-License-Identifier: Apache-2.0 */
/* How a trust policy comes into force. */
#include <unistd.h>

#include "trust/config.h"

/* A file of an earlier revision is what somebody would put back who has a signer in it. */
static hm_err check_revision(struct hm_cx *cx, const char *config_dir, struct hm_str text)
{
	struct hm_str old_text, path;
	struct trust_policy old, p;
	HM_TRY_IN(cx, trust_policy_parse(cx, text, &p), "trust policy");
	if (trust_policy_read(cx, config_dir, &old_text, &path) ||
	    trust_policy_parse(cx, old_text, &old) || !old.revision || hm_eq(text, old_text) ||
	    p.revision > old.revision)
		return NULL;
	hm_err err = hm_fail(cx, HM_TRUST,
			     "the trust policy has revision %llu, and revision %llu is in force",
			     (unsigned long long)p.revision, (unsigned long long)old.revision);
	return hm_hint(cx, err, "raise its \"revision\" above %llu",
		       (unsigned long long)old.revision);
}

/* Where neither exists the name that every verifier knows is taken: other tools replace or remove
 * it, and do not leave a second one behind that differs. */
static hm_err write_policy(struct hm_cx *cx, const char *config_dir, struct hm_str text)
{
	char *first = hm_path(cx, config_dir, TRUST_POLICY_FILE),
	     *second = hm_path(cx, config_dir, TRUST_POLICY_OLD_FILE);
	bool has_first = hm_exists(first);
	if (has_first)
		HM_TRY(hm_output_write(cx, first, text, 0600));
	if (!has_first || hm_exists(second))
		HM_TRY(hm_output_write(cx, second, text, 0600));
	return NULL;
}

hm_err trust_policy_import(struct hm_cx *cx, const char *config_dir, struct hm_str text)
{
	const char *kept;
	HM_TRY_IN(cx, trust_policy_check(cx, text), "trust policy");
	HM_TRY(hm_mkdirs(cx, config_dir, 0700));
	HM_TRY(check_revision(cx, config_dir, text));
	HM_TRY(trust_history_keep(cx, config_dir, text, &kept));
	hm_err err = write_policy(cx, config_dir, text);
	if (err && kept)
		(void)unlink(kept); /* it never was in force */
	return err;
}
