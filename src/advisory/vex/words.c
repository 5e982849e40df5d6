/* SPDX-License-Identifier: Apache-2.0 */
/* Words and names, as the formats share them. */
#include "advisory/vex/vex.h"

const char *const advisory_vex_status_names[ADVISORY_VEX_STATUSES] = {
	[ADVISORY_VEX_AFFECTED] = "affected",
	[ADVISORY_VEX_UNDER_INVESTIGATION] = "under_investigation",
	[ADVISORY_VEX_NOT_AFFECTED] = "not_affected",
	[ADVISORY_VEX_FIXED] = "fixed",
};

/* CycloneDX has no word for code that only others than an adversary control. */
const struct advisory_vex_reason advisory_vex_reasons[] = {
	{ "component_not_present", "code_not_present" },
	{ "vulnerable_code_not_present", "code_not_present" },
	{ "vulnerable_code_not_in_execute_path", "code_not_reachable" },
	{ "vulnerable_code_cannot_be_controlled_by_adversary", NULL },
	{ "inline_mitigations_already_exist", "protected_by_mitigating_control" },
	{ 0 },
};

struct hm_str advisory_vex_title(struct hm_cx *cx, struct hm_str name)
{
	struct inventory_component c;
	if (inventory_purl_parse(cx, name, &c) || !c.name.n)
		return name;
	return hm_fmt(cx, "%.*s%s%.*s", HM_FMT(inventory_component_name(cx, &c)),
		      c.version.n ? " " : "", HM_FMT(c.version));
}

bool advisory_vex_is_cve(struct hm_str id)
{
	struct hm_str rest = id, head = hm_cut(&rest, '-'), year = hm_cut(&rest, '-');
	uint64_t number;
	return hm_eqz(head, "CVE") && year.n == 4 && rest.n >= 4 &&
	       hm_u64(year, UINT32_MAX, &number) && hm_u64(rest, UINT64_MAX, &number);
}

struct hm_str advisory_vex_system(struct hm_str id)
{
	size_t dash = hm_find_char(id, '-');
	return dash == SIZE_MAX || !dash ? HM_STR("other") : hm_sub(id, 0, dash);
}

void advisory_vex_products(struct hm_cx *cx, const struct advisory_vex_draft *draft,
			   struct hm_strs *out)
{
	struct hm_map seen = { 0 };
	*out = (struct hm_strs){ 0 };
	for (size_t i = 0; i < draft->n; i++)
		for (size_t k = 0; k < draft->p[i].products.n; k++) {
			struct hm_str product = draft->p[i].products.p[k];
			if (hm_map_has(&seen, product))
				continue;
			hm_map_put(cx, &seen, product, NULL);
			*hm_push(cx, out) = product;
		}
}
