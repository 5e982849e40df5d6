/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads lines "ORDER<TAB>A<TAB>B" and prints "<", "=", ">" for each, or "!" where one of them is no
 * version; with "npm-exact" versions are compared as npm does, strictly, and with "npm-range" it
 * prints whether version A satisfies range B: "1" or "0".
 */
#include <stdio.h>
#include <stdlib.h>

#include "advisory/advisory.h"
#include "advisory/versions/versions.h"

static char answer(struct hm_str order, struct hm_str a, struct hm_str b)
{
	const struct advisory_scheme *s = advisory_scheme_of(order);
	int d = 0;
	if (hm_eqz(order, "npm-range"))
		return advisory_npm_satisfies(a, b) ? '1' : '0';
	bool ok = hm_eqz(order, "npm-exact") ? advisory_npm_compare(a, b, &d)
					     : s && s->compare(a, b, &d);
	return !ok ? '!' : d < 0 ? '<' : d > 0 ? '>' : '=';
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	while ((n = getline(&line, &cap, stdin)) > 0) {
		struct hm_str rest = hm_bytes(line, (size_t)n - (line[n - 1] == '\n'));
		struct hm_str order = hm_cut(&rest, '\t'), a = hm_cut(&rest, '\t');
		putchar(answer(order, a, rest));
		putchar('\n');
	}
	free(line);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
