/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/artifact.h"
#include "cli/believe.h"
#include "cli/trust_root.h"

struct verify_bundle {
	const char *bundle, *identity, *issuer, *key, *root, *store;
	bool staging;
	struct hm_strs output;
};

struct said {
	const char *file;
	const struct sigstore_answer *answer;
	const struct tuf_status *store; /* that the trusted root is of; NULL: it was given */
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
	if (s->store)
		cli_put_store_age(cx, s->store, o);
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
	if (s->store)
		hm_buf_fmt(out, "  trusting   %.*s\n", HM_FMT(cli_say_store_age(cx, s->store)));
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

/* Where the trusted root is: given, or of a store, which must be current. */
static hm_err find_root(struct hm_cx *cx, struct cli *cli, const struct verify_bundle *o,
			struct tuf_status *store, const char **out)
{
	*out = o->root;
	if (o->root)
		return NULL;
	struct hm_str name = cli_sigstore_store(o->store, o->staging);
	hm_err err = cli_freshen_store(cx, cli, name, 0, store);
	if (err && err->code == HM_ABSENT)
		return hm_hint(cx, err,
			       "give --trusted-root trusted_root.json, or make the store: hullmark "
			       "trust-root init --store %.*s --root root.json",
			       HM_FMT(name));
	*out = err ? NULL : store->trusted_root;
	return err;
}

static hm_err verify(struct hm_cx *cx, struct cli *cli, const struct verify_bundle *o,
		     const char *file, struct envelope_bundle *b, struct said *said)
{
	SIGSTORE_AUTO_ROOT root = { 0 };
	CRYPTO_AUTO_KEY key = { 0 };
	CLI_AUTO_ARTIFACT a = CLI_NO_ARTIFACT;
	struct tuf_status *store = hm_new(cx, struct tuf_status, 1);
	struct sigstore_answer *out = hm_new(cx, struct sigstore_answer, 1);
	const char *path;
	struct hm_str text;
	struct sigstore_identity who = { .subject = hm_cstr(o->identity),
					 .issuer = hm_cstr(o->issuer) };
	struct sigstore_question q = { .root = &root, .identities = &who, .identities_n = 1 };
	HM_TRY(find_root(cx, cli, o, store, &path));
	HM_TRY(hm_read_file(cx, path, HM_MAX_TRUSTED_ROOT, &text));
	HM_TRY_IN(cx, trust_sigstore_root_parse(cx, text, &root), "\"%s\"", path);
	if (o->key) {
		HM_TRY(cli_believe_key(cx, cli, o->key, &text));
		HM_TRY_IN(cx, crypto_public_key_any(cx, text, &key), "\"%s\"", o->key);
		q.key = &key;
	}
	HM_TRY(cli_artifact_open(cx, file, true, &a, &q.artifact));
	HM_TRY_IN(cx, hold_against(cx, cli, o, &q, b, out), "\"%s\"", file);
	*said = (struct said){ file, out, o->root ? NULL : store };
	return NULL;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct verify_bundle *o = opts;
	struct cli_outputs outputs;
	struct said data;
	ENVELOPE_AUTO_BUNDLE b = { 0 };
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(check_options(cx, o));
	HM_TRY(verify(cx, cli, o, args[0], &b, &data));
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
		"Without --trusted-root the root is that of a trust store that TUF keeps current (`hullmark trust-root\n"
		"init`): --store, else public-good, with --staging the store staging. Once its timestamp has expired it\n"
		"is brought up to date; with --offline it is refused.\n"
		"Exit status 0: it is verified; 3: it is not, and the reason is on standard error; 1: it\n"
		"could not be decided, because a file could not be read for instance.\n"
		"\n"
		"The JSON (hullmark.verify-bundle/1) has \"file\", \"verified\", \"subject\" and \"issuer\" of the\n"
		"certificate, \"algorithm\", \"payloadType\" of an attestation, \"logIndex\", and \"times\": each with \"time\",\n"
		"\"source\" (log or timestamp) and \"by\"; and of a store \"trustData\": \"store\", \"updated\",\n"
		"\"ageSeconds\", \"expires\".",
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
		CLI_OPT(verify_bundle, staging, "staging", CLI_FLAG, 0, NULL, "the bundle is of Sigstore's instance for tests: store staging, unless --trusted-root says another"),
		CLI_OPT(verify_bundle, store, "store", CLI_TEXT, 's', "NAME", "the trust store, where --trusted-root is not given (default: public-good)"),
		CLI_OPT(verify_bundle, root, "trusted-root", CLI_TEXT, 0, "FILE", "the authorities that are believed"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = run,
};
