/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/batch.h"
#include "cli/record.h"
#include "cli/sign_forms.h"
#include "cli/signer.h"
#include "cli/subject.h"
#include "cli/timestamping.h"

struct sign {
	const char *expiry, *format, *record;
	bool referrers_tag, all, layout;
	uint64_t concurrency;
	struct hm_strs keys, metadata, output, forms;
	struct cli_sealing sealing;
	struct cli_timestamping timestamping;
	struct cli_plugin_key plugin;
};

struct signed_item {
	struct hm_strs stored; /* their digests */
};

/* What to sign with, and the results. */
struct signing {
	struct trust_signers signers;
	struct trust_timestamping timestamping;
	struct trust_sign_options options;
	struct sign_forms forms;
	const char *config_dir;
	struct cli_batch batch;
	struct signed_item *items; /* one an item of the batch */
};

static void signing_done(struct signing *s)
{
	cli_batch_done(&s->batch);
	trust_signers_done(&s->signers);
	cli_sign_forms_done(&s->forms);
	cli_timestamping_done(&s->timestamping);
}

static hm_err sign_for_notation(struct signing *s, struct cli_item *item, struct hm_strs *out)
{
	struct trust_stored *stored = hm_new(&item->cx, struct trust_stored, s->signers.n);
	HM_TRY(trust_sign_all(&item->cx, item->source->place, &item->descriptor, &s->signers,
			      &s->options, stored));
	for (size_t i = 0; i < s->signers.n; i++)
		*hm_push(&item->cx, out) = stored[i].descriptor.digest;
	return NULL;
}

/* What is refused leaves nothing behind: those of Sigstore's forms are made before trust_sign_all()
 * makes all of Notation's and stores them, and are stored behind these. */
static hm_err sign_item(void *arg, struct cli_item *item, size_t i)
{
	struct signing *s = arg;
	size_t n = cli_sign_forms_count(&s->forms);
	struct sign_made *made = hm_new(&item->cx, struct sign_made, n + 1);
	struct hm_strs stored = { 0 };
	struct oci_descriptor at;
	/* before a log makes anything public */
	if (s->forms.wanted[SIGN_NOTATION])
		HM_TRY(trust_policy_signs(&item->cx, s->config_dir, &item->source->target,
					  &s->signers));
	HM_TRY(cli_sign_forms_allowed(&item->cx, &s->forms, s->config_dir, &item->source->target));
	HM_TRY(cli_sign_forms_seal(&item->cx, &s->forms, &item->source->target, &item->descriptor,
				   made));
	if (s->forms.wanted[SIGN_NOTATION])
		HM_TRY(sign_for_notation(s, item, &stored));
	for (size_t k = 0; k < n; k++) {
		HM_TRY(cli_sign_forms_store(&item->cx, item->source->place, &item->descriptor,
					    &made[k], &at));
		*hm_push(&item->cx, &stored) = at.digest;
	}
	s->items[i].stored = stored;
	return NULL;
}

static size_t count_signed(const struct signing *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->batch.items.n; i++)
		n += s->items[i].stored.n > 0;
	return n;
}

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct signing *s = data;
	size_t n = count_signed(s), failed = 0;
	(void)cx;
	for (size_t i = 0; i < s->batch.items.n; i++)
		failed += s->batch.items.p[i].err != NULL;
	json_put_int(o, "signed", (int64_t)n);
	json_put_int(o, "failed", (int64_t)failed);
	json_open(o, "artifacts", '[');
	for (size_t i = 0; i < s->batch.items.n; i++) {
		const struct cli_item *item = &s->batch.items.p[i];
		if (item->twin)
			continue;
		json_open(o, NULL, '{');
		json_put_str(o, "reference", item->name);
		json_put_given(o, "tag", item->tag);
		json_put_given(o, "digest", item->descriptor.digest);
		if (item->err)
			json_putz(o, "error", item->err->why);
		json_put_strs(o, "signatures", &s->items[i].stored);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct signing *s = data;
	(void)format;
	for (size_t i = 0; i < s->batch.items.n; i++) {
		const struct cli_item *item = &s->batch.items.p[i];
		if (!s->items[i].stored.n)
			continue;
		hm_buf_fmt(out, "Successfully signed %.*s\n", HM_FMT(item->name));
		for (size_t k = 0; k < s->items[i].stored.n; k++)
			hm_buf_fmt(out, "Pushed the signature to %.*s\n",
				   HM_FMT(oci_target_with_digest(cx, &item->source->target,
								 s->items[i].stored.p[k])));
	}
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.sign/1",
	.describe = describe,
	.write = write_table,
};

static void warn_of_tags(struct hm_cx *cx, const struct cli_batch *b)
{
	for (size_t i = 0; i < b->items.n; i++)
		if (!b->items.p[i].err && !b->items.p[i].source->target.digest.n &&
		    b->items.p[i].reference.n)
			hm_log(cx, HM_LOG_WARN,
			       "a tag can be moved to something else; prefer the digest", "tag",
			       hm_dupz(cx, b->items.p[i].reference), "digest",
			       b->items.p[i].descriptor.digest.p, NULL);
}

/* It is a refusal, with exit status 3, only if nothing else went wrong. */
static hm_err conclude(struct hm_cx *cx, struct cli *cli, const struct cli_batch *b)
{
	cli->refused = true;
	for (size_t i = 0; i < b->items.n; i++)
		if (b->items.p[i].err && b->items.p[i].err->code != HM_TRUST)
			cli->refused = false;
	return cli_batch_fault(cx, b);
}

/* With an identity the keys are for Notation's form. */
static hm_err open_signers(struct hm_cx *cx, struct cli *cli, const struct sign *o,
			   struct signing *s)
{
	HM_TRY(cli_sign_forms_read(cx, &o->forms, &s->forms));
	if (!s->forms.wanted[SIGN_NOTATION] &&
	    (o->expiry || o->format || o->timestamping.url || o->plugin.plugin))
		return hm_fail(cx, HM_USAGE,
			       "--expiry, --signature-format, --timestamp-url and --plugin are for "
			       "--format notation");
	if (s->options.user_metadata.n && s->forms.wanted[SIGN_BUNDLE])
		return hm_fail(cx, HM_USAGE, "--user-metadata is for --format notation and cosign");
	s->forms.metadata = s->options.user_metadata;
	HM_TRY(cli_sign_forms_open(cx, cli, &o->sealing, &o->keys, &s->forms));
	if (!s->forms.wanted[SIGN_NOTATION])
		return NULL;
	cli->fresh = !s->forms.wanted[SIGN_BUNDLE] && !s->forms.wanted[SIGN_COSIGN];
	hm_err err = cli_signers_choose(cx, cli, &o->keys, &o->plugin, &s->signers);
	cli->fresh = false;
	return err;
}

static hm_err read_options(struct hm_cx *cx, struct cli *cli, const struct sign *o,
			   struct signing *s)
{
	HM_TRY(cli_metadata(cx, &o->metadata, &s->options.user_metadata));
	HM_TRY(cli_expiry(cx, o->expiry, &s->options.expiry_seconds));
	HM_TRY(cli_signature_format(cx, cli, o->format, &s->options.format));
	HM_TRY(cli_timestamping_read(cx, &o->timestamping, &s->timestamping));
	return open_signers(cx, cli, o, s);
}

static hm_err sign_all(struct hm_cx *cx, struct cli *cli, const struct sign *o, struct signing *s,
		       char *const *args, size_t args_n)
{
	struct cli_outputs outputs;
	struct cli_batch_terms terms = { .mode = OCI_WRITE,
					 .all = o->all,
					 .concurrency = o->concurrency };
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(read_options(cx, cli, o, s));
	cli_record_begin(cx, cli, o->record);
	cli->access.referrers_tag = o->referrers_tag;
	args = cli_layout_args(cx, args, args_n, o->layout);
	HM_TRY(cli_batch_open(cx, cli, &terms, args, args_n, &s->batch));
	HM_TRY(cli_signers_ready(cx, cli, &s->signers));
	if (!o->all)
		warn_of_tags(cx, &s->batch);
	s->timestamping.http = cli->access.http;
	s->items = hm_new(cx, struct signed_item, s->batch.items.n + 1);
	s->options.last = s->batch.items.n == 1;
	HM_TRY(cli_batch_run(cx, &s->batch, "signing", sign_item, s));
	cli_record_end(cx, cli, &outputs);
	if (args_n > 1 || o->all || count_signed(s))
		HM_TRY(cli_answer_write(cx, &outputs, &answer, s));
	return conclude(cx, cli, &s->batch);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	struct signing s = { .config_dir = cli->config_dir };
	s.options.timestamping = &s.timestamping;
	hm_err err = sign_all(cx, cli, opts, &s, args, args_n);
	signing_done(&s);
	return err;
}

extern const struct cli_command cli_sign;
const struct cli_command cli_sign = {
	.name = "sign",
	.group = "Trust",
	.args = "REF...",
	.help = "sign an artifact and store the signature beside it",
	.about =
		"Signs what REF names (in a registry, or oci:DIR) as the Notary Project specifies: an\n"
		"envelope, JWS or COSE, over the artifact's media type, digest and size, pushed as its\n"
		"referrer. The algorithm follows from the key: PS256, PS384, PS512, ES256, ES384 or ES512, and\n"
		"beyond what the Notary Project specifies ML-DSA (RFC 9964) and SLH-DSA.\n"
		"\n"
		"With several keys each makes a signature of its own, such as a classical and a post-quantum\n"
		"one; all are made before the first is stored. Notation verifies the classical one and goes on\n"
		"past the other, whose algorithm it does not know.\n"
		"\n"
		"With --timestamp-url a timestamping authority says when it was signed, so that the signature\n"
		"holds when the certificates have expired. Its answer must lead to --timestamp-root-cert, and\n"
		"verifiers need that certificate in a trust store of type \"tsa\".\n"
		"With --plugin and --id a plugin signs, which Notation finds, too (see \"hullmark plugin list\").\n"
		"What it gives is checked before it is stored. One that makes whole envelopes adds its own\n"
		"timestamp, or none.\n"
		"\n"
		"With --format bundle the signature is a Sigstore bundle, as Cosign 3 stores it; with --format cosign\n"
		"it is in Cosign's older form, a layer under the tag sha256-HEX.sig. Several forms have commas between\n"
		"them: --format notation,bundle. There --key is a file with a private key, a URI, or a name in the list;\n"
		"without --key, --identity-token or --signing-config says that an identity signs. Services, tokens and\n"
		"what is checked before it is stored: see \"hullmark sign-bundle --help\".\n"
		"\n"
		"Several artifacts, or with --all every artifact of a repository or layout, are signed at the same\n"
		"time, each digest once; what fails does not keep the rest from being signed. An algorithm that the\n"
		"trust policy's statement for a repository does not allow is refused.\n"
		"\n"
		"Exit status 3: signing or timestamping is refused, and nothing was stored; 1: it could not be\n"
		"done, because the authority did not answer for instance.\n"
		"\n"
		"The JSON (hullmark.sign/1) has \"signed\" and \"failed\" (numbers) and \"artifacts\": \"reference\",\n"
		"\"tag\", \"digest\", \"error\" where it failed, and \"signatures\", their digests.\n"
		"\n"
		"With --record, or $HULLMARK_GRAPH, what is pushed is in that knowledge graph as well, without asking the\n"
		"registry for it again; the JSON has \"recorded\": \"graph\", \"taken\", \"known\", \"refused\" (documents), and\n"
		"\"error\" where it could not be kept, which is a warning.",
	.examples =
		"  $ hullmark sign registry.example.com/shop/web@sha256:...\n"
		"  $ hullmark sign oci:build/web:v1 --key release --user-metadata build=42 --expiry 720h\n"
		"  $ hullmark sign oci:build/web:v1 --key release --key release-pq\n"
		"  $ hullmark sign registry.example.com/shop/web@sha256:... --format notation,bundle --key release\n"
		"  $ hullmark sign oci:build/web:v1 --timestamp-url http://timestamp.example.com \\\n"
		"      --timestamp-root-cert tsa-root.pem",
	.opts_size = sizeof(struct sign),
	/* clang-format off */
	.formats = CLI_AS_ANSWER,
	.opts = (const struct cli_opt[]){
		CLI_OPT(sign, all, "all", CLI_FLAG, 'a', NULL, "REF is a repository or a layout: sign all that its tags name"),
		CLI_OPT(sign, concurrency, "concurrency", CLI_NUMBER, 0, "N", "artifacts at once; 16 if not given"),
		CLI_OPT(sign, expiry, "expiry", CLI_TEXT, 'e', "DURATION", "how long the signature holds, such as 720h"),
		CLI_OPT(sign, referrers_tag, "force-referrers-tag", CLI_FLAG, 0, NULL, "keep the list of signatures under the fallback tag, whatever the registry can"),
		CLI_OPT(sign, forms, "format", CLI_LIST, 0, "FORM", "notation, bundle (Sigstore's), cosign (its older form); several with commas"),
		CLI_PLUGIN_ID(sign, plugin),
		CLI_OPT(sign, keys, "key", CLI_LIST, 'k', "NAME", "signing key; the default key if not given; may be given again"),
		CLI_LAYOUT(sign, layout),
		CLI_OIDC_CLIENT(sign, sealing),
		CLI_OUTPUT(sign, output),
		CLI_PLUGIN(sign, plugin),
		CLI_PLUGIN_CONFIG(sign, plugin),
		CLI_RECORD(sign, record),
		CLI_OPT(sign, format, "signature-format", CLI_TEXT, 0, "FORMAT", "jws or cose; if not given what config.json says, else jws"),
		CLI_SIGNING_CONFIG(sign, sealing),
		CLI_TIMESTAMP_ROOT(sign, timestamping),
		CLI_TIMESTAMP_TIMEOUT(sign, timestamping),
		CLI_TIMESTAMP_URL(sign, timestamping),
		CLI_SEALING_ROOT(sign, sealing),
		CLI_OPT(sign, metadata, "user-metadata", CLI_LIST, 'm', "KEY=VALUE", "put this into what is signed"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = UINT32_MAX,
	.run = run,
};
