/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cx.h - the context of one request, command or worker: memory, budget, deadline, faults.
 *
 * A cx is the first parameter of everything that allocates or fails. What is allocated in it
 * lives until hm_cx_done(); nothing is freed one by one. Allocation never returns NULL: a machine
 * out of memory aborts. Input from outside cannot get there, because every size that it chooses
 * is charged to the budget first, with hm_charge(), which fails with HM_LIMIT.
 *
 * A cx belongs to one thread at a time. A thread that works for another gets a cx of its own
 * (hm_cx_child) and the results are copied over.
 *
 * A function that can fail returns hm_err: NULL is success; else a fault that carries a code (what
 * a caller may do) and a sentence (what people read). Outputs come last, are named out_, and are
 * written only on success. "Not found" that is normal is an output, not a fault.
 *
 * Sentences are lower case, without a full stop, names in double quotes; "could not" for what may
 * work later, "cannot" for what never will; no function names.
 */
#ifndef HM_BASE_CX_H
#define HM_BASE_CX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HM_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define HM_MUST         __attribute__((warn_unused_result))
#define HM_NEVER_NULL   __attribute__((returns_nonnull))
#define HM_CLEANUP(f)   __attribute__((cleanup(f)))
#define HM_LEN(a)       (sizeof(a) / sizeof(*(a)))

/* Why something did not happen: what a caller may do about it. hm_code_rows[] maps each to
 * words. */
enum hm_code {
	HM_INPUT = 1, /* the bytes are not what they should be: reject them */
	HM_USAGE,     /* the caller asked for something that makes no sense: exit 2 */
	HM_ABSENT,    /* there is no such thing: 404 */
	HM_LIMIT,     /* more than a named limit or the budget allows: 413 */
	HM_TRUST,     /* a check of identity or integrity failed: never use the bytes */
	HM_DENIED,    /* the peer or a policy says no: 401, 403 */
	HM_BUSY,      /* throttled, timed out, cancelled: "unknown, retry", never "no" */
	HM_SYSTEM,    /* the machine or a peer failed us */
	HM_FULL,      /* no room, here or at a peer: 507, and trying again does not help */
	HM_CODES
};

/* One row a code: the only place where codes become statuses. */
struct hm_code_row {
	const char *name;     /* for JSON: "input", "absent", ... */
	int http;             /* HTTP status of a server's answer */
	const char *oci_code; /* code in an OCI distribution error body */
	int exit;             /* exit status of a command */
};
extern const struct hm_code_row hm_code_rows[HM_CODES];

struct hm_fault {
	enum hm_code code;
	const char *why;              /* the whole sentence, causes included: "a: b: c" */
	const char *hint;             /* what to do next, or NULL */
	const struct hm_fault *cause; /* what was wrapped, or NULL */
};

/* NULL is success. A fault lives as long as the cx that it was made with. */
typedef const struct hm_fault *hm_err;

#define HM_TRY(expr)                \
	do {                        \
		hm_err e_ = (expr); \
		if (e_)             \
			return e_;  \
	} while (0)

/* As HM_TRY, with "context: " put before the sentence. */
#define HM_TRY_IN(cx, expr, ...)                             \
	do {                                                 \
		hm_err e_ = (expr);                          \
		if (e_)                                      \
			return hm_wrap(cx, e_, __VA_ARGS__); \
	} while (0)

struct hm_cx {
	struct hm_block *blocks;   /* newest first */
	char *cur, *end;           /* room left in the newest block */
	size_t budget;             /* bytes that input may still ask for */
	int64_t deadline;          /* monotonic nanoseconds; 0: none */
	const atomic_bool *cancel; /* set by somebody else to end this work; or NULL */
	const atomic_bool
		*stop; /* the same, by whoever waits for this task of theirs (pool.h); or NULL */
	const char *request_id; /* goes into every log line; or NULL */
	bool secret;            /* its memory is locked, and wiped when given back: secret.h */
};

/* A cx with `budget` bytes and no deadline. */
#define HM_CX(bytes) ((struct hm_cx){ .budget = (bytes) })
#define HM_AUTO_CX   HM_CLEANUP(hm_cx_done) struct hm_cx

void hm_cx_done(struct hm_cx *cx);
/* A fresh cx for another thread: same deadline, cancellation, request id and kind of memory,
 * `budget` of its own. */
struct hm_cx hm_cx_child(const struct hm_cx *cx, size_t budget);

/* Zeroed room for n objects; aborts when the machine has none. */
void *hm_alloc(struct hm_cx *cx, size_t n, size_t size, size_t align) HM_NEVER_NULL;
#define hm_new(cx, type, n) ((type *)hm_alloc((cx), (n), sizeof(type), _Alignof(type)))

/* Room for n bytes that the caller fills at once: what is in it is anything. */
void *hm_room(struct hm_cx *cx, size_t n, size_t align) HM_NEVER_NULL;

/* Take `bytes` from the budget. HM_LIMIT: there are not that many left. */
HM_MUST hm_err hm_charge(struct hm_cx *cx, size_t bytes);
/* HM_BUSY: the deadline has passed or the work was cancelled. Call it in every long loop. */
HM_MUST hm_err hm_alive(struct hm_cx *cx);

/* All memory allocated since hm_mark() is given back by hm_release(); marks nest. */
struct hm_mark {
	struct hm_block *block;
	char *cur;
};
struct hm_mark hm_mark(struct hm_cx *cx);
void hm_release(struct hm_cx *cx, struct hm_mark mark);

/* Sentences are made by fmt.h: texts in them are shown with control characters escaped, and slices
 * that are too long for a sentence are cut. */
HM_MUST HM_NEVER_NULL hm_err hm_fail(struct hm_cx *cx, enum hm_code code, const char *fmt, ...)
	HM_PRINTF(3, 4);
/* HM_SYSTEM (HM_FULL where there is no room) with the words of errno behind the sentence. */
HM_MUST HM_NEVER_NULL hm_err hm_fail_os(struct hm_cx *cx, const char *fmt, ...) HM_PRINTF(2, 3);
/* The same code, "sentence: cause"; the cause alone where it begins so. Its cx may end before. */
HM_MUST HM_NEVER_NULL hm_err hm_wrap(struct hm_cx *cx, hm_err err, const char *fmt, ...)
	HM_PRINTF(3, 4);
/* The same fault with advice: what to do next. */
HM_MUST HM_NEVER_NULL hm_err hm_hint(struct hm_cx *cx, hm_err err, const char *fmt, ...)
	HM_PRINTF(3, 4);
/* The same fault in memory of `to`, for results that outlive the cx they were made with. */
HM_MUST hm_err hm_fault_copy(struct hm_cx *to, hm_err err);

/* Clang's analyzer does not know returns_nonnull. */
#ifdef __clang_analyzer__
static inline hm_err hm_fault_is(hm_err err)
{
	if (!err)
		__builtin_unreachable();
	return err;
}
static inline hm_err hm_fault_like(hm_err copy, hm_err err)
{
	if (!copy != !err)
		__builtin_unreachable();
	return copy;
}
#define hm_fail(...)           hm_fault_is(hm_fail(__VA_ARGS__))
#define hm_fail_os(...)        hm_fault_is(hm_fail_os(__VA_ARGS__))
#define hm_wrap(...)           hm_fault_is(hm_wrap(__VA_ARGS__))
#define hm_hint(...)           hm_fault_is(hm_hint(__VA_ARGS__))
#define hm_fault_copy(to, err) hm_fault_like(hm_fault_copy(to, err), err)
#endif

#endif
