/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/blob.h"
#include "cli/ship.h"
#include "cli/surroundings.h"
#include "crypto/crypto.h"

struct attest_generate {
	const char *file, *builder, *build_type, *started;
	struct hm_strs bases, dependencies, materials;
};

static struct slsa_dependency *add_dependency(struct hm_cx *cx, struct slsa_provenance *p)
{
	struct slsa_dependency *all = hm_new(cx, struct slsa_dependency, p->dependencies_n + 1);
	if (p->dependencies_n)
		memcpy(all, p->dependencies, p->dependencies_n * sizeof(*all));
	p->dependencies = all;
	return &all[p->dependencies_n++];
}

static void set_digest(struct slsa_dependency *d, struct hm_str text)
{
	d->digest.value = text;
	d->digest.alg = hm_cut(&d->digest.value, ':');
}

/* An image as package-url has it: type oci, the digest its version. */
static hm_err add_image(struct hm_cx *cx, struct cli *cli, const char *text,
			struct slsa_provenance *p)
{
	struct oci_target t;
	struct oci_descriptor d;
	OCI_AUTO_PLACE place = NULL;
	HM_TRY(cli_ship_open(cx, cli, text, OCI_READ, &t, &place));
	HM_TRY(cli_ship_resolve(cx, place, NULL, &d));
	if (t.kind != OCI_REGISTRY)
		return hm_fail(cx, HM_USAGE, "only an image in a registry can be told by a URL");
	struct hm_str name = hm_basename(t.repository), hex = d.digest;
	struct hm_str alg = hm_cut(&hex, ':');
	struct slsa_dependency *to = add_dependency(cx, p);
	to->uri = hm_fmt(cx, "pkg:oci/%.*s@%.*s%%3A%.*s?repository_url=%.*s/%.*s", HM_FMT(name),
			 HM_FMT(alg), HM_FMT(hex), HM_FMT(t.registry), HM_FMT(t.repository));
	set_digest(to, d.digest);
	return NULL;
}

/* URI=ALGORITHM:VALUE */
static hm_err add_given(struct hm_cx *cx, struct hm_str text, struct slsa_provenance *p)
{
	size_t at = hm_rfind_char(text, '=');
	struct hm_str digest = hm_from(text, at == SIZE_MAX ? text.n : at + 1);
	struct hm_str uri = hm_sub(text, 0, at);
	size_t colon = hm_find_char(digest, ':');
	if (!uri.n || colon == SIZE_MAX || !colon || colon + 1 == digest.n ||
	    hm_has_control(text) || hm_find_char(uri, ':') == SIZE_MAX)
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not of the form URI=ALGORITHM:DIGEST",
			       HM_FMT(text));
	struct slsa_dependency *to = add_dependency(cx, p);
	to->uri = uri;
	set_digest(to, digest);
	return NULL;
}

static hm_err add_file(struct hm_cx *cx, const char *path, struct slsa_provenance *p)
{
	struct trust_blob blob = CLI_NO_BLOB;
	struct hm_str digest;
	HM_TRY(cli_blob_open(cx, path, &blob));
	hm_err err = trust_blob_digest(cx, &blob, CRYPTO_SHA256, &digest);
	cli_blob_done(&blob);
	HM_TRY(err);
	struct slsa_dependency *to = add_dependency(cx, p);
	to->uri = hm_fmt(cx, "file:%s", path);
	set_digest(to, digest);
	return NULL;
}

static hm_err add_dependencies(struct hm_cx *cx, struct cli *cli, const struct attest_generate *o,
			       struct slsa_provenance *p)
{
	for (size_t i = 0; i < o->bases.n; i++)
		HM_TRY_IN(cx, add_image(cx, cli, hm_dupz(cx, o->bases.p[i]), p), "--base \"%.*s\"",
			  HM_FMT(o->bases.p[i]));
	for (size_t i = 0; i < o->dependencies.n; i++)
		HM_TRY_IN(cx, add_given(cx, o->dependencies.p[i], p), "--dependency");
	for (size_t i = 0; i < o->materials.n; i++)
		HM_TRY_IN(cx, add_file(cx, hm_dupz(cx, o->materials.p[i]), p), "--material");
	return NULL;
}

static hm_err check_uri(struct hm_cx *cx, const char *text, struct hm_str *out)
{
	struct hm_str uri = hm_cstr(text);
	size_t colon = hm_find_char(uri, ':');
	if (colon == SIZE_MAX || !colon || colon + 1 == uri.n || hm_has_control(uri) ||
	    hm_find_char(uri, ' ') != SIZE_MAX)
		return hm_fail(cx, HM_USAGE, "\"%s\" is not a URI", text);
	*out = uri;
	return NULL;
}

/* What the environment says, as far as the options do not say otherwise. */
static hm_err apply_options(struct hm_cx *cx, const struct attest_generate *o, struct slsa_build *b)
{
	int64_t when;
	if (o->started) {
		if (hm_rfc3339_parse(cx, hm_cstr(o->started), &when))
			return hm_fail(cx, HM_USAGE, "--started \"%s\" is not an RFC 3339 time",
				       o->started);
		b->what.started = hm_cstr(o->started);
	}
	if (o->builder)
		HM_TRY_IN(cx, check_uri(cx, o->builder, &b->what.builder), "--builder-id");
	if (o->build_type)
		HM_TRY_IN(cx, check_uri(cx, o->build_type, &b->what.build_type), "--build-type");
	when = hm_now();
	(void)hm_source_date_epoch(&when);
	b->what.finished = hm_rfc3339(cx, when);
	return NULL;
}

static hm_err run(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		  size_t args_n)
{
	const struct attest_generate *o = opts;
	struct slsa_surroundings here = cli_surroundings();
	struct slsa_build b;
	struct hm_str text;
	(void)args;
	(void)args_n;
	HM_TRY(statement_build_here(cx, &here, &b));
	HM_TRY(apply_options(cx, o, &b));
	HM_TRY(add_dependencies(cx, cli, o, &b.what));
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
		CLI_OPT(attest_generate, bases, "base", CLI_LIST, 0, "REF", "an image that the build began with"),
		CLI_OPT(attest_generate, build_type, "build-type", CLI_TEXT, 0, "URI", "in what terms the build is described"),
		CLI_OPT(attest_generate, builder, "builder-id", CLI_TEXT, 0, "URI", "who builds"),
		CLI_OPT(attest_generate, dependencies, "dependency", CLI_LIST, 0, "URI=ALG:DIGEST", "something that went into the build"),
		CLI_OPT(attest_generate, materials, "material", CLI_LIST, 0, "FILE", "a file that went into the build"),
		CLI_OPT(attest_generate, file, "output", CLI_TEXT, 'o', "FILE", "where to write it; standard output if not given"),
		CLI_OPT(attest_generate, started, "started", CLI_TEXT, 0, "TIME", "when the build began, RFC 3339"),
		{ 0 },
	},
	/* clang-format on */
	.run = run,
};
