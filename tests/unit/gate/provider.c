/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define HEAD \
	"{'apiVersion':'externaldata.gatekeeper.sh/v1beta1','kind':'ProviderRequest','request':{'keys':"

/* Keys, and a part of the answer; or the fault. */
static const struct provider_case {
	const char *label, *body, *answer, *fault;
	enum hm_code code;
} cases[] = {
	{ "an image that is known to be good", HEAD "['" KNOWN "']}}",
	  "{'key':'" KNOWN "','value':{'version':'0.2.0','isSuccess':true,", NULL, 0 },
	{ "an image that is known to be bad", HEAD "['" REFUSED "']}}",
	  "{'key':'" REFUSED "','value':{'version':'0.2.0','isSuccess':false,", NULL, 0 },
	{ "a namespace before the image", HEAD "['[shop]" KNOWN "']}}",
	  "{'key':'[shop]" KNOWN "','value':{'version':'0.2.0','isSuccess':true,", NULL, 0 },
	{ "an exempt namespace in a key exempts nothing", HEAD "['[kube-system]" REFUSED "']}}",
	  "{'key':'[kube-system]" REFUSED "','value':{'version':'0.2.0','isSuccess':false,", NULL,
	  0 },
	{ "nor does it make a name of what is none", HEAD "['[kube-system]A B']}}",
	  "'isSuccess':false", NULL, 0 },
	{ "nor does one after another", HEAD "['[shop][kube-system]" REFUSED "']}}",
	  "is denied by rule \\'reference\\'", NULL, 0 },
	{ "a registry's address is no namespace", HEAD "['[::1]:5000/shop/web@" DIGEST_1 "']}}",
	  "no statement of the trust policy applies to \\\'[::1]:5000/shop/web", NULL, 0 },
	{ "nor is it behind one", HEAD "['[shop][::1]:5000/shop/web@" DIGEST_1 "']}}",
	  "no statement of the trust policy applies to \\\'[::1]:5000/shop/web", NULL, 0 },
	{ "two keys in their order", HEAD "['" KNOWN "','" REFUSED "']}}",
	  "'verifierReports':[]},'error':''},{'key':'" REFUSED "'", NULL, 0 },
	{ "no key", HEAD "[]}}", "'items':[]", NULL, 0 },
	{ "verification is not idempotent", HEAD "[]}}", "'idempotent':false", NULL, 0 },
	{ "the older version is echoed",
	  "{'apiVersion':'externaldata.gatekeeper.sh/v1alpha1','kind':'ProviderRequest','request':{'keys':[]}}",
	  "'apiVersion':'externaldata.gatekeeper.sh/v1alpha1'", NULL, 0 },
	{ "a reference without digest is denied", HEAD "['reg.example.com/shop/web:1']}}",
	  "'isSuccess':false", NULL, 0 },
	{ "and the reason names rule and remedy", HEAD "['reg.example.com/shop/web:1']}}",
	  "is denied by rule \\'reference\\': it has no digest", NULL, 0 },
	{ "a file is no image", HEAD "['oci:/etc@" DIGEST_1 "']}}", "rule \\'reference\\'", NULL,
	  0 },
	{ "a registry that cannot be asked decides nothing",
	  HEAD "['reg.example.com/other@" DIGEST_1 "']}}", "'value':null,'error':'image", NULL, 0 },
	{ "a NUL behind a good name is another name", HEAD "['" KNOWN "\\u0000']}}",
	  "\\u0000','value':{'version':'0.2.0','isSuccess':false", NULL, 0 },
	{ "a NUL within it", HEAD "['reg.example.com/shop/web\\u0000@" DIGEST_1 "']}}",
	  "has control characters", NULL, 0 },
	{ "a NUL behind a namespace", HEAD "['[shop\\u0000]" KNOWN "']}}", "'isSuccess':false",
	  NULL, 0 },
	{ "a NUL behind an exempt namespace", HEAD "['[hullmark\\u0000]" REFUSED "']}}",
	  "'isSuccess':false", NULL, 0 },
	{ "a line feed in a name", HEAD "['" KNOWN "\\n']}}", "'isSuccess':false", NULL, 0 },
	{ "a repository that no statement is for", HEAD "['reg.example.com/nobody@" DIGEST_1 "']}}",
	  "no statement of the trust policy applies to", NULL, 0 },
	{ "nor for its name at another port", HEAD "['reg.example.com:5000/other@" DIGEST_1 "']}}",
	  "rule \\'policy\\'", NULL, 0 },
	{ "another spelling of a known name is that name",
	  HEAD "['REG.example.com:0443/shop/web@" DIGEST_1 "']}}", "'isSuccess':true", NULL, 0 },
	{ "not a ProviderRequest",
	  "{'apiVersion':'externaldata.gatekeeper.sh/v1beta1','kind':'ProviderResponse','request':{'keys':[]}}",
	  NULL, "not a ProviderRequest", HM_INPUT },
	{ "an unknown version",
	  "{'apiVersion':'x/v9','kind':'ProviderRequest','request':{'keys':[]}}", NULL,
	  "unknown apiVersion", HM_INPUT },
	{ "no request",
	  "{'apiVersion':'externaldata.gatekeeper.sh/v1beta1','kind':'ProviderRequest'}", NULL,
	  "\"request\" is missing", HM_INPUT },
	{ "keys that are a string", HEAD "'x'}}", NULL, "\"keys\" is not an array", HM_INPUT },
	{ "a key that is a number", HEAD "[7]}}", NULL, "a key is not a string", HM_INPUT },
	{ "the same member twice", HEAD "[],'keys':['x']}}", NULL, "the key \"keys\" appears twice",
	  HM_INPUT },
	{ "no JSON", "keys", NULL, "expected a valid root value", HM_INPUT },
};

static void answers(void **state)
{
	const struct provider_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct gate *g = gate_fixture(&cx);
	hm_err err = gate_provider_verify(&cx, g, quoted(&cx, t->body), &b);
	if (t->fault) {
		assert_fault(err, t->code, t->fault);
	} else {
		assert_ok(err);
		if (hm_find(hm_buf_str(&b), quoted(&cx, t->answer)) == SIZE_MAX)
			fail_msg("%s", b.p);
		struct json doc;
		assert_ok(json_parse(&cx, hm_buf_str(&b), JSON_NO_DUPLICATES, &doc));
	}
	gate_fixture_done(g);
}

static void a_warm_answer_is_the_same_and_needs_no_thread(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct gate *g = gate_fixture(&cx);
	struct hm_str body = quoted(&cx, HEAD "['" KNOWN "','[shop]" REFUSED "']}}");
	HM_AUTO_BUF cold = HM_BUF(HM_MIB);
	HM_AUTO_BUF warm = HM_BUF(HM_MIB);
	HM_AUTO_BUF none = HM_BUF(HM_MIB);
	assert_false(gate_provider_fast(&cx, g, body, &none));
	assert_ok(gate_provider_verify(&cx, g, body, &cold));
	assert_true(gate_provider_fast(&cx, g, body, &warm));
	assert_str(hm_buf_str(&warm), hm_buf_str(&cold));
	hm_buf_clear(&none);
	assert_false(gate_provider_fast(&cx, g, quoted(&cx, HEAD "['" KNOWN "','x']}}"), &none));
	hm_buf_clear(&none);
	assert_false(gate_provider_fast(&cx, g, HM_STR("{}"), &none));
	gate_fixture_done(g);
}

static void a_thousand_keys_are_the_limit(void **state)
{
	(void)state;
	for (size_t n = HM_MAX_PROVIDER_KEYS; n <= HM_MAX_PROVIDER_KEYS + 1; n++) {
		HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
		struct gate *g = gate_fixture(&cx);
		HM_AUTO_BUF b = HM_BUF(HM_MIB);
		HM_AUTO_BUF out = HM_BUF(64 * HM_MIB);
		hm_buf_addz(&b, HEAD "[");
		for (size_t i = 0; i < n; i++)
			hm_buf_fmt(&b, "%s'" KNOWN "'", i ? "," : "");
		hm_buf_addz(&b, "]}}");
		hm_err err = gate_provider_verify(&cx, g, quoted(&cx, b.p), &out);
		if (n > HM_MAX_PROVIDER_KEYS)
			assert_fault(err, HM_LIMIT, "more than 1000 keys");
		else
			assert_ok(err);
		gate_fixture_done(g);
	}
}

static void a_digest_is_what_mutation_leaves(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct gate *g = gate_fixture(&cx);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	assert_ok(gate_provider_mutate(&cx, g,
				       quoted(&cx, HEAD "['" KNOWN "','[shop]web@" DIGEST_1
							"','reg.example.com/a:1','oci:x']}}"),
				       &b));
	struct hm_str all = hm_buf_str(&b);
	assert_true(hm_find(all, HM_STR("\"idempotent\":true")) != SIZE_MAX);
	assert_true(hm_find(all, HM_STR("\"value\":\"" KNOWN "\",\"error\":\"\"")) != SIZE_MAX);
	assert_true(hm_find(all, HM_STR("\"value\":\"docker.io/library/web@" DIGEST_1 "\"")) !=
		    SIZE_MAX);
	assert_true(
		hm_find(all,
			HM_STR("\"key\":\"reg.example.com/a:1\",\"value\":null,\"error\":\"")) !=
		SIZE_MAX);
	assert_true(hm_find(all, HM_STR("\"key\":\"oci:x\",\"value\":null")) != SIZE_MAX);
	gate_fixture_done(g);
}

static void a_changed_policy_is_another_question(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct gate *g = gate_fixture(&cx);
	struct hm_str body = quoted(&cx, HEAD "['" KNOWN "']}}");
	HM_AUTO_BUF out = HM_BUF(HM_MIB);
	assert_ok(gate_provider_verify(&cx, g, body, &out));
	hm_buf_clear(&out);
	assert_true(gate_provider_fast(&cx, g, body, &out));
	(void)gate_routes(g); /* starts the thread that reads the policy again */
	assert_ok(hm_write_file(&cx, hm_path(&cx, g->config.config_dir, "trustpolicy.json"),
				HM_STR("{}"), 0600));
	for (int i = 0; i < 100 && atomic_load(&g->healthy); i++)
		usleep(100000);
	assert_false(atomic_load(&g->healthy));
	hm_buf_clear(&out);
	assert_false(gate_provider_fast(&cx, g, body, &out));
	hm_buf_clear(&out);
	assert_ok(gate_provider_verify(&cx, g, body, &out));
	assert_true(hm_find(hm_buf_str(&out), HM_STR("\"value\":null")) != SIZE_MAX);
	/* the reason is that of now, not the first one */
	assert_ok(hm_write_file(&cx, hm_path(&cx, g->config.config_dir, "trustpolicy.json"),
				HM_STR("{\"version\":\"7.0\"}"), 0600));
	bool told = false;
	for (int i = 0; i < 100 && !told; i++) {
		usleep(100000);
		struct gate_snapshot *s = gate_hold(g);
		told = s->err && strstr(s->err->why, "7.0");
		gate_let_go(g, s);
	}
	assert_true(told);
	gate_fixture_done(g);
}

static void verdicts_need_a_folder(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct gate *g = gate_fixture(&cx), *other;
	struct gate_config c = g->config;
	c.cache_dir = hm_path(&cx, c.config_dir, "trustpolicy.json/verdicts");
	assert_fault(gate_open(&cx, &c, &other), HM_SYSTEM, "could not make folder");
	gate_fixture_done(g);
}

/* Of an earlier process or of this one: the answer says which. */
static void what_is_kept_says_so(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct gate *g = gate_fixture(&cx);
	struct gate_verdict v = { .admitted = true, .image = HM_STR(KNOWN), .made = 1700000000 };
	struct gate_entry kept = { .until = INT64_MAX,
				   .made = v.made,
				   .admitted = true,
				   .kept = true,
				   .digest = v.image };
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	assert_ok(gate_verdict_pack(&cx, &v, &kept.text));
	assert_ok(gate_provider_verify(&cx, g, quoted(&cx, HEAD "['[shop]" KNOWN "']}}"), &b));
	assert_true(hm_find(hm_buf_str(&b), HM_STR("kept")) == SIZE_MAX);
	gate_cache_put(g->cache, gate_verdict_key(&cx, g->current, HM_STR("other"), HM_STR(KNOWN)),
		       &kept);
	for (int i = 0; i < 2; i++) { /* written, and from memory */
		hm_buf_clear(&b);
		assert_ok(gate_provider_verify(&cx, g, quoted(&cx, HEAD "['[other]" KNOWN "']}}"),
					       &b));
		assert_true(hm_find(hm_buf_str(&b), HM_STR("\"isSuccess\":true")) != SIZE_MAX);
		assert_true(hm_find(hm_buf_str(&b),
				    HM_STR("\"kept\":\"decided by an earlier process at "
					   "2023-11-14T22:13:20Z\"},\"error\":\"\"}")) != SIZE_MAX);
	}
	gate_fixture_done(g);
}

/* Anybody may attach a hundred signatures, each by a name as long as a certificate can hold. */
static void long_names_do_not_break_the_answer(void **state)
{
	(void)state;
	enum { MANY = 100, LONG = 60000 };
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	char *name = hm_new(&cx, char, LONG + 1);
	memset(name, '\\', LONG);
	struct gate_report r = { .type = HM_STR("notation"),
				 .is_signature = true,
				 .digest = HM_STR(DIGEST_1),
				 .subject = HM_STR(KNOWN),
				 .message = hm_cstr(name),
				 .identity = hm_cstr(name),
				 .issuer = hm_cstr(name) };
	struct gate_report *nested = hm_new(&cx, struct gate_report, MANY);
	struct gate_report *all = hm_new(&cx, struct gate_report, MANY + 2);
	for (size_t i = 0; i < MANY; i++)
		nested[i] = all[i] = r;
	for (size_t i = MANY; i < MANY + 2; i++)
		all[i] = (struct gate_report){ .type = HM_STR("sbom"),
					       .nested = nested,
					       .nested_n = MANY };
	struct gate_verdict v = { .digest = HM_STR(DIGEST_1),
				  .reports = all,
				  .reports_n = MANY + 2 };
	struct gate_entry e = { 0 };
	struct hm_str text;
	struct json doc;
	assert_ok(gate_verdict_pack(&cx, &v, &e.text));
	assert_ok(gate_item_write(&cx, HM_STR(KNOWN), &e, &text));
	assert_ok(json_parse(&cx, text, JSON_NO_DUPLICATES, &doc));
	assert_int_equal(json_size(json_get(json_get(doc, "value"), "verifierReports")), MANY + 2);
}

int main(void)
{
	UNIT_TABLE(answers, cases);
	UNIT(a_warm_answer_is_the_same_and_needs_no_thread);
	UNIT(a_thousand_keys_are_the_limit);
	UNIT(a_digest_is_what_mutation_leaves);
	UNIT(a_changed_policy_is_another_question);
	UNIT(verdicts_need_a_folder);
	UNIT(what_is_kept_says_so);
	UNIT(long_names_do_not_break_the_answer);
	return unit_run("gate/provider");
}
