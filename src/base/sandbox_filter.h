/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox_filter.h - private to base/: what the writer of the filters and their user share. */
#ifndef HM_BASE_SANDBOX_FILTER_H
#define HM_BASE_SANDBOX_FILTER_H

/* Stands in a filter for the number of the process. Numbers of processes are never that large. */
#define SANDBOX_ANY_PROCESS 0x7e57ab1eU

#endif
