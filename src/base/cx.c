/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cx.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "base/limits.h"
#include "base/poison.h"
#include "base/pool.h"
#include "base/secret.h"

/* The definitions, not what the analyzer is told of them. */
#undef hm_fail
#undef hm_fail_os
#undef hm_wrap
#undef hm_hint
#undef hm_fault_copy

struct hm_block {
	struct hm_block *next;
	size_t size;
	_Alignas(max_align_t) char room[];
};

/* Most contexts are small, and there may be thousands at once: the first block is, too. Little may
 * be locked (RLIMIT_MEMLOCK): secrets have smaller blocks. */
enum {
	FIRST_BLOCK_SIZE = 2048 - 16 - sizeof(struct hm_block),
	BLOCK_SIZE = 64 * 1024,
	SECRET_BLOCK_SIZE = 16 * 1024 - sizeof(struct hm_block)
};

/* clang-format off */
const struct hm_code_row hm_code_rows[HM_CODES] = {
	[0]         = { "ok",     200, "",              0 },
	[HM_INPUT]  = { "input",  400, "MANIFEST_INVALID", 1 },
	[HM_USAGE]  = { "usage",  400, "UNSUPPORTED",   2 },
	[HM_ABSENT] = { "absent", 404, "NAME_UNKNOWN",  1 },
	[HM_LIMIT]  = { "limit",  413, "SIZE_INVALID",  1 },
	[HM_TRUST]  = { "trust",  400, "DIGEST_INVALID", 1 },
	[HM_DENIED] = { "denied", 403, "DENIED",        1 },
	[HM_BUSY]   = { "busy",   503, "TOOMANYREQUESTS", 1 },
	[HM_SYSTEM] = { "system", 500, "UNKNOWN",       1 },
	[HM_FULL]   = { "full",   507, "UNKNOWN",       1 },
};

#define ROW(name, value, unit, what) { #name, unit, what, value },
const struct hm_limit_row hm_limit_rows[] = { HM_LIMITS(ROW) };
#undef ROW
/* clang-format on */
const size_t hm_limit_rows_n = HM_LEN(hm_limit_rows);

static void add_block(struct hm_cx *cx, size_t room)
{
	size_t least = cx->secret ? SECRET_BLOCK_SIZE : cx->blocks ? BLOCK_SIZE : FIRST_BLOCK_SIZE;
	size_t cap = room > least ? room : least, whole;
	if (__builtin_add_overflow(cap, sizeof(struct hm_block), &whole))
		abort();
	struct hm_block *block = cx->secret ? hm_secret_map(whole) : malloc(whole);
	if (!block)
		abort();
	block->next = cx->blocks;
	block->size = cap;
	cx->blocks = block;
	cx->cur = block->room;
	cx->end = block->room + cap;
	hm_poison(block->room, cap);
}

static void free_block(const struct hm_cx *cx, struct hm_block *block)
{
	hm_unpoison(block->room, block->size);
	if (cx->secret)
		hm_secret_unmap(block, block->size + sizeof(*block));
	else
		free(block);
}

void *hm_room(struct hm_cx *cx, size_t n, size_t align)
{
	size_t room;
	if (align < HM_POISON_ALIGN)
		align = HM_POISON_ALIGN;
	if (__builtin_add_overflow(n, align + HM_POISON_GAP, &room))
		abort();
	if (!cx->cur || (size_t)(cx->end - cx->cur) < room)
		add_block(cx, room);
	size_t pad = -(uintptr_t)cx->cur & (align - 1);
	void *p = cx->cur + pad;
	cx->cur += pad + n + HM_POISON_GAP;
	hm_unpoison(p, n);
	return p;
}

void *hm_alloc(struct hm_cx *cx, size_t n, size_t size, size_t align)
{
	size_t want;
	if (__builtin_mul_overflow(n, size, &want))
		abort();
	void *p = hm_room(cx, want, align);
	return want ? memset(p, 0, want) : p;
}

void hm_cx_done(struct hm_cx *cx)
{
	struct hm_block *next;
	for (struct hm_block *b = cx->blocks; b; b = next) {
		next = b->next;
		free_block(cx, b);
	}
	*cx = (struct hm_cx){ 0 };
}

struct hm_cx hm_cx_child(const struct hm_cx *cx, size_t budget)
{
	return (struct hm_cx){ .budget = budget,
			       .deadline = cx->deadline,
			       .cancel = cx->cancel,
			       .stop = cx->stop,
			       .request_id = cx->request_id,
			       .secret = cx->secret };
}

/* Behind the newest block, in which there is room left. */
void hm_cx_take(struct hm_cx *cx, struct hm_cx *from)
{
	struct hm_block **at = cx->blocks ? &cx->blocks->next : &cx->blocks;
	struct hm_block *rest = *at;
	if (cx->secret != from->secret)
		abort();
	*at = from->blocks;
	while (*at)
		at = &(*at)->next;
	*at = rest;
	from->blocks = NULL;
	hm_cx_done(from);
}

struct hm_mark hm_mark(struct hm_cx *cx)
{
	return (struct hm_mark){ cx->blocks, cx->cur };
}

void hm_release(struct hm_cx *cx, struct hm_mark mark)
{
	char *used = cx->blocks == mark.block ? cx->cur : NULL; /* else to the block's end */
	while (cx->blocks != mark.block) {
		struct hm_block *b = cx->blocks;
		cx->blocks = b->next;
		free_block(cx, b);
	}
	cx->cur = mark.cur;
	cx->end = cx->blocks ? cx->blocks->room + cx->blocks->size : NULL;
	if (!cx->cur)
		return;
	if (cx->secret) {
		hm_unpoison(cx->cur, (size_t)(cx->end - cx->cur));
		hm_wipe(cx->cur, (size_t)((used ? used : cx->end) - cx->cur));
	}
	hm_poison(cx->cur, (size_t)(cx->end - cx->cur));
}

HM_PRINTF(4, 0)
static struct hm_fault *make_fault(struct hm_cx *cx, enum hm_code code, const char *cause,
				   const char *fmt, va_list ap)
{
	size_t head = hm_fmt_put(NULL, 0, HM_FMT_SENTENCE, fmt, ap);
	size_t tail = cause ? strlen(cause) + 2 : 0;
	char *why = hm_new(cx, char, head + tail + 1);
	hm_fmt_put(why, head, HM_FMT_SENTENCE, fmt, ap);
	if (cause) {
		memcpy(why + head, ": ", 2);
		memcpy(why + head + 2, cause, tail - 1);
	}
	struct hm_fault *fault = hm_new(cx, struct hm_fault, 1);
	*fault = (struct hm_fault){ .code = code, .why = why };
	return fault;
}

hm_err hm_fail(struct hm_cx *cx, enum hm_code code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	hm_err err = make_fault(cx, code, NULL, fmt, ap);
	va_end(ap);
	return err;
}

hm_err hm_fail_os(struct hm_cx *cx, const char *fmt, ...)
{
	char text[128];
	enum hm_code code = errno == ENOSPC || errno == EDQUOT ? HM_FULL : HM_SYSTEM;
	const char *cause = strerror_r(errno, text, sizeof(text));
	va_list ap;
	va_start(ap, fmt);
	hm_err err = make_fault(cx, code, cause, fmt, ap);
	va_end(ap);
	return err;
}

static const char *copy_text(struct hm_cx *to, const char *z)
{
	if (!z)
		return NULL;
	size_t n = strlen(z) + 1;
	return memcpy(hm_new(to, char, n), z, n);
}

hm_err hm_fault_copy(struct hm_cx *to, hm_err err)
{
	const struct hm_fault *first = NULL, **place = &first;
	for (; err; err = err->cause) {
		struct hm_fault *f = hm_new(to, struct hm_fault, 1);
		f->code = err->code;
		f->why = copy_text(to, err->why);
		f->hint = copy_text(to, err->hint);
		*place = f;
		place = &f->cause;
	}
	return first;
}

hm_err hm_wrap(struct hm_cx *cx, hm_err err, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct hm_fault *outer = make_fault(cx, err->code, err->why, fmt, ap);
	va_end(ap);
	hm_err cause = hm_fault_copy(cx, err); /* it may be of another cx, which ends before */
	/* "a: b", wrapped in "a" again, says nothing more */
	size_t context = strlen(outer->why) - strlen(err->why);
	if (strncmp(outer->why, err->why, context) == 0)
		return cause;
	outer->hint = cause->hint;
	outer->cause = cause;
	return outer;
}

hm_err hm_hint(struct hm_cx *cx, hm_err err, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const struct hm_fault *words = make_fault(cx, err->code, NULL, fmt, ap);
	va_end(ap);
	struct hm_fault *f = hm_new(cx, struct hm_fault, 1);
	*f = *hm_fault_copy(cx, err);
	f->hint = words->why;
	return f;
}

hm_err hm_charge(struct hm_cx *cx, size_t bytes)
{
	if (bytes > cx->budget)
		return hm_fail(cx, HM_LIMIT, "the input needs more memory than it may use");
	cx->budget -= bytes;
	return NULL;
}

static bool is_set(const atomic_bool *flag)
{
	return flag && atomic_load_explicit(flag, memory_order_relaxed);
}

hm_err hm_alive(struct hm_cx *cx)
{
	if (is_set(cx->cancel) || is_set(cx->stop))
		return hm_fail(cx, HM_BUSY, "the work was cancelled");
	if (cx->deadline && hm_mono() > cx->deadline)
		return hm_fail(cx, HM_BUSY, "the deadline has passed");
	return NULL;
}
