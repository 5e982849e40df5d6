/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/cataloger.h"

#include "unit.h"

static const struct purl_case {
	const char *label, *type, *namespace, *name, *version, *purl, *source, *source_version,
		*distro;
} cases[] = {
	{ "deb with epoch and source", "deb", "debian", "bsdutils", "1:2.38.1-5+deb12u1",
	  "pkg:deb/debian/bsdutils@1:2.38.1-5%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=util-linux%402.38.1-5",
	  "util-linux", "2.38.1-5", "debian-12" },
	{ "deb that is its own source", "deb", "debian", "bash", "5.2",
	  "pkg:deb/debian/bash@5.2?arch=amd64", "bash", "5.2", NULL },
	{ "apk with an origin", "apk", "alpine", "libcrypto3", "3.1.4-r5",
	  "pkg:apk/alpine/libcrypto3@3.1.4-r5?arch=amd64&upstream=openssl", "openssl", "3.1.4-r5",
	  NULL },
	{ "rpm with epoch", "rpm", "redhat", "openssl-libs", "1:3.0.7-6.el9",
	  "pkg:rpm/redhat/openssl-libs@3.0.7-6.el9?arch=amd64&epoch=1&upstream=openssl-3.0.7-6.el9.src.rpm",
	  "openssl", "3.0.7-6.el9", NULL },
	{ "rpm names keep their case", "rpm", "fedora", "NetworkManager", "1-2",
	  "pkg:rpm/fedora/NetworkManager@1-2?arch=amd64", NULL, NULL, NULL },
	{ "npm with a scope", "npm", "@babel", "core", "7.0.0", "pkg:npm/%40babel/core@7.0.0", NULL,
	  NULL, NULL },
	{ "pypi is lower case with dashes", "pypi", "", "Typing_Extensions", "4.0",
	  "pkg:pypi/typing-extensions@4.0", NULL, NULL, NULL },
	{ "a Go module's path is its name", "golang", "", "github.com/Masterminds/semver/v3",
	  "v3.2.1", "pkg:golang/github.com/masterminds/semver/v3@v3.2.1", NULL, NULL, NULL },
	{ "Go's standard library has a plain version", "golang", "", "stdlib", "go1.22.3",
	  "pkg:golang/stdlib@1.22.3", NULL, NULL, NULL },
	{ "Maven keeps its case", "maven", "org.Apache", "Log4j", "2.0",
	  "pkg:maven/org.Apache/Log4j@2.0", NULL, NULL, NULL },
	{ "what is not a word character is encoded", "cargo", "", "a b", "1+x/y@z",
	  "pkg:cargo/a%20b@1%2Bx%2Fy%40z", NULL, NULL, NULL },
	{ "no version", "pypi", "", "a", "", "pkg:pypi/a", NULL, NULL, NULL },
};

static void format_and_parse(void **state)
{
	const struct purl_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct inventory_component c = {
		.type = hm_cstr(t->type),
		.namespace = hm_cstr(t->namespace),
		.name = hm_cstr(t->name),
		.version = hm_cstr(t->version),
		.source_name = hm_cstr(t->source),
		.source_version = hm_cstr(t->source_version),
		.distro = hm_cstr(t->distro),
		.arch = HM_STR("amd64"),
	};
	struct inventory_component back;
	assert_strz(inventory_purl(&cx, &c), t->purl);
	assert_ok(inventory_purl_parse(&cx, hm_cstr(t->purl), &back));
	assert_strz(back.version, t->version);
	assert_true(hm_cmp_nocase(back.name, c.name) == 0 || !strcmp(t->type, "pypi"));
	if (t->source) {
		assert_strz(back.source_name, t->source);
		assert_strz(back.source_version, t->source_version);
	}
	assert_str(inventory_purl(&cx, &back), hm_cstr(t->purl)); /* canonical */
}

static const struct foreign_case {
	const char *label, *purl, *type, *namespace, *name, *version;
} foreign[] = {
	{ "a scheme in capitals, and slashes", "PKG://NPM/foo@1.0", "npm", "", "foo", "1.0" },
	{ "an epoch that is encoded", "pkg:deb/debian/a@1%3A2.0", "deb", "debian", "a", "1:2.0" },
	{ "a scope that is not", "pkg:npm/@s/a@1.0", "npm", "@s", "a", "1.0" },
	{ "a scope that is not, and no version", "pkg:npm/@s/a", "npm", "@s", "a", "" },
	{ "a subpath", "pkg:golang/a.org/b@v1#sub/dir", "golang", "", "a.org/b", "v1" },
	{ "qualifiers that we do not know", "pkg:generic/a@1?download_url=x", "generic", "", "a",
	  "1" },
};

static void read_foreign(void **state)
{
	const struct foreign_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct inventory_component c;
	assert_ok(inventory_purl_parse(&cx, hm_cstr(t->purl), &c));
	assert_strz(c.type, t->type);
	assert_strz(c.namespace, t->namespace);
	assert_strz(c.name, t->name);
	assert_strz(c.version, t->version);
}

static const struct bad_case {
	const char *label, *purl, *why;
} bad[] = {
	{ "nothing", "", "does not begin" },
	{ "another scheme", "http://a", "does not begin" },
	{ "is not a valid type", "pkg:/a@1", "is not a valid type" },
	{ "a type that is none", "pkg:a_b/c", "is not a valid type" },
	{ "the name is missing", "pkg:npm/", "the name is missing" },
	{ "a slash in a part of the namespace", "pkg:npm/a%2fb/c", "holds a slash" },
	{ "a Go module that ends with a slash", "pkg:golang/a/b%2F", "the name is missing" },
	{ "a Go module with an empty part", "pkg:golang/a%2F%2Fb", "the name is missing" },
	{ "no name but a version", "pkg:npm/a/@1", NULL },
	{ "a percent sign at the end", "pkg:npm/a@1%", "percent" },
	{ "a percent sign and one digit", "pkg:npm/a@1%4", "percent" },
	{ "a NUL byte that is encoded", "pkg:npm/a@1%00", "NUL" },
	{ "a percent sign and no hex", "pkg:npm/a%zz@1", "percent" },
};

static void refuse(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct inventory_component c;
	hm_err err = inventory_purl_parse(&cx, hm_cstr(t->purl), &c);
	if (t->why)
		assert_fault(err, HM_INPUT, t->why);
}

static void source_packages_of_rpm(void **state)
{
	(void)state;
	static const char *const rows[][3] = {
		{ "bash-5.1-1.el9.src.rpm", "bash", "5.1-1.el9" },
		{ "python-a-b-1-2.nosrc.rpm", "python-a-b", "1-2" },
		{ "odd.src.rpm", "odd", "" },
		{ "", "", "" },
	};
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		struct hm_str name, version;
		inventory_source_rpm(hm_cstr(rows[i][0]), &name, &version);
		assert_strz(name, rows[i][1]);
		assert_strz(version, rows[i][2]);
	}
}

static void every_type_is_complete(void **state)
{
	(void)state;
	for (const struct inventory_type *t = inventory_types; t->name; t++) {
		assert_ptr_equal(inventory_type_of(hm_cstr(t->name)),
				 t); /* and so none is there twice */
		assert_true(!(t->rules & INVENTORY_GROUP) || t->join);
		assert_true(!t->vendor || t->rules & INVENTORY_OS);
		if (t->ecosystem)
			assert_ptr_equal(inventory_type_of_ecosystem(hm_cstr(t->ecosystem)), t);
	}
	assert_int_equal(inventory_type_of(HM_STR("generic"))->rules, 0);
	assert_int_equal(inventory_type_of(HM_STR(""))->rules, 0);
	assert_int_equal(inventory_type_of_ecosystem(HM_STR("Debian:12"))->rules, 0);
	assert_false(inventory_type_has(HM_STR("npm"), INVENTORY_OS));
	assert_true(inventory_type_has(HM_STR("rpm"), INVENTORY_OS));
}

static void names_are_compared_as_their_type_does(void **state)
{
	(void)state;
	static const char *const rows[][3] = {
		{ "pypi", "Zope.__interface", "zope-interface" },
		{ "golang", "github.com/Azure/x", "github.com/azure/x" },
		{ "npm", "Left_Pad", "Left_Pad" },
		{ "generic", "A_B", "A_B" },
	};
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		HM_AUTO_CX cx = HM_CX(HM_MIB);
		assert_strz(inventory_type_key(&cx, inventory_type_of(hm_cstr(rows[i][0])),
					       hm_cstr(rows[i][1])),
			    rows[i][2]);
	}
}

int main(void)
{
	UNIT_TABLE(format_and_parse, cases);
	UNIT_TABLE(read_foreign, foreign);
	UNIT_TABLE(refuse, bad);
	UNIT(source_packages_of_rpm);
	UNIT(every_type_is_complete);
	UNIT(names_are_compared_as_their_type_does);
	return unit_run("inventory/purl");
}
