/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/artifact.h"

#include <unistd.h>

void cli_artifact_done(struct cli_artifact *a)
{
	cli_blob_done(&a->blob);
}

static hm_err raw_digest(struct hm_cx *cx, struct hm_str text, struct hm_str *out)
{
	struct hm_str hex = text;
	uint8_t *raw = hm_alloc(cx, CRYPTO_DIGEST_MAX, 1, 1);
	hm_cut(&hex, ':');
	HM_TRY(hm_unhex(cx, hex, raw));
	*out = hm_bytes(raw, hex.n / 2);
	return NULL;
}

static hm_err file_digest(struct hm_cx *cx, void *arg, enum crypto_digest alg, struct hm_str *out)
{
	struct cli_artifact *a = arg;
	struct hm_str text, raw;
	if (!a->hashed[alg]) {
		HM_TRY(trust_blob_digest(cx, &a->blob, alg, &text));
		HM_TRY(raw_digest(cx, text, &raw));
		memcpy(a->digests[alg], raw.p, raw.n);
		a->hashed[alg] = true;
	}
	*out = hm_bytes(a->digests[alg], crypto_digest_rows[alg].size);
	return NULL;
}

static hm_err file_bytes(struct hm_cx *cx, void *arg, struct hm_str *out)
{
	const struct cli_artifact *a = arg;
	return hm_read_file(cx, a->blob.path, HM_MAX_JSON, out);
}

/* As Sigstore's conformance suite defines it: a digest, unless a file has that name. */
static bool is_digest(struct hm_str text)
{
	struct hm_str hex = text;
	struct hm_str alg = hm_cut(&hex, ':');
	if (!hm_eqz(alg, "sha256") || hex.n != 64)
		return false;
	for (size_t i = 0; i < hex.n; i++)
		if (hm_hex_digit(hex.p[i]) < 0)
			return false;
	return true;
}

hm_err cli_known_digest(struct hm_cx *cx, struct hm_str digest, struct sigstore_known *out)
{
	struct hm_str hex;
	HM_TRY(oci_digest_parse(cx, digest, &out->alg, &hex));
	return raw_digest(cx, digest, &out->raw);
}

hm_err cli_artifact_open(struct hm_cx *cx, const char *text, bool or_digest, struct cli_artifact *a,
			 struct sigstore_artifact *out)
{
	if (or_digest && is_digest(hm_cstr(text)) && access(text, F_OK) != 0) {
		a->known.alg = CRYPTO_SHA256;
		*out = trust_sigstore_known_artifact(&a->known);
		return raw_digest(cx, hm_cstr(text), &a->known.raw);
	}
	*out = (struct sigstore_artifact){ file_digest, file_bytes, a };
	return cli_blob_open(cx, text, &a->blob);
}
