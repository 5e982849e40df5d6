/* SPDX-License-Identifier: Apache-2.0 */
/* Installed npm packages: a package.json with name and version directly below
 * node_modules/[@scope/]NAME/, or where Debian puts them: usr/share/nodejs/, usr/lib/nodejs/ and,
 * with machine code, usr/lib/MACHINE/nodejs/. Source: npm's package.json(5), Debian's nodejs
 * policy. */
#include "inventory/catalogers/common.h"

#include "codec/json.h"

/* "MIT", {"type": "MIT"}, and the licences of old: [{"type": "MIT"}, ...]. */
static void add_licences(struct hm_cx *cx, struct inventory_component *c, struct json v)
{
	if (json_is_array(v)) {
		for (struct json_iter it = json_iter(v); json_next(&it);) {
			inventory_list_add(cx, &c->licenses, json_str(it.value));
			inventory_list_add(cx, &c->licenses, json_str(json_get(it.value, "type")));
		}
		return;
	}
	inventory_list_add(cx, &c->licenses, json_str(v));
	inventory_list_add(cx, &c->licenses, json_str(json_get(v, "type")));
}

/* "Name <mail> (url)", or the same in parts. */
static struct hm_str format_person(struct hm_cx *cx, struct json v)
{
	struct hm_str name = json_str(json_get(v, "name")), mail = json_str(json_get(v, "email"));
	if (json_is_string(v))
		return json_str(v);
	return name.n && mail.n ? hm_fmt(cx, "%.*s <%.*s>", HM_FMT(name), HM_FMT(mail)) : name;
}

static hm_err read_package(struct hm_cx *cx, const struct inventory_file *file, bool is_app,
			   struct inventory_builder *b)
{
	struct inventory_component c = { 0 };
	struct json doc;
	struct hm_str text;
	if (!file->bytes.n)
		return NULL;
	HM_TRY(json_script_text(cx, file->bytes, &text));
	hm_err err = json_parse(cx, text, JSON_ANY_NUMBER, &doc);
	if (err && is_app && err->code == HM_INPUT)
		return NULL; /* a template of one: Node.js runs no program beside it */
	HM_TRY(err);
	inventory_npm_name(&c, hm_trim(json_str(json_get_last(doc, "name"))));
	c.version = hm_trim(json_str(json_get_last(doc, "version")));
	if (!c.name.n || !c.version.n)
		return NULL; /* of a folder that is no package: it has a "type" or "main" only */
	/* npm up to 6 writes into it where it came from; what is private is on no registry */
	c.origin = inventory_npm_origin(cx, json_str(json_get_last(doc, "_resolved")));
	if (is_app && json_bool(json_get_last(doc, "private")))
		c.origin = HM_STR("file:.");
	add_licences(cx, &c, json_get_last(doc, "license"));
	add_licences(cx, &c, json_get_last(doc, "licenses"));
	c.supplier = format_person(cx, json_get_last(doc, "author"));
	c.homepage = json_str(json_get_last(doc, "homepage"));
	c.description = json_str(json_get_last(doc, "description"));
	static const char *const lists[] = { "dependencies", "optionalDependencies" };
	for (size_t i = 0; i < HM_LEN(lists); i++)
		for (struct json_iter it = json_iter(json_get_last(doc, lists[i])); json_next(&it);)
			inventory_list_add(cx, &c.depends, it.key);
	return inventory_add(cx, b, &c);
}

INVENTORY_PARSE(npm_installed)
{
	return read_package(cx, file, false, b);
}

/*
 * The package.json of an application, or of a program that was unpacked somewhere
 * ("opt/yarn-v1.22.19"). What lies deeper in an installed package (its examples, the fixtures of
 * its tests) is no package.
 */
INVENTORY_PARSE(npm_app)
{
	static const char *const below[] = { "/node_modules/", "/usr/share/nodejs/", "/nodejs/",
					     "/fixtures/",     "/__fixtures__/",     "/testdata/" };
	struct hm_str path = hm_fmt(cx, "/%.*s", HM_FMT(file->path));
	for (size_t i = 0; i < HM_LEN(below); i++)
		if (hm_find(path, hm_cstr(below[i])) != SIZE_MAX)
			return NULL;
	return read_package(cx, file, true, b);
}
