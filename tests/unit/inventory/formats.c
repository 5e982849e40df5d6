/* SPDX-License-Identifier: Apache-2.0 */
/* Licence expressions, SBOMs of others, and documents that are written, read and written again. */
#include "inventory/cataloger.h"
#include "inventory/fields.h"
#include "inventory/formats/licence_ids.h"
#include "inventory/formats/licences.h"
#include "inventory/formats/wire.h"

#include "unit.h"

static const struct licence_case {
	const char *label, *stated, *expression; /* NULL: it is none */
} licences[] = {
	{ "an identifier", "MIT", "MIT" },
	{ "in another case", "apache-2.0", "Apache-2.0" },
	{ "or later", "GPL-2.0+", "GPL-2.0+" },
	{ "AND and OR", "MIT and Apache-2.0 OR ISC", "MIT AND Apache-2.0 OR ISC" },
	{ "parentheses", "( (MIT OR ISC)AND Zlib )", "((MIT OR ISC) AND Zlib)" },
	{ "an exception", "GPL-2.0-only WITH Classpath-exception-2.0",
	  "GPL-2.0-only WITH Classpath-exception-2.0" },
	{ "nothing", "", NULL },
	{ "a name that is on no list", "GPLv3", NULL },
	{ "mixed case", "MIT And ISC", NULL },
	{ "an operator at the end", "MIT AND", NULL },
	{ "an operator at the begin", "OR MIT", NULL },
	{ "two without operator", "MIT ISC", NULL },
	{ "open parentheses", "(MIT", NULL },
	{ "closed ones", "MIT)", NULL },
	{ "empty ones", "()", NULL },
	{ "an exception that is none", "GPL-2.0-only WITH MIT", NULL },
	{ "an exception of two licences", "(MIT AND ISC) WITH Classpath-exception-2.0", NULL },
	{ "a comma", "MIT, ISC", NULL },
};

static void licence(void **state)
{
	const struct licence_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str out;
	bool is = inventory_licence_expression(&cx, hm_cstr(t->stated), &out);
	assert_int_equal(is, t->expression != NULL);
	if (is)
		assert_strz(out, t->expression);
}

/* Sorted, so that no row stands there twice; and each is found, in any case, in its own spelling.
 */
static void the_lists_are_sorted(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	for (size_t i = 0; i < inventory_licence_ids_n; i++) {
		const char *id = inventory_licence_ids[i];
		struct hm_str lower = hm_lower(&cx, hm_cstr(id));
		assert_true(!i ||
			    hm_cmp_nocase(hm_cstr(inventory_licence_ids[i - 1]), hm_cstr(id)) < 0);
		assert_ptr_equal(inventory_licence_id(hm_cstr(id)), id);
		assert_ptr_equal(inventory_licence_id(lower), id);
	}
	for (size_t i = 0; i < inventory_licence_exceptions_n; i++) {
		const char *exception = inventory_licence_exceptions[i];
		struct hm_str out, stated = hm_fmt(&cx, "MIT WITH %s", exception);
		assert_true(!i || hm_cmp_nocase(hm_cstr(inventory_licence_exceptions[i - 1]),
						hm_cstr(exception)) < 0);
		assert_true(inventory_licence_expression(&cx, hm_lower(&cx, stated), &out));
		assert_str(out, stated);
		assert_null(inventory_licence_id(hm_cstr(exception)));
	}
}

/* --- fields between the worker and its parent --- */

/* A field of an object, by its place. */
static void *field(void *object, size_t offset)
{
	return (char *)object + offset;
}

/* Every text and list of a component, a distribution and unknown content stands in its table once,
 * and comes out of the wire as it went in. */
static void fields_cross(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF wire = HM_BUF(HM_MIB);
	struct inventory_component c = { 0 };
	struct inventory inv = { .components = &c, .n = 1 }, got;
	for (size_t i = 0; i < HM_LEN(component_texts); i++) {
		struct hm_str *text = field(&c, component_texts[i]);
		assert_int_equal(text->n, 0); /* no field twice */
		*text = hm_fmt(&cx, "text %zu", i);
	}
	for (size_t i = 0; i < HM_LEN(component_lists); i++) {
		struct hm_strs *list = field(&c, component_lists[i]);
		assert_int_equal(list->n, 0);
		*hm_push(&cx, list) = hm_fmt(&cx, "list %zu", i);
	}
	for (size_t i = 0; i < HM_LEN(distro_texts); i++) {
		struct hm_str *text = field(&inv.distro, distro_texts[i]);
		assert_int_equal(text->n, 0);
		*text = hm_fmt(&cx, "distro %zu", i);
	}
	struct inventory_unknown *unknown = hm_push(&cx, &inv.unknown);
	*unknown = (struct inventory_unknown){ 0 };
	for (size_t i = 0; i < HM_LEN(unknown_texts); i++) {
		struct hm_str *text = field(unknown, unknown_texts[i]);
		assert_int_equal(text->n, 0);
		*text = hm_fmt(&cx, "unknown %zu", i);
	}
	inventory_wire_write(&inv, &wire);
	assert_ok(inventory_wire_read(&cx, hm_buf_str(&wire), &got));
	assert_int_equal(got.n, 1);
	assert_int_equal(got.unknown.n, 1);
	for (size_t i = 0; i < HM_LEN(unknown_texts); i++)
		assert_str(*(struct hm_str *)field(&got.unknown.p[0], unknown_texts[i]),
			   hm_fmt(&cx, "unknown %zu", i));
	for (size_t i = 0; i < HM_LEN(component_texts); i++)
		assert_str(*(struct hm_str *)field(&got.components[0], component_texts[i]),
			   hm_fmt(&cx, "text %zu", i));
	for (size_t i = 0; i < HM_LEN(component_lists); i++) {
		const struct hm_strs *list = field(&got.components[0], component_lists[i]);
		assert_int_equal(list->n, 1);
		assert_str(list->p[0], hm_fmt(&cx, "list %zu", i));
	}
	for (size_t i = 0; i < HM_LEN(distro_texts); i++)
		assert_str(*(struct hm_str *)field(&got.distro, distro_texts[i]),
			   hm_fmt(&cx, "distro %zu", i));
}

/* Nothing is left out: what is in no table is crossed by a line of its own, and counted here. */
_Static_assert(sizeof(struct inventory_distro) == HM_LEN(distro_texts) * sizeof(struct hm_str),
	       "a text of a distribution is not in distro_texts[]");
_Static_assert(sizeof(struct inventory_unknown) == HM_LEN(unknown_texts) * sizeof(struct hm_str),
	       "a text of unknown content is not in unknown_texts[]");
_Static_assert(sizeof(struct inventory_component) ==
		       (HM_LEN(component_texts) + 1) * sizeof(struct hm_str) + /* cataloger */
			       HM_LEN(component_lists) * sizeof(struct hm_strs) +
			       3 * sizeof(size_t) +  /* locations */
			       2 * sizeof(uint64_t), /* evidence; dev, group_guessed */
	       "a field of a component is not in component_texts[] or component_lists[]");

/* --- documents of others --- */

static const struct document_case {
	const char *label, *document;
	const char *found; /* TYPE SPACE/NAME VERSION <SOURCE VERSION @LAYER PATH >DEPENDENCY, then
			      the distribution */
} documents[] = {
	{ "Syft's SPDX",
	  "{\"spdxVersion\":\"SPDX-2.3\",\"name\":\"img\",\"packages\":["
	  "{\"SPDXID\":\"SPDXRef-A\",\"name\":\"libssl3\",\"versionInfo\":\"3.0.1\","
	  "\"sourceInfo\":\"acquired package info from DPKG DB: /var/lib/dpkg/status, /usr/share/doc/x\","
	  "\"externalRefs\":[{\"referenceType\":\"cpe23Type\",\"referenceLocator\":\"cpe:2.3:a\"},"
	  "{\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:deb/debian/libssl3@3.0.1?arch=amd64&distro=debian-12&upstream=openssl%403.0.0\"}]},"
	  "{\"SPDXID\":\"SPDXRef-B\",\"name\":\"Typing_Extensions\",\"externalRefs\":[{\"referenceCategory\":\"PACKAGE_MANAGER\","
	  "\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:pypi/typing-extensions@4.0\"}]},"
	  "{\"SPDXID\":\"SPDXRef-R\",\"name\":\"img\",\"externalRefs\":[{\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:oci/img@sha256:00\"}]}],"
	  "\"relationships\":[{\"spdxElementId\":\"SPDXRef-DOCUMENT\",\"relationshipType\":\"DESCRIBES\",\"relatedSpdxElement\":\"SPDXRef-R\"},"
	  "{\"spdxElementId\":\"SPDXRef-A\",\"relationshipType\":\"DEPENDENCY_OF\",\"relatedSpdxElement\":\"SPDXRef-B\"}]}",
	  "deb debian/libssl3 3.0.1 <openssl 3.0.0 @ var/lib/dpkg/status\n"
	  "pypi /Typing_Extensions 4.0 >libssl3\ndebian 12\n" },
	{ "Syft's CycloneDX",
	  "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{\"type\":\"operating-system\",\"name\":\"alpine\",\"version\":\"3.18\"},"
	  "{\"bom-ref\":\"a\",\"type\":\"library\",\"name\":\"@s/a\",\"purl\":\"pkg:npm/%40s/a@1.0\",\"properties\":["
	  "{\"name\":\"syft:location:0:layerID\",\"value\":\"sha256:11\"},{\"name\":\"syft:location:0:path\",\"value\":\"/app/package.json\"}]},"
	  "{\"bom-ref\":\"f\",\"type\":\"file\",\"name\":\"/x\"}]}",
	  "npm @s/a 1.0 @sha256:11 app/package.json\nalpine 3.18\n" },
	{ "Trivy's CycloneDX",
	  "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\",\"components\":["
	  "{\"bom-ref\":\"x\",\"type\":\"library\",\"name\":\"openssl-libs\",\"version\":\"1.0.2k-16.el7\","
	  "\"purl\":\"pkg:rpm/centos/openssl-libs@1.0.2k-16.el7?arch=x86_64&epoch=1&distro=centos-7.6.1810\",\"properties\":["
	  "{\"name\":\"aquasecurity:trivy:SrcName\",\"value\":\"openssl\"},{\"name\":\"aquasecurity:trivy:SrcVersion\",\"value\":\"1.0.2k\"},"
	  "{\"name\":\"aquasecurity:trivy:SrcRelease\",\"value\":\"16.el7\"},{\"name\":\"aquasecurity:trivy:SrcEpoch\",\"value\":\"1\"},"
	  "{\"name\":\"aquasecurity:trivy:LayerDigest\",\"value\":\"sha256:22\"}]}]}",
	  "rpm centos/openssl-libs 1:1.0.2k-16.el7 <openssl 1:1.0.2k-16.el7 @sha256:22 \ncentos 7.6.1810\n" },
	{ "components within components",
	  "{\"bomFormat\":\"CycloneDX\",\"components\":[{\"type\":\"application\",\"name\":\"lock\",\"components\":["
	  "{\"type\":\"library\",\"name\":\"a\",\"purl\":\"pkg:cargo/a@1\"}]}]}",
	  "cargo /a 1\n \n" },
	{ "packages without purl, or with a bad one",
	  "{\"bomFormat\":\"CycloneDX\",\"components\":[{\"type\":\"library\",\"name\":\"a\"},{\"type\":\"library\",\"name\":\"b\",\"purl\":\"x\"}]}",
	  "!  2 packages of the SBOM have no purl that can be read, and are skipped\n \n" },
	{ "unknown content that is not numbered from 0",
	  "{\"bomFormat\":\"CycloneDX\",\"metadata\":{\"component\":{\"properties\":["
	  "{\"name\":\"hullmark:unknown:0:path\",\"value\":\"a\"},{\"name\":\"hullmark:unknown:0:reason\",\"value\":\"b\"},"
	  "{\"name\":\"hullmark:unknown:1:reason\",\"value\":\"c\"}]}}}",
	  "!  c\n!a  b\n \n" },
	{ "nothing", "{\"bomFormat\":\"CycloneDX\"}", " \n" },
	{ "things of other types than they should be",
	  "{\"bomFormat\":\"CycloneDX\",\"components\":[1,null,{\"purl\":[],\"properties\":{\"a\":1}}],\"dependencies\":{\"x\":1}}",
	  " \n" },
};

static void put_inventory(struct hm_buf *b, const struct inventory *inv)
{
	size_t e = 0;
	for (size_t i = 0; i < inv->n; i++) {
		const struct inventory_component *c = &inv->components[i];
		hm_buf_fmt(b, "%.*s %.*s/%.*s %.*s", HM_FMT(c->type), HM_FMT(c->namespace),
			   HM_FMT(c->name), HM_FMT(c->version));
		if (c->source_name.n)
			hm_buf_fmt(b, " <%.*s %.*s", HM_FMT(c->source_name),
				   HM_FMT(c->source_version));
		for (size_t k = 0; k < c->locations_n; k++)
			hm_buf_fmt(b, " @%.*s %.*s", HM_FMT(c->locations[k].layer),
				   HM_FMT(c->locations[k].path));
		for (; e < inv->edges_n && inv->edges[e].from == i; e++)
			hm_buf_fmt(b, " >%.*s", HM_FMT(inv->components[inv->edges[e].to].name));
		hm_buf_char(b, '\n');
	}
	for (size_t i = 0; i < inv->unknown.n; i++)
		hm_buf_fmt(b, "!%.*s %.*s %.*s\n", HM_FMT(inv->unknown.p[i].path),
			   HM_FMT(inv->unknown.p[i].layer), HM_FMT(inv->unknown.p[i].reason));
	hm_buf_fmt(b, "%.*s %.*s\n", HM_FMT(inv->distro.id), HM_FMT(inv->distro.version_id));
}

static hm_err read_document(struct hm_cx *cx, struct hm_str text, struct inventory *out)
{
	struct json doc;
	HM_TRY(json_parse(cx, text, JSON_PLAIN, &doc));
	for (const struct inventory_format *f = inventory_formats; f->name; f++)
		if (f->is(doc))
			return f->read(cx, doc, out);
	return hm_fail(cx, HM_INPUT, "no format");
}

static void document(void **state)
{
	const struct document_case *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB), wire = HM_BUF(HM_MIB);
	struct inventory inv, other;
	assert_ok(read_document(&cx, hm_cstr(t->document), &inv));
	put_inventory(&b, &inv);
	assert_strz(hm_buf_str(&b), t->found);

	/* Across the pipe it is the same; cut anywhere it is damaged. */
	inventory_wire_write(&inv, &wire);
	assert_ok(inventory_wire_read(&cx, hm_buf_str(&wire), &other));
	hm_buf_clear(&b);
	put_inventory(&b, &other);
	assert_strz(hm_buf_str(&b), t->found);
	for (size_t n = 0; n < wire.n; n++)
		assert_fault(inventory_wire_read(&cx, hm_sub(hm_buf_str(&wire), 0, n), &other),
			     HM_INPUT, "damaged");
}

/* --- our own --- */

static struct inventory_component component(const char *type, const char *name, const char *version)
{
	return (struct inventory_component){ .type = hm_cstr(type),
					     .name = hm_cstr(name),
					     .version = hm_cstr(version) };
}

static void written_and_read_and_written(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct inventory_component c[3] = { component("deb", "a", "1:2-3"),
					    component("deb", "b", "1"), component("npm", "x", "") };
	struct inventory_location places[] = { { HM_STR("var/lib/dpkg/status"),
						 HM_STR("sha256:00") },
					       { HM_STR("p q"), HM_STR("") } };
	struct hm_str licences_of_a[] = { HM_STR("MIT"), HM_STR("odd \"one\"") };
	struct inventory_edge edges[] = { { 0, 1 } };
	struct inventory inv = { .components = c,
				 .n = 3,
				 .edges = edges,
				 .edges_n = 1,
				 .name = HM_STR("shop/web"),
				 .digest = HM_STR("sha256:aa"),
				 .distro = { .id = HM_STR("debian"), .version_id = HM_STR("12") } };
	c[0].locations = places, c[0].locations_n = 2;
	c[0].licenses = (struct hm_strs){ licences_of_a, 2, 2 };
	c[0].supplier = HM_STR("A (the first) <a@example.com>");
	struct inventory_unknown unknown[] = {
		{ .reason = HM_STR("no packages were found") },
		{ HM_STR("opt/a.jar!/b\xff.jar"), HM_STR("sha256:00"),
		  HM_STR("it is \"damaged\"") },
	};
	inv.unknown = (struct inventory_unknowns){ unknown, 2, 2 };
	c[2].range = HM_STR("^1"), c[2].dev = true, c[2].evidence = INVENTORY_DECLARED;
	for (size_t i = 0; i < 3; i++)
		assert_ok(inventory_component_finish(&cx, &c[i], &inv.distro));
	c[2].owner = c[0].purl;
	for (const struct inventory_format *f = inventory_formats; f->name; f++) {
		HM_AUTO_BUF first = HM_BUF(HM_MIB), second = HM_BUF(HM_MIB);
		struct inventory back;
		assert_ok(f->write(&cx, &inv, &first));
		assert_ok(read_document(&cx, hm_buf_str(&first), &back));
		assert_int_equal(back.n, 3);
		assert_int_equal(back.edges_n, 1);
		assert_strz(back.digest, "sha256:aa");
		assert_int_equal(back.components[0].locations_n, 2);
		assert_strz(back.components[0].locations[0].layer, "sha256:00");
		assert_strz(back.components[0].locations[1].path, "p q");
		assert_str(back.components[0].supplier, c[0].supplier);
		assert_strz(back.components[2].range, "^1");
		assert_true(back.components[2].dev);
		assert_str(back.components[2].owner, c[0].purl);
		assert_int_equal(back.unknown.n, 2);
		assert_strz(back.unknown.p[0].reason, "no packages were found");
		assert_strz(back.unknown.p[1].path, "opt/a.jar!/b\xef\xbf\xbd.jar");
		assert_strz(back.unknown.p[1].layer, "sha256:00");
		assert_strz(back.unknown.p[1].reason, "it is \"damaged\"");
		assert_ok(f->write(&cx, &inv, &second));
		assert_str(hm_buf_str(&second), hm_buf_str(&first));
	}
}

static void a_document_has_a_limit(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct inventory inv = { 0 };
	for (const struct inventory_format *f = inventory_formats; f->name; f++) {
		HM_AUTO_BUF b = HM_BUF(100);
		assert_fault(f->write(&cx, &inv, &b), HM_LIMIT, "larger than 100 bytes");
	}
}

/* --- dependencies --- */

static struct hm_strs one(struct hm_cx *cx, const char *name)
{
	struct hm_strs v = { 0 };
	*hm_push(cx, &v) = hm_cstr(name);
	return v;
}

static void names_become_edges(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct inventory_component c[] = {
		component("deb", "app", "1"),
		component("deb", "libc6", "2"),
		component("deb", "libc6", "2"),
		component("deb", "postfix", "3"),
		component("pypi", "Zope.Interface", "5"),
		component("pypi", "zope", "1"),
		component("deb", "libc6", ""),
	};
	struct inventory inv = { .components = c, .n = HM_LEN(c) };
	c[0].arch = c[2].arch = HM_STR("amd64"), c[1].arch = HM_STR("i386");
	c[0].depends = one(&cx, "libc6");
	*hm_push(&cx, &c[0].depends) = HM_STR("mail-transport-agent");
	*hm_push(&cx, &c[0].depends) = HM_STR("nobody");
	*hm_push(&cx, &c[0].depends) = HM_STR("app");
	c[3].provides = one(&cx, "mail-transport-agent");
	c[5].depends = one(&cx, "zope_interface");
	c[6].licenses = one(&cx, "LGPL-2.1+");
	for (size_t i = 0; i < inv.n; i++)
		assert_ok(inventory_component_finish(&cx, &c[i], &inv.distro));
	assert_ok(inventory_resolve(&cx, &inv));
	assert_int_equal(inv.n, 6); /* a statement is no component */
	assert_strz(inv.components[1].licenses.p[0], "LGPL-2.1+");
	for (size_t i = 0; i < inv.edges_n; i++)
		hm_buf_fmt(&b, "%u>%u ", inv.edges[i].from, inv.edges[i].to);
	assert_strz(hm_buf_str(&b), "0>2 0>3 5>4 ");
}

int main(void)
{
	UNIT_TABLE(licence, licences);
	UNIT(fields_cross);
	UNIT(the_lists_are_sorted);
	UNIT_TABLE(document, documents);
	UNIT(written_and_read_and_written);
	UNIT(a_document_has_a_limit);
	UNIT(names_become_edges);
	return unit_run("inventory/formats");
}
