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
	{ "an object being deleted keeps what it had",
	  HEAD "'operation':'UPDATE','oldObject':" POD(
		  REFUSED) ",'object':{'kind':'Pod','metadata':"
			   "{'deletionTimestamp':'2026-01-01T00:00:00Z'},'spec':{'containers':[{'image':'" REFUSED
			   "'}]}}}}",
	  "'allowed':true", NULL, 0 },
	{ "and gets nothing new",
	  HEAD "'operation':'UPDATE','oldObject':" POD(
		  KNOWN) ",'object':{'kind':'Pod','metadata':"
			 "{'deletionTimestamp':'2026-01-01T00:00:00Z'},'spec':{'containers':[{'image':'" REFUSED
			 "'}]}}}}",
	  "'allowed':false", NULL, 0 },
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
	{ "the same member twice", HEAD "'uid':'u-2','operation':'CREATE'}}", NULL, "", HM_INPUT },
	{ "no JSON", "{", NULL, "", HM_INPUT },
};

static void reviews(void **state)
{
	const struct webhook_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct gate *g = gate_fixture(&cx);
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
	return unit_run("gate/webhook");
}
