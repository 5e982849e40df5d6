/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remedy.h - private to cli/: a command that a message tells to run next works as it stands there.
 *
 * Rooms below know neither flags nor shells: they name a command, "hullmark repo tags HOST/REPO".
 * Where the message is shown, the command gets the flags that this one was given and that it needs:
 * how registries are reached, where the configuration is, which database. Secrets are never among
 * them: --username, --password, --identity-token, --header.
 *
 * A command in a sentence begins at "hullmark " and ends before ", ", "; ", " (", ")" or '"', or
 * with the sentence; what hm_shell_word() put in single quotes is one word.
 */
#ifndef CLI_REMEDY_H
#define CLI_REMEDY_H

#include "cli/cli.h"

/* Which kinds of flags a command needs; false: nothing is said about it. */
enum { REMEDY_REGISTRY = 1, REMEDY_CREDENTIALS = 2, REMEDY_CONFIG = 4 };
bool cli_remedy_needs(const struct cli_command *c, unsigned *out);
/* The sentence with its commands complete. */
struct hm_str cli_remedy(struct hm_cx *cx, const struct cli *cli, struct hm_str sentence);

#endif
