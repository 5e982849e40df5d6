/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libpq.h - inside store/: PostgreSQL's client library, which is loaded when a database of it is
 * named: whoever keeps their tables in a file needs none.
 */
#ifndef STORE_LIBPQ_H
#define STORE_LIBPQ_H

#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h> /* Debian and its children */
#endif

#include "base/base.h"

/* clang-format off */
#define STORE_LIBPQ(X) \
	X(PQclear) X(PQcmdStatus) X(PQconnectdbParams) X(PQconninfoFree) X(PQconninfoParse) \
	X(PQenterPipelineMode) X(PQerrorMessage) X(PQexec) X(PQexecPrepared) X(PQexitPipelineMode) \
	X(PQfinish) X(PQfreemem) X(PQftype) X(PQgetResult) X(PQgetisnull) X(PQgetlength) X(PQgetvalue) \
	X(PQnfields) X(PQntuples) X(PQparameterStatus) X(PQpipelineSync) X(PQprepare) X(PQputCopyData) \
	X(PQputCopyEnd) X(PQresultErrorField) X(PQresultStatus) X(PQsendQuery) X(PQsendQueryPrepared) \
	X(PQsetNoticeProcessor) X(PQstatus)
/* clang-format on */

#define STORE_LIBPQ_MEMBER(name) __typeof__ (&(name))(name);
struct store_libpq {
	STORE_LIBPQ(STORE_LIBPQ_MEMBER)
};
extern struct store_libpq store_libpq;

/* HM_ABSENT: there is none. */
HM_MUST hm_err store_libpq_load(struct hm_cx *cx);

#endif
