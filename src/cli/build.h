/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build.h - the build that a command is a step of, as its provenance will tell it.
 */
#ifndef CLI_BUILD_H
#define CLI_BUILD_H

#include "cli/cli.h"
#include "statement/statement.h"

/* What the environment does not say. */
struct cli_build {
	const char *builder, *type, *started;
	struct hm_strs bases, dependencies, materials;
};
/* clang-format off */
#define CLI_BUILD_BASE(type_, field) \
	CLI_OPT(type_, field.bases, "base", CLI_LIST, 0, "REF", "an image that the build began with, best as NAME@DIGEST")
#define CLI_BUILD_TYPE(type_, field) \
	CLI_OPT(type_, field.type, "build-type", CLI_TEXT, 0, "URI", "in what terms the build is described")
#define CLI_BUILDER(type_, field) \
	CLI_OPT(type_, field.builder, "builder-id", CLI_TEXT, 0, "URI", "who builds")
#define CLI_BUILD_DEPENDENCY(type_, field) \
	CLI_OPT(type_, field.dependencies, "dependency", CLI_LIST, 0, "URI=ALG:DIGEST", "something that went into the build")
#define CLI_BUILD_MATERIAL(type_, field) \
	CLI_OPT(type_, field.materials, "material", CLI_LIST, 0, "FILE", "a file that went into the build")
#define CLI_BUILD_STARTED(type_, field) \
	CLI_OPT(type_, field.started, "started", CLI_TEXT, 0, "TIME", "when the build began, RFC 3339")
/* clang-format on */

/* It ends now, or at $SOURCE_DATE_EPOCH. HM_USAGE: an option is malformed. HM_INPUT: the CI
 * service's variables are not complete. */
HM_MUST hm_err cli_build_here(struct hm_cx *cx, struct cli *cli, const struct cli_build *o,
			      struct slsa_build *out);

#endif
