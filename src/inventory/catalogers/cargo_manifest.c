/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cargo.toml, for the one thing that Cargo.lock does not say: which dependencies of a package are
 * for development only. It becomes a statement: a component without version, whose `depends` are
 * their names. Source: the Cargo book, "Specifying Dependencies".
 */
#include "inventory/catalogers/common.h"

#include "codec/toml.h"

/* A dependency may be renamed: key = { package = "its name" }. */
static void add_names(struct hm_cx *cx, struct json table, struct hm_strs *list)
{
	for (struct json_iter it = json_iter(table); json_next(&it);) {
		struct hm_str package = json_str(json_get(it.value, "package"));
		inventory_list_add(cx, list, package.n ? package : it.key);
	}
}

static void add_sections(struct hm_cx *cx, struct json in, struct hm_strs *shipped,
			 struct hm_strs *development)
{
	add_names(cx, json_get(in, "dependencies"), shipped);
	add_names(cx, json_get(in, "build-dependencies"), shipped);
	add_names(cx, json_get(in, "dev-dependencies"), development);
}

INVENTORY_PARSE(cargo_manifest)
{
	struct inventory_component c = { .type = HM_STR("cargo") };
	struct hm_strs shipped = { 0 }, development = { 0 };
	struct json doc;
	HM_TRY(toml_parse(cx, file->bytes, &doc));
	c.name = json_str(json_get(json_get(doc, "package"), "name"));
	add_sections(cx, doc, &shipped, &development);
	for (struct json_iter it = json_iter(json_get(doc, "target")); json_next(&it);)
		add_sections(cx, it.value, &shipped, &development);
	for (size_t i = 0; i < development.n; i++)
		if (!hm_strs_has(&shipped, development.p[i]))
			*hm_push(cx, &c.depends) = development.p[i];
	return c.name.n && c.depends.n ? inventory_add(cx, b, &c) : NULL;
}
