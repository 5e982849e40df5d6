/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdlib.h>

#include "envelope/bundle.h"

/* Bundles of the fuzz target's corpus, in which a text is replaced once. */
static const struct bundle_case {
	const char *label, *file, *from, *to;
	const char *words; /* of HM_INPUT; NULL: it is one still */
} cases[] = {
	{ "of version 0.1", "v1", NULL, NULL, NULL },
	{ "of version 0.2", "v2", NULL, NULL, NULL },
	{ "of version 0.3", "v3", NULL, NULL, NULL },
	{ "with an attestation", "v3-dsse", NULL, NULL, NULL },
	{ "with a key", "v3-key", NULL, NULL, NULL },
	{ "a member more", "v3-key", "{\"mediaType\"", "{\"more\": 1, \"mediaType\"", NULL },
	{ "no JSON", "v3-key", "{\"mediaType\"", "\"mediaType\"", "bundle: JSON" },
	{ "a member twice", "v3-key", "{\"mediaType\"", "{\"mediaType\": \"x\", \"mediaType\"",
	  "\"mediaType\"" },
	{ "of a later version", "v3-key", "v0.3+json", "v0.4+json", "are not supported" },
	{ "of no version", "v3-key", "\"mediaType\":", "\"type\":", "\"mediaType\" is missing" },
	{ "without material", "v3-key",
	  "\"verificationMaterial\":", "\"material\":", "\"verificationMaterial\" is missing" },
	{ "of nobody", "v3-key",
	  "\"publicKey\":", "\"public\":", "one of certificate, certificate chain and key" },
	{ "of two", "v3-key", "\"publicKey\":", "\"certificate\": {}, \"publicKey\":",
	  "one of certificate, certificate chain and key" },
	{ "a chain in version 0.3", "v3-key", "\"publicKey\": {\"hint\": \"k\"}",
	  "\"x509CertificateChain\": {\"certificates\": []}", "one certificate, not a chain" },
	{ "a certificate that is none", "v3-key", "\"publicKey\": {\"hint\": \"k\"}",
	  "\"certificate\": {\"rawBytes\": \"AAAA\"}", "certificate" },
	{ "a certificate without bytes", "v3-key", "\"publicKey\": {\"hint\": \"k\"}",
	  "\"certificate\": {}", "\"rawBytes\" is missing" },
	{ "entries that are no list", "v3-key", "\"tlogEntries\": [",
	  "\"tlogEntries\": 1, \"x\": [", "\"tlogEntries\" is not a list" },
	{ "an entry of no kind", "v3-key",
	  "\"kindVersion\":", "\"kind\":", "log entry 1: \"kindVersion\" is missing" },
	{ "an entry of no log", "v3-key", "\"logId\":", "\"log\":", "\"logId\" is missing" },
	{ "an index that is no number", "v3-key", "\"logIndex\": \"3\"", "\"logIndex\": \"x\"",
	  "\"logIndex\"" },
	{ "a negative index", "v3-key", "\"logIndex\": \"3\"", "\"logIndex\": \"-3\"",
	  "\"logIndex\"" },
	{ "no proof in version 0.3", "v3-key",
	  "\"inclusionProof\":", "\"proof\":", "log entry 1: it has no inclusion proof" },
	{ "no checkpoint in version 0.2", "v2",
	  "\"checkpoint\":", "\"note\":", "its inclusion proof has no checkpoint" },
	{ "no promise in version 0.1", "v1",
	  "\"inclusionPromise\":", "\"promise\":", "it has no inclusion promise" },
	{ "a proof that is no object", "v3-key", "\"inclusionProof\": {",
	  "\"inclusionProof\": 1, \"x\": {", "inclusion proof: it is not an object" },
	{ "hashes that are no list", "v3-key", "\"hashes\": [", "\"hashes\": 1, \"x\": [",
	  "\"hashes\" is not a list" },
	{ "a root that is no base64", "v3-key", "\"rootHash\": \"AAAA", "\"rootHash\": \"A*AA",
	  "\"rootHash\": base64" },
	{ "no signature", "v3-key",
	  "\"messageSignature\":", "\"message\":", "one of message signature and DSSE envelope" },
	{ "two contents", "v3-key",
	  "\"messageSignature\":", "\"dsseEnvelope\": {}, \"messageSignature\":",
	  "one of message signature and DSSE envelope" },
	{ "a digest of a kind that is not known", "v3-key", "\"SHA2_256\"", "\"SHA1\"",
	  "digests of kind \"SHA1\" are not supported" },
	{ "a digest of another length", "v3-key", "\"SHA2_256\"", "\"SHA2_512\"",
	  "the digest has 32 bytes" },
	{ "an attestation that nobody signed", "v3-dsse", "\"signatures\": [",
	  "\"signatures\": [], \"x\": [", "signature" },
};

static struct hm_str read_corpus(struct hm_cx *cx, const char *file)
{
	struct hm_str text;
	const char *source = getenv("HULLMARK_SOURCE");
	const char *dir = hm_path(cx, source ? source : ".", "tests/fuzz/corpus/bundle");
	assert_ok(hm_read_file(cx, hm_path(cx, dir, file), HM_MIB, &text));
	return text;
}

static void bundle(void **state)
{
	const struct bundle_case *t = *state;
	HM_AUTO_CX cx = HM_CX(32 * HM_MIB);
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	struct hm_str tail = read_corpus(&cx, t->file), text = tail;
	if (t->from) {
		struct hm_str head = hm_cut_str(&tail, hm_cstr(t->from));
		assert_true(head.n < text.n);
		text = hm_fmt(&cx, "%.*s%s%.*s", HM_FMT(head), t->to, HM_FMT(tail));
	}
	hm_err err = envelope_bundle_parse(&cx, text, &b);
	if (t->words) {
		assert_fault(err, HM_INPUT, t->words);
	} else {
		assert_ok(err);
		assert_true(b.signature.n > 0);
		assert_int_equal(b.entries_n, 1);
	}
}

/* What is in one. */
static void content(void **state)
{
	HM_AUTO_CX cx = HM_CX(32 * HM_MIB);
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	(void)state;
	assert_ok(envelope_bundle_parse(&cx, read_corpus(&cx, "v3-key"), &b));
	assert_int_equal(b.version, 3);
	assert_int_equal(b.material, BUNDLE_KEY);
	assert_strz(b.key_hint, "k");
	assert_strz(b.entries[0].kind, "hashedrekord");
	assert_strz(b.entries[0].version, "0.0.1");
	assert_int_equal(b.entries[0].index, 3);
	assert_int_equal(b.entries[0].integrated_time, 1700000000);
	assert_int_equal(b.entries[0].proof_size, 7);
	assert_int_equal(b.entries[0].hashes_n, 3);
	assert_int_equal(b.entries[0].log_id.n, 32);
	assert_int_equal(b.digest.n, 32);
}

static const struct type_case {
	const char *label;
	unsigned version;
} types[] = {
	{ "application/vnd.dev.sigstore.bundle.v0.3+json", 3 },
	{ "application/vnd.dev.sigstore.bundle+json;version=0.3", 3 },
	{ "application/vnd.dev.sigstore.bundle+json;version=0.2", 2 },
	{ "application/vnd.dev.sigstore.bundle+json;version=0.1", 1 },
	{ "application/vnd.dev.sigstore.bundle+json;version=0.4", 0 },
	{ "application/vnd.dev.sigstore.bundle+json", 0 },
	{ "application/json", 0 },
};

static void type(void **state)
{
	const struct type_case *t = *state;
	assert_int_equal(envelope_bundle_version(hm_cstr(t->label)), t->version);
}

int main(void)
{
	UNIT_TABLE(bundle, cases);
	UNIT(content);
	UNIT_TABLE(type, types);
	return unit_run("envelope/bundle");
}
