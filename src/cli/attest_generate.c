/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/build.h"

struct attest_generate {
	const char *file;
	struct cli_build build;
};

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct attest_generate *o = opts;
	struct slsa_build b;
	struct hm_str text;
	(void)args;
	(void)args_n;
	HM_TRY(cli_build_here(cx, cli, &o->build, &b));
	HM_TRY(statement_provenance_write(cx, &b, &text));
	text = hm_fmt(cx, "%.*s\n", HM_FMT(text));
	return o->file ? hm_output_write(cx, o->file, text, 0644) : cli_print(cx, text);
}

extern const struct cli_command cli_attest_generate;
const struct cli_command cli_attest_generate = {
	.name = "attest generate",
	.group = "Evidence",
	.args = "",
	.help = "write the SLSA provenance of the build that this is a step of",
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
		"signs it can be trusted to have made it in that place.",
	.examples =
		"  $ hullmark attest generate --base registry.example.com/base/debian:12 -o provenance.json\n"
		"  $ hullmark attest generate --dependency pkg:generic/cc@14=sha256:ab12... > provenance.json",
	.opts_size = sizeof(struct attest_generate),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_BUILD_BASE(attest_generate, build),
		CLI_BUILD_TYPE(attest_generate, build),
		CLI_BUILDER(attest_generate, build),
		CLI_BUILD_DEPENDENCY(attest_generate, build),
		CLI_BUILD_MATERIAL(attest_generate, build),
		CLI_OPT(attest_generate, file, "output", CLI_TEXT, 'o', "FILE", "where to write it; standard output if not given"),
		CLI_BUILD_STARTED(attest_generate, build),
		{ 0 },
	},
	/* clang-format on */
	.run = run,
};
