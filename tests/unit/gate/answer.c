/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

/* A provider's key in its two parts. */
static const struct key_case {
	const char *label, *key, *space, *image;
} keys[] = {
	{ "an image alone", "reg/a:1", "", "reg/a:1" },
	{ "a namespace before it", "[shop]reg/a:1", "shop", "reg/a:1" },
	{ "an empty namespace", "[]reg/a:1", "", "reg/a:1" },
	{ "a bracket that is not closed", "[shop", "", "[shop" },
	{ "two namespaces: the second is of the image", "[a][b]c", "a", "[b]c" },
	{ "brackets within the image", "a[b]c", "", "a[b]c" },
	{ "a namespace and no image", "[shop]", "shop", "" },
	{ "nothing", "", "", "" },
};

static void key(void **state)
{
	const struct key_case *t = *state;
	struct hm_str space, image;
	gate_split_key(hm_cstr(t->key), &space, &image);
	assert_strz(space, t->space);
	assert_strz(image, t->image);
}

/* Names as containerd reads them, or why not. */
static const struct name_case {
	const char *label, *name, *registry, *repository, *fault;
	enum hm_code code; /* of the fault */
} names[] = {
	{ "a short name", "web", "docker.io", "library/web", NULL, 0 },
	{ "of an account", "a/web:1", "docker.io", "a/web", NULL, 0 },
	{ "of a registry with a port", "reg:5000/web@" DIGEST_1, "reg:5000", "web", NULL, 0 },
	{ "a layout", "oci:/etc", NULL, NULL, "is not an image in a registry", HM_INPUT },
	{ "an archive", "oci-archive:/etc/x", NULL, NULL, "is not an image in a registry",
	  HM_INPUT },
	{ "a namespace before it", "[x]web", NULL, NULL, "[x]web", HM_USAGE },
	{ "capitals", "reg.example.com/WEB", NULL, NULL, "WEB", HM_USAGE },
	{ "nothing", "", NULL, NULL, "is not a valid target: it is empty", HM_USAGE },
};

static void name(void **state)
{
	const struct name_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oci_target got;
	hm_err err = gate_reference(&cx, hm_cstr(t->name), &got);
	if (t->fault) {
		assert_fault(err, t->code, t->fault);
		return;
	}
	assert_ok(err);
	assert_strz(got.registry, t->registry);
	assert_strz(got.repository, t->repository);
}

/* What the command decides without a registry: namespace, name, digest. */
static const struct decide_case {
	const char *label, *image, *space, *rule;
	bool admitted, unknown;
} decisions[] = {
	{ "an exempt namespace", REFUSED, "hullmark", "exempt", true, false },
	{ "one that begins as is said", REFUSED, "kube-system", "exempt", true, false },
	{ "one that only begins like an exempt one", "web:1", "hullmark-2", "reference", false,
	  false },
	{ "no namespace", "web:1", "", "reference", false, false },
	{ "an exempt namespace in the name", "[hullmark]" REFUSED, "", "reference", false, false },
	{ "no digest", "reg.example.com/shop/web:1", "shop", "reference", false, false },
	{ "no name", "A B", "shop", "reference", false, false },
	{ "a registry that cannot be asked", "reg.example.com/other@" DIGEST_1, "shop", "image",
	  false, true },
};

static void decision(void **state)
{
	const struct decide_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct gate *g = gate_fixture(&cx);
	struct gate_verdict v;
	assert_ok(gate_decide(&cx, g, hm_cstr(t->image), hm_cstr(t->space), &v));
	assert_int_equal(v.admitted, t->admitted);
	assert_int_equal(v.unknown, t->unknown);
	assert_int_equal(v.findings_n, 1);
	assert_strz(v.findings[0].rule, t->rule);
	gate_fixture_done(g);
}

/* An answer says whether it is of an earlier process. */
static void what_is_kept_stays_so(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct gate *g = gate_fixture(&cx);
	struct gate_entry e, kept = { .until = INT64_MAX,
				      .made = 1700000000,
				      .admitted = true,
				      .kept = true,
				      .digest = HM_STR(KNOWN),
				      .text = HM_STR("x") };
	assert_ok(gate_answer(&cx, g, HM_STR("[shop]" KNOWN), &e));
	assert_false(e.kept);
	gate_cache_put(g->cache, gate_verdict_key(&cx, g->current, HM_STR("other"), HM_STR(KNOWN)),
		       &kept);
	for (int i = 0; i < 2; i++) { /* by its digest, and by the name that was asked for */
		assert_ok(gate_answer(&cx, g, HM_STR("[other]" KNOWN), &e));
		assert_true(e.kept);
		assert_true(e.admitted);
		assert_int_equal(e.made, 1700000000);
	}
	gate_fixture_done(g);
}

/* The namespace of a key is part of the question, and exempts nothing. */
static void a_key_exempts_nothing(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct gate *g = gate_fixture(&cx);
	static const char *const spaces[] = { "[hullmark]", "[kube-public]", "[kube-system]" };
	for (size_t i = 0; i < HM_LEN(spaces); i++) {
		struct gate_entry e;
		gate_known(g, &cx,
			   hm_dupz(&cx, hm_sub(hm_cstr(spaces[i]), 1, strlen(spaces[i]) - 2)),
			   REFUSED, false);
		assert_ok(gate_answer(&cx, g, hm_fmt(&cx, "%s" REFUSED, spaces[i]), &e));
		assert_false(e.admitted);
		assert_false(e.unknown);
	}
	gate_fixture_done(g);
}

int main(void)
{
	UNIT_TABLE(key, keys);
	UNIT_TABLE(name, names);
	UNIT_TABLE(decision, decisions);
	UNIT(what_is_kept_stays_so);
	UNIT(a_key_exempts_nothing);
	return unit_run("gate/answer");
}
