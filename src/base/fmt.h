/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fmt.h - the formatter under hm_fmt(), hm_buf_fmt(), hm_say() and hm_fail().
 *
 * It reads printf(3)'s formats, so that the compiler checks the arguments, and differs in one
 * thing: "%.*s" takes a slice (HM_FMT), not a C string with a maximum. All bytes of the slice are
 * written, NUL included; libc would stop at the first. So the C library's own functions are never
 * given a slice (tools/lint looks for that).
 *
 * Data is exact. A sentence is for people: its texts cannot steer a terminal, and a slice that is
 * too long for a sentence is cut, visibly.
 */
#ifndef HM_BASE_FMT_H
#define HM_BASE_FMT_H

#include <stdarg.h>

#include "base/cx.h"

enum hm_fmt_for {
	HM_FMT_DATA,
	/* Control characters, NUL among them, and bytes that are not UTF-8 are shown as "\xNN"; of
	 * a slice HM_SENTENCE_SLICE bytes are shown, then "...". There is no NUL in a sentence. */
	HM_FMT_SENTENCE,
};
enum { HM_SENTENCE_SLICE = 4096 };

/* Format into `size` bytes of `room`: what fits is written, without a NUL behind it. Returns how
 * many bytes all of it has. */
size_t hm_fmt_put(char *room, size_t size, enum hm_fmt_for reader, const char *fmt, va_list ap)
	HM_PRINTF(4, 0);

#endif
