/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cursor.h - inside packed/: rows are found and read.
 */
#ifndef STORE_PACKED_CURSOR_H
#define STORE_PACKED_CURSOR_H

#include <sqlite3.h>

/* The part of the module that reads. */
extern const struct sqlite3_module store_packed_reading;

#endif
