/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verify.h"
#include "base/pool.h"
#include "cli/revocation.h"
#include "cli/trust_root.h"

struct configuration {
	const char *dir;
	struct trust_config *trust;
};

static hm_err open_configuration(struct hm_cx *cx, void *arg)
{
	struct configuration *c = arg;
	return trust_config_open(cx, c->dir, &c->trust);
}

/* What no statement is for is not asked for. */
static hm_err deny_uncovered(struct hm_cx *cx, struct cli *cli, const struct cli_verify *o,
			     const struct oci_target *t, struct hm_str scope)
{
	struct cli_judgement j = { .name = t->text,
				   .descriptor = { .digest = t->digest },
				   .verdict = { .why = trust_not_covered(cx, scope) } };
	return cli_verify_answer(cx, cli, o, &j);
}

/* The trust store's certificates are read while the registry is asked. A layout answers sooner than
 * a thread begins. */
static hm_err verify_one(struct hm_cx *cx, struct cli *cli, const struct cli_verify *o,
			 const char *ref, struct configuration *c)
{
	CLI_AUTO_SUBJECT s = { 0 };
	HM_AUTO_TASK reading = { 0 };
	struct trust_verify_options options;
	struct cli_judgement j;
	struct oci_target t;
	unsigned sorts;
	HM_TRY(cli_verify_options(cx, o, &options));
	HM_TRY(oci_target_parse(cx, hm_cstr(ref), &t));
	HM_TRY(cli_judge_scope(cx, &t, o->scope, &options.scope));
	HM_TRY_IN(cx, trust_policy_sorts(cx, c->dir, options.scope, &sorts), "\"%s\"", ref);
	if (!sorts && t.kind == OCI_REGISTRY)
		return deny_uncovered(cx, cli, o, &t, options.scope);
	if (sorts & TRUST_SIGSTORES)
		HM_TRY_IN(cx, cli_freshen_policy(cx, cli, options.scope), "\"%s\"", ref);
	if (t.kind == OCI_REGISTRY)
		hm_task_start(cx, &reading, cx->budget, open_configuration, c);
	HM_TRY(cli_subject_open(cx, cli, ref, OCI_READ, cli_verify_sorts(o, sorts), &s));
	hm_err err = t.kind == OCI_REGISTRY ? hm_task_end(cx, &reading) : open_configuration(cx, c);
	HM_TRY_IN(cx, err, "\"%.*s\"", HM_FMT(s.name));
	cli_revocation_use(cx, cli, &options);
	HM_TRY_IN(cx, cli_verify_judge(cx, o, c->trust, &s, &options, &j), "\"%.*s\"",
		  HM_FMT(s.name));
	return cli_verify_answer(cx, cli, o, &j);
}

/* Whom to believe is known before anybody is asked. */
static hm_err verify_given(struct hm_cx *cx, struct cli *cli, const struct cli_verify *o,
			   const char *ref, const struct trust_config *trust)
{
	CLI_AUTO_SUBJECT s = { 0 };
	struct trust_verify_options options;
	struct cli_judgement j;
	struct oci_target t;
	HM_TRY(cli_verify_options(cx, o, &options));
	HM_TRY(oci_target_parse(cx, hm_cstr(ref), &t));
	HM_TRY(cli_verify_scope(cx, o, &t, &options.scope));
	unsigned sorts = trust_config_sorts(cx, trust, options.scope);
	HM_TRY(cli_subject_open(cx, cli, ref, OCI_READ, cli_verify_sorts(o, sorts), &s));
	cli_revocation_use(cx, cli, &options);
	HM_TRY_IN(cx, cli_verify_judge(cx, o, trust, &s, &options, &j), "\"%.*s\"", HM_FMT(s.name));
	return cli_verify_answer(cx, cli, o, &j);
}

static hm_err run_given(struct hm_cx *cx, struct cli *cli, const struct cli_verify *o,
			const char *ref)
{
	struct trust_config *trust = NULL;
	HM_TRY(cli_verify_trust(cx, cli, o, &trust));
	hm_err err = verify_given(cx, cli, o, ref, trust);
	trust_config_close(trust);
	return err;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct cli_verify *o = opts;
	struct configuration c = { .dir = cli->config_dir };
	struct cli_outputs outputs;
	args = cli_layout_args(cx, args, args_n, o->layout);
	if ((args_n > 1 || o->all) && cli_demand_is(&o->demand))
		return hm_fail(cx, HM_USAGE,
			       "SLSA provenance is asked for of one artifact at a time; a trust "
			       "policy asks for it of all (\"attestations\")");
	if ((args_n > 1 || o->all) && o->provenance)
		return hm_fail(cx, HM_USAGE,
			       "--provenance is about one file or artifact at a time");
	if (args_n > 1 || o->all)
		return cli_verify_many(cx, cli, o, args, args_n);
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	if (!o->provenance && (o->npm_keys || o->package))
		return hm_fail(cx, HM_USAGE, "--npm-keys and --package are for --provenance");
	if (o->provenance)
		return cli_verify_provenance(cx, cli, o, args[0]);
	if (hm_starts(hm_cstr(args[0]), HM_STR("file:")))
		return hm_hint(cx, hm_fail(cx, HM_USAGE, "\"%s\" is a file", args[0]),
			       "give the file with its provenance by --provenance; signatures of "
			       "files are for hullmark blob verify and hullmark verify-bundle");
	if (cli_believe_is(&o->given))
		return run_given(cx, cli, o, args[0]);
	hm_err err = verify_one(cx, cli, o, args[0], &c);
	trust_config_close(c.trust);
	return err;
}

extern const struct cli_command cli_verify;
const struct cli_command cli_verify = {
	.name = "verify",
	.group = "Trust",
	.args = "REF...",
	.help = "is an artifact signed by somebody whom the trust policy trusts?",
	.about =
		"Looks for signatures of what REF names that the trust policy accepts: one is enough, unless the\n"
		"policy asks for more (signers, roles, evidence: see \"hullmark policy explain\").\n"
		"Exit status 0: there is one; 3: there is none, and the reasons are on standard error;\n"
		"1: it could not be decided, because a registry did not answer for instance.\n"
		"\n"
		"Signatures of Notation and of Sigstore (Cosign's bundles, referrers and tags) count alike, by the policy's\n"
		"trust stores. Without a policy, --key FILE says which key must have signed, or --certificate-identity,\n"
		"--certificate-oidc-issuer and --trusted-root whom a certificate of Sigstore must name; expressions\n"
		"match anywhere in the name, as Cosign's do. With a key a log's entry is needed only if --trusted-root is given.\n"
		"\n"
		"--slsa-level, --source, --source-ref and --builder ask for SLSA provenance, signed by whoever is\n"
		"believed: beside what the policy asks for, or, without a policy, for nothing else. The level follows\n"
		"from who signed for which builder, as \"hullmark attest verify --help\" has it.\n"
		"\n"
		"--provenance takes the provenance from a file, and REF may be a file, too (file:PATH), or a digest (sha256:HEX).\n"
		"It is a Sigstore bundle, a DSSE envelope, one of these in each line, npm's or GitHub's list of attestations, or what gcloud says of an\n"
		"image. No policy is asked. With --source, and without --key and --certificate-identity, provenance must be signed\n"
		"by whoever signs for a builder that is\n"
		"known: those of slsa-framework/slsa-github-generator, at level 3; or by the one that --builder names, which\n"
		"without @VERSION is any that was released. Runners, as npm's provenance names them\n"
		"(https://github.com/actions/runner/github-hosted), are believed only if they are named, at level 2.\n"
		"--package says which package of npm it must be; with --npm-keys (its keys.json, which Sigstore's TUF\n"
		"repository has) the registry's own attestation must be there, too.\n"
		"\n"
		"Whether certificates are revoked is checked by OCSP, then by revocation list (CRL and delta CRL).\n"
		"Answers are cached for an hour; after that they are used until their nextUpdate, but only where\n"
		"nobody answers. Lists are kept where Notation keeps them, and those that it kept are used.\n"
		"\n"
		"The JSON (hullmark.verify/1) has \"reference\", \"digest\", \"verified\", \"skipped\" (by the policy's\n"
		"level), \"policy\", \"level\", \"why\" (when not verified) and \"signatures\": \"digest\", \"good\", \"why\",\n"
		"\"format\" (notation, bundle or cosign; unknown, without digest: entries of the registry's list that\n"
		"cannot be read, of which any may be a signature), \"identity\" of the signer, of \"identityKind\" (x509.subject,\n"
		"sigstore.identity or key), \"issuer\", \"predicateType\" of a claim, \"signingTime\", \"timestamp\" and\n"
		"\"timestampAuthority\" (where a timestamp was verified), \"logTime\" and \"logIndex\" (where a log's entry\n"
		"was), \"expiry\", \"checks\" (\"check\", \"action\",\n"
		"\"good\", \"why\") and \"userMetadata\"; and, where the policy asks for it, \"evidence\": \"kind\",\n"
		"\"subject\" (the image's digest), \"good\", \"digest\", \"why\".\n"
		"\n"
		"Several artifacts, or with --all every artifact of a repository or layout, are verified at the\n"
		"same time, each digest once, with one report: hullmark.verify-many/1 has \"verified\", \"refused\",\n"
		"\"undecided\" (numbers) and \"artifacts\", each with its first \"tag\", if any, as above, or with \"error\". Exit status 0: all are\n"
		"verified; 3: at least one is refused; 1: none is refused, and at least one is undecided.",
	.examples =
		"  $ hullmark verify registry.example.com/shop/web@sha256:...\n"
		"  $ hullmark verify oci:build/web:v1 --scope registry.example.com/shop/web\n"
		"  $ hullmark verify registry.example.com/shop/web@sha256:... --key cosign.pub\n"
		"  $ hullmark verify file:app.tar.gz --provenance app.intoto.jsonl --source https://github.com/acme/app \\\n"
		"      --source-tag v1.2.3 --trusted-root trusted_root.json\n"
		"  $ hullmark verify --all registry.example.com/shop/web registry.example.com/shop/api",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct cli_verify),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(cli_verify, all, "all", CLI_FLAG, 'a', NULL, "REF is a repository or a layout: verify all that its tags name"),
		CLI_DEMAND_BUILDER(cli_verify, demand),
		CLI_BELIEVE_IDENTITY(cli_verify, given),
		CLI_BELIEVE_IDENTITY_REGEXP(cli_verify, given),
		CLI_BELIEVE_ISSUER(cli_verify, given),
		CLI_BELIEVE_ISSUER_REGEXP(cli_verify, given),
		CLI_OPT(cli_verify, concurrency, "concurrency", CLI_NUMBER, 0, "N", "artifacts at once; 16 of a registry, else as many as processors"),
		CLI_CRL_TIMEOUT(cli_verify, revocation),
		CLI_BELIEVE_KEY(cli_verify, given),
		CLI_OPT(cli_verify, max_signatures, "max-signatures", CLI_NUMBER, 0, "N", "signatures to try; 2000 if not given"),
		CLI_OPT(cli_verify, npm_keys, "npm-keys", CLI_TEXT, 0, "FILE", "keys.json of npm's registry, which must have attested the package"),
		CLI_LAYOUT(cli_verify, layout),
		CLI_OCSP_TIMEOUT(cli_verify, revocation),
		CLI_OUTPUT(cli_verify, output),
		CLI_OPT(cli_verify, package, "package", CLI_TEXT, 0, "NAME[@VERSION]", "package of npm that the provenance must be of"),
		CLI_OPT(cli_verify, plugin_config, "plugin-config", CLI_LIST, 0, "KEY=VALUE", "a setting for the plugin that a signature names"),
		CLI_OPT(cli_verify, provenance, "provenance", CLI_TEXT, 0, "FILE", "take the provenance of REF, which may be file:PATH, from this file"),
		CLI_OPT(cli_verify, scope, "scope", CLI_TEXT, 0, "REPO", "for a layout: the repository whose trust policy applies"),
		CLI_DEMAND_LEVEL(cli_verify, demand),
		CLI_DEMAND_SOURCE(cli_verify, demand),
		CLI_DEMAND_SOURCE_BRANCH(cli_verify, demand),
		CLI_DEMAND_SOURCE_REF(cli_verify, demand),
		CLI_DEMAND_SOURCE_TAG(cli_verify, demand),
		CLI_DEMAND_SOURCE_VERSION(cli_verify, demand),
		CLI_BELIEVE_ROOT(cli_verify, given),
		CLI_OPT(cli_verify, metadata, "user-metadata", CLI_LIST, 'm', "KEY=VALUE", "must be in what was signed"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = UINT32_MAX,
	.run = run,
};
