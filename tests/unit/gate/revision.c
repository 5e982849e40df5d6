/* SPDX-License-Identifier: Apache-2.0 */
/* An older trust policy does not take the place of a newer one, over restarts either. */
#include "gate/revision.h"

#include "fixture.h"

static const struct accept_case {
	const char *label;
	struct gate_seen seen, now;
	bool is_newer;
	const char *why; /* where it is refused */
} accepts[] = {
	{ "the first one, without revision", { 0 }, { 0, HM_STR_INIT("a") }, false, NULL },
	{ "another one, without revision",
	  { 0, HM_STR_INIT("a") },
	  { 0, HM_STR_INIT("b") },
	  false,
	  NULL },
	{ "the first one with a revision",
	  { 0, HM_STR_INIT("a") },
	  { 1, HM_STR_INIT("b") },
	  true,
	  NULL },
	{ "the next one", { 1, HM_STR_INIT("a") }, { 2, HM_STR_INIT("b") }, true, NULL },
	{ "one much later", { 1, HM_STR_INIT("a") }, { INT64_MAX, HM_STR_INIT("b") }, true, NULL },
	{ "the same one", { 2, HM_STR_INIT("a") }, { 2, HM_STR_INIT("a") }, false, NULL },
	{ "the one before",
	  { 2, HM_STR_INIT("a") },
	  { 1, HM_STR_INIT("b") },
	  false,
	  "the trust policy has revision 1, and revision 2 was in force" },
	{ "the same words with a lower revision",
	  { 2, HM_STR_INIT("a") },
	  { 1, HM_STR_INIT("a") },
	  false,
	  "the trust policy has revision 1, and revision 2 was in force" },
	{ "another one of the same revision",
	  { 2, HM_STR_INIT("a") },
	  { 2, HM_STR_INIT("b") },
	  false,
	  "the trust policy has changed, but still has revision 2" },
	{ "one without revision",
	  { 2, HM_STR_INIT("a") },
	  { 0, HM_STR_INIT("a") },
	  false,
	  "the trust policy has no revision, and revision 2 was in force" },
};

static void accept(void **state)
{
	const struct accept_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	bool is_newer;
	hm_err err = gate_seen_accept(&cx, NULL, &t->now, &t->seen, &is_newer);
	if (t->why)
		assert_fault(err, HM_TRUST, t->why);
	else
		assert_ok(err);
	assert_int_equal(is_newer, t->is_newer);
}

static const char *const damaged[] = {
	"",
	"{",
	"[]",
	"{\"revision\":1}",
	"{\"revision\":0,\"digest\":\"a\"}",
	"{\"revision\":-1,\"digest\":\"a\"}",
	"{\"revision\":1,\"digest\":\"\"}",
	"{\"revision\":1.5,\"digest\":\"a\"}",
	"{\"revision\":\"1\",\"digest\":\"a\"}",
};

static void what_is_damaged_is_not_forgotten(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	char *dir = hm_path(&cx, unit_temp_dir(), "damaged");
	struct gate_seen seen;
	assert_ok(hm_mkdirs(&cx, dir, 0700));
	for (size_t i = 0; i < HM_LEN(damaged); i++) {
		assert_ok(hm_write_file(&cx, hm_path(&cx, dir, "policy.json"), hm_cstr(damaged[i]),
					0600));
		assert_fault(gate_seen_read(&cx, dir, &seen), HM_INPUT, "policy.json");
	}
}

#define POLICY(revision, level)                                          \
	"{\"version\":\"hullmark-1\"," revision                          \
	"\"trustPolicies\":[{\"name\":\"t\",\"registryScopes\":[\"*\"]," \
	"\"signatureVerification\":{\"level\":\"" level "\"}}]}"

static void write_policy(struct hm_cx *cx, const struct gate_config *c, const char *text)
{
	assert_ok(hm_write_file(cx, hm_path(cx, c->config_dir, "trustpolicy.json"), hm_cstr(text),
				0600));
}

static struct gate_config make_config(struct hm_cx *cx)
{
	struct gate_config c = { .access = &fixture_access };
	c.config_dir = hm_path(cx, unit_temp_dir(), "rollback");
	c.cache_dir = hm_path(cx, unit_temp_dir(), "rollback-data");
	assert_ok(hm_mkdirs(cx, c.config_dir, 0700));
	return c;
}

static void a_gate_remembers_over_restarts(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct gate_config c = make_config(&cx);
	struct gate *g;
	write_policy(&cx, &c, POLICY("\"revision\":7,", "skip"));
	assert_ok(gate_open(&cx, &c, &g));
	gate_close(g);
	write_policy(&cx, &c, POLICY("\"revision\":6,", "skip"));
	assert_fault(gate_open(&cx, &c, &g), HM_TRUST, "revision 6, and revision 7 was in force");
	write_policy(&cx, &c, POLICY("", "skip"));
	assert_fault(gate_open(&cx, &c, &g), HM_TRUST, "no revision, and revision 7 was in force");
	write_policy(&cx, &c, POLICY("\"revision\":8,", "skip"));
	assert_ok(gate_open(&cx, &c, &g));
	gate_close(g);
	write_policy(&cx, &c, POLICY("\"revision\":7,", "skip"));
	assert_fault(gate_open(&cx, &c, &g), HM_TRUST, "revision 7, and revision 8 was in force");
	assert_ok(hm_write_file(&cx, hm_path(&cx, c.cache_dir, "policy.json"), HM_STR("{"), 0600));
	write_policy(&cx, &c, POLICY("\"revision\":9,", "skip"));
	assert_fault(gate_open(&cx, &c, &g), HM_INPUT, "policy.json");
}

int main(void)
{
	UNIT_TABLE(accept, accepts);
	UNIT(what_is_damaged_is_not_forgotten);
	UNIT(a_gate_remembers_over_restarts);
	return unit_run("gate/revision");
}
