/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "oci/registry/registry.h"

static const struct path_case {
	const char *label, *path;
	enum registry_what what;
	const char *name, *reference;
} path_cases[] = {
	{ "the base", "/v2/", REGISTRY_BASE, "", "" },
	{ "the base without slash", "/v2", REGISTRY_BASE, "", "" },
	{ "the catalog", "/v2/_catalog", REGISTRY_CATALOG, "", "" },
	{ "a blob", "/v2/a/b/blobs/sha256:0", REGISTRY_BLOB, "a/b", "sha256:0" },
	{ "a manifest", "/v2/a/manifests/1", REGISTRY_MANIFEST, "a", "1" },
	{ "the beginning of an upload", "/v2/a/blobs/uploads/", REGISTRY_UPLOADS, "a", "" },
	{ "the same without slash", "/v2/a/blobs/uploads", REGISTRY_UPLOADS, "a", "" },
	{ "an upload", "/v2/a/b/blobs/uploads/x", REGISTRY_UPLOAD, "a/b", "x" },
	{ "tags", "/v2/a/tags/list", REGISTRY_TAGS, "a", "list" },
	{ "referrers", "/v2/a/referrers/sha256:0", REGISTRY_REFERRERS, "a", "sha256:0" },
	{ "a repository called manifests", "/v2/manifests/manifests/1", REGISTRY_MANIFEST,
	  "manifests", "1" },
	{ "a repository that ends like a list", "/v2/a/tags/tags/list", REGISTRY_TAGS, "a/tags",
	  "list" },
	{ "another version", "/v1/a/manifests/1", REGISTRY_NOTHING, "", "" },
	{ "no name", "/v2/manifests/1", REGISTRY_NOTHING, "", "" },
	{ "no reference", "/v2/a/manifests/", REGISTRY_NOTHING, "", "" },
	{ "another list", "/v2/a/tags/other", REGISTRY_NOTHING, "", "" },
	{ "another kind", "/v2/a/things/1", REGISTRY_NOTHING, "", "" },
	{ "nothing", "", REGISTRY_NOTHING, "", "" },
};

static void path(void **state)
{
	const struct path_case *t = *state;
	struct registry_path p = oci_registry_path_parse(hm_cstr(t->path));
	assert_int_equal(p.what, t->what);
	if (t->what == REGISTRY_NOTHING)
		return;
	assert_strz(p.name, t->name);
	assert_strz(p.reference, t->reference);
}

static const struct name_case {
	const char *label, *name;
	bool want;
} name_cases[] = {
	{ "a word", "a", true },
	{ "folders", "a/b-c/d_e/f.g", true },
	{ "double underscore", "a__b", true },
	{ "manifests is nothing special", "a/manifests", true },
	{ "upper case", "A", false },
	{ "parent folder", "a/../b", false },
	{ "this folder", "./a", false },
	{ "absolute", "/a", false },
	{ "a slash at the end", "a/", false },
	{ "two slashes", "a//b", false },
	{ "hidden", ".a", false },
	{ "a layout's blobs", "a/blobs", false },
	{ "below a layout's blobs", "a/blobs/sha256", false },
	{ "a layout's index", "a/index.json", false },
	{ "a layout's mark", "oci-layout", false },
	{ "a NUL's escape", "a%00", false },
	{ "nothing", "", false },
};

static void name(void **state)
{
	const struct name_case *t = *state;
	assert_int_equal(oci_registry_name_is_valid(hm_cstr(t->name)), t->want);
}

static const struct range_case {
	const char *label, *value;
	uint64_t size;
	enum registry_range want;
	uint64_t from, n;
} range_cases[] = {
	{ "first and last", "bytes=1-2", 10, REGISTRY_PART, 1, 2 },
	{ "one byte", "bytes=0-0", 10, REGISTRY_PART, 0, 1 },
	{ "from one on", "bytes=4-", 10, REGISTRY_PART, 4, 6 },
	{ "the last ones", "bytes=-3", 10, REGISTRY_PART, 7, 3 },
	{ "more last ones than there are", "bytes=-30", 10, REGISTRY_PART, 0, 10 },
	{ "past the end is cut", "bytes=5-100", 10, REGISTRY_PART, 5, 5 },
	{ "behind the end", "bytes=10-", 10, REGISTRY_UNSATISFIABLE, 0, 0 },
	{ "of nothing", "bytes=0-", 0, REGISTRY_UNSATISFIABLE, 0, 0 },
	{ "the last none", "bytes=-0", 10, REGISTRY_UNSATISFIABLE, 0, 0 },
	{ "backwards", "bytes=2-1", 10, REGISTRY_UNSATISFIABLE, 0, 0 },
	{ "the unit in capitals", "BYTES=1-2", 10, REGISTRY_PART, 1, 2 },
	{ "a sign", "bytes=+1-2", 10, REGISTRY_WHOLE, 0, 0 },
	{ "two dashes", "bytes=1--2", 10, REGISTRY_WHOLE, 0, 0 },
	{ "several", "bytes=0-1,3-4", 10, REGISTRY_WHOLE, 0, 0 },
	{ "another unit", "lines=0-1", 10, REGISTRY_WHOLE, 0, 0 },
	{ "no numbers", "bytes=-", 10, REGISTRY_WHOLE, 0, 0 },
	{ "an end that no number can hold", "bytes=0-99999999999999999999", 10, REGISTRY_PART, 0,
	  10 },
	{ "more last ones than a number can hold", "bytes=-99999999999999999999", 10, REGISTRY_PART,
	  0, 10 },
	{ "a beginning that none can hold", "bytes=99999999999999999999-", 10,
	  REGISTRY_UNSATISFIABLE, 0, 0 },
	{ "nothing", "", 10, REGISTRY_WHOLE, 0, 0 },
};

static void range(void **state)
{
	const struct range_case *t = *state;
	uint64_t from = 0, n = 0;
	assert_int_equal(oci_registry_range_parse(hm_cstr(t->value), t->size, &from, &n), t->want);
	if (t->want != REGISTRY_PART)
		return;
	assert_int_equal(from, t->from);
	assert_int_equal(n, t->n);
}

static const struct content_range_case {
	const char *label, *value;
	bool good;
	uint64_t first, last;
} content_range_cases[] = {
	{ "as registries write it", "0-9", true, 0, 9 },
	{ "as HTTP writes it", "bytes 5-9/*", true, 5, 9 },
	{ "with a size", "bytes 5-9/10", true, 5, 9 },
	{ "backwards", "9-5", false, 0, 0 },
	{ "no end", "5-", false, 0, 0 },
	{ "no beginning", "-5", false, 0, 0 },
	{ "words", "a-b", false, 0, 0 },
	{ "nothing", "", false, 0, 0 },
};

static void content_range(void **state)
{
	const struct content_range_case *t = *state;
	uint64_t first = 0, last = 0;
	assert_int_equal(oci_registry_content_range_parse(hm_cstr(t->value), &first, &last),
			 t->good);
	assert_int_equal(first, t->first);
	assert_int_equal(last, t->last);
}

int main(void)
{
	UNIT_TABLE(path, path_cases);
	UNIT_TABLE(name, name_cases);
	UNIT_TABLE(range, range_cases);
	UNIT_TABLE(content_range, content_range_cases);
	return unit_run("oci/registry/route");
}
