/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ship.h - what the commands that ship artifacts share: push, pull, attach, discover, copy, tag, resolve.
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

/* An artifact made of files. */
struct ship_artifact {
	const char *type;                  /* artifact type; NULL: unknown */
	const struct hm_strs *annotations; /* KEY=VALUE */
	char *const *files;                /* FILE[:TYPE] */
	size_t files_n;
	struct oci_descriptor subject; /* digest empty: none */
	struct hm_str tag;
};
hm_err cli_ship_push(struct hm_cx *cx, struct oci_place *p, const struct ship_artifact *a,
		     struct oci_descriptor *out);

/* One descriptor as the answer of a command: a line for people, or {"schema":...}. */
hm_err cli_ship_tell(struct hm_cx *cx, const struct hm_strs *output, const char *verb,
		     const struct oci_target *t, const struct oci_descriptor *d);

#endif
