/* SPDX-License-Identifier: Apache-2.0 */
/* The table alone, so that a program with more services can bring its own. */
#include "cli/service.h"

#define SERVICE(name) extern const struct service cli_service_##name;
#include "cli/services.list"
#undef SERVICE

const struct service *const cli_services[] = {
#define SERVICE(name) &cli_service_##name,
#include "cli/services.list"
#undef SERVICE
	NULL
};
