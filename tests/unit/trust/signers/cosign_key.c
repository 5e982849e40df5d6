/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/signers/cosign_key.h"

#include <dlfcn.h>

#include "codec/base64.h"

#include "unit.h"

#define SEALED(n, r, salt, nonce, cipher)                                                         \
	"{\"kdf\":{\"name\":\"scrypt\",\"params\":{\"N\":" n ",\"r\":" r                          \
	",\"p\":1},\"salt\":\"" salt "\"},\"cipher\":{\"name\":\"" cipher "\",\"nonce\":\"" nonce \
	"\"},\"ciphertext\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"
#define NONCE "GdVfYXhB0JAN6qPwuEAD7xFk6t9s89xu"

static struct hm_str in_pem(struct hm_cx *cx, struct hm_str text)
{
	return hm_fmt(cx,
		      "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n%.*s\n-----END ENCRYPTED "
		      "SIGSTORE PRIVATE KEY-----\n",
		      HM_FMT(base64_format(cx, BASE64_STD, text)));
}

static bool has_sodium(void)
{
	void *lib = dlopen("libsodium.so.23", RTLD_NOW | RTLD_LOCAL);
	return lib || dlopen("libsodium.so.26", RTLD_NOW | RTLD_LOCAL);
}

static void there_and_back(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str text, der;
	if (!has_sodium() || unit_is_traced())
		skip();
	assert_ok(trust_cosign_key_seal(&cx, HM_STR("the key"), HM_STR("pw"), &text));
	assert_true(trust_cosign_key_is(text));
	assert_true(trust_cosign_key_is(hm_sub(text, 0, TRUST_COSIGN_HEAD)));
	assert_ok(trust_cosign_key_open(&cx, text, HM_STR("pw"), &der));
	assert_strz(der, "the key");
	assert_fault(trust_cosign_key_open(&cx, text, HM_STR("wp"), &der), HM_DENIED,
		     "the passphrase is not the right one");
}

static const struct bad_case {
	const char *label, *text;
	enum hm_code code;
	const char *words;
} bad[] = {
	{ "no JSON", "{", HM_INPUT, "Cosign's key file" },
	{ "nothing in it", "{}", HM_INPUT, "sealed in a way that is not supported" },
	{ "another cipher", SEALED("65536", "8", "AA==", NONCE, "aes"), HM_INPUT,
	  "sealed in a way that is not supported" },
	{ "a short nonce", SEALED("65536", "8", "AA==", "AA==", "nacl/secretbox"), HM_INPUT,
	  "too short" },
	{ "no cost", SEALED("0", "8", "AA==", NONCE, "nacl/secretbox"), HM_INPUT,
	  "\"N\" is not a positive number" },
	{ "too much work", SEALED("1048576", "8", "AA==", NONCE, "nacl/secretbox"), HM_LIMIT,
	  "too much work" },
	{ "too large a block", SEALED("16", "65", "AA==", NONCE, "nacl/secretbox"), HM_LIMIT,
	  "too much work" },
	{ "no base64", SEALED("65536", "8", "!", NONCE, "nacl/secretbox"), HM_INPUT, "\"salt\"" },
};

static void refused(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str der;
	assert_fault(trust_cosign_key_open(&cx, in_pem(&cx, hm_cstr(t->text)), HM_STR("pw"), &der),
		     t->code, t->words);
}

static void others(void **state)
{
	(void)state;
	assert_false(trust_cosign_key_is(HM_STR("")));
	assert_false(trust_cosign_key_is(HM_STR("-----BEGIN PRIVATE KEY-----\n")));
	assert_true(trust_cosign_key_is(HM_STR("-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\n")));
}

int main(void)
{
	UNIT(there_and_back);
	UNIT_TABLE(refused, bad);
	UNIT(others);
	return unit_run("trust/signers/cosign_key");
}
