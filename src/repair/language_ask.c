/* SPDX-License-Identifier: Apache-2.0 */
/* What the planners of languages are asked, and what becomes of their verdicts. */
#include "repair/language.h"

bool repair_language_wants(const struct repair_language_run *l, const struct repair_wanted *w)
{
	return w->is_other && hm_eqz(w->type, l->row->type);
}

void repair_language_put_wants(const struct repair_language_run *l, struct json_out *o)
{
	const struct repair_options *options = l->run->o;
	json_open(o, "wants", '[');
	for (size_t i = 0; i < options->wanted_n; i++) {
		const struct repair_wanted *w = &options->wanted[i];
		if (!repair_language_wants(l, w))
			continue;
		json_open(o, NULL, '{');
		json_put_str(o, "name", w->name);
		json_put_str(o, "version", w->installed);
		json_put_strs(o, "paths", &w->paths);
		json_put_strs(o, "fixes", &w->fixes);
		json_close(o, '}');
	}
	json_close(o, ']');
}

hm_err repair_language_bad_answer(struct hm_cx *cx)
{
	return hm_fail(cx, HM_INPUT, "the planner's worker answered in no known form");
}

hm_err repair_language_take_verdicts(struct hm_cx *cx, struct repair_language_run *l,
				     struct json verdicts)
{
	struct repair_result *r = l->run->result;
	struct json_iter it = json_iter(verdicts);
	int64_t outcome;
	for (size_t i = 0; i < r->findings_n; i++) {
		if (!repair_language_wants(l, &r->findings[i].wanted))
			continue;
		if (!json_next(&it) || !json_int(json_get(it.value, "outcome"), &outcome) ||
		    outcome < 0 || outcome >= REPAIR_OUTCOMES)
			return repair_language_bad_answer(cx);
		r->findings[i].outcome = (enum repair_outcome)outcome;
		r->findings[i].version = json_str(json_get(it.value, "version"));
		r->findings[i].why = json_str(json_get(it.value, "why"));
	}
	return NULL;
}

void repair_language_give_up(struct repair_language_run *l, struct hm_str why)
{
	struct repair_result *r = l->run->result;
	for (size_t i = 0; i < r->findings_n; i++)
		if (repair_language_wants(l, &r->findings[i].wanted))
			r->findings[i].why = why;
}
