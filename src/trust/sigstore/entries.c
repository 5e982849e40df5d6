/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"
#include "codec/json.h"
#include "envelope/envelope.h"
#include "http/http.h"
#include "trust/sigstore/run.h"

/* --- is it in the log? --- */

/* The log's promise that the entry will be in it (SET): a signature over canonical JSON. */
static hm_err check_promise(struct hm_cx *cx, const struct sigstore_log *log,
			    const struct bundle_entry *e)
{
	struct hm_str bytes = hm_fmt(
		cx,
		"{\"body\":\"%.*s\",\"integratedTime\":%lld,\"logID\":\"%.*s\",\"logIndex\":%llu}",
		HM_FMT(base64_format(cx, BASE64_STD, e->body)), (long long)e->integrated_time,
		HM_FMT(hm_hex(cx, e->log_id)), (unsigned long long)e->index);
	if (!sigstore_is_valid_at(&log->valid, e->integrated_time))
		return hm_fail(cx, HM_TRUST, "the log is not believed for that time");
	HM_TRY_IN(cx, crypto_verify(cx, &log->key, log->key.alg, bytes, e->promise),
		  "the log's promise");
	return NULL;
}

/* Who signs the checkpoints of a log: Rekor's second version as the host of its URL, which is the
 * origin, too; the first as the first word of the origin. */
static hm_err note_name(struct hm_cx *cx, const struct sigstore_log *log, bool second,
			const struct log_checkpoint *c, struct hm_str *out)
{
	struct http_url url;
	struct hm_str origin = c->origin;
	*out = hm_cut(&origin, ' ');
	if (!second)
		return NULL;
	HM_TRY_IN(cx, http_url_parse(cx, log->base_url, &url), "the log's URL");
	*out = url.host;
	if (!hm_eq(c->origin, url.host))
		return hm_fail(cx, HM_TRUST, "the checkpoint is of \"%.*s\", not of \"%.*s\"",
			       HM_FMT(c->origin), HM_FMT(url.host));
	return NULL;
}

static hm_err check_checkpoint(struct hm_cx *cx, const struct sigstore_log *log, bool second,
			       const struct bundle_entry *e)
{
	struct log_checkpoint c;
	struct hm_str name;
	struct hm_cur id = hm_cur(log->id);
	HM_TRY(log_checkpoint_parse(cx, e->checkpoint, &c));
	HM_TRY(note_name(cx, log, second, &c, &name));
	uint32_t hint = (uint32_t)hm_be(&id, 4);
	HM_TRY_IN(cx, log_note_verify(cx, &c.note, name, hint, &log->key), "checkpoint");
	if (c.size != e->proof_size || !hm_eq(c.root, e->root))
		return hm_fail(cx, HM_TRUST, "the checkpoint is of another tree than the proof");
	return NULL;
}

static hm_err check_proof(struct hm_cx *cx, const struct sigstore_log *log, bool second,
			  const struct bundle_entry *e)
{
	struct hm_str root;
	struct log_proof p = { e->proof_index, e->proof_size, e->hashes, e->hashes_n };
	HM_TRY(log_root_of(cx, log_leaf_hash(cx, e->body), &p, &root));
	if (!hm_eq(root, e->root))
		return hm_fail(cx, HM_TRUST, "the inclusion proof leads to another root");
	if (e->checkpoint.n)
		return check_checkpoint(cx, log, second, e);
	/* of bundles 0.1, which have a promise besides; the second version has none that is
	 * verified */
	return e->promise.n && !second
		       ? NULL
		       : hm_fail(cx, HM_TRUST, "the inclusion proof has no checkpoint");
}

/* --- is it of this signature? --- */

static hm_err check_body(struct hm_cx *cx, const struct sigstore_run *r,
			 const struct sigstore_body *b)
{
	const struct sigstore_artifact *a = &r->q->artifact;
	const struct envelope *dsse = r->bundle->dsse;
	struct hm_str want;
	if (!hm_eq(b->signature, r->bundle->signature))
		return hm_fail(cx, HM_TRUST, "the log's entry is of another signature");
	if (!hm_eq(b->verifier, r->verifier))
		return hm_fail(cx, HM_TRUST, "the log's entry is of another signer");
	if (b->of_payload && !dsse)
		return hm_fail(cx, HM_TRUST, "the log's entry is of an envelope");
	if (dsse)
		want = crypto_digest_raw(cx, b->alg,
					 b->of_payload ? dsse->payload : r->signed_bytes);
	else
		HM_TRY_IN(cx, a->digest(cx, a->arg, b->alg, &want), "the log's entry");
	if (!hm_eq(b->digest, want))
		return hm_fail(cx, HM_TRUST, "the log's entry is of another artifact");
	return NULL;
}

static hm_err check_entry(struct hm_cx *cx, struct sigstore_run *r, const struct sigstore_log *log,
			  const struct bundle_entry *e)
{
	struct sigstore_body body;
	HM_TRY(trust_sigstore_body_read(cx, e, &body));
	HM_TRY(check_body(cx, r, &body));
	if (!e->promise.n && !e->has_proof)
		return hm_fail(cx, HM_TRUST, "it is neither promised nor proved to be in the log");
	if (e->promise.n && !body.second)
		HM_TRY(check_promise(cx, log, e));
	if (e->has_proof)
		HM_TRY(check_proof(cx, log, body.second, e));
	else if (body.second)
		return hm_fail(cx, HM_TRUST, "it is not proved to be in the log");
	/* it says no time of its own, or none that the log signed */
	bool timeless = body.second || !e->promise.n;
	for (size_t i = 0; i < r->times.n && timeless; i++)
		if (!sigstore_is_valid_at(&log->valid, r->times.p[i].time))
			return hm_fail(cx, HM_TRUST, "the log is not believed for that time");
	if (!r->out->in_log)
		r->out->log_index = e->index;
	r->out->in_log = true;
	/* the time is the log's word only where the log signed it */
	if (e->promise.n && !body.second)
		*hm_push(cx, &r->times) =
			(struct sigstore_time){ SIGSTORE_BY_LOG, e->integrated_time,
						log->base_url };
	return NULL;
}

static const struct sigstore_log *find_log(const struct sigstore_root *root,
					   const struct bundle_entry *e)
{
	for (size_t i = 0; i < root->logs_n; i++)
		if (hm_eq(root->logs[i].id, e->log_id))
			return &root->logs[i];
	return NULL;
}

hm_err trust_sigstore_check_entries(struct hm_cx *cx, struct sigstore_run *r)
{
	const struct envelope_bundle *b = r->bundle;
	for (size_t i = 0; i < b->entries_n; i++) {
		const struct bundle_entry *e = &b->entries[i];
		const struct sigstore_log *log = find_log(r->q->root, e);
		for (size_t k = 0; k < i; k++)
			if (hm_eq(b->entries[k].log_id, e->log_id) &&
			    b->entries[k].index == e->index)
				return hm_fail(cx, HM_TRUST, "an entry of a log is there twice");
		if (log)
			HM_TRY_IN(cx, check_entry(cx, r, log, e), "log entry %zu", i + 1);
		else if (r->q->knows_all_logs)
			return hm_fail(
				cx, HM_TRUST,
				"log entry %zu is of a log that the trusted root does not have",
				i + 1);
	}
	if (!r->out->in_log && !(r->q->key && r->q->allow_no_log))
		return hm_fail(cx, HM_TRUST, "it is in no log that is known");
	return NULL;
}
