/* SPDX-License-Identifier: Apache-2.0 */
/* The process of a key that is a copy of this one, which has read nothing of strangers' yet: it is
 * as well kept as one that was started anew. */
#include <limits.h>
#include <stdlib.h>

#include "trust/signers/signers.h"

#include "keys.h"

enum { SOME = 24 };

static const struct hm_job jobs[] = { { TRUST_KEY_JOB, trust_key_job, true, HM_JOB_KEEPS }, { 0 } };
static const struct trust_signer_terms fresh = { .fresh = true };
static const char *dir;
static char masked[SOME]; /* of the key's text */

static void make_key(struct hm_cx *cx)
{
	HM_AUTO_SECRET pem = { 0 };
	unsigned mode;
	unit_generate_elsewhere(dir, "ec-p256");
	dir = hm_path(cx, dir, "localkeys");
	assert_ok(hm_secret_read_file(cx, hm_path(cx, dir, "k.key"), HM_MIB, &pem, &mode));
	memcpy(masked, hm_secret_str(&pem).p + 65, SOME);
	unit_mask(masked, SOME);
}

static hm_err open_key(struct hm_cx *cx, const char *name, struct trust_signer *out)
{
	struct trust_key k = { .name = HM_STR("k"),
			       .key_path = hm_cstr(hm_path(cx, dir, name)),
			       .cert_path = hm_cstr(hm_path(cx, dir, "k.crt")) };
	return trust_signer_of(cx, &k, &fresh, out);
}

static int only_child(void)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str text;
	uint64_t pid;
	const char *path = hm_fmt(&cx, "/proc/self/task/%d/children", getpid()).p;
	assert_ok(hm_read_file(&cx, path, HM_KIB, &text));
	assert_true(hm_u64(hm_trim(text), INT_MAX, &pid));
	return (int)pid;
}

static struct hm_str read_of_child(struct hm_cx *cx, const char *name)
{
	struct hm_str text;
	assert_ok(hm_read_file(cx, hm_fmt(cx, "/proc/%d/%s", only_child(), name).p, HM_MIB, &text));
	return text;
}

/* A process that was started anew runs the program under test instead. */
static bool is_copy(struct hm_cx *cx)
{
	char own[PATH_MAX], other[PATH_MAX];
	assert_non_null(realpath("/proc/self/exe", own));
	assert_non_null(realpath(hm_fmt(cx, "/proc/%d/exe", only_child()).p, other));
	return strcmp(own, other) == 0;
}

static void nothing_of_the_key_is_here(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	TRUST_AUTO_SIGNER s = { 0 };
	struct hm_str signature, pem;
	assert_ok(open_key(&cx, "k.key", &s));
	assert_true(is_copy(&cx));
	for (int i = 0; i < 3; i++)
		assert_ok(s.signer->sign(&cx, s.signer, HM_STR("ship"), &signature));
	assert_int_equal(unit_exposed(hm_bytes(masked, SOME)), 0);
	/* the test sees what is there to be seen: the key, where it is read in here */
	assert_ok(hm_read_file(&cx, hm_path(&cx, dir, "k.key"), HM_MIB, &pem));
	assert_true(unit_exposed(hm_bytes(masked, SOME)) > 0);
}

/* What the kernel says of it, and what of its words, environment and descriptors is to be seen. */
static void the_process_is_hidden(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	TRUST_AUTO_SIGNER s = { 0 };
	struct hm_strs fds;
	assert_ok(open_key(&cx, "k.key", &s));
	assert_true(is_copy(&cx));
	struct hm_str words = read_of_child(&cx, "cmdline");
	assert_true(hm_starts(words, HM_STR("hullmark")));
	assert_int_equal(hm_find(words, HM_STR("k.key")), SIZE_MAX);
	struct hm_str environment = read_of_child(&cx, "environ");
	for (size_t i = 0; i < environment.n; i++)
		assert_false(hm_is_alpha(environment.p[i]));
	struct hm_str status = read_of_child(&cx, "status");
	assert_true(hm_find(status, HM_STR("Seccomp:\t2\n")) != SIZE_MAX);
	assert_true(hm_find(status, HM_STR("NoNewPrivs:\t1\n")) != SIZE_MAX);
	if (!HM_SANITIZED)
		assert_int_equal(hm_find(status, HM_STR("VmLck:\t       0 kB")), SIZE_MAX);
	assert_ok(hm_list_dir(&cx, hm_fmt(&cx, "/proc/%d/fd", only_child()).p, 100, &fds));
	assert_true(fds.n <= 4); /* its pipes, the key, and what a sanitizer writes to */
}

static void a_key_with_a_passphrase_is_not_for_a_copy(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	TRUST_AUTO_SIGNER s = { 0 };
	const struct trust_signer_terms later = { .fresh = true, .later = true };
	struct trust_key k = { .name = HM_STR("k"),
			       .key_path = hm_cstr(hm_path(&cx, dir, "sealed.key")),
			       .cert_path = hm_cstr(hm_path(&cx, dir, "k.crt")) };
	assert_ok(hm_write_file(&cx, k.key_path.p,
				HM_STR("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), 0600));
	assert_ok(trust_signer_of(&cx, &k, &later, &s));
	assert_false(is_copy(&cx));
}

/* What it names was read into this process, and was not into theirs before. */
static void nor_is_any_with_a_configuration_of_openssl(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	TRUST_AUTO_SIGNER s = { 0 };
	assert_int_equal(setenv("OPENSSL_CONF", "/dev/null", 1), 0);
	hm_err err = open_key(&cx, "k.key", &s);
	assert_int_equal(unsetenv("OPENSSL_CONF"), 0);
	assert_ok(err);
	assert_false(is_copy(&cx));
}

/* The last test: the heap for private keys stays. */
static void nor_is_any_where_there_are_private_keys(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	TRUST_AUTO_SIGNER s = { 0 };
	struct hm_str pem;
	assert_ok(hm_read_file(&cx, hm_path(&cx, dir, "k.key"), HM_MIB, &pem));
	assert_true(crypto_is_fresh());
	assert_ok(crypto_key_parse(&cx, pem, &key));
	assert_false(crypto_is_fresh());
	assert_ok(open_key(&cx, "k.key", &s));
	assert_false(is_copy(&cx));
}

int main(int argc, char **argv)
{
	static struct hm_cx cx = HM_CX(SIZE_MAX);
	unit_workers();
	hm_worker_jobs(jobs);
	hm_worker_main(argc, argv);
	crypto_start();
	dir = unit_temp_dir();
	make_key(&cx);
	if (!unit_is_traced()) { /* else the copy is, too, and its sandbox forbids what valgrind
				    does */
		UNIT(nothing_of_the_key_is_here);
		UNIT(the_process_is_hidden);
	}
	UNIT(a_key_with_a_passphrase_is_not_for_a_copy);
	UNIT(nor_is_any_with_a_configuration_of_openssl);
	UNIT(nor_is_any_where_there_are_private_keys);
	return unit_run("trust/signers/fresh");
}
