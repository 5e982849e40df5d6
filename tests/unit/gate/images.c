/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "gate/gate.h"

/* Each object, and the images it runs: "a b c", or what is wrong with it. */
static const struct images_case {
	const char *label, *object, *images, *fault;
	enum hm_code code;
} cases[] = {
	{ "a pod's containers of all three kinds, each image once",
	  "{'kind':'Pod','metadata':{'namespace':'x'},'spec':{'containers':[{'image':'a'},{'image':'b'}],"
	  "'initContainers':[{'image':'i'},{'image':'a'}],'ephemeralContainers':[{'image':'e'}]}}",
	  "i a b e", NULL, 0 },
	{ "a volume that is an image",
	  "{'kind':'Pod','spec':{'containers':[{'image':'a'}],'volumes':[{'name':'v','emptyDir':{}},"
	  "{'name':'w','image':{'reference':'data@sha256:1','pullPolicy':'Always'}}]}}",
	  "a data@sha256:1", NULL, 0 },
	{ "a Deployment",
	  "{'kind':'Deployment','spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}", "a",
	  NULL, 0 },
	{ "a ReplicaSet",
	  "{'kind':'ReplicaSet','spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}", "a",
	  NULL, 0 },
	{ "a ReplicationController",
	  "{'kind':'ReplicationController','spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}",
	  "a", NULL, 0 },
	{ "a StatefulSet",
	  "{'kind':'StatefulSet','spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}", "a",
	  NULL, 0 },
	{ "a DaemonSet",
	  "{'kind':'DaemonSet','spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}", "a",
	  NULL, 0 },
	{ "a Job", "{'kind':'Job','spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}",
	  "a", NULL, 0 },
	{ "a CronJob",
	  "{'kind':'CronJob','spec':{'jobTemplate':{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}}}",
	  "a", NULL, 0 },
	{ "a PodTemplate",
	  "{'kind':'PodTemplate','template':{'spec':{'containers':[{'image':'a'}]}}}", "a", NULL,
	  0 },
	{ "a list of several kinds",
	  "{'kind':'List','items':[{'kind':'Pod','spec':{'containers':[{'image':'a'}]}},{'kind':'Service'},"
	  "{'kind':'Job','spec':{'template':{'spec':{'containers':[{'image':'b'}]}}}}]}",
	  "a b", NULL, 0 },
	{ "a typed list whose items do not say their kind",
	  "{'kind':'PodList','items':[{'spec':{'containers':[{'image':'a'}]}}]}", "a", NULL, 0 },
	{ "an image that a template leaves open",
	  "{'kind':'Deployment','spec':{'template':{'spec':{'containers':[{'name':'c'}]}}}}", "",
	  NULL, 0 },
	{ "another kind has none", "{'kind':'ConfigMap','spec':{'containers':[{'image':'a'}]}}", "",
	  NULL, 0 },
	{ "null in place of a list",
	  "{'kind':'Pod','spec':{'containers':[{'image':'a'}],'volumes':null}}", "a", NULL, 0 },
	{ "a pod's container without image", "{'kind':'Pod','spec':{'containers':[{'name':'c'}]}}",
	  NULL, "a container has no image", HM_INPUT },
	{ "an image that is a number", "{'kind':'Pod','spec':{'containers':[{'image':7}]}}", NULL,
	  "not a string", HM_INPUT },
	{ "containers that are an object", "{'kind':'Pod','spec':{'containers':{'image':'a'}}}",
	  NULL, "containers is not an array", HM_INPUT },
	{ "a container that is a string", "{'kind':'Pod','spec':{'containers':['a']}}", NULL,
	  "not an object", HM_INPUT },
	{ "a pod without spec", "{'kind':'Pod'}", NULL, "\"spec\" is missing", HM_INPUT },
	{ "a template that is an array", "{'kind':'Job','spec':{'template':[]}}", NULL,
	  "\"template\" is missing", HM_INPUT },
	{ "a pod without containers", "{'kind':'Pod','spec':{}}", NULL, "missing or empty",
	  HM_INPUT },
	{ "a pod whose containers are spelled otherwise",
	  "{'kind':'Pod','spec':{'Containers':[{'image':'a'}]}}", NULL, "missing or empty",
	  HM_INPUT },
	{ "a pod of no containers", "{'kind':'Pod','spec':{'containers':[]}}", NULL,
	  "missing or empty", HM_INPUT },
	{ "a template without containers",
	  "{'kind':'Deployment','spec':{'template':{'spec':{'initContainers':[{'image':'a'}]}}}}",
	  NULL, "missing or empty", HM_INPUT },
	{ "volumes that are a string",
	  "{'kind':'Pod','spec':{'containers':[{'image':'a'}],'volumes':'v'}}", NULL,
	  "not an array", HM_INPUT },
	{ "an image volume that is a string",
	  "{'kind':'Pod','spec':{'containers':[{'image':'a'}],'volumes':[{'image':'v'}]}}", NULL,
	  "not an object", HM_INPUT },
	{ "a volume that is an array",
	  "{'kind':'Pod','spec':{'containers':[{'image':'a'}],'volumes':[['image']]}}", NULL,
	  "volumes: not an object", HM_INPUT },
	{ "a list within a list", "{'kind':'List','items':[{'kind':'PodList','items':[]}]}", NULL,
	  "a list within a list", HM_INPUT },
	{ "a list item that is a string", "{'kind':'List','items':['a']}", NULL, "not an object",
	  HM_INPUT },
	{ "no kind", "{'spec':{'containers':[{'image':'a'}]}}", NULL, "\"kind\" is missing",
	  HM_INPUT },
	{ "no object", "['kind']", NULL, "not a Kubernetes object", HM_INPUT },
};

static struct json parse(struct hm_cx *cx, const char *text)
{
	struct hm_str s = hm_dup(cx, hm_cstr(text));
	for (char *p = (char *)s.p; *p; p++)
		if (*p == '\'')
			*p = '"';
	struct json doc;
	assert_ok(json_parse(cx, s, JSON_PLAIN, &doc));
	return doc;
}

static void images(void **state)
{
	const struct images_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_strs got;
	struct hm_str space;
	hm_err err = gate_images(&cx, parse(&cx, t->object), &got, &space);
	if (t->fault) {
		assert_fault(err, t->code, t->fault);
		return;
	}
	assert_ok(err);
	HM_AUTO_BUF all = HM_BUF(4096);
	for (size_t i = 0; i < got.n; i++) {
		hm_buf_addz(&all, i ? " " : "");
		hm_buf_add(&all, got.p[i]);
	}
	assert_strz(hm_buf_str(&all), t->images);
}

static void the_namespace_is_the_objects(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_strs got;
	struct hm_str space;
	assert_ok(gate_images(&cx, parse(&cx, "{'kind':'Service','metadata':{'namespace':'shop'}}"),
			      &got, &space));
	assert_strz(space, "shop");
}

static void a_thousand_containers_are_the_limit(void **state)
{
	(void)state;
	for (size_t n = HM_MAX_POD_CONTAINERS; n <= HM_MAX_POD_CONTAINERS + 1; n++) {
		HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
		HM_AUTO_BUF b = HM_BUF(HM_MIB);
		hm_buf_addz(&b, "{'kind':'Pod','spec':{'containers':[");
		for (size_t i = 0; i < n; i++)
			hm_buf_fmt(&b, "%s{'image':'a%zu'}", i ? "," : "", i);
		hm_buf_addz(&b, "]}}");
		struct hm_strs got;
		struct hm_str space;
		hm_err err = gate_images(&cx, parse(&cx, b.p), &got, &space);
		if (n > HM_MAX_POD_CONTAINERS)
			assert_fault(err, HM_LIMIT, "more than 1000 containers");
		else
			assert_ok(err);
	}
}

int main(void)
{
	UNIT_TABLE(images, cases);
	UNIT(the_namespace_is_the_objects);
	UNIT(a_thousand_containers_are_the_limit);
	return unit_run("gate/images");
}
