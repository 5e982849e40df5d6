/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

static void a_buffer_keeps_its_maximum(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(0);
	HM_AUTO_BUF b = HM_BUF(5);
	struct hm_str out = HM_STR("untouched");
	hm_buf_addz(&b, "abc");
	hm_buf_fmt(&b, "%d", 45);
	assert_ok(hm_buf_end(&cx, &b, "it", &out));
	assert_strz(out, "abc45");
	assert_int_equal(b.p[5], '\0');
	hm_buf_char(&b, 'x');
	out = HM_STR("untouched");
	assert_fault(hm_buf_end(&cx, &b, "it", &out), HM_LIMIT, "it is larger than 5 bytes");
	assert_strz(out, "untouched");
	assert_strz(hm_buf_str(&b), "abc45");
	hm_buf_clear(&b);
	hm_buf_addz(&b, "again");
	assert_ok(hm_buf_end(&cx, &b, "it", &out));
}

static void a_buffer_grows_over_many_sizes(void **state)
{
	(void)state;
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	for (int i = 0; i < 1 << 18; i++)
		hm_buf_le(&b, (uint64_t)i, 4);
	assert_int_equal(b.n, 1 << 20);
	assert_false(b.over);
	struct hm_cur c = hm_cur(hm_buf_str(&b));
	for (uint64_t i = 0; i < 1 << 18; i++)
		assert_true(hm_le(&c, 4) == i);
}

static void a_map_finds_what_was_put(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(0);
	struct hm_map m = { 0 };
	assert_null(hm_map_get(&m, HM_STR("0")));
	assert_false(hm_map_has(&m, HM_STR("")));
	for (uintptr_t i = 0; i < 10000; i++)
		hm_map_put(&cx, &m, hm_fmt(&cx, "key %zu", (size_t)i), (void *)(i + 1));
	for (uintptr_t i = 0; i < 10000; i++)
		assert_true(hm_map_get(&m, hm_fmt(&cx, "key %zu", (size_t)i)) == (void *)(i + 1));
	assert_false(hm_map_has(&m, HM_STR("key 10000")));
	assert_int_equal(m.n, 10000);
	hm_map_put(&cx, &m, HM_STR("key 5"), NULL);
	assert_true(hm_map_has(&m, HM_STR("key 5")));
	assert_int_equal(m.n, 10000);
	assert_strz(m.entries[7].key, "key 7");
}

static void atoms_are_equal_when_texts_are(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(0);
	struct hm_atoms atoms = { 0 };
	assert_int_equal(hm_atom_find(&atoms, HM_STR("a")), 0);
	uint32_t a = hm_atom(&cx, &atoms, HM_STR("a")), b = hm_atom(&cx, &atoms, HM_STR("b"));
	assert_int_equal(a, 1);
	assert_int_not_equal(a, b);
	assert_int_equal(hm_atom(&cx, &atoms, HM_STR("a")), a);
	assert_strz(hm_atom_str(&atoms, b), "b");
	assert_strz(hm_atom_str(&atoms, 0), "");
	assert_strz(hm_atom_str(&atoms, 99), "");
}

static void hashes_depend_on_every_byte(void **state)
{
	(void)state;
	char text[40] = "0123456789012345678901234567890123456789";
	for (size_t n = 0; n < sizeof(text); n++) {
		uint64_t h = hm_hash(hm_bytes(text, n));
		assert_true(h == hm_hash(hm_bytes(text, n)));
		assert_true(h != hm_hash(hm_bytes(text, n + 1)));
		for (size_t i = 0; i < n; i++) {
			text[i] ^= 1;
			assert_true(h != hm_hash(hm_bytes(text, n)));
			text[i] ^= 1;
		}
	}
}

/* As CPython 3.11 hashes bytes, whose key is zero where PYTHONHASHSEED is 0, and this one where it
 * is 7. */
static void keyed_hashes_are_siphash(void **state)
{
	(void)state;
	static const uint64_t zero[2],
		seven[2] = { UINT64_C(0x12c874a1806f0e3d), UINT64_C(0x470a89d2f9d2784f) };
	static const struct {
		const char *text; /* behind "abcdefgh" */
		uint64_t zero, seven;
	} rows[] = {
		{ "", UINT64_C(0x3f7b849c0b8e35ea), UINT64_C(0x6c0dd92b5f82dc9e) },
		{ "i", UINT64_C(0xf89b34a3d11eb6e5), UINT64_C(0x1f5f49c04590eca0) },
		{ "01234567", UINT64_C(0x97da2cabb5290587), UINT64_C(0xcab869e8b19991d7) },
		{ "var/lib/dpkg/status", UINT64_C(0x1c10e80044179516),
		  UINT64_C(0xa06c1beddc1abe37) },
	};
	const uint64_t first = UINT64_C(0x6867666564636261); /* abcdefgh */
	for (size_t i = 0; i < HM_LEN(rows); i++) {
		struct hm_str text = hm_cstr(rows[i].text);
		assert_true(hm_hash_keyed(zero, first, text) == rows[i].zero);
		assert_true(hm_hash_keyed(seven, first, text) == rows[i].seven);
		assert_true(hm_hash_keyed(seven, first + 1, text) != rows[i].seven);
	}
}

static void lists_sort_and_lose_duplicates(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(0);
	struct hm_strs v = { 0 };
	static const char *const words[] = { "b", "a", "c", "a", "", "b" };
	for (size_t i = 0; i < HM_LEN(words); i++)
		*hm_push(&cx, &v) = hm_cstr(words[i]);
	hm_strs_sort_unique(&v);
	assert_int_equal(v.n, 4);
	assert_strz(v.p[0], "");
	assert_strz(v.p[3], "c");
	assert_true(hm_strs_has(&v, HM_STR("b")));
	assert_false(hm_strs_has(&v, HM_STR("d")));
}

int main(void)
{
	UNIT(a_buffer_keeps_its_maximum);
	UNIT(a_buffer_grows_over_many_sizes);
	UNIT(a_map_finds_what_was_put);
	UNIT(atoms_are_equal_when_texts_are);
	UNIT(hashes_depend_on_every_byte);
	UNIT(keyed_hashes_are_siphash);
	UNIT(lists_sort_and_lose_duplicates);
	return unit_run("base/containers");
}
