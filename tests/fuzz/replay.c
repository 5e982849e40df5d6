/* SPDX-License-Identifier: Apache-2.0 */
/* main() of a fuzz target without a fuzzer: each file of the corpus folder once. An empty or
 * missing corpus is a failure: a test that cannot fail is worse than none. */
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	size_t files = 0;
	for (int i = 1; i < argc; i++) {
		struct hm_strs names;
		hm_err err = hm_list_dir(&cx, argv[i], SIZE_MAX, &names);
		for (size_t k = 0; !err && k < names.n; k++, files++) {
			HM_AUTO_CX one = HM_CX(SIZE_MAX);
			struct hm_str data;
			err = hm_read_file(&one, hm_path(&one, argv[i], names.p[k].p), SIZE_MAX,
					   &data);
			if (err) {
				fprintf(stderr, "%s\n", err->why);
				return EXIT_FAILURE;
			}
			LLVMFuzzerTestOneInput((const uint8_t *)data.p, data.n);
		}
		if (err)
			fprintf(stderr, "%s\n", err->why);
	}
	printf("%zu inputs\n", files);
	return files ? EXIT_SUCCESS : EXIT_FAILURE;
}
