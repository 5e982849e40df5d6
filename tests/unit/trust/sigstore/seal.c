/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles with a key of the signer's own, and what services answer. */
#include "trust/sigstore/seal.h"
#include "trust/sigstore/run.h"
#include "trust/trust.h"

#include "unit.h"

#define HEX "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define STATEMENT                                                                                    \
	"{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"digest\":{\"sha256\":\"" HEX \
	"\"}}],\"predicateType\":\"https://example.com/p\",\"predicate\":{}}"

/* "hello" */
static hm_err digest_of_hello(struct hm_cx *cx, void *arg, enum crypto_digest alg,
			      struct hm_str *out)
{
	(void)arg;
	*out = crypto_digest_raw(cx, alg, HM_STR("hello"));
	return NULL;
}

static hm_err bytes_of_hello(struct hm_cx *cx, void *arg, struct hm_str *out)
{
	(void)cx, (void)arg;
	*out = HM_STR("hello");
	return NULL;
}

static const struct sigstore_artifact hello = { digest_of_hello, bytes_of_hello, NULL };

static const struct alg_case {
	const char *label;
	enum crypto_alg alg, seen;
	const char *refused;
} algs[] = {
	{ "P-256", CRYPTO_ES256, CRYPTO_ES256_DER, NULL },
	{ "P-384", CRYPTO_ES384, CRYPTO_ES384_DER, NULL },
	{ "P-521", CRYPTO_ES512, CRYPTO_ES512_DER, NULL },
	{ "ML-DSA-65", CRYPTO_MLDSA65, CRYPTO_MLDSA65, NULL },
	{ "RSA", CRYPTO_PS256, 0, "keys of this kind (PS256) do not sign in Sigstore's formats" },
};

static void look_at(struct hm_cx *cx, struct hm_str text, const struct crypto_key *own,
		    const struct alg_case *t)
{
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	CRYPTO_AUTO_KEY key = { 0 };
	struct sigstore_answer answer;
	struct hm_str der;
	assert_ok(envelope_bundle_parse(cx, text, &b));
	assert_int_equal(b.version, 3);
	assert_int_equal(b.material, BUNDLE_KEY);
	assert_int_equal(b.key_hint.n, 44);
	assert_ok(crypto_public_key_der(cx, own, &der));
	assert_ok(crypto_public_key_any(cx, der, &key));
	struct sigstore_question q = { .key = &key, .artifact = hello, .allow_no_log = true };
	assert_ok(trust_sigstore_verify(cx, &b, &q, &answer));
	assert_int_equal(answer.alg, t->seen);
	b.signature = HM_STR("other");
	assert_fault(trust_sigstore_verify(cx, &b, &q, &answer), HM_TRUST, "does not match");
}

static void sealed(void **state)
{
	const struct alg_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	struct hm_str text;
	assert_ok(crypto_key_generate(&cx, t->alg, &key));
	struct crypto_key_signer signer = crypto_key_signer(&key);
	struct sigstore_sealing s = { .signer = &signer.signer };
	hm_err err = trust_sigstore_seal_artifact(&cx, &s, &hello, &text);
	if (t->refused) {
		assert_fault(err, HM_USAGE, t->refused);
		return;
	}
	assert_ok(err);
	look_at(&cx, text, &key, t);
	assert_ok(trust_sigstore_seal_statement(&cx, &s, HM_STR(STATEMENT), &text));
	look_at(&cx, text, &key, t);
	/* by bytes where the signer takes no digest */
	signer.signer.sign_digest = NULL;
	assert_ok(trust_sigstore_seal_artifact(&cx, &s, &hello, &text));
	look_at(&cx, text, &key, t);
}

/* A signer that gives what is not its key's signature is found out. */
static hm_err sign_badly(struct hm_cx *cx, const struct crypto_signer *self, struct hm_str bytes,
			 struct hm_str *out)
{
	char *raw = hm_alloc(cx, 64, 1, 1);
	(void)self, (void)bytes;
	memset(raw, 1, 64);
	*out = hm_bytes(raw, 64);
	return NULL;
}

static void refused(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	struct hm_str text = HM_STR("nothing");
	struct sigstore_services services = { 0 };
	struct sigstore_root root = { 0 };
	struct sigstore_token token = { .subject = HM_STR("a@example.com") };
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES256, &key));
	struct crypto_key_signer signer = crypto_key_signer(&key);
	struct sigstore_sealing s = { .signer = &signer.signer };
	assert_fault(trust_sigstore_seal_statement(&cx, &s, HM_STR("{}"), &text), HM_INPUT,
		     "statement: ");
	assert_fault(trust_sigstore_seal_statement(
			     &cx, &s,
			     HM_STR("{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{"
				    "\"digest\":{\"gitCommit\":\"00\"}}],\"predicateType\":\"https:"
				    "//example.com/p\",\"predicate\":{}}"),
			     &text),
		     HM_INPUT, "no subject has a SHA-2 digest");
	s.services = &services;
	assert_fault(trust_sigstore_seal_artifact(&cx, &s, &hello, &text), HM_USAGE,
		     "--trusted-root is needed");
	s = (struct sigstore_sealing){ .token = &token, .root = &root };
	assert_fault(trust_sigstore_seal_artifact(&cx, &s, &hello, &text), HM_USAGE,
		     "--signing-config is needed");
	s = (struct sigstore_sealing){ .signer = &signer.signer };
	signer.signer.sign_digest = NULL;
	signer.signer.sign = sign_badly;
	assert_fault(trust_sigstore_seal_artifact(&cx, &s, &hello, &text), HM_TRUST,
		     "the bundle that was made");
	assert_fault(trust_sigstore_seal_statement(&cx, &s, HM_STR(STATEMENT), &text), HM_TRUST,
		     "the bundle that was made");
	assert_strz(text, "nothing");
}

/* Without services, nothing is asked; with an empty list of them neither. */
static void no_services(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_KEY key = { 0 };
	struct sigstore_services services = { 0 };
	struct sigstore_root root = { 0 };
	struct hm_str text;
	assert_ok(crypto_key_generate(&cx, CRYPTO_ES256, &key));
	struct crypto_key_signer signer = crypto_key_signer(&key);
	struct sigstore_sealing s = { .signer = &signer.signer,
				      .services = &services,
				      .root = &root };
	assert_ok(trust_sigstore_seal_artifact(&cx, &s, &hello, &text));
}

static void statement_of_cosign(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str text;
	assert_ok(trust_sigstore_sign_statement(&cx, HM_STR("sha256:" HEX), &text));
	assert_strz(text,
		    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"digest\":{"
		    "\"sha256\":\"" HEX
		    "\"}}],\"predicateType\":\"https://sigstore.dev/cosign/sign/v1\","
		    "\"predicate\":{}}");
}

#define PROOF                                                                                         \
	"\"inclusionProof\":{\"checkpoint\":\"c\",\"hashes\":[\"00ff\"],\"logIndex\":1,\"rootHash\":" \
	"\"ab\",\"treeSize\":2}"
#define ENTRY(more)                                                                              \
	"{\"u\":{\"body\":\"e30=\",\"integratedTime\":5,\"logID\":\"c0ff\",\"logIndex\":7," more \
	"}}"
static const struct answer_case {
	const char *label, *text, *words;
} log_answers[] = {
	{ "an entry", ENTRY("\"verification\":{" PROOF ",\"signedEntryTimestamp\":\"AA==\"}"),
	  NULL },
	{ "no proof", ENTRY("\"verification\":{\"signedEntryTimestamp\":\"AA==\"}"),
	  "it has no inclusion proof" },
	{ "no promise", ENTRY("\"verification\":{" PROOF "}"), "\"signedEntryTimestamp\"" },
	{ "no verification", ENTRY("\"a\":1"), "\"signedEntryTimestamp\"" },
	{ "two entries", "{\"a\":{},\"b\":{}}", "does not have one entry" },
	{ "none", "{}", "does not have one entry" },
	{ "a list", "[1]", "does not have one entry" },
	{ "no hexadecimal",
	  "{\"u\":{\"body\":\"e30=\",\"integratedTime\":5,\"logID\":\"XY\",\"logIndex\":7}}",
	  "\"logID\"" },
	{ "no text", "", "the log's entry" },
};

static void log_answer(void **state)
{
	const struct answer_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct bundle_entry e;
	hm_err err = trust_sigstore_log_answer_parse(&cx, hm_cstr(t->text), "dsse", &e);
	if (t->words) {
		assert_fault(err, HM_INPUT, t->words);
		return;
	}
	assert_ok(err);
	assert_strz(e.kind, "dsse");
	assert_strz(e.body, "{}");
	assert_int_equal(e.index, 7);
	assert_int_equal(e.integrated_time, 5);
	assert_int_equal(e.hashes_n, 1);
	assert_str(e.log_id, HM_STR("\xc0\xff"));
}

static const struct answer_case certificate_answers[] = {
	{ "no answer", "", "its answer" },
	{ "no certificates", "{}", "it has no certificates" },
	{ "an empty chain", "{\"signedCertificateEmbeddedSct\":{\"chain\":{\"certificates\":[]}}}",
	  "it has no certificates" },
	{ "no certificate",
	  "{\"signedCertificateEmbeddedSct\":{\"chain\":{\"certificates\":[\"x\"]}}}",
	  "its answer" },
};

static void certificate_answer(void **state)
{
	const struct answer_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_CHAIN chain = { 0 };
	assert_fault(trust_sigstore_certificate_parse(&cx, hm_cstr(t->text), &chain), HM_INPUT,
		     t->words);
}

static void detached(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_CHAIN chain = { 0 };
	assert_fault(trust_sigstore_certificate_parse(
			     &cx, HM_STR("{\"signedCertificateDetachedSct\":{}}"), &chain),
		     HM_TRUST, "no log of certificates has signed");
}

/* A log that nobody knows is passed over where a stranger's bundle is read, and not in one of ours.
 */
static void unknown_log(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct bundle_entry entry = { .log_id = HM_STR("a log") };
	struct envelope_bundle b = { .entries = &entry, .entries_n = 1 };
	struct sigstore_root root = { 0 };
	struct crypto_key key = { 0 };
	struct sigstore_question q = { .root = &root, .key = &key, .allow_no_log = true };
	struct sigstore_answer answer = { 0 };
	struct sigstore_run r = { .bundle = &b, .q = &q, .out = &answer };
	assert_ok(trust_sigstore_check_entries(&cx, &r));
	assert_false(answer.in_log);
	q.knows_all_logs = true;
	assert_fault(trust_sigstore_check_entries(&cx, &r), HM_TRUST,
		     "log entry 1 is of a log that the trusted root does not have");
}

int main(void)
{
	UNIT(unknown_log);
	UNIT_TABLE(sealed, algs);
	UNIT(refused);
	UNIT(no_services);
	UNIT(statement_of_cosign);
	UNIT_TABLE(log_answer, log_answers);
	UNIT_TABLE(certificate_answer, certificate_answers);
	UNIT(detached);
	return unit_run("trust/sigstore/seal");
}
