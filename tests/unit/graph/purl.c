/* SPDX-License-Identifier: Apache-2.0 */
/* Purls as names: one spelling for each. */
#include "unit.h"

#include "graph/doc.h"

static const struct good_case {
	const char *label, *purl, *key, *name, *version;
} good[] = {
	{ "plain", "pkg:npm/lodash@4.17.20", "pkg:npm/lodash@4.17.20", "pkg:npm/lodash",
	  "4.17.20" },
	{ "without a version", "pkg:npm/lodash", "pkg:npm/lodash", "pkg:npm/lodash", "" },
	{ "a scope, encoded or not", "pkg:npm/@angular/core@1", "pkg:npm/%40angular/core@1",
	  "pkg:npm/%40angular/core", "1" },
	{ "the same, encoded", "pkg:npm/%40angular/core@1", "pkg:npm/%40angular/core@1",
	  "pkg:npm/%40angular/core", "1" },
	{ "letters of types do not count, nor slashes before them", "pkg://NPM/a@1", "pkg:npm/a@1",
	  "pkg:npm/a", "1" },
	{ "rules of a type", "pkg:pypi/Flask_Login@0.1", "pkg:pypi/flask-login@0.1",
	  "pkg:pypi/flask-login", "0.1" },
	{ "qualifiers are sorted, empty ones dropped",
	  "pkg:deb/debian/curl@7.50?distro=jessie&arch=i386&x=",
	  "pkg:deb/debian/curl@7.50?arch=i386&distro=jessie", "pkg:deb/debian/curl", "7.50" },
	{ "a subpath", "pkg:golang/example.com/a/b@v1#c/d", "pkg:golang/example.com/a/b@v1#c/d",
	  "pkg:golang/example.com/a/b", "v1" },
	{ "a version with signs", "pkg:deb/debian/a@1%3A2%2Bb~1", "pkg:deb/debian/a@1:2+b~1",
	  "pkg:deb/debian/a", "1:2+b~1" },
	{ "an image where it is stored",
	  "pkg:oci/web@sha256%3Aabc?repository_url=r.example/shop/web&tag=1",
	  "pkg:oci/r.example/shop/web@sha256:abc?tag=1", "pkg:oci/r.example/shop/web",
	  "sha256:abc" },
	{ "the same of Docker", "pkg:docker/shop/web@1?repository_url=r.example",
	  "pkg:docker/r.example/shop/web@1", "pkg:docker/r.example/shop/web", "1" },
	{ "what GUAC calls a document whose name begins with a slash", "pkg:guac/spdx//a",
	  "pkg:guac/spdx/a", "pkg:guac/spdx/a", "" },
	{ "or has one more", "pkg:guac/spdx//home/a", "pkg:guac/spdx//home/a",
	  "pkg:guac/spdx//home/a", "" },
	{ "what GUAC calls a file", "pkg:guac/files/sha256:abc?filename=/a/b%20c",
	  "pkg:guac/files/sha256:abc?filename=/a/b%20c", "pkg:guac/files/sha256:abc", "" },
	{ "a sign that begins no pair of digits", "pkg:npm/a%zz@1", "pkg:npm/a%25zz@1",
	  "pkg:npm/a%25zz", "1" },
};

static void reads(void **state)
{
	const struct good_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str key, name, again;
	assert_ok(graph_purl(&cx, hm_cstr(t->purl), &key, &name));
	assert_strz(key, t->key);
	assert_strz(name, t->name);
	assert_strz(graph_purl_version(&cx, key), t->version);
	assert_ok(graph_purl(&cx, key, &again, &name));
	if (!strstr(t->purl, "repository_url"))
		assert_str(again, key);
}

static const char *const bad[] = {
	"",       "lodash",  "pkg:",      "pkg:npm",    "pkg:npm/",
	"pkg:/a", "pkg:1/a", "pkg:a b/c", "pkg:npm/@1", "pkg:golang/@?type=module"
};

static void refuses(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str key, name;
	for (size_t i = 0; i < HM_LEN(bad); i++)
		assert_fault(graph_purl(&cx, hm_cstr(bad[i]), &key, &name), HM_INPUT,
			     "is not a purl");
	char *many = hm_alloc(&cx, HM_MAX_GRAPH_KEY + 16, 1, 1);
	memset(many, 'a', HM_MAX_GRAPH_KEY + 16);
	memcpy(many, "pkg:npm/", 8);
	assert_fault(graph_purl(&cx, hm_bytes(many, HM_MAX_GRAPH_KEY + 16), &key, &name), HM_LIMIT,
		     "a purl");
}

int main(void)
{
	UNIT_TABLE(reads, good);
	UNIT(refuses);
	return unit_run("graph/purl");
}
