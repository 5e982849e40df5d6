/* SPDX-License-Identifier: Apache-2.0 */
/* What was read is written and read again, and then written the same; relations do not leave their
 * words. */
#include <stdlib.h>

#include "repair/apk/versions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_relations(struct hm_cx *cx, struct hm_str paragraph)
{
	HM_AUTO_BUF b = HM_BUF(16 * HM_MIB);
	struct apk_versions v = { 0 };
	struct hm_str words = repair_apk_field(paragraph, 'D');
	repair_apk_versions_add(cx, &v, repair_apk_field(paragraph, 'V'));
	repair_apk_versions_sort(&v);
	if (repair_apk_relations(cx, &v, words, false, &b))
		(void)repair_apk_versions_say(cx, &v, hm_buf_str(&b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(256 * HM_MIB);
	struct apk_db db, again;
	struct hm_str one, two, text;
	if (repair_apk_db_parse(&cx, hm_bytes(data, size), &db) ||
	    repair_apk_db_format(&cx, &db, &one))
		return 0;
	if (repair_apk_db_parse(&cx, one, &again) || repair_apk_db_format(&cx, &again, &two) ||
	    !hm_eq(one, two))
		abort();
	for (size_t i = 0; i < db.packages.n; i++) {
		const struct apk_package *p = &db.packages.p[i];
		read_relations(&cx, p->text);
		if (!repair_apk_db_text(&cx, p->text, p->text, &p->files, &text) &&
		    !hm_starts(text, HM_STR("C:")) && repair_apk_field(p->text, 'C').n)
			abort();
	}
	return 0;
}
