/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ship.h - what the commands that ship artifacts share: push, pull, attach, discover, copy, tag,
 * resolve.
 */
#ifndef CLI_SHIP_H
#define CLI_SHIP_H

#include "cli/cli.h"

/* The place of a target, and the target. HM_USAGE. */
hm_err cli_ship_open(struct hm_cx *cx, struct cli *cli, const char *text, enum oci_mode mode,
		     struct oci_target *out_target, struct oci_place **out);
/* What a target means, of one platform where that is asked for. */
hm_err cli_ship_resolve(struct hm_cx *cx, struct oci_place *p, const char *platform,
			struct oci_descriptor *out);

/* A target as ORAS writes it: with --oci-layout it is the path of a layout. */
const char *cli_ship_text(struct hm_cx *cx, const char *text, bool layout);
/* --distribution-spec, and what else `option` is called: with v1.1-referrers-tag the referrers API
 * is never used (*out_tag is set). HM_USAGE: neither of the two. */
hm_err cli_ship_spec(struct hm_cx *cx, const char *option, const char *spec, bool *out_tag);
#define CLI_SHIP_SPEC(type, field)                                                        \
	CLI_OPT(type, field, "distribution-spec", CLI_TEXT, 0, "v1.1-referrers-api|-tag", \
		"v1.1-referrers-tag: keep the list of referrers under the fallback tag")

/* --concurrency: at most so many transfers at once. HM_USAGE: more than HM_MAX_CONCURRENCY. */
hm_err cli_ship_concurrency(struct hm_cx *cx, struct cli *cli, uint64_t n);
#define CLI_SHIP_CONCURRENCY(type, field)                       \
	CLI_OPT(type, field, "concurrency", CLI_NUMBER, 0, "N", \
		"how many transfers may go on at once; 64 at most")

/* TARGET:TAG,TAG...: the target with its first tag, and the other tags. */
const char *cli_ship_tags(struct hm_cx *cx, const char *text, struct hm_strs *out);

/* The options of the commands that make an artifact of files. */
struct ship_opts {
	const char *artifact_type;  /* NULL: unknown */
	struct hm_strs annotations; /* KEY=VALUE */
	const char *annotation_file, *config, *export_manifest;
	bool layout;
	uint64_t concurrency;
	struct hm_strs output;
	const char *template;
};
/* clang-format off */
#define CLI_SHIP_CONTENT(type, field)                                                            \
	CLI_OPT(type, field.annotations, "annotation", CLI_LIST, 'a', "KEY=VALUE",               \
		"annotation of the manifest"),                                                   \
	CLI_OPT(type, field.annotation_file, "annotation-file", CLI_TEXT, 0, "FILE",             \
		"annotations of $manifest, $config and each file, as ORAS writes them in JSON"), \
	CLI_OPT(type, field.artifact_type, "artifact-type", CLI_TEXT, 0, "TYPE",                 \
		"what the artifact is, as a media type"),                                        \
	CLI_SHIP_CONCURRENCY(type, field.concurrency),                                           \
	CLI_OPT(type, field.config, "config", CLI_TEXT, 0, "FILE[:TYPE]",                        \
		"the artifact's configuration")
#define CLI_SHIP_ANSWER(type, field)                                                             \
	CLI_OPT(type, field.export_manifest, "export-manifest", CLI_TEXT, 0, "FILE",             \
		"write the manifest to FILE, too"),                                              \
	CLI_FORMAT(type, field.output),                                                          \
	CLI_OPT(type, field.layout, "oci-layout", CLI_FLAG, 0, NULL,                             \
		"the target is the path of an OCI layout: the same as oci:PATH"),                \
	CLI_OUTPUT(type, field.output)
/* clang-format on */

/* Store an artifact of `files` (FILE[:TYPE], a folder, or -: standard input). HM_USAGE: two of them
 * would have the same name. */
struct ship_artifact {
	const struct ship_opts *opts;
	char *const *files;
	size_t files_n;
	struct oci_descriptor subject; /* digest empty: none */
	struct hm_str tag;
};
hm_err cli_ship_push(struct hm_cx *cx, struct oci_place *p, const struct ship_artifact *a,
		     struct oci_descriptor *out);

/* More tags for what was stored. */
hm_err cli_ship_tag(struct hm_cx *cx, struct oci_place *p, const struct oci_descriptor *d,
		    const struct hm_strs *tags);

/* One descriptor as the answer of a command: a line for people, or {"schema":...}, or the
 * descriptor as ORAS has it, for a template. */
struct ship_answer {
	bool layout; /* --oci-layout */
	bool tagged; /* for a template: `tags` are in it, too */
	struct hm_strs tags;
	struct cli_outputs outputs;
};
/* Before anything is done: what is wrong with -o and --template? HM_USAGE. */
hm_err cli_ship_check(struct hm_cx *cx, const struct cli *cli, const struct hm_strs *output,
		      const char *template, struct ship_answer *out);
hm_err cli_ship_tell(struct hm_cx *cx, const struct cli *cli, const struct ship_answer *answer,
		     const struct oci_target *t, const struct oci_descriptor *d);

/* "reference" as ORAS writes it (with --oci-layout a path has no "oci:"), and the members of a
 * descriptor; into an object that is open. */
void cli_ship_put_reference(struct hm_cx *cx, struct json_out *o, const struct oci_target *t,
			    bool layout, struct hm_str digest);
void cli_ship_put(struct hm_cx *cx, struct json_out *o, const struct oci_target *t, bool layout,
		  const struct oci_descriptor *d);

#endif
