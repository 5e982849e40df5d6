/* SPDX-License-Identifier: Apache-2.0 */
/* Who has to go when there is too little memory, or when too many files or connections are open;
 * socket thread. */
#include "http/server/connection.h"

enum { VICTIMS = 16 /* at once */ };
enum { SHARE = 16 /* th part of the files */, SHARE_MIN = 8 };

static size_t sum_held_memory(const struct http_conn *c)
{
	size_t n = c->held;
	for (const struct http_exchange *x = c->exchanges; x; x = x->of_next)
		n += x->held + (http_exchange_is_away(x) ? 0 : x->work_held);
	return n;
}

static unsigned count_files(const struct http_conn *c)
{
	unsigned n = 0;
	for (const struct http_exchange *x = c->exchanges; x; x = x->of_next)
		n += x->file_counted;
	return n;
}

/* Is it the client's turn, and has it had time to show how fast it is? */
static bool had_its_turn(const struct http_conn *c, int64_t now)
{
	int64_t since = c->protocol->turn_since(c);
	return since >= 0 && now - since > GRACE_SECONDS * HM_SECOND;
}

struct http_conn *http_relief_idlest(const struct http_server *s)
{
	struct http_conn *found = NULL;
	int64_t longest = INT64_MAX;
	for (struct http_conn *c = s->conns; c; c = c->next) {
		int64_t since = c->protocol->idle_since(c);
		if (c->exchanges || since >= longest)
			continue;
		found = c;
		longest = since;
	}
	return found;
}

struct http_conn *http_relief_slowest(const struct http_server *s, size_t least,
				      const struct http_conn *but)
{
	struct http_conn *found = NULL;
	for (struct http_conn *c = s->conns; c; c = c->next)
		if (c != but && c->rate < SLOW_RATE && (!found || c->rate < found->rate) &&
		    sum_held_memory(c) >= least && had_its_turn(c, s->now))
			found = c;
	return found;
}

bool http_relief_memory(struct http_server *s, const struct http_conn *but)
{
	/* not all connections for each piece of a body: a client could order that work */
	for (int i = 0; i < VICTIMS && http_memory_is_over(s) && s->relief_failed != s->now; i++) {
		struct http_conn *slowest = http_relief_slowest(s, SMALL, but);
		if (!slowest)
			s->relief_failed = s->now;
		else
			http_conn_close(slowest);
		s->made_room += slowest != NULL;
	}
	return !http_memory_is_over(s);
}

/* A connection with more than its share of files gets no time to show how fast it is. */
static struct http_conn *find_most_files(const struct http_server *s, const struct http_conn *but)
{
	size_t share = s->files_max / SHARE < SHARE_MIN ? SHARE_MIN : s->files_max / SHARE;
	struct http_conn *found = NULL;
	unsigned most = 0;
	for (struct http_conn *c = s->conns; c; c = c->next) {
		unsigned files = count_files(c);
		bool goes = c != but && files && c->rate < SLOW_RATE &&
			    (files > share || had_its_turn(c, s->now));
		if (!goes || (found && (files < most || (files == most && c->rate >= found->rate))))
			continue;
		found = c;
		most = files;
	}
	return found;
}

/* All connections are searched only once, however many files a client asks for. */
static bool close_most_files(struct http_server *s, struct http_conn *but)
{
	struct http_conn *c = but->files_failed == s->now ? NULL : find_most_files(s, but);
	if (!c) {
		but->files_failed = s->now;
		return false;
	}
	s->made_room++;
	http_conn_close(c);
	return true;
}

bool http_relief_add_file(struct http_exchange *x)
{
	struct http_server *s = x->s;
	if (s->files >= s->files_max && !close_most_files(s, x->conn))
		return false;
	x->file_counted = true;
	s->files++;
	return true;
}
