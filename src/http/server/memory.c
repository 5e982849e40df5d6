/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>
#include <unistd.h>

#include "http/server/server.h"

enum { VICTIMS = 16 /* at once */, WAIT_MS = 1000, WAIT_STEP_US = 5000 };
enum { SHARE = 16 /* th part of the files */, SHARE_MIN = 8 };
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

static bool take(struct http_memory *m, size_t n)
{
	size_t held = atomic_load(&m->held);
	do {
		if (held > m->max || n > m->max - held)
			return false;
	} while (!atomic_compare_exchange_weak(&m->held, &held, held + n));
	return true;
}

hm_err http_memory_take(struct hm_cx *cx, struct http_exchange *x, size_t n)
{
	struct http_memory *m = x->s->memory;
	int64_t until = hm_mono() + WAIT_MS * (HM_SECOND / 1000);
	if (n > m->max)
		return hm_fail(cx, HM_LIMIT,
			       "the request needs more memory than the server has for all");
	while (!take(m, n)) {
		HM_TRY(hm_alive(cx));
		if (x->state == EXCHANGE_FAST || hm_mono() > until)
			return hm_fail(cx, HM_BUSY, "other requests use all the memory there is");
		usleep(WAIT_STEP_US);
	}
	x->work_held += n;
	return NULL;
}

/* ---- who has to go */

static size_t held_by(const struct http_conn *c)
{
	size_t n = c->held + (c->x ? c->x->held : 0);
	if (c->x && !http_exchange_is_away(c->x))
		n += c->x->work_held;
	for (const struct http_exchange *x = c->streams; x; x = x->stream_next)
		n += x->held;
	return n;
}

/* Is it the client's turn, and has it had time to show how fast it is? */
static bool had_its_turn(const struct http_conn *c, int64_t now)
{
	int64_t began = c->born;
	bool turn = false;
	switch (c->state) {
	case CONN_HANDSHAKE:
	case CONN_HEAD:
	case CONN_LINGER:
		return now - c->since > GRACE_SECONDS * HM_SECOND;
	case CONN_WAIT:
		return false;
	case CONN_BODY:
		turn = !c->x->paused;
		began = c->x->began;
		break;
	case CONN_WRITE:
		turn = c->blocked;
		began = c->x->began;
		break;
	case CONN_H2:
		turn = true;
		for (const struct http_exchange *x = c->streams; x; x = x->stream_next)
			began = x == c->streams || x->began < began ? x->began : began;
		break;
	}
	return turn && now - began > GRACE_SECONDS * HM_SECOND;
}

struct http_conn *http_conn_slowest(const struct http_server *s, size_t least,
				    const struct http_conn *but)
{
	struct http_conn *found = NULL;
	for (struct http_conn *c = s->conns; c; c = c->next)
		if (c != but && c->rate < SLOW_RATE && (!found || c->rate < found->rate) &&
		    held_by(c) >= least && had_its_turn(c, s->now))
			found = c;
	return found;
}

bool http_memory_relieve(struct http_server *s, const struct http_conn *but)
{
	/* looking at all connections for each piece of a body would be work that a client can order
	 */
	for (int i = 0; i < VICTIMS && http_memory_is_over(s) && s->relief_failed != s->now; i++) {
		struct http_conn *slowest = http_conn_slowest(s, SMALL, but);
		if (!slowest)
			s->relief_failed = s->now;
		else
			http_conn_close(slowest);
		s->made_room += slowest != NULL;
	}
	return !http_memory_is_over(s);
}

/* Who has more than a share of them gets no time to show how fast it is. */
static struct http_conn *most_files(const struct http_server *s, const struct http_conn *but)
{
	size_t share = s->files_max / SHARE < SHARE_MIN ? SHARE_MIN : s->files_max / SHARE;
	struct http_conn *found = NULL;
	for (struct http_conn *c = s->conns; c; c = c->next) {
		bool goes = c != but && c->files && c->rate < SLOW_RATE &&
			    (c->files > share || had_its_turn(c, s->now));
		if (goes && (!found || c->files > found->files ||
			     (c->files == found->files && c->rate < found->rate)))
			found = c;
	}
	return found;
}

/* One that asks for many at once has all connections looked at once. */
static bool relieve_files(struct http_server *s, struct http_conn *but)
{
	struct http_conn *c = but->files_failed == s->now ? NULL : most_files(s, but);
	if (!c) {
		but->files_failed = s->now;
		return false;
	}
	s->made_room++;
	http_conn_close(c);
	return true;
}

void http_files_come(struct http_exchange *x)
{
	struct http_server *s = x->s;
	int64_t until = hm_mono() + WAIT_MS * (HM_SECOND / 1000);
	while (atomic_load(&s->files_coming) > s->files_max / 2 && hm_mono() < until)
		usleep(WAIT_STEP_US);
	atomic_fetch_add(&s->files_coming, 1);
	x->file_coming = true;
}

bool http_files_add(struct http_exchange *x)
{
	struct http_server *s = x->s;
	if (s->files >= s->files_max && !relieve_files(s, x->conn))
		return false;
	x->file_counted = true;
	x->conn->files++;
	s->files++;
	return true;
}

void http_files_drop(struct http_exchange *x)
{
	if (!x->file_counted)
		return;
	x->file_counted = false;
	x->conn->files--;
	x->s->files--;
}

/* ---- what is over */

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
