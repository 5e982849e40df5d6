/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/settle.h"

#include "inventory/package_links.h"
#include "inventory/through.h"

hm_err inventory_layers_settle(struct hm_cx *cx, const struct inventory_view *v,
			       struct inventory_request *asked, struct inventory_unknowns *unknown,
			       bool *out_again)
{
	struct inventory_aliases aliases;
	struct inventory_unknowns dropped = { 0 };
	size_t before = asked->aliases.n, told = asked->tell.n;
	HM_TRY(inventory_links_follow(cx, v, &asked->aliases, &aliases));
	asked->aliases = aliases;
	HM_TRY(inventory_through_follow(cx, v, asked));
	HM_TRY(inventory_package_links_follow(cx, v, asked, &dropped));
	*out_again = asked->aliases.n > before || asked->tell.n > told;
	for (size_t i = 0; !*out_again && i < dropped.n; i++)
		*hm_push(cx, unknown) = dropped.p[i];
	return NULL;
}
