/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"
#include "envelope/envelope.h"

#include "unit.h"

#define BASE "signing/notation/notation-go/verifier/testdata/"

static struct hm_str load(struct hm_cx *cx, const char *path)
{
	struct hm_str bytes;
	assert_ok(hm_read_file(cx, unit_data(cx, path), HM_MIB, &bytes));
	return bytes;
}

static const struct envelope_case {
	const char *label, *path, *root;
	int64_t time;
	enum hm_code code; /* 0: it verifies */
	const char *why;
} envelopes[] = {
	{ "a timestamp under the right root", BASE "timestamp/sigEnv/jwsWithTimestamp.sig",
	  BASE "truststore/x509/tsa/test-timestamp/globalsignRoot.cer", 1718692177, 0, NULL },
	{ "a timestamp that outlives the certificate",
	  BASE "timestamp/sigEnv/jwsExpiredWithTimestamp.sig",
	  BASE "truststore/x509/tsa/test-timestamp/globalsignRoot.cer", 1718695302, 0, NULL },
	{ "under another root", BASE "timestamp/sigEnv/jwsWithTimestamp.sig",
	  BASE "truststore/x509/tsa/test-mismatch/DigiCertTSARootSHA384.cer", 0, HM_TRUST,
	  "not trusted: " },
	{ "a timestamp that is no token",
	  "signing/notation/e2e/registry/oci_layout/e2e-with-invalid-timestamped-signature/blobs/sha256/"
	  "8d2e70ffc2af68b7f2df6f30dfefcb7bcda1db5f9ac2566fc8c6c2248c8d4c5f",
	  "signing/notation/e2e/config/timestamp/globalsignTSARoot.cer", 0, HM_INPUT, "malformed" },
};

static void envelope(void **state)
{
	const struct envelope_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	ENVELOPE_AUTO e = { 0 };
	CRYPTO_AUTO_CHAIN roots = { 0 };
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 };
	assert_ok(envelope_parse(&cx, HM_STR(ENVELOPE_JWS_TYPE), load(&cx, t->path), &e));
	const struct envelope_signature *s = &e.signatures[0];
	assert_ok(envelope_verify_own(&cx, s));
	assert_true(s->timestamp.n > 0);
	assert_ok(crypto_chain_parse(&cx, load(&cx, t->root), &roots));
	hm_err err = crypto_timestamp_verify(&cx, s->timestamp, s->value, &roots, &stamp);
	if (t->code) {
		assert_fault(err, t->code, t->why);
		return;
	}
	assert_ok(err);
	assert_int_equal(stamp.time, t->time);
	assert_true(stamp.earliest >= t->time - 1 && stamp.earliest <= t->time);
	assert_true(stamp.latest <= t->time + 1 && stamp.latest >= t->time);
	assert_true(stamp.chain.n >= 2);
	/* The same token says nothing about other bytes. */
	CRYPTO_AUTO_TIMESTAMP other = { 0 };
	assert_fault(crypto_timestamp_verify(&cx, s->timestamp, HM_STR("x"), &roots, &other),
		     HM_TRUST, "message imprint mismatch");
	for (size_t n = 0; n < s->timestamp.n; n += 97) {
		hm_err cut = crypto_timestamp_verify(&cx, hm_sub(s->timestamp, 0, n), s->value,
						     &roots, &other);
		assert_fault(cut, HM_INPUT, "the timestamp is malformed");
	}
}

static const struct token_case {
	const char *label, *path, *why;
	enum hm_code code;
} tokens[] = {
	{ "a token without its certificate",
	  BASE "timestamp/countersignature/TimeStampTokenWithoutCertificate.p7s",
	  "the timestamp does not verify: signer certificate not found", HM_TRUST },
	{ "a token of another content type",
	  BASE "timestamp/countersignature/TimeStampTokenWithInvalideContentType.p7s",
	  "the timestamp is malformed", HM_INPUT },
	{ "a token whose content is broken",
	  BASE "timestamp/countersignature/TimeStampTokenWithInvalidTSTInfo.p7s",
	  "the timestamp is malformed", HM_INPUT },
	{ "a token whose signature is broken",
	  "signing/notation/notation-core-go/internal/timestamp/testdata/"
	  "TimeStampTokenWithInvalidSignature.p7s",
	  "the timestamp does not verify: signature failure", HM_TRUST },
	{ "no token at all", "signing/notation/notation-core-go/x509/testdata/der.der",
	  "the timestamp is malformed", HM_INPUT },
};

static void token(void **state)
{
	const struct token_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	CRYPTO_AUTO_CHAIN roots = { 0 };
	CRYPTO_AUTO_TIMESTAMP stamp = { 0 };
	assert_ok(crypto_chain_parse(&cx,
				     load(&cx, BASE
					  "truststore/x509/tsa/test-timestamp/globalsignRoot.cer"),
				     &roots));
	struct hm_str bytes = load(&cx, t->path);
	assert_fault(crypto_timestamp_verify(&cx, bytes, HM_STR("notation"), &roots, &stamp),
		     t->code, t->why);
}

int main(void)
{
	UNIT_TABLE(envelope, envelopes);
	UNIT_TABLE(token, tokens);
	return unit_run("crypto/timestamp");
}
