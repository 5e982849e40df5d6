/* SPDX-License-Identifier: Apache-2.0 */
/* GraphQL's documents: numbers of nodes are those of nodes that are there, and no list or tree
 * leads back. */
#include "codec/graphql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What belongs to a node is behind it in the list. */
static void check(size_t from, uint32_t to, size_t n)
{
	if (to && (to <= from || to >= n))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct graphql_document d;
	hm_err err = graphql_parse(&cx, hm_bytes(data, size), &d);
	if (err) {
		if (err->code != HM_INPUT && err->code != HM_LIMIT)
			abort();
		return 0;
	}
	if (!d.first || d.depth > HM_MAX_GRAPHQL_DEPTH)
		abort();
	for (size_t i = 1; i < d.n; i++) {
		const struct graphql_node *n = &d.p[i];
		check(i, n->next, d.n);
		check(i, n->children, d.n);
		check(i, n->value, d.n);
		check(i, n->arguments, d.n);
		check(i, n->directives, d.n);
		check(i, n->variables, d.n);
		if (!n->kind || n->kind >= GRAPHQL_KINDS)
			abort();
	}
	return 0;
}
