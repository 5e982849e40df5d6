/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "inventory/match.h"

/* Rows of our own: row i wants pattern i. */
static const struct path {
	const char *label;
	const char *want; /* numbers of the rows */
} paths[] = {
	{ "var/lib/dpkg/status", "0" },
	{ "x/var/lib/dpkg/status", "" },
	{ "var/lib/dpkg/status/x", "" },
	{ "var/lib/dpkg/statusx", "" },
	{ "lib/dpkg/status", "" },
	{ "var/lib/dpkg/info/a.list", "1" },
	{ "var/lib/dpkg/info/.list", "1" },
	{ "var/lib/dpkg/info/a/b.list", "" },
	{ "var/lib/dpkg/info/list", "" },
	{ "var/lib/dpkg/status.d/anything", "2" },
	{ "var/lib/dpkg/status.d/any.thing", "2" },
	{ "var/lib/dpkg/status.d/a/b", "" },
	{ "package-lock.json", "3" },
	{ "a/b/package-lock.json", "3" },
	{ "a/b/xpackage-lock.json", "" },
	{ "a.jar", "4" },
	{ ".jar", "4" },
	{ "a.JAR", "4" },
	{ "A.jAr", "4" },
	{ "~a.jar", "4" },
	{ "a.jars", "" },
	{ "a/b.c/d.jar", "4" },
	{ "a/b.jar/d", "" },
	{ "node_modules/a/package.json", "5" },
	{ "x/node_modules/a/package.json", "5" },
	{ "x/node_modules/package.json", "" },
	{ "x/node_modules/@s/a/package.json", "6" },
	{ "x/node_modules/s/a/package.json", "" },
	{ "x/xnode_modules/a/package.json", "" },
	{ "requirements.txt", "7" },
	{ "x/requirements-dev.txt", "7" },
	{ "x/requirement.txt", "" },
	{ "x/a-requirements.txt", "8" },
	{ "x/a.dist-info/METADATA", "9" },
	{ "x/a.Dist-Info/METADATA", "9" },
	{ "x/A.DIST-INFO/METADATA", "9" },
	{ "x/a.Dist-Info/Metadata", "" },
	{ "Package-lock.json", "" },
	{ "Var/lib/dpkg/status", "" },
	{ "x/a.egg-info/METADATA", "" },
	{ "METADATA", "" },
	{ "", "" },
};

static const char *const patterns[][2] = {
	{ "var/lib/dpkg/status" },
	{ "var/lib/dpkg/info/*.list" },
	{ "var/lib/dpkg/status.d/*" },
	{ "**/package-lock.json" },
	{ "**/~*.jar" },
	{ "**/node_modules/*/package.json" },
	{ "**/node_modules/@*/*/package.json" },
	{ "**/requirements*.txt" },
	{ "**/*-requirements.txt" },
	{ "**/~*.dist-info/METADATA" },
};

static struct inventory_cataloger table[HM_LEN(patterns) + 2];

static void matches(void **state)
{
	const struct path *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct inventory_matcher m;
	inventory_matcher_make(&cx, table, true, &m);
	uint64_t want = t->want[0] ? UINT64_C(1) << (t->want[0] - '0') : 0;
	/* Row 5 takes what row 6 does not: one '*' is one name. */
	assert_int_equal(inventory_wants(&m, hm_cstr(t->label)), want);
	assert_int_equal(m.go_elf, UINT64_C(1) << HM_LEN(patterns));
}

static void declared_rows_are_left_out_of_images(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct inventory_matcher m;
	table[3].evidence = INVENTORY_DECLARED;
	inventory_matcher_make(&cx, table, false, &m);
	assert_int_equal(inventory_wants(&m, HM_STR("package-lock.json")), 0);
	assert_int_equal(inventory_wants(&m, HM_STR("a.jar")), 1 << 4);
	table[3].evidence = INVENTORY_INSTALLED;
}

/* Every pattern of the real table wants a path made of it, whatever its stars stand for. */
static void every_pattern_of_the_table_matches(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct inventory_matcher m;
	inventory_matcher_make(&cx, inventory_catalogers, true, &m);
	for (const struct inventory_cataloger *c = inventory_catalogers; c->name; c++) {
		for (const char *const *p = c->patterns; *p; p++) {
			if (strcmp(*p, INVENTORY_GO_ELF) == 0 ||
			    strcmp(*p, INVENTORY_RUST_ELF) == 0)
				continue;
			HM_AUTO_BUF path = HM_BUF(4096);
			struct hm_str rest = hm_cstr(*p);
			if (hm_starts(rest, HM_STR("**/"))) {
				hm_buf_addz(&path, "some/where/");
				rest = hm_from(rest, 3);
			}
			for (size_t i = 0; i < rest.n; i++)
				hm_buf_add(&path,
					   rest.p[i] == '*' ? HM_STR("xyz") : hm_sub(rest, i, 1));
			uint64_t rows = inventory_wants(&m, hm_buf_str(&path));
			assert_true(rows >> (c - inventory_catalogers) & 1);
		}
	}
}

/* Kinds and paths do not meet; 100,000 paths have no two hashes that are equal. */
static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static void hashes_do_not_meet(void **state)
{
	(void)state;
	enum { N = 33000 };
	static uint64_t all[3 * N];
	static const struct inventory_seed seed = { { 1, 2 } };
	size_t n = 0;
	char path[64];
	for (int i = 0; i < N; i++)
		for (int kind = 0; kind < 3; kind++) {
			int len = snprintf(path, sizeof(path), i < 300 ? "%c" : "dir/%d",
					   i < 300 ? i % 256 : i);
			if (i >= 256 && i < 300)
				len = i - 256;
			all[n++] = inventory_path_hash(&seed, (enum inventory_path_kind)kind,
						       hm_bytes(path, (size_t)len));
		}
	qsort(all, n, sizeof(all[0]), by_value);
	size_t equal = 0;
	for (size_t i = 1; i < n; i++)
		equal += all[i] == all[i - 1];
	assert_true(equal <= 3 * 2); /* the path of one byte, made twice */
}

/* A hash without secret lets an image find paths that meet. These did: the hash was a chain of
 * folded multiplications, and the eighth byte to the sixteenth of each made its state zero. */
static void chosen_paths_do_not_meet(void **state)
{
	(void)state;
	static const char *const met[] = { "srv/aqeoMk8lNW16", "srv/cwkxuk-4108G",
					   "srv/fzzxCnA7DNaT", "srv/gqjlYlhI98nQ" };
	static const char *const below[] = { "", "/x", "/q-1.0.dist-info/METADATA" };
	for (int i = 0; i < 100; i++) {
		HM_AUTO_CX cx = HM_CX(0);
		struct inventory_seed seed;
		struct hm_str path[HM_LEN(met)];
		inventory_seed_make(&seed);
		for (size_t k = 0; k < HM_LEN(met); k++)
			path[k] = hm_fmt(&cx, "%s%s", met[k], below[i % 3]);
		for (size_t k = 1; k < HM_LEN(met); k++)
			assert_true(inventory_path_hash(&seed, INVENTORY_PATH_HIDES, path[0]) !=
				    inventory_path_hash(&seed, INVENTORY_PATH_HIDES, path[k]));
	}
}

static void seeds_give_other_hashes(void **state)
{
	(void)state;
	struct inventory_seed a, b;
	inventory_seed_make(&a);
	inventory_seed_make(&b);
	struct inventory_seed c = { { a.key[0], b.key[1] } }, d = { { b.key[0], a.key[1] } };
	const struct inventory_seed *seeds[] = { &a, &b, &c, &d };
	uint64_t hashes[HM_LEN(seeds)];
	for (size_t i = 0; i < HM_LEN(seeds); i++) {
		hashes[i] = inventory_path_hash(seeds[i], INVENTORY_PATH_HIDES, HM_STR("etc/x"));
		for (size_t k = 0; k < i; k++)
			assert_true(hashes[i] != hashes[k]);
	}
}

int main(void)
{
	for (size_t i = 0; i < HM_LEN(patterns); i++)
		table[i] = (struct inventory_cataloger){ .name = "row", .patterns = patterns[i] };
	static const char *const go[] = { INVENTORY_GO_ELF, NULL };
	table[HM_LEN(patterns)] = (struct inventory_cataloger){ .name = "go", .patterns = go };
	UNIT_TABLE(matches, paths);
	UNIT(declared_rows_are_left_out_of_images);
	UNIT(every_pattern_of_the_table_matches);
	UNIT(hashes_do_not_meet);
	UNIT(chosen_paths_do_not_meet);
	UNIT(seeds_give_other_hashes);
	return unit_run("inventory/match");
}
