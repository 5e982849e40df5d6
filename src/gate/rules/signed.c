/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/rules/rules.h"

static bool judge_signed(struct hm_cx *cx, const struct gate_facts *f, struct gate_judgement *out)
{
	const struct trust_verdict *s = f->signature;
	out->good = s->verified;
	if (!s->verified) {
		out->detail = s->why.n ? s->why : HM_STR("no signature is trusted");
		out->remedy = hm_fmt(cx, "hullmark sign %.*s", HM_FMT(f->subject));
		return true;
	}
	out->valid_until = s->valid_until;
	if (s->skipped)
		out->detail =
			hm_say(cx, "trust policy \"%.*s\" skips verification", HM_FMT(s->policy));
	else if (s->signatures_n)
		out->detail = trust_signature_signer(&s->signatures[s->signatures_n - 1]).value;
	return true;
}

const struct gate_rule gate_rule_signed = {
	.name = "signed",
	.need = GATE_NEEDS_SIGNATURE,
	.policy = GATE_SIGNED,
	.remedy = "fix what is attached to it",
	.judge = judge_signed,
};
