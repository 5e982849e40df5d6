/* SPDX-License-Identifier: Apache-2.0 */
/* The table of services, in the order in which they are started; a service is one file and one line
 * here. */
#include "cli/service.h"

/* clang-format off */
#define SERVICES(X) \
	X(registry) \
	X(gate) \
	X(admin)
/* clang-format on */

#define DECLARE(name) extern const struct service cli_service_##name;
#define LIST(name)    &cli_service_##name,

SERVICES(DECLARE)
const struct service *const cli_services[] = { SERVICES(LIST) NULL };
