/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox.h - private to base/: what a worker gives up before it reads a byte. */
#ifndef HM_BASE_SANDBOX_H
#define HM_BASE_SANDBOX_H

#include "base/cx.h"

/* Sanitizers need more address space, and standard error to report on. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HM_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HM_SANITIZED 1
#endif
#endif
#ifndef HM_SANITIZED
#define HM_SANITIZED 0
#endif

/* Give up, for good: standard error, new files and descriptors, signals to others, the file system
 * (Landlock), the network, all but a short list of system calls (seccomp), memory past `memory`
 * more bytes, processor time past HM_MAX_WORKER_SECONDS. Who keeps secrets may lock memory, and
 * have itself left out of core dumps. HM_SYSTEM names what this kernel lacks. */
HM_MUST hm_err hm_sandbox_enter(struct hm_cx *cx, uint64_t memory, bool keeps_secrets);
/* The same, made ready in a process whose copies will each enter it: the work that is the same for
 * all of them is done once. */
struct hm_sandbox {
	struct sock_filter *filter;  /* in the arena */
	size_t filter_n, process_at; /* where the filter names the process that it is for */
	uint64_t space;              /* address space in use */
};
HM_MUST hm_err hm_sandbox_prepare(struct hm_cx *cx, bool keeps_secrets, struct hm_sandbox *out);
HM_MUST hm_err hm_sandbox_enter_prepared(struct hm_cx *cx, uint64_t memory,
					 const struct hm_sandbox *s);
/* Memory and time limits alone, for --no-sandbox. */
HM_MUST hm_err hm_sandbox_limits(struct hm_cx *cx, uint64_t memory);
/* No core dumps; nothing else. */
HM_MUST hm_err hm_sandbox_no_dump(struct hm_cx *cx);

#endif
