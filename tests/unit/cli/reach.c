/* SPDX-License-Identifier: Apache-2.0 */
/* --resolve and --header, as they are taken and refused. */
#include "cli/cli.h"

#include "unit.h"

static const struct resolve_case {
	const char *rule, *wanted; /* NULL: refused */
} rules[] = {
	{ "h.test:443:127.0.0.1", "h.test:443:127.0.0.1:443" },
	{ "H.test:443:127.0.0.1:8443", "h.test:443:127.0.0.1:8443" },
	{ "[::1]:443:[fe80::1]:1", "[::1]:443:[fe80::1]:1" },
	{ "h.test:443:[::1]", "h.test:443:[::1]:443" },
	{ "h.test:443", NULL },
	{ "h.test:443:", NULL },
	{ "h.test:443:localhost", NULL },
	{ "h.test:443:127.1", NULL },
	{ "h.test:443:::1", NULL },
	{ "h.test:443:[::1", NULL },
	{ "h.test:443:[::1]x", NULL },
	{ "h.test:0:127.0.0.1", NULL },
	{ "h.test:65536:127.0.0.1", NULL },
	{ "h.test:+1:127.0.0.1", NULL },
	{ "h.test:443:127.0.0.1:0", NULL },
	{ "h.test:443:127.0.0.1:1:2", NULL },
	{ ":443:127.0.0.1", NULL },
	{ "", NULL },
};

static void rules_are_whole_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_LEN(rules); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct cli cli = { 0 };
		struct http_config config;
		*hm_push(&cx, &cli.resolve) = hm_cstr(rules[i].rule);
		hm_err err = cli_http_config(&cx, &cli, &config);
		if (!rules[i].wanted) {
			assert_fault(err, HM_USAGE, "is not a valid rule");
			continue;
		}
		assert_ok(err);
		assert_strz(config.connect_to.p[0], rules[i].wanted);
	}
}

static const struct header_case {
	const char *text, *name, *value, *why;
} headers[] = {
	{ "X-A: b: c", "X-A", "b: c", NULL },
	{ "X-A:b", "X-A", "b", NULL },
	{ "X-A:", "X-A", "", NULL },
	{ "X-A", NULL, NULL, "NAME: VALUE" },
	{ ": b", NULL, NULL, "NAME: VALUE" },
	{ "X A: b", NULL, NULL, "NAME: VALUE" },
	{ "X-A: b\r\nX-B: c", NULL, NULL, "NAME: VALUE" },
	{ "Transfer-encoding: chunked", NULL, NULL, "is made for each request" },
	{ "HOST: h", NULL, NULL, "is made for each request" },
};

static void headers_are_taken_away(void **state)
{
	(void)state;
	for (size_t i = 0; i < HM_LEN(headers); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct cli cli = { 0 };
		struct hm_str text = hm_dup(&cx, hm_cstr(headers[i].text));
		*hm_push(&cx, &cli.headers) = text;
		hm_err err = cli_headers(&cx, &cli);
		if (headers[i].why) {
			assert_fault(err, HM_USAGE, headers[i].why);
		} else {
			assert_ok(err);
			assert_strz(cli.access.headers[0].name, headers[i].name);
			assert_strz(cli.access.headers[0].value, headers[i].value);
			assert_true(headers[i].value[0] == '\0' ||
				    hm_find(text, hm_cstr(headers[i].value)) == SIZE_MAX);
		}
		if (cli.header_values)
			hm_secret_done(&cli.header_values[0]);
	}
}

static void there_are_not_too_many(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct cli cli = { 0 };
	for (size_t i = 0; i <= HM_MAX_GIVEN_HEADERS; i++)
		*hm_push(&cx, &cli.headers) = HM_STR("X-A: b");
	assert_fault(cli_headers(&cx, &cli), HM_LIMIT, "more than 16 headers");
}

static void a_certificate_has_its_key(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct cli cli = { .key_file = "k" };
	struct http_config config;
	assert_fault(cli_http_config(&cx, &cli, &config), HM_USAGE,
		     "--cert-file and --key-file must be given together");
}

int main(void)
{
	UNIT(rules_are_whole_or_refused);
	UNIT(headers_are_taken_away);
	UNIT(there_are_not_too_many);
	UNIT(a_certificate_has_its_key);
	return unit_run("cli/reach");
}
