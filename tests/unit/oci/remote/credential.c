/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/remote/credential_parts.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "unit.h"

static const struct found {
	const char *label, *config, *registry /* or a repository */, *username, *password, *token;
} found[] = {
	{ "by name", "{\"auths\":{\"r:5000\":{\"auth\":\"YTpi\"}}}", "r:5000", "a", "b", "" },
	{ "a colon in the password", "{\"auths\":{\"r\":{\"auth\":\"YTpiOmM=\"}}}", "r", "a", "b:c",
	  "" },
	{ "by address", "{\"auths\":{\"https://r/v1/\":{\"auth\":\"YTpi\"}}}", "r", "a", "b", "" },
	{ "Docker Hub", "{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"YTpi\"}}}",
	  "docker.io", "a", "b", "" },
	{ "in the clear", "{\"auths\":{\"r\":{\"username\":\"a\",\"password\":\"b\"}}}", "r", "a",
	  "b", "" },
	{ "an identity token", "{\"auths\":{\"r\":{\"auth\":\"YTo=\",\"identitytoken\":\"t\"}}}",
	  "r", "a", "", "t" },
	{ "a path", "{\"auths\":{\"r\":{\"auth\":\"YTpi\"},\"r/team\":{\"auth\":\"Yzpk\"}}}",
	  "r/team/app", "c", "d", "" },
	{ "the repository itself", "{\"auths\":{\"r/team/app\":{\"auth\":\"Yzpk\"}}}", "r/team/app",
	  "c", "d", "" },
	{ "the longest path, wherever it stands",
	  "{\"auths\":{\"r/team/app\":{\"auth\":\"Yzpk\"},\"r/team\":{\"auth\":\"YTpi\"},\"r\":{\"auth\":"
	  "\"YTpi\"}}}",
	  "r/team/app", "c", "d", "" },
	{ "a path of another repository", "{\"auths\":{\"r/team\":{\"auth\":\"Yzpk\"}}}",
	  "r/teams/app", "", "", "" },
	{ "a path is not for the registry", "{\"auths\":{\"r/team\":{\"auth\":\"Yzpk\"}}}", "r", "",
	  "", "" },
	{ "the registry for what no path is for",
	  "{\"auths\":{\"r\":{\"auth\":\"YTpi\"},\"r/team\":{\"auth\":\"Yzpk\"}}}", "r/other", "a",
	  "b", "" },
	{ "a path with scheme and version",
	  "{\"auths\":{\"https://r/v2/team/\":{\"auth\":\"Yzpk\"}}}", "r/team/app", "c", "d", "" },
	{ "a version without scheme", "{\"auths\":{\"r/v2/\":{\"auth\":\"Yzpk\"}}}", "r/team/app",
	  "c", "d", "" },
	{ "capital letters and the default port",
	  "{\"auths\":{\"R.Example:443\":{\"auth\":\"Yzpk\"}}}", "r.example", "c", "d", "" },
	{ "zeros before the port", "{\"auths\":{\"r:05000\":{\"auth\":\"Yzpk\"}}}", "r:5000", "c",
	  "d", "" },
	{ "a repository of Docker Hub", "{\"auths\":{\"docker.io/team\":{\"auth\":\"Yzpk\"}}}",
	  "docker.io/team/app", "c", "d", "" },
	{ "a pattern", "{\"auths\":{\"*.r.example\":{\"auth\":\"Yzpk\"}}}", "a.r.example", "c", "d",
	  "" },
	{ "a pattern within a label", "{\"auths\":{\"a?-*.example\":{\"auth\":\"Yzpk\"}}}",
	  "ab-c.example", "c", "d", "" },
	{ "a star is no dot", "{\"auths\":{\"*.example\":{\"auth\":\"Yzpk\"}}}", "a.b.example", "",
	  "", "" },
	{ "nor nothing", "{\"auths\":{\"*.r.example\":{\"auth\":\"Yzpk\"}}}", "r.example", "", "",
	  "" },
	{ "a pattern has its port", "{\"auths\":{\"*.example\":{\"auth\":\"Yzpk\"}}}",
	  "r.example:5000", "", "", "" },
	{ "a name before a pattern",
	  "{\"auths\":{\"*.example/team\":{\"auth\":\"YTpi\"},\"r.example\":{\"auth\":\"Yzpk\"}}}",
	  "r.example/team/app", "c", "d", "" },
	{ "a pattern with a path",
	  "{\"auths\":{\"*.example\":{\"auth\":\"YTpi\"},\"*.example/team\":{\"auth\":\"Yzpk\"}}}",
	  "r.example/team/app", "c", "d", "" },
	{ "a user's name in a key", "{\"auths\":{\"https://r@evil\":{\"auth\":\"Yzpk\"}}}", "evil",
	  "", "", "" },
	{ "none", "{\"auths\":{\"r\":{\"auth\":\"YTpi\"}}}", "other", "", "", "" },
	{ "not a part of the name", "{\"auths\":{\"r.example\":{\"auth\":\"YTpi\"}}}", "r", "", "",
	  "" },
	{ "not another port", "{\"auths\":{\"r:5000\":{\"auth\":\"YTpi\"}}}", "r", "", "", "" },
	{ "an empty file", "{}", "r", "", "", "" },
};

static void finds(void **state)
{
	const struct found *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct json config;
	OCI_AUTO_CREDENTIAL c = { 0 };
	assert_ok(json_parse(&cx, hm_cstr(t->config), JSON_PLAIN, &config));
	assert_ok(oci_credential_parse(&cx, config, hm_cstr(t->registry), &c));
	assert_strz(c.username, t->username);
	assert_strz(hm_secret_str(&c.password), t->password);
	assert_strz(hm_secret_str(&c.identity_token), t->token);
}

static void refuses(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct json config;
	struct oci_credential c;
	struct hm_str helper;
	assert_ok(json_parse(&cx,
			     HM_STR("{\"auths\":{\"r\":{\"auth\":\"!\"},\"s\":{\"auth\":\"YWI=\"}},"
				    "\"credHelpers\":{\"r\":\"../x\",\"s\":\"a b\"}}"),
			     JSON_PLAIN, &config));
	assert_fault(oci_credential_parse(&cx, config, HM_STR("r"), &c), HM_INPUT, "\"r\"");
	assert_fault(oci_credential_parse(&cx, config, HM_STR("s"), &c), HM_INPUT,
		     "no name and password");
	assert_fault(oci_credential_helper(&cx, config, HM_STR("r"), &helper), HM_INPUT,
		     "not a valid name of a");
	assert_fault(oci_credential_helper(&cx, config, HM_STR("s"), &helper), HM_INPUT,
		     "not a valid name of a");
	assert_fault(oci_credential_answer(&cx, HM_STR("nonsense"), &c), HM_INPUT, "helper");
}

/* The password that is found for a registry; "": none. */
static void assert_found(const struct oci_access *a, const char *registry, const char *password,
			 const char *token)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	OCI_AUTO_CREDENTIAL got = { 0 };
	assert_ok(oci_credential_find(&cx, a, hm_cstr(registry), &got));
	assert_strz(hm_secret_str(&got.password), password);
	assert_strz(hm_secret_str(&got.identity_token), token);
}

static void stores_and_forgets(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	const char *dir = hm_path(&cx, unit_temp_dir(), "docker");
	const char *path = hm_path(&cx, dir, "config.json");
	struct oci_access a = { .docker_config = dir };
	OCI_AUTO_CREDENTIAL c = { .username = HM_STR("a"), .password = hm_secret_of(HM_STR("b")) };
	struct hm_str text;
	struct stat sb;
	assert_found(&a, "r", "", "");
	assert_fault(oci_credential_erase(&cx, &a, HM_STR("r")), HM_ABSENT, "no credential");
	assert_ok(oci_credential_store(&cx, &a, HM_STR("r"), &c));
	assert_int_equal(stat(path, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	assert_found(&a, "r", "b", "");
	assert_ok(
		hm_write_file(&cx, path,
			      HM_STR("{\"HttpHeaders\":{\"X\":\"y\"},\"auths\":{\"q\":{\"z\":1}}}"),
			      0600));
	assert_ok(oci_credential_store(&cx, &a, HM_STR("r"), &c));
	assert_ok(oci_credential_erase(&cx, &a, HM_STR("r")));
	assert_ok(hm_read_file(&cx, path, HM_MIB, &text));
	assert_true(hm_find(text, HM_STR("\"X\": \"y\"")) != SIZE_MAX);
	assert_true(hm_find(text, HM_STR("\"z\": 1")) != SIZE_MAX);
	assert_true(hm_find(text, HM_STR("\"r\"")) == SIZE_MAX);
}

static void flags_win(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_SECRET p = hm_secret_of(HM_STR("p"));
	struct oci_access a = { .given_for = HM_STR("r"),
				.username = "u",
				.password = &p,
				.docker_config = "/nowhere" };
	assert_found(&a, "other", "", "");
	assert_found(&a, "r/team/app", "p", "");
	OCI_AUTO_CREDENTIAL got = { 0 };
	assert_ok(oci_credential_find(&cx, &a, HM_STR("r"), &got));
	assert_strz(got.username, "u");
	assert_strz(hm_secret_str(&got.password), "p");
	a.password = NULL;
	assert_found(&a, "r", "", "");
}

static void asks_a_helper(void **state)
{
	(void)state;
	if (getenv("HULLMARK_UNDER")) {
		print_message(
			"skipped: under valgrind vfork(2) is fork(2), and its child sees no secrets\n");
		skip();
	}
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	const char *dir = unit_temp_dir();
	struct oci_access a = { .docker_config = dir };
	OCI_AUTO_CREDENTIAL c = { .username = HM_STR("a"), .password = hm_secret_of(HM_STR("b")) };
	struct oci_credential got;
	struct hm_str text;
	const char *helper = hm_path(&cx, dir, "docker-credential-unit");
	assert_ok(hm_write_file(
		&cx, helper,
		hm_fmt(&cx,
		       "#!/bin/sh\ncat >'%s/asked'\ncase $(cat '%s/asked') in\n"
		       "none) echo credentials not found in native keychain; exit 1;;\n"
		       "bad) echo locked; exit 1;;\n"
		       "much) head -c 65537 /dev/zero;;\n"
		       "token) echo '{\"Username\":\"<token>\",\"Secret\":\"t\"}';;\n"
		       "*) echo '{\"Username\":\"u\",\"Secret\":\"s\"}';;\nesac\n",
		       dir, dir),
		0755));
	assert_ok(hm_write_file(&cx, hm_path(&cx, dir, "config.json"),
				HM_STR("{\"credsStore\":\"unit\"}"), 0600));
	setenv("PATH", hm_fmt(&cx, "%s:%s", dir, getenv("PATH")).p, 1);
	assert_found(&a, "r", "s", "");
	assert_found(&a, "token", "", "t");
	assert_found(&a, "none", "", "");
	assert_fault(oci_credential_find(&cx, &a, HM_STR("much"), &got), HM_LIMIT,
		     "larger than 65536 bytes");
	assert_fault(oci_credential_find(&cx, &a, HM_STR("bad"), &got), HM_SYSTEM, "locked");
	assert_ok(oci_credential_store(&cx, &a, HM_STR("r"), &c));
	assert_ok(hm_read_file(&cx, hm_path(&cx, dir, "asked"), HM_MIB, &text));
	assert_strz(text, "{\"ServerURL\":\"r\",\"Username\":\"a\",\"Secret\":\"b\"}");
}

static void a_helper_that_is_not_there(void **state)
{
	(void)state;
	if (getenv("HULLMARK_UNDER")) {
		print_message(
			"skipped: valgrind's vfork(2) does not tell that a program is absent\n");
		skip();
	}
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	const char *dir = unit_temp_dir();
	struct oci_access a = { .docker_config = dir };
	struct oci_credential got;
	assert_ok(hm_write_file(&cx, hm_path(&cx, dir, "config.json"),
				HM_STR("{\"credHelpers\":{\"lost\":\"absent\"}}"), 0600));
	assert_fault(oci_credential_find(&cx, &a, HM_STR("lost"), &got), HM_SYSTEM,
		     "could not run");
}

int main(void)
{
	UNIT_TABLE(finds, found);
	UNIT(refuses);
	UNIT(stores_and_forgets);
	UNIT(flags_win);
	UNIT(asks_a_helper);
	UNIT(a_helper_that_is_not_there);
	return unit_run("oci/remote/credential");
}
