/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that a plugin holds: it makes a primitive signature, or a whole envelope. */
#include <stddef.h>

#include "codec/base64.h"
#include "trust/plugin/answer.h"
#include "trust/plugin/seal.h"

struct plugin_signer {
	struct crypto_signer base; /* what is handed on */
	struct trust_plugin_program program;
	struct trust_plugin about;
	struct hm_str id;
	struct oci_annotations config;
	struct crypto_chain chain; /* of the last signature */
};
_Static_assert(offsetof(struct plugin_signer, base) == 0, "signer_of() relies on it");

/* The caller holds it as const; it is open_plugin()'s own, and no const object. */
static struct plugin_signer *signer_of(const struct crypto_signer *self)
{
	return (struct plugin_signer *)(uintptr_t)self;
}

static bool is_plugin(const struct trust_key *k)
{
	return k->plugin.n && k->id.n;
}

static void close_plugin(const struct crypto_signer *signer)
{
	crypto_chain_done(&signer_of(signer)->chain);
}

/* What the requests about a key have in common. */
static void begin_request(struct json_out *o, const struct plugin_signer *s)
{
	json_open(o, NULL, '{');
	json_putz(o, "contractVersion", TRUST_PLUGIN_CONTRACT);
	json_put_str(o, "keyId", s->id);
	trust_plugin_put_config(o, &s->config);
}

static hm_err end_request(struct hm_cx *cx, struct json_out *o, const struct plugin_signer *s,
			  const char *command, struct hm_str *out)
{
	struct hm_str request;
	json_close(o, '}');
	HM_TRY(hm_buf_end(cx, o->to, "a request to a plugin", &request));
	return trust_plugin_run(cx, &s->program, command, request, out);
}

static hm_err describe_key(struct hm_cx *cx, struct plugin_signer *s)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_POLICY);
	struct json_out o = json_out(&b, false);
	struct hm_str answer;
	begin_request(&o, s);
	HM_TRY(end_request(cx, &o, s, "describe-key", &answer));
	HM_TRY_IN(cx, trust_answer_key(cx, answer, s->id, &s->base.alg),
		  "plugin \"%.*s\": describe-key", HM_FMT(s->program.name));
	return NULL;
}

static hm_err sign_with_plugin(struct hm_cx *cx, const struct crypto_signer *self,
			       struct hm_str bytes, struct hm_str *out)
{
	struct plugin_signer *s = signer_of(self);
	const struct trust_plugin_algorithm *algorithm = trust_plugin_algorithm(self->alg);
	HM_AUTO_BUF b = HM_BUF(2 * HM_MAX_ENVELOPE);
	struct json_out o = json_out(&b, false);
	struct hm_str answer;
	begin_request(&o, s);
	json_putz(&o, "keySpec", algorithm->key);
	json_putz(&o, "hashAlgorithm", algorithm->hash);
	json_put_str(&o, "payload", base64_format(cx, BASE64_STD, bytes));
	HM_TRY(end_request(cx, &o, s, "generate-signature", &answer));
	crypto_chain_done(&s->chain);
	HM_TRY_IN(cx, trust_answer_signature(cx, answer, s->id, self->alg, out, &s->chain),
		  "plugin \"%.*s\": generate-signature", HM_FMT(s->program.name));
	return NULL;
}

static hm_err read_public(struct hm_cx *cx, const struct crypto_signer *self,
			  struct crypto_key *out)
{
	const struct plugin_signer *s = signer_of(self);
	if (!s->chain.n)
		return hm_fail(cx, HM_USAGE, "a plugin gives its public key only with a signature");
	return crypto_chain_key(cx, &s->chain, out);
}

static const struct crypto_chain *share_chain(const struct crypto_signer *self)
{
	return &signer_of(self)->chain;
}

static hm_err ask_for_envelope(struct hm_cx *cx, const struct plugin_signer *s,
			       const struct trust_sealing *want, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(2 * HM_MAX_ENVELOPE);
	struct json_out o = json_out(&b, false);
	begin_request(&o, s);
	if (want->expiry_seconds)
		json_put_int(&o, "expiryDurationInSeconds", want->expiry_seconds);
	json_put_str(&o, "payload", base64_format(cx, BASE64_STD, want->payload));
	json_putz(&o, "payloadType", ENVELOPE_NOTARY_PAYLOAD);
	json_putz(&o, "signatureEnvelopeType", want->media_type);
	return end_request(cx, &o, s, "generate-envelope", out);
}

static hm_err read_envelope(struct hm_cx *cx, struct plugin_signer *s,
			    const struct trust_sealing *want, struct hm_str answer,
			    struct trust_sealed *out)
{
	HM_TRY(trust_answer_envelope(cx, answer, want->media_type, &out->bytes, &out->annotations));
	crypto_chain_done(&s->chain);
	return trust_check_sealed(cx, want, out->bytes, &s->chain, &out->time);
}

static hm_err seal_with_plugin(struct hm_cx *cx, const struct crypto_signer *signer,
			       const struct trust_sealing *want, struct trust_sealed *out)
{
	struct plugin_signer *s = signer_of(signer);
	struct trust_sealed made = *out;
	struct hm_str answer;
	if (!want->alg && !s->about.can[TRUST_GENERATES_ENVELOPE])
		return hm_fail(cx, HM_INPUT, "plugin \"%.*s\" signs blobs only (%s)",
			       HM_FMT(s->program.name),
			       trust_capability_names[TRUST_GENERATES_BLOB_ENVELOPE]);
	HM_TRY(ask_for_envelope(cx, s, want, &answer));
	HM_TRY_IN(cx, read_envelope(cx, s, want, answer, &made),
		  "plugin \"%.*s\": generate-envelope", HM_FMT(s->program.name));
	made.chain = &s->chain;
	*out = made;
	return NULL;
}

static hm_err refuse_bytes(struct hm_cx *cx, const struct crypto_signer *self, struct hm_str bytes,
			   struct hm_str *out)
{
	(void)self;
	(void)bytes;
	(void)out;
	return hm_fail(cx, HM_INPUT,
		       "its plugin makes whole envelopes only, which cannot be used here");
}

/* "SIGNATURE_GENERATOR.ENVELOPE_FOR_BLOB: Required commands: describe-key, generate-envelope". A
 * plugin that has SIGNATURE_GENERATOR.ENVELOPE alone is not asked to sign blobs, nor is it by
 * Notation. */
static hm_err describe_for_blob(struct hm_cx *cx, const struct crypto_signer *signer)
{
	struct plugin_signer *s = signer_of(signer);
	if (!s->about.can[TRUST_GENERATES_BLOB_ENVELOPE])
		return hm_fail(cx, HM_INPUT,
			       "plugin \"%.*s\" does not sign blobs (neither %s nor %s)",
			       HM_FMT(s->program.name),
			       trust_capability_names[TRUST_GENERATES_SIGNATURE],
			       trust_capability_names[TRUST_GENERATES_BLOB_ENVELOPE]);
	return s->base.alg ? NULL : describe_key(cx, s);
}

/* The algorithm is the plugin's: of an artifact's envelope it is known from what it makes. */
static const struct trust_signer_kind envelope_kind = {
	"plugin", is_plugin, NULL, close_plugin, seal_with_plugin, describe_for_blob
};

static hm_err open_plugin(struct hm_cx *cx, const struct trust_key *k,
			  const struct trust_signer_terms *terms, struct trust_signer *out)
{
	struct plugin_signer *s = hm_new(cx, struct plugin_signer, 1);
	(void)terms;
	s->id = k->id;
	s->config = k->plugin_config;
	s->base = (struct crypto_signer){ .sign = sign_with_plugin,
					  .public = read_public,
					  .chain = share_chain };
	HM_TRY(trust_plugin_find(cx, k->config_dir, k->plugin, &s->program));
	HM_TRY(trust_plugin_describe(cx, &s->program, &s->config, &s->about));
	bool whole = !s->about.can[TRUST_GENERATES_SIGNATURE];
	if (whole && !s->about.can[TRUST_GENERATES_ENVELOPE] &&
	    !s->about.can[TRUST_GENERATES_BLOB_ENVELOPE])
		return hm_fail(cx, HM_INPUT, "plugin \"%.*s\" cannot sign", HM_FMT(k->plugin));
	if (whole)
		s->base.sign = refuse_bytes;
	if (!whole)
		HM_TRY(describe_key(cx, s));
	out->signer = &s->base;
	out->kind = whole ? &envelope_kind : &trust_signer_plugin;
	out->agent = hm_fmt(cx, "%.*s/%.*s", HM_FMT(s->about.name), HM_FMT(s->about.version));
	return NULL;
}

const struct trust_signer_kind trust_signer_plugin = { "plugin",     is_plugin, open_plugin,
						       close_plugin, NULL,      NULL };
