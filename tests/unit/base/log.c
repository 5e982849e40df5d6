/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

/* A value from strangers, and what a line has of it: as text, and as JSON. */
static const struct value_case {
	const char *label, *value, *text, *json;
} values[] = {
	{ "a word", "amd64", "v=amd64", "\"v\":\"amd64\"" },
	{ "words", "a b", "v=\"a b\"", "\"v\":\"a b\"" },
	{ "letters of other scripts", "caf\xc3\xa9", "v=caf\xc3\xa9", "\"v\":\"caf\xc3\xa9\"" },
	{ "quotes", "a\"b\\", "v=\"a\\\"b\\\\\"", "\"v\":\"a\\\"b\\\\\"" },
	{ "a line feed", "a\nb", "v=\"a\\u000ab\"", "\"v\":\"a\\u000ab\"" },
	{ "an escape", "\033[31m", "v=\"\\u001b[31m\"", "\"v\":\"\\u001b[31m\"" },
	{ "another control", "a\bb", "v=a?b", "\"v\":\"a\\u0008b\"" },
	{ "an escape of the second kind",
	  "\xc2\x9b"
	  "31m",
	  "v=?31m", "\"v\":\"\\u009b31m\"" },
	{ "the same between quotes",
	  "a \xc2\x9b"
	  "31m",
	  "v=\"a \\u009b31m\"", "\"v\":\"a \\u009b31m\"" },
	{ "what is no UTF-8", "a\xe9", "v=a?", "\"v\":\"a\xef\xbf\xbd\"" },
};

static void say(const char *value, bool json)
{
	hm_log_setup((struct hm_log_config){ .level = HM_LOG_WARN, .json = json });
	hm_log(NULL, HM_LOG_WARN, "x", "v", value, NULL);
	hm_log_setup((struct hm_log_config){ .level = HM_LOG_WARN });
}

static void say_text(struct hm_cx *cx, const void *arg)
{
	(void)cx;
	say(arg, false);
}

static void say_json(struct hm_cx *cx, const void *arg)
{
	(void)cx;
	say(arg, true);
}

static void disarms(void **state)
{
	const struct value_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	assert_str(unit_said(&cx, say_text, t->value), hm_fmt(&cx, "warn: x %s\n", t->text));
	struct hm_str json = unit_said(&cx, say_json, t->value);
	assert_true(hm_ends(json, hm_fmt(&cx, ",\"event\":\"x\",%s}\n", t->json)));
	assert_true(hm_is_utf8(json));
}

int main(void)
{
	UNIT_TABLE(disarms, values);
	return unit_run("base/log");
}
