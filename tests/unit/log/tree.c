/* SPDX-License-Identifier: Apache-2.0 */
#include "log/log.h"

#include "unit.h"

enum { LEAVES = 70 };

/* RFC 6962, 2.1, as it is written there: by halves. */
static struct hm_str root_of(struct hm_cx *cx, const struct hm_str *leaves, size_t n)
{
	size_t k = 1;
	if (n == 1)
		return leaves[0];
	while (2 * k < n)
		k *= 2;
	struct hm_str left = root_of(cx, leaves, k), right = root_of(cx, leaves + k, n - k);
	return crypto_digest_raw(cx, CRYPTO_SHA256,
				 hm_fmt(cx, "\x01%.*s%.*s", HM_FMT(left), HM_FMT(right)));
}

/* RFC 6962, 2.1.1. */
static void path_of(struct hm_cx *cx, const struct hm_str *leaves, size_t n, size_t at,
		    struct hm_strs *out)
{
	size_t k = 1;
	if (n == 1)
		return;
	while (2 * k < n)
		k *= 2;
	path_of(cx, at < k ? leaves : leaves + k, at < k ? k : n - k, at < k ? at : at - k, out);
	*hm_push(cx, out) = at < k ? root_of(cx, leaves + k, n - k) : root_of(cx, leaves, k);
}

static void make_leaves(struct hm_cx *cx, struct hm_str *leaves)
{
	for (int i = 0; i < LEAVES; i++)
		leaves[i] = log_leaf_hash(cx, hm_fmt(cx, "entry %d", i));
}

static void leaf(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	/* RFC 6962's own example: the hash of an empty entry */
	assert_strz(hm_hex(&cx, log_leaf_hash(&cx, HM_STR(""))),
		    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

/* Every entry of every small tree leads to its root, and to no other. */
static void every_path(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str leaves[LEAVES], root;
	make_leaves(&cx, leaves);
	for (size_t n = 1; n <= LEAVES; n++) {
		struct hm_str want = root_of(&cx, leaves, n);
		for (size_t i = 0; i < n; i++) {
			struct hm_strs path = { 0 };
			path_of(&cx, leaves, n, i, &path);
			struct log_proof p = { i, n, path.p, path.n };
			assert_ok(log_root_of(&cx, leaves[i], &p, &root));
			assert_str(root, want);
			if (n == 1)
				continue;
			assert_ok(log_root_of(&cx, leaves[(i + 1) % n], &p, &root));
			assert_false(hm_eq(root, want));
		}
	}
}

static const struct bad_case {
	const char *label;
	uint64_t index, size;
	int hashes; /* more than there should be, or fewer */
	const char *why;
} bad_cases[] = {
	{ "an index behind the end", 7, 7, 0, "is not in a log of 7" },
	{ "an empty log", 0, 0, 0, "is not in a log of 0" },
	{ "a huge index", UINT64_MAX, 7, 0, "is not in a log" },
	{ "a hash too many", 3, 7, 1, "too many hashes" },
	{ "a hash too few", 3, 7, -1, "too few hashes" },
	{ "none at all", 3, 7, -3, "too few hashes" },
	{ "a larger log", 3, 70, 0, "too few hashes" },
	{ "a smaller log", 3, 4, 0, "too many hashes" },
	{ "the largest log", 3, UINT64_MAX, 0, "too few hashes" },
};

static void bad(void **state)
{
	const struct bad_case *t = *state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str leaves[LEAVES], root;
	struct hm_strs path = { 0 };
	make_leaves(&cx, leaves);
	path_of(&cx, leaves, 7, 3, &path);
	*hm_push(&cx, &path) = leaves[0];
	struct log_proof p = { t->index, t->size, path.p, path.n - 1 + (size_t)t->hashes };
	assert_fault(log_root_of(&cx, leaves[3], &p, &root), HM_TRUST, t->why);
}

static void short_hash(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	struct hm_str leaves[LEAVES], root;
	make_leaves(&cx, leaves);
	struct hm_str half = hm_sub(leaves[1], 0, 16);
	struct log_proof p = { 0, 2, &half, 1 };
	assert_fault(log_root_of(&cx, leaves[0], &p, &root), HM_TRUST, "has 16 bytes");
}

int main(void)
{
	UNIT(leaf);
	UNIT(every_path);
	UNIT_TABLE(bad, bad_cases);
	UNIT(short_hash);
	return unit_run("log/tree");
}
