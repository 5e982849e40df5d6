/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/feed.h"

struct cli_feed *cli_feed_open(struct hm_cx *cx)
{
	struct cli_feed *f = hm_new(cx, struct cli_feed, 1);
	pthread_condattr_t monotonic;
	pthread_mutex_init(&f->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&f->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	f->news = hm_new(cx, struct cli_feed_news, 1);
	f->spare = hm_new(cx, struct cli_feed_news, 1);
	return f;
}

void cli_feed_done(struct cli_feed *f)
{
	if (!f)
		return;
	pthread_cond_destroy(&f->wake);
	pthread_mutex_destroy(&f->lock);
}

/* What is too long for its room names nothing that there could be. */
static bool keep_text(char *to, size_t room, struct hm_str text)
{
	if (text.n >= room)
		return false;
	if (text.n)
		memcpy(to, text.p, text.n);
	to[text.n] = '\0';
	return true;
}

static bool keep_push(struct cli_feed_news *news, const struct oci_registry_push *p,
		      struct hm_str tag)
{
	struct cli_feed_push one;
	if (news->pushes_n == CLI_FEED_PUSHES ||
	    !keep_text(one.repository, sizeof(one.repository), p->repository) ||
	    !keep_text(one.digest, sizeof(one.digest), p->digest) ||
	    !keep_text(one.tag, sizeof(one.tag), tag))
		return false;
	news->pushes[news->pushes_n++] = one;
	return true;
}

void cli_feed_push(void *arg, const struct oci_registry_push *push)
{
	struct cli_feed *f = arg;
	size_t n = push->tags ? push->tags->n : 0;
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < (n ? n : 1); i++) {
		if (keep_push(f->news, push, n ? push->tags->p[i] : HM_STR("")))
			continue;
		f->news->lost++;
		atomic_fetch_add(&f->lost, 1);
	}
	pthread_cond_signal(&f->wake);
	pthread_mutex_unlock(&f->lock);
}

/* ------------------------------------------------------------------ decisions */

/* The beginning of what is too long, which ends with a whole character. */
static void keep_beginning(char *to, size_t room, struct hm_str text)
{
	size_t n = text.n < room ? text.n : room - 1;
	while (n < text.n && n && ((uint8_t)text.p[n] & 0xc0) == 0x80)
		n--;
	if (n)
		memcpy(to, text.p, n);
	to[n] = '\0';
}

static bool is_same(const struct cli_feed_decision *a, const struct cli_feed_decision *b)
{
	return a->hash == b->hash && a->admitted == b->admitted && a->unknown == b->unknown &&
	       strcmp(a->image, b->image) == 0 && strcmp(a->digest, b->digest) == 0 &&
	       strcmp(a->namespace, b->namespace) == 0 && strcmp(a->workload, b->workload) == 0 &&
	       strcmp(a->policy, b->policy) == 0 && strcmp(a->revision, b->revision) == 0 &&
	       strcmp(a->why, b->why) == 0;
}

/* The lock is held. */
static void add_decision(struct cli_feed *f, const struct cli_feed_decision *d)
{
	struct cli_feed_news *news = f->news;
	for (size_t i = 0; i < news->decisions_n; i++) {
		struct cli_feed_decision *there = &news->decisions[i];
		if (!is_same(there, d))
			continue;
		there->times += d->times;
		there->first = there->first < d->first ? there->first : d->first;
		there->last = there->last > d->last ? there->last : d->last;
		return;
	}
	if (news->decisions_n == CLI_FEED_DECISIONS) {
		atomic_fetch_add(&f->unheard, d->times);
		return;
	}
	news->decisions[news->decisions_n++] = *d;
	if (news->decisions_n == 1)
		pthread_cond_signal(&f->wake);
}

void cli_feed_again(struct cli_feed *f, const struct cli_feed_decision *d)
{
	pthread_mutex_lock(&f->lock);
	add_decision(f, d);
	pthread_mutex_unlock(&f->lock);
}

static uint64_t hash_decision(const struct gate_decision *d)
{
	const struct hm_str parts[] = { d->image,  d->digest,   d->namespace, d->workload,
					d->policy, d->revision, d->why };
	uint64_t h = d->admitted;
	for (size_t i = 0; i < HM_LEN(parts); i++)
		h = h * 31 + hm_hash(parts[i]);
	return h;
}

void cli_feed_decided(void *arg, const struct gate_decision *d)
{
	struct cli_feed *f = arg;
	struct cli_feed_decision one = {
		.hash = hash_decision(d), .times = 1, .admitted = d->admitted, .unknown = d->unknown
	};
	one.first = one.last = hm_now();
	keep_beginning(one.image, sizeof(one.image), d->image);
	keep_beginning(one.digest, sizeof(one.digest), d->digest);
	keep_beginning(one.namespace, sizeof(one.namespace), d->namespace);
	keep_beginning(one.workload, sizeof(one.workload), d->workload);
	keep_beginning(one.policy, sizeof(one.policy), d->policy);
	keep_beginning(one.revision, sizeof(one.revision), d->revision);
	keep_beginning(one.why, sizeof(one.why), d->why);
	atomic_fetch_add(&f->decided, 1);
	cli_feed_again(f, &one);
}

/* ------------------------------------------------------------------ who hears */

/* When there is something: at once (0), later, or not before somebody tells (INT64_MAX). */
static int64_t when_news(const struct cli_feed *f)
{
	if (f->news->pushes_n || f->news->lost)
		return 0;
	return f->news->decisions_n ? f->decisions_due : INT64_MAX;
}

/* The lock is held: until there are news, or it is ended, or the time is over. */
static void wait_for_news(struct cli_feed *f, int64_t until)
{
	for (;;) {
		int64_t now = hm_mono(), when = when_news(f);
		if (f->is_ended || when <= now || (until && until <= now))
			return;
		if (until && until < when)
			when = until;
		struct timespec at = { .tv_sec = when / HM_SECOND, .tv_nsec = when % HM_SECOND };
		if (when == INT64_MAX)
			pthread_cond_wait(&f->wake, &f->lock);
		else
			pthread_cond_timedwait(&f->wake, &f->lock, &at);
	}
}

bool cli_feed_wait(struct cli_feed *f, int64_t until, struct cli_feed_news **out)
{
	pthread_mutex_lock(&f->lock);
	wait_for_news(f, until);
	bool goes_on = !f->is_ended;
	*out = f->news;
	f->news = f->spare;
	f->spare = *out;
	f->news->pushes_n = f->news->decisions_n = 0;
	f->news->lost = 0;
	if ((*out)->decisions_n)
		f->decisions_due = hm_mono() + HM_SECOND;
	pthread_mutex_unlock(&f->lock);
	return goes_on;
}

void cli_feed_end(struct cli_feed *f)
{
	pthread_mutex_lock(&f->lock);
	f->is_ended = true;
	pthread_cond_broadcast(&f->wake);
	pthread_mutex_unlock(&f->lock);
}
