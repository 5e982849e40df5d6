/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openpgp.h - inside repair/: signatures of package repositories (RFC 9580, RFC 4880), verified by
 * GnuPG's gpgv, which is started for each of them with the keyrings of the image and nothing else.
 */
#ifndef REPAIR_OPENPGP_H
#define REPAIR_OPENPGP_H

#include "base/base.h"

struct repair_keyring {
	struct hm_str name;  /* for messages */
	struct hm_str bytes; /* certificates in binary, or in ASCII armor */
};
struct repair_keyrings {
	struct repair_keyring *p;
	size_t n, cap;
};

struct repair_signed {
	struct hm_str text;   /* what is signed */
	struct hm_str signer; /* fingerprint of the key, hex */
	int64_t when;         /* of the signature, seconds since 1970 */
};

/*
 * The text of a message with a cleartext signature. One good signature by a key of the keyrings is
 * enough; signatures by other keys count for nothing, a bad one refuses the message. HM_TRUST says
 * what was wrong: no key, an expired key, a bad signature. HM_ABSENT: there is no gpgv here.
 */
HM_MUST hm_err repair_openpgp_clear(struct hm_cx *cx, struct hm_str message,
				    const struct repair_keyrings *keys, struct repair_signed *out);
/* The same of a signature that is apart from its content. */
HM_MUST hm_err repair_openpgp_detached(struct hm_cx *cx, struct hm_str content,
				       struct hm_str signature, const struct repair_keyrings *keys,
				       struct repair_signed *out);

#endif
