/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/envelope.h"

#include "envelope/jws.h"

/* clang-format off */
const struct envelope_format envelope_formats[] = {
	{ "jws", ENVELOPE_JWS_TYPE, envelope_jws_sign, envelope_jws_open },
	{ 0 },
};
/* clang-format on */

const struct envelope_format *envelope_format_by_type(struct hm_str media_type)
{
	for (const struct envelope_format *f = envelope_formats; f->name; f++)
		if (hm_eqz(media_type, f->media_type))
			return f;
	return NULL;
}

void envelope_done(struct envelope *e)
{
	crypto_chain_done(&e->chain);
}
