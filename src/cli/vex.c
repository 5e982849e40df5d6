/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/vex.h"

void cli_vex_head(const struct cli_vex_head *o, struct advisory_vex_draft *draft)
{
	if (o->author)
		draft->author = hm_cstr(o->author);
	draft->url = hm_cstr(o->url);
	draft->role = hm_cstr(o->role);
	draft->id = hm_cstr(o->id);
	draft->when = hm_now();
	(void)hm_source_date_epoch(&draft->when);
}

static hm_err write_document(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			     struct hm_buf *out)
{
	const struct cli_format *row = cli_formats;
	const struct advisory_vex_format *f = advisory_vex_formats;
	while (row->bit != format)
		row++;
	while (f->name && strcmp(f->key, row->name) != 0)
		f++;
	return advisory_vex_write(cx, f, data, out);
}

const struct cli_answer cli_vex_answer = { .write = write_document, .max = 16 * HM_MAX_JSON };
