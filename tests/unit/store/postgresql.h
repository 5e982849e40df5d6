/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postgresql.h - a second back end of the tables, on which the same tests run: nothing in
 * store/tables.h is SQLite's alone.
 */
#ifndef TESTS_UNIT_STORE_POSTGRESQL_H
#define TESTS_UNIT_STORE_POSTGRESQL_H

#include "store/backend.h"

extern const struct store_backend unit_postgresql;

#endif
