/* SPDX-License-Identifier: Apache-2.0 */
/* What requests hold, counted; any thread. */
#include <malloc.h>
#include <unistd.h>

#include "http/server/server.h"

enum { WAIT_MS = 1000, WAIT_STEP_US = 5000 };
static const size_t TRIM_FROM = 16 * HM_MIB;

void http_memory_set(struct http_server *s, size_t *held, size_t now)
{
	if (now > *held)
		atomic_fetch_add(&s->memory->held, now - *held);
	else
		atomic_fetch_sub(&s->memory->held, *held - now);
	*held = now;
}

bool http_memory_is_over(const struct http_server *s)
{
	return atomic_load_explicit(&s->memory->held, memory_order_relaxed) > s->memory->max;
}

static bool take_memory(struct http_memory *m, size_t n)
{
	size_t held = atomic_load(&m->held);
	do {
		if (held > m->max || n > m->max - held)
			return false;
	} while (!atomic_compare_exchange_weak(&m->held, &held, held + n));
	return true;
}

hm_err http_memory_take(struct hm_cx *cx, struct http_server *s, bool waits, size_t n, size_t *held)
{
	struct http_memory *m = s->memory;
	int64_t until = hm_mono() + WAIT_MS * (HM_SECOND / 1000);
	if (n > m->max)
		return hm_fail(cx, HM_LIMIT,
			       "the request needs more memory than the server has for all");
	while (!take_memory(m, n)) {
		HM_TRY(hm_alive(cx));
		if (!waits || hm_mono() > until)
			return hm_fail(cx, HM_BUSY, "other requests use all available memory");
		usleep(WAIT_STEP_US);
	}
	*held += n;
	return NULL;
}

void http_files_wait(struct http_server *s)
{
	int64_t until = hm_mono() + WAIT_MS * (HM_SECOND / 1000);
	while (atomic_load(&s->files_coming) > s->files_max / 2 && hm_mono() < until)
		usleep(WAIT_STEP_US);
	atomic_fetch_add(&s->files_coming, 1);
}

void http_memory_tick(struct http_server *s)
{
	size_t held = atomic_load(&s->memory->held);
	if (held > s->most_held)
		s->most_held = held;
	if (s->most_held < TRIM_FROM || held > s->most_held / 2)
		return;
	s->most_held = held;
	malloc_trim(0);
}
