/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands, sorted by name; a command is one file and one line here. */
#include "cli/cli.h"

/* clang-format off */
#define COMMANDS(X)    \
	X(completion)  \
	X(db_import)   \
	X(db_status)   \
	X(manual_command) \
	X(version)
/* clang-format on */

#define DECLARE(name) extern const struct cli_command cli_##name;
#define LIST(name)    &cli_##name,

COMMANDS(DECLARE)
const struct cli_command *const cli_commands[] = { COMMANDS(LIST) NULL };
