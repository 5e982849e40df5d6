/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in a process of their own: nothing of them is in this one, which only asks. */
#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "trust/signers/signers.h"

#include "keys.h"

enum { SOME = 24 };

static const struct hm_job jobs[] = { { TRUST_KEY_JOB, trust_key_job, true, HM_JOB_KEEPS }, { 0 } };
static const char *dir;
static char masked[3][SOME]; /* of the key's text, and of its number in files and in memory */

/* A key that another process has made; what of it must not be found here is kept masked. */
static void make_key(struct hm_cx *cx)
{
	CRYPTO_AUTO_KEY key = { 0 };
	HM_AUTO_SECRET pem = { 0 };
	BIGNUM *number = BN_secure_new();
	unsigned char *room = hm_secret_map(512);
	unsigned mode;
	unit_generate_elsewhere(dir, "ec-p256");
	dir = hm_path(cx, dir, "localkeys");
	assert_ok(hm_secret_read_file(cx, hm_path(cx, dir, "k.key"), HM_MIB, &pem, &mode));
	memcpy(masked[0], hm_secret_str(&pem).p + 65, SOME);
	unit_mask(masked[0], SOME);
	assert_ok(crypto_key_parse(cx, hm_secret_str(&pem), &key));
	assert_true(EVP_PKEY_get_bn_param(key.pkey, OSSL_PKEY_PARAM_PRIV_KEY, &number));
	assert_int_equal(BN_bn2binpad(number, room, 32), 32);
	unit_mask((char *)room, 32);
	memcpy(masked[1], room, SOME);
	assert_int_equal(BN_bn2lebinpad(number, room, 32), 32);
	unit_mask((char *)room, 32);
	memcpy(masked[2], room, SOME);
	hm_secret_unmap(room, 512);
	BN_clear_free(number);
	crypto_key_done(&key);
	for (size_t i = 0; i < HM_LEN(masked); i++)
		assert_int_equal(unit_exposed(hm_bytes(masked[i], SOME)), 0);
}

static struct trust_key file_key(struct hm_cx *cx)
{
	return (struct trust_key){ .name = HM_STR("k"),
				   .key_path = hm_cstr(hm_path(cx, dir, "k.key")),
				   .cert_path = hm_cstr(hm_path(cx, dir, "k.crt")) };
}

static void open_signer(struct hm_cx *cx, struct trust_signer *out)
{
	struct trust_key k = file_key(cx);
	assert_ok(trust_signer_of(cx, &k, NULL, out));
}

static void nothing_of_the_key_is_here(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	TRUST_AUTO_SIGNER s = { 0 };
	struct hm_str signature;
	open_signer(&cx, &s);
	for (int i = 0; i < 3; i++)
		assert_ok(s.signer->sign(&cx, s.signer, HM_STR("ship"), &signature));
	for (size_t i = 0; i < HM_LEN(masked); i++)
		assert_int_equal(unit_exposed(hm_bytes(masked[i], SOME)), 0);
	/* the test sees what is there to be seen: the key, where it is read in here */
	struct hm_str pem;
	assert_ok(hm_read_file(&cx, hm_path(&cx, dir, "k.key"), HM_MIB, &pem));
	assert_true(unit_exposed(hm_bytes(masked[0], SOME)) > 0);
}

struct many {
	const struct trust_signer *s;
	size_t good;
};

static void *sign_many(void *arg)
{
	struct many *m = arg;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	for (int i = 0; i < 20; i++) {
		struct hm_str signature;
		if (!m->s->signer->sign(&cx, m->s->signer, hm_fmt(&cx, "%p %d", arg, i),
					&signature))
			m->good++;
	}
	return NULL;
}

/* Each gets the signature of its own bytes: it is verified before it is handed out. */
static void threads_share_a_key(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	TRUST_AUTO_SIGNER s = { 0 };
	pthread_t id[4];
	struct many m[4];
	open_signer(&cx, &s);
	for (size_t i = 0; i < 4; i++) {
		m[i] = (struct many){ &s, 0 };
		assert_int_equal(pthread_create(&id[i], NULL, sign_many, &m[i]), 0);
	}
	for (size_t i = 0; i < 4; i++) {
		pthread_join(id[i], NULL);
		assert_int_equal(m[i].good, 20);
	}
}

static int only_child(void)
{
	int pid = 0;
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	fclose(f);
	return pid;
}

static void a_killed_process_is_a_fault(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	TRUST_AUTO_SIGNER s = { 0 };
	struct hm_str signature;
	open_signer(&cx, &s);
	kill(only_child(), SIGKILL);
	assert_fault(s.signer->sign(&cx, s.signer, HM_STR("ship"), &signature), HM_SYSTEM,
		     "its process was killed");
	assert_fault(s.signer->sign(&cx, s.signer, HM_STR("ship"), &signature), HM_SYSTEM,
		     "has ended");
}

/* It ends by itself, before it is closed. */
static void one_that_was_left_signs_no_more(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	TRUST_AUTO_SIGNER s = { 0 };
	struct hm_str signature;
	siginfo_t ended = { 0 };
	open_signer(&cx, &s);
	int pid = only_child();
	assert_ok(s.signer->sign(&cx, s.signer, HM_STR("ship"), &signature));
	s.kind->leave(s.signer);
	assert_int_equal(waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT), 0);
	assert_int_equal(ended.si_code, CLD_EXITED);
	assert_fault(s.signer->sign(&cx, s.signer, HM_STR("ship"), &signature), HM_SYSTEM, "ended");
}

/* Its environment, memory and descriptors are of no use to whoever has this process. */
static void the_process_is_hidden(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	TRUST_AUTO_SIGNER s = { 0 };
	char path[64], text[256];
	open_signer(&cx, &s);
	snprintf(path, sizeof(path), "/proc/%d/cmdline", only_child());
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	size_t n = fread(text, 1, sizeof(text), f);
	fclose(f);
	assert_true(hm_find(hm_bytes(text, n), HM_STR("trust-key")) != SIZE_MAX);
	assert_int_equal(hm_find(hm_bytes(text, n), HM_STR("k.key")), SIZE_MAX);
}

static void a_late_process_is_given_up(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	TRUST_AUTO_SIGNER s = { 0 };
	struct hm_str signature;
	open_signer(&cx, &s);
	kill(only_child(), SIGSTOP);
	cx.deadline = hm_mono() + HM_SECOND / 5;
	assert_fault(s.signer->sign(&cx, s.signer, HM_STR("ship"), &signature), HM_BUSY,
		     "deadline");
	cx.deadline = 0;
	assert_fault(s.signer->sign(&cx, s.signer, HM_STR("ship"), &signature), HM_SYSTEM,
		     "has ended");
}

static void another_keys_certificate(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	CRYPTO_AUTO_CHAIN chain = { 0 };
	TRUST_AUTO_SIGNER s = { 0 };
	struct trust_key k = file_key(&cx);
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES256, &key));
	assert_ok(crypto_self_signed(&cx, &key, HM_STR("o"), hm_now(), 1, &chain));
	k.cert_path = hm_cstr(hm_path(&cx, dir, "o.crt"));
	assert_ok(hm_write_file(&cx, k.cert_path.p, crypto_chain_pem(&cx, &chain), 0644));
	assert_fault(trust_signer_of(&cx, &k, NULL, &s), HM_INPUT, "does not belong");
	const struct trust_signer_terms later = { .later = true };
	TRUST_AUTO_SIGNERS all = { hm_new(&cx, struct trust_signer, 1), 1 };
	assert_ok(trust_signer_of(&cx, &k, &later, all.p));
	assert_fault(trust_signers_ready(&cx, &all), HM_INPUT, "does not belong");
	k.cert_path = HM_STR("");
	assert_fault(trust_signer_of(&cx, &k, NULL, &s), HM_INPUT,
		     "the key comes without certificate");
}

static void a_key_is_waited_for_at_first_use(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const struct trust_signer_terms later = { .later = true };
	struct trust_key k = file_key(&cx);
	TRUST_AUTO_SIGNERS all = { hm_new(&cx, struct trust_signer, 1), 1 };
	struct hm_str signature;
	assert_ok(trust_signer_of(&cx, &k, &later, all.p));
	assert_true(all.p->later);
	assert_int_equal(all.p->signer->alg, CRYPTO_ES256);
	assert_ok(trust_signers_ready(&cx, &all));
	assert_false(all.p->later);
	assert_ok(trust_signers_ready(&cx, &all));
	assert_ok(all.p->signer->sign(&cx, all.p->signer, HM_STR("ship"), &signature));
	trust_signer_done(all.p);
	/* nobody has to wait for it in so many words */
	assert_ok(trust_signer_of(&cx, &k, &later, all.p));
	assert_ok(all.p->signer->sign(&cx, all.p->signer, HM_STR("ship"), &signature));
}

/* With the words that whoever opens it would have said, each time. */
static void what_is_wrong_is_told_at_first_use(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const struct trust_signer_terms later = { .later = true };
	struct trust_key k = file_key(&cx);
	struct hm_str signature;
	k.key_path = hm_cstr(hm_path(&cx, dir, "no.key"));
	assert_ok(hm_write_file(&cx, k.key_path.p, HM_STR("no key"), 0600));
	for (int with_uri = 0; with_uri < 2; with_uri++) {
		TRUST_AUTO_SIGNERS all = { hm_new(&cx, struct trust_signer, 1), 1 };
		struct trust_signer none;
		if (with_uri)
			k.uri = hm_fmt(&cx, "file:%.*s", HM_FMT(k.key_path));
		hm_err at_once = trust_signer_of(&cx, &k, NULL, &none);
		assert_non_null(at_once);
		assert_ok(trust_signer_of(&cx, &k, &later, all.p));
		assert_fault(trust_signers_ready(&cx, &all), at_once->code,
			     hm_fmt(&cx, "key \"k\": %s", at_once->why).p);
		for (int i = 0; i < 2; i++)
			assert_fault(all.p->signer->sign(&cx, all.p->signer, HM_STR("ship"),
							 &signature),
				     at_once->code, at_once->why);
	}
}

static void one_that_is_killed_before_is_a_fault(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	const struct trust_signer_terms later = { .later = true };
	struct trust_key k = file_key(&cx);
	TRUST_AUTO_SIGNERS all = { hm_new(&cx, struct trust_signer, 1), 1 };
	assert_ok(trust_signer_of(&cx, &k, &later, all.p));
	kill(only_child(), SIGSTOP);
	kill(only_child(), SIGKILL);
	hm_err err = trust_signers_ready(&cx, &all);
	if (err) /* it may have answered before */
		assert_fault(err, HM_SYSTEM, "its process was killed");
}

int main(void)
{
	static struct hm_cx cx = HM_CX(SIZE_MAX);
	unit_workers();
	hm_worker_jobs(jobs);
	crypto_start();
	dir = unit_temp_dir();
	make_key(&cx);
	UNIT(nothing_of_the_key_is_here);
	UNIT(threads_share_a_key);
	UNIT(a_killed_process_is_a_fault);
	UNIT(one_that_was_left_signs_no_more);
	UNIT(the_process_is_hidden);
	UNIT(a_late_process_is_given_up);
	UNIT(another_keys_certificate);
	UNIT(a_key_is_waited_for_at_first_use);
	UNIT(what_is_wrong_is_told_at_first_use);
	UNIT(one_that_is_killed_before_is_a_fault);
	int failed = unit_run("trust/signers/process");
	OPENSSL_cleanup(); /* what it has in locked memory is not seen to point to the rest */
	return failed;
}
