/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - time. Wall time is seconds since 1970-01-01 UTC; monotonic time is nanoseconds.
 */
#ifndef HM_BASE_CLOCK_H
#define HM_BASE_CLOCK_H

#include "base/str.h"

#define HM_SECOND INT64_C(1000000000)

int64_t hm_mono(void);
int64_t hm_now(void);
/* Wait so many nanoseconds, in small steps. HM_BUSY: cancelled, or the deadline has passed. */
HM_MUST hm_err hm_pause(struct hm_cx *cx, int64_t ns);
/* $SOURCE_DATE_EPOCH, where it is set and valid: returns true and writes *out. */
bool hm_source_date_epoch(int64_t *out);
/* RFC 3339 in UTC: "2026-01-31T12:00:00Z". */
struct hm_str hm_rfc3339(struct hm_cx *cx, int64_t when);
/* RFC 3339 with any offset; fractions of a second are cut off. HM_INPUT. */
HM_MUST hm_err hm_rfc3339_parse(struct hm_cx *cx, struct hm_str s, int64_t *out);
/* Seconds of a UTC date (proleptic Gregorian); months and days count from 1. */
int64_t hm_utc(int year, int month, int day, int hour, int minute, int second);
/* A duration as Go writes it: "720h", "1h30m", "45s", "500ms"; in nanoseconds. HM_INPUT. */
HM_MUST hm_err hm_duration(struct hm_cx *cx, struct hm_str s, int64_t *out_ns);

#endif
