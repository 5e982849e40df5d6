/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/base.h"

/* Lists that one key, joined by any separator or by none, would take for each other. */
static const struct {
	struct hm_str parts[4];
	size_t n;
} lists[] = {
	{ { { 0 } }, 0 },
	{ { HM_STR_INIT("") }, 1 },
	{ { HM_STR_INIT(""), HM_STR_INIT("") }, 2 },
	{ { HM_STR_INIT("ab"), HM_STR_INIT("c") }, 2 },
	{ { HM_STR_INIT("a"), HM_STR_INIT("bc") }, 2 },
	{ { HM_STR_INIT("abc"), HM_STR_INIT("") }, 2 },
	{ { HM_STR_INIT(""), HM_STR_INIT("abc") }, 2 },
	{ { HM_STR_INIT("abc") }, 1 },
	{ { HM_STR_INIT("a b"), HM_STR_INIT("c") }, 2 },
	{ { HM_STR_INIT("a"), HM_STR_INIT("b c") }, 2 },
	{ { HM_STR_INIT("a\0b"), HM_STR_INIT("c") }, 2 },
	{ { HM_STR_INIT("a"), HM_STR_INIT("b\0c") }, 2 },
	{ { HM_STR_INIT("a\0b\0c") }, 1 },
	{ { HM_STR_INIT("a"), HM_STR_INIT("b"), HM_STR_INIT("c") }, 3 },
	{ { HM_STR_INIT("a\x01"
			"b"),
	    HM_STR_INIT("c") },
	  2 },
	{ { HM_STR_INIT("a\x01"
			"b\x01"
			"c") },
	  1 },
	{ { HM_STR_INIT("a"), HM_STR_INIT("b"), HM_STR_INIT("c"), HM_STR_INIT("") }, 4 },
	{ { HM_STR_INIT("a]b"), HM_STR_INIT("c") }, 2 },
	{ { HM_STR_INIT("a"), HM_STR_INIT("b]c") }, 2 },
};

static void different_lists_never_give_one_key(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	for (size_t i = 0; i < HM_LEN(lists); i++)
		for (size_t k = 0; k < HM_LEN(lists); k++) {
			struct hm_str a = hm_key_of(&cx, 'x', lists[i].parts, lists[i].n);
			struct hm_str b = hm_key_of(&cx, 'x', lists[k].parts, lists[k].n);
			assert_int_equal(hm_eq(a, b), i == k);
			assert_false(hm_eq(a, hm_key_of(&cx, 'y', lists[k].parts, lists[k].n)));
		}
}

/* The list can be read back: so no other list has the key. All lengths of which LEB128 has one byte
 * more, too. */
static void a_key_can_be_read_back(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	static const size_t sizes[] = { 0,    1,    126,  127,   128,   129,
					4095, 4096, 4097, 16383, 16384, 70000 };
	struct hm_str parts[HM_LEN(sizes)];
	for (size_t i = 0; i < HM_LEN(sizes); i++) {
		char *p = hm_new(&cx, char, sizes[i] + 1);
		for (size_t k = 0; k < sizes[i]; k++)
			p[k] = (char)(k * 7 + i);
		parts[i] = hm_bytes(p, sizes[i]);
	}
	struct hm_cur c = hm_cur(hm_key_of(&cx, 'k', parts, HM_LEN(parts)));
	assert_int_equal(hm_be(&c, 1), 'k');
	for (size_t i = 0; i < HM_LEN(sizes); i++)
		assert_str(hm_take_str(&c, (size_t)hm_uvarint(&c)), parts[i]);
	assert_false(c.bad);
	assert_int_equal(c.n, 0);
	assert_str(HM_KEY(&cx, 'k', HM_STR("a"), hm_key_number(&cx, 1)), HM_STR("k\1a\1"
										"1"));
}

int main(void)
{
	UNIT(different_lists_never_give_one_key);
	UNIT(a_key_can_be_read_back);
	return unit_run("base/key");
}
