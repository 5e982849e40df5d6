/* SPDX-License-Identifier: Apache-2.0 */
/* What services tell each other: all of it, or how much was lost; and nobody waits who tells. */
#include "cli/feed.h"

#include "unit.h"

static void push(struct cli_feed *f, const char *repository, const char *tag)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_strs tags = { 0 };
	if (tag)
		*hm_push(&cx, &tags) = hm_cstr(tag);
	cli_feed_push(f, &(struct oci_registry_push){ hm_cstr(repository), HM_STR("sha256:ab"),
						      &tags });
}

static void what_is_told_is_heard_once(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct cli_feed *f = cli_feed_open(&cx);
	struct cli_feed_news *news;
	push(f, "shop/web", "v1");
	push(f, "shop/web", NULL);
	assert_true(cli_feed_wait(f, 0, &news));
	assert_int_equal(news->pushes_n, 2);
	assert_int_equal(news->lost, 0);
	assert_string_equal(news->pushes[0].repository, "shop/web");
	assert_string_equal(news->pushes[0].digest, "sha256:ab");
	assert_string_equal(news->pushes[0].tag, "v1");
	assert_string_equal(news->pushes[1].tag, "");
	push(f, "other", NULL);
	assert_string_equal(news->pushes[0].repository, "shop/web");
	assert_true(cli_feed_wait(f, -1, &news));
	assert_int_equal(news->pushes_n, 1);
	assert_string_equal(news->pushes[0].repository, "other");
	assert_true(cli_feed_wait(f, -1, &news));
	assert_int_equal(news->pushes_n, 0);
	assert_true(cli_feed_wait(f, hm_mono() + 1, &news));
	assert_int_equal(news->pushes_n, 0);
	cli_feed_done(f);
}

static void what_finds_no_room_is_counted(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct cli_feed *f = cli_feed_open(&cx);
	struct cli_feed_news *news;
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (size_t i = 0; i < CLI_FEED_PUSHES + 3; i++)
		push(f, "shop/web", "v1");
	assert_true(cli_feed_wait(f, 0, &news));
	assert_int_equal(news->pushes_n, CLI_FEED_PUSHES);
	assert_int_equal(news->lost, 3);
	for (size_t i = 0; i < 256; i++)
		hm_buf_char(&b, 'a');
	push(f, hm_dupz(&cx, hm_buf_str(&b)), NULL);
	assert_true(cli_feed_wait(f, 0, &news));
	assert_int_equal(news->pushes_n, 0);
	assert_int_equal(news->lost, 1);
	assert_int_equal(f->lost, 4);
	cli_feed_done(f);
}

static void decide(struct cli_feed *f, const char *workload, bool admitted)
{
	struct gate_decision d = { .image = HM_STR("r.example/web:1"),
				   .digest = HM_STR("sha256:ab"),
				   .namespace = HM_STR("shop"),
				   .workload = hm_cstr(workload),
				   .policy = HM_STR("gate"),
				   .revision = HM_STR("1"),
				   .why = HM_STR("because"),
				   .admitted = admitted };
	cli_feed_decided(f, &d);
}

static void the_same_decision_is_counted(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct cli_feed *f = cli_feed_open(&cx);
	struct cli_feed_news *news;
	decide(f, "Pod/a", false);
	decide(f, "Pod/a", false);
	decide(f, "Pod/a", true);
	decide(f, "Pod/b", false);
	assert_true(cli_feed_wait(f, 0, &news));
	assert_int_equal(news->decisions_n, 3);
	assert_int_equal(news->decisions[0].times, 2);
	assert_string_equal(news->decisions[0].why, "because");
	assert_true(news->decisions[1].admitted);
	assert_string_equal(news->decisions[2].workload, "Pod/b");
	struct cli_feed_decision kept = news->decisions[0];
	for (int i = 0; i < CLI_FEED_DECISIONS; i++)
		decide(f, hm_fmt(&cx, "Pod/%d", i).p, false);
	cli_feed_again(f, &kept);
	decide(f, "Pod/0", false);
	assert_true(cli_feed_wait(f, 0, &news)); /* a second later */
	assert_int_equal(news->decisions_n, CLI_FEED_DECISIONS);
	assert_int_equal(news->decisions[0].times, 2);
	assert_int_equal(f->unheard, 2);
	assert_int_equal(f->decided, 4 + CLI_FEED_DECISIONS + 1);
	cli_feed_done(f);
}

static void long_texts_are_cut_between_characters(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct cli_feed *f = cli_feed_open(&cx);
	struct cli_feed_news *news;
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (size_t i = 0; i < 200; i++)
		hm_buf_addz(&b, "\xc3\xa9");
	decide(f, hm_dupz(&cx, hm_buf_str(&b)), false);
	assert_true(cli_feed_wait(f, 0, &news));
	assert_int_equal(strlen(news->decisions[0].workload), 318);
	assert_true(hm_is_utf8(hm_cstr(news->decisions[0].workload)));
	cli_feed_done(f);
}

/* A decision about a bare image has neither namespace nor workload: text without bytes. Under the
 * undefined behaviour sanitizer a copy of it from nowhere ends the test. */
static void what_has_no_bytes_is_kept_empty(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct cli_feed *f = cli_feed_open(&cx);
	struct cli_feed_news *news;
	struct gate_decision d = { .image = HM_STR("r.example/web:1") };
	assert_null(d.namespace.p);
	decide(f, "Pod/a", false); /* its place is used again */
	assert_true(cli_feed_wait(f, 0, &news));
	assert_true(cli_feed_wait(f, -1, &news));
	cli_feed_decided(f, &d);
	cli_feed_push(f, &(struct oci_registry_push){ .repository = HM_STR("shop/web") });
	assert_true(cli_feed_wait(f, 0, &news));
	assert_int_equal(news->decisions_n, 1);
	assert_string_equal(news->decisions[0].image, "r.example/web:1");
	assert_string_equal(news->decisions[0].digest, "");
	assert_string_equal(news->decisions[0].namespace, "");
	assert_string_equal(news->decisions[0].workload, "");
	assert_string_equal(news->decisions[0].why, "");
	assert_int_equal(news->pushes_n, 1);
	assert_string_equal(news->pushes[0].digest, "");
	cli_feed_done(f);
}

static void *end_it(void *arg)
{
	cli_feed_end(arg);
	return NULL;
}

static void who_waits_is_told_of_the_end(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct cli_feed *f = cli_feed_open(&cx);
	struct cli_feed_news *news;
	pthread_t other;
	assert_int_equal(pthread_create(&other, NULL, end_it, f), 0);
	assert_false(cli_feed_wait(f, 0, &news));
	pthread_join(other, NULL);
	assert_false(cli_feed_wait(f, -1, &news));
	cli_feed_done(f);
	cli_feed_done(NULL);
}

int main(void)
{
	UNIT(what_is_told_is_heard_once);
	UNIT(what_finds_no_room_is_counted);
	UNIT(the_same_decision_is_counted);
	UNIT(long_texts_are_cut_between_characters);
	UNIT(what_has_no_bytes_is_kept_empty);
	UNIT(who_waits_is_told_of_the_end);
	return unit_run("cli/feed");
}
