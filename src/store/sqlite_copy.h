/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite_copy.h - inside store/: store_backup() and store_restore() of SQLite.
 */
#ifndef STORE_SQLITE_COPY_H
#define STORE_SQLITE_COPY_H

#include "store/tables.h"

HM_MUST hm_err store_sqlite_backup(struct hm_cx *cx, const struct store_config *config,
				   const char *to);
HM_MUST hm_err store_sqlite_restore(struct hm_cx *cx, const struct store_config *config,
				    const char *from, const char *renew);

#endif
