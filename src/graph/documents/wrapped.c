/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Envelopes: DSSE, and Sigstore's bundles of one. What is in them is the document; who says to have
 * signed it is kept, and that nobody has verified it.
 */
#include "codec/base64.h"
#include "crypto/crypto.h"
#include "envelope/envelope.h"
#include "graph/documents/documents.h"

static bool is_bundle(struct json doc)
{
	return envelope_bundle_version(graph_text(doc, "mediaType")) != 0;
}

bool graph_is_wrapped(struct json doc)
{
	bool is_dsse = graph_text(doc, "payloadType").n &&
		       json_is_string(json_get(doc, "payload")) &&
		       json_is_array(json_get(doc, "signatures"));
	return is_dsse || is_bundle(doc);
}

/* What is known of a signature without verifying it. */
struct signer {
	struct hm_str identity, log;
	int64_t logged;
	const char *format;
};

/* Cosign's hint is the digest of the key; others' may be anything. */
static struct hm_str name_key(struct hm_cx *cx, struct hm_str hint)
{
	struct hm_str raw;
	if (!hint.n)
		return HM_STR("");
	if (!base64_parse(cx, BASE64_STD, hint, &raw) && raw.n == 32)
		return hm_fmt(cx, "key:sha256:%.*s", HM_FMT(hm_hex(cx, raw)));
	return hm_fmt(cx, "key:%.*s", HM_FMT(hint));
}

static struct hm_str name_certificate(struct hm_cx *cx, const struct crypto_chain *chain)
{
	struct crypto_certificate_info info;
	if (!chain->n || crypto_certificate_info(cx, chain, 0, &info))
		return HM_STR("");
	return hm_fmt(cx, "cert:%.*s|sha256:%.*s", HM_FMT(info.subject), HM_FMT(info.sha256));
}

static void say_signed_by(struct hm_cx *cx, struct graph_doc *d, graph_ref subject,
			  const struct signer *s)
{
	struct graph_detail t = { 0 };
	graph_ref who = graph_doc_noun(cx, d, GRAPH_IDENTITY, s->identity, 0);
	if (!subject || !who)
		return;
	graph_detail_begin(&t);
	json_putz(&t.o, "format", s->format);
	if (s->logged)
		graph_detail_str(cx, &t, "time", hm_rfc3339(cx, s->logged));
	graph_detail_str(cx, &t, "log", s->log);
	json_put_bool(&t.o, "verified", false);
	json_putz(&t.o, "why", "nobody has verified it");
	graph_doc_fact(cx, d,
		       &(struct graph_fact){ .kind = GRAPH_SIGNED_BY,
					     .subject = subject,
					     .object = who,
					     .detail = graph_detail_end(cx, d, &t) });
}

/* What is signed: the subjects of a statement, or the document. */
static void say_signatures(struct hm_cx *cx, struct graph_doc *d, struct json payload,
			   struct hm_str digest, const struct signer *s)
{
	size_t said = d->facts.n;
	for (struct json_iter it = json_iter(json_get(payload, "subject"));
	     graph_is_statement(payload) && json_next(&it);)
		for (struct json_iter one = json_iter(json_get(it.value, "digest"));
		     json_next(&one);)
			say_signed_by(cx, d,
				      graph_doc_artifact(cx, d, one.key, json_str(one.value)), s);
	if (d->facts.n == said)
		say_signed_by(cx, d, graph_doc_digest(cx, d, digest), s);
}

static hm_err read_payload(struct hm_cx *cx, const struct envelope *e, const struct signer *signers,
			   size_t n, struct graph_doc *d)
{
	struct json payload;
	struct hm_str digest = crypto_digest_text(cx, CRYPTO_SHA256, e->payload);
	HM_TRY_IN(cx, json_parse(cx, e->payload, JSON_STRICT, &payload), "payload");
	HM_TRY(graph_read_within(cx, payload, digest, signers->format, d));
	for (size_t i = 0; i < n; i++)
		say_signatures(cx, d, payload, digest, &signers[i]);
	return NULL;
}

static hm_err read_dsse(struct hm_cx *cx, struct json doc, struct graph_doc *d)
{
	ENVELOPE_AUTO e = { 0 };
	struct hm_str text;
	HM_TRY(json_text(cx, doc, &text));
	HM_TRY(envelope_parse(cx, HM_STR(ENVELOPE_DSSE_TYPE), text, &e));
	struct signer *signers = hm_new(cx, struct signer, e.signatures_n);
	for (size_t i = 0; i < e.signatures_n; i++)
		signers[i] = (struct signer){ .identity = name_key(cx, e.signatures[i].key_id),
					      .format = "DSSE" };
	return read_payload(cx, &e, signers, e.signatures_n, d);
}

/* The log's name is the first line of its checkpoint. */
static struct hm_str name_log(struct hm_cx *cx, const struct bundle_entry *e)
{
	struct hm_str rest = e->checkpoint, origin = hm_line(&rest);
	if (!origin.n || !hm_is_utf8(origin) || hm_has_control(origin))
		origin = hm_hex(cx, e->log_id);
	return hm_fmt(cx, "%.*s/%llu", HM_FMT(origin), (unsigned long long)e->index);
}

static hm_err read_bundle(struct hm_cx *cx, struct json doc, struct graph_doc *d)
{
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	struct hm_str text;
	struct signer s = { .format = "Sigstore bundle" };
	HM_TRY(json_text(cx, doc, &text));
	HM_TRY(envelope_bundle_parse(cx, text, &b));
	if (!b.dsse)
		return hm_fail(cx, HM_INPUT,
			       "it has a signature of an artifact, and no document in it");
	s.identity = b.material == BUNDLE_KEY ? name_key(cx, b.key_hint)
					      : name_certificate(cx, &b.chain);
	if (b.entries_n) {
		s.log = name_log(cx, &b.entries[0]);
		s.logged = b.entries[0].integrated_time;
	}
	return read_payload(cx, b.dsse, &s, 1, d);
}

hm_err graph_read_wrapped(struct hm_cx *cx, struct json doc, struct hm_str digest,
			  struct graph_doc *d)
{
	(void)digest;
	return is_bundle(doc) ? read_bundle(cx, doc, d) : read_dsse(cx, doc, d);
}
