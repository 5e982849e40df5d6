/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdlib.h>

#include "trust/trust.h"

/* The root of the fuzz target's corpus, in which a text is replaced once. */
static const struct root_case {
	const char *label, *from, *to;
	const char *words; /* of HM_INPUT; NULL: it is one still */
	size_t logs;
} cases[] = {
	{ "as it is", NULL, NULL, NULL, 1 },
	{ "a member more", "{\"mediaType\"", "{\"more\": 1, \"mediaType\"", NULL, 1 },
	{ "of a later version", "version=0.1", "version=0.2", NULL, 1 },
	{ "of another type", "trustedroot+json", "clienttrustconfig+json",
	  "it is not a trusted root of Sigstore", 0 },
	{ "of no type", "\"mediaType\":", "\"type\":", "it is not a trusted root of Sigstore", 0 },
	{ "no JSON", "{\"mediaType\"", "\"mediaType\"", "trusted root: JSON", 0 },
	{ "a member twice", "{\"mediaType\"", "{\"tlogs\": [], \"mediaType\"", "\"tlogs\"", 0 },
	{ "logs that are no list", "\"tlogs\": [", "\"tlogs\": 1, \"x\": [",
	  "\"tlogs\" is not a list", 0 },
	{ "no logs", "\"tlogs\":", "\"logs\":", NULL, 0 },
	{ "a log without key", "\"publicKey\":", "\"key\":", "\"publicKey\" is missing", 0 },
	{ "a log without id", "\"logId\":", "\"id\":", "\"logId\" is missing", 0 },
	{ "a key of a kind that is not known", "PKIX_ECDSA_P256_SHA_256", "PKIX_LATER", NULL, 0 },
	{ "a key that is of another kind", "PKIX_ECDSA_P256_SHA_256", "PKIX_ED25519",
	  "is not for algorithm", 0 },
	{ "a key that is none", "\"rawBytes\": \"MFkw", "\"rawBytes\": \"AAAA", "public key", 0 },
	{ "a key without a beginning", "\"start\":", "\"from\":", "\"validFor\" has no \"start\"",
	  0 },
	{ "a key without an end", ", \"end\":", ", \"until\":", NULL, 1 },
	{ "a time that is none", "\"start\": \"2021", "\"start\": \"X021", "\"start\"", 0 },
	{ "an authority without certificates",
	  "\"certChain\":", "\"chain\":", "it has no certificates", 0 },
	{ "one whose certificate is none", "\"certificates\": [{\"rawBytes\": \"MII",
	  "\"certificates\": [{\"rawBytes\": \"AAA", "\"certificateAuthorities\"", 0 },
};

static struct hm_str read_corpus(struct hm_cx *cx)
{
	struct hm_str text;
	const char *source = getenv("HULLMARK_SOURCE");
	assert_ok(hm_read_file(cx,
			       hm_path(cx, source ? source : ".",
				       "tests/fuzz/corpus/trusted-root/one"),
			       HM_MIB, &text));
	return text;
}

static void trusted_root(void **state)
{
	const struct root_case *t = *state;
	HM_AUTO_CX cx = HM_CX(32 * HM_MIB);
	SIGSTORE_AUTO_ROOT r = { 0 };
	struct hm_str tail = read_corpus(&cx), text = tail;
	if (t->from) {
		struct hm_str head = hm_cut_str(&tail, hm_cstr(t->from));
		assert_true(head.n < text.n);
		text = hm_fmt(&cx, "%.*s%s%.*s", HM_FMT(head), t->to, HM_FMT(tail));
	}
	hm_err err = trust_sigstore_root_parse(&cx, text, &r);
	if (t->words) {
		assert_fault(err, HM_INPUT, t->words);
		assert_int_equal(r.logs_n, 0);
		return;
	}
	assert_ok(err);
	assert_int_equal(r.logs_n, t->logs);
	assert_int_equal(r.ctlogs_n, 1);
	assert_int_equal(r.authorities_n, 1);
	if (r.logs_n)
		assert_int_equal(r.logs[0].valid.from, 1610452407); /* 2021-01-12T11:53:27Z */
}

static void too_large(void **state)
{
	HM_AUTO_CX cx = HM_CX(32 * HM_MIB);
	SIGSTORE_AUTO_ROOT r = { 0 };
	(void)state;
	struct hm_str text = hm_fmt(&cx, "%*s", (int)HM_MAX_TRUSTED_ROOT + 1, "");
	assert_fault(trust_sigstore_root_parse(&cx, text, &r), HM_LIMIT, "too large");
}

int main(void)
{
	UNIT_TABLE(trusted_root, cases);
	UNIT(too_large);
	return unit_run("trust/trusted_root");
}
