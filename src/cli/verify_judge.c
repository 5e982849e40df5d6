/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verify.h"

hm_err cli_verify_judge(struct hm_cx *cx, const struct cli_verify *o, const struct trust_config *t,
			const struct cli_subject *s, const struct trust_verify_options *options,
			struct cli_judgement *out)
{
	struct trust_claim_question q = { .subject = &s->descriptor, .options = options };
	struct cli_demand demand = o->demand;
	bool alone = cli_believe_is(&o->given);
	demand.type = "slsa";
	if (!cli_demand_is(&demand))
		return cli_judge(cx, t, s, options, out);
	HM_TRY(cli_demand_write(cx, &demand, &q.demand));
	if (alone)
		*out = (struct cli_judgement){ .name = s->name,
					       .descriptor = s->descriptor,
					       .scope = options->scope };
	else
		HM_TRY(cli_judge(cx, t, s, options, out));
	return cli_demand_judge(cx, t, &q, s->place, alone, out);
}

unsigned cli_verify_sorts(const struct cli_verify *o, unsigned sorts)
{
	return cli_demand_is(&o->demand) ? sorts | TRUST_SIGSTORES | TRUST_CLAIMS : sorts;
}
