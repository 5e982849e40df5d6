/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db.h - what the commands about the advisory database share.
 */
#ifndef CLI_DB_H
#define CLI_DB_H

#include "advisory/advisory.h"
#include "cli/cli.h"
#include "codec/json.h"

/* What the database at `path` holds, as members of an object, and as lines for people. */
void cli_db_put_status(struct json_out *o, const char *path, const struct advisory_db_status *s);
void cli_db_write_summary(const char *path, const struct advisory_db_status *s, struct hm_buf *out);
/* A line of the log for each document that could not be read. */
void cli_db_warn(struct hm_cx *cx, const struct cli *cli, const struct hm_strs *warnings);

#endif
