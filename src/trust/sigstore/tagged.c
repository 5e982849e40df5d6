/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cosign's older form: all signatures of an image are layers of one manifest, under a tag that is
 * made of the image's digest. Sources: cosign, specs/SIGNATURE_SPEC.md and pkg/oci/static.
 */
#include <sys/random.h>

#include "codec/base64.h"
#include "codec/json.h"
#include "trust/sigstore/seal.h"

/* So often the manifest is made anew before we give up: because others were faster, and because
 * ours was overwritten. And how long we wait between, in nanoseconds: before the next try at the
 * most, and at the least before we look whether ours is still there. */
enum {
	TRIES = 128,
	UPDATES = 24,
	MOST_WAIT = 500 * 1000 * 1000,
	LEAST_WAIT = 10 * 1000 * 1000,
	LEAST_PAUSE = 100 * 1000 * 1000
};

#define SIGNATURE   "dev.cosignproject.cosign/signature"
#define CERTIFICATE "dev.sigstore.cosign/certificate"
#define LOG_ENTRY   "dev.sigstore.cosign/bundle"
#define TIMESTAMP   "dev.sigstore.cosign/rfc3161timestamp"

/* --- one signature as a layer --- */

static void annotate(struct hm_cx *cx, struct oci_descriptor *d, const char *key,
		     struct hm_str value)
{
	*hm_push(cx, &d->annotations) = (struct oci_annotation){ hm_cstr(key), value };
}

static hm_err end_text(struct hm_cx *cx, struct hm_buf *b, struct hm_str *out)
{
	struct hm_str text;
	HM_TRY(hm_buf_end(cx, b, "the annotation", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

/* What the log promised. The second version of Rekor promises nothing, and this form cannot say
 * what it proves. */
static hm_err write_entry(struct hm_cx *cx, const struct bundle_entry *e, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct json_out o = json_out(&b, false);
	if (!e->promise.n)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE,
				       "the older format has no room for an entry of this log "
				       "(Rekor's second version)"),
			       "sign with --format bundle");
	json_open(&o, NULL, '{');
	json_put_str(&o, "SignedEntryTimestamp", base64_format(cx, BASE64_STD, e->promise));
	json_open(&o, "Payload", '{');
	json_put_str(&o, "body", base64_format(cx, BASE64_STD, e->body));
	json_put_int(&o, "integratedTime", e->integrated_time);
	json_put_int(&o, "logIndex", (int64_t)e->index);
	json_put_str(&o, "logID", hm_hex(cx, e->log_id));
	json_close(&o, '}');
	json_close(&o, '}');
	return end_text(cx, &b, out);
}

static hm_err write_timestamp(struct hm_cx *cx, struct hm_str der, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_ENVELOPE);
	struct json_out o = json_out(&b, false);
	json_open(&o, NULL, '{');
	json_put_str(&o, "SignedRFC3161Timestamp", base64_format(cx, BASE64_STD, der));
	json_close(&o, '}');
	return end_text(cx, &b, out);
}

static hm_err make_layer(struct hm_cx *cx, const struct sigstore_tagged *t,
			 struct oci_descriptor *out)
{
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	struct hm_str text;
	*out = (struct oci_descriptor){ .media_type = HM_STR(ENVELOPE_SIMPLE_TYPE),
					.digest = crypto_digest_text(cx, CRYPTO_SHA256, t->payload),
					.size = t->payload.n };
	HM_TRY(envelope_bundle_parse(cx, t->bundle, &b));
	annotate(cx, out, SIGNATURE, base64_format(cx, BASE64_STD, b.signature));
	if (b.material == BUNDLE_CERTIFICATE)
		annotate(cx, out, CERTIFICATE,
			 trust_sigstore_pem(cx, "CERTIFICATE", b.chain.der[0]));
	if (b.entries_n) {
		HM_TRY(write_entry(cx, &b.entries[0], &text));
		annotate(cx, out, LOG_ENTRY, text);
	}
	if (b.timestamps_n) {
		HM_TRY(write_timestamp(cx, b.timestamps[0], &text));
		annotate(cx, out, TIMESTAMP, text);
	}
	return NULL;
}

hm_err trust_sigstore_tagged_check(struct hm_cx *cx, const struct sigstore_tagged *t)
{
	struct oci_descriptor layer;
	return make_layer(cx, t, &layer);
}

/* --- all of them --- */

/* As Cosign writes it, an image's: its layers are not compressed. */
static hm_err write_config(struct hm_cx *cx, const struct oci_manifest *m, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_CONFIG);
	struct json_out o = json_out(&b, false);
	struct hm_str text;
	json_open(&o, NULL, '{');
	json_putz(&o, "architecture", "");
	json_putz(&o, "created", "0001-01-01T00:00:00Z");
	json_open(&o, "history", '[');
	for (size_t i = 0; i < m->layers_n; i++) {
		json_open(&o, NULL, '{');
		json_putz(&o, "created", "0001-01-01T00:00:00Z");
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_putz(&o, "os", "");
	json_open(&o, "rootfs", '{');
	json_putz(&o, "type", "layers");
	json_open(&o, "diff_ids", '[');
	for (size_t i = 0; i < m->layers_n; i++)
		json_put_str(&o, NULL, m->layers[i].digest);
	json_close(&o, ']');
	json_close(&o, '}');
	json_open(&o, "config", '{');
	json_close(&o, '}');
	json_close(&o, '}');
	HM_TRY(hm_buf_end(cx, &b, "the configuration", &text));
	*out = hm_dup(cx, text);
	return NULL;
}

static bool is_same_layer(const struct oci_descriptor *a, const struct oci_descriptor *b)
{
	return hm_eq(a->digest, b->digest) && hm_eq(oci_annotation_get(&a->annotations, SIGNATURE),
						    oci_annotation_get(&b->annotations, SIGNATURE));
}

static bool has_layer(const struct oci_manifest *m, const struct oci_descriptor *layer)
{
	for (size_t i = 0; i < m->layers_n; i++)
		if (is_same_layer(&m->layers[i], layer))
			return true;
	return false;
}

/* What is under the tag; no layers where nothing is. */
static hm_err read_tagged(struct hm_cx *cx, struct oci_place *p, struct hm_str tag,
			  struct oci_manifest *out, struct oci_descriptor *out_at)
{
	*out = (struct oci_manifest){ .kind = OCI_IS_MANIFEST };
	*out_at = (struct oci_descriptor){ 0 };
	hm_err err = oci_resolve(cx, p, tag, out_at);
	if (err && err->code == HM_ABSENT)
		return NULL;
	HM_TRY(err);
	HM_TRY(oci_fetch_manifest(cx, p, out_at, out));
	if (out->kind == OCI_IS_MANIFEST)
		return NULL;
	return hm_fail(cx, HM_INPUT, "what is under tag \"%.*s\" does not hold signatures",
		       HM_FMT(tag));
}

static hm_err write_tagged(struct hm_cx *cx, struct oci_place *p, struct oci_tag_update *u,
			   const struct oci_manifest *old, const struct oci_descriptor *layer,
			   struct oci_descriptor *out)
{
	struct oci_manifest m = { .kind = OCI_IS_MANIFEST,
				  .media_type = HM_STR(OCI_MANIFEST),
				  .annotations = old->annotations };
	struct hm_str config, bytes;
	m.layers = hm_new(cx, struct oci_descriptor, old->layers_n + 1);
	for (size_t i = 0; i < old->layers_n; i++)
		m.layers[m.layers_n++] = old->layers[i];
	m.layers[m.layers_n++] = *layer;
	if (m.layers_n > HM_MAX_MANIFEST_LAYERS)
		return hm_hint(cx,
			       hm_fail(cx, HM_LIMIT, "tag \"%.*s\" has no room for more signatures",
				       HM_FMT(u->tag)),
			       "sign with --format bundle, which has no such limit");
	HM_TRY(write_config(cx, &m, &config));
	m.config = (struct oci_descriptor){ .media_type = HM_STR(OCI_CONFIG),
					    .digest = crypto_digest_text(cx, CRYPTO_SHA256, config),
					    .size = config.n };
	HM_TRY(oci_push_bytes(cx, p, &m.config, config));
	HM_TRY(oci_manifest_format(cx, &m, &bytes));
	return oci_replace_manifest(cx, p, bytes, m.media_type, u, out);
}

static int64_t choose_between(int64_t least, int64_t most)
{
	uint16_t jitter = 0;
	if (getrandom(&jitter, sizeof(jitter), 0) != sizeof(jitter))
		jitter = 0;
	return least + (most - least) * jitter / UINT16_MAX;
}

/* After a refusal: the more there are who write, the longer nobody should. */
static int64_t choose_wait(unsigned refused)
{
	int64_t most = (int64_t)LEAST_WAIT << (refused < 6 ? refused : 6);
	return choose_between(LEAST_WAIT, most < MOST_WAIT ? most : MOST_WAIT);
}

/* A length of time that is nobody else's, longer than others take between reading and writing. */
static int64_t choose_pause(int64_t took, unsigned round)
{
	int64_t pause = choose_between(took * 4, took * 4 * (round < 4 ? round + 2 : 5));
	return pause < LEAST_PAUSE ? LEAST_PAUSE : pause;
}

/* Add the layer to what is under the tag, until it is sure that it stays there: a place that
 * compares says so, and of others we look again, as with the list of referrers
 * (oci/remote/referrers.c). */
static hm_err add_layer(struct hm_cx *cx, struct oci_place *p, struct hm_str tag,
			const struct oci_descriptor *layer, struct oci_descriptor *out)
{
	for (unsigned refused = 0, written = 0; refused < TRIES && written < UPDATES;) {
		struct oci_manifest m;
		int64_t start = hm_mono();
		HM_TRY(read_tagged(cx, p, tag, &m, out));
		if (has_layer(&m, layer))
			return NULL;
		struct oci_tag_update u = { .tag = tag, .was = out->digest };
		HM_TRY(write_tagged(cx, p, &u, &m, layer, out));
		if (u.sure && !u.refused)
			return NULL;
		HM_TRY(hm_pause(cx, u.refused ? choose_wait(refused++)
					      : choose_pause(hm_mono() - start, written++)));
	}
	return hm_fail(cx, HM_BUSY,
		       "other writers kept replacing the signatures under tag \"%.*s\"",
		       HM_FMT(tag));
}

hm_err trust_sigstore_append(struct hm_cx *cx, struct oci_place *p,
			     const struct oci_descriptor *subject, const struct sigstore_tagged *t,
			     struct oci_descriptor *out)
{
	struct hm_str hex = subject->digest, alg = hm_cut(&hex, ':');
	struct hm_str tag = hm_fmt(cx, "%.*s-%.*s.sig", HM_FMT(alg), HM_FMT(hex));
	struct oci_descriptor layer;
	HM_TRY(make_layer(cx, t, &layer));
	HM_TRY(oci_push_bytes(cx, p, &layer, t->payload));
	return add_layer(cx, p, tag, &layer, out);
}
