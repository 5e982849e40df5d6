/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/answer.h"
#include "inventory/builder.h"

hm_err inventory_catalog(struct hm_cx *cx, const struct inventory_cataloger *row,
			 const struct inventory_file *file, struct inventory_findings *out)
{
	HM_AUTO_BUF answer = HM_BUF(HM_MAX_WORKER_RESULT);
	INVENTORY_AUTO_BUILDER b = { .out = &answer, .keep_paths = true };
	inventory_builder_file(&b, row, (unsigned)(row - inventory_catalogers), file->path);
	HM_TRY(row->parse(cx, file, &b));
	HM_TRY(inventory_builder_flush(cx, &b));
	static const char zeros[INVENTORY_DIFF_ID];
	hm_buf_char(&answer, 'E');
	hm_buf_add(&answer, hm_bytes(zeros, sizeof(zeros)));
	hm_buf_uvarint(&answer, 0);
	hm_buf_uvarint(&answer, 0);
	struct inventory_answer a;
	HM_TRY(inventory_answer_read(cx, hm_dup(cx, hm_buf_str(&answer)), &a));
	struct inventory_findings f = { 0 };
	for (size_t i = 0; i < a.components.n; i++)
		*hm_push(cx, &f.components) = a.components.p[i];
	for (size_t i = 0; i < a.owners.n; i++)
		for (size_t k = 0; k < a.owners.p[i].paths.n; k++)
			*hm_push(cx, &f.owned) =
				(struct inventory_owned){ a.owners.p[i].type, a.owners.p[i].name,
							  a.owners.p[i].arch,
							  a.owners.p[i].paths.p[k] };
	for (size_t i = 0; i < a.unknown.n; i++)
		*hm_push(cx, &f.unknown) =
			(struct inventory_unknown){ .path = a.unknown.p[i].path,
						    .reason = a.unknown.p[i].reason };
	for (size_t i = 0; i < a.parts.n; i++)
		*hm_push(cx, &f.part_of) = a.parts.p[i].of;
	f.has_distro = a.distros.n > 0;
	if (f.has_distro)
		f.distro = a.distros.p[0].distro;
	*out = f;
	return NULL;
}
