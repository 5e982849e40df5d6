/* SPDX-License-Identifier: Apache-2.0 */
/* Unknown content as people read it. */
#include "base/log.h"
#include "cli/cli.h"

void cli_unknown_log(struct hm_cx *cx, const struct inventory *inv)
{
	for (size_t i = 0; i < inv->unknown.n; i++)
		hm_log(cx, HM_LOG_WARN, "unknown content: could not be read", "what",
		       hm_dupz(cx, inventory_unknown_text(cx, &inv->unknown.p[i])), NULL);
}

void cli_unknown_format(struct hm_cx *cx, const struct inventory *inv, struct hm_buf *out)
{
	static const char *const columns[] = { "UNKNOWN CONTENT", "REASON", NULL };
	struct cli_table t = { .columns = columns, .columns_n = 2 };
	for (size_t i = 0; i < inv->unknown.n; i++) {
		*hm_push(cx, &t.cells) =
			inv->unknown.p[i].path.n ? inv->unknown.p[i].path : HM_STR("-");
		*hm_push(cx, &t.cells) = inv->unknown.p[i].reason;
	}
	if (inv->unknown.n)
		cli_table_format(cx, &t, out);
}
