/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of the findings of a report of ours. */
#include "cli/patch.h"
#include "cli/vex.h"

static bool is_schema(struct json report, const char *schema)
{
	return hm_eqz(json_str(json_get(report, "schema")), schema);
}

bool cli_vex_is_patch(struct json report)
{
	return is_schema(report, "hullmark.patch/1");
}

static void read_strs(struct hm_cx *cx, struct json list, struct hm_strs *out)
{
	for (struct json_iter it = json_iter(list); json_next(&it);)
		if (json_str(it.value).n)
			*hm_push(cx, out) = json_str(it.value);
}

static bool is_wanted(const struct cli_vex_say *say, struct hm_str id,
		      const struct hm_strs *aliases)
{
	bool wanted = !say->ids.n || hm_strs_has(&say->ids, id);
	for (size_t i = 0; !wanted && i < aliases->n; i++)
		wanted = hm_strs_has(&say->ids, aliases->p[i]);
	return wanted;
}

/* --- of a scan --- */

/* The image; empty: it was no image, and each package speaks for itself. */
static struct hm_str product_of(struct hm_cx *cx, struct json target)
{
	struct hm_str digest = json_str(json_get(target, "digest"));
	struct oci_target t;
	if (!digest.n || oci_target_parse(cx, json_str(json_get(target, "name")), &t) ||
	    !oci_target_is_place(&t))
		return HM_STR("");
	return oci_target_purl(cx, &t, digest);
}

static hm_err read_match(struct hm_cx *cx, struct json match, struct hm_str product,
			 const struct cli_vex_say *say, struct advisory_vex_draft *draft)
{
	struct advisory_vex_claim c = { .status = say->status,
					.justification = hm_cstr(say->justification),
					.impact = hm_cstr(say->impact),
					.action = hm_cstr(say->action),
					.notes = hm_cstr(say->notes) };
	struct hm_str purl = json_str(json_get(json_get(match, "package"), "purl"));
	HM_TRY(json_need_str(cx, match, "id", &c.id));
	read_strs(cx, json_get(match, "aliases"), &c.aliases);
	if (!is_wanted(say, c.id, &c.aliases))
		return NULL;
	if (!purl.n)
		return hm_fail(cx, HM_INPUT, "\"%.*s\": its package has no \"purl\"", HM_FMT(c.id));
	*hm_push(cx, &c.products) = product.n ? product : purl;
	if (product.n)
		*hm_push(cx, &c.parts) = purl;
	advisory_vex_claim_add(cx, draft, &c);
	return NULL;
}

static hm_err read_scan(struct hm_cx *cx, struct json report, const struct cli_vex_say *say,
			struct advisory_vex_draft *draft)
{
	struct hm_str product = product_of(cx, json_get(report, "target"));
	struct json matches = json_get(report, "matches");
	if (!json_is_array(matches))
		return hm_fail(cx, HM_INPUT, "\"matches\" is not an array");
	for (struct json_iter it = json_iter(matches); json_next(&it);)
		HM_TRY(read_match(cx, it.value, product, say, draft));
	return NULL;
}

/* --- of a patch --- */

static hm_err read_finding(struct hm_cx *cx, struct json one, struct hm_str product,
			   const struct cli_vex_say *say, struct advisory_vex_draft *draft)
{
	struct repair_finding f = { 0 };
	struct hm_str outcome;
	size_t i = 0;
	HM_TRY(json_need_str(cx, one, "id", &f.wanted.id));
	HM_TRY(json_need_str(cx, one, "outcome", &outcome));
	read_strs(cx, json_get(one, "aliases"), &f.wanted.aliases);
	read_strs(cx, json_get(one, "purls"), &f.purls);
	f.wanted.name = json_str(json_get(one, "package"));
	f.wanted.fixed = json_str(json_get(one, "fixed"));
	f.why = json_str(json_get(one, "reason"));
	while (i < REPAIR_OUTCOMES && !hm_eqz(outcome, repair_outcome_names[i]))
		i++;
	if (i == REPAIR_OUTCOMES)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not an outcome", HM_FMT(outcome));
	f.outcome = (enum repair_outcome)i;
	if (is_wanted(say, f.wanted.id, &f.wanted.aliases))
		cli_patch_claim(cx, &f, product, draft);
	return NULL;
}

/* A platform that stayed as it is has no findings. */
static hm_err read_image(struct hm_cx *cx, struct json image, const char *digest_key,
			 const struct oci_target *to, const struct cli_vex_say *say,
			 struct advisory_vex_draft *draft)
{
	struct hm_str digest = json_str(json_get(image, digest_key));
	struct json findings = json_get(image, "findings");
	if (!digest.n || !json_is_array(findings))
		return NULL;
	for (struct json_iter it = json_iter(findings); json_next(&it);)
		HM_TRY(read_finding(cx, it.value, oci_target_purl(cx, to, digest), say, draft));
	return NULL;
}

static hm_err read_patch(struct hm_cx *cx, struct json report, const struct cli_vex_say *say,
			 struct advisory_vex_draft *draft)
{
	struct json platforms = json_get(report, "platforms");
	struct oci_target to;
	struct hm_str text;
	HM_TRY(json_need_str(cx, report, "to", &text));
	HM_TRY(oci_target_parse(cx, text, &to));
	if (json_bool(json_get(report, "dryRun")))
		return hm_fail(cx, HM_INPUT, "it is of a dry run: nothing was patched");
	if (!json_is_array(platforms))
		return read_image(cx, report, "digest", &to, say, draft);
	for (struct json_iter it = json_iter(platforms); json_next(&it);)
		HM_TRY(read_image(cx, it.value, "manifest", &to, say, draft));
	return NULL;
}

hm_err cli_vex_from(struct hm_cx *cx, struct json report, const struct cli_vex_say *say,
		    struct advisory_vex_draft *draft)
{
	if (cli_vex_is_patch(report))
		return read_patch(cx, report, say, draft);
	if (is_schema(report, "hullmark.scan/1"))
		return read_scan(cx, report, say, draft);
	return hm_fail(cx, HM_INPUT,
		       "it is not JSON that \"hullmark scan\" or \"hullmark patch\" writes");
}
