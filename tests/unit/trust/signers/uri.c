/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/signers/signers.h"

#include <fcntl.h>

#include "unit.h"

static const struct uri_case {
	const char *label, *text, *scheme, *authority, *path, *pin;
	enum hm_code code; /* 0: taken */
	const char *why;
} cases[] = {
	{ "a file", "file:a.key", "file", "", "a.key", "", 0, NULL },
	{ "an absolute one", "file:///a%20b", "file", "", "/a b", "", 0, NULL },
	{ "one with a passphrase", "file:/a?pin-source=fd:3", "file", "", "/a", "fd:3", 0, NULL },
	{ "a scheme in capitals", "FILE:/a", "file", "", "/a", "", 0, NULL },
	{ "a token's path stays as it is", "pkcs11:token=a%20b;id=%01", "pkcs11", "",
	  "token=a%20b;id=%01", "", 0, NULL },
	{ "an authority", "awskms://host:1/key", "awskms", "host:1", "/key", "", 0, NULL },
	{ "nothing but an authority", "hashivault://key", "hashivault", "key", "", "", 0, NULL },
	{ "a value that is encoded", "file:/a?pin-source=file:%2Frun%2fpin", "file", "", "/a",
	  "file:/run/pin", 0, NULL },
	{ "nothing", "", NULL, NULL, NULL, NULL, HM_INPUT, "it has no scheme" },
	{ "no scheme", "release.key", NULL, NULL, NULL, NULL, HM_INPUT, "it has no scheme" },
	{ "an empty scheme", ":a", NULL, NULL, NULL, NULL, HM_INPUT, "it has no scheme" },
	{ "a scheme that is a number", "1:a", NULL, NULL, NULL, NULL, HM_INPUT, "no scheme" },
	{ "a scheme with a dash", "a-b:a", NULL, NULL, NULL, NULL, HM_INPUT, "no scheme" },
	{ "a fragment", "file:/a#b", NULL, NULL, NULL, NULL, HM_INPUT, "not a URI of a key" },
	{ "a line feed", "file:/a\nb", NULL, NULL, NULL, NULL, HM_INPUT, "not a URI of a key" },
	{ "a bad escape", "file:/a%2", NULL, NULL, NULL, NULL, HM_INPUT, "percent sign" },
	{ "a NUL", "file:/a%00", NULL, NULL, NULL, NULL, HM_INPUT, "NUL" },
	{ "a bad escape in a value", "file:/a?b=%x", NULL, NULL, NULL, NULL, HM_INPUT,
	  "percent sign" },
	{ "a name alone", "file:/a?b", NULL, NULL, NULL, NULL, HM_INPUT, "NAME=VALUE" },
	{ "a value alone", "file:/a?=b", NULL, NULL, NULL, NULL, HM_INPUT, "NAME=VALUE" },
	{ "nothing between two", "file:/a?b=c&&d=e", NULL, NULL, NULL, NULL, HM_INPUT,
	  "NAME=VALUE" },
	{ "a name twice", "file:/a?b=c&b=c", NULL, NULL, NULL, NULL, HM_INPUT, "twice" },
	{ "a name twice, empty", "file:/a?b=&b=", NULL, NULL, NULL, NULL, HM_INPUT, "twice" },
	{ "a PIN", "pkcs11:a=b?pin-value=1234", NULL, NULL, NULL, NULL, HM_USAGE,
	  "a PIN does not stand in a URI" },
	{ "too many names",
	  "a:b?a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1&l=1&m=1&n=1&o=1&p=1&q=1", NULL, NULL,
	  NULL, NULL, HM_LIMIT, "more than 16" },
};

static void parse(void **state)
{
	const struct uri_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct trust_uri u;
	hm_err err = trust_uri_parse(&cx, hm_cstr(t->text), &u);
	if (t->code) {
		assert_fault(err, t->code, t->why);
		return;
	}
	assert_ok(err);
	assert_strz(u.scheme, t->scheme);
	assert_strz(u.authority, t->authority);
	assert_strz(u.path, t->path);
	assert_strz(trust_uri_get(&u, "pin-source"), t->pin);
}

static void a_uri_is_not_endless(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct trust_uri u;
	char *text = hm_new(&cx, char, HM_MAX_KEY_URI + 2);
	memset(text, 'a', HM_MAX_KEY_URI + 1);
	memcpy(text, "file:", 5);
	assert_ok(trust_uri_parse(&cx, hm_bytes(text, HM_MAX_KEY_URI), &u));
	assert_fault(trust_uri_parse(&cx, hm_bytes(text, HM_MAX_KEY_URI + 1), &u), HM_LIMIT,
		     "longer than 4096");
}

static void names_are_known(void **state)
{
	static const char *const known[] = { "a", "b", NULL };
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct trust_uri u;
	assert_ok(trust_uri_parse(&cx, HM_STR("x:y?a=1&b=2"), &u));
	assert_ok(trust_uri_only(&cx, &u, known));
	assert_ok(trust_uri_parse(&cx, HM_STR("x:y?a=1&c=2"), &u));
	assert_fault(trust_uri_only(&cx, &u, known), HM_INPUT,
		     "a URI \"x:\" has no parameter \"c\"");
}

static void paths_are_encoded(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	assert_strz(trust_uri_path(&cx, HM_STR("/a b/c?d")), "/a%20b/c%3Fd");
	assert_strz(trust_uri_path(&cx, HM_STR("a#")), "a%23");
}

static const struct pin_case {
	const char *label, *source;
	enum hm_code code; /* 0: taken */
	const char *why;
	bool opens, prompts;
} pins[] = {
	{ "nothing", "", 0, NULL, false, false },
	{ "a prompt", "prompt", 0, NULL, false, true },
	{ "a path", "%s", 0, NULL, true, false },
	{ "a file", "file:%s", 0, NULL, true, false },
	{ "a file as a URL", "file://%s", 0, NULL, true, false },
	{ "a file that is not there", "file:%s.none", HM_ABSENT, "no file", false, false },
	{ "a relative path", "pin", HM_USAGE, "is neither", false, false },
	{ "a relative file", "file:pin", HM_USAGE, "is neither", false, false },
	{ "a file elsewhere", "file://host/pin", HM_USAGE, "is neither", false, false },
	{ "a folder", "/", HM_INPUT, "regular", false, false },
	{ "a program", "|cat", HM_USAGE, "is neither", false, false },
	{ "a descriptor that is none", "fd:-1", HM_USAGE, "not a descriptor", false, false },
	{ "a number that is too large", "fd:99999999999", HM_USAGE, "not a descriptor", false,
	  false },
	{ "a descriptor that is not open", "fd:900", HM_USAGE, "not open", false, false },
};

static void pin(void **state)
{
	const struct pin_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_AUTO_FD fd = -1;
	HM_AUTO_SECRET s = { 0 };
	bool prompts;
	char *path = hm_path(&cx, unit_temp_dir(), "pin");
	struct hm_str source = hm_cstr(t->source);
	size_t at = hm_find(source, HM_STR("%s"));
	assert_ok(hm_write_file(&cx, path, HM_STR("open sesame\r\nsecond line\n"), 0600));
	if (at != SIZE_MAX) {
		struct hm_str head = hm_sub(source, 0, at), tail = hm_from(source, at + 2);
		source = hm_fmt(&cx, "%.*s%s%.*s", HM_FMT(head), path, HM_FMT(tail));
	}
	hm_err err = trust_pin_open(&cx, source, &fd, &prompts);
	if (t->code) {
		assert_fault(err, t->code, t->why);
		return;
	}
	assert_ok(err);
	assert_int_equal(prompts, t->prompts);
	assert_int_equal(fd >= 0, t->opens);
	if (fd < 0)
		return;
	assert_ok(trust_pin_read(&cx, fd, &s));
	assert_strz(hm_secret_str(&s), "open sesame");
}

static void a_line_is_a_pin(void **state)
{
	static const struct {
		struct hm_str text;
		const char *pin, *why;
	} lines[] = {
		{ HM_STR_INIT("1234"), "1234", NULL },
		{ HM_STR_INIT(""), "", NULL },
		{ HM_STR_INIT("\n1234"), "", NULL },
		{ HM_STR_INIT(" 12 34 \n"), " 12 34 ", NULL },
		{ HM_STR_INIT("12\0"
			      "34\n"),
		  NULL, "NUL" },
	};
	(void)state;
	for (size_t i = 0; i < HM_LEN(lines); i++) {
		HM_AUTO_CX cx = HM_CX(SIZE_MAX);
		HM_AUTO_FD fd = -1;
		HM_AUTO_SECRET s = { 0 };
		assert_ok(hm_temp_fd(&cx, &fd));
		assert_ok(hm_write_all(&cx, fd, "pin", lines[i].text));
		lseek(fd, 0, SEEK_SET);
		hm_err err = trust_pin_read(&cx, fd, &s);
		if (lines[i].why) {
			assert_fault(err, HM_INPUT, lines[i].why);
			continue;
		}
		assert_ok(err);
		assert_strz(hm_secret_str(&s), lines[i].pin);
	}
}

int main(void)
{
	UNIT_TABLE(parse, cases);
	UNIT(a_uri_is_not_endless);
	UNIT(names_are_known);
	UNIT(paths_are_encoded);
	UNIT_TABLE(pin, pins);
	UNIT(a_line_is_a_pin);
	return unit_run("trust/signers/uri");
}
