/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/signers/aws.h"

#include "unit.h"

/* Made by botocore 1.44.8's SigV4Auth from the same requests. */
static const struct sigv4_case {
	const char *label, *host, *region, *target, *body, *token, *signature;
} cases[] = {
	{ "a call", "kms.us-east-1.amazonaws.com", "us-east-1", "TrentService.Sign",
	  "{\"KeyId\":\"alias/release\"}", "",
	  "Signature=36ee3fe344147a7d7239e496ade17cd8c875e920bd1ccd0009ef7f2c4c2f3cc1" },
	{ "with a token", "kms.eu-west-1.amazonaws.com", "eu-west-1", "TrentService.Sign", "{}",
	  "token/+==",
	  "Signature=855ac7a70306168420880c3fa368800916eeb176f26c4e60477998f8d6dbe745" },
	{ "another port", "127.0.0.1:5000", "us-east-1", "TrentService.GetPublicKey",
	  "{\"a\":\"b\"}", "",
	  "Signature=72113525aae4b58b20bb431a7ce8034b0ae26ddab3a76c45082642169ea752eb" },
	{ "no target", "sts.us-east-1.amazonaws.com", "us-east-1", "", "", "",
	  "Signature=28ef2d0aa6de1616d9614693328b129bdb7ce2a7f713edff258f3577fc310a30" },
};

static void signature(void **state)
{
	const struct sigv4_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	HM_CLEANUP(trust_credential_done)
	struct trust_credential c = { hm_secret_of(HM_STR("AKIDEXAMPLE")),
				      hm_secret_of(
					      HM_STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")),
				      hm_secret_of(hm_cstr(t->token)), 0 };
	struct trust_sigv4 r = { .host = hm_cstr(t->host),
				 .region = hm_cstr(t->region),
				 .service = HM_STR("kms"),
				 .target = hm_cstr(t->target),
				 .content_type = HM_STR("application/x-amz-json-1.1"),
				 .body = hm_cstr(t->body),
				 .now = 1440938160 /* 2015-08-30T12:36:00Z */ };
	struct http_header h[TRUST_SIGV4_HEADERS];
	size_t n = trust_sigv4_sign(&cx, &r, &c, h);
	assert_int_equal(n, 2 + (t->token[0] != 0) + (t->target[0] != 0));
	assert_strz(h[0].name, "Authorization");
	assert_true(hm_ends(h[0].value, hm_cstr(t->signature)));
	assert_strz(h[1].value, "20150830T123600Z");
}

static void profiles(void **state)
{
	static const char file[] = "id=outside\n[default]\n# id=comment\nid = one\n\tid=nested\n"
				   "[profile two]\r\nid=two\r\n; id=comment\n[broken\nid=three\n"
				   "[ four ]\nid=four=4\n[five]\n";
	static const struct {
		const char *section, *value;
	} wanted[] = {
		{ "default", "one" }, { "profile two", "two" }, { "broken", "" },
		{ "four", "four=4" }, { "five", "" },           { "six", "" },
		{ "", "" },
	};
	(void)state;
	for (size_t i = 0; i < HM_LEN(wanted); i++)
		assert_strz(trust_aws_ini(hm_cstr(file), hm_cstr(wanted[i].section), "id"),
			    wanted[i].value);
	assert_strz(trust_aws_ini(hm_cstr(""), HM_STR("default"), "id"), "");
	assert_strz(trust_aws_ini(hm_cstr("["), HM_STR(""), "id"), "");
}

/* What is not whole, or not plain, is not there. */
static void elements(void **state)
{
	static const struct {
		const char *xml, *value;
	} wanted[] = {
		{ "<r><id>a b</id></r>", "a b" },
		{ "<id>1</id><id>2</id>", "1" },
		{ "<id></id>", "" },
		{ "<id>cut off", "" },
		{ "<id>a<b/></id>", "" },
		{ "<id>&lt;</id>", "" },
		{ "<ID>a</ID>", "" },
		{ "", "" },
	};
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	(void)state;
	for (size_t i = 0; i < HM_LEN(wanted); i++)
		assert_strz(trust_aws_element(&cx, hm_cstr(wanted[i].xml), "id"), wanted[i].value);
}

static void regions(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} wanted[] = {
		{ "us-east-1", true }, { "cn-north-1", true }, { "", false },    { "a.b", false },
		{ "a/b", false },      { "US-EAST-1", false }, { "a b", false }, { "a@b", false },
	};
	(void)state;
	for (size_t i = 0; i < HM_LEN(wanted); i++)
		assert_int_equal(trust_aws_is_region(hm_cstr(wanted[i].text)), wanted[i].good);
}

int main(void)
{
	UNIT_TABLE(signature, cases);
	UNIT(profiles);
	UNIT(elements);
	UNIT(regions);
	return unit_run("trust/signers/aws");
}
