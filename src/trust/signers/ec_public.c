/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys on elliptic curves, of the parts that tokens and services give. */
#include "trust/signers/signers.h"

/* A value in DER, which is short: below 64 KiB. */
static struct hm_str wrap_der(struct hm_cx *cx, unsigned char tag, struct hm_str value)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_CERTIFICATE_FILE);
	hm_buf_char(&b, (char)tag);
	if (value.n >= 0x100) {
		hm_buf_char(&b, (char)0x82);
		hm_buf_char(&b, (char)(value.n >> 8));
	} else if (value.n >= 0x80) {
		hm_buf_char(&b, (char)0x81);
	}
	hm_buf_char(&b, (char)value.n);
	hm_buf_add(&b, value);
	return hm_dup(cx, hm_buf_str(&b));
}

hm_err trust_ec_public(struct hm_cx *cx, struct hm_str curve, struct hm_str point,
		       struct crypto_key *out)
{
	static const char ec[] = "\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"; /* id-ecPublicKey */
	struct hm_str none = hm_bytes("", 1); /* of the BIT STRING's last byte no bit is unused */
	if (curve.n > 64 || point.n > 256)
		return hm_fail(cx, HM_INPUT, "it is not a key on a curve that is known");
	struct hm_str id = hm_bytes(ec, sizeof(ec) - 1);
	struct hm_str alg = wrap_der(cx, 0x30, hm_fmt(cx, "%.*s%.*s", HM_FMT(id), HM_FMT(curve)));
	struct hm_str bits =
		wrap_der(cx, 0x03, hm_fmt(cx, "%.*s%.*s", HM_FMT(none), HM_FMT(point)));
	struct hm_str der = wrap_der(cx, 0x30, hm_fmt(cx, "%.*s%.*s", HM_FMT(alg), HM_FMT(bits)));
	return crypto_public_key_own(cx, der, out);
}
