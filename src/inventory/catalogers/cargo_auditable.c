/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Crates that a Rust program was made of, as cargo-auditable writes them into it: the section
 * ".dep-v0", JSON in a zlib stream (PARSING.md of cargo-auditable). Crates that were only needed to
 * build it are not in the program.
 */
#include "inventory/catalogers/common.h"

#include "codec/json.h"
#include "codec/stream.h"
#include "inventory/catalogers/program.h"

static bool is_for_building(struct json package)
{
	return hm_eqz(json_str(json_get(package, "kind")), "build");
}

static hm_err read_package(struct hm_cx *cx, struct json package, struct inventory_component *out)
{
	*out = (struct inventory_component){ .type = HM_STR("cargo") };
	HM_TRY(json_need_str(cx, package, "name", &out->name));
	HM_TRY(json_need_str(cx, package, "version", &out->version));
	if (!out->name.n || !out->version.n)
		return hm_fail(cx, HM_INPUT, "a crate without name or version");
	/* "crates.io", "git", "local", "registry": no more than the kind is kept */
	struct hm_str source = json_str(json_get(package, "source"));
	if (source.n && !hm_eqz(source, "crates.io"))
		out->origin = hm_eqz(source, "local") ? HM_STR("path+file:.") : source;
	out->purl = inventory_purl(cx, out);
	return NULL;
}

/* "dependencies" are indices into the list. */
static void add_edges(struct hm_cx *cx, const struct inventory_component *all, size_t n,
		      struct json package, struct inventory_component *c)
{
	int64_t to;
	for (struct json_iter it = json_iter(json_get(package, "dependencies")); json_next(&it);)
		if (json_int(it.value, &to) && to >= 0 && (uint64_t)to < n)
			inventory_list_add(cx, &c->depends, all[to].purl);
}

static hm_err read_list(struct hm_cx *cx, struct json packages, struct inventory_builder *b)
{
	size_t n = json_size(packages), i = 0;
	HM_TRY(hm_charge(cx, (n + 1) * sizeof(struct inventory_component)));
	struct inventory_component *all = hm_new(cx, struct inventory_component, n + 1);
	for (struct json_iter it = json_iter(packages); json_next(&it); i++)
		HM_TRY(read_package(cx, it.value, &all[i]));
	i = 0;
	for (struct json_iter it = json_iter(packages); json_next(&it); i++) {
		if (is_for_building(it.value))
			continue;
		add_edges(cx, all, n, it.value, &all[i]);
		HM_TRY(inventory_add(cx, b, &all[i]));
	}
	return NULL;
}

INVENTORY_PARSE(cargo_auditable)
{
	struct program p;
	struct hm_str text, packed = HM_STR("");
	struct json doc, packages;
	for (uint64_t i = 0; !packed.n && inventory_program_open(file->bytes, i, &p); i++)
		packed = inventory_program_section(&p, HM_STR(".dep-v0"));
	if (!packed.n) /* the name stood there for something else */
		return NULL;
	HM_TRY(zlib_unpack(cx, packed, HM_MAX_AUDITABLE, &text));
	HM_TRY(json_parse(cx, text, JSON_PLAIN, &doc));
	HM_TRY(json_need(cx, doc, "packages", &packages));
	return read_list(cx, packages, b);
}
