/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What services that have keys answer: to logins, to questions for certificates, to a signature.
 *
 * The input is a letter, which service and how one logs in; another, whether certificates are at
 * hand ('c') or asked for; then the answers, each a digit for its status and its bytes up to a 0x1e
 * (ASCII's record separator). tests/fuzz/make-key-answers makes the corpus, and the certificate.
 */
#include <stdlib.h>

#include "key-answers.h"
#include "trust/signers/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
hm_err __wrap_http_send(struct hm_cx *cx, struct http_client *c, const struct http_request *r,
			struct http_response *out);
hm_err __wrap_hm_pause(struct hm_cx *cx, int64_t nanoseconds);

static struct hm_str answers; /* those that nobody has asked for yet */

static void check(bool good)
{
	if (!good)
		abort();
}

/* Whatever is asked, and however much is left to say; no longer than who asks will have it. */
hm_err __wrap_http_send(struct hm_cx *cx, struct http_client *c, const struct http_request *r,
			struct http_response *out)
{
	static const int statuses[] = { 200, 201, 204, 301, 400, 401, 403, 404, 429, 503 };
	(void)c;
	if (!answers.n)
		return hm_fail(cx, HM_SYSTEM, "nobody answers");
	struct hm_str body = hm_cut(&answers, '\x1e');
	for (size_t i = 0; i < r->given_n; i++) /* what a service said does not become a header */
		check(!hm_has_control(r->given[i].value));
	if (body.n > r->max_body)
		return hm_fail(cx, HM_LIMIT, "the answer is too large");
	*out = (struct http_response){
		.status = statuses[body.n && hm_is_digit(body.p[0]) ? body.p[0] - '0' : 0],
		.body = hm_dup(cx, hm_from(body, 1))
	};
	return NULL;
}

hm_err __wrap_hm_pause(struct hm_cx *cx, int64_t nanoseconds)
{
	(void)cx, (void)nanoseconds;
	return NULL;
}

struct service {
	char letter;
	const struct trust_signer_kind *kind;
	const char *uri;
	const char *set, *unset; /* of the environment: so it logs in */
};
/* clang-format off */
static const struct service services[] = {
	{ 'a', &trust_signer_awskms,     "awskms:///k?region=eu-west-1", "AWS_ACCESS_KEY_ID=a", NULL },
	{ 'm', &trust_signer_awskms,     "awskms:///k?region=eu-west-1", NULL, "AWS_ACCESS_KEY_ID" },
	{ 'z', &trust_signer_azurekms,   "azurekms://v.vault.azure.net/k", "AZURE_CLIENT_SECRET=s", NULL },
	{ 'i', &trust_signer_azurekms,   "azurekms://v.vault.azure.net/k", NULL, "AZURE_CLIENT_SECRET" },
	{ 'g', &trust_signer_gcpkms,     "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1", NULL, NULL },
	{ 'v', &trust_signer_hashivault, "hashivault://k", NULL, NULL },
	{ 'k', &trust_signer_hashivault, "hashivault://k?auth=kubernetes&role=r&token-file=/proc/sys/kernel/ostype", NULL, NULL },
};
/* clang-format on */

static void set_environment(void)
{
	static const char *const all[][2] = {
		{ "AWS_SECRET_ACCESS_KEY", "s" }, { "AZURE_TENANT_ID", "t" },
		{ "AZURE_CLIENT_ID", "c" },       { "VAULT_ADDR", "https://vault.example.test" },
		{ "VAULT_TOKEN", "t" },           { "HOME", "/nonexistent" }
	};
	for (size_t i = 0; i < HM_LEN(all); i++)
		setenv(all[i][0], all[i][1], 1);
}

static void choose_login(struct hm_cx *cx, const struct service *s)
{
	struct hm_str value = hm_cstr(s->set), name = hm_cut(&value, '=');
	if (s->set)
		setenv(hm_dupz(cx, name), hm_dupz(cx, value), 1);
	if (s->unset)
		unsetenv(s->unset);
	unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
}

static void use_service(struct hm_cx *cx, const struct service *s, bool certified)
{
	struct http_config http = { 0 };
	struct trust_signer_terms terms = { .http = &http };
	struct trust_key k = { .name = HM_STR("k"), .uri = hm_cstr(s->uri) };
	struct trust_signer signer = { .name = k.name, .uri = k.uri };
	struct hm_str signature;
	CRYPTO_AUTO_KEY key = { 0 };
	if (certified && crypto_chain_parse(cx, HM_STR(KEY_ANSWERS_CHAIN), &signer.chain))
		abort();
	if (s->kind->open(cx, &k, &terms, &signer)) {
		crypto_chain_done(&signer.chain);
		return;
	}
	check(signer.chain.n && signer.chain.n <= HM_MAX_CERTIFICATES);
	check(signer.uri.n && !hm_has_control(signer.uri));
	check(!crypto_chain_key(cx, &signer.chain, &key));
	if (!signer.signer->sign(cx, signer.signer, HM_STR(KEY_ANSWERS_BYTES), &signature))
		check(!crypto_verify(cx, &key, key.alg, HM_STR(KEY_ANSWERS_BYTES), signature));
	trust_signer_done(&signer);
}

/* A signature that is taken is the certificate's; a URI that is kept is one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	HM_AUTO_CX cx = HM_CX(32 << 20);
	if (!ready)
		set_environment();
	ready = true;
	if (size < 2)
		return 0;
	for (size_t i = 0; i < HM_LEN(services); i++) {
		if (services[i].letter != (char)data[0])
			continue;
		choose_login(&cx, &services[i]);
		answers = hm_bytes(data + 2, size - 2);
		use_service(&cx, &services[i], data[1] == 'c');
	}
	return 0;
}
