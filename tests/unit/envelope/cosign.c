/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/cosign.h"

#include "envelope/envelope.h"
#include "unit.h"

/* {"kind":"hashedrekord","apiVersion":"0.0.1"} */
#define BODY "eyJraW5kIjoiaGFzaGVkcmVrb3JkIiwiYXBpVmVyc2lvbiI6IjAuMC4xIn0="
#define BUNDLE(set, body, rest) \
	"{\"SignedEntryTimestamp\":\"" set "\",\"Payload\":{\"body\":\"" body "\"" rest "}}"
#define REST ",\"integratedTime\":1700000000,\"logIndex\":12,\"logID\":\"abcd\""

static const struct hm_str simple = HM_STR_INIT(ENVELOPE_SIMPLE_TYPE);

static void good(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	const struct envelope_cosign c = { .signature = HM_STR("AAEC"),
					   .bundle = HM_STR(BUNDLE("AQ==", BODY, REST)),
					   .timestamp = HM_STR(
						   "{\"SignedRFC3161Timestamp\":\"Ag==\"}") };
	assert_ok(envelope_cosign_read(&cx, simple, HM_STR("x"), &c, &b));
	assert_int_equal(b.material, BUNDLE_KEY);
	assert_str(b.signature, HM_STR("\0\1\2"));
	assert_str(b.digest, crypto_digest_raw(&cx, CRYPTO_SHA256, HM_STR("x")));
	assert_int_equal(b.entries_n, 1);
	assert_strz(b.entries[0].kind, "hashedrekord");
	assert_strz(b.entries[0].version, "0.0.1");
	assert_int_equal(b.entries[0].index, 12);
	assert_int_equal(b.entries[0].integrated_time, 1700000000);
	assert_str(b.entries[0].log_id, HM_STR("\xab\xcd"));
	assert_str(b.entries[0].promise, HM_STR("\1"));
	assert_int_equal(b.timestamps_n, 1);
	assert_str(b.timestamps[0], HM_STR("\2"));
}

static void attestation(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	const struct envelope_cosign none = { 0 };
	assert_ok(envelope_cosign_read(
		&cx, HM_STR(ENVELOPE_DSSE_TYPE),
		HM_STR("{\"payload\":\"AA==\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"AQ==\"}]}"),
		&none, &b));
	assert_non_null(b.dsse);
	assert_str(b.signature, HM_STR("\1"));
	assert_int_equal(b.entries_n + b.timestamps_n, 0);
}

#define SIG .signature = HM_STR_INIT("AA==")
static const struct bad_case {
	const char *label, *type, *bytes;
	struct envelope_cosign beside;
	const char *why;
} bad_cases[] = {
	{ "no signature", ENVELOPE_SIMPLE_TYPE, "x", { .signature = { "", 0 } }, "is missing" },
	{ "no base64", ENVELOPE_SIMPLE_TYPE, "x", { .signature = HM_STR_INIT("%") }, "signature" },
	{ "another type", "text/plain", "x", { SIG }, "are not supported" },
	{ "no certificate",
	  ENVELOPE_SIMPLE_TYPE,
	  "x",
	  { SIG, .certificate = HM_STR_INIT("x") },
	  "certificate" },
	{ "no log entry",
	  ENVELOPE_SIMPLE_TYPE,
	  "x",
	  { SIG, .bundle = HM_STR_INIT("[]") },
	  "log entry" },
	{ "no promise",
	  ENVELOPE_SIMPLE_TYPE,
	  "x",
	  { SIG, .bundle = HM_STR_INIT(BUNDLE("", BODY, REST)) },
	  "SignedEntryTimestamp" },
	{ "no body",
	  ENVELOPE_SIMPLE_TYPE,
	  "x",
	  { SIG, .bundle = HM_STR_INIT(BUNDLE("AA==", "", REST)) },
	  "\"body\"" },
	{ "a body that is none",
	  ENVELOPE_SIMPLE_TYPE,
	  "x",
	  { SIG, .bundle = HM_STR_INIT(BUNDLE("AA==", "AA==", REST)) },
	  "log entry: \"body\"" },
	{ "no time",
	  ENVELOPE_SIMPLE_TYPE,
	  "x",
	  { SIG, .bundle = HM_STR_INIT(BUNDLE("AA==", BODY, ",\"logIndex\":1,\"logID\":\"ab\"")) },
	  "\"integratedTime\" is missing" },
	{ "a log's id that is none",
	  ENVELOPE_SIMPLE_TYPE,
	  "x",
	  { SIG, .bundle = HM_STR_INIT(BUNDLE(
			 "AA==", BODY, ",\"integratedTime\":1,\"logIndex\":1,\"logID\":\"abc\"")) },
	  "\"logID\"" },
	{ "no timestamp",
	  ENVELOPE_SIMPLE_TYPE,
	  "x",
	  { SIG, .timestamp = HM_STR_INIT("{}") },
	  "SignedRFC3161Timestamp" },
	{ "two signatures of an attestation",
	  ENVELOPE_DSSE_TYPE,
	  "{\"payload\":\"AA==\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":\"AQ==\"},{\"sig\":"
	  "\"AQ==\"}]}",
	  { .signature = { "", 0 } },
	  "2 signatures instead of one" },
};

static void bad(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	assert_fault(envelope_cosign_read(&cx, hm_cstr(t->type), hm_cstr(t->bytes), &t->beside, &b),
		     HM_INPUT, t->why);
}

int main(void)
{
	UNIT(good);
	UNIT(attestation);
	UNIT_TABLE(bad, bad_cases);
	return unit_run("envelope/cosign");
}
