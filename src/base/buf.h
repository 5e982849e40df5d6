/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - a growing buffer on the heap with a stated maximum.
 *
 * Adding past the maximum adds nothing and spoils the buffer for good; hm_buf_end() tells. So a
 * long chain of additions is checked once. The bytes are always followed by a NUL. A buffer that
 * is a secret's (secret.h) is locked in memory, and wiped before memory is given back.
 */
#ifndef HM_BASE_BUF_H
#define HM_BASE_BUF_H

#include "base/str.h"

struct hm_buf {
	char *p;
	size_t n, cap, max;
	bool over;   /* something did not fit */
	bool secret; /* of a struct hm_secret */
};

#define HM_BUF(maximum) ((struct hm_buf){ .max = (maximum) })
#define HM_AUTO_BUF     HM_CLEANUP(hm_buf_done) struct hm_buf

void hm_buf_done(struct hm_buf *b);
void hm_buf_add(struct hm_buf *b, struct hm_str s);
void hm_buf_addz(struct hm_buf *b, const char *z);
void hm_buf_char(struct hm_buf *b, char c);
/* Data: exact (fmt.h). */
void hm_buf_fmt(struct hm_buf *b, const char *fmt, ...) HM_PRINTF(2, 3);
/* Integers in little endian, and LEB128: what hm_le() and hm_uvarint() read. */
void hm_buf_le(struct hm_buf *b, uint64_t v, size_t width);
void hm_buf_uvarint(struct hm_buf *b, uint64_t v);
/* A slice with its length before it as LEB128. */
void hm_buf_counted(struct hm_buf *b, struct hm_str s);
/* Text from strangers must not steer a terminal: C0, DEL and C1 controls, and what is not UTF-8,
 * become '?'. */
void hm_buf_safe(struct hm_buf *b, struct hm_str s);
/* Room for n more bytes to be written in place; NULL, and spoilt, past the maximum. */
char *hm_buf_room(struct hm_buf *b, size_t n);
/* Empty again; the memory is kept. */
void hm_buf_clear(struct hm_buf *b);

static inline struct hm_str hm_buf_str(const struct hm_buf *b)
{
	return b->p ? (struct hm_str){ b->p, b->n } : (struct hm_str){ "", 0 };
}

/* HM_LIMIT, naming `what`, when something did not fit; else the bytes, which the buffer owns. */
HM_MUST hm_err hm_buf_end(struct hm_cx *cx, const struct hm_buf *b, const char *what,
			  struct hm_str *out);

#endif
