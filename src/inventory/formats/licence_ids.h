/* SPDX-License-Identifier: Apache-2.0 */
/* licence_ids.h - the identifiers of the SPDX License List. For licences.c. */
#ifndef INVENTORY_FORMATS_LICENCE_IDS_H
#define INVENTORY_FORMATS_LICENCE_IDS_H

#include "base/base.h"

/* Sorted without regard to case. */
extern const char *const inventory_licence_ids[];
extern const size_t inventory_licence_ids_n;
extern const char *const inventory_licence_exceptions[];
extern const size_t inventory_licence_exceptions_n;

#endif
