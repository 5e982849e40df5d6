/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define HEAD       "{'apiVersion':'admission.k8s.io/v1','kind':'AdmissionReview','request':{'uid':'u-1',"
#define POD(image) "{'kind':'Pod','spec':{'containers':[{'image':'" image "'}]}}"

static const struct webhook_case {
	const char *label, *body, *answer, *fault;
	enum hm_code code;
} cases[] = {
	{ "a pod of a good image", HEAD "'operation':'CREATE','object':" POD(KNOWN) "}}",
	  "'response':{'uid':'u-1','allowed':true}", NULL, 0 },
	{ "a pod of a bad image", HEAD "'operation':'CREATE','object':" POD(REFUSED) "}}",
	  "'response':{'uid':'u-1','allowed':false,'status':{'status':'Failure','reason':'Forbidden',"
	  "'code':403,'message':'image \\'x\\' is denied",
	  NULL, 0 },
	{ "a NUL behind a good image",
	  HEAD "'operation':'CREATE','object':" POD(KNOWN "\\u0000") "}}",
	  "'allowed':false,'status':{'status':'Failure','reason':'Forbidden','code':403", NULL, 0 },
	{ "a NUL and more behind it",
	  HEAD "'operation':'CREATE','namespace':'shop','object':" POD(KNOWN "\\u0000x") "}}",
	  "'allowed':false", NULL, 0 },
	{ "a good image beside one with a NUL",
	  HEAD "'operation':'CREATE','object':{'kind':'Pod','spec':{'containers':[{'image':'" KNOWN
	       "'},{'image':'" KNOWN "\\u0000'}]}}}}",
	  "'allowed':false", NULL, 0 },
	{ "a NUL in an exempt namespace",
	  HEAD "'operation':'CREATE','namespace':'hullmark\\u0000','object':" POD(REFUSED) "}}",
	  NULL, "control characters", HM_INPUT },
	{ "in a namespace",
	  HEAD "'operation':'UPDATE','namespace':'shop','object':" POD(KNOWN) "}}",
	  "'allowed':true", NULL, 0 },
	{ "in an exempt namespace",
	  HEAD "'operation':'CREATE','namespace':'kube-public','object':" POD(REFUSED) "}}",
	  "'allowed':true", NULL, 0 },
	{ "the object's own namespace exempts nothing",
	  HEAD "'operation':'CREATE','object':{'kind':'Pod','metadata':{'namespace':'kube-system'},"
	       "'spec':{'containers':[{'image':'" REFUSED "'}]}}}}",
	  "'allowed':false", NULL, 0 },
	{ "a deletion", HEAD "'operation':'DELETE','object':null,'oldObject':" POD(REFUSED) "}}",
	  "'allowed':true", NULL, 0 },
	{ "a dry run", HEAD "'operation':'CREATE','dryRun':true,'object':" POD(REFUSED) "}}",
	  "'allowed':false", NULL, 0 },
	{ "a registry that cannot be asked: try again",
	  HEAD "'operation':'CREATE','object':" POD("reg.example.com/other@" DIGEST_1) "}}",
	  "'allowed':false,'status':{'status':'Failure','reason':'ServiceUnavailable','code':503",
	  NULL, 0 },
	{ "one bad and one undecided: denied",
	  HEAD
	  "'operation':'CREATE','object':{'kind':'Pod','spec':{'containers':[{'image':'" REFUSED
	  "'},{'image':'reg.example.com/other@" DIGEST_1 "'}]}}}}",
	  "'code':403", NULL, 0 },
	{ "a tag", HEAD "'operation':'CREATE','object':" POD("reg.example.com/shop/web:1") "}}",
	  "rule \\'reference\\'", NULL, 0 },
	{ "a kind without images", HEAD "'operation':'CREATE','object':{'kind':'ConfigMap'}}}",
	  "'allowed':true", NULL, 0 },
	{ "a connection to a pod of a bad image",
	  HEAD "'operation':'CONNECT','object':{'kind':'PodExecOptions','container':'c'}}}",
	  "'allowed':true", NULL, 0 },
	{ "an operation that is not known",
	  HEAD "'operation':'REPLACE','object':" POD(KNOWN) ",'oldObject':" POD(KNOWN) "}}",
	  "'code':403,'message':'the operation \\'REPLACE\\' is not known'", NULL, 0 },
	{ "an image that is named like a key of an exempt namespace",
	  HEAD "'operation':'CREATE','object':" POD("[kube-system]" REFUSED) "}}",
	  "'code':403,'message':'image \\'[kube-system]" REFUSED
	  "\\' is denied by rule \\'reference\\'",
	  NULL, 0 },
	{ "a pod that is none is denied",
	  HEAD "'operation':'CREATE','object':{'kind':'Pod','spec':7}}}",
	  "'allowed':false,'status':{'status':'Failure','reason':'Forbidden','code':403,'message':'object: Pod",
	  NULL, 0 },
	{ "no object is denied", HEAD "'operation':'CREATE'}}", "'allowed':false", NULL, 0 },
	{ "no uid",
	  "{'apiVersion':'admission.k8s.io/v1','kind':'AdmissionReview','request':{'operation':'CREATE'}}",
	  NULL, "request: \"uid\" is missing", HM_INPUT },
	{ "an empty uid",
	  "{'apiVersion':'admission.k8s.io/v1','kind':'AdmissionReview','request':{'uid':'','operation':'CREATE'}}",
	  NULL, "uid is empty", HM_INPUT },
	{ "no operation",
	  "{'apiVersion':'admission.k8s.io/v1','kind':'AdmissionReview','request':{'uid':'u'}}",
	  NULL, "\"operation\" is missing", HM_INPUT },
	{ "the older version",
	  "{'apiVersion':'admission.k8s.io/v1beta1','kind':'AdmissionReview','request':{'uid':'u','operation':'CREATE'}}",
	  NULL, "not an AdmissionReview of admission.k8s.io/v1", HM_INPUT },
	{ "another kind", "{'apiVersion':'admission.k8s.io/v1','kind':'Pod','request':{}}", NULL,
	  "not an AdmissionReview", HM_INPUT },
	{ "no request", "{'apiVersion':'admission.k8s.io/v1','kind':'AdmissionReview'}", NULL,
	  "\"request\" is missing", HM_INPUT },
	{ "the same member twice", HEAD "'uid':'u-2','operation':'CREATE'}}", NULL,
	  "the key \"uid\" appears twice", HM_INPUT },
	{ "no JSON", "{", NULL, "unexpected end of data", HM_INPUT },
};

/* What an update sends, what was there before ("" is no member at all), and the rule: the object
 * is admitted, or its bad image is denied. */
#define SPEC(containers)   "'spec':{'containers':[" containers "]}"
#define C(name, image)     "{'name':'" name "','image':'" image "'}"
#define TEMPLATE(image)    "'template':{" SPEC(C("c", image)) "}"
#define OBJECT(kind, more) "{'kind':'" kind "'," more "}"
#define BAD                "web@" DIGEST_2 /* of docker.io */
#define BAD_POD            OBJECT("Pod", SPEC(C("c", BAD)))
#define NAMED(name, more) \
	OBJECT("Pod", "'metadata':{'name':'" name "'," more "}," SPEC(C("c", BAD)))

static const struct update_case {
	const char *label, *object, *old;
	bool allowed;
} updates[] = {
	{ "a pod as it was", BAD_POD, BAD_POD, true },
	{ "a pod that is being deleted",
	  OBJECT("Pod", "'metadata':{'deletionTimestamp':'x'}," SPEC(C("c", BAD))), BAD_POD, true },
	{ "a pod that is being deleted, and gets an image",
	  OBJECT("Pod", "'metadata':{'deletionTimestamp':'x'}," SPEC(C("c", BAD))),
	  OBJECT("Pod", SPEC(C("c", KNOWN))), false },
	{ "a Deployment as it was", OBJECT("Deployment", "'spec':{'replicas':0," TEMPLATE(BAD) "}"),
	  OBJECT("Deployment", "'spec':{'replicas':3," TEMPLATE(BAD) "}"), true },
	{ "a ReplicaSet as it was", OBJECT("ReplicaSet", "'spec':{" TEMPLATE(BAD) "}"),
	  OBJECT("ReplicaSet", "'spec':{" TEMPLATE(BAD) "}"), true },
	{ "a StatefulSet as it was", OBJECT("StatefulSet", "'spec':{" TEMPLATE(BAD) "}"),
	  OBJECT("StatefulSet", "'spec':{" TEMPLATE(BAD) "}"), true },
	{ "a DaemonSet as it was", OBJECT("DaemonSet", "'spec':{" TEMPLATE(BAD) "}"),
	  OBJECT("DaemonSet", "'spec':{" TEMPLATE(BAD) "}"), true },
	{ "a ReplicationController as it was",
	  OBJECT("ReplicationController", "'spec':{" TEMPLATE(BAD) "}"),
	  OBJECT("ReplicationController", "'spec':{" TEMPLATE(BAD) "}"), true },
	{ "a PodTemplate as it was", OBJECT("PodTemplate", TEMPLATE(BAD)),
	  OBJECT("PodTemplate", TEMPLATE(BAD)), true },
	{ "a Job that completes",
	  OBJECT("Job", "'spec':{" TEMPLATE(BAD) "},'status':{'succeeded':1}"),
	  OBJECT("Job", "'spec':{" TEMPLATE(BAD) "}"), true },
	{ "a CronJob as it was",
	  OBJECT("CronJob", "'spec':{'suspend':true,'jobTemplate':{'spec':{" TEMPLATE(BAD) "}}}"),
	  OBJECT("CronJob", "'spec':{'jobTemplate':{'spec':{" TEMPLATE(BAD) "}}}"), true },
	{ "from a bad image to a good one", OBJECT("Deployment", "'spec':{" TEMPLATE(KNOWN) "}"),
	  OBJECT("Deployment", "'spec':{" TEMPLATE(BAD) "}"), true },
	{ "and back", OBJECT("Deployment", "'spec':{" TEMPLATE(BAD) "}"),
	  OBJECT("Deployment", "'spec':{" TEMPLATE(KNOWN) "}"), false },
	{ "a StatefulSet that gets a bad image",
	  OBJECT("StatefulSet", "'spec':{" TEMPLATE(BAD) "}"),
	  OBJECT("StatefulSet", "'spec':{" TEMPLATE(KNOWN) "}"), false },
	{ "a CronJob that gets a bad image",
	  OBJECT("CronJob", "'spec':{'jobTemplate':{'spec':{" TEMPLATE(BAD) "}}}"),
	  OBJECT("CronJob", "'spec':{'jobTemplate':{'spec':{" TEMPLATE(KNOWN) "}}}"), false },
	{ "a PodTemplate that gets a bad image", OBJECT("PodTemplate", TEMPLATE(BAD)),
	  OBJECT("PodTemplate", TEMPLATE(KNOWN)), false },
	{ "the containers in another order", OBJECT("Pod", SPEC(C("b", KNOWN) "," C("a", BAD))),
	  OBJECT("Pod", SPEC(C("a", BAD) "," C("b", KNOWN))), true },
	{ "one container fewer", BAD_POD, OBJECT("Pod", SPEC(C("c", BAD) "," C("b", KNOWN))),
	  true },
	{ "a bad image in a second container", OBJECT("Pod", SPEC(C("c", BAD) "," C("b", BAD))),
	  BAD_POD, false },
	{ "two containers that change their images",
	  OBJECT("Pod", SPEC(C("a", KNOWN) "," C("b", BAD))),
	  OBJECT("Pod", SPEC(C("a", BAD) "," C("b", KNOWN))), false },
	{ "from an init container to one that stays", OBJECT("Pod", SPEC(C("c", BAD))),
	  OBJECT("Pod",
		 "'spec':{'containers':[" C("d", KNOWN) "],'initContainers':[" C("c", BAD) "]}"),
	  false },
	{ "a new init container",
	  OBJECT("Pod",
		 "'spec':{'containers':[" C("d", KNOWN) "],'initContainers':[" C("c", BAD) "]}"),
	  OBJECT("Pod", SPEC(C("d", KNOWN))), false },
	{ "a new ephemeral container",
	  OBJECT("Pod",
		 "'spec':{'containers':[" C("c", BAD) "],'ephemeralContainers':[" C("e", BAD) "]}"),
	  BAD_POD, false },
	{ "a good ephemeral container in a bad pod",
	  OBJECT("Pod",
		 "'spec':{'containers':[" C("c", BAD) "],'ephemeralContainers':[" C("e",
										    KNOWN) "]}"),
	  BAD_POD, true },
	{ "an ephemeral container that was there",
	  OBJECT("Pod",
		 "'spec':{'containers':[" C("c", KNOWN) "],'ephemeralContainers':[" C("e",
										      BAD) "]}"),
	  OBJECT("Pod",
		 "'spec':{'containers':[" C("c", KNOWN) "],'ephemeralContainers':[" C("e",
										      BAD) "]}"),
	  true },
	{ "an image volume that was there",
	  OBJECT("Pod",
		 "'spec':{'containers':[" C(
			 "c", KNOWN) "],'volumes':[{'name':'v','image':{'reference':'" BAD "'}}]}"),
	  OBJECT("Pod",
		 "'spec':{'containers':[" C(
			 "c", KNOWN) "],'volumes':[{'name':'v','image':{'reference':'" BAD "'}}]}"),
	  true },
	{ "a new image volume",
	  OBJECT("Pod",
		 "'spec':{'containers':[" C(
			 "c", KNOWN) "],'volumes':[{'name':'v','image':{'reference':'" BAD "'}}]}"),
	  OBJECT("Pod", "'spec':{'containers':[" C("c", KNOWN) "],'volumes':[{'name':'v'}]}"),
	  false },
	{ "an image that was mounted, and now runs", OBJECT("Pod", SPEC(C("v", BAD))),
	  OBJECT("Pod",
		 "'spec':{'containers':[" C(
			 "c", KNOWN) "],'volumes':[{'name':'v','image':{'reference':'" BAD "'}}]}"),
	  false },
	{ "the same image, spelled out", OBJECT("Pod", SPEC(C("c", "docker.io/library/" BAD))),
	  BAD_POD, true },
	{ "the same digest, with a tag before it", OBJECT("Pod", SPEC(C("c", "web:1@" DIGEST_2))),
	  BAD_POD, true },
	{ "the same tag", OBJECT("Pod", SPEC(C("c", "web:1"))),
	  OBJECT("Pod", SPEC(C("c", "docker.io/library/web:1"))), true },
	{ "no tag is the tag latest", OBJECT("Pod", SPEC(C("c", "web"))),
	  OBJECT("Pod", SPEC(C("c", "web:latest"))), true },
	{ "another tag", OBJECT("Pod", SPEC(C("c", "web:2"))), OBJECT("Pod", SPEC(C("c", "web:1"))),
	  false },
	{ "another repository of the same digest", BAD_POD,
	  OBJECT("Pod", SPEC(C("c", "docker.io/other/" BAD))), false },
	{ "another registry of the same digest", BAD_POD,
	  OBJECT("Pod", SPEC(C("c", "reg.example.com/library/" BAD))), false },
	{ "a name that is none, as it was", OBJECT("Pod", SPEC(C("c", "A B"))),
	  OBJECT("Pod", SPEC(C("c", "A B"))), true },
	{ "a name that is none, changed", OBJECT("Pod", SPEC(C("c", "A B"))),
	  OBJECT("Pod", SPEC(C("c", "A C"))), false },
	{ "a template that left its image open", OBJECT("Deployment", "'spec':{" TEMPLATE(BAD) "}"),
	  OBJECT("Deployment", "'spec':{" TEMPLATE("") "}"), false },
	{ "no object before", BAD_POD, "", false },
	{ "null before", BAD_POD, "null", false },
	{ "a text before", BAD_POD, "'x'", false },
	{ "an object without kind before", BAD_POD, "{" SPEC(C("c", BAD)) "}", false },
	{ "another kind before", BAD_POD, OBJECT("Job", "'spec':{" TEMPLATE(BAD) "}"), false },
	{ "another kind of the same form before",
	  OBJECT("ReplicaSet", "'spec':{" TEMPLATE(BAD) "}"),
	  OBJECT("Deployment", "'spec':{" TEMPLATE(BAD) "}"), false },
	{ "a pod that is none before", BAD_POD,
	  OBJECT("Pod", "'spec':{'containers':[" C("c", BAD) ",7]}"), false },
	{ "a list before and after", OBJECT("PodList", "'items':[" BAD_POD "]"),
	  OBJECT("PodList", "'items':[" BAD_POD "]"), false },
	{ "the same pod before", NAMED("a", "'namespace':'n','uid':'1'"),
	  NAMED("a", "'namespace':'n','uid':'1'"), true },
	{ "a pod of another name before", NAMED("a", "'uid':'1'"), NAMED("b", "'uid':'1'"), false },
	{ "a pod of another namespace before", NAMED("a", "'namespace':'n'"),
	  NAMED("a", "'namespace':'m'"), false },
	{ "an earlier pod of that name before", NAMED("a", "'uid':'2'"), NAMED("a", "'uid':'1'"),
	  false },
	{ "a pod without name before", NAMED("a", "'namespace':'n'"),
	  OBJECT("Pod", "'metadata':{'namespace':'n'}," SPEC(C("c", BAD))), false },
	{ "a pod of no namespace before", NAMED("a", "'namespace':'n'"), NAMED("a", "'x':1"),
	  false },
	{ "a pod whose uid is none before", NAMED("a", "'uid':'1'"), NAMED("a", "'uid':1"), false },
	{ "a pod without uid", NAMED("a", "'x':1"), NAMED("a", "'uid':'1'"), false },
	{ "two uids that are none", NAMED("a", "'uid':1"), NAMED("a", "'uid':2"), false },
	{ "an object without apiVersion before",
	  OBJECT("Job", "'apiVersion':'batch/v1','spec':{" TEMPLATE(BAD) "}"),
	  OBJECT("Job", "'spec':{" TEMPLATE(BAD) "}"), false },
	{ "another group's kind before",
	  OBJECT("Job", "'apiVersion':'batch/v1','spec':{" TEMPLATE(BAD) "}"),
	  OBJECT("Job", "'apiVersion':'example.com/v1','spec':{" TEMPLATE(BAD) "}"), false },
	{ "a scale has no images", OBJECT("Scale", "'spec':{'replicas':0}"), "null", true },
};

/* The short way says the same, or nothing; before the long way has put anything into the cache. */
static void same_at_once(struct hm_cx *cx, struct gate *g, struct hm_str body, bool want)
{
	HM_AUTO_BUF fast = HM_BUF(HM_MIB), slow = HM_BUF(HM_MIB);
	bool said = gate_admit_fast(cx, g, body, &fast);
	if (want)
		assert_true(said);
	if (!said)
		return;
	assert_ok(gate_admit(cx, g, body, &slow));
	assert_str(hm_buf_str(&fast), hm_buf_str(&slow));
}

static void update(void **state)
{
	const struct update_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct gate *g = gate_fixture(&cx);
	gate_known(g, &cx, "shop", "docker.io/library/" BAD, false);
	HM_AUTO_BUF body = HM_BUF(HM_MIB);
	hm_buf_fmt(&body, HEAD "'operation':'UPDATE','namespace':'shop','object':%s", t->object);
	if (*t->old)
		hm_buf_fmt(&body, ",'oldObject':%s", t->old);
	hm_buf_addz(&body, "}}");
	same_at_once(&cx, g, quoted(&cx, body.p), t->allowed);
	assert_ok(gate_admit(&cx, g, quoted(&cx, body.p), &b));
	const char *want = t->allowed ? "'response':{'uid':'u-1','allowed':true}"
				      : "'code':403,'message':'image \\'";
	if (hm_find(hm_buf_str(&b), quoted(&cx, want)) == SIZE_MAX)
		fail_msg("%s", b.p);
	gate_fixture_done(g);
}

/* Whatever the update says, to create the same is judged. */
static void creation(void **state)
{
	const struct update_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct gate *g = gate_fixture(&cx);
	gate_known(g, &cx, "", "docker.io/library/" BAD, false);
	HM_AUTO_BUF body = HM_BUF(HM_MIB);
	hm_buf_fmt(&body, HEAD "'operation':'CREATE','object':%s,'oldObject':%s}}", t->object,
		   *t->old ? t->old : "null");
	assert_ok(gate_admit(&cx, g, quoted(&cx, body.p), &b));
	bool is_bad = strstr(t->object, DIGEST_2) || strstr(t->object, "'web") ||
		      strstr(t->object, "A B");
	assert_int_equal(hm_find(hm_buf_str(&b), HM_STR("\"allowed\":true")) == SIZE_MAX, is_bad);
	gate_fixture_done(g);
}

static void reviews(void **state)
{
	const struct webhook_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct gate *g = gate_fixture(&cx);
	same_at_once(&cx, g, quoted(&cx, t->body), false);
	hm_err err = gate_admit(&cx, g, quoted(&cx, t->body), &b);
	if (t->fault) {
		assert_fault(err, t->code, t->fault);
	} else {
		assert_ok(err);
		if (hm_find(hm_buf_str(&b), quoted(&cx, t->answer)) == SIZE_MAX)
			fail_msg("%s", b.p);
		struct json doc;
		assert_ok(json_parse(&cx, hm_buf_str(&b), JSON_NO_DUPLICATES, &doc));
	}
	gate_fixture_done(g);
}

int main(void)
{
	UNIT_TABLE(reviews, cases);
	UNIT_TABLE(update, updates);
	UNIT_TABLE(creation, updates);
	return unit_run("gate/webhook");
}
