/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values.h - what goes into a statement of the tables and comes out of it (tables.h).
 */
#ifndef STORE_VALUES_H
#define STORE_VALUES_H

#include "base/base.h"

enum store_kind { STORE_NULL, STORE_INT, STORE_TEXT };

struct store_value {
	enum store_kind kind;
	int64_t number;
	struct hm_str text;
};

static inline struct store_value store_null(void)
{
	return (struct store_value){ .kind = STORE_NULL };
}

static inline struct store_value store_int(int64_t number)
{
	return (struct store_value){ .kind = STORE_INT, .number = number };
}

static inline struct store_value store_text(struct hm_str text)
{
	return (struct store_value){ .kind = STORE_TEXT, .text = text };
}

/* store_run(cx, use, sql, STORE_VALUES(store_int(1), store_text(name)), each, arg) */
struct store_values {
	const struct store_value *p;
	size_t n;
};
#define STORE_VALUES(...)                                                    \
	((struct store_values){ (const struct store_value[]){ __VA_ARGS__ }, \
				HM_LEN(((const struct store_value[]){ __VA_ARGS__ })) })
#define STORE_NO_VALUES ((struct store_values){ NULL, 0 })

/* One row; its texts are good until it returns. A fault ends the statement. */
typedef hm_err store_row(struct hm_cx *cx, void *arg, const struct store_value *row);

enum store_mode {
	STORE_READ,
	STORE_WRITE,
	STORE_WRITE_LAZY, /* it is whole or absent after a loss of power; a kill does no harm */
};

#endif
