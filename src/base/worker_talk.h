/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_talk.h - a worker that is asked again and again.
 *
 * A question is four bytes of length in little endian, then that many bytes. The reply is a record
 * (worker.h): one status byte (0, or an hm_code), then the answer, or the sentence of the fault.
 * The job ends when its parent closes the input. One thread asks at a time.
 */
#ifndef HM_BASE_WORKER_TALK_H
#define HM_BASE_WORKER_TALK_H

#include "base/secret.h"
#include "base/worker.h"

/* In the job: the next question, into memory of `cx`. *out_more: false where none comes any more.
 * HM_LIMIT: it is longer than `max`. */
HM_MUST hm_err hm_worker_hear(struct hm_cx *cx, int in, size_t max, struct hm_str *out,
			      bool *out_more);
/* Its reply: the fault, or else the answer (HM_RECORD_MAX - 1 bytes at the most). */
HM_MUST hm_err hm_worker_reply(struct hm_cx *cx, hm_err err, struct hm_str answer);

/* In the parent. The reply is untrusted bytes. A fault of the job's reply comes back as it is; a
 * worker that has ended instead is reaped, and its own fault is returned. HM_BUSY: the deadline has
 * passed; then the worker is of no use any more. */
HM_MUST hm_err hm_worker_ask(struct hm_cx *cx, struct hm_worker *w, struct hm_str question,
			     struct hm_str *out);
/* Its two halves, for who has something else to do between them: one reply to each question. */
HM_MUST hm_err hm_worker_question(struct hm_cx *cx, struct hm_worker *w, struct hm_str question);
HM_MUST hm_err hm_worker_heard(struct hm_cx *cx, struct hm_worker *w, struct hm_str *out);

#endif
