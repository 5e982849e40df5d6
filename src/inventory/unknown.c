/* SPDX-License-Identifier: Apache-2.0 */
/* Unknown content: in order, as a sentence, as JSON. */
#include <stdlib.h>

#include "codec/json.h"
#include "inventory/inventory.h"

static int compare_unknown(const void *a, const void *b)
{
	const struct inventory_unknown *x = a, *y = b;
	int d = hm_cmp(x->path, y->path);
	d = d ? d : hm_cmp(x->reason, y->reason);
	return d ? d : hm_cmp(x->layer, y->layer);
}

void inventory_unknown_sort(struct inventory_unknowns *unknown)
{
	size_t n = 0;
	if (unknown->n)
		qsort(unknown->p, unknown->n, sizeof(*unknown->p), compare_unknown);
	for (size_t i = 0; i < unknown->n; i++)
		if (!n || compare_unknown(&unknown->p[n - 1], &unknown->p[i]) != 0)
			unknown->p[n++] = unknown->p[i];
	unknown->n = n;
}

struct hm_str inventory_unknown_text(struct hm_cx *cx, const struct inventory_unknown *u)
{
	return hm_fmt(cx, "%.*s%s%.*s", HM_FMT(u->path), u->path.n ? ": " : "", HM_FMT(u->reason));
}

void inventory_put_unknown(struct json_out *o, const char *key,
			   const struct inventory_unknowns *unknown)
{
	json_open(o, key, '[');
	for (size_t i = 0; i < unknown->n; i++) {
		json_open(o, NULL, '{');
		json_put_given(o, "path", unknown->p[i].path);
		json_put_given(o, "layer", unknown->p[i].layer);
		json_put_str(o, "reason", unknown->p[i].reason);
		json_close(o, '}');
	}
	json_close(o, ']');
}
