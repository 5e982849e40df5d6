/* SPDX-License-Identifier: Apache-2.0 */
/* A VEX document of any format; and what it says, written in each of them and read again. */
#include "advisory/vex/vex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(struct hm_cx *cx, const struct advisory_vex_format *f,
			const struct advisory_vex_draft *draft)
{
	HM_AUTO_BUF b = HM_BUF(16 * HM_MIB);
	struct advisory_told told = { 0 };
	if (!advisory_vex_write(cx, f, draft, &b) &&
	    advisory_vex_read(cx, HM_STR("b"), hm_buf_str(&b), &told))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct advisory_told told = { 0 };
	if (advisory_vex_read(&cx, HM_STR("a"), hm_bytes(data, size), &told))
		return 0;
	for (size_t i = 0; i < told.vex->n; i++)
		for (size_t k = 0; k < told.vex->statements[i].products_n; k++) {
			const struct vex_product *p = &told.vex->statements[i].products[k];
			/* what names nothing must say so, or it could be taken for everything */
			if (!p->unnamed && !p->whole.purls_n && !p->whole.hashes.n &&
			    !p->whole.words.n)
				abort();
		}
	struct advisory_vex_draft draft = { .author = HM_STR("me") };
	size_t superseded, nameless;
	advisory_vex_gather(&cx, &told, &draft, &superseded, &nameless);
	if (!advisory_vex_complete(&cx, &draft))
		for (const struct advisory_vex_format *f = advisory_vex_formats; f->name; f++)
			write_again(&cx, f, &draft);
	return 0;
}
