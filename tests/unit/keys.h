/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h - a key to sign with, for tests that are about something else than how keys are made.
 */
#ifndef TESTS_UNIT_KEYS_H
#define TESTS_UNIT_KEYS_H

#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/sandbox.h"
#include "crypto/crypto.h"
#include "unit.h"

/* To search for large primes takes minutes under valgrind: there another program does, which is not
 * traced. A private key of `bits` as PEM; empty: it cannot, or nothing is traced. */
static inline struct hm_str unit_find_primes(struct hm_cx *cx, const char *bits)
{
	const char *arguments[] = { "openssl", "genrsa", bits, NULL };
	const char *environment[] = { NULL };
	struct hm_child child = { .path = "/usr/bin/openssl",
				  .arguments = arguments,
				  .environment = environment,
				  .max_output = 64 * HM_KIB,
				  .patience = 60 * HM_SECOND };
	struct hm_child_end end;
	if (!unit_is_traced())
		return HM_STR("");
	return hm_child_run(cx, &child, &end) || end.status ? HM_STR("") : end.out;
}

static inline void unit_make_key(struct hm_cx *cx, enum crypto_alg alg, struct crypto_key *out)
{
	static const char *const bits[CRYPTO_ALGS] = {
		[CRYPTO_PS256] = "2048", [CRYPTO_PS384] = "3072", [CRYPTO_PS512] = "4096"
	};
	struct hm_str pem = bits[alg] ? unit_find_primes(cx, bits[alg]) : HM_STR("");
	if (pem.n)
		assert_ok(crypto_key_parse(cx, pem, out));
	else
		assert_ok(crypto_key_generate(cx, alg, out));
}

/* Key "k" in DIR/localkeys/k.key, of an algorithm of `cert generate-test`. Another process makes
 * it: nothing of it has been in this one. */
static inline void unit_generate_elsewhere(const char *dir, const char *algorithm)
{
	const char *const argv[] = { unit_program(), "cert",    "generate-test", "k", "--quiet",
				     "--algorithm",  algorithm, "--config-dir",  dir, NULL };
	pid_t pid;
	int status;
	/* what OpenSSL keeps in locked memory is not seen to point to the rest */
	if (HM_SANITIZED)
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	assert_int_equal(posix_spawn(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv,
				     environ),
			 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#endif
