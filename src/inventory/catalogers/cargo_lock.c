/* SPDX-License-Identifier: Apache-2.0 */
/* Cargo.lock, versions 1 to 4. Source: the Cargo book; the encoder of Cargo names a dependency by
 * "name", "name version" or "name version (source)", as short as is unique. */
#include "inventory/catalogers/common.h"

#include "codec/toml.h"

struct lock {
	struct inventory_component *packages;
	size_t n;
	struct hm_map by_name, by_version; /* name, name and version: to component */
};

static void add_edges(struct hm_cx *cx, const struct lock *l, struct inventory_component *c,
		      struct json dependencies)
{
	for (struct json_iter it = json_iter(dependencies); json_next(&it);) {
		struct hm_str version = json_str(it.value);
		struct hm_str name = hm_cut(&version, ' ');
		version = hm_cut(&version, ' ');
		const struct inventory_component *to =
			version.n ? hm_map_get(&l->by_version, HM_KEY(cx, 'v', name, version))
				  : hm_map_get(&l->by_name, name);
		if (to)
			inventory_list_add(cx, &c->depends, to->purl);
	}
}

/* Version 1 keeps checksums apart: "checksum name version (source)" = "HEX". */
static void add_checksum(struct hm_cx *cx, struct inventory_component *c, struct json doc,
			 struct json package)
{
	struct hm_str checksum = json_str(json_get(package, "checksum"));
	if (!checksum.n)
		checksum = json_str(
			json_get_str(json_get(doc, "metadata"),
				     hm_fmt(cx, "checksum %.*s %.*s (%.*s)", HM_FMT(c->name),
					    HM_FMT(c->version),
					    HM_FMT(json_str(json_get(package, "source"))))));
	if (checksum.n == 64)
		inventory_list_add(cx, &c->hashes, hm_fmt(cx, "sha256:%.*s", HM_FMT(checksum)));
}

/* Only what crates.io gave is a crate of crates.io: no source is a folder beside the lock file. A
 * mirror that Cargo was told to use in its place stands there as crates.io. */
static struct hm_str origin_of(struct hm_str source)
{
	/* the index as a git repository, and as sparse files */
	static const char *const tails[] = { "/crates.io-index", ".crates.io/" };
	if (!source.n)
		return HM_STR("path+file:.");
	bool is_registry =
		hm_starts(source, HM_STR("registry+")) || hm_starts(source, HM_STR("sparse+"));
	for (size_t i = 0; is_registry && i < HM_LEN(tails); i++)
		if (hm_ends(source, hm_cstr(tails[i])))
			return HM_STR("");
	return source;
}

INVENTORY_PARSE(cargo_lock)
{
	struct lock l = { 0 };
	struct json doc;
	HM_TRY(toml_parse(cx, file->bytes, &doc));
	struct json packages = json_get(doc, "package");
	HM_TRY(hm_charge(cx, json_size(packages) * sizeof(*l.packages)));
	l.packages = hm_new(cx, struct inventory_component, json_size(packages) + 1);
	for (struct json_iter it = json_iter(packages); json_next(&it); l.n++) {
		struct inventory_component *c = &l.packages[l.n];
		c->type = HM_STR("cargo");
		HM_TRY(json_need_str(cx, it.value, "name", &c->name));
		HM_TRY(json_need_str(cx, it.value, "version", &c->version));
		if (!c->name.n || !c->version.n)
			return hm_fail(cx, HM_INPUT,
				       "Cargo.lock: a package without name or version");
		c->origin = origin_of(json_str(json_get(it.value, "source")));
		c->purl = inventory_purl(cx, c);
		add_checksum(cx, c, doc, it.value);
		if (!hm_map_has(&l.by_name, c->name))
			hm_map_put(cx, &l.by_name, c->name, c);
		hm_map_put(cx, &l.by_version, HM_KEY(cx, 'v', c->name, c->version), c);
	}
	size_t i = 0;
	for (struct json_iter it = json_iter(packages); json_next(&it); i++)
		add_edges(cx, &l, &l.packages[i], json_get(it.value, "dependencies"));
	for (i = 0; i < l.n; i++)
		HM_TRY(inventory_add(cx, b, &l.packages[i]));
	return NULL;
}
