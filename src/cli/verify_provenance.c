/* SPDX-License-Identifier: Apache-2.0 */
/* verify with provenance from a file, of a file or an image: what slsa-verifier is asked. */
#include "cli/artifact.h"
#include "cli/verify.h"

/* Nobody's provenance is enough by itself: a builder builds what anybody asks for. */
static hm_err check_options(struct hm_cx *cx, const struct cli_verify *o)
{
	if (o->scope)
		return hm_fail(cx, HM_USAGE,
			       "--scope is for the trust policy, which --provenance does not ask");
	if (o->metadata.n || o->plugin_config.n)
		return hm_fail(cx, HM_USAGE,
			       "--user-metadata and --plugin-config are for signatures, and "
			       "--provenance has none");
	if (o->package && !*o->package)
		return hm_fail(cx, HM_USAGE, "--package is empty");
	if (o->npm_keys && !o->given.root)
		return hm_fail(cx, HM_USAGE, "--npm-keys needs --trusted-root: whose logs count");
	if (cli_believe_whom(&o->given) || o->demand.source)
		return NULL;
	return hm_hint(cx,
		       hm_fail(cx, HM_USAGE,
			       "--source is needed: what it must have been built from"),
		       "give --source https://github.com/ORG/REPO, or say by --key or "
		       "--certificate-identity who must have signed");
}

static hm_err open_trust(struct hm_cx *cx, const struct cli *cli, const struct cli_verify *o,
			 struct hm_str *out_demand, struct trust_config **out)
{
	struct cli_demand demand;
	struct cli_believe given;
	cli_verify_whom(o, &demand, &given);
	HM_TRY(cli_demand_write(cx, &demand, out_demand));
	return cli_believe_open(cx, cli, &given, out);
}

struct asked {
	const struct cli_verify *o;
	const struct trust_config *trust;
	struct trust_provenance_question q;
	struct cli_judgement j;
};

static hm_err decide(struct hm_cx *cx, struct cli *cli, struct asked *a)
{
	struct trust_verify_options options = { .scope = HM_STR("localhost/given") };
	a->q.options = &options;
	a->q.file = hm_cstr(a->o->provenance);
	HM_TRY(hm_read_file(cx, a->o->provenance, HM_MAX_ENVELOPE, &a->q.text));
	a->q.package = hm_cstr(a->o->package);
	if (a->o->npm_keys)
		HM_TRY(hm_read_file(cx, a->o->npm_keys, HM_MAX_CERTIFICATE_FILE, &a->q.npm_keys));
	if (a->o->npm_keys && !a->q.npm_keys.n)
		return hm_fail(cx, HM_INPUT, "\"%s\" is empty", a->o->npm_keys);
	HM_TRY_IN(cx, trust_verify_provenance(cx, a->trust, &a->q, &a->j.verdict), "\"%.*s\"",
		  HM_FMT(a->j.name));
	return cli_verify_answer(cx, cli, a->o, &a->j);
}

static hm_err verify_digest(struct hm_cx *cx, struct cli *cli, struct asked *a)
{
	struct sigstore_known known;
	a->j.descriptor.digest = a->j.name;
	HM_TRY(cli_known_digest(cx, a->j.name, &known));
	a->q.artifact = trust_sigstore_known_artifact(&known);
	return decide(cx, cli, a);
}

static hm_err verify_file(struct hm_cx *cx, struct cli *cli, struct asked *a, const char *path)
{
	CLI_AUTO_ARTIFACT file = CLI_NO_ARTIFACT;
	HM_TRY(cli_artifact_open(cx, path, false, &file, &a->q.artifact));
	HM_TRY(trust_blob_digest(cx, &file.blob, CRYPTO_SHA256, &a->j.descriptor.digest));
	return decide(cx, cli, a);
}

static hm_err verify_image(struct hm_cx *cx, struct cli *cli, struct asked *a, const char *ref)
{
	CLI_AUTO_SUBJECT s = { 0 };
	struct sigstore_known known;
	HM_TRY(cli_subject_open(cx, cli, ref, OCI_READ, 0, &s));
	HM_TRY(cli_known_digest(cx, s.descriptor.digest, &known));
	a->q.artifact = trust_sigstore_known_artifact(&known);
	a->j.name = s.name;
	a->j.descriptor = s.descriptor;
	return decide(cx, cli, a);
}

static hm_err verify_any(struct hm_cx *cx, struct cli *cli, struct asked *a, const char *ref)
{
	struct oci_target t;
	enum crypto_digest alg;
	struct hm_str hex;
	if (!oci_digest_parse(cx, hm_cstr(ref), &alg, &hex))
		return verify_digest(cx, cli, a);
	HM_TRY(oci_target_parse(cx, hm_cstr(ref), &t));
	return t.kind == OCI_FILE ? verify_file(cx, cli, a, hm_dupz(cx, t.path))
				  : verify_image(cx, cli, a, ref);
}

hm_err cli_verify_provenance(struct hm_cx *cx, struct cli *cli, const struct cli_verify *o,
			     const char *ref)
{
	struct asked a = { .o = o, .j = { .name = hm_cstr(ref) } };
	struct trust_config *trust = NULL;
	HM_TRY(check_options(cx, o));
	HM_TRY(open_trust(cx, cli, o, &a.q.demand, &trust));
	a.trust = trust;
	hm_err err = verify_any(cx, cli, &a, ref);
	trust_config_close(trust);
	return err;
}
