/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain.h"

/* One question about revocation, to whoever asks or to what was kept of earlier answers. */

static bool take_kept(struct hm_cx *cx, const struct crypto_fetch *f,
		      const struct crypto_question *q, bool old, const struct crypto_taker *t)
{
	struct hm_str kept = HM_STR("");
	bool keep;
	if (!f->recall)
		return false;
	f->recall(cx, f->arg, q, old, &kept);
	return kept.n && !t->take(cx, t->arg, kept, &keep);
}

hm_err crypto_ask(struct hm_cx *cx, const struct crypto_fetch *f, const struct crypto_question *q,
		  struct crypto_memory *m, const struct crypto_taker *t)
{
	struct hm_str answer = HM_STR("");
	bool keep = false;
	if (!m->anew && take_kept(cx, f, q, false, t)) {
		m->used = true;
		return NULL;
	}
	hm_err err = f->run ? f->run(cx, f->arg, q, &answer)
			    : hm_fail(cx, HM_BUSY, "revocation cannot be checked");
	if (err) {
		if (m->anew || !take_kept(cx, f, q, true, t))
			return err;
		m->used = true;
		return NULL;
	}
	HM_TRY(t->take(cx, t->arg, answer, &keep));
	if (keep && f->keep)
		f->keep(cx, f->arg, q, answer);
	return NULL;
}
