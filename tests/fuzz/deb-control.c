/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "repair/solver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(struct hm_str text)
{
	struct solve_relation r;
	bool bad;
	size_t before = text.n + 1;
	while (repair_relation_next(&text, &r, &bad)) {
		if (!r.name.n || (r.op && !r.version.n) || text.n >= before)
			abort();
		before = text.n;
	}
}

/* A package that counts has a name, a version and, from an index, a digest. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(16 << 20);
	for (int installed = 0; installed < 2; installed++) {
		struct solve_package p;
		bool good;
		if (repair_deb_package(&cx, hm_bytes(data, size), installed, &p, &good) || !good)
			continue;
		if (!p.name.n || !p.version.n || !p.arch.n || (!installed && p.sha256.n != 64))
			abort();
		walk(p.depends);
		walk(p.provides);
		walk(p.conflicts);
	}
	return 0;
}
