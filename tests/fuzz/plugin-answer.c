/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trust/plugin/answer.h"
#include "trust/plugin/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

/* What was taken is complete, and a version is neither before nor behind itself. */
static void read_metadata(struct hm_cx *cx, struct hm_str text)
{
	struct trust_plugin p;
	if (trust_answer_metadata(cx, text, &p))
		return;
	check(p.name.n && p.description.n && p.version.n && p.url.n);
	if (trust_version_is(p.version))
		check(trust_version_compare(p.version, p.version) == 0);
}

static void read_signature(struct hm_cx *cx, struct hm_str text)
{
	CRYPTO_AUTO_CHAIN chain = { 0 };
	struct hm_str signature;
	if (!trust_answer_signature(cx, text, HM_STR("k"), CRYPTO_ES256, &signature, &chain))
		check(signature.n && chain.n && chain.n <= HM_MAX_CERTIFICATES);
}

static void read_verdict(struct hm_cx *cx, struct hm_str text)
{
	static const bool wanted[TRUST_CAPABILITIES] = { [TRUST_VERIFIES_IDENTITY] = true };
	struct trust_plugin_verdict v;
	if (!trust_answer_verdict(cx, text, wanted, &v))
		check(!v.good[TRUST_VERIFIES_REVOCATION]);
}

/* The first byte says to which command the rest is the answer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	struct hm_str text = hm_bytes(data + 1, size ? size - 1 : 0), bytes;
	struct oci_annotations annotations;
	enum crypto_alg alg;
	switch (size ? data[0] : 0) {
	case 'm':
		read_metadata(&cx, text);
		break;
	case 'k':
		if (!trust_answer_key(&cx, text, HM_STR("k"), &alg))
			check(trust_plugin_algorithm(alg) != NULL);
		break;
	case 's':
		read_signature(&cx, text);
		break;
	case 'e':
		if (!trust_answer_envelope(&cx, text, "t", &bytes, &annotations))
			check(bytes.n > 0);
		break;
	case 'v':
		read_verdict(&cx, text);
		break;
	default:
		check(trust_answer_error(&cx, text, 1) != NULL);
		break;
	}
	return 0;
}
