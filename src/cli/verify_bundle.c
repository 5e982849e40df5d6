/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "cli/blob.h"
#include "trust/trust.h"

struct verify_bundle {
	const char *bundle, *identity, *issuer, *key, *root;
	bool staging;
	struct hm_strs output;
};

/* A file, or a digest of one that is elsewhere. */
struct artifact {
	const char *text;
	struct trust_blob blob;
	struct sigstore_known known;
	struct hm_str digests[CRYPTO_DIGESTS]; /* of the file, raw, once they were needed */
};

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
	struct artifact *a = arg;
	struct hm_str text;
	if (!a->digests[alg].n) {
		HM_TRY(trust_blob_digest(cx, &a->blob, alg, &text));
		HM_TRY(raw_digest(cx, text, &a->digests[alg]));
	}
	*out = a->digests[alg];
	return NULL;
}

static hm_err file_bytes(struct hm_cx *cx, void *arg, struct hm_str *out)
{
	const struct artifact *a = arg;
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

static hm_err read_artifact(struct hm_cx *cx, struct artifact *a, struct sigstore_artifact *out)
{
	const char *text = a->text;
	if (is_digest(hm_cstr(text)) && access(text, F_OK) != 0) {
		a->known.alg = CRYPTO_SHA256;
		*out = trust_sigstore_known_artifact(&a->known);
		return raw_digest(cx, hm_cstr(text), &a->known.raw);
	}
	*out = (struct sigstore_artifact){ file_digest, file_bytes, a };
	return cli_blob_open(cx, text, &a->blob);
}

struct said {
	const char *file;
	const struct sigstore_answer *answer;
};

static void describe(struct hm_cx *cx, const void *data, struct json_out *o)
{
	static const char *const clocks[] = {
		[SIGSTORE_BY_LOG] = "log", [SIGSTORE_BY_AUTHORITY] = "timestamp"
	};
	const struct said *s = data;
	const struct sigstore_answer *a = s->answer;
	json_putz(o, "file", s->file);
	json_put_bool(o, "verified", true);
	json_put_given(o, "subject", a->subject);
	json_put_given(o, "issuer", a->issuer);
	json_putz(o, "algorithm", crypto_alg_rows[a->alg].name);
	json_put_given(o, "payloadType", a->content_type);
	if (a->in_log)
		json_put_int(o, "logIndex", (int64_t)a->log_index);
	json_open(o, "times", '[');
	for (size_t i = 0; i < a->times_n; i++) {
		json_open(o, NULL, '{');
		json_put_str(o, "time", hm_rfc3339(cx, a->times[i].time));
		json_putz(o, "source", clocks[a->times[i].by]);
		json_put_given(o, "by", a->times[i].whose);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	const struct said *s = data;
	const struct sigstore_answer *a = s->answer;
	(void)format;
	hm_buf_fmt(out, "verified: %s\n", s->file);
	if (a->subject.n)
		hm_buf_fmt(out, "  signed by  %.*s\n  as said by %.*s\n", HM_FMT(a->subject),
			   HM_FMT(a->issuer));
	for (size_t i = 0; i < a->times_n; i++)
		hm_buf_fmt(out, "  at         %.*s (%.*s)\n",
			   HM_FMT(hm_rfc3339(cx, a->times[i].time)), HM_FMT(a->times[i].whose));
	return NULL;
}

static const struct cli_answer answer = {
	.schema = "hullmark.verify-bundle/1",
	.describe = describe,
	.write = write_table,
};

static hm_err check_options(struct hm_cx *cx, const struct verify_bundle *o)
{
	if (!o->bundle)
		return hm_fail(cx, HM_USAGE, "--bundle is needed: the bundle's file");
	if (o->key && (o->identity || o->issuer))
		return hm_fail(cx, HM_USAGE, "--key and --certificate-identity exclude each other");
	/* an empty name would be anybody's */
	if (!o->key && (!o->identity || !*o->identity || !o->issuer || !*o->issuer))
		return hm_fail(cx, HM_USAGE,
			       "--certificate-identity and --certificate-oidc-issuer are needed, "
			       "or --key");
	return NULL;
}

/* What the bundle itself lets be refused: it is malformed, or not to be believed. */
static hm_err hold_against(struct hm_cx *cx, struct cli *cli, const struct verify_bundle *o,
			   const struct sigstore_question *q, struct envelope_bundle *b,
			   struct sigstore_answer *out)
{
	struct hm_str text;
	HM_TRY(hm_read_file(cx, o->bundle, HM_MAX_ENVELOPE, &text));
	hm_err err = envelope_bundle_parse(cx, text, b);
	err = err ? err : trust_sigstore_verify(cx, b, q, out);
	cli->refused = err && (err->code == HM_TRUST || err->code == HM_INPUT);
	return err;
}

static hm_err verify(struct hm_cx *cx, struct cli *cli, const struct verify_bundle *o,
		     struct artifact *a, struct envelope_bundle *b, struct sigstore_answer *out)
{
	SIGSTORE_AUTO_ROOT root = { 0 };
	CRYPTO_AUTO_KEY key = { 0 };
	struct hm_str text;
	struct sigstore_identity who = { .subject = hm_cstr(o->identity),
					 .issuer = hm_cstr(o->issuer) };
	struct sigstore_question q = { .root = &root, .identities = &who, .identities_n = 1 };
	if (!o->root)
		return hm_hint(cx,
			       hm_fail(cx, HM_USAGE, "--trusted-root is needed: who is believed"),
			       "give --trusted-root trusted_root.json, as Sigstore publishes it");
	HM_TRY(hm_read_file(cx, o->root, HM_MAX_TRUSTED_ROOT, &text));
	HM_TRY_IN(cx, trust_sigstore_root_parse(cx, text, &root), "\"%s\"", o->root);
	if (o->key) {
		HM_TRY(hm_read_file(cx, o->key, HM_MAX_CERTIFICATE_FILE, &text));
		HM_TRY_IN(cx, crypto_public_key_any(cx, text, &key), "\"%s\"", o->key);
		q.key = &key;
	}
	HM_TRY(read_artifact(cx, a, &q.artifact));
	HM_TRY_IN(cx, hold_against(cx, cli, o, &q, b, out), "\"%s\"", a->text);
	return NULL;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct verify_bundle *o = opts;
	struct cli_outputs outputs;
	struct artifact a = { .text = args[0], .blob = CLI_NO_BLOB };
	struct sigstore_answer found;
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(check_options(cx, o));
	hm_err err = verify(cx, cli, o, &a, &b, &found);
	cli_blob_done(&a.blob);
	HM_TRY(err);
	struct said data = { args[0], &found };
	return cli_answer_write(cx, &outputs, &answer, &data);
}

extern const struct cli_command cli_verify_bundle;
const struct cli_command cli_verify_bundle = {
	.name = "verify-bundle",
	.group = "Trust",
	.args = "FILE_OR_DIGEST",
	.help = "is a file signed as this Sigstore bundle says?",
	.about =
		"Holds a file against a Sigstore bundle (versions 0.1 to 0.3), and the bundle against a trusted\n"
		"root: the log's entry and its proof, the time, the certificate at that time and the log that saw it,\n"
		"and whom it names; or against a public key. Instead of the file its digest may be given,\n"
		"sha256:HEX. Of an attestation the file must be a subject.\n"
		"Exit status 0: it is verified; 3: it is not, and the reason is on standard error; 1: it\n"
		"could not be decided, because a file could not be read for instance.\n"
		"\n"
		"The JSON (hullmark.verify-bundle/1) has \"file\", \"verified\", \"subject\" and \"issuer\" of the\n"
		"certificate, \"algorithm\", \"payloadType\" of an attestation, \"logIndex\", and \"times\": each with \"time\",\n"
		"\"source\" (log or timestamp) and \"by\".",
	.examples =
		"  $ hullmark verify-bundle --bundle app.zip.sigstore.json --trusted-root trusted_root.json \\\n"
		"      --certificate-identity me@example.com --certificate-oidc-issuer https://accounts.example app.zip",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct verify_bundle),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(verify_bundle, bundle, "bundle", CLI_TEXT, 0, "FILE", "the bundle"),
		CLI_OPT(verify_bundle, identity, "certificate-identity", CLI_TEXT, 0, "NAME", "whom the certificate must name"),
		CLI_OPT(verify_bundle, issuer, "certificate-oidc-issuer", CLI_TEXT, 0, "URL", "who must have authenticated that name"),
		CLI_OPT(verify_bundle, key, "key", CLI_TEXT, 0, "FILE", "a public key that must have signed, instead of a certificate"),
		CLI_OUTPUT(verify_bundle, output),
		CLI_OPT(verify_bundle, staging, "staging", CLI_FLAG, 0, NULL, "the bundle is of Sigstore's instance for tests, whose root --trusted-root is"),
		CLI_OPT(verify_bundle, root, "trusted-root", CLI_TEXT, 0, "FILE", "the authorities that are believed"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
