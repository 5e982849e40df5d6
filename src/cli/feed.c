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

static bool has_news(const struct cli_feed_news *news)
{
	return news->pushes_n || news->lost;
}

bool cli_feed_wait(struct cli_feed *f, int64_t until, struct cli_feed_news **out)
{
	struct timespec at = { .tv_sec = until / HM_SECOND, .tv_nsec = until % HM_SECOND };
	int late = until < 0;
	pthread_mutex_lock(&f->lock);
	while (!f->is_ended && !has_news(f->news) && !late)
		late = until ? pthread_cond_timedwait(&f->wake, &f->lock, &at)
			     : pthread_cond_wait(&f->wake, &f->lock);
	bool goes_on = !f->is_ended;
	*out = f->news;
	f->news = f->spare;
	f->spare = *out;
	f->news->pushes_n = 0;
	f->news->lost = 0;
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
