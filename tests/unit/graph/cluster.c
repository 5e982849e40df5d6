/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of an API server: which containers run, by which digest, since when; and what is none. */
#include "graph/cluster/cluster.h"
#include "graph/cluster/objects.h"
#include "unit.h"

#define DIGEST "sha256:abababababababababababababababababababababababababababababababab"
#define HEAD \
	"{\"kind\":\"Pod\",\"metadata\":{\"uid\":\"u\",\"namespace\":\"shop\",\"name\":\"web\"},"

static struct cluster_object *read_one(struct hm_cx *cx, const char *text)
{
	struct cluster_answer a, *out = hm_new(cx, struct cluster_answer, 1);
	struct hm_buf b = HM_BUF(HM_MIB);
	assert_ok(graph_cluster_parse(cx, HM_STR(CLUSTER_OBJECT), hm_cstr(text), &a));
	graph_cluster_write(&a, &b);
	struct hm_str bytes = hm_dup(cx, hm_buf_str(&b));
	hm_buf_done(&b);
	assert_ok(graph_cluster_read(cx, bytes, out));
	assert_int_equal(out->objects.n, 1);
	return &out->objects.p[0];
}

static void a_digest_is_found_in_every_form_of_an_image_id(void **state)
{
	static const struct {
		const char *id, *digest;
	} cases[] = {
		{ "registry.example.com/shop/web@" DIGEST, DIGEST },
		{ "docker-pullable://nginx@" DIGEST, DIGEST },
		{ "docker://" DIGEST, DIGEST },
		{ DIGEST, DIGEST },
		{ "", "" },
		{ "nginx:latest", "" },
		{ "nginx@sha256:abab", "" },
	};
	for (size_t i = 0; i < HM_LEN(cases); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct cluster_object *o = read_one(
			&cx, hm_fmt(&cx,
				    HEAD "\"status\":{\"containerStatuses\":[{\"name\":\"main\","
					 "\"imageID\":\"%s\",\"state\":{\"running\":{}}}]}}",
				    cases[i].id)
				     .p);
		assert_int_equal(o->what, CLUSTER_IS);
		assert_int_equal(o->containers_n, 1);
		assert_strz(o->containers[0].digest, cases[i].digest);
	}
	(void)state;
}

static void what_has_ended_does_not_run(void **state)
{
	static const struct {
		const char *phase, *status;
		int64_t since, gone;
	} cases[] = {
		{ "Running", "\"state\":{\"running\":{\"startedAt\":\"1970-01-01T00:00:07Z\"}}", 7,
		  0 },
		{ "Running",
		  "\"state\":{\"terminated\":{\"startedAt\":\"1970-01-01T00:00:07Z\","
		  "\"finishedAt\":\"1970-01-01T00:00:09Z\"}}",
		  7, 9 },
		{ "Running",
		  "\"state\":{\"waiting\":{}},\"lastState\":{\"terminated\":"
		  "{\"startedAt\":\"1970-01-01T00:00:03Z\"}}",
		  3, 0 },
		{ "Running", "\"state\":{\"running\":{\"startedAt\":\"yesterday\"}}", 0, 0 },
		{ "Failed", "\"state\":{\"running\":{\"startedAt\":\"1970-01-01T00:00:07Z\"}}", 7,
		  -1 },
		{ "Succeeded", "\"state\":{}", 0, -1 },
	};
	for (size_t i = 0; i < HM_LEN(cases); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		struct cluster_object *o =
			read_one(&cx,
				 hm_fmt(&cx,
					HEAD "\"status\":{\"phase\":\"%s\",\"containerStatuses\":"
					     "[{\"name\":\"main\",%s}]}}",
					cases[i].phase, cases[i].status)
					 .p);
		assert_int_equal(o->containers[0].since, cases[i].since);
		if (cases[i].gone < 0)
			assert_true(o->containers[0].gone > 0);
		else
			assert_int_equal(o->containers[0].gone, cases[i].gone);
	}
	(void)state;
}

static void what_is_no_object_is_refused_alone(void **state)
{
	static const char *const bad[] = {
		"{}",
		"[]",
		"{\"metadata\":{\"uid\":\"u\"}}",
		"{\"metadata\":{\"uid\":\"u\",\"name\":\"a\\u0007b\"}}",
		"{\"metadata\":{\"uid\":\"u\",\"name\":\"a\\u0000b\"}}",
		HEAD "\"spec\":{\"nodeName\":\"a\\nb\"}}",
		HEAD "\"status\":{\"containerStatuses\":[{\"name\":\"\"}]}}",
		HEAD
		"\"status\":{\"containerStatuses\":[{\"name\":\"x\",\"image\":\"a\\u001b[0m\"}]}}",
	};
	for (size_t i = 0; i < HM_LEN(bad); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		assert_int_equal(read_one(&cx, bad[i])->what, CLUSTER_BAD);
	}
	(void)state;
}

static void lists_and_events_have_versions(void **state)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct cluster_answer a;
	struct hm_str events = HM_STR(
		"{\"type\":\"DELETED\",\"object\":" HEAD "\"status\":{}}}\n"
		"{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"12\"}}}\n"
		"{\"type\":\"ERROR\",\"object\":{\"code\":410,\"message\":\"too old\"}}\n"
		"{\"type\":\"OTHER\",\"object\":{}}\n");
	static const enum cluster_what wanted[] = { CLUSTER_GONE, CLUSTER_BOOKMARK, CLUSTER_ERROR,
						    CLUSTER_BAD };
	(void)state;
	assert_ok(graph_cluster_parse(
		&cx, HM_STR(CLUSTER_LIST),
		HM_STR("{\"metadata\":{\"resourceVersion\":\"9\",\"continue\":\"c\"},"
		       "\"items\":[]}"),
		&a));
	assert_strz(a.version, "9");
	assert_strz(a.more, "c");
	assert_fault(graph_cluster_parse(&cx, HM_STR(CLUSTER_LIST), HM_STR("{\"items\":[]}"), &a),
		     HM_INPUT, "\"metadata.resourceVersion\" is not a version");
	assert_fault(graph_cluster_parse(&cx, HM_STR(CLUSTER_LIST), HM_STR("{\"items\":{}}"), &a),
		     HM_INPUT, "\"items\" is not an array");
	assert_ok(graph_cluster_parse(&cx, HM_STR(CLUSTER_EVENTS), events, &a));
	assert_int_equal(a.objects.n, HM_LEN(wanted));
	for (size_t i = 0; i < a.objects.n; i++)
		assert_int_equal(a.objects.p[i].what, wanted[i]);
	assert_int_equal(a.objects.p[2].code, 410);
	assert_fault(graph_cluster_read(&cx, HM_STR("\x01"), &a), HM_INPUT,
		     "the worker's answer is damaged");
}

/* Where no thread can be had the caller comes back. */
static void clusters_need_threads(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct graph_cluster_access all[2] = { { .name = HM_STR("one") },
					       { .name = HM_STR("two") } };
	struct graph_clusters *c = NULL;
	pthread_attr_t usual, huge;
	assert_int_equal(pthread_getattr_default_np(&usual), 0);
	pthread_attr_init(&huge);
	assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 46), 0);
	assert_int_equal(pthread_setattr_default_np(&huge), 0);
	hm_err err = graph_clusters_start(&cx, NULL, all, HM_LEN(all), &c);
	assert_int_equal(pthread_setattr_default_np(&usual), 0);
	assert_fault(err, HM_SYSTEM, "could not start a thread that follows the cluster \"one\"");
	assert_null(c);
	pthread_attr_destroy(&huge);
	pthread_attr_destroy(&usual);
}

int main(void)
{
	UNIT(clusters_need_threads);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_digest_is_found_in_every_form_of_an_image_id),
		cmocka_unit_test(what_has_ended_does_not_run),
		cmocka_unit_test(what_is_no_object_is_refused_alone),
		cmocka_unit_test(lists_and_events_have_versions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
