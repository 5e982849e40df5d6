/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - the structured log, and progress for people. Both go to standard error.
 *
 * Library code logs at HM_LOG_DEBUG only; commands and servers choose what to say. base/ itself
 * warns of what no command may forget: a worker without sandbox, a file of secrets that is open to
 * others. A line is an event in plain words and pairs of names and values:
 *
 *     hm_log(cx, HM_LOG_INFO, "admitted", "image", image, "ms", "12", NULL);
 *
 * Secrets never go into the log.
 */
#ifndef HM_BASE_LOG_H
#define HM_BASE_LOG_H

#include "base/str.h"

enum hm_log_level { HM_LOG_ERROR, HM_LOG_WARN, HM_LOG_INFO, HM_LOG_DEBUG };

struct hm_log_config {
	enum hm_log_level level;
	bool json;
	bool progress; /* bars: wanted, and standard error is a terminal */
	bool color;    /* of the level's name, as text */
};

/* Once, before threads. Without it: warnings and errors, as text. */
void hm_log_setup(struct hm_log_config config);
bool hm_log_on(enum hm_log_level level);
/* Names and values are C strings, in pairs, ended by NULL. `cx` (or NULL) gives the request id. */
void hm_log(const struct hm_cx *cx, enum hm_log_level level, const char *event, ...)
	__attribute__((sentinel));

/*
 * One bar for one piece of long work. Where bars are off all of these do nothing. Any thread may
 * add; drawing is limited to ten times a second and goes away at the end.
 */
struct hm_progress;
struct hm_progress *hm_progress_start(const char *what, uint64_t total); /* 0: unknown */
void hm_progress_add(struct hm_progress *p, uint64_t n);                 /* NULL is allowed */
void hm_progress_end(struct hm_progress *p);
static inline void hm_progress_end_ptr(struct hm_progress **p)
{
	hm_progress_end(*p);
}
#define HM_AUTO_PROGRESS HM_CLEANUP(hm_progress_end_ptr) struct hm_progress *

#endif
