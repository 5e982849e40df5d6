/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_tell.h - private to cli/: how `scan` tells what it found.
 */
#ifndef CLI_SCAN_TELL_H
#define CLI_SCAN_TELL_H

#include "advisory/advisory.h"
#include "cli/cli.h"

/* The data of the answer. */
struct cli_scan_report {
	const struct advisory_report *report;
	const struct inventory *inv;
};
extern const struct cli_answer cli_scan_answer;

#endif
