/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the nouns in the tables. */
#include "graph/known.h"

#include "unit.h"

static struct graph_name name_of(const struct graph_known *k, unsigned i)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "n%u", i);
	/* one hash for all: the other one tells them apart */
	return graph_known_name(k, 7, 1, hm_bytes(text, (size_t)n));
}

static void knows_what_was_put(void **state)
{
	(void)state;
	enum { MANY = 20000 };
	struct graph_known k;
	graph_known_init(&k);
	assert_int_equal(graph_known_get(&k, name_of(&k, 0)), 0);
	graph_known_begin(&k, 0, 0);
	for (unsigned i = 0; i < MANY; i++)
		graph_known_put(&k, name_of(&k, i), (int64_t)i + 1);
	graph_known_put(&k, name_of(&k, 5), 6); /* again */
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(graph_known_get(&k, name_of(&k, i)), i + 1);
	assert_int_equal(graph_known_get(&k, name_of(&k, MANY)), 0);
	assert_true(k.is_all);
	graph_known_forget(&k);
	assert_int_equal(graph_known_get(&k, name_of(&k, 5)), 0);
	assert_false(k.is_all);
	graph_known_done(&k);
}

static const struct begin_case {
	const char *label;
	int64_t epoch, last;
	bool is_known, is_all;
} begins[] = {
	{ "nobody else has written", 0, 2, true, true },
	{ "somebody has", 0, 3, true, false },
	{ "something was undone", 0, 1, false, false },
	{ "a backup took its place", 1, 2, false, false },
	{ "an empty one did", 1, 0, false, true },
};

static void at_the_next_transaction(void **state)
{
	const struct begin_case *t = *state;
	struct graph_known k;
	graph_known_init(&k);
	graph_known_begin(&k, 0, 0);
	graph_known_put(&k, name_of(&k, 1), 1);
	graph_known_put(&k, name_of(&k, 2), 2);
	graph_known_begin(&k, t->epoch, t->last);
	assert_int_equal(graph_known_get(&k, name_of(&k, 1)), t->is_known ? 1 : 0);
	assert_int_equal(k.is_all, t->is_all);
	graph_known_done(&k);
}

/* It is emptied before it grows beyond its measure. */
static void has_a_measure(void **state)
{
	(void)state;
	struct graph_known k;
	graph_known_init(&k);
	graph_known_begin(&k, 0, 0);
	for (unsigned i = 0; k.is_all && i < 2000000; i++)
		graph_known_put(&k, name_of(&k, i), (int64_t)i + 1);
	assert_false(k.is_all);
	assert_true(k.size <= 1024 * 1024);
	assert_int_equal(k.n, 1);
	graph_known_done(&k);
}

int main(void)
{
	UNIT(knows_what_was_put);
	UNIT_TABLE(at_the_next_transaction, begins);
	UNIT(has_a_measure);
	return unit_run("graph/known");
}
