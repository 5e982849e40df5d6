/* SPDX-License-Identifier: Apache-2.0 */
/* A Google service account's key file: its own process makes the assertion of a login, and nothing
 * of the key is in this one. */
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <unistd.h>

#include "codec/base64.h"
#include "trust/signers/gcp.h"

#include "keys.h"

enum { SOME = 24, IN_A_LINE = 28 + 20 * 65 + 10 };

static const struct hm_job jobs[] = { { TRUST_GOOGLE_JOB, trust_google_job, true, HM_JOB_KEEPS },
				      { 0 } };
static const char *path;
static struct hm_str public;
static char masked[SOME]; /* of the private key's text, within one of its lines */

/* A key that another process has made, in a file as Google's are; of it nothing is left in memory
 * that is not a secret's. */
static void make_file(struct hm_cx *cx)
{
	HM_AUTO_SECRET pem = { 0 };
	HM_AUTO_SECRET text = HM_SECRET(HM_MIB);
	CRYPTO_AUTO_KEY key = { 0 };
	const char *dir = unit_temp_dir();
	unsigned mode;
	unit_generate_elsewhere(dir, "rsa-2048");
	assert_ok(
		hm_secret_read_file(cx, hm_path(cx, dir, "localkeys/k.key"), HM_MIB, &pem, &mode));
	memcpy(masked, hm_secret_str(&pem).p + IN_A_LINE, SOME);
	unit_mask(masked, SOME);
	assert_ok(crypto_key_parse(cx, hm_secret_str(&pem), &key));
	assert_ok(crypto_public_key_der(cx, &key, &public));
	struct json_out o = json_out(&text.bytes, false);
	json_open(&o, NULL, '{');
	json_putz(&o, "type", "service_account");
	json_putz(&o, "client_email", "me@example.test");
	json_putz(&o, "private_key_id", "k1");
	json_put_str(&o, "private_key", hm_secret_str(&pem));
	json_close(&o, '}');
	path = hm_path(cx, dir, "account.json");
	assert_ok(hm_write_file(cx, path, hm_secret_str(&text), 0600));
	assert_int_equal(unit_exposed(hm_bytes(masked, SOME)), 0);
}

static void read_file(struct hm_cx *cx, struct trust_google_file *out)
{
	HM_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_ok(trust_google_read(cx, fd, out));
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
}

static void only_the_assertion_comes_out(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	struct trust_google_file f;
	struct hm_str signature;
	read_file(&cx, &f);
	assert_strz(f.type, "service_account");
	assert_strz(f.email, "me@example.test");
	assert_strz(f.token_uri, TRUST_GOOGLE_TOKEN);
	size_t dot = hm_rfind_char(f.assertion, '.');
	assert_true(dot != SIZE_MAX);
	assert_ok(base64_parse(&cx, BASE64_URL_RAW, hm_from(f.assertion, dot + 1), &signature));
	assert_ok(crypto_public_key_parse(&cx, public, CRYPTO_RS256, &key));
	assert_ok(crypto_verify(&cx, &key, CRYPTO_RS256, hm_sub(f.assertion, 0, dot), signature));
	assert_int_equal(unit_exposed(hm_bytes(masked, SOME)), 0);
	/* the test sees what is there to be seen */
	struct hm_str text;
	assert_ok(hm_read_file(&cx, path, HM_MIB, &text));
	assert_true(unit_exposed(hm_bytes(masked, SOME)) > 0);
}

static void refuse(struct hm_cx *cx, const char *text, const char *why)
{
	struct trust_google_file f;
	const char *bad = hm_path(cx, unit_temp_dir(), "bad.json");
	assert_ok(hm_write_file(cx, bad, hm_cstr(text), 0600));
	HM_AUTO_FD fd = open(bad, O_RDONLY | O_CLOEXEC);
	assert_fault(trust_google_read(cx, fd, &f), HM_INPUT, why);
}

static void what_is_no_key_is_refused(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	refuse(&cx, "{\"type\":\"service_account\"}", "no \"client_email\"");
	refuse(&cx, "{\"type\":\"service_account\",\"client_email\":\"a\"}", "no \"private_key\"");
	refuse(&cx, "{\"type\":\"service_account\",\"client_email\":\"a\",\"private_key\":\"x\"}",
	       "\"private_key\": ");
	refuse(&cx, "{", "JSON");
	refuse(&cx, "", "JSON");
}

int main(void)
{
	static struct hm_cx cx = HM_CX(SIZE_MAX);
	unit_workers();
	hm_worker_jobs(jobs);
	crypto_start();
	make_file(&cx);
	UNIT(only_the_assertion_comes_out);
	UNIT(what_is_no_key_is_refused);
	int failed = unit_run("trust/signers/gcp");
	OPENSSL_cleanup(); /* what it has in locked memory is not seen to point to the rest */
	return failed;
}
