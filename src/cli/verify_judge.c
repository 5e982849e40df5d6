/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verify.h"

void cli_verify_whom(const struct cli_verify *o, struct cli_demand *out_demand,
		     struct cli_believe *out_given)
{
	*out_demand = o->demand;
	*out_given = o->given;
	out_demand->type = "slsa";
	if (cli_believe_whom(&o->given) ||
	    (!o->provenance && (!o->given.root || !o->demand.source)))
		return;
	out_given->builders = true;
	out_given->builder = o->demand.builder;
	out_demand->builder = NULL;
}

hm_err cli_verify_judge(struct hm_cx *cx, const struct cli_verify *o, const struct trust_config *t,
			const struct cli_subject *s, const struct trust_verify_options *options,
			struct cli_judgement *out)
{
	struct trust_claim_question q = { .subject = &s->descriptor, .options = options };
	struct cli_demand demand;
	struct cli_believe given;
	bool alone = cli_believe_is(&o->given);
	cli_verify_whom(o, &demand, &given);
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
