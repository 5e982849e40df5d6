/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include "unit.h"

/* FIPS 180-4 example messages and the empty message. */
static const struct text_case {
	const char *label;
	enum crypto_digest alg;
	const char *bytes, *want;
} texts[] = {
	{ "sha256 of nothing", CRYPTO_SHA256, "",
	  "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "sha256 of abc", CRYPTO_SHA256, "abc",
	  "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "sha384 of abc", CRYPTO_SHA384, "abc",
	  "sha384:cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358b"
	  "aeca134c825a7" },
	{ "sha512 of abc", CRYPTO_SHA512, "abc",
	  "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836b"
	  "a3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	{ "sha1 of abc", CRYPTO_SHA1, "abc", "sha1:a9993e364706816aba3e25717850c26c9cd0d89d" },
};

static void text(void **state)
{
	const struct text_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	assert_strz(crypto_digest_text(&cx, t->alg, hm_cstr(t->bytes)), t->want);
	CRYPTO_AUTO_HASH h;
	crypto_hash_start(&h, t->alg);
	for (const char *p = t->bytes; *p; p++)
		crypto_hash_add(&h, hm_bytes(p, 1));
	assert_strz(crypto_hash_text(&cx, &h), t->want);
	/* it starts anew */
	crypto_hash_add(&h, hm_cstr(t->bytes));
	assert_strz(crypto_hash_text(&cx, &h), t->want);
	assert_int_equal(crypto_digest_raw(&cx, t->alg, hm_cstr(t->bytes)).n,
			 crypto_digest_rows[t->alg].size);
}

/* Each row: a name of its own, the size that OpenSSL gives, and a known answer above. */
static void table(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	for (size_t i = 0; i < CRYPTO_DIGESTS; i++) {
		const struct crypto_digest_row *row = &crypto_digest_rows[i];
		size_t known = 0;
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(row->name, crypto_digest_rows[k].name);
		assert_true(row->size && row->size <= CRYPTO_DIGEST_MAX);
		assert_int_equal(crypto_digest_raw(&cx, (enum crypto_digest)i, HM_STR("")).n,
				 row->size);
		for (size_t k = 0; k < HM_LEN(texts); k++) {
			struct hm_str name = hm_cstr(texts[k].want);
			known += texts[k].alg == i && hm_eqz(hm_cut(&name, ':'), row->name);
		}
		assert_true(known > 0);
	}
}

int main(void)
{
	UNIT_TABLE(text, texts);
	UNIT(table);
	return unit_run("crypto/digest");
}
