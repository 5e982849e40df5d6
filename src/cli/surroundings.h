/* SPDX-License-Identifier: Apache-2.0 */
/*
 * surroundings.h - what this process can know of the build that it is a step of: the variables of
 * the CI service, and git's word for the working folder.
 */
#ifndef CLI_SURROUNDINGS_H
#define CLI_SURROUNDINGS_H

#include "statement/statement.h"

/* git is the program of that name on $PATH. A password in the URL of the remote is left away. */
struct slsa_surroundings cli_surroundings(void);

#endif
