/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a reference a line, and prints its registry, repository, tag and digest, separated by tabs;
 * "!" where it is no image of a registry.
 */
#include <stdio.h>
#include <stdlib.h>

#include "oci/oci.h"

static void print(struct hm_str s, char end)
{
	fwrite(s.p, 1, s.n, stdout);
	putchar(end);
}

static void answer(struct hm_str text)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct oci_target t;
	if (oci_target_parse(&cx, text, &t) || t.kind != OCI_REGISTRY) {
		puts("!");
		return;
	}
	print(t.registry, '\t');
	print(t.repository, '\t');
	print(t.tag, '\t');
	print(t.digest, '\n');
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	while ((n = getline(&line, &cap, stdin)) > 0)
		answer(hm_bytes(line, (size_t)n - (line[n - 1] == '\n')));
	free(line);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
