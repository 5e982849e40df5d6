/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/build.h"
#include "cli/summary.h"

struct attest_generate {
	const char *file, *type;
	struct cli_build build;
	struct cli_summary summary;
};

static hm_err make_provenance(struct hm_cx *cx, struct cli *cli, const struct attest_generate *o,
			      struct hm_str *out)
{
	const struct cli_summary *s = &o->summary;
	struct slsa_build b;
	if (s->scope || s->verifier || s->resource || cli_demand_is(&s->demand))
		return hm_fail(cx, HM_USAGE, "that is for --type vsa: what is verified, and how");
	HM_TRY(cli_build_here(cx, cli, &o->build, &b));
	return statement_provenance_write(cx, &b, out);
}

/* A type by its name or URI. */
static hm_err make_predicate(struct hm_cx *cx, struct cli *cli, const struct attest_generate *o,
			     char *const *args, size_t args_n, struct hm_str *out)
{
	struct hm_str type;
	bool passed;
	HM_TRY(statement_type_uri(cx, hm_cstr(o->type ? o->type : "slsaprovenance1"), &type));
	if (hm_eqz(type, SLSA_SUMMARY)) {
		if (!args_n)
			return hm_fail(cx, HM_USAGE, "--type vsa needs REF: what is verified");
		HM_TRY(cli_summary_make(cx, cli, &o->summary, args[0], &passed, out));
		cli->answer_no = !passed;
		return NULL;
	}
	if (!hm_eqz(type, SLSA_PROVENANCE))
		return hm_fail(cx, HM_USAGE,
			       "only slsaprovenance1 and vsa are generated; "
			       "\"hullmark attest --predicate\" takes any other");
	if (args_n)
		return hm_fail(cx, HM_USAGE,
			       "REF is for --type vsa; what a provenance is about "
			       "\"hullmark attest\" is told");
	return make_provenance(cx, cli, o, out);
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct attest_generate *o = opts;
	struct hm_str text;
	HM_TRY(make_predicate(cx, cli, o, args, args_n, &text));
	text = hm_fmt(cx, "%.*s\n", HM_FMT(text));
	return o->file ? hm_output_write(cx, o->file, text, 0644) : cli_print(cx, text);
}

extern const struct cli_command cli_attest_generate;
const struct cli_command cli_attest_generate = {
	.name = "attest generate",
	.group = "Evidence",
	.args = "[REF]",
	.help = "write the SLSA provenance of this build, or the summary of a verification",
	.about =
		"Writes a predicate of type https://slsa.dev/provenance/v1 for \"hullmark attest --predicate\", from\n"
		"what a job of GitHub Actions, GitLab CI or Azure Pipelines finds in its environment: the builder,\n"
		"the workflow, the source with its ref and commit, the run. The build types are GitHub's\n"
		"(actions.github.io/buildtypes/workflow/v1) and GitLab Runner's; Azure Pipelines has none of its\n"
		"own, and gets urn:hullmark:build:azure-pipelines:1. Elsewhere git says which commit of which\n"
		"remote the working folder is at, and the builder is urn:hullmark:builder:local, unless\n"
		"--builder-id names another.\n"
		"\n"
		"--base names the images that the build began with, which are told by their digests;\n"
		"--material files that went into it, --dependency whatever else has a URI and a digest.\n"
		"\n"
		"What a job says of itself proves nothing by itself: a verifier believes it as far as whoever\n"
		"signs it can be trusted to have made it in that place.\n"
		"\n"
		"With --type vsa what REF names is verified by the trust policy, and SLSA's verification summary\n"
		"(https://slsa.dev/verification_summary/v1) of that is written: PASSED, or FAILED with exit status 3.\n"
		"The level is the one that --slsa-level asks for, else SLSA_BUILD_LEVEL_UNEVALUATED. Who takes the\n"
		"summary instead of verifying must trust the verifier, which is whoever signs it.",
	.examples =
		"  $ hullmark attest generate --base registry.example.com/base/debian:12 -o provenance.json\n"
		"  $ hullmark attest generate --dependency pkg:generic/cc@14=sha256:ab12... > provenance.json\n"
		"  $ hullmark attest generate --type vsa registry.example.com/shop/web@sha256:... --slsa-level 3 -o vsa.json",
	.opts_size = sizeof(struct attest_generate),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_BUILD_BASE(attest_generate, build),
		CLI_BUILD_TYPE(attest_generate, build),
		CLI_DEMAND_BUILDER(attest_generate, summary.demand),
		CLI_BUILDER(attest_generate, build),
		CLI_BUILD_DEPENDENCY(attest_generate, build),
		CLI_BUILD_MATERIAL(attest_generate, build),
		CLI_OPT(attest_generate, file, "output", CLI_TEXT, 'o', "FILE", "where to write it; standard output if not given"),
		CLI_OPT(attest_generate, summary.resource, "resource-uri", CLI_TEXT, 0, "URI", "of a summary: what the artifact is called in it; its package-url if not given"),
		CLI_OPT(attest_generate, summary.scope, "scope", CLI_TEXT, 0, "REPO", "for a layout: the repository whose trust policy applies"),
		CLI_DEMAND_LEVEL(attest_generate, summary.demand),
		CLI_DEMAND_SOURCE(attest_generate, summary.demand),
		CLI_DEMAND_SOURCE_REF(attest_generate, summary.demand),
		CLI_BUILD_STARTED(attest_generate, build),
		CLI_OPT(attest_generate, type, "type", CLI_TEXT, 0, "TYPE", "slsaprovenance1, if not given, or vsa"),
		CLI_OPT(attest_generate, summary.verifier, "verifier", CLI_TEXT, 0, "URI", "of a summary: who verifies; urn:hullmark:verifier if not given"),
		{ 0 },
	},
	/* clang-format on */
	.most = 1,
	.run = run,
};
