/* SPDX-License-Identifier: Apache-2.0 */
/* Rules over the name alone: exempt, reference, policy; and image, whose name was good. */
#include "gate/rules/rules.h"

static const struct gate_parameter exempt_namespaces[] = {
	{ .key = "exemptNamespaces",
	  .type = GATE_NAMES,
	  .flag = "exempt-namespace",
	  .help = "admit whatever runs in this namespace; \"kube-*\" matches by its beginning" },
	{ 0 },
};
static const struct gate_parameter allow_tags[] = {
	{ .key = "allowTags",
	  .type = GATE_SWITCH,
	  .flag = "allow-tags",
	  .help = "look up references without digest instead of denying them" },
	{ 0 },
};

bool gate_exempts(const struct gate_config *c, struct hm_str namespace)
{
	const struct hm_strs *list = gate_names(c, exempt_namespaces);
	for (size_t i = 0; namespace.n && list && i < list->n; i++) {
		struct hm_str name = list->p[i];
		bool open_end = hm_ends(name, HM_STR("*"));
		if (open_end ? hm_starts(namespace, hm_sub(name, 0, name.n - 1))
			     : hm_eq(namespace, name))
			return true;
	}
	return false;
}

static bool judge_exempt(struct hm_cx *cx, const struct gate_facts *f, struct gate_judgement *out)
{
	/* No namespace has control characters: such a name is meant to be mistaken for another. */
	if (!f->exempts || hm_has_control(f->namespace) || !gate_exempts(f->config, f->namespace))
		return false;
	out->good = true;
	out->detail = hm_say(cx, "namespace \"%.*s\" is exempt", HM_FMT(f->namespace));
	return true;
}

static bool judge_reference(struct hm_cx *cx, const struct gate_facts *f,
			    struct gate_judgement *out)
{
	const struct oci_target *t = f->target;
	if (hm_has_control(f->namespace)) {
		out->detail = hm_say(cx, "the namespace \"%.*s\" has control characters",
				     HM_FMT(f->namespace));
		out->remedy = HM_STR("name a namespace of the cluster");
		return true;
	}
	if (f->bad_name) {
		out->detail = hm_cstr(f->bad_name->why);
		out->remedy = HM_STR("name it REGISTRY/REPOSITORY@sha256:DIGEST");
		return true;
	}
	if (t->digest.n || gate_number(f->config, allow_tags))
		return false;
	out->detail = HM_STR("it has no digest, so what runs may not be what was checked");
	out->remedy =
		hm_say(cx, "name it %.*s/%.*s@sha256:DIGEST, as printed by: hullmark resolve %.*s",
		       HM_FMT(t->registry), HM_FMT(t->repository), HM_FMT(f->image));
	return true;
}

/* A repository that no statement applies to would be denied anyway, so no registry is asked about
 * it. A policy that cannot be read is reported later, as unknown. */
static bool judge_policy(struct hm_cx *cx, const struct gate_facts *f, struct gate_judgement *out)
{
	if (f->bad_name)
		return false; /* rule "reference" says so */
	struct hm_str scope =
		hm_fmt(cx, "%.*s/%.*s", HM_FMT(f->target->registry), HM_FMT(f->target->repository));
	if (!f->trust || trust_config_covers(cx, f->trust, scope))
		return false;
	out->detail = trust_not_covered(cx, scope);
	out->remedy = HM_STR("name the image as the trust policy does, or add a statement for its "
			     "repository");
	return true;
}

#define PUSH_IT "push it, or correct its name"

const struct gate_rule gate_rule_exempt = {
	.name = "exempt",
	.need = GATE_NEEDS_NAME,
	.parameters = exempt_namespaces,
	.judge = judge_exempt,
};
const struct gate_rule gate_rule_reference = {
	.name = "reference",
	.need = GATE_NEEDS_NAME,
	.parameters = allow_tags,
	.remedy = PUSH_IT,
	.judge = judge_reference,
};
const struct gate_rule gate_rule_policy = {
	.name = "policy",
	.need = GATE_NEEDS_NAME,
	.judge = judge_policy,
};
const struct gate_rule gate_rule_image = {
	.name = "image",
	.need = GATE_NEEDS_IMAGE,
	.remedy = PUSH_IT,
};
