/* SPDX-License-Identifier: Apache-2.0 */
/* The states of an exchange: each step that there is, and the end of the program for each other. */
#include "unit.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/server/exchange.h"

static const char *const names[EXCHANGE_STATES] = { "head",    "collecting", "fast",     "queued",
						    "running", "done",       "answering" };

static const struct step {
	const char *label;
	enum exchange_state from, to;
} steps[] = {
	{ "its body is still coming", EXCHANGE_HEAD, EXCHANGE_COLLECTING },
	{ "its route has a fast handler", EXCHANGE_HEAD, EXCHANGE_FAST },
	{ "its route has none", EXCHANGE_HEAD, EXCHANGE_QUEUED },
	{ "there is no such route", EXCHANGE_HEAD, EXCHANGE_ANSWERING },
	{ "the body is whole, for a fast handler", EXCHANGE_COLLECTING, EXCHANGE_FAST },
	{ "the body is whole, or large", EXCHANGE_COLLECTING, EXCHANGE_QUEUED },
	{ "the body came too slowly", EXCHANGE_COLLECTING, EXCHANGE_ANSWERING },
	{ "the fast handler did not know", EXCHANGE_FAST, EXCHANGE_QUEUED },
	{ "the fast handler answered", EXCHANGE_FAST, EXCHANGE_ANSWERING },
	{ "a worker takes it", EXCHANGE_QUEUED, EXCHANGE_RUNNING },
	{ "the queue is full", EXCHANGE_QUEUED, EXCHANGE_ANSWERING },
	{ "the worker lets go of it", EXCHANGE_RUNNING, EXCHANGE_DONE },
	{ "the socket thread has heard of it", EXCHANGE_DONE, EXCHANGE_ANSWERING },
};

static bool is_step(enum exchange_state from, enum exchange_state to)
{
	for (size_t i = 0; i < HM_LEN(steps); i++)
		if (steps[i].from == from && steps[i].to == to)
			return true;
	return false;
}

/* In a process of its own, for it may end there. */
static bool may_move(enum exchange_state from, enum exchange_state to)
{
	struct rlimit none = { 0 };
	int status;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct http_exchange x = { .state = from };
		signal(SIGABRT, SIG_DFL);
		setrlimit(RLIMIT_CORE, &none);
		http_exchange_move(&x, to);
		_exit(x.state == to ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status)) {
		assert_int_equal(WEXITSTATUS(status), 0);
		return true;
	}
	assert_int_equal(WTERMSIG(status), SIGABRT);
	return false;
}

static void follows_only_where_it_may(void **state)
{
	(void)state;
	for (unsigned from = 0; from < EXCHANGE_STATES; from++)
		for (unsigned to = 0; to < EXCHANGE_STATES; to++)
			if (may_move(from, to) != is_step(from, to))
				fail_msg("%s to %s", names[from], names[to]);
}

static void is_away_until_it_is_heard_of(void **state)
{
	(void)state;
	for (unsigned i = 0; i < EXCHANGE_STATES; i++) {
		struct http_exchange x = { .state = i };
		bool away = i == EXCHANGE_QUEUED || i == EXCHANGE_RUNNING || i == EXCHANGE_DONE;
		assert_int_equal(http_exchange_is_away(&x), away);
	}
}

int main(void)
{
	UNIT(follows_only_where_it_may);
	UNIT(is_away_until_it_is_heard_of);
	return unit_run("http/server/exchange");
}
