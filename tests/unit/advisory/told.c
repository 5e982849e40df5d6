/* SPDX-License-Identifier: Apache-2.0 */
/* What suppliers say and users have decided: to which match it applies, and to which it must not.
 */
#include "unit.h"

#include "advisory/assess.h"
#include "advisory/glob.h"
#include "advisory/ignore.h"

/* example.com/shop/web:1, linux/amd64, with two packages and two vulnerabilities in each. */
static void image(struct hm_cx *cx, struct inventory *inv)
{
	struct inventory_component *c = hm_new(cx, struct inventory_component, 2);
	c[0] = (struct inventory_component){
		.type = HM_STR("deb"),
		.namespace = HM_STR("debian"),
		.name = HM_STR("libssl3"),
		.source_name = HM_STR("openssl"),
		.version = HM_STR("3.0.11-1"),
		.purl = HM_STR("pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12"),
	};
	c[1] = (struct inventory_component){
		.type = HM_STR("npm"),
		.namespace = HM_STR("@a"),
		.name = HM_STR("b"),
		.version = HM_STR("1.0.0"),
		.purl = HM_STR("pkg:npm/%40a/b@1.0.0"),
		.locations = hm_new(cx, struct inventory_location, 1),
		.locations_n = 1,
	};
	c[1].locations[0].path = HM_STR("app/node_modules/@a/b/package.json");
	*inv = (struct inventory){ .components = c,
				   .n = 2,
				   .target = HM_STR("example.com/shop/web:1"),
				   .digest = HM_STR("sha256:aa") };
	inv->platform.architecture = HM_STR("amd64");
}

/* Which of the matches are suppressed: "1" to "4": CVE-1 and CVE-2 of libssl3, CVE-1 and CVE-2 of
 * @a/b, which alone has a fix for CVE-2. Then how much was not applied. */
static struct hm_str judged(struct hm_cx *cx, const struct inventory *inv,
			    const struct advisory_told *told)
{
	struct advisory_assess a;
	struct hm_strs unapplied = { 0 };
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	advisory_assess_init(cx, NULL, inv, told, &a);
	for (uint32_t i = 0; i < 4; i++) {
		struct advisory_match m = { .id = i % 2 ? HM_STR("CVE-2") : HM_STR("CVE-1"),
					    .component = i / 2 };
		*hm_push(cx, &m.aliases) = i % 2 ? HM_STR("GHSA-2") : HM_STR("GHSA-1");
		if (i == 3)
			*hm_push(cx, &m.fixed) = HM_STR("2.0.0");
		advisory_assess_match(cx, &a, &m);
		if (m.assessment.status == ADVISORY_AFFECTED)
			continue;
		assert_true(m.assessment.justification.n && m.assessment.source.n);
		hm_buf_fmt(&b, "%u", i + 1);
	}
	advisory_vex_unapplied(cx, &a, &unapplied);
	advisory_ignores_unapplied(cx, told, &unapplied);
	hm_buf_fmt(&b, " %zu", unapplied.n);
	for (size_t i = 0; i < unapplied.n; i++) {
		struct hm_str why = unapplied.p[i];
		(void)hm_cut_str(&why, HM_STR("): "));
		hm_buf_fmt(&b, " [%.*s]", HM_FMT(why.n ? why : unapplied.p[i]));
	}
	return hm_dup(cx, hm_buf_str(&b));
}

/* With ' for ". */
static struct hm_str quoted(struct hm_cx *cx, const char *text)
{
	char *p = hm_dupz(cx, hm_cstr(text));
	for (char *q = p; *q; q++)
		*q = *q == '\'' ? '"' : *q;
	return hm_cstr(p);
}

#define OPENVEX(statements)                                                                          \
	"{'@context':'https://openvex.dev/ns/v0.2.0','@id':'urn:x','author':'me','timestamp':'2024-" \
	"01-01T00:00:00Z','statements':[" statements "]}"
#define STATEMENT(status, products)                           \
	"{'vulnerability':{'name':'CVE-1'},'status':'" status \
	"','justification':'component_not_present','products':[" products "]}"
#define NOT(products) OPENVEX(STATEMENT("not_affected", products))
#define CSAF(tree, vulnerabilities)                                                                     \
	"{'document':{'category':'csaf_vex','csaf_version':'2.0','publisher':{'name':'me'},'tracking':" \
	"{'id':'X','current_release_date':'2024-01-01T00:00:00Z'}},'product_tree':{" tree               \
	"},'vulnerabilities':[{'cve':'CVE-1'," vulnerabilities "}]}"
#define PRODUCT(id, purl) \
	"{'name':'x','product_id':'" id "','product_identification_helper':{'purl':'" purl "'}}"
#define IMPACT "'threats':[{'category':'impact','details':'d'}]"
#define CDX(meta, components, vulnerability)                             \
	"{'bomFormat':'CycloneDX','specVersion':'1.5','metadata':{" meta \
	"},'components':[" components "],'vulnerabilities':[{'id':'CVE-1'," vulnerability "}]}"
#define NOT_REACHED "'analysis':{'state':'not_affected','justification':'code_not_reachable'}"
#define NOTHING     " 1 [it names no product of this target]"

static const struct vex_case {
	const char *label, *text, *want;
} vex[] = {
	/* the package itself */
	{ "a package", NOT("{'@id':'pkg:deb/debian/libssl3@3.0.11-1'}"), "1 0" },
	{ "fixed", OPENVEX(STATEMENT("fixed", "{'@id':'pkg:deb/debian/libssl3@3.0.11-1'}")),
	  "1 0" },
	{ "affected", OPENVEX(STATEMENT("affected", "{'@id':'pkg:deb/debian/libssl3'}")), " 0" },
	{ "under investigation",
	  OPENVEX(STATEMENT("under_investigation", "{'@id':'pkg:deb/debian/libssl3'}")), " 0" },
	{ "of any version", NOT("{'@id':'pkg:deb/debian/libssl3'}"), "1 0" },
	{ "by its identifier, with a name of the author's",
	  NOT("{'@id':'https://x.example/1','identifiers':{'purl':'pkg:npm/%40a/b'}}"), "3 0" },
	{ "a qualifier that it has", NOT("{'@id':'pkg:deb/debian/libssl3?arch=amd64'}"), "1 0" },
	{ "a qualifier that it has not", NOT("{'@id':'pkg:deb/debian/libssl3?arch=arm64'}"),
	  NOTHING },
	{ "a qualifier nobody has", NOT("{'@id':'pkg:deb/debian/libssl3?x=y'}"), NOTHING },
	{ "another version", NOT("{'@id':'pkg:deb/debian/libssl3@3.0.11'}"), NOTHING },
	{ "the beginning of a name", NOT("{'@id':'pkg:deb/debian/libssl'}"), NOTHING },
	{ "another namespace", NOT("{'@id':'pkg:deb/ubuntu/libssl3'}"), NOTHING },
	{ "no namespace", NOT("{'@id':'pkg:deb/libssl3'}"), NOTHING },
	{ "a subpath", NOT("{'@id':'pkg:npm/%40a/b#lib'}"), NOTHING },
	{ "by another name of the vulnerability",
	  OPENVEX("{'vulnerability':{'name':'X-1','aliases':['GHSA-1']},'status':'fixed',"
		  "'products':[{'@id':'pkg:npm/%40a/b'}]}"),
	  "3 0" },
	{ "another vulnerability",
	  OPENVEX("{'vulnerability':{'name':'CVE-10'},'status':'fixed','products':[{'@id':"
		  "'pkg:npm/%40a/b'}]}"),
	  " 0" },
	/* the image */
	{ "the image by digest", NOT("{'@id':'pkg:oci/other@sha256%3Aaa'}"), "13 0" },
	{ "the image by another digest", NOT("{'@id':'pkg:oci/web@sha256%3Abb'}"), NOTHING },
	{ "the image by name", NOT("{'@id':'pkg:oci/web'}"), "13 0" },
	{ "another image", NOT("{'@id':'pkg:oci/we'}"), NOTHING },
	{ "the image by its repository",
	  NOT("{'@id':'pkg:oci/web?repository_url=example.com/shop/web'}"), "13 0" },
	{ "the repository without the name, as of old",
	  NOT("{'@id':'pkg:oci/web?repository_url=example.com/shop'}"), "13 0" },
	{ "another repository", NOT("{'@id':'pkg:oci/web?repository_url=example.com/sho'}"),
	  NOTHING },
	{ "another registry", NOT("{'@id':'pkg:oci/web?repository_url=example.org/shop/web'}"),
	  NOTHING },
	{ "its tag and architecture", NOT("{'@id':'pkg:oci/web?tag=1&arch=amd64'}"), "13 0" },
	{ "another tag", NOT("{'@id':'pkg:oci/web?tag=2'}"), NOTHING },
	{ "a qualifier of images nobody knows", NOT("{'@id':'pkg:oci/web?x=y'}"), NOTHING },
	{ "its reference", NOT("{'@id':'example.com/shop/web:1'}"), "13 0" },
	{ "the beginning of its reference", NOT("{'@id':'example.com/shop/web'}"), NOTHING },
	{ "its digest as a hash", NOT("{'@id':'x','hashes':{'sha-256':'AA'}}"), "13 0" },
	/* a part of the image */
	{ "a part", NOT("{'@id':'pkg:oci/web','subcomponents':[{'@id':'pkg:npm/%40a/b'}]}"),
	  "3 0" },
	{ "a part of another image",
	  NOT("{'@id':'pkg:oci/x','subcomponents':[{'@id':'pkg:npm/%40a/b'}]}"), NOTHING },
	{ "a part of a package",
	  NOT("{'@id':'pkg:npm/%40a/b','subcomponents':[{'@id':'pkg:npm/%40a/b'}]}"), NOTHING },
	{ "a part that is not there",
	  NOT("{'@id':'pkg:oci/web','subcomponents':[{'@id':'pkg:npm/c'}]}"), NOTHING },
	{ "OpenVEX of old",
	  OPENVEX("{'vulnerability':'CVE-1','status':'fixed','products':['pkg:oci/web'],"
		  "'subcomponents':['pkg:npm/%40a/b']}"),
	  "3 0" },
	/* what names nothing */
	{ "no products", NOT(""), " 1 [it names no product]" },
	{ "an empty product", NOT("{}"), " 1 [a product has no name]" },
	{ "an empty name", NOT("{'@id':''}"), " 1 [a product has no name]" },
	{ "an empty part", NOT("{'@id':'pkg:oci/web','subcomponents':[{}]}"),
	  " 1 [a product or a part has no name]" },
	{ "a wildcard", NOT("{'@id':'*'},{'@id':'pkg:deb/debian/*'}"), NOTHING },
	/* time */
	{ "a later word counts",
	  OPENVEX(STATEMENT(
		  "affected",
		  "{'@id':'pkg:oci/web'}") ",{'vulnerability':'CVE-1',"
					   "'timestamp':'2024-02-01T00:00:00Z','status':'fixed','products':['pkg:oci/web']}"),
	  "13 0" },
	{ "an earlier one does not",
	  OPENVEX(STATEMENT(
		  "affected",
		  "{'@id':'pkg:oci/web'}") ",{'vulnerability':'CVE-1',"
					   "'timestamp':'2023-02-01T00:00:00Z','status':'fixed','products':['pkg:oci/web']}"),
	  " 0" },
	{ "at the same time the worst",
	  OPENVEX(STATEMENT("not_affected", "{'@id':'pkg:oci/web'}") "," STATEMENT(
		  "under_investigation", "{'@id':'pkg:npm/%40a/b'}")),
	  "1 0" },
	/* CSAF */
	{ "CSAF: a package in a branch",
	  CSAF("'branches':[{'branches':[{'product':" PRODUCT("P", "pkg:npm/%40a/b@1.0.0") "}]}]",
	       "'product_status':{'known_not_affected':['P']}," IMPACT),
	  "3 0" },
	{ "CSAF: fixed needs no justification",
	  CSAF("'full_product_names':[" PRODUCT("P", "pkg:npm/%40a/b@1.0.0") "]",
	       "'product_status':{'fixed':['P']}"),
	  "3 0" },
	{ "CSAF: not affected needs one",
	  CSAF("'full_product_names':[" PRODUCT("P", "pkg:npm/%40a/b@1.0.0") "]",
	       "'product_status':{'known_not_affected':['P']}"),
	  " 1 [it gives no justification]" },
	{ "CSAF: a flag for another product is none",
	  CSAF("'full_product_names':[" PRODUCT("P", "pkg:npm/%40a/b@1.0.0") "]",
	       "'flags':[{'label':'component_not_present','product_ids':['Q']}],"
	       "'product_status':{'known_not_affected':['P']}"),
	  " 1 [it gives no justification]" },
	{ "CSAF: a part of the image",
	  CSAF("'full_product_names':[" PRODUCT("P", "pkg:npm/%40a/b") "," PRODUCT(
		       "I",
		       "pkg:oci/"
		       "web") "],"
			      "'relationships':[{'product_reference':'P','relates_to_product_reference':'I',"
			      "'full_product_name':{'name':'x','product_id':'PI'}}],"
			      "'product_groups':[{'group_id':'G','product_ids':['PI']}]",
	       "'flags':[{'label':'component_not_present','group_ids':['G']}],"
	       "'product_status':{'known_not_affected':['PI']}"),
	  "3 0" },
	{ "CSAF: a part of another image",
	  CSAF("'full_product_names':[" PRODUCT("P", "pkg:npm/%40a/b") "," PRODUCT(
		       "I",
		       "pkg:oci/"
		       "x") "],"
			    "'relationships':[{'product_reference':'P','relates_to_product_reference':'I',"
			    "'full_product_name':{'name':'x','product_id':'PI'}}]",
	       "'product_status':{'fixed':['PI']}"),
	  NOTHING },
	{ "CSAF: a product that is nowhere",
	  CSAF("'full_product_names':[]", "'product_status':{'fixed':['P']}"),
	  " 1 [a product is not in the product tree]" },
	{ "CSAF: a product without purl",
	  CSAF("'full_product_names':[{'name':'x','product_id':'P'}]",
	       "'product_status':{'fixed':['P']}"),
	  " 1 [a product has neither purl nor hash]" },
	{ "CSAF: in two statuses",
	  CSAF("'full_product_names':[" PRODUCT("P", "pkg:npm/%40a/b@1.0.0") "]",
	       "'product_status':{'fixed':['P'],'known_affected':['P']}"),
	  " 0" },
	/* CycloneDX */
	{ "CycloneDX: a component of the document",
	  CDX("", "{'bom-ref':'c','name':'b','purl':'pkg:npm/%40a/b@1.0.0'}",
	      NOT_REACHED ",'affects':[{'ref':'c'}]"),
	  "3 0" },
	{ "CycloneDX: a component within one",
	  CDX("", "{'name':'x','components':[{'bom-ref':'c','purl':'pkg:npm/%40a/b@1.0.0'}]}",
	      NOT_REACHED ",'affects':[{'ref':'c'}]"),
	  "3 0" },
	{ "CycloneDX: a purl", CDX("", "", NOT_REACHED ",'affects':[{'ref':'pkg:npm/%40a/b'}]"),
	  "3 0" },
	{ "CycloneDX: of the image that it is about",
	  CDX("'component':{'bom-ref':'i','purl':'pkg:oci/web'}",
	      "{'bom-ref':'c','purl':'pkg:npm/%40a/b'}", NOT_REACHED ",'affects':[{'ref':'c'}]"),
	  "3 0" },
	{ "CycloneDX: that image",
	  CDX("'component':{'bom-ref':'i','purl':'pkg:oci/web'}", "",
	      NOT_REACHED ",'affects':[{'ref':'i'}]"),
	  "13 0" },
	{ "CycloneDX: of another image",
	  CDX("'component':{'bom-ref':'i','purl':'pkg:oci/x'}",
	      "{'bom-ref':'c','purl':'pkg:npm/%40a/b'}", NOT_REACHED ",'affects':[{'ref':'c'}]"),
	  NOTHING },
	{ "CycloneDX: a link into another document",
	  CDX("", "",
	      NOT_REACHED ",'affects':[{'ref':'urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/"
			  "1#pkg:npm/%40a/b@1.0.0'}]"),
	  " 1 [it is about the components of another document (a BOM-Link)]" },
	{ "CycloneDX: its version",
	  CDX("", "",
	      NOT_REACHED ",'affects':[{'ref':'pkg:npm/%40a/b','versions':[{'version':"
			  "'1.0.0','status':'unaffected'}]}]"),
	  "3 0" },
	{ "CycloneDX: another version",
	  CDX("", "",
	      NOT_REACHED ",'affects':[{'ref':'pkg:npm/%40a/b','versions':[{'version':'1.0'}]}]"),
	  NOTHING },
	{ "CycloneDX: a range",
	  CDX("", "",
	      NOT_REACHED
	      ",'affects':[{'ref':'pkg:npm/%40a/b','versions':[{'range':'vers:npm/*'}]}]"),
	  " 1 [it names versions by a range only]" },
	{ "CycloneDX: a finding, no statement", CDX("", "", "'affects':[{'ref':'pkg:npm/%40a/b'}]"),
	  " 0" },
	{ "CycloneDX: exploitable",
	  CDX("", "", "'analysis':{'state':'exploitable'},'affects':[{'ref':'pkg:npm/%40a/b'}]"),
	  " 0" },
	{ "CycloneDX: nothing", CDX("", "", NOT_REACHED ",'affects':[]"),
	  " 1 [it names no product]" },
};

static void vex_applies(void **state)
{
	const struct vex_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct advisory_told told = { 0 };
	struct inventory inv;
	image(&cx, &inv);
	assert_ok(advisory_vex_read(&cx, HM_STR("a.json"), quoted(&cx, t->text), &told));
	assert_strz(judged(&cx, &inv, &told), t->want);
}

static const struct bad_case {
	const char *label, *text, *why;
} bad_vex[] = {
	{ "no JSON", "x", "line 1" },
	{ "another document", "{'version':'2.1.0','runs':[]}", "not a VEX document" },
	{ "an SBOM", "{'bomFormat':'CycloneDX','components':[]}", "not a VEX document" },
	{ "a member twice", "{'@context':'https://openvex.dev/ns','statements':[],'statements':[]}",
	  "statements" },
	{ "another context", "{'@context':'https://openvex.dev/nsx','statements':[]}",
	  "not a VEX document" },
	{ "OpenVEX without statements", "{'@context':'https://openvex.dev/ns'}",
	  "OpenVEX: \"statements\" is not an array" },
	{ "a status that is none", OPENVEX(STATEMENT("Not_Affected", "{'@id':'pkg:oci/web'}")),
	  "OpenVEX: statement 1: OpenVEX has no status \"Not_Affected\"" },
	{ "not affected, and no why",
	  OPENVEX("{'vulnerability':'CVE-1','status':'not_affected','products':['pkg:oci/web']}"),
	  "needs a \"justification\"" },
	{ "CSAF of another version", "{'document':{'csaf_version':'1.0'}}",
	  "version \"1.0\" is neither 2.0 nor 2.1" },
	{ "CSAF of another profile",
	  "{'document':{'csaf_version':'2.0','category':'csaf_security_advisory'}}",
	  "not \"csaf_vex\"" },
	{ "CSAF with a product twice",
	  CSAF("'full_product_names':[" PRODUCT("P", "pkg:npm/a") "," PRODUCT("P", "pkg:npm/b") "]",
	       "'product_status':{}"),
	  "product \"P\" stands there twice" },
	{ "CSAF with a product without id", CSAF("'full_product_names':[{}]", "'x':1"),
	  "a product has no \"product_id\"" },
	{ "CycloneDX with other vulnerabilities", "{'bomFormat':'CycloneDX','vulnerabilities':{}}",
	  "\"vulnerabilities\" is not an array" },
};

static void vex_is_refused(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct advisory_told told = { 0 };
	assert_fault(advisory_vex_read(&cx, HM_STR("a"), quoted(&cx, t->text), &told), HM_INPUT,
		     t->why);
}

/* Each format is known by its own documents alone. */
static void vex_formats_are_distinct(void **state)
{
	(void)state;
	static const char *const documents[] = { OPENVEX(""), CSAF("", "'x':1"),
						 CDX("", "", "'x':1") };
	size_t n = 0;
	for (const struct advisory_vex_format *f = advisory_vex_formats; f->name; f++) {
		for (size_t i = 0; i < HM_LEN(documents); i++) {
			HM_AUTO_CX cx = HM_CX(HM_MIB);
			struct json doc;
			assert_ok(json_parse(&cx, quoted(&cx, documents[i]), JSON_PLAIN, &doc));
			assert_int_equal(f->is(doc), i == n);
		}
		n++;
	}
	assert_int_equal(n, HM_LEN(documents));
}

/* A folder has no name by which an image is called. */
static void images_are_not_folders(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct advisory_told told = { 0 };
	struct inventory inv;
	image(&cx, &inv);
	inv.target = HM_STR("dir:/srv/web");
	inv.digest = HM_STR("");
	assert_ok(advisory_vex_read(&cx, HM_STR("a"), quoted(&cx, NOT("{'@id':'pkg:oci/web'}")),
				    &told));
	assert_strz(judged(&cx, &inv, &told), NOTHING);
}

/* --- ignore files --- */

static const struct ignore_case {
	const char *label, *file, *text, *want;
} ignores[] = {
	{ "lines", ".trivyignore", "# why\nCVE-1 # here\n\nCVE-9\n", "13 0" },
	{ "another name of the vulnerability", ".trivyignore", "GHSA-2", "24 0" },
	{ "the beginning of a name", ".trivyignore", "CVE-", " 0" },
	{ "an end that has come", ".trivyignore", "CVE-1 exp:2024-01-01",
	  " 1 [.trivyignore: line 1: it ended at 2024-01-01T00:00:00Z]" },
	{ "an end to come", ".trivyignore", "CVE-1 exp:2026-01-01", "13 0" },
	{ "Trivy's YAML", "a.yaml", "vulnerabilities:\n - id: CVE-1\n   statement: x\n", "13 0" },
	{ "of a package", "a.yaml",
	  "vulnerabilities:\n - id: CVE-1\n   purls: ['pkg:npm/%40a/b']\n", "3 0" },
	{ "of another version", "a.yaml",
	  "vulnerabilities:\n - id: CVE-1\n   purls: ['pkg:npm/%40a/b@2']\n", " 0" },
	{ "of a path", "a.yaml",
	  "vulnerabilities:\n - id: CVE-1\n   paths: ['app/**/package.json']\n", "3 0" },
	{ "of another path", "a.yaml", "vulnerabilities:\n - id: CVE-1\n   paths: ['app/*.json']\n",
	  " 0" },
	{ "an end in YAML", "a.yaml", "vulnerabilities:\n - id: CVE-1\n   expired_at: 2024-01-01\n",
	  " 1 [a.yaml: vulnerability 1: it ended at 2024-01-01T00:00:00Z]" },
	{ "without id", "a.yaml", "vulnerabilities:\n - statement: x\n",
	  " 1 [a.yaml: vulnerability 1: it has no \"id\"]" },
	{ "a pattern that is not known", "a.yaml",
	  "vulnerabilities:\n - id: CVE-1\n   paths: ['app/[a-z]']\n",
	  " 1 [a.yaml: vulnerability 1: it has a pattern of another kind than *, ** and ?]" },
	{ "a purl that is none", "a.yaml", "vulnerabilities:\n - id: CVE-1\n   purls: [b]\n",
	  " 1 [a.yaml: vulnerability 1: one of its purls cannot be read]" },
	{ "what is no vulnerability", "a.yaml", "secrets:\n - id: x\n", " 0" },
	{ "Grype's", ".grype.yaml", "ignore:\n - vulnerability: CVE-1\n   reason: x\n", "13 0" },
	{ "by the state of the fix", ".grype.yaml", "ignore:\n - fix-state: fixed\n", "4 0" },
	{ "of what has no fix", ".grype.yaml", "ignore:\n - fix-state: not-fixed\n", "123 0" },
	{ "of a package", ".grype.yaml",
	  "ignore:\n - package: {name: libssl3, version: 3.0.11-1, type: deb}\n", "12 0" },
	{ "with its scope", ".grype.yaml", "ignore:\n - package: {name: '@a/b', type: npm}\n",
	  "34 0" },
	{ "of a place", ".grype.yaml", "ignore:\n - package: {location: '/app/**'}\n", "34 0" },
	{ "a regular expression", ".grype.yaml", "ignore:\n - package: {name: 'lib.*'}\n", "12 0" },
	{ "which is of the whole name", ".grype.yaml", "ignore:\n - package: {name: 'lib.'}\n",
	  " 0" },
	{ "without a star", ".grype.yaml", "ignore:\n - package: {name: 'lib.+3', type: deb}\n",
	  "12 0" },
	{ "with a dot alone", ".grype.yaml", "ignore:\n - package: {name: 'l.bssl3'}\n", "12 0" },
	{ "of a scope", ".grype.yaml", "ignore:\n - package: {name: '^@a/(b|c)$'}\n", "34 0" },
	{ "one that is none", ".grype.yaml", "ignore:\n - package: {name: 'lib('}\n",
	  " 1 [.grype.yaml: ignore 1: its package name cannot be read as a regular expression]" },
	{ "a name that looks like one", ".grype.yaml", "ignore:\n - package: {name: 'libc++'}\n",
	  " 0" },
	{ "its source", ".grype.yaml", "ignore:\n - package: {upstream-name: openssl}\n", "12 0" },
	{ "an expression for it", ".grype.yaml",
	  "ignore:\n - package: {upstream-name: 'open(ssl|ldap)'}\n", "12 0" },
	{ "another source", ".grype.yaml", "ignore:\n - package: {upstream-name: libssl3}\n",
	  " 0" },
	{ "packages of a language", ".grype.yaml", "ignore:\n - package: {language: javascript}\n",
	  "34 0" },
	{ "of another", ".grype.yaml", "ignore:\n - package: {name: '@a/b', language: go}\n",
	  " 0" },
	{ "a namespace", ".grype.yaml", "ignore:\n - vulnerability: CVE-1\n   namespace: nvd\n",
	  " 1 [.grype.yaml: ignore 1: it asks for what is not known here]" },
	{ "a language", ".grype.yaml", "ignore:\n - package: {name: libssl3, language: c}\n",
	  " 1 [.grype.yaml: ignore 1: its language is not known here]" },
	{ "something of a package that is not known", ".grype.yaml",
	  "ignore:\n - package: {name: libssl3, colour: red}\n",
	  " 1 [.grype.yaml: ignore 1: it asks more of the package than what is known here]" },
	{ "a state that is not known", ".grype.yaml", "ignore:\n - fix-state: wont-fix\n",
	  " 1 [.grype.yaml: ignore 1: its fix-state is not known here]" },
	{ "nothing at all", ".grype.yaml", "ignore:\n - reason: x\n",
	  " 1 [.grype.yaml: ignore 1: it asks for nothing, and would ignore everything]" },
};

static void ignore_applies(void **state)
{
	const struct ignore_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct advisory_told told = { .now = hm_utc(2025, 1, 1, 0, 0, 0) };
	struct inventory inv;
	image(&cx, &inv);
	assert_ok(advisory_ignores_read(&cx, hm_cstr(t->file), hm_cstr(t->text), &told));
	assert_strz(judged(&cx, &inv, &told), t->want);
}

static const struct bad_ignore_case {
	const char *label, *file, *text, *why;
} bad_ignores[] = {
	{ "more on a line", "a", "CVE-1\nCVE-1 CVE-2",
	  "line 2: \"CVE-2\" is not \"exp:2026-12-31\"" },
	{ "no date", "a", "CVE-1 exp:soon", "line 1: \"soon\" is not a date" },
	{ "no such day", "a", "CVE-1 exp:2024-02-31", "is not a date" },
	{ "no date in YAML", "a.yaml", "vulnerabilities:\n - {id: CVE-1, expired_at: never}",
	  "vulnerability 1: \"never\" is not a date" },
	{ "a number for a date", "a.yaml", "vulnerabilities:\n - {id: CVE-1, expired_at: 2024}",
	  "vulnerability 1: \"\" is not a date" },
	{ "a key that is not known", "a.yaml", "vulnerabilities:\n - {id: CVE-1, path: [x]}",
	  "path" },
	{ "no YAML", "a.yaml", "a: [", "line" },
	{ "another YAML", "a.yaml", "- a\n", "it has neither" },
	{ "Grype's without list", "a.yaml", "ignore: x\n", "it has neither" },
};

static void ignore_is_refused(void **state)
{
	const struct bad_ignore_case *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct advisory_told told = { 0 };
	assert_fault(advisory_ignores_read(&cx, hm_cstr(t->file), hm_cstr(t->text), &told),
		     HM_INPUT, t->why);
}

static void only_fixed(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct advisory_told told = { .only_fixed = true };
	struct inventory inv;
	image(&cx, &inv);
	assert_strz(judged(&cx, &inv, &told), "123 0");
	told.only_fixed = false;
	assert_strz(judged(&cx, &inv, &told), " 0");
}

static const struct glob_case {
	const char *label, *pattern, *path;
	bool want;
} globs[] = {
	{ "itself", "a/b", "a/b", true },
	{ "a beginning", "a/b", "a/bc", false },
	{ "an end", "b", "a/b", false },
	{ "* is no slash", "a/*", "a/b/c", false },
	{ "* is nothing, too", "a/*", "a/", true },
	{ "* within", "a/*.j*r", "a/b.jar", true },
	{ "? is one", "a?c", "abc", true },
	{ "? is not none", "a?c", "ac", false },
	{ "? is no slash", "a?c", "a/c", false },
	{ "** over folders", "a/**/c", "a/b/b/c", true },
	{ "** over none", "a/**/c", "a/c", true },
	{ "** begins at a slash", "**/c", "bc", false },
	{ "** at the front", "**/c", "c", true },
	{ "** at the end", "a/**", "a/b/c", true },
	{ "** of another folder", "a/**", "b/a/c", false },
	{ "many of them", "**/**/**/*a*a*a*", "x/aaaaaaaaaaaaaaaaaaaaab", true },
	{ "nothing", "", "", true },
	{ "nothing is not all", "", "a", false },
};

static void glob(void **state)
{
	const struct glob_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	assert_int_equal(advisory_glob(&cx, hm_cstr(t->pattern), hm_cstr(t->path)), t->want);
}

/* Documents that other programs wrote: how many statements, as what. */
static const struct real_case {
	const char *label, *path, *format;
	size_t statements;
} real[] = {
	{ "OpenVEX of Grype's tests", "sbom/vex/grype/testdata/vex-docs/openvex-debian.json",
	  "OpenVEX", 1 },
	{ "OpenVEX of Trivy's tests", "sbom/vex/trivy/testdata/openvex-multiple.json", "OpenVEX",
	  2 },
	{ "CSAF of Grype's tests", "sbom/vex/grype/testdata/vex-docs/csaf-demo1.json", "CSAF", 1 },
	{ "CSAF of Trivy's tests", "sbom/vex/trivy/testdata/csaf-relationships.json", "CSAF", 1 },
	{ "CycloneDX of Trivy's tests", "sbom/vex/trivy/testdata/cyclonedx.json", "CycloneDX", 2 },
};

static void real_is_read(void **state)
{
	const struct real_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct advisory_told told = { 0 };
	struct hm_str bytes;
	assert_ok(hm_read_file(&cx, unit_data(&cx, t->path), HM_MIB, &bytes));
	assert_ok(advisory_vex_read(&cx, HM_STR("a"), bytes, &told));
	assert_string_equal(told.vex->documents[0].format, t->format);
	assert_int_equal(told.vex->n, t->statements);
	for (size_t i = 0; i < told.vex->n; i++)
		assert_true(told.vex->statements[i].ids.n && told.vex->statements[i].products_n);
}

int main(void)
{
	UNIT_TABLE(vex_applies, vex);
	UNIT_TABLE(vex_is_refused, bad_vex);
	UNIT(vex_formats_are_distinct);
	UNIT(images_are_not_folders);
	UNIT_TABLE(ignore_applies, ignores);
	UNIT_TABLE(ignore_is_refused, bad_ignores);
	UNIT(only_fixed);
	UNIT_TABLE(glob, globs);
	UNIT_TABLE(real_is_read, real);
	return unit_run("advisory/told");
}
